//! What is looked up again and again, put in order once for a world.

use super::canonical::{exemption_key, rule_key};
use super::exempt::Target;
use super::in_the_way::{Looked, Wanted, growing};
use super::plan::Plan;
use super::proof::JudgementStep;
use super::search::Key;
use super::{Side, World};
use crate::ir::{
    Blocked, Calendar, Calendars, ClauseId, Days, Exemption, ExemptionId, ExemptionTarget, Fact,
    Kind, Policy, PolicyFact, RelationId, RelationKind, RuleId, Term, events_of,
};
use crate::source::Place;
use crate::value::{Date, Type, TypeId, Value};
use std::borrow::Cow;
use std::cell::{Cell, OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::hash::Hash;
use std::ops::Deref;
use std::rc::Rc;
use std::sync::Arc;

/// Which plans and answers are kept for the next time they are needed.
#[derive(Default)]
pub(super) struct Kept<'a> {
    /// The order in which a body is solved, by its owner and by which of its variables are known beforehand.
    pub plans: RefCell<HashMap<PlanKey, Rc<Plan<'a>>>>,
    /// Whether an exemption applies.
    pub applies: RefCell<HashMap<(Side, ExemptionId, Target), bool>>,
    /// What was looked for a proof of, and whether there is one.
    pub provable: RefCell<HashMap<(Side, Key), bool>>,
    /// What looking at an absence gave.
    pub looked: RefCell<HashMap<(Side, Wanted), Rc<Looked>>>,
    /// Where each is to be looked at once: which absences were.
    pub walked: RefCell<Option<HashSet<(Side, Wanted)>>>,
    /// Within how many `exempted` conditions candidates are being looked for.
    pub depth: Cell<u32>,
    /// The days of events, by their ids.
    pub event_days: RefCell<HashMap<(Side, TypeId, Value), Option<Date>>>,
    /// The policy's working days, in order.
    pub working_days: OnceCell<Vec<Date>>,
    /// Where the facts from outside first have a name that was asked about.
    pub named: RefCell<HashMap<(TypeId, Value), Option<Place>>>,
    /// The days of clauses as if no judgement had been made on which suspensions depend; `None`: none was.
    pub undecided: OnceCell<Option<Calendar>>,
    /// The days of clauses in each way of settling what is open.
    pub calendars: OnceCell<Calendars>,
    /// The judgements that decide whether a clause is in force on a day.
    pub deciders: RefCell<HashMap<(ClauseId, Date), Deciders>>,
    /// Everything else.
    pub index: OnceCell<Index>,
}

/// Judgements that together decide something.
pub(super) type Deciders = Rc<[JudgementStep]>;

/// How many answers of one kind are kept; beyond, they are found again.
const REMEMBERED: usize = 100_000;

/// Keeps an answer for the next time.
pub(super) fn remember<K: Eq + Hash, V>(answers: &RefCell<HashMap<K, V>>, key: K, answer: V) {
    let mut answers = answers.borrow_mut();
    if answers.len() >= REMEMBERED {
        answers.clear();
    }
    answers.insert(key, answer);
}

/// Whose body, which variables are known beforehand, and last whether the day is.
pub(super) type PlanKey = (Owner, Vec<bool>);

/// Whose body it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Owner {
    Rule(RuleId),
    Exemption(ExemptionId),
    /// By its place in `World::presumptions`.
    Presumption(u32),
}

/// An exemption that bears on something because a clause stands as another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Heir {
    pub exemption: ExemptionId,
    /// While it does.
    pub days: Days,
}

/// What is put in order of a policy, whatever the world.
#[derive(Debug)]
pub struct OfPolicy {
    /// Places in `Policy::facts`, in the order of relations and values.
    stated: Vec<u32>,
    /// The rules of each relation, in canonical order.
    rules: BTreeMap<RelationId, Vec<RuleId>>,
    /// By `RuleId`: its place in the canonical order of all rules.
    pub(super) rank: Vec<u32>,
    /// By `ExemptionId`: likewise.
    pub(super) exemption_rank: Vec<u32>,
    /// The event relations of each type of ids.
    pub(super) events: BTreeMap<TypeId, Vec<RelationId>>,
    /// By `RuleId`: the events that its conclusion is about.
    pub(super) events_of: Vec<Vec<(Term, TypeId)>>,
    /// In which clauses facts of a relation stand.
    pub(super) homes: BTreeMap<RelationId, BTreeSet<Option<ClauseId>>>,
    /// The exemptions that the policy says block something.
    pub(super) blockers: BTreeMap<Blocked, Vec<ExemptionId>>,
}

/// See the module.
pub(super) struct Index {
    of_policy: Arc<OfPolicy>,
    /// The exemptions that block something; those that do so while a clause stands as another one.
    pub heirs: BTreeMap<Blocked, Vec<Heir>>,
    /// The relations of which more can hold where a fact is taken away.
    pub growing: BTreeSet<RelationId>,
    /// By clause: as which others it stands, and on which days.
    pub stands_as: BTreeMap<ClauseId, Vec<(ClauseId, Days)>>,
}

impl Deref for Index {
    type Target = OfPolicy;

    fn deref(&self) -> &OfPolicy {
        &self.of_policy
    }
}

impl OfPolicy {
    /// Puts a policy in order.
    pub fn new(policy: &Policy) -> OfPolicy {
        let rank = ranks(policy.rules.iter().map(|rule| rule_key(policy, rule)));
        let rules = policy.rules.iter();
        let exemptions = policy.exemptions.iter();
        let mut of_policy = OfPolicy {
            stated: sorted(&policy.facts, |fact| (fact.relation, &fact.args)),
            rules: rules_by_relation(policy, &rank),
            rank,
            exemption_rank: ranks(exemptions.map(|exemption| exemption_key(policy, exemption))),
            events: events(policy),
            events_of: rules.map(|it| events_of(policy, it)).collect(),
            homes: BTreeMap::new(),
            blockers: BTreeMap::new(),
        };
        for fact in &policy.facts {
            let homes = of_policy.homes.entry(fact.relation).or_default();
            homes.insert(fact.home);
        }
        for id in of_policy.exemptions(policy) {
            let blocks: BTreeSet<Blocked> = policy.exemption(id).blocks.iter().copied().collect();
            for blocked in blocks {
                of_policy.blockers.entry(blocked).or_default().push(id);
            }
        }
        of_policy
    }

    /// The exemptions in their order.
    fn exemptions(&self, policy: &Policy) -> Vec<ExemptionId> {
        let ids = (0..policy.exemptions.len() as u32).map(ExemptionId);
        let mut ids: Vec<ExemptionId> = ids.collect();
        ids.sort_by_key(|id| self.exemption_rank[id.at()]);
        ids
    }

    /// The rules with that relation as their head, in canonical order.
    pub(super) fn rules(&self, relation: RelationId) -> &[RuleId] {
        self.rules.get(&relation).map_or(&[], Vec::as_slice)
    }

    /// The facts of the policy with those values.
    pub(super) fn stated<'f>(
        &self,
        policy: &'f Policy,
        relation: RelationId,
        args: &[Value],
    ) -> impl Iterator<Item = &'f PolicyFact> {
        let key = |fact: &'f PolicyFact| (fact.relation, &fact.args[..]);
        found(&self.stated, &policy.facts, key, (relation, args))
    }
}

impl Index {
    /// `judged`: the clauses that are in force or not as judgements have it.
    pub fn new(
        of_policy: Arc<OfPolicy>,
        policy: &Policy,
        calendar: &Calendar,
        judged: &BTreeSet<ClauseId>,
    ) -> Index {
        let mut index = Index {
            of_policy,
            heirs: BTreeMap::new(),
            growing: growing(policy, judged),
            stands_as: stands_as(calendar),
        };
        if index.stands_as.is_empty() {
            return index;
        }
        for id in index.exemptions(policy) {
            let exemption = policy.exemption(id);
            for (blocked, days) in index.inherited(policy, exemption) {
                if !exemption.blocks.contains(&blocked) {
                    let heir = Heir {
                        exemption: id,
                        days,
                    };
                    index.heirs.entry(blocked).or_default().push(heir);
                }
            }
        }
        index
    }

    /// What an exemption blocks on some days, because it stands in a clause that then stands as one that is named.
    fn inherited(&self, policy: &Policy, exemption: &Exemption) -> Vec<(Blocked, Days)> {
        let days = |home: ClauseId| {
            let olds = self.stands_as.get(&home).into_iter().flatten();
            let named = olds.filter(|(old, _)| exemption.from.contains(old));
            named.map(|(_, days)| *days)
        };
        let is_about = |relation: RelationId| match &exemption.target {
            ExemptionTarget::Head(atom) => atom.relation == relation,
            ExemptionTarget::Event(..) => true,
        };
        let counters = exemption.blocks.iter().any(is_exemption);
        let concludes = !counters || exemption.blocks.iter().any(|it| !is_exemption(it));
        let mut out = Vec::new();
        if concludes {
            for (at, rule) in policy.rules.iter().enumerate() {
                if let (true, Some(home)) = (is_about(rule.head.relation), rule.home) {
                    let blocked = Blocked::Rule(RuleId(at as u32));
                    out.extend(days(home).map(|days| (blocked, days)));
                }
            }
            for (relation, homes) in self.homes.iter().filter(|(it, _)| is_about(**it)) {
                for home in homes.iter().flatten() {
                    let blocked = Blocked::Facts(*relation, *home);
                    out.extend(days(*home).map(|days| (blocked, days)));
                }
            }
        }
        if counters {
            for (at, other) in policy.exemptions.iter().enumerate() {
                let fits = match &other.target {
                    ExemptionTarget::Head(atom) => is_about(atom.relation),
                    ExemptionTarget::Event(..) => true,
                };
                if fits {
                    let blocked = Blocked::Exemption(ExemptionId(at as u32));
                    out.extend(days(other.home).map(|days| (blocked, days)));
                }
            }
        }
        out
    }
}

impl World<'_> {
    /// The facts given from outside with those values.
    pub(super) fn given(
        &self,
        relation: RelationId,
        args: &[Value],
    ) -> impl Iterator<Item = Cow<'_, Fact>> {
        self.facts.with(relation, args)
    }
}

fn is_exemption(blocked: &Blocked) -> bool {
    matches!(blocked, Blocked::Exemption(_))
}

fn sorted<'l, T, K: Ord>(list: &'l [T], key: impl Fn(&'l T) -> K) -> Vec<u32> {
    let mut order: Vec<u32> = (0..list.len() as u32).collect();
    order.sort_by_key(|at| key(&list[*at as usize]));
    order
}

fn found<'l, T>(
    order: &[u32],
    list: &'l [T],
    key: impl Fn(&'l T) -> (RelationId, &'l [Value]),
    wanted: (RelationId, &[Value]),
) -> impl Iterator<Item = &'l T> {
    let start = order.partition_point(|at| key(&list[*at as usize]) < wanted);
    let behind = order[start..].partition_point(|at| key(&list[*at as usize]) <= wanted);
    let places: Vec<u32> = order[start..start + behind].to_vec();
    places.into_iter().map(|at| &list[at as usize])
}

/// Each one's place in the order of the keys; those with one key in the order of the policy.
fn ranks(keys: impl Iterator<Item = (String, String)>) -> Vec<u32> {
    let keys: Vec<(String, String)> = keys.collect();
    let mut order: Vec<usize> = (0..keys.len()).collect();
    order.sort_by_key(|at| &keys[*at]);
    let mut ranks = vec![0; keys.len()];
    for (rank, at) in order.into_iter().enumerate() {
        ranks[at] = rank as u32;
    }
    ranks
}

fn rules_by_relation(policy: &Policy, rank: &[u32]) -> BTreeMap<RelationId, Vec<RuleId>> {
    let mut rules: BTreeMap<RelationId, Vec<RuleId>> = BTreeMap::new();
    for (at, rule) in policy.rules.iter().enumerate() {
        let of_head = rules.entry(rule.head.relation).or_default();
        of_head.push(RuleId(at as u32));
    }
    for of_head in rules.values_mut() {
        of_head.sort_by_key(|id| rank[id.at()]);
    }
    rules
}

fn events(policy: &Policy) -> BTreeMap<TypeId, Vec<RelationId>> {
    let mut events: BTreeMap<TypeId, Vec<RelationId>> = BTreeMap::new();
    for (at, relation) in policy.relations.iter().enumerate() {
        if relation.kind != Kind::Declared(RelationKind::Event) {
            continue;
        }
        if let Some(Type::Entity(id) | Type::Set(id)) = relation.fields.first().map(|it| it.ty) {
            events.entry(id).or_default().push(RelationId(at as u32));
        }
    }
    events
}

fn stands_as(calendar: &Calendar) -> BTreeMap<ClauseId, Vec<(ClauseId, Days)>> {
    let mut all: BTreeMap<ClauseId, Vec<(ClauseId, Days)>> = BTreeMap::new();
    for replacement in &calendar.replacements {
        let olds = all.entry(replacement.new).or_default();
        olds.push((replacement.old, replacement.days));
    }
    all
}
