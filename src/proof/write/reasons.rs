//! Why something is absent or does not apply, as far as it is part of a proof or a why-not.

use super::{Manner, Needs, Want, Writer, bare_absence};
use crate::ir::{ClauseId, Exempted, ExemptionId};
use crate::proof::exempt::Target;
use crate::proof::in_the_way::{InTheWay, Obstacle};
use crate::proof::index::Owner;
use crate::proof::proof::{
    AbsentStep, Attempt, ExemptionOutcome, ExemptionStep, Failing, Obstacles, Pattern, Step,
    StepId, WhyNotRule,
};
use crate::proof::search::{Inference, Key, NodeId, Piece};
use crate::proof::solve::Solution;
use crate::proof::why_not::{Fails, Reason, Tried};
use crate::value::Date;
use std::rc::Rc;

/// How many exemptions that could apply, and do not, are told of.
const EXEMPTED: usize = 3;

impl<'a> Writer<'_, '_, 'a> {
    /// An absence with its reasons, one level: what holds in them is proved, what is absent in them is only said.
    pub(super) fn absent_step(
        &mut self,
        pattern: &Pattern,
        by: Option<Vec<ClauseId>>,
        needs: &mut Needs,
    ) -> Step {
        let found = self.world.in_the_way(pattern, by.as_deref());
        Step::Absent(AbsentStep {
            instead: self.world.instead_of(pattern),
            reasons: self.reasons_of_absence(pattern, by.as_deref(), needs),
            obstacles: self.obstacles(found, needs),
            ..bare_absence(pattern.clone(), by, false)
        })
    }

    /// What is in the way, proved.
    pub(super) fn obstacles(&mut self, found: InTheWay, needs: &mut Needs) -> Obstacles {
        let mut steps = Vec::with_capacity(found.obstacles.len());
        for obstacle in found.obstacles {
            match obstacle {
                Obstacle::Holds(claim) => {
                    steps.extend(self.proved([Key::Claim(claim)].into_iter(), needs));
                }
                Obstacle::Exempted(by, claim) => {
                    steps.extend(self.proved([Key::Exempted(by, claim)].into_iter(), needs));
                }
                Obstacle::Denied(claim) => {
                    let denial = self.denial_of(claim);
                    steps.extend(denial.map(|it| needs.want(Want::Denied(it.claim), true)));
                }
                Obstacle::Blocks(id, target) => {
                    steps.push(needs.want(Want::Exemption(id, target), true));
                }
            }
        }
        Obstacles {
            steps,
            is_cut_short: found.is_cut_short,
        }
    }

    /// Why no rule gives what is absent, one level.
    fn reasons_of_absence(
        &mut self,
        pattern: &Pattern,
        by: Option<&[ClauseId]>,
        needs: &mut Needs,
    ) -> Vec<WhyNotRule> {
        let manner = Manner {
            soft: true,
            bare: true,
        };
        let reasons = self.world.reasons(pattern, by).into_iter();
        // That a list does not have it is what is said anyway.
        let is_news = |reason: &Reason<'a>| match reason.tried.fails {
            Fails::Head => false,
            Fails::NoMatch(..) => reason.rule.is_some(),
            _ => true,
        };
        let possible = reasons.filter(is_news);
        possible
            .map(|reason| self.reason(reason, manner, needs))
            .collect()
    }

    pub(super) fn reason(
        &mut self,
        reason: Reason<'a>,
        manner: Manner,
        needs: &mut Needs,
    ) -> WhyNotRule {
        let owner = reason.rule.map(Owner::Rule);
        let replaces = match (&reason.tried.fails, reason.clause) {
            (Fails::Blocked(_, target), Some(clause)) => target
                .day
                .map(|day| self.world.in_force_step(clause, day))
                .filter(|step| !step.stands_as.is_empty()),
            _ => None,
        };
        let mut attempt = self.attempt(owner, reason.tried, manner, needs);
        // An exemption from what a clause replaces bears on that clause.
        let replaces = replaces.map(|step| needs.step(Step::InForce(step)));
        attempt.holds.extend(replaces);
        WhyNotRule {
            rule: reason.rule,
            clause: reason.clause,
            attempt,
        }
    }

    pub(super) fn attempt(
        &mut self,
        owner: Option<Owner>,
        tried: Tried<'a>,
        manner: Manner,
        needs: &mut Needs,
    ) -> Attempt {
        let judged = match &tried.fails {
            Fails::NotInForce(clause, day) => self.deciders(*clause, *day, needs),
            _ => Vec::new(),
        };
        let (bindings, mut holds) = match owner {
            Some(owner) => {
                let variables = self.world.variables(owner);
                let bindings =
                    self.world
                        .named_values(&tried.solution.bindings, variables, self.head(owner));
                let inference = self.search.inference(owner, tried.solution);
                self.settle(&inference);
                (bindings, self.pieces(&inference, manner, needs))
            }
            None => (Vec::new(), Vec::new()),
        };
        holds.extend(judged);
        Attempt {
            bindings,
            holds,
            fails: self.failing(owner, tried.fails, manner, needs),
        }
    }

    /// What an attempt rests on holds: its proofs have to be found beside those of the goal.
    pub(super) fn settle(&mut self, inference: &Inference<'a>) {
        for piece in &inference.pieces {
            if let Piece::Node(node) = piece {
                self.search.settle(*node);
            }
        }
    }

    fn failing(
        &mut self,
        owner: Option<Owner>,
        fails: Fails<'a>,
        manner: Manner,
        needs: &mut Needs,
    ) -> Failing {
        match fails {
            Fails::Head => Failing::Head,
            Fails::NoMatch(pattern, span) => {
                if let Some(claim) = self.world.denied(&pattern) {
                    let steps = vec![needs.want(Want::Denied(claim), true)];
                    return Failing::Denied { pattern, steps };
                }
                // Of a list it is said that it does not have it; what else could give it is told beside it.
                let is_of_list = owner.is_none();
                let reasons = match manner.bare || is_of_list {
                    true => Vec::new(),
                    false => self.reasons_of_absence(&pattern, None, needs),
                };
                Failing::NoMatch {
                    instead: self.world.instead_of(&pattern),
                    pattern,
                    span,
                    reasons,
                }
            }
            Fails::Matches(pattern, claims, span) => Failing::Matches {
                pattern,
                steps: self.proved(claims.into_iter().map(Key::Claim), needs),
                span,
            },
            Fails::Undecided(pattern) => Failing::Undecided(pattern),
            Fails::Compare(step) => Failing::Compare(step),
            Fails::Sides(span, sides) => {
                let sides = sides.into_iter();
                let sides = sides.map(|side| self.attempt(owner, side, manner, needs));
                Failing::Sides(span, sides.collect())
            }
            Fails::NoGroup(span, tried) => {
                Failing::NoGroup(span, Box::new(self.attempt(owner, *tried, manner, needs)))
            }
            Fails::Differs(literal, folded, wanted) => match owner {
                None => Failing::Literal(literal.span),
                Some(owner) => {
                    let node = self.search.fold(owner, literal, &folded.1, &folded.0);
                    let ty = self.world.variables(owner)[literal.result.at()].ty;
                    Failing::Differs {
                        steps: self.proved_nodes([node], needs),
                        span: literal.span,
                        wanted: (wanted, ty),
                    }
                }
            },
            Fails::NotExempted(pattern, exempted) => {
                self.not_exempted_yet(pattern, exempted, manner, needs)
            }
            Fails::IsExempted(pattern, exempted, claims) => {
                let by: Rc<[ExemptionId]> = exempted.by.as_slice().into();
                let keys = claims.into_iter();
                let keys = keys.map(|claim| Key::Exempted(by.clone(), claim));
                Failing::IsExempted {
                    pattern,
                    steps: self.proved(keys, needs),
                }
            }
            Fails::Literal(span) => Failing::Literal(span),
            Fails::NotInForce(clause, day) => {
                Failing::NotInForce(self.world.in_force_step(clause, day))
            }
            Fails::NoDay => Failing::NoDay,
            Fails::Blocked(id, target) => Failing::Blocked(self.exemption_step(id, &target, needs)),
            Fails::MayBeBlocked(condition, id, target) => {
                Failing::MayBeBlocked(condition, self.exemption_step(id, &target, needs))
            }
            Fails::Vague(pattern) => Failing::Vague(pattern),
        }
    }

    /// Proofs of what holds, as far as they do not rest on what is being written.
    fn proved(&mut self, keys: impl Iterator<Item = Key>, needs: &mut Needs) -> Vec<StepId> {
        let nodes: Vec<NodeId> = keys.map(|key| self.search.node(key)).collect();
        self.proved_nodes(nodes, needs)
    }

    fn proved_nodes(
        &mut self,
        nodes: impl IntoIterator<Item = NodeId>,
        needs: &mut Needs,
    ) -> Vec<StepId> {
        let settled = nodes.into_iter().filter(|node| self.search.settle(*node));
        settled
            .map(|node| needs.want(Want::Node(node), true))
            .collect()
    }

    /// Why none of these exemptions applies to what is asked, or what there is not that they could apply to.
    fn not_exempted_yet(
        &mut self,
        pattern: Pattern,
        exempted: &Exempted,
        manner: Manner,
        needs: &mut Needs,
    ) -> Failing {
        let world = self.world;
        let claims = world.exempted_claims(&exempted.by, &pattern).into_iter();
        let mut targets: Vec<(ExemptionId, Target)> = Vec::new();
        for claim in claims.take(EXEMPTED) {
            for (id, derivation) in world.exempted_derivations(&exempted.by, &claim) {
                let target = (id, world.target_of(&derivation, &claim));
                if !targets.contains(&target) && targets.len() < EXEMPTED {
                    targets.push(target);
                }
            }
        }
        let reasons = match targets.is_empty() && !manner.bare {
            true => self.reasons_of_absence(&pattern, None, needs),
            false => Vec::new(),
        };
        let targets = targets.into_iter();
        let exemptions = targets.map(|(id, target)| self.exemption_step(id, &target, needs));
        Failing::NotExempted {
            span: exempted.span,
            exemptions: exemptions.collect(),
            reasons,
            pattern,
        }
    }

    /// Whether an exemption applies to what it could block, and why.
    pub(super) fn exemption_step(
        &mut self,
        id: ExemptionId,
        target: &Target,
        needs: &mut Needs,
    ) -> ExemptionStep {
        let outcome = self.outcome(id, target, needs);
        let found = match outcome {
            ExemptionOutcome::Fails(_) => self.world.in_the_way_of_exemption(id, target),
            ExemptionOutcome::Applies(_)
            | ExemptionOutcome::OtherFact
            | ExemptionOutcome::Exempted(_)
            | ExemptionOutcome::Lifted => InTheWay::default(),
        };
        ExemptionStep {
            exemption: id,
            claim: target.claim.clone(),
            derivation: None,
            outcome,
            obstacles: self.obstacles(found, needs),
        }
    }

    pub(super) fn outcome(
        &mut self,
        id: ExemptionId,
        target: &Target,
        needs: &mut Needs,
    ) -> ExemptionOutcome {
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
            return ExemptionOutcome::Fails(Box::new(self.law_fails(home, target.day, needs)));
        };
        let manner = Manner {
            soft: true,
            bare: true,
        };
        let found = world.on_other_side(|| world.exemption_solution(id, target));
        let Some(solution) = found else {
            let owner = Owner::Exemption(id);
            return match world.furthest(owner, world.literals(owner), seed) {
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
                obstacles: Obstacles::default(),
            }));
        }
        self.applies(id, solution, day, needs)
    }

    pub(super) fn law_fails(
        &self,
        home: ClauseId,
        day: Option<Date>,
        needs: &mut Needs,
    ) -> Attempt {
        Attempt {
            bindings: Vec::new(),
            holds: day.map_or(Vec::new(), |day| self.deciders(home, day, needs)),
            fails: match day {
                Some(day) => Failing::NotInForce(self.world.in_force_step(home, day)),
                None => Failing::NoDay,
            },
        }
    }

    pub(super) fn applies(
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
