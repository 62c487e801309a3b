//! What a condition comes to: always, never, or depending on which points, and how.

use super::cell::Cell;
use super::diagram::{Edge, FALSE, TRUE};
use super::formula::Formula;
use super::points::{Class, Domain, Points};
use super::rows::OpenRows;
use super::spread::Wanted;
use super::{Answer, Bound, Dependence, HoldsIf, Outcome, PointId, Settlement};
use crate::value::Value;
use hashbrown::HashMap;
use std::collections::{BTreeMap, BTreeSet};

/// How many ways of settling points are listed.
const MOST_SETTLEMENTS: usize = 16;
/// How many nodes of a function are looked at.
const MOST_NODES: usize = 4_096;
/// How many questions about one point are told apart.
const MOST_QUESTIONS: usize = 64;

/// A point with the variables of the diagram that are about it.
type Support = BTreeMap<PointId, Vec<u32>>;

/// Outcomes of conditions that were decided before.
pub(super) type Known = HashMap<Formula, Outcome>;

/// What becomes of a wanted row: of the rows that it stands for those that always hold, and the others as one.
pub(super) fn outcomes(
    points: &mut Points,
    wanted: &Wanted,
    rows: &OpenRows,
    most_points: usize,
    known: &mut Known,
) -> Vec<(Vec<Value>, Outcome, Formula)> {
    let all = rows;
    let rows = wanted.entries.iter().map(|id| &all.list[*id as usize]);
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
        let alone = outcome(points, &[row.condition], &BTreeSet::new(), most_points);
        match (values, alone) {
            (_, Outcome::Absent) => {}
            (Some(values), Outcome::Holds) => found.push((values, Outcome::Holds, row.condition)),
            (_, _) => {
                conditions.push(row.condition);
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
    let is_vague = |cell: &Cell| matches!(cell, Cell::Vague(..));
    let outcome = match cells.iter().any(|cells| cells.iter().any(is_vague)) {
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

/// When the answers to all questions about these points (but one) go together.
fn possible(points: &mut Points, support: &Support, but: Option<PointId>) -> Option<Edge> {
    let mut all = TRUE;
    for (point, variables) in support {
        if Some(*point) != but {
            let one = possible_of(points, *point, variables)?;
            all = points.diagram.and(all, one)?;
        }
    }
    Some(all)
}

fn possible_of(points: &mut Points, point: PointId, variables: &[u32]) -> Option<Edge> {
    match points.domain(point) {
        Domain::Judgement | Domain::Truth => return Some(TRUE),
        Domain::Number { .. } if variables.len() == 1 => return Some(TRUE),
        _ if variables.len() > MOST_QUESTIONS => return None,
        _ => {}
    }
    let mut any = FALSE;
    for class in points.classes(point, variables) {
        let one = all_of(points, &class.variables)?;
        any = points.diagram.or(any, one)?;
    }
    Some(any)
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
    let (support, _) = points.support(edges, 32 * most_points);
    let listed: BTreeSet<PointId> = support.into_keys().chain(in_row.iter().copied()).collect();
    let listed = listed.into_iter().take(most_points);
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
    let support = whole_support(points, edges)?;
    if !points.lost_in(edges).is_empty() {
        return None;
    }
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
    for (point, variables) in &support {
        let rest = self::possible(points, &support, Some(*point))?;
        let own = possible_of(points, *point, variables)?;
        let holds_if = effect(points, any.may, *point, variables, own, rest)?;
        let mut matters = holds_if.is_some();
        for pair in edges.chunks(2) {
            matters = matters || effect(points, pair[1], *point, variables, own, rest)?.is_some();
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
    let settlements = settlements(points, any.may, &support, essential.keys())?;
    Some(Dependence {
        points: essential.into_iter().collect(),
        settlements,
        is_exact: true,
    })
}

/// How the answer to one point alone changes a function; `None`: not at all.
fn effect(
    points: &mut Points,
    edge: Edge,
    point: PointId,
    variables: &[u32],
    own: Edge,
    rest: Edge,
) -> Option<Option<HoldsIf>> {
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

/// All ways of settling the points that matter, if they are few.
fn settlements<'a>(
    points: &mut Points,
    edge: Edge,
    support: &Support,
    essential: impl Iterator<Item = &'a PointId>,
) -> Option<Vec<Settlement>> {
    type Way = (Vec<(PointId, Answer)>, Edge);
    let mut ways: Vec<Way> = vec![(Vec::new(), edge)];
    for point in essential {
        let Some(variables) = support.get(point) else {
            continue;
        };
        let rest = possible(points, support, Some(*point))?;
        let classes = told_apart(points, edge, *point, variables, rest)?;
        if ways.len() * classes.len() > MOST_SETTLEMENTS {
            return Some(Vec::new());
        }
        let mut longer: Vec<Way> = Vec::new();
        for (answers, below) in &ways {
            for class in &classes {
                let decided = decided_by(&class.variables);
                let mut answers = answers.clone();
                answers.push((*point, class.answer.clone()));
                longer.push((answers, points.diagram.decided(*below, &decided)?));
            }
        }
        ways = longer;
    }
    let mut found = Vec::new();
    for (answers, edge) in ways {
        found.push((answers, is_always(points, edge)?));
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
            false => found.iter_mut().find(|(_, other)| *other == below),
        };
        match before {
            Some((before, _)) => before.answer = joined(&before.answer, &class.answer),
            None => found.push((class, below)),
        }
    }
    Some(found.into_iter().map(|(class, _)| class).collect())
}

/// Either answer. Stretches are given in their order.
fn joined(a: &Answer, b: &Answer) -> Answer {
    let values = |answer: &Answer| match answer {
        Answer::Value(value) => Some(vec![value.clone()]),
        Answer::OneOf(values) => Some(values.clone()),
        Answer::Truth(_) | Answer::NoneOf(_) | Answer::Between(..) => None,
    };
    let without = |all: &[Value], but: &[Value]| {
        let left = all.iter().filter(|value| !but.contains(value));
        Answer::NoneOf(left.cloned().collect())
    };
    match (a, b) {
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
        Answer::Truth(_) | Answer::OneOf(_) | Answer::NoneOf(_) => (None, None),
    }
}

/// Answers to few points, after which a function is true whatever the others come to.
pub(super) fn witness(points: &mut Points, edge: Edge) -> Option<Vec<(PointId, Answer)>> {
    let edge = points.for_sure(edge)?;
    let support = whole_support(points, &[edge])?;
    let possible = possible(points, &support, None)?;
    let target = points.diagram.and(possible, edge)?;
    let path: BTreeMap<u32, bool> = points.diagram.shortest(target)?.into_iter().collect();
    let fits = |class: &Class| {
        let mut answers = class.variables.iter();
        answers.all(|(variable, truth)| path.get(variable).is_none_or(|wanted| wanted == truth))
    };
    let mut chosen: BTreeMap<PointId, Class> = BTreeMap::new();
    for (point, variables) in &support {
        let mut classes = points.classes(*point, variables).into_iter();
        chosen.insert(*point, classes.find(fits)?);
    }
    for point in support.keys() {
        let mut fewer = chosen.clone();
        fewer.remove(point);
        let answers: Vec<(u32, bool)> = fewer
            .values()
            .flat_map(|class| class.variables.clone())
            .collect();
        let below = points.diagram.decided(edge, &decided_by(&answers))?;
        if is_always(points, below)? {
            chosen = fewer;
        }
    }
    let chosen = chosen.into_iter();
    Some(
        chosen
            .map(|(point, class)| (point, points.example(point, &class.answer)))
            .collect(),
    )
}
