//! What is probably a slip though it means something; and the names that the policy uses.

use super::Problems;
use super::error;
use super::policy::{
    ClauseId, ExpectClaim, Expr, ExprKind, Literal, Policy, RelationId, Rule, Term, VariableId,
};
use crate::source::{Place, Span};
use crate::value::{Type, TypeId, Value};
use std::collections::{BTreeMap, BTreeSet};

/// Warns of names near others and of rules that may make values for ever.
pub(super) fn lint(policy: &Policy, problems: &mut Problems) {
    near_names(policy, problems);
    endless_values(policy, problems);
    empty_stretches(policy, problems);
}

/// A clause that starts after the last day which it has from the clause above it.
fn empty_stretches(policy: &Policy, problems: &mut Problems) {
    for (at, clause) in policy.clauses.iter().enumerate() {
        let Some(through) = clause.through.filter(|it| it.date < clause.from.date) else {
            continue;
        };
        let days = [clause.from, through].map(|day| (day.date, day.span));
        let citation = policy.citation(ClauseId(at as u32));
        problems.push(error::never_in_force(&citation, days));
    }
}

/// A name that stands once, near another of its type: `chnia`.
fn near_names(policy: &Policy, problems: &mut Problems) {
    let mut places: BTreeMap<(TypeId, &str), Vec<Option<Span>>> = BTreeMap::new();
    for (ty, value, span) in occurrences(policy) {
        if let Value::Name(name) = value {
            places.entry((ty, name)).or_default().push(span);
        }
    }
    let mut doubtful: BTreeMap<TypeId, Doubtful<'_>> = BTreeMap::new();
    for ((ty, name), spans) in &places {
        if let ([Some(_)], true) = (spans.as_slice(), is_a_word(name)) {
            doubtful.entry(*ty).or_default().add(name);
        }
    }
    for (ty, name) in places.keys() {
        if let Some(doubtful) = doubtful.get_mut(ty).filter(|_| is_a_word(name)) {
            doubtful.compare(name);
        }
    }
    for ((ty, name), spans) in &places {
        let near = doubtful.get(ty).and_then(|all| all.near.get(name));
        if let (Some(near), [Some(span)]) = (near, spans.as_slice()) {
            problems.push(error::near_name(name, near, *span));
        }
    }
}

/// Whether a name is one in which a slip can be told from a number: `t1` and `t2` are near, and no slips.
fn is_a_word(name: &str) -> bool {
    let length = name.chars().count();
    (4..=LONGEST).contains(&length) && !name.chars().any(|letter| letter.is_ascii_digit())
}

/// Names longer than that are not compared.
const LONGEST: usize = 60;

/// Names that stand once, by what is left of them when one letter is left out: names one slip apart have that in common.
#[derive(Default)]
struct Doubtful<'a> {
    by_rest: BTreeMap<String, Vec<&'a str>>,
    /// The first name one slip away.
    near: BTreeMap<&'a str, &'a str>,
}

impl<'a> Doubtful<'a> {
    fn add(&mut self, name: &'a str) {
        for rest in rests(name) {
            self.by_rest.entry(rest).or_default().push(name);
        }
    }

    /// Names come in order, so the first that is near stays.
    fn compare(&mut self, name: &'a str) {
        for rest in rests(name) {
            for doubtful in self.by_rest.get(&rest).into_iter().flatten() {
                if strsim::damerau_levenshtein(name, doubtful) == 1 {
                    self.near.entry(doubtful).or_insert(name);
                }
            }
        }
    }
}

/// The name, and the name without each of its letters.
fn rests(name: &str) -> BTreeSet<String> {
    let letters = name.char_indices();
    let without = letters.map(|(at, letter)| {
        let behind = &name[at + letter.len_utf8()..];
        format!("{}{behind}", &name[..at])
    });
    without.chain([name.to_owned()]).collect()
}

/// Every entity in rules, facts and cases, with its place.
fn occurrences(policy: &Policy) -> Vec<(TypeId, &Value, Option<Span>)> {
    let mut list = Vec::new();
    for rule in &policy.rules {
        atom(
            &rule.head.args,
            rule.head.relation,
            Some(rule.head.span),
            policy,
            &mut list,
        );
        body(&rule.body, policy, &mut list);
    }
    for exemption in &policy.exemptions {
        body(&exemption.body, policy, &mut list);
    }
    let given = policy.givens.iter().flat_map(|given| &given.facts);
    let facts = policy.cases.iter().flat_map(|case| &case.facts);
    let facts = facts.chain(given).map(|fact| match fact.place {
        Place::Span(span) => (fact.relation, &fact.args, Some(span)),
        Place::Record { .. } | Place::Assumed => (fact.relation, &fact.args, None),
    });
    // What the policy itself lists counts, and is not doubted: `erbium` and `terbium` are both right.
    let listed = policy.facts.iter();
    let listed = listed.map(|fact| (fact.relation, &fact.args, None));
    for (relation, args, span) in facts.chain(listed) {
        for (value, field) in args.iter().zip(&policy.relation(relation).fields) {
            if let Type::Entity(ty) = field.ty {
                list.push((ty, value, span));
            }
        }
    }
    for expect in policy.cases.iter().flat_map(|case| &case.expects) {
        if let ExpectClaim::Query(query) = &expect.claim {
            atom(
                &query.atom.args,
                query.atom.relation,
                Some(query.atom.span),
                policy,
                &mut list,
            );
        }
    }
    list
}

fn body<'a>(
    literals: &'a [Literal],
    policy: &Policy,
    list: &mut Vec<(TypeId, &'a Value, Option<Span>)>,
) {
    for literal in literals {
        match literal {
            Literal::Holds(premise) | Literal::Absent(premise) => atom(
                &premise.atom.args,
                premise.atom.relation,
                Some(premise.atom.span),
                policy,
                list,
            ),
            Literal::Exempted(exempted) => atom(
                &exempted.atom.args,
                exempted.atom.relation,
                Some(exempted.span),
                policy,
                list,
            ),
            Literal::Aggregate(aggregate) => body(&aggregate.body, policy, list),
            Literal::Or(branches, _) => branches
                .iter()
                .for_each(|branch| body(branch, policy, list)),
            Literal::Compare(compare) => [&compare.left, &compare.right]
                .into_iter()
                .for_each(|expr| constant(expr, list)),
            Literal::Bind(bind) => constant(&bind.value, list),
            Literal::Test(test) => constant(&test.value, list),
        }
    }
}

fn atom<'a>(
    args: &'a [Term],
    relation: RelationId,
    span: Option<Span>,
    policy: &Policy,
    list: &mut Vec<(TypeId, &'a Value, Option<Span>)>,
) {
    for (term, field) in args.iter().zip(&policy.relation(relation).fields) {
        if let (Term::Value(value), Type::Entity(ty)) = (term, field.ty) {
            list.push((ty, value, span));
        }
    }
}

fn constant<'a>(expr: &'a Expr, list: &mut Vec<(TypeId, &'a Value, Option<Span>)>) {
    if let (ExprKind::Value(value), Type::Entity(ty)) = (&expr.kind, expr.ty) {
        list.push((ty, value, Some(expr.span)));
    }
}

impl Policy {
    /// The entities that rules, exemptions and facts of the policy name, by type; cases apart.
    pub(super) fn names_in_rules(&self) -> BTreeMap<TypeId, BTreeSet<Value>> {
        let mut named: BTreeMap<TypeId, BTreeSet<Value>> = BTreeMap::new();
        let mut list = Vec::new();
        for rule in &self.rules {
            atom(&rule.head.args, rule.head.relation, None, self, &mut list);
            body(&rule.body, self, &mut list);
        }
        for exemption in &self.exemptions {
            body(&exemption.body, self, &mut list);
        }
        for fact in &self.facts {
            for (value, field) in fact.args.iter().zip(&self.relation(fact.relation).fields) {
                if let (Type::Entity(ty), Value::Name(_)) = (field.ty, value) {
                    list.push((ty, value, None));
                }
            }
        }
        for (ty, value, _) in list {
            named.entry(ty).or_default().insert(value.clone());
        }
        named
    }
}

/// A rule that concludes from its own relation a value that is computed, with nothing to bound it.
fn endless_values(policy: &Policy, problems: &mut Problems) {
    let rules = policy.rules.iter();
    let mut suspects = rules
        .filter(|rule| makes_a_value(rule) && !has_bound(rule))
        .peekable();
    if suspects.peek().is_none() {
        return;
    }
    let below = relations_below(policy);
    for rule in suspects {
        if rests_on(rule, &below) {
            let head = &policy.relation(rule.head.relation).name;
            problems.push(error::makes_values(head, rule.span));
        }
    }
}

fn relations_in(literals: &[Literal]) -> BTreeSet<RelationId> {
    let mut found = BTreeSet::new();
    for literal in literals {
        match literal {
            Literal::Holds(premise) => {
                found.insert(premise.atom.relation);
            }
            Literal::Aggregate(aggregate) => found.extend(relations_in(&aggregate.body)),
            Literal::Or(branches, _) => branches
                .iter()
                .for_each(|branch| found.extend(relations_in(branch))),
            Literal::Absent(_)
            | Literal::Exempted(_)
            | Literal::Compare(_)
            | Literal::Bind(_)
            | Literal::Test(_) => {}
        }
    }
    found
}

/// The relations in the bodies of each relation's rules.
fn relations_below(policy: &Policy) -> BTreeMap<RelationId, BTreeSet<RelationId>> {
    let mut below: BTreeMap<RelationId, BTreeSet<RelationId>> = BTreeMap::new();
    for rule in &policy.rules {
        let relations = below.entry(rule.head.relation).or_default();
        relations.extend(relations_in(&rule.body));
    }
    below
}

/// Whether the rule rests on its own conclusion, through any number of rules.
fn rests_on(rule: &Rule, below: &BTreeMap<RelationId, BTreeSet<RelationId>>) -> bool {
    let mut seen = relations_in(&rule.body);
    let mut open: Vec<RelationId> = seen.iter().copied().collect();
    while let Some(at) = open.pop() {
        for next in below.get(&at).into_iter().flatten() {
            if seen.insert(*next) {
                open.push(*next);
            }
        }
    }
    seen.contains(&rule.head.relation)
}

/// Whether a field of the conclusion is computed, or equal to what is.
fn makes_a_value(rule: &Rule) -> bool {
    let mut computed = BTreeSet::new();
    loop {
        let before = computed.len();
        add_computed(&rule.body, &mut computed);
        if computed.len() == before {
            break;
        }
    }
    let in_head = |term: &Term| matches!(term, Term::Variable(id) if computed.contains(id));
    rule.head.args.iter().any(in_head)
}

fn add_computed(literals: &[Literal], computed: &mut BTreeSet<VariableId>) {
    for literal in literals {
        match literal {
            Literal::Bind(bind) => {
                let is_computed = match &bind.value.kind {
                    ExprKind::Binary(..) | ExprKind::Shift { .. } | ExprKind::Negate(_) => true,
                    ExprKind::Variable(id) => computed.contains(id),
                    ExprKind::Value(_) | ExprKind::Call(..) => false,
                };
                if is_computed {
                    computed.insert(bind.variable);
                }
            }
            Literal::Or(branches, _) => branches
                .iter()
                .for_each(|branch| add_computed(branch, computed)),
            Literal::Holds(_)
            | Literal::Absent(_)
            | Literal::Compare(_)
            | Literal::Test(_)
            | Literal::Aggregate(_)
            | Literal::Exempted(_) => {}
        }
    }
}

fn has_bound(rule: &Rule) -> bool {
    use super::policy::Comparison;
    rule.body.iter().any(|literal| match literal {
        Literal::Compare(compare) => {
            !matches!(compare.op, Comparison::Equal | Comparison::NotEqual)
        }
        Literal::Aggregate(_) => true,
        _ => false,
    })
}
