//! The end of a Parquet file, where it says which columns it has: looked through once before it is believed, so that no column
//! has more columns of its own than there are, nor stands deeper than any export goes.

/// How long it may be, in bytes.
pub(super) const LONGEST: usize = 256 << 20;
/// How deep columns may stand in columns.
const DEEPEST: usize = 64;

/// Which field of the whole are the columns, and which field of a column says how many it has of its own.
const COLUMNS: i64 = 2;
const COUNT: i64 = 5;

/// Whether it has an end, and columns that are a tree.
pub(super) fn is_sound(bytes: &[u8]) -> bool {
    let mut reading = Reading { rest: bytes };
    reading.whole().is_some()
}

/// What is left of it. `None`, of whatever is asked for: that is not what stands there.
struct Reading<'b> {
    rest: &'b [u8],
}

/// The kinds of what stands in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Truth,
    Byte,
    Number,
    Double,
    Bytes,
    List,
    Map,
    Struct,
}

impl Kind {
    fn of(bits: u8) -> Option<Kind> {
        Some(match bits {
            1 | 2 => Kind::Truth,
            3 => Kind::Byte,
            4..=6 => Kind::Number,
            7 => Kind::Double,
            8 => Kind::Bytes,
            9 | 10 => Kind::List,
            11 => Kind::Map,
            12 => Kind::Struct,
            _ => return None,
        })
    }
}

impl<'b> Reading<'b> {
    fn whole(&mut self) -> Option<()> {
        let mut id = 0;
        while let Some(kind) = self.field(&mut id)? {
            match (id, kind) {
                (COLUMNS, Kind::List) => self.columns()?,
                _ => self.skip(kind, DEEPEST)?,
            }
        }
        Some(())
    }

    fn columns(&mut self) -> Option<()> {
        let (count, kind) = self.list()?;
        if kind != Some(Kind::Struct) && count > 0 {
            return None;
        }
        // How many each of those still has to come in which one stands.
        let mut open: Vec<usize> = Vec::new();
        for at in 0..count {
            let own = self.column()?;
            match open.last_mut() {
                Some(left) => *left -= 1,
                None if at > 0 => return None,
                None => {}
            }
            if own > count - at - 1 || open.len() > DEEPEST {
                return None;
            }
            open.push(own);
            while open.last() == Some(&0) {
                open.pop();
            }
        }
        open.is_empty().then_some(())
    }

    /// How many columns one has of its own.
    fn column(&mut self) -> Option<usize> {
        let (mut id, mut own) = (0, 0);
        while let Some(kind) = self.field(&mut id)? {
            match (id, kind) {
                (COUNT, Kind::Number) => own = usize::try_from(self.signed()?).ok()?,
                _ => self.skip(kind, DEEPEST)?,
            }
        }
        Some(own)
    }

    /// Which field comes next, and of which kind; `None` within: there are no more.
    fn field(&mut self, id: &mut i64) -> Option<Option<Kind>> {
        let byte = self.byte()?;
        if byte == 0 {
            return Some(None);
        }
        *id = match byte >> 4 {
            0 => self.signed()?,
            more => id.checked_add(i64::from(more))?,
        };
        Kind::of(byte & 0x0F).map(Some)
    }

    /// How many things stand in a list, and of which kind they are.
    fn list(&mut self) -> Option<(usize, Option<Kind>)> {
        let byte = self.byte()?;
        let count = match byte >> 4 {
            15 => self.size()?,
            few => usize::from(few),
        };
        // Each takes a byte at least.
        (count <= self.rest.len()).then_some((count, Kind::of(byte & 0x0F)))
    }

    fn skip(&mut self, kind: Kind, depth: usize) -> Option<()> {
        let deeper = depth.checked_sub(1)?;
        match kind {
            Kind::Truth => {}
            Kind::Byte => _ = self.byte()?,
            Kind::Number => _ = self.number()?,
            Kind::Double => _ = self.bytes(size_of::<f64>())?,
            Kind::Bytes => {
                let length = self.size()?;
                self.bytes(length)?;
            }
            Kind::List => {
                let (count, kind) = self.list()?;
                for _ in 0..count {
                    self.skip_one_of_many(kind?, deeper)?;
                }
            }
            Kind::Map => {
                let count = self.size()?;
                if count > 0 {
                    let kinds = self.byte()?;
                    let (key, value) = (Kind::of(kinds >> 4)?, Kind::of(kinds & 0x0F)?);
                    for _ in 0..count {
                        self.skip_one_of_many(key, deeper)?;
                        self.skip_one_of_many(value, deeper)?;
                    }
                }
            }
            Kind::Struct => {
                let mut id = 0;
                while let Some(kind) = self.field(&mut id)? {
                    self.skip(kind, deeper)?;
                }
            }
        }
        Some(())
    }

    /// In lists and maps a truth value is a byte; in a field it stands in the kind itself.
    fn skip_one_of_many(&mut self, kind: Kind, depth: usize) -> Option<()> {
        match kind {
            Kind::Truth => self.byte().map(|_| ()),
            other => self.skip(other, depth),
        }
    }

    fn byte(&mut self) -> Option<u8> {
        let (byte, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*byte)
    }

    fn bytes(&mut self, count: usize) -> Option<&'b [u8]> {
        let (bytes, rest) = self.rest.split_at_checked(count)?;
        self.rest = rest;
        Some(bytes)
    }

    /// A number of seven bits a byte.
    fn number(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..u64::BITS).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7F) << shift;
            if byte < 0x80 {
                return Some(number);
            }
        }
        None
    }

    fn size(&mut self) -> Option<usize> {
        usize::try_from(self.number()?).ok()
    }

    /// One whose last bit is its sign.
    fn signed(&mut self) -> Option<i64> {
        let number = self.number()?;
        Some((number >> 1) as i64 ^ -((number & 1) as i64))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A whole with columns that have so many of their own.
    fn footer(columns: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0x15, 2, 0x19, 0xFC, columns.len() as u8];
        for own in columns {
            // Its name, and how many it has.
            bytes.extend([0x48, 1, b'c', 0x15, own * 2, 0]);
        }
        bytes.push(0);
        bytes
    }

    #[test]
    fn columns_are_a_tree_that_is_not_too_deep() {
        assert!(is_sound(&footer(&[2, 0, 0])));
        assert!(is_sound(&footer(&[2, 1, 0, 0])));
        for wrong in [&[2, 0][..], &[2, 0, 0, 0], &[60, 0], &[1, 2, 0]] {
            assert!(!is_sound(&footer(wrong)), "{wrong:?}");
        }
        let chain = |depth: usize| [vec![1; depth], vec![0]].concat();
        assert!(is_sound(&footer(&chain(DEEPEST))));
        assert!(!is_sound(&footer(&chain(DEEPEST + 2))));
    }

    #[test]
    fn what_is_cut_off_is_not_sound() {
        let whole = footer(&[2, 0, 0]);
        for end in 0..whole.len() {
            assert!(!is_sound(&whole[..end]), "{end}");
        }
        // Structs in structs without an end, and a list that is longer than what there is.
        assert!(!is_sound(&[0x3C; 4096]));
        assert!(!is_sound(&[0x39, 0xF8, 0xFF, 0xFF, 0xFF, 0x7F, 0, 0]));
    }
}
