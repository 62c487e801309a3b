//! What is open: clauses that give a row where a rule comes to a judgement that nobody made, or a value nobody knows.

use super::draft::{Draft, closed_part};
use super::from_policy::Lowering;
use super::program::{Atom, Literal, Open, RelId, Shape, Term};
use crate::ir::{Kind, Missing, Premise, RelationId, RelationKind};
use crate::value::{Type, Value};

/// A premise that may come to something open.
pub(super) struct Guard {
    relation: RelationId,
    /// The field that is unknown; `None` for a judgement or a whole row.
    field: Option<usize>,
    /// The terms of the fields.
    args: Vec<Term>,
    /// The atom without the columns of days.
    is_row: bool,
    negated: bool,
}

impl Lowering<'_> {
    /// The relation of open points of that kind.
    pub(super) fn open_rel(&mut self, relation: RelationId, field: Option<usize>) -> RelId {
        if let Some(rel) = self.open_rels.get(&(relation, field)) {
            return *rel;
        }
        let declared = self.policy.relation(relation);
        let rel = self.add_relation(format!("open {}", declared.name), declared.fields.len());
        self.open_rels.insert((relation, field), rel);
        self.program.open.push(Open {
            rel,
            relation,
            field,
        });
        rel
    }

    pub(super) fn note_guards(
        &mut self,
        premise: &Premise,
        negated: bool,
        args: &[Term],
        draft: &mut Draft,
        guards: &mut Vec<Guard>,
    ) {
        let relation = premise.atom.relation;
        let declared = self.policy.relation(relation);
        let fields = declared.fields.len();
        let args: Vec<Term> = args[..fields]
            .iter()
            .map(|term| {
                if *term == Term::Any {
                    Term::Var(draft.fresh("_"))
                } else {
                    term.clone()
                }
            })
            .collect();
        if self.is_judgement(relation) {
            guards.push(Guard {
                relation,
                field: None,
                args,
                is_row: false,
                negated,
            });
            return;
        }
        let named = |at: &usize| {
            premise.atom.args[*at] != crate::ir::Term::Any
                && declared.fields[*at].missing == Missing::Unknown
        };
        let open: Vec<usize> = (0..fields).filter(named).collect();
        for field in &open {
            guards.push(Guard {
                relation,
                field: Some(*field),
                args: args.clone(),
                is_row: false,
                negated,
            });
        }
        let is_input = declared.kind == Kind::Declared(RelationKind::Input);
        let is_all_unknown = declared.key.is_some_and(|key| {
            key < fields
                && declared.fields[key..]
                    .iter()
                    .all(|field| field.missing == Missing::Unknown)
        });
        if is_input && is_all_unknown && !open.is_empty() {
            guards.push(Guard {
                relation,
                field: None,
                args,
                is_row: true,
                negated,
            });
        }
    }

    /// The clause of a guard: the rest of the body holds, and what the premise asks is open.
    pub(super) fn watch(&mut self, guard: Guard, whole: &[Literal], draft: &Draft) {
        let declared = self.declared(guard.relation).clone();
        let mut draft = draft.clone();
        // The rest: without the premise itself, and without other judgements, which may be open too.
        let judged: Vec<RelId> = self
            .program
            .declared
            .values()
            .filter_map(|other| other.denied.map(|denied| (other.rel, denied)))
            .flat_map(|(rel, denied)| [rel, denied])
            .collect();
        let is_premise = |atom: &Atom| {
            atom.rel == declared.rel && atom.args[..guard.args.len()] == guard.args[..]
        };
        let is_rest = |literal: &&Literal| match literal {
            Literal::Positive(atom) => !(judged.contains(&atom.rel) || is_premise(atom)),
            Literal::Negative(atom, _) => !(guard.negated && atom.rel == declared.rel),
            Literal::Check(_) | Literal::Bind(..) | Literal::Aggregate(_) => true,
        };
        let rest: Vec<Literal> = whole.iter().filter(is_rest).cloned().collect();
        let (mut body, mut bound) = closed_part(&rest);
        body.extend(
            rest.iter()
                .filter(|literal| {
                    matches!(literal, Literal::Negative(..))
                        && super::draft::variables(literal).is_subset(&bound)
                })
                .cloned(),
        );
        let columns = match declared.shape {
            Shape::Plain => 0,
            Shape::Standing(_) => 1,
            Shape::Dated => 2,
        };
        let rel = self.open_rel(guard.relation, guard.field);
        let mut head = guard.args.clone();
        match guard.field {
            Some(field) => {
                // A row that matches in all else, with nothing known in the field.
                head[field] = Term::Value(Value::Unknown);
                let args = head
                    .iter()
                    .cloned()
                    .chain(std::iter::repeat_n(Term::Any, columns))
                    .collect();
                body.push(Literal::Positive(Atom {
                    rel: declared.rel,
                    args,
                }));
            }
            None => {
                let key = if guard.is_row {
                    self.policy.relation(guard.relation).key.unwrap_or(0)
                } else {
                    head.len()
                };
                self.bind_names(guard.relation, &head[..key], &mut bound, &mut body);
                for term in &mut head[key..] {
                    *term = Term::Value(Value::Unknown);
                }
                let mut args = head.clone();
                args[key..].fill(Term::Any);
                args.extend(std::iter::repeat_n(Term::Any, columns));
                body.push(Literal::Negative(
                    Atom {
                        rel: declared.rel,
                        args,
                    },
                    Vec::new(),
                ));
                if let Some(denied) = declared.denied {
                    body.push(Literal::Negative(
                        Atom {
                            rel: denied,
                            args: head.clone(),
                        },
                        Vec::new(),
                    ));
                }
            }
        }
        let (_, now_bound) = closed_part(&body);
        let is_bound = |term: &Term| {
            if let Term::Var(var) = term {
                now_bound.contains(var)
            } else {
                true
            }
        };
        if head.iter().all(is_bound) {
            draft.day = super::draft::Day::None;
            self.add_clause(Atom { rel, args: head }, body, &draft);
        }
    }

    /// A key that nothing else binds ranges over every name of its type.
    fn bind_names(
        &self,
        relation: RelationId,
        key: &[Term],
        bound: &mut std::collections::BTreeSet<super::program::Var>,
        body: &mut Vec<Literal>,
    ) {
        for (term, field) in key.iter().zip(&self.policy.relation(relation).fields) {
            let (Term::Var(var), Type::Entity(ty) | Type::Set(ty)) = (term, field.ty) else {
                continue;
            };
            if bound.insert(*var) {
                let names = self
                    .policy
                    .relations
                    .iter()
                    .position(|other| other.kind == Kind::Names(ty))
                    .map(|at| RelationId(at as u32));
                if let Some(names) = names {
                    body.push(Literal::Positive(Atom {
                        rel: self.declared(names).rel,
                        args: vec![term.clone()],
                    }));
                }
            }
        }
    }
}
