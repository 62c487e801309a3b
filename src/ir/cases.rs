//! Cases, `given` blocks, facts and queries.

use super::bodies;
use super::error;
use super::given::may_be_given;
use super::names::{Home, Names, Placed};
use super::notices::last_day;
use super::policy::{
    Atom, Case, Condition, Expect, ExpectClaim, Fact, Given, Kind, Missing, NoticeId, Policy,
    Presumption, Query, RelationKind, Term, Variable, VariableId,
};
use super::terms::{self, literal_value};
use super::{ClauseId, Problems};
use crate::diagnostic::{Diagnostic, Diagnostics, nearest};
use crate::source::{Place, Span};
use crate::syntax::file::{self, CaseItemKind, ExprKind, ItemKind};
use crate::value::{Date, FIRST_DAY, LAST_DAY, Type, TypeId, Value};
use std::collections::{BTreeMap, BTreeSet};

/// All cases and `given` blocks.
pub(super) fn cases(
    statements: &[Placed<'_>],
    policy: &mut Policy,
    names: &mut Names,
    problems: &mut Problems,
) {
    for placed in statements {
        let ItemKind::Given(given) = placed.kind else {
            continue;
        };
        let items = items(&given.items, policy, names, problems);
        for (_, span) in items.expects {
            problems.push(error::expectation_in_given(span));
        }
        if let Some(first) = names.givens.get(&given.name.text) {
            let first = &mut policy.givens[*first];
            let (name, at) = (&given.name.text, given.name.span);
            problems.push(error::declared_twice("block", name, at, first.span));
            // What stands in it is known to the cases that take it: they have no slip.
            first.facts.extend(items.facts);
            continue;
        }
        names
            .givens
            .insert(given.name.text.clone(), policy.givens.len());
        policy.givens.push(Given {
            name: given.name.text.clone(),
            facts: items.facts,
            presumptions: items.presumptions,
            span: given.name.span,
        });
    }
    let mut titles: BTreeMap<String, Span> = BTreeMap::new();
    for placed in statements {
        let ItemKind::Case(case) = placed.kind else {
            continue;
        };
        if let Some(first) = titles.insert(case.title.text.clone(), case.title.span) {
            problems.push(error::declared_twice(
                "case",
                &case.title.text,
                case.title.span,
                first,
            ));
        }
        let case = self::case(case, policy, names, problems);
        policy.cases.push(case);
    }
}

struct Items {
    facts: Vec<Fact>,
    presumptions: Vec<Presumption>,
    expects: Vec<(Option<Expect>, Span)>,
}

fn items(
    written: &[file::CaseItem],
    policy: &Policy,
    names: &Names,
    problems: &mut Problems,
) -> Items {
    let mut items = Items {
        facts: Vec::new(),
        presumptions: Vec::new(),
        expects: Vec::new(),
    };
    for item in written {
        match &item.kind {
            CaseItemKind::Fact(rule) => items
                .facts
                .extend(fact(rule, item.span, policy, names, problems)),
            CaseItemKind::Presumption(written) => items.presumptions.extend(bodies::presumption(
                written,
                Home::default(),
                item.span,
                policy,
                names,
                problems,
            )),
            CaseItemKind::Expect(written) => items.expects.push((
                expect(written, item.span, policy, names, problems),
                item.span,
            )),
        }
    }
    items
}

fn case(written: &file::Case, policy: &Policy, names: &Names, problems: &mut Problems) -> Case {
    let mut givens = Vec::new();
    for name in &written.given {
        match names.givens.get(&name.text) {
            Some(at) => givens.push(*at),
            None => {
                let near = nearest(&name.text, names.givens.keys().map(String::as_str));
                let how = "write one: `given name { … }`";
                let problem =
                    error::unknown_name("`given` block", &name.text, name.span, near, how);
                problems.push(names.not_found(&name.text, problem));
            }
        }
    }
    let mut without: Vec<NoticeId> = Vec::new();
    for name in &written.without {
        match names.notices.get(&name.text) {
            Some(id) => without.push(*id),
            None => {
                let near = nearest(&name.text, names.notices.keys().map(String::as_str));
                let problem = error::unknown_clause(&name.text, name.span, near);
                problems.push(names.not_found(&name.text, problem));
            }
        }
    }
    let before = problems.len();
    let items = items(&written.items, policy, names, problems);
    let has_slips = problems[before..].iter().any(Diagnostic::is_error);
    if items.expects.is_empty() && !has_slips && !names.has_slip_beside(written.title.span) {
        problems.push(error::expects_nothing(written.title.span));
    }
    let expects: Vec<Expect> = items
        .expects
        .into_iter()
        .filter_map(|(expect, _)| expect)
        .collect();
    let given_facts = givens
        .iter()
        .flat_map(|at: &usize| &policy.givens[*at].facts);
    if !has_slips {
        // A fact that is wrong may be what names them.
        check_names(&expects, given_facts.chain(&items.facts), policy, problems);
    }
    Case {
        title: written.title.text.clone(),
        givens,
        known_at: written.known_at.map(|day| day.date),
        without,
        facts: items.facts,
        presumptions: items.presumptions,
        expects,
        span: written.title.span,
    }
}

/// A name in an expectation that neither policy nor facts have is a slip.
fn check_names<'a>(
    expects: &[Expect],
    facts: impl Iterator<Item = &'a Fact>,
    policy: &Policy,
    problems: &mut Problems,
) {
    let mut known: BTreeSet<(TypeId, &Value)> = BTreeSet::new();
    for fact in facts {
        for (value, field) in fact.args.iter().zip(&policy.relation(fact.relation).fields) {
            if let Type::Entity(ty) = field.ty {
                known.insert((ty, value));
            }
        }
    }
    let named = &policy.named;
    for (ty, value, at) in expects
        .iter()
        .flat_map(|expect| asked_about(expect, policy))
    {
        let Value::Name(name) = value else { continue };
        let is_known = known.contains(&(ty, value))
            || named.get(&ty).is_some_and(|names| names.contains(value));
        if !is_known {
            let given = known.iter().filter(|(other, _)| *other == ty);
            let given = given.map(|(_, value)| *value);
            let of_policy = named.get(&ty).into_iter().flatten();
            let names = given.chain(of_policy).filter_map(|value| match value {
                Value::Name(name) => Some(&**name),
                _ => None,
            });
            let near = nearest(name, names);
            let ty = &policy.types.named(ty).name;
            problems.push(error::named_nowhere(ty, name, at, near));
        }
    }
}

/// The entities that an expectation names, in its atom and its conditions.
fn asked_about<'e>(expect: &'e Expect, policy: &Policy) -> Vec<(TypeId, &'e Value, Span)> {
    let entity = |ty: Type| match ty {
        Type::Entity(ty) => Some(ty),
        _ => None,
    };
    let mut asked = Vec::new();
    if let ExpectClaim::Query(query) = &expect.claim {
        let fields = &policy.relation(query.atom.relation).fields;
        for (term, field) in query.atom.args.iter().zip(fields) {
            if let (Term::Value(value), Some(ty)) = (term, entity(field.ty)) {
                asked.push((ty, value, query.atom.span));
            }
        }
    }
    for condition in &expect.conditions {
        let fields = &policy.relation(condition.relation).fields;
        for (value, field) in condition.args.iter().zip(fields) {
            asked.extend(entity(field.ty).map(|ty| (ty, value, condition.span)));
        }
    }
    asked
}

/// A fact as cases and data give it: of an event, an input or a judgement.
pub(super) fn fact(
    rule: &file::Rule,
    span: Span,
    policy: &Policy,
    names: &Names,
    problems: &mut Problems,
) -> Option<Fact> {
    if rule.body.is_some() || rule.on.is_some() {
        problems.push(error::rule_among_facts(rule.head.span));
        return None;
    }
    let (id, args) = terms::ground(policy, names, &rule.head, None, problems)?;
    let relation = policy.relation(id);
    let denied = rule.denied.is_some();
    let has_days =
        rule.days.from.is_some() || rule.days.through.is_some() || rule.days.until.is_some();
    if !may_be_given(relation, rule.head.span, rule.denied, has_days, problems) {
        return None;
    }
    let from = rule.days.from.map_or(FIRST_DAY, |day| day.date);
    let through = last_day(&rule.days, problems).map_or(LAST_DAY, |day| day.date);
    if through < from {
        problems.push(error::ends_before_start(
            rule.head.span,
            "the last day is the first day or a later one",
        ));
        return None;
    }
    Some(Fact {
        relation: id,
        args,
        days: relation.dated.then_some((from, through)),
        denied,
        place: Place::Span(span),
    })
}

fn expect(
    written: &file::Expect,
    span: Span,
    policy: &Policy,
    names: &Names,
    problems: &mut Problems,
) -> Option<Expect> {
    let before = problems.len();
    if matches!(written.claim, file::ExpectClaim::Never(_)) {
        let day = written.on.as_ref().map(|on| on.span);
        let clause = written.by.as_ref().map(|by| by.span);
        for at in day.into_iter().chain(clause) {
            problems.push(error::constraint_of_a_day(at));
        }
    }
    let claim = match &written.claim {
        file::ExpectClaim::Never(message) => match policy
            .constraints
            .iter()
            .position(|constraint| constraint.message == message.text)
        {
            Some(at) => Some(ExpectClaim::Never(at)),
            None => {
                let near = nearest(
                    &message.text,
                    policy
                        .constraints
                        .iter()
                        .map(|constraint| constraint.message.as_str()),
                );
                problems.push(error::unknown_name(
                    "constraint",
                    &message.text,
                    message.span,
                    near,
                    "write it: `never \"…\" if …`",
                ));
                None
            }
        },
        file::ExpectClaim::Atom(atom) => {
            query(policy, names, atom, written.on.as_ref(), problems).map(ExpectClaim::Query)
        }
    };
    let by = written.by.as_ref().and_then(|reference| {
        match names.clause(policy, &reference.text, None) {
            Ok(id) => Some(policy.clauses_under(id)),
            Err(near) => {
                let problem =
                    error::unknown_clause(&reference.text, reference.span, near.as_deref());
                problems.push(names.not_found(&reference.text, problem));
                None
            }
        }
    });
    let conditions: Vec<Condition> = written
        .conditions
        .iter()
        .filter_map(|written| condition(policy, names, written, None, problems))
        .collect();
    if let (Some(clauses), Some(ExpectClaim::Query(query)), Some(reference)) =
        (&by, &claim, &written.by)
        && !names.is_half_read(clauses)
    {
        check_by(written.status, clauses, query, policy, reference, problems);
    }
    (problems.len() == before).then_some(Expect {
        status: written.status,
        claim: claim?,
        by,
        conditions,
        span,
    })
}

/// `by C` names clauses that conclude the atom; for `suspended` and `exempt`, those that suspend or exempt.
fn check_by(
    status: file::ExpectStatus,
    clauses: &[ClauseId],
    query: &Query,
    policy: &Policy,
    reference: &file::ClauseRef,
    problems: &mut Problems,
) {
    let is_fine = match status {
        file::ExpectStatus::Suspended => policy
            .effects
            .iter()
            .any(|effect| clauses.contains(&effect.by)),
        file::ExpectStatus::Exempt => policy
            .exemptions
            .iter()
            .any(|exemption| clauses.contains(&exemption.home)),
        file::ExpectStatus::Holds | file::ExpectStatus::Absent | file::ExpectStatus::Open => {
            policy.stands_as_concluding(query.atom.relation, clauses)
        }
    };
    if !is_fine {
        let what = match status {
            file::ExpectStatus::Suspended => "a suspension".to_owned(),
            file::ExpectStatus::Exempt => "an exemption".to_owned(),
            _ => format!("`{}`", policy.relation(query.atom.relation).name),
        };
        problems.push(error::concludes_nothing(
            &reference.text,
            &what,
            reference.span,
        ));
    }
}

/// `[not] j(values)`
pub(super) fn condition(
    policy: &Policy,
    names: &Names,
    written: &file::Condition,
    inside: Option<NoticeId>,
    problems: &mut Problems,
) -> Option<Condition> {
    let (relation, args) = terms::ground(policy, names, &written.atom, inside, problems)?;
    let declared = policy.relation(relation);
    if declared.kind != Kind::Declared(RelationKind::Judgement) {
        problems.push(error::wrong_kind(
            &declared.name,
            "no judgement",
            "a condition here",
            written.atom.span,
            declared.span,
            "only judgements can be settled by `if`",
        ));
        return None;
    }
    Some(Condition {
        negated: written.negated,
        relation,
        args,
        span: written.atom.span,
    })
}

/// An atom asked about, with variables.
pub(super) fn query(
    policy: &Policy,
    names: &Names,
    atom: &file::Atom,
    on: Option<&file::Expr>,
    problems: &mut Problems,
) -> Option<Query> {
    let before = problems.len();
    let fields = terms::fields(policy, names, atom, None, problems)?;
    let relation = policy.relation(fields.relation);
    let mut variables: Vec<Variable> = Vec::new();
    let mut args = Vec::new();
    for (field, value) in relation.fields.iter().zip(&fields.values) {
        args.push(match value {
            None => Term::Any,
            Some((expr, is_named)) => match &expr.kind {
                ExprKind::Any if *is_named && field.missing != Missing::Never => Term::Present,
                ExprKind::Any => Term::Any,
                ExprKind::Variable(name) => {
                    let member = terms::member_meant(&policy.types, name, Some(field.ty));
                    if let Some(member) = member {
                        problems.push(error::variable_like_a_member(name, member, expr.span));
                    }
                    let at = variables
                        .iter()
                        .position(|variable| variable.name == *name)
                        .unwrap_or_else(|| {
                            variables.push(Variable {
                                name: name.clone(),
                                ty: field.ty,
                                span: expr.span,
                            });
                            variables.len() - 1
                        });
                    Term::Variable(VariableId(at as u32))
                }
                _ => match literal_value(policy, names, expr, field.ty) {
                    Ok(value) => Term::Value(value),
                    Err(problem) => {
                        problems.push(problem);
                        Term::Any
                    }
                },
            },
        });
    }
    let on = on.and_then(|on| {
        day(
            on,
            &relation.name,
            relation.standing,
            policy,
            names,
            problems,
        )
    });
    (problems.len() == before).then_some(Query {
        atom: Atom {
            relation: fields.relation,
            args,
            span: atom.span,
        },
        variables,
        on,
    })
}

fn day(
    on: &file::Expr,
    relation: &str,
    standing: bool,
    policy: &Policy,
    names: &Names,
    problems: &mut Problems,
) -> Option<Date> {
    if !standing {
        problems.push(error::needless_day(relation, on.span));
        return None;
    }
    match literal_value(policy, names, on, Type::Date) {
        Ok(Value::Date(date)) => Some(date),
        Ok(_) => None,
        Err(problem) => {
            problems.push(problem);
            None
        }
    }
}

/// See [`super::resolve_query`].
pub(super) fn resolve_query(
    policy: &Policy,
    atom: &file::Atom,
    on: Option<&file::Expr>,
) -> Result<Query, Diagnostics> {
    let names = Names::of(policy);
    let mut problems = Problems::default();
    query(policy, &names, atom, on, &mut problems).ok_or(Diagnostics { list: problems })
}

/// See [`super::resolve_facts`].
pub(super) fn resolve_facts(policy: &Policy, file: &file::File) -> (Vec<Fact>, Diagnostics) {
    let names = Names::of(policy);
    let mut problems = Problems::default();
    let mut facts = Vec::new();
    for item in &file.items {
        match &item.kind {
            ItemKind::Rule(rule) => {
                facts.extend(fact(rule, item.span, policy, &names, &mut problems))
            }
            _ => problems.push(error::policy_among_facts(item.span)),
        }
    }
    (facts, Diagnostics { list: problems })
}
