//! What a redacted value may be used for: to be the same as another one, and nothing else.
//!
//! Of a redacted value a checker knows whether it is the same as another redacted one, and that it is none of those that the
//! facts show. So whatever follows must follow for every choice of values: no rule that is looked at may compare one with a
//! value that the policy names or works out, reckon with it, or order it. That is told of columns (fields of relations): in
//! some a redacted value may stand, in some a value that the policy names; where a rule brings the two together, it is refused.

use super::trouble::Trouble;
use crate::facts::Facts;
use crate::ir::{
    Aggregate, Atom, Comparison, ExemptionTarget, Expr, ExprKind, Kind, Literal, Missing, Policy,
    Presumption, RelationId, RelationKind, Rule, Term, Timing, VariableId,
};
use crate::proof::expr::expr_variables;
use crate::source::Span;
use crate::value::{Type, TypeId, Value};
use std::collections::{BTreeMap, BTreeSet};

/// A field of a relation.
type Column = (RelationId, usize);

/// See the module.
#[derive(Clone, Debug, Default)]
pub(in crate::proof) struct Redacted {
    /// Where a redacted value may stand.
    hidden: BTreeSet<Column>,
    /// Where a value may stand that the policy names or works out.
    named: BTreeSet<Column>,
    /// The fields of events that are their ids.
    ids: BTreeMap<TypeId, Vec<Column>>,
}

/// What may stand in a variable.
#[derive(Clone, Copy, Default)]
struct Holds {
    hidden: bool,
    named: bool,
}

/// A place where a variable stands.
struct Use {
    variable: VariableId,
    columns: Vec<Column>,
    span: Span,
}

impl Redacted {
    /// Which columns there are, for these facts.
    pub fn new(policy: &Policy, facts: &Facts) -> Redacted {
        let given = facts.written().iter().flat_map(|fact| {
            let fields = fact.args.iter().enumerate();
            let hidden = fields.filter(|(_, value)| value.is_redacted());
            hidden.map(|(at, _)| (fact.relation, at))
        });
        let mut redacted = Redacted {
            hidden: given.collect(),
            ..Redacted::default()
        };
        if redacted.hidden.is_empty() {
            return redacted;
        }
        let presumed = policy.presumptions.iter().chain(&facts.presumptions);
        let rules: Vec<&Rule> = policy
            .rules
            .iter()
            .chain(presumed.map(|it| &it.rule))
            .collect();
        redacted.add_ids(policy);
        redacted.add_names(policy);
        redacted.add_stated(policy, &rules);
        redacted.spread(&rules);
        redacted
    }

    /// Whether nothing is redacted.
    pub fn is_empty(&self) -> bool {
        self.hidden.is_empty()
    }

    /// Whether what stands in a field comes from the policy, and from no fact that is redacted.
    pub fn is_shown(&self, relation: RelationId, field: usize) -> bool {
        let column = (relation, field);
        self.named.contains(&column) && !self.hidden.contains(&column)
    }

    /// For each variable of a rule: whether what stands in it comes from the policy, and from no fact that is redacted.
    pub fn shown_variables(&self, rule: &Rule) -> Vec<bool> {
        let uses = self.uses(&rule.body);
        let held = self.held(rule.variables.len(), &uses, &rule.body);
        let shown = held.into_iter();
        shown.map(|holds| holds.named && !holds.hidden).collect()
    }

    fn add_ids(&mut self, policy: &Policy) {
        for (at, relation) in policy.relations.iter().enumerate() {
            let is_event = relation.kind == Kind::Declared(RelationKind::Event);
            if let (true, Some(Type::Entity(ty) | Type::Set(ty))) =
                (is_event, relation.fields.first().map(|field| field.ty))
            {
                let ids = self.ids.entry(ty).or_default();
                ids.push((RelationId(at as u32), 0));
            }
        }
    }

    /// The names of types, and the rows of inputs that nobody gave, whose keys are names.
    fn add_names(&mut self, policy: &Policy) {
        let hidden_types: BTreeSet<Type> = self
            .hidden
            .iter()
            .map(|(relation, field)| policy.relation(*relation).fields[*field].ty)
            .collect();
        let names_some = |ty: Type| match ty {
            Type::Entity(id) => policy.named.get(&id).is_some_and(|names| !names.is_empty()),
            Type::Set(_) => true,
            Type::Text | Type::Number(_) | Type::Date | Type::Bool => false,
        };
        for (at, relation) in policy.relations.iter().enumerate() {
            let id = RelationId(at as u32);
            if let Kind::Names(ty) = relation.kind {
                let ty = relation.fields.first().map_or(Type::Entity(ty), |it| it.ty);
                if hidden_types.contains(&ty) {
                    self.hidden.insert((id, 0));
                }
                if names_some(ty) {
                    self.named.insert((id, 0));
                }
            }
            let Some(key) = relation.key.filter(|key| *key < relation.fields.len()) else {
                continue;
            };
            let is_input = relation.kind == Kind::Declared(RelationKind::Input);
            let mut rest = relation.fields[key..].iter();
            if is_input && rest.all(|field| field.missing == Missing::Unknown) {
                for (field, declared) in relation.fields[..key].iter().enumerate() {
                    if hidden_types.contains(&declared.ty) {
                        self.hidden.insert((id, field));
                    }
                    if names_some(declared.ty) {
                        self.named.insert((id, field));
                    }
                }
            }
        }
    }

    fn add_stated(&mut self, policy: &Policy, rules: &[&Rule]) {
        for fact in &policy.facts {
            let known = fact.args.iter().enumerate();
            let known = known.filter(|(_, value)| **value != Value::None && !value.is_open());
            self.named.extend(known.map(|(at, _)| (fact.relation, at)));
        }
        for head in rules.iter().map(|rule| &rule.head) {
            for (at, term) in head.args.iter().enumerate() {
                if matches!(term, Term::Value(_)) {
                    self.named.insert((head.relation, at));
                }
            }
        }
    }

    /// From bodies to heads, until nothing is added.
    fn spread(&mut self, rules: &[&Rule]) {
        loop {
            let before = self.hidden.len() + self.named.len();
            for rule in rules {
                let uses = self.uses(&rule.body);
                let held = self.held(rule.variables.len(), &uses, &rule.body);
                for (at, term) in rule.head.args.iter().enumerate() {
                    if let Term::Variable(variable) | Term::Each(variable) = term {
                        let column = (rule.head.relation, at);
                        if held[variable.at()].hidden {
                            self.hidden.insert(column);
                        }
                        if held[variable.at()].named {
                            self.named.insert(column);
                        }
                    }
                }
            }
            if self.hidden.len() + self.named.len() == before {
                return;
            }
        }
    }

    fn uses(&self, body: &[Literal]) -> Vec<Use> {
        let mut uses = Vec::new();
        self.add_uses(body, &mut uses);
        uses
    }

    fn add_atom(&self, atom: &Atom, span: Span, uses: &mut Vec<Use>) {
        for (at, term) in atom.args.iter().enumerate() {
            if let Term::Variable(variable) | Term::Each(variable) = term {
                uses.push(Use {
                    variable: *variable,
                    columns: vec![(atom.relation, at)],
                    span,
                });
            }
        }
    }

    fn add_uses(&self, body: &[Literal], uses: &mut Vec<Use>) {
        for literal in body {
            match literal {
                Literal::Holds(premise) | Literal::Absent(premise) => {
                    self.add_atom(&premise.atom, premise.span, uses);
                }
                Literal::Exempted(exempted) => self.add_atom(&exempted.atom, exempted.span, uses),
                Literal::Or(sides, _) => {
                    for side in sides {
                        self.add_uses(side, uses);
                    }
                }
                Literal::Aggregate(aggregate) => self.add_uses(&aggregate.body, uses),
                Literal::Compare(_) | Literal::Bind(_) | Literal::Test(_) => {}
            }
        }
    }

    fn holds(&self, columns: &[Column]) -> Holds {
        Holds {
            hidden: columns.iter().any(|column| self.hidden.contains(column)),
            named: columns.iter().any(|column| self.named.contains(column)),
        }
    }

    /// What may stand in each variable of a body.
    fn held(&self, variables: usize, uses: &[Use], body: &[Literal]) -> Vec<Holds> {
        let mut held = vec![Holds::default(); variables];
        for used in uses {
            let here = self.holds(&used.columns);
            let all = &mut held[used.variable.at()];
            all.hidden |= here.hidden;
            all.named |= here.named;
        }
        // As often as an equation may pass on what another one gives.
        for _ in 0..=body.len() {
            pass_on(body, &mut held);
        }
        held
    }

    /// Whether a rule keeps to what redacted values may be used for.
    pub fn allows_rule(&self, rule: &Rule) -> Result<(), Trouble> {
        if self.is_empty() {
            return Ok(());
        }
        let uses = self.uses(&rule.body);
        let held = self.held(rule.variables.len(), &uses, &rule.body);
        if let Timing::On(term) = &rule.timing {
            not_hidden(&held, term, rule.head.span, "it is judged by a day that is")?;
        }
        self.allows(&rule.body, &uses, &held)
    }

    /// Whether a presumption does: what it is about is found by its values.
    pub fn allows_presumption(&self, presumption: &Presumption) -> Result<(), Trouble> {
        if self.is_empty() {
            return Ok(());
        }
        let rule = &presumption.rule;
        self.no_constant(&rule.head, rule.head.span)?;
        let mut uses = self.uses(&rule.body);
        self.add_atom(&rule.head, rule.head.span, &mut uses);
        let held = self.held(rule.variables.len(), &uses, &rule.body);
        if let Timing::On(term) = &rule.timing {
            not_hidden(&held, term, rule.head.span, "it is judged by a day that is")?;
        }
        self.allows(&rule.body, &uses, &held)
    }

    /// Whether an exemption does.
    pub fn allows_exemption(&self, exemption: &crate::ir::Exemption) -> Result<(), Trouble> {
        if self.is_empty() {
            return Ok(());
        }
        let mut uses = self.uses(&exemption.body);
        match &exemption.target {
            ExemptionTarget::Head(atom) => {
                self.add_atom(atom, exemption.span, &mut uses);
                self.no_constant(atom, exemption.span)?;
            }
            ExemptionTarget::Event(term, ty) => {
                let columns = self.ids.get(ty).cloned().unwrap_or_default();
                let is_hidden = self.holds(&columns).hidden;
                match term {
                    Term::Variable(variable) | Term::Each(variable) => uses.push(Use {
                        variable: *variable,
                        columns,
                        span: exemption.span,
                    }),
                    Term::Value(_) if is_hidden => return Err(compared(exemption.span)),
                    _ => {}
                }
            }
        }
        let held = self.held(exemption.variables.len(), &uses, &exemption.body);
        self.allows(&exemption.body, &uses, &held)
    }

    fn allows(&self, body: &[Literal], uses: &[Use], held: &[Holds]) -> Result<(), Trouble> {
        for (at, one) in uses.iter().enumerate() {
            let others = uses[at + 1..].iter();
            for other in others.filter(|other| other.variable == one.variable) {
                let (a, b) = (self.holds(&one.columns), self.holds(&other.columns));
                if a.hidden && b.named {
                    return Err(compared(other.span));
                }
                if b.hidden && a.named {
                    return Err(compared(one.span));
                }
            }
        }
        body.iter()
            .try_for_each(|literal| self.allows_literal(literal, held))
    }

    fn no_constant(&self, atom: &Atom, span: Span) -> Result<(), Trouble> {
        let mut terms = atom.args.iter().enumerate();
        let is_asked = terms.any(|(at, term)| {
            matches!(term, Term::Value(_)) && self.hidden.contains(&(atom.relation, at))
        });
        match is_asked {
            true => Err(compared(span)),
            false => Ok(()),
        }
    }

    fn allows_literal(&self, literal: &Literal, held: &[Holds]) -> Result<(), Trouble> {
        match literal {
            Literal::Holds(premise) | Literal::Absent(premise) => {
                if let Some(on) = &premise.on {
                    not_hidden(held, on, premise.span, "it is read on a day that is")?;
                }
                self.no_constant(&premise.atom, premise.span)
            }
            Literal::Exempted(exempted) => self.no_constant(&exempted.atom, exempted.span),
            Literal::Compare(compare) => {
                let sides = [&compare.left, &compare.right];
                if !sides.iter().any(|side| reads_hidden(side, held)) {
                    return Ok(());
                }
                let is_equation = matches!(compare.op, Comparison::Equal | Comparison::NotEqual);
                let is_bare = |side: &&Expr| match &side.kind {
                    ExprKind::Variable(variable) => !held[variable.at()].named,
                    _ => false,
                };
                match is_equation && sides.iter().all(is_bare) {
                    true => Ok(()),
                    false => Err(compared(compare.span)),
                }
            }
            Literal::Test(test) if reads_hidden(&test.value, held) => Err(computed(test.span)),
            Literal::Bind(bind) => {
                let is_bare = matches!(bind.value.kind, ExprKind::Variable(_));
                match is_bare || !reads_hidden(&bind.value, held) {
                    true => Ok(()),
                    false => Err(computed(bind.span)),
                }
            }
            Literal::Or(sides, _) => {
                (sides.iter().flatten()).try_for_each(|literal| self.allows_literal(literal, held))
            }
            Literal::Aggregate(aggregate) => self.allows_aggregate(aggregate, held),
            Literal::Test(_) => Ok(()),
        }
    }

    fn allows_aggregate(&self, aggregate: &Aggregate, held: &[Holds]) -> Result<(), Trouble> {
        if let Some(term) = &aggregate.term
            && reads_hidden(term, held)
        {
            let is_bare = matches!(term.kind, ExprKind::Variable(_));
            if !(aggregate.function.counts && is_bare) {
                return Err(computed(aggregate.span));
            }
        }
        // Whether two are one and the same must be known to count them.
        let mut told_apart = aggregate.group.iter().chain(&aggregate.locals);
        let may_be_one = |variable: &VariableId| {
            let holds = held[variable.at()];
            holds.hidden && holds.named
        };
        if told_apart.any(may_be_one) {
            return Err(compared(aggregate.span));
        }
        aggregate
            .body
            .iter()
            .try_for_each(|literal| self.allows_literal(literal, held))
    }

    /// What may not be redacted whatever is asked: the days of events, and what decides whether a clause is in force.
    pub fn allows_facts(&self, policy: &Policy) -> Result<(), Trouble> {
        for (relation, field) in &self.hidden {
            let declared = policy.relation(*relation);
            if declared.on == Some(*field) {
                let name = &declared.name;
                let reason =
                    format!("the day of `{name}` decides which law applies, and is redacted");
                return Err(Trouble::from(reason));
            }
        }
        let stretches = policy.effects.iter().flat_map(|effect| &effect.stretches);
        let mut conditions = stretches.filter_map(|stretch| stretch.condition.as_ref());
        let is_hidden = |condition: &&crate::ir::Condition| {
            let mut fields = 0..condition.args.len();
            fields.any(|field| self.hidden.contains(&(condition.relation, field)))
        };
        match conditions.find(is_hidden) {
            Some(condition) => Err(compared(condition.span)),
            None => Ok(()),
        }
    }
}

fn pass_on(body: &[Literal], held: &mut [Holds]) {
    for literal in body {
        match literal {
            Literal::Bind(bind) => match &bind.value.kind {
                ExprKind::Variable(from) => {
                    let from = held[from.at()];
                    let to = &mut held[bind.variable.at()];
                    to.hidden |= from.hidden;
                    to.named |= from.named;
                }
                _ => held[bind.variable.at()].named = true,
            },
            Literal::Aggregate(aggregate) => {
                held[aggregate.result.at()].named = true;
                pass_on(&aggregate.body, held);
            }
            Literal::Or(sides, _) => sides.iter().for_each(|side| pass_on(side, held)),
            Literal::Holds(_)
            | Literal::Absent(_)
            | Literal::Compare(_)
            | Literal::Test(_)
            | Literal::Exempted(_) => {}
        }
    }
}

fn reads_hidden(expr: &Expr, held: &[Holds]) -> bool {
    let mut reads = false;
    expr_variables(expr, &mut |variable| reads |= held[variable.at()].hidden);
    reads
}

fn not_hidden(held: &[Holds], term: &Term, span: Span, what: &str) -> Result<(), Trouble> {
    match term {
        Term::Variable(variable) | Term::Each(variable) if held[variable.at()].hidden => {
            Err(Trouble {
                reason: format!("{what} redacted"),
                at: Some(span),
            })
        }
        _ => Ok(()),
    }
}

fn compared(span: Span) -> Trouble {
    Trouble {
        reason: "a redacted value is compared with one that the policy names or works out".into(),
        at: Some(span),
    }
}

fn computed(span: Span) -> Trouble {
    Trouble {
        reason: "a redacted value is computed with".into(),
        at: Some(span),
    }
}
