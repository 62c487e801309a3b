//! What each statement of a policy means, in words that do not say where it stands.

use super::pieces::Home;
use crate::ir::{
    ClauseDay, ClauseId, Column, Constraint, Effect, EffectKind, Feed, FeedLine, FeedValue, Field,
    Kind, Missing, Policy, PolicyFact, ReadAs, RelationKind, Rule,
};
use crate::proof::{exemption_meanings, rule_meanings};
use crate::session::Session;
use crate::source::{Place, Span};
use crate::syntax::file::{ItemKind, Table, TableRows};
use crate::value::{LAST_DAY, TypeKind};
use std::collections::{BTreeMap, BTreeSet};

/// What one statement says: several things where it could as well be several statements. Each counts once.
pub(super) type Meaning = BTreeSet<String>;

/// What each statement means, by its place.
pub(super) struct Meanings {
    by_span: BTreeMap<Span, Meaning>,
}

impl Meanings {
    pub(super) fn of(session: &Session) -> Meanings {
        let policy = &session.policy;
        let mut by_span = BTreeMap::new();
        for rule in &policy.rules {
            by_span.insert(rule.span, rule_meanings(policy, rule));
        }
        for constraint in &policy.constraints {
            let span = policy.rule(constraint.rule).span;
            by_span.insert(span, never_meaning(policy, constraint));
        }
        for presumption in &policy.presumptions {
            let not = if presumption.denied { "not " } else { "" };
            let meanings = rule_meanings(policy, &presumption.rule).into_iter();
            let meanings = meanings.map(|meaning| format!("presume {not}{meaning}"));
            by_span.insert(presumption.rule.span, meanings.collect());
        }
        for exemption in &policy.exemptions {
            by_span.insert(exemption.span, exemption_meanings(policy, exemption));
        }
        for fact in &policy.facts {
            if let Place::Span(span) = fact.place {
                by_span.insert(span, one(fact_meaning(session, fact)));
            }
        }
        for effect in &policy.effects {
            by_span.insert(effect.span, effect_meaning(session, effect));
        }
        for feed in &policy.feeds {
            for line in &feed.lines {
                by_span.insert(line.span, one(line_meaning(policy, feed, line)));
            }
        }
        Meanings { by_span }
    }

    /// Empty where nothing is known but the words.
    pub(super) fn of_span(&self, span: Span) -> Meaning {
        self.by_span.get(&span).cloned().unwrap_or_default()
    }
}

pub(super) fn one(meaning: String) -> Meaning {
    Meaning::from([meaning])
}

/// The rows of a table that stands in a file.
pub(super) fn of_file_table(session: &Session, table: &Table) -> Meaning {
    let TableRows::File(path) = &table.rows else {
        return Meaning::new();
    };
    let Some((read, relation)) = session.policy.beside.get(&path.span) else {
        return Meaning::new();
    };
    let is_of_file = |fact: &&PolicyFact| {
        fact.relation == *relation
            && matches!(fact.place, Place::Record { file, .. } if file == *read)
    };
    let facts = session.policy.facts.iter().filter(is_of_file);
    facts.map(|fact| fact_meaning(session, fact)).collect()
}

pub(super) fn cited(policy: &Policy, clauses: Vec<ClauseId>) -> Vec<String> {
    let clauses = clauses.into_iter();
    clauses.map(|clause| policy.citation(clause)).collect()
}

fn never_meaning(policy: &Policy, constraint: &Constraint) -> Meaning {
    let rule = policy.rule(constraint.rule);
    // Its head has a field for each variable, in the order written.
    let bare = Rule {
        head: crate::ir::Atom {
            args: Vec::new(),
            ..rule.head.clone()
        },
        ..rule.clone()
    };
    let data = if constraint.data { "data " } else { "" };
    // Its place among the others is no part of what it says.
    let name = &policy.relation(rule.head.relation).name;
    let meanings = rule_meanings(policy, &bare).into_iter();
    let meanings = meanings.map(|meaning| format!("never {data}{}", meaning.replacen(name, "", 1)));
    meanings.collect()
}

fn effect_meaning(session: &Session, effect: &Effect) -> Meaning {
    let context = session.context();
    let targets = effect.targets.iter().copied().collect();
    let targets = cited(&session.policy, crate::report::topmost(context, &targets));
    let stretches = effect.stretches.iter().map(|stretch| {
        let condition = stretch.condition.as_ref().map(|condition| {
            let not = if condition.negated { "not " } else { "" };
            let atom = context.atom(condition.relation, &condition.args);
            format!(" if {not}{atom}")
        });
        let days = context.stretch(stretch.from, stretch.through.unwrap_or(LAST_DAY));
        days + &condition.unwrap_or_default()
    });
    let stretches: BTreeSet<String> = stretches.collect();
    let verb = context.verb(effect.kind);
    match effect.kind {
        // Each clause for itself, and each stretch.
        EffectKind::Suspends | EffectKind::Repeals => {
            let each = targets.iter().flat_map(|target| {
                let stretches = stretches.iter();
                stretches.map(move |stretch| format!("{verb} {target} {stretch}"))
            });
            each.collect()
        }
        // Together they are what is replaced.
        EffectKind::Replaces => {
            let stretches: Vec<String> = stretches.into_iter().collect();
            one(format!(
                "{verb} {} {}",
                targets.join(", "),
                stretches.join(", ")
            ))
        }
    }
}

fn fact_meaning(session: &Session, fact: &PolicyFact) -> String {
    session.context().atom(fact.relation, &fact.args)
}

fn line_meaning(policy: &Policy, feed: &Feed, line: &FeedLine) -> String {
    let relation = policy.relation(line.relation);
    let column = |column: &Column| {
        let read_as = match &column.read_as {
            ReadAs::Plain => String::new(),
            ReadAs::Days(pattern) => format!(" as {pattern:?}"),
            ReadAs::Numbers(measure) => format!(" in {}", policy.types.measure_name(*measure)),
        };
        format!("{:?}{read_as}", feed.headings[column.heading].text)
    };
    let values = relation.fields.iter().zip(&line.values);
    let values = values.map(|(field, value)| match value {
        FeedValue::Constant(value) => policy.types.literal(value, field.ty),
        FeedValue::Column(it) => column(it),
    });
    let values: Vec<String> = values.collect();
    let day = |value: &FeedValue| match value {
        FeedValue::Constant(value) => format!("{value:?}"),
        FeedValue::Column(it) => column(it),
    };
    let conditions = line.conditions.iter().map(|condition| {
        let sign = if condition.negated { "!=" } else { "=" };
        let heading = &feed.headings[condition.heading].text;
        format!("{heading:?} {sign} {:?}", condition.cell)
    });
    let conditions: BTreeSet<String> = conditions.collect();
    let conditions: Vec<String> = conditions.into_iter().collect();
    format!(
        "{}{}({}) from {} {} {} if {}",
        if line.denied { "not " } else { "" },
        relation.name,
        values.join(", "),
        day(&line.from),
        if line.is_until { "until" } else { "through" },
        day(&line.through),
        conditions.join(", ")
    )
}

/// The first and last day of a notice or clause, its own or from above, each with the clause that is cited for it.
pub(super) fn clause_days(policy: &Policy, home: &Home) -> Option<String> {
    let (notice, clause) = match home {
        Home::Top => return None,
        Home::Notice(notice) => (notice, ""),
        Home::Clause(notice, clause) => (notice, clause.as_str()),
    };
    let mut clauses = policy.clauses.iter();
    let clause = clauses.find(|it| it.id == clause && policy.notice(it.notice).id == *notice)?;
    let told = |day: &ClauseDay| {
        let by = day.set_by.map(|by| policy.citation(by));
        format!("{} {}", day.date, by.unwrap_or_default())
    };
    Some(format!(
        "{} {:?}",
        told(&clause.from),
        clause.through.as_ref().map(told)
    ))
}

/// What a declaration says, but for words that mean nothing to a rule (`reads`, comments); nothing where only its words say it.
pub(super) fn declared(policy: &Policy, kind: &ItemKind, name: &str, local: &str) -> String {
    match kind {
        ItemKind::Type(_) => type_meaning(policy, name),
        ItemKind::Unit(_) => String::new(),
        _ => relation_meaning(policy, local),
    }
}

fn type_meaning(policy: &Policy, name: &str) -> String {
    let mut named = policy.types.named.iter();
    let Some(named) = named.find(|named| named.name == name) else {
        return String::new();
    };
    match &named.kind {
        TypeKind::Entity => format!("type {name}"),
        TypeKind::Set { ordered, members } => {
            let members = members.iter();
            let members = members.map(|member| {
                // Each is known by all its names, in whichever column they stand.
                let others: BTreeSet<String> = member.others.iter().cloned().collect();
                let names = std::iter::once(member.name.clone()).chain(others);
                names.collect::<Vec<_>>().join("/")
            });
            let sign = if *ordered { " < " } else { " | " };
            let mut members: Vec<String> = members.collect();
            if !ordered {
                members.sort();
            }
            format!("type {name} = {}", members.join(sign))
        }
    }
}

fn relation_meaning(policy: &Policy, name: &str) -> String {
    let mut relations = policy.relations.iter();
    let Some(relation) = relations.find(|relation| relation.name == name) else {
        return String::new();
    };
    let kind = match relation.kind {
        Kind::Declared(RelationKind::Event) => "event",
        Kind::Declared(RelationKind::Input) => "input",
        Kind::Declared(RelationKind::Judgement) => "judgement",
        Kind::Declared(RelationKind::Relation) => "relation",
        Kind::Declared(RelationKind::Verdict) => "verdict",
        Kind::Names(_) | Kind::Constraint(_) => "",
    };
    let fields = relation
        .fields
        .iter()
        .map(|field| field_meaning(policy, field));
    let fields: Vec<String> = fields.collect();
    format!(
        "{kind} {name}({}) key {:?} dated {} on {:?}",
        fields.join(", "),
        relation.key,
        relation.dated,
        relation.on
    )
}

fn field_meaning(policy: &Policy, field: &Field) -> String {
    let missing = match field.missing {
        Missing::Never => "",
        Missing::None => " or none",
        Missing::Unknown => " or unknown",
    };
    format!(
        "{}: {}{missing}",
        field.name,
        policy.types.name_of(field.ty)
    )
}
