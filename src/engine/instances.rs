//! The instances of a clause by the definition: slow and short, for the reference and for finding the row of an error.

use super::Failure;
use super::expr::{Evaluator, Member, Share, check_variables, expr_variables};
use crate::datalog::Program;
use crate::datalog::program::{Aggregate, Atom, Check, Clause, Expr, Literal, RelId, Term, Var};
use crate::value::{NoValue, Value};
use std::collections::{BTreeMap, BTreeSet};

/// Rows to be asked for.
pub trait Rows {
    /// Calls `each` with the rows whose columns have the known values.
    fn matching(&self, rel: RelId, pattern: &[Option<Value>], each: &mut dyn FnMut(&[Value]));
}

/// Values of a clause's variables for which no literal fails.
#[derive(Clone, Debug)]
pub struct Instance {
    slots: Vec<Slot>,
    /// Why some expression has no value: then the instance is an error, not a conclusion.
    pub trouble: Option<NoValue>,
}

#[derive(Clone, Debug)]
enum Slot {
    Free,
    Known(Value),
    /// It would come from an expression without a value: what needs it is passed over.
    Lost,
}

/// Whether a literal holds; `Err`: it has no truth value, because an expression in it has no value.
type Truth = Result<bool, NoValue>;

/// A term without a value: why, and in which instance, with the values of its variables.
type Broken = (NoValue, Vec<Option<Value>>, Instance);

impl Instance {
    /// Nothing bound yet.
    pub fn of(clause: &Clause) -> Instance {
        Instance {
            slots: vec![Slot::Free; clause.variables.len()],
            trouble: None,
        }
    }

    /// Binds a variable.
    pub fn with(mut self, var: Var, value: Value) -> Instance {
        self.slots[var.0 as usize] = Slot::Known(value);
        self
    }

    /// The value of a variable, where it has one.
    pub fn get(&self, var: Var) -> Option<&Value> {
        match &self.slots[var.0 as usize] {
            Slot::Known(value) => Some(value),
            Slot::Free | Slot::Lost => None,
        }
    }

    /// By `Var`.
    pub fn bindings(&self) -> Vec<Option<Value>> {
        let vars = (0..self.slots.len() as u32).map(Var);
        vars.map(|var| self.get(var).cloned()).collect()
    }

    /// The row that an atom stands for; `None` where a variable of it has no value.
    pub fn row(&self, atom: &Atom) -> Option<Vec<Value>> {
        self.pattern(atom).into_iter().collect()
    }

    fn pattern(&self, atom: &Atom) -> Vec<Option<Value>> {
        let known = |term: &Term| match term {
            Term::Value(value) => Some(value.clone()),
            Term::Var(var) => self.get(*var).cloned(),
            Term::Any => None,
        };
        atom.args.iter().map(known).collect()
    }

    fn is_lost(&self, var: &Var) -> bool {
        matches!(self.slots[var.0 as usize], Slot::Lost)
    }

    fn value_of(&self, var: Var) -> Value {
        self.get(var)
            .cloned()
            .expect("every variable is bound before it is read: the checker saw to it")
    }

    /// Binds the variables of an atom to a row that matches its pattern; `None` where one variable would have two values.
    fn matched(&self, atom: &Atom, row: &[Value]) -> Option<Instance> {
        let mut bound = self.clone();
        for (term, value) in atom.args.iter().zip(row) {
            if let Term::Var(var) = term {
                bound = bound.agreeing(*var, value)?;
            }
        }
        Some(bound)
    }

    fn agreeing(self, var: Var, value: &Value) -> Option<Instance> {
        match self.get(var) {
            Some(known) if known == value => Some(self),
            Some(_) => None,
            None => Some(self.with(var, value.clone())),
        }
    }

    fn troubled(mut self, reason: NoValue) -> Instance {
        self.trouble.get_or_insert(reason);
        self
    }

    fn losing(mut self, vars: impl IntoIterator<Item = Var>) -> Instance {
        for var in vars {
            if let Slot::Free = self.slots[var.0 as usize] {
                self.slots[var.0 as usize] = Slot::Lost;
            }
        }
        self
    }
}

/// All instances of a clause, beginning with what `start` binds.
pub fn instances(
    clause: &Clause,
    start: Instance,
    rows: &dyn Rows,
    evaluator: &Evaluator<'_>,
) -> Vec<Instance> {
    let bound = (0..clause.variables.len() as u32)
        .map(Var)
        .filter(|var| start.get(*var).is_some())
        .collect();
    let search = Search { rows, evaluator };
    order(clause, bound)
        .into_iter()
        .fold(vec![start], |so_far, literal| {
            so_far
                .into_iter()
                .flat_map(|instance| search.extend(literal, instance))
                .collect()
        })
}

/// The failure that a clause runs into: of all instances without a value, the one with the smallest bindings.
pub fn first_error(
    program: &Program,
    clause: usize,
    rows: &dyn Rows,
    evaluator: &Evaluator<'_>,
) -> Result<(), Failure> {
    let rule = &program.clauses[clause];
    let troubled = instances(rule, Instance::of(rule), rows, evaluator)
        .into_iter()
        .filter_map(|instance| Some((instance.bindings(), instance.trouble?)));
    match troubled.min() {
        None => Ok(()),
        Some((bindings, reason)) => Err(Failure::no_value(
            evaluator.limits(),
            clause,
            bindings,
            reason,
        )),
    }
}

struct Search<'a> {
    rows: &'a dyn Rows,
    evaluator: &'a Evaluator<'a>,
}

impl Search<'_> {
    fn extend(&self, literal: &Literal, instance: Instance) -> Vec<Instance> {
        match literal {
            Literal::Positive(atom) => self.matches(atom, &instance),
            Literal::Negative(atom, checks) => {
                let vars = negative_variables(atom, checks);
                if vars.iter().any(|var| instance.is_lost(var)) {
                    return vec![instance];
                }
                keep(self.is_absent(atom, checks, &instance), instance)
            }
            Literal::Check(check) => {
                if check_variables(check)
                    .iter()
                    .any(|var| instance.is_lost(var))
                {
                    return vec![instance];
                }
                keep(self.check(check, &instance), instance)
            }
            Literal::Bind(var, expr) => {
                if expr_variables(expr).iter().any(|var| instance.is_lost(var)) {
                    return vec![instance.losing([*var])];
                }
                let value = self.value(expr, &instance);
                set(instance, *var, value)
            }
            Literal::Aggregate(aggregate) => self.aggregate(aggregate, instance),
        }
    }

    fn matches(&self, atom: &Atom, instance: &Instance) -> Vec<Instance> {
        let mut found = Vec::new();
        self.rows
            .matching(atom.rel, &instance.pattern(atom), &mut |row| {
                found.extend(instance.matched(atom, row));
            });
        found
    }

    /// `not atom`, with the checks: false if a row fulfils all; without a truth value if one might.
    fn is_absent(&self, atom: &Atom, checks: &[Check], instance: &Instance) -> Truth {
        let mut reasons = Vec::new();
        for matched in self.matches(atom, instance) {
            match self.all_hold(checks, &matched) {
                Ok(true) => return Ok(false),
                Ok(false) => {}
                Err(reason) => reasons.push(reason),
            }
        }
        reasons.into_iter().min().map_or(Ok(true), Err)
    }

    fn all_hold(&self, checks: &[Check], instance: &Instance) -> Truth {
        let mut truth = Ok(true);
        for check in checks {
            match self.check(check, instance) {
                Ok(true) => {}
                Ok(false) => return Ok(false),
                Err(reason) => truth = truth.and(Err(reason)),
            }
        }
        truth
    }

    fn aggregate(&self, aggregate: &Aggregate, instance: Instance) -> Vec<Instance> {
        if aggregate.group.iter().any(|var| instance.is_lost(var)) {
            return vec![instance.losing([aggregate.result])];
        }
        let mut groups: BTreeMap<Vec<Value>, Vec<Member>> = BTreeMap::new();
        // What stands in the braces where a term has no value: of several, the smallest, so that their order does not show.
        let mut broken: BTreeMap<Vec<Value>, Broken> = BTreeMap::new();
        for matched in self.matches(&aggregate.atom, &instance) {
            let key = aggregate.group.iter().map(|var| matched.value_of(*var));
            let term = match &aggregate.term {
                Some(term) => self.value(term, &matched),
                None => Ok(Value::Bool(true)),
            };
            let key: Vec<Value> = key.collect();
            let is_sure = self.is_certain(aggregate, &matched);
            let share = Share::of(aggregate, is_sure, |var| matched.value_of(var));
            if let Err(reason) = &term {
                let one = (reason.clone(), matched.bindings());
                let known = broken.get(&key);
                if known.is_none_or(|known| one < (known.0.clone(), known.1.clone())) {
                    broken.insert(key.clone(), (one.0, one.1, matched));
                }
            }
            groups.entry(key).or_default().push((term, share));
        }
        if groups.is_empty() && aggregate.is_group_bound {
            let key = aggregate.group.iter().map(|var| instance.value_of(*var));
            groups.insert(key.collect(), Vec::new());
        }
        let mut found = Vec::new();
        for (key, terms) in groups {
            let pairs = aggregate.group.iter().zip(&key);
            let in_group = pairs.fold(instance.clone(), |bound, (var, value)| {
                bound.with(*var, value.clone())
            });
            let Some(result) = self.evaluator.result(aggregate, terms).transpose() else {
                continue;
            };
            let told = match (&result, broken.remove(&key)) {
                (Err(_), Some((.., inside))) => inside,
                _ => in_group,
            };
            found.extend(set(told, aggregate.result, result));
        }
        found
    }

    /// Whether a row that an aggregate folds is among those that must hold.
    fn is_certain(&self, aggregate: &Aggregate, matched: &Instance) -> bool {
        let Some((_, rel)) = aggregate.certain else {
            return true;
        };
        let mut is_there = false;
        self.rows
            .matching(rel, &matched.pattern(&aggregate.atom), &mut |_| {
                is_there = true
            });
        is_there
    }

    fn value(&self, expr: &Expr, instance: &Instance) -> Result<Value, NoValue> {
        self.evaluator.value(expr, &|var| instance.value_of(var))
    }

    fn check(&self, check: &Check, instance: &Instance) -> Truth {
        self.evaluator.check(check, &|var| instance.value_of(var))
    }
}

fn keep(truth: Truth, instance: Instance) -> Vec<Instance> {
    match truth {
        Ok(true) => vec![instance],
        Ok(false) => Vec::new(),
        Err(reason) => vec![instance.troubled(reason)],
    }
}

/// `var = value`
fn set(instance: Instance, var: Var, value: Result<Value, NoValue>) -> Vec<Instance> {
    match value {
        Ok(_) if instance.is_lost(&var) => vec![instance],
        Ok(value) => instance.agreeing(var, &value).into_iter().collect(),
        Err(reason) => vec![instance.troubled(reason).losing([var])],
    }
}

/// An order in which every variable is bound before it is read: what can be decided, then the atom with most columns known.
fn order(clause: &Clause, mut bound: BTreeSet<Var>) -> Vec<&Literal> {
    let mut left: Vec<&Literal> = clause.body.iter().collect();
    let mut order = Vec::new();
    while !left.is_empty() {
        let next = (0..left.len())
            .min_by_key(|at| rank(left[*at], &bound, &left))
            .expect("something is left");
        let literal = left.remove(next);
        bound.extend(literal_binds(literal));
        order.push(literal);
    }
    order
}

/// What comes first: decidable literals, then atoms by how many columns are unknown, then aggregates that bind their group.
fn rank(literal: &Literal, bound: &BTreeSet<Var>, left: &[&Literal]) -> (u8, usize) {
    let will_be_bound = |var: &Var| {
        let binds =
            |other: &&Literal| !std::ptr::eq(*other, literal) && literal_binds(other).contains(var);
        !bound.contains(var) && left.iter().any(binds)
    };
    let needs = match literal {
        Literal::Positive(atom) => {
            let is_unknown = |term: &&Term| match term {
                Term::Var(var) => !bound.contains(var),
                Term::Any => true,
                Term::Value(_) => false,
            };
            return (1, atom.args.iter().filter(is_unknown).count());
        }
        Literal::Negative(atom, checks) => negative_variables(atom, checks),
        Literal::Check(check) => check_variables(check),
        Literal::Bind(var, expr) => &expr_variables(expr) | &BTreeSet::from([*var]),
        Literal::Aggregate(aggregate) => {
            let result = [aggregate.result];
            aggregate.group.iter().copied().chain(result).collect()
        }
    };
    let binds_itself = matches!(literal, Literal::Aggregate(it) if !it.is_group_bound);
    match needs.iter().any(will_be_bound) {
        true => (3, 0),
        false if binds_itself => (2, 0),
        false => (0, 0),
    }
}

/// The variables that a literal gives a value to, if nothing did before.
pub fn literal_binds(literal: &Literal) -> BTreeSet<Var> {
    match literal {
        Literal::Positive(atom) => atom_variables(atom),
        Literal::Negative(..) | Literal::Check(_) => BTreeSet::new(),
        Literal::Bind(var, _) => BTreeSet::from([*var]),
        Literal::Aggregate(it) if it.is_group_bound => BTreeSet::from([it.result]),
        Literal::Aggregate(it) => it.group.iter().copied().chain([it.result]).collect(),
    }
}

/// The variables of a denied atom and its checks.
pub fn negative_variables(atom: &Atom, checks: &[Check]) -> BTreeSet<Var> {
    checks
        .iter()
        .flat_map(check_variables)
        .chain(atom_variables(atom))
        .collect()
}

/// The variables of an atom.
pub fn atom_variables(atom: &Atom) -> BTreeSet<Var> {
    let var = |term: &Term| match term {
        Term::Var(var) => Some(*var),
        Term::Value(_) | Term::Any => None,
    };
    atom.args.iter().filter_map(var).collect()
}
