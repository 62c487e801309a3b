//! Rules and facts of clauses: what follows by one step, unless an exemption blocks it.

use super::body::{At, Frame, Reading, RowSet, Side, unify};
use super::order::Start;
use crate::ir::{
    Blocked, ClauseId, Exempted, ExemptionId, ExemptionTarget, Missing, Policy, RelationId, Rule,
    RuleId, Term, Timing,
};
use crate::proof::proof::Claim;
use crate::value::{Date, Type, TypeId, Value};

/// How deep exemptions may be about exemptions, and presumptions rest on presumptions.
pub(super) const DEPTH: u32 = 40;

/// A derivation as exemptions see it.
pub(super) struct Target {
    claim: Claim,
    /// The events that it is about, with the types of their ids.
    events: Vec<(TypeId, Value)>,
    day: Option<Date>,
}

/// Something that is derived unless an exemption blocks it.
struct Candidate {
    what: Blocked,
    home: Option<ClauseId>,
    target: Target,
}

impl<'a> Reading<'_, 'a> {
    /// What a rule's variables are, given what is known of its head; `None`: it concludes something else.
    fn seed(
        &self,
        at: At,
        rule: &Rule,
        args: &[Option<Value>],
        day: Option<Date>,
    ) -> Option<Frame> {
        let mut frame = Frame {
            bindings: vec![None; rule.variables.len()],
            day: if rule.timing == Timing::Standing {
                day
            } else {
                None
            },
        };
        let mut terms = rule.head.args.iter().zip(args);
        let fits = terms.all(|(term, value)| {
            value.as_ref().is_none_or(|value| {
                let (terms, row) = (std::slice::from_ref(term), std::slice::from_ref(value));
                match at.side {
                    // A head may conclude what nobody knows, which then stands for what is asked.
                    Side::Possible if value.is_open() => true,
                    _ => unify(Side::Possible, &mut frame.bindings, terms, row),
                }
            })
        });
        fits.then_some(frame)
    }

    /// What a rule concludes under bindings; on a day, where that is asked of what holds on every day.
    fn concluded(&self, rule: &Rule, frame: &Frame, day: Option<Date>) -> Claim {
        let scope = self.scope(&frame.bindings);
        let terms = rule.head.args.iter().enumerate();
        let value = |(at, term): (usize, &Term)| {
            let value = scope.term(term);
            value.unwrap_or_else(|| missing(self.ground.policy, rule.head.relation, at))
        };
        let standing = self.ground.policy.relation(rule.head.relation).standing;
        Claim {
            relation: rule.head.relation,
            args: terms.map(value).collect(),
            day: frame.day.or(day).filter(|_| standing),
        }
    }

    /// Everything that some rule or clause derives for a pattern before exemptions are looked at.
    fn candidates(
        &self,
        at: At,
        relation: RelationId,
        args: &[Option<Value>],
        day: Option<Date>,
    ) -> Vec<Candidate> {
        let mut found = Vec::new();
        for id in self.ground.rules(relation) {
            let rule: &'a Rule = self.ground.policy.rule(*id);
            if let Err(trouble) = self.ground.allows(Blocked::Rule(*id)) {
                self.fail(trouble);
                return Vec::new();
            }
            let Some(seed) = self.seed(at, rule, args, day) else {
                continue;
            };
            for frame in self.solve(
                at,
                &rule.body,
                Start::Asked,
                Some(&rule.timing),
                rule.home,
                seed,
            ) {
                let claim = self.concluded(rule, &frame, day);
                if fits(args, &claim.args) {
                    found.push(Candidate {
                        what: Blocked::Rule(*id),
                        home: rule.home,
                        target: self.target_of_rule(*id, &frame, claim),
                    });
                }
            }
        }
        for fact in self.ground.stated(relation, args) {
            let claim = Claim {
                relation,
                args: fact.args.clone(),
                day,
            };
            if !self.is_stated_law(fact.home, day, at.side) || !fits(args, &claim.args) {
                continue;
            }
            let target = self.target_of_fact(claim);
            found.push(match fact.home {
                Some(home) => Candidate {
                    what: Blocked::Facts(relation, home),
                    home: fact.home,
                    target,
                },
                // Nothing can be exempted that stands in no clause.
                None => Candidate {
                    what: Blocked::Facts(relation, ClauseId(u32::MAX)),
                    home: None,
                    target,
                },
            });
        }
        found
    }

    fn is_stated_law(&self, home: Option<ClauseId>, day: Option<Date>, side: Side) -> bool {
        match (home, day) {
            (None, _) => true,
            (Some(home), Some(day)) => self.ground.is_law(home, day, side),
            (Some(_), None) => false,
        }
    }

    fn is_free(&self, at: At, candidate: &Candidate) -> bool {
        let blockers = self.ground.blockers(candidate.what, candidate.target.day);
        !blockers
            .into_iter()
            .any(|id| self.applies(at.other(), id, &candidate.target))
    }

    /// What the policy concludes for a pattern.
    pub fn conclusions(
        &self,
        at: At,
        relation: RelationId,
        args: &[Option<Value>],
        day: Option<Date>,
        by: Option<&[ClauseId]>,
    ) -> RowSet {
        let candidates = self.candidates(at, relation, args, day).into_iter();
        let counts = |candidate: &Candidate| {
            by.is_none_or(|by| {
                self.ground
                    .counts_as(candidate.home, by, candidate.target.day)
            })
        };
        let free = candidates.filter(|it| counts(it) && self.is_free(at, it));
        free.map(|candidate| candidate.target.claim.args).collect()
    }

    /// Whether a rule surely gives a fact with these bindings; then the day on which it was judged.
    pub fn follows(
        &self,
        id: RuleId,
        bindings: &[Option<Value>],
        claim: &Claim,
    ) -> Option<Option<Date>> {
        let at = At {
            side: Side::Sure,
            is_firm: true,
        };
        let rule: &'a Rule = self.ground.policy.rule(id);
        if let Err(trouble) = self.ground.allows(Blocked::Rule(id)) {
            self.fail(trouble);
            return None;
        }
        let day = if rule.timing == Timing::Standing {
            claim.day
        } else {
            None
        };
        // A value that nobody knows is the same as none: the body has to bind it.
        let known = bindings.iter();
        let known = known.map(|it| it.clone().filter(|value| !value.is_open()));
        let frame = Frame {
            bindings: known.collect(),
            day,
        };
        let frames = self.solve(
            at,
            &rule.body,
            Start::Asked,
            Some(&rule.timing),
            rule.home,
            frame,
        );
        let mut found = frames.into_iter().filter_map(|frame| {
            let own = self.concluded(rule, &frame, claim.day);
            let candidate = Candidate {
                what: Blocked::Rule(id),
                home: rule.home,
                target: self.target_of_rule(id, &frame, own),
            };
            let is_it = candidate.target.claim == *claim;
            (is_it && self.is_free(at, &candidate)).then_some(frame.day)
        });
        found.next()
    }

    /// Whether a fact surely stands in a clause (or outside any).
    pub fn stands(&self, home: Option<ClauseId>, claim: &Claim) -> bool {
        let at = At {
            side: Side::Sure,
            is_firm: true,
        };
        let args: Vec<Option<Value>> = claim.args.iter().cloned().map(Some).collect();
        let stated = self.ground.stated(claim.relation, &args);
        let is_there = stated
            .iter()
            .any(|fact| fact.home == home && fact.args == claim.args);
        if !is_there || !self.is_stated_law(home, claim.day, at.side) {
            return false;
        }
        let Some(home) = home else { return true };
        let candidate = Candidate {
            what: Blocked::Facts(claim.relation, home),
            home: Some(home),
            target: self.target_of_fact(claim.clone()),
        };
        self.is_free(at, &candidate)
    }

    fn target_of_rule(&self, rule: RuleId, frame: &Frame, claim: Claim) -> Target {
        let scope = self.scope(&frame.bindings);
        let events = self.ground.events_of[rule.at()].iter();
        let events = events.filter_map(|(term, ty)| Some((*ty, scope.term(term)?)));
        Target {
            events: events.collect(),
            claim,
            day: frame.day,
        }
    }

    fn target_of_fact(&self, claim: Claim) -> Target {
        let fields = &self.ground.policy.relation(claim.relation).fields;
        let events = fields.iter().zip(&claim.args);
        let events = events.filter_map(|(field, value)| match field.ty {
            Type::Entity(ty) | Type::Set(ty) if self.ground.is_event(ty) => {
                Some((ty, value.clone()))
            }
            _ => None,
        });
        Target {
            events: events.collect(),
            day: claim.day,
            claim,
        }
    }

    /// Whether an exemption surely applies to a derivation, or may: in force, its body holds, and nothing exempts from it.
    fn applies(&self, at: At, id: ExemptionId, target: &Target) -> bool {
        if self.depth.get() >= DEPTH {
            self.fail("exemptions are about exemptions without end");
            return false;
        }
        self.depth.set(self.depth.get() + 1);
        let applies = self.has_grounds(at, id, target) && {
            let counters = self.ground.blockers(Blocked::Exemption(id), target.day);
            !counters
                .into_iter()
                .any(|counter| self.applies(at.other(), counter, target))
        };
        self.depth.set(self.depth.get() - 1);
        applies
    }

    fn has_grounds(&self, at: At, id: ExemptionId, target: &Target) -> bool {
        let exemption = self.ground.policy.exemption(id);
        if let Err(trouble) = self.ground.allows(Blocked::Exemption(id)) {
            self.fail(trouble);
            return false;
        }
        let lifted = &self.ground.circumstances.exemptions_lifted;
        let is_law = |day| self.ground.is_law(exemption.home, day, at.side);
        if lifted.covers(exemption.home) || !target.day.is_some_and(is_law) {
            return false;
        }
        let empty = Frame {
            bindings: vec![None; exemption.variables.len()],
            day: target.day,
        };
        let unified = |terms: &[Term], values: &[Value]| {
            let mut frame = empty.clone();
            unify(at.side, &mut frame.bindings, terms, values).then_some(frame)
        };
        let seeds: Vec<Frame> = match &exemption.target {
            ExemptionTarget::Head(atom) if atom.relation == target.claim.relation => {
                unified(&atom.args, &target.claim.args)
                    .into_iter()
                    .collect()
            }
            ExemptionTarget::Head(_) => Vec::new(),
            ExemptionTarget::Event(term, ty) => {
                let events = target.events.iter().filter(|(own, _)| own == ty);
                let one = std::slice::from_ref::<Value>;
                let seeds =
                    events.filter_map(|(_, id)| unified(std::slice::from_ref(term), one(id)));
                seeds.collect()
            }
        };
        let mut seeds = seeds.into_iter();
        seeds.any(|seed| {
            !self
                .solve(at, &exemption.body, Start::Given, None, None, seed)
                .is_empty()
        })
    }

    /// `exempted HEAD by CLAUSE`: a derivation that one of these exemptions blocks; or that there is none.
    pub(super) fn exempted(&self, at: At, exempted: &Exempted, frame: Frame) -> Vec<Frame> {
        let asked = match exempted.negated {
            true => at.other(),
            false => at,
        };
        let atom = &exempted.atom;
        let args = self.known_args(&atom.args, &frame);
        let standing = self.ground.policy.relation(atom.relation).standing;
        let day = frame.day.filter(|_| standing);
        let is_blocked = |candidate: &Candidate| {
            let day = candidate.target.day;
            let blockers = self.ground.blockers(candidate.what, day).into_iter();
            let mut meant = blockers.filter(|id| self.ground.is_meant(*id, &exempted.by, day));
            meant.any(|id| self.applies(asked, id, &candidate.target))
        };
        if self.depth.get() >= DEPTH {
            self.fail("`exempted` conditions rest on each other without end");
            return Vec::new();
        }
        self.depth.set(self.depth.get() + 1);
        let candidates = self
            .candidates(asked, atom.relation, &args, day)
            .into_iter();
        let found = candidates.filter(is_blocked).filter_map(|candidate| {
            let mut next = frame.clone();
            let row = &candidate.target.claim.args;
            unify(asked.side, &mut next.bindings, &atom.args, row).then_some(next)
        });
        let mut found: Vec<Frame> = found.collect();
        self.depth.set(self.depth.get() - 1);
        if exempted.negated {
            return if found.is_empty() {
                vec![frame]
            } else {
                Vec::new()
            };
        }
        let mut distinct = Vec::new();
        found.retain(|next| {
            let is_new = !distinct.contains(&next.bindings);
            if is_new {
                distinct.push(next.bindings.clone());
            }
            is_new
        });
        found
    }
}

/// Whether a row fits what is asked; what nobody knows may.
pub(super) fn fits(args: &[Option<Value>], row: &[Value]) -> bool {
    let mut pairs = args.iter().zip(row);
    pairs.all(|(asked, value)| {
        asked
            .as_ref()
            .is_none_or(|asked| asked == value || value.is_open())
    })
}

/// What a head has where a field is left out.
fn missing(policy: &Policy, relation: RelationId, at: usize) -> Value {
    match policy.relation(relation).fields[at].missing {
        Missing::Unknown => Value::Unknown,
        Missing::Never | Missing::None => Value::None,
    }
}
