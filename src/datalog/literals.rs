//! The literals of a body: atoms with their days and missing fields, comparisons, and disjunctions as alternatives.

use super::draft::{Day, Draft};
use super::from_policy::Lowering;
use super::program::{Atom, Check, Expr, Literal, RelId, Shape, Term};
use super::rules::expr_of;
use crate::ir::{self, Comparison, ExprKind, Premise};
use crate::source::Span;
use crate::value::{Date, Value};

/// How many alternatives one body may have.
const MOST_ALTERNATIVES: usize = 4_096;

/// Where the rows of a premise are found.
struct Found {
    rel: RelId,
    shape: Shape,
}

impl Lowering<'_> {
    /// The bodies without `or` that a body stands for. A choice among plain values stays one literal.
    pub(super) fn alternatives(&mut self, body: &[ir::Literal], at: Span) -> Vec<Vec<ir::Literal>> {
        let mut all: Vec<Vec<ir::Literal>> = vec![Vec::new()];
        for literal in body {
            let choices: Vec<Vec<ir::Literal>> = match literal {
                ir::Literal::Or(branches, _) if choice_of_values(branches).is_none() => {
                    let mut choices = Vec::new();
                    for branch in branches {
                        choices.extend(self.alternatives(branch, at));
                    }
                    choices
                }
                other => vec![vec![other.clone()]],
            };
            if all.len() * choices.len() > MOST_ALTERNATIVES {
                self.diagnostics
                    .push(super::error::too_many_alternatives(MOST_ALTERNATIVES, at));
                return Vec::new();
            }
            let joined = all.iter().flat_map(|before| {
                choices
                    .iter()
                    .map(move |choice| [before.as_slice(), choice].concat())
            });
            all = joined.collect();
        }
        all
    }

    /// The literals of a body without `or`, behind those that the clause has already.
    pub(super) fn body(
        &mut self,
        literals: &[ir::Literal],
        draft: &mut Draft,
        before: &[Literal],
    ) -> Vec<Literal> {
        self.body_within(literals, draft, before, before)
    }

    /// As `body`. `around`: the literals that hold as well, though the clause need not have them: of a body in braces those around
    /// it, which say for which keys it looks up rows.
    pub(super) fn body_within(
        &mut self,
        literals: &[ir::Literal],
        draft: &mut Draft,
        before: &[Literal],
        around: &[Literal],
    ) -> Vec<Literal> {
        let mut made: Vec<Literal> = Vec::new();
        for literal in literals {
            match literal {
                ir::Literal::Holds(premise) => self.holds(premise, draft, &mut made),
                ir::Literal::Absent(premise) => self.absent(premise, draft, &mut made),
                ir::Literal::Compare(compare) => {
                    let check = Check::Compare(
                        compare.op,
                        self.expr(&compare.left, draft),
                        self.expr(&compare.right, draft),
                    );
                    made.push(Literal::Check(check));
                }
                ir::Literal::Bind(bind) => made.push(Literal::Bind(
                    draft.var(bind.variable),
                    self.expr(&bind.value, draft),
                )),
                ir::Literal::Test(test) => made.push(Literal::Check(Check::Test(
                    !test.negated,
                    self.expr(&test.value, draft),
                ))),
                ir::Literal::Exempted(exempted) => self.exempted(exempted, draft, &mut made),
                ir::Literal::Or(branches, _) => self.choice(branches, draft, &mut made),
                ir::Literal::Aggregate(_) => {}
            }
        }
        for literal in literals {
            if let ir::Literal::Aggregate(aggregate) = literal {
                let outer = [before, made.as_slice()].concat();
                let around = [around, made.as_slice()].concat();
                let literal = self.aggregate(aggregate, draft, &outer, &around);
                made.extend(literal);
            }
        }
        let whole = [around, made.as_slice()].concat();
        self.demand(literals, &whole, draft);
        made
    }

    /// Those of the literals that can say what a variable is: a judgement that is open is asked about what others say.
    pub(super) fn without_judgements(&self, literals: &[Literal]) -> Vec<Literal> {
        let is_judgement = |literal: &&Literal| match literal {
            Literal::Positive(atom) => self.program.open.judgements.contains_key(&atom.rel),
            _ => false,
        };
        let others = literals.iter().filter(|it| !is_judgement(it));
        others.cloned().collect()
    }

    fn found(&mut self, premise: &Premise) -> Found {
        let relation = premise.atom.relation;
        let declared = self.declared(relation).clone();
        let Some(clauses) = &premise.by else {
            return Found {
                rel: self.known_rel(relation),
                shape: declared.shape,
            };
        };
        let key = (relation, clauses.clone());
        if let Some(rel) = self.by_rels.get(&key) {
            return Found {
                rel: *rel,
                shape: declared.shape,
            };
        }
        let place = clauses
            .first()
            .map_or(String::new(), |clause| self.policy.citation(*clause));
        let arity = self.program.relations[declared.rel.0 as usize].arity;
        let rel = self.add_relation(
            format!("{}#by {place}", self.policy.relation(relation).name),
            arity,
        );
        self.by_rels.insert(key, rel);
        Found {
            rel,
            shape: declared.shape,
        }
    }

    fn holds(&mut self, premise: &Premise, draft: &mut Draft, made: &mut Vec<Literal>) {
        let found = self.found(premise);
        let (mut args, checks) = self.args(&premise.atom, draft);
        let more = self.day_columns(found.shape, premise.on.as_ref(), draft, made);
        args.extend(more.columns);
        made.push(Literal::Positive(Atom {
            rel: found.rel,
            args,
        }));
        made.extend(checks.into_iter().chain(more.checks).map(Literal::Check));
    }

    fn absent(&mut self, premise: &Premise, draft: &mut Draft, made: &mut Vec<Literal>) {
        let found = self.found(premise);
        let (mut args, mut checks) = self.args(&premise.atom, draft);
        let more = self.day_columns(found.shape, premise.on.as_ref(), draft, made);
        args.extend(more.columns);
        checks.extend(more.checks);
        let atom = Atom {
            rel: found.rel,
            args,
        };
        made.push(Literal::Negative(atom, checks));
    }

    /// The terms of an atom, and the checks that fields which may be missing need.
    pub(super) fn args(&mut self, atom: &ir::Atom, draft: &mut Draft) -> (Vec<Term>, Vec<Check>) {
        let mut checks = Vec::new();
        let mut args = Vec::new();
        for (field, term) in atom.args.iter().enumerate() {
            let made = match term {
                ir::Term::Present => Term::Var(draft.fresh("_")),
                other => self.term(other, draft),
            };
            if let (ir::Term::Variable(_) | ir::Term::Present, Term::Var(var)) = (term, &made)
                && self.may_be_missing(atom.relation, field)
            {
                checks.push(Check::Present(*var));
            }
            args.push(made);
        }
        (args, checks)
    }

    /// The columns behind the fields: the regime of the day, or the days of a dated fact and the checks against the day.
    fn day_columns(
        &mut self,
        shape: Shape,
        on: Option<&ir::Term>,
        draft: &mut Draft,
        made: &mut Vec<Literal>,
    ) -> DayColumns {
        let day = match on {
            Some(term) => Day::At(self.term(term, draft)),
            None => draft.day.clone(),
        };
        match shape {
            Shape::Plain => DayColumns::default(),
            Shape::Standing(regimes) => {
                let column = match &day {
                    Day::Regime(own, var) if *own == regimes => Term::Var(*var),
                    Day::At(Term::Value(Value::Date(date))) => {
                        Term::Value(Value::Date(self.regime_on(regimes, *date)))
                    }
                    other => match other.term() {
                        Some(term) => {
                            let var = draft.fresh("regime");
                            made.push(Literal::Bind(
                                var,
                                Expr::Regime(regimes, Box::new(expr_of(&term))),
                            ));
                            Term::Var(var)
                        }
                        None => Term::Any,
                    },
                };
                DayColumns {
                    columns: vec![column],
                    checks: Vec::new(),
                }
            }
            Shape::Dated => {
                let Some(term) = day.term() else {
                    return DayColumns {
                        columns: vec![Term::Any, Term::Any],
                        checks: Vec::new(),
                    };
                };
                let (from, through) = (draft.fresh("from"), draft.fresh("through"));
                let checks = vec![
                    Check::Compare(Comparison::AtMost, Expr::Var(from), expr_of(&term)),
                    Check::Compare(Comparison::AtMost, expr_of(&term), Expr::Var(through)),
                ];
                DayColumns {
                    columns: vec![Term::Var(from), Term::Var(through)],
                    checks,
                }
            }
        }
    }

    fn regime_on(&self, regimes: super::program::RegimesId, date: Date) -> Date {
        let starts = &self.program.regimes[regimes.0 as usize];
        starts[starts
            .partition_point(|start| *start <= date)
            .saturating_sub(1)]
    }

    fn exempted(&mut self, exempted: &ir::Exempted, draft: &mut Draft, made: &mut Vec<Literal>) {
        let relation = exempted.atom.relation;
        let shape = self.declared(relation).shape;
        let key = (relation, exempted.by.clone());
        let rel = match self.exempted_rels.get(&key) {
            Some(rel) => *rel,
            None => {
                let arity = self.policy.relation(relation).fields.len()
                    + usize::from(matches!(shape, Shape::Standing(_)));
                let rel = self.add_relation(
                    format!(
                        "{}#exempted {}",
                        self.policy.relation(relation).name,
                        self.exempted_rels.len()
                    ),
                    arity,
                );
                self.exempted_rels.insert(key, rel);
                rel
            }
        };
        let (mut args, checks) = self.args(&exempted.atom, draft);
        let more = self.day_columns(shape, None, draft, made);
        args.extend(more.columns);
        let atom = Atom { rel, args };
        if exempted.negated {
            made.push(Literal::Negative(atom, checks));
        } else {
            made.push(Literal::Positive(atom));
            made.extend(checks.into_iter().map(Literal::Check));
        }
    }

    /// `K in [a, b]`: a relation of its own with a row for each value.
    fn choice(&mut self, branches: &[Vec<ir::Literal>], draft: &Draft, made: &mut Vec<Literal>) {
        let Some((variable, values)) = choice_of_values(branches) else {
            return;
        };
        let rel = self.add_relation(
            format!(
                "one of {} values, {}",
                values.len(),
                self.program.relations.len()
            ),
            1,
        );
        let rows: Vec<_> = values.into_iter().map(|value| (rel, vec![value])).collect();
        self.program.facts.extend(rows);
        made.push(Literal::Positive(Atom {
            rel,
            args: vec![Term::Var(draft.var(variable))],
        }));
    }

    pub(super) fn expr(&self, expr: &ir::Expr, draft: &Draft) -> Expr {
        let boxed = |inner: &ir::Expr| Box::new(self.expr(inner, draft));
        match &expr.kind {
            ExprKind::Value(value) => Expr::Value(value.clone()),
            ExprKind::Variable(id) => Expr::Var(draft.var(*id)),
            ExprKind::Negate(inner) => Expr::Negate(boxed(inner)),
            ExprKind::Binary(operator, left, right) => {
                Expr::Binary(*operator, boxed(left), boxed(right))
            }
            ExprKind::Call(id, list) => Expr::Call(
                *id,
                list.iter().map(|inner| self.expr(inner, draft)).collect(),
            ),
            ExprKind::Shift { date, amount, unit } => Expr::Shift {
                date: boxed(date),
                amount: boxed(amount),
                unit: *unit,
            },
        }
    }
}

#[derive(Default)]
struct DayColumns {
    columns: Vec<Term>,
    checks: Vec<Check>,
}

/// The variable and values of `( K = a or K = b )`.
fn choice_of_values(branches: &[Vec<ir::Literal>]) -> Option<(ir::VariableId, Vec<Value>)> {
    let mut chosen = None;
    let mut values = Vec::new();
    for branch in branches {
        let [literal] = branch.as_slice() else {
            return None;
        };
        let (variable, value) = match literal {
            ir::Literal::Bind(bind) => (bind.variable, constant(&bind.value)?),
            ir::Literal::Compare(compare) if compare.op == Comparison::Equal => {
                match (&compare.left.kind, &compare.right.kind) {
                    (ExprKind::Variable(id), _) => (*id, constant(&compare.right)?),
                    (_, ExprKind::Variable(id)) => (*id, constant(&compare.left)?),
                    _ => return None,
                }
            }
            _ => return None,
        };
        if *chosen.get_or_insert(variable) != variable {
            return None;
        }
        values.push(value);
    }
    Some((chosen?, values))
}

fn constant(expr: &ir::Expr) -> Option<Value> {
    match &expr.kind {
        ExprKind::Value(value) => Some(value.clone()),
        _ => None,
    }
}
