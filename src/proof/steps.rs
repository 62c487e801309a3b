//! Steps that rest on no others, and the renumbering of those that do.

use super::World;
use super::expr::{compares, expr_variables, term_variables};
use super::index::Owner;
use super::proof::{
    Attempt, Claim, CompareForm, CompareStep, ExemptionOutcome, ExemptionStep, FactStep, Failing,
    InForceStep, JudgementStep, Mark, NamedStep, Pattern, ReviewStep, Step, StepId, WhyNotRule,
};
use super::solve::{Body, Solution};
use crate::ir::{
    Bind, ClauseId, Compare, Comparison, Fact, Kind, Presumption, RelationId, RelationKind,
    Stretch, Term, Test, Timing, Variable, VariableId,
};
use crate::source::Place;
use crate::value::{Date, Type, TypeId, Value};
use std::borrow::Cow;
use std::collections::BTreeSet;

impl<'a> World<'a> {
    /// A comparison with its numbers; `None` where a side has no value.
    pub(super) fn compare_step(
        &self,
        compare: &Compare,
        variables: &[Variable],
        bindings: &[Option<Value>],
    ) -> Option<CompareStep> {
        let scope = self.scope(bindings);
        let (left, right) = (
            scope.value(&compare.left).ok()?,
            scope.value(&compare.right).ok()?,
        );
        let mut named = Vec::new();
        expr_variables(&compare.left, &mut |variable| named.push(variable));
        expr_variables(&compare.right, &mut |variable| named.push(variable));
        Some(CompareStep {
            span: compare.span,
            holds: !left.is_open() && !right.is_open() && compares(compare.op, left.cmp(&right)),
            left: (left, compare.left.ty),
            op: compare.op,
            right: (right, compare.right.ty),
            form: CompareForm::Comparison,
            values: values(&named, variables, bindings),
        })
    }

    /// A binding with what it is computed from; `None` where that has no value.
    pub(super) fn bind_step(
        &self,
        bind: &Bind,
        variables: &[Variable],
        bindings: &[Option<Value>],
    ) -> Option<CompareStep> {
        let right = self.scope(bindings).value(&bind.value).ok()?;
        let bound = &bindings[bind.variable.at()];
        let left = bound.clone().unwrap_or_else(|| right.clone());
        let mut named = Vec::new();
        expr_variables(&bind.value, &mut |variable| named.push(variable));
        Some(CompareStep {
            span: bind.span,
            holds: left == right,
            left: (left, variables[bind.variable.at()].ty),
            op: Comparison::Equal,
            right: (right, bind.value.ty),
            form: CompareForm::Binding,
            values: values(&named, variables, bindings),
        })
    }

    /// A test with what it is computed from; `None` where that has no value.
    pub(super) fn test_step(
        &self,
        test: &Test,
        variables: &[Variable],
        bindings: &[Option<Value>],
    ) -> Option<CompareStep> {
        let left = self.scope(bindings).value(&test.value).ok()?;
        let right = Value::Bool(!test.negated);
        let mut named = Vec::new();
        expr_variables(&test.value, &mut |variable| named.push(variable));
        Some(CompareStep {
            span: test.span,
            holds: left == right,
            left: (left, Type::Bool),
            op: Comparison::Equal,
            right: (right, Type::Bool),
            form: CompareForm::Test(test.negated),
            values: values(&named, variables, bindings),
        })
    }

    /// A clause on a day, with the stretches around it.
    pub(super) fn in_force_step(&self, clause: ClauseId, day: Date) -> InForceStep {
        let stretches = &self.calendar.clauses[clause.at()];
        let law_of = self.calendar.law_of(day);
        let at = stretches.partition_point(|stretch| stretch.through < law_of);
        let stretch = &stretches[at];
        let status = |stretch: &Stretch| stretch.status.clone();
        InForceStep {
            clause,
            day,
            as_of: self.calendar.as_of.filter(|as_of| *as_of != day),
            from: stretch.from,
            through: stretch.through,
            status: status(stretch),
            before: at.checked_sub(1).map(|before| status(&stretches[before])),
            after: stretches.get(at + 1).map(status),
            set_by: self.policy.clause(clause).from.set_by,
            stands_as: self.stands_as(clause, day),
        }
    }

    /// The clauses in whose place one stands on a day; those under one of them go without saying.
    fn stands_as(&self, clause: ClauseId, day: Date) -> Vec<ClauseId> {
        let olds = self.index().stands_as.get(&clause).into_iter().flatten();
        let olds = olds.filter(|(old, days)| days.covers(day) && *old != clause);
        let olds: BTreeSet<ClauseId> = olds.map(|(old, _)| *old).collect();
        let is_said = |old: &ClauseId| {
            let above = self.policy.clause(*old).parent;
            above.is_some_and(|above| olds.contains(&above))
        };
        olds.iter().copied().filter(|old| !is_said(old)).collect()
    }

    /// What marks a clause on a day.
    pub(super) fn marks(&self, clause: ClauseId, day: Date) -> Vec<ReviewStep> {
        let day = self.calendar.law_of(day);
        let stated = self.policy.clause(clause);
        let reviewed = stated.reviewed.filter(|reviewed| day > *reviewed);
        let late = reviewed.map(|reviewed| Mark::BeyondReview { reviewed, day });
        let unverified = stated.unverified.clone().map(Mark::Unverified);
        let marks = late.into_iter().chain(unverified);
        marks.map(|mark| ReviewStep { clause, mark }).collect()
    }

    /// A fact from outside, a judgement or a name.
    pub(super) fn given_step(&self, claim: &Claim) -> Step {
        match self.policy.relation(claim.relation).kind {
            Kind::Names(ty) => Step::Named(NamedStep {
                claim: claim.clone(),
                place: self.named_at(ty, &claim.args[0]),
            }),
            Kind::Declared(RelationKind::Judgement) => Step::Judgement(JudgementStep {
                claim: claim.clone(),
                truth: true,
                places: self.places(claim, false),
                is_presumed: self.is_presumed(claim, false),
                premises: Vec::new(),
            }),
            Kind::Declared(
                RelationKind::Event
                | RelationKind::Input
                | RelationKind::Relation
                | RelationKind::Verdict,
            )
            | Kind::Constraint(_) => Step::Fact(FactStep {
                claim: claim.clone(),
                places: self.places(claim, false),
                is_presumed: self.is_presumed(claim, false),
                days: self.days_given(claim),
                clause: None,
                premises: Vec::new(),
            }),
        }
    }

    /// The first fact from outside that has a name; `None` where the policy has it.
    fn named_at(&self, ty: TypeId, name: &Value) -> Option<Place> {
        let in_policy = self.policy.named.get(&ty);
        if in_policy.is_some_and(|names| names.contains(name)) {
            return None;
        }
        let mut named = self.kept.named.borrow_mut();
        let place = named.entry((ty, name.clone()));
        *place.or_insert_with(|| self.facts.first_named(self.policy, ty, name))
    }

    /// Where a fact from outside is given (or denied), on the claim's day, in order.
    pub(super) fn places(&self, claim: &Claim, denied: bool) -> Vec<Place> {
        let given = self.given(claim.relation, &claim.args);
        let is_meant = |days: Option<(Date, Date)>| match (days, claim.day) {
            (Some((from, through)), Some(day)) => from <= day && day <= through,
            (None, _) | (_, None) => true,
        };
        let meant = given.filter(|fact| fact.denied == denied && is_meant(fact.days));
        let mut places: BTreeSet<Place> = meant.map(|fact| fact.place).collect();
        if places.is_empty() {
            places.extend(self.presumed_at(claim, denied));
        }
        places.into_iter().collect()
    }

    /// Where it is presumed, if it is.
    pub(super) fn presumed_at(&self, claim: &Claim, denied: bool) -> Option<Place> {
        let (at, _) = self.presumption_of(claim, denied)?;
        Some(Place::Span(self.presumptions[at].rule.span))
    }

    /// The fact from outside that leaves a value open which is known here.
    pub(super) fn left_open(&self, claim: &Claim) -> Option<Step> {
        let is_it = |fact: &Cow<'_, Fact>| {
            let mut pairs = fact.args.iter().zip(&claim.args);
            pairs.all(|(own, known)| own == known || own.is_open())
        };
        let fact = self.facts.open(claim.relation).find(is_it)?;
        Some(self.given_step(&Claim {
            args: fact.args.clone(),
            ..claim.clone()
        }))
    }

    /// The first presumption that settles it, with an instance of what that requires.
    pub(super) fn presumption_of(
        &self,
        claim: &Claim,
        denied: bool,
    ) -> Option<(usize, Solution<'a>)> {
        let presumptions = self.presumptions.iter().enumerate();
        let mut about = presumptions
            .filter(|(_, it)| it.rule.head.relation == claim.relation && it.denied == denied);
        about.find_map(|(at, _)| {
            let known: Vec<Option<Value>> = claim.args.iter().cloned().map(Some).collect();
            Some((at, self.presuming(at, &known)?))
        })
    }

    /// The judgement that a pattern asks for, where it says no.
    pub(super) fn denied(&self, pattern: &Pattern) -> Option<Claim> {
        let kind = self.policy.relation(pattern.relation).kind;
        let args: Vec<Value> = pattern.args.iter().cloned().collect::<Option<_>>()?;
        let is_no = kind == Kind::Declared(RelationKind::Judgement)
            && self.extension.denies(pattern.relation, &args);
        is_no.then_some(Claim {
            relation: pattern.relation,
            args,
            day: None,
        })
    }

    /// What settles a judgement, or a field of an input, of which no fact does: a presumption whose conditions hold, and the
    /// value that it presumes. What is not known in the row is open in it.
    pub fn presumed(
        &self,
        relation: RelationId,
        args: &[Value],
        field: Option<usize>,
    ) -> Option<(&'a Presumption, Value)> {
        let presumptions = self.presumptions.iter().enumerate();
        let mut about = presumptions.filter(|(_, it)| it.rule.head.relation == relation);
        about.find_map(|(at, presumption)| {
            let head = &presumption.rule.head.args;
            if field.is_some_and(|field| !says_something(&head[field])) {
                return None;
            }
            let known = args.iter().enumerate();
            let known = known.map(|(at, value)| {
                let is_known = !value.is_open() && Some(at) != field;
                is_known.then(|| value.clone())
            });
            let solution = self.presuming(at, &known.collect::<Vec<_>>())?;
            let value = match field {
                None => Value::Bool(!presumption.denied),
                Some(field) => self.scope(&solution.bindings).term(&head[field])?,
            };
            (!value.is_open()).then_some((*presumption, value))
        })
    }

    /// The first instance of what a presumption requires to say something of a row of which this is known.
    fn presuming(&self, at: usize, known: &[Option<Value>]) -> Option<Solution<'a>> {
        let presumption = self.presumptions[at];
        let rule = &presumption.rule;
        let mut seed = Solution::seed(vec![None; rule.variables.len()], None);
        for (term, value) in rule.head.args.iter().zip(known) {
            let value = value.iter().cloned().collect::<Vec<_>>();
            if !value.is_empty() && !seed.unify(std::slice::from_ref(term), &value) {
                return None;
            }
        }
        let plan = self.plan(Owner::Presumption(at as u32), &seed);
        self.first_solution(self.body_of_presumption(at as u32), &plan, seed)
    }

    /// How what a presumption requires is judged.
    pub(super) fn body_of_presumption(&self, at: u32) -> Body<'a> {
        let rule = &self.presumptions[at as usize].rule;
        Body {
            timing: Some(&rule.timing),
            home: rule.home,
            is_day_optional: matches!(rule.timing, Timing::Standing | Timing::Timeless),
        }
    }

    /// The presumptions that say the contrary of a judgement, wherever they count, with what they are then about.
    pub(super) fn contrary(&self, claim: &Claim, denied: bool) -> Vec<(u32, Solution<'a>)> {
        let presumptions = self.presumptions.iter().enumerate();
        let about = presumptions
            .filter(|(_, it)| it.rule.head.relation == claim.relation && it.denied != denied);
        let seeds = about.filter_map(|(at, it)| {
            let mut seed = Solution::seed(vec![None; it.rule.variables.len()], None);
            seed.unify(&it.rule.head.args, &claim.args)
                .then_some((at as u32, seed))
        });
        seeds.collect()
    }

    /// Whether no fact says so, and it is only presumed.
    pub(super) fn is_presumed(&self, claim: &Claim, denied: bool) -> bool {
        let mut given = self.given(claim.relation, &claim.args);
        given.all(|fact| fact.denied != denied) && self.presumed_at(claim, denied).is_some()
    }

    /// The days of a fact from outside: the first stretch in which the claim's day lies.
    fn days_given(&self, claim: &Claim) -> Option<(Date, Date)> {
        let day = claim.day?;
        let given = self.given(claim.relation, &claim.args);
        let days = given.filter_map(|fact| fact.days);
        days.filter(|(from, through)| *from <= day && day <= *through)
            .min()
    }

    /// Where a fact stands in the policy, in one clause or outside any.
    pub(super) fn stated_places(&self, claim: &Claim, home: Option<ClauseId>) -> Vec<Place> {
        let stated = self
            .index()
            .stated(self.policy, claim.relation, &claim.args);
        let places: BTreeSet<Place> = stated
            .filter(|fact| fact.home == home)
            .map(|fact| fact.place)
            .collect();
        places.into_iter().collect()
    }

    /// The values of the variables that are known and that an author named: those of the head, then the others in the
    /// order of the text.
    pub(super) fn named_values(
        &self,
        bindings: &[Option<Value>],
        variables: &[Variable],
        head: &[Term],
    ) -> Vec<(String, Value, Type)> {
        let mut named = Vec::new();
        term_variables(head, &mut |variable| named.push(variable));
        let mut all: Vec<VariableId> = (0..variables.len() as u32).map(VariableId).collect();
        all.sort_by_key(|id| variables[id.at()].span);
        named.extend(all);
        values(&named, variables, bindings)
    }
}

/// Whether a term of a presumption stands for a value.
fn says_something(term: &Term) -> bool {
    matches!(term, Term::Variable(_) | Term::Each(_) | Term::Value(_))
}

/// The bound ones of these variables, each once, with name and type.
fn values(
    named: &[VariableId],
    variables: &[Variable],
    bindings: &[Option<Value>],
) -> Vec<(String, Value, Type)> {
    let mut seen = BTreeSet::new();
    let bound = named.iter().filter_map(|id| {
        let variable = &variables[id.at()];
        let value = bindings[id.at()].clone()?;
        let is_new = seen.insert(*id) && !variable.name.starts_with('_');
        is_new.then(|| (variable.name.clone(), value, variable.ty))
    });
    bound.collect()
}

/// Gives every step that another rests on its new place; those without one are left out.
pub(super) fn renumber(step: &mut Step, place: &dyn Fn(StepId) -> Option<StepId>) {
    match step {
        Step::Rule(rule) => renumber_list(&mut rule.premises, place),
        Step::Fact(fact) => renumber_list(&mut fact.premises, place),
        Step::Judgement(judgement) => renumber_list(&mut judgement.premises, place),
        Step::Absent(absent) => {
            let reasons = absent.reasons.iter_mut();
            reasons.for_each(|reason| renumber_rule(reason, place));
            renumber_list(&mut absent.obstacles.steps, place);
        }
        Step::Aggregate(aggregate) => {
            let contributions = aggregate.contributions.iter_mut();
            contributions.for_each(|one| renumber_list(&mut one.premises, place));
            renumber_list(&mut aggregate.obstacles.steps, place);
        }
        Step::Exemption(exemption) => renumber_exemption(exemption, place),
        Step::Named(_) | Step::Compare(_) | Step::InForce(_) | Step::Review(_) => {}
    }
}

/// The same in one rule of a why-not.
pub(super) fn renumber_rule(rule: &mut WhyNotRule, place: &dyn Fn(StepId) -> Option<StepId>) {
    renumber_attempt(&mut rule.attempt, place);
}

fn renumber_attempt(attempt: &mut Attempt, place: &dyn Fn(StepId) -> Option<StepId>) {
    renumber_list(&mut attempt.holds, place);
    match &mut attempt.fails {
        Failing::Matches { steps, .. } | Failing::Denied { steps, .. } => {
            renumber_list(steps, place);
        }
        Failing::Blocked(exemption) | Failing::MayBeBlocked(_, exemption) => {
            renumber_exemption(exemption, place);
        }
        Failing::NoMatch { reasons, .. } => reasons
            .iter_mut()
            .for_each(|reason| renumber_rule(reason, place)),
        Failing::Sides(_, sides) => sides
            .iter_mut()
            .for_each(|side| renumber_attempt(side, place)),
        Failing::NoGroup(_, inside) => renumber_attempt(inside, place),
        Failing::NotExempted {
            exemptions,
            reasons,
            ..
        } => {
            exemptions
                .iter_mut()
                .for_each(|exemption| renumber_exemption(exemption, place));
            reasons
                .iter_mut()
                .for_each(|reason| renumber_rule(reason, place));
        }
        Failing::Differs { steps, .. } | Failing::IsExempted { steps, .. } => {
            renumber_list(steps, place)
        }
        Failing::Head
        | Failing::Undecided(_)
        | Failing::Vague(_)
        | Failing::Compare(_)
        | Failing::Literal(_)
        | Failing::NotInForce(_)
        | Failing::NoDay => {}
    }
}

fn renumber_exemption(exemption: &mut ExemptionStep, place: &dyn Fn(StepId) -> Option<StepId>) {
    if let Some(derivation) = &mut exemption.derivation {
        renumber(derivation, place);
    }
    renumber_list(&mut exemption.obstacles.steps, place);
    match &mut exemption.outcome {
        ExemptionOutcome::Applies(steps) => renumber_list(steps, place),
        ExemptionOutcome::Fails(attempt) => renumber_attempt(attempt, place),
        ExemptionOutcome::Exempted(counter) => renumber_exemption(counter, place),
        ExemptionOutcome::OtherFact | ExemptionOutcome::Lifted => {}
    }
}

fn renumber_list(steps: &mut Vec<StepId>, place: &dyn Fn(StepId) -> Option<StepId>) {
    *steps = steps.iter().filter_map(|step| place(*step)).collect();
}
