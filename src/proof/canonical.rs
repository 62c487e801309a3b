//! A rule or exemption as one line that says nothing of where it stands: variables renamed in order, no spans.
//! By it, equally good proofs are put in an order that moving or renaming things in a policy does not change; and two
//! policies are compared by what their rules mean, in whatever order the literals are written.

use crate::ir::{
    Aggregate, Atom, ClauseId, Compare, Comparison, Exempted, Exemption, ExemptionTarget, Expr,
    ExprKind, Literal, Operator, Policy, Premise, Rule, Term, Timing, VariableId,
};
use crate::value::{Shift, Type, Value};
use std::collections::hash_map::DefaultHasher;
use std::collections::{BTreeMap, BTreeSet};
use std::hash::{Hash, Hasher};

/// Citation and text of a rule: what proofs are ordered by.
pub(super) fn rule_key(policy: &Policy, rule: &Rule) -> (String, String) {
    let mut line = Line::new(policy);
    line.rule(rule);
    let citation = rule.home.map(|home| policy.citation(home));
    (citation.unwrap_or_default(), line.out)
}

/// Citation and text of an exemption.
pub(super) fn exemption_key(policy: &Policy, exemption: &Exemption) -> (String, String) {
    let mut line = Line::new(policy);
    line.exemption(exemption);
    (policy.citation(exemption.home), line.out)
}

/// What a rule says, whatever its variables are called and in whatever order its literals stand. Rules that say the same
/// have the same text; where a clause is named, so are not those under it.
pub fn rule_meaning(policy: &Policy, rule: &Rule) -> String {
    meaning(policy, rule.variables.len(), &|line| line.rule(rule))
}

/// What a rule says, one text for each way through its `( A or B )`: a rule with two ways says what two rules with one say.
pub fn rule_meanings(policy: &Policy, rule: &Rule) -> BTreeSet<String> {
    let ways = ways(&rule.body).into_iter();
    let alone = ways.map(|body| Rule {
        body,
        ..rule.clone()
    });
    alone.map(|rule| rule_meaning(policy, &rule)).collect()
}

/// What an exemption says, likewise.
pub fn exemption_meanings(policy: &Policy, exemption: &Exemption) -> BTreeSet<String> {
    let ways = ways(&exemption.body).into_iter();
    let alone = ways.map(|body| Exemption {
        body,
        ..exemption.clone()
    });
    alone.map(|it| exemption_meaning(policy, &it)).collect()
}

/// Of how many ways through a body each is looked at.
const MOST_WAYS: usize = 64;

/// The ways through a body, without `or`; the body itself where there are too many.
fn ways(body: &[Literal]) -> Vec<Vec<Literal>> {
    let mut all: Vec<Vec<Literal>> = vec![Vec::new()];
    for literal in body {
        let through: Vec<Vec<Literal>> = match literal {
            Literal::Or(branches, _) => branches.iter().flat_map(|branch| ways(branch)).collect(),
            literal => vec![vec![literal.clone()]],
        };
        if all.len() * through.len() > MOST_WAYS {
            return vec![body.to_vec()];
        }
        let longer = all.iter().flat_map(|way| {
            let behind = through.iter();
            behind.map(|more| [way.as_slice(), more].concat())
        });
        all = longer.collect();
    }
    all
}

/// What an exemption says, likewise.
pub fn exemption_meaning(policy: &Policy, exemption: &Exemption) -> String {
    meaning(policy, exemption.variables.len(), &|line| {
        line.exemption(exemption)
    })
}

/// How often the colours of variables are refined: so many literals lie between two that tell variables apart.
const ROUNDS: usize = 4;

/// Tells the variables apart by where they stand (colour refinement, as for graphs), then writes the literals in the order
/// of their colours.
fn meaning(policy: &Policy, variables: usize, write: &dyn Fn(&mut Line<'_>)) -> String {
    let all: Vec<VariableId> = (0..variables as u32).map(VariableId).collect();
    let mut colours: BTreeMap<VariableId, u64> = all.iter().map(|it| (*it, 0)).collect();
    for _ in 0..ROUNDS {
        let refined = all.iter().map(|variable| {
            let mut line = Line::new(policy);
            line.colours = Some(colours.clone());
            line.is_coloured = true;
            line.marked = Some(*variable);
            write(&mut line);
            let mut hasher = DefaultHasher::new();
            line.out.hash(&mut hasher);
            (*variable, hasher.finish())
        });
        colours = refined.collect();
    }
    let mut line = Line::new(policy);
    line.colours = Some(colours);
    write(&mut line);
    line.out
}

struct Line<'a> {
    policy: &'a Policy,
    names: BTreeMap<VariableId, usize>,
    out: String,
    /// Where the order in which things are written means nothing: what tells variables apart.
    colours: Option<BTreeMap<VariableId, u64>>,
    /// Whether variables are written as their colours.
    is_coloured: bool,
    /// The variable whose colour is being refined.
    marked: Option<VariableId>,
    /// Whether each variable is written as itself: two things that are written alike are the same.
    is_exact: bool,
}

impl<'a> Line<'a> {
    fn new(policy: &'a Policy) -> Line<'a> {
        Line {
            policy,
            names: BTreeMap::new(),
            out: String::new(),
            colours: None,
            is_coloured: false,
            marked: None,
            is_exact: false,
        }
    }

    fn rule(&mut self, rule: &Rule) {
        self.atom(&rule.head);
        match &rule.timing {
            Timing::On(term) => {
                self.words(" on ");
                self.term(term, Some(Type::Date));
            }
            Timing::Timeless | Timing::Event(..) | Timing::Standing => {}
        }
        self.words(" if ");
        self.literals(&rule.body);
    }

    fn exemption(&mut self, exemption: &Exemption) {
        match &exemption.target {
            ExemptionTarget::Head(atom) => self.atom(atom),
            ExemptionTarget::Event(term, id_type) => self.term(term, Some(Type::Entity(*id_type))),
        }
        self.words(" from ");
        self.clauses(&exemption.from);
        self.words(" if ");
        self.literals(&exemption.body);
    }

    /// What something would be written as, with variables as their colours.
    fn coloured(&self, write: &dyn Fn(&mut Line<'a>)) -> String {
        let mut line = Line {
            policy: self.policy,
            names: BTreeMap::new(),
            out: String::new(),
            colours: self.colours.clone(),
            is_coloured: true,
            marked: self.marked,
            is_exact: self.is_exact,
        };
        write(&mut line);
        line.out
    }

    /// What something is, down to its variables.
    fn exact(&self, write: &dyn Fn(&mut Line<'a>)) -> String {
        let mut line = Line::new(self.policy);
        line.colours = Some(BTreeMap::new());
        line.is_exact = true;
        write(&mut line);
        line.out
    }

    /// Things in the order written, or, where that means nothing, each once, in the order of their colours.
    fn in_order<'t, T>(&self, things: &'t [T], write: &dyn Fn(&mut Line<'a>, &T)) -> Vec<&'t T> {
        let mut list: Vec<&T> = things.iter().collect();
        if self.colours.is_some() {
            let mut known = BTreeSet::new();
            list.retain(|thing| known.insert(self.exact(&|line| write(line, thing))));
            list.sort_by_cached_key(|thing| self.coloured(&|line| write(line, thing)));
        }
        list
    }

    fn words(&mut self, words: &str) {
        self.out.push_str(words);
    }

    fn variable(&mut self, variable: VariableId) {
        if self.is_exact {
            return self.words(&format!("V{}", variable.0));
        }
        if self.marked == Some(variable) {
            return self.words("V*");
        }
        if self.is_coloured {
            let colours = self.colours.as_ref();
            let colour = colours.and_then(|colours| colours.get(&variable));
            return self.words(&format!("V{:x}", colour.copied().unwrap_or_default()));
        }
        let next = self.names.len();
        let number = *self.names.entry(variable).or_insert(next);
        self.words(&format!("V{number}"));
    }

    fn clauses(&mut self, clauses: &[ClauseId]) {
        let all: BTreeSet<ClauseId> = clauses.iter().copied().collect();
        let is_said = |at: &&ClauseId| {
            let above = self.policy.clause(**at).parent;
            self.colours.is_some() && above.is_some_and(|above| all.contains(&above))
        };
        let named = all.iter().filter(|at| !is_said(at));
        let mut named: Vec<String> = named.map(|at| self.policy.citation(*at)).collect();
        named.sort();
        self.words(&named.join(", "));
    }

    fn literals(&mut self, literals: &[Literal]) {
        let literals = self.in_order(literals, &|line, literal| line.literal(literal));
        for (at, literal) in literals.into_iter().enumerate() {
            self.words(if at == 0 { "" } else { ", " });
            self.literal(literal);
        }
    }

    fn literal(&mut self, literal: &Literal) {
        match literal {
            Literal::Holds(premise) => self.premise(premise),
            Literal::Absent(premise) => {
                self.words("not ");
                self.premise(premise);
            }
            Literal::Compare(compare) => self.compare(compare),
            Literal::Bind(bind) => {
                self.variable(bind.variable);
                self.words(" = ");
                self.expr(&bind.value);
            }
            Literal::Test(test) => {
                self.words(if test.negated { "not " } else { "" });
                self.expr(&test.value);
            }
            Literal::Aggregate(aggregate) => self.aggregate(aggregate),
            Literal::Or(branches, _) => self.branches(branches),
            Literal::Exempted(exempted) => self.exempted(exempted),
        }
    }

    fn compare(&mut self, compare: &Compare) {
        let (mut op, mut left, mut right) = (compare.op, &compare.left, &compare.right);
        let is_turned = self.colours.is_some()
            && match op {
                Comparison::Greater | Comparison::AtLeast => true,
                Comparison::Less | Comparison::AtMost => false,
                Comparison::Equal | Comparison::NotEqual => {
                    let text = |expr: &Expr| self.coloured(&|line| line.expr(expr));
                    text(right) < text(left)
                }
            };
        if is_turned {
            (left, right) = (right, left);
            op = turned(op);
        }
        self.expr(left);
        self.words(comparison(op));
        self.expr(right);
    }

    fn branches(&mut self, branches: &[Vec<Literal>]) {
        let branches = self.in_order(branches, &|line, branch| line.literals(branch));
        for (at, branch) in branches.into_iter().enumerate() {
            self.words(if at == 0 { "( " } else { " or " });
            self.literals(branch);
        }
        self.words(" )");
    }

    fn premise(&mut self, premise: &Premise) {
        self.atom(&premise.atom);
        if let Some(day) = &premise.on {
            self.words(" on ");
            self.term(day, Some(Type::Date));
        }
        if let Some(by) = &premise.by {
            self.words(" by ");
            self.clauses(by);
        }
    }

    fn atom(&mut self, atom: &Atom) {
        let relation = self.policy.relation(atom.relation);
        self.words(&relation.name);
        for (at, term) in atom.args.iter().enumerate() {
            self.words(if at == 0 { "(" } else { ", " });
            self.term(term, relation.fields.get(at).map(|field| field.ty));
        }
        self.words(")");
    }

    fn term(&mut self, term: &Term, ty: Option<Type>) {
        match (term, ty) {
            (Term::Variable(variable), _) => self.variable(*variable),
            (Term::Value(value), Some(ty)) => self.value(value, ty),
            (Term::Value(value), None) => self.words(&format!("{value:?}")),
            // Two that tell rows apart do so each for itself.
            (Term::Each(variable), _) if self.is_exact => self.variable(*variable),
            (Term::Any | Term::Each(_), _) => self.words("_"),
            (Term::Present, _) => self.words("present"),
            (Term::Missing, _) => self.words("missing"),
        }
    }

    /// A value as written; where only the meaning counts, `0.1%` is 0.001, and `2 mm` are 2000 um.
    fn value(&mut self, value: &Value, ty: Type) {
        let text = match (value, &self.colours) {
            (Value::Number(number), Some(_)) => number.to_string(),
            _ => self.policy.types.literal(value, ty),
        };
        self.words(&text);
    }

    fn aggregate(&mut self, aggregate: &Aggregate) {
        self.variable(aggregate.result);
        self.words(&format!(" = {} ", aggregate.function.name));
        if let Some(term) = &aggregate.term {
            self.expr(term);
        }
        self.words(" { ");
        self.literals(&aggregate.body);
        self.words(" }");
    }

    fn exempted(&mut self, exempted: &Exempted) {
        self.words(if exempted.negated { "not " } else { "" });
        self.words("exempted ");
        self.atom(&exempted.atom);
        self.words(" by ");
        let homes = exempted.by.iter().map(|at| self.policy.exemption(*at).home);
        let homes: Vec<ClauseId> = homes.collect();
        self.clauses(&homes);
    }

    fn expr(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::Value(value) => self.value(value, expr.ty),
            ExprKind::Variable(variable) => self.variable(*variable),
            ExprKind::Negate(inner) => {
                self.words("-");
                self.expr(inner);
            }
            ExprKind::Binary(operator, left, right) => {
                let (mut left, mut right) = (left, right);
                let may_turn = matches!(operator, Operator::Add | Operator::Multiply);
                if self.colours.is_some() && may_turn {
                    let text = |expr: &Expr| self.coloured(&|line| line.expr(expr));
                    if text(right) < text(left) {
                        (left, right) = (right, left);
                    }
                }
                self.words("(");
                self.expr(left);
                self.words(sign(*operator));
                self.expr(right);
                self.words(")");
            }
            ExprKind::Call(function, args) => {
                self.words(function.row().name);
                for (at, arg) in args.iter().enumerate() {
                    self.words(if at == 0 { "(" } else { ", " });
                    self.expr(arg);
                }
                self.words(")");
            }
            ExprKind::Shift { date, amount, unit } => {
                self.words("(");
                self.expr(date);
                self.words(" + ");
                self.expr(amount);
                self.words(shift(*unit));
            }
        }
    }
}

fn comparison(op: Comparison) -> &'static str {
    match op {
        Comparison::Equal => " = ",
        Comparison::NotEqual => " != ",
        Comparison::Less => " < ",
        Comparison::AtMost => " <= ",
        Comparison::Greater => " > ",
        Comparison::AtLeast => " >= ",
    }
}

/// The same, said from the other side.
fn turned(op: Comparison) -> Comparison {
    match op {
        Comparison::Less => Comparison::Greater,
        Comparison::AtMost => Comparison::AtLeast,
        Comparison::Greater => Comparison::Less,
        Comparison::AtLeast => Comparison::AtMost,
        same @ (Comparison::Equal | Comparison::NotEqual) => same,
    }
}

fn sign(operator: Operator) -> &'static str {
    match operator {
        Operator::Add => " + ",
        Operator::Subtract => " - ",
        Operator::Multiply => " * ",
        Operator::Divide => " / ",
    }
}

fn shift(unit: Shift) -> &'static str {
    match unit {
        Shift::Days => " days)",
        Shift::Months => " months)",
        Shift::Years => " years)",
        Shift::WorkingDays => " working days)",
    }
}
