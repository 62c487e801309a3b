//! Facts, clauses and days in words.

use super::{Context, Places};
use crate::ir::{ClauseId, EffectKind, Fact, Kind, Presumption, RelationId, Status, TemplatePart};
use crate::proof::{Claim, Pattern};
use crate::source::{Place, Span};
use crate::value::{Date, FIRST_DAY, LAST_DAY, Type, Value, write_name};

/// How a sentence begins of something for which no template has words.
const THERE_IS: &str = "there is ";

impl Context<'_> {
    /// A fact as a sentence, by the template of its relation; else as an atom.
    pub fn sentence(&self, claim: &Claim) -> String {
        self.pattern_sentence(&claim.into())
    }

    /// A pattern as a sentence; what is left open is "any" with the field's name.
    pub fn pattern_sentence(&self, pattern: &Pattern) -> String {
        let relation = self.policy.relation(pattern.relation);
        let day = pattern
            .day
            .filter(|_| relation.standing)
            .map_or(String::new(), |day| format!(" on {day}"));
        if let Kind::Constraint(at) = relation.kind {
            return self.broken(at, pattern);
        }
        let Some(parts) = &relation.reads else {
            return match pattern.present.is_empty() {
                true => format!("{}{day}", self.with_gaps(pattern)),
                false => format!("{}{day}", self.asked(pattern)),
            };
        };
        if !says_what_is_asked(parts, pattern) {
            return format!("{}{day}", self.asked(pattern));
        }
        let mut text = String::new();
        let mut unknown = Vec::new();
        for part in parts {
            match part {
                TemplatePart::Words(words) => text.push_str(words),
                TemplatePart::Field(at) => match &pattern.args[*at] {
                    Some(Value::Unknown) => {
                        text.push('…');
                        let name = relation.fields[*at].name.replace('_', " ");
                        unknown.push(format!(" ({name} not known)"));
                    }
                    Some(value) => {
                        text.push_str(&self.policy.types.words(value, relation.fields[*at].ty))
                    }
                    None if relation.fields[*at].ty == Type::Date => text.push_str("any day"),
                    None => text.push_str(&format!(
                        "any {}",
                        relation.fields[*at].name.replace('_', " ")
                    )),
                },
            }
        }
        text + &unknown.concat() + &day
    }

    /// That nothing matches a pattern: how the row differs that stands in its place, `the use of s1 is civil, not relief`; or that there
    /// is no record of it.
    pub fn absence(&self, pattern: &Pattern, instead: Option<&Claim>) -> String {
        let told = instead.and_then(|instead| self.difference(pattern, instead));
        told.unwrap_or_else(|| {
            let sentence = self.pattern_sentence(pattern);
            match sentence.strip_prefix(THERE_IS) {
                Some(what) => format!("no record of {what}"),
                None => format!("no record that {sentence}"),
            }
        })
    }

    fn difference(&self, pattern: &Pattern, instead: &Claim) -> Option<String> {
        let relation = self.policy.relation(pattern.relation);
        let key = relation.key?;
        let words =
            |at: usize, value: &Value| self.policy.types.words(value, relation.fields[at].ty);
        let of = (0..key).map(|at| words(at, &instead.args[at]));
        let of: Vec<String> = of.collect();
        let of = of.join(" and ");
        let differs = |at: usize| {
            let (has, name) = (
                &instead.args[at],
                relation.fields[at].name.replace('_', " "),
            );
            match (&pattern.args[at], has) {
                (Some(wanted), _) if wanted == has => None,
                (Some(_), Value::None) => Some(format!("no {name} of {of} is given")),
                (Some(_), Value::Unknown) => Some(format!("the {name} of {of} is not known")),
                (Some(wanted), _) => Some(format!(
                    "the {name} of {of} is {}, not {}",
                    words(at, has),
                    words(at, wanted)
                )),
                (None, Value::None) if pattern.present.contains(&at) => {
                    Some(format!("no {name} of {of} is given"))
                }
                (None, _) => None,
            }
        };
        let told: Vec<String> = (key..relation.fields.len()).filter_map(differs).collect();
        (!told.is_empty()).then(|| told.join(", and "))
    }

    /// Why something open does not follow where rules give it but for its values: `the n is not known`.
    pub(super) fn what_is_vague(&self, pattern: &Pattern) -> String {
        let fields = &self.policy.relation(pattern.relation).fields;
        let fields = fields.iter().zip(&pattern.args);
        let vague = fields.filter(|(_, value)| value.as_ref().is_some_and(Value::is_open));
        let names: Vec<String> = vague
            .map(|(field, _)| format!("the {}", field.name.replace('_', " ")))
            .collect();
        match names.as_slice() {
            [] => "what is known does not decide it".into(),
            [name] => format!("{name} is not known"),
            names => format!("{} are not known", names.join(" and ")),
        }
    }

    /// What is known of a pattern, each field with its name: `there is a transfer with id t1 and a known end user`.
    fn asked(&self, pattern: &Pattern) -> String {
        let relation = self.policy.relation(pattern.relation);
        let fields = relation.fields.iter().zip(&pattern.args).enumerate();
        let asked = fields.filter_map(|(at, (field, value))| {
            let name = field.name.replace('_', " ");
            match value {
                Some(Value::None | Value::Unknown) => None,
                Some(value) => {
                    let value = self.policy.types.words(value, field.ty);
                    Some(format!("{name} {value}"))
                }
                None if pattern.present.contains(&at) => Some(format!("a known {name}")),
                None => None,
            }
        });
        let asked: Vec<String> = asked.collect();
        let what = relation.name.replace('_', " ");
        let article = match what.starts_with(['a', 'e', 'i', 'o', 'u']) {
            true => "an",
            false => "a",
        };
        match asked.split_last() {
            None => format!("{THERE_IS}{article} {what}"),
            Some((last, [])) => format!("{THERE_IS}{article} {what} with {last}"),
            Some((last, others)) => {
                let others = others.join(", ");
                format!("{THERE_IS}{article} {what} with {others} and {last}")
            }
        }
    }

    /// An answer of a `never`: its message, and for whom it is so.
    fn broken(&self, constraint: usize, pattern: &Pattern) -> String {
        let fields = &self.policy.relation(pattern.relation).fields;
        let known = fields
            .iter()
            .zip(&pattern.args)
            .filter_map(|(field, value)| Some((field.name.as_str(), value.as_ref()?, field.ty)));
        let values = self.bindings(known);
        let message = &self.policy.constraints[constraint].message;
        if values.is_empty() {
            message.clone()
        } else {
            format!("{message}: {values}")
        }
    }

    /// A fact as it stands in the language.
    pub fn atom(&self, relation: RelationId, args: &[Value]) -> String {
        let known: Vec<Option<Value>> = args.iter().cloned().map(Some).collect();
        self.pattern_atom(&Pattern {
            relation,
            args: known,
            present: Vec::new(),
            day: None,
        })
    }

    /// A pattern as it stands in the language; fields that are missing, or not known, are left out, and those behind them named.
    pub fn pattern_atom(&self, pattern: &Pattern) -> String {
        self.terms(pattern, None)
    }

    /// The same, with `…` for what is not known.
    fn with_gaps(&self, pattern: &Pattern) -> String {
        self.terms(pattern, Some("…"))
    }

    fn terms(&self, pattern: &Pattern, gap: Option<&str>) -> String {
        let relation = self.policy.relation(pattern.relation);
        let mut terms = Vec::new();
        let mut is_named = false;
        for (field, value) in relation.fields.iter().zip(&pattern.args) {
            let text = match (value, gap) {
                (Some(Value::None), _) | (Some(Value::Unknown), None) => {
                    is_named = true;
                    continue;
                }
                (Some(Value::Unknown), Some(gap)) => gap.into(),
                (Some(value), _) => self.policy.types.literal(value, field.ty),
                (None, _) => "_".into(),
            };
            terms.push(if is_named {
                format!("{}: {text}", field.name)
            } else {
                text
            });
        }
        if terms.is_empty() {
            relation.name.clone()
        } else {
            format!("{}({})", relation.name, terms.join(", "))
        }
    }

    /// `mofcom_2025_62/1 "Heading"`
    pub fn clause(&self, id: ClauseId) -> String {
        let clause = self.policy.clause(id);
        let citation = self.policy.citation(id);
        if clause.heading.is_empty() {
            citation
        } else {
            format!("{citation} “{}”", clause.heading)
        }
    }

    /// `file:line`; or what it stands in: `in the case`.
    pub fn place(&self, place: Place) -> String {
        match self.places {
            Places::Lines => self.sources.cite(place),
            Places::Homes if place == Place::Assumed => self.sources.cite(place),
            Places::Homes => self.home(place),
        }
    }

    /// What a place stands in: a case, a `given` block, a clause, the policy.
    fn home(&self, place: Place) -> String {
        let policy = self.policy;
        let is_it = |span: Span| Place::Span(span) == place;
        let has = |facts: &[Fact], presumptions: &[Presumption]| {
            facts.iter().any(|fact| fact.place == place)
                || presumptions.iter().any(|it| is_it(it.rule.span))
        };
        let mut givens = policy.givens.iter();
        if let Some(given) = givens.find(|given| has(&given.facts, &given.presumptions)) {
            return format!("in given {}", given.name);
        }
        for case in &policy.cases {
            if has(&case.facts, &case.presumptions) {
                return "in the case".into();
            }
            let mut settled = case.expects.iter().flat_map(|expect| &expect.conditions);
            if settled.any(|condition| is_it(condition.span)) {
                return "in this expectation".into();
            }
        }
        let facts = policy.facts.iter().filter(|fact| fact.place == place);
        let presumed = policy.presumptions.iter();
        let presumed = presumed.filter(|it| is_it(it.rule.span));
        let mut homes = facts
            .filter_map(|fact| fact.home)
            .chain(presumed.filter_map(|it| it.rule.home));
        let home = homes.next().map(|home| policy.citation(home));
        format!("in {}", home.as_deref().unwrap_or("the policy"))
    }

    /// A value with its unit.
    pub fn value(&self, value: &Value, ty: Type) -> String {
        self.policy.types.words(value, ty)
    }

    /// `N = 14 nm, P = rheinwerk`
    pub fn bindings<'a>(&self, values: impl Iterator<Item = (&'a str, &'a Value, Type)>) -> String {
        let shown = values.filter(|(name, _, _)| !name.starts_with('_'));
        shown
            .map(|(name, value, ty)| format!("{name} = {}", self.value(value, ty)))
            .collect::<Vec<_>>()
            .join(", ")
    }

    /// What a status says, for a clause on some day.
    pub fn status(&self, status: &Status) -> String {
        let by = |effect: usize| self.policy.citation(self.policy.effects[effect].by);
        match status {
            Status::InForce => "in force".into(),
            Status::NotYet => "not yet in force".into(),
            Status::Ended => "no longer in force".into(),
            Status::Suspended(effect) => format!("suspended by {}", by(*effect)),
            Status::Repealed(effect) => format!("repealed by {}", by(*effect)),
            Status::Replaced(effect) => format!("replaced by {}", by(*effect)),
            Status::Undecided(effect, stretch) => {
                let stretch = &self.policy.effects[*effect].stretches[*stretch];
                let condition = stretch.condition.as_ref();
                let sentence = condition.map(|condition| {
                    self.sentence(&Claim {
                        relation: condition.relation,
                        args: condition.args.clone(),
                        day: None,
                    })
                });
                let on = sentence.map_or(String::new(), |sentence| {
                    format!(", depending on whether {sentence}")
                });
                format!("in force or not{on}")
            }
            Status::LeftOut(None) => "left out: its notice is set aside".into(),
            Status::LeftOut(Some(known_at)) => {
                format!("left out: its notice was not yet published on {known_at}")
            }
        }
    }

    /// `from 2025-10-09 through 2025-11-06`, open ends left out.
    pub fn stretch(&self, from: Date, through: Date) -> String {
        match (from > FIRST_DAY, through < LAST_DAY) {
            (true, true) if from == through => format!("on {from}"),
            (true, true) => format!("from {from} through {through}"),
            (true, false) => format!("from {from}"),
            (false, true) => format!("through {through}"),
            (false, false) => "on every day".into(),
        }
    }

    /// Several stretches, behind what is so then: ` from 2025-02-01 through 2025-03-01, from 2025-05-01`; nothing where there are none.
    pub fn stretches(&self, days: &[(Date, Date)]) -> String {
        let days = days
            .iter()
            .map(|(from, through)| self.stretch(*from, *through));
        let days: Vec<String> = days.collect();
        match days.is_empty() {
            true => String::new(),
            false => format!(" {}", days.join(", ")),
        }
    }

    /// What an effect does, as a verb in the third person.
    pub fn verb(&self, kind: EffectKind) -> &'static str {
        match kind {
            EffectKind::Suspends => "suspends",
            EffectKind::Repeals => "repeals",
            EffectKind::Replaces => "replaces",
        }
    }

    /// A name as it stands in the language.
    pub fn name(&self, name: &str) -> String {
        write_name(name)
    }
}

/// Whether a template has a place for all that is asked: each value of an open pattern, and each field that must be there.
fn says_what_is_asked(parts: &[TemplatePart], pattern: &Pattern) -> bool {
    let is_open = pattern.args.iter().any(Option::is_none);
    let is_told = |at: usize| parts.contains(&TemplatePart::Field(at));
    let mut known = (0..pattern.args.len()).filter(|at| pattern.args[*at].is_some());
    pattern.present.iter().all(|at| is_told(*at)) && (!is_open || known.all(is_told))
}
