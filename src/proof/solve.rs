//! The solutions of a body: bindings of its variables under which every literal holds, and what each literal rests on.

mod groups;

use super::expr::{Scope, compares, is_present};
use super::index::remember;
use super::plan::{Plan, What};
use super::proof::{Claim, Pattern};
use super::{Side, World};
use crate::ir::{
    Aggregate, Atom, Bind, ClauseId, Compare, Exempted, Kind, Missing, Policy, Premise,
    RelationKind, Term, Test, Timing, VariableId,
};
use crate::value::{Date, Value};
use std::ops::ControlFlow;
use std::rc::Rc;

/// Bindings under which a body (or a part of it) holds.
#[derive(Clone, Debug)]
pub(super) struct Solution<'a> {
    /// By `VariableId`.
    pub bindings: Vec<Option<Value>>,
    /// The day on which the body is read.
    pub day: Option<Date>,
    /// What its literals rest on, in the order written.
    pub uses: Vec<Use<'a>>,
}

/// What one literal rests on.
#[derive(Clone, Debug)]
pub(super) struct Use<'a> {
    /// Place of the literal in the body.
    pub place: usize,
    /// What it is.
    pub what: Used<'a>,
}

/// What a literal rests on.
///
/// `GivenBy` and `Exempted` are not looked up here: whether they hold is found out by whoever uses the solution
/// (`World::is_certain`, the search), since they are no relations of which all rows are known.
#[derive(Clone, Debug)]
pub(super) enum Used<'a> {
    /// A fact.
    Claim(Claim),
    /// A fact that must follow by one of these clauses.
    GivenBy(Claim, &'a [ClauseId]),
    /// That there is no fact.
    Absent(&'a Premise),
    /// A comparison.
    Compare(&'a Compare),
    /// A truth value.
    Test(&'a Test),
    /// A computed value.
    Bind(&'a Bind),
    /// A fold, with what it folds.
    Aggregate(&'a Aggregate, Rc<Folded<'a>>),
    /// A derivation that one of these exemptions blocks.
    Exempted(&'a Exempted, Claim),
    /// That there is none.
    NotExempted(&'a Exempted),
}

/// What one group of an aggregate comes to.
#[derive(Debug)]
pub(super) struct Folded<'a> {
    /// The result.
    pub result: Value,
    /// One for each distinct binding, in canonical order.
    pub contributions: Vec<Contributing<'a>>,
}

/// One distinct binding of the variables in braces.
#[derive(Clone, Debug)]
pub(super) struct Contributing<'a> {
    /// What is folded.
    pub term: Option<Value>,
    /// Solutions of the braces with these bindings: they differ in rows that no variable tells apart.
    pub ways: Vec<Solution<'a>>,
}

/// Whose body is solved, as far as it matters for its day.
#[derive(Clone, Copy)]
pub(super) struct Body<'a> {
    /// How its day is found, where the seed does not have it.
    pub timing: Option<&'a Timing>,
    /// The clause that must be in force on it.
    pub home: Option<ClauseId>,
    /// Whether to go on where the day is not found; standing relations then have no rows.
    pub is_day_optional: bool,
}

type Solutions<'s, 'a> = Box<dyn Iterator<Item = Solution<'a>> + 's>;

impl<'a> Solution<'a> {
    /// Nothing but these bindings.
    pub fn seed(bindings: Vec<Option<Value>>, day: Option<Date>) -> Solution<'a> {
        Solution {
            bindings,
            day,
            uses: Vec::new(),
        }
    }

    fn with(mut self, place: usize, what: Used<'a>) -> Solution<'a> {
        self.uses.push(Use { place, what });
        self
    }

    /// Binds a variable, or compares where it is bound; an open value is taken for any that it may be. A variable holds no
    /// missing value.
    fn bind(&mut self, variable: VariableId, value: &Value) -> bool {
        let bound = &mut self.bindings[variable.at()];
        match bound {
            Some(own) if own == value => true,
            Some(own) if !own.possible_orders(value).equal => false,
            Some(own) => {
                if own.is_open() {
                    *own = value.clone();
                }
                true
            }
            None => {
                *bound = Some(value.clone());
                true
            }
        }
    }

    /// Whether all these variables are bound to values that are known.
    fn is_known(&self, terms: &[Term]) -> bool {
        terms.iter().all(|term| match term {
            Term::Variable(variable) | Term::Each(variable) => {
                let bound = &self.bindings[variable.at()];
                bound.as_ref().is_none_or(|value| !value.is_open())
            }
            Term::Value(_) | Term::Any | Term::Present | Term::Missing => true,
        })
    }

    /// Binds the variables of an atom to a row.
    pub fn unify(&mut self, terms: &[Term], row: &[Value]) -> bool {
        terms.iter().zip(row).all(|(term, value)| match term {
            Term::Variable(variable) => is_present(value) && self.bind(*variable, value),
            Term::Each(variable) => self.bind(*variable, value),
            Term::Value(wanted) => {
                wanted == value || value.is_open() && value.possible_orders(wanted).equal
            }
            Term::Any => true,
            Term::Present => is_present(value),
            Term::Missing => !is_present(value),
        })
    }
}

impl<'a> World<'a> {
    /// Calls `found` with each solution of the planned body that agrees with the seed, until it breaks off.
    /// Looks for solutions in depth: the first is found without the others, in an order that depends on values only.
    pub(super) fn solve(
        &self,
        body: Body<'a>,
        plan: &Plan<'a>,
        seed: Solution<'a>,
        found: &mut dyn FnMut(Solution<'a>) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        if !plan.left.is_empty() || !self.is_home_in_force(body, seed.day) {
            return ControlFlow::Continue(());
        }
        let mut depth: Vec<Solutions<'_, 'a>> = vec![Box::new(std::iter::once(seed))];
        while let Some(top) = depth.last_mut() {
            let Some(mut solution) = top.next() else {
                depth.pop();
                continue;
            };
            match plan.moves.get(depth.len() - 1) {
                Some(next) => depth.push(self.extend(body, next.place, &next.what, solution)),
                None => {
                    solution.uses.sort_by_key(|used| used.place);
                    found(solution)?;
                }
            }
        }
        ControlFlow::Continue(())
    }

    /// All solutions.
    pub(super) fn solutions(
        &self,
        body: Body<'a>,
        plan: &Plan<'a>,
        seed: Solution<'a>,
    ) -> Vec<Solution<'a>> {
        let mut all = Vec::new();
        let _ = self.solve(body, plan, seed, &mut |solution| {
            all.push(solution);
            ControlFlow::Continue(())
        });
        all
    }

    /// The first solution that is certain.
    pub(super) fn first_solution(
        &self,
        body: Body<'a>,
        plan: &Plan<'a>,
        seed: Solution<'a>,
    ) -> Option<Solution<'a>> {
        let mut first = None;
        let _ = self.solve(body, plan, seed, &mut |solution| {
            if !self.is_certain(&solution) {
                return ControlFlow::Continue(());
            }
            first = Some(solution);
            ControlFlow::Break(())
        });
        first
    }

    fn is_home_in_force(&self, body: Body<'a>, day: Option<Date>) -> bool {
        match (body.home, day) {
            (Some(home), Some(day)) => self.is_law(home, day),
            (Some(_) | None, _) => true,
        }
    }

    pub(super) fn scope<'s>(&'s self, bindings: &'s [Option<Value>]) -> Scope<'s> {
        Scope {
            bindings,
            working_days: self.working_days(),
        }
    }

    /// The solutions with one literal more.
    pub(super) fn extend<'s>(
        &'s self,
        body: Body<'a>,
        place: usize,
        what: &'s What<'a>,
        solution: Solution<'a>,
    ) -> Solutions<'s, 'a> {
        match what {
            What::Day => Box::new(self.with_day(body, solution).into_iter()),
            What::Match(premise) => self.matches(place, premise, solution),
            What::Refuse(premise) => {
                let is_absent = self.is_absent(premise, &solution);
                checked(is_absent, solution, place, Used::Absent(premise))
            }
            What::Compare(compare) => {
                let holds = self.holds_comparison(compare, &solution.bindings);
                checked(holds, solution, place, Used::Compare(compare))
            }
            What::Test(test) => {
                let value = self.scope(&solution.bindings).value(&test.value);
                let holds = match value {
                    Ok(open) if open.is_open() => self.side.get() == Side::May,
                    value => value == Ok(Value::Bool(!test.negated)),
                };
                checked(holds, solution, place, Used::Test(test))
            }
            What::Bind(bind) => self.computed(place, bind, solution),
            What::Fold(aggregate, plan) => {
                let folded = self.fold_groups(aggregate, plan, &solution);
                Box::new(folded.into_iter().map(move |(mut solution, folded)| {
                    solution.bind(aggregate.result, &folded.result);
                    solution.with(place, Used::Aggregate(aggregate, Rc::new(folded)))
                }))
            }
            What::Either(plans) => Box::new(
                plans
                    .iter()
                    .flat_map(move |plan| self.branch(body, place, plan, solution.clone())),
            ),
            What::Exempted(exempted) => self.exempted(place, exempted, solution),
        }
    }

    fn with_day(&self, body: Body<'a>, mut solution: Solution<'a>) -> Option<Solution<'a>> {
        solution.day = self.day_of(body.timing?, &solution.bindings);
        let has_day = solution.day.is_some() || body.is_day_optional;
        (has_day && self.is_home_in_force(body, solution.day)).then_some(solution)
    }

    /// The day of a rule from its bindings; `None` where there is no such event, or the day is not in the bindings.
    pub(super) fn day_of(&self, timing: &Timing, bindings: &[Option<Value>]) -> Option<Date> {
        let scope = self.scope(bindings);
        match timing {
            Timing::Event(term, id_type) => self.event_day(*id_type, &scope.term(term)?),
            Timing::On(term) => as_date(scope.term(term)?),
            Timing::Timeless | Timing::Standing => None,
        }
    }

    fn matches<'s>(
        &'s self,
        place: usize,
        premise: &'a Premise,
        solution: Solution<'a>,
    ) -> Solutions<'s, 'a> {
        Box::new(
            self.rows(premise, &solution)
                .into_iter()
                .filter_map(move |claim| {
                    let next = self.unified(&solution, &premise.atom.args, &claim.args)?;
                    let used = match &premise.by {
                        Some(by) => Used::GivenBy(claim, by),
                        None => Used::Claim(claim),
                    };
                    Some(next.with(place, used))
                }),
        )
    }

    /// A solution with the variables of an atom bound to a row. What must hold takes no open value for another: nobody knows
    /// whether they are the same.
    fn unified(
        &self,
        solution: &Solution<'a>,
        terms: &[Term],
        row: &[Value],
    ) -> Option<Solution<'a>> {
        let mut next = solution.clone();
        let is_sure = || {
            terms
                .iter()
                .zip(row)
                .enumerate()
                .all(|(at, (term, value))| {
                    let (Term::Variable(variable) | Term::Each(variable)) = term else {
                        return true;
                    };
                    let is_first = terms[..at].iter().all(|other| other != term);
                    !value.is_open() || is_first && solution.bindings[variable.at()].is_none()
                })
        };
        let must = self.side.get() == Side::Must;
        let fits = !must || solution.is_known(terms) && is_sure();
        (fits && next.unify(terms, row)).then_some(next)
    }

    /// The facts that agree with what is bound in a premise.
    fn rows(&self, premise: &Premise, solution: &Solution<'a>) -> Vec<Claim> {
        let Some(pattern) = self.pattern_of(premise, solution) else {
            return Vec::new();
        };
        self.claims(&pattern)
    }

    /// Whether nothing matches: a judgement must be denied, anything else must not be possible.
    fn is_absent(&self, premise: &'a Premise, solution: &Solution<'a>) -> bool {
        let relation = self.policy.relation(premise.atom.relation);
        if relation.kind == Kind::Declared(RelationKind::Judgement) {
            let pattern = self.pattern_of(premise, solution);
            let args = pattern.and_then(|it| it.args.into_iter().collect::<Option<Vec<_>>>());
            return args.is_some_and(|args| self.rows_now().denies(premise.atom.relation, &args));
        }
        self.on_other_side(|| self.matching_claims(premise, solution).next().is_none())
    }

    /// The facts that match a premise, whose variables are all bound.
    pub(super) fn matching_claims(
        &self,
        premise: &'a Premise,
        solution: &Solution<'a>,
    ) -> impl Iterator<Item = Claim> {
        self.rows(premise, solution).into_iter().filter(|claim| {
            let matched = self.unified(solution, &premise.atom.args, &claim.args);
            matched.is_some()
                && premise
                    .by
                    .as_ref()
                    .is_none_or(|by| self.is_given_by(claim, by))
        })
    }

    /// A premise with what is bound; `None` where it is to be read on a day that is not known.
    pub(super) fn pattern_of(&self, premise: &Premise, solution: &Solution<'a>) -> Option<Pattern> {
        let scope = self.scope(&solution.bindings);
        let day = match &premise.on {
            Some(term) => Some(scope.term(term).and_then(as_date)?),
            None => solution.day,
        };
        self.pattern(&premise.atom, &solution.bindings, day)
    }

    /// An atom with what is bound; `None` where a standing relation has no day.
    pub(super) fn pattern(
        &self,
        atom: &Atom,
        bindings: &[Option<Value>],
        day: Option<Date>,
    ) -> Option<Pattern> {
        let scope = self.scope(bindings);
        let standing = self.policy.relation(atom.relation).standing;
        // What may hold matches an open value with all that it may be.
        let may = self.side.get() == Side::May;
        let known = |term| scope.term(term).filter(|value| !(may && value.is_open()));
        Some(Pattern {
            relation: atom.relation,
            args: atom.args.iter().map(known).collect(),
            present: self.must_be_there(atom, bindings),
            day: if standing { Some(day?) } else { None },
        })
    }

    /// The open fields of an atom that match only what is there, where something may be missing.
    fn must_be_there(&self, atom: &Atom, bindings: &[Option<Value>]) -> Vec<usize> {
        let scope = self.scope(bindings);
        let fields = &self.policy.relation(atom.relation).fields;
        let fields = fields.iter().zip(&atom.args).enumerate();
        fields
            .filter(|(_, (field, term))| {
                field.missing != Missing::Never
                    && matches!(term, Term::Variable(_) | Term::Present)
                    && scope.term(term).is_none()
            })
            .map(|(at, _)| at)
            .collect()
    }

    /// The facts that match a pattern.
    pub(super) fn claims(&self, pattern: &Pattern) -> Vec<Claim> {
        let rows = self
            .rows_now()
            .matching(pattern.relation, &pattern.args, pattern.day);
        let claim = |args| Claim {
            relation: pattern.relation,
            args,
            day: pattern.day,
        };
        rows.into_iter().map(claim).collect()
    }

    pub(super) fn holds_comparison(&self, compare: &Compare, bindings: &[Option<Value>]) -> bool {
        let scope = self.scope(bindings);
        match (scope.value(&compare.left), scope.value(&compare.right)) {
            (Ok(left), Ok(right)) => {
                let orders = left.possible_orders(&right);
                let mut possible = orders.possible();
                match self.side.get() {
                    Side::Must => possible.all(|order| compares(compare.op, order)),
                    Side::May => possible.any(|order| compares(compare.op, order)),
                }
            }
            (Err(_), _) | (_, Err(_)) => false,
        }
    }

    fn computed<'s>(
        &'s self,
        place: usize,
        bind: &'a Bind,
        mut solution: Solution<'a>,
    ) -> Solutions<'s, 'a> {
        let value = self.scope(&solution.bindings).value(&bind.value);
        let bound = solution.bindings[bind.variable.at()].as_ref();
        let is_open = |value: &Value| value.is_open() || bound.is_some_and(Value::is_open);
        let is_sure = |value: &Value| bound.is_none() || !is_open(value);
        let may = self.side.get() == Side::May;
        let is_told = value.as_ref().is_ok_and(|value| may || is_sure(value));
        let holds = is_told && value.is_ok_and(|value| solution.bind(bind.variable, &value));
        checked(holds, solution, place, Used::Bind(bind))
    }

    fn branch(
        &self,
        body: Body<'a>,
        place: usize,
        plan: &Plan<'a>,
        mut solution: Solution<'a>,
    ) -> Vec<Solution<'a>> {
        let before = std::mem::take(&mut solution.uses);
        let mut found = self.solutions(body, plan, solution);
        for solution in &mut found {
            let inside = std::mem::replace(&mut solution.uses, before.clone());
            let at_place = inside.into_iter().map(|used| Use { place, ..used });
            solution.uses.extend(at_place);
        }
        found
    }

    fn exempted<'s>(
        &'s self,
        place: usize,
        exempted: &'a Exempted,
        solution: Solution<'a>,
    ) -> Solutions<'s, 'a> {
        let Some(pattern) = self.pattern(&exempted.atom, &solution.bindings, solution.day) else {
            return Box::new(std::iter::empty());
        };
        let claims = self.exempted_claims(&exempted.by, &pattern);
        let fitting = claims.into_iter().filter_map({
            let solution = solution.clone();
            move |claim| {
                let next = self.unified(&solution, &exempted.atom.args, &claim.args)?;
                Some((next, claim))
            }
        });
        if !exempted.negated {
            return Box::new(
                fitting.map(move |(next, claim)| next.with(place, Used::Exempted(exempted, claim))),
            );
        }
        let mut fitting = fitting;
        let none = self
            .on_other_side(|| !fitting.any(|(_, claim)| self.is_exempted_by(&exempted.by, &claim)));
        checked(none, solution, place, Used::NotExempted(exempted))
    }

    /// The day of the event with that id.
    fn event_day(&self, id_type: crate::value::TypeId, id: &Value) -> Option<Date> {
        let key = (self.side.get(), id_type, id.clone());
        if let Some(day) = self.kept.event_days.borrow().get(&key) {
            return *day;
        }
        let day = self.look_event_day_up(id_type, id);
        remember(&self.kept.event_days, key, day);
        day
    }

    fn look_event_day_up(&self, id_type: crate::value::TypeId, id: &Value) -> Option<Date> {
        let events = self.index().events.get(&id_type)?;
        events.iter().find_map(|event| {
            let relation = self.policy.relation(*event);
            let mut known = vec![None; relation.fields.len()];
            *known.first_mut()? = Some(id.clone());
            let rows = self.rows_now().matching(*event, &known, None);
            as_date(rows.first()?.get(relation.on?)?.clone())
        })
    }
}

pub(super) const NO_RULE: Body<'static> = Body {
    timing: None,
    home: None,
    is_day_optional: false,
};

fn checked<'s, 'a: 's>(
    holds: bool,
    solution: Solution<'a>,
    place: usize,
    what: Used<'a>,
) -> Solutions<'s, 'a> {
    Box::new(holds.then(|| solution.with(place, what)).into_iter())
}

fn as_date(value: Value) -> Option<Date> {
    match value {
        Value::Date(date) => Some(date),
        _ => None,
    }
}

/// What a head has where a field is left out.
pub(super) fn missing(policy: &Policy, atom: &Atom, at: usize) -> Value {
    match policy.relation(atom.relation).fields[at].missing {
        crate::ir::Missing::Unknown => Value::Unknown,
        crate::ir::Missing::Never | crate::ir::Missing::None => Value::None,
    }
}
