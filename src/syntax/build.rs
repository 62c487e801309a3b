//! Statements to the parts of a `File`.

use super::cut::{Block, Statement};
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
    errors: &'a mut Vec<SyntaxError>,
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
                self.fail(error);
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
    fn once(&mut self, is_first: bool, words: &str, at: Span) {
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

    /// Reads a statement's words; `None` (and a message) where they do not follow the rule or hold another slip.
    fn with<T>(
        &mut self,
        statement: &Statement,
        rule: G,
        make: impl FnOnce(&mut Self, Pairs<'_, G>) -> Option<T>,
    ) -> Option<T> {
        self.with_words(statement.span, rule, make)
    }

    fn with_words<T>(
        &mut self,
        span: Span,
        rule: G,
        make: impl FnOnce(&mut Self, Pairs<'_, G>) -> Option<T>,
    ) -> Option<T> {
        let words = &self.text[span.start as usize..span.end as usize];
        match read(rule, words, self.file, span.start) {
            Ok(pair) => {
                self.start = span.start;
                let before = self.errors.len();
                let made = make(self, pair.into_inner());
                made.filter(|_| self.errors.len() == before)
            }
            Err(error) => {
                self.fail(error);
                None
            }
        }
    }

    /// Whatever may stand at the top of a file, in a notice or in a clause.
    fn item(&mut self, statement: &Statement) -> Option<ItemKind> {
        let item = self.read_item(statement);
        if item.is_none() && keyword_near(statement.keyword).is_some_and(Keyword::is_declaration) {
            self.broken.extend(self.id_of(statement, G::any_word));
        }
        item
    }

    /// The id behind a statement's first word, where the statement itself cannot be read.
    fn id_of(&self, statement: &Statement, rule: G) -> Option<Name> {
        let words = &self.text[statement.span.start as usize..statement.span.end as usize];
        let behind = words[statement.keyword.len()..].trim_start();
        let id = read_start(rule, behind)?;
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

    fn rule(&mut self, parts: Pairs<'_, G>) -> Option<Rule> {
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
    fn fact(&mut self, parts: Pairs<'_, G>) -> Option<Rule> {
        let rule = self.rule(parts)?;
        if rule.body.is_some() {
            let at = rule.head.span;
            self.fail(SyntaxError::RuleInCase { at });
        }
        Some(rule)
    }

    fn day_limit(&mut self, pair: Pair<'_, G>, days: &mut Days) {
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

    fn stated_days(&mut self, pair: Pair<'_, G>) -> StatedDays {
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

    fn presumption(&mut self, parts: Pairs<'_, G>) -> Option<Presumption> {
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

    fn table(&mut self, statement: &Statement) -> Option<Table> {
        let table = self.with(statement, G::table_head, |builder, mut parts| {
            let (notice, relation) = builder.relation(&parts.next()?);
            let (mut columns, mut rows) = (Vec::new(), TableRows::Here(Vec::new()));
            for part in parts {
                match part.as_rule() {
                    G::name => columns.push(builder.name(&part)),
                    G::string => rows = TableRows::File(builder.text(&part)),
                    _ => {}
                }
            }
            Some(Table {
                relation,
                notice,
                columns,
                rows,
            })
        });
        let mut rows = Vec::new();
        if let Some(Block::Rows(spans)) = &statement.block {
            let columns = table
                .as_ref()
                .map_or(usize::MAX, |table| table.columns.len());
            for span in spans {
                if self.errors.len() > 4 * MOST_SLIPS {
                    break;
                }
                rows.extend(self.with_words(*span, G::table_row, |builder, parts| {
                    Some(builder.row(parts, columns, *span))
                }));
            }
        }
        let mut table = table?;
        if let TableRows::Here(here) = &mut table.rows {
            *here = rows;
        }
        Some(table)
    }

    /// The cells of a line. Where there are more than columns, or commas between them, a number and the unit behind it are
    /// one cell.
    fn row(&mut self, parts: Pairs<'_, G>, columns: usize, span: Span) -> TableRow {
        let parts: Vec<Pair<'_, G>> = parts.filter(|part| part.as_rule() != G::EOI).collect();
        let has_commas = parts.iter().any(|part| part.as_rule() == G::comma);
        let mut cells: Vec<Expr> = Vec::new();
        // Whether the cell may be the unit of the one before.
        let mut could_be_unit: Vec<bool> = Vec::new();
        let mut is_behind_comma = true;
        for part in parts {
            if part.as_rule() == G::comma {
                is_behind_comma = true;
                continue;
            }
            let is_word = matches!(
                part.as_rule(),
                G::string | G::name | G::unit_word | G::percent
            );
            let is_behind_number = cells
                .last()
                .is_some_and(|cell| matches!(cell.kind, ExprKind::Number(_, None)));
            could_be_unit.push(is_word && is_behind_number && !is_behind_comma);
            cells.push(self.cell(part));
            is_behind_comma = false;
        }
        let units = could_be_unit.iter().filter(|could| **could).count();
        if cells.len() > columns || has_commas {
            if cells.len() - units < columns && cells.len() != columns {
                self.fail(SyntaxError::UnclearUnit { at: span });
            } else if cells.len() != columns {
                cells = with_units(cells, &could_be_unit);
            }
        }
        TableRow { cells, span }
    }

    fn cell(&mut self, part: Pair<'_, G>) -> Expr {
        let span = self.span(&part);
        let kind = match part.as_rule() {
            G::name | G::unit_word | G::percent => ExprKind::Name(part.as_str().into()),
            _ => self.primary(part).kind,
        };
        Expr { kind, span }
    }

    fn notice(&mut self, statement: &Statement) -> Option<Notice> {
        let head = self.with(statement, G::notice_head, |builder, mut parts| {
            let id = builder.name(&parts.next()?);
            Some((id, builder.title_and_days(parts)))
        });
        let parts = self.parts(statement);
        let (id, (title, days)) = match head {
            Some(head) => head,
            None => (self.id_of(statement, G::any_word)?, Default::default()),
        };
        Some(Notice {
            id,
            title,
            days,
            parts,
        })
    }

    fn clause(&mut self, statement: &Statement) -> Option<Clause> {
        let head = self.with(statement, G::clause_head, |builder, mut parts| {
            let id = builder.name(&parts.next()?);
            Some((id, builder.title_and_days(parts)))
        });
        let parts = self.parts(statement);
        let (id, (heading, days)) = match head {
            Some(head) => head,
            None => (self.id_of(statement, G::clause_id)?, Default::default()),
        };
        Some(Clause {
            id,
            heading,
            days,
            parts,
        })
    }

    fn title_and_days(&mut self, parts: Pairs<'_, G>) -> (Option<Text>, StatedDays) {
        let (mut title, mut days) = (None, StatedDays::default());
        for part in parts {
            match part.as_rule() {
                G::string => title = Some(self.text(&part)),
                G::stated_days => days = self.stated_days(part),
                _ => {}
            }
        }
        (title, days)
    }

    fn parts(&mut self, statement: &Statement) -> Vec<Part> {
        let mut parts = Vec::new();
        if let Some(Block::Statements(inner)) = &statement.block {
            for statement in inner {
                if self.errors.len() > 4 * MOST_SLIPS {
                    break;
                }
                let kinds = self.part(statement);
                parts.extend(kinds.into_iter().map(|kind| Part {
                    doc: statement.doc.clone(),
                    kind,
                    span: statement.span,
                }));
            }
        }
        parts
    }

    /// Several only for `issuer "A", "B"`.
    fn part(&mut self, statement: &Statement) -> Vec<PartKind> {
        let part = match statement.keyword {
            "issuer" => {
                let issuers = self.with(statement, G::issuer_statement, |builder, parts| {
                    Some(
                        parts
                            .filter(|part| part.as_rule() == G::string)
                            .map(|part| PartKind::Issuer(builder.text(&part)))
                            .collect(),
                    )
                });
                return issuers.unwrap_or_default();
            }
            "published" => self.with(statement, G::published_statement, |builder, mut parts| {
                Some(PartKind::Published(builder.date(&parts.next()?)?))
            }),
            "reviewed" => self.with(statement, G::reviewed_statement, |builder, mut parts| {
                Some(PartKind::Reviewed(builder.date(&parts.next()?)?))
            }),
            "effective" | "from" | "through" | "until" => {
                self.with(statement, G::days_statement, |builder, mut parts| {
                    Some(PartKind::Days(builder.stated_days(parts.next()?)))
                })
            }
            "source" => self.with(statement, G::source_statement, |builder, mut parts| {
                let file = builder.text(&parts.next()?);
                let place = parts
                    .next()
                    .filter(|part| part.as_rule() == G::string)
                    .map(|part| builder.text(&part));
                Some(PartKind::Source(file, place))
            }),
            "unverified" => self.with(statement, G::unverified_statement, |builder, mut parts| {
                Some(PartKind::Unverified(builder.text(&parts.next()?)))
            }),
            "suspends" | "repeals" | "replaces" => {
                self.with(statement, G::effect_statement, |builder, parts| {
                    builder.effect(parts).map(PartKind::Effect)
                })
            }
            "clause" => self.clause(statement).map(PartKind::Clause),
            _ => self.item(statement).map(PartKind::Item),
        };
        part.into_iter().collect()
    }

    fn effect(&mut self, mut parts: Pairs<'_, G>) -> Option<Effect> {
        let kind = match parts.next()?.as_str() {
            "suspends" => EffectKind::Suspends,
            "repeals" => EffectKind::Repeals,
            _ => EffectKind::Replaces,
        };
        let (mut targets, mut stretches) = (Vec::new(), Vec::new());
        for part in parts {
            match part.as_rule() {
                G::clause_ref => targets.push(self.clause_ref(&part)),
                G::stretch => stretches.push(self.stretch(part)),
                _ => {}
            }
        }
        Some(Effect {
            kind,
            targets,
            stretches,
        })
    }

    fn stretch(&mut self, pair: Pair<'_, G>) -> EffectStretch {
        let span = self.span(&pair);
        let (mut days, mut condition) = (Days::default(), None);
        for part in pair.into_inner() {
            match part.as_rule() {
                G::day_limit => self.day_limit(part, &mut days),
                G::date => {
                    let day = self.date(&part);
                    days = Days {
                        from: day,
                        through: day,
                        until: None,
                    };
                }
                G::condition => condition = self.condition(part),
                _ => {}
            }
        }
        EffectStretch {
            days,
            condition,
            span,
        }
    }

    fn condition(&mut self, pair: Pair<'_, G>) -> Option<Condition> {
        let mut negated = false;
        let mut atom = None;
        for part in pair.into_inner() {
            match part.as_rule() {
                G::not_word => negated = true,
                _ => atom = Some(self.atom(part)),
            }
        }
        Some(Condition {
            negated,
            atom: atom?,
        })
    }

    fn given(&mut self, statement: &Statement) -> Option<Given> {
        let name = self.with(statement, G::given_head, |builder, mut parts| {
            Some(builder.name(&parts.next()?))
        });
        let items = self.case_items(statement);
        Some(Given { name: name?, items })
    }

    fn case(&mut self, statement: &Statement) -> Option<Case> {
        let head = self.with(statement, G::case_head, |builder, mut parts| {
            let title = builder.text(&parts.next()?);
            let mut case = Case {
                title,
                given: Vec::new(),
                known_at: None,
                without: Vec::new(),
                items: Vec::new(),
            };
            for part in parts {
                let rule = part.as_rule();
                for inner in part
                    .into_inner()
                    .filter(|inner| inner.as_rule() != G::comma)
                {
                    match rule {
                        G::case_given => case.given.push(builder.name(&inner)),
                        G::without => case.without.push(builder.name(&inner)),
                        _ => {
                            let at = builder.span(&inner);
                            builder.once(case.known_at.is_none(), "known at", at);
                            case.known_at = builder.date(&inner);
                        }
                    }
                }
            }
            Some(case)
        });
        let items = self.case_items(statement);
        Some(Case { items, ..head? })
    }

    fn case_items(&mut self, statement: &Statement) -> Vec<CaseItem> {
        let mut items = Vec::new();
        if let Some(Block::Statements(inner)) = &statement.block {
            for statement in inner {
                if self.errors.len() > 4 * MOST_SLIPS {
                    break;
                }
                let kind = match statement.keyword {
                    "expect" => self
                        .with(statement, G::expect_statement, Self::expect)
                        .map(CaseItemKind::Expect),
                    "presume" => self
                        .with(statement, G::presume_statement, Self::presumption)
                        .map(CaseItemKind::Presumption),
                    _ => self
                        .with(statement, G::rule_statement, Self::fact)
                        .map(CaseItemKind::Fact),
                };
                items.extend(kind.map(|kind| CaseItem {
                    kind,
                    span: statement.span,
                }));
            }
        }
        items
    }

    fn expect(&mut self, parts: Pairs<'_, G>) -> Option<Expect> {
        let mut status = ExpectStatus::Holds;
        let (mut claim, mut on, mut by, mut conditions) = (None, None, None, Vec::new());
        for part in parts {
            match part.as_rule() {
                G::status => {
                    status = match part.as_str() {
                        "not" => ExpectStatus::Absent,
                        "open" => ExpectStatus::Open,
                        "suspended" => ExpectStatus::Suspended,
                        _ => ExpectStatus::Exempt,
                    }
                }
                G::atom => claim = Some(ExpectClaim::Atom(self.atom(part))),
                G::expect_never => {
                    claim = Some(ExpectClaim::Never(self.text(&part.into_inner().next()?)))
                }
                G::expect_tail => {
                    for inner in part.into_inner() {
                        match inner.as_rule() {
                            G::expr => {
                                let day = self.expr(inner);
                                let at = day.span;
                                self.once(on.replace(day).is_none(), "on", at);
                            }
                            G::clause_ref => {
                                let clause = self.clause_ref(&inner);
                                let at = clause.span;
                                self.once(by.replace(clause).is_none(), "by", at);
                            }
                            G::condition => conditions.extend(self.condition(inner)),
                            _ => {}
                        }
                    }
                }
                _ => {}
            }
        }
        Some(Expect {
            status,
            claim: claim?,
            on,
            by,
            conditions,
        })
    }
}

/// Joins each number with the unit behind it.
fn with_units(cells: Vec<Expr>, is_unit: &[bool]) -> Vec<Expr> {
    let mut joined: Vec<Expr> = Vec::new();
    for (cell, is_unit) in cells.into_iter().zip(is_unit) {
        match (joined.last_mut(), cell.kind) {
            (Some(before), ExprKind::Name(name) | ExprKind::Text(name)) if *is_unit => {
                before.span = before.span.to(cell.span);
                if let ExprKind::Number(_, place) = &mut before.kind {
                    *place = Some(to_unit(name, cell.span));
                }
            }
            (_, kind) => joined.push(Expr { kind, ..cell }),
        }
    }
    joined
}

fn to_unit(text: String, span: Span) -> FieldUnit {
    if text == "%" {
        FieldUnit::Percent
    } else {
        FieldUnit::Named(Name { text, span })
    }
}
