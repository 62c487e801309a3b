//! Something kept for each name or text.

use super::series::{FIRST, SIZE};
use super::{Code, is_symbol};
use hashbrown::HashMap;

/// How many words stand together in a page.
const PAGE: usize = 256;
/// How many pages stand together in a sheaf.
const SHEAF: usize = 256;
/// As many places as one series has words may stand in pages in any case, and for each time that something was asked so many
/// more.
const PLACES: usize = SIZE as usize;
const PLACES_EACH: usize = 8;

type Page<T> = Box<[T; PAGE]>;
type Sheaf<T> = Box<[Option<Page<T>>; SHEAF]>;

/// Something for each name or text, by its word: in pages, of which there are those that are used; where few words of each
/// would be, one by one.
#[derive(Clone, Debug)]
pub struct PerName<T> {
    nothing: T,
    /// Of what is looked up, and of what is in a series.
    sheaves: [Vec<Option<Sheaf<T>>>; 2],
    /// For words without a page. Once there are some, no page is added.
    scattered: HashMap<Code, T>,
    pages: usize,
    asked: usize,
}

impl<T: Copy> PerName<T> {
    /// `nothing`: what is kept for those that did not come yet.
    pub fn new(nothing: T) -> PerName<T> {
        PerName {
            nothing,
            sheaves: [Vec::new(), Vec::new()],
            scattered: HashMap::new(),
            pages: 0,
            asked: 0,
        }
    }

    /// What is kept for the word of a name or text.
    pub fn at(&mut self, code: Code) -> &mut T {
        let (sheaves, at) = match is_symbol(code) {
            true => (&mut self.sheaves[0], code as usize),
            false => (&mut self.sheaves[1], (code - FIRST) as usize),
        };
        self.asked += 1;
        let sheaf = at / (PAGE * SHEAF);
        if sheaves.len() <= sheaf {
            sheaves.resize_with(sheaf + 1, || None);
        }
        let sheaf = sheaves[sheaf].get_or_insert_with(|| Box::new([const { None }; SHEAF]));
        let page = &mut sheaf[at / PAGE % SHEAF];
        if page.is_none() {
            let most = PLACES + PLACES_EACH * self.asked;
            if !self.scattered.is_empty() || self.pages * PAGE >= most {
                return self.scattered.entry(code).or_insert(self.nothing);
            }
            self.pages += 1;
        }
        let page = page.get_or_insert_with(|| Box::new([self.nothing; PAGE]));
        &mut page[at % PAGE]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many places there are for what is kept, and for pages.
    fn places<T>(kept: &PerName<T>) -> (usize, usize) {
        let sheaves: usize = kept.sheaves.iter().map(Vec::len).sum();
        let used = kept.sheaves.iter().flatten().flatten().count();
        (
            kept.pages * PAGE + kept.scattered.len(),
            sheaves + used * SHEAF,
        )
    }

    #[test]
    fn a_word_of_the_last_series_takes_no_place_for_those_before_it() {
        let mut kept = PerName::new(0_u32);
        let last = FIRST + 99 * SIZE + 1_234_567;
        *kept.at(last) = 7;
        *kept.at(3) = 8;
        assert_eq!((*kept.at(last), *kept.at(3), *kept.at(last + 1)), (7, 8, 0));
        let (of_values, of_pages) = places(&kept);
        assert_eq!(of_values, 2 * PAGE);
        assert!(of_pages < 20_000, "{of_pages}");
    }

    #[test]
    fn words_that_lie_far_from_each_other_take_places_by_their_number() {
        let mut kept = PerName::new(0_u32);
        let scattered = |at: u32| FIRST + at * 4_567;
        let count = 200_000;
        for at in 0..count {
            *kept.at(scattered(at)) = at + 1;
        }
        assert!((0..count).all(|at| *kept.at(scattered(at)) == at + 1));
        let (of_values, _) = places(&kept);
        assert!(of_values < PLACES + PLACES_EACH * count as usize);
    }
}
