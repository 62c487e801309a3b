//! Pages of a Parquet file: what each says of itself is held against what stands in it before room is made for that.

use super::TooLarge;
use crate::facts::pieces::MOST_KEPT;
use parquet::basic::{Encoding, Type};
use parquet::column::page::{Page, PageMetadata, PageReader};
use parquet::data_type::ByteArray;
use parquet::errors::ParquetError;
use parquet::schema::types::ColumnDescPtr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

type Read<T> = Result<T, ParquetError>;

/// The most texts of one page whose lengths are kept ahead of them.
const MOST_LENGTHS: usize = 1 << 24;

/// The pages of one column, as far as they can be what they say.
pub(super) struct Pages {
    pages: Box<dyn PageReader>,
    column: ColumnDescPtr,
    /// How much memory the pages at hand take, those of the other columns too.
    all: Arc<AtomicUsize>,
    /// How much of that is the last page of this column.
    last: usize,
}

impl Pages {
    pub(super) fn new(
        pages: Box<dyn PageReader>,
        column: ColumnDescPtr,
        all: &Arc<AtomicUsize>,
    ) -> Pages {
        Pages {
            pages,
            column,
            all: Arc::clone(all),
            last: 0,
        }
    }

    fn check(&mut self, page: &Page) -> Read<()> {
        self.all.fetch_sub(self.last, Ordering::Relaxed);
        let takes = self.takes(page).ok_or_else(damaged)?;
        let all = self.all.fetch_add(takes, Ordering::Relaxed) + takes;
        // A dictionary stays for all pages of the column.
        self.last = match page.is_dictionary_page() {
            true => 0,
            false => takes,
        };
        match all <= MOST_KEPT {
            true => Ok(()),
            false => Err(too_large()),
        }
    }

    /// How much memory a page takes; `None`: it cannot be what it says.
    fn takes(&self, page: &Page) -> Option<usize> {
        let (bytes, count) = (page.buffer().len(), page.num_values() as usize);
        let extra = match (page, page.encoding()) {
            (Page::DictionaryPage { .. }, _) => {
                if count > self.most_values(bytes) {
                    return None;
                }
                count * size_of::<ByteArray>()
            }
            (_, Encoding::DELTA_LENGTH_BYTE_ARRAY) => {
                lengths(self.values(page)?, count)?.0 * size_of::<i32>()
            }
            (_, Encoding::DELTA_BYTE_ARRAY) => {
                let values = self.values(page)?;
                let (shared, behind) = lengths(values, count)?;
                let (own, _) = lengths(values.get(behind..)?, count)?;
                (shared + own) * size_of::<i32>()
            }
            _ => 0,
        };
        bytes.checked_add(extra)
    }

    /// How many values so many bytes of a dictionary can be.
    fn most_values(&self, bytes: usize) -> usize {
        match self.column.physical_type() {
            Type::BOOLEAN => bytes.saturating_mul(8),
            Type::INT32 | Type::FLOAT | Type::BYTE_ARRAY => bytes / 4,
            Type::INT64 | Type::DOUBLE => bytes / 8,
            Type::INT96 => bytes / 12,
            Type::FIXED_LEN_BYTE_ARRAY => {
                bytes / usize::try_from(self.column.type_length()).map_or(1, |it| it.max(1))
            }
        }
    }

    /// What stands behind the levels of a page: those of a column that is wanted only say where there is no value.
    fn values<'p>(&self, page: &'p Page) -> Option<&'p [u8]> {
        let bytes = page.buffer();
        let levels = match page {
            Page::DataPageV2 {
                def_levels_byte_len,
                rep_levels_byte_len,
                ..
            } => (*def_levels_byte_len as usize).checked_add(*rep_levels_byte_len as usize)?,
            _ if self.column.max_def_level() == 0 => 0,
            Page::DataPage {
                def_level_encoding: Encoding::RLE,
                ..
            } => {
                let length = u32::from_le_bytes(*bytes.first_chunk()?);
                (length as usize).checked_add(size_of::<u32>())?
            }
            // A bit each.
            _ => (page.num_values() as usize).div_ceil(8),
        };
        bytes.get(levels..)
    }
}

/// How many lengths stand in a list of them, and where it ends. They are numbers by their differences, in blocks of small ones.
fn lengths(bytes: &[u8], most: usize) -> Option<(usize, usize)> {
    let mut at = 0;
    let block = size(bytes, &mut at)?;
    let parts = size(bytes, &mut at)?;
    let count = size(bytes, &mut at)?;
    if count > most.min(MOST_LENGTHS) {
        return None;
    }
    size(bytes, &mut at)?;
    let in_part = block.checked_div(parts).filter(|it| *it > 0)?;
    let mut left = count.saturating_sub(1);
    while left > 0 {
        size(bytes, &mut at)?;
        let widths = bytes.get(at..at.checked_add(parts)?)?;
        at += parts;
        let used = left.div_ceil(in_part).min(parts);
        for width in &widths[..used] {
            at = at.checked_add(in_part.checked_mul(usize::from(*width))? / 8)?;
        }
        left = left.saturating_sub(in_part.saturating_mul(parts));
        bytes.get(at..)?;
    }
    Some((count, at))
}

/// A number of seven bits a byte.
fn size(bytes: &[u8], at: &mut usize) -> Option<usize> {
    let mut number: u64 = 0;
    for shift in (0..u64::BITS).step_by(7) {
        let byte = *bytes.get(*at)?;
        *at += 1;
        number |= u64::from(byte & 0x7F) << shift;
        if byte < 0x80 {
            return usize::try_from(number).ok();
        }
    }
    None
}

fn damaged() -> ParquetError {
    ParquetError::General(String::new())
}

fn too_large() -> ParquetError {
    let words = "what stands packed in it takes more than 3 GiB of memory at a time";
    ParquetError::External(Box::new(TooLarge(words)))
}

impl PageReader for Pages {
    fn get_next_page(&mut self) -> Read<Option<Page>> {
        let page = self.pages.get_next_page()?;
        page.iter().try_for_each(|page| self.check(page))?;
        Ok(page)
    }

    fn peek_next_page(&mut self) -> Read<Option<PageMetadata>> {
        self.pages.peek_next_page()
    }

    fn skip_next_page(&mut self) -> Read<()> {
        self.pages.skip_next_page()
    }

    fn at_record_boundary(&mut self) -> Read<bool> {
        self.pages.at_record_boundary()
    }
}

impl Iterator for Pages {
    type Item = Read<Page>;

    fn next(&mut self) -> Option<Read<Page>> {
        self.get_next_page().transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_end_where_their_blocks_end() {
        // 128 a block, of four parts; three of them: 5, and then two with differences of four bits.
        let mut list = vec![0x80, 0x01, 4, 3, 10, 0];
        list.extend([4, 9, 9, 9]);
        list.extend([0x11; 16]);
        list.push(7);
        assert_eq!(lengths(&list, 3), Some((3, list.len() - 1)));
        // More than there are values, more than there is, and no end at all.
        assert_eq!(lengths(&list, 2), None);
        assert_eq!(lengths(&list[..list.len() - 3], 3), None);
        let many = [0x80, 0x01, 4, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F, 0];
        assert_eq!(lengths(&many, usize::MAX), None);
        assert_eq!(lengths(&[0xFF; 20], 3), None);
        assert_eq!(lengths(&[0x80, 0x01, 4, 1, 10, 7], 1), Some((1, 5)));
    }
}
