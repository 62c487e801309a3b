//! What a condition comes to: always, never, or depending on which points, and how.

use super::cell::Cell;
use super::diagram::{Edge, FALSE, TRUE};
use super::formula::Formula;
use super::points::{Class, Domain, Points};
use super::presumed::Presumed;
use super::rows::OpenRows;
use super::spread::Wanted;
use super::together::{Settling, Unit};
use super::{Answer, Bound, Dependence, HoldsIf, Outcome, PointId, Settlement};
use crate::value::Value;
use hashbrown::HashMap;
use std::collections::{BTreeMap, BTreeSet};

/// How many ways of settling points are listed.
const MOST_SETTLEMENTS: usize = 16;
/// How many points are listed that may matter.
const MOST_LISTED: usize = 256;
/// How many nodes of a function are looked at.
const MOST_NODES: usize = 4_096;
/// How many questions about one point are told apart.
const MOST_QUESTIONS: usize = 64;

/// A point with the variables of the diagram that are about it.
type Support = BTreeMap<PointId, Vec<u32>>;

/// Outcomes of conditions that were decided before.
pub(super) type Known = HashMap<Formula, Outcome>;

/// What becomes of a wanted row: of the rows that it stands for those that always hold, and the others as one. `told`: rows that
/// are told on their own, and that those others are not meant to turn out to be. `has_values`:
/// whether its values are part of the answer, or only that there is such a row.
pub(super) fn outcomes(
    points: &mut Points,
    wanted: &Wanted,
    rows: &OpenRows,
    told: &[Vec<Value>],
    has_values: bool,
    most_points: usize,
    known: &mut Known,
) -> Vec<(Vec<Value>, Outcome, Formula)> {
    let all = rows;
    let rows = wanted.entries.iter().map(|id| &all.list[*id as usize]);
    // Of a name that nobody has mentioned, nobody asks anything.
    let rows = rows.filter(|row| !row.cells.iter().any(Cell::is_stranger));
    if wanted.row.iter().all(|value| !value.is_open()) {
        let condition = rows
            .map(|row| row.condition)
            .next()
            .unwrap_or(Formula::FALSE);
        let outcome = known
            .entry(condition)
            .or_insert_with(|| outcome(points, &[condition], &BTreeSet::new(), most_points))
            .clone();
        return vec![(wanted.row.clone(), outcome, condition)];
    }
    let mut found = Vec::new();
    let mut conditions = Vec::new();
    let mut cells: Vec<&[Cell]> = Vec::new();
    let mut in_cells = BTreeSet::new();
    for row in rows {
        let values: Option<Vec<Value>> =
            row.cells.iter().map(|cell| cell.known().cloned()).collect();
        let condition = match values {
            Some(_) => row.condition,
            None => unless_told(points, row.condition, &row.cells, told),
        };
        let alone = outcome(points, &[condition], &BTreeSet::new(), most_points);
        match (values, alone) {
            (_, Outcome::Absent) => {}
            (Some(values), Outcome::Holds) => found.push((values, Outcome::Holds, condition)),
            (_, _) => {
                conditions.push(condition);
                in_cells.extend(row.cells.iter().flat_map(Cell::points));
                cells.push(&row.cells);
            }
        }
    }
    if cells.is_empty() {
        if found.is_empty() {
            found.push((wanted.row.clone(), Outcome::Absent, Formula::FALSE));
        }
        return found;
    }
    let any = any_of(points, &conditions);
    let row = tightened(&wanted.row, &cells);
    let outcome = match cells.iter().any(|cells| cells.iter().any(Cell::is_vague)) {
        _ if !has_values => outcome(points, &[any], &BTreeSet::new(), most_points),
        true => Outcome::Open(guessed(
            points,
            &edges_below(wanted, all),
            &in_cells,
            most_points,
        )),
        false => outcome(points, &conditions, &in_cells, most_points),
    };
    found.push((row, outcome, any));
    found
}

/// The condition of a row, where it turns out to be none of those that are told on their own.
fn unless_told(
    points: &mut Points,
    mut condition: Formula,
    cells: &[Cell],
    told: &[Vec<Value>],
) -> Formula {
    if cells.iter().any(Cell::is_vague) {
        return condition;
    }
    for row in told {
        let mut is_it = Formula::TRUE;
        for (cell, value) in cells.iter().zip(row) {
            let equal = points.equal(cell, &Cell::Known(value.clone()));
            is_it = points.diagram.both(is_it, equal);
        }
        condition = points.diagram.both(condition, !is_it);
    }
    condition
}

/// The conditions of a wanted row, and of the rows that were read for it.
fn edges_below(wanted: &Wanted, rows: &OpenRows) -> Vec<Edge> {
    let read = wanted
        .reads
        .iter()
        .map(|id| rows.list[*id as usize].condition);
    let read = read.flat_map(|condition| [condition.must, condition.may]);
    wanted.conditions.iter().copied().chain(read).collect()
}

fn any_of(points: &mut Points, conditions: &[Formula]) -> Formula {
    let conditions = conditions.iter();
    conditions.fold(Formula::FALSE, |any, condition| {
        points.diagram.either(any, *condition)
    })
}

/// The row with, in each column, no more than what occurs there.
fn tightened(row: &[Value], cells: &[&[Cell]]) -> Vec<Value> {
    let column = |(at, value): (usize, &Value)| {
        if !value.is_open() {
            return value.clone();
        }
        let values: Vec<Value> = cells.iter().map(|cells| cells[at].to_value()).collect();
        if values.iter().all(|value| *value == values[0]) && !values[0].is_open() {
            return values[0].clone();
        }
        let is_ordered = |value: &Value| {
            matches!(
                value,
                Value::Number(_) | Value::Date(_) | Value::Member(_) | Value::Range(_)
            )
        };
        if !values.iter().all(is_ordered) {
            return Value::Unknown;
        }
        let low: Option<Vec<&Value>> = values.iter().map(Value::low).collect();
        let high: Option<Vec<&Value>> = values.iter().map(Value::high).collect();
        Value::between(
            low.and_then(|bounds| bounds.into_iter().min().cloned()),
            high.and_then(|bounds| bounds.into_iter().max().cloned()),
        )
    };
    row.iter().enumerate().map(column).collect()
}

/// What becomes of a row that holds if any of the conditions does. `in_row`: points that its values depend on.
pub(super) fn outcome(
    points: &mut Points,
    conditions: &[Formula],
    in_row: &BTreeSet<PointId>,
    most_points: usize,
) -> Outcome {
    let any = any_of(points, conditions);
    let is_one = conditions.len() <= 1 && in_row.is_empty();
    match decided(points, any) {
        Some(Outcome::Absent) => return Outcome::Absent,
        Some(Outcome::Holds) if is_one => return Outcome::Holds,
        _ => {}
    }
    let edges: Vec<Edge> = conditions.iter().flat_map(|it| [it.must, it.may]).collect();
    Outcome::Open(depends(points, any, &edges, in_row, most_points))
}

/// `Holds` or `Absent`, where it is so for sure.
fn decided(points: &mut Points, condition: Formula) -> Option<Outcome> {
    if condition.is_false() {
        return Some(Outcome::Absent);
    }
    if condition.is_true() {
        return Some(Outcome::Holds);
    }
    if is_always(points, condition.must)? {
        return Some(Outcome::Holds);
    }
    is_always(points, !condition.may)?.then_some(Outcome::Absent)
}

/// Whether a function is true in every settlement.
fn is_always(points: &mut Points, edge: Edge) -> Option<bool> {
    if edge.is_constant() || points.is_free() {
        return Some(edge == TRUE);
    }
    let support = whole_support(points, &[edge])?;
    let possible = possible(points, &support, None)?;
    Some(points.diagram.and(possible, !edge)? == FALSE)
}

fn whole_support(points: &Points, edges: &[Edge]) -> Option<Support> {
    let (support, is_all) = points.support(edges, MOST_NODES);
    is_all.then_some(support)
}

/// When the answers to all questions about these points (but those settled with one of them) go together.
fn possible(points: &mut Points, support: &Support, but: Option<PointId>) -> Option<Edge> {
    let mut all = TRUE;
    for unit in points.units(support) {
        if but.is_none_or(|but| !unit.points.contains(&but)) {
            let one = possible_of(points, &unit)?;
            all = points.diagram.and(all, one)?;
        }
    }
    Some(all)
}

fn possible_of(points: &mut Points, unit: &Unit) -> Option<Edge> {
    let mut any = FALSE;
    if unit.is_joint {
        for answers in answers_of(points, unit)? {
            let one = all_of(points, &answers)?;
            any = points.diagram.or(any, one)?;
        }
        return Some(any);
    }
    let (point, variables) = (unit.points[0], &unit.variables);
    match points.domain(point) {
        Domain::Judgement | Domain::Truth => return Some(TRUE),
        Domain::Number { .. } if variables.len() <= 1 => return Some(TRUE),
        _ if variables.len() > MOST_QUESTIONS => return None,
        Domain::Names { .. } if !points.texts_asked(variables).is_empty() => {
            points.text_samples(point, variables, 0)?;
        }
        _ => {}
    }
    for class in points.classes(point, variables) {
        let one = all_of(points, &class.variables)?;
        any = points.diagram.or(any, one)?;
    }
    Some(any)
}

/// All answers that go together about the points of a joint unit.
fn answers_of(points: &mut Points, unit: &Unit) -> Option<BTreeSet<Vec<(u32, bool)>>> {
    let fibers = points.fibers(unit, None)?;
    let settlings = fibers.iter().flatten();
    Some(settlings.map(|settling| settling.answers.clone()).collect())
}

fn all_of(points: &mut Points, answers: &[(u32, bool)]) -> Option<Edge> {
    let mut answers = answers.to_vec();
    answers.sort_unstable();
    let mut all = TRUE;
    for (variable, truth) in answers.into_iter().rev() {
        let edge = points.diagram.variable(variable);
        all = points.diagram.and(if truth { edge } else { !edge }, all)?;
    }
    Some(all)
}

fn depends(
    points: &mut Points,
    any: Formula,
    edges: &[Edge],
    in_row: &BTreeSet<PointId>,
    most_points: usize,
) -> Dependence {
    let exact = exactly(points, any, edges, in_row, most_points);
    exact.unwrap_or_else(|| guessed(points, edges, in_row, most_points))
}

/// Some points that may matter.
fn guessed(
    points: &Points,
    edges: &[Edge],
    in_row: &BTreeSet<PointId>,
    most_points: usize,
) -> Dependence {
    let (support, _) = points.support(edges, MOST_NODES);
    let listed: BTreeSet<PointId> = support.into_keys().chain(in_row.iter().copied()).collect();
    let listed = listed.into_iter().take(MOST_LISTED.max(most_points));
    Dependence {
        points: listed.map(|point| (point, HoldsIf::Mixed)).collect(),
        settlements: Vec::new(),
        is_exact: false,
    }
}

/// `None`: too many points, or something that could not be worked out.
fn exactly(
    points: &mut Points,
    any: Formula,
    edges: &[Edge],
    in_row: &BTreeSet<PointId>,
    most_points: usize,
) -> Option<Dependence> {
    let found = without_lost(points, [&[any.may], edges].concat())?;
    let (any, edges) = (found[0], &found[1..]);
    let support = whole_support(points, edges)?;
    if support.len() > most_points.saturating_mul(4).max(64) {
        return None;
    }
    let is_truth = |point: &PointId| matches!(points.domain(*point), Domain::Judgement);
    if support.len() > most_points && support.keys().all(is_truth) {
        // Whatever yes or no a function depends on changes it somewhere.
        return None;
    }
    let possible = possible(points, &support, None)?;
    for pair in edges.chunks(2) {
        // must and may differ nowhere that is possible
        let between = points.diagram.and(!pair[0], pair[1])?;
        if points.diagram.and(between, possible)? != FALSE {
            return None;
        }
    }
    let mut essential = BTreeMap::new();
    let units = points.units(&support);
    for point in support.keys() {
        let Some(unit) = units.iter().find(|unit| unit.points.contains(point)) else {
            continue;
        };
        let rest = self::possible(points, &support, Some(*point))?;
        let holds_if = effect(points, any, *point, unit, rest)?;
        let mut matters = holds_if.is_some();
        for pair in edges.chunks(2) {
            matters = matters || effect(points, pair[1], *point, unit, rest)?.is_some();
        }
        if matters {
            essential.insert(*point, holds_if.unwrap_or(HoldsIf::Mixed));
            if essential.len() > most_points {
                return None;
            }
        }
    }
    for point in in_row {
        essential.entry(*point).or_insert(HoldsIf::Mixed);
    }
    if essential.len() > most_points {
        return None;
    }
    let settlements = settlements(points, any, &support, essential.keys())?;
    Some(Dependence {
        points: essential.into_iter().collect(),
        settlements,
        is_exact: true,
    })
}

/// Functions without what cannot be worked out, where that changes none of them in any settlement.
fn without_lost(points: &mut Points, mut edges: Vec<Edge>) -> Option<Vec<Edge>> {
    let lost = points.lost_in(&edges);
    if lost.is_empty() {
        return Some(edges);
    }
    let support = whole_support(points, &edges)?;
    let possible = possible(points, &support, None)?;
    for variable in lost {
        for edge in &mut edges {
            let at = |truth: bool| move |other: u32| (other == variable).then_some(truth);
            let yes = points.diagram.decided(*edge, &at(true))?;
            let no = points.diagram.decided(*edge, &at(false))?;
            for only in [(yes, !no), (no, !yes)] {
                let only = points.diagram.and(only.0, only.1)?;
                if points.diagram.and(only, possible)? != FALSE {
                    return None;
                }
            }
            *edge = no;
        }
    }
    Some(edges)
}

/// How the answer to one point alone changes a function; `None`: not at all.
fn effect(
    points: &mut Points,
    edge: Edge,
    point: PointId,
    unit: &Unit,
    rest: Edge,
) -> Option<Option<HoldsIf>> {
    let variables = unit.variables.as_slice();
    if !points
        .diagram
        .support(&[edge], usize::MAX)
        .0
        .iter()
        .any(|at| variables.contains(at))
    {
        return Some(None);
    }
    let is_truth = matches!(points.domain(point), Domain::Judgement | Domain::Truth);
    if let (true, [variable]) = (is_truth, variables) {
        let at = |truth: bool| move |other: u32| (other == *variable).then_some(truth);
        let yes = points.diagram.decided(edge, &at(true))?;
        let no = points.diagram.decided(edge, &at(false))?;
        let mut differs = |a: Edge, b: Edge| {
            let only = points.diagram.and(a, !b)?;
            Some(points.diagram.and(only, rest)? != FALSE)
        };
        return Some(match (differs(yes, no)?, differs(no, yes)?) {
            (true, true) => Some(HoldsIf::Mixed),
            (true, false) => Some(HoldsIf::True),
            (false, true) => Some(HoldsIf::False),
            (false, false) => None,
        });
    }
    if unit.is_joint {
        return Some(
            changes_in_a_fiber(points, edge, point, unit, rest)?.then_some(HoldsIf::Mixed),
        );
    }
    let own = possible_of(points, unit)?;
    let mut sides = [edge, !edge];
    for side in &mut sides {
        *side = points.diagram.and(*side, own)?;
        for variable in variables {
            *side = points.diagram.exists(*side, *variable)?;
        }
    }
    let both = points.diagram.and(sides[0], sides[1])?;
    let matters = points.diagram.and(both, rest)? != FALSE;
    Some(matters.then_some(HoldsIf::Mixed))
}

/// Whether a function differs anywhere between settlements that differ in one point only.
fn changes_in_a_fiber(
    points: &mut Points,
    edge: Edge,
    point: PointId,
    unit: &Unit,
    rest: Edge,
) -> Option<bool> {
    let fibers = points.fibers(unit, Some(point))?;
    let mut seen = BTreeSet::new();
    for fiber in fibers.iter() {
        let answers: BTreeSet<&[(u32, bool)]> =
            fiber.iter().map(|it| it.answers.as_slice()).collect();
        if answers.len() < 2 || !seen.insert(answers.clone()) {
            continue;
        }
        let (mut always, mut ever) = (TRUE, FALSE);
        for answers in answers {
            let below = points.diagram.decided(edge, &decided_by(answers))?;
            always = points.diagram.and(always, below)?;
            ever = points.diagram.or(ever, below)?;
        }
        let differs = points.diagram.and(ever, !always)?;
        if points.diagram.and(differs, rest)? != FALSE {
            return Some(true);
        }
    }
    Some(false)
}

/// All ways of settling the points that matter, if they are few.
fn settlements<'a>(
    points: &mut Points,
    edge: Edge,
    support: &Support,
    essential: impl Iterator<Item = &'a PointId>,
) -> Option<Vec<Settlement>> {
    let essential: BTreeSet<PointId> = essential.copied().collect();
    let mut ways: Vec<(Choice, Edge)> = vec![((Vec::new(), Vec::new()), edge)];
    for unit in points.units(support) {
        let matter = unit.points.iter().filter(|it| essential.contains(it));
        let matter: Vec<PointId> = matter.copied().collect();
        if matter.is_empty() {
            continue;
        }
        let rest = possible(points, support, Some(unit.points[0]))?;
        let choices = match unit.is_joint {
            true => examples(points, edge, &unit, &matter, rest)?,
            false => {
                let classes = told_apart(points, edge, matter[0], &unit.variables, rest)?;
                let choices = classes.into_iter();
                choices
                    .map(|class| (class.variables, vec![(matter[0], class.answer)]))
                    .collect()
            }
        };
        if ways.len() * choices.len() > MOST_SETTLEMENTS {
            return Some(Vec::new());
        }
        let mut longer = Vec::new();
        for ((questions, answers), below) in &ways {
            for (more, own) in &choices {
                let below = points.diagram.decided(*below, &decided_by(more))?;
                let questions = [questions.as_slice(), more].concat();
                let answers = [answers.as_slice(), own].concat();
                longer.push(((questions, answers), below));
            }
        }
        ways = longer;
    }
    let mut found = Vec::new();
    for ((questions, answers), edge) in ways {
        let answers = as_presumed(points, &questions, answers)?;
        let settlement = (answers, is_always(points, edge)?);
        if !found.contains(&settlement) {
            found.push(settlement);
        }
    }
    Some(found)
}

/// The answers, but for those about which something is presumed once the others are given.
fn as_presumed(
    points: &mut Points,
    questions: &[(u32, bool)],
    mut answers: Vec<(PointId, Answer)>,
) -> Option<Vec<(PointId, Answer)>> {
    for (point, answer) in &mut answers {
        let presumed = points.is_presumed(*point).must;
        let here = points.diagram.decided(presumed, &decided_by(questions))?;
        if is_always(points, here)? {
            *answer = Answer::AsPresumed;
        }
    }
    Some(answers)
}

/// Answers to questions, and what the points are then.
type Choice = (Vec<(u32, bool)>, Vec<(PointId, Answer)>);

/// Of the ways of settling a joint unit one for each effect.
fn examples(
    points: &mut Points,
    edge: Edge,
    unit: &Unit,
    matter: &[PointId],
    rest: Edge,
) -> Option<Vec<Choice>> {
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    let fibers = points.fibers(unit, None)?;
    let mut by_answers = BTreeMap::new();
    let mut settlings: Vec<&Settling> = fibers.iter().flatten().collect();
    settlings.sort_by_key(|settling| settling.oddness());
    for settling in settlings {
        by_answers.entry(&settling.answers).or_insert(settling);
    }
    let mut by_answers: Vec<_> = by_answers.into_iter().collect();
    by_answers.sort_by_key(|(_, settling)| settling.oddness());
    for (answers, settling) in by_answers {
        let values = &settling.values;
        let below = points.diagram.decided(edge, &decided_by(answers))?;
        let below = points.diagram.and(below, rest)?;
        if seen.insert(below) {
            let values = matter
                .iter()
                .map(|it| (*it, Answer::Example(values[it].clone())));
            found.push((answers.clone(), values.collect()));
        }
    }
    Some(found)
}

fn decided_by(answers: &[(u32, bool)]) -> impl Fn(u32) -> Option<bool> + use<> {
    let answers: BTreeMap<u32, bool> = answers.iter().copied().collect();
    move |variable| answers.get(&variable).copied()
}

/// The ways of settling one point, those with the same effect as one.
fn told_apart(
    points: &mut Points,
    edge: Edge,
    point: PointId,
    variables: &[u32],
    rest: Edge,
) -> Option<Vec<Class>> {
    let mut found: Vec<(Class, Edge)> = Vec::new();
    let is_line = matches!(points.domain(point), Domain::Number { .. });
    for class in points.classes(point, variables) {
        let below = points
            .diagram
            .decided(edge, &decided_by(&class.variables))?;
        let below = points.diagram.and(below, rest)?;
        let before = match is_line {
            true => found.last_mut().filter(|(_, other)| *other == below),
            false => found
                .iter_mut()
                .find(|(before, other)| *other == below && can_join(&before.answer, &class.answer)),
        };
        match before {
            Some((before, _)) => before.answer = joined(&before.answer, &class.answer),
            None => found.push((class, below)),
        }
    }
    Some(found.into_iter().map(|(class, _)| class).collect())
}

/// Whether two answers can be said as one.
fn can_join(a: &Answer, b: &Answer) -> bool {
    match (a, b) {
        (
            Answer::Such { so, not_so, .. },
            Answer::Such {
                so: other,
                not_so: not_other,
                ..
            },
        ) => {
            let differs = so ^ other;
            differs.len() == 1 && differs == not_so ^ not_other
        }
        (Answer::Such { .. }, _) | (_, Answer::Such { .. }) => false,
        _ => true,
    }
}

/// Either answer. Stretches are given in their order.
fn joined(a: &Answer, b: &Answer) -> Answer {
    let values = |answer: &Answer| match answer {
        Answer::Value(value) => Some(vec![value.clone()]),
        Answer::OneOf(values) => Some(values.clone()),
        Answer::Truth(_)
        | Answer::Example(_)
        | Answer::NoneOf(_)
        | Answer::AsPresumed
        | Answer::Such { .. }
        | Answer::Between(..) => None,
    };
    let without = |all: &[Value], but: &[Value]| {
        let left = all.iter().filter(|value| !but.contains(value));
        Answer::NoneOf(left.cloned().collect())
    };
    match (a, b) {
        // What is so of one and not of the other does not matter.
        (
            Answer::Such {
                so,
                not_so,
                example,
            },
            Answer::Such {
                so: other,
                not_so: not_other,
                ..
            },
        ) => Answer::Such {
            so: so & other,
            not_so: not_so & not_other,
            example: example.clone(),
        },
        (Answer::NoneOf(all), other) | (other, Answer::NoneOf(all)) => {
            without(all, &values(other).unwrap_or_default())
        }
        (Answer::Between(..), _) | (_, Answer::Between(..)) => {
            Answer::Between(ends(a).0, ends(b).1)
        }
        _ => {
            let mut all = values(a).unwrap_or_default();
            all.extend(values(b).unwrap_or_default());
            match all
                .iter()
                .all(|value| matches!(value, Value::Number(_) | Value::Date(_)))
            {
                true => Answer::Between(ends(a).0, ends(b).1),
                false => Answer::OneOf(all),
            }
        }
    }
}

fn ends(answer: &Answer) -> (Bound, Bound) {
    match answer {
        Answer::Between(low, high) => (low.clone(), high.clone()),
        Answer::Value(value) => (Some((value.clone(), true)), Some((value.clone(), true))),
        Answer::Truth(_)
        | Answer::Example(_)
        | Answer::OneOf(_)
        | Answer::NoneOf(_)
        | Answer::AsPresumed
        | Answer::Such { .. } => (None, None),
    }
}

/// Answers to few points, after which a function is true whatever the others come to.
pub(super) fn witness(points: &mut Points, edge: Edge) -> Option<Vec<(PointId, Answer)>> {
    let edge = points.for_sure(edge)?;
    let support = whole_support(points, &with_presumptions(points, edge))?;
    let possible = possible(points, &support, None)?;
    let target = points.diagram.and(possible, edge)?;
    let path: BTreeMap<u32, bool> = points.diagram.shortest(target)?.into_iter().collect();
    let fits = |answers: &[(u32, bool)]| {
        let mut answers = answers.iter();
        answers.all(|(variable, truth)| path.get(variable).is_none_or(|wanted| wanted == truth))
    };
    let mut chosen: Vec<(Unit, Settling)> = Vec::new();
    for unit in points.units(&support) {
        let mut settlings = settlings(points, &unit)?.into_iter();
        let settling = settlings.find(|settling| fits(&settling.answers))?;
        chosen.push((unit, settling));
    }
    let all = answers_in(&chosen);
    for point in support.keys() {
        let value = chosen.iter().find_map(|(_, it)| it.values.get(point));
        if let Some(value) = value.cloned()
            && !is_never(points, &all, |points| {
                points.is_presumed_otherwise(*point, &value)
            })?
        {
            chosen = leaving_open(points, &chosen, *point);
        }
    }
    for point in support.keys() {
        let fewer = leaving_open(points, &chosen, *point);
        let below = points
            .diagram
            .decided(edge, &decided_by(&answers_in(&fewer)))?;
        if is_always(points, below)? && is_as_presumed(points, &support, &fewer)? {
            chosen = fewer;
        }
    }
    let values = chosen.into_iter().flat_map(|(_, settling)| settling.values);
    let values: BTreeMap<PointId, Value> = values.collect();
    let answers = values.into_iter().map(|(point, value)| {
        let answer = match (points.domain(point), &value) {
            (Domain::Judgement, Value::Bool(truth)) => Answer::Truth(*truth),
            _ => Answer::Value(value),
        };
        (point, answer)
    });
    Some(answers.collect())
}

/// A function, and the conditions on which something is presumed of the points it depends on, and so on.
fn with_presumptions(points: &Points, edge: Edge) -> Vec<Edge> {
    let mut edges = vec![edge];
    let mut seen = BTreeSet::new();
    while !points.presumed.is_empty() {
        let (support, _) = points.support(&edges, usize::MAX);
        let new: Vec<PointId> = support.into_keys().filter(|it| seen.insert(*it)).collect();
        if new.is_empty() {
            break;
        }
        let presumed = new.iter().filter_map(|point| points.presumed.get(point));
        edges.extend(presumed.flat_map(|it| it.conditions().map(|condition| condition.may)));
    }
    edges
}

fn answers_in(chosen: &[(Unit, Settling)]) -> Vec<(u32, bool)> {
    let answers = chosen.iter().map(|(_, settling)| &settling.answers);
    answers.flatten().copied().collect()
}

fn leaving_open(
    points: &Points,
    chosen: &[(Unit, Settling)],
    point: PointId,
) -> Vec<(Unit, Settling)> {
    let chosen = chosen.iter();
    chosen
        .map(|(unit, settling)| (unit.clone(), without(points, settling, point)))
        .collect()
}

/// Whether a condition is never so under these answers, whatever the others are.
fn is_never(
    points: &mut Points,
    answers: &[(u32, bool)],
    condition: impl FnOnce(&mut Points) -> Formula,
) -> Option<bool> {
    let condition = condition(points).may;
    let here = points.diagram.decided(condition, &decided_by(answers))?;
    is_always(points, !here)
}

/// Whether no answer is presumed otherwise, and no two presumptions about what is left open contradict each other: then what comes of
/// the answers is what the function says.
fn is_as_presumed(
    points: &mut Points,
    support: &Support,
    chosen: &[(Unit, Settling)],
) -> Option<bool> {
    let answers = answers_in(chosen);
    for point in support.keys() {
        let Some(clash) = points.presumed.get(point).map(Presumed::clash) else {
            continue;
        };
        let value = chosen.iter().find_map(|(_, it)| it.values.get(point));
        let is_so = is_never(points, &answers, |points| match value {
            Some(value) => points.is_presumed_otherwise(*point, value),
            None => clash,
        })?;
        if !is_so {
            return Some(false);
        }
    }
    Some(true)
}

/// The ways of settling the points of a unit.
fn settlings(points: &mut Points, unit: &Unit) -> Option<Vec<Settling>> {
    if unit.is_joint {
        let fibers = points.fibers(unit, None)?;
        let mut settlings: Vec<Settling> = fibers.iter().flatten().cloned().collect();
        settlings.sort_by_key(Settling::oddness);
        return Some(settlings);
    }
    let point = unit.points[0];
    let classes = points.classes(point, &unit.variables).into_iter();
    let settlings = classes.map(|class| {
        let value = match points.example(point, &class.answer) {
            Answer::Truth(truth) => Value::Bool(truth),
            Answer::Value(value) => value,
            _ => Value::Unknown,
        };
        Settling {
            answers: class.variables,
            values: BTreeMap::from([(point, value)]),
        }
    });
    Some(settlings.collect())
}

/// With one point left open, and what hangs on it.
fn without(points: &Points, settling: &Settling, point: PointId) -> Settling {
    let mut fewer = settling.clone();
    if fewer.values.remove(&point).is_some() {
        fewer
            .answers
            .retain(|(at, _)| !points.asked(*at).contains(&point));
    }
    fewer
}
