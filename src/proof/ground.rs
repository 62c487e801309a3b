//! On what a proof stands, in words that two policies have in common: nothing of it changes where things are moved or
//! renamed, where a rule is written as two, or where a definition is taken out of a rule or put into it.

use super::proof::{
    AbsentStep, Claim, CompareForm, CompareStep, ExemptionOutcome, ExemptionStep, Pattern, Proof,
    RuleStep, Step, StepId,
};
use crate::ir::{ClauseId, Comparison, Kind, Policy, RelationKind};
use crate::value::{Type, Value, write_name};
use std::collections::BTreeSet;

/// What every `never` is called here.
const NEVER: &str = "never";

/// The clauses that a proof uses, the verdicts that follow on the way, and what all rests on: facts, judgements, results of
/// aggregates, comparisons, absences, exemptions that a rule asks for. By which rules of a clause, or of the definitions, one
/// follows from the other is no part of it; nor is what the proof only looked at and did not need (exemptions that do not
/// apply, what keeps an aggregate from having more, from when to when a clause is in force).
pub fn ground(policy: &Policy, proof: &Proof) -> BTreeSet<String> {
    let mut walk = Walk {
        policy,
        proof,
        is_exempted: false,
        seen: BTreeSet::new(),
        ground: BTreeSet::new(),
    };
    if let Some(last) = proof.steps.len().checked_sub(1) {
        walk.step(StepId(last as u32));
    }
    walk.ground
}

/// From the conclusion down.
struct Walk<'p> {
    policy: &'p Policy,
    proof: &'p Proof,
    /// Whether it goes through what would follow but for an exemption.
    is_exempted: bool,
    seen: BTreeSet<(StepId, bool)>,
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
            && self.seen.insert((at, self.is_exempted))
        {
            self.told(step);
        }
    }

    fn told(&mut self, step: &Step) {
        match step {
            Step::Rule(step) => self.rule(step),
            Step::Fact(step) => {
                let told = format!("{} {}", self.clause(step.clause), self.atom(&step.claim));
                self.ground.insert(told);
            }
            Step::Judgement(step) => {
                let told = format!("{} {}", step.truth, self.atom(&step.claim));
                self.ground.insert(told);
                self.steps(&step.premises);
            }
            Step::Aggregate(step) => {
                let result = self.value(&step.result.0, step.result.1);
                self.ground.insert(format!("{} {result}", step.function));
                for contribution in &step.contributions {
                    self.steps(&contribution.premises);
                }
            }
            Step::Compare(step) => {
                let told = self.comparison(step).filter(|_| !self.is_exempted);
                self.ground.extend(told);
            }
            Step::Absent(step) => {
                let told = (!self.is_exempted).then(|| self.absent(step));
                self.ground.extend(told);
            }
            Step::Exemption(step) => self.exemption(step),
            Step::Named(_) | Step::InForce(_) | Step::Review(_) => {}
        }
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
        self.steps(&step.premises);
    }

    /// By which clause something is exempted, and why; and on which facts it would follow but for that.
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

    /// Numbers without what they count, 0.1 % is 0.001; texts like names.
    fn value(&self, value: &Value, ty: Type) -> String {
        match value {
            Value::Number(number) => number.to_string(),
            Value::Text(text) => write_name(text),
            value => self.policy.types.literal(value, ty),
        }
    }
}
