//! Something kept for each name or text.

use super::series::FIRST;
use super::{Code, is_symbol};

/// How many words stand together in a page.
const PAGE: usize = 256;

/// Something for each name or text, by its word: in pages, of which there are those that are used.
#[derive(Clone, Debug)]
pub struct PerName<T> {
    nothing: T,
    /// Of what is looked up, and of what is in a series.
    pages: [Vec<Option<Box<[T]>>>; 2],
}

impl<T: Copy> PerName<T> {
    /// `nothing`: what is kept for those that did not come yet.
    pub fn new(nothing: T) -> PerName<T> {
        PerName {
            nothing,
            pages: [Vec::new(), Vec::new()],
        }
    }

    /// What is kept for the word of a name or text.
    pub fn at(&mut self, code: Code) -> &mut T {
        let (pages, at) = match is_symbol(code) {
            true => (&mut self.pages[0], code as usize),
            false => (&mut self.pages[1], (code - FIRST) as usize),
        };
        let page = at / PAGE;
        if pages.len() <= page {
            pages.resize_with(page + 1, || None);
        }
        let nothing = self.nothing;
        let page = pages[page].get_or_insert_with(|| vec![nothing; PAGE].into());
        &mut page[at % PAGE]
    }
}
