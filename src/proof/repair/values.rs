//! Another value where a comparison fails: in the facts from which the value comes, through whatever it was worked out of.

use super::{DEPTH, Mending};
use crate::ir::{
    Compare, Comparison, Expr, ExprKind, Kind, Literal, Operator, RelationKind, Term, VariableId,
};
use crate::proof::expr::{expr_variables, literal_variables};
use crate::proof::index::Owner;
use crate::proof::proof::Claim;
use crate::proof::solve::{Solution, Used};
use crate::value::{Measure, Number, Shift, Type, Value, shift_date};

/// How many instances of one rule are looked into for where a value comes from.
const INSTANCES: usize = 3;

/// A variable of a body that is to have another value.
#[derive(Clone, Copy)]
pub(super) struct Turn<'t, 'a> {
    /// The body.
    pub literals: &'a [Literal],
    /// As it holds now.
    pub solution: &'t Solution<'a>,
    /// The variable.
    pub variable: VariableId,
    /// What it is to be.
    pub wanted: &'t Value,
}

impl<'a> Mending<'_, 'a> {
    /// A comparison that fails: another value in a fact that it is made of.
    pub(super) fn compared(
        &mut self,
        owner: Owner,
        compare: &'a Compare,
        solution: &Solution<'a>,
        rest: usize,
    ) {
        let world = self.world;
        let mut variables = Vec::new();
        literal_variables_of(compare, &mut variables);
        for variable in variables {
            let ty = world.variables(owner)[variable.at()].ty;
            let Some(wanted) = self.bound(compare, variable, ty, &solution.bindings) else {
                continue;
            };
            if solution.bindings[variable.at()].as_ref() == Some(&wanted) {
                continue;
            }
            let turn = Turn {
                literals: world.literals(owner),
                solution,
                variable,
                wanted: &wanted,
            };
            self.turn(turn, rest, 0);
        }
    }

    /// Looks where a variable has its value from, and has that changed.
    pub(super) fn turn(&mut self, turn: Turn<'_, 'a>, rest: usize, depth: usize) {
        if depth > DEPTH || self.turns == 0 {
            return;
        }
        self.turns -= 1;
        for used in &turn.solution.uses {
            match &used.what {
                Used::Claim(claim) | Used::GivenBy(claim, _) => {
                    self.turn_in(turn, claim, rest, depth);
                }
                Used::Bind(bind) if bind.variable == turn.variable => {
                    self.turn_in_expression(turn, &bind.value, rest, depth);
                }
                Used::Aggregate(aggregate, folded) if aggregate.result == turn.variable => {
                    let by = difference(turn.wanted, &folded.result);
                    self.folded(aggregate, turn.solution, folded, by.as_ref(), rest, depth);
                }
                Used::Bind(_)
                | Used::Aggregate(..)
                | Used::Absent(_)
                | Used::Compare(_)
                | Used::Test(_)
                | Used::Exempted(..)
                | Used::NotExempted(_) => {}
            }
        }
    }

    /// What an expression is worked out of, where just one part would have to be otherwise.
    fn turn_in_expression(&mut self, turn: Turn<'_, 'a>, expr: &Expr, rest: usize, depth: usize) {
        let mut parts = Vec::new();
        expr_variables(expr, &mut |variable| parts.push(variable));
        for variable in parts {
            let bindings = &turn.solution.bindings;
            if let Some(wanted) = self.inverted(expr, variable, turn.wanted, bindings) {
                let part = Turn {
                    variable,
                    wanted: &wanted,
                    ..turn
                };
                self.turn(part, rest, depth + 1);
            }
        }
    }

    /// The field of a fact by which a variable was bound: of one that is given, outside its key; of one that follows, in the
    /// rule that gives it.
    pub(super) fn turn_in(&mut self, turn: Turn<'_, 'a>, claim: &Claim, rest: usize, depth: usize) {
        let world = self.world;
        let mut open: Vec<&'a Literal> = turn.literals.iter().collect();
        while let Some(literal) = open.pop() {
            match literal {
                Literal::Holds(premise) if premise.atom.relation == claim.relation => {
                    let is_it = |term: &Term| matches!(term, Term::Variable(it) | Term::Each(it) if *it == turn.variable);
                    let Some(field) = premise.atom.args.iter().position(is_it) else {
                        continue;
                    };
                    match world.policy.relation(claim.relation).kind {
                        Kind::Declared(RelationKind::Input | RelationKind::Event) => {
                            self.revalue(claim, field, turn.wanted, rest);
                        }
                        Kind::Declared(RelationKind::Relation | RelationKind::Verdict) => {
                            self.turn_below(claim, field, turn.wanted, rest, depth);
                        }
                        Kind::Declared(RelationKind::Judgement)
                        | Kind::Constraint(_)
                        | Kind::Names(_) => {}
                    }
                }
                Literal::Or(sides, _) => open.extend(sides.iter().flatten()),
                _ => {}
            }
        }
    }

    /// The rules that conclude a fact with this value in that field.
    fn turn_below(
        &mut self,
        claim: &Claim,
        field: usize,
        wanted: &Value,
        rest: usize,
        depth: usize,
    ) {
        let world = self.world;
        for id in world.index().rules(claim.relation) {
            let head = &world.policy.rule(*id).head;
            let Term::Variable(variable) = head.args[field] else {
                continue;
            };
            for solution in world.rule_instances(*id, claim).iter().take(INSTANCES) {
                let below = Turn {
                    literals: world.literals(Owner::Rule(*id)),
                    solution,
                    variable,
                    wanted,
                };
                self.turn(below, rest, depth + 1);
            }
        }
    }

    /// A given fact with another value, in a field outside its key; whole numbers stay whole.
    fn revalue(&mut self, claim: &Claim, field: usize, wanted: &Value, rest: usize) {
        let relation = self.world.policy.relation(claim.relation);
        if field < relation.key.unwrap_or(0) {
            return;
        }
        let is_whole = matches!(relation.fields[field].ty, Type::Number(ty) if ty.integer);
        match wanted {
            Value::Number(number) if is_whole && !number.is_integer() => {
                let below = number.floor();
                let above = &below + &Number::from_integer(1);
                self.replace(claim, field, Value::Number(below), rest);
                self.replace(claim, field, Value::Number(above), rest);
            }
            wanted => self.replace(claim, field, wanted.clone(), rest),
        }
    }

    /// The value of a variable with which a comparison just holds, the other variables being what they are.
    pub(super) fn bound(
        &self,
        compare: &Compare,
        variable: VariableId,
        ty: Type,
        bindings: &[Option<Value>],
    ) -> Option<Value> {
        let holds = |value: &Value| {
            let mut bindings = bindings.to_vec();
            bindings[variable.at()] = Some(value.clone());
            self.world.holds_comparison(compare, &bindings)
        };
        // What the side without the variable comes to, and then what the variable is to be on the other side.
        let on_one_side = |own: &Expr, other: &Expr| -> Vec<Value> {
            let value = self.world.scope(bindings).value(other).ok();
            let Some(value) = value.filter(|value| !value.is_open()) else {
                return Vec::new();
            };
            let wanted = near(&value, own.ty).into_iter();
            wanted
                .filter_map(|it| self.inverted(own, variable, &it, bindings))
                .collect()
        };
        let candidates = match (has(&compare.left, variable), has(&compare.right, variable)) {
            (true, false) => on_one_side(&compare.left, &compare.right),
            (false, true) => on_one_side(&compare.right, &compare.left),
            _ => self.roots(compare, variable, ty, bindings),
        };
        if compare.op == Comparison::NotEqual {
            return self.another(ty, &holds);
        }
        candidates.into_iter().find(|value| holds(value))
    }

    /// Where a comparison of numbers turns, if it is linear in the variable.
    fn roots(
        &self,
        compare: &Compare,
        variable: VariableId,
        ty: Type,
        bindings: &[Option<Value>],
    ) -> Vec<Value> {
        let excess = |at: &Number| -> Option<Number> {
            let mut bindings = bindings.to_vec();
            bindings[variable.at()] = Some(Value::Number(at.clone()));
            let scope = self.world.scope(&bindings);
            match (scope.value(&compare.left), scope.value(&compare.right)) {
                (Ok(Value::Number(left)), Ok(Value::Number(right))) => Some(&left - &right),
                _ => None,
            }
        };
        let root = || {
            let Some(Value::Number(from)) = &bindings[variable.at()] else {
                return None;
            };
            let next = from + &Number::from_integer(1);
            let (here, there) = (excess(from)?, excess(&next)?);
            let shift = here.divided_by(&(&there - &here))?;
            Some(from - &shift)
        };
        root().map_or(Vec::new(), |root| near(&Value::Number(root), ty))
    }

    /// The value of a variable with which an expression comes to `wanted`, the other variables being what they are.
    fn inverted(
        &self,
        expr: &Expr,
        variable: VariableId,
        wanted: &Value,
        bindings: &[Option<Value>],
    ) -> Option<Value> {
        let found = self.undone(expr, variable, wanted, bindings)?;
        // What is undone need not lead back: months have different lengths.
        let mut bindings = bindings.to_vec();
        bindings[variable.at()] = Some(found.clone());
        let comes_to = self.world.scope(&bindings).value(expr);
        (comes_to.as_ref() == Ok(wanted)).then_some(found)
    }

    /// The same, step by step, from the outermost operation inwards.
    fn undone(
        &self,
        expr: &Expr,
        variable: VariableId,
        wanted: &Value,
        bindings: &[Option<Value>],
    ) -> Option<Value> {
        let number = |expr: &Expr| match self.world.scope(bindings).value(expr) {
            Ok(Value::Number(number)) => Some(number),
            _ => None,
        };
        let (inner, wanted) = match (&expr.kind, wanted) {
            (ExprKind::Variable(it), wanted) => {
                return (*it == variable).then(|| wanted.clone());
            }
            (ExprKind::Negate(inner), Value::Number(wanted)) => (&**inner, Value::Number(-wanted)),
            (ExprKind::Binary(operator, left, right), Value::Number(wanted)) => {
                let is_left = has(left, variable);
                let (inner, other) = match is_left {
                    true => (left, number(right)?),
                    false => (right, number(left)?),
                };
                let undone = match (operator, is_left) {
                    (Operator::Add, _) => wanted - &other,
                    (Operator::Subtract, true) => wanted + &other,
                    (Operator::Subtract, false) => &other - wanted,
                    (Operator::Multiply, _) => wanted.divided_by(&other)?,
                    (Operator::Divide, true) => wanted * &other,
                    (Operator::Divide, false) => other.divided_by(wanted)?,
                };
                (&**inner, Value::Number(undone))
            }
            (ExprKind::Shift { date, amount, unit }, Value::Date(wanted)) => {
                let back = -&number(amount)?;
                match unit {
                    Shift::Days | Shift::Months | Shift::Years => (
                        &**date,
                        Value::Date(shift_date(*wanted, &back, *unit).ok()?),
                    ),
                    Shift::WorkingDays => return None,
                }
            }
            _ => return None,
        };
        self.undone(inner, variable, &wanted, bindings)
    }

    /// The first other value of a closed set or among the names of a type.
    pub(super) fn another(&self, ty: Type, holds: &dyn Fn(&Value) -> bool) -> Option<Value> {
        let (Type::Entity(id) | Type::Set(id)) = ty else {
            return None;
        };
        let names = self.world.policy.names_relation(id)?;
        let rows = self.world.extension.matching(names, &[None], None);
        rows.into_iter().flatten().find(|value| holds(value))
    }
}

fn has(expr: &Expr, variable: VariableId) -> bool {
    let mut has = false;
    expr_variables(expr, &mut |other| has |= other == variable);
    has
}

fn literal_variables_of(compare: &Compare, variables: &mut Vec<VariableId>) {
    let literal = Literal::Compare(compare.clone());
    literal_variables(&literal, &mut |variable| {
        if !variables.contains(&variable) {
            variables.push(variable);
        }
    });
}

pub(super) fn difference(wanted: &Value, result: &Value) -> Option<Number> {
    match (wanted, result) {
        (Value::Number(wanted), Value::Number(result)) => Some(wanted - result),
        _ => None,
    }
}

/// A value, and those just beside it: a day, a whole number, one per cent, a tenth.
fn near(value: &Value, ty: Type) -> Vec<Value> {
    let beside = match (value, ty) {
        (Value::Date(date), _) => {
            let days = [date.yesterday(), date.tomorrow()];
            days.into_iter().flatten().map(Value::Date).collect()
        }
        (Value::Number(number), Type::Number(ty)) => {
            let one = Number::from_integer(1);
            let step = match ty.measure {
                Measure::Percent => Number::hundredth(),
                Measure::Plain | Measure::Unit(_) if ty.integer => one,
                Measure::Plain | Measure::Unit(_) => {
                    one.divided_by(&Number::from_integer(10)).unwrap_or(one)
                }
            };
            vec![Value::Number(number + &step), Value::Number(number - &step)]
        }
        _ => Vec::new(),
    };
    std::iter::once(value.clone()).chain(beside).collect()
}
