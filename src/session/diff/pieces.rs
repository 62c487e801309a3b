//! A policy taken apart into what a reader of a change looks at: the statements, days, effects and declarations, each with
//! where it stands by name. So two policies can be laid side by side, whatever file and line things stand in.

use crate::ir::{
    ClauseId, EffectKind, Field, Kind, Missing, Policy, PolicyFact, RelationKind, Rule,
};
use crate::proof::{exemption_meaning, rule_meaning};
use crate::session::Session;
use crate::source::{FileId, Place, Span};
use crate::syntax::File;
use crate::syntax::file::{
    ExemptionTarget, Item, ItemKind, Notice, Part, PartKind, StatedDays, TableRows,
};
use crate::value::TypeKind;
use std::collections::{BTreeMap, BTreeSet};

/// Where something stands, by name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Home {
    /// Outside notices.
    Top,
    /// In a notice, outside its clauses.
    Notice(String),
    /// In a clause of a notice.
    Clause(String, String),
}

/// What a piece is about: the pieces of one slot in one home are compared with each other.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Slot {
    /// `type`, `unit`, `event`, `input` …: the name declared.
    Declaration(String),
    /// `published`
    Published,
    /// First and last day.
    Days,
    /// What it suspends, repeals, replaces.
    Effect(&'static str),
    /// Rules and facts: the relation concluded.
    Rule(String),
    /// Exemptions: what is exempted.
    Exemption(String),
    /// `never`: its message.
    Never(String),
    /// `presume`: of what.
    Presumption(String),
    /// The rows of tables: of which relation.
    Rows(String),
}

/// The words of a piece, to be put into another policy.
#[derive(Clone, Debug)]
pub(super) enum Ast {
    /// A statement, inside or outside a notice.
    Statement(Item),
    /// A line of a notice or clause.
    Part(Part),
    /// Days behind a heading.
    Inline(StatedDays),
}

/// One statement, or a row, or all that a clause says about its days.
#[derive(Clone, Debug)]
pub(super) struct Piece {
    pub(super) home: Home,
    pub(super) slot: Slot,
    /// Its words, without comments and blanks.
    pub(super) bare: String,
    /// What it means; pieces that mean the same are the same.
    pub(super) meaning: String,
    /// Where its words stand: of days, one place for each.
    pub(super) spans: Vec<Span>,
    pub(super) ast: Vec<Ast>,
}

impl Piece {
    /// The file that has its rows, where it is a table with rows in a file.
    pub(super) fn rows_of_file(&self) -> Option<&str> {
        let [Ast::Statement(item)] = self.ast.as_slice() else {
            return None;
        };
        match &item.kind {
            ItemKind::Table(table) => match &table.rows {
                TableRows::File(path) => Some(&path.text),
                TableRows::Here(_) => None,
            },
            _ => None,
        }
    }
}

/// A policy in pieces.
#[derive(Clone, Debug, Default)]
pub(super) struct Pieces {
    pub(super) list: Vec<Piece>,
    /// Every notice: its statement.
    pub(super) notices: BTreeMap<String, Item>,
    /// Every clause as written: notice and id to its part.
    pub(super) clauses: BTreeMap<(String, String), Part>,
}

/// Takes a policy apart; cases, `given` blocks and feeds are no part of what it says.
pub(super) fn pieces(session: &Session, files: &[(FileId, File)]) -> Pieces {
    let meanings = Meanings::of(session);
    let mut taker = Taker {
        session,
        meanings,
        pieces: Pieces::default(),
    };
    for item in files.iter().flat_map(|(_, file)| &file.items) {
        match &item.kind {
            ItemKind::Notice(notice) => taker.notice(notice, item),
            ItemKind::Given(_) | ItemKind::Case(_) | ItemKind::Feed(_) => {}
            kind => taker.statement(&Home::Top, kind, &item.doc, item.span),
        }
    }
    taker.pieces
}

struct Taker<'s> {
    session: &'s Session,
    meanings: Meanings,
    pieces: Pieces,
}

impl Taker<'_> {
    fn notice(&mut self, notice: &Notice, item: &Item) {
        let home = Home::Notice(notice.id.text.clone());
        self.days(&home, &notice.days, &notice.parts);
        self.parts(&notice.id.text, &home, &notice.parts);
        self.pieces
            .notices
            .entry(notice.id.text.clone())
            .or_insert_with(|| item.clone());
    }

    fn parts(&mut self, notice: &str, home: &Home, parts: &[Part]) {
        for part in parts {
            match &part.kind {
                PartKind::Clause(clause) => {
                    let inner = Home::Clause(notice.to_owned(), clause.id.text.clone());
                    self.days(&inner, &clause.days, &clause.parts);
                    self.parts(notice, &inner, &clause.parts);
                    let key = (notice.to_owned(), clause.id.text.clone());
                    self.pieces
                        .clauses
                        .entry(key)
                        .or_insert_with(|| part.clone());
                }
                PartKind::Item(kind) => self.statement(home, kind, &part.doc, part.span),
                PartKind::Published(day) => {
                    let meaning = day.date.to_string();
                    self.part(home, Slot::Published, meaning, part);
                }
                PartKind::Effect(effect) => {
                    let meaning = self.meanings.of_span(part.span);
                    let slot = Slot::Effect(match effect.kind {
                        EffectKind::Suspends => "suspends",
                        EffectKind::Repeals => "repeals",
                        EffectKind::Replaces => "replaces",
                    });
                    self.part(home, slot, meaning, part);
                }
                // Its days are taken together; the others are words about it.
                PartKind::Days(_)
                | PartKind::Issuer(_)
                | PartKind::Reviewed(_)
                | PartKind::Source(..)
                | PartKind::Unverified(_) => {}
            }
        }
    }

    fn part(&mut self, home: &Home, slot: Slot, meaning: String, part: &Part) {
        let ast = vec![Ast::Part(part.clone())];
        self.add(home, slot, meaning, vec![part.span], ast);
    }

    /// All days that a notice or clause states, behind its heading or inside.
    fn days(&mut self, home: &Home, inline: &StatedDays, parts: &[Part]) {
        let stated = parts.iter().filter_map(|part| match &part.kind {
            PartKind::Days(days) => Some((days, part)),
            _ => None,
        });
        let stated: Vec<(&StatedDays, &Part)> = stated.collect();
        let mut told = BTreeSet::new();
        let mut spans = Vec::new();
        let mut ast = vec![Ast::Inline(inline.clone())];
        for days in std::iter::once(inline).chain(stated.iter().map(|(days, _)| *days)) {
            let by = days.by.as_ref();
            let by = by.map_or(String::new(), |by| format!(" by {}", by.text));
            let (from, through) = (days.days.from, days.days.through);
            let until = days.days.until.and_then(|day| day.date.yesterday().ok());
            told.extend(from.map(|day| format!("from {}{by}", day.date)));
            let last = through.map(|day| day.date).or(until);
            told.extend(last.map(|day| format!("through {day}{by}")));
        }
        for dated in [inline.days.from, inline.days.through, inline.days.until] {
            spans.extend(dated.map(|dated| dated.span));
        }
        for (_, part) in stated {
            spans.push(part.span);
            ast.push(Ast::Part(part.clone()));
        }
        let meaning = told.into_iter().collect::<Vec<_>>().join(", ");
        self.add(home, Slot::Days, meaning, spans, ast);
    }

    fn statement(&mut self, home: &Home, kind: &ItemKind, doc: &str, span: Span) {
        if let ItemKind::Table(table) = kind
            && let TableRows::Here(rows) = &table.rows
        {
            for row in rows {
                let slot = Slot::Rows(table.relation.text.clone());
                let meaning = self.meanings.of_span(row.span);
                let mut alone = table.clone();
                alone.rows = TableRows::Here(vec![row.clone()]);
                let alone = ItemKind::Table(alone);
                let ast = vec![Ast::Statement(item(alone, doc, span))];
                self.add(home, slot, meaning, vec![row.span], ast);
            }
            return;
        }
        let Some(slot) = slot(kind) else {
            return;
        };
        let meaning = match &slot {
            Slot::Declaration(name) => self.declared(home, kind, name),
            Slot::Rows(_) => self.meanings.of_file_table(self.session, kind),
            _ => self.meanings.of_span(span),
        };
        let ast = vec![Ast::Statement(item(kind.clone(), doc, span))];
        self.add(home, slot, meaning, vec![span], ast);
    }

    fn add(&mut self, home: &Home, slot: Slot, meaning: String, spans: Vec<Span>, ast: Vec<Ast>) {
        let words = spans.iter().map(|span| self.session.sources.words(*span));
        let bare = words.map(bare).collect::<Vec<_>>().join(" ");
        let meaning = match meaning.is_empty() {
            true => bare.clone(),
            false => meaning,
        };
        self.pieces.list.push(Piece {
            home: home.clone(),
            slot,
            bare,
            meaning,
            spans,
            ast,
        });
    }

    /// What a declaration says, but for words that mean nothing to a rule (`reads`, comments).
    fn declared(&self, home: &Home, kind: &ItemKind, name: &str) -> String {
        let policy = &self.session.policy;
        match kind {
            ItemKind::Type(_) => type_meaning(policy, name),
            ItemKind::Unit(_) => String::new(),
            _ => {
                let local = match home {
                    Home::Notice(notice) | Home::Clause(notice, _) => format!("{notice}.{name}"),
                    Home::Top => name.to_owned(),
                };
                relation_meaning(policy, &local)
            }
        }
    }
}

fn item(kind: ItemKind, doc: &str, span: Span) -> Item {
    let doc = doc.to_owned();
    Item { doc, kind, span }
}

fn slot(kind: &ItemKind) -> Option<Slot> {
    Some(match kind {
        ItemKind::Type(it) => Slot::Declaration(it.name.text.clone()),
        ItemKind::Unit(it) => Slot::Declaration(it.name.text.clone()),
        ItemKind::Relation(it) => Slot::Declaration(it.name.text.clone()),
        ItemKind::Rule(it) => Slot::Rule(it.head.relation.text.clone()),
        ItemKind::Exemption(it) => Slot::Exemption(match &it.target {
            ExemptionTarget::Head(atom) => atom.relation.text.clone(),
            ExemptionTarget::Event(_) => String::new(),
        }),
        ItemKind::Never(it) => Slot::Never(it.message.text.clone()),
        ItemKind::Presumption(it) => Slot::Presumption(it.atom.relation.text.clone()),
        ItemKind::Table(it) => Slot::Rows(it.relation.text.clone()),
        ItemKind::Notice(_) | ItemKind::Given(_) | ItemKind::Case(_) | ItemKind::Feed(_) => {
            return None;
        }
    })
}

/// What each statement means, by its place.
struct Meanings {
    by_span: BTreeMap<Span, String>,
}

impl Meanings {
    fn of(session: &Session) -> Meanings {
        let policy = &session.policy;
        let mut by_span = BTreeMap::new();
        for rule in &policy.rules {
            by_span.insert(rule.span, rule_meaning(policy, rule));
        }
        for constraint in &policy.constraints {
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
            let meaning = rule_meaning(policy, &bare).replacen(name, "", 1);
            let meaning = format!("never {data}{meaning}");
            by_span.insert(rule.span, meaning);
        }
        for presumption in &policy.presumptions {
            let not = if presumption.denied { "not " } else { "" };
            let meaning = rule_meaning(policy, &presumption.rule);
            by_span.insert(presumption.rule.span, format!("presume {not}{meaning}"));
        }
        for exemption in &policy.exemptions {
            by_span.insert(exemption.span, exemption_meaning(policy, exemption));
        }
        for fact in &policy.facts {
            if let Place::Span(span) = fact.place {
                by_span.insert(span, fact_meaning(session, fact));
            }
        }
        for effect in &policy.effects {
            let targets = effect.targets.iter().copied().collect();
            let targets = crate::report::topmost(session.context(), &targets);
            let stretches = effect.stretches.iter().map(|stretch| {
                let condition = stretch.condition.as_ref().map(|condition| {
                    let not = if condition.negated { "not " } else { "" };
                    let atom = session.context().atom(condition.relation, &condition.args);
                    format!(" if {not}{atom}")
                });
                let days = session.context().stretch(
                    stretch.from,
                    stretch.through.unwrap_or(crate::value::LAST_DAY),
                );
                days + &condition.unwrap_or_default()
            });
            let mut stretches: Vec<String> = stretches.collect();
            stretches.sort();
            let meaning = format!(
                "{} {} {}",
                session.context().verb(effect.kind),
                cited(policy, targets).join(", "),
                stretches.join(", ")
            );
            by_span.insert(effect.span, meaning);
        }
        Meanings { by_span }
    }

    /// Empty where nothing is known but the words.
    fn of_span(&self, span: Span) -> String {
        self.by_span.get(&span).cloned().unwrap_or_default()
    }

    /// The rows of a table that stands in a file.
    fn of_file_table(&self, session: &Session, kind: &ItemKind) -> String {
        let ItemKind::Table(table) = kind else {
            return String::new();
        };
        let TableRows::File(path) = &table.rows else {
            return String::new();
        };
        let is_of_file = |fact: &&PolicyFact| match fact.place {
            Place::Record { file, .. } => session.sources.file(file).name.ends_with(&path.text),
            Place::Span(_) | Place::Assumed => false,
        };
        let facts = session.policy.facts.iter().filter(is_of_file);
        let mut rows: Vec<String> = facts
            .filter(|fact| {
                session
                    .policy
                    .relation(fact.relation)
                    .name
                    .ends_with(&table.relation.text)
            })
            .map(|fact| fact_meaning(session, fact))
            .collect();
        rows.sort();
        rows.join("\n")
    }
}

pub(super) fn cited(policy: &Policy, clauses: Vec<ClauseId>) -> Vec<String> {
    let clauses = clauses.into_iter();
    clauses.map(|clause| policy.citation(clause)).collect()
}

fn fact_meaning(session: &Session, fact: &PolicyFact) -> String {
    session.context().atom(fact.relation, &fact.args)
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
                let mut names = vec![member.name.clone()];
                names.extend(member.others.iter().cloned());
                names.join("/")
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

/// Words without comments, and without blanks but those that keep two words apart.
pub(super) fn bare(words: &str) -> String {
    let mut out = String::with_capacity(words.len());
    let mut letters = words.chars().peekable();
    let mut is_apart = false;
    let is_word = |letter: char| letter.is_alphanumeric() || letter == '_' || letter == '"';
    while let Some(letter) = letters.next() {
        match letter {
            '#' => {
                while letters.next_if(|next| *next != '\n').is_some() {}
                is_apart = true;
            }
            blank if blank.is_whitespace() => is_apart = true,
            letter => {
                if is_apart && out.chars().last().is_some_and(is_word) && is_word(letter) {
                    out.push(' ');
                }
                is_apart = false;
                out.push(letter);
                if letter == '"' {
                    quoted(&mut letters, &mut out);
                }
            }
        }
    }
    out
}

/// The rest of a text in quotes, as it is.
fn quoted(letters: &mut std::iter::Peekable<std::str::Chars<'_>>, out: &mut String) {
    while let Some(letter) = letters.next() {
        out.push(letter);
        match letter {
            '"' => return,
            '\\' => out.extend(letters.next()),
            _ => {}
        }
    }
}
