//! What is open, as questions to a person; and what hangs on the answers.

use super::Context;
use super::text::whole_words;
use super::verdict::{args_json, stretch_json, stretches_json};
use crate::diagnostic::nearest;
use crate::ir::{Kind, Missing, Relation, RelationId, RelationKind, TemplatePart};
use crate::proof::Claim;
use crate::source::Place;
use crate::value::{Date, FIRST_DAY, LAST_DAY, Measure, Number, NumberType, Type, Value};
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeSet;

/// How many members of a set are listed where one of them is asked for.
const MOST_MEMBERS: usize = 8;

/// How many of the verdicts that a question decides are named in a text.
const MOST_DECIDED: usize = 20;

/// Something that is not known: whether a judgement is so, or the value of a field.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Question {
    /// The judgement, or the relation with the field.
    pub relation: RelationId,
    /// One value a field; what is not known is `Value::Unknown`.
    pub args: Vec<Value>,
    /// The field whose value is asked for.
    pub field: Option<usize>,
}

/// How a verdict depends on a question.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Dependency {
    /// What is asked.
    pub question: Question,
    /// Whether the verdict holds if the answer is yes, or if it is no; `None`: now one, now the other, or it is no such question.
    pub holds_if: Option<bool>,
}

/// On what an open verdict depends.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dependence {
    /// The questions.
    pub on: Vec<Dependency>,
    /// For each way of answering them (an answer a question, in their order): whether the verdict then holds. Empty where there are
    /// too many.
    pub settlements: Vec<(Vec<Reply>, bool)>,
    /// Whether this was decided exactly.
    pub is_exact: bool,
    /// Where it hangs on a working day that no calendar tells: the first one that is known, and the last.
    pub working_days: Option<(Date, Date)>,
}

/// An answer to a question.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reply {
    /// Yes or no.
    Truth(bool),
    /// In words, such as `at most 14 nm`.
    Words(String),
}

/// A question with the verdicts that it decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// What is asked.
    pub question: Question,
    /// Verdicts that depend on it; a standing one more than once, where it does so in different ways on different days.
    pub decides: Vec<Decided>,
}

/// A verdict that depends on a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decided {
    /// The verdict; its days are left out.
    pub claim: Claim,
    /// Of a standing one, the days on which it depends on it.
    pub days: Vec<(Date, Date)>,
    /// As of `Dependency`.
    pub holds_if: Option<bool>,
}

impl Asked {
    /// How many verdicts it decides.
    pub fn verdicts(&self) -> usize {
        let claims: BTreeSet<&Claim> = self.decides.iter().map(|it| &it.claim).collect();
        claims.len()
    }
}

/// A verdict that rests on what is only presumed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Presumed {
    /// About what.
    pub question: Question,
    /// Where.
    pub place: Place,
    /// What is presumed.
    pub reply: Reply,
    /// What would be open without it.
    pub claims: Vec<Claim>,
}

/// ` from 2025-03-01`: of a dated fact that does not hold on every day.
fn days_of(days: &[Value]) -> String {
    let [Value::Date(from), Value::Date(through)] = days else {
        return String::new();
    };
    let from = (*from > FIRST_DAY).then(|| format!(" from {from}"));
    let through = (*through < LAST_DAY).then(|| format!(" through {through}"));
    from.into_iter().chain(through).collect()
}

impl Context<'_> {
    /// `drone has potential military applications`, `the node of item l3`
    pub fn subject(&self, question: &Question) -> String {
        let relation = self.policy.relation(question.relation);
        match question.field {
            None => self.sentence(&Claim {
                relation: question.relation,
                args: question.args.clone(),
                day: None,
            }),
            Some(field) => {
                let key = names_row(relation);
                let days = days_of(&question.args[relation.fields.len()..]);
                let name = spoken(&relation.fields[field].name);
                let is_truth = relation.fields[field].ty == Type::Bool;
                if let (true, Some(gap)) = (key > 1, self.with_gap(question, field, key)) {
                    return match is_truth {
                        true => format!("“{name}” is true in “{gap}”{days}"),
                        false => format!("the {name} in “{gap}”{days}"),
                    };
                }
                let named = relation.fields.iter().zip(&question.args).take(key);
                let named: Vec<String> = named
                    .filter(|(_, value)| !value.is_open())
                    .map(|(field, value)| {
                        let kind = match (field.name.as_str(), field.ty) {
                            ("id", Type::Entity(_)) => {
                                self.policy.types.name_of(field.ty).to_lowercase()
                            }
                            (name, _) => spoken(name),
                        };
                        format!("{kind} {}", self.value(value, field.ty))
                    })
                    .collect();
                let of = named.join(" and ") + &days;
                let of = match self.is_told_apart(question.relation, field) {
                    true => of,
                    false => format!("{of} ({})", spoken(&relation.name)),
                };
                match is_truth {
                    true => format!("“{name}” is true of {of}"),
                    false => format!("the {name} of {of}"),
                }
            }
        }
    }

    /// The words of the relation with a gap where the field asked for stands: `x owns … of v`. `None` where it has none that name
    /// that field and the whole key.
    fn with_gap(&self, question: &Question, asked: usize, key: usize) -> Option<String> {
        let relation = self.policy.relation(question.relation);
        let parts = relation.reads.as_ref()?;
        let named = (0..key).filter(|at| !question.args[*at].is_open());
        let mut fields = named.chain([asked]);
        if !fields.all(|field| parts.contains(&TemplatePart::Field(field))) {
            return None;
        }
        let parts = parts.iter().map(|part| match part {
            TemplatePart::Words(words) => words.clone(),
            TemplatePart::Field(at) => match &question.args[*at] {
                value if *at == asked || value.is_open() => "…".into(),
                value => self.value(value, relation.fields[*at].ty),
            },
        });
        Some(parts.collect())
    }

    /// Whether no other field that may be unknown has this name, in a relation about the same kind of thing.
    fn is_told_apart(&self, relation: RelationId, field: usize) -> bool {
        let own = self.policy.relation(relation);
        let is_like_it = |at: usize, other: &Relation| {
            let has_field = other
                .fields
                .iter()
                .any(|it| it.name == own.fields[field].name && it.missing == Missing::Unknown);
            let type_of = |it: &Relation| it.fields.first().map(|field| field.ty);
            RelationId(at as u32) != relation && has_field && type_of(other) == type_of(own)
        };
        let mut relations = self.policy.relations.iter().enumerate();
        !relations.any(|(at, other)| is_like_it(at, other))
    }

    /// What an answer says: `drone has potential military applications`, `not so: …`, `the node of item l3 is 14 nm`.
    pub fn answered(&self, question: &Question, reply: &Reply) -> String {
        let subject = self.subject(question);
        match reply {
            Reply::Truth(true) => subject,
            Reply::Truth(false) => format!("not so: {subject}"),
            Reply::Words(words) => format!("{subject} is {words}"),
        }
    }

    /// Why something is no answer, and what would be one.
    pub fn no_answer(&self, question: &Question, answer: &str) -> String {
        let members = self.members_asked_for(question).unwrap_or_default();
        let right = match members.len() {
            1..=MOST_MEMBERS => one_of(&members),
            _ => self.how_to_answer(question),
        };
        let meant = nearest(answer, members);
        let meant = meant.map_or(String::new(), |name| format!("; did you mean `{name}`?"));
        format!("`{answer}` is no answer to that: it takes {right}{meant}")
    }

    /// As a question.
    pub fn question(&self, question: &Question) -> String {
        let subject = self.subject(question);
        if self.is_yes_or_no(question) {
            return format!("Is it so that {subject}?");
        }
        match self.members_asked_for(question) {
            Some(members) if members.len() <= MOST_MEMBERS => {
                format!("What is {subject}: {}?", one_of(&members))
            }
            _ => format!("What is {subject}?"),
        }
    }

    /// Whether it is answered by yes or no: a judgement, or a field that is true or false.
    pub fn is_yes_or_no(&self, question: &Question) -> bool {
        self.type_asked_for(question)
            .is_none_or(|ty| ty == Type::Bool)
    }

    /// `None`: whether a judgement is so.
    fn type_asked_for(&self, question: &Question) -> Option<Type> {
        let fields = &self.policy.relation(question.relation).fields;
        question.field.map(|field| fields[field].ty)
    }

    /// Of a closed set, what the answer can be.
    fn members_asked_for(&self, question: &Question) -> Option<Vec<&str>> {
        let Some(Type::Set(id)) = self.type_asked_for(question) else {
            return None;
        };
        let members = self.policy.types.members(id).iter();
        Some(members.map(|member| member.name.as_str()).collect())
    }

    /// What an answer looks like: `y or n`, `a number of kg, such as 3 kg`.
    pub fn how_to_answer(&self, question: &Question) -> String {
        if self.is_yes_or_no(question) {
            return "y or n".into();
        }
        if let Some(members) = self.members_asked_for(question) {
            return match members.len() <= MOST_MEMBERS {
                true => "one of these".into(),
                false => format!("one of {}, such as {}", members.len(), members[0]),
            };
        }
        let types = &self.policy.types;
        match self.type_asked_for(question) {
            Some(Type::Number(number)) => {
                let three = &Number::from_integer(3) * &types.factor(number.measure);
                let three = types.words(&Value::Number(three), Type::Number(number));
                match number.integer {
                    true => format!("a whole number, such as {three}"),
                    false => format!("a number, such as {three}"),
                }
            }
            Some(Type::Date) => "a day, such as 2025-10-09".into(),
            Some(Type::Entity(id)) => format!("the name of a {}", types.named(id).name),
            _ => "a text".into(),
        }
    }

    /// `holds if drone has potential military applications`
    pub fn dependency(&self, dependency: &Dependency) -> String {
        let subject = self.subject(&dependency.question);
        match dependency.holds_if {
            _ if !self.is_yes_or_no(&dependency.question) => format!("depends on {subject}"),
            Some(true) => format!("holds if {subject}"),
            Some(false) => format!("holds unless {subject}"),
            None => format!("depends on whether {subject}"),
        }
    }

    /// `holds if A and if B, unless C or D`; or, where there are several ways to it, `holds if A and if B, or if C`.
    fn in_words(&self, dependence: &Dependence, ways: &[Vec<usize>]) -> String {
        let subject = |at: &usize| self.subject(&dependence.on[*at].question);
        let is_so = |at: &usize| dependence.on[*at].holds_if == Some(true);
        if let [way] = ways {
            let (so, not_so): (Vec<usize>, Vec<usize>) = way.iter().partition(|at| is_so(at));
            let so: Vec<String> = so.iter().map(subject).collect();
            let not_so: Vec<String> = not_so.iter().map(subject).collect();
            let unless = format!("unless {}", not_so.join(" or "));
            return match (so.is_empty(), not_so.is_empty()) {
                (true, _) => format!("holds {unless}"),
                (false, true) => format!("holds if {}", so.join(" and if ")),
                (false, false) => format!("holds if {}, {unless}", so.join(" and if ")),
            };
        }
        let condition = |at: &usize| match is_so(at) {
            true => subject(at),
            false => format!("it is not so that {}", subject(at)),
        };
        let all = |way: &Vec<usize>| way.iter().map(condition).collect::<Vec<_>>();
        let ways: Vec<String> = ways.iter().map(|way| all(way).join(" and if ")).collect();
        format!("holds if {}", ways.join(", or if "))
    }

    /// That it was not decided exactly, and why, where that is known.
    pub fn not_exact(&self, dependence: &Dependence) -> String {
        match dependence.working_days {
            Some((first, last)) => {
                format!("not decided exactly: working days are known from {first} to {last} only")
            }
            None => "not decided exactly".into(),
        }
    }

    /// All that it depends on, in one sentence.
    pub fn dependence(&self, dependence: &Dependence) -> String {
        if let Some(ways) = ways_to_hold(dependence) {
            return self.in_words(dependence, &ways);
        }
        let on = dependence.on.iter().map(|it| self.dependency(it));
        let mut parts: Vec<String> = on.collect();
        if !dependence.is_exact {
            parts.push(self.not_exact(dependence));
        }
        parts.join("; ")
    }
}

/// In how many ways something open may come to hold for all of them to be told.
const MOST_WAYS: usize = 4;

/// Where several questions of yes or no decide, each in one direction: the least sets of them (by place) whose answers together suffice.
fn ways_to_hold(dependence: &Dependence) -> Option<Vec<Vec<usize>>> {
    if dependence.on.len() < 2 || !dependence.is_exact {
        return None;
    }
    let mut ways: Vec<Vec<usize>> = Vec::new();
    for (replies, _) in dependence.settlements.iter().filter(|(_, holds)| *holds) {
        let mut favourable = Vec::new();
        for (at, (reply, dependency)) in replies.iter().zip(&dependence.on).enumerate() {
            match reply {
                Reply::Truth(truth) if *truth == dependency.holds_if? => favourable.push(at),
                Reply::Truth(_) => {}
                Reply::Words(_) => return None,
            }
        }
        ways.push(favourable);
    }
    ways.sort_by_key(Vec::len);
    let mut least: Vec<Vec<usize>> = Vec::new();
    for way in ways {
        let is_more = |other: &Vec<usize>| other.iter().all(|at| way.contains(at));
        if !least.iter().any(is_more) {
            least.push(way);
        }
    }
    (!least.is_empty() && least.len() <= MOST_WAYS).then_some(least)
}

/// How many fields, from the first, tell a row of a relation from all others.
fn names_row(relation: &Relation) -> usize {
    let is_event = relation.kind == Kind::Declared(RelationKind::Event);
    let all = if is_event { 1 } else { relation.fields.len() };
    relation.key.unwrap_or(all).max(1)
}

/// `red, green or blue`
fn one_of(names: &[&str]) -> String {
    match names {
        [names @ .., last] if !names.is_empty() => format!("{} or {last}", names.join(", ")),
        _ => names.concat(),
    }
}

fn spoken(name: &str) -> String {
    name.replace('_', " ")
}

fn holds_if(holds: Option<bool>) -> Json {
    holds.map_or(json!("mixed"), |truth| json!(truth))
}

/// `{"relation", "args", "field"?, "days"?, "text", "type", "unit"?, "members"?}`: what is asked about, and what the answer can be.
pub fn question_json(context: Context<'_>, question: &Question) -> Map<String, Json> {
    let relation = context.policy.relation(question.relation);
    let mut object = Map::new();
    let claim = Claim {
        relation: question.relation,
        args: question.args.clone(),
        day: None,
    };
    object.insert("relation".into(), json!(relation.name));
    object.insert("args".into(), args_json(context, &claim));
    if let Some(field) = question.field {
        object.insert("field".into(), json!(relation.fields[field].name));
    }
    if let [Value::Date(from), Value::Date(through)] = &question.args[relation.fields.len()..] {
        object.insert("days".into(), stretch_json(*from, *through));
    }
    object.insert("text".into(), json!(context.subject(question)));
    let types = &context.policy.types;
    let ty = context.type_asked_for(question).unwrap_or(Type::Bool);
    let name = match ty {
        Type::Number(number) => types.name_of(Type::Number(NumberType {
            measure: Measure::Plain,
            ..number
        })),
        ty => types.name_of(ty),
    };
    object.insert("type".into(), json!(name));
    if let Type::Number(number) = ty {
        let unit = match number.measure {
            Measure::Plain => None,
            Measure::Percent => Some("%"),
            Measure::Unit(id) => Some(types.unit(id).name.as_str()),
        };
        unit.map(|unit| object.insert("unit".into(), json!(unit)));
    }
    if let Some(members) = context.members_asked_for(question) {
        object.insert("members".into(), json!(members));
    }
    object
}

/// The entries `depends_on` of a verdict.
pub fn depends_on_json(context: Context<'_>, dependence: &Dependence) -> Json {
    let entries = dependence.on.iter().map(|dependency| {
        let mut object = question_json(context, &dependency.question);
        object.insert("holds_if".into(), holds_if(dependency.holds_if));
        Json::Object(object)
    });
    Json::Array(entries.collect())
}

/// The entries `settlements` of a verdict: the answers in the order of `depends_on`, and whether it then holds.
pub(super) fn settlements_json(dependence: &Dependence) -> Json {
    let entries = dependence.settlements.iter().map(|(replies, holds)| {
        let replies = replies.iter().map(reply_json);
        json!({ "answers": replies.collect::<Vec<_>>(), "holds": holds })
    });
    Json::Array(entries.collect())
}

fn reply_json(reply: &Reply) -> Json {
    match reply {
        Reply::Truth(truth) => json!(truth),
        Reply::Words(words) => json!(words),
    }
}

/// What `ask` prints: each question with the verdicts it decides, then what rests on presumptions.
pub fn questions_text(context: Context<'_>, asked: &[Asked], presumed: &[Presumed]) -> String {
    let mut out = String::new();
    for (at, asked) in asked.iter().enumerate() {
        out += &wrapped(&format!("{}. ", at + 1), &context.question(&asked.question));
        for decided in asked.decides.iter().take(MOST_DECIDED) {
            let says = match (decided.holds_if, context.is_yes_or_no(&asked.question)) {
                (Some(true), true) => "if so: ",
                (Some(false), true) => "if not: ",
                _ => "decides: ",
            };
            let verdict = context.sentence(&decided.claim) + &context.stretches(&decided.days);
            out += &wrapped(&format!("   {says}"), &verdict);
        }
        let more = asked.decides.len().saturating_sub(MOST_DECIDED);
        if more > 0 {
            out += &format!("   … and {more} more (--format json has them all)\n");
        }
    }
    if asked.is_empty() {
        out += "no open question changes a verdict\n";
    }
    for presumed in presumed {
        let place = context.place(presumed.place);
        let what = context.answered(&presumed.question, &presumed.reply);
        out += &wrapped("", &format!("Presumed ({place}), and not asked: {what}"));
        for claim in &presumed.claims {
            out += &wrapped("   rests on it: ", &context.sentence(claim));
        }
    }
    out
}

fn wrapped(first: &str, text: &str) -> String {
    let indent = " ".repeat(first.chars().count());
    let options = whole_words(80)
        .initial_indent(first)
        .subsequent_indent(&indent);
    textwrap::fill(text, options) + "\n"
}

/// The same as data.
pub fn questions_json(context: Context<'_>, asked: &[Asked], presumed: &[Presumed]) -> Json {
    let verdict = |claim: &Claim| {
        json!({
            "relation": context.policy.relation(claim.relation).name,
            "args": args_json(context, claim),
            "text": context.sentence(claim),
        })
    };
    let questions = asked.iter().map(|asked| {
        let mut object = question_json(context, &asked.question);
        object.insert("question".into(), json!(context.question(&asked.question)));
        let decides = asked.decides.iter().map(|decided| {
            let mut entry = verdict(&decided.claim);
            if context.policy.relation(decided.claim.relation).standing {
                entry["days"] = stretches_json(&decided.days);
            }
            entry["holds_if"] = holds_if(decided.holds_if);
            entry
        });
        object.insert("decides".into(), Json::Array(decides.collect()));
        Json::Object(object)
    });
    let presumed = presumed.iter().map(|presumed| {
        let mut object = question_json(context, &presumed.question);
        object.insert("source".into(), json!(context.place(presumed.place)));
        object.insert("presumed".into(), reply_json(&presumed.reply));
        let claims = presumed.claims.iter().map(verdict);
        object.insert("verdicts".into(), Json::Array(claims.collect()));
        Json::Object(object)
    });
    json!({
        "schema": 1,
        "questions": questions.collect::<Vec<_>>(),
        "presumed": presumed.collect::<Vec<_>>(),
    })
}
