//! Steps by which something follows: facts, rules, aggregates, exemptions on which a rule rests.

use super::{Manner, Need, Needs, PROVED, Want, Writer, bare_absence};
use crate::ir::{
    Blocked, ClauseId, ExemptionId, ExemptionTarget, Kind, Premise, RelationKind, RuleId, Term,
};
use crate::proof::exempt::Target;
use crate::proof::in_the_way::Obstacle;
use crate::proof::index::Owner;
use crate::proof::proof::{
    AbsentStep, AggregateStep, Claim, Contribution, ExemptionOutcome, ExemptionStep, FactStep,
    JudgementStep, Obstacles, Pattern, RuleStep, Step, StepId,
};
use crate::proof::search::{Blocking, Fold, Inference, Key, NodeId, Piece, Source};
use crate::proof::solve::Solution;
use crate::value::{Date, Value};
use std::collections::BTreeSet;

impl<'a> Writer<'_, '_, 'a> {
    pub(super) fn node_step(&mut self, node: NodeId, needs: &mut Needs) -> Step {
        let key = self.search.key(node).clone();
        let (step, found) = match (&key, self.search.best(node)) {
            (_, Source::Exempted(blocking)) => (self.blocking_step(blocking, needs), None),
            (_, Source::Aggregate(fold)) => {
                let found = self.world.in_the_way_of_braces(
                    fold.owner,
                    fold.literal,
                    &fold.inside,
                    &fold.result,
                );
                (self.aggregate_step(fold, needs), Some(found))
            }
            (Key::Claim(claim) | Key::GivenBy(claim, _), source) => {
                let mut step = self.fact_step(claim, source, needs);
                self.rest_on_presumption(&mut step, needs);
                (step, None)
            }
            (Key::Exempted(..) | Key::Aggregate(_) | Key::Contribution(_), _) => {
                unreachable!("contributions are written by their aggregate")
            }
        };
        match (step, found) {
            (Step::Aggregate(mut step), Some(found)) => {
                step.obstacles = self.obstacles(found, needs);
                Step::Aggregate(step)
            }
            (step, _) => step,
        }
    }

    pub(super) fn fact_step(&self, claim: &Claim, source: &Source<'a>, needs: &mut Needs) -> Step {
        match source {
            Source::Rule(rule, inference) => {
                Step::Rule(self.rule_step(claim, *rule, inference, needs))
            }
            Source::Stated(home) => Step::Fact(self.stated_step(claim, *home, needs)),
            Source::Given
            | Source::Exempted(_)
            | Source::Aggregate(_)
            | Source::Contribution(_) => self.world.given_step(claim),
        }
    }

    pub(super) fn rule_step(
        &self,
        claim: &Claim,
        id: RuleId,
        inference: &Inference<'a>,
        needs: &mut Needs,
    ) -> RuleStep {
        let mut premises = self.pieces(inference, PROVED, needs);
        if let Some((home, day)) = self.world.policy.rule(id).home.zip(inference.day) {
            let solution = Solution::seed(inference.bindings.clone(), inference.day);
            let target = self.world.target_of_rule(id, &solution, claim);
            let law = self.law(home, day, Blocked::Rule(id), &target, needs);
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

    pub(super) fn stated_step(
        &self,
        claim: &Claim,
        home: Option<ClauseId>,
        needs: &mut Needs,
    ) -> FactStep {
        let mut premises = Vec::new();
        if let Some((home, day)) = home.zip(claim.day) {
            let blocked = Blocked::Facts(claim.relation, home);
            let target = self.world.target_of_fact(claim);
            premises = self.law(home, day, blocked, &target, needs);
        }
        FactStep {
            is_presumed: false,
            claim: claim.clone(),
            places: self.world.stated_places(claim, home),
            days: None,
            clause: home,
            premises,
        }
    }

    /// That a clause is in force, what could exempt and does not, and marks.
    pub(super) fn law(
        &self,
        home: ClauseId,
        day: Date,
        blocked: Blocked,
        target: &Target,
        needs: &mut Needs,
    ) -> Vec<StepId> {
        let in_force = self.world.in_force_step(home, day);
        let mut steps = vec![needs.step(Step::InForce(in_force))];
        steps.extend(self.deciders(home, day, needs));
        for exemption in self.world.blockers(blocked, Some(day)) {
            steps.push(needs.want(Want::Exemption(exemption, target.clone()), false));
        }
        let marks = self.world.marks(home, day).into_iter();
        steps.extend(marks.map(|mark| needs.step(Step::Review(mark))));
        steps
    }

    pub(super) fn pieces(
        &self,
        inference: &Inference<'a>,
        manner: Manner,
        needs: &mut Needs,
    ) -> Vec<StepId> {
        let pieces = inference.pieces.iter();
        let needed = pieces.filter_map(|piece| self.piece(inference, piece, manner));
        needed.map(|need| needs.add(need)).collect()
    }

    pub(super) fn piece(
        &self,
        inference: &Inference<'a>,
        piece: &Piece<'a>,
        manner: Manner,
    ) -> Option<Need> {
        let (world, bindings) = (self.world, &inference.bindings);
        let variables = self.world.variables(inference.owner);
        let step = match piece {
            Piece::Node(node) => {
                return self.search.is_settled(*node).then_some(Need::Want {
                    want: Want::Node(*node),
                    soft: manner.soft,
                });
            }
            Piece::Absent(premise) => return self.absence(premise, inference, manner),
            Piece::NotExempted(exempted) => {
                let pattern = world.pattern(&exempted.atom, bindings, inference.day)?;
                return Some(Need::Want {
                    want: Want::NotExempted(pattern, exempted.by.as_slice().into()),
                    soft: manner.soft,
                });
            }
            Piece::Compare(it) => Step::Compare(world.compare_step(it, variables, bindings)?),
            Piece::Test(it) => Step::Compare(world.test_step(it, variables, bindings)?),
            Piece::Bind(it) => Step::Compare(world.bind_step(it, variables, bindings)?),
        };
        Some(Need::Step(Box::new(step)))
    }

    /// What a rule concludes, or an exemption is about.
    pub(super) fn head(&self, owner: Owner) -> &'a [Term] {
        match owner {
            Owner::Rule(id) => &self.world.policy.rule(id).head.args,
            Owner::Presumption(at) => &self.world.presumptions[at as usize].rule.head.args,
            Owner::Exemption(id) => match &self.world.policy.exemption(id).target {
                ExemptionTarget::Head(atom) => &atom.args,
                ExemptionTarget::Event(term, _) => std::slice::from_ref(term),
            },
        }
    }

    pub(super) fn absence(
        &self,
        premise: &'a Premise,
        inference: &Inference<'a>,
        manner: Manner,
    ) -> Option<Need> {
        let solution = Solution::seed(inference.bindings.clone(), inference.day);
        let pattern = self.world.pattern_of(premise, &solution)?;
        if let Some(judgement) = self.denial(&pattern) {
            return Some(Need::Want {
                want: Want::Denied(judgement.claim),
                soft: manner.soft,
            });
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
    pub(super) fn denial(&self, pattern: &Pattern) -> Option<JudgementStep> {
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
        self.denial_of(claim)
    }

    /// A judgement that says no.
    pub(super) fn denial_of(&self, claim: Claim) -> Option<JudgementStep> {
        let places = self.world.places(&claim, true);
        let is_presumed = self.world.is_presumed(&claim, true);
        (!places.is_empty()).then_some(JudgementStep {
            claim,
            truth: false,
            places,
            is_presumed,
            premises: Vec::new(),
        })
    }

    /// A judgement that says no, with what it rests on.
    pub(super) fn denied_step(&mut self, claim: &Claim, needs: &mut Needs) -> Step {
        let denial = self.denial_of(claim.clone());
        let mut step = Step::Judgement(denial.unwrap_or(JudgementStep {
            claim: claim.clone(),
            truth: false,
            places: Vec::new(),
            is_presumed: false,
            premises: Vec::new(),
        }));
        self.rest_on_presumption(&mut step, needs);
        step
    }

    /// A judgement that is presumed to say yes, with what it rests on.
    pub(super) fn presumed_step(&mut self, claim: &Claim, needs: &mut Needs) -> Step {
        let mut step = self.world.given_step(claim);
        self.rest_on_presumption(&mut step, needs);
        step
    }

    /// What is only presumed rests on what the presumption requires, and on what keeps others from saying the contrary.
    fn rest_on_presumption(&mut self, step: &mut Step, needs: &mut Needs) {
        let (claim, denied, is_judged, premises) = match step {
            Step::Judgement(step) if step.is_presumed => {
                (&step.claim, !step.truth, true, &mut step.premises)
            }
            Step::Fact(step) if step.is_presumed => (&step.claim, false, false, &mut step.premises),
            _ => return,
        };
        let Some((at, solution)) = self.world.presumption_of(claim, denied) else {
            return;
        };
        // What leaves the value open that is presumed.
        let given = self.world.left_open(claim).into_iter();
        premises.extend(given.map(|fact| needs.step(fact)));
        let home = self.world.presumptions[at].rule.home;
        let inference = self
            .search
            .inference(Owner::Presumption(at as u32), solution);
        self.settle(&inference);
        premises.extend(self.pieces(&inference, PROVED, needs));
        premises.extend(self.in_force_and_marks(home, inference.day, needs));
        if is_judged {
            let mut found = self.world.in_the_way_of_contrary(claim, denied);
            let search = &mut *self.search;
            found.obstacles.retain(|obstacle| match obstacle {
                Obstacle::Holds(claim) => {
                    let node = search.node(Key::Claim(claim.clone()));
                    let is_it = |piece: &Piece<'a>| matches!(piece, Piece::Node(it) if *it == node);
                    !inference.pieces.iter().any(is_it)
                }
                Obstacle::Denied(_) | Obstacle::Exempted(..) | Obstacle::Blocks(..) => true,
            });
            premises.extend(self.obstacles(found, needs).steps);
        }
    }

    /// That none of these exemptions applies.
    pub(super) fn not_exempted(
        &mut self,
        pattern: &Pattern,
        by: &[ExemptionId],
        needs: &mut Needs,
    ) -> Step {
        let found = self.world.in_the_way_of_exempted(by, pattern);
        Step::Absent(AbsentStep {
            obstacles: self.obstacles(found, needs),
            ..bare_absence(pattern.clone(), Some(self.homes_of(by)), true)
        })
    }

    /// The clauses of exemptions.
    pub(super) fn homes_of(&self, by: &[ExemptionId]) -> Vec<ClauseId> {
        let homes = by.iter().map(|id| self.world.policy.exemption(*id).home);
        homes.collect::<BTreeSet<ClauseId>>().into_iter().collect()
    }

    pub(super) fn aggregate_step(&self, fold: &Fold<'a>, needs: &mut Needs) -> Step {
        let variable = &self.world.variables(fold.owner)[fold.literal.result.at()];
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
            obstacles: Obstacles::default(),
        })
    }

    /// An exemption on which a rule rests: it applies to a derivation that there is.
    pub(super) fn blocking_step(&self, blocking: &Blocking<'a>, needs: &mut Needs) -> Step {
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
                is_presumed: false,
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
            obstacles: Obstacles::default(),
        })
    }

    /// The judgements that decide whether a clause is in force on a day.
    pub(super) fn deciders(&self, clause: ClauseId, day: Date, needs: &mut Needs) -> Vec<StepId> {
        let deciders = self.world.deciders(clause, day);
        let steps = deciders.iter().cloned();
        steps
            .map(|step| match (step.is_presumed, step.truth) {
                (true, true) => needs.want(Want::Presumed(step.claim), false),
                (true, false) => needs.want(Want::Denied(step.claim), false),
                (false, _) => needs.step(Step::Judgement(step)),
            })
            .collect()
    }

    pub(super) fn in_force_and_marks(
        &self,
        home: Option<ClauseId>,
        day: Option<Date>,
        needs: &mut Needs,
    ) -> Vec<StepId> {
        let Some((home, day)) = home.zip(day) else {
            return Vec::new();
        };
        let in_force = self.world.in_force_step(home, day);
        let mut steps = vec![needs.step(Step::InForce(in_force))];
        steps.extend(self.deciders(home, day, needs));
        let marks = self.world.marks(home, day).into_iter();
        steps.extend(marks.map(|mark| needs.step(Step::Review(mark))));
        steps
    }
}
