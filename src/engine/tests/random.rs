//! Random stratified programs, for comparing engines.

use super::build::{origin, value};
use crate::datalog::Program;
use crate::datalog::program::{
    Aggregate, Atom, Check, Clause, DaySetId, Expr, Levels, Literal, RegimesId, RelId, Relation,
    Stratum, Term, Var,
};
use crate::engine::{Failure, Model};
use crate::ir::{Comparison, Operator};
use crate::value::{FIRST_DAY, Value, aggregate_named};
use jiff::civil::date;

/// What a column holds: values of different kinds never meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Number,
    Name,
    Day,
}

/// A program made from a number.
pub fn program(seed: u64) -> Program {
    let mut maker = Maker {
        dice: Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0xD1B5_4A32_D192_ED03),
        program: Program::default(),
        kinds: Vec::new(),
    };
    maker.calendar();
    for _ in 0..3 {
        maker.input();
    }
    for _ in 0..2 + maker.dice.below(3) {
        maker.stratum();
    }
    if maker.dice.one_in(3) {
        maker.levels();
        maker.stratum();
    }
    maker.program
}

/// What came of it, in a word.
pub fn sort_of(program: &Program, result: &Result<Model, Failure>) -> &'static str {
    let heads = program.clauses.iter().map(|clause| clause.head.rel);
    match result {
        Ok(model) if heads.map(|rel| model.len(rel)).sum::<usize>() > 8 => "rows",
        Ok(_) => "few rows",
        Err(Failure::Limit { what, .. }) => what,
        Err(Failure::NoValue { .. }) => "no value",
    }
}

struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        ((self.0 >> 33) as usize) % bound
    }

    fn one_in(&mut self, bound: usize) -> bool {
        self.below(bound) == 0
    }

    fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())].clone()
    }
}

struct Maker {
    dice: Dice,
    program: Program,
    /// Of the columns, by `RelId`.
    kinds: Vec<Vec<Kind>>,
}

impl Maker {
    fn calendar(&mut self) {
        let stretch = |from, through| (date(2025, 1, from), date(2025, 1, through));
        self.program.day_sets = vec![vec![stretch(1, 2), stretch(4, 4)], vec![stretch(3, 9)]];
        self.program.regimes = vec![vec![FIRST_DAY, date(2025, 1, 2), date(2025, 1, 4)]];
    }

    fn relation(&mut self, kinds: Vec<Kind>) -> RelId {
        let rel = RelId(self.kinds.len() as u32);
        self.program.relations.push(Relation {
            name: format!("r{}", rel.0),
            arity: kinds.len(),
        });
        self.kinds.push(kinds);
        rel
    }

    fn any_kinds(&mut self) -> Vec<Kind> {
        let kinds = [
            Kind::Number,
            Kind::Number,
            Kind::Name,
            Kind::Name,
            Kind::Day,
        ];
        (0..1 + self.dice.below(3))
            .map(|_| self.dice.pick(&kinds))
            .collect()
    }

    fn value(&mut self, kind: Kind) -> Value {
        let texts: &[&str] = match kind {
            Kind::Number => &["0", "1", "2", "3", "-1", "1/2"],
            Kind::Name => &["a", "b", "c", "d"],
            Kind::Day => &["2025-01-01", "2025-01-02", "2025-01-03", "2025-01-04"],
        };
        value(self.dice.pick(texts))
    }

    fn input(&mut self) {
        let kinds = self.any_kinds();
        let rel = self.relation(kinds.clone());
        for _ in 0..self.dice.below(8) {
            let mut row: Vec<Value> = kinds.iter().map(|kind| self.value(*kind)).collect();
            if self.dice.one_in(12) {
                row[0] = Value::None;
            }
            self.program.facts.push((rel, row));
        }
    }

    fn stratum(&mut self) {
        let below = self.kinds.len();
        for _ in 0..1 + self.dice.below(2) {
            let kinds = self.any_kinds();
            self.relation(kinds);
        }
        let relations: Vec<RelId> = (below..self.kinds.len())
            .map(|at| RelId(at as u32))
            .collect();
        let first = self.program.clauses.len();
        for head in &relations {
            for _ in 0..1 + self.dice.below(3) {
                let clause = Rule::new(self, below).make(*head);
                self.program.clauses.push(clause);
            }
        }
        self.program.strata.push(Stratum {
            relations,
            clauses: (first..self.program.clauses.len()).collect(),
            levels: None,
        });
    }

    /// helper(M, X, Y) if level(M, X), input(X, Y).
    /// level(N, Y) if helper(M, X, Y), N = M + 1, N <= bound, Q = f T { helper(M, X, T) }, Q OP limit, [not level(M, Y)].
    fn levels(&mut self) {
        let level = self.relation(vec![Kind::Number, Kind::Number]);
        let helper = self.relation(vec![Kind::Number, Kind::Number, Kind::Number]);
        let input = self.relation(vec![Kind::Number, Kind::Number]);
        for _ in 0..10 {
            let row = vec![self.value(Kind::Number), self.value(Kind::Number)];
            self.program.facts.push((input, row));
        }
        let atom = |rel, vars: &[u32]| Atom {
            rel,
            args: vars.iter().map(|var| Term::Var(Var(*var))).collect(),
        };
        let number = |text: &str| Expr::Value(value(text));
        let first = self.program.clauses.len();
        let start = Atom {
            rel: level,
            args: vec![Term::Value(value("0")), Term::Var(Var(1))],
        };
        let body = vec![Literal::Positive(atom(input, &[1, 2]))];
        self.program.clauses.push(clause(start, body, 3));
        let body = vec![
            Literal::Positive(atom(level, &[0, 1])),
            Literal::Positive(atom(input, &[1, 2])),
        ];
        self.program
            .clauses
            .push(clause(atom(helper, &[0, 1, 2]), body, 3));
        let plus = Expr::Binary(
            Operator::Add,
            Box::new(Expr::Var(Var(0))),
            Box::new(number("1")),
        );
        let is_group_bound = self.dice.one_in(2);
        let function = self.dice.pick(&["sum", "count", "max"]);
        let mut body = vec![
            Literal::Bind(Var(3), plus),
            Literal::Check(Check::Compare(
                Comparison::AtMost,
                Expr::Var(Var(3)),
                number("4"),
            )),
            Literal::Aggregate(Aggregate {
                result: Var(4),
                function: aggregate_named(function).expect("it is in the table"),
                term: Some(Expr::Var(Var(5))),
                atom: atom(helper, &[0, 1, 5]),
                group: vec![Var(0), Var(1)],
                is_group_bound,
                certain: None,
                dependencies: Vec::new(),
            }),
        ];
        if is_group_bound {
            body.push(Literal::Positive(atom(helper, &[0, 1, 2])));
        } else {
            body.push(Literal::Positive(atom(input, &[1, 2])));
        }
        if self.dice.one_in(2) {
            body.push(Literal::Negative(atom(level, &[0, 2]), Vec::new()));
        }
        let limit = self.value(Kind::Number);
        let check = Check::Compare(self.comparison(), Expr::Var(Var(4)), Expr::Value(limit));
        body.push(Literal::Check(check));
        self.program
            .clauses
            .push(clause(atom(level, &[3, 2]), body, 6));
        self.program.strata.push(Stratum {
            relations: vec![level, helper],
            clauses: (first..first + 3).collect(),
            levels: Some(Levels {
                column: [(level, 0), (helper, 0)].into(),
                variable: [(first + 1, Var(0)), (first + 2, Var(0))].into(),
            }),
        });
    }

    fn comparison(&mut self) -> Comparison {
        self.dice.pick(&[
            Comparison::Equal,
            Comparison::NotEqual,
            Comparison::Less,
            Comparison::AtMost,
            Comparison::Greater,
            Comparison::AtLeast,
        ])
    }
}

fn clause(head: Atom, body: Vec<Literal>, variables: usize) -> Clause {
    Clause {
        head,
        body,
        variables: (0..variables).map(|at| format!("V{at}")).collect(),
        origin: origin(),
    }
}

/// A rule in the making: what it reads negatively or folds has a number below `below`.
struct Rule<'a> {
    maker: &'a mut Maker,
    below: usize,
    /// The kinds of the variables so far, all of them bound; `None` for those that only one literal may see.
    vars: Vec<Option<Kind>>,
    body: Vec<Literal>,
}

impl<'a> Rule<'a> {
    fn new(maker: &'a mut Maker, below: usize) -> Rule<'a> {
        Rule {
            maker,
            below,
            vars: Vec::new(),
            body: Vec::new(),
        }
    }

    fn make(mut self, head: RelId) -> Clause {
        for _ in 0..1 + self.maker.dice.below(3) {
            let rel = RelId(self.maker.dice.below(self.maker.kinds.len()) as u32);
            let atom = self.atom(rel, 2);
            self.body.push(Literal::Positive(atom));
        }
        // Literals that bind by an expression, and literals that read what these bind.
        for _ in 0..self.maker.dice.below(4) {
            self.more();
        }
        let kinds = self.maker.kinds[head.0 as usize].clone();
        let args = kinds.into_iter().map(|kind| self.bound(kind)).collect();
        self.shuffle();
        clause(Atom { rel: head, args }, self.body, self.vars.len())
    }

    fn more(&mut self) {
        match self.maker.dice.below(7) {
            0 | 1 => self.bind(),
            2 => {
                let check = self.check();
                self.body.extend(check.map(Literal::Check));
            }
            3 | 4 => self.negative(),
            _ => self.aggregate(),
        }
    }

    /// An atom; one in `new` of its variables is a new one.
    fn atom(&mut self, rel: RelId, new: usize) -> Atom {
        let kinds = self.maker.kinds[rel.0 as usize].clone();
        let args = kinds
            .into_iter()
            .map(|kind| match self.maker.dice.below(8) {
                0 => Term::Any,
                1 => Term::Value(self.maker.value(kind)),
                _ if self.maker.dice.one_in(new) => self.new_var(kind),
                _ => match self.known(kind) {
                    Some(var) => Term::Var(var),
                    None => self.new_var(kind),
                },
            });
        let args = args.collect();
        Atom { rel, args }
    }

    fn new_var(&mut self, kind: Kind) -> Term {
        self.vars.push(Some(kind));
        Term::Var(Var(self.vars.len() as u32 - 1))
    }

    fn known(&mut self, kind: Kind) -> Option<Var> {
        let vars: Vec<Var> = (0..self.vars.len())
            .filter(|at| self.vars[*at] == Some(kind))
            .map(|at| Var(at as u32))
            .collect();
        (!vars.is_empty()).then(|| self.maker.dice.pick(&vars))
    }

    /// A bound variable or a value.
    fn bound(&mut self, kind: Kind) -> Term {
        match self.known(kind) {
            Some(var) if !self.maker.dice.one_in(6) => Term::Var(var),
            _ => Term::Value(self.maker.value(kind)),
        }
    }

    fn expr(&mut self, kind: Kind) -> Expr {
        match self.bound(kind) {
            Term::Var(var) => Expr::Var(var),
            Term::Value(value) => Expr::Value(value),
            Term::Any => unreachable!("bound terms are variables or values"),
        }
    }

    fn bind(&mut self) {
        if self.maker.dice.one_in(4) {
            let regime = Expr::Regime(RegimesId(0), Box::new(self.expr(Kind::Day)));
            let Term::Var(var) = self.new_var(Kind::Day) else {
                return;
            };
            return self.body.push(Literal::Bind(var, regime));
        }
        let operator = self.maker.dice.pick(&[
            Operator::Add,
            Operator::Subtract,
            Operator::Multiply,
            Operator::Divide,
        ]);
        let (left, right) = (self.expr(Kind::Number), self.expr(Kind::Number));
        let expr = Expr::Binary(operator, Box::new(left), Box::new(right));
        if let Term::Var(var) = self.new_var(Kind::Number) {
            self.body.push(Literal::Bind(var, expr));
        }
    }

    fn check(&mut self) -> Option<Check> {
        let kind = self.maker.dice.pick(&[Kind::Number, Kind::Name, Kind::Day]);
        Some(match self.maker.dice.below(4) {
            0 => Check::Present(self.known(kind)?),
            1 => Check::Within(
                DaySetId(self.maker.dice.below(2) as u32),
                self.bound(Kind::Day),
            ),
            2 => {
                let sum = Expr::Binary(
                    Operator::Divide,
                    Box::new(self.expr(Kind::Number)),
                    Box::new(self.expr(Kind::Number)),
                );
                Check::Compare(self.maker.comparison(), sum, self.expr(Kind::Number))
            }
            _ => Check::Compare(self.maker.comparison(), self.expr(kind), self.expr(kind)),
        })
    }

    /// Its own variables are seen by its checks only.
    fn negative(&mut self) {
        let rel = RelId(self.maker.dice.below(self.below) as u32);
        let outside = self.vars.len();
        let atom = self.atom(rel, 3);
        let checks = (0..self.maker.dice.below(3))
            .filter_map(|_| self.check())
            .collect();
        self.hide(outside);
        self.body.push(Literal::Negative(atom, checks));
    }

    fn aggregate(&mut self) {
        let rel = RelId(self.maker.dice.below(self.below) as u32);
        let outside = self.vars.len();
        let atom = self.atom(rel, 2);
        let inside: Vec<Var> = atom
            .args
            .iter()
            .filter_map(|term| match term {
                Term::Var(var) => Some(*var),
                Term::Value(_) | Term::Any => None,
            })
            .collect();
        let mut group: Vec<Var> = inside
            .iter()
            .copied()
            .filter(|var| (var.0 as usize) < outside)
            .collect();
        group.sort_unstable();
        group.dedup();
        let numbers: Vec<Var> = inside
            .iter()
            .copied()
            .filter(|var| self.vars[var.0 as usize] == Some(Kind::Number))
            .collect();
        let (name, term) = match numbers.is_empty() {
            true => ("count", None),
            false => {
                let over = Expr::Var(self.maker.dice.pick(&numbers));
                let under = Expr::Var(self.maker.dice.pick(&numbers));
                let term = match self.maker.dice.one_in(3) {
                    true => Expr::Binary(Operator::Divide, Box::new(over), Box::new(under)),
                    false => over,
                };
                (
                    self.maker.dice.pick(&["sum", "count", "min", "max"]),
                    Some(term),
                )
            }
        };
        self.hide(outside);
        let Term::Var(result) = self.new_var(Kind::Number) else {
            return;
        };
        self.body.push(Literal::Aggregate(Aggregate {
            result,
            function: aggregate_named(name).expect("it is in the table"),
            term,
            atom,
            group,
            is_group_bound: self.maker.dice.one_in(2),
            certain: None,
            dependencies: Vec::new(),
        }));
    }

    /// Variables that only the last literal has are not used again.
    fn hide(&mut self, from: usize) {
        self.vars[from..].fill(None);
    }

    fn shuffle(&mut self) {
        for at in (1..self.body.len()).rev() {
            let other = self.maker.dice.below(at + 1);
            self.body.swap(at, other);
        }
    }
}
