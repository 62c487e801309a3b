//! What is given, what is missing, what is presumed: relations whose rows are what is known of a judgement or of an input
//! with fields that may be unknown.

use super::Surroundings;
use super::derived_keys::{Demand, as_bindings};
use super::draft::{Draft, binding_part, closed_part};
use super::from_policy::Lowering;
use super::program::{
    Atom, Check, Expr, Literal, Origin, OriginSource, PresumedField, RelId, Shape, Term, Var,
};
use crate::ir::{self, Comparison, Kind, Missing, Policy, Presumption, RelationId, RelationKind};
use crate::value::{FIRST_DAY, LAST_DAY, Type, Value};
use std::collections::{BTreeMap, BTreeSet};

/// What was asked for so far.
pub(super) struct Known {
    /// Inputs of which whole rows may be missing: how many fields are the key.
    keys: BTreeMap<RelationId, usize>,
    /// The fields that some fact leaves open.
    unknown: BTreeSet<(RelationId, usize)>,
    /// The rows that are given, missing or presumed.
    full: BTreeMap<RelationId, RelId>,
    /// The keys without a row, as far as some body comes to them.
    missing: BTreeMap<RelationId, RelId>,
    /// Those on the way to `full`: what is presumed has been filled in in part.
    partial: Vec<(RelationId, RelId)>,
    /// Values that are presumed.
    presumed: Vec<Presumed>,
}

/// Values of fields that are presumed where no fact gives them.
#[derive(Clone)]
struct Presumed {
    relation: RelationId,
    /// Its rows: a column for each term that the presumption names.
    rel: RelId,
    columns: Vec<usize>,
    /// By column: the value that it names.
    constants: Vec<Option<Value>>,
}

impl Known {
    pub(super) fn new(policy: &Policy, surroundings: &Surroundings) -> Known {
        let relations = policy.relations.iter().enumerate();
        let keys = relations.filter_map(|(at, relation)| {
            let key = relation.key?;
            let rest = relation.fields.get(key..)?;
            let is_open =
                !rest.is_empty() && rest.iter().all(|field| field.missing == Missing::Unknown);
            let is_input = relation.kind == Kind::Declared(RelationKind::Input);
            (is_input && is_open).then_some((RelationId(at as u32), key))
        });
        Known {
            keys: keys.collect(),
            unknown: surroundings.unknown.clone(),
            full: BTreeMap::new(),
            missing: BTreeMap::new(),
            partial: Vec::new(),
            presumed: Vec::new(),
        }
    }

    /// Whether a row may leave a field open: one that is given, or one that nobody gave.
    pub(super) fn may_leave_open(&self, relation: RelationId, field: usize) -> bool {
        let is_beyond_key = self.keys.get(&relation).is_some_and(|key| field >= *key);
        self.unknown.contains(&(relation, field))
            || (is_beyond_key && self.missing.contains_key(&relation))
    }

    /// The relation that holds the rows of another which are given, missing or presumed, if some body reads it.
    pub(super) fn full(&self, relation: RelationId) -> Option<RelId> {
        self.full.get(&relation).copied()
    }

    /// The relations that hold rows which are given, missing or presumed.
    pub(super) fn relations(&self) -> impl Iterator<Item = RelId> {
        self.full.values().copied()
    }
}

impl Lowering<'_> {
    /// The relation in which bodies look a declared relation up.
    pub(super) fn known_rel(&mut self, relation: RelationId) -> RelId {
        let is_plain = !self.known.keys.contains_key(&relation)
            && (self.known.presumed.iter()).all(|presumed| presumed.relation != relation);
        if is_plain {
            return self.declared(relation).rel;
        }
        if let Some(rel) = self.known.full.get(&relation) {
            return *rel;
        }
        let rel = self.like(relation, "as far as known");
        self.known.full.insert(relation, rel);
        rel
    }

    /// A relation with the columns of a declared one.
    fn like(&mut self, relation: RelationId, mark: &str) -> RelId {
        let declared = self.declared(relation).rel;
        let arity = self.program.relations[declared.0 as usize].arity;
        let name = &self.policy.relation(relation).name;
        self.add_relation(format!("{name}#{mark}"), arity)
    }

    /// For each literal of a body that asks for a row that may be missing: the keys it may ask for, and of which none is given.
    pub(super) fn demand(&mut self, literals: &[ir::Literal], whole: &[Literal], draft: &Draft) {
        for literal in literals {
            if let ir::Literal::Holds(premise) | ir::Literal::Absent(premise) = literal
                && premise.by.is_none()
                && let Some(key) = self.known.keys.get(&premise.atom.relation).copied()
            {
                self.demand_key(premise, key, whole, draft.clone());
            }
        }
    }

    fn demand_key(
        &mut self,
        premise: &ir::Premise,
        key: usize,
        whole: &[Literal],
        mut draft: Draft,
    ) {
        let (atom, span) = (&premise.atom, premise.span);
        let relation = atom.relation;
        let head: Vec<Term> = atom.args[..key]
            .iter()
            .map(|term| match self.term(term, &draft) {
                Term::Any => Term::Var(draft.fresh("_")),
                term => term,
            })
            .collect();
        let wanted: BTreeSet<Var> = head.iter().filter_map(variable).collect();
        let given: Vec<Literal> = whole
            .iter()
            .filter(|literal| self.is_given(literal))
            .cloned()
            .collect();
        let mut body = binding_part(&given, &wanted);
        let (_, mut bound) = closed_part(&body);
        let mut is_named = true;
        for (term, field) in head.iter().zip(&self.policy.relation(relation).fields) {
            if let Some(var) = variable(term)
                && bound.insert(var)
            {
                match self.names_of(field.ty) {
                    Some(rel) => body.push(Literal::Positive(Atom {
                        rel,
                        args: vec![term.clone()],
                    })),
                    // What is given does not say what it could be: what is concluded may.
                    None => is_named = false,
                }
            }
        }
        let own = self.known_rel(relation);
        let asked: Vec<Term> = atom.args[..key]
            .iter()
            .map(|term| self.term(term, &draft))
            .collect();
        let is_other = |literal: &&Literal| !matches!(literal, Literal::Positive(it) if it.rel == own && it.args[..key] == asked);
        self.missing_rel(relation, key);
        let others: Vec<Literal> = whole.iter().filter(is_other).cloned().collect();
        let mut others = as_bindings(self.without_judgements(&others));
        if is_named {
            self.ask(relation, head.clone(), body, &draft);
        } else {
            self.name_the_rest(relation, &head, &mut others);
        }
        let demand = Demand {
            relation,
            key: head,
            body: others,
            draft,
            span,
        };
        match is_named {
            true => self.derived_keys.demand_unknown(demand),
            false => self.derived_keys.demand(demand),
        }
    }

    /// The keys of this form that the body finds, and of which no row is given.
    pub(super) fn ask(
        &mut self,
        relation: RelationId,
        head: Vec<Term>,
        mut body: Vec<Literal>,
        draft: &Draft,
    ) {
        let declared = self.declared(relation).rel;
        let mut args = head.clone();
        args.resize(self.program.relations[declared.0 as usize].arity, Term::Any);
        let given = Atom {
            rel: declared,
            args,
        };
        body.push(Literal::Negative(given, Vec::new()));
        let rel = self.missing_rel(relation, head.len());
        self.add_clause(Atom { rel, args: head }, body, draft);
    }

    /// The keys without a row of an input.
    fn missing_rel(&mut self, relation: RelationId, key: usize) -> RelId {
        if let Some(rel) = self.known.missing.get(&relation) {
            return *rel;
        }
        let name = format!("{}#not given", self.policy.relation(relation).name);
        let rel = self.add_relation(name, key);
        self.known.missing.insert(relation, rel);
        rel
    }

    /// Whether a literal reads what is given from outside: an event, an input, the names of a type.
    fn is_given(&self, literal: &Literal) -> bool {
        let Literal::Positive(atom) = literal else {
            return false;
        };
        let is_such = |(id, declared): (&RelationId, &super::program::Declared)| {
            declared.rel == atom.rel
                && matches!(
                    self.policy.relation(*id).kind,
                    Kind::Declared(RelationKind::Event | RelationKind::Input) | Kind::Names(_)
                )
        };
        self.program.declared.iter().any(is_such)
    }

    pub(super) fn names_of(&self, ty: Type) -> Option<RelId> {
        let (Type::Entity(ty) | Type::Set(ty)) = ty else {
            return None;
        };
        let mut relations = self.policy.relations.iter();
        let at = relations.position(|relation| relation.kind == Kind::Names(ty))?;
        Some(self.declared(RelationId(at as u32)).rel)
    }

    /// The rows of what is presumed.
    pub(super) fn presumptions(&mut self, list: &[Presumption]) {
        for presumption in list {
            let rule = &presumption.rule;
            let relation = rule.head.relation;
            let judged = self.declared(relation).rel;
            let terms = rule.head.args.iter().enumerate();
            let named = terms.filter(|(_, term)| is_named(term)).map(|(at, _)| at);
            let (rel, columns) = match self.program.open.judgements.get(&judged) {
                Some(judgement) => {
                    let known = judgement.presumed[usize::from(presumption.denied)];
                    let rel = known.unwrap_or_else(|| self.like(relation, "presumed"));
                    let judgements = &mut self.program.open.judgements;
                    if let Some(judgement) = judgements.get_mut(&judged) {
                        judgement.presumed[usize::from(presumption.denied)] = Some(rel);
                    }
                    (rel, (0..rule.head.args.len()).collect())
                }
                None => {
                    let columns: Vec<usize> = named.collect();
                    let name = format!("{}#presumed", self.policy.relation(relation).name);
                    let rel = self.add_relation(name, columns.len());
                    self.known.presumed.push(Presumed {
                        relation,
                        rel,
                        columns: columns.clone(),
                        constants: columns
                            .iter()
                            .map(|at| match &rule.head.args[*at] {
                                ir::Term::Value(value) => Some(value.clone()),
                                _ => None,
                            })
                            .collect(),
                    });
                    (rel, columns)
                }
            };
            self.presumption(presumption, rel, &columns);
        }
    }

    fn presumption(&mut self, presumption: &Presumption, rel: RelId, columns: &[usize]) {
        let rule = &presumption.rule;
        let origin = Origin {
            source: OriginSource::Declaration(rule.head.relation),
            span: Some(rule.span),
        };
        for alternative in self.alternatives(&rule.body, rule.span) {
            let mut draft = Draft::new(&rule.variables, origin);
            let mut body = self.day_of(&rule.timing, &mut draft);
            body.extend(self.body(&alternative, &mut draft, &body));
            let args = columns.iter().map(|at| match &rule.head.args[*at] {
                term if is_named(term) => self.term(term, &draft),
                _ => Term::Value(Value::Unknown),
            });
            let args: Vec<Term> = args.collect();
            for in_force in self.in_force(rule.home, draft.day.term()) {
                let head = Atom {
                    rel,
                    args: args.clone(),
                };
                self.add_clause(head, [body.as_slice(), &in_force].concat(), &draft);
            }
        }
    }

    /// The rows of the relations in which bodies look up what is known.
    pub(super) fn answer_known(&mut self) {
        for (relation, full) in self.known.full.clone() {
            let presumed: Vec<Presumed> = (self.known.presumed.iter())
                .filter(|presumed| presumed.relation == relation)
                .cloned()
                .collect();
            let steps: Vec<(Presumed, usize)> = presumed
                .iter()
                .flat_map(|presumed| {
                    let fields = &self.policy.relation(relation).fields;
                    let open = presumed.columns.iter().enumerate();
                    open.filter(|(_, field)| fields[**field].missing == Missing::Unknown)
                        .map(|(at, _)| (presumed.clone(), at))
                })
                .collect();
            let mut at = match steps.is_empty() {
                true => full,
                false => self.partial(relation, "given"),
            };
            self.given_or_missing(relation, at);
            let fields = steps.iter().map(|(presumed, column)| PresumedField {
                relation,
                field: presumed.columns[*column],
                given: at,
                rel: presumed.rel,
                columns: presumed.columns.clone(),
            });
            self.program.open.presumed.extend(fields);
            for (number, (presumed, column)) in steps.iter().enumerate() {
                let next = match number + 1 == steps.len() {
                    true => full,
                    false => self.partial(relation, "presumed in part"),
                };
                let rivals = steps.iter().filter(|(it, at)| {
                    let says = [&presumed.constants[*column], &it.constants[*at]];
                    let is_same = says[0].is_some() && says[0] == says[1];
                    it.columns[*at] == presumed.columns[*column] && !is_same
                });
                let rivals: Vec<(Presumed, usize)> = rivals.cloned().collect();
                self.presume_value(relation, (presumed, *column), &rivals, [at, next]);
                at = next;
            }
        }
    }

    fn partial(&mut self, relation: RelationId, mark: &str) -> RelId {
        let rel = self.like(relation, mark);
        self.known.partial.push((relation, rel));
        rel
    }

    pub(super) fn draft_of(&self, relation: RelationId) -> Draft {
        let declared = self.policy.relation(relation);
        let origin = Origin {
            source: OriginSource::Declaration(relation),
            span: declared.span,
        };
        Draft::new(&[], origin)
    }

    fn given_or_missing(&mut self, relation: RelationId, rel: RelId) {
        let declared = self.declared(relation).clone();
        let arity = self.program.relations[rel.0 as usize].arity;
        let mut draft = self.draft_of(relation);
        let vars: Vec<Var> = (0..arity).map(|_| draft.fresh("_")).collect();
        let body = vec![Literal::Positive(super::draft::atom_of(
            declared.rel,
            &vars,
        ))];
        self.add_clause(super::draft::atom_of(rel, &vars), body, &draft);
        let Some(missing) = self.known.missing.get(&relation).copied() else {
            return;
        };
        let key = self.known.keys[&relation];
        let mut draft = self.draft_of(relation);
        let vars: Vec<Var> = (0..key).map(|_| draft.fresh("_")).collect();
        let mut args: Vec<Term> = vars.iter().copied().map(Term::Var).collect();
        let fields = self.policy.relation(relation).fields.len();
        args.resize(fields, Term::Value(Value::Unknown));
        if declared.shape == Shape::Dated {
            let days = [FIRST_DAY, LAST_DAY].map(|day| Term::Value(Value::Date(day)));
            args.extend(days);
        }
        let body = vec![Literal::Positive(super::draft::atom_of(missing, &vars))];
        self.add_clause(Atom { rel, args }, body, &draft);
    }

    /// Fills one field, where no fact does and no presumption (one of `rivals`) says otherwise.
    fn presume_value(
        &mut self,
        relation: RelationId,
        presumed: (&Presumed, usize),
        rivals: &[(Presumed, usize)],
        [from, to]: [RelId; 2],
    ) {
        let arity = self.program.relations[from.0 as usize].arity;
        let field = presumed.0.columns[presumed.1];
        let mut draft = self.draft_of(relation);
        let vars: Vec<Var> = (0..arity).map(|_| draft.fresh("_")).collect();
        let (value, other) = (draft.fresh("presumed"), draft.fresh("presumed"));
        let row = Literal::Positive(super::draft::atom_of(from, &vars));
        let is_open = |wanted| Literal::Check(Check::Vague(wanted, vars[field]));
        let found = |var: Var| self.presumed_row(relation, presumed, &vars, Term::Var(var));
        let mut filled = super::draft::atom_of(to, &vars);
        filled.args[field] = Term::Var(value);
        let same = super::draft::atom_of(to, &vars);
        let nothing = self.presumed_row(relation, presumed, &vars, Term::Any);
        let none = Literal::Negative(nothing, Vec::new());
        let differs = Check::Compare(Comparison::NotEqual, Expr::Var(other), Expr::Var(value));
        let given = [row.clone(), is_open(true), Literal::Positive(found(value))];
        let mut body = given.to_vec();
        let mut clauses = vec![
            (same.clone(), vec![row.clone(), is_open(true), none]),
            (same.clone(), vec![row, is_open(false)]),
        ];
        for (rival, column) in rivals {
            let says = self.presumed_row(relation, (rival, *column), &vars, Term::Var(other));
            body.push(Literal::Negative(says.clone(), vec![differs.clone()]));
            let mut clash = given.to_vec();
            clash.extend([Literal::Positive(says), Literal::Check(differs.clone())]);
            clauses.push((same.clone(), clash));
        }
        self.add_clause(filled, body, &draft);
        for (head, body) in clauses {
            self.add_clause(head, body, &draft);
        }
    }

    /// What is presumed of a row, with that value.
    fn presumed_row(
        &self,
        relation: RelationId,
        (presumed, column): (&Presumed, usize),
        vars: &[Var],
        filled: Term,
    ) -> Atom {
        let field = presumed.columns[column];
        let unknown_too = |at: usize| {
            self.policy.relation(relation).fields[at].missing == Missing::Unknown && at != field
        };
        let args = presumed.columns.iter().enumerate();
        Atom {
            rel: presumed.rel,
            args: args
                .map(|(at, other)| match at == column {
                    true => filled.clone(),
                    // What the presumption says of another field that may be unknown is a presumption of its own.
                    false if unknown_too(*other) => Term::Any,
                    false => Term::Var(vars[*other]),
                })
                .collect(),
        }
    }

    /// The columns in which rows that are given, or missing, may hold a value that nobody knows.
    pub(super) fn unknown_columns(&mut self) -> BTreeMap<RelId, BTreeSet<usize>> {
        let mut columns: BTreeMap<RelId, BTreeSet<usize>> = BTreeMap::new();
        for (relation, field) in &self.known.unknown {
            let declared = self.program.declared[relation].rel;
            columns.entry(declared).or_default().insert(*field);
        }
        for rel in columns.keys() {
            let relation =
                (self.program.declared.iter()).find(|(_, declared)| declared.rel == *rel);
            if let Some((relation, _)) = relation {
                self.program.open.sources.insert(*rel, *relation);
            }
        }
        for (relation, rel) in &self.known.partial {
            self.program.open.sources.insert(*rel, *relation);
        }
        for (relation, rel) in &self.known.full {
            self.program.open.sources.insert(*rel, *relation);
            if let Some(declared) = self.program.declared.get_mut(relation) {
                declared.known = Some(*rel);
            }
        }
        let loose: Vec<(RelId, RelId)> = self.derived_keys.loose().collect();
        for (rel, loose) in loose {
            // The same values that nobody knows stand in it.
            if let Some(relation) = self.program.open.sources.get(&rel).copied() {
                self.program.open.sources.insert(loose, relation);
            }
        }
        columns
    }
}

fn is_named(term: &ir::Term) -> bool {
    matches!(
        term,
        ir::Term::Variable(_) | ir::Term::Each(_) | ir::Term::Value(_)
    )
}

/// The variable that a term is.
pub(super) fn variable(term: &Term) -> Option<Var> {
    match term {
        Term::Var(var) => Some(*var),
        Term::Value(_) | Term::Any => None,
    }
}
