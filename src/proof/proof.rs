//! `Proof`: why a fact holds, down to facts with their places; and why it does not.

use crate::ir::{ClauseId, Comparison, ExemptionId, RelationId, RuleId, Status};
use crate::source::{Place, Span};
use crate::value::{Date, Type, Value};

/// A step of a proof, by its place in `Proof::steps`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StepId(pub u32);

/// A fact, on a day where it is a standing one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Claim {
    /// The relation.
    pub relation: RelationId,
    /// One value a field.
    pub args: Vec<Value>,
    /// The day on which it is asked, for a standing relation.
    pub day: Option<Date>,
}

/// An atom some of whose fields are open: what `not` denies, what why-not is asked of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pattern {
    /// The relation.
    pub relation: RelationId,
    /// One a field; `None` matches anything.
    pub args: Vec<Option<Value>>,
    /// The open fields that may be missing, and must be there to match.
    pub present: Vec<usize>,
    /// The day on which it is asked, for a standing relation.
    pub day: Option<Date>,
}

impl From<&Claim> for Pattern {
    /// What just this fact matches.
    fn from(claim: &Claim) -> Pattern {
        Pattern {
            relation: claim.relation,
            args: claim.args.iter().cloned().map(Some).collect(),
            present: Vec::new(),
            day: claim.day,
        }
    }
}

/// Why a fact holds: steps that share premises. A premise stands before what follows from it; the conclusion is last.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proof {
    /// In order.
    pub steps: Vec<Step>,
}

/// One step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// A fact that follows by a rule.
    Rule(RuleStep),
    /// A fact that is given, or stands in the policy.
    Fact(FactStep),
    /// A name that occurs in policy or facts: `Country(china)`.
    Named(NamedStep),
    /// An atom that nothing matches.
    Absent(AbsentStep),
    /// A comparison, a test or `X = expression`, with the numbers in it.
    Compare(CompareStep),
    /// An aggregate with its contributions.
    Aggregate(AggregateStep),
    /// An exemption that could have blocked the rule and does not, or (under `exempted`, in a why-not) does.
    Exemption(ExemptionStep),
    /// A clause in force on a day, or not.
    InForce(InForceStep),
    /// A person's assessment.
    Judgement(JudgementStep),
    /// A mark: the clause is relied on beyond the day up to which it was reviewed, or is unverified.
    Review(ReviewStep),
}

/// A fact that follows by a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleStep {
    /// What follows.
    pub claim: Claim,
    /// By which rule.
    pub rule: RuleId,
    /// By the rule's `VariableId`; `None` for variables of branches not taken and of braces.
    pub bindings: Vec<Option<Value>>,
    /// The day whose law applied, where the day matters.
    pub day: Option<Date>,
    /// One for each literal that was used, in the order written (branches of `( A or B )`: those of the branch taken);
    /// behind them, the in-force step, exemptions that did not apply, and review marks.
    pub premises: Vec<StepId>,
}

/// A fact that is given, or stands in the policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FactStep {
    /// The fact.
    pub claim: Claim,
    /// All places where it is given; those that hold on the claim's day, for a dated input.
    pub places: Vec<Place>,
    /// Whether a value in it is not given, and only presumed, there.
    pub is_presumed: bool,
    /// The days of its own, for a dated input: first and last.
    pub days: Option<(Date, Date)>,
    /// The clause it stands in.
    pub clause: Option<ClauseId>,
    /// In-force step, exemptions that did not apply, review marks: for a fact in a clause.
    pub premises: Vec<StepId>,
}

/// A name that occurs in policy or facts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedStep {
    /// The name and its type.
    pub claim: Claim,
    /// Where a fact has it; `None`: the policy does.
    pub place: Option<Place>,
}

/// An atom that nothing matches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AbsentStep {
    /// What nothing matches.
    pub pattern: Pattern,
    /// The row that has its key, where there is one: it says something else.
    pub instead: Option<Claim>,
    /// `by C`, where the literal says so.
    pub by: Option<Vec<ClauseId>>,
    /// `not exempted A by C`: not the atom is absent, but a derivation that those clauses exempt.
    pub exempted: bool,
    /// For a relation with rules: why none gives it, one level.
    pub reasons: Vec<WhyNotRule>,
    /// What is in the way of it, on any level.
    pub obstacles: Obstacles,
}

/// What is in the way of something that does not hold: facts that are there, and without one of which it might hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Obstacles {
    /// Their proofs, each once.
    pub steps: Vec<StepId>,
    /// Whether there may be more: the search for them has a limit.
    pub is_cut_short: bool,
}

/// A comparison with its numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompareStep {
    /// The words of the literal in the policy.
    pub span: Span,
    /// The value of its left side and its type; for a test, the truth value.
    pub left: (Value, Type),
    /// The operator; `Equal` for a test or a binding.
    pub op: Comparison,
    /// The value of its right side and its type.
    pub right: (Value, Type),
    /// What it is.
    pub form: CompareForm,
    /// The values of the variables in it: name, value, type.
    pub values: Vec<(String, Value, Type)>,
    /// Whether it holds (in a why-not it may fail).
    pub holds: bool,
}

/// What a comparison step stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CompareForm {
    /// `left OP right`
    Comparison,
    /// `X = expression`: `left` is X's value.
    Binding,
    /// `starts_with(…)`, whose truth value is in `left`; `true` if it is negated.
    Test(bool),
}

/// An aggregate with its contributions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AggregateStep {
    /// The words of the literal in the policy.
    pub span: Span,
    /// `sum`, `count` …
    pub function: &'static str,
    /// The variable that gets the result.
    pub variable: String,
    /// The result and its type.
    pub result: (Value, Type),
    /// One for each distinct binding, in canonical order.
    pub contributions: Vec<Contribution>,
    /// What is in the way of further contributions.
    pub obstacles: Obstacles,
}

/// What one binding of the braces' variables adds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contribution {
    /// The term, with its type; `None` for `count { … }`.
    pub term: Option<(Value, Type)>,
    /// One for each literal in the braces.
    pub premises: Vec<StepId>,
}

/// An exemption beside a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExemptionStep {
    /// The exemption.
    pub exemption: ExemptionId,
    /// What it could block.
    pub claim: Claim,
    /// Where a rule rests on it (`exempted …`): the rule or fact that it blocks, as a step that would follow but for it.
    pub derivation: Option<Box<Step>>,
    /// Whether it applies.
    pub outcome: ExemptionOutcome,
    /// Where it does not: what is in the way of it.
    pub obstacles: Obstacles,
}

/// Whether an exemption applies, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExemptionOutcome {
    /// It applies: the proof of its body.
    Applies(Vec<StepId>),
    /// It does not: how far it gets.
    Fails(Box<Attempt>),
    /// Its pattern is about other facts.
    OtherFact,
    /// It is itself exempted from.
    Exempted(Box<ExemptionStep>),
    /// It is lifted, to see what would hold without it.
    Lifted,
}

/// A clause on a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InForceStep {
    /// The clause.
    pub clause: ClauseId,
    /// The day asked.
    pub day: Date,
    /// The day whose law applies to it, where that is another one (`Circumstances::as_of`).
    pub as_of: Option<Date>,
    /// The stretch in which the day lies whose law applies.
    pub from: Date,
    /// Its last day, inclusive.
    pub through: Date,
    /// Its status.
    pub status: Status,
    /// The status of the stretch before, if there is one.
    pub before: Option<Status>,
    /// The status of the stretch after, if there is one.
    pub after: Option<Status>,
    /// The clause that sets the first day, if `by` names one.
    pub set_by: Option<ClauseId>,
    /// The clauses that this one replaces by then: whatever names them means this one.
    pub stands_as: Vec<ClauseId>,
}

/// A person's assessment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JudgementStep {
    /// What was assessed.
    pub claim: Claim,
    /// The answer.
    pub truth: bool,
    /// Where it is given.
    pub places: Vec<Place>,
    /// Whether nobody said so, and it is only presumed, there.
    pub is_presumed: bool,
    /// If it is presumed only where something holds: that this holds.
    pub premises: Vec<StepId>,
}

/// A mark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReviewStep {
    /// The clause.
    pub clause: ClauseId,
    /// Why it is marked.
    pub mark: Mark,
}

/// Why a clause is marked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mark {
    /// The event is later than the day up to which the clause was reviewed.
    BeyondReview {
        /// Reviewed up to.
        reviewed: Date,
        /// The day of the event.
        day: Date,
    },
    /// `unverified "…"`
    Unverified(String),
}

/// Why nothing matches a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WhyNot {
    /// What was asked.
    pub pattern: Pattern,
    /// Whether something standing was asked about without a day: it holds on none, and the pattern has one on which it comes nearest.
    pub is_on_any_day: bool,
    /// Steps shared by the attempts below.
    pub proof: Proof,
    /// One for each rule (and for the facts of each clause) that could have given it.
    pub rules: Vec<WhyNotRule>,
    /// For an input: facts of the relation that differ in one field, nearest first, at most three.
    pub near: Vec<Claim>,
    /// Whether it may hold all the same, as something decides that is not known.
    pub is_open: bool,
}

/// Why one rule does not give it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WhyNotRule {
    /// The rule; `None` for the facts and tables of a clause.
    pub rule: Option<RuleId>,
    /// The clause.
    pub clause: Option<ClauseId>,
    /// How far it gets.
    pub attempt: Attempt,
}

/// An answer to a judgement that nobody has made.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct If {
    /// The judgement.
    pub judgement: Claim,
    /// The answer.
    pub truth: bool,
}

/// How far a body gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// The values found for the variables so far: name, value, type.
    pub bindings: Vec<(String, Value, Type)>,
    /// The literals that hold together, in the order written.
    pub holds: Vec<StepId>,
    /// The first thing that fails.
    pub fails: Failing,
}

/// What stops a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failing {
    /// The conclusion does not match what is asked: a constant differs.
    Head,
    /// An atom that nothing matches; `pattern` has the values known so far.
    NoMatch {
        /// What would be needed.
        pattern: Pattern,
        /// The row that has its key, where there is one: it says something else.
        instead: Option<Claim>,
        /// The words of the literal.
        span: Span,
        /// For a relation with rules: why none gives it, one level.
        reasons: Vec<WhyNotRule>,
    },
    /// `not A`, but these match: their proofs.
    Matches {
        /// What is denied.
        pattern: Pattern,
        /// Why it holds nevertheless.
        steps: Vec<StepId>,
        /// The words of the literal.
        span: Span,
    },
    /// A judgement that says no.
    Denied {
        /// What would have to be so.
        pattern: Pattern,
        /// The judgement, or what presumes it.
        steps: Vec<StepId>,
    },
    /// It is not known whether this is so.
    Undecided(Pattern),
    /// It is given but for values that are not known.
    Vague(Pattern),
    /// A comparison or test that fails, or has no value.
    Compare(CompareStep),
    /// `( A or B )`, no side of which holds: how far each gets.
    Sides(Span, Vec<Attempt>),
    /// An aggregate without a result: how far its braces get.
    NoGroup(Span, Box<Attempt>),
    /// An aggregate that comes to something else than what its variable has already.
    Differs {
        /// The aggregate, with its contributions (none where it would rest on what is being written).
        steps: Vec<StepId>,
        /// The words of the literal.
        span: Span,
        /// What the variable has, and its type.
        wanted: (Value, Type),
    },
    /// `exempted A by C`, and it is not.
    NotExempted {
        /// What would have to be exempted.
        pattern: Pattern,
        /// The words of the literal.
        span: Span,
        /// What could be exempted: why these exemptions do not apply to it.
        exemptions: Vec<ExemptionStep>,
        /// Where there is nothing that could be exempted: why no rule gives it, one level.
        reasons: Vec<WhyNotRule>,
    },
    /// `not exempted A by C`, and it is.
    IsExempted {
        /// What must not be exempted.
        pattern: Pattern,
        /// Why it is.
        steps: Vec<StepId>,
    },
    /// What has no value: words only.
    Literal(Span),
    /// The clause is not in force on the day.
    NotInForce(InForceStep),
    /// The event's day is not known: no such event.
    NoDay,
    /// An exemption blocks it.
    Blocked(ExemptionStep),
    /// An exemption blocks it if this is so.
    MayBeBlocked(If, ExemptionStep),
}
