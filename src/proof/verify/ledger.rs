//! What a certificate has shown so far.

use super::body::{Demand, Known};
use super::ground::Ground;
use super::rows::Rows;
use crate::ir::{ClauseId, RelationId};
use crate::proof::proof::Claim;
use crate::value::{Date, Value};
use std::collections::{HashMap, HashSet};

type Table = (RelationId, Option<Date>);
/// The clause by which a fact is proved, and the day on which that was judged.
type Given = (Option<ClauseId>, Option<Date>);
/// A table, what it is limited to, and which fields are known.
type Shape = (Table, Option<Vec<ClauseId>>, Vec<bool>);

/// Facts proved, and lists that leave nothing out.
#[derive(Default)]
pub(super) struct Ledger {
    proved: HashMap<Table, Rows>,
    /// By which clause each is proved, and on which day that was judged.
    by: HashMap<Claim, Vec<Given>>,
    lists: Vec<List>,
    /// Lists by what they have in common, and then by what is known in them.
    shapes: HashMap<Shape, HashMap<Vec<Value>, usize>>,
    /// The shapes of each table.
    shapes_of: HashMap<Table, Vec<Shape>>,
}

struct List {
    rows: Rows,
    /// Whether it was checked.
    is_firm: bool,
}

fn shape(demand: &Demand) -> (Shape, Vec<Value>) {
    let table = (demand.relation, demand.day);
    let known = demand.args.iter().map(Option::is_some).collect();
    let values = demand.args.iter().flatten().cloned().collect();
    ((table, demand.by.clone(), known), values)
}

impl Ledger {
    /// Notes a fact that follows.
    pub fn prove(&mut self, claim: &Claim, home: Option<ClauseId>, day: Option<Date>) {
        let rows = self.proved.entry((claim.relation, claim.day)).or_default();
        rows.add(claim.args.clone());
        self.by.entry(claim.clone()).or_default().push((home, day));
    }

    pub fn is_proved(&self, claim: &Claim) -> bool {
        self.by.contains_key(claim)
    }

    /// Notes a list that is still to be checked. Of two lists for one pattern, what both have counts as one list.
    pub fn claim(&mut self, demand: &Demand, rows: &[Vec<Value>]) {
        let (shape, values) = shape(demand);
        let mut list = List {
            rows: Rows::default(),
            is_firm: false,
        };
        rows.iter().for_each(|row| {
            list.rows.add(row.clone());
        });
        let same = self.shapes.entry(shape.clone()).or_default();
        if same.is_empty() {
            self.shapes_of.entry(shape.0).or_default().push(shape);
        }
        same.insert(values, self.lists.len());
        self.lists.push(list);
    }

    /// Every list so far has been checked.
    pub fn settle(&mut self) {
        for list in self.lists.iter_mut().rev() {
            if list.is_firm {
                break;
            }
            list.is_firm = true;
        }
    }

    /// Whether the list for this very pattern has a row.
    pub fn lists(&self, demand: &Demand, row: &[Value]) -> bool {
        let (shape, values) = shape(demand);
        let at = self.shapes.get(&shape).and_then(|same| same.get(&values));
        at.is_some_and(|at| self.lists[*at].rows.contains(row))
    }

    fn possible(&self, demand: &Demand, is_firm: bool) -> Option<Vec<Vec<Value>>> {
        let shapes = self.shapes_of.get(&(demand.relation, demand.day))?;
        for shape in shapes {
            let (_, by, known) = shape;
            let covers = by.is_none() || *by == demand.by;
            if !covers {
                continue;
            }
            let values = known.iter().zip(&demand.args);
            let values = values.filter(|(known, _)| **known);
            let Some(values) = values
                .map(|(_, arg)| arg.clone())
                .collect::<Option<Vec<Value>>>()
            else {
                continue;
            };
            let Some(at) = self.shapes[shape].get(&values) else {
                continue;
            };
            let list = &self.lists[*at];
            if list.is_firm || !is_firm {
                let places = list.rows.matching(&demand.args).into_iter();
                return Some(places.map(|at| list.rows.row(at).to_vec()).collect());
            }
        }
        None
    }
}

/// What one item may rest on: of what is proved, all or only some.
pub(super) struct Premises<'l> {
    ground: &'l Ground<'l>,
    ledger: &'l Ledger,
    /// Only these; `None`: all that is proved and given.
    only: Option<Only>,
}

#[derive(Default)]
struct Only {
    given: HashSet<Claim>,
    proved: HashMap<Table, Rows>,
}

impl<'l> Premises<'l> {
    /// None yet.
    pub fn new(ground: &'l Ground<'l>, ledger: &'l Ledger) -> Premises<'l> {
        Premises {
            ground,
            ledger,
            only: Some(Only::default()),
        }
    }

    /// All.
    pub fn all(ground: &'l Ground<'l>, ledger: &'l Ledger) -> Premises<'l> {
        Premises {
            ground,
            ledger,
            only: None,
        }
    }

    /// A fact that is given.
    pub fn give(&mut self, claim: &Claim) {
        if let Some(only) = &mut self.only {
            only.given.insert(claim.clone());
        }
    }

    /// A fact that is proved.
    pub fn add(&mut self, claim: &Claim) {
        if let Some(only) = &mut self.only {
            let rows = only.proved.entry((claim.relation, claim.day)).or_default();
            rows.add(claim.args.clone());
        }
    }
}

impl Known for Premises<'_> {
    fn sure(&self, demand: &Demand) -> Vec<Vec<Value>> {
        let proved = match &self.only {
            Some(only) => &only.proved,
            None => &self.ledger.proved,
        };
        let Some(rows) = proved.get(&(demand.relation, demand.day)) else {
            return Vec::new();
        };
        let places = rows.matching(&demand.args).into_iter();
        let found = places.map(|at| rows.row(at).to_vec());
        let Some(by) = &demand.by else {
            return found.collect();
        };
        let is_by = |row: &Vec<Value>| {
            let claim = Claim {
                relation: demand.relation,
                args: row.clone(),
                day: demand.day,
            };
            let proofs = self.ledger.by.get(&claim).into_iter().flatten();
            proofs
                .into_iter()
                .any(|(home, day)| self.ground.counts_as(*home, by, *day))
        };
        found.filter(is_by).collect()
    }

    fn possible(&self, demand: &Demand, is_firm: bool) -> Option<Vec<Vec<Value>>> {
        self.ledger.possible(demand, is_firm)
    }

    fn may_cite(&self, claim: &Claim) -> bool {
        self.only
            .as_ref()
            .is_none_or(|only| only.given.contains(claim))
    }

    fn needs(&self, _: &Claim, _: Option<&[ClauseId]>) {}
}
