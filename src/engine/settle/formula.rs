//! Conditions: where they must be so and where they may be so, as functions of the open points.

use super::diagram::{Diagram, Edge, FALSE, TRUE};

/// A condition. Where both functions are the same, it is known exactly; where they differ, something could not be worked out:
/// it lies between the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Formula {
    pub(super) must: Edge,
    pub(super) may: Edge,
}

impl Formula {
    pub(super) const TRUE: Formula = Formula::exact(TRUE);
    pub(super) const FALSE: Formula = Formula::exact(FALSE);
    /// Nobody can tell.
    pub(super) const LOST: Formula = Formula {
        must: FALSE,
        may: TRUE,
    };

    pub(super) const fn exact(edge: Edge) -> Formula {
        Formula {
            must: edge,
            may: edge,
        }
    }

    pub(super) fn of(truth: bool) -> Formula {
        if truth { Formula::TRUE } else { Formula::FALSE }
    }

    pub(super) fn is_exact(self) -> bool {
        self.must == self.may
    }

    /// Whether it can never be so.
    pub(super) fn is_false(self) -> bool {
        self.may == FALSE
    }

    /// Whether it is always so.
    pub(super) fn is_true(self) -> bool {
        self.must == TRUE
    }
}

impl std::ops::Not for Formula {
    type Output = Formula;
    fn not(self) -> Formula {
        Formula {
            must: !self.may,
            may: !self.must,
        }
    }
}

impl Diagram {
    /// Both.
    pub(super) fn both(&mut self, a: Formula, b: Formula) -> Formula {
        if a.is_exact() && b.is_exact() {
            return match self.and(a.must, b.must) {
                Some(edge) => Formula::exact(edge),
                None => Formula {
                    must: FALSE,
                    may: a.may,
                },
            };
        }
        Formula {
            must: self.and(a.must, b.must).unwrap_or(FALSE),
            may: self.and(a.may, b.may).unwrap_or(a.may),
        }
    }

    /// At least one.
    pub(super) fn either(&mut self, a: Formula, b: Formula) -> Formula {
        !self.both(!a, !b)
    }
}
