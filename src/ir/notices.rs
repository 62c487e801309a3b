//! Notices and clauses: ids, days, citations, and what they do to others.

use super::Problems;
use super::cases::condition;
use super::error;
use super::names::Names;
use super::policy::{
    Clause, ClauseDay, ClauseId, Effect, EffectKind, EffectStretch, Notice, NoticeId, Policy,
};
use crate::source::Span;
use crate::syntax::file::{self, Dated, Days, ItemKind, PartKind, StatedDays};
use crate::value::Date;
use std::collections::{BTreeMap, BTreeSet};

/// A notice or clause as written, beside its place among the clauses.
struct Written<'a> {
    id: ClauseId,
    /// `None` for `1` where only `1(1)` is written.
    head: Option<&'a StatedDays>,
    parts: &'a [file::Part],
}

/// What a notice or clause states of itself.
#[derive(Default)]
struct Stated {
    from: Option<(Dated, Option<file::ClauseRef>)>,
    through: Option<(Dated, Option<file::ClauseRef>)>,
    reviewed: Option<Dated>,
    unverified: Option<String>,
}

/// The notices, in the order of their ids, and their clauses.
pub(super) fn notices<'a>(
    items: impl Iterator<Item = &'a file::Item> + Clone,
    policy: &mut Policy,
    names: &mut Names,
    problems: &mut Problems,
) {
    let mut declared: BTreeMap<&str, (&file::Notice, &str)> = BTreeMap::new();
    for item in items.clone() {
        let ItemKind::Notice(notice) = &item.kind else {
            continue;
        };
        match declared.get(notice.id.text.as_str()) {
            Some((first, _)) => problems.push(error::declared_twice(
                "notice",
                &notice.id.text,
                notice.id.span,
                first.id.span,
            )),
            None => {
                declared.insert(&notice.id.text, (notice, &item.doc));
            }
        }
    }
    let mut written = Vec::new();
    for (notice, doc) in declared.values() {
        self::notice(notice, doc, policy, names, &mut written, problems);
    }
    names.add_tops(items);
    let stated: BTreeMap<ClauseId, Stated> = written
        .iter()
        .map(|written| (written.id, stated(written, problems)))
        .collect();
    let mut dateless = Vec::new();
    for written in &written {
        if !days(written, &stated, policy, names, problems) {
            dateless.push(written);
        }
    }
    begin_with_parts(&dateless, policy);
}

/// What states no first day, and need not, begins with the first clause or effect in it.
fn begin_with_parts(dateless: &[&Written<'_>], policy: &mut Policy) {
    if dateless.is_empty() {
        return;
    }
    let mut first: BTreeMap<ClauseId, Date> = BTreeMap::new();
    let mut note = |id: ClauseId, day: Date| {
        let known = first.entry(id).or_insert(day);
        *known = day.min(*known);
    };
    let without: BTreeSet<ClauseId> = dateless.iter().map(|written| written.id).collect();
    let all = (0..policy.clauses.len() as u32).map(ClauseId);
    for id in all.filter(|id| !without.contains(id)) {
        let above = std::iter::successors(policy.clause(id).parent, |at| policy.clause(*at).parent);
        above.for_each(|above| note(above, policy.clause(id).from.date));
    }
    for written in dateless {
        for day in written.parts.iter().flat_map(effect_days) {
            note(written.id, day);
        }
    }
    for written in dateless {
        let notice = policy.clause(written.id).notice;
        let published = policy.notice(notice).published;
        policy.clauses[written.id.at()].from.date = *first.get(&written.id).unwrap_or(&published);
    }
}

/// The first days that an effect states for itself.
fn effect_days(part: &file::Part) -> Vec<Date> {
    match &part.kind {
        PartKind::Effect(effect) => {
            let first = effect
                .stretches
                .iter()
                .filter_map(|stretch| stretch.days.from);
            first.map(|day| day.date).collect()
        }
        _ => Vec::new(),
    }
}

fn notice<'a>(
    notice: &'a file::Notice,
    doc: &str,
    policy: &mut Policy,
    names: &mut Names,
    written: &mut Vec<Written<'a>>,
    problems: &mut Problems,
) {
    let id = NoticeId(policy.notices.len() as u32);
    let whole = ClauseId(policy.clauses.len() as u32);
    names.notices.insert(notice.id.text.clone(), id);
    names.homes.insert(notice.id.span, whole);
    let title = notice
        .title
        .as_ref()
        .map_or(String::new(), |title| title.text.clone());
    policy.clauses.push(clause(
        id,
        String::new(),
        title.clone(),
        None,
        doc,
        notice.id.span,
    ));
    written.push(Written {
        id: whole,
        head: Some(&notice.days),
        parts: &notice.parts,
    });

    let mut published: Option<Dated> = None;
    let (mut issuers, mut sources) = (Vec::new(), Vec::new());
    for part in &notice.parts {
        match &part.kind {
            PartKind::Published(day) => match published {
                Some(first) => problems.push(error::stated_twice(
                    "the day of publication",
                    day.span,
                    first.span,
                )),
                None => published = Some(*day),
            },
            PartKind::Issuer(text) => issuers.push(text.text.clone()),
            PartKind::Source(file, place) => sources.push((
                file.text.clone(),
                place
                    .as_ref()
                    .map_or(String::new(), |place| place.text.clone()),
            )),
            _ => {}
        }
    }
    if published.is_none() {
        problems.push(error::not_published(&notice.id.text, notice.id.span));
    }
    policy.notices.push(Notice {
        id: notice.id.text.clone(),
        title,
        whole,
        issuers,
        published: published.map_or(Date::constant(1, 1, 1), |day| day.date),
        sources,
        doc: doc.to_owned(),
        span: notice.id.span,
    });
    clauses(notice, id, whole, policy, names, written, problems);
}

fn clauses<'a>(
    notice: &'a file::Notice,
    id: NoticeId,
    whole: ClauseId,
    policy: &mut Policy,
    names: &mut Names,
    written: &mut Vec<Written<'a>>,
    problems: &mut Problems,
) {
    for part in &notice.parts {
        let PartKind::Clause(inner) = &part.kind else {
            continue;
        };
        if let Some(first) = names.clauses.get(&(id, inner.id.text.clone())) {
            problems.push(error::declared_twice(
                "clause",
                &inner.id.text,
                inner.id.span,
                policy.clause(*first).span,
            ));
            continue;
        }
        let at = ClauseId(policy.clauses.len() as u32);
        let heading = inner
            .heading
            .as_ref()
            .map_or(String::new(), |heading| heading.text.clone());
        policy.clauses.push(clause(
            id,
            inner.id.text.clone(),
            heading,
            Some(whole),
            &part.doc,
            inner.id.span,
        ));
        names.clauses.insert((id, inner.id.text.clone()), at);
        names.homes.insert(inner.id.span, at);
        written.push(Written {
            id: at,
            head: Some(&inner.days),
            parts: &inner.parts,
        });
    }
    add_implied(id, whole, policy, names, written);
    let ids: Vec<(String, ClauseId)> = names
        .clauses_of(id)
        .map(|(text, at)| (text.to_owned(), at))
        .collect();
    for (text, at) in &ids {
        let above = shorter(text).find_map(|prefix| names.clauses.get(&(id, prefix.to_owned())));
        policy.clauses[at.at()].parent = Some(above.copied().unwrap_or(whole));
    }
}

/// `1(1)` and `1(2)` are under `1`, though nobody writes `clause 1`.
fn add_implied(
    notice: NoticeId,
    whole: ClauseId,
    policy: &mut Policy,
    names: &mut Names,
    written: &mut Vec<Written<'_>>,
) {
    let ids: Vec<String> = names
        .clauses_of(notice)
        .map(|(text, _)| text.to_owned())
        .collect();
    for text in ids {
        for prefix in shorter(&text) {
            let key = (notice, prefix.to_owned());
            if !names.clauses.contains_key(&key) {
                let at = ClauseId(policy.clauses.len() as u32);
                let span = policy.clause(names.clauses[&(notice, text.clone())]).span;
                policy.clauses.push(clause(
                    notice,
                    prefix.to_owned(),
                    String::new(),
                    Some(whole),
                    "",
                    span,
                ));
                names.clauses.insert(key, at);
                written.push(Written {
                    id: at,
                    head: None,
                    parts: &[],
                });
            }
        }
    }
}

/// The ids above an id, longest first: `1(3).a` is under `1(3)` and `1`.
fn shorter(id: &str) -> impl Iterator<Item = &str> {
    let cuts: Vec<usize> = id
        .char_indices()
        .filter(|(_, letter)| matches!(letter, '.' | '-' | '('))
        .map(|(at, _)| at)
        .collect();
    cuts.into_iter().rev().map(|at| &id[..at])
}

fn clause(
    notice: NoticeId,
    id: String,
    heading: String,
    parent: Option<ClauseId>,
    doc: &str,
    span: Span,
) -> Clause {
    let from = ClauseDay {
        date: Date::constant(1, 1, 1),
        set_by: None,
        span,
    };
    Clause {
        notice,
        id,
        heading,
        parent,
        from,
        through: None,
        reviewed: None,
        unverified: None,
        doc: doc.to_owned(),
        span,
    }
}

fn stated(written: &Written<'_>, problems: &mut Problems) -> Stated {
    let mut stated = Stated::default();
    if let Some(head) = written.head {
        add_days(head, &mut stated, problems);
    }
    for part in written.parts {
        match &part.kind {
            PartKind::Days(days) => add_days(days, &mut stated, problems),
            PartKind::Reviewed(day) => match stated.reviewed {
                Some(first) => problems.push(error::stated_twice(
                    "the day of review",
                    day.span,
                    first.span,
                )),
                None => stated.reviewed = Some(*day),
            },
            PartKind::Unverified(text) => stated.unverified = Some(text.text.clone()),
            _ => {}
        }
    }
    stated
}

fn add_days(days: &StatedDays, stated: &mut Stated, problems: &mut Problems) {
    if let Some(day) = days.days.from {
        match &stated.from {
            Some((first, _)) => {
                problems.push(error::stated_twice("the first day", day.span, first.span))
            }
            None => stated.from = Some((day, days.by.clone())),
        }
    }
    if let Some(day) = last_day(&days.days, problems) {
        match &stated.through {
            Some((first, _)) => {
                problems.push(error::stated_twice("the last day", day.span, first.span))
            }
            None => stated.through = Some((day, days.by.clone())),
        }
    }
}

/// `through D`, or the day before `until D`.
pub(super) fn last_day(days: &Days, problems: &mut Problems) -> Option<Dated> {
    if let (Some(through), Some(until)) = (days.through, days.until) {
        problems.push(error::stated_twice(
            "the last day",
            until.span,
            through.span,
        ));
    }
    let before = days.until.and_then(|until| {
        Some(Dated {
            date: until.date.yesterday().ok()?,
            span: until.span,
        })
    });
    days.through.or(before)
}

/// Its own days, or those of the nearest clause above that states them; whether there is a first one.
fn days(
    written: &Written<'_>,
    stated: &BTreeMap<ClauseId, Stated>,
    policy: &mut Policy,
    names: &Names,
    problems: &mut Problems,
) -> bool {
    let chain: Vec<ClauseId> =
        std::iter::successors(Some(written.id), |at| policy.clause(*at).parent).collect();
    let notice = policy.clause(written.id).notice;
    let mut cite = |reference: &Option<file::ClauseRef>, problems: &mut Problems| {
        let reference = reference.as_ref()?;
        match names.clause(policy, &reference.text, Some(notice)) {
            Ok(id) => Some(id),
            Err(near) => {
                let problem =
                    error::unknown_clause(&reference.text, reference.span, near.as_deref());
                problems.push(names.not_found(&reference.text, problem));
                None
            }
        }
    };
    let from = chain.iter().find_map(|at| stated.get(at)?.from.as_ref());
    let through = chain.iter().find_map(|at| stated.get(at)?.through.as_ref());
    let is_own = |day: &Dated| {
        stated.get(&written.id).is_some_and(|own| {
            own.from.as_ref().map(|(day, _)| day.span) == Some(day.span)
                || own.through.as_ref().map(|(day, _)| day.span) == Some(day.span)
        })
    };
    let set =
        |day: &(Dated, Option<file::ClauseRef>),
         cite: &mut dyn FnMut(&Option<file::ClauseRef>, &mut Problems) -> Option<ClauseId>,
         problems: &mut Problems| {
            let mut silent = Problems::default();
            let set_by = if is_own(&day.0) {
                cite(&day.1, problems)
            } else {
                cite(&day.1, &mut silent)
            };
            ClauseDay {
                date: day.0.date,
                set_by,
                span: day.0.span,
            }
        };
    let from_day = from.map(|day| set(day, &mut cite, problems));
    let through_day = through.map(|day| set(day, &mut cite, problems));
    let reviewed = chain
        .iter()
        .find_map(|at| stated.get(at)?.reviewed.map(|day| day.date));
    let unverified = chain
        .iter()
        .find_map(|at| stated.get(at)?.unverified.clone());
    let is_notice = policy.clause(written.id).parent.is_none();
    if let (None, Some(undated)) = (&from_day, undated(written, is_notice)) {
        let what = describe(policy, written.id);
        let at = policy.clause(written.id).span;
        problems.push(error::no_first_day(&what, at, undated));
    }
    if let (Some(first), Some(last)) = (&from_day, &through_day)
        && last.date < first.date
        && (is_own(&Dated {
            date: last.date,
            span: last.span,
        }))
    {
        problems.push(error::ends_before_start(
            last.span,
            "the last day is the first day or a later one",
        ));
    }
    let clause = &mut policy.clauses[written.id.at()];
    (clause.through, clause.reviewed, clause.unverified) = (through_day, reviewed, unverified);
    match from_day {
        Some(day) => clause.from = day,
        None => return false,
    }
    true
}

/// What lacks a first day: a clause, even an empty one (`Some(None)`); or the first statement of a notice that stands outside its
/// clauses and has none of its own (where that is).
fn undated(written: &Written<'_>, is_notice: bool) -> Option<Option<Span>> {
    let statement = |part: &file::Part| match &part.kind {
        PartKind::Effect(effect) => {
            let mut stretches = effect.stretches.iter();
            let is_undated =
                effect.stretches.is_empty() || stretches.any(|stretch| stretch.days.from.is_none());
            let named = effect.targets.first();
            is_undated.then(|| named.map_or(part.span, |named| named.span))
        }
        PartKind::Item(kind) => match kind {
            ItemKind::Relation(_) | ItemKind::Unit(_) | ItemKind::Type(_) => None,
            ItemKind::Rule(rule) => Some(rule.head.span),
            ItemKind::Never(never) => Some(never.message.span),
            ItemKind::Table(table) => Some(table.relation.span),
            ItemKind::Presumption(presumption) => Some(presumption.atom.span),
            ItemKind::Exemption(file::Exemption {
                target: file::ExemptionTarget::Head(head),
                ..
            }) => Some(head.span),
            ItemKind::Exemption(_)
            | ItemKind::Notice(_)
            | ItemKind::Given(_)
            | ItemKind::Case(_)
            | ItemKind::Feed(_) => Some(part.span),
        },
        _ => None,
    };
    match (is_notice, written.head) {
        (false, Some(_)) => Some(None),
        (false, None) => None,
        (true, _) => written.parts.iter().find_map(statement).map(Some),
    }
}

fn describe(policy: &Policy, id: ClauseId) -> String {
    let clause = policy.clause(id);
    let notice = &policy.notice(clause.notice).id;
    if clause.id.is_empty() {
        format!("the notice `{notice}`")
    } else {
        format!("clause `{}` of `{notice}`", clause.id)
    }
}

/// `suspends`, `repeals`, `replaces`, wherever they stand.
pub(super) fn effects<'a>(
    items: impl Iterator<Item = &'a file::Item>,
    policy: &mut Policy,
    names: &Names,
    problems: &mut Problems,
) {
    for item in items {
        let ItemKind::Notice(notice) = &item.kind else {
            continue;
        };
        let Some(whole) = names.homes.get(&notice.id.span) else {
            continue;
        };
        let mut parts: Vec<(ClauseId, &file::Part)> = Vec::new();
        for part in &notice.parts {
            match &part.kind {
                PartKind::Clause(clause) => {
                    let home = names.homes.get(&clause.id.span);
                    parts.extend(
                        clause
                            .parts
                            .iter()
                            .filter_map(|inner| Some((*home?, inner))),
                    );
                }
                _ => parts.push((*whole, part)),
            }
        }
        for (by, part) in parts {
            let PartKind::Effect(written) = &part.kind else {
                continue;
            };
            let effect = effect(written, by, part.span, policy, names, problems);
            policy.effects.push(effect);
        }
    }
    // Of several effects that count, the first is told: which that is must not depend on the order of the texts.
    let mut effects = std::mem::take(&mut policy.effects);
    effects.sort_by_cached_key(|effect| rank(effect, policy));
    policy.effects = effects;
}

/// What tells effects apart, wherever they are written.
fn rank(effect: &Effect, policy: &Policy) -> impl Ord + use<> {
    let targets = effect.targets.iter();
    let mut targets: Vec<String> = targets.map(|id| policy.citation(*id)).collect();
    targets.sort();
    let stretches = effect.stretches.iter().map(|stretch| {
        let condition = stretch.condition.as_ref().map(|condition| {
            let relation = policy.relation(condition.relation).name.clone();
            (relation, condition.args.clone(), condition.negated)
        });
        (stretch.from, stretch.through, condition)
    });
    let stretches: Vec<_> = stretches.collect();
    (policy.citation(effect.by), effect.kind, targets, stretches)
}

/// Whether a statement that names this would put the clause in which it stands out of force, or in its own place. A clause may
/// replace the notice in which it stands: the others of it.
fn is_about_itself(kind: EffectKind, by: ClauseId, named: ClauseId, policy: &Policy) -> bool {
    match kind {
        EffectKind::Suspends | EffectKind::Repeals => policy.clauses_under(named).contains(&by),
        EffectKind::Replaces => policy.clauses_under(by).contains(&named),
    }
}

/// What is repealed does not come back: a repeal has days on which it can come (`on D`, `from D`), and no last one.
fn no_last_day(written: &file::Effect, problems: &mut Problems) {
    for stretch in &written.stretches {
        let days = &stretch.days;
        let last = days.through.or(days.until);
        // `on D` is one day, from and through.
        let is_one_day = |last: &Dated| days.from.is_some_and(|from| from.span == last.span);
        if let Some(last) = last.filter(|last| !is_one_day(last)) {
            problems.push(error::repeal_with_an_end(last.span));
        }
    }
}

fn effect(
    written: &file::Effect,
    by: ClauseId,
    span: Span,
    policy: &Policy,
    names: &Names,
    problems: &mut Problems,
) -> Effect {
    let notice = policy.clause(by).notice;
    let mut targets = Vec::new();
    for target in &written.targets {
        match names.clause(policy, &target.text, Some(notice)) {
            Ok(id) if is_about_itself(written.kind, by, id, policy) => {
                let citation = policy.citation(by);
                problems.push(error::about_itself(written.kind, &citation, target.span));
            }
            Ok(id) => targets.extend(policy.clauses_under(id)),
            Err(near) => {
                let problem = error::unknown_clause(&target.text, target.span, near.as_deref());
                problems.push(names.not_found(&target.text, problem));
            }
        }
    }
    targets.sort();
    targets.dedup();
    if written.kind == EffectKind::Repeals {
        no_last_day(written, problems);
    }
    let own_first_day = policy.clause(by).from.date;
    let mut stretches = Vec::new();
    for stretch in &written.stretches {
        let from = stretch.days.from.map_or(own_first_day, |day| day.date);
        let through = last_day(&stretch.days, problems).map(|day| day.date);
        if through.is_some_and(|through| through < from) {
            problems.push(error::ends_before_start(
                stretch.span,
                "the last day is the first day or a later one",
            ));
        }
        let condition = stretch
            .condition
            .as_ref()
            .and_then(|written| condition(policy, names, written, Some(notice), problems));
        stretches.push(EffectStretch {
            from,
            through,
            condition,
            span: stretch.span,
        });
    }
    if stretches.is_empty() {
        stretches.push(EffectStretch {
            from: own_first_day,
            through: None,
            condition: None,
            span,
        });
    }
    Effect {
        kind: written.kind,
        by,
        targets,
        stretches,
        span,
    }
}
