//! A rule or exemption as one line that says nothing of where it stands: variables renamed in order, no spans.
//! By it, equally good proofs are put in an order that moving or renaming things in a policy does not change.

use crate::ir::{
    Aggregate, Atom, ClauseId, Comparison, Exempted, Exemption, ExemptionTarget, Expr, ExprKind,
    Literal, Operator, Policy, Premise, Rule, Term, Timing, VariableId,
};
use crate::value::{Shift, Type};
use std::collections::BTreeMap;

/// Citation and text of a rule: what proofs are ordered by.
pub(super) fn rule_key(policy: &Policy, rule: &Rule) -> (String, String) {
    let mut line = Line::new(policy);
    line.atom(&rule.head);
    match &rule.timing {
        Timing::On(term) => {
            line.words(" on ");
            line.term(term, Some(Type::Date));
        }
        Timing::Timeless | Timing::Event(..) | Timing::Standing => {}
    }
    line.words(" if ");
    line.literals(&rule.body);
    let citation = rule.home.map(|home| policy.citation(home));
    (citation.unwrap_or_default(), line.out)
}

/// Citation and text of an exemption.
pub(super) fn exemption_key(policy: &Policy, exemption: &Exemption) -> (String, String) {
    let mut line = Line::new(policy);
    match &exemption.target {
        ExemptionTarget::Head(atom) => line.atom(atom),
        ExemptionTarget::Event(term, id_type) => line.term(term, Some(Type::Entity(*id_type))),
    }
    line.words(" from ");
    line.clauses(&exemption.from);
    line.words(" if ");
    line.literals(&exemption.body);
    (policy.citation(exemption.home), line.out)
}

struct Line<'a> {
    policy: &'a Policy,
    names: BTreeMap<VariableId, usize>,
    out: String,
}

impl<'a> Line<'a> {
    fn new(policy: &'a Policy) -> Line<'a> {
        Line {
            policy,
            names: BTreeMap::new(),
            out: String::new(),
        }
    }

    fn words(&mut self, words: &str) {
        self.out.push_str(words);
    }

    fn variable(&mut self, variable: VariableId) {
        let next = self.names.len();
        let number = *self.names.entry(variable).or_insert(next);
        self.words(&format!("V{number}"));
    }

    fn clauses(&mut self, clauses: &[ClauseId]) {
        let mut named: Vec<String> = clauses.iter().map(|at| self.policy.citation(*at)).collect();
        named.sort();
        self.words(&named.join(", "));
    }

    fn literals(&mut self, literals: &[Literal]) {
        for (at, literal) in literals.iter().enumerate() {
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
            Literal::Compare(compare) => {
                self.expr(&compare.left);
                self.words(comparison(compare.op));
                self.expr(&compare.right);
            }
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

    fn branches(&mut self, branches: &[Vec<Literal>]) {
        for (at, branch) in branches.iter().enumerate() {
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
            (Term::Value(value), Some(ty)) => {
                let text = self.policy.types.literal(value, ty);
                self.words(&text);
            }
            (Term::Value(value), None) => self.words(&format!("{value:?}")),
            (Term::Any | Term::Each(_), _) => self.words("_"),
            (Term::Present, _) => self.words("present"),
            (Term::Missing, _) => self.words("missing"),
        }
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
            ExprKind::Value(value) => {
                let text = self.policy.types.literal(value, expr.ty);
                self.words(&text);
            }
            ExprKind::Variable(variable) => self.variable(*variable),
            ExprKind::Negate(inner) => {
                self.words("-");
                self.expr(inner);
            }
            ExprKind::Binary(operator, left, right) => {
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
