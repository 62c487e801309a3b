//! What is presumed where no fact settles it: judgements, and values that nobody knows.
//!
//! Whichever side is asked, a presumption counts only where what it requires is sure, and where nothing to the contrary may be
//! presumed: then what it is about is settled on both sides, and otherwise on neither.

use super::body::{At, Demand, Frame, Reading, Row, Side, unify_one};
use super::order::Start;
use super::rules::{DEPTH, fits};
use crate::ir::{Kind, Presumption, RelationId, RelationKind, Term};
use crate::value::Value;
use std::collections::BTreeSet;

const SURE: At = At {
    side: Side::Sure,
    is_firm: true,
};

const POSSIBLE: At = At {
    side: Side::Possible,
    is_firm: true,
};

impl<'a> Reading<'_, 'a> {
    /// What is known of a judgement: by a fact, or else because it is presumed one way and not the other.
    pub(super) fn judged(&self, relation: RelationId, args: &[Value]) -> Option<bool> {
        let asserted = self.ground.asserted(relation, args);
        if asserted.is_some() {
            return asserted;
        }
        let known: Vec<Option<&Value>> = args.iter().map(Some).collect();
        let answers = |at: At| -> BTreeSet<bool> {
            let about = self.ground.presumptions_of(relation);
            let counting = about.filter(|it| !self.presumed(at, it, &known).is_empty());
            counting.map(|it| !it.denied).collect()
        };
        let sure = answers(SURE).first().copied()?;
        (!answers(POSSIBLE).contains(&!sure)).then_some(sure)
    }

    /// The rows that are given, or may be, and match.
    pub(super) fn given(
        &self,
        at: At,
        demand: &Demand,
        row: Row,
    ) -> Result<Vec<Vec<Value>>, String> {
        let (relation, known) = (demand.relation, &demand.args);
        let declared = self.ground.policy.relation(relation);
        if declared.kind == Kind::Declared(RelationKind::Judgement) {
            let Some(args) = known.iter().cloned().collect::<Option<Vec<Value>>>() else {
                return Err(format!("what `{}` is asked of is not bound", declared.name));
            };
            let judged = self.judged(relation, &args);
            let counts = match at.side {
                Side::Sure => judged == Some(true),
                Side::Possible => judged != Some(false),
            };
            return Ok(counts.then_some(args).into_iter().collect());
        }
        let mut rows = match row {
            Row::Any | Row::Given => self.ground.given(relation, known, demand.day),
            Row::NotGiven => Vec::new(),
        };
        let is_presumed_of = self.ground.presumptions_of(relation).next().is_some();
        if is_presumed_of {
            rows = rows.iter().map(|row| self.filled(relation, row)).collect();
        }
        // That such a row is there is sure, if what was read gives its key. It is looked for where it may matter, and there are
        // not too many.
        let mut key = known.iter().take(declared.key.unwrap_or(0));
        let is_there = match (at.side, row) {
            (Side::Possible, _) => true,
            (Side::Sure, Row::Any | Row::NotGiven) => is_presumed_of || key.all(Option::is_some),
            (Side::Sure, Row::Given) => self.ground.free_keys(relation).next().is_none(),
        };
        if is_there {
            let not_given = self.ground.not_given(relation, known)?;
            rows.extend(not_given.iter().map(|row| self.filled(relation, row)));
        }
        if is_presumed_of {
            rows.retain(|row| fits(known, row));
        }
        Ok(rows)
    }

    /// A row with the values that are presumed in place of those that nobody knows.
    fn filled(&self, relation: RelationId, row: &[Value]) -> Vec<Value> {
        if !row.iter().any(Value::is_open) {
            return row.to_vec();
        }
        let known: Vec<Option<&Value>> = row
            .iter()
            .map(|value| (!value.is_open()).then_some(value))
            .collect();
        let rows = |at: At| -> BTreeSet<Vec<Option<Value>>> {
            let about = self.ground.presumptions_of(relation);
            about.flat_map(|it| self.presumed(at, it, &known)).collect()
        };
        let (sure, possible) = (rows(SURE), rows(POSSIBLE));
        let fields = row.iter().enumerate().map(|(at, own)| {
            let values = sure.iter().filter_map(|it| it[at].as_ref());
            let mut values = values.filter(|value| own.possible_orders(value).equal);
            match values.find(|value| !value.is_open()) {
                Some(first) if own.is_open() => {
                    let mut others = possible.iter().filter_map(|it| it[at].as_ref());
                    match others.any(|other| other != first) {
                        true => own.clone(),
                        false => first.clone(),
                    }
                }
                _ => own.clone(),
            }
        });
        fields.collect()
    }

    /// What a presumption says of a row, for each way in which what it requires holds, or may. Of fields that it leaves open:
    /// `None`.
    fn presumed(
        &self,
        at: At,
        presumption: &'a Presumption,
        known: &[Option<&Value>],
    ) -> Vec<Vec<Option<Value>>> {
        if let Err(trouble) = self.ground.redacted.allows_presumption(presumption) {
            self.fail(trouble);
            return Vec::new();
        }
        if self.depth.get() >= DEPTH {
            self.fail("presumptions rest on each other without end");
            return Vec::new();
        }
        let rule = &presumption.rule;
        let mut frame = Frame {
            bindings: vec![None; rule.variables.len()],
            day: None,
        };
        let mut terms = rule.head.args.iter().zip(known);
        let fits = terms.all(|(term, value)| match (term, value) {
            (Term::Value(own), Some(value)) => own == *value,
            (Term::Variable(variable) | Term::Each(variable), Some(value)) => {
                unify_one(at.side, &mut frame.bindings, *variable, value)
            }
            (Term::Missing, Some(_)) => false,
            (Term::Any | Term::Present, _) | (_, None) => true,
        });
        if !fits {
            return Vec::new();
        }
        self.depth.set(self.depth.get() + 1);
        let frames = self.solve(
            at,
            &rule.body,
            Start::Asked,
            Some(&rule.timing),
            rule.home,
            frame,
        );
        self.depth.set(self.depth.get() - 1);
        let said = |frame: Frame| -> Vec<Option<Value>> {
            let scope = self.scope(&frame.bindings);
            let terms = rule.head.args.iter();
            terms.map(|term| scope.term(term)).collect()
        };
        frames.into_iter().map(said).collect()
    }
}
