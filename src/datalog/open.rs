//! What hangs on something open: each such relation becomes two, of what must hold and of what may.
//!
//! A clause that must hold reads what must hold and, under `not`, what may; one that may hold the other way round. A judgement
//! may hold unless it is denied, and must if it is asserted. A value that nobody knows goes through the clauses of what may
//! hold as an open one, which stands for any value it may have; no row that must hold has one, but those that are given so.

use super::draft::{atom_of, atom_variables, check_variables, expr_variables};
use super::program::{
    Aggregate, Atom, Certainty, Check, Clause, Expr, Literal, Program, RelId, Relation, Term, Var,
};
use super::strata::{check_counts_days, counts_days};
use crate::ir::Comparison;
use crate::value::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Into how many clauses one is split at most by which of its values are open; beyond that, it asks less of them.
const MOST_VARIANTS: usize = 64;
/// Of how many values of one judgement it is told apart whether they are known.
const MOST_VAGUE: usize = 4;

/// The columns in which a value may be open.
pub(super) type Columns = BTreeMap<RelId, BTreeSet<usize>>;

/// Splits the relations that hang on something open. `unknown`: the columns of given rows in which a value may be unknown.
pub(super) fn split(program: &mut Program, unknown: Columns) {
    let mut found = Found::new(program, unknown);
    found.spread(program);
    program.open.columns = found.vague.clone();
    if found.open.is_empty() {
        return;
    }
    let strata = std::mem::take(&mut program.strata);
    let heads: Vec<RelId> = program
        .clauses
        .iter()
        .map(|clause| clause.head.rel)
        .collect();
    let mut place: BTreeMap<usize, usize> = BTreeMap::new();
    for stratum in &strata {
        let mut group = Vec::new();
        for at in &stratum.clauses {
            if found.open.contains(&heads[*at]) {
                let next = place.len();
                group.push(*place.entry(*at).or_insert(next));
            }
        }
        if !group.is_empty() {
            program.open.strata.push(group);
        }
    }
    let mut two_valued: Vec<Option<Clause>> = vec![None; place.len()];
    for (at, place) in &place {
        two_valued[*place] = Some(program.clauses[*at].clone());
    }
    program.open.clauses = two_valued.into_iter().flatten().collect();
    for rel in &found.open {
        let relation = program.relations[rel.0 as usize].clone();
        let may = RelId(program.relations.len() as u32);
        program.relations.push(Relation::possible(relation));
        program.open.may.insert(*rel, may);
        if let Some(columns) = found.vague.get(rel) {
            program.open.columns.insert(may, columns.clone());
        }
    }
    let (split, mut clauses): (Vec<Clause>, Vec<Clause>) = std::mem::take(&mut program.clauses)
        .into_iter()
        .partition(|clause| found.open.contains(&clause.head.rel));
    for (rel, may) in &program.open.may {
        clauses.extend(
            split
                .iter()
                .find(|clause| clause.head.rel == *rel)
                .map(|of| {
                    let arity = program.relations[rel.0 as usize].arity as u32;
                    let vars: Vec<Var> = (0..arity).map(Var).collect();
                    Clause {
                        head: atom_of(*may, &vars),
                        body: vec![Literal::Positive(atom_of(*rel, &vars))],
                        variables: vec!["_".into(); arity as usize],
                        origin: of.origin,
                    }
                }),
        );
    }
    for clause in split {
        clauses.extend(Splitting::new(program, &found, &clause, Certainty::Must).clauses());
        clauses.extend(Splitting::new(program, &found, &clause, Certainty::May).clauses());
    }
    program.clauses = clauses;
}

/// The columns in which a value may be open, before anything is split.
pub(super) fn vague_columns(program: &Program, unknown: Columns) -> Columns {
    let mut found = Found::new(program, unknown);
    found.spread(program);
    found.vague
}

/// The variables of a body that may have an open value, by the columns in which one may be.
pub(super) fn vague_variables(body: &[Literal], vague: &Columns) -> BTreeSet<Var> {
    let found = Found {
        open: BTreeSet::new(),
        vague: vague.clone(),
        judgements: BTreeSet::new(),
        sources: BTreeSet::new(),
    };
    found.vague_variables(body)
}

/// What hangs on something open.
struct Found {
    open: BTreeSet<RelId>,
    /// Where a value may be open, also in relations that hold for sure.
    vague: Columns,
    judgements: BTreeSet<RelId>,
    sources: BTreeSet<RelId>,
}

impl Found {
    fn new(program: &Program, vague: Columns) -> Found {
        Found {
            open: BTreeSet::new(),
            vague,
            judgements: program.open.judgements.keys().copied().collect(),
            sources: program.open.sources.keys().copied().collect(),
        }
    }

    fn is_vague(&self, rel: RelId, column: usize) -> bool {
        self.vague
            .get(&rel)
            .is_some_and(|columns| columns.contains(&column))
    }

    fn is_touched(&self, rel: RelId) -> bool {
        self.open.contains(&rel) || self.judgements.contains(&rel)
    }

    /// Until nothing more is found to hang on anything open.
    fn spread(&mut self, program: &Program) {
        loop {
            let before = (
                self.open.len(),
                self.vague.values().map(BTreeSet::len).sum::<usize>(),
            );
            for clause in &program.clauses {
                self.look_at(clause);
            }
            let after = (
                self.open.len(),
                self.vague.values().map(BTreeSet::len).sum::<usize>(),
            );
            if before == after {
                return;
            }
        }
    }

    fn look_at(&mut self, clause: &Clause) {
        let vague = self.vague_variables(&clause.body);
        let meets = bindings(&clause.body, &self.judgements)
            .into_iter()
            .any(|(var, places)| places.len() > 1 && vague.contains(&var));
        let reads_open = |literal| self.reads_open(literal, &vague);
        let mut is_open = meets || clause.body.iter().any(reads_open);
        let rel = clause.head.rel;
        for (column, term) in clause.head.args.iter().enumerate() {
            let is_vague = match term {
                Term::Var(var) => vague.contains(var),
                Term::Value(value) => value.is_open(),
                Term::Any => false,
            };
            if is_vague {
                self.vague.entry(rel).or_default().insert(column);
                // A row that is given with an unknown value, or missing, is a source; any other only may hold.
                is_open |= !self.sources.contains(&rel) && matches!(term, Term::Var(_));
            }
        }
        if is_open {
            self.open.insert(rel);
        }
    }

    fn reads_open(&self, literal: &Literal, vague: &BTreeSet<Var>) -> bool {
        match literal {
            Literal::Positive(atom) => {
                let asks = |(column, term): (usize, &Term)| {
                    matches!(term, Term::Value(_)) && self.is_vague(atom.rel, column)
                };
                self.is_touched(atom.rel) || atom.args.iter().enumerate().any(asks)
            }
            Literal::Negative(atom, checks) => {
                let asks = |(column, term): (usize, &Term)| match term {
                    Term::Any => false,
                    Term::Value(_) => self.is_vague(atom.rel, column),
                    Term::Var(var) => self.is_vague(atom.rel, column) || vague.contains(var),
                };
                self.is_touched(atom.rel)
                    || atom.args.iter().enumerate().any(asks)
                    || checks.iter().any(|check| self.tests_vague(check, vague))
            }
            Literal::Check(check) => self.tests_vague(check, vague),
            Literal::Bind(..) => false,
            Literal::Aggregate(aggregate) => {
                self.is_touched(aggregate.atom.rel) || self.vague.contains_key(&aggregate.atom.rel)
            }
        }
    }

    /// Whether a check compares a value that is open, or may turn out to be (a working day beyond the calendar); asking whether
    /// it is one does not.
    fn tests_vague(&self, check: &Check, vague: &BTreeSet<Var>) -> bool {
        match check {
            Check::Present(_) | Check::Vague(..) => false,
            other => check_counts_days(other) || !check_variables(other).is_disjoint(vague),
        }
    }

    /// The variables that may have an open value.
    fn vague_variables(&self, body: &[Literal]) -> BTreeSet<Var> {
        let mut vague = BTreeSet::new();
        loop {
            let before = vague.len();
            for literal in body {
                match literal {
                    Literal::Positive(atom) => {
                        for (column, term) in atom.args.iter().enumerate() {
                            if let Term::Var(var) = term
                                && self.is_vague(atom.rel, column)
                            {
                                vague.insert(*var);
                            }
                        }
                    }
                    Literal::Bind(var, expr) => {
                        if counts_days(expr) || !expr_variables(expr).is_disjoint(&vague) {
                            vague.insert(*var);
                        }
                    }
                    Literal::Aggregate(aggregate) => {
                        let rel = aggregate.atom.rel;
                        if self.is_touched(rel) || self.vague.contains_key(&rel) {
                            vague.insert(aggregate.result);
                            vague.extend(self.vague_group(aggregate));
                        }
                    }
                    Literal::Negative(..) | Literal::Check(_) => {}
                }
            }
            if vague.len() == before {
                return vague;
            }
        }
    }

    /// The variables of an aggregate's group in whose columns a value may be open.
    fn vague_group(&self, aggregate: &Aggregate) -> BTreeSet<Var> {
        let args = aggregate.atom.args.iter().enumerate();
        let vague = args.filter(|(column, _)| self.is_vague(aggregate.atom.rel, *column));
        let vars = vague.filter_map(|(_, term)| match term {
            Term::Var(var) if aggregate.group.contains(var) => Some(*var),
            _ => None,
        });
        vars.collect()
    }
}

/// One clause on its way to those of what must hold, or of what may.
struct Splitting<'a> {
    program: &'a Program,
    found: &'a Found,
    certainty: Certainty,
    vague: BTreeSet<Var>,
    /// The variables that literals without `not` bind.
    bound: BTreeSet<Var>,
    head: Atom,
    variables: Vec<String>,
    origin: super::program::Origin,
    /// The bodies so far: each literal of the clause multiplies them by its alternatives.
    bodies: Vec<Vec<Literal>>,
    /// How many they may become.
    room: usize,
}

impl<'a> Splitting<'a> {
    fn new(
        program: &'a Program,
        found: &'a Found,
        clause: &Clause,
        certainty: Certainty,
    ) -> Splitting<'a> {
        let mut splitting = Splitting {
            program,
            found,
            certainty,
            vague: found.vague_variables(&clause.body),
            bound: bindings(&clause.body, &found.judgements)
                .into_keys()
                .collect(),
            head: clause.head.clone(),
            variables: clause.variables.clone(),
            origin: clause.origin,
            bodies: vec![Vec::new()],
            room: MOST_VARIANTS,
        };
        if certainty == Certainty::May {
            splitting.head.rel = program.open.may[&clause.head.rel];
        }
        let body = match certainty {
            Certainty::Must => {
                splitting.keep_to_known(&clause.body);
                vec![clause.body.clone()]
            }
            Certainty::May => splitting.loosened(&clause.body),
        };
        splitting.room = MOST_VARIANTS / body.len().max(1);
        let mut bodies = Vec::new();
        for literals in body {
            let before = std::mem::replace(&mut splitting.bodies, vec![Vec::new()]);
            for literal in &literals {
                let alternatives = splitting.literal(literal);
                splitting.multiply(alternatives);
            }
            let made = std::mem::replace(&mut splitting.bodies, before);
            bodies.extend(made.into_iter().flat_map(|body| {
                let fronts = splitting.bodies.iter();
                fronts
                    .map(|front| [front.as_slice(), &body].concat())
                    .collect::<Vec<_>>()
            }));
        }
        splitting.bodies = bodies;
        splitting
    }

    fn clauses(self) -> Vec<Clause> {
        let (head, variables, origin) = (self.head, self.variables, self.origin);
        let clause = |body| Clause {
            head: head.clone(),
            body,
            variables: variables.clone(),
            origin,
        };
        self.bodies.into_iter().map(clause).collect()
    }

    fn multiply(&mut self, alternatives: Vec<Vec<Literal>>) {
        let before = std::mem::take(&mut self.bodies);
        for body in before {
            for more in &alternatives {
                // A value cannot be known and unknown.
                if !more.iter().any(|literal| denies(&body, literal)) {
                    self.bodies.push([body.as_slice(), more].concat());
                }
            }
        }
    }

    fn fresh(&mut self) -> Var {
        self.variables.push("_".into());
        Var(self.variables.len() as u32 - 1)
    }

    /// What must hold is read off values that are known: those of its conclusion, and those by which atoms are matched.
    fn keep_to_known(&mut self, body: &[Literal]) {
        let mut known: BTreeSet<Var> = BTreeSet::new();
        if !self.found.sources.contains(&self.head.rel) {
            known.extend(atom_variables(&self.head));
        }
        for (var, places) in bindings(body, &self.found.judgements) {
            if places.len() > 1 {
                known.insert(var);
            }
        }
        let checks = known
            .intersection(&self.vague)
            .map(|var| Literal::Check(Check::Vague(false, *var)));
        self.bodies = vec![checks.collect()];
    }

    /// The bodies in which a value that may be open is matched as one that is, or as one that is not.
    fn loosened(&mut self, body: &[Literal]) -> Vec<Vec<Literal>> {
        let mut bodies = vec![body.to_vec()];
        for (var, mut places) in bindings(body, &self.found.judgements) {
            places.retain(|place| !place.is_lookup);
            if places.len() < 2 || !self.vague.contains(&var) {
                continue;
            }
            let open: Vec<usize> = (0..places.len())
                .filter(|at| self.may_be_vague(&body[places[*at].literal], places[*at]))
                .collect();
            if open.len() > 6 || bodies.len() << open.len() > MOST_VARIANTS {
                // Every place for itself: whatever stands there may be the same.
                for places in places.iter().skip(1) {
                    let other = self.fresh();
                    for body in &mut bodies {
                        rename(body, *places, other);
                    }
                }
                continue;
            }
            let ways = subsets(&open);
            let mut made = Vec::new();
            for body in &bodies {
                for way in &ways {
                    // Where all places are open, the first one names the value.
                    let is_first = |at: usize| way.len() == places.len() && at == way[0];
                    let mut body = body.clone();
                    for at in way {
                        let other = if is_first(*at) { var } else { self.fresh() };
                        rename(&mut body, places[*at], other);
                        body.push(Literal::Check(Check::Vague(true, other)));
                    }
                    made.push(body);
                }
            }
            bodies = made;
        }
        bodies
    }

    fn may_be_vague(&self, literal: &Literal, place: Place) -> bool {
        match (literal, place.column) {
            (Literal::Positive(atom), Some(column)) => self.found.is_vague(atom.rel, column),
            (Literal::Aggregate(aggregate), Some(at)) => self
                .found
                .vague_group(aggregate)
                .contains(&aggregate.group[at]),
            _ => true,
        }
    }

    /// The alternatives for a literal.
    fn literal(&mut self, literal: &Literal) -> Vec<Vec<Literal>> {
        match literal {
            Literal::Positive(atom) => match self.found.judgements.contains(&atom.rel) {
                true => self.judged(atom, true),
                false => self.positive(atom),
            },
            Literal::Negative(atom, checks) => match self.found.judgements.contains(&atom.rel) {
                true => self.judged(atom, false),
                false => vec![vec![self.negative(atom, checks)]],
            },
            Literal::Check(check) => vec![vec![Literal::Check(self.check(check, self.certainty))]],
            Literal::Bind(..) => vec![vec![literal.clone()]],
            Literal::Aggregate(aggregate) => self.aggregate(aggregate),
        }
    }

    /// The rows of a relation that are as sure as that.
    fn rel(&self, rel: RelId, certainty: Certainty) -> RelId {
        match certainty {
            Certainty::Must => rel,
            Certainty::May => self.program.open.may.get(&rel).copied().unwrap_or(rel),
        }
    }

    fn positive(&mut self, atom: &Atom) -> Vec<Vec<Literal>> {
        let rel = self.rel(atom.rel, self.certainty);
        let exact = Atom {
            rel,
            args: atom.args.clone(),
        };
        if self.certainty == Certainty::Must {
            return vec![vec![Literal::Positive(exact)]];
        }
        // A constant matches an open value too.
        let constants: Vec<usize> = (0..atom.args.len())
            .filter(|column| {
                matches!(atom.args[*column], Term::Value(_))
                    && self.found.is_vague(atom.rel, *column)
            })
            .collect();
        let ways = subsets(&constants);
        let atoms = ways.into_iter().map(|way| {
            let mut atom = exact.clone();
            let mut literals = Vec::new();
            for column in way {
                let other = self.fresh();
                atom.args[column] = Term::Var(other);
                literals.push(Literal::Check(Check::Vague(true, other)));
            }
            literals.insert(0, Literal::Positive(atom));
            literals
        });
        atoms.collect()
    }

    /// `not atom`: no row that is less sure than that matches.
    fn negative(&mut self, atom: &Atom, checks: &[Check]) -> Literal {
        let other = match self.certainty {
            Certainty::Must => Certainty::May,
            Certainty::May => Certainty::Must,
        };
        let mut checks: Vec<Check> = checks
            .iter()
            .map(|check| self.check_of_row(check, atom, other))
            .collect();
        let mut args = atom.args.clone();
        for (column, term) in args.iter_mut().enumerate() {
            let is_open = match &*term {
                Term::Any => false,
                Term::Value(_) => self.found.is_vague(atom.rel, column),
                // A variable that nothing else binds ranges over the rows.
                Term::Var(var) => {
                    self.bound.contains(var)
                        && (self.found.is_vague(atom.rel, column) || self.vague.contains(var))
                }
            };
            if let Some(expr) = expr_of(term).filter(|_| is_open) {
                let local = self.fresh();
                *term = Term::Var(local);
                let equal = Check::Compare(Comparison::Equal, Expr::Var(local), expr);
                checks.push(Check::Settled(other, Box::new(equal)));
            }
        }
        let rel = self.rel(atom.rel, other);
        Literal::Negative(Atom { rel, args }, checks)
    }

    fn check(&self, check: &Check, certainty: Certainty) -> Check {
        match self.found.tests_vague(check, &self.vague) {
            true => Check::Settled(certainty, Box::new(check.clone())),
            false => check.clone(),
        }
    }

    /// A check under `not`, on variables of the atom too.
    fn check_of_row(&self, check: &Check, atom: &Atom, certainty: Certainty) -> Check {
        let columns = atom.args.iter().enumerate();
        let mut vague = self.vague.clone();
        vague.extend(columns.filter_map(|(column, term)| match term {
            Term::Var(var) if self.found.is_vague(atom.rel, column) => Some(*var),
            _ => None,
        }));
        match self.found.tests_vague(check, &vague) {
            true => Check::Settled(certainty, Box::new(check.clone())),
            false => check.clone(),
        }
    }

    fn aggregate(&mut self, aggregate: &Aggregate) -> Vec<Vec<Literal>> {
        let rel = aggregate.atom.rel;
        if !self.found.is_touched(rel) && !self.found.vague.contains_key(&rel) {
            return vec![vec![Literal::Aggregate(aggregate.clone())]];
        }
        if !self.found.vague_group(aggregate).is_empty() {
            return self.aggregate_of_open_groups(aggregate);
        }
        let mut split = aggregate.clone();
        split.atom.rel = self.rel(rel, Certainty::May);
        split.certain = Some((self.certainty, rel));
        let mut ways = vec![vec![Literal::Aggregate(split)]];
        if self.certainty == Certainty::May && aggregate.is_group_bound {
            let group = aggregate.group.iter();
            for var in group.filter(|var| self.vague.contains(var)) {
                let result = Literal::Bind(aggregate.result, Expr::Value(Value::Unknown));
                ways.push(vec![Literal::Check(Check::Vague(true, *var)), result]);
            }
        }
        ways
    }

    /// Which rows belong to which group is open: nothing is sure of the result.
    fn aggregate_of_open_groups(&mut self, aggregate: &Aggregate) -> Vec<Vec<Literal>> {
        if self.certainty == Certainty::Must {
            return Vec::new();
        }
        let result = Literal::Bind(aggregate.result, Expr::Value(Value::Unknown));
        if aggregate.is_group_bound {
            return vec![vec![result]];
        }
        let mut atom = aggregate.atom.clone();
        atom.rel = self.rel(atom.rel, Certainty::May);
        for term in &mut atom.args {
            if matches!(term, Term::Var(var) if !aggregate.group.contains(var)) {
                *term = Term::Any;
            }
        }
        vec![vec![Literal::Positive(atom), result]]
    }

    /// A judgement that is so (or, with `false`, not so).
    fn judged(&mut self, atom: &Atom, truth: bool) -> Vec<Vec<Literal>> {
        let judgement = self.program.open.judgements[&atom.rel].clone();
        let (own, other) = match truth {
            true => (atom.rel, judgement.denied),
            false => (judgement.denied, atom.rel),
        };
        let fact = |rel: RelId| Atom {
            rel,
            args: atom.args.clone(),
        };
        let presumed = judgement.presumed[usize::from(!truth)];
        let presumed_not = judgement.presumed[usize::from(truth)];
        let opposed = Literal::Negative(fact(other), Vec::new());
        let mut ways = vec![vec![Literal::Positive(fact(own))]];
        let vague: Vec<Var> = (atom_variables(atom).intersection(&self.vague))
            .copied()
            .collect();
        match (self.certainty, presumed) {
            // Presumed, and surely not to the contrary.
            (Certainty::Must, Some(rel)) => {
                let (row, mut checks) = self.presumed_row(rel, atom);
                let vars = atom_variables(atom);
                let vague = vars.intersection(&self.vague);
                checks.extend(vague.map(|var| Check::Vague(false, *var)));
                let mut way = vec![Literal::Positive(row), opposed];
                way.extend(checks.into_iter().map(Literal::Check));
                way.extend(presumed_not.map(|rel| {
                    let may = self.rel(rel, Certainty::May);
                    let (row, checks) = self.presumed_row(may, atom);
                    Literal::Negative(row, checks)
                }));
                ways.push(way);
            }
            (Certainty::Must, None) => {}
            // Not surely presumed to the contrary, or presumed both ways.
            (Certainty::May, presumed) => match presumed_not {
                None => ways = vec![vec![opposed]],
                Some(rel) => {
                    ways.extend(self.asserted_of_unknown(own, atom, &vague));
                    ways.extend(self.not_presumed(rel, atom, &vague, &opposed));
                    if let Some(rel) = presumed {
                        let may = self.rel(rel, Certainty::May);
                        let (row, checks) = self.presumed_row(may, atom);
                        let checks = checks.into_iter().map(Literal::Check);
                        ways.push(
                            [Literal::Positive(row), opposed.clone()]
                                .into_iter()
                                .chain(checks)
                                .collect(),
                        );
                    }
                    if self.bodies.len() * ways.len() > self.room {
                        // What is presumed of it is told by its settlements.
                        ways = vec![vec![opposed]];
                    }
                }
            },
        }
        ways
    }

    /// A judgement that is asserted of something, where that may be what is not known.
    fn asserted_of_unknown(
        &mut self,
        own: RelId,
        atom: &Atom,
        vague: &[Var],
    ) -> Option<Vec<Literal>> {
        let is_vague = |term: &Term| matches!(term, Term::Var(var) if vague.contains(var));
        if !atom.args.iter().any(is_vague) {
            return None;
        }
        let mut args = atom.args.clone();
        let mut checks = Vec::new();
        for term in args.iter_mut().filter(|term| is_vague(term)) {
            let local = self.fresh();
            let was = std::mem::replace(term, Term::Var(local));
            let equal =
                expr_of(&was).map(|expr| Check::Compare(Comparison::Equal, Expr::Var(local), expr));
            checks.extend(equal.map(|equal| Check::Settled(Certainty::May, Box::new(equal))));
        }
        let row = Literal::Positive(Atom { rel: own, args });
        let checks = checks.into_iter().map(Literal::Check);
        Some(std::iter::once(row).chain(checks).collect())
    }

    /// A judgement of which the contrary is not surely presumed, nor given: of what is not known, only where that is presumed of
    /// anything.
    fn not_presumed(
        &mut self,
        rel: RelId,
        atom: &Atom,
        vague: &[Var],
        opposed: &Literal,
    ) -> Vec<Vec<Literal>> {
        if vague.len() > MOST_VAGUE {
            return vec![vec![opposed.clone()]];
        }
        let places: Vec<usize> = (0..vague.len()).collect();
        let ways = subsets(&places).into_iter().map(|unknown| {
            let (row, mut checks) = self.presumed_row(rel, atom);
            let is_unknown = |var: &Var| unknown.iter().any(|at| vague[*at] == *var);
            for (term, local) in atom.args.iter().zip(&row.args) {
                if let (Term::Var(var), Term::Var(local)) = (term, local)
                    && is_unknown(var)
                {
                    checks.push(Check::Vague(true, *local));
                }
            }
            let split = vague.iter();
            let split = split.map(|var| Literal::Check(Check::Vague(is_unknown(var), *var)));
            let not_presumed = [opposed.clone(), Literal::Negative(row, checks)];
            split.chain(not_presumed).collect()
        });
        ways.collect()
    }

    /// A row of what is presumed, and the checks that it matches, where an unknown value in it stands for anything.
    fn presumed_row(&mut self, rel: RelId, atom: &Atom) -> (Atom, Vec<Check>) {
        let mut checks = Vec::new();
        let mut args = Vec::new();
        for term in &atom.args {
            let Some(expr) = expr_of(term) else {
                args.push(Term::Any);
                continue;
            };
            let local = self.fresh();
            args.push(Term::Var(local));
            let equal = Check::Compare(Comparison::Equal, Expr::Var(local), expr);
            checks.push(Check::Settled(Certainty::May, Box::new(equal)));
        }
        (Atom { rel, args }, checks)
    }
}

/// Whether a body asks for a value to be known that the literal asks to be unknown, or the other way round.
fn denies(body: &[Literal], literal: &Literal) -> bool {
    match literal {
        Literal::Check(Check::Vague(wanted, var)) => {
            let is_contrary = |it: &Literal| matches!(it, Literal::Check(Check::Vague(other, of)) if of == var && other != wanted);
            body.iter().any(is_contrary)
        }
        _ => false,
    }
}

fn expr_of(term: &Term) -> Option<Expr> {
    match term {
        Term::Any => None,
        Term::Var(var) => Some(Expr::Var(*var)),
        Term::Value(value) => Some(Expr::Value(value.clone())),
    }
}

/// Where a variable gets its value, or must agree with it.
#[derive(Clone, Copy)]
struct Place {
    /// Its place in the body.
    literal: usize,
    /// The column of an atom, the place in an aggregate's group; `None`: what an expression or an aggregate comes to.
    column: Option<usize>,
    /// A group that others bind.
    is_lookup: bool,
}

/// The places of each variable.
fn bindings(body: &[Literal], judgements: &BTreeSet<RelId>) -> BTreeMap<Var, Vec<Place>> {
    let mut found: BTreeMap<Var, Vec<Place>> = BTreeMap::new();
    let mut add = |var: Var, literal: usize, column: Option<usize>, is_lookup: bool| {
        found.entry(var).or_default().push(Place {
            literal,
            column,
            is_lookup,
        });
    };
    for (at, literal) in body.iter().enumerate() {
        match literal {
            Literal::Positive(atom) if !judgements.contains(&atom.rel) => {
                for (column, term) in atom.args.iter().enumerate() {
                    if let Term::Var(var) = term {
                        add(*var, at, Some(column), false);
                    }
                }
            }
            Literal::Bind(var, _) => add(*var, at, None, false),
            Literal::Aggregate(aggregate) => {
                add(aggregate.result, at, None, false);
                for (place, var) in aggregate.group.iter().enumerate() {
                    add(*var, at, Some(place), aggregate.is_group_bound);
                }
            }
            Literal::Positive(_) | Literal::Negative(..) | Literal::Check(_) => {}
        }
    }
    found
}

/// Puts another variable in a place.
fn rename(body: &mut [Literal], place: Place, other: Var) {
    match (&mut body[place.literal], place.column) {
        (Literal::Positive(atom), Some(column)) => atom.args[column] = Term::Var(other),
        (Literal::Bind(var, _), _) => *var = other,
        (Literal::Aggregate(aggregate), None) => aggregate.result = other,
        (Literal::Aggregate(aggregate), Some(at)) => {
            let old = Term::Var(std::mem::replace(&mut aggregate.group[at], other));
            for term in &mut aggregate.atom.args {
                if *term == old {
                    *term = Term::Var(other);
                }
            }
        }
        (Literal::Positive(_) | Literal::Negative(..) | Literal::Check(_), _) => {}
    }
}

fn subsets(of: &[usize]) -> Vec<Vec<usize>> {
    of.iter().fold(vec![Vec::new()], |all, item| {
        let with = all.iter().map(|set| {
            let mut set = set.clone();
            set.push(*item);
            set
        });
        let with: Vec<Vec<usize>> = with.collect();
        all.into_iter().chain(with).collect()
    })
}
