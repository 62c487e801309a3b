//! The statements with bodies: rules and facts, exemptions, constraints, presumptions.

use super::super::error;
use super::super::names::{Home, Names, Placed};
use super::super::policy::{
    Atom, Blocked, Constraint, Exempted, Exemption, ExemptionId, ExemptionTarget, Field, Kind,
    Literal, Missing, Policy, PolicyFact, Premise, Presumption, Relation, RelationId, RelationKind,
    Rule, RuleId, Term, Timing, VariableId,
};
use super::super::scope::Scope;
use super::super::terms;
use super::super::timing;
use super::super::{ClauseId, Problems};
use super::{Maker, Role, atom_variables, binding};
use crate::source::{Place, Span};
use crate::syntax::file::{self, ItemKind};
use crate::value::{Type, TypeId};
use std::collections::BTreeSet;

/// All rules, facts, exemptions (without what they block), constraints and presumptions of the policy.
pub(in super::super) fn statements(
    statements: &[Placed<'_>],
    policy: &mut Policy,
    names: &Names,
    problems: &mut Problems,
) {
    announce_exemptions(statements, policy, names, problems);
    let announced = policy.exemptions.clone();
    for placed in statements {
        match placed.kind {
            ItemKind::Rule(rule) => self::rule(rule, placed, policy, names, &announced, problems),
            ItemKind::Never(never) => {
                self::never(never, placed, policy, names, &announced, problems)
            }
            ItemKind::Presumption(_) if placed.home.notice.is_some() => {
                problems.push(error::presumption_in_notice(placed.span));
            }
            ItemKind::Presumption(written) => {
                let made = presumption(written, placed.home, placed.span, policy, names, problems);
                policy.presumptions.extend(made);
            }
            ItemKind::Exemption(_)
            | ItemKind::Type(_)
            | ItemKind::Unit(_)
            | ItemKind::Relation(_)
            | ItemKind::Table(_)
            | ItemKind::Notice(_)
            | ItemKind::Given(_)
            | ItemKind::Case(_)
            | ItemKind::Feed(_) => {}
        }
    }
    // What an exemption is about may only be told by the rules of the clauses from which it exempts.
    let mut exemption = 0;
    for placed in statements {
        if let ItemKind::Exemption(written) = placed.kind
            && announced
                .get(exemption)
                .is_some_and(|announced| announced.span == placed.span)
        {
            fill_exemption(
                exemption, written, placed, policy, names, &announced, problems,
            );
            exemption += 1;
        }
    }
}

/// Gives every exemption its place, with home and target: bodies that say `exempted` must know them.
fn announce_exemptions(
    statements: &[Placed<'_>],
    policy: &mut Policy,
    names: &Names,
    problems: &mut Problems,
) {
    let mut announced = Vec::new();
    for placed in statements {
        let ItemKind::Exemption(written) = placed.kind else {
            continue;
        };
        let Some(home) = placed.home.clause else {
            problems.push(error::exemption_outside(placed.span));
            continue;
        };
        let target = match &written.target {
            file::ExemptionTarget::Event(_) => ExemptionTarget::Event(Term::Any, TypeId(0)),
            file::ExemptionTarget::Head(atom) => {
                let mut silent = Problems::default();
                let relation = terms::relation(
                    policy,
                    names,
                    &atom.relation,
                    atom.notice.as_ref(),
                    placed.home.notice,
                    &mut silent,
                );
                let Some(relation) = relation else {
                    problems.append(&mut silent);
                    continue;
                };
                ExemptionTarget::Head(Atom {
                    relation,
                    args: Vec::new(),
                    span: atom.span,
                })
            }
        };
        announced.push(Exemption {
            target,
            from: Vec::new(),
            body: Vec::new(),
            variables: Vec::new(),
            home,
            blocks: Vec::new(),
            doc: placed.doc.to_owned(),
            span: placed.span,
        });
    }
    policy.exemptions = announced;
}

fn rule(
    rule: &file::Rule,
    placed: &Placed<'_>,
    policy: &mut Policy,
    names: &Names,
    announced: &[Exemption],
    problems: &mut Problems,
) {
    let before = problems.len();
    if let Some(span) = rule.denied {
        problems.push(error::denied_conclusion(span));
    }
    if rule.days.from.is_some() || rule.days.through.is_some() || rule.days.until.is_some() {
        problems.push(error::rule_with_days(rule.head.span));
    }
    match &rule.body {
        None => fact(rule, placed, policy, names, problems),
        Some(body) => {
            if let Some(made) = with_body(rule, body, placed, policy, names, announced, problems) {
                check_head(policy, made.head.relation, rule.head.span, problems);
                if problems[before..].iter().all(|problem| !problem.is_error()) {
                    policy.rules.push(made);
                }
            }
        }
    }
}

/// Only relations and verdicts are concluded; events, inputs and judgements are given.
fn check_head(policy: &Policy, id: RelationId, at: Span, problems: &mut Problems) {
    let relation = policy.relation(id);
    let kind = match relation.kind {
        Kind::Declared(RelationKind::Relation | RelationKind::Verdict) => return,
        Kind::Declared(RelationKind::Event) => "an event",
        Kind::Declared(RelationKind::Input) => "an input",
        Kind::Declared(RelationKind::Judgement) => "a judgement",
        Kind::Names(_) | Kind::Constraint(_) => "a type",
    };
    let help = match relation.kind {
        Kind::Names(_) => "every name that stands where a value of this type belongs is one",
        Kind::Declared(_) | Kind::Constraint(_) => {
            "cases and facts give it; declare it `relation` or `verdict` if the policy concludes it"
        }
    };
    problems.push(error::wrong_kind(
        &relation.name,
        kind,
        "concluded by the policy",
        at,
        relation.span,
        help,
    ));
}

fn fact(
    rule: &file::Rule,
    placed: &Placed<'_>,
    policy: &mut Policy,
    names: &Names,
    problems: &mut Problems,
) {
    if let Some(on) = &rule.on {
        problems.push(error::fact_on_a_day(on.span));
    }
    let Some((relation, args)) =
        terms::ground(policy, names, &rule.head, placed.home.notice, problems)
    else {
        return;
    };
    let before = problems.len();
    check_head(policy, relation, rule.head.span, problems);
    if problems.len() == before {
        policy.facts.push(PolicyFact {
            relation,
            args,
            home: placed.home.clause,
            place: Place::Span(placed.span),
        });
    }
}

fn with_body(
    rule: &file::Rule,
    body: &file::Body,
    placed: &Placed<'_>,
    policy: &Policy,
    names: &Names,
    announced: &[Exemption],
    problems: &mut Problems,
) -> Option<Rule> {
    let scope = Scope::new([&rule.head].into_iter(), rule.on.iter(), [body].into_iter());
    let mut maker = Maker::new(policy, names, announced, placed.home, scope);
    maker.learn(Some(&rule.head), body);
    let mut literals = maker.body(body, Role::Body);
    let head = maker.atom(&rule.head, Role::Head);
    let on = rule.on.as_ref().map(|on| maker.day(on));
    literals.append(&mut maker.before);
    let made = head.map(|head| {
        let day = on.clone().flatten();
        let mut needed: BTreeSet<VariableId> = atom_variables(&head).collect();
        needed.extend(day.iter().filter_map(|term| {
            if let Term::Variable(id) = term {
                Some(*id)
            } else {
                None
            }
        }));
        let mut bound = BTreeSet::new();
        let body = binding::settle(literals, policy, &needed, &mut bound);
        let mut reported = BTreeSet::new();
        binding::check(
            &body,
            policy,
            &maker.scope,
            &bound,
            &mut reported,
            &mut maker.problems,
        );
        binding::need(
            needed.into_iter(),
            &bound,
            "conclusion",
            rule.head.span,
            &maker.scope,
            &mut reported,
            &mut maker.problems,
        );
        let timing = day.map_or(Timing::Timeless, Timing::On);
        Rule {
            head,
            body,
            variables: maker.finish(),
            home: placed.home.clause,
            timing,
            doc: placed.doc.to_owned(),
            span: placed.span,
        }
    });
    let is_fine = maker.problems.iter().all(|problem| !problem.is_error()) && on != Some(None);
    problems.append(&mut maker.problems);
    made.filter(|_| is_fine)
}

fn fill_exemption(
    at: usize,
    written: &file::Exemption,
    placed: &Placed<'_>,
    policy: &mut Policy,
    names: &Names,
    announced: &[Exemption],
    problems: &mut Problems,
) {
    let (atom, event) = match &written.target {
        file::ExemptionTarget::Head(atom) => (Some(atom), None),
        file::ExemptionTarget::Event(event) => (None, Some(event)),
    };
    let empty = file::Body::new();
    let body = written.body.as_ref().unwrap_or(&empty);
    let mut from: Vec<ClauseId> = Vec::new();
    let (target, literals, variables) = {
        let policy = &*policy;
        let scope = Scope::new(atom.into_iter(), event.into_iter(), [body].into_iter());
        let mut maker = Maker::new(policy, names, announced, placed.home, scope);
        maker.learn(atom, body);
        for reference in &written.from {
            from.extend(maker.clauses(reference).unwrap_or_default());
        }
        let mut literals = maker.body(body, Role::Body);
        let target = match (atom, event) {
            (Some(atom), _) => maker.atom(atom, Role::Pattern).map(ExemptionTarget::Head),
            (
                None,
                Some(file::Expr {
                    kind: file::ExprKind::Variable(name),
                    span,
                }),
            ) => event_target(&mut maker, name, *span, &from),
            (None, _) => None,
        };
        literals.append(&mut maker.before);
        let mut bound: BTreeSet<VariableId> = match &target {
            Some(ExemptionTarget::Head(pattern)) => atom_variables(pattern).collect(),
            Some(ExemptionTarget::Event(Term::Variable(id), _)) => BTreeSet::from([*id]),
            _ => BTreeSet::new(),
        };
        let outer = bound.clone();
        let literals = binding::settle(literals, policy, &outer, &mut bound);
        binding::check(
            &literals,
            policy,
            &maker.scope,
            &bound,
            &mut BTreeSet::new(),
            &mut maker.problems,
        );
        if let Some(ExemptionTarget::Event(Term::Variable(id), _)) = &target {
            maker.scope.slot(*id).uses += 1;
        }
        let variables = maker.finish();
        problems.append(&mut maker.problems);
        (target, literals, variables)
    };
    let exemption = &mut policy.exemptions[at];
    from.sort();
    from.dedup();
    (exemption.from, exemption.body, exemption.variables) = (from, literals, variables);
    if let Some(target) = target {
        exemption.target = target;
    }
}

/// The type of `T` in `exempt T from …`: what the body says, or else the one type of the events that the rules of these clauses
/// are about, or else the one type of events there is.
fn event_target(
    maker: &mut Maker<'_>,
    name: &str,
    span: Span,
    from: &[ClauseId],
) -> Option<ExemptionTarget> {
    let id = maker.used(name, span);
    let events: BTreeSet<_> = maker.policy.event_types();
    let known = match maker.scope.slot(id).ty {
        Some(Type::Entity(ty)) if events.contains(&ty) => Some(ty),
        Some(_) => None,
        None => one_type_in(maker.policy, from).or(match events.len() {
            1 => events.first().copied(),
            _ => None,
        }),
    };
    match known {
        Some(ty) => {
            maker.note_type(id, Type::Entity(ty), span);
            Some(ExemptionTarget::Event(Term::Variable(id), ty))
        }
        None => {
            maker.problems.push(error::which_event(name, span));
            None
        }
    }
}

/// The one type of the events that the rules in these clauses are about.
fn one_type_in(policy: &Policy, clauses: &[ClauseId]) -> Option<TypeId> {
    let rules = policy.rules.iter();
    let rules = rules.filter(|rule| rule.home.is_some_and(|home| clauses.contains(&home)));
    let mut types: BTreeSet<TypeId> = rules
        .flat_map(|rule| timing::events_named(rule, policy))
        .map(|(_, ty)| ty)
        .collect();
    let first = types.pop_first();
    first.filter(|_| types.is_empty())
}

/// `never`: a rule whose head is a relation of its own, with a field for each variable that the body binds.
fn never(
    never: &file::Never,
    placed: &Placed<'_>,
    policy: &mut Policy,
    names: &Names,
    announced: &[Exemption],
    problems: &mut Problems,
) {
    let number = policy.constraints.len();
    let made = {
        let policy = &*policy;
        let scope = Scope::new([].into_iter(), [].into_iter(), [&never.body].into_iter());
        let mut maker = Maker::new(policy, names, announced, placed.home, scope);
        maker.learn(None, &never.body);
        let literals = maker.body(&never.body, Role::Body);
        let mut bound = BTreeSet::new();
        let body = binding::settle(literals, policy, &BTreeSet::new(), &mut bound);
        binding::check(
            &body,
            policy,
            &maker.scope,
            &bound,
            &mut BTreeSet::new(),
            &mut maker.problems,
        );
        // Each answer tells the values of all variables: that is a use of them.
        for slot in &mut maker.scope.slots {
            slot.uses += 1;
        }
        let variables = maker.finish();
        let is_fine = maker.problems.iter().all(|problem| !problem.is_error());
        problems.append(&mut maker.problems);
        is_fine.then(|| {
            let bound: Vec<VariableId> = bound
                .into_iter()
                .filter(|id| !maker.scope.slots[id.at()].in_braces)
                .collect();
            (body, variables, bound)
        })
    };
    let Some((body, variables, bound)) = made else {
        return;
    };
    let relation = RelationId(policy.relations.len() as u32);
    let fields = bound.iter().map(|id| {
        let variable = &variables[id.at()];
        Field {
            name: variable.name.clone(),
            ty: variable.ty,
            missing: Missing::Never,
            span: None,
        }
    });
    policy.relations.push(Relation {
        name: format!("never {}", number + 1),
        kind: Kind::Constraint(number),
        fields: fields.collect(),
        key: None,
        dated: false,
        on: None,
        standing: false,
        reads: None,
        doc: placed.doc.to_owned(),
        span: Some(never.message.span),
    });
    let head = Atom {
        relation,
        args: bound.into_iter().map(Term::Variable).collect(),
        span: never.message.span,
    };
    let rule = RuleId(policy.rules.len() as u32);
    policy.rules.push(Rule {
        head,
        body,
        variables,
        home: placed.home.clause,
        timing: Timing::Timeless,
        doc: placed.doc.to_owned(),
        span: placed.span,
    });
    policy.constraints.push(Constraint {
        message: never.message.text.clone(),
        data: never.data,
        rule,
    });
}

/// `presume [not] J [if BODY]`
pub(in super::super) fn presumption(
    written: &file::Presumption,
    home: Home,
    span: Span,
    policy: &Policy,
    names: &Names,
    problems: &mut Problems,
) -> Option<Presumption> {
    let empty = file::Body::new();
    let body = written.body.as_ref().unwrap_or(&empty);
    let scope = Scope::new(
        [&written.atom].into_iter(),
        [].into_iter(),
        [body].into_iter(),
    );
    let mut maker = Maker::new(policy, names, &[], home, scope);
    maker.learn(Some(&written.atom), body);
    let mut literals = maker.body(body, Role::Body);
    let head = maker.atom(&written.atom, Role::Pattern);
    literals.append(&mut maker.before);
    let made = head.map(|head| {
        let needed: BTreeSet<VariableId> = atom_variables(&head).collect();
        let mut bound = BTreeSet::new();
        let body = binding::settle(literals, policy, &needed, &mut bound);
        binding::check(
            &body,
            policy,
            &maker.scope,
            &bound,
            &mut BTreeSet::new(),
            &mut maker.problems,
        );
        let relation = policy.relation(head.relation);
        if !matches!(
            relation.kind,
            Kind::Declared(RelationKind::Judgement | RelationKind::Input | RelationKind::Event)
        ) {
            maker.problems.push(error::wrong_kind(
                &relation.name,
                "no judgement",
                "presumed",
                head.span,
                relation.span,
                "presume a judgement, or an input or event with a field `or unknown`",
            ));
        } else if written.denied && relation.kind != Kind::Declared(RelationKind::Judgement) {
            maker.problems.push(error::wrong_kind(
                &relation.name,
                "no judgement",
                "presumed not to be so",
                head.span,
                relation.span,
                "presume the value that the field has",
            ));
        }
        let rule = Rule {
            head,
            body,
            variables: maker.finish(),
            home: home.clause,
            timing: Timing::Timeless,
            doc: String::new(),
            span,
        };
        Presumption {
            denied: written.denied,
            rule,
        }
    });
    let is_fine = maker.problems.iter().all(|problem| !problem.is_error());
    problems.append(&mut maker.problems);
    made.filter(|_| is_fine)
}

/// `by C` in a body: something in those clauses must conclude the atom.
pub(in super::super) fn clause_references(policy: &Policy, names: &Names, problems: &mut Problems) {
    let rules = policy.rules.iter();
    let presumptions = policy.presumptions.iter();
    let rules = rules.chain(presumptions.map(|presumption| &presumption.rule));
    let exemptions = policy.exemptions.iter();
    let exemptions = exemptions.map(|exemption| &exemption.body);
    for body in rules.map(|rule| &rule.body).chain(exemptions) {
        check_references(body, policy, names, problems);
    }
}

fn check_references(body: &[Literal], policy: &Policy, names: &Names, problems: &mut Problems) {
    for literal in body {
        match literal {
            Literal::Holds(premise) | Literal::Absent(premise) => {
                check_reference(premise, policy, names, problems)
            }
            Literal::Aggregate(aggregate) => {
                check_references(&aggregate.body, policy, names, problems)
            }
            Literal::Or(branches, _) => branches
                .iter()
                .for_each(|branch| check_references(branch, policy, names, problems)),
            Literal::Exempted(exempted) => check_exempted(exempted, policy, names, problems),
            Literal::Compare(_) | Literal::Bind(_) | Literal::Test(_) => {}
        }
    }
}

/// `exempted A by C`: an exemption in those clauses must be able to block `A`; one that only keeps another exemption from
/// applying does not.
fn check_exempted(exempted: &Exempted, policy: &Policy, names: &Names, problems: &mut Problems) {
    let relation = exempted.atom.relation;
    let can_block = |id: &ExemptionId| {
        let exemption = policy.exemption(*id);
        let concludes = |blocked: &Blocked| match blocked {
            Blocked::Rule(rule) => policy.rule(*rule).head.relation == relation,
            Blocked::Facts(listed, _) => *listed == relation,
            Blocked::Exemption(_) => false,
        };
        names.is_half_read(&exemption.from)
            || exemption.blocks.iter().any(concludes)
            || policy.stands_as_concluding(relation, &exemption.from)
    };
    if !exempted.by.iter().any(can_block) {
        let relation = &policy.relation(relation).name;
        problems.push(error::exempts_nothing(relation, exempted.span));
    }
}

fn check_reference(premise: &Premise, policy: &Policy, names: &Names, problems: &mut Problems) {
    let Some(clauses) = &premise.by else { return };
    if names.is_half_read(clauses) || policy.stands_as_concluding(premise.atom.relation, clauses) {
        return;
    }
    let is_under = |clause: &ClauseId| {
        let parent = policy.clause(*clause).parent;
        parent.is_some_and(|parent| clauses.contains(&parent))
    };
    let named = clauses.iter().find(|clause| !is_under(clause));
    let named = named.map_or(String::new(), |clause| policy.citation(*clause));
    let relation = format!("`{}`", policy.relation(premise.atom.relation).name);
    problems.push(error::concludes_nothing(&named, &relation, premise.span));
}
