//! Rules, facts, exemptions, constraints, timing and cases: what they come to, and the slips in them.

use super::resolve_text;
use crate::diagnostic::{Diagnostic, Severity};
use crate::ir::{Blocked, ExemptionTarget, Literal, Policy, Rule, Term, Timing};
use crate::value::{Type, Value};

const WORDS: &str = r#"
type Party
type Deal
type Other
type Colour = red | green | blue
type Grade = low < high
unit nm
unit um
unit mm = 1000 um
event deal(id: Deal -> seller: Party, buyer: Party, agent: Party or none, on: date)
event other(id: Other -> party: Party, on: date)
input node(party: Party -> size: decimal nm)
input wire(party: Party -> width: decimal um)
input weight(party: Party -> value: int)
input worth(party: Party -> value: decimal)
input share(of: Party, in: Party -> share: decimal %)
input chip(party: Party -> size: decimal nm or unknown)
input owns(owner: Party, owned: Party -> share: decimal %) dated
input colour(party: Party -> colour: Colour)
input grade(party: Party -> grade: Grade)
input named(party: Party -> name: text)
input signed(deal: Deal -> day: date)
input flag(party: Party)
judgement serious(party: Party)
relation listed(party: Party)
relation plain(party: Party)
relation number(party: Party, value: decimal)
relation whole(party: Party, value: int)
relation size(party: Party, size: decimal nm)
verdict licence(deal: Deal)
verdict free(deal: Deal)
"#;

/// Words, one notice with a clause, and what a test adds.
fn with_words(text: &str) -> String {
    format!("{WORDS}{text}")
}

fn found(text: &str) -> Vec<Diagnostic> {
    resolve_text(&with_words(text)).2
}

/// The codes of what is wrong, in order.
fn errors(text: &str) -> Vec<&'static str> {
    let found = found(text);
    let errors = found.iter().filter(|one| one.severity == Severity::Error);
    errors.map(|one| one.code).collect()
}

fn warnings(text: &str) -> Vec<&'static str> {
    let found = found(text);
    assert!(
        !found.iter().any(Diagnostic::is_error),
        "{text}: {found:#?}"
    );
    found.iter().map(|one| one.code).collect()
}

fn policy_of(text: &str) -> Policy {
    let (policy, _, found) = resolve_text(&with_words(text));
    assert!(
        !found.iter().any(Diagnostic::is_error),
        "{text}: {found:#?}"
    );
    policy
}

/// The first rule of the text.
fn rule_of(text: &str) -> Rule {
    policy_of(text).rules.into_iter().next().expect("a rule")
}

#[track_caller]
fn is_fine(text: &str) {
    policy_of(text);
}

#[track_caller]
fn is_wrong(text: &str, code: &str, words: &str) {
    let found = found(text);
    let errors: Vec<&Diagnostic> = found.iter().filter(|one| one.is_error()).collect();
    assert!(
        errors.len() == 1 && errors[0].code == code && errors[0].message.contains(words),
        "{text}: {found:#?}"
    );
}

#[test]
fn an_atom_that_does_not_fit_its_declaration_is_refused_and_shows_it() {
    for (text, code, words) in [
        ("plain(P) if weigth(P, 1).", "E0201", "`weigth`"),
        ("plain(P) if flag(P, P).", "E0203", "1 field"),
        ("plain(P) if weight(P, valeu: 1).", "E0204", "`valeu`"),
        ("plain(P) if weight(P, party: P).", "E0205", "`party`"),
        ("number(P) if flag(P).", "E0206", "`value`"),
        ("number(P, _) if flag(P).", "E0259", "`_`"),
        ("plain(P) if colour(P, gren).", "E0211", "`gren`"),
        ("plain(P) if weight(P, 1.5).", "E0212", "1.5"),
        ("plain(P) if node(P, 5).", "E0210", "`5`"),
        ("plain(P) if node(P, 5 um).", "E0209", "um"),
        ("plain(P) if weight(P, red).", "E0207", "whole number"),
    ] {
        is_wrong(text, code, words);
        let found = found(text);
        let error = found.iter().find(|one| one.is_error()).unwrap();
        let shows = error.labels.len() == 2 || !error.help.is_empty() && code == "E0201";
        assert!(shows || code == "E0259" || code == "E0205", "{error:#?}");
    }
    let found = found("plain(P) if colour(P, gren).");
    assert!(found[0].help[0].contains("`green`"));
}

#[test]
fn only_relations_and_verdicts_are_concluded_and_the_rest_is_given() {
    is_wrong("flag(acme).", "E0222", "an input");
    is_wrong("flag(P) if plain(P).", "E0222", "an input");
    is_wrong("serious(P) if plain(P).", "E0222", "a judgement");
    is_wrong("Party(P) if plain(P).", "E0222", "is a type");
    is_wrong("plain(P).", "E0242", "`P`");
    is_wrong(
        "case \"x\" { plain(acme). expect not plain(acme). }",
        "E0222",
        "`plain`",
    );
    is_wrong(
        "case \"x\" { not flag(acme). expect not plain(acme). }",
        "E0222",
        "`flag`",
    );
    is_wrong(
        "case \"x\" { flag(acme) from 2025-01-01. expect not plain(acme). }",
        "E0222",
        "`flag`",
    );
    is_fine(
        "case \"x\" { not serious(acme). owns(acme, b, 3) from 2025-01-01. expect not plain(acme). }",
    );
}

#[test]
fn types_are_learnt_in_whatever_order_a_body_is_written() {
    for text in [
        "number(P, Y) if Y = X * 2, X = W + 1, worth(P, W).",
        "number(P, Y) if worth(P, W), X = W + 1, Y = X * 2.",
    ] {
        let rule = rule_of(text);
        let named = |name: &str| {
            rule.variables
                .iter()
                .find(|one| one.name == name)
                .unwrap()
                .ty
        };
        assert!(
            matches!(named("Y"), Type::Number(number) if !number.integer),
            "{text}"
        );
    }
    is_fine("size(P, Y) if Y = X * 2, node(P, X).");
    is_fine("size(P, Y) if Y = max(X, 0), node(P, X), X > 0.");
    is_wrong("whole(P, Y) if Y = X + 1, worth(P, X).", "E0207", "`Y`");
    is_wrong("whole(P, X) if worth(P, X).", "E0207", "`X`");
    is_fine("whole(P, X) if worth(P, X), weight(P, X).");
    is_fine("whole(P, X) if weight(P, X), worth(P, X).");
    is_wrong(
        "whole(P, X) if worth(P, X), not weight(P, X).",
        "E0207",
        "`X`",
    );
    is_wrong(
        "whole(P, X) if flag(P), ( weight(P, X) or worth(P, X) ).",
        "E0207",
        "`X`",
    );
}

#[test]
fn a_name_takes_its_type_from_the_other_side() {
    let rule = rule_of("plain(P) if colour(P, C), C = blue.");
    assert!(rule.body.iter().any(|literal| matches!(
        literal,
        Literal::Compare(compare) if matches!(&compare.right.kind, crate::ir::ExprKind::Value(Value::Member(2)))
    )));
    is_fine("plain(P) if colour(P, C), red != C.");
    is_fine("plain(P) if flag(P), P = \"Acme (China) Co., Ltd.\".");
    is_wrong("plain(P) if flag(P), acme = other_one.", "E0215", "`acme`");
    assert_eq!(errors("plain(P) if flag(P), Y = X."), ["E0215", "E0215"]);
    is_wrong("plain(P) if colour(P, C), C = gren.", "E0211", "`gren`");
    is_wrong(
        "plain(P) if colour(P, C), C in [red, gren].",
        "E0211",
        "`gren`",
    );
    is_wrong("plain(P) if colour(P, P).", "E0208", "`P`");
}

#[test]
fn only_what_has_an_order_is_compared_by_size() {
    is_fine("plain(P) if grade(P, G), G >= high.");
    is_wrong("plain(P) if colour(P, C), C > red.", "E0216", "`Colour`");
    is_wrong("plain(P) if flag(P), P < acme.", "E0216", "names");
    is_wrong("plain(P) if named(P, N), N < \"a\".", "E0216", "texts");
    is_wrong("plain(P) if P = min Q { flag(Q) }.", "E0216", "names");
    is_fine("plain(P) if grade(P, G), G = max H { grade(_, H) }.");
}

#[test]
fn numbers_meet_only_in_one_unit() {
    is_fine("plain(P) if wire(P, W), W < 0.05 mm.");
    is_fine("plain(P) if share(P, Q, S), worth(Q, W), S + 1 > W.");
    is_fine("plain(P) if node(P, N), N / 7 nm > 2, 2 * N > 3 nm, abs(N) > 0, min(N, 3 nm) = N.");
    is_wrong("plain(P) if node(P, N), N > 5.", "E0210", "`5`");
    is_wrong("plain(P) if node(P, N), 5 > N.", "E0210", "`5`");
    is_wrong("plain(P) if node(P, N), N > 5 um.", "E0209", "um");
    is_wrong("plain(P) if node(P, N), N + 5 um > 3 nm.", "E0209", "um");
    is_wrong(
        "plain(P) if node(P, N), N * N > 3 nm.",
        "E0236",
        "multiplied",
    );
    is_wrong("plain(P) if node(P, N), wire(P, N).", "E0209", "nm");
    assert_eq!(warnings("plain(P) if share(P, _, S), S > 50."), ["W0230"]);
}

#[test]
fn dates_are_moved_by_days_and_compared_by_the_days_between() {
    is_fine(
        "free(T) if deal(T, on: D), signed(T, S), days(S, D) > 3, D + 2 months > S, S - 1 year < D.",
    );
    is_wrong(
        "free(T) if deal(T, on: D), signed(T, S), S < D + 3.",
        "E0234",
        "without saying of what",
    );
    is_wrong(
        "free(T) if deal(T, on: D), signed(T, S), S < 3 + D.",
        "E0234",
        "without saying of what",
    );
    is_wrong(
        "free(T) if deal(T, on: D), signed(T, S), D - S > 3.",
        "E0235",
        "from a date",
    );
    is_wrong(
        "free(T) if deal(T, on: D), signed(T, S), S < D + 1.5 days.",
        "E0212",
        "1.5",
    );
    is_wrong(
        "free(T) if deal(T, on: D), signed(T, S), S < D + 3 working days.",
        "E0240",
        "calendar",
    );
}

#[test]
fn functions_take_what_their_table_says() {
    is_fine("plain(P) if named(P, N), starts_with(lower(N), \"a\"), not contains(P, \"x\").");
    is_wrong(
        "plain(P) if named(P, N), matches(N, \"(\").",
        "E0219",
        "pattern",
    );
    is_wrong(
        "plain(P) if named(P, N), starts_with(N).",
        "E0218",
        "two texts",
    );
    is_wrong(
        "plain(P) if weight(P, N), starts_with(N, \"1\").",
        "E0218",
        "two texts",
    );
    is_wrong("plain(P) if named(P, N), lower(N).", "E0220", "`lower`");
    is_wrong(
        "plain(P) if named(P, N), starts_with(N, prefix: \"1\").",
        "E0261",
        "by name",
    );
    is_wrong(
        "plain(P) if named(P, N), starts_with(N, \"1\") on 2025-01-01.",
        "E0261",
        "no day",
    );
    assert_eq!(
        warnings(
            "relation contains(whole: Party, part: Party)\nplain(P) if contains(whole: P, part: acme)."
        ),
        ["W0228"]
    );
    is_wrong(
        "relation lower(party: Party)\nplain(P) if named(P, N), N = lower(N).",
        "E0241",
        "hides",
    );
}

#[test]
fn a_name_of_one_notice_hides_no_function_elsewhere() {
    let policy = policy_of(
        "notice n \"N\" { published 2025-01-01 effective 2025-01-01
            relation contains(whole: Party, part: Party)
            clause 1 \"x\" { contains(a, b). plain(P) if contains(P, _). } }
        number(P, 1) if named(P, N), contains(N, \"x\").",
    );
    assert!(policy.rules.iter().any(|rule| {
        rule.home.is_none()
            && rule
                .body
                .iter()
                .any(|literal| matches!(literal, Literal::Test(_)))
    }));
}

#[test]
fn what_is_not_bound_is_named_with_its_literal() {
    for text in [
        "plain(P) if worth(_, W), P != acme.",
        "plain(P) if not flag(P).",
        "number(P, X) if flag(P).",
        "plain(P) if flag(P), X > 3, weight(acme, Y), X > Y.",
        "plain(P) if flag(P), not weight(P, X), X > 3.",
        "plain(P) if flag(P), listed(P) on D, D > 2025-01-01.",
        "plain(P) if ( flag(P) or weight(_, 3) ).",
        "plain(P) if serious(P).",
        "plain(P) if flag(P), X = Y + 1, Y = X - 1, X > 2.",
        "licence(T) on D if deal(T), D > 2025-01-01.",
        "plain(P) if flag(P), X = count { weight(_, Y), Y > Z }, X > Z.",
    ] {
        assert!(
            errors(text)
                .iter()
                .all(|code| *code == "E0213" || *code == "E0215"),
            "{text}: {:?}",
            errors(text)
        );
        assert!(!errors(text).is_empty(), "{text}");
    }
    is_fine("number(P, Z) if Z = Y + 1, Y = X + 1, weight(P, X).");
    is_fine("plain(P) if ( flag(P) or weight(P, 3) ).");
    is_fine("plain(P) if flag(P), serious(P).");
    is_fine("plain(P) if P in [acme, zeta].");
}

#[test]
fn an_equation_binds_only_what_nothing_else_binds() {
    for text in [
        "number(P, W) if W = 3, worth(P, W).",
        "number(P, W) if worth(P, W), W = 3.",
        "number(P, W) if ( W = 3 or W = 4 ), worth(P, W).",
    ] {
        let rule = rule_of(text);
        let binds = |literal: &Literal| matches!(literal, Literal::Bind(_));
        let has_bind = rule.body.iter().any(|literal| match literal {
            Literal::Or(branches, _) => branches.iter().flatten().any(binds),
            other => binds(other),
        });
        assert!(!has_bind, "{text}: {:?}", rule.body);
    }
    let rule = rule_of("number(P, W) if W in [3, 4], flag(P).");
    let Some(Literal::Or(branches, _)) = rule.body.first() else {
        panic!("{:?}", rule.body)
    };
    assert!(
        branches
            .iter()
            .flatten()
            .all(|literal| matches!(literal, Literal::Bind(_)))
    );
}

fn aggregate_of(rule: &Rule) -> (Vec<&str>, Vec<&str>, bool) {
    fn first(body: &[Literal]) -> Option<&crate::ir::Aggregate> {
        body.iter().find_map(|literal| match literal {
            Literal::Aggregate(aggregate) => Some(aggregate),
            Literal::Or(branches, _) => branches.iter().find_map(|branch| first(branch)),
            _ => None,
        })
    }
    let aggregate = first(&rule.body).expect("an aggregate");
    let name = |id: &crate::ir::VariableId| rule.variables[id.at()].name.as_str();
    (
        aggregate.group.iter().map(name).collect(),
        aggregate.locals.iter().map(name).collect(),
        aggregate.is_group_bound,
    )
}

#[test]
fn braces_are_grouped_by_what_also_stands_outside() {
    let rule = rule_of("number(P, S) if flag(P), S = sum W { share(P, Q, _), worth(Q, W) }.");
    let (group, locals, is_bound) = aggregate_of(&rule);
    assert_eq!((group, is_bound), (vec!["P"], true));
    assert!(
        locals.contains(&"Q") && locals.contains(&"W") && locals.len() == 3,
        "{locals:?}"
    );

    let rule = rule_of("number(P, S) if S = sum W { share(P, Q, _), worth(Q, W) }.");
    assert_eq!(aggregate_of(&rule).0, ["P"]);
    assert!(!aggregate_of(&rule).2);

    let rule = rule_of("plain(P) if flag(P), ( count { share(P, _, _) } > 2 or weight(P, 1) ).");
    let (group, locals, is_bound) = aggregate_of(&rule);
    assert_eq!((group, locals.len(), is_bound), (vec!["P"], 2, true));

    let rule = rule_of("whole(P, N) if flag(P), N = count Q { share(P, Q, _) }.");
    assert_eq!(aggregate_of(&rule).1, ["Q"]);

    // A group variable that an equation in the braces binds.
    let rule = rule_of(
        "relation per_name(name: text, n: int)\nper_name(N, C) if C = count Q { N = lower(M), named(Q, M) }.",
    );
    assert_eq!(aggregate_of(&rule).0, ["N"]);
}

#[test]
fn an_aggregate_inside_a_comparison_gets_a_variable_of_its_own() {
    let rule = rule_of("plain(P) if worth(P, V), V / sum X { share(P, Q, _), worth(Q, X) } > 1.");
    let kinds = |literal: &Literal| match literal {
        Literal::Aggregate(_) => "aggregate",
        Literal::Compare(_) => "compare",
        _ => "other",
    };
    assert_eq!(
        rule.body.iter().map(kinds).collect::<Vec<_>>(),
        ["other", "aggregate", "compare"]
    );
    is_wrong(
        "whole(P, N) if flag(P), N = count { flag(Q), count { share(Q, _, _) } > 1 }.",
        "E0263",
        "braces",
    );
    is_wrong(
        "whole(P, V) if flag(P), V = sum V { weight(_, V) }.",
        "E0231",
        "`V`",
    );
    is_wrong(
        "whole(P, V) if flag(P), V = sum { weight(_, X) }.",
        "E0264",
        "`sum`",
    );
    is_wrong(
        "plain(P) if flag(P), sum N { named(_, N) } > 1.",
        "E0207",
        "text",
    );
}

#[test]
fn what_is_left_out_in_counting_braces_tells_rows_apart() {
    let count = |text: &str| aggregate_of(&rule_of(text)).1.len();
    assert_eq!(count("whole(a, N) if N = count { share(_, _, _) }."), 3);
    assert_eq!(count("whole(a, N) if N = count { share() }."), 3);
    assert_eq!(count("whole(a, N) if N = count { deal(agent: _) }."), 5);
    assert_eq!(count("whole(a, N) if N = count P { share(P, _, _) }."), 1);
    assert_eq!(count("whole(a, N) if N = sum W { weight(_, W) }."), 2);
    assert_eq!(count("number(a, N) if N = max W { worth(_, W) }."), 1);
    assert_eq!(
        count("whole(a, N) if N = count { flag(P), not share(P, _, _) }."),
        1
    );
}

#[test]
fn fields_that_may_be_missing_match_by_name_only_where_they_are_there() {
    let term = |text: &str| {
        let rule = rule_of(text);
        match &rule.body[0] {
            Literal::Holds(premise) | Literal::Absent(premise) => premise.atom.args[3].clone(),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(term("free(T) if deal(T)."), Term::Any);
    assert_eq!(term("free(T) if deal(T, _, _, _, _)."), Term::Any);
    assert_eq!(term("free(T) if deal(T, agent: _)."), Term::Present);
    is_wrong("plain(P) if flag(P), not chip(P, _).", "E0262", "`chip`");
    is_wrong("plain(P) if flag(P), not chip(P).", "E0262", "`chip`");
    is_wrong(
        "plain(P) if flag(P), not chip(P, size: _).",
        "E0262",
        "`chip`",
    );
    is_fine("plain(P) if flag(P), not chip(P, 14 nm).");
}

#[test]
fn a_variable_that_occurs_once_is_doubted_outside_braces_only() {
    assert_eq!(warnings("plain(P) if worth(P, W)."), ["W0214"]);
    // It says by whose day the rule is judged.
    assert_eq!(
        warnings("plain(P) if deal(T, seller: P), flag(P)."),
        [""; 0]
    );
    assert_eq!(
        warnings("whole(a, N) if N = count { worth(P, W) }."),
        [""; 0]
    );
    assert_eq!(
        warnings("never \"x\" if deal(T, seller: P, buyer: P)."),
        [""; 0]
    );
    assert_eq!(
        warnings("free(T) if deal(T, A, B), flag(A), flag(B)."),
        ["W0226"]
    );
    assert_eq!(
        warnings("free(T) if deal(T, seller: A, buyer: B), flag(A), flag(B)."),
        [""; 0]
    );
}

#[test]
fn names_of_one_notice_are_found_with_and_without_its_name() {
    let local = "notice n \"N\" { published 2025-01-01 effective 2025-01-01 relation mine(party: Party) clause 1 \"x\" { mine(a). } }\n";
    is_fine(&format!(
        "{local}case \"x\" {{ expect n.mine(a) on 2025-01-01. }}"
    ));
    is_fine(&format!("{local}plain(P) if n.mine(P)."));
    is_fine(&format!("{local}plain(P) if mine(P)."));
    is_wrong(&format!("{local}plain(P) if n.mein(P)."), "E0201", "`mein`");
    let twin = local.replace("notice n", "notice m");
    is_wrong(
        &format!("{local}{twin}plain(P) if mine(P)."),
        "E0202",
        "several notices",
    );
    is_fine(&format!("{local}{twin}plain(P) if m.mine(P)."));
    is_fine("plain(P) if Party(P), not flag(P).");
}

/// A notice with the clauses given.
fn notice(clauses: &str) -> String {
    format!("notice n \"N\" {{ published 2025-01-01 effective 2025-01-01 {clauses} }}")
}

#[test]
fn a_rule_is_judged_by_its_event_or_holds_on_stretches_of_days() {
    let timing = |clauses: &str| {
        let policy = policy_of(&notice(clauses));
        let rule = policy.rules.last().expect("a rule");
        match rule.timing {
            Timing::Timeless => "timeless",
            Timing::Event(..) => "event",
            Timing::On(_) => "on",
            Timing::Standing => "standing",
        }
    };
    assert_eq!(timing("clause 1 \"x\" { licence(T) if deal(T). }"), "event");
    assert_eq!(
        timing("clause 1 \"x\" { plain(P) if deal(T, buyer: P). }"),
        "event"
    );
    assert_eq!(
        timing("clause 1 \"x\" { plain(P) if flag(P). }"),
        "standing"
    );
    assert_eq!(
        timing("clause 1 \"x\" { plain(P) if flag(P), not deal(_, P). }"),
        "standing"
    );
    assert_eq!(
        timing("clause 1 \"x\" { plain(P) if flag(P), count { deal(T, P) } > 1. }"),
        "standing"
    );
    assert_eq!(
        timing("clause 1 \"x\" { licence(T) on D if deal(T), signed(T, D). }"),
        "on"
    );
    assert_eq!(
        timing("clause 1 \"x\" { free(T) if ( deal(T, agent: a) or licence(T) ). }"),
        "event"
    );

    let timing = |text: &str| policy_of(text).rules.last().expect("a rule").timing.clone();
    let listed = notice("clause 1 \"x\" { listed(a). }");
    assert_eq!(timing("licence(T) if deal(T)."), Timing::Timeless);
    assert_eq!(timing("licence(T) on D if signed(T, D)."), Timing::Timeless);
    assert_eq!(
        timing(&format!("{listed}\nplain(P) if listed(P).")),
        Timing::Standing
    );
    assert_eq!(
        timing(&format!("{listed}\nplain(P) if listed(P) on 2025-01-01.")),
        Timing::Timeless
    );
    assert!(matches!(
        timing(&format!(
            "{listed}\nfree(T) if deal(T, buyer: P), listed(P)."
        )),
        Timing::Event(..)
    ));
    assert_eq!(
        timing("plain(P) if owns(P, _, S), S > 50%."),
        Timing::Standing
    );
    let policy = policy_of(&format!(
        "number(P, 1) if plain(P).\nplain(P) if listed(P).\n{listed}"
    ));
    assert!(
        policy
            .rules
            .iter()
            .all(|rule| rule.timing == Timing::Standing)
    );
}

#[test]
fn where_the_day_matters_several_events_need_a_day() {
    let two = "plain(P) if deal(_, buyer: P, on: D), deal(T, seller: P), deal(U, buyer: P), flag(P), D > 2025-01-01, T != U.";
    is_fine(two);
    is_wrong(
        &notice(&format!("clause 1 \"x\" {{ {two} }}")),
        "E0307",
        "`T` and `U`",
    );
    is_fine(&notice(&format!(
        "clause 1 \"x\" {{ {} }}",
        two.replace("plain(P) if", "plain(P) on D if")
    )));
    is_fine(&notice(
        "clause 1 \"x\" { licence(T) if deal(T, buyer: P), deal(_, seller: P). }",
    ));
    is_fine(&notice(
        "clause 1 \"x\" { licence(T) if deal(T, buyer: P), other(_, P). }",
    ));
}

#[test]
fn a_relation_is_standing_or_plain_and_not_both() {
    let text = notice(
        "clause 1 \"x\" { plain(P) if flag(P). plain(P) if deal(_, buyer: P), deal(T, seller: P), flag(P), T = T. }",
    );
    is_wrong(&text, "E0308", "`plain`");
    let found = found(&text);
    assert_eq!(
        found
            .iter()
            .find(|one| one.code == "E0308")
            .unwrap()
            .labels
            .len(),
        2
    );
    is_fine(&format!(
        "{}\nplain(a).",
        notice("clause 1 \"x\" { plain(P) if flag(P). }")
    ));
}

#[test]
fn a_clause_that_is_cited_concludes_what_is_cited() {
    let body = |by: &str| {
        notice(&format!(
            "clause 1 \"x\" {{ licence(T) if deal(T). }} clause 1(1) \"y\" {{ free(T) if deal(T), flag(a). }} clause 2 \"z\" {{ free(T) if licence(T) by {by}. }}"
        ))
    };
    is_fine(&body("1"));
    is_fine(&body("n"));
    is_fine(&body("n/1"));
    is_wrong(&body("2"), "E0306", "`n/2`");
    is_wrong(&body("1(1)"), "E0306", "`n/1(1)`");
    is_wrong(&body("3"), "E0301", "`3`");
    is_wrong("free(T) if deal(T), licence(T) by m.", "E0301", "`m`");
}

#[test]
fn an_exemption_blocks_what_its_clauses_conclude_or_else_their_exemptions() {
    let policy = policy_of(&notice(
        "clause 3 \"b\" { exempt licence(T) from 2 if deal(T, agent: b). }
         clause 2 \"a\" { exempt licence(T) from 1 if deal(T, agent: a). }
         clause 4 \"all\" { exempt T from n. }
         clause 1 \"x\" { licence(T) if deal(T). free(T) if deal(T), flag(a). }",
    ));
    assert!(matches!(policy.exemptions[0].blocks[..], [Blocked::Exemption(id)] if id.at() == 1));
    assert!(matches!(
        policy.exemptions[1].blocks[..],
        [Blocked::Rule(_)]
    ));
    assert_eq!(policy.exemptions[2].blocks.len(), 2);
    let ExemptionTarget::Event(_, ty) = policy.exemptions[2].target else {
        panic!("an event")
    };
    assert_eq!(policy.types.named(ty).name, "Deal");

    is_wrong(
        &notice(
            "clause 1 \"x\" { free(T) if deal(T). } clause 2 \"y\" { exempt licence(T) from 1. }",
        ),
        "E0306",
        "`licence`",
    );
    is_wrong("exempt licence(T) from n.", "E0254", "outside");
    is_wrong(
        &notice("clause 1 \"x\" { plain(P) if flag(P). } clause 2 \"y\" { exempt T from 1. }"),
        "E0258",
        "`T`",
    );
    is_wrong(
        &notice(
            "clause 1 \"x\" { licence(T) if deal(T). } clause 2 \"y\" { exempt licence(T) from 1 if not flag(P). }",
        ),
        "E0213",
        "`P`",
    );
    is_wrong(
        &notice("clause 1 \"x\" { licence(T) if deal(T). free(T) if exempted licence(T) by 1. }"),
        "E0306",
        "`exempt licence`",
    );
}

#[test]
fn a_computed_value_in_a_pattern_is_compared_with_what_is_blocked() {
    let policy = policy_of(&notice(
        "clause 1 \"x\" { number(P, N) if worth(P, N). }
         clause 2 \"y\" { exempt number(P, N + 1) from 1 if worth(P, N). }",
    ));
    let body = &policy.exemptions[0].body;
    assert!(
        body.iter()
            .any(|literal| matches!(literal, Literal::Compare(_))),
        "{body:?}"
    );
}

#[test]
fn a_constraint_has_a_field_for_each_variable_that_is_bound() {
    let policy =
        policy_of("never \"x\" if deal(T, seller: P, buyer: P), count { share(P, Q, _) } = 0.");
    let rule = policy.rule(policy.constraints[0].rule);
    let fields = &policy.relation(rule.head.relation).fields;
    let names: Vec<&str> = fields.iter().map(|field| field.name.as_str()).collect();
    assert!(
        names.contains(&"T") && names.contains(&"P") && !names.contains(&"Q"),
        "{names:?}"
    );
    is_fine("never data \"x\" if flag(a).");
}

#[test]
fn presumptions_are_of_judgements_and_of_what_is_not_known() {
    is_fine("presume not serious(_).");
    is_fine("presume serious(P) if flag(P).");
    is_fine("presume chip(P, 14 nm) if flag(P).");
    is_wrong("presume plain(P) if flag(P).", "E0222", "`plain`");
}

#[test]
fn a_case_expects_what_can_be_asked() {
    let listed = notice("clause 1 \"x\" { listed(acme). licence(T) if deal(T). }");
    let case = |items: &str| {
        format!(
            "never \"kept\" if flag(a), not flag(a).\n{listed}\ncase \"c\" {{ deal(t1, seller: zeta, buyer: acme, on: 2025-02-01). {items} }}"
        )
    };
    is_fine(&case(
        "expect licence(t1) by n/1. expect listed(acme) on 2025-02-01. expect not never \"kept\".",
    ));
    is_wrong(&case("expect licence(t2)."), "E0232", "`t2`");
    is_wrong(
        &case("expect not listed(acmee) on 2025-02-01."),
        "E0232",
        "`acmee`",
    );
    is_wrong(&case("expect never \"kpet\"."), "E0201", "`kpet`");
    is_wrong(
        &case("expect never \"kept\" on 2025-02-01."),
        "E0253",
        "constraint",
    );
    is_wrong(
        &case("expect licence(t1) on 2025-02-01."),
        "E0310",
        "`licence`",
    );
    is_wrong(&case("expect licence(t1) by n/2."), "E0301", "`n/2`");
    is_wrong(&case("expect free(t1) by n/1."), "E0306", "`free`");
    is_wrong(
        &case("expect licence(t1) if flag(acme)."),
        "E0222",
        "`flag`",
    );
    is_fine(&case("expect licence(t1) if not serious(acme)."));
    is_wrong(
        "case \"c\" given nobody { expect not plain(_). }",
        "E0201",
        "`nobody`",
    );
    is_wrong(
        "case \"c\" without nothing { expect not plain(_). }",
        "E0301",
        "`nothing`",
    );
}

#[test]
fn recursion_that_makes_new_values_is_doubted() {
    assert_eq!(
        warnings("whole(P, N) if weight(P, N).\nwhole(P, N) if whole(P, M), N = M + 1."),
        ["W0229"]
    );
    assert_eq!(
        warnings("whole(P, N) if weight(P, N).\nwhole(P, N) if whole(P, M), K = M + 1, N = K."),
        ["W0229"]
    );
    assert_eq!(
        warnings("whole(P, N) if weight(P, N).\nwhole(P, M + 1) if whole(P, M)."),
        ["W0229"]
    );
    assert_eq!(
        warnings("whole(P, N) if weight(P, N).\nwhole(P, N) if whole(P, M), N = M + 1, N <= 5."),
        [""; 0]
    );
}

#[test]
fn hostile_statements_are_reported_and_nothing_breaks() {
    for text in [
        "plain(P) if P.",
        "plain(P) if _ = P.",
        "plain(_).",
        "plain(P) if plain(plain(P)).",
        "plain(P) if flag(P), 1 days = P.",
        "plain(P) if flag(P), [a] = P.",
        "plain(P) if flag(P), count { } > 0.",
        "plain(P) if flag(P), P in [].",
        "exempt from x.",
        "exempt T from 1.",
        "licence(T) on T if deal(T).",
        "licence(T) on acme if deal(T).",
        "plain(P) if flag(P), sum(1) { flag(_) } > 0, sum P { flag(P) } > 0.",
        "never \"x\" if flag(X), Y > X.",
        "case \"x\" { expect plain(X, Y, Z). expect nothing. presume nothing. }",
    ] {
        assert!(!errors(text).is_empty(), "{text}");
    }
    let chain: Vec<String> = (1..300)
        .map(|at| format!("X{at} = X{} + 1", at - 1))
        .rev()
        .collect();
    is_fine(&format!(
        "whole(P, X299) if {}, weight(P, X0).",
        chain.join(", ")
    ));
}
