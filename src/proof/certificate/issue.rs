//! Makes certificates of what an engine found, a case at a time: from the fact down, what each step rests on, and which lists
//! must be complete.

use super::order::groups;
use super::{Case, Complete, Demand, Item, Premise, Redaction, Source, Step};
use crate::ir::{ClauseId, RelationId};
use crate::proof::World;
use crate::proof::proof::Claim;
use crate::proof::search::{self, Inference, Key, NodeId, Piece, Search};
use crate::proof::verify::{At, Ground, Known, Reading, Redacted, Side};
use crate::value::{Date, Value};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// How many steps and lists a certificate may have.
const MOST_ITEMS: usize = 200_000;

/// Writes down why a fact surely holds that this world knows of, with digests for what is redacted, and the fact as it is
/// certified; or says why that cannot be.
pub fn issue(
    world: &World<'_>,
    claim: &Claim,
    redaction: Option<&Redaction>,
) -> Result<(Claim, Case), String> {
    let ground = Ground::new(
        world.policy,
        world.calendar,
        world.circumstances,
        world.facts,
    );
    let mut issuer = Issuer {
        ground: &ground,
        oracle: Oracle {
            world,
            only: RefCell::new(None),
            needs: RefCell::default(),
            demands: RefCell::default(),
        },
        search: Search::new(world),
        ids: BTreeMap::new(),
        open: Vec::new(),
        nodes: Vec::new(),
    };
    let claim = world.on_some_day(claim.clone());
    if !issuer.is_given(claim.relation) {
        issuer.node(Wanted::Fact(claim.clone(), None));
    }
    while let Some(id) = issuer.open.pop() {
        issuer.work_out(id)?;
        if issuer.nodes.len() > MOST_ITEMS {
            return Err(format!(
                "it would take more than {MOST_ITEMS} steps and lists"
            ));
        }
    }
    let claim = match redaction {
        Some(redaction) => issuer.redact(redaction, &claim),
        None => claim,
    };
    let case = issuer.put_in_order(&claim)?;
    Ok((claim, case))
}

/// What has to stand in the certificate.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Wanted {
    /// A fact that follows, by one of these clauses if given.
    Fact(Claim, Option<Vec<ClauseId>>),
    /// A list that leaves nothing out.
    List(Demand),
}

/// What stands there.
struct Node {
    wanted: Wanted,
    /// `None` as long as it is not worked out.
    what: Option<What>,
    /// Other nodes, each with whether it must stand before.
    rests_on: Vec<(usize, bool)>,
}

enum What {
    Step(Source, Option<Date>, Vec<Claim>),
    List(Vec<Vec<Value>>),
}

struct Issuer<'w, 'a> {
    ground: &'w Ground<'w>,
    oracle: Oracle<'w, 'a>,
    search: Search<'w, 'a>,
    ids: BTreeMap<Wanted, usize>,
    open: Vec<usize>,
    nodes: Vec<Node>,
}

impl<'w, 'a> Issuer<'w, 'a> {
    fn is_given(&self, relation: RelationId) -> bool {
        self.ground.is_given(relation)
    }

    fn node(&mut self, wanted: Wanted) -> usize {
        if let Some(id) = self.ids.get(&wanted) {
            return *id;
        }
        let id = self.nodes.len();
        self.ids.insert(wanted.clone(), id);
        self.nodes.push(Node {
            wanted,
            what: None,
            rests_on: Vec::new(),
        });
        self.open.push(id);
        id
    }

    fn words(&self, claim: &Claim) -> String {
        let relation = &self.ground.policy.relation(claim.relation);
        let fields = relation.fields.iter().zip(&claim.args);
        let args = fields.map(|(field, value)| self.ground.policy.types.literal(value, field.ty));
        let args: Vec<String> = args.collect();
        format!("`{}({})`", relation.name, args.join(", "))
    }

    fn work_out(&mut self, id: usize) -> Result<(), String> {
        let wanted = self.nodes[id].wanted.clone();
        let what = match &wanted {
            Wanted::Fact(claim, by) => self.step(claim, by.as_deref())?,
            Wanted::List(demand) => self.list(demand)?,
        };
        let needs = std::mem::take(&mut *self.oracle.needs.borrow_mut());
        let demands = std::mem::take(&mut *self.oracle.demands.borrow_mut());
        let mut given = BTreeSet::new();
        let mut rests_on = Vec::new();
        for (claim, by) in needs {
            if self.is_given(claim.relation) {
                given.insert(claim);
            } else {
                rests_on.push((self.node(Wanted::Fact(claim, by)), true));
            }
        }
        for (demand, is_firm) in demands {
            let is_firm = is_firm || matches!(wanted, Wanted::Fact(..));
            rests_on.push((self.node(Wanted::List(demand)), is_firm));
        }
        let what = match what {
            What::Step(source, day, _) => What::Step(source, day, given.into_iter().collect()),
            list => list,
        };
        let node = &mut self.nodes[id];
        node.what = Some(what);
        node.rests_on = rests_on;
        Ok(())
    }

    /// The default proof's last step for a fact.
    fn step(&mut self, claim: &Claim, by: Option<&[ClauseId]>) -> Result<What, String> {
        let key = match by {
            None => Key::Claim(claim.clone()),
            Some(by) => Key::GivenBy(claim.clone(), by.into()),
        };
        let node = self.search.node(key);
        if !self.search.settle(node) {
            return Err(format!("no proof of {} was found", self.words(claim)));
        }
        let (rule, bindings, premises) = match self.search.best(node) {
            search::Source::Stated(home) => {
                let source = Source::Stated(*home);
                let reading = Reading::new(self.ground, &self.oracle);
                self.oracle.only.replace(Some(HashSet::new()));
                if reading.stands(*home, claim) {
                    return Ok(What::Step(source, claim.day, Vec::new()));
                }
                self.oracle.forget();
                let reading = Reading::new(self.ground, &self.oracle);
                return match reading.stands(*home, claim) {
                    true => Ok(What::Step(source, claim.day, Vec::new())),
                    false => Err(self.not_covered(claim, &reading)),
                };
            }
            search::Source::Rule(rule, inference) => {
                let mut premises = HashSet::new();
                self.premises(inference, &mut premises);
                (*rule, inference.bindings.clone(), premises)
            }
            search::Source::Given
            | search::Source::Exempted(_)
            | search::Source::Aggregate(_)
            | search::Source::Contribution(_) => {
                return Err(format!("no rule gives {}", self.words(claim)));
            }
        };
        self.oracle.only.replace(Some(premises));
        let reading = Reading::new(self.ground, &self.oracle);
        let mut day = reading.follows(rule, &bindings, claim);
        if day.is_none() {
            self.oracle.forget();
            let reading = Reading::new(self.ground, &self.oracle);
            day = reading.follows(rule, &bindings, claim);
            if day.is_none() {
                return Err(self.not_covered(claim, &reading));
            }
        }
        let source = Source::Rule(rule, bindings);
        Ok(What::Step(source, day.flatten(), Vec::new()))
    }

    fn not_covered(&self, claim: &Claim, reading: &Reading<'_, '_>) -> String {
        let words = self.words(claim);
        match reading.trouble.borrow().as_ref() {
            Some(trouble) => format!("the step to {words} cannot be certified: {trouble}"),
            None => {
                format!("the step to {words} cannot be certified: it rests on what is not known")
            }
        }
    }

    /// The facts on which a solution rests, also inside braces and exempted derivations.
    fn premises(&self, inference: &Inference<'a>, found: &mut HashSet<Claim>) {
        let mut open: Vec<&search::Source<'a>> = Vec::new();
        self.add_premises(inference, found, &mut open);
        while let Some(source) = open.pop() {
            match source {
                search::Source::Given | search::Source::Stated(_) => {}
                search::Source::Rule(_, inner) | search::Source::Contribution(inner) => {
                    self.add_premises(inner, found, &mut open);
                }
                search::Source::Exempted(blocking) => {
                    self.add_premises(&blocking.body, found, &mut open);
                    open.push(&blocking.derivation);
                }
                search::Source::Aggregate(fold) => {
                    let parts = fold.contributions.iter();
                    open.extend(parts.map(|(_, node)| self.search.best(*node)));
                }
            }
        }
    }

    fn add_premises<'s>(
        &'s self,
        inference: &Inference<'a>,
        found: &mut HashSet<Claim>,
        open: &mut Vec<&'s search::Source<'a>>,
    ) {
        let nodes = inference.pieces.iter().filter_map(|piece| match piece {
            Piece::Node(node) => Some(*node),
            Piece::Absent(_)
            | Piece::Compare(_)
            | Piece::Test(_)
            | Piece::Bind(_)
            | Piece::NotExempted(_) => None,
        });
        for node in nodes.collect::<Vec<NodeId>>() {
            match self.search.key(node) {
                Key::Claim(claim) | Key::GivenBy(claim, _) => {
                    found.insert(claim.clone());
                }
                Key::Exempted(..) | Key::Aggregate(_) | Key::Contribution(_) => {
                    open.push(self.search.best(node));
                }
            }
        }
    }

    fn home(&self, source: &Source) -> Option<ClauseId> {
        match source {
            Source::Rule(rule, _) => self.ground.policy.rule(*rule).home,
            Source::Stated(home) => *home,
        }
    }

    fn list(&mut self, demand: &Demand) -> Result<What, String> {
        self.oracle.only.replace(None);
        let rows = self.oracle.rows(demand);
        let reading = Reading::new(self.ground, &self.oracle);
        let at = At {
            side: Side::Possible,
            is_firm: false,
        };
        let by = demand.by.as_deref();
        let found = reading.conclusions(at, demand.relation, &demand.args, demand.day, by);
        if let Some(trouble) = reading.trouble.borrow().clone() {
            let name = &self.ground.policy.relation(demand.relation).name;
            return Err(format!(
                "which facts of `{name}` there are cannot be certified: {trouble}"
            ));
        }
        let rows: BTreeSet<Vec<Value>> = rows.into_iter().collect();
        if let Some(row) = found.into_iter().find(|row| !rows.contains(row)) {
            let claim = Claim {
                relation: demand.relation,
                args: row,
                day: demand.day,
            };
            let words = self.words(&claim);
            return Err(format!(
                "that {words} does not hold cannot be certified: it rests on what is not known"
            ));
        }
        Ok(What::List(rows.into_iter().collect()))
    }

    /// Puts digests in place of what is redacted, and everything in an order that tells nothing of what they stand for.
    fn redact(&mut self, redaction: &Redaction, claim: &Claim) -> Claim {
        let policy = self.ground.policy;
        let hidden = Redacted::new(policy, &redaction.facts);
        let value = |relation: RelationId, field: usize, value: &Value| {
            let ty = policy.relation(relation).fields[field].ty;
            match hidden.is_shown(relation, field) {
                true => value.clone(),
                false => redaction.value(policy, value, ty),
            }
        };
        let row = |relation: RelationId, row: &[Value]| -> Vec<Value> {
            let fields = row.iter().enumerate();
            fields.map(|(at, it)| value(relation, at, it)).collect()
        };
        let fact = |claim: &Claim| Claim {
            args: row(claim.relation, &claim.args),
            ..claim.clone()
        };
        for node in &mut self.nodes {
            match &mut node.wanted {
                Wanted::Fact(claim, _) => *claim = fact(claim),
                Wanted::List(demand) => {
                    let args = demand.args.iter().enumerate();
                    let relation = demand.relation;
                    demand.args = args
                        .map(|(at, it)| it.as_ref().map(|it| value(relation, at, it)))
                        .collect();
                }
            }
            match (&mut node.what, &node.wanted) {
                (Some(What::Step(source, _, given)), _) => {
                    given.iter_mut().for_each(|claim| *claim = fact(claim));
                    given.sort();
                    if let Source::Rule(id, bindings) = source {
                        let rule = policy.rule(*id);
                        let is_shown = hidden.shown_variables(rule);
                        for (at, bound) in bindings.iter_mut().enumerate() {
                            if let (Some(bound), false) = (bound, is_shown[at]) {
                                *bound = redaction.value(policy, bound, rule.variables[at].ty);
                            }
                        }
                    }
                }
                (Some(What::List(rows)), Wanted::List(demand)) => {
                    let redacted = rows.iter().map(|it| row(demand.relation, it));
                    *rows = redacted.collect::<BTreeSet<_>>().into_iter().collect();
                }
                _ => {}
            }
        }
        self.sort_nodes();
        fact(claim)
    }

    fn sort_nodes(&mut self) {
        let mut order: Vec<usize> = (0..self.nodes.len()).collect();
        order.sort_by(|a, b| self.nodes[*a].wanted.cmp(&self.nodes[*b].wanted));
        let mut places = vec![0; order.len()];
        for (new, old) in order.iter().enumerate() {
            places[*old] = new;
        }
        for node in &mut self.nodes {
            for (other, _) in &mut node.rests_on {
                *other = places[*other];
            }
            node.rests_on.sort();
        }
        let mut nodes: Vec<Option<Node>> = self.nodes.drain(..).map(Some).collect();
        let sorted = order.iter().filter_map(|old| nodes[*old].take());
        self.nodes = sorted.collect();
    }

    fn put_in_order(self, claim: &Claim) -> Result<Case, String> {
        let mut case = Case::default();
        if self.nodes.is_empty() {
            case.given.push(claim.clone());
        }
        let parts = |node: &Node| node.rests_on.iter().map(|(other, _)| *other).collect();
        let edges: Vec<Vec<usize>> = self.nodes.iter().map(parts).collect();
        let mut given_at: BTreeMap<Claim, usize> = BTreeMap::new();
        let mut step_at: BTreeMap<usize, usize> = BTreeMap::new();
        for group in groups(&edges) {
            let mut lists = Vec::new();
            for id in &group {
                let node = &self.nodes[*id];
                let holds_up = |(other, must_be_before): &(usize, bool)| {
                    *must_be_before && group.contains(other)
                };
                if node.rests_on.iter().any(holds_up) {
                    return Err("what it rests on goes round in a circle".into());
                }
                match (&node.wanted, &node.what) {
                    (Wanted::Fact(claim, _), Some(What::Step(source, day, given))) => {
                        let mut premises = Vec::new();
                        for claim in given {
                            let next = given_at.len();
                            let at = *given_at.entry(claim.clone()).or_insert(next);
                            if at == next {
                                case.given.push(claim.clone());
                            }
                            premises.push(Premise::Given(at));
                        }
                        let steps = node.rests_on.iter();
                        premises.extend(
                            steps
                                .filter_map(|(other, _)| step_at.get(other))
                                .map(|at| Premise::Step(*at)),
                        );
                        step_at.insert(*id, step_at.len());
                        case.items.push(Item::Step(Step {
                            claim: claim.clone(),
                            source: source.clone(),
                            premises,
                            in_force: self.ground.in_force(self.home(source), *day),
                        }));
                    }
                    (Wanted::List(demand), Some(What::List(rows))) => lists.push(Complete {
                        demand: demand.clone(),
                        rows: rows.clone(),
                    }),
                    _ => return Err("a step was not worked out".into()),
                }
            }
            if !lists.is_empty() {
                case.items.push(Item::Complete(lists));
            }
        }
        Ok(case)
    }
}

/// Knows what the engine found, and notes what of it was asked for.
struct Oracle<'w, 'a> {
    world: &'w World<'a>,
    /// Only these surely hold; `None`: all that the engine says.
    only: RefCell<Option<HashSet<Claim>>>,
    needs: RefCell<BTreeSet<(Claim, Option<Vec<ClauseId>>)>>,
    demands: RefCell<BTreeSet<(Demand, bool)>>,
}

impl Oracle<'_, '_> {
    /// Starts afresh, with all that the engine says.
    fn forget(&self) {
        self.only.replace(None);
        self.needs.take();
        self.demands.take();
    }

    /// What may hold.
    fn rows(&self, demand: &Demand) -> Vec<Vec<Value>> {
        self.world.on_other_side(|| self.matching(demand))
    }

    fn matching(&self, demand: &Demand) -> Vec<Vec<Value>> {
        let rows = self.world.rows_now();
        let mut rows = rows.matching(demand.relation, &demand.args, demand.day);
        if let Some(by) = &demand.by {
            rows.retain(|row| {
                let claim = Claim {
                    relation: demand.relation,
                    args: row.clone(),
                    day: demand.day,
                };
                self.world.is_given_by(&claim, by)
            });
        }
        rows
    }

    fn is_among(&self, claim: &Claim) -> bool {
        self.only
            .borrow()
            .as_ref()
            .is_none_or(|only| only.contains(claim))
    }
}

impl Known for Oracle<'_, '_> {
    fn sure(&self, demand: &Demand) -> Vec<Vec<Value>> {
        let mut rows = self.matching(demand);
        rows.retain(|row| {
            self.is_among(&Claim {
                relation: demand.relation,
                args: row.clone(),
                day: demand.day,
            })
        });
        rows
    }

    fn possible(&self, demand: &Demand, is_firm: bool) -> Option<Vec<Vec<Value>>> {
        self.demands.borrow_mut().insert((demand.clone(), is_firm));
        Some(self.rows(demand))
    }

    fn may_cite(&self, claim: &Claim) -> bool {
        self.is_among(claim)
    }

    fn needs(&self, claim: &Claim, by: Option<&[ClauseId]>) {
        let need = (claim.clone(), by.map(<[_]>::to_vec));
        self.needs.borrow_mut().insert(need);
    }
}
