//! `Program`: plain stratified Datalog. Days, exemptions, missing fields and braces have become relations and checks.

use crate::ir::{ClauseId, Comparison, Dependency, ExemptionId, Operator, RelationId, RuleId};
use crate::source::Span;
use crate::value::{Aggregate as AggregateRow, Date, FunctionId, Shift, Value};
use std::collections::{BTreeMap, BTreeSet};

/// A relation of `Program::relations`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RelId(pub u32);

/// A variable of one clause.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Var(pub u32);

/// A set of days of `Program::day_sets`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DaySetId(pub u32);

/// A division of the calendar of `Program::regimes`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RegimesId(pub u32);

/// A policy under given circumstances, as clauses in strata.
#[derive(Clone, Debug, Default)]
pub struct Program {
    /// By `RelId`.
    pub relations: Vec<Relation>,
    /// In the order of the policy.
    pub clauses: Vec<Clause>,
    /// In order: a stratum reads only itself (positively) and those before it.
    pub strata: Vec<Stratum>,
    /// Rows that the policy itself gives: tables, facts, the first days of regimes.
    pub facts: Vec<(RelId, Vec<Value>)>,
    /// By `DaySetId`: stretches of days (first and last), in order, apart.
    pub day_sets: Vec<Vec<(Date, Date)>>,
    /// By `RegimesId`: the first days of the regimes, in order, beginning with `FIRST_DAY`.
    pub regimes: Vec<Vec<Date>>,
    /// Where the relations of the policy are found.
    pub declared: BTreeMap<RelationId, Declared>,
    /// The relation of one date column by which working days are counted.
    pub working_day: Option<RelId>,
    /// What is not known, and what hangs on it.
    pub open: Open,
}

/// A relation of the program.
#[derive(Clone, Debug)]
pub struct Relation {
    /// The name of the declared relation, with a mark for what the lowering added: `licence_required#by 62/1`.
    pub name: String,
    /// How many columns.
    pub arity: usize,
}

impl Relation {
    /// What is worked out before for a clause that concludes the relation of that name.
    pub(super) fn part_of(name: &str, arity: usize) -> Relation {
        Relation {
            name: format!("{name}{PART}"),
            arity,
        }
    }

    /// What may hold of a relation, where something is open.
    pub(super) fn possible(of: Relation) -> Relation {
        Relation {
            name: format!("{}{POSSIBLE}", of.name),
            arity: of.arity,
        }
    }

    /// Whether its rows are what a clause has worked out before.
    pub fn is_part(&self) -> bool {
        self.name.ends_with(PART)
    }

    /// Whether its rows are facts of the policy, which follow or may; and not steps on the way to them.
    pub fn has_facts(&self) -> bool {
        let name = self.name.strip_suffix(POSSIBLE).unwrap_or(&self.name);
        !name.contains(MARK)
    }

    /// The name of the declared relation.
    pub fn declared_name(&self) -> &str {
        self.name.split(MARK).next().unwrap_or_default()
    }
}

/// Stands before what the lowering adds to a name.
const MARK: char = '#';
const PART: &str = "#part";
const POSSIBLE: &str = "#may hold";

/// Where a relation of the policy is found in the program.
#[derive(Clone, Debug)]
pub struct Declared {
    /// Its rows: the fields in order, then what `shape` adds.
    pub rel: RelId,
    /// What the columns behind the fields say.
    pub shape: Shape,
    /// For a judgement: the rows that are denied.
    pub denied: Option<RelId>,
    /// Where bodies look it up, if rows of it may be missing or presumed: with what is given, those.
    pub known: Option<RelId>,
}

/// What stands behind the fields of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Nothing.
    Plain,
    /// The first day of a regime; the row holds throughout that regime.
    Standing(RegimesId),
    /// The first and the last day of a fact of a dated input.
    Dated,
}

/// What is not known, and the relations of which therefore more may hold than must.
#[derive(Clone, Debug, Default)]
pub struct Open {
    /// For each such relation: where the rows that may hold are found. The relation itself has those that must, and every row
    /// of those may hold too. A value in a row that may hold can be an open one: it stands for every value that it may have.
    pub may: BTreeMap<RelId, RelId>,
    /// The judgements, by the relation of their asserted rows.
    pub judgements: BTreeMap<RelId, Judgement>,
    /// The relations whose rows are given with fields that nobody knows (`Value::Unknown`): each such field is a point of its
    /// own. The relation of the policy, for the question.
    pub sources: BTreeMap<RelId, RelationId>,
    /// Relations of the names of a type and, if some fact leaves such a name open, of those that nobody has mentioned; each with the
    /// relation of the names alone.
    pub anybody: BTreeMap<RelId, RelId>,
    /// What is presumed of the fields of those that no fact gives.
    pub presumed: Vec<PresumedField>,
    /// The columns in which a value may be open.
    pub columns: BTreeMap<RelId, BTreeSet<usize>>,
    /// The clauses of the relations in `may` as they are once all is known: literals name the relation itself, and a judgement is read,
    /// and denied with `Negative`, by the relation of its asserted rows.
    pub clauses: Vec<Clause>,
    /// Those clauses in order: each group reads itself (positively, or level by level) and those before it.
    pub strata: Vec<Vec<usize>>,
}

/// What one presumption says of one field that may be unknown.
#[derive(Clone, Debug)]
pub struct PresumedField {
    /// Of the policy.
    pub relation: RelationId,
    /// The field.
    pub field: usize,
    /// The rows before anything is presumed.
    pub given: RelId,
    /// What is presumed, and which field stands in which of its columns. Where it names another field that may be unknown, that
    /// is a presumption of its own.
    pub rel: RelId,
    /// By column.
    pub columns: Vec<usize>,
}

/// A judgement: asserted, denied, presumed, or open.
#[derive(Clone, Debug)]
pub struct Judgement {
    /// As declared.
    pub relation: RelationId,
    /// The rows that are denied.
    pub denied: RelId,
    /// What is presumed where no fact settles it, and what is presumed not to be. `Value::Unknown` in a column matches anything.
    pub presumed: [Option<RelId>; 2],
}

/// A rule of the program.
#[derive(Clone, Debug)]
pub struct Clause {
    /// The conclusion.
    pub head: Atom,
    /// The conditions.
    pub body: Vec<Literal>,
    /// By `Var`; for messages.
    pub variables: Vec<String>,
    /// What it comes from.
    pub origin: Origin,
}

/// What a clause of the program comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Origin {
    /// The rule or exemption.
    pub source: OriginSource,
    /// Its words.
    pub span: Option<Span>,
}

/// What a clause of the program comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum OriginSource {
    /// A rule of the policy.
    Rule(RuleId),
    /// An exemption of the policy.
    Exemption(ExemptionId),
    /// The facts and tables of a relation in a clause (or outside any).
    Facts(RelationId, Option<ClauseId>),
    /// The declaration of a relation: the day of an event, the names of a type.
    Declaration(RelationId),
}

/// An atom of the program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Atom {
    /// The relation.
    pub rel: RelId,
    /// One a column.
    pub args: Vec<Term>,
}

/// What stands in a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Term {
    /// A variable.
    Var(Var),
    /// A value (`Value::None` matches only itself).
    Value(Value),
    /// Matches anything; not in a head.
    Any,
}

/// A condition of a clause. The order written means nothing.
#[derive(Clone, Debug)]
pub enum Literal {
    /// A row matches.
    Positive(Atom),
    /// No row matches for which the checks hold; variables of the atom bound nowhere else range over its rows.
    Negative(Atom, Vec<Check>),
    /// A check; all its variables are bound by other literals.
    Check(Check),
    /// Binds a variable that no `Positive` binds.
    Bind(Var, Expr),
    /// Folds the rows of an atom.
    Aggregate(Aggregate),
}

/// A condition on values.
#[derive(Clone, Debug)]
pub enum Check {
    /// `left OP right`
    Compare(Comparison, Expr, Expr),
    /// The expression is true (or, with `false` in front, not true).
    Test(bool, Expr),
    /// The field is neither missing nor unknown.
    Present(Var),
    /// The day lies in the set.
    Within(DaySetId, Term),
    /// The value is an open one, or (with `false`) it is not.
    Vague(bool, Var),
    /// Where values are open: the check must hold for all they may be, or may hold for some.
    Settled(Certainty, Box<Check>),
}

/// How sure something has to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Certainty {
    /// However the open points are settled.
    Must,
    /// In some way of settling them.
    May,
}

/// `result = function term { atom }`, one result for each binding of the group's variables.
#[derive(Clone, Debug)]
pub struct Aggregate {
    /// Bound to the result, or compared with it where something else binds it too.
    pub result: Var,
    /// The row of the table of aggregates.
    pub function: &'static AggregateRow,
    /// What is folded; `None` counts rows. `count` with a term counts distinct terms.
    pub term: Option<Expr>,
    /// The rows: each is one distinct binding. Its relation belongs to an earlier stratum (or, level by level, an earlier level).
    pub atom: Atom,
    /// The variables of `atom` that other literals share; the rest are local to it.
    pub group: Vec<Var>,
    /// Whether other literals bind the whole group: then an empty group has a result (where the function has one).
    pub is_group_bound: bool,
    /// Where the rows of `atom` are those that may hold: how sure the result has to be, and the relation of the rows that must hold.
    pub certain: Option<(Certainty, RelId)>,
    /// What follows from what in a row: where some of its values are open, whether it stands for one row or for many.
    pub dependencies: Vec<Dependency<Var>>,
}

/// An expression over the variables of a clause.
#[derive(Clone, Debug)]
pub enum Expr {
    /// A value.
    Value(Value),
    /// A variable.
    Var(Var),
    /// `- X`
    Negate(Box<Expr>),
    /// Arithmetic.
    Binary(Operator, Box<Expr>, Box<Expr>),
    /// A function of the table.
    Call(FunctionId, Vec<Expr>),
    /// A date moved; `WorkingDays` counts rows of `Program::working_day`.
    Shift {
        /// The date.
        date: Box<Expr>,
        /// How many; negative: back.
        amount: Box<Expr>,
        /// Of what.
        unit: Shift,
    },
    /// The first day of the regime in which a day lies.
    Regime(RegimesId, Box<Expr>),
}

/// Relations that depend on one another, with their clauses.
#[derive(Clone, Debug, Default)]
pub struct Stratum {
    /// The relations computed here.
    pub relations: Vec<RelId>,
    /// Indices into `Program::clauses`.
    pub clauses: Vec<usize>,
    /// Level by level, where recursion goes through an aggregate or `not`.
    pub levels: Option<Levels>,
}

/// A stratum that is evaluated level by level: every turn raises a whole number.
///
/// Clauses without an entry in `variable` come first, once. Then, from the lowest level present upwards, each other clause
/// is evaluated with its variable bound to that level; what it derives has a higher level (or, for relations that the
/// lowering added, the same one, and is then computed before what reads it, in the order of `Stratum::clauses`).
#[derive(Clone, Debug, Default)]
pub struct Levels {
    /// Which column of a relation holds its level.
    pub column: BTreeMap<RelId, usize>,
    /// For each recursive clause (index into `Program::clauses`): the variable that holds the level it reads.
    pub variable: BTreeMap<usize, Var>,
}
