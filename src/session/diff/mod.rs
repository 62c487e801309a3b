//! What a change of a policy changes: the verdicts of cases and files of facts under both, and which change makes which
//! difference.
//!
//! `pieces` takes both policies apart, `changes` lays them side by side, `hybrid` makes the new policy with some changes
//! undone, `worlds` are the facts, `outcomes` what is said of them; `lab` tries, `causes` draws the conclusions, `guard` looks
//! that no change was missed.
//!
//! The old policy that is asked is the new one with all changes undone: what means nothing (where a thing stands, what a
//! variable is called) is the same in both, and cannot make a difference.

mod causes;
mod changes;
mod guard;
mod hybrid;
mod lab;
mod meanings;
mod outcomes;
mod pieces;
mod renamed;
mod rows;
mod strike;
#[cfg(test)]
mod tests;
mod words;
mod worlds;

pub use causes::Cause;
pub use changes::{Change, ChangeId};
pub use lab::Given;
pub(super) use outcomes::verdicts_of;
pub use outcomes::{Difference, Stand, Turn};
pub use worlds::{When, World};

use super::explain::Explained;
use super::load::Written;
use super::parallel::in_parallel;
use super::reach::Reach;
use super::{MOST_POINTS, Session};
use crate::diagnostic::Diagnostics;
use crate::engine::Limits;
use crate::facts::Facts;
use crate::ir::{self, Atom, Query, Term};
use crate::proof::Claim;
use crate::source::{FileId, Sources, Span};
use crate::syntax::File;
use crate::syntax::file::{CaseItemKind, ItemKind};
use crate::value::Value;
use changes::{Sides, Undo};
use guard::{Guard, Texts};
use hybrid::Maker;
use lab::{Lab, Undone};
use outcomes::{Asked, differences};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use worlds::Teller;

/// The code of the message that a case expects nothing.
const EXPECTS_NOTHING: &str = "W0231";

/// Two policies, or one under two laws, before they are asked anything.
#[derive(Clone, Debug)]
pub struct Comparison {
    written: Written,
    old_files: Vec<FileId>,
    new_files: Vec<FileId>,
    /// The old policy as it stands.
    pub old: Session,
    /// The new policy, with the cases.
    pub new: Session,
    when: [When; 2],
}

/// What is compared.
#[derive(Clone, Debug, Default)]
pub struct Compared {
    /// The old policy.
    pub old: PathBuf,
    /// The new one; the same as `old` where one policy is asked under two laws.
    pub new: PathBuf,
    /// Files and folders with cases.
    pub cases: Vec<PathBuf>,
    /// What stands in front of the names of the old policy's files, to tell them from the new ones: `main:`.
    pub old_name: Option<(PathBuf, String)>,
    /// Under which law the old policy is asked, and the new one.
    pub when: [When; 2],
}

/// What a change changes.
#[derive(Clone, Debug)]
pub struct Review {
    /// All changes that mean something.
    pub changes: Vec<Change>,
    /// The worlds in which both policies were asked.
    pub worlds: Vec<World>,
    /// The differences by what makes them.
    pub groups: Vec<Group>,
    /// The changes that make no difference in these worlds.
    pub idle: Vec<ChangeId>,
    /// How many facts mean nothing to the old policy.
    pub lost_facts: usize,
    /// Whether of some verdicts the grounds were not compared: too many in one world.
    pub is_cut_short: bool,
    /// Whether feeds differ, and the old ones could not read the facts: those came from standard input.
    pub is_read_once: bool,
    /// The new policy with all changes undone, and with none.
    pub sides: [Arc<Session>; 2],
}

/// Differences with one cause.
#[derive(Clone, Debug)]
pub struct Group {
    /// What makes them.
    pub cause: Cause,
    /// Each with the world (by its place in `Review::worlds`) in which it is.
    pub differences: Vec<(usize, Difference)>,
    /// The one in the smallest world, by its place in `differences`.
    pub example: usize,
    /// Why the example was as it was, and why it is as it is.
    pub why: [Option<Explained>; 2],
}

impl Comparison {
    /// Reads both policies and the cases. Where one of them cannot be used, the messages say why.
    pub fn load(compared: &Compared) -> Result<Comparison, (Diagnostics, Sources)> {
        let mut written = Written::default();
        let named = |name: String| match &compared.old_name {
            Some((folder, prefix)) => {
                let folder = folder.to_string_lossy().replace('\\', "/");
                let inner = name.strip_prefix(&folder).unwrap_or(&name);
                format!("{prefix}{}", inner.trim_start_matches('/'))
            }
            None => name,
        };
        let old_files = written.read(std::slice::from_ref(&compared.old), &named);
        let is_one = compared.old == compared.new;
        let new_files = match is_one {
            true => old_files.clone(),
            false => written.read(std::slice::from_ref(&compared.new), &|name| name),
        };
        let case_files = written.read(&compared.cases, &|name| name);
        let old_only = law_of(&written, &old_files);
        // What cases expect is not asked here: only their facts are.
        for (_, file) in &mut written.files {
            for item in &mut file.items {
                if let ItemKind::Case(case) = &mut item.kind {
                    let is_fact = |kind: &CaseItemKind| !matches!(kind, CaseItemKind::Expect(_));
                    case.items.retain(|item| is_fact(&item.kind));
                }
            }
        }
        let old = usable(written.resolve_as(&old_only, written.sources.clone()))?;
        let new_and_cases = of_files(&written, &[&new_files, &case_files]);
        let new = usable(written.resolve_as(&new_and_cases, written.sources.clone()));
        let new = new.map_err(|(mut problems, sources)| {
            // What the cases expect was taken out above.
            problems
                .list
                .retain(|problem| problem.code != EXPECTS_NOTHING);
            (problems, sources)
        })?;
        let new_files = [new_files, case_files].concat();
        Ok(Comparison {
            written,
            old_files,
            new_files,
            old,
            new,
            when: compared.when.clone(),
        })
    }

    /// Up to how many open points that matter to one verdict it is decided exactly, and how much each run may take.
    pub fn set_means(&mut self, most_points: usize, limits: Limits) {
        for session in [&mut self.old, &mut self.new] {
            session.most_points = most_points;
            session.limits = limits;
        }
    }

    /// Asks both policies about all cases, and about the facts, and finds what makes each difference. Without facts and
    /// without cases there is nothing to ask.
    pub fn review(&self, given: Option<Given>) -> Review {
        let new_files = of_files(&self.written, &[&self.new_files]);
        let old_files = of_files(&self.written, &[&self.old_files]);
        let sides = Sides {
            old: (&self.old, pieces::pieces(&self.old, &old_files)),
            new: (&self.new, pieces::pieces(&self.new, &new_files)),
        };
        let mut changes = changes::changes(&sides);
        changes.extend(self.known_meanwhile());
        changes.extend(self.turned_meanwhile());
        let mut worlds = worlds::cases(&self.new);
        worlds.extend(given.as_ref().map(|given| World {
            case: None,
            place: given.arguments.join(", "),
            facts: given.facts.clone(),
            known_at: None,
            without: Vec::new(),
        }));
        let real_old = self.real_old();
        let lab = Lab {
            written: &self.written,
            maker: Maker {
                old: &sides.old.1,
                new: &sides.new.1,
                files: &new_files,
            },
            new: &self.new,
            old: &real_old,
            given: given.as_ref(),
            changes: &changes,
            when: self.when.clone(),
            made: Mutex::new(BTreeMap::new()),
        };
        let old = lab.session(&lab.all());
        let old = old.expect("the old policy stands for what cannot be made");
        let new = lab.session(&Undone::new());
        let new = new.expect("the new policy stands for itself");
        let unlike = self.unlike_files([&old_files, &new_files]);
        let guard = (!unlike.is_empty()).then(|| Guard {
            old: &real_old,
            new: &self.new,
            when: &self.when[0],
            given: self.given_by_old(&lab),
        });
        let is_as_of = self.when[0].as_of != self.when[1].as_of;
        let found = match changes.is_empty() && !is_as_of && guard.is_none() {
            true => Vec::new(),
            false => self.compare(&lab, &old, guard.as_ref(), &worlds),
        };
        self.gathered(&lab, [old, new], worlds, found, &unlike)
    }

    /// The old policy, with the texts of the new one beside its own: facts lie in those.
    fn real_old(&self) -> Session {
        let law = law_of(&self.written, &self.old_files);
        let session = self.written.resolve_as(&law, self.new.sources.clone());
        Session {
            engine: self.old.engine,
            most_points: self.old.most_points,
            limits: self.old.limits,
            ..session
        }
    }

    /// The files that differ; none where one policy is asked twice.
    fn unlike_files(&self, [old, new]: [&[(FileId, File)]; 2]) -> Vec<String> {
        let beside = self.written.sources.files().count();
        let texts = |session, files| Texts {
            session,
            files,
            beside,
        };
        match self.old_files.iter().all(|id| self.new_files.contains(id)) {
            true => Vec::new(),
            false => guard::unlike_files([texts(&self.old, old), texts(&self.new, new)]),
        }
    }

    /// What the files of facts give by the feeds of the old policy, where they say something else.
    fn given_by_old(&self, lab: &Lab<'_>) -> Option<Result<Facts, String>> {
        let given = lab.given.filter(|given| given.can_be_read_again())?;
        let is_other = lab.changes.iter().any(|change| change.undo.feeds);
        is_other.then(|| given.read_by(&mut lab.old.clone()))
    }

    /// Both policies asked about each world: what differs, and what makes it.
    fn compare(
        &self,
        lab: &Lab<'_>,
        old: &Arc<Session>,
        guard: Option<&Guard<'_>>,
        worlds: &[World],
    ) -> Vec<InWorld> {
        let reach = Reach::of([&self.old.policy, &self.new.policy]);
        in_parallel(worlds, None, |world| {
            let before = lab.ask_old(world);
            let after = lab.ask(world, &Undone::new());
            let (Some((before, lost_facts)), Some((new, after, _))) = (before, after) else {
                return InWorld::default();
            };
            let (mut list, are_all) = differences((&before, old), (&after, &new));
            let missed = guard.map(|guard| guard.missed(world, (&before, old), (&after, &new)));
            let (atoms, missed) = missed.unwrap_or_default();
            list.retain(|difference| !atoms.contains(&difference.atom));
            let causes = match list.is_empty() {
                true => Vec::new(),
                false => causes::causes(lab, &reach, world, (&before, old), &list),
            };
            // Behind all changes that were found stands the one that was not.
            let other = Cause::Each(vec![lab.changes.len()]);
            let mut differences: Vec<_> = list.into_iter().zip(causes).collect();
            differences.extend(missed.into_iter().map(|it| (it, other.clone())));
            InWorld {
                differences,
                lost_facts,
                is_cut_short: !are_all,
            }
        })
    }

    fn gathered(
        &self,
        lab: &Lab<'_>,
        [old, new]: [Arc<Session>; 2],
        worlds: Vec<World>,
        found: Vec<InWorld>,
        unlike: &[String],
    ) -> Review {
        let mut by_cause: BTreeMap<Cause, Vec<(usize, Difference)>> = BTreeMap::new();
        let (mut lost_facts, mut is_cut_short) = (0, false);
        for (at, in_world) in found.into_iter().enumerate() {
            lost_facts += in_world.lost_facts;
            is_cut_short |= in_world.is_cut_short;
            for (difference, cause) in in_world.differences {
                by_cause.entry(cause).or_default().push((at, difference));
            }
        }
        let named = by_cause.keys().flat_map(|cause| match cause {
            Cause::Each(changes) | Cause::Together(changes) => changes.clone(),
            Cause::Unknown => Vec::new(),
        });
        let named: BTreeSet<ChangeId> = named.collect();
        let groups = by_cause.into_iter().map(|(cause, differences)| {
            // A gain or loss says more than another ground; then the smallest world is the easiest to follow.
            let key = |(at, difference): &(usize, Difference)| {
                let is_fine = difference.turn >= Turn::OtherDays;
                (is_fine, worlds[*at].size(), *at)
            };
            let example = (0..differences.len()).min_by_key(|at| key(&differences[*at]));
            let example = example.unwrap_or(0);
            let (at, difference) = &differences[example];
            Group {
                why: self.why(lab, &old, &worlds[*at], &cause, difference),
                cause,
                example,
                differences,
            }
        });
        let groups: Vec<Group> = groups.collect();
        let mut changes = lab.changes.to_vec();
        if named.contains(&changes.len()) {
            changes.push(guard::another_change(unlike));
        }
        Review {
            idle: (0..lab.changes.len())
                .filter(|at| !named.contains(at))
                .collect(),
            changes,
            worlds,
            groups,
            lost_facts,
            is_cut_short,
            is_read_once: lab.given.is_some_and(|given| !given.can_be_read_again())
                && lab.changes.iter().any(|change| change.undo.feeds),
            sides: [old, new],
        }
    }

    fn why(
        &self,
        lab: &Lab<'_>,
        old: &Session,
        world: &World,
        cause: &Cause,
        difference: &Difference,
    ) -> [Option<Explained>; 2] {
        let is_missed = |changes: &Vec<ChangeId>| changes.contains(&lab.changes.len());
        let is_missed = matches!(cause, Cause::Each(changes) if is_missed(changes));
        // What no change was found for cannot be shown with the changes undone.
        if difference.turn == Turn::Failure || is_missed {
            return [None, None];
        }
        let new = lab.session(&Undone::new());
        let new = new.as_deref().unwrap_or(&self.new);
        let before = lab.ask_old(world).map(|(asked, _)| asked);
        let after = lab.ask(world, &Undone::new()).map(|(_, asked, _)| asked);
        let atom = &difference.atom;
        let claim_in = |asked: &Option<Asked>| -> Option<Claim> {
            let outcomes = asked.as_ref()?.outcomes.as_ref().ok()?;
            outcomes.get(atom).map(|told| told.claim.clone())
        };
        let (was, is) = (claim_in(&before), claim_in(&after));
        let was = was.or_else(|| told(new, old, is.as_ref()?));
        let is = is.or_else(|| told(old, new, was.as_ref()?));
        [
            explained(old, before.as_ref(), was),
            explained(new, after.as_ref(), is),
        ]
    }

    /// The notices that one side knows and the other does not yet.
    fn known_meanwhile(&self) -> Vec<Change> {
        let [old, new] = &self.when;
        let is_known = |when: &When, day| when.known_at.is_none_or(|known| day <= known);
        let notices = self.new.policy.notices.iter();
        let turned =
            notices.filter(|it| is_known(old, it.published) != is_known(new, it.published));
        let mut turned: Vec<_> = turned.collect();
        turned.sort_by_key(|notice| (notice.published, notice.id.clone()));
        let changes = turned.into_iter().map(|notice| {
            let (id, published) = (&notice.id, notice.published);
            let title = match is_known(new, published) {
                true => format!("{id} became known on {published}"),
                false => format!("{id} was not yet known: it was published on {published}"),
            };
            let title = match notice.title.as_str() {
                "" => title,
                words => format!("{title}: “{words}”"),
            };
            Change {
                notice: Some(id.clone()),
                clause: Some(id.clone()),
                title,
                old: Vec::new(),
                new: Vec::new(),
                undo: Undo {
                    notices: BTreeSet::from([id.clone()]),
                    ..Undo::default()
                },
                about: None,
            }
        });
        changes.collect()
    }

    /// The clauses that stand otherwise on the day by whose law the new side is asked.
    fn turned_meanwhile(&self) -> Vec<Change> {
        let (Some(before), Some(after)) = (self.when[0].as_of, self.when[1].as_of) else {
            return Vec::new();
        };
        if before == after {
            return Vec::new();
        }
        let session = &self.new;
        let world = World {
            case: None,
            place: String::new(),
            facts: Facts::default(),
            known_at: None,
            without: Vec::new(),
        };
        let circumstances = world.circumstances(&session.policy, &self.when[1]);
        let (calendars, _) = ir::calendars(&session.policy, &circumstances);
        let calendar = &calendars.base;
        let turns = session.turns_between(calendar, before, after);
        let changes = turns.into_iter().map(|(turn, under)| {
            let context = session.context();
            let citation = session.policy.citation(turn.clause);
            let clause = session.policy.clause(turn.clause);
            Change {
                notice: Some(session.policy.notice(clause.notice).id.clone()),
                title: format!(
                    "{citation} is {} on {before}, and {} on {after}",
                    context.status(&turn.before),
                    context.status(&turn.after)
                ),
                clause: Some(citation),
                old: Vec::new(),
                new: Vec::new(),
                undo: Undo {
                    held: under
                        .into_iter()
                        .map(|clause| session.policy.citation(clause))
                        .collect(),
                    ..Undo::default()
                },
                about: None,
            }
        });
        changes.collect()
    }
}

#[derive(Default)]
struct InWorld {
    differences: Vec<(Difference, Cause)>,
    lost_facts: usize,
    is_cut_short: bool,
}

/// Files without their cases.
fn law_of(written: &Written, files: &[FileId]) -> Vec<(FileId, File)> {
    let mut files = of_files(written, &[files]);
    for (_, file) in &mut files {
        let is_law = |kind: &ItemKind| !matches!(kind, ItemKind::Case(_) | ItemKind::Given(_));
        file.items.retain(|item| is_law(&item.kind));
    }
    files
}

/// The files of these lists, as written.
fn of_files(written: &Written, wanted: &[&[FileId]]) -> Vec<(FileId, File)> {
    let files = written.files.iter();
    let files = files.filter(|(id, _)| wanted.iter().any(|ids| ids.contains(id)));
    files.cloned().collect()
}

pub(super) fn usable(mut session: Session) -> Result<Session, (Diagnostics, Sources)> {
    if !session.diagnostics.has_errors() {
        let order = session.check_order();
        session.diagnostics.extend(order);
    }
    session.most_points = MOST_POINTS;
    match session.diagnostics.has_errors() {
        true => Err((session.diagnostics, session.sources)),
        false => Ok(session),
    }
}

/// A verdict in another policy's words.
fn told(from: &Session, to: &Session, claim: &Claim) -> Option<Claim> {
    let teller = Teller::new(&from.policy, &to.policy);
    Some(Claim {
        relation: teller.relation(claim.relation)?,
        args: teller.args(claim.relation, &claim.args)?,
        day: claim.day,
    })
}

fn explained(session: &Session, asked: Option<&Asked>, claim: Option<Claim>) -> Option<Explained> {
    let (evaluated, claim) = (asked?.evaluated.as_ref()?, claim?);
    let args = claim.args.iter().map(|value| match value {
        Value::None => Term::Missing,
        Value::Unknown => Term::Any,
        value => Term::Value(value.clone()),
    });
    let span = session.policy.relation(claim.relation).span;
    let nowhere = Span {
        file: FileId(0),
        start: 0,
        end: 0,
    };
    let query = Query {
        atom: Atom {
            relation: claim.relation,
            args: args.collect(),
            span: span.unwrap_or(nowhere),
        },
        variables: Vec::new(),
        on: claim.day,
    };
    session.explain(evaluated, &query, None).into_iter().next()
}
