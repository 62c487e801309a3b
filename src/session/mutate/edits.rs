//! The small changes that a tired author could make, one at a time, as changes of the text.

use crate::ir::{Policy, RelationId, RelationKind as Kinds};
use crate::session::Session;
use crate::source::{FileId, Span};
use crate::syntax::File;
use crate::syntax::file::{
    Argument, Atom, Body, Comparison, Dated, Days, Expr, ExprKind, ItemKind, Literal, LiteralKind,
    Part, PartKind, StatedDays,
};
use crate::value::{Date, Type};
use std::collections::BTreeSet;

/// A small change of a policy's text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mutant {
    /// What is done: "a literal is dropped".
    pub what: &'static str,
    /// The notice, if it stands in one.
    pub notice: Option<String>,
    /// The clause, as cited; the notice, outside its clauses.
    pub clause: Option<String>,
    /// The words that are replaced.
    pub span: Span,
    /// By what.
    pub new: String,
    /// The statement that changes.
    pub statement: Span,
    /// What the rule concludes, or what the exemption is from; `None`: it concerns days.
    pub(super) head: Option<String>,
    /// The relations without whose facts the rule does nothing, changed or not.
    pub(super) needs: Vec<RelationId>,
    /// The day from which something is moved.
    pub(super) day: Option<Date>,
    /// The number that is compared with, as written.
    pub(super) number: Option<String>,
}

/// All small changes of these files, in the order of the text.
pub(super) fn mutants(session: &Session, files: &[(FileId, File)]) -> Vec<Mutant> {
    let mut maker = Maker {
        session,
        list: Vec::new(),
        notice: None,
        clause: None,
    };
    for item in files.iter().flat_map(|(_, file)| &file.items) {
        match &item.kind {
            ItemKind::Notice(notice) => {
                maker.notice = Some(notice.id.text.clone());
                maker.clause = Some(notice.id.text.clone());
                maker.stated(&notice.days);
                maker.parts(&notice.parts);
                (maker.notice, maker.clause) = (None, None);
            }
            kind => maker.statement(kind, item.span),
        }
    }
    maker.list
}

struct Maker<'s> {
    session: &'s Session,
    list: Vec<Mutant>,
    notice: Option<String>,
    clause: Option<String>,
}

/// The rule in which something is changed.
struct Around<'a> {
    statement: Span,
    head: String,
    /// The literals of its body that must hold anyway.
    body: &'a Body,
}

impl Maker<'_> {
    fn parts(&mut self, parts: &[Part]) {
        for part in parts {
            match &part.kind {
                PartKind::Clause(clause) => {
                    let outer = self.clause.clone();
                    let notice = self.notice.clone().unwrap_or_default();
                    self.clause = Some(format!("{notice}/{}", clause.id.text));
                    self.stated(&clause.days);
                    self.parts(&clause.parts);
                    self.clause = outer;
                }
                PartKind::Days(days) => self.stated(days),
                PartKind::Effect(effect) => {
                    for stretch in &effect.stretches {
                        self.days(&stretch.days, part.span);
                    }
                }
                PartKind::Item(kind) => self.statement(kind, part.span),
                PartKind::Issuer(_)
                | PartKind::Published(_)
                | PartKind::Reviewed(_)
                | PartKind::Source(..)
                | PartKind::Unverified(_) => {}
            }
        }
    }

    fn statement(&mut self, kind: &ItemKind, span: Span) {
        let (head, body) = match kind {
            ItemKind::Rule(rule) => (rule.head.relation.text.clone(), rule.body.as_ref()),
            ItemKind::Exemption(exemption) => {
                let new = String::new();
                let around = Around {
                    statement: span,
                    head: String::new(),
                    body: &Vec::new(),
                };
                self.add("an exemption is dropped", &around, span, new, None);
                (String::new(), exemption.body.as_ref())
            }
            ItemKind::Never(never) => (String::new(), Some(&never.body)),
            _ => return,
        };
        if let Some(body) = body {
            let around = Around {
                statement: span,
                head,
                body,
            };
            self.body(body, &around, true);
        }
    }

    fn body(&mut self, body: &Body, around: &Around<'_>, is_outer: bool) {
        for (at, literal) in body.iter().enumerate() {
            let own = is_outer.then_some(at);
            if body.len() > 1 {
                let span = match body.get(at + 1) {
                    Some(next) => Span {
                        end: next.span.start,
                        ..literal.span
                    },
                    None => Span {
                        start: body[at - 1].span.end,
                        ..literal.span
                    },
                };
                self.add("a literal is dropped", around, span, String::new(), own);
                let number = self.number_in(literal);
                self.note(|mutant| mutant.number = number);
            }
            self.literal(literal, around, own);
        }
    }

    fn literal(&mut self, literal: &Literal, around: &Around<'_>, own: Option<usize>) {
        let start = Span {
            end: literal.span.start,
            ..literal.span
        };
        match &literal.kind {
            LiteralKind::Atom { negated, atom, .. } => {
                self.negated(*negated, literal, start, around, own);
                self.swapped(atom, around, own);
                if !negated {
                    self.widened(atom, literal, around, own);
                }
            }
            LiteralKind::Exempted { negated, .. } => {
                self.negated(*negated, literal, start, around, own);
            }
            LiteralKind::Compare { op, left, right } => {
                self.compared(*op, left, right, around);
                for side in [left, right] {
                    self.number(side, around);
                    if let ExprKind::Aggregate(aggregate) = &side.kind {
                        self.body(&aggregate.body, around, false);
                    }
                }
            }
            LiteralKind::Or(sides) => {
                for side in sides {
                    self.body(side, around, false);
                }
            }
            LiteralKind::Member { .. } => {}
        }
    }

    fn negated(
        &mut self,
        is_negated: bool,
        literal: &Literal,
        start: Span,
        around: &Around<'_>,
        own: Option<usize>,
    ) {
        if !is_negated {
            return self.add("a literal is negated", around, start, "not ".into(), own);
        }
        let words = self.session.sources.words(literal.span);
        let rest = words.trim_start_matches("not").trim_start();
        let end = literal.span.start + (words.len() - rest.len()) as u32;
        let span = Span {
            end,
            ..literal.span
        };
        self.add("`not` is dropped", around, span, String::new(), own);
    }

    fn compared(&mut self, op: Comparison, left: &Expr, right: &Expr, around: &Around<'_>) {
        let (old, new) = match op {
            Comparison::AtLeast => (">=", ">"),
            Comparison::Greater => (">", ">="),
            Comparison::AtMost => ("<=", "<"),
            Comparison::Less => ("<", "<="),
            Comparison::Equal | Comparison::NotEqual => return,
        };
        let between = Span {
            start: left.span.end,
            end: right.span.start,
            ..left.span
        };
        let Some(at) = self.session.sources.words(between).find(old) else {
            return;
        };
        let start = between.start + at as u32;
        let span = Span {
            start,
            end: start + old.len() as u32,
            ..between
        };
        let number = self.words_of_number([left, right]);
        self.add("a boundary is in or out", around, span, new.into(), None);
        self.note(|mutant| mutant.number = number);
    }

    /// The number with which a literal compares, as written.
    fn number_in(&self, literal: &Literal) -> Option<String> {
        match &literal.kind {
            LiteralKind::Compare { left, right, .. } => self.words_of_number([left, right]),
            _ => None,
        }
    }

    fn words_of_number(&self, sides: [&Expr; 2]) -> Option<String> {
        let number = sides.into_iter().find(|side| is_number(side))?;
        Some(self.session.sources.words(number.span).to_owned())
    }

    fn number(&mut self, side: &Expr, around: &Around<'_>) {
        if !is_number(side) {
            return;
        }
        let words = self.session.sources.words(side.span).to_owned();
        for step in [-1, 1] {
            if let Some(new) = moved(&words, step) {
                let what = match step {
                    -1 => "a number is one less",
                    _ => "a number is one more",
                };
                self.add(what, around, side.span, new, None);
                self.note(|mutant| mutant.number = Some(words.clone()));
            }
        }
    }

    /// Two fields of one type, each given by a variable or a name.
    fn swapped(&mut self, atom: &Atom, around: &Around<'_>, own: Option<usize>) {
        let Some(relation) = self.relation(atom) else {
            return;
        };
        let fields = &self.session.policy.relation(relation).fields;
        let of = |(at, argument): (usize, &Argument)| -> Option<Type> {
            let at = match &argument.name {
                Some(name) => fields.iter().position(|field| field.name == name.text)?,
                None => at,
            };
            let is_any = matches!(argument.value.kind, ExprKind::Any);
            fields.get(at).filter(|_| !is_any).map(|field| field.ty)
        };
        let types: Vec<Option<Type>> = atom.arguments.iter().enumerate().map(of).collect();
        let words = |at: usize| self.session.sources.words(atom.arguments[at].value.span);
        let pairs = (0..types.len()).flat_map(|a| (a + 1..types.len()).map(move |b| (a, b)));
        let pairs = pairs.filter(|(a, b)| {
            let is_one = types[*a].is_some() && types[*a] == types[*b];
            is_one && words(*a) != words(*b)
        });
        let edits = pairs.map(|(a, b)| {
            let (first, second) = (atom.arguments[a].value.span, atom.arguments[b].value.span);
            let between = Span {
                start: first.end,
                end: second.start,
                ..first
            };
            let between = self.session.sources.words(between);
            (
                first.to(second),
                format!("{}{between}{}", words(b), words(a)),
            )
        });
        for (span, new) in edits.collect::<Vec<_>>() {
            self.add("two fields of one type are swapped", around, span, new, own);
        }
    }

    /// What is asked of a party (or another named thing) is no longer asked: any of its kind will do.
    fn widened(&mut self, atom: &Atom, literal: &Literal, around: &Around<'_>, own: Option<usize>) {
        let Some(relation) = self.relation(atom) else {
            return;
        };
        let policy = &self.session.policy;
        let (fields, [argument]) = (&policy.relation(relation).fields, atom.arguments.as_slice())
        else {
            return;
        };
        let is_variable = matches!(argument.value.kind, ExprKind::Variable(_));
        if let (Type::Entity(ty), true) = (fields[0].ty, is_variable && fields.len() == 1) {
            let name = &policy.types.named(ty).name;
            if *name != atom.relation.text && !policy.event_types().contains(&ty) {
                let variable = self.session.sources.words(argument.value.span);
                let new = format!("{name}({variable})");
                self.add("any of its type will do", around, literal.span, new, own);
            }
        }
    }

    fn relation(&self, atom: &Atom) -> Option<RelationId> {
        let notice = atom
            .notice
            .as_ref()
            .map(|notice| &notice.text)
            .or(self.notice.as_ref());
        let local = notice.map(|notice| format!("{notice}.{}", atom.relation.text));
        let policy = &self.session.policy;
        find(policy, local.as_deref()).or_else(|| find(policy, Some(&atom.relation.text)))
    }

    fn stated(&mut self, days: &StatedDays) {
        let days = &days.days;
        if let Some(first) = days.from.or(days.through).or(days.until) {
            self.days(days, first.span);
        }
    }

    fn days(&mut self, days: &Days, statement: Span) {
        let around = Around {
            statement,
            head: String::new(),
            body: &Vec::new(),
        };
        let mut seen = BTreeSet::new();
        for Dated { date, span } in [days.from, days.through, days.until].into_iter().flatten() {
            if !seen.insert(span) {
                continue;
            }
            for (what, moved) in [
                ("a day is one earlier", date.yesterday()),
                ("a day is one later", date.tomorrow()),
            ] {
                if let Ok(moved) = moved {
                    self.add(what, &around, span, moved.to_string(), None);
                    self.note(|mutant| (mutant.day, mutant.head) = (Some(date), None));
                }
            }
        }
        for (dated, old, new) in [
            (days.through, "through", "until"),
            (days.until, "until", "through"),
        ] {
            let Some(Dated { date, span }) = dated else {
                continue;
            };
            let text = &self.session.sources.file(span.file).text;
            let before = text[..span.start as usize].trim_end();
            if before.ends_with(old) {
                let end = before.len() as u32;
                let start = end - old.len() as u32;
                let word = Span { start, end, ..span };
                self.add("the last day is in or out", &around, word, new.into(), None);
                self.note(|mutant| (mutant.day, mutant.head) = (Some(date), None));
            }
        }
    }

    /// Changes the mutant added last.
    fn note(&mut self, change: impl FnOnce(&mut Mutant)) {
        if let Some(last) = self.list.last_mut() {
            change(last);
        }
    }

    fn add(
        &mut self,
        what: &'static str,
        around: &Around<'_>,
        span: Span,
        new: String,
        own: Option<usize>,
    ) {
        let kept = around
            .body
            .iter()
            .enumerate()
            .filter(|(at, _)| Some(*at) != own);
        let needs = kept.filter_map(|(_, literal)| match &literal.kind {
            LiteralKind::Atom {
                negated: false,
                atom,
                ..
            } => self.relation(atom),
            _ => None,
        });
        let can_be_asked = |id: &RelationId| {
            use crate::ir::Kind;
            let kind = self.session.policy.relation(*id).kind;
            !matches!(kind, Kind::Declared(Kinds::Judgement) | Kind::Names(_))
        };
        let needs: Vec<RelationId> = needs.filter(can_be_asked).collect();
        self.list.push(Mutant {
            what,
            notice: self.notice.clone(),
            clause: self.clause.clone(),
            span,
            new,
            statement: around.statement,
            head: (!around.head.is_empty()).then(|| around.head.clone()),
            needs,
            day: None,
            number: None,
        });
    }
}

fn find(policy: &Policy, name: Option<&str>) -> Option<RelationId> {
    let name = name?;
    let at = policy
        .relations
        .iter()
        .position(|relation| relation.name == name)?;
    Some(RelationId(at as u32))
}

fn is_number(expr: &Expr) -> bool {
    matches!(expr.kind, ExprKind::Number(..))
}

/// A number one step up or down in its last place, with its unit: `0.1%` is `0.2%`, `14 nm` is `15 nm`.
pub(super) fn moved(words: &str, step: i128) -> Option<String> {
    let end = words.find(|letter: char| !letter.is_ascii_digit() && letter != '.');
    let (number, rest) = words.split_at(end.unwrap_or(words.len()));
    let places = number.split_once('.').map_or(0, |(_, places)| places.len());
    let digits: i128 = number.replace('.', "").parse().ok()?;
    let moved = (digits + step).to_string();
    let is_negative = moved.starts_with('-');
    let moved = format!(
        "{:0>width$}",
        moved.trim_start_matches('-'),
        width = places + 1
    );
    let (whole, fraction) = moved.split_at(moved.len() - places);
    let sign = if is_negative { "-" } else { "" };
    let point = if places > 0 { "." } else { "" };
    Some(format!("{sign}{whole}{point}{fraction}{rest}"))
}

#[cfg(test)]
mod tests {
    use super::moved;

    #[test]
    fn a_number_moves_in_its_last_place() {
        let told = |words| [moved(words, -1), moved(words, 1)].map(Option::unwrap_or_default);
        assert_eq!(told("14 nm"), ["13 nm", "15 nm"]);
        assert_eq!(told("0.1%"), ["0.0%", "0.2%"]);
        assert_eq!(told("0"), ["-1", "1"]);
        assert_eq!(told("99.95 g"), ["99.94 g", "99.96 g"]);
    }
}
