//! Rows that nobody gave, asked for by keys that no fact gives: what is concluded, or worked out, says which they are.

use super::draft::{Draft, atom_variables, closed_part, expr_variables, telling_part};
use super::error;
use super::from_policy::Lowering;
use super::known::variable;
use super::program::{Atom, Check, Clause, Expr, Literal, RelId, Term, Var};
use crate::ir::{Comparison, Kind, Missing, RelationId};
use crate::source::Span;
use crate::value::{Type, TypeId};
use std::collections::{BTreeMap, BTreeSet};

/// What was asked for so far.
#[derive(Default)]
pub(super) struct DerivedKeys {
    demands: Vec<Demand>,
    /// Those whose keys are names, asked for as far as they are known: what nobody knows of them comes on top.
    unknown: Vec<Demand>,
    /// Relations as they would be if nothing that is read under `not` were so.
    loose: BTreeMap<RelId, RelId>,
    /// Those among them that lack a clause, since what binds its variables was left out, in the order in which they came.
    made: Vec<RelId>,
    lacking: BTreeSet<RelId>,
    /// The names of a type and, as far as rows leave such a name open, one that nobody has mentioned.
    anybody: BTreeMap<TypeId, RelId>,
}

/// A body that asks for a row that may be missing.
pub(super) struct Demand {
    pub(super) relation: RelationId,
    /// The terms of the key.
    pub(super) key: Vec<Term>,
    pub(super) body: Vec<Literal>,
    pub(super) draft: Draft,
    pub(super) span: Span,
}

impl DerivedKeys {
    /// Remembers what is to be asked for once all clauses are there.
    pub(super) fn demand(&mut self, demand: Demand) {
        self.demands.push(demand);
    }

    /// As `demand`, of a key that is a known name, or one that nobody knows: the known ones have been asked for.
    pub(super) fn demand_unknown(&mut self, demand: Demand) {
        self.unknown.push(demand);
    }

    /// Relations, and what they would be if nothing that is read under `not` were so.
    pub(super) fn loose(&self) -> impl Iterator<Item = (RelId, RelId)> {
        self.loose.iter().map(|(rel, loose)| (*rel, *loose))
    }
}

impl Lowering<'_> {
    /// Lets each part of a key that nothing in the body binds be any name of its type.
    pub(super) fn name_the_rest(
        &self,
        relation: RelationId,
        key: &[Term],
        body: &mut Vec<Literal>,
    ) {
        let (_, bound) = closed_part(body);
        for (term, field) in key.iter().zip(&self.policy.relation(relation).fields) {
            if let (Some(var), Some(rel)) = (variable(term), self.names_of(field.ty))
                && !bound.contains(&var)
            {
                body.push(Literal::Positive(Atom {
                    rel,
                    args: vec![term.clone()],
                }));
            }
        }
    }

    /// The keys that only what is concluded or worked out gives: once all clauses are there. What a key is asked for by may itself
    /// hang on rows that nobody gave; `not`, aggregates and exemptions are left aside there, so that more keys are asked for than
    /// need be, and none less.
    pub(super) fn answer_derived(&mut self) {
        let demands = std::mem::take(&mut self.derived_keys.demands);
        let mut unknown = std::mem::take(&mut self.derived_keys.unknown);
        unknown.retain(|demand| self.has_open_name(demand));
        if demands.is_empty() && unknown.is_empty() {
            return;
        }
        let hanging = self.hanging();
        for demand in demands {
            let wanted: BTreeSet<Var> = demand.key.iter().filter_map(variable).collect();
            if !wanted.is_subset(&closed_part(&demand.body).1) {
                // Nothing says what it could be: nobody can ask for it.
                continue;
            }
            let body = self.loosely(&demand.body, &hanging);
            let body = telling_part(&body, &wanted);
            if !wanted.is_subset(&closed_part(&body).1) {
                let name = &self.policy.relation(demand.relation).name;
                self.diagnostics
                    .push(error::key_from_itself(name, demand.span));
            }
            self.ask(demand.relation, demand.key, body, &demand.draft);
        }
        self.answer_unknown(unknown, &hanging);
    }

    /// The keys with names that nobody knows: a row that somebody gave without them, or that nobody gave, says that there are some, and
    /// one of them may be a name that nobody has mentioned.
    fn answer_unknown(&mut self, mut demands: Vec<Demand>, hanging: &BTreeSet<RelId>) {
        while !demands.is_empty() {
            let columns = self.unknown_columns();
            let vague = super::open::vague_columns(&self.program, columns);
            let (now, later): (Vec<Demand>, Vec<Demand>) = demands
                .into_iter()
                .partition(|demand| self.may_be_unknown(demand, &vague));
            if now.is_empty() {
                return;
            }
            for demand in now {
                self.ask_unknown(demand, hanging);
            }
            demands = later;
        }
    }

    /// Whether a name in the key is of a type of which some row may leave one open.
    fn has_open_name(&self, demand: &Demand) -> bool {
        let fields = &self.policy.relation(demand.relation).fields;
        let mut names = demand.key.iter().zip(fields);
        names.any(|(term, field)| {
            variable(term).is_some() && !self.fields_left_open(field.ty).is_empty()
        })
    }

    fn may_be_unknown(&self, demand: &Demand, vague: &super::open::Columns) -> bool {
        let (_, bound) = closed_part(&demand.body);
        let vague = super::open::vague_variables(&demand.body, vague);
        let fields = &self.policy.relation(demand.relation).fields;
        (demand.key.iter().zip(fields)).any(|(term, field)| match (variable(term), field.ty) {
            (Some(var), _) if bound.contains(&var) => vague.contains(&var),
            (Some(_), ty @ Type::Entity(_)) => !self.fields_left_open(ty).is_empty(),
            _ => false,
        })
    }

    fn ask_unknown(&mut self, demand: Demand, hanging: &BTreeSet<RelId>) {
        let wanted: BTreeSet<Var> = demand.key.iter().filter_map(variable).collect();
        let body = self.loosely(&demand.body, hanging);
        let mut body = telling_part(&body, &wanted);
        let (_, bound) = closed_part(&body);
        let fields = self.policy.relation(demand.relation).fields.clone();
        for (term, field) in demand.key.iter().zip(fields) {
            if let (Some(var), Type::Entity(ty)) = (variable(term), field.ty)
                && !self.fields_left_open(field.ty).is_empty()
                && !bound.contains(&var)
            {
                let args = vec![term.clone()];
                let rel = self.anybody_rel(ty, hanging);
                body.push(Literal::Positive(Atom { rel, args }));
            }
        }
        self.name_the_rest(demand.relation, &demand.key, &mut body);
        if wanted.is_subset(&closed_part(&body).1) {
            self.ask(demand.relation, demand.key, body, &demand.draft);
        }
    }

    /// The names of a type and, as far as rows leave such a name open, one that nobody has mentioned.
    fn anybody_rel(&mut self, ty: TypeId, hanging: &BTreeSet<RelId>) -> RelId {
        if let Some(rel) = self.derived_keys.anybody.get(&ty) {
            return *rel;
        }
        let name = format!("{}#anybody", self.policy.types.named(ty).name);
        let rel = self.add_relation(name, 1);
        self.derived_keys.anybody.insert(ty, rel);
        if let Some(names) = self.names_of(Type::Entity(ty)) {
            self.program.open.anybody.insert(rel, names);
            let relations = self.policy.relations.iter();
            let at = relations.take_while(|relation| relation.kind != Kind::Names(ty));
            let mut draft = self.draft_of(RelationId(at.count() as u32));
            let args = vec![Term::Var(draft.fresh("_"))];
            let named = Atom {
                rel: names,
                args: args.clone(),
            };
            self.add_clause(Atom { rel, args }, vec![Literal::Positive(named)], &draft);
        }
        for (relation, field) in self.fields_left_open(Type::Entity(ty)) {
            let mut draft = self.draft_of(relation);
            let var = draft.fresh("_");
            let full = self.known.full(relation);
            let known = full.unwrap_or(self.declared(relation).rel);
            let read = match hanging.contains(&known) {
                true => self.loose_rel(known, hanging),
                false => known,
            };
            let arity = self.program.relations[read.0 as usize].arity;
            let mut args = vec![Term::Any; arity];
            args[field] = Term::Var(var);
            let row = Literal::Positive(Atom { rel: read, args });
            let is_open = Literal::Check(Check::Vague(true, var));
            let args = vec![Term::Var(var)];
            self.add_clause(Atom { rel, args }, vec![row, is_open], &draft);
        }
        rel
    }

    /// The fields of a type that some row may leave open.
    fn fields_left_open(&self, ty: Type) -> Vec<(RelationId, usize)> {
        let relations = self.policy.relations.iter().enumerate();
        let fields = relations.flat_map(|(id, relation)| {
            let fields = relation.fields.iter().enumerate();
            fields.map(move |(at, field)| (RelationId(id as u32), at, field))
        });
        fields
            .filter(|(id, at, field)| {
                field.ty == ty
                    && field.missing == Missing::Unknown
                    && self.known.may_leave_open(*id, *at)
            })
            .map(|(id, at, _)| (id, at))
            .collect()
    }

    /// The relations that hang on rows of which nobody gave some.
    fn hanging(&self) -> BTreeSet<RelId> {
        let mut hanging: BTreeSet<RelId> = self.known.relations().collect();
        loop {
            let reads = |clause: &&Clause| {
                let mut literals = clause.body.iter();
                let is_hanging = |literal| read(literal).is_some_and(|rel| hanging.contains(&rel));
                !hanging.contains(&clause.head.rel) && literals.any(is_hanging)
            };
            let more: Vec<RelId> = (self.program.clauses.iter())
                .filter(reads)
                .map(|clause| clause.head.rel)
                .collect();
            if more.is_empty() {
                return hanging;
            }
            hanging.extend(more);
        }
    }

    /// The literals of a body that bind something, on relations as they would be if nothing read under `not` were so.
    fn loosely(&mut self, body: &[Literal], hanging: &BTreeSet<RelId>) -> Vec<Literal> {
        let mut found = Vec::new();
        for literal in body {
            match literal {
                Literal::Negative(..) => {}
                Literal::Aggregate(it) if hanging.contains(&it.atom.rel) => {}
                Literal::Positive(atom) if hanging.contains(&atom.rel) => {
                    let mut atom = atom.clone();
                    atom.rel = self.loose_rel(atom.rel, hanging);
                    // What lacks rows says nothing.
                    if !self.derived_keys.lacking.contains(&atom.rel) {
                        found.push(Literal::Positive(atom));
                    }
                }
                Literal::Positive(_)
                | Literal::Check(_)
                | Literal::Bind(..)
                | Literal::Aggregate(_) => {
                    found.push(literal.clone());
                }
            }
        }
        closed_part(&found).0
    }

    fn loose_rel(&mut self, rel: RelId, hanging: &BTreeSet<RelId>) -> RelId {
        if let Some(loose) = self.derived_keys.loose.get(&rel) {
            return *loose;
        }
        let relation = &self.program.relations[rel.0 as usize];
        let (name, arity) = (format!("{}#at most", relation.name), relation.arity);
        let loose = self.add_relation(name, arity);
        self.derived_keys.loose.insert(rel, loose);
        let before = self.derived_keys.made.len();
        self.derived_keys.made.push(loose);
        let clauses = self.program.clauses.iter();
        let clauses: Vec<Clause> = clauses
            .filter(|clause| clause.head.rel == rel)
            .cloned()
            .collect();
        for mut clause in clauses {
            clause.body = self.loosely(&clause.body, hanging);
            clause.head.rel = loose;
            let (_, bound) = closed_part(&clause.body);
            match atom_variables(&clause.head).is_subset(&bound) {
                true => self.program.clauses.push(clause),
                // Those on the way may read it.
                false => {
                    let keys = &mut self.derived_keys;
                    keys.lacking.extend(&keys.made[before..]);
                }
            }
        }
        let rows = self.program.facts.iter().filter(|(of, _)| *of == rel);
        let rows: Vec<_> = rows.map(|(_, row)| (loose, row.clone())).collect();
        self.program.facts.extend(rows);
        loose
    }
}

/// The same literals, where an equation says what a variable is that nothing else binds.
pub(super) fn as_bindings(mut literals: Vec<Literal>) -> Vec<Literal> {
    loop {
        let (_, bound) = closed_part(&literals);
        let binds = |side: &Expr, other: &Expr| match side {
            Expr::Var(var) if !bound.contains(var) && expr_variables(other).is_subset(&bound) => {
                Some(Literal::Bind(*var, other.clone()))
            }
            _ => None,
        };
        let found = literals.iter().enumerate().find_map(|(at, literal)| {
            let Literal::Check(Check::Compare(Comparison::Equal, left, right)) = literal else {
                return None;
            };
            let binding = binds(left, right).or_else(|| binds(right, left))?;
            Some((at, binding))
        });
        match found {
            Some((at, binding)) => literals[at] = binding,
            None => return literals,
        }
    }
}

/// The relation that a literal reads.
fn read(literal: &Literal) -> Option<RelId> {
    match literal {
        Literal::Positive(atom) | Literal::Negative(atom, _) => Some(atom.rel),
        Literal::Aggregate(aggregate) => Some(aggregate.atom.rel),
        Literal::Check(_) | Literal::Bind(..) => None,
    }
}
