//! Statements to the parts of a `File`.

use super::cut::Statement;
use super::error::{MOST_SLIPS, SyntaxError};
use super::file::*;
use super::grammar::{Rule as G, read, read_start};
use super::keyword::{Keyword, keyword_near};
use super::token::{Token, TokenKind};
use crate::source::{FileId, Span};
use crate::value::{Date, Number};
use pest::iterators::{Pair, Pairs};

/// Reads the statements of one text.
pub(super) struct Builder<'a> {
    text: &'a str,
    file: FileId,
    tokens: &'a [Token],
    pub(super) errors: &'a mut Vec<SyntaxError>,
    /// How many of them leave a statement of which the rest can be looked at.
    pub(super) mild: usize,
    /// Where the words being read start in the file.
    start: u32,
    /// The names that statements would declare that cannot be read.
    pub(super) broken: Vec<Name>,
}

impl<'a> Builder<'a> {
    pub(super) fn new(
        text: &'a str,
        file: FileId,
        tokens: &'a [Token],
        errors: &'a mut Vec<SyntaxError>,
    ) -> Builder<'a> {
        Builder {
            text,
            file,
            tokens,
            errors,
            mild: 0,
            start: 0,
            broken: Vec::new(),
        }
    }

    /// The statements at the top of a file.
    pub(super) fn items(&mut self, statements: &[Statement]) -> Vec<Item> {
        let mut items = Vec::new();
        for statement in statements {
            if self.errors.len() > 4 * MOST_SLIPS {
                break;
            }
            if let Some(kind) = self.item(statement) {
                items.push(Item {
                    doc: statement.doc.clone(),
                    kind,
                    span: statement.span,
                });
            }
        }
        items
    }

    /// A lone atom, with `on D` perhaps.
    pub(super) fn query(&mut self) -> Option<(Atom, Option<Expr>)> {
        let pair = match read(G::query_statement, self.text, self.file, 0) {
            Ok(pair) => pair,
            Err(error) => {
                self.fail(asking_otherwise(error));
                return None;
            }
        };
        let before = self.errors.len();
        let mut parts = pair.into_inner();
        let atom = self.atom(parts.next()?);
        let on = parts
            .find(|part| part.as_rule() == G::expr)
            .map(|part| self.expr(part));
        (self.errors.len() == before).then_some((atom, on))
    }

    pub(super) fn fail(&mut self, error: SyntaxError) {
        self.errors.push(error);
    }

    pub(super) fn span(&self, pair: &Pair<'_, G>) -> Span {
        let span = pair.as_span();
        let start = self.start + span.start() as u32;
        let end = self.start + span.end() as u32;
        Span {
            file: self.file,
            start,
            end: end.min(self.last_end_before(end)).max(start),
        }
    }

    /// Where the last word or sign that starts before `end` ends: blanks and comments behind it are left out.
    fn last_end_before(&self, end: u32) -> u32 {
        let behind = self.tokens.partition_point(|token| token.start < end);
        let mut before = self.tokens[..behind].iter().rev();
        let last = before.find(|token| token.kind != TokenKind::Doc);
        last.map_or(end, |token| token.end)
    }

    /// A name, without quotes where it has them.
    pub(super) fn name(&mut self, pair: &Pair<'_, G>) -> Name {
        match pair.as_rule() {
            G::string => self.text(pair),
            _ => Name {
                text: pair.as_str().trim_end().into(),
                span: self.span(pair),
            },
        }
    }

    pub(super) fn text(&mut self, pair: &Pair<'_, G>) -> Text {
        let span = self.span(pair);
        let quoted = pair.as_str();
        let text = self.unescape(&quoted[1..quoted.len() - 1], span);
        Name { text, span }
    }

    fn unescape(&mut self, text: &str, span: Span) -> String {
        let mut out = String::new();
        let mut letters = text.char_indices();
        while let Some((at, letter)) = letters.next() {
            if letter != '\\' {
                out.push(letter);
                continue;
            }
            match letters.next() {
                Some((_, 'n')) => out.push('\n'),
                Some((_, 't')) => out.push('\t'),
                Some((_, letter @ ('"' | '\\'))) => out.push(letter),
                Some((_, letter)) => {
                    let start = span.start + 1 + at as u32;
                    let end = start + 1 + letter.len_utf8() as u32;
                    self.fail(SyntaxError::NoEscape {
                        letter,
                        at: Span { start, end, ..span },
                    });
                }
                None => {}
            }
        }
        out
    }

    /// Reports what stands twice where it may stand once.
    pub(super) fn once(&mut self, is_first: bool, words: &str, at: Span) {
        if !is_first {
            self.fail(SyntaxError::Unexpected {
                found: Some(words.to_owned()),
                expected: format!("`{words}` stands once"),
                at,
            });
        }
    }

    pub(super) fn date(&mut self, pair: &Pair<'_, G>) -> Option<Dated> {
        let span = self.span(pair);
        match pair.as_str().parse::<Date>() {
            Ok(date) => Some(Dated { date, span }),
            Err(_) => {
                self.fail(SyntaxError::NoSuchDay {
                    text: pair.as_str().into(),
                    at: span,
                });
                None
            }
        }
    }

    pub(super) fn clause_ref(&mut self, pair: &Pair<'_, G>) -> ClauseRef {
        ClauseRef {
            text: pair.as_str().trim_end().into(),
            span: self.span(pair),
        }
    }

    /// Reads a statement's words; `None` (and a message) where they do not follow the rule or hold a slip that is not mild.
    pub(super) fn with<T>(
        &mut self,
        statement: &Statement,
        rule: G,
        make: impl FnOnce(&mut Self, Pairs<'_, G>) -> Option<T>,
    ) -> Option<T> {
        self.with_words(statement.span, rule, make)
    }

    pub(super) fn with_words<T>(
        &mut self,
        span: Span,
        rule: G,
        make: impl FnOnce(&mut Self, Pairs<'_, G>) -> Option<T>,
    ) -> Option<T> {
        let words = &self.text[span.start as usize..span.end as usize];
        match read(rule, words, self.file, span.start) {
            Ok(pair) => {
                self.start = span.start;
                let before = self.errors.len() - self.mild;
                let made = make(self, pair.into_inner());
                made.filter(|_| self.errors.len() - self.mild == before)
            }
            Err(error) => {
                self.fail(error);
                None
            }
        }
    }

    /// Whatever may stand at the top of a file, in a notice or in a clause.
    pub(super) fn item(&mut self, statement: &Statement) -> Option<ItemKind> {
        let item = self.read_item(statement);
        if item.is_none() && keyword_near(statement.keyword).is_some_and(Keyword::is_declaration) {
            self.broken.extend(self.id_of(statement, G::any_word));
        }
        item
    }

    /// The id behind a statement's first word, where the statement itself cannot be read.
    pub(super) fn id_of(&self, statement: &Statement, rule: G) -> Option<Name> {
        let words = &self.text[statement.span.start as usize..statement.span.end as usize];
        let behind = words[statement.keyword.len()..].trim_start();
        let read = read_start(rule, behind)?;
        let id = match rule {
            // `1_a` is not clause 1.
            G::clause_id => whole_word(behind),
            _ => read,
        };
        let start = statement.span.start + (words.len() - behind.len()) as u32;
        let span = Span {
            file: self.file,
            start,
            end: start + id.len() as u32,
        };
        Some(Name {
            text: id.to_owned(),
            span,
        })
    }

    fn read_item(&mut self, statement: &Statement) -> Option<ItemKind> {
        Some(match statement.keyword {
            "type" => {
                ItemKind::Type(self.with(statement, G::type_statement, Self::type_declaration)?)
            }
            "unit" => {
                ItemKind::Unit(self.with(statement, G::unit_statement, Self::unit_declaration)?)
            }
            "event" | "input" | "judgement" | "relation" | "verdict" => ItemKind::Relation(
                self.with(statement, G::relation_statement, Self::relation_declaration)?,
            ),
            "exempt" => {
                ItemKind::Exemption(self.with(statement, G::exempt_statement, Self::exemption)?)
            }
            "never" => ItemKind::Never(self.with(statement, G::never_statement, Self::never)?),
            "presume" => ItemKind::Presumption(self.with(
                statement,
                G::presume_statement,
                Self::presumption,
            )?),
            "table" => ItemKind::Table(self.table(statement)?),
            "notice" => ItemKind::Notice(self.notice(statement)?),
            "given" => ItemKind::Given(self.given(statement)?),
            "case" => ItemKind::Case(self.case(statement)?),
            "feed" => ItemKind::Feed(self.feed(statement)?),
            _ => ItemKind::Rule(self.with(statement, G::rule_statement, Self::rule)?),
        })
    }

    fn type_declaration(&mut self, mut parts: Pairs<'_, G>) -> Option<TypeDeclaration> {
        let name = self.name(&parts.next()?);
        let (mut members, mut is_ordered, mut file) = (Vec::new(), false, None);
        let parts: Vec<Pair<'_, G>> = parts.filter(|part| part.as_rule() != G::EOI).collect();
        let has_members = self.has_equals(&name);
        for part in parts {
            match part.as_rule() {
                G::below => is_ordered = true,
                G::bar => {}
                _ if has_members => members.push(self.name(&part)),
                _ => file = Some(self.text(&part)),
            }
        }
        let body = match (file, members.is_empty(), is_ordered) {
            (Some(file), _, _) => TypeBody::File(file),
            (None, true, _) => TypeBody::Entity,
            (None, false, true) => TypeBody::OrderedSet(members),
            (None, false, false) => TypeBody::Set(members),
        };
        Some(TypeDeclaration { name, body })
    }

    /// Whether `=` stands behind the name.
    fn has_equals(&self, name: &Name) -> bool {
        self.text[name.span.end as usize..]
            .trim_start()
            .starts_with('=')
    }

    fn unit_declaration(&mut self, mut parts: Pairs<'_, G>) -> Option<UnitDeclaration> {
        let name = self.name(&parts.next()?);
        let multiple = match parts.next().filter(|part| part.as_rule() == G::number) {
            Some(factor) => Some((
                Number::from_decimal(factor.as_str())?,
                self.name(&parts.next()?),
            )),
            None => None,
        };
        Some(UnitDeclaration { name, multiple })
    }

    fn relation_declaration(&mut self, mut parts: Pairs<'_, G>) -> Option<RelationDeclaration> {
        let kind = match parts.next()?.as_str() {
            "event" => RelationKind::Event,
            "input" => RelationKind::Input,
            "judgement" => RelationKind::Judgement,
            "relation" => RelationKind::Relation,
            _ => RelationKind::Verdict,
        };
        let name = self.name(&parts.next()?);
        let mut declaration = RelationDeclaration {
            kind,
            name,
            fields: Vec::new(),
            key: None,
            dated: None,
            reads: None,
        };
        for part in parts {
            match part.as_rule() {
                G::fields => self.fields(part, &mut declaration),
                G::dated_word => {
                    let at = self.span(&part);
                    self.once(declaration.dated.replace(at).is_none(), "dated", at);
                }
                G::string => {
                    let text = self.text(&part);
                    let at = text.span;
                    self.once(declaration.reads.replace(text).is_none(), "reads", at);
                }
                _ => {}
            }
        }
        Some(declaration)
    }

    fn fields(&mut self, pair: Pair<'_, G>, declaration: &mut RelationDeclaration) {
        for part in pair.into_inner() {
            match part.as_rule() {
                G::key_end if declaration.key.is_none() => {
                    declaration.key = Some(declaration.fields.len())
                }
                G::key_end => {
                    let at = self.span(&part);
                    self.fail(SyntaxError::Unexpected {
                        found: Some("->".into()),
                        expected: "`->` stands once, behind the key".into(),
                        at,
                    });
                }
                G::field => declaration.fields.extend(self.field(part)),
                _ => {}
            }
        }
    }

    fn field(&mut self, pair: Pair<'_, G>) -> Option<Field> {
        let span = self.span(&pair);
        let mut parts = pair.into_inner();
        let name = self.name(&parts.next()?);
        let type_name = self.name(&parts.next()?);
        let (mut unit, mut missing) = (None, None);
        for part in parts {
            match part.as_rule() {
                G::missing => {
                    let is_none = part.into_inner().any(|word| word.as_rule() == G::none_word);
                    missing = Some(if is_none {
                        Missing::None
                    } else {
                        Missing::Unknown
                    });
                }
                _ => unit = Some(self.unit(&part)),
            }
        }
        Some(Field {
            name,
            type_name,
            unit,
            missing,
            span,
        })
    }

    pub(super) fn rule(&mut self, parts: Pairs<'_, G>) -> Option<Rule> {
        let (mut denied, mut head, mut on, mut body) = (None, None, None, None);
        let mut days = Days::default();
        for part in parts {
            match part.as_rule() {
                G::not_word => denied = Some(self.span(&part)),
                G::atom => head = Some(self.atom(part)),
                G::expr => on = Some(self.expr(part)),
                G::day_limit => self.day_limit(part, &mut days),
                G::body => body = Some(self.body(part)),
                _ => {}
            }
        }
        Some(Rule {
            denied,
            head: head?,
            on,
            days,
            body,
        })
    }

    /// A rule that may not have conditions.
    pub(super) fn fact(&mut self, parts: Pairs<'_, G>) -> Option<Rule> {
        let rule = self.rule(parts)?;
        if rule.body.is_some() {
            let at = rule.head.span;
            self.fail(SyntaxError::RuleInCase { at });
        }
        Some(rule)
    }

    pub(super) fn day_limit(&mut self, pair: Pair<'_, G>, days: &mut Days) {
        let at = self.span(&pair);
        let mut parts = pair.into_inner();
        let word = parts.next().expect("a limit begins with a word");
        let Some(dated) = parts.next().and_then(|date| self.date(&date)) else {
            return;
        };
        let limit = match word.as_rule() {
            G::through_word => &mut days.through,
            G::until_word => &mut days.until,
            _ => &mut days.from,
        };
        if limit.replace(dated).is_some() {
            self.fail(SyntaxError::Unexpected {
                found: Some(word.as_str().into()),
                expected: "each of `from`, `through` and `until` stands once".into(),
                at,
            });
        }
    }

    pub(super) fn stated_days(&mut self, pair: Pair<'_, G>) -> StatedDays {
        let mut stated = StatedDays::default();
        for part in pair.into_inner() {
            match part.as_rule() {
                G::day_limit => self.day_limit(part, &mut stated.days),
                G::clause_ref => {
                    let clause = self.clause_ref(&part);
                    let at = clause.span;
                    self.once(stated.by.replace(clause).is_none(), "by", at);
                }
                _ => {}
            }
        }
        stated
    }

    fn exemption(&mut self, mut parts: Pairs<'_, G>) -> Option<Exemption> {
        let head = self.atom(parts.next()?);
        let is_event = head.arguments.is_empty()
            && head.notice.is_none()
            && head.relation.text.starts_with(char::is_uppercase);
        let target = if is_event {
            ExemptionTarget::Event(Expr {
                kind: ExprKind::Variable(head.relation.text),
                span: head.span,
            })
        } else {
            ExemptionTarget::Head(head)
        };
        let (mut from, mut body) = (Vec::new(), None);
        for part in parts {
            match part.as_rule() {
                G::clause_ref => from.push(self.clause_ref(&part)),
                G::body => body = Some(self.body(part)),
                _ => {}
            }
        }
        Some(Exemption { target, from, body })
    }

    fn never(&mut self, parts: Pairs<'_, G>) -> Option<Never> {
        let (mut data, mut message, mut body) = (false, None, None);
        for part in parts {
            match part.as_rule() {
                G::data_word => data = true,
                G::string => message = Some(self.text(&part)),
                G::body => body = Some(self.body(part)),
                _ => {}
            }
        }
        Some(Never {
            data,
            message: message?,
            body: body?,
        })
    }

    pub(super) fn presumption(&mut self, parts: Pairs<'_, G>) -> Option<Presumption> {
        let (mut denied, mut atom, mut body) = (false, None, None);
        for part in parts {
            match part.as_rule() {
                G::not_word => denied = true,
                G::atom => atom = Some(self.atom(part)),
                G::body => body = Some(self.body(part)),
                _ => {}
            }
        }
        Some(Presumption {
            denied,
            atom: atom?,
            body,
        })
    }
}

/// The word up to a blank, a quote or a brace.
fn whole_word(text: &str) -> &str {
    let end = text.find(|letter: char| letter.is_whitespace() || "\"{".contains(letter));
    &text[..end.unwrap_or(text.len())]
}

/// How to ask, where something is asked as conditions are written.
fn asking_otherwise(slip: SyntaxError) -> SyntaxError {
    let SyntaxError::Unexpected {
        found,
        expected,
        at,
    } = slip
    else {
        return slip;
    };
    let help = match found.as_deref() {
        None if at.start == at.end => "write what is asked about, such as `licence_required(t1)`",
        Some("not") => "ask without `not`: what does not hold is told as well",
        Some("by") => "ask without `by`: the answer names the clauses",
        Some("," | "and" | "or" | "if" | "=" | "!" | "<" | ">") => {
            "one atom at a time is asked about, such as `licence_required(t1)`; conditions stand in rules of the policy"
        }
        _ => &expected,
    };
    SyntaxError::Unexpected {
        expected: help.to_owned(),
        found,
        at,
    }
}
