//! A program with open points, and all its settlements.

use crate::datalog::Program;
use crate::datalog::program::{Atom, Clause, Judgement, Literal, RelId, Stratum, Term, Var};
use crate::engine::settle::{
    Answer, AskedText, HoldsIf, Outcome, Point, PointId, Settled, lots, settle, settle_lot,
};
use crate::engine::tests::build::{Build, origin, value};
use crate::engine::{Engine, Given, Limits, Model, Reference};
use crate::ir::{Field, Kind, Missing, Policy, Relation, RelationId, RelationKind};
use crate::value::{
    Measure, Member, Members, NamedType, Number, NumberType, Type, TypeId, TypeKind, Value,
};
use std::collections::{BTreeMap, BTreeSet};

pub const INTEGER: Type = Type::Number(NumberType {
    integer: true,
    measure: Measure::Plain,
});
pub const DECIMAL: Type = Type::Number(NumberType {
    integer: false,
    measure: Measure::Plain,
});
pub const NAME: Type = Type::Entity(TypeId(0));
/// Of three members, written m0, m1, m2.
pub const SET: Type = Type::Set(TypeId(1));

/// A program of two-valued clauses, and what is open in it.
pub struct World {
    pub build: Build,
    pub policy: Policy,
    pub layers: Vec<Vec<RelId>>,
    /// The judgements that may be asked for, and the unknown fields, with all that they may be.
    pub points: BTreeMap<Point, Vec<Value>>,
    /// Presumed so, presumed not.
    pub presumed: BTreeMap<(RelId, Vec<Value>), bool>,
    /// Rows that may hold, as far as a coarser look tells.
    pub more: Vec<(RelId, Vec<Value>)>,
    /// Whether rules presume something.
    pub has_presumptions: bool,
}

/// A settlement, and the rows that hold in it.
struct Case {
    answers: BTreeMap<Point, Value>,
    rows: BTreeSet<(RelId, Vec<Value>)>,
}

impl World {
    pub fn new() -> World {
        let mut policy = Policy::default();
        let member = |name: &str| Member {
            name: name.into(),
            others: Vec::new(),
        };
        policy.types.named = vec![
            NamedType {
                name: "Party".into(),
                kind: TypeKind::Entity,
            },
            NamedType {
                name: "Grade".into(),
                kind: TypeKind::Set {
                    ordered: true,
                    members: Members::new(vec![member("m0"), member("m1"), member("m2")]),
                },
            },
        ];
        World {
            build: Build::default(),
            policy,
            layers: Vec::new(),
            points: BTreeMap::new(),
            presumed: BTreeMap::new(),
            more: Vec::new(),
            has_presumptions: false,
        }
    }

    fn declare(&mut self, name: &str, kind: RelationKind, types: &[Type]) -> RelationId {
        let field = |ty: &Type| Field {
            name: "field".into(),
            ty: *ty,
            missing: Missing::Unknown,
            span: None,
        };
        self.policy.relations.push(Relation {
            name: name.into(),
            kind: Kind::Declared(kind),
            fields: types.iter().map(field).collect(),
            key: None,
            dated: false,
            on: None,
            standing: false,
            reads: None,
            doc: String::new(),
            span: None,
        });
        RelationId(self.policy.relations.len() as u32 - 1)
    }

    /// A judgement of one field, open for each of the names.
    pub fn judgement(&mut self, name: &str, open: &[&str]) {
        let relation = self.declare(name, RelationKind::Judgement, &[NAME]);
        let rel = self.build.declare(name, 1);
        let denied = self.build.declare(&format!("not {name}"), 1);
        let presumed =
            ["yes", "no"].map(|word| Some(self.build.declare(&format!("{word} {name}"), 1)));
        self.build.program.open.judgements.insert(
            rel,
            Judgement {
                relation,
                denied,
                presumed,
            },
        );
        for name in open {
            let args = vec![value(name)];
            let point = Point::Judgement { relation, args };
            let truths = vec![Value::Bool(false), Value::Bool(true)];
            self.points.insert(point, truths);
        }
    }

    /// Rows of which the last field is unknown.
    pub fn source(&mut self, name: &str, ty: Type, rows: &[&str], values: &[&str]) {
        let relation = self.declare(name, RelationKind::Input, &[NAME, ty]);
        let rel = self.build.declare(name, 2);
        self.build.program.open.sources.insert(rel, relation);
        for row in rows {
            let row = vec![value(row), Value::Unknown];
            self.build.program.facts.push((rel, row.clone()));
            let point = Point::Field {
                relation,
                row,
                field: 1,
            };
            let values = values.iter().map(|text| member(value(text)));
            self.points.insert(point, values.collect());
        }
    }

    pub fn layer(&mut self, names: &[&str]) {
        let rels = names.iter().map(|name| self.build.rel(name)).collect();
        self.layers.push(rels);
    }

    /// Names `m0` are members, here as elsewhere.
    fn finished(&self) -> Program {
        let mut program = self.build.program.clone();
        for (_, row) in &mut program.facts {
            for value in row {
                *value = member(value.clone());
            }
        }
        for clause in &mut program.clauses {
            let atoms = clause.body.iter_mut().filter_map(|literal| match literal {
                Literal::Positive(atom) | Literal::Negative(atom, _) => Some(atom),
                Literal::Aggregate(aggregate) => Some(&mut aggregate.atom),
                Literal::Check(_) | Literal::Bind(..) => None,
            });
            for atom in atoms.chain([&mut clause.head]) {
                for term in &mut atom.args {
                    if let Term::Value(value) = term {
                        *value = member(value.clone());
                    }
                }
            }
        }
        let of_layer = |rels: &Vec<RelId>| -> Vec<usize> {
            let is_of = |at: &usize| rels.contains(&program.clauses[*at].head.rel);
            (0..program.clauses.len()).filter(is_of).collect()
        };
        program.open.strata = self.layers.iter().map(of_layer).collect();
        program.open.clauses = program.clauses.clone();
        let strata = self.layers.iter().map(|relations| Stratum {
            relations: relations.clone(),
            clauses: of_layer(relations),
            levels: None,
        });
        program.strata = strata.collect();
        for rel in self.layers.iter().flatten() {
            let mut may = program.relations[rel.0 as usize].clone();
            may.name.push_str("#may");
            program.relations.push(may);
            let may = RelId(program.relations.len() as u32 - 1);
            program.open.may.insert(*rel, may);
        }
        let open = &mut program.open;
        let rels = open.may.iter().flat_map(|(rel, may)| [rel, may]);
        let rels = rels.chain(open.sources.keys());
        let columns = rels.map(|rel| {
            let all = 0..program.relations[rel.0 as usize].arity;
            (*rel, all.collect())
        });
        open.columns = columns.collect();
        program
    }

    fn cases(&self, program: &Program) -> Vec<Case> {
        let mut all: Vec<BTreeMap<Point, Value>> = vec![BTreeMap::new()];
        for (point, values) in &self.points {
            let longer = all.iter().flat_map(|answers| {
                values.iter().map(|value| {
                    let mut answers = answers.clone();
                    answers.insert(point.clone(), value.clone());
                    answers
                })
            });
            all = longer.collect();
        }
        all.into_iter()
            .map(|answers| self.case(program, answers, &BTreeSet::new()))
            .collect()
    }

    /// What holds under these answers. Those to the points of `given` are facts, which win over what is presumed; the others count
    /// where nothing is presumed.
    fn case(
        &self,
        program: &Program,
        answers: BTreeMap<Point, Value>,
        given_points: &BTreeSet<&Point>,
    ) -> Case {
        let mut settled = program.clone();
        let open = std::mem::take(&mut settled.open);
        let answered = judge_by_presumptions(&mut settled, &open.judgements);
        let rel_of = |relation: &RelationId| {
            let mut judgements = open.judgements.iter();
            let judgement = judgements.find(|(_, judgement)| judgement.relation == *relation);
            let mut sources = open.sources.iter();
            let source = sources.find(|(_, source)| *source == relation);
            judgement
                .map(|(rel, _)| *rel)
                .or(source.map(|(rel, _)| *rel))
                .expect("it is one")
        };
        let given: BTreeSet<(RelId, Vec<Value>)> = program.facts.iter().cloned().collect();
        for (point, answer) in &answers {
            match point {
                Point::Judgement { relation, args } => {
                    let rel = rel_of(relation);
                    let denied = (open.judgements[&rel].denied, args.clone());
                    if let Some(answered) = answered.get(&rel) {
                        let is_so = *answer == Value::Bool(true);
                        match (given_points.contains(point), is_so) {
                            (true, true) => settled.facts.push((rel, args.clone())),
                            (true, false) => settled.facts.push(denied),
                            (false, true) => settled.facts.push((*answered, args.clone())),
                            (false, false) => {}
                        }
                        continue;
                    }
                    let presumed = self.presumed.get(&(rel, args.clone()));
                    let is_so = presumed.copied().unwrap_or(*answer == Value::Bool(true));
                    if is_so && !given.contains(&denied) {
                        settled.facts.push((rel, args.clone()));
                    }
                }
                Point::Field {
                    relation,
                    row,
                    field,
                } => {
                    let at = (rel_of(relation), row.clone());
                    let fact = settled.facts.iter_mut().find(|fact| **fact == at);
                    fact.expect("it is given").1[*field] = answer.clone();
                }
            }
        }
        let model = Reference
            .run(&settled, &Given::default(), Limits::default())
            .expect("it has a model");
        let rels = self.layers.iter().flatten();
        let rows = rels.flat_map(|rel| {
            model
                .rows(*rel)
                .map(move |row| (*rel, row))
                .collect::<Vec<_>>()
        });
        Case {
            rows: rows.collect(),
            answers,
        }
    }

    /// A model of what must and may hold. `is_blurred`: with numbers and names in the last column of a row that may hold left open.
    fn model(&self, program: &Program, cases: &[Case], is_blurred: bool) -> Model {
        let mut model = Model::new(program);
        for (rel, row) in &program.facts {
            model.insert(*rel, row);
        }
        let is_sure = |row: &(RelId, Vec<Value>)| {
            !cases.is_empty() && cases.iter().all(|case| case.rows.contains(row))
        };
        let mut may: BTreeSet<(RelId, Vec<Value>)> = self.more.iter().cloned().collect();
        may.extend(cases.iter().flat_map(|case| case.rows.iter().cloned()));
        for (rel, row) in may {
            if is_sure(&(rel, row.clone())) && row.len() % 2 == 0 {
                model.insert(rel, &row);
                model.insert(program.open.may[&rel], &row);
                continue;
            }
            let mut row = row;
            if is_blurred && row.len() > 1 {
                *row.last_mut().expect("it has columns") = Value::Unknown;
            }
            model.insert(program.open.may[&rel], &row);
        }
        model
    }

    /// What becomes of the rows of one relation.
    pub fn settle_only(&self, rel: RelId) -> Settled {
        let program = self.finished();
        let model = self.model(&program, &self.cases(&program), false);
        self.settled(&program, &model, [rel].into_iter())
    }

    /// How many rows there are in each lot.
    pub fn sizes_of_lots(&self, names: &[&str], size: usize) -> Vec<usize> {
        let program = self.finished();
        let model = self.model(&program, &self.cases(&program), false);
        let rels = names.iter().map(|name| self.build.rel(name)).collect();
        let lots = lots(&program, &model, &rels, size);
        lots.iter().map(|lot| lot.len()).collect()
    }

    fn settled(
        &self,
        program: &Program,
        model: &Model,
        asked: impl Iterator<Item = RelId>,
    ) -> Settled {
        let (limits, asked) = (Limits::default(), asked.collect());
        settle(program, &self.policy, model, limits, 16, &asked)
    }

    /// What is settled of one relation alone, or of a few of its rows, is what is settled of it among all.
    fn check_each_alone(&self, program: &Program, model: &Model, all: &Settled, seed: u64) {
        for rel in program.open.may.keys() {
            let told = |settled: &Settled| -> Vec<(Vec<Value>, String)> {
                let rows = settled.outcomes(*rel).iter();
                rows.map(|(row, outcome)| (row.clone(), in_points(settled, outcome)))
                    .collect()
            };
            let alone = self.settled(program, model, [*rel].into_iter());
            let lots = lots(program, model, &BTreeSet::from([*rel]), 1);
            let lots = lots.iter().flat_map(|lot| {
                let limits = Limits::default();
                told(&settle_lot(program, &self.policy, model, limits, 16, lot))
            });
            let mut lots: Vec<(Vec<Value>, String)> = lots.collect();
            lots.sort();
            let name = &program.relations[rel.0 as usize].name;
            assert_eq!(told(&alone), told(all), "seed {seed} {name}");
            assert_eq!(lots, told(all), "seed {seed} {name}");
        }
    }

    pub fn settle(&self, is_blurred: bool) -> (Model, Settled) {
        let program = self.finished();
        let cases = match self.points.is_empty() {
            true => Vec::new(),
            false => self.cases(&program),
        };
        let model = self.model(&program, &cases, is_blurred);
        let settled = self.settled(&program, &model, program.open.may.keys().copied());
        (model, settled)
    }

    /// Compares what is decided with all settlements: how many open rows are decided exactly, and how many there are.
    pub fn check(&self, seed: u64) -> (usize, usize) {
        let program = self.finished();
        let cases = self.cases(&program);
        let mut counted = (0, 0);
        for is_blurred in [false, true] {
            let model = self.model(&program, &cases, is_blurred);
            let settled = self.settled(&program, &model, program.open.may.keys().copied());
            if seed.is_multiple_of(5) {
                self.check_each_alone(&program, &model, &settled, seed);
            }
            let rows: BTreeSet<&(RelId, Vec<Value>)> = cases
                .iter()
                .flat_map(|case| &case.rows)
                .chain(&self.more)
                .collect();
            for (rel, row) in rows {
                let truths: Vec<bool> = cases
                    .iter()
                    .map(|case| case.rows.contains(&(*rel, row.clone())))
                    .collect();
                let outcome = settled.outcome(&model, *rel, row);
                let named = format!(
                    "seed {seed} blurred {is_blurred} {:?} {row:?} {outcome:?}",
                    program.relations[rel.0 as usize].name
                );
                let is_always = truths.iter().all(|truth| *truth);
                let is_never = !truths.iter().any(|truth| *truth);
                match &outcome {
                    Outcome::Holds => assert!(is_always, "{named}"),
                    Outcome::Absent => assert!(is_never, "{named}"),
                    Outcome::Open(dependence) if dependence.is_exact => {
                        counted.0 += 1;
                        assert!(!is_always && !is_never, "{named}");
                        self.check_points(&settled, &cases, &truths, &dependence.points, &named);
                        for (answers, truth) in &dependence.settlements {
                            check_answers(&settled, &cases, &truths, answers, *truth, &named);
                        }
                        for truth in [true, false] {
                            let witness = settled.witness(*rel, row, truth).expect(&named);
                            check_answers(&settled, &cases, &truths, &witness, truth, &named);
                            if self.has_presumptions {
                                let given = (&settled, witness.as_slice());
                                self.check_facts(
                                    &program,
                                    &cases,
                                    given,
                                    (*rel, row),
                                    truth,
                                    &named,
                                );
                            }
                        }
                    }
                    Outcome::Open(_) => {}
                }
                counted.1 += usize::from(matches!(outcome, Outcome::Open(_)));
            }
        }
        counted
    }

    /// Answers that are given as facts come to what is said of them, whatever the others are.
    fn check_facts(
        &self,
        program: &Program,
        cases: &[Case],
        (settled, answers): (&Settled, &[(PointId, Answer)]),
        (rel, row): (RelId, &[Value]),
        wanted: bool,
        named: &str,
    ) {
        let given: BTreeSet<&Point> = answers.iter().map(|(id, _)| settled.point(*id)).collect();
        for case in cases.iter().filter(|case| case.fits(settled, answers)) {
            let there = self.case(program, case.answers.clone(), &given);
            let is_so = there.rows.contains(&(rel, row.to_vec()));
            assert_eq!(is_so, wanted, "{named} given {answers:?} as facts");
        }
    }

    fn check_points(
        &self,
        settled: &Settled,
        cases: &[Case],
        truths: &[bool],
        found: &[(PointId, HoldsIf)],
        named: &str,
    ) {
        let by_answers: BTreeMap<&BTreeMap<Point, Value>, bool> = cases
            .iter()
            .map(|case| &case.answers)
            .zip(truths.iter().copied())
            .collect();
        let mut expected: BTreeMap<&Point, HoldsIf> = BTreeMap::new();
        for (point, values) in &self.points {
            let (mut up, mut down) = (false, false);
            for (answers, truth) in &by_answers {
                for value in values {
                    let mut other = (*answers).clone();
                    other.insert(point.clone(), value.clone());
                    let there = by_answers[&other];
                    if there != *truth {
                        let is_yes = *value == Value::Bool(true);
                        up |= is_yes == there;
                        down |= is_yes != there;
                    }
                }
            }
            let holds_if = match (point, up, down) {
                (_, false, false) => continue,
                (Point::Judgement { .. }, true, false) => HoldsIf::True,
                (Point::Judgement { .. }, false, true) => HoldsIf::False,
                _ => HoldsIf::Mixed,
            };
            expected.insert(point, holds_if);
        }
        let found: BTreeMap<&Point, HoldsIf> = found
            .iter()
            .map(|(id, holds_if)| (settled.point(*id), *holds_if))
            .collect();
        assert_eq!(found, expected, "{named}");
    }
}

fn check_answers(
    settled: &Settled,
    cases: &[Case],
    truths: &[bool],
    answers: &[(PointId, Answer)],
    wanted: bool,
    named: &str,
) {
    for (case, truth) in cases.iter().zip(truths) {
        if case.fits(settled, answers) {
            assert_eq!(*truth, wanted, "{named} under {answers:?}");
        }
    }
}

impl Case {
    fn fits(&self, settled: &Settled, answers: &[(PointId, Answer)]) -> bool {
        answers.iter().all(|(id, answer)| {
            let value = self.answers.get(settled.point(*id));
            value.is_some_and(|value| allows(answer, value))
        })
    }
}

/// Clauses for the judgements of which rules presume something: presumed so, or answered so where nothing else is presumed and where
/// presumptions contradict each other. The relations of the answers.
fn judge_by_presumptions(
    program: &mut Program,
    judgements: &BTreeMap<RelId, Judgement>,
) -> BTreeMap<RelId, RelId> {
    let mut answered = BTreeMap::new();
    for (rel, judgement) in judgements {
        let [Some(so), Some(not_so)] = judgement.presumed else {
            continue;
        };
        let is_about = |rels: &[RelId]| rels.contains(&so) || rels.contains(&not_so);
        let mut strata = program.strata.iter();
        let Some(at) = strata.rposition(|stratum| is_about(&stratum.relations)) else {
            continue;
        };
        let own = RelId(program.relations.len() as u32);
        program
            .relations
            .push(program.relations[rel.0 as usize].clone());
        let atom = |rel: RelId| Atom {
            rel,
            args: vec![Term::Var(Var(0))],
        };
        let is = |rel: RelId| Literal::Positive(atom(rel));
        let is_not = |rel: RelId| Literal::Negative(atom(rel), Vec::new());
        let denied = judgement.denied;
        let bodies = [
            vec![is(so), is_not(denied), is_not(not_so)],
            vec![is(own), is_not(denied), is_not(not_so)],
            vec![is(own), is_not(denied), is(so)],
        ];
        let first = program.clauses.len();
        let clauses = bodies.into_iter().map(|body| Clause {
            head: atom(*rel),
            body,
            variables: vec!["X".into()],
            origin: origin(),
        });
        program.clauses.extend(clauses);
        let stratum = Stratum {
            relations: vec![*rel],
            clauses: (first..program.clauses.len()).collect(),
            levels: None,
        };
        program.strata.insert(at + 1, stratum);
        answered.insert(*rel, own);
    }
    answered
}

fn allows(answer: &Answer, value: &Value) -> bool {
    match answer {
        Answer::Truth(truth) => *value == Value::Bool(*truth),
        Answer::Value(other) | Answer::Example(other) => value == other,
        Answer::AsPresumed => true,
        Answer::OneOf(values) => values.contains(value),
        Answer::NoneOf(values) => !values.contains(value),
        Answer::Such { so, not_so, .. } => {
            let is_so = |asked: &AskedText| matches!(value, Value::Text(text) if asked.is_so(text));
            so.iter().all(is_so) && !not_so.iter().any(is_so)
        }
        Answer::Between(low, high) => {
            low.as_ref()
                .is_none_or(|(bound, inclusive)| value > bound || *inclusive && value == bound)
                && high
                    .as_ref()
                    .is_none_or(|(bound, inclusive)| value < bound || *inclusive && value == bound)
        }
    }
}

fn member(value: Value) -> Value {
    match &value {
        Value::Name(name) => match name.strip_prefix('m').map(str::parse) {
            Some(Ok(at)) => Value::Member(at),
            _ => value,
        },
        _ => value,
    }
}

/// Whole numbers and their halves, wide enough for all that the rules compare with.
pub fn numbers(step: &str) -> Vec<String> {
    let step = Number::from_text(step).expect("a number");
    let count = |at: i64| (&Number::from_integer(at) * &step).to_string();
    let half = Number::from_text("0.5").expect("a number");
    let end = if step == half { 16 } else { 9 };
    (-end..=end).map(count).collect()
}

/// An outcome in points instead of their numbers, which depend on what else is settled. Where it is not exact, only that.
fn in_points(settled: &Settled, outcome: &Outcome) -> String {
    let Outcome::Open(dependence) = outcome else {
        return format!("{outcome:?}");
    };
    if !dependence.is_exact {
        return "not exact".into();
    }
    let points = dependence.points.iter();
    let points: BTreeMap<&Point, HoldsIf> = points
        .map(|(id, holds_if)| (settled.point(*id), *holds_if))
        .collect();
    let settlements = dependence.settlements.iter().map(|(answers, holds)| {
        let answers = answers.iter();
        let answers: BTreeMap<&Point, &Answer> = answers
            .map(|(id, answer)| (settled.point(*id), answer))
            .collect();
        (answers, holds)
    });
    let settlements: BTreeSet<_> = settlements.collect();
    format!("{points:?} {settlements:?}")
}
