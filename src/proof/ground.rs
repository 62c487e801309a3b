//! On what a proof stands, in words that two policies have in common: nothing of it changes where things are moved or
//! renamed, where a rule is written as two, or where a definition is taken out of a rule or put into it.

use super::proof::{
    AbsentStep, Claim, CompareForm, CompareStep, ExemptionOutcome, ExemptionStep, Pattern, Proof,
    RuleStep, Step, StepId,
};
use crate::ir::{ClauseId, Comparison, Kind, Policy, RelationKind};
use crate::value::{Type, Value};
use std::collections::BTreeSet;

/// What every `never` is called here.
const NEVER: &str = "never";

/// The clauses that a proof uses, the verdicts that follow on the way, and what all rests on: facts and judgements, also
/// those that only stand in the way of something else, results of aggregates, comparisons, absences, exemptions that a rule
/// asks for. By which rules of a clause, or of the definitions, one follows from the other is no part of it; nor is what
/// the proof only looked at and did not need (how far exemptions get that do not apply, from when to when a clause is in
/// force).
pub fn ground(policy: &Policy, proof: &Proof) -> BTreeSet<String> {
    let mut walk = Walk {
        policy,
        proof,
        seen: BTreeSet::new(),
        ground: BTreeSet::new(),
    };
    for step in &proof.steps {
        walk.stands_on(step);
    }
    if let Some(last) = proof.steps.len().checked_sub(1) {
        walk.step(StepId(last as u32));
    }
    walk.ground
}

/// From the conclusion down.
struct Walk<'p> {
    policy: &'p Policy,
    proof: &'p Proof,
    seen: BTreeSet<StepId>,
    ground: BTreeSet<String>,
}

impl Walk<'_> {
    fn steps(&mut self, steps: &[StepId]) {
        for step in steps {
            self.step(*step);
        }
    }

    fn step(&mut self, at: StepId) {
        let proof = self.proof;
        if let Some(step) = proof.steps.get(at.0 as usize)
            && self.seen.insert(at)
        {
            self.told(step);
        }
    }

    /// What counts wherever it stands in the proof.
    fn stands_on(&mut self, step: &Step) {
        let told = match step {
            Step::Rule(step) => return self.rule(step),
            Step::Fact(step) => format!("{} {}", self.clause(step.clause), self.atom(&step.claim)),
            Step::Judgement(step) => format!("{} {}", step.truth, self.atom(&step.claim)),
            Step::Aggregate(step) => {
                let result = self.value(&step.result.0, step.result.1);
                format!("{} {result}", step.function)
            }
            Step::Named(_)
            | Step::Absent(_)
            | Step::Compare(_)
            | Step::Exemption(_)
            | Step::InForce(_)
            | Step::Review(_) => return,
        };
        self.ground.insert(told);
    }

    /// A definition on the way says nothing by itself but where it stands: what it rests on does.
    fn rule(&mut self, step: &RuleStep) {
        let home = self.policy.rule(step.rule).home;
        let is_answer = match self.policy.relation(step.claim.relation).kind {
            Kind::Declared(RelationKind::Verdict) | Kind::Constraint(_) => true,
            Kind::Declared(_) | Kind::Names(_) => false,
        };
        if home.is_some() {
            self.ground.insert(self.clause(home));
        }
        if is_answer {
            let told = format!("{}: {}", self.clause(home), self.atom(&step.claim));
            self.ground.insert(told);
        }
    }

    /// What counts where the conclusion rests on it.
    fn told(&mut self, step: &Step) {
        match step {
            Step::Rule(step) => self.steps(&step.premises),
            Step::Judgement(step) => self.steps(&step.premises),
            Step::Aggregate(step) => {
                for contribution in &step.contributions {
                    self.steps(&contribution.premises);
                }
            }
            Step::Compare(step) => self.ground.extend(self.comparison(step)),
            Step::Absent(step) => {
                let told = self.absent(step);
                self.ground.insert(told);
            }
            Step::Exemption(step) => self.exemption(step),
            Step::Fact(_) | Step::Named(_) | Step::InForce(_) | Step::Review(_) => {}
        }
    }

    /// By which clause something is exempted, and why; not how it would follow.
    fn exemption(&mut self, step: &ExemptionStep) {
        match &step.outcome {
            ExemptionOutcome::Applies(premises) => {
                let home = self.policy.exemption(step.exemption).home;
                self.ground
                    .insert(format!("exempted by {}", self.clause(Some(home))));
                self.steps(premises);
            }
            ExemptionOutcome::Exempted(other) => self.exemption(other),
            ExemptionOutcome::Fails(_) | ExemptionOutcome::OtherFact | ExemptionOutcome::Lifted => {
            }
        }
    }

    fn clause(&self, clause: Option<ClauseId>) -> String {
        clause.map_or(String::new(), |at| self.policy.citation(at))
    }

    /// What is compared, whichever side it stands on. What a variable is computed from is said where it is compared.
    fn comparison(&self, step: &CompareStep) -> Option<String> {
        let side = |side: &(Value, Type)| self.value(&side.0, side.1);
        let (left, right) = (side(&step.left), side(&step.right));
        let either = |sign| {
            let (first, last) = if left <= right {
                (&left, &right)
            } else {
                (&right, &left)
            };
            format!("{first} {sign} {last}")
        };
        Some(match (step.form, step.op) {
            (CompareForm::Binding, _) => return None,
            (CompareForm::Test(negated), _) => {
                let values = step.values.iter();
                let values: BTreeSet<String> = values
                    .map(|(_, value, ty)| self.value(value, *ty))
                    .collect();
                let values: Vec<String> = values.into_iter().collect();
                format!("test {negated} {}", values.join(", "))
            }
            (CompareForm::Comparison, Comparison::Equal) => either("="),
            (CompareForm::Comparison, Comparison::NotEqual) => either("!="),
            (CompareForm::Comparison, Comparison::Less) => format!("{left} < {right}"),
            (CompareForm::Comparison, Comparison::AtMost) => format!("{left} <= {right}"),
            (CompareForm::Comparison, Comparison::Greater) => format!("{right} < {left}"),
            (CompareForm::Comparison, Comparison::AtLeast) => format!("{right} <= {left}"),
        })
    }

    fn absent(&self, step: &AbsentStep) -> String {
        let by = step.by.iter().flatten();
        let by: BTreeSet<String> = by.map(|at| self.clause(Some(*at))).collect();
        let by: Vec<String> = by.into_iter().collect();
        let exempted = if step.exempted { "exempted " } else { "" };
        format!(
            "not {exempted}{} {}",
            self.pattern(&step.pattern),
            by.join(", ")
        )
    }

    fn atom(&self, claim: &Claim) -> String {
        self.pattern(&Pattern::from(claim))
    }

    fn pattern(&self, pattern: &Pattern) -> String {
        let relation = self.policy.relation(pattern.relation);
        let name = match relation.kind {
            Kind::Constraint(_) => NEVER,
            Kind::Declared(_) | Kind::Names(_) => &relation.name,
        };
        let fields = relation.fields.iter().zip(&pattern.args);
        let values = fields.map(|(field, value)| match value {
            Some(value) => self.value(value, field.ty),
            None => "_".into(),
        });
        let values: Vec<String> = values.collect();
        format!("{name}({})", values.join(", "))
    }

    /// Numbers without what they count: 0.1 % is 0.001.
    fn value(&self, value: &Value, ty: Type) -> String {
        match value {
            Value::Number(number) => number.to_string(),
            value => self.policy.types.literal(value, ty),
        }
    }
}
