//! Goes through the policy: its relations, then its facts, then its rules, then what those asked for.

use super::Surroundings;
use super::days::{self, DaySets};
use super::derived_keys::DerivedKeys;
use super::draft::Draft;
use super::known::Known;
use super::program::{
    Atom, Clause, Declared, Judgement, Literal, Origin, OriginSource, Program, RegimesId, RelId,
    Relation, Shape, Term, Var,
};
use super::rules::Conclusion;
use super::strata::{self, Exempting};
use crate::diagnostic::Diagnostics;
use crate::ir::{
    Blocked, Calendars, Circumstances, ClauseId, ExemptionId, Kind, Missing, Policy, RelationId,
    RelationKind, event_fields,
};
use crate::value::{Type, TypeId, TypeKind, Value};
use std::collections::{BTreeMap, BTreeSet};

/// The program in the making.
pub(super) struct Lowering<'a> {
    pub(super) policy: &'a Policy,
    pub(super) calendar: &'a Calendars,
    pub(super) circumstances: &'a Circumstances,
    pub(super) program: Program,
    pub(super) day_sets: DaySets,
    pub(super) regimes: BTreeMap<RelationId, RegimesId>,
    pub(super) regime_rels: BTreeMap<RegimesId, RelId>,
    pub(super) event_days: BTreeMap<TypeId, RelId>,
    /// What each rule and group of facts concludes, for `by`.
    pub(super) conclusions: Vec<Conclusion>,
    /// `A by C`, as asked for by bodies.
    pub(super) by_rels: BTreeMap<(RelationId, Vec<ClauseId>), RelId>,
    /// `exempted A by C`, as asked for by bodies.
    pub(super) exempted_rels: BTreeMap<(RelationId, Vec<ExemptionId>), RelId>,
    /// What each exemption blocks: the relation of what is blocked, the candidates, and
    /// those that it blocks.
    pub(super) blocked_rels: Vec<(ExemptionId, RelationId, RelId, RelId)>,
    pub(super) exempting: Exempting,
    pub(super) known: Known,
    pub(super) derived_keys: DerivedKeys,
    pub(super) diagnostics: Diagnostics,
}

pub(super) fn lower(
    policy: &Policy,
    calendar: &Calendars,
    circumstances: &Circumstances,
    surroundings: &Surroundings,
) -> (Program, Diagnostics) {
    let mut program = Program::default();
    let regimes = days::regimes(policy, calendar, circumstances, surroundings, &mut program);
    let mut lowering = Lowering {
        policy,
        calendar,
        circumstances,
        program,
        day_sets: DaySets::default(),
        regimes,
        regime_rels: BTreeMap::new(),
        event_days: BTreeMap::new(),
        conclusions: Vec::new(),
        by_rels: BTreeMap::new(),
        exempted_rels: BTreeMap::new(),
        blocked_rels: Vec::new(),
        exempting: Exempting::default(),
        known: Known::new(policy, surroundings),
        derived_keys: DerivedKeys::default(),
        diagnostics: Diagnostics::default(),
    };
    lowering.declare();
    lowering.names(surroundings);
    lowering.facts();
    lowering.presumptions(&surroundings.presumptions);
    for at in 0..policy.rules.len() {
        lowering.rule(crate::ir::RuleId(at as u32));
    }
    lowering.answer_by();
    lowering.answer_exempted();
    lowering.answer_known();
    lowering.answer_derived();
    let unknown = lowering.unknown_columns();
    let Lowering {
        mut program,
        mut diagnostics,
        exempting,
        ..
    } = lowering;
    diagnostics.extend(strata::order(&mut program, policy, &exempting));
    if !diagnostics.has_errors() {
        super::open::split(&mut program, unknown);
        diagnostics.extend(strata::reorder(&mut program, policy));
        super::prejoin::divide(&mut program);
    }
    diagnostics.sort();
    (program, diagnostics)
}

impl Lowering<'_> {
    pub(super) fn add_relation(&mut self, name: String, arity: usize) -> RelId {
        self.program.relations.push(Relation { name, arity });
        RelId(self.program.relations.len() as u32 - 1)
    }

    pub(super) fn add_clause(&mut self, head: Atom, body: Vec<Literal>, draft: &Draft) {
        self.program.clauses.push(Clause {
            head,
            body,
            variables: draft.names.clone(),
            origin: draft.origin,
        });
    }

    pub(super) fn declared(&self, relation: RelationId) -> &Declared {
        &self.program.declared[&relation]
    }

    fn declare(&mut self) {
        for (at, relation) in self.policy.relations.iter().enumerate() {
            let id = RelationId(at as u32);
            let fields = relation.fields.len();
            let (shape, more) = match self.regimes.get(&id) {
                _ if relation.dated => (Shape::Dated, 2),
                Some(regimes) if relation.standing => (Shape::Standing(*regimes), 1),
                _ => (Shape::Plain, 0),
            };
            let rel = self.add_relation(relation.name.clone(), fields + more);
            let is_judgement = relation.kind == Kind::Declared(RelationKind::Judgement);
            let denied =
                is_judgement.then(|| self.add_relation(format!("not {}", relation.name), fields));
            if let Some(denied) = denied {
                let judgement = Judgement {
                    relation: id,
                    denied,
                    presumed: [None, None],
                };
                self.program.open.judgements.insert(rel, judgement);
            }
            self.program.declared.insert(
                id,
                Declared {
                    rel,
                    shape,
                    denied,
                    known: None,
                },
            );
        }
        self.program.working_day = self.policy.working_day.map(|id| self.declared(id).rel);
    }

    /// `Country(C)`: every name in policy and facts; of a closed set, every member.
    fn names(&mut self, surroundings: &Surroundings) {
        for (at, relation) in self.policy.relations.iter().enumerate() {
            let Kind::Names(ty) = relation.kind else {
                continue;
            };
            let rel = self.declared(RelationId(at as u32)).rel;
            let members = match &self.policy.types.named(ty).kind {
                TypeKind::Set { members, .. } => {
                    (0..members.len() as u32).map(Value::Member).collect()
                }
                TypeKind::Entity => surroundings.named.get(&ty).cloned().unwrap_or_default(),
            };
            let rows = members.into_iter().map(|value| (rel, vec![value]));
            self.program.facts.extend(rows.collect::<Vec<_>>());
        }
    }

    /// The facts and tables of each relation, clause by clause.
    fn facts(&mut self) {
        let groups: BTreeSet<(RelationId, Option<ClauseId>)> = self
            .policy
            .facts
            .iter()
            .map(|fact| (fact.relation, fact.home))
            .collect();
        let mut rels = BTreeMap::new();
        for (relation, home) in groups {
            let is_out = home.is_some_and(|home| !self.calendar.is_ever_in_force(home));
            let declared = self.declared(relation).clone();
            if is_out {
                continue;
            }
            if home.is_none() && declared.shape == Shape::Plain {
                rels.insert((relation, home), declared.rel);
                continue;
            }
            let fields = self.policy.relation(relation).fields.len();
            let place = home.map_or("outside notices".to_owned(), |home| {
                self.policy.citation(home)
            });
            let rel = self.add_relation(
                format!("{}#listed {place}", self.policy.relation(relation).name),
                fields,
            );
            rels.insert((relation, home), rel);
            let origin = Origin {
                source: OriginSource::Facts(relation, home),
                span: None,
            };
            let mut draft = Draft::new(&[], origin);
            let vars: Vec<Var> = self
                .policy
                .relation(relation)
                .fields
                .iter()
                .map(|field| draft.fresh(&field.name))
                .collect();
            let body = vec![Literal::Positive(super::draft::atom_of(rel, &vars))];
            let events = event_fields(self.policy, relation).into_iter();
            let events: Vec<_> = events.map(|(at, ty)| (Term::Var(vars[at]), ty)).collect();
            let head = vars.into_iter().map(Term::Var).collect();
            let blocked = home.map(|home| Blocked::Facts(relation, home));
            self.standing(&mut draft, relation, body, |lowering, draft, body| {
                lowering.conclude(blocked, relation, home, head, body, draft, events);
            });
        }
        for fact in &self.policy.facts {
            if let Some(rel) = rels.get(&(fact.relation, fact.home)) {
                self.program.facts.push((*rel, fact.args.clone()));
            }
        }
    }

    /// The relation of a division of the calendar: a row for each regime, its first day.
    pub(super) fn regime_rel(&mut self, regimes: RegimesId) -> RelId {
        if let Some(rel) = self.regime_rels.get(&regimes) {
            return *rel;
        }
        let rel = self.add_relation(format!("regime {}", regimes.0), 1);
        self.regime_rels.insert(regimes, rel);
        let rows: Vec<_> = self.program.regimes[regimes.0 as usize]
            .iter()
            .map(|day| (rel, vec![Value::Date(*day)]))
            .collect();
        self.program.facts.extend(rows);
        rel
    }

    /// The day of each event whose id is of that type.
    pub(super) fn event_day(&mut self, ty: TypeId) -> RelId {
        if let Some(rel) = self.event_days.get(&ty) {
            return *rel;
        }
        let name = format!("day of {}", self.policy.types.named(ty).name);
        let rel = self.add_relation(name, 2);
        self.event_days.insert(ty, rel);
        for (at, relation) in self.policy.relations.iter().enumerate() {
            let is_such = relation.kind == Kind::Declared(RelationKind::Event)
                && relation.fields.first().map(|field| field.ty) == Some(Type::Entity(ty));
            let Some(on) = relation.on.filter(|_| is_such) else {
                continue;
            };
            let id = RelationId(at as u32);
            let mut draft = Draft::new(
                &[],
                Origin {
                    source: OriginSource::Declaration(id),
                    span: relation.span,
                },
            );
            let (event, day) = (draft.fresh("id"), draft.fresh("on"));
            let args = (0..relation.fields.len()).map(|field| match field {
                0 => Term::Var(event),
                _ if field == on => Term::Var(day),
                _ => Term::Any,
            });
            let body = vec![Literal::Positive(Atom {
                rel: self.declared(id).rel,
                args: args.collect(),
            })];
            self.add_clause(
                Atom {
                    rel,
                    args: vec![Term::Var(event), Term::Var(day)],
                },
                body,
                &draft,
            );
        }
        rel
    }

    /// Whether a field of a relation may be missing.
    pub(super) fn may_be_missing(&self, relation: RelationId, field: usize) -> bool {
        self.policy.relation(relation).fields[field].missing != Missing::Never
    }
}
