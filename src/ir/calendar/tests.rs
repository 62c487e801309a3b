use super::*;
use crate::ir::policy::*;
use crate::source::{FileId, Place, Span};
use crate::value::Value;
use proptest::prelude::*;

const NOWHERE: Span = Span {
    file: FileId(0),
    start: 0,
    end: 0,
};

fn day(number: i64) -> Date {
    let first = Date::constant(2025, 1, 1);
    first
        .checked_add(jiff::Span::new().days(number))
        .expect("a day of the test")
}

fn clause_day(number: i64) -> ClauseDay {
    ClauseDay {
        date: day(number),
        set_by: None,
        span: NOWHERE,
    }
}

/// A notice called `n0`, `n1`, … published on its first day; gives the clause that stands for it.
fn notice(policy: &mut Policy, from: i64, through: Option<i64>) -> ClauseId {
    let whole = ClauseId(policy.clauses.len() as u32);
    let notice = NoticeId(policy.notices.len() as u32);
    policy.notices.push(Notice {
        id: format!("n{}", notice.0),
        title: String::new(),
        whole,
        issuers: Vec::new(),
        published: day(from),
        sources: Vec::new(),
        doc: String::new(),
        span: NOWHERE,
    });
    push_clause(policy, notice, "", None, from, through)
}

fn clause(policy: &mut Policy, whole: ClauseId, id: &str) -> ClauseId {
    let above = policy.clause(whole).clone();
    let first = (above.from.date - day(0)).get_days() as i64;
    push_clause(policy, above.notice, id, Some(whole), first, None)
}

fn push_clause(
    policy: &mut Policy,
    notice: NoticeId,
    id: &str,
    parent: Option<ClauseId>,
    from: i64,
    through: Option<i64>,
) -> ClauseId {
    policy.clauses.push(Clause {
        notice,
        id: id.into(),
        heading: String::new(),
        parent,
        from: clause_day(from),
        through: through.map(clause_day),
        reviewed: None,
        unverified: None,
        doc: String::new(),
        span: NOWHERE,
    });
    ClauseId(policy.clauses.len() as u32 - 1)
}

/// First and last day, by number.
type Numbers = (i64, Option<i64>);

fn effect(policy: &mut Policy, kind: EffectKind, by: ClauseId, target: ClauseId, days: &[Numbers]) {
    let stretches = days.iter().map(|(from, through)| EffectStretch {
        from: day(*from),
        through: through.map(day),
        condition: None,
        span: NOWHERE,
    });
    let effect = Effect {
        kind,
        by,
        targets: policy.clauses_under(target),
        stretches: stretches.collect(),
        span: NOWHERE,
    };
    policy.effects.push(effect);
}

fn made_conditional(policy: &mut Policy, effect: usize, negated: bool) {
    policy.effects[effect].stretches[0].condition = Some(condition(negated));
}

fn condition(negated: bool) -> Condition {
    Condition {
        negated,
        relation: RelationId(0),
        args: vec![Value::Bool(true)],
        span: NOWHERE,
    }
}

fn answered(denied: bool) -> Circumstances {
    Circumstances {
        judgements: vec![Fact {
            relation: RelationId(0),
            args: vec![Value::Bool(true)],
            days: None,
            denied,
            place: Place::Span(NOWHERE),
        }],
        ..Circumstances::default()
    }
}

fn calendar_of(policy: &Policy) -> Calendar {
    calendar_under(policy, &Circumstances::default())
}

fn calendar_under(policy: &Policy, circumstances: &Circumstances) -> Calendar {
    let (calendar, diagnostics) = calendar(policy, circumstances);
    assert!(diagnostics.list.is_empty(), "{:#?}", diagnostics.list);
    calendar
}

fn cycles(policy: &Policy) -> Vec<String> {
    let (_, diagnostics) = calendar(policy, &Circumstances::default());
    let messages = diagnostics.list.into_iter();
    messages.map(|diagnostic| diagnostic.message).collect()
}

fn statuses(calendar: &Calendar, clause: ClauseId, days: &[i64]) -> Vec<Status> {
    let status = |number: &i64| calendar.on(clause, day(*number)).status.clone();
    days.iter().map(status).collect()
}

use EffectKind::{Repeals, Replaces, Suspends};
use Status::*;

#[test]
fn a_suspension_counts_only_while_what_states_it_is_in_force() {
    let mut policy = Policy::default();
    let base = notice(&mut policy, 0, None);
    let pause = notice(&mut policy, 10, None);
    let pause_of_pause = notice(&mut policy, 20, None);
    effect(&mut policy, Suspends, pause, base, &[(5, Some(39))]);
    effect(
        &mut policy,
        Suspends,
        pause_of_pause,
        pause,
        &[(20, Some(29))],
    );
    let calendar = calendar_of(&policy);
    assert_eq!(
        statuses(&calendar, base, &[-1, 0, 9, 10, 19, 20, 29, 30, 39, 40]),
        [
            NotYet,
            InForce,
            InForce,
            Suspended(0),
            Suspended(0),
            InForce,
            InForce,
            Suspended(0),
            Suspended(0),
            InForce
        ]
    );
}

#[test]
fn a_repeal_is_final_even_if_what_states_it_ends() {
    let mut policy = Policy::default();
    let base = notice(&mut policy, 0, None);
    let later = notice(&mut policy, 30, None);
    let end = notice(&mut policy, 0, Some(15));
    effect(&mut policy, Repeals, end, base, &[(10, None)]);
    effect(&mut policy, Repeals, end, later, &[(12, None)]);
    let calendar = calendar_of(&policy);
    assert_eq!(
        statuses(&calendar, base, &[9, 10, 16, 900]),
        [InForce, Repealed(0), Repealed(0), Repealed(0)]
    );
    assert_eq!(
        statuses(&calendar, later, &[11, 12, 30]),
        [NotYet, Repealed(1), Repealed(1)]
    );
}

#[test]
fn a_repeal_whose_day_comes_while_it_is_suspended_waits() {
    let mut policy = Policy::default();
    let base = notice(&mut policy, 0, None);
    let end = notice(&mut policy, 0, None);
    let pause = notice(&mut policy, 0, None);
    effect(&mut policy, Repeals, end, base, &[(10, None)]);
    effect(&mut policy, Suspends, pause, end, &[(5, Some(19))]);
    let calendar = calendar_of(&policy);
    assert_eq!(
        statuses(&calendar, base, &[10, 19, 20]),
        [InForce, InForce, Repealed(0)]
    );
}

#[test]
fn notices_that_suspend_each_other_on_the_same_day_are_reported_once() {
    let mut policy = Policy::default();
    let one = notice(&mut policy, 0, None);
    let two = notice(&mut policy, 0, None);
    effect(&mut policy, Suspends, one, two, &[(0, Some(9))]);
    effect(&mut policy, Suspends, two, one, &[(5, Some(20))]);
    effect(&mut policy, Suspends, two, one, &[(40, None)]);
    let messages = cycles(&policy);
    assert_eq!(messages.len(), 1, "{messages:?}");
    assert!(
        messages[0].contains("2025-01-06")
            && messages[0].contains("`n0` suspends `n1`, `n1` suspends `n0`"),
        "{messages:?}"
    );
}

#[test]
fn notices_that_suspend_each_other_on_different_days_are_fine() {
    let mut policy = Policy::default();
    let one = notice(&mut policy, 0, None);
    let two = notice(&mut policy, 0, None);
    effect(&mut policy, Suspends, one, two, &[(0, Some(9))]);
    effect(&mut policy, Suspends, two, one, &[(10, Some(20))]);
    assert!(cycles(&policy).is_empty());
}

#[test]
fn a_circle_that_another_notice_breaks_does_not_close() {
    let mut policy = Policy::default();
    let one = notice(&mut policy, 0, None);
    let two = notice(&mut policy, 0, None);
    let pause = notice(&mut policy, 0, None);
    effect(&mut policy, Suspends, one, two, &[(0, None)]);
    effect(&mut policy, Suspends, two, one, &[(0, None)]);
    effect(&mut policy, Suspends, pause, one, &[(0, None)]);
    let calendar = calendar_of(&policy);
    assert_eq!(statuses(&calendar, one, &[0]), [Suspended(1)]);
    assert_eq!(statuses(&calendar, two, &[0]), [InForce]);
}

#[test]
fn what_was_repealed_closes_no_circle() {
    let mut policy = Policy::default();
    let one = notice(&mut policy, 0, None);
    let two = notice(&mut policy, 0, None);
    effect(&mut policy, Repeals, one, two, &[(5, None)]);
    effect(&mut policy, Suspends, two, one, &[(10, None)]);
    let calendar = calendar_of(&policy);
    assert_eq!(
        statuses(&calendar, one, &[4, 5, 10]),
        [InForce, InForce, InForce]
    );
    assert_eq!(
        statuses(&calendar, two, &[4, 5, 10]),
        [InForce, Repealed(0), Repealed(0)]
    );
}

#[test]
fn a_notice_may_repeal_itself_but_not_suspend_itself() {
    let mut policy = Policy::default();
    let one = notice(&mut policy, 0, None);
    effect(&mut policy, Repeals, one, one, &[(5, None)]);
    let calendar = calendar_of(&policy);
    assert_eq!(statuses(&calendar, one, &[4, 5]), [InForce, Repealed(0)]);
    policy.effects[0].kind = Suspends;
    assert_eq!(cycles(&policy).len(), 1);
}

#[test]
fn what_replaces_a_clause_takes_what_is_said_of_it() {
    let mut policy = Policy::default();
    let base = notice(&mut policy, 0, None);
    let old = clause(&mut policy, base, "1");
    let renewal = notice(&mut policy, 10, None);
    let new = clause(&mut policy, renewal, "1");
    let pause = notice(&mut policy, 0, None);
    effect(&mut policy, Replaces, new, old, &[(5, None)]);
    effect(&mut policy, Suspends, pause, old, &[(8, Some(12))]);
    effect(&mut policy, Repeals, pause, base, &[(20, None)]);
    let calendar = calendar_of(&policy);
    assert_eq!(
        statuses(&calendar, old, &[5, 8, 9, 10, 13]),
        [
            InForce,
            Suspended(1),
            Suspended(1),
            Replaced(0),
            Replaced(0)
        ]
    );
    assert_eq!(
        statuses(&calendar, new, &[9, 10, 12, 13, 19, 20]),
        [
            NotYet,
            Suspended(1),
            Suspended(1),
            InForce,
            InForce,
            Repealed(2)
        ]
    );
    let replacement = Replacement {
        old,
        new,
        days: Days {
            from: day(10),
            through: LAST_DAY,
        },
        effect: 0,
    };
    assert_eq!(calendar.replacements, [replacement]);
}

/// Which clauses stand as which on a day.
fn standing(calendar: &Calendar, on: i64) -> Vec<(ClauseId, ClauseId)> {
    let then = calendar.replacements.iter();
    let then = then.filter(|it| it.days.covers(day(on)));
    then.map(|it| (it.new, it.old)).collect()
}

#[test]
fn what_is_replaced_for_a_time_comes_back() {
    let mut policy = Policy::default();
    let old = notice(&mut policy, 0, None);
    let new = notice(&mut policy, 10, None);
    let stretches = [(10, Some(19)), (30, Some(39))];
    effect(&mut policy, Replaces, new, old, &stretches);
    let calendar = calendar_of(&policy);
    assert_eq!(
        statuses(&calendar, old, &[9, 10, 19, 20, 29, 30, 39, 40]),
        [
            InForce,
            Replaced(0),
            Replaced(0),
            InForce,
            InForce,
            Replaced(0),
            Replaced(0),
            InForce
        ]
    );
    let pairs = [9, 10, 19, 20, 30, 40].map(|on| standing(&calendar, on).len());
    assert_eq!(pairs, [0, 1, 1, 0, 1, 0]);
    // What replaces it has days of its own.
    assert!(calendar.is_in_force(new, day(25)));
}

#[test]
fn a_replacement_waits_until_what_states_it_is_in_force_and_then_lasts() {
    let mut policy = Policy::default();
    let old = notice(&mut policy, 0, None);
    let new = notice(&mut policy, 0, None);
    let pause = notice(&mut policy, 0, None);
    effect(&mut policy, Replaces, new, old, &[(10, Some(29))]);
    let pauses = [(5, Some(14)), (20, Some(24))];
    effect(&mut policy, Suspends, pause, new, &pauses);
    let calendar = calendar_of(&policy);
    assert_eq!(
        statuses(&calendar, old, &[10, 14, 15, 22, 29, 30]),
        [
            InForce,
            InForce,
            Replaced(0),
            Replaced(0),
            Replaced(0),
            InForce
        ]
    );
}

#[test]
fn what_is_said_of_a_clause_is_said_of_what_replaces_it_only_while_that_does() {
    let mut policy = Policy::default();
    let old = notice(&mut policy, 0, None);
    let new = notice(&mut policy, 0, None);
    let pause = notice(&mut policy, 0, None);
    effect(&mut policy, Replaces, new, old, &[(10, Some(19))]);
    effect(&mut policy, Suspends, pause, old, &[(15, Some(24))]);
    let calendar = calendar_of(&policy);
    assert_eq!(
        statuses(&calendar, new, &[14, 15, 19, 20]),
        [InForce, Suspended(1), Suspended(1), InForce]
    );
    assert_eq!(
        statuses(&calendar, old, &[15, 19, 20, 24, 25]),
        [
            Replaced(0),
            Replaced(0),
            Suspended(1),
            Suspended(1),
            InForce
        ]
    );
}

#[test]
fn what_was_repealed_while_it_was_replaced_does_not_come_back() {
    let mut policy = Policy::default();
    let old = notice(&mut policy, 0, None);
    let new = notice(&mut policy, 0, None);
    let end = notice(&mut policy, 0, None);
    effect(&mut policy, Replaces, new, old, &[(10, Some(19))]);
    effect(&mut policy, Repeals, end, old, &[(15, None)]);
    let calendar = calendar_of(&policy);
    assert_eq!(
        statuses(&calendar, old, &[10, 14, 15, 20]),
        [Replaced(0), Replaced(0), Repealed(1), Repealed(1)]
    );
    assert_eq!(
        statuses(&calendar, new, &[14, 15, 20]),
        [InForce, Repealed(1), Repealed(1)]
    );
}

#[test]
fn who_replaces_a_replacement_for_a_time_stands_as_both_while_both_do() {
    let mut policy = Policy::default();
    let first = notice(&mut policy, 0, None);
    let second = notice(&mut policy, 0, None);
    let third = notice(&mut policy, 0, None);
    effect(&mut policy, Replaces, second, first, &[(10, Some(29))]);
    effect(&mut policy, Replaces, third, second, &[(20, Some(39))]);
    let calendar = calendar_of(&policy);
    assert_eq!(
        statuses(&calendar, first, &[10, 29, 30]),
        [Replaced(0), Replaced(0), InForce]
    );
    assert_eq!(
        statuses(&calendar, second, &[19, 20, 39, 40]),
        [InForce, Replaced(1), Replaced(1), InForce]
    );
    assert_eq!(standing(&calendar, 19), [(second, first)]);
    let both = [(second, first), (third, first), (third, second)];
    assert_eq!(standing(&calendar, 25), both);
    assert_eq!(standing(&calendar, 35), [(third, second)]);
    assert_eq!(standing(&calendar, 40), []);
}

#[test]
fn a_replacement_with_an_end_and_an_open_condition_is_open_through_that_end() {
    let mut policy = Policy::default();
    let old = notice(&mut policy, 0, None);
    let new = notice(&mut policy, 0, None);
    effect(&mut policy, Replaces, new, old, &[(10, Some(19))]);
    made_conditional(&mut policy, 0, false);
    assert_eq!(
        statuses(&calendar_of(&policy), old, &[9, 10, 19, 20]),
        [InForce, Undecided(0, 0), Undecided(0, 0), InForce]
    );
}

#[test]
fn a_repeal_on_the_day_of_the_replacement_means_the_old_one() {
    let mut policy = Policy::default();
    let old = notice(&mut policy, 0, None);
    let new = notice(&mut policy, 10, None);
    effect(&mut policy, Replaces, new, old, &[(10, None)]);
    effect(&mut policy, Repeals, new, old, &[(10, None)]);
    let calendar = calendar_of(&policy);
    assert_eq!(statuses(&calendar, new, &[10, 11]), [InForce, InForce]);
    assert!(!calendar.is_in_force(old, day(10)));
}

#[test]
fn what_a_notice_replaces_is_not_what_has_come_in_its_own_place_since() {
    let mut policy = Policy::default();
    let first = notice(&mut policy, 0, None);
    let second = notice(&mut policy, 0, None);
    let third = notice(&mut policy, 15, None);
    // The second stretch begins while the first one lasts, and when the third notice already stands for the second.
    let stretches = [(10, None), (20, None)];
    effect(&mut policy, Replaces, second, first, &stretches);
    effect(&mut policy, Replaces, third, second, &[(10, None)]);
    let calendar = calendar_of(&policy);
    assert_eq!(
        statuses(&calendar, third, &[14, 15, 20]),
        [NotYet, InForce, InForce]
    );
    assert_eq!(
        statuses(&calendar, second, &[14, 15, 20]),
        [InForce, Replaced(1), Replaced(1)]
    );
}

#[test]
fn what_replaces_a_replacement_stands_as_both() {
    let mut policy = Policy::default();
    let first = notice(&mut policy, 0, None);
    let second = notice(&mut policy, 10, None);
    let third = notice(&mut policy, 20, None);
    effect(&mut policy, Replaces, second, first, &[(10, None)]);
    effect(&mut policy, Replaces, third, first, &[(20, None)]);
    let calendar = calendar_of(&policy);
    assert_eq!(
        statuses(&calendar, second, &[10, 20]),
        [InForce, Replaced(1)]
    );
    let pairs = calendar.replacements.iter();
    let pairs: Vec<_> = pairs.map(|r| (r.old, r.new, r.days.from)).collect();
    assert_eq!(
        pairs,
        [
            (first, second, day(10)),
            (first, third, day(20)),
            (second, third, day(20))
        ]
    );
}

#[test]
fn an_open_condition_leaves_undecided_whatever_hangs_on_it() {
    let mut policy = Policy::default();
    let base = notice(&mut policy, 0, None);
    let pause = notice(&mut policy, 0, None);
    let pause_of_pause = notice(&mut policy, 0, None);
    effect(&mut policy, Suspends, pause, base, &[(10, Some(29))]);
    effect(
        &mut policy,
        Suspends,
        pause_of_pause,
        pause,
        &[(20, Some(39))],
    );
    made_conditional(&mut policy, 1, false);
    let days = [10, 20, 29, 30];
    assert_eq!(
        statuses(&calendar_of(&policy), base, &days),
        [Suspended(0), Undecided(1, 0), Undecided(1, 0), InForce]
    );
    let asserted = calendar_under(&policy, &answered(false));
    assert_eq!(
        statuses(&asserted, base, &days),
        [Suspended(0), InForce, InForce, InForce]
    );
    let denied = calendar_under(&policy, &answered(true));
    assert_eq!(
        statuses(&denied, base, &days),
        [Suspended(0), Suspended(0), Suspended(0), InForce]
    );
}

#[test]
fn a_repeal_with_an_open_condition_stays_undecided() {
    let mut policy = Policy::default();
    let base = notice(&mut policy, 0, None);
    let end = notice(&mut policy, 0, None);
    effect(&mut policy, Repeals, end, base, &[(10, Some(10))]);
    made_conditional(&mut policy, 0, true);
    assert_eq!(
        statuses(&calendar_of(&policy), base, &[9, 10, 11]),
        [InForce, Undecided(0, 0), Undecided(0, 0)]
    );
    let denied = calendar_under(&policy, &answered(true));
    assert_eq!(
        statuses(&denied, base, &[10, 11]),
        [Repealed(0), Repealed(0)]
    );
    let asserted = calendar_under(&policy, &answered(false));
    assert_eq!(statuses(&asserted, base, &[10, 11]), [InForce, InForce]);
}

#[test]
fn a_notice_that_is_left_out_does_nothing() {
    let mut policy = Policy::default();
    let base = notice(&mut policy, 0, None);
    let pause = notice(&mut policy, 10, None);
    effect(&mut policy, Suspends, pause, base, &[(10, Some(20))]);
    let early = Circumstances {
        known_at: Some(day(9)),
        ..Circumstances::default()
    };
    let without = Circumstances {
        without: vec![NoticeId(1)],
        ..Circumstances::default()
    };
    let lifted = Circumstances {
        suspensions_lifted: Lifted::By(vec![pause]),
        ..Circumstances::default()
    };
    for circumstances in [early, without, lifted] {
        let calendar = calendar_under(&policy, &circumstances);
        assert_eq!(statuses(&calendar, base, &[10, 20]), [InForce, InForce]);
    }
}

#[test]
fn a_long_chain_of_suspensions_is_worked_out() {
    let mut policy = Policy::default();
    for _ in 0..3_000 {
        notice(&mut policy, 0, None);
    }
    for at in 1..3_000 {
        let (by, target) = (ClauseId(at), ClauseId(at - 1));
        effect(&mut policy, Suspends, by, target, &[(0, None)]);
    }
    let calendar = calendar_of(&policy);
    assert!(calendar.is_in_force(ClauseId(2_999), day(0)));
    assert!(!calendar.is_in_force(ClauseId(0), day(0)));
}

/// The meaning, day by day: suspended while what says so is in force; repealed since the first such day; replaced since the first
/// such day of a stretch and through its last.
fn is_in_force_by_definition(policy: &Policy, clause: ClauseId, on: i64) -> bool {
    let own = policy.clause(clause);
    let covers = |stretch: &EffectStretch, on: i64| {
        stretch.from <= day(on) && stretch.through.is_none_or(|last| day(on) <= last)
    };
    let counts = |effect: &Effect, on: i64| {
        effect.stretches.iter().any(|stretch| covers(stretch, on))
            && is_in_force_by_definition(policy, effect.by, on)
    };
    let replaces = |effect: &Effect| {
        let mut stretches = effect
            .stretches
            .iter()
            .filter(|stretch| covers(stretch, on));
        stretches.any(|stretch| {
            let mut earlier = (0..=on).filter(|earlier| covers(stretch, *earlier));
            earlier.any(|earlier| is_in_force_by_definition(policy, effect.by, earlier))
        })
    };
    let mut effects = policy.effects.iter();
    own.from.date <= day(on)
        && own.through.is_none_or(|last| day(on) <= last.date)
        && !effects.any(|effect| {
            effect.targets.contains(&clause)
                && match effect.kind {
                    Suspends => counts(effect, on),
                    Repeals => (0..=on).any(|earlier| counts(effect, earlier)),
                    Replaces => replaces(effect),
                }
        })
}

const LAST: i64 = 24;

fn some_days() -> impl Strategy<Value = Numbers> {
    (0..LAST, prop::option::of(0..8i64))
        .prop_map(|(from, length)| (from, length.map(|length| from + length)))
}

/// Notices of two clauses each; later ones suspend, repeal or replace earlier ones, or clauses of them. What is replaced is named
/// once, so that nothing is said of what stands in its place.
fn some_policy() -> impl Strategy<Value = Policy> {
    let notices = prop::collection::vec(some_days(), 2..6);
    let effects = prop::collection::vec(
        (
            0..3usize,
            0..18usize,
            0..18usize,
            prop::collection::vec(some_days(), 1..3),
        ),
        0..7,
    );
    (notices, effects).prop_map(|(notices, effects)| {
        let mut policy = Policy::default();
        for (from, through) in notices {
            let whole = notice(&mut policy, from, through);
            clause(&mut policy, whole, "1");
            clause(&mut policy, whole, "2");
        }
        let count = policy.clauses.len();
        let mut named: BTreeSet<ClauseId> = BTreeSet::new();
        let mut replaced: BTreeSet<ClauseId> = BTreeSet::new();
        for (kind, one, other, days) in effects {
            let (one, other) = (one % count, other % count);
            let (by, target) = (one.max(other), one.min(other));
            let (by, target) = (ClauseId(by as u32), ClauseId(target as u32));
            let kind = [Suspends, Repeals, Replaces][kind];
            let targets: BTreeSet<ClauseId> = policy.clauses_under(target).into_iter().collect();
            let is_free = targets.is_disjoint(match kind {
                Replaces => &named,
                Suspends | Repeals => &replaced,
            });
            if by.at() / 3 != target.at() / 3 && is_free {
                effect(&mut policy, kind, by, target, &days);
                named.extend(&targets);
                replaced.extend(targets.iter().filter(|_| kind == Replaces));
            }
        }
        policy
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn the_calendar_is_what_the_definition_says_day_by_day(policy in some_policy()) {
        let calendar = calendar_of(&policy);
        for at in 0..policy.clauses.len() as u32 {
            for number in 0..LAST + 10 {
                let expected = is_in_force_by_definition(&policy, ClauseId(at), number);
                prop_assert_eq!(calendar.is_in_force(ClauseId(at), day(number)), expected, "clause {} day {}", at, number);
            }
        }
    }

    #[test]
    fn stretches_cover_all_days_and_neighbours_differ(policy in some_policy()) {
        for stretches in calendar_of(&policy).clauses {
            prop_assert_eq!(stretches[0].from, FIRST_DAY);
            prop_assert_eq!(stretches[stretches.len() - 1].through, LAST_DAY);
            for pair in stretches.windows(2) {
                prop_assert_eq!(pair[0].through.tomorrow().unwrap(), pair[1].from);
                prop_assert_ne!(&pair[0].status, &pair[1].status);
            }
        }
    }
}
