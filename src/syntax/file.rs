//! `File`: one policy file as written, names unresolved, broken statements left out and reported.

use crate::source::Span;
use crate::value::{Date, Number, Shift};

/// One `.lexlog` file as written.
#[derive(Clone, Debug, Default)]
pub struct File {
    /// In the order of the text.
    pub items: Vec<Item>,
    /// The names that statements would declare that cannot be read: a slip there is no reason to say of each use that
    /// there is no such name.
    pub broken: Vec<Name>,
    /// The slips, in the order of the text.
    pub slips: Vec<Span>,
    /// Whether some of the file was not looked at: too large, too many slips, or no text.
    pub is_cut_short: bool,
}

/// A name with the words it was read from.
#[derive(Clone, Debug)]
pub struct Name {
    /// The name itself, without quotes.
    pub text: String,
    /// Where it stands.
    pub span: Span,
}

/// A text in quotes, unescaped.
pub type Text = Name;

/// A statement at the top of a file, or inside a notice or clause where it may stand there.
#[derive(Clone, Debug)]
pub struct Item {
    /// The `///` lines above it, joined with line ends; empty if none.
    pub doc: String,
    /// What it is.
    pub kind: ItemKind,
    /// The whole statement, without its doc comment.
    pub span: Span,
}

/// The statements of the language.
#[derive(Clone, Debug)]
pub enum ItemKind {
    /// `type Party`, `type Purpose = civil | military`, `type Country from "file.csv"`.
    Type(TypeDeclaration),
    /// `unit nm`, `unit mm = 1000 um`.
    Unit(UnitDeclaration),
    /// `event`, `input`, `judgement`, `relation`, `verdict`.
    Relation(RelationDeclaration),
    /// `head if body.`, or a fact: `head.` (no body); `not head.` is a denied judgement.
    Rule(Rule),
    /// `exempt HEAD from CLAUSE if BODY.`
    Exemption(Exemption),
    /// `never "…" if BODY.`
    Never(Never),
    /// `table relation(columns) { rows }` or `… from "file.csv"`.
    Table(Table),
    /// `presume [not] J [if BODY].`
    Presumption(Presumption),
    /// `notice id "title" { … }`
    Notice(Notice),
    /// `given name { … }`
    Given(Given),
    /// `case "title" … { … }`
    Case(Case),
    /// `feed name { … }`
    Feed(Feed),
}

/// `type …`
#[derive(Clone, Debug)]
pub struct TypeDeclaration {
    /// Starts with a capital.
    pub name: Name,
    /// What it holds.
    pub body: TypeBody,
}

/// What a declared type holds.
#[derive(Clone, Debug)]
pub enum TypeBody {
    /// `type Party`
    Entity,
    /// `= a | b | c`
    Set(Vec<Name>),
    /// `= a < b < c`
    OrderedSet(Vec<Name>),
    /// `from "lists/countries.csv"`
    File(Text),
}

/// `unit nm`, `unit "Wh/kg"`, `unit mm = 1000 um`
#[derive(Clone, Debug)]
pub struct UnitDeclaration {
    /// The unit.
    pub name: Name,
    /// `1000 um`
    pub multiple: Option<(Number, Name)>,
}

/// The keyword of a declaration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RelationKind {
    /// Something that happened on a day.
    Event,
    /// A fact that cases and data give.
    Input,
    /// A person's assessment.
    Judgement,
    /// What the policy concludes or lists.
    Relation,
    /// What the policy concludes and always reports.
    Verdict,
}

/// `input owns(owner: Party, owned: Party -> share: decimal %) dated reads "…"`
#[derive(Clone, Debug)]
pub struct RelationDeclaration {
    /// Its keyword.
    pub kind: RelationKind,
    /// Its name.
    pub name: Name,
    /// In order.
    pub fields: Vec<Field>,
    /// How many fields stand before `->`; `None` without an arrow.
    pub key: Option<usize>,
    /// The word `dated`, where it stands.
    pub dated: Option<Span>,
    /// The template of its sentence.
    pub reads: Option<Text>,
}

/// `share: decimal % or none`
#[derive(Clone, Debug)]
pub struct Field {
    /// Its name.
    pub name: Name,
    /// `Party`, `text`, `int`, `decimal`, `date`, `bool`.
    pub type_name: Name,
    /// Behind `int` or `decimal`.
    pub unit: Option<FieldUnit>,
    /// Whether it may be missing.
    pub missing: Option<Missing>,
    /// The whole field.
    pub span: Span,
}

/// The unit of a number.
#[derive(Clone, Debug)]
pub enum FieldUnit {
    /// `%`
    Percent,
    /// `nm`, `"Wh/kg"`
    Named(Name),
}

/// What it means that a field is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// `or none`
    None,
    /// `or unknown`
    Unknown,
}

/// `head [on D] [from D] [through D] [if body].`
#[derive(Clone, Debug)]
pub struct Rule {
    /// `not` in front of a fact: a denied judgement.
    pub denied: Option<Span>,
    /// The conclusion.
    pub head: Atom,
    /// The `D` of `head on D if …`: the day whose law applies.
    pub on: Option<Expr>,
    /// `from D` … `through D` / `until D` behind a fact of a dated input.
    pub days: Days,
    /// `None` for a fact.
    pub body: Option<Body>,
}

/// `from`, `through`, `until`, `on` as written; each with its place.
#[derive(Clone, Debug, Default)]
pub struct Days {
    /// `from D` (or `effective D`).
    pub from: Option<Dated>,
    /// `through D`: inclusive.
    pub through: Option<Dated>,
    /// `until D`: exclusive.
    pub until: Option<Dated>,
}

/// A date with its place.
#[derive(Clone, Copy, Debug)]
pub struct Dated {
    /// The day.
    pub date: Date,
    /// Where it is written.
    pub span: Span,
}

/// Literals joined by `,` or `and`.
pub type Body = Vec<Literal>;

/// `transfer(T, _, R, item: I)`
#[derive(Clone, Debug)]
pub struct Atom {
    /// The relation's name.
    pub relation: Name,
    /// `uel_2025_10.unreliable`: the notice in front.
    pub notice: Option<Name>,
    /// Positional first, then by name.
    pub arguments: Vec<Argument>,
    /// The whole atom.
    pub span: Span,
}

/// `recipient: R` or `R`
#[derive(Clone, Debug)]
pub struct Argument {
    /// The field, where given by name.
    pub name: Option<Name>,
    /// What stands there.
    pub value: Expr,
}

/// A literal of a body.
#[derive(Clone, Debug)]
pub struct Literal {
    /// What it is.
    pub kind: LiteralKind,
    /// The whole literal.
    pub span: Span,
}

/// The kinds of literals. Whether `starts_with(…)` is an atom or a function is decided where names are known.
#[derive(Clone, Debug)]
pub enum LiteralKind {
    /// `[not] atom [on D] [by C]`
    Atom {
        /// `not` in front.
        negated: bool,
        /// The atom.
        atom: Atom,
        /// `on D`
        on: Option<Expr>,
        /// `by C`
        by: Option<ClauseRef>,
    },
    /// `left OP right`; either side may be an aggregate.
    Compare {
        /// `=`, `<` …
        op: Comparison,
        /// Left of it.
        left: Expr,
        /// Right of it.
        right: Expr,
    },
    /// `K in [a, b, c]`
    Member {
        /// `not` in front.
        negated: bool,
        /// The value.
        value: Expr,
        /// The list.
        list: Vec<Expr>,
    },
    /// `( A or B )`
    Or(Vec<Body>),
    /// `exempted HEAD by CLAUSE`
    Exempted {
        /// `not` in front.
        negated: bool,
        /// The pattern of what is exempted.
        head: Atom,
        /// The clause that exempts.
        by: Option<ClauseRef>,
    },
}

/// Comparison operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Comparison {
    /// `=`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `>`
    Greater,
    /// `>=`
    AtLeast,
}

/// An expression or a term.
#[derive(Clone, Debug)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Where it stands.
    pub span: Span,
}

/// The kinds of expressions.
#[derive(Clone, Debug)]
pub enum ExprKind {
    /// `X`
    Variable(String),
    /// `_`
    Any,
    /// `acme_cn`: an entity, a member of a set, or a relation without fields.
    Name(String),
    /// `"…"`: a text or an entity.
    Text(String),
    /// `14 nm`, `0.1%`, `12`: the number as written (0.1 for `0.1%`) and its unit.
    Number(Number, Option<FieldUnit>),
    /// `2025-10-09`
    Date(Date),
    /// `true`
    Bool(bool),
    /// `D + 30 days`, `D - N working days`: only the part right of the sign: an amount of days.
    Duration(Box<Expr>, Shift),
    /// `- X`
    Negate(Box<Expr>),
    /// `A + B`
    Binary(Operator, Box<Expr>, Box<Expr>),
    /// `min(A, B)`
    Call(Name, Vec<Expr>),
    /// `sum X { … }`
    Aggregate(Aggregate),
}

/// Arithmetic operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Operator {
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
}

/// `sum X * Y { body }`
#[derive(Clone, Debug)]
pub struct Aggregate {
    /// `sum`, `count`, `min`, `max`.
    pub name: Name,
    /// What is folded.
    pub term: Option<Box<Expr>>,
    /// The braces.
    pub body: Body,
}

/// `mofcom_2025_61/5`, `1(3)`, `mofcom_2025_62`
#[derive(Clone, Debug)]
pub struct ClauseRef {
    /// As written: whether the part before `/` is a notice, and whether a lone word is a clause of this notice or a
    /// notice, is decided where names are known.
    pub text: String,
    /// Where it stands.
    pub span: Span,
}

/// `exempt HEAD from CLAUSE, CLAUSE [if BODY].`
#[derive(Clone, Debug)]
pub struct Exemption {
    /// What is exempted.
    pub target: ExemptionTarget,
    /// From which clauses.
    pub from: Vec<ClauseRef>,
    /// `None` without `if`.
    pub body: Option<Body>,
}

/// What an exemption blocks.
#[derive(Clone, Debug)]
pub enum ExemptionTarget {
    /// Conclusions that match the pattern.
    Head(Atom),
    /// Every conclusion about the event in this variable (or of this name).
    Event(Expr),
}

/// `never [data] "message" if BODY.`
#[derive(Clone, Debug)]
pub struct Never {
    /// `data`: guards data only.
    pub data: bool,
    /// What is said of an answer.
    pub message: Text,
    /// Its conditions.
    pub body: Body,
}

/// `table listed(element, code) { … }`
#[derive(Clone, Debug)]
pub struct Table {
    /// The relation, with a notice in front where written.
    pub relation: Name,
    /// The notice in front of the relation's name.
    pub notice: Option<Name>,
    /// The columns: fields of the relation, in the order of the rows.
    pub columns: Vec<Name>,
    /// Its rows, or the file that has them.
    pub rows: TableRows,
}

/// Where the rows of a table stand.
#[derive(Clone, Debug)]
pub enum TableRows {
    /// Between the braces, one a line.
    Here(Vec<TableRow>),
    /// `from "tables/notice_18.csv"`
    File(Text),
}

/// One line of a table.
#[derive(Clone, Debug)]
pub struct TableRow {
    /// One value a column; `_` (that is, `ExprKind::Any`) leaves a field out.
    pub cells: Vec<Expr>,
    /// The line, without blanks around.
    pub span: Span,
}

/// `presume [not] J [if BODY].`
#[derive(Clone, Debug)]
pub struct Presumption {
    /// `not` in front.
    pub denied: bool,
    /// The judgement, or the input whose unknown value is settled.
    pub atom: Atom,
    /// Its conditions.
    pub body: Option<Body>,
}

/// `notice id "title" { … }`
#[derive(Clone, Debug)]
pub struct Notice {
    /// Its id.
    pub id: Name,
    /// Its title.
    pub title: Option<Text>,
    /// Days behind the title.
    pub days: StatedDays,
    /// What stands between the braces.
    pub parts: Vec<Part>,
}

/// A clause of a notice.
#[derive(Clone, Debug)]
pub struct Clause {
    /// `1(3)`
    pub id: Name,
    /// Its heading.
    pub heading: Option<Text>,
    /// Days behind the heading.
    pub days: StatedDays,
    /// What stands between the braces.
    pub parts: Vec<Part>,
}

/// `from D through D by CLAUSE`, behind a heading or as a statement.
#[derive(Clone, Debug, Default)]
pub struct StatedDays {
    /// The days.
    pub days: Days,
    /// The clause that sets them.
    pub by: Option<ClauseRef>,
}

/// Something between the braces of a notice or clause.
#[derive(Clone, Debug)]
pub struct Part {
    /// The `///` lines above it.
    pub doc: String,
    /// What it is.
    pub kind: PartKind,
    /// Where it stands.
    pub span: Span,
}

/// The kinds of parts.
#[derive(Clone, Debug)]
pub enum PartKind {
    /// `issuer "MOFCOM"`
    Issuer(Text),
    /// `published D`
    Published(Dated),
    /// `reviewed D`
    Reviewed(Dated),
    /// `effective D`, `from D`, `until D`, `through D`, each with `by CLAUSE` perhaps.
    Days(StatedDays),
    /// `source "file" "where in it"`
    Source(Text, Option<Text>),
    /// `unverified "press only"`
    Unverified(Text),
    /// `suspends A, B from D through D if j(), …`
    Effect(Effect),
    /// A clause (only in a notice).
    Clause(Clause),
    /// A declaration, rule, fact, exemption, table, never or presumption.
    Item(ItemKind),
}

/// What a notice or clause does to others.
#[derive(Clone, Debug)]
pub struct Effect {
    /// `suspends`, `repeals`, `replaces`.
    pub kind: EffectKind,
    /// What it is done to.
    pub targets: Vec<ClauseRef>,
    /// When; empty: from its own first day.
    pub stretches: Vec<EffectStretch>,
}

/// The verbs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EffectKind {
    /// `suspends`
    Suspends,
    /// `repeals`
    Repeals,
    /// `replaces`
    Replaces,
}

/// `from D through D if j()`, `on D`
#[derive(Clone, Debug)]
pub struct EffectStretch {
    /// `on D` is from D through D.
    pub days: Days,
    /// `if [not] j(…)`
    pub condition: Option<Condition>,
    /// Where it stands.
    pub span: Span,
}

/// `[not] j(…)`
#[derive(Clone, Debug)]
pub struct Condition {
    /// `not` in front.
    pub negated: bool,
    /// The judgement.
    pub atom: Atom,
}

/// `given name { … }`
#[derive(Clone, Debug)]
pub struct Given {
    /// Its name.
    pub name: Name,
    /// Facts and presumptions.
    pub items: Vec<CaseItem>,
}

/// `case "title" given a, b known at D without n { … }`
#[derive(Clone, Debug)]
pub struct Case {
    /// Its title.
    pub title: Text,
    /// The `given` blocks it takes in.
    pub given: Vec<Name>,
    /// `known at D`
    pub known_at: Option<Dated>,
    /// Notices left out.
    pub without: Vec<Name>,
    /// Facts, presumptions and expectations.
    pub items: Vec<CaseItem>,
}

/// A statement of a case or `given` block.
#[derive(Clone, Debug)]
pub struct CaseItem {
    /// What it is.
    pub kind: CaseItemKind,
    /// Where it stands.
    pub span: Span,
}

/// The statements of a case.
#[derive(Clone, Debug)]
pub enum CaseItemKind {
    /// A fact: a rule without a body.
    Fact(Rule),
    /// `presume …`
    Presumption(Presumption),
    /// `expect …`
    Expect(Expect),
}

/// `expect [not | open | suspended | exempt] A [on D] [by C] [if j()].`
#[derive(Clone, Debug)]
pub struct Expect {
    /// What is expected of it.
    pub status: ExpectStatus,
    /// The claim.
    pub claim: ExpectClaim,
    /// `on D`
    pub on: Option<Expr>,
    /// `by C`
    pub by: Option<ClauseRef>,
    /// `if [not] j(…), …`
    pub conditions: Vec<Condition>,
}

/// What a case expects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ExpectStatus {
    /// It holds.
    Holds,
    /// `not`: it is absent.
    Absent,
    /// `open`
    Open,
    /// `suspended`: would hold, were that suspension lifted.
    Suspended,
    /// `exempt`: would hold, were it not exempted.
    Exempt,
}

/// What an expectation is about.
#[derive(Clone, Debug)]
pub enum ExpectClaim {
    /// An atom.
    Atom(Atom),
    /// `never "…"`: the constraint with this message is broken (or, with `not`, kept).
    Never(Text),
}

/// `feed shipments { … }`: which facts each row of a table gives.
#[derive(Clone, Debug)]
pub struct Feed {
    /// Its name.
    pub name: Name,
    /// What stands between the braces.
    pub lines: Vec<FeedLine>,
}

/// `[not] relation("Heading", …) [from D] [through D] [if "Heading" = "x", …].`
#[derive(Clone, Debug)]
pub struct FeedLine {
    /// `not` in front: a denied judgement.
    pub denied: Option<Span>,
    /// The fact: a text in it is the heading of one of `columns`.
    pub head: Atom,
    /// The columns in the fields, in the order of the text.
    pub columns: Vec<Column>,
    /// `from D`
    pub from: Option<FeedDay>,
    /// `through D`: inclusive.
    pub through: Option<FeedDay>,
    /// `until D`: exclusive.
    pub until: Option<FeedDay>,
    /// Behind `if`.
    pub conditions: Vec<FeedCondition>,
    /// The whole line.
    pub span: Span,
}

/// `"PGI date" as "DD.MM.YYYY"`, `"Net weight" kg`
#[derive(Clone, Debug)]
pub struct Column {
    /// The heading.
    pub heading: Text,
    /// How days are written in it.
    pub pattern: Option<Text>,
    /// What its numbers count, with the place of that.
    pub unit: Option<(FieldUnit, Span)>,
}

/// A day of a fact: written, or in a column.
#[derive(Clone, Debug)]
pub enum FeedDay {
    /// `2025-10-09`
    Date(Dated),
    /// `"Since" as "DD.MM.YYYY"`
    Column(Column),
}

/// `"Mil. check" = "cleared"`
#[derive(Clone, Debug)]
pub struct FeedCondition {
    /// The heading.
    pub heading: Text,
    /// `!=`
    pub negated: bool,
    /// What stands in the cell.
    pub cell: Text,
}
