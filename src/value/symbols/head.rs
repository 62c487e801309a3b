//! What a value is found by.

use super::Kept;
use crate::value::Value;
use hashbrown::DefaultHashBuilder;
use std::hash::BuildHasher;

/// What is kept of a value beside its word: all of a short name or text, a hash of others. So most values are told apart
/// without looking them up.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Head {
    hash: u64,
    rest: u32,
}

/// Stands for the length of what is not kept whole.
const LONG: u32 = 0xFF;
/// How many bytes are kept.
const SHORT: usize = 10;

impl Head {
    /// That of any other value.
    pub(super) fn of_other(value: &Value, hasher: &DefaultHashBuilder) -> Head {
        Head {
            hash: hasher.hash_one(value),
            rest: LONG << 24 | (Kept::Other as u32) << 16,
        }
    }

    /// That of a name or text.
    pub(super) fn of_bytes(kept: Kept, bytes: &[u8], hasher: &DefaultHashBuilder) -> Head {
        let kind = (kept as u32) << 16;
        if bytes.len() > SHORT {
            return Head {
                hash: hasher.hash_one(bytes),
                rest: LONG << 24 | kind,
            };
        }
        let mut short = [0; 12];
        short[..bytes.len()].copy_from_slice(bytes);
        let [a, b, c, d, e, f, g, h, i, j, _, _] = short;
        let length = (bytes.len() as u32) << 24;
        Head {
            hash: u64::from_le_bytes([a, b, c, d, e, f, g, h]),
            rest: length | kind | u32::from(i) << 8 | u32::from(j),
        }
    }

    /// Whether equal heads are equal values.
    pub(super) fn is_whole(self) -> bool {
        self.rest >> 24 != LONG
    }

    /// The hash by which it is found.
    pub(super) fn spread(self) -> u64 {
        let wide = u128::from(self.hash ^ 0x9E37_79B9_7F4A_7C15)
            * u128::from(u64::from(self.rest) ^ 0xA076_1D64_78BD_642F);
        (wide as u64) ^ ((wide >> 64) as u64)
    }
}
