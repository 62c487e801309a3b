//! Checks a certificate against a policy and facts: from `Policy` and its meaning, and nothing that an engine found.
//!
//! The items are taken in order. A step must follow, by one instance of a rule or from a clause, from its premises, and
//! what it needs to be absent must be left out by lists that were checked before. Lists are checked together: what the
//! rules give for their patterns, from given facts, these lists and those before, must stand in them. Nothing is
//! believed, so an order or a list that is wrong can only keep something from being shown. Where a certificate goes by cases,
//! each is checked so, on the facts with what it assumes, and `cases` checks that they leave nothing out.

mod aggregates;
mod asked;
mod body;
mod cases;
mod ground;
mod ledger;
mod order;
mod presumed;
mod redacted;
mod rows;
mod rules;
mod trouble;

pub use body::Demand;
pub(super) use body::{At, Known, Reading, Side};
pub use cases::{Settled, Settling, leave_nothing_out, questions};
pub(super) use ground::Ground;
pub(super) use redacted::Redacted;
pub use trouble::Trouble;

use super::certificate::{Case, Complete, InForce, Item, Premise, Source, Step};
use super::proof::Claim;
use crate::ir::{Calendar, Circumstances, ClauseId, Policy};
use crate::source::Span;
use crate::value::Date;
use body::Row;
use ledger::{Ledger, Premises};

/// Why a certificate is rejected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejection {
    /// In which case, counted from 1; `None`: the certificate has no cases, or it is about all of them.
    pub case: Option<usize>,
    /// Where: the item, counted from 1; `None`: the certificate as a whole.
    pub item: Option<usize>,
    /// What does not follow.
    pub claim: Option<Claim>,
    /// Why.
    pub reason: String,
    /// The words of the policy at which that is seen.
    pub at: Option<Span>,
}

impl Rejection {
    /// Of the certificate as a whole.
    pub fn whole(reason: String) -> Rejection {
        Rejection {
            case: None,
            item: None,
            claim: None,
            reason,
            at: None,
        }
    }
}

/// Checks that in one case a claim follows from the policy and the facts as they are settled there.
pub fn verify(
    policy: &Policy,
    calendar: &Calendar,
    circumstances: &Circumstances,
    settled: &Settled,
    claim: &Claim,
    case: &Case,
) -> Result<(), Rejection> {
    let mut ground = Ground::new(policy, calendar, circumstances, &settled.facts);
    for (relation, row) in &settled.rows {
        ground.assume(*relation, row);
    }
    if let Err(trouble) = ground.redacted.allows_facts(policy) {
        return Err(Rejection {
            at: trouble.at,
            ..Rejection::whole(trouble.reason)
        });
    }
    let mut check = Check {
        ground: &ground,
        ledger: Ledger::default(),
        steps: Vec::new(),
        case,
        work: 0,
    };
    for (at, item) in case.items.iter().enumerate() {
        let reject = |(claim, trouble): (Option<Claim>, Trouble)| Rejection {
            case: None,
            item: Some(at + 1),
            claim,
            reason: trouble.reason,
            at: trouble.at,
        };
        match item {
            Item::Step(step) => check
                .step(step)
                .map_err(|it| reject((Some(step.claim.clone()), it)))?,
            Item::Complete(lists) => check.complete(lists).map_err(reject)?,
        }
    }
    if check.ledger.is_proved(claim) || check.is_given(claim) {
        return Ok(());
    }
    Err(Rejection {
        claim: Some(claim.clone()),
        ..Rejection::whole("no step shows it".into())
    })
}

struct Check<'g, 'a> {
    ground: &'g Ground<'a>,
    ledger: Ledger,
    steps: Vec<&'g Claim>,
    case: &'g Case,
    work: u64,
}

impl<'g> Check<'g, '_> {
    fn step(&mut self, step: &'g Step) -> Result<(), Trouble> {
        let mut premises = Premises::new(self.ground, &self.ledger);
        for premise in &step.premises {
            match premise {
                Premise::Given(at) => match self.case.given.get(*at) {
                    Some(claim) => premises.give(claim),
                    None => return Err("a premise is not among the facts used".into()),
                },
                Premise::Step(at) => match self.steps.get(*at) {
                    Some(claim) => premises.add(claim),
                    None => return Err("a premise does not stand before what rests on it".into()),
                },
            }
        }
        let reading = Reading::new(self.ground, &premises);
        reading.work.set(self.work);
        let claim = &step.claim;
        let (home, day) = match &step.source {
            Source::Rule(id, bindings) => {
                let rule = self.ground.policy.rule(*id);
                if rule.head.relation != claim.relation || bindings.len() != rule.variables.len() {
                    return Err("the rule concludes something else".into());
                }
                let day = reading.follows(*id, bindings, claim);
                let found = day.map(|day| (rule.home, day));
                found.ok_or_else(|| {
                    let trouble = reading.trouble.borrow().clone();
                    trouble.unwrap_or_else(|| self.does_not_follow(step).into())
                })?
            }
            Source::Stated(home) => {
                if !reading.stands(*home, claim) {
                    let trouble = reading.trouble.borrow().clone();
                    return Err(trouble.unwrap_or_else(|| {
                        "it does not stand there, or that is not in force, or an exemption applies".into()
                    }));
                }
                (*home, claim.day)
            }
        };
        if let Some(trouble) = reading.trouble.borrow().clone() {
            return Err(trouble);
        }
        if step.in_force != self.ground.in_force(home, day) {
            return Err("the days on which its clause is in force are others".into());
        }
        self.work = reading.work.get();
        self.ledger.prove(claim, home, day);
        self.steps.push(claim);
        Ok(())
    }

    fn does_not_follow(&self, step: &Step) -> String {
        let given = step.premises.iter().filter_map(|premise| match premise {
            Premise::Given(at) => self.case.given.get(*at),
            Premise::Step(_) => None,
        });
        let mut not_given = given.filter(|claim| self.ground.is_row_not_given(claim));
        let policy = self.ground.policy;
        let more = not_given.next().map_or(String::new(), |claim| {
            let relation = policy.relation(claim.relation);
            let fields = relation.fields.iter().zip(&claim.args);
            let args = fields.map(|(field, value)| policy.types.literal(value, field.ty));
            let args: Vec<String> = args.collect();
            format!(
                ", of which nobody gave `{}({})`",
                relation.name,
                args.join(", ")
            )
        });
        format!("it does not follow by this rule from these premises{more}")
    }

    fn complete(&mut self, lists: &[Complete]) -> Result<(), (Option<Claim>, Trouble)> {
        for list in lists {
            let relation = self.ground.policy.relation(list.demand.relation);
            if relation.standing != list.demand.day.is_some() {
                let reason = format!(
                    "a list of `{}` is on no day, or on one that it does not have",
                    relation.name
                );
                return Err((None, reason.into()));
            }
            self.ledger.claim(&list.demand, &list.rows);
        }
        let at = At {
            side: Side::Possible,
            is_firm: false,
        };
        for list in lists {
            let Demand {
                relation,
                args,
                day,
                by,
            } = &list.demand;
            let everything = Premises::all(self.ground, &self.ledger);
            let reading = Reading::new(self.ground, &everything);
            reading.work.set(self.work);
            let found = reading.conclusions(at, *relation, args, *day, by.as_deref());
            if let Some(trouble) = reading.trouble.borrow().clone() {
                return Err((None, trouble));
            }
            self.work = reading.work.get();
            if let Some(row) = found
                .into_iter()
                .find(|row| !self.ledger.lists(&list.demand, row))
            {
                let claim = Claim {
                    relation: *relation,
                    args: row,
                    day: *day,
                };
                return Err((
                    Some(claim),
                    Trouble::from("a rule gives it, and the list leaves it out"),
                ));
            }
        }
        self.ledger.settle();
        Ok(())
    }

    fn is_given(&self, claim: &Claim) -> bool {
        let demand = Demand {
            relation: claim.relation,
            args: claim.args.iter().cloned().map(Some).collect(),
            day: claim.day,
            by: None,
        };
        let at = At {
            side: Side::Sure,
            is_firm: true,
        };
        let everything = Premises::all(self.ground, &self.ledger);
        let reading = Reading::new(self.ground, &everything);
        let given = || reading.given(at, &demand, Row::Given);
        self.ground.is_given(claim.relation) && given().is_ok_and(|rows| rows.contains(&claim.args))
    }
}

impl Ground<'_> {
    /// The stretch of days in which a clause is in force on a day.
    pub(super) fn in_force(&self, clause: Option<ClauseId>, day: Option<Date>) -> Option<InForce> {
        let (clause, day) = clause.zip(day)?;
        let stretch = self.calendar.on(clause, day);
        Some(InForce {
            clause,
            day,
            from: stretch.from,
            through: stretch.through,
        })
    }
}
