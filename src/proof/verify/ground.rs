//! What is so without any rule: given facts, names, days of events, judgements, and when which clause is law.

use super::asked::Asked;
use super::body::Side;
use super::redacted::Redacted;
use super::rows::Rows;
use super::trouble::Trouble;
use crate::facts::Facts;
use crate::ir::{
    Atom, Blocked, Calendar, Circumstances, ClauseId, Days, ExemptionId, ExemptionTarget, Fact,
    Kind, Missing, Policy, PolicyFact, Presumption, RelationId, RelationKind, RuleId, Status, Term,
    events_of,
};
use crate::proof::proof::Claim;
use crate::value::{Date, Type, TypeId, Value};
use std::borrow::Cow;
use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// The facts of one relation, found by their fields.
#[derive(Default)]
struct Given<'a> {
    rows: Rows,
    /// By the place of a row: the facts that give it.
    facts: Vec<Vec<Cow<'a, Fact>>>,
}

/// The facts of one relation that stand in the policy.
#[derive(Default)]
struct Stated<'a> {
    rows: Rows,
    facts: Vec<Vec<&'a PolicyFact>>,
}

/// See the module.
pub(in crate::proof) struct Ground<'a> {
    pub policy: &'a Policy,
    pub calendar: &'a Calendar,
    pub circumstances: &'a Circumstances,
    given: HashMap<RelationId, Given<'a>>,
    stated: HashMap<RelationId, Stated<'a>>,
    pub presumptions: Vec<&'a Presumption>,
    /// Rows that nobody gave, by input and key, with what is assumed of them.
    assumed: HashMap<RelationId, BTreeMap<Vec<Value>, Vec<Value>>>,
    asked: OnceCell<Asked>,
    names: BTreeMap<TypeId, Rows>,
    events: BTreeMap<TypeId, Vec<RelationId>>,
    /// By `RuleId`: the events that its conclusion is about.
    pub events_of: Vec<Vec<(Term, TypeId)>>,
    rules: HashMap<RelationId, Vec<RuleId>>,
    stands_as: BTreeMap<ClauseId, Vec<(ClauseId, Days)>>,
    blockers: HashMap<Blocked, Vec<(ExemptionId, Option<Days>)>>,
    pub working_days: Vec<Date>,
    pub redacted: Redacted,
    /// The rules and exemptions that were looked at: whether they keep to what redacted values may be used for.
    allowed: RefCell<HashMap<Blocked, Result<(), Trouble>>>,
}

/// How many rows may be thought of for an input whose keys nobody gave.
const MOST_KEYS: usize = 100_000;

impl<'a> Ground<'a> {
    pub fn new(
        policy: &'a Policy,
        calendar: &'a Calendar,
        circumstances: &'a Circumstances,
        facts: &'a Facts,
    ) -> Ground<'a> {
        let presumed = policy.presumptions.iter().chain(&facts.presumptions);
        let mut ground = Ground {
            policy,
            calendar,
            circumstances,
            given: HashMap::new(),
            stated: HashMap::new(),
            presumptions: presumed
                .filter(|_| !circumstances.without_presumptions)
                .collect(),
            assumed: HashMap::new(),
            asked: OnceCell::new(),
            names: BTreeMap::new(),
            events: BTreeMap::new(),
            events_of: policy
                .rules
                .iter()
                .map(|it| events_of(policy, it))
                .collect(),
            rules: HashMap::new(),
            stands_as: stands_as(calendar),
            blockers: HashMap::new(),
            working_days: Vec::new(),
            redacted: Redacted::new(policy, facts),
            allowed: RefCell::default(),
        };
        for fact in facts.iter() {
            let given = ground.given.entry(fact.relation).or_default();
            let at = given.rows.add(fact.args.clone());
            given
                .facts
                .resize_with(given.facts.len().max(at + 1), Vec::new);
            given.facts[at].push(fact);
        }
        for fact in &policy.facts {
            let stated = ground.stated.entry(fact.relation).or_default();
            let at = stated.rows.add(fact.args.clone());
            stated
                .facts
                .resize_with(stated.facts.len().max(at + 1), Vec::new);
            stated.facts[at].push(fact);
        }
        for (ty, values) in facts.named(policy) {
            let names = ground.names.entry(ty).or_default();
            values.into_iter().for_each(|value| {
                names.add(vec![value]);
            });
        }
        for (at, rule) in policy.rules.iter().enumerate() {
            let rules = ground.rules.entry(rule.head.relation).or_default();
            rules.push(RuleId(at as u32));
        }
        ground.add_events();
        ground.add_blockers();
        ground.add_working_days();
        ground
    }

    /// Notes what is assumed of a row that nobody gave. It is still one that nobody gave, and looked for like these.
    pub fn assume(&mut self, relation: RelationId, row: &[Value]) {
        if let Some(key) = self.key_of_missing(relation) {
            let rows = self.assumed.entry(relation).or_default();
            rows.insert(row[..key].to_vec(), row.to_vec());
        }
    }

    fn add_events(&mut self) {
        for (at, relation) in self.policy.relations.iter().enumerate() {
            let is_event = relation.kind == Kind::Declared(RelationKind::Event);
            if let (true, Some(Type::Entity(ty) | Type::Set(ty))) =
                (is_event, relation.fields.first().map(|field| field.ty))
            {
                let events = self.events.entry(ty).or_default();
                events.push(RelationId(at as u32));
            }
        }
    }

    fn add_working_days(&mut self) {
        let days = self.policy.working_day.and_then(|it| self.stated.get(&it));
        let days = days.into_iter().flat_map(|stated| stated.facts.iter());
        let mut days: Vec<Date> = days
            .filter_map(|facts| match facts.first()?.args.first()? {
                Value::Date(day) => Some(*day),
                _ => None,
            })
            .collect();
        days.sort();
        self.working_days = days;
    }

    /// What each exemption blocks, and what it blocks on some days, because that stands in a clause that then replaces a
    /// clause that the exemption names.
    fn add_blockers(&mut self) {
        let policy = self.policy;
        for (at, exemption) in policy.exemptions.iter().enumerate() {
            let id = ExemptionId(at as u32);
            let own: BTreeSet<Blocked> = exemption.blocks.iter().copied().collect();
            let is_counter = |blocked: &Blocked| matches!(blocked, Blocked::Exemption(_));
            let counters = own.iter().any(is_counter);
            let concludes = !counters || !own.iter().all(is_counter);
            let is_about = |relation: RelationId| match &exemption.target {
                ExemptionTarget::Head(atom) => atom.relation == relation,
                ExemptionTarget::Event(..) => true,
            };
            let while_named = |home: ClauseId| {
                let olds = self.stands_as.get(&home).into_iter().flatten();
                let named = olds.filter(|(old, _)| exemption.from.contains(old));
                named.map(|(_, days)| *days)
            };
            let mut found: Vec<(Blocked, Option<Days>)> =
                own.iter().map(|blocked| (*blocked, None)).collect();
            let mut inherit = |blocked: Blocked, home: ClauseId| {
                if !own.contains(&blocked) {
                    found.extend(while_named(home).map(|days| (blocked, Some(days))));
                }
            };
            for (at, rule) in policy.rules.iter().enumerate() {
                if let (true, Some(home)) = (concludes && is_about(rule.head.relation), rule.home) {
                    inherit(Blocked::Rule(RuleId(at as u32)), home);
                }
            }
            let facts = policy.facts.iter();
            let homes: BTreeSet<(RelationId, ClauseId)> = facts
                .filter(|fact| concludes && is_about(fact.relation))
                .filter_map(|fact| Some((fact.relation, fact.home?)))
                .collect();
            for (relation, home) in homes {
                inherit(Blocked::Facts(relation, home), home);
            }
            for (at, other) in policy.exemptions.iter().enumerate() {
                let fits = match &other.target {
                    ExemptionTarget::Head(atom) => is_about(atom.relation),
                    ExemptionTarget::Event(..) => true,
                };
                if counters && fits {
                    inherit(Blocked::Exemption(ExemptionId(at as u32)), other.home);
                }
            }
            for (blocked, days) in found {
                self.blockers.entry(blocked).or_default().push((id, days));
            }
        }
    }

    /// The exemptions that can block this on that day.
    pub fn blockers(&self, blocked: Blocked, day: Option<Date>) -> Vec<ExemptionId> {
        let all = self.blockers.get(&blocked).into_iter().flatten();
        let counts = |days: &Option<Days>| match (days, day) {
            (None, _) => true,
            (Some(days), Some(day)) => days.covers(day),
            (Some(_), None) => false,
        };
        let counting = all.filter(|(_, days)| counts(days)).map(|(id, _)| *id);
        counting.collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// Whether a rule or exemption keeps to what redacted values may be used for.
    pub fn allows(&self, what: Blocked) -> Result<(), Trouble> {
        if self.redacted.is_empty() {
            return Ok(());
        }
        let mut allowed = self.allowed.borrow_mut();
        let answer = allowed.entry(what).or_insert_with(|| match what {
            Blocked::Rule(id) => self.redacted.allows_rule(self.policy.rule(id)),
            Blocked::Exemption(id) => {
                let exemption = self.policy.exemption(id);
                self.redacted.allows_exemption(exemption)
            }
            Blocked::Facts(..) => Ok(()),
        });
        answer.clone()
    }

    /// The rules that conclude a relation.
    pub fn rules(&self, relation: RelationId) -> &[RuleId] {
        self.rules.get(&relation).map_or(&[], Vec::as_slice)
    }

    /// Whether all there is of a relation can be looked up: no rule gives it, and no clause.
    pub fn is_given(&self, relation: RelationId) -> bool {
        match self.policy.relation(relation).kind {
            Kind::Declared(RelationKind::Event | RelationKind::Input | RelationKind::Judgement)
            | Kind::Names(_) => true,
            Kind::Constraint(_) => false,
            Kind::Declared(RelationKind::Relation | RelationKind::Verdict) => {
                let is_outside =
                    |facts: &Vec<&PolicyFact>| facts.iter().all(|it| it.home.is_none());
                let stated = self.stated.get(&relation);
                self.rules(relation).is_empty()
                    && stated.is_none_or(|stated| stated.facts.iter().all(is_outside))
            }
        }
    }

    /// The facts that are given, and match, but for judgements; what is presumed is not looked at.
    pub fn given(
        &self,
        relation: RelationId,
        known: &[Option<Value>],
        day: Option<Date>,
    ) -> Vec<Vec<Value>> {
        match self.policy.relation(relation).kind {
            Kind::Names(ty) => {
                let names = self.names.get(&ty);
                names.map_or(Vec::new(), |names| rows_of(names, known))
            }
            Kind::Declared(RelationKind::Judgement) => Vec::new(),
            Kind::Declared(RelationKind::Relation | RelationKind::Verdict) => {
                let stated = self.stated.get(&relation);
                stated.map_or(Vec::new(), |stated| rows_of(&stated.rows, known))
            }
            Kind::Declared(RelationKind::Event | RelationKind::Input) | Kind::Constraint(_) => {
                let Some(given) = self.given.get(&relation) else {
                    return Vec::new();
                };
                let places = given.rows.matching(known).into_iter();
                let is_then = |place: &usize| {
                    given.facts[*place]
                        .iter()
                        .any(|fact| match (fact.days, day) {
                            (Some((from, through)), Some(day)) => from <= day && day <= through,
                            _ => true,
                        })
                };
                let then = places.filter(is_then);
                then.map(|place| given.rows.row(place).to_vec()).collect()
            }
        }
    }

    /// Of an input of which a row is there for each key, though nobody gave it: how many fields are the key.
    fn key_of_missing(&self, relation: RelationId) -> Option<usize> {
        let declared = self.policy.relation(relation);
        let key = declared.key.filter(|key| *key < declared.fields.len())?;
        let mut rest = declared.fields[key..].iter();
        let is_input = declared.kind == Kind::Declared(RelationKind::Input);
        (is_input && rest.all(|field| field.missing == Missing::Unknown)).then_some(key)
    }

    /// The fields of such a key whose values nobody can list: a row is there for those that something else gives.
    pub fn free_keys(&self, relation: RelationId) -> impl Iterator<Item = usize> {
        let fields = &self.policy.relation(relation).fields;
        let key = self.key_of_missing(relation).unwrap_or(0);
        (0..key).filter(|at| !matches!(fields[*at].ty, Type::Entity(_) | Type::Set(_)))
    }

    /// Whether other conditions than this one ask for rows of its input that nobody gave, by keys that nobody can list.
    pub fn is_asked_beside(&self, atom: &Atom) -> bool {
        self.asked().is_beside(atom)
    }

    fn asked(&self) -> &Asked {
        self.asked.get_or_init(|| Asked::new(self))
    }

    /// The rows of an input that nobody gave, with values that nobody knows, or what is assumed. Of fields of the key, those
    /// that can be listed have the names that there are; the others what is known of them.
    pub fn not_given(
        &self,
        relation: RelationId,
        known: &[Option<Value>],
    ) -> Result<Vec<Vec<Value>>, String> {
        let declared = self.policy.relation(relation);
        let Some(key) = self.key_of_missing(relation) else {
            return Ok(Vec::new());
        };
        if self.free_keys(relation).next().is_some() && !self.asked().is_asked(relation) {
            return Ok(Vec::new());
        }
        let mut keys: Vec<Vec<Value>> = vec![Vec::new()];
        for (field, known) in declared.fields[..key].iter().zip(known) {
            let choices = match (known, field.ty) {
                (known, Type::Entity(ty) | Type::Set(ty)) => match (self.names.get(&ty), known) {
                    (Some(names), Some(value)) if names.contains(std::slice::from_ref(value)) => {
                        vec![value.clone()]
                    }
                    (Some(names), None) => rows_of(names, &[None]).into_iter().flatten().collect(),
                    (Some(_), Some(_)) | (None, _) => Vec::new(),
                },
                (Some(value), _) => vec![value.clone()],
                (None, _) => return Ok(Vec::new()),
            };
            if keys.len().saturating_mul(choices.len()) > MOST_KEYS {
                return Err(format!(
                    "too many rows of `{}` may be missing",
                    declared.name
                ));
            }
            let longer = keys.iter().flat_map(|key| {
                choices
                    .iter()
                    .map(move |choice| [key.as_slice(), std::slice::from_ref(choice)].concat())
            });
            keys = longer.collect();
        }
        let assumed = self.assumed.get(&relation);
        let missing = keys
            .into_iter()
            .filter(|key| !self.is_key_given(relation, key));
        Ok(missing
            .map(|mut key| match assumed.and_then(|rows| rows.get(&key)) {
                Some(row) => row.clone(),
                None => {
                    key.resize(declared.fields.len(), Value::Unknown);
                    key
                }
            })
            .collect())
    }

    fn is_key_given(&self, relation: RelationId, key: &[Value]) -> bool {
        let mut asked: Vec<Option<Value>> = key.iter().cloned().map(Some).collect();
        asked.resize(self.policy.relation(relation).fields.len(), None);
        // Rows with a value that nobody knows are among the matching ones, whatever their keys.
        let has_key = |given: &Given<'_>| {
            let mut places = given.rows.matching(&asked).into_iter();
            places.any(|at| given.rows.row(at).starts_with(key))
        };
        self.given.get(&relation).is_some_and(has_key)
    }

    /// Whether this could only be a row that nobody gave, and none that is there because its key has a name.
    pub fn is_row_not_given(&self, claim: &Claim) -> bool {
        let known: Vec<Option<Value>> = claim.args.iter().cloned().map(Some).collect();
        let is_named = || {
            let mut free = self.free_keys(claim.relation);
            let rows = self.not_given(claim.relation, &known);
            free.next().is_none() && rows.is_ok_and(|rows| !rows.is_empty())
        };
        let key = self.key_of_missing(claim.relation);
        let is_missing = |key: usize| !self.is_key_given(claim.relation, &claim.args[..key]);
        key.is_some_and(is_missing) && !is_named()
    }

    /// What facts say of a judgement.
    pub fn asserted(&self, relation: RelationId, args: &[Value]) -> Option<bool> {
        let known: Vec<Option<Value>> = args.iter().cloned().map(Some).collect();
        let given = self.given.get(&relation)?;
        let places = given.rows.matching(&known);
        let mut facts = places.iter().flat_map(|at| &given.facts[*at]);
        let fact = facts.find(|fact| fact.args == args)?;
        Some(!fact.denied)
    }

    /// What is presumed of a relation.
    pub fn presumptions_of(&self, relation: RelationId) -> impl Iterator<Item = &'a Presumption> {
        let all = self.presumptions.iter().copied();
        all.filter(move |it| it.rule.head.relation == relation)
    }

    /// The facts of the policy with those values.
    pub fn stated(&self, relation: RelationId, known: &[Option<Value>]) -> Vec<&'a PolicyFact> {
        let Some(stated) = self.stated.get(&relation) else {
            return Vec::new();
        };
        let places = stated.rows.matching(known).into_iter();
        places
            .flat_map(|at| stated.facts[at].iter().copied())
            .collect()
    }

    /// The day of an event; `None`: there is no such event.
    pub fn event_day(&self, ty: TypeId, id: &Value) -> Option<Date> {
        self.events.get(&ty)?.iter().find_map(|event| {
            let relation = self.policy.relation(*event);
            let mut known = vec![None; relation.fields.len()];
            *known.first_mut()? = Some(id.clone());
            let given = self.given.get(event)?;
            let row = given.rows.row(*given.rows.matching(&known).first()?);
            match row.get(relation.on?)? {
                Value::Date(on) => Some(*on),
                _ => None,
            }
        })
    }

    /// Whether a type is one of events' ids.
    pub fn is_event(&self, ty: TypeId) -> bool {
        self.events.contains_key(&ty)
    }

    /// Whether a clause is in force on a day, or may be.
    pub fn is_law(&self, home: ClauseId, day: Date, side: Side) -> bool {
        match self.calendar.on(home, day).status {
            Status::InForce => true,
            Status::Undecided(..) => side == Side::Possible,
            Status::NotYet
            | Status::Ended
            | Status::Suspended(_)
            | Status::Repealed(_)
            | Status::Replaced(_)
            | Status::LeftOut(_) => false,
        }
    }

    /// Whether a clause is one of those named, or stands as one of them on that day.
    pub fn counts_as(&self, home: Option<ClauseId>, named: &[ClauseId], day: Option<Date>) -> bool {
        let Some(home) = home else { return false };
        let olds = || self.stands_as.get(&home).into_iter().flatten();
        named.contains(&home)
            || olds()
                .any(|(old, days)| named.contains(old) && day.is_some_and(|day| days.covers(day)))
    }

    /// Whether an exemption is one of these, or stands as one of them on that day.
    pub fn is_meant(&self, id: ExemptionId, by: &[ExemptionId], day: Option<Date>) -> bool {
        let home = |id: &ExemptionId| self.policy.exemption(*id).home;
        let homes: Vec<ClauseId> = by.iter().map(home).collect();
        by.contains(&id) || self.counts_as(Some(home(&id)), &homes, day)
    }
}

fn rows_of(rows: &Rows, known: &[Option<Value>]) -> Vec<Vec<Value>> {
    let places = rows.matching(known).into_iter();
    places.map(|at| rows.row(at).to_vec()).collect()
}

fn stands_as(calendar: &Calendar) -> BTreeMap<ClauseId, Vec<(ClauseId, Days)>> {
    let mut all: BTreeMap<ClauseId, Vec<(ClauseId, Days)>> = BTreeMap::new();
    for replacement in &calendar.replacements {
        let olds = all.entry(replacement.new).or_default();
        olds.push((replacement.old, replacement.days));
    }
    all
}
