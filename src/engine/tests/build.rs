//! Programs from a short notation, for tests.

use crate::datalog::Program;
use crate::datalog::program::{
    Aggregate, Atom, Check, Clause, Expr, Literal, Origin, OriginSource, RelId, Relation, Stratum,
    Term, Var,
};
use crate::ir::{Comparison, Operator, RuleId};
use crate::value::{Number, Shift, Value, aggregate_named};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A program in the making.
#[derive(Default)]
pub struct Build {
    pub program: Program,
    names: BTreeMap<String, RelId>,
}

/// `12`, `1/3`, `2025-01-31` or a name.
pub fn value(text: &str) -> Value {
    match (Number::from_text(text), text.parse()) {
        (Some(number), _) => Value::Number(number),
        (None, Ok(day)) => Value::Date(day),
        (None, Err(_)) => Value::Name(Arc::from(text)),
    }
}

pub fn show(value: &Value) -> String {
    match value {
        Value::Number(number) => number.to_string(),
        Value::Date(day) => day.to_string(),
        Value::Name(name) => name.to_string(),
        Value::Range(range) => {
            let end = |bound: &Option<Value>| bound.as_ref().map_or(String::new(), show);
            format!("{}..{}", end(&range.low), end(&range.high))
        }
        other => format!("{other:?}"),
    }
}

pub fn origin() -> Origin {
    Origin {
        source: OriginSource::Rule(RuleId(0)),
        span: None,
    }
}

impl Build {
    pub fn rel(&self, name: &str) -> RelId {
        self.names[name]
    }

    pub fn var(&self, clause: usize, name: &str) -> Var {
        let names = &self.program.clauses[clause].variables;
        let at = names.iter().position(|known| known == name);
        Var(at.expect("the clause has the variable") as u32)
    }

    pub fn declare(&mut self, name: &str, arity: usize) -> RelId {
        let relations = &mut self.program.relations;
        *self.names.entry(name.to_owned()).or_insert_with(|| {
            let name = name.to_owned();
            relations.push(Relation { name, arity });
            RelId(relations.len() as u32 - 1)
        })
    }

    /// Rows with blanks between the values.
    pub fn facts(&mut self, name: &str, rows: &[&str]) {
        for row in rows {
            let values: Vec<Value> = row.split(' ').map(value).collect();
            let rel = self.declare(name, values.len());
            self.program.facts.push((rel, values));
        }
    }

    /// Relations of one stratum, with all their clauses.
    pub fn stratum(&mut self, names: &[&str]) {
        let relations: Vec<RelId> = names.iter().map(|name| self.rel(name)).collect();
        let is_of = |at: &usize| relations.contains(&self.program.clauses[*at].head.rel);
        let clauses = (0..self.program.clauses.len()).filter(is_of).collect();
        self.program.strata.push(Stratum {
            relations,
            clauses,
            levels: None,
        });
    }

    /// Literals: `p(X, a, _)`, `not p(X, N) where N > 3`, `X < Y`, `X = Y + 1`, `D = E workdays 2`,
    /// `V = sum N { p(X, N) } by X` (the group is bound elsewhere), `… over X` (it is not).
    pub fn rule(&mut self, head: &str, body: &[&str]) {
        let mut scope = Scope {
            build: self,
            variables: Vec::new(),
        };
        let head = scope.atom(head);
        let body = body.iter().map(|text| scope.literal(text)).collect();
        let variables = scope.variables;
        self.program.clauses.push(Clause {
            head,
            body,
            variables,
            origin: origin(),
        });
    }
}

struct Scope<'a> {
    build: &'a mut Build,
    variables: Vec<String>,
}

impl Scope<'_> {
    fn literal(&mut self, text: &str) -> Literal {
        if let Some(denied) = text.strip_prefix("not ") {
            let (atom, check) = match denied.split_once(" where ") {
                Some((atom, check)) => (atom, vec![self.check(check)]),
                None => (denied, Vec::new()),
            };
            return Literal::Negative(self.atom(atom), check);
        }
        let is_variable = |text: &str| text.starts_with(char::is_uppercase);
        match text.split_once(" = ") {
            Some((result, aggregate)) if aggregate.contains('{') => {
                self.aggregate(result, aggregate)
            }
            Some((result, expr)) => Literal::Bind(self.var(result), self.expr(expr)),
            None if is_variable(text) => Literal::Check(self.check(text)),
            None => Literal::Positive(self.atom(text)),
        }
    }

    fn aggregate(&mut self, result: &str, text: &str) -> Literal {
        let (before, rest) = text.split_once(" { ").expect("braces");
        let (atom, after) = rest.split_once(" } ").expect("braces");
        let (function, term) = before.split_once(' ').expect("a function and a term");
        let (bound, group) = after.split_once(' ').expect("a group");
        Literal::Aggregate(Aggregate {
            result: self.var(result),
            function: aggregate_named(function).expect("an aggregate"),
            term: (term != "_").then(|| self.expr(term)),
            atom: self.atom(atom),
            group: group.split(' ').map(|name| self.var(name)).collect(),
            is_group_bound: bound == "by",
            certain: None,
            dependencies: Vec::new(),
        })
    }

    fn check(&mut self, text: &str) -> Check {
        let [left, op, right] = text.split(' ').collect::<Vec<_>>()[..] else {
            panic!("not a comparison: {text}");
        };
        let comparison = match op {
            "<" => Comparison::Less,
            "<=" => Comparison::AtMost,
            ">" => Comparison::Greater,
            "!=" => Comparison::NotEqual,
            _ => panic!("not a comparison: {text}"),
        };
        Check::Compare(comparison, self.expr(left), self.expr(right))
    }

    fn expr(&mut self, text: &str) -> Expr {
        let [left, op, right] = text.split(' ').collect::<Vec<_>>()[..] else {
            return match self.term(text) {
                Term::Var(var) => Expr::Var(var),
                Term::Value(value) => Expr::Value(value),
                Term::Any => panic!("no expression: {text}"),
            };
        };
        let (left, right) = (Box::new(self.expr(left)), Box::new(self.expr(right)));
        match op {
            "+" => Expr::Binary(Operator::Add, left, right),
            "*" => Expr::Binary(Operator::Multiply, left, right),
            "/" => Expr::Binary(Operator::Divide, left, right),
            "workdays" => Expr::Shift {
                date: left,
                amount: right,
                unit: Shift::WorkingDays,
            },
            _ => panic!("no expression: {text}"),
        }
    }

    fn atom(&mut self, text: &str) -> Atom {
        let (name, args) = text.split_once('(').expect("an atom");
        let args = args.trim_end_matches(')').split(", ");
        let args: Vec<Term> = args.map(|text| self.term(text)).collect();
        let rel = self.build.declare(name, args.len());
        Atom { rel, args }
    }

    fn term(&mut self, text: &str) -> Term {
        match text {
            "_" => Term::Any,
            _ if text.starts_with(char::is_uppercase) => Term::Var(self.var(text)),
            _ => Term::Value(value(text)),
        }
    }

    fn var(&mut self, name: &str) -> Var {
        let known = self.variables.iter().position(|known| known == name);
        let at = known.unwrap_or_else(|| {
            self.variables.push(name.to_owned());
            self.variables.len() - 1
        });
        Var(at as u32)
    }
}
