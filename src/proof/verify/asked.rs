//! Which conditions ask for rows that nobody gave by keys that nobody can list: numbers, texts, days.
//!
//! The row of such a key is there for whatever gives the key, and no list says for which all. So where all rows of an input are
//! gone through, it matters whether something else asks for more. Here, more is taken to ask than may, and nothing less.

use super::ground::Ground;
use super::order::equated;
use crate::ir::{Atom, ExemptionTarget, Kind, Literal, RelationId, RelationKind, Term, VariableId};
use crate::proof::expr::{expr_variables, term_variables};
use std::collections::BTreeSet;

type Found = BTreeSet<VariableId>;

/// See the module.
pub(super) struct Asked(Vec<Asking>);

/// One condition on an input of that kind.
struct Asking {
    atom: *const Atom,
    relation: RelationId,
    /// The rule, exemption or presumption in which it stands.
    body: usize,
    /// Whether conditions on other relations give its key.
    is_asked: bool,
    /// Whether these do, or conditions on such inputs, of which facts may give rows.
    may_be_asked: bool,
}

impl Asked {
    pub fn new(ground: &Ground<'_>) -> Asked {
        let policy = ground.policy;
        let rules = policy.rules.iter().map(|rule| (&rule.body, Found::new()));
        let presumptions = ground.presumptions.iter();
        let presumptions = presumptions.map(|it| (&it.rule.body, Found::new()));
        let exemptions = policy.exemptions.iter().map(|exemption| {
            let mut found = Found::new();
            let terms = match &exemption.target {
                ExemptionTarget::Head(atom) => atom.args.as_slice(),
                ExemptionTarget::Event(term, _) => std::slice::from_ref(term),
            };
            term_variables(terms, &mut |variable| _ = found.insert(variable));
            (&exemption.body, found)
        });
        let mut asked = Asked(Vec::new());
        for (at, (body, found)) in rules.chain(presumptions).chain(exemptions).enumerate() {
            asked.add(ground, at, &mut vec![body], &found);
        }
        asked
    }

    /// Notes the conditions in the last of these bodies, each of which stands in the one before it.
    fn add(&mut self, ground: &Ground<'_>, body: usize, path: &mut Vec<&[Literal]>, found: &Found) {
        for literal in path.last().copied().into_iter().flatten() {
            match literal {
                Literal::Holds(premise) | Literal::Absent(premise) => {
                    let atom = &premise.atom;
                    if ground.free_keys(atom.relation).next().is_some() {
                        let asks = |with_inputs: bool| {
                            let binding = Binding {
                                ground,
                                apart_from: atom,
                                with_inputs,
                            };
                            let mut found = found.clone();
                            path.iter().for_each(|body| binding.add(body, &mut found));
                            binding.has_key(atom, &found)
                        };
                        self.0.push(Asking {
                            atom,
                            relation: atom.relation,
                            body,
                            is_asked: asks(false),
                            may_be_asked: asks(true),
                        });
                    }
                }
                Literal::Or(branches, _) => branches.iter().for_each(|branch| {
                    path.push(branch);
                    self.add(ground, body, path, found);
                    path.pop();
                }),
                Literal::Aggregate(aggregate) => {
                    path.push(&aggregate.body);
                    self.add(ground, body, path, found);
                    path.pop();
                }
                Literal::Compare(_)
                | Literal::Test(_)
                | Literal::Bind(_)
                | Literal::Exempted(_) => {}
            }
        }
    }

    /// Whether some condition may ask for rows of an input that nobody gave.
    pub fn is_asked(&self, relation: RelationId) -> bool {
        let mut about = self.0.iter().filter(|asking| asking.relation == relation);
        about.any(|asking| asking.may_be_asked)
    }

    /// Whether another condition than this one may.
    pub fn is_beside(&self, atom: &Atom) -> bool {
        let is_it = |asking: &&Asking| std::ptr::eq(asking.atom, atom);
        let own = self.0.iter().find(is_it).map(|asking| asking.body);
        self.0.iter().any(|asking| {
            let asks = match Some(asking.body) == own {
                true => asking.is_asked,
                false => asking.may_be_asked,
            };
            asks && asking.relation == atom.relation && !std::ptr::eq(asking.atom, atom)
        })
    }
}

/// What the conditions of a body give but for one of them.
struct Binding<'g, 'a> {
    ground: &'g Ground<'a>,
    apart_from: *const Atom,
    with_inputs: bool,
}

impl Binding<'_, '_> {
    fn has_key(&self, atom: &Atom, found: &Found) -> bool {
        let mut keys = self.ground.free_keys(atom.relation);
        keys.all(|at| match &atom.args[at] {
            Term::Variable(variable) | Term::Each(variable) => found.contains(variable),
            Term::Value(_) => true,
            Term::Any | Term::Present | Term::Missing => false,
        })
    }

    fn add(&self, body: &[Literal], found: &mut Found) {
        loop {
            let before = found.len();
            body.iter().for_each(|literal| self.add_of(literal, found));
            if found.len() == before {
                return;
            }
        }
    }

    fn add_of(&self, literal: &Literal, found: &mut Found) {
        match literal {
            Literal::Holds(premise) => {
                let atom = &premise.atom;
                let kind = self.ground.policy.relation(atom.relation).kind;
                let gives = kind != Kind::Declared(RelationKind::Judgement)
                    && !std::ptr::eq(atom, self.apart_from)
                    && (self.with_inputs || self.has_key(atom, found));
                if gives {
                    term_variables(&atom.args, &mut |variable| _ = found.insert(variable));
                }
            }
            Literal::Bind(bind) => {
                let mut is_found = true;
                expr_variables(&bind.value, &mut |variable| {
                    is_found &= found.contains(&variable);
                });
                if is_found {
                    found.insert(bind.variable);
                }
            }
            Literal::Aggregate(aggregate) => {
                found.insert(aggregate.result);
                self.add(&aggregate.body, found);
            }
            Literal::Or(branches, _) => branches.iter().for_each(|it| self.add(it, found)),
            Literal::Exempted(exempted) if !exempted.negated => {
                term_variables(&exempted.atom.args, &mut |variable| {
                    _ = found.insert(variable);
                });
            }
            Literal::Compare(compare) => {
                for (variable, others) in equated(compare) {
                    if others.iter().all(|other| found.contains(other)) {
                        found.insert(variable);
                    }
                }
            }
            Literal::Exempted(_) | Literal::Absent(_) | Literal::Test(_) => {}
        }
    }
}
