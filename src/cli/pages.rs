//! What `explain` and `run` say, laid out for renderings that show more than lines.

use super::explain::open_sentence;
use crate::diagnostic::Diagnostics;
use crate::facts::Facts;
use crate::ir::{Atom, Kind, Query, RelationId, RelationKind, Term};
use crate::proof::{Claim, Marks, Pattern};
use crate::report::{Bar, Law, Line, Overview, Page, Part, Picture, Row, Shade, Standing, Verdict};
use crate::session::{Cases, Evaluated, Explained, Session, Standings, pattern_of};
use crate::source::{FileId, Span};
use crate::value::Value;
use std::collections::BTreeSet;

/// How many verdicts are explained on one page, and how many of what does not hold.
const MOST_EXPLAINED: usize = 300;
const MOST_ABSENT: usize = 200;
/// How many facts may be looked at as of every day.
const MOST_FACTS: usize = 5_000;

/// Why each answer holds, or does not.
pub(super) struct Pages<'s> {
    session: &'s Session,
    evaluated: &'s Evaluated,
    /// How things would stand by the law of each day, where that was worked out.
    standings: Option<Standings>,
}

impl<'s> Pages<'s> {
    /// Looks also at how these relations would stand by the law of other days, unless there is too much of it.
    pub(super) fn new(
        session: &'s Session,
        evaluated: &'s Evaluated,
        facts: &Facts,
        relations: &[RelationId],
    ) -> Result<Pages<'s>, Diagnostics> {
        let as_of = evaluated.circumstances.as_of;
        let is_wanted = !relations.is_empty() && as_of.is_none();
        let is_small = is_wanted && facts.len() <= MOST_FACTS;
        let standings = is_small.then(|| session.standings(evaluated, facts, relations));
        Ok(Pages {
            session,
            evaluated,
            standings: standings.transpose()?,
        })
    }

    /// What is said of one answer.
    pub(super) fn page(&self, asked: &Pattern, explained: &Explained) -> Page {
        self.page_and_law(asked, explained).0
    }

    fn page_and_law(&self, asked: &Pattern, explained: &Explained) -> (Page, Law) {
        let context = self.session.context();
        let mut law = Law::default();
        let by_case = |cases: &Cases, also: &[String], law: &mut Law| -> Vec<Part> {
            let cases = cases.list.iter().map(|(assumed, proof)| {
                law.add_proof(context.policy, proof);
                let assumed = [also, assumed.as_slice()].concat();
                let heading = format!("If {}", assumed.join(", and "));
                Part::proof(context, Some(heading), proof)
            });
            cases.collect()
        };
        let bare = |title, status| Page {
            title,
            status,
            remarks: Vec::new(),
            parts: Vec::new(),
            ways: None,
            clauses: Vec::new(),
            picture: None,
        };
        let (mut page, claim) = match explained {
            Explained::Holds(claim, proofs) => {
                let is_one = proofs.list.len() == 1;
                let parts = proofs.list.iter().enumerate().map(|(at, proof)| {
                    law.add_proof(context.policy, proof);
                    let heading = (!is_one).then(|| format!("Proof {}", at + 1));
                    Part::proof(context, heading, proof)
                });
                let page = Page {
                    parts: parts.collect(),
                    ..bare(context.sentence(claim), "holds")
                };
                (page, Some(claim))
            }
            Explained::InEveryCase(claim, cases) => {
                let page = Page {
                    remarks: std::iter::once("in every case, whatever is not known")
                        .chain(cases.left_out())
                        .map(str::to_owned)
                        .collect(),
                    parts: by_case(cases, &[], &mut law),
                    ..bare(context.sentence(claim), "holds")
                };
                (page, Some(claim))
            }
            Explained::Open(open) => {
                let on = open.dependence.on.iter();
                let mut remarks: Vec<String> = on.map(|it| context.dependency(it)).collect();
                if !open.dependence.is_exact {
                    remarks.push(context.not_exact(&open.dependence));
                }
                let may = open.may.iter();
                let mut parts: Vec<Part> = may
                    .flat_map(|(first, cases)| by_case(cases, first, &mut law))
                    .collect();
                let why = "As long as that is open, it does not follow";
                parts.push(Part::why_not(context, Some(why.into()), &open.stops));
                let page = Page {
                    remarks,
                    parts,
                    ..bare(open_sentence(self.session, open), "open")
                };
                (page, Some(&open.claim))
            }
            Explained::Absent(why) => {
                law.add_why_not(context.policy, why);
                let page = Page {
                    parts: vec![Part::why_not(context, None, why)],
                    ..bare(context.pattern_sentence(asked), "does not hold")
                };
                (page, None)
            }
        };
        page.remarks.extend(remarks_on(&explained.marks()));
        page.clauses = context.cards(self.evaluated.calendar(), &law);
        page.picture = context.picture_of(self.evaluated.calendar(), &law);
        self.add_standing(&mut page, claim, asked);
        (page, law)
    }

    /// Adds the line that says as of which days it holds.
    fn add_standing(&self, page: &mut Page, claim: Option<&Claim>, asked: &Pattern) {
        let Some(standings) = &self.standings else {
            return;
        };
        let bars = match claim {
            Some(claim) => standings.of(claim),
            None => standings.matching(asked),
        };
        let context = self.session.context();
        let bars = bars.into_iter().map(|(from, through, is_open)| {
            let days = context.stretch(from, through);
            Bar {
                from,
                through,
                shade: if is_open { Shade::Open } else { Shade::Yes },
                title: format!("{} {days}", if is_open { "open" } else { "holds" }),
            }
        });
        let line = Line {
            label: "by the law of each day".into(),
            bars: bars.collect(),
        };
        let changes = !line.bars.is_empty();
        match &mut page.picture {
            Some(picture) => picture.lines.insert(0, line),
            None if changes => {
                page.picture = Some(Picture {
                    lines: vec![line],
                    ..Picture::default()
                });
            }
            None => {}
        }
    }

    /// All verdicts, each explained, and those that do not hold of the events that are given.
    pub(super) fn overview(
        &self,
        verdicts: &[Verdict],
        broken: &[Verdict],
        absent: bool,
    ) -> Overview {
        let mut overview = Overview::default();
        let mut law = Law::default();
        for verdict in broken {
            overview.rows.push(self.row(verdict, true, &mut law));
        }
        for (at, verdict) in verdicts.iter().enumerate() {
            let row = self.row(verdict, at < MOST_EXPLAINED, &mut law);
            overview.rows.push(row);
        }
        let calendar = self.evaluated.calendar();
        overview.picture = self.session.context().picture_of(calendar, &law);
        if verdicts.len() > MOST_EXPLAINED {
            overview.notes.push(format!(
                "The first {MOST_EXPLAINED} are explained here; `lexlog explain` explains each of the others."
            ));
        }
        if absent {
            self.add_absent(verdicts, &mut overview);
        }
        let count = |status: &str| {
            let rows = overview.rows.iter().filter(|row| row.status == status);
            rows.count()
        };
        let counts = ["holds", "open", "suspended", "exempt", "does not hold"];
        let counts = counts.iter().filter_map(|status| match count(status) {
            0 => None,
            many => Some(format!("{many} {}", in_plural(status, many))),
        });
        let counts: Vec<String> = counts.collect();
        overview.title = "Verdicts".into();
        overview.notes.insert(0, counts.join(" · "));
        overview
    }

    /// A verdict; the law on which it rests is added to `law`.
    fn row(&self, verdict: &Verdict, is_explained: bool, law: &mut Law) -> Row {
        let context = self.session.context();
        let days = verdict.days.iter();
        let days: Vec<String> = days
            .map(|(from, through)| context.stretch(*from, *through))
            .collect();
        let query = query_of(&verdict.claim);
        let page = is_explained.then(|| {
            let mut explained = self.session.explain(self.evaluated, &query, None);
            let pattern = pattern_of(&query);
            // One that is open for several reasons has a row for each.
            let is_it = |it: &Explained| {
                let Explained::Open(open) = it else {
                    return false;
                };
                verdict.standing == Standing::Open && open.days == verdict.days
            };
            let own = explained.iter().position(is_it).unwrap_or(0);
            let own = explained.drain(..).nth(own);
            own.map(|it| {
                let (page, own) = self.page_and_law(&pattern, &it);
                law.add(&own);
                page
            })
        });
        let page = page.flatten();
        Row {
            text: context.sentence(&verdict.claim),
            atom: context.atom(verdict.claim.relation, &verdict.claim.args),
            status: match verdict.standing {
                Standing::Holds => "holds",
                Standing::Open => "open",
                Standing::Suspended => "suspended",
                Standing::Exempt => "exempt",
            },
            by: verdict.by.clone(),
            marks: verdict.marks.words(),
            days: days.join(", "),
            page,
        }
    }

    /// For each event and each verdict about such events: that there is none.
    fn add_absent(&self, verdicts: &[Verdict], overview: &mut Overview) {
        let (policy, context) = (&self.session.policy, self.session.context());
        let mut left_out = 0;
        let mut seen = BTreeSet::new();
        for fact in self.evaluated.facts.iter() {
            let event = policy.relation(fact.relation);
            let (Kind::Declared(RelationKind::Event), Some(id), Some(field)) =
                (event.kind, fact.args.first(), event.fields.first())
            else {
                continue;
            };
            if !seen.insert(id.clone()) {
                continue;
            }
            for (at, relation) in policy.relations.iter().enumerate() {
                let is_verdict = relation.kind == Kind::Declared(RelationKind::Verdict);
                let place = relation.fields.iter().position(|it| it.ty == field.ty);
                let (true, Some(place)) = (is_verdict, place) else {
                    continue;
                };
                let is_about = |verdict: &&Verdict| {
                    verdict.claim.relation.at() == at && verdict.claim.args[place] == *id
                };
                if verdicts.iter().any(|verdict| is_about(&verdict)) {
                    continue;
                }
                if overview.rows.len() >= verdicts.len() + MOST_ABSENT {
                    left_out += 1;
                    continue;
                }
                let query = query_about(RelationId(at as u32), relation.fields.len(), place, id);
                let pattern = pattern_of(&query);
                let explained = self.session.explain(self.evaluated, &query, None);
                let page = explained.first().map(|it| self.page(&pattern, it));
                overview.rows.push(Row {
                    text: context.pattern_sentence(&pattern),
                    atom: context.pattern_atom(&pattern),
                    status: "does not hold",
                    by: Vec::new(),
                    marks: Vec::new(),
                    days: String::new(),
                    page,
                });
            }
        }
        if left_out > 0 {
            overview
                .notes
                .push(format!("{left_out} more that do not hold are left out."));
        }
    }
}

/// What marks mean, each in a sentence.
fn remarks_on(marks: &Marks) -> Vec<String> {
    let beyond =
        "Beyond review: it rests on a clause beyond the day up to which that was reviewed.";
    let beyond = marks.beyond_review.then(|| beyond.to_owned());
    let unverified = marks.unverified.iter();
    let unverified =
        unverified.map(|reason| format!("It rests on a clause that is unverified: {reason}."));
    beyond.into_iter().chain(unverified).collect()
}

fn in_plural(status: &str, count: usize) -> &str {
    match (status, count) {
        ("holds", 2..) => "hold",
        ("does not hold", 2..) => "do not hold",
        (status, _) => status,
    }
}

fn nowhere() -> Span {
    Span {
        file: FileId(0),
        start: 0,
        end: 0,
    }
}

/// The question whether this very fact holds.
fn query_of(claim: &Claim) -> Query {
    let term = |value: &Value| match value {
        Value::None => Term::Missing,
        Value::Unknown => Term::Any,
        known => Term::Value(known.clone()),
    };
    Query {
        atom: Atom {
            relation: claim.relation,
            args: claim.args.iter().map(term).collect(),
            span: nowhere(),
        },
        variables: Vec::new(),
        on: claim.day,
    }
}

/// The question whether anything of the kind holds of this.
fn query_about(relation: RelationId, fields: usize, place: usize, id: &Value) -> Query {
    let mut args = vec![Term::Any; fields];
    args[place] = Term::Value(id.clone());
    Query {
        atom: Atom {
            relation,
            args,
            span: nowhere(),
        },
        variables: Vec::new(),
        on: None,
    }
}
