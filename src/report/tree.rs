//! A proof, or a why-not, as a tree of sentences. A step that was told before is told again only by its conclusion.

use super::comparison::comparison;
use super::{Context, Places};
use crate::ir::{ClauseId, ExemptionTarget, Kind, Status};
use crate::proof::proof::{
    AbsentStep, AggregateStep, Attempt, ExemptionOutcome, ExemptionStep, Failing, InForceStep,
    Mark, Obstacles, Pattern, Proof, RuleStep, Step, StepId, WhyNot, WhyNotRule,
};
use crate::source::{Place, Span};
use crate::value::{LAST_DAY, counted};
use std::collections::BTreeSet;

/// What a line of the tree says, for its colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tone {
    /// A conclusion or fact.
    Claim,
    /// Something that does not hold, or fails.
    Fails,
    /// Something that goes with the rest: a comparison, an in-force step.
    Aside,
    /// A mark to be heeded.
    Warning,
}

/// A sentence with what it rests on.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Tree {
    pub(super) tone: Tone,
    pub(super) text: String,
    /// By what clause, from what place.
    pub(super) notes: Vec<String>,
    pub(super) below: Vec<Tree>,
    /// The step of a proof that it tells, where others may refer to it.
    pub(super) step: Option<StepId>,
}

impl Tree {
    fn leaf(tone: Tone, text: String) -> Tree {
        Tree {
            tone,
            text,
            notes: Vec::new(),
            below: Vec::new(),
            step: None,
        }
    }

    fn note(mut self, note: String) -> Tree {
        self.notes.push(note);
        self
    }

    fn over(mut self, below: Vec<Tree>) -> Tree {
        self.below = below;
        self
    }
}

/// The note of a step that was told before.
pub(super) const SHOWN: &str = "as shown above";

impl Tree {
    /// Whether it only refers to what was told before.
    pub(super) fn is_shown_above(&self) -> bool {
        self.step.is_some() && self.notes.first().is_some_and(|note| note == SHOWN)
    }
}

/// Tells the steps of one proof.
pub(super) struct Teller<'a> {
    context: Context<'a>,
    proof: &'a Proof,
    told: BTreeSet<StepId>,
    /// Whether what is not known decides what is told.
    is_open: bool,
}

impl<'a> Teller<'a> {
    pub(super) fn new(context: Context<'a>, proof: &'a Proof) -> Teller<'a> {
        Teller {
            context,
            proof,
            told: BTreeSet::new(),
            is_open: false,
        }
    }

    /// The whole proof, from its conclusion.
    pub(super) fn conclusion(&mut self) -> Option<Tree> {
        let last = self.proof.steps.len().checked_sub(1)?;
        Some(self.id(StepId(last as u32)))
    }

    fn ids(&mut self, ids: &[StepId]) -> Vec<Tree> {
        let mut told: Vec<Tree> = Vec::with_capacity(ids.len());
        for id in ids {
            let tree = self.id(*id);
            let is_exemption = matches!(self.proof.steps[id.0 as usize], Step::Exemption(_));
            // Two exemptions of one clause that fail alike are told once.
            if !is_exemption || told.last() != Some(&tree) {
                told.push(tree);
            }
        }
        told
    }

    fn id(&mut self, id: StepId) -> Tree {
        let step = &self.proof.steps[id.0 as usize];
        let is_rule = matches!(step, Step::Rule(_));
        if is_rule && !self.told.insert(id) {
            let mut tree = Tree::leaf(Tone::Claim, sentence(&self.context, step));
            tree.step = Some(id);
            return tree.note(SHOWN.into());
        }
        let mut tree = self.step(step);
        tree.step = is_rule.then_some(id);
        tree
    }

    fn step(&mut self, step: &Step) -> Tree {
        let context = self.context;
        match step {
            Step::Rule(rule) => self.rule(rule),
            Step::Fact(fact) => {
                let mut tree = Tree::leaf(Tone::Claim, context.sentence(&fact.claim));
                if let Some((from, through)) = fact.days {
                    tree = tree.note(format!("given {}", context.stretch(from, through)));
                }
                let stands = fact.clause.map_or(
                    if fact.is_presumed { "presumed" } else { "fact" }.to_owned(),
                    |clause| format!("listed in {}", context.clause(clause)),
                );
                let places = places(&context, &fact.places);
                let note = match (context.places, fact.clause) {
                    (Places::Lines, _) => format!("{stands}, {places}"),
                    (Places::Homes, None) => format!("{stands} {places}"),
                    (Places::Homes, Some(_)) => stands,
                };
                tree.note(note).over(self.ids(&fact.premises))
            }
            Step::Named(named) => {
                let atom = context.atom(named.claim.relation, &named.claim.args);
                let place = named.place.map(|place| context.place(place));
                let place = match (place, context.places) {
                    (None, _) => "in the policy".into(),
                    (Some(place), Places::Lines) => format!("at {place}"),
                    (Some(place), Places::Homes) => place,
                };
                Tree::leaf(Tone::Aside, format!("{atom} is named {place}"))
            }
            Step::Absent(absent) => self.absent(absent),
            Step::Compare(compare) => Tree::leaf(
                if compare.holds {
                    Tone::Aside
                } else {
                    Tone::Fails
                },
                comparison(&context, compare),
            ),
            Step::Aggregate(aggregate) => self.aggregate(aggregate),
            Step::Exemption(exemption) => self.exemption(exemption),
            Step::InForce(in_force) => Tree::leaf(Tone::Aside, in_force_words(&context, in_force)),
            Step::Judgement(judgement) => {
                let judged = match judgement.is_presumed {
                    true => "presumed",
                    false => "judged",
                };
                let sentence = context.sentence(&judgement.claim);
                let text = match judgement.truth {
                    true => format!("{judged}: {sentence}"),
                    false => format!("{judged} not to be so: {sentence}"),
                };
                Tree::leaf(Tone::Claim, text)
                    .note(places(&context, &judgement.places))
                    .over(self.ids(&judgement.premises))
            }
            Step::Review(review) => {
                Tree::leaf(Tone::Warning, mark(&context, review.clause, &review.mark))
            }
        }
    }

    fn rule(&mut self, rule: &RuleStep) -> Tree {
        let context = self.context;
        let written = context.policy.rule(rule.rule);
        let mut tree = Tree::leaf(Tone::Claim, context.sentence(&rule.claim))
            .note(rule_place(&context, rule.rule));
        if let Some(line) = written.doc.lines().next().filter(|line| !line.is_empty()) {
            tree = tree.note(line.to_owned());
        }
        tree.over(self.ids(&rule.premises))
    }

    fn absent(&mut self, absent: &AbsentStep) -> Tree {
        let context = self.context;
        let mut text = match absent.exempted {
            true => format!(
                "no exemption applies to: {}",
                context.pattern_sentence(&absent.pattern)
            ),
            false => context.absence(&absent.pattern, absent.instead.as_ref()),
        };
        if let Some(clause) = absent.by.as_ref().and_then(|clauses| clauses.first()) {
            text += &format!(" by {}", context.policy.citation(*clause));
        }
        let mut below = self.failed_rules(&absent.reasons);
        let mut told = BTreeSet::new();
        for reason in &absent.reasons {
            self.stopped_by(&reason.attempt, &mut told);
        }
        below.extend(self.in_the_way("it could be so", &absent.obstacles, &told));
        Tree::leaf(Tone::Aside, text).over(below)
    }

    /// What is there, and must be there, for something not to hold, but for what was told already.
    fn in_the_way(
        &mut self,
        what: &str,
        obstacles: &Obstacles,
        told: &BTreeSet<StepId>,
    ) -> Option<Tree> {
        let others = obstacles.steps.iter().copied();
        let others: Vec<StepId> = others.filter(|id| !told.contains(id)).collect();
        let mut below = self.ids(&others);
        if obstacles.is_cut_short {
            let text = "and perhaps more: the search for it has a limit";
            below.push(Tree::leaf(Tone::Warning, text.into()));
        }
        let text = format!("without this, {what}:");
        (!below.is_empty()).then(|| Tree::leaf(Tone::Aside, text).over(below))
    }

    /// The steps on account of which an attempt fails, as far as they are told with it.
    fn stopped_by(&self, attempt: &Attempt, told: &mut BTreeSet<StepId>) {
        for id in &attempt.holds {
            if let Step::Aggregate(step) = &self.proof.steps[id.0 as usize] {
                told.extend(step.contributions.iter().flat_map(|one| &one.premises));
            }
        }
        match &attempt.fails {
            Failing::Matches { steps, .. }
            | Failing::Denied { steps, .. }
            | Failing::Differs { steps, .. }
            | Failing::IsExempted { steps, .. } => told.extend(steps),
            Failing::Blocked(blocked) | Failing::MayBeBlocked(_, blocked) => {
                let steps = self.proof.steps.iter().enumerate();
                let same = steps.filter(|(_, step)| match step {
                    Step::Exemption(step) => {
                        (step.exemption, &step.claim) == (blocked.exemption, &blocked.claim)
                    }
                    _ => false,
                });
                told.extend(same.map(|(at, _)| StepId(at as u32)));
            }
            Failing::Compare(_) => told.extend(&attempt.holds),
            Failing::Sides(_, sides) => sides.iter().for_each(|side| self.stopped_by(side, told)),
            Failing::NoGroup(_, inside) => self.stopped_by(inside, told),
            Failing::NoMatch { reasons, .. } | Failing::NotExempted { reasons, .. } => reasons
                .iter()
                .for_each(|reason| self.stopped_by(&reason.attempt, told)),
            Failing::Head
            | Failing::Undecided(_)
            | Failing::Vague(_)
            | Failing::Literal(_)
            | Failing::NotInForce(_)
            | Failing::NoDay => {}
        }
    }

    fn aggregate(&mut self, aggregate: &AggregateStep) -> Tree {
        let context = self.context;
        let (value, ty) = &aggregate.result;
        let count = aggregate.contributions.len();
        let word = if count == 1 {
            "contribution"
        } else {
            "contributions"
        };
        // A result that the text has no variable for is called after its function.
        let name = match aggregate.variable.starts_with(char::is_uppercase) {
            true => format!("{} = {}", aggregate.variable, aggregate.function),
            false => aggregate.variable.clone(),
        };
        let of = match value.is_open() {
            true => ", as far as is known".to_owned(),
            false => format!(" of {count} {word}"),
        };
        let text = format!("{name}{of}: {}", context.value(value, *ty));
        let mut below = Vec::new();
        for contribution in &aggregate.contributions {
            let mut steps = self.ids(&contribution.premises);
            if let Some((value, ty)) = &contribution.term {
                let text = context.value(value, *ty);
                below.push(Tree::leaf(Tone::Aside, text).over(steps));
            } else {
                below.append(&mut steps);
            }
        }
        let premises = aggregate.contributions.iter();
        let told = premises
            .flat_map(|it| it.premises.iter().copied())
            .collect();
        below.extend(self.in_the_way("there could be more", &aggregate.obstacles, &told));
        Tree::leaf(Tone::Aside, text).over(below)
    }

    fn exemption(&mut self, step: &ExemptionStep) -> Tree {
        let context = self.context;
        let home = context.policy.exemption(step.exemption).home;
        let place = match context.places {
            Places::Lines => {
                let written = context.policy.exemption(step.exemption).span;
                format!(" ({})", context.place(Place::Span(written)))
            }
            Places::Homes => String::new(),
        };
        let what = format!("the exemption of {}{place}", context.clause(home));
        match &step.outcome {
            ExemptionOutcome::Applies(steps) => {
                let mut below: Vec<Tree> = step
                    .derivation
                    .iter()
                    .map(|derivation| self.step(derivation))
                    .collect();
                below.extend(self.ids(steps));
                Tree::leaf(
                    Tone::Claim,
                    format!("{what} applies to: {}", context.sentence(&step.claim)),
                )
                .over(below)
            }
            ExemptionOutcome::Fails(attempt) => {
                let mut below = self.attempt(attempt);
                let mut told = BTreeSet::new();
                self.stopped_by(attempt, &mut told);
                below.extend(self.in_the_way("it could apply", &step.obstacles, &told));
                Tree::leaf(Tone::Aside, format!("{what} does not apply")).over(below)
            }
            ExemptionOutcome::OtherFact => {
                let about = match &context.policy.exemption(step.exemption).target {
                    ExemptionTarget::Head(_) => "it is about other facts",
                    ExemptionTarget::Event(..) => "it is about other events",
                };
                Tree::leaf(Tone::Aside, format!("{what} does not apply: {about}"))
            }
            ExemptionOutcome::Exempted(other) => {
                let below = vec![self.exemption(other)];
                Tree::leaf(
                    Tone::Aside,
                    format!("{what} does not apply: it is itself exempted from"),
                )
                .over(below)
            }
            ExemptionOutcome::Lifted => Tree::leaf(Tone::Aside, format!("{what} is set aside")),
        }
    }

    /// Why rules do not give what is asked; those that fail alike are told together.
    fn failed_rules(&mut self, reasons: &[WhyNotRule]) -> Vec<Tree> {
        let mut told: Vec<Tree> = Vec::new();
        for reason in reasons {
            let tree = self.failed_rule(reason);
            match told.iter_mut().find(|other| other.below == tree.below) {
                // Rules of one clause have one name where lines are not told.
                Some(alike) if alike.text == tree.text => {}
                Some(alike) => {
                    let note = format!("nor {}", &tree.text["not ".len()..]);
                    if !alike.notes.contains(&note) {
                        alike.notes.push(note);
                    }
                }
                None => told.push(tree),
            }
        }
        told
    }

    /// Why one rule does not give what is asked.
    fn failed_rule(&mut self, reason: &WhyNotRule) -> Tree {
        let context = self.context;
        let place = match (reason.rule, reason.clause) {
            (Some(rule), _) => rule_place(&context, rule),
            (None, Some(clause)) => format!("the list in {}", context.clause(clause)),
            (None, None) => "the policy's lists".into(),
        };
        Tree::leaf(Tone::Aside, format!("not by {place}")).over(self.attempt(&reason.attempt))
    }

    fn attempt(&mut self, attempt: &Attempt) -> Vec<Tree> {
        let mut below = self.ids(&attempt.holds);
        below.push(self.failing(&attempt.fails));
        below
    }

    fn failing(&mut self, failing: &Failing) -> Tree {
        let context = self.context;
        let fails = |text: String| Tree::leaf(Tone::Fails, text);
        match failing {
            Failing::Head => fails("it concludes something else".into()),
            Failing::NoMatch {
                pattern,
                instead,
                reasons,
                ..
            } => {
                let below = self.failed_rules(reasons);
                fails(context.absence(pattern, instead.as_ref())).over(below)
            }
            Failing::Matches { pattern, steps, .. } => {
                let below = self.ids(steps);
                fails(format!(
                    "it must not be so that {}, but it is",
                    context.pattern_sentence(pattern)
                ))
                .over(below)
            }
            Failing::Denied { pattern, steps } => {
                let told = self.ids(steps).into_iter().next();
                let what = || format!("no record that {}", context.pattern_sentence(pattern));
                let mut tree = told.unwrap_or_else(|| fails(what()));
                tree.tone = Tone::Fails;
                tree
            }
            Failing::Undecided(pattern) => {
                let matters = if self.is_open { ", and it matters" } else { "" };
                let what = context.pattern_sentence(pattern);
                fails(format!("not known{matters}: whether {what}"))
            }
            Failing::Vague(pattern) => fails(context.what_is_vague(pattern)),
            Failing::Compare(compare) => fails(comparison(&context, compare)),
            Failing::Sides(span, sides) => {
                if let Some(value) = value_not_in_list(&context, sides) {
                    let written = words(&context, *span);
                    return fails(format!("{written} does not hold: it is {value}"));
                }
                let sides = sides.iter().enumerate().map(|(at, side)| {
                    let word = if at == 0 { "either" } else { "or" };
                    fails(word.into()).over(self.attempt(side))
                });
                let below = sides.collect();
                fails("none of these holds:".into()).over(below)
            }
            Failing::NoGroup(span, inside) => fails(format!(
                "nothing is found for this: {}",
                words(&context, *span)
            ))
            .over(self.attempt(inside)),
            Failing::Differs {
                steps,
                span,
                wanted: (value, ty),
            } => fails(format!(
                "this does not come to {}: {}",
                context.value(value, *ty),
                words(&context, *span)
            ))
            .over(self.ids(steps)),
            Failing::NotExempted {
                pattern,
                exemptions,
                reasons,
                ..
            } => {
                let what = context.pattern_sentence(pattern);
                let mut below: Vec<Tree> =
                    exemptions.iter().map(|step| self.exemption(step)).collect();
                below.dedup();
                below.extend(self.failed_rules(reasons));
                match exemptions.is_empty() {
                    true => fails(format!(
                        "there is nothing to be exempted: no record that {what}"
                    )),
                    false => fails(format!("it is not exempted that {what}")),
                }
                .over(below)
            }
            Failing::IsExempted { pattern, steps } => fails(format!(
                "it must not be exempted that {}, but it is",
                context.pattern_sentence(pattern)
            ))
            .over(self.ids(steps)),
            Failing::Literal(span) => {
                fails(format!("this does not hold: {}", words(&context, *span)))
            }
            Failing::NotInForce(step) => fails(in_force_words(&context, step)),
            Failing::NoDay => {
                fails("no such event is known, so no day is known by which to judge".into())
            }
            Failing::Blocked(step) => {
                let below = vec![self.exemption(step)];
                fails("all its conditions hold, but it is exempted".into()).over(below)
            }
            Failing::MayBeBlocked(condition, step) => {
                let what = context.sentence(&condition.judgement);
                let then = if condition.truth { "so" } else { "not" };
                let text = format!(
                    "all its conditions hold, but it is not known whether {what}: if {then}, it is exempted"
                );
                fails(text).over(vec![self.exemption(step)])
            }
        }
    }
}

/// The answer to "why not?": a sentence, and below it each rule that could have given it.
pub(super) fn why_not<'a>(context: Context<'a>, why: &'a WhyNot) -> Tree {
    let mut teller = Teller {
        is_open: why.is_open,
        ..Teller::new(context, &why.proof)
    };
    let mut below = teller.failed_rules(&why.rules);
    let near = why.near.iter().map(|claim| {
        Tree::leaf(
            Tone::Aside,
            format!(
                "but there is: {}",
                context.atom(claim.relation, &claim.args)
            ),
        )
    });
    below.extend(near);
    if below.is_empty() {
        let text = match why.is_open {
            true => context.what_is_vague(&why.pattern),
            false => "no fact says so, and no rule concludes it".into(),
        };
        below.push(Tree::leaf(Tone::Aside, text));
    }
    let title = match why.pattern.day.filter(|_| why.is_on_any_day) {
        Some(day) => {
            let asked = Pattern {
                day: None,
                ..why.pattern.clone()
            };
            let what = context.pattern_sentence(&asked);
            format!("Does not hold on {day}, nor on any other day: {what}")
        }
        None => format!("Does not hold: {}", context.pattern_sentence(&why.pattern)),
    };
    Tree::leaf(Tone::Fails, title).over(below)
}

/// Where the sides are those of `K in [a, b, c]`: what `K` is.
fn value_not_in_list(context: &Context<'_>, sides: &[Attempt]) -> Option<String> {
    let compared = |side: &Attempt| match &side.fails {
        Failing::Compare(step) if side.holds.is_empty() => {
            Some((step.span, step.left.0.clone(), step.left.1))
        }
        _ => None,
    };
    let first = compared(sides.first()?)?;
    let all_alike = sides
        .iter()
        .all(|side| compared(side).as_ref() == Some(&first));
    (sides.len() > 1 && all_alike).then(|| context.value(&first.1, first.2))
}

/// What a step says in one sentence.
pub(super) fn sentence(context: &Context<'_>, step: &Step) -> String {
    match step {
        Step::Rule(rule) => context.sentence(&rule.claim),
        Step::Fact(fact) => context.sentence(&fact.claim),
        Step::Named(named) => context.atom(named.claim.relation, &named.claim.args),
        Step::Absent(absent) => context.absence(&absent.pattern, absent.instead.as_ref()),
        Step::Compare(compare) => comparison(context, compare),
        Step::Aggregate(aggregate) => format!(
            "{} = {}",
            aggregate.variable,
            context.value(&aggregate.result.0, aggregate.result.1)
        ),
        Step::Exemption(step) => format!(
            "exemption of {}",
            context.clause(context.policy.exemption(step.exemption).home)
        ),
        Step::InForce(step) => in_force_words(context, step),
        Step::Judgement(judgement) => context.sentence(&judgement.claim),
        Step::Review(review) => mark(context, review.clause, &review.mark),
    }
}

/// The clause of a rule with heading, file and line.
fn rule_place(context: &Context<'_>, rule: crate::ir::RuleId) -> String {
    let written = context.policy.rule(rule);
    let place = || context.place(Place::Span(written.span));
    match (written.home, context.places) {
        (Some(home), Places::Lines) => format!("{}, {}", context.clause(home), place()),
        (Some(home), Places::Homes) => context.clause(home),
        (None, Places::Lines) => format!("the definition at {}", place()),
        (None, Places::Homes) => {
            let relation = context.policy.relation(written.head.relation);
            match relation.kind {
                Kind::Constraint(_) => "what must never be".into(),
                Kind::Declared(_) | Kind::Names(_) => {
                    format!("the definition of {}", relation.name)
                }
            }
        }
    }
}

/// How many places of one fact are told; a wide table may give the same fact in each of its rows.
const MOST_PLACES: usize = 6;

/// Where something is given, each place once; of very many the first.
fn places(context: &Context<'_>, places: &[Place]) -> String {
    let mut told: Vec<String> = Vec::new();
    let mut seen = BTreeSet::new();
    for place in places.iter().map(|place| context.place(*place)) {
        if seen.insert(place.clone()) && told.len() <= MOST_PLACES {
            told.push(place);
        }
    }
    if seen.len() > MOST_PLACES {
        told.truncate(MOST_PLACES - 1);
        let more = counted(seen.len() - told.len(), "more place");
        told.push(format!("in {more}"));
    }
    told.join(" and ")
}

pub(super) fn words(context: &Context<'_>, span: Span) -> String {
    context
        .sources
        .words(span)
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

/// `mofcom_2025_62/1 is in force from 2025-10-09 to 2025-11-06, suspended by mofcom_2025_70 from 2025-11-07`
pub(super) fn in_force_words(context: &Context<'_>, step: &InForceStep) -> String {
    let citation = context.policy.citation(step.clause);
    let mut stretch = context.stretch(step.from, step.through);
    if let Some(before @ (Status::Suspended(_) | Status::Undecided(..))) = &step.before {
        stretch += &format!("; until then {}", context.status(before));
    }
    let when = match step.as_of {
        Some(law) => format!("by the law of {law}"),
        None => format!("on {}", step.day),
    };
    let mut text = format!("{when}, {citation} is {}", context.status(&step.status));
    if !matches!(step.status, Status::LeftOut(_)) {
        text += &format!(" ({stretch})");
    }
    if let (Some(after), true) = (&step.after, step.through < LAST_DAY) {
        let next = step
            .through
            .tomorrow()
            .map_or(String::new(), |day| day.to_string());
        text += &match after {
            Status::Undecided(..) => format!("; from {next} {}", context.status(after)),
            _ => format!(", {} from {next}", context.status(after)),
        };
    }
    if let Some(clause) = step.set_by {
        text += &format!(
            "; its first day is set by {}",
            context.policy.citation(clause)
        );
    }
    let olds = step.stands_as.iter();
    let olds: Vec<String> = olds.map(|old| context.policy.citation(*old)).collect();
    if !olds.is_empty() {
        text += &format!("; it stands in the place of {}", olds.join(" and "));
    }
    text
}

pub(super) fn mark(context: &Context<'_>, clause: ClauseId, mark: &Mark) -> String {
    let citation = context.policy.citation(clause);
    match mark {
        Mark::BeyondReview { reviewed, day } => {
            format!(
                "mark: {citation} was reviewed up to {reviewed}, and this is about {day}: look whether it has changed"
            )
        }
        Mark::Unverified(reason) => format!("mark: {citation} is unverified ({reason})"),
    }
}
