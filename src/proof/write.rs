//! A found proof to its steps: premises before conclusions, each once.
//!
//! A step is drafted with what it needs numbered by itself; when all of that is written, it is renumbered and written.
//! So nothing here goes deeper than one step, however high the proof is.

use super::World;
use super::exempt::Target;
use super::index::Owner;
use super::proof::{
    AbsentStep, AggregateStep, Attempt, Claim, Contribution, ExemptionOutcome, ExemptionStep,
    FactStep, Failing, InForceStep, JudgementStep, Pattern, Proof, ReviewStep, RuleStep, Step,
    StepId, WhyNot, WhyNotRule,
};
use super::search::{Blocking, Fold, Inference, Key, NodeId, Piece, Search, Source};
use super::solve::Solution;
use super::steps::{renumber, renumber_rule};
use super::why_not::{Fails, Reason, Tried};
use crate::ir::{
    Blocked, ClauseId, Exempted, ExemptionId, ExemptionTarget, Kind, Premise, RelationKind, RuleId,
    Term, Variable,
};
use crate::value::{Date, Value};
use std::collections::{HashMap, HashSet};

/// A step that rests on others.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Want {
    Node(NodeId),
    Absent(Pattern, Option<Vec<ClauseId>>),
    Exemption(ExemptionId, Target),
}

/// What a draft needs.
enum Need {
    /// A step that rests on others; one that is `soft` is left out where it would rest on what is being written.
    Want { want: Want, soft: bool },
    /// A step that rests on none.
    Step(Box<Step>),
}

/// Needs in order; a draft names them by their places here.
#[derive(Default)]
struct Needs(Vec<Need>);

struct Draft {
    step: Step,
    needs: Needs,
}

struct Frame {
    want: Want,
    draft: Draft,
    places: Vec<Option<StepId>>,
}

/// What is said about the pieces of one inference.
#[derive(Clone, Copy)]
struct Manner {
    /// Whether they may be left out.
    soft: bool,
    /// Whether absences go without reasons.
    bare: bool,
}

const PROVED: Manner = Manner {
    soft: false,
    bare: false,
};

/// See the module.
pub(super) struct Writer<'s, 'w, 'a> {
    search: &'s mut Search<'w, 'a>,
    world: &'w World<'a>,
    steps: Vec<Step>,
    placed: HashMap<Want, StepId>,
    in_force: HashMap<(ClauseId, Date, Option<ClauseId>), StepId>,
    reviews: HashMap<(ClauseId, Date, bool), StepId>,
    active: HashSet<Want>,
}

impl Needs {
    fn add(&mut self, need: Need) -> StepId {
        self.0.push(need);
        StepId(self.0.len() as u32 - 1)
    }

    fn step(&mut self, step: Step) -> StepId {
        self.add(Need::Step(Box::new(step)))
    }

    fn want(&mut self, want: Want, soft: bool) -> StepId {
        self.add(Need::Want { want, soft })
    }
}

impl<'s, 'w, 'a> Writer<'s, 'w, 'a> {
    pub fn new(search: &'s mut Search<'w, 'a>) -> Writer<'s, 'w, 'a> {
        Writer {
            world: search.world,
            search,
            steps: Vec::new(),
            placed: HashMap::new(),
            in_force: HashMap::new(),
            reviews: HashMap::new(),
            active: HashSet::new(),
        }
    }

    /// The proof of a settled node.
    pub fn proof(mut self, goal: NodeId) -> Proof {
        self.write(Want::Node(goal));
        Proof { steps: self.steps }
    }

    /// Why nothing matches a pattern.
    pub fn why_not(mut self, pattern: &Pattern) -> WhyNot {
        let mut needs = Needs::default();
        let reasons = self.world.reasons(pattern, None);
        let is_possible = |reason: &Reason<'a>| !matches!(reason.tried.fails, Fails::Head);
        let only_possible = reasons.iter().any(is_possible);
        let shown = reasons
            .into_iter()
            .filter(|reason| !only_possible || is_possible(reason));
        let manner = Manner {
            soft: true,
            bare: false,
        };
        let mut rules: Vec<WhyNotRule> = shown
            .map(|reason| self.reason(reason, manner, &mut needs))
            .collect();
        let places: Vec<Option<StepId>> = needs
            .0
            .into_iter()
            .map(|need| match need {
                Need::Step(step) => Some(self.leaf(*step)),
                Need::Want { want, .. } => self.write(want),
            })
            .collect();
        for rule in &mut rules {
            renumber_rule(rule, &|id| places[id.0 as usize]);
        }
        WhyNot {
            pattern: pattern.clone(),
            proof: Proof { steps: self.steps },
            rules,
            near: self.world.near(pattern),
        }
    }

    /// Writes a step and all that it rests on; `None` where it would rest on itself (only a soft one can).
    fn write(&mut self, want: Want) -> Option<StepId> {
        if let Some(id) = self.placed.get(&want) {
            return Some(*id);
        }
        let mut path = vec![self.frame(want)];
        let mut written: Option<Option<StepId>> = None;
        loop {
            let frame = path.last_mut().expect("the path ends below");
            if let Some(place) = written.take() {
                if place.is_none() && frame.is_hard() {
                    self.active.remove(&frame.want);
                    path.pop();
                    if path.is_empty() {
                        return None;
                    }
                    written = Some(None);
                    continue;
                }
                frame.places.push(place);
            }
            match frame.next() {
                None => {
                    let frame = path.pop().expect("it was there");
                    let id = self.finish(frame);
                    if path.is_empty() {
                        return Some(id);
                    }
                    written = Some(Some(id));
                }
                Some(Need::Step(step)) => {
                    let step = Step::clone(step);
                    written = Some(Some(self.leaf(step)));
                }
                Some(Need::Want { want, .. }) => {
                    let want = want.clone();
                    match (self.placed.get(&want), self.active.contains(&want)) {
                        (Some(id), _) => written = Some(Some(*id)),
                        (None, true) => written = Some(self.cut(want)),
                        (None, false) => path.push(self.frame(want)),
                    }
                }
            }
        }
    }

    fn frame(&mut self, want: Want) -> Frame {
        self.active.insert(want.clone());
        Frame {
            draft: self.draft(&want),
            want,
            places: Vec::new(),
        }
    }

    fn finish(&mut self, frame: Frame) -> StepId {
        let mut step = frame.draft.step;
        renumber(&mut step, &|id| frame.places[id.0 as usize]);
        let id = self.push(step);
        self.active.remove(&frame.want);
        self.placed.insert(frame.want, id);
        id
    }

    /// What stands in for a step that is being written: an absence without its reasons, else nothing.
    fn cut(&mut self, want: Want) -> Option<StepId> {
        match want {
            Want::Absent(pattern, by) => {
                Some(self.push(Step::Absent(bare_absence(pattern, by, false))))
            }
            Want::Node(_) | Want::Exemption(..) => None,
        }
    }

    fn push(&mut self, step: Step) -> StepId {
        self.steps.push(step);
        StepId(self.steps.len() as u32 - 1)
    }

    /// A step that rests on none; those about clauses are written once.
    fn leaf(&mut self, step: Step) -> StepId {
        let next = StepId(self.steps.len() as u32);
        let known = match &step {
            Step::InForce(InForceStep {
                clause,
                day,
                stands_as,
                ..
            }) => {
                let key = (*clause, *day, *stands_as);
                *self.in_force.entry(key).or_insert(next)
            }
            Step::Review(ReviewStep { clause, mark }) => {
                let (day, is_late) = match mark {
                    super::proof::Mark::BeyondReview { day, .. } => (*day, true),
                    super::proof::Mark::Unverified(_) => (crate::value::FIRST_DAY, false),
                };
                let key = (*clause, day, is_late);
                *self.reviews.entry(key).or_insert(next)
            }
            _ => next,
        };
        if known == next {
            self.steps.push(step);
        }
        known
    }

    fn draft(&mut self, want: &Want) -> Draft {
        let mut needs = Needs::default();
        let step = match want {
            Want::Node(node) => self.node_step(*node, &mut needs),
            Want::Absent(pattern, by) => self.absent_step(pattern, by.clone(), &mut needs),
            Want::Exemption(id, target) => {
                Step::Exemption(self.exemption_step(*id, target, &mut needs))
            }
        };
        Draft { step, needs }
    }

    fn node_step(&mut self, node: NodeId, needs: &mut Needs) -> Step {
        let key = self.search.key(node).clone();
        let named = match &key {
            Key::GivenBy(_, by) => Some(by.clone()),
            Key::Claim(_) | Key::Exempted(..) | Key::Aggregate(_) | Key::Contribution(_) => None,
        };
        match (&key, self.search.best(node)) {
            (_, Source::Exempted(blocking)) => self.blocking_step(blocking, needs),
            (_, Source::Aggregate(fold)) => self.aggregate_step(fold, needs),
            (Key::Claim(claim) | Key::GivenBy(claim, _), source) => {
                self.fact_step(claim, source, named.as_deref(), needs)
            }
            (Key::Exempted(..) | Key::Aggregate(_) | Key::Contribution(_), _) => {
                unreachable!("contributions are written by their aggregate")
            }
        }
    }

    fn fact_step(
        &self,
        claim: &Claim,
        source: &Source<'a>,
        named: Option<&[ClauseId]>,
        needs: &mut Needs,
    ) -> Step {
        match source {
            Source::Rule(rule, inference) => {
                Step::Rule(self.rule_step(claim, *rule, inference, named, needs))
            }
            Source::Stated(home) => Step::Fact(self.stated_step(claim, *home, named, needs)),
            Source::Given
            | Source::Exempted(_)
            | Source::Aggregate(_)
            | Source::Contribution(_) => self.world.given_step(claim),
        }
    }

    fn rule_step(
        &self,
        claim: &Claim,
        id: RuleId,
        inference: &Inference<'a>,
        named: Option<&[ClauseId]>,
        needs: &mut Needs,
    ) -> RuleStep {
        let mut premises = self.pieces(inference, PROVED, needs);
        if let Some((home, day)) = self.world.policy.rule(id).home.zip(inference.day) {
            let solution = Solution::seed(inference.bindings.clone(), inference.day);
            let target = self.world.target_of_rule(id, &solution, claim);
            let law = self.law(home, day, named, Blocked::Rule(id), &target, needs);
            premises.extend(law);
        }
        RuleStep {
            claim: claim.clone(),
            rule: id,
            bindings: inference.bindings.clone(),
            day: inference.day,
            premises,
        }
    }

    fn stated_step(
        &self,
        claim: &Claim,
        home: Option<ClauseId>,
        named: Option<&[ClauseId]>,
        needs: &mut Needs,
    ) -> FactStep {
        let mut premises = Vec::new();
        if let Some((home, day)) = home.zip(claim.day) {
            let blocked = Blocked::Facts(claim.relation, home);
            let target = self.world.target_of_fact(claim);
            premises = self.law(home, day, named, blocked, &target, needs);
        }
        FactStep {
            claim: claim.clone(),
            places: self.world.stated_places(claim, home),
            days: None,
            clause: home,
            premises,
        }
    }

    /// That a clause is in force, what could exempt and does not, and marks.
    fn law(
        &self,
        home: ClauseId,
        day: Date,
        named: Option<&[ClauseId]>,
        blocked: Blocked,
        target: &Target,
        needs: &mut Needs,
    ) -> Vec<StepId> {
        let stands_as = named.and_then(|named| self.world.counts_as(Some(home), named, Some(day)));
        let in_force = self.world.in_force_step(home, day, stands_as);
        let mut steps = vec![needs.step(Step::InForce(in_force))];
        for exemption in self.world.blockers(blocked, Some(day)) {
            steps.push(needs.want(Want::Exemption(exemption, target.clone()), false));
        }
        let marks = self.world.marks(home, day).into_iter();
        steps.extend(marks.map(|mark| needs.step(Step::Review(mark))));
        steps
    }

    fn pieces(&self, inference: &Inference<'a>, manner: Manner, needs: &mut Needs) -> Vec<StepId> {
        let pieces = inference.pieces.iter();
        let needed = pieces.filter_map(|piece| self.piece(inference, piece, manner));
        needed.map(|need| needs.add(need)).collect()
    }

    fn piece(&self, inference: &Inference<'a>, piece: &Piece<'a>, manner: Manner) -> Option<Need> {
        let (world, bindings) = (self.world, &inference.bindings);
        let variables = self.variables(inference.owner);
        let step = match piece {
            Piece::Node(node) => {
                return self.search.is_settled(*node).then_some(Need::Want {
                    want: Want::Node(*node),
                    soft: manner.soft,
                });
            }
            Piece::Absent(premise) => return self.absence(premise, inference, manner),
            Piece::NotExempted(exempted) => Step::Absent(self.not_exempted(exempted, inference)?),
            Piece::Compare(it) => Step::Compare(world.compare_step(it, variables, bindings)?),
            Piece::Test(it) => Step::Compare(world.test_step(it, variables, bindings)?),
            Piece::Bind(it) => Step::Compare(world.bind_step(it, variables, bindings)?),
        };
        Some(Need::Step(Box::new(step)))
    }

    fn variables(&self, owner: Owner) -> &'a [Variable] {
        match owner {
            Owner::Rule(id) => &self.world.policy.rule(id).variables,
            Owner::Exemption(id) => &self.world.policy.exemption(id).variables,
        }
    }

    /// What a rule concludes, or an exemption is about.
    fn head(&self, owner: Owner) -> &'a [Term] {
        match owner {
            Owner::Rule(id) => &self.world.policy.rule(id).head.args,
            Owner::Exemption(id) => match &self.world.policy.exemption(id).target {
                ExemptionTarget::Head(atom) => &atom.args,
                ExemptionTarget::Event(term, _) => std::slice::from_ref(term),
            },
        }
    }

    fn absence(
        &self,
        premise: &'a Premise,
        inference: &Inference<'a>,
        manner: Manner,
    ) -> Option<Need> {
        let solution = Solution::seed(inference.bindings.clone(), inference.day);
        let pattern = self.world.pattern_of(premise, &solution)?;
        if let Some(judgement) = self.denial(&pattern) {
            return Some(Need::Step(Box::new(Step::Judgement(judgement))));
        }
        if manner.bare {
            let bare = bare_absence(pattern, premise.by.clone(), false);
            return Some(Need::Step(Box::new(Step::Absent(bare))));
        }
        Some(Need::Want {
            want: Want::Absent(pattern, premise.by.clone()),
            soft: manner.soft,
        })
    }

    /// Where a judgement is denied rather than absent.
    fn denial(&self, pattern: &Pattern) -> Option<JudgementStep> {
        let is_judgement = self.world.policy.relation(pattern.relation).kind
            == Kind::Declared(RelationKind::Judgement);
        if !is_judgement {
            return None;
        }
        let args: Vec<Value> = pattern.args.iter().cloned().collect::<Option<_>>()?;
        let claim = Claim {
            relation: pattern.relation,
            args,
            day: pattern.day,
        };
        let places = self.world.places(&claim, true);
        (!places.is_empty()).then_some(JudgementStep {
            claim,
            truth: false,
            places,
        })
    }

    fn not_exempted(&self, exempted: &Exempted, inference: &Inference<'a>) -> Option<AbsentStep> {
        let (bindings, day) = (&inference.bindings, inference.day);
        let pattern = self.world.pattern(&exempted.atom, bindings, day)?;
        let homes = exempted.by.iter();
        let mut homes: Vec<ClauseId> = homes
            .map(|id| self.world.policy.exemption(*id).home)
            .collect();
        homes.sort();
        homes.dedup();
        Some(bare_absence(pattern, Some(homes), true))
    }

    fn aggregate_step(&self, fold: &Fold<'a>, needs: &mut Needs) -> Step {
        let variable = &self.variables(fold.owner)[fold.literal.result.at()];
        let term_type = fold.literal.term.as_ref().map(|term| term.ty);
        let contribution = |(term, node): &(Option<Value>, NodeId)| {
            let premises = match self.search.best(*node) {
                Source::Contribution(inference) => self.pieces(inference, PROVED, needs),
                _ => Vec::new(),
            };
            Contribution {
                term: term.clone().zip(term_type),
                premises,
            }
        };
        Step::Aggregate(AggregateStep {
            span: fold.literal.span,
            function: fold.literal.function.name,
            variable: variable.name.clone(),
            result: (fold.result.clone(), variable.ty),
            contributions: fold.contributions.iter().map(contribution).collect(),
        })
    }

    /// An exemption on which a rule rests: it applies to a derivation that there is.
    fn blocking_step(&self, blocking: &Blocking<'a>, needs: &mut Needs) -> Step {
        let claim = &blocking.target.claim;
        let derivation = match &blocking.derivation {
            Source::Rule(id, inference) => {
                let mut step = RuleStep {
                    claim: claim.clone(),
                    rule: *id,
                    bindings: inference.bindings.clone(),
                    day: inference.day,
                    premises: self.pieces(inference, PROVED, needs),
                };
                let home = self.world.policy.rule(*id).home;
                let law = self.in_force_and_marks(home, inference.day, needs);
                step.premises.extend(law);
                Step::Rule(step)
            }
            Source::Stated(home) => Step::Fact(FactStep {
                claim: claim.clone(),
                places: self.world.stated_places(claim, *home),
                days: None,
                clause: *home,
                premises: self.in_force_and_marks(*home, claim.day, needs),
            }),
            Source::Given
            | Source::Exempted(_)
            | Source::Aggregate(_)
            | Source::Contribution(_) => self.world.given_step(claim),
        };
        let mut applies = self.pieces(&blocking.body, PROVED, needs);
        let home = self.world.policy.exemption(blocking.exemption).home;
        applies.extend(self.in_force_and_marks(Some(home), blocking.target.day, needs));
        Step::Exemption(ExemptionStep {
            exemption: blocking.exemption,
            claim: claim.clone(),
            derivation: Some(Box::new(derivation)),
            outcome: ExemptionOutcome::Applies(applies),
        })
    }

    fn in_force_and_marks(
        &self,
        home: Option<ClauseId>,
        day: Option<Date>,
        needs: &mut Needs,
    ) -> Vec<StepId> {
        let Some((home, day)) = home.zip(day) else {
            return Vec::new();
        };
        let in_force = self.world.in_force_step(home, day, None);
        let mut steps = vec![needs.step(Step::InForce(in_force))];
        let marks = self.world.marks(home, day).into_iter();
        steps.extend(marks.map(|mark| needs.step(Step::Review(mark))));
        steps
    }

    /// An absence with its reasons, one level: what holds in them is proved, what is absent in them is only said.
    fn absent_step(
        &mut self,
        pattern: &Pattern,
        by: Option<Vec<ClauseId>>,
        needs: &mut Needs,
    ) -> Step {
        let manner = Manner {
            soft: true,
            bare: true,
        };
        let reasons = self.world.reasons(pattern, by.as_deref()).into_iter();
        // That a list does not have it is what is said anyway.
        let is_news = |reason: &Reason<'a>| match reason.tried.fails {
            Fails::Head => false,
            Fails::NoMatch(..) => reason.rule.is_some(),
            _ => true,
        };
        let possible = reasons.filter(is_news);
        let reasons = possible.map(|reason| self.reason(reason, manner, needs));
        Step::Absent(AbsentStep {
            reasons: reasons.collect(),
            ..bare_absence(pattern.clone(), by, false)
        })
    }

    fn reason(&mut self, reason: Reason<'a>, manner: Manner, needs: &mut Needs) -> WhyNotRule {
        let owner = reason.rule.map(Owner::Rule);
        WhyNotRule {
            rule: reason.rule,
            clause: reason.clause,
            attempt: self.attempt(owner, reason.tried, manner, needs),
        }
    }

    fn attempt(
        &mut self,
        owner: Option<Owner>,
        tried: Tried<'a>,
        manner: Manner,
        needs: &mut Needs,
    ) -> Attempt {
        let (bindings, holds) = match owner {
            Some(owner) => {
                let variables = self.variables(owner);
                let bindings =
                    self.world
                        .named_values(&tried.solution.bindings, variables, self.head(owner));
                let inference = self.search.inference(owner, tried.solution);
                self.settle(&inference);
                (bindings, self.pieces(&inference, manner, needs))
            }
            None => (Vec::new(), Vec::new()),
        };
        Attempt {
            bindings,
            holds,
            fails: self.failing(tried.fails, needs),
        }
    }

    /// What an attempt rests on holds: its proofs have to be found beside those of the goal.
    fn settle(&mut self, inference: &Inference<'a>) {
        for piece in &inference.pieces {
            if let Piece::Node(node) = piece {
                self.search.settle(*node);
            }
        }
    }

    fn failing(&mut self, fails: Fails, needs: &mut Needs) -> Failing {
        match fails {
            Fails::Head => Failing::Head,
            Fails::NoMatch(pattern, span) => Failing::NoMatch { pattern, span },
            Fails::Matches(pattern, claims, span) => {
                let steps = claims.into_iter().filter_map(|claim| {
                    let node = self.search.node(Key::Claim(claim));
                    let is_settled = self.search.settle(node);
                    is_settled.then(|| needs.want(Want::Node(node), true))
                });
                Failing::Matches {
                    pattern,
                    steps: steps.collect(),
                    span,
                }
            }
            Fails::Compare(step) => Failing::Compare(step),
            Fails::Literal(span) => Failing::Literal(span),
            Fails::NotInForce(clause, day) => {
                Failing::NotInForce(self.world.in_force_step(clause, day, None))
            }
            Fails::NoDay => Failing::NoDay,
            Fails::Blocked(id, target) => Failing::Blocked(self.exemption_step(id, &target, needs)),
        }
    }

    /// Whether an exemption applies to what it could block, and why.
    fn exemption_step(
        &mut self,
        id: ExemptionId,
        target: &Target,
        needs: &mut Needs,
    ) -> ExemptionStep {
        ExemptionStep {
            exemption: id,
            claim: target.claim.clone(),
            derivation: None,
            outcome: self.outcome(id, target, needs),
        }
    }

    fn outcome(&mut self, id: ExemptionId, target: &Target, needs: &mut Needs) -> ExemptionOutcome {
        let world = self.world;
        let home = world.policy.exemption(id).home;
        if world.circumstances.exemptions_lifted.covers(home) {
            return ExemptionOutcome::Lifted;
        }
        let Some(seed) = world.exemption_seeds(id, target).into_iter().next() else {
            return ExemptionOutcome::OtherFact;
        };
        let Some(day) = target
            .day
            .filter(|day| world.calendar.is_in_force(home, *day))
        else {
            return ExemptionOutcome::Fails(Box::new(self.law_fails(home, target.day)));
        };
        let manner = Manner {
            soft: true,
            bare: true,
        };
        let Some(solution) = world.exemption_solution(id, target) else {
            let owner = Owner::Exemption(id);
            return match world.furthest(owner, seed) {
                Err(tried) => ExemptionOutcome::Fails(Box::new(self.attempt(
                    Some(owner),
                    *tried,
                    manner,
                    needs,
                ))),
                Ok(_) => ExemptionOutcome::OtherFact,
            };
        };
        if let Some(counter) = world.counter(id, target) {
            return ExemptionOutcome::Exempted(Box::new(ExemptionStep {
                exemption: counter,
                claim: target.claim.clone(),
                derivation: None,
                outcome: match world.exemption_solution(counter, target) {
                    Some(solution) => self.applies(counter, solution, day, needs),
                    None => ExemptionOutcome::Applies(Vec::new()),
                },
            }));
        }
        self.applies(id, solution, day, needs)
    }

    fn law_fails(&self, home: ClauseId, day: Option<Date>) -> Attempt {
        Attempt {
            bindings: Vec::new(),
            holds: Vec::new(),
            fails: match day {
                Some(day) => Failing::NotInForce(self.world.in_force_step(home, day, None)),
                None => Failing::NoDay,
            },
        }
    }

    fn applies(
        &mut self,
        id: ExemptionId,
        solution: Solution<'a>,
        day: Date,
        needs: &mut Needs,
    ) -> ExemptionOutcome {
        let inference = self.search.inference(Owner::Exemption(id), solution);
        self.settle(&inference);
        let manner = Manner {
            soft: true,
            bare: false,
        };
        let mut steps = self.pieces(&inference, manner, needs);
        let home = self.world.policy.exemption(id).home;
        steps.extend(self.in_force_and_marks(Some(home), Some(day), needs));
        ExemptionOutcome::Applies(steps)
    }
}

impl Frame {
    fn next(&self) -> Option<&Need> {
        self.draft.needs.0.get(self.places.len())
    }

    fn is_hard(&self) -> bool {
        match self.next() {
            Some(Need::Want { soft, .. }) => !soft,
            Some(Need::Step(_)) | None => true,
        }
    }
}

fn bare_absence(pattern: Pattern, by: Option<Vec<ClauseId>>, exempted: bool) -> AbsentStep {
    AbsentStep {
        pattern,
        by,
        exempted,
        reasons: Vec::new(),
    }
}
