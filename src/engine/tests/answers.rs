//! What holds, asked as the policy speaks; failures and open questions, told as it speaks.

use super::build::{Build, value};
use crate::datalog::program::{Certainty, Declared, RegimesId, Shape};
use crate::engine::{Answers, Engine, Given, Limits, Local, Model};
use crate::facts::Facts;
use crate::ir::{Fact, Field, Kind, Missing, Policy, Relation, RelationId, RelationKind};
use crate::proof::Extension;
use crate::source::{FileId, Place};
use crate::value::{
    Date, FIRST_DAY, LAST_DAY, Measure, NamedType, NumberType, Type, TypeKind, Value,
};
use jiff::civil::date;
use std::collections::BTreeSet;

const NUMBER: Type = Type::Number(NumberType {
    integer: true,
    measure: Measure::Plain,
});

fn policy(relations: &[(&str, RelationKind, &[Type])]) -> Policy {
    let mut policy = Policy::default();
    policy.types.named.push(NamedType {
        name: "Item".into(),
        kind: TypeKind::Entity,
    });
    for (name, kind, fields) in relations {
        let field = |ty: &Type| Field {
            name: "field".into(),
            ty: *ty,
            missing: Missing::Never,
            span: None,
        };
        policy.relations.push(Relation {
            name: (*name).into(),
            kind: Kind::Declared(*kind),
            fields: fields.iter().map(field).collect(),
            key: None,
            dated: false,
            on: None,
            standing: false,
            reads: None,
            doc: String::new(),
            span: None,
        });
    }
    policy
}

fn declare(build: &mut Build, name: &str, arity: usize, shape: Shape) -> RelationId {
    let rel = build.declare(name, arity);
    let id = RelationId(build.program.declared.len() as u32);
    let denied = None;
    build.program.declared.insert(
        id,
        Declared {
            rel,
            shape,
            denied,
            known: None,
        },
    );
    id
}

fn fact(relation: RelationId, args: &[&str], days: Option<(Date, Date)>) -> Fact {
    Fact {
        relation,
        args: args.iter().map(|text| value(text)).collect(),
        days,
        denied: false,
        place: Place::Record {
            file: FileId(0),
            line: 1,
        },
    }
}

fn run(build: &Build, list: Vec<Fact>) -> Model {
    let facts = Facts::of(list);
    let given = Given::new(&build.program, &facts, &BTreeSet::new());
    Local
        .run(&build.program, &given, Limits::default())
        .expect("it has a model")
}

#[test]
fn dated_facts_hold_on_their_days() {
    let mut build = Build::default();
    let owns = declare(&mut build, "owns", 4, Shape::Dated);
    let days = |from, through| Some((date(2025, 1, from), date(2025, 1, through)));
    let facts = vec![
        fact(owns, &["a", "b"], days(1, 5)),
        fact(owns, &["a", "b"], days(6, 9)),
        fact(owns, &["a", "b"], days(12, 13)),
        fact(owns, &["a", "c"], None),
    ];
    let model = run(&build, facts);
    let answers = Answers {
        program: &build.program,
        model: &model,
        certainty: Certainty::Must,
    };
    let ab = [value("a"), value("b")];
    let ac = vec![value("a"), value("c")];
    let known = [Some(value("a")), None];
    assert_eq!(
        answers.days_of(owns, &ab),
        [days(1, 9).unwrap(), days(12, 13).unwrap()]
    );
    assert_eq!(answers.days_of(owns, &ac), [(FIRST_DAY, LAST_DAY)]);
    assert_eq!(
        answers.matching(owns, &known, Some(date(2025, 1, 10))),
        std::slice::from_ref(&ac)
    );
    assert_eq!(answers.matching(owns, &known, None), [ab.to_vec(), ac]);
}

#[test]
fn a_standing_row_holds_throughout_its_regimes() {
    let mut build = Build::default();
    let starts = [date(2025, 1, 1), date(2025, 2, 1), date(2025, 3, 1)];
    build.program.regimes = vec![[FIRST_DAY].into_iter().chain(starts).collect()];
    build.facts("listed", &["a 2025-01-01", "a 2025-02-01", "b 2025-03-01"]);
    let listed = declare(&mut build, "listed", 2, Shape::Standing(RegimesId(0)));
    let model = run(&build, Vec::new());
    let answers = Answers {
        program: &build.program,
        model: &model,
        certainty: Certainty::Must,
    };
    let stretch = (date(2025, 1, 1), date(2025, 2, 28));
    assert_eq!(answers.days_of(listed, &[value("a")]), [stretch]);
    assert_eq!(
        answers.days_of(listed, &[value("b")]),
        [(date(2025, 3, 1), LAST_DAY)]
    );
    let on = |day| answers.matching(listed, &[None], Some(day));
    assert_eq!(on(date(2025, 2, 20)), [[value("a")]]);
    assert_eq!(on(date(2024, 2, 20)), Vec::<Vec<Value>>::new());
    assert_eq!(answers.matching(listed, &[None], None).len(), 2);
}

#[test]
fn a_limit_is_told_with_the_fact_that_grew() {
    let mut build = Build::default();
    build.facts("number", &["1"]);
    build.rule("number(N)", &["number(M)", "N = M + 1"]);
    build.stratum(&["number"]);
    declare(&mut build, "number", 1, Shape::Plain);
    let policy = policy(&[("number", RelationKind::Relation, &[NUMBER])]);
    let limits = Limits {
        facts: 1_000,
        ..Limits::default()
    };
    let failure = Local
        .run(&build.program, &Given::default(), limits)
        .expect_err("it never ends");
    let diagnostic = failure.to_diagnostic(&build.program, &policy);
    let message = "more than 1,000 facts follow; the last one made is `number(1002)`";
    assert_eq!(
        (diagnostic.code, &diagnostic.message[..]),
        ("E0601", message)
    );
}
