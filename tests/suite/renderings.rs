//! Proofs as pages, memos and graphs: nothing is lost, nothing is anything but text, and large ones are shown.

use crate::command::lexlog;
use scraper::{Html, Selector};
use std::collections::BTreeSet;
use std::fmt::Write;

const OPEN: &str = "tests/examples/open_points.lexlog";
const FACTS: &str = "tests/examples/open_points.facts.lexlog";

/// What `explain` says in a format, of proofs, why-nots and what is open.
fn explained(format: &str) -> Vec<String> {
    let why_not = [
        "tests/examples/why_not.lexlog",
        "--case",
        "Deliveries",
        "licence(t2)",
    ];
    let settled = [
        "tests/examples/settled.lexlog",
        "--case",
        "Nobody has said whether the pause goes on",
        "licence(t1)",
    ];
    let asked: [&[&str]; 5] = [
        &[
            "policies",
            "--facts",
            "tests/examples/suzhou.lexlog",
            "licence_required(t1)",
        ],
        &[OPEN, "--facts", FACTS, "licence_required(T)"],
        &[OPEN, "--facts", FACTS, "licence_required(t1)"],
        &why_not,
        &settled,
    ];
    let told = asked.map(|arguments| {
        let run = lexlog(&[&["explain"], arguments, &["--format", format]].concat());
        assert_eq!(run.code, 0, "{}", run.transcript());
        run.out
    });
    told.to_vec()
}

/// The words of a text, without the signs that draw a tree.
fn words(text: &str) -> BTreeSet<String> {
    let words = text.split(|letter: char| letter.is_whitespace() || "│├└─".contains(letter));
    words
        .map(|word| {
            word.trim_matches(|it: char| it.is_ascii_punctuation())
                .to_owned()
        })
        .filter(|word| !word.is_empty())
        .collect()
}

/// The parts of a page that link to a part that there is not.
fn dead_links(page: &Html) -> Vec<String> {
    let select = |text: &str| Selector::parse(text).expect("a selector");
    let ids: BTreeSet<&str> = page
        .select(&select("[id]"))
        .filter_map(|it| it.value().attr("id"))
        .collect();
    let links = select("a[href]");
    let links = page.select(&links).filter_map(|it| it.value().attr("href"));
    links
        .filter(|href| !href.strip_prefix('#').is_some_and(|id| ids.contains(id)))
        .map(str::to_owned)
        .collect()
}

#[test]
fn a_page_says_what_the_text_says_and_needs_nothing_else() {
    for (text, html) in explained("text").iter().zip(explained("html")) {
        let page = Html::parse_document(&html);
        assert_eq!(dead_links(&page), [""; 0]);
        let outside = "link, img, iframe, object, embed, script[src], [srcset]";
        let outside = Selector::parse(outside).expect("a selector");
        assert_eq!(page.select(&outside).count(), 0);
        let main = Selector::parse("main").expect("a selector");
        let shown: String = page
            .select(&main)
            .flat_map(|main| main.text().collect::<Vec<_>>())
            .collect::<Vec<_>>()
            .join(" ");
        let shown = words(&shown);
        let missing: Vec<String> = words(text)
            .into_iter()
            .filter(|word| !shown.contains(word) && !MEANT_OTHERWISE.contains(&word.as_str()))
            .collect();
        assert!(missing.is_empty(), "{missing:?}\n{html}");
    }
}

/// Words of the text that the other renderings put otherwise.
const MEANT_OTHERWISE: [&str; 4] = ["It", "would", "if", "whatever"];

#[test]
fn a_memo_says_what_the_text_says() {
    for (text, markdown) in explained("text").iter().zip(explained("markdown")) {
        let mut shown = String::new();
        for event in pulldown_cmark::Parser::new_ext(&markdown, pulldown_cmark::Options::all()) {
            match event {
                pulldown_cmark::Event::Text(text) => shown.push_str(&text),
                pulldown_cmark::Event::Html(html) | pulldown_cmark::Event::InlineHtml(html) => {
                    panic!("{html} in\n{markdown}")
                }
                pulldown_cmark::Event::Start(_)
                | pulldown_cmark::Event::End(_)
                | pulldown_cmark::Event::SoftBreak
                | pulldown_cmark::Event::HardBreak => shown.push(' '),
                _ => {}
            }
        }
        let shown = words(&shown);
        let missing: Vec<String> = words(text)
            .into_iter()
            .filter(|word| !shown.contains(word) && !MEANT_OTHERWISE.contains(&word.as_str()))
            .collect();
        assert!(missing.is_empty(), "{missing:?}\n{markdown}");
    }
}

#[test]
fn a_graph_has_a_node_for_every_arrow() {
    for dot in explained("dot") {
        let node = |line: &str| line.trim().split([' ', ';']).next().map(str::to_owned);
        let nodes: BTreeSet<String> = dot
            .lines()
            .filter(|line| line.contains("[label="))
            .filter_map(node)
            .collect();
        assert!(!nodes.is_empty());
        for line in dot.lines().filter(|line| line.contains(" -> ")) {
            let (from, to) = line
                .trim()
                .trim_end_matches(';')
                .split_once(" -> ")
                .expect("two");
            assert!(nodes.contains(from) && nodes.contains(to), "{line}");
        }
        for line in dot.lines() {
            let bare = line.replace("\\\\", "").replace("\\\"", "");
            assert_eq!(bare.matches('"').count() % 2, 0, "{line}");
        }
    }
}

/// A policy and facts in a folder of their own, and what is explained of them.
fn explain(policy: &str, facts: &str, atom: &str, format: &str) -> String {
    let folder = tempfile::TempDir::new().expect("there is room for a folder");
    let path = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
    std::fs::write(path("law.lexlog"), policy).expect("written");
    std::fs::write(path("facts.lexlog"), facts).expect("written");
    let (policy, facts) = (path("law.lexlog"), path("facts.lexlog"));
    let run = lexlog(&[
        "explain", &policy, "--facts", &facts, atom, "--format", format,
    ]);
    assert_eq!(run.code, 0, "{}", run.transcript());
    run.out.replace(&path(""), "")
}

#[test]
fn what_facts_say_is_shown_and_never_done() {
    let policy = "type Party\ninput foreign(party: Party) reads \"{party} is foreign\"\nverdict watched(party: Party) reads \"{party} is watched\"\nwatched(P) if foreign(P).\n";
    let facts = "foreign(\"<script>alert('x')</script> & *co* | `x` [a](b) \\\\ \\\"q\\\"\").\n";
    let html = explain(policy, facts, "watched(P)", "html");
    let page = Html::parse_document(&html);
    let scripts = Selector::parse("script").expect("a selector");
    assert_eq!(page.select(&scripts).count(), 1, "its own alone");
    let heading = Selector::parse("h1").expect("a selector");
    let heading: String = page.select(&heading).flat_map(|it| it.text()).collect();
    insta::assert_snapshot!(heading, @r#"
    <script>alert('x')</script> & *co* | `x` [a](b) \ "q" is watched
    "#);
    insta::assert_snapshot!(explain(policy, facts, "watched(P)", "markdown"), @r#"
    ## \<script\>alert('x')\</script\> \& \*co\* \| \`x\` \[a\](b) \\ "q" is watched

    **holds**

    - **\<script\>alert('x')\</script\> \& \*co\* \| \`x\` \[a\](b) \\ "q" is watched**  
      the definition at law.lexlog:4
      - **\<script\>alert('x')\</script\> \& \*co\* \| \`x\` \[a\](b) \\ "q" is foreign**  
        fact, facts.lexlog:1
    "#);
    insta::assert_snapshot!(explain(policy, facts, "watched(P)", "dot"), @r#"
    digraph proof {
      graph [rankdir=TB, fontname="sans-serif"];
      node [fontname="sans-serif", fontsize=11];
      edge [arrowhead=vee];
      subgraph cluster_0 {
        label="<script>alert('x')</script> & *co* | `x`\l[a](b) \\ \"q\" is watched: holds\l";
        n0 [label="<script>alert('x')</script> & *co* | `x`\l[a](b) \\ \"q\" is watched\lthe definition at\llaw.lexlog:4\l", shape=box, style=bold];
        n1 [label="<script>alert('x')</script> & *co* | `x`\l[a](b) \\ \"q\" is foreign\lfact, facts.lexlog:1\l", shape=note];
        n0 -> n1;
      }
    }
    "#);
}

#[test]
fn a_proof_of_ten_thousand_steps_is_shown_in_every_format() {
    let policy = "type Node\ninput edge(a: Node, b: Node)\nverdict reached(node: Node)\nreached(B) if reached(A), edge(A, B).\nreached(n0) if edge(n0, _).\n";
    let mut facts = String::new();
    for at in 0..10_000 {
        writeln!(facts, "edge(n{at}, n{}).", at + 1).expect("a text takes all");
    }
    for format in ["text", "json", "markdown", "html", "dot"] {
        let told = explain(policy, &facts, "reached(n10000)", format);
        assert!(told.contains("n5000"), "{format}");
        assert!(told.len() < 20_000_000, "{format}: {}", told.len());
    }
}

#[test]
fn shares_are_told_per_cent_and_what_is_added_up_is_told_once() {
    let shares = "tests/cases/language/shares.lexlog";
    let told = |case: &str, atom: &str| lexlog(&["explain", shares, "--case", case, atom]).out;
    insta::assert_snapshot!(told("A share of a share is a share of the whole", "through(target, acme, S)"), @"
    acme holds 12.5 % of target through another
    │ the definition at tests/cases/language/shares.lexlog:10
    ├─ acme holds 25 % of middle
    │    fact, tests/cases/language/shares.lexlog:19
    ├─ middle holds 50 % of target
    │    fact, tests/cases/language/shares.lexlog:19
    ├─ S = S1 * S2: 12.5 % (S1 = 25 %, S2 = 50 %)
    └─ S >= 12.5%: 12.5 % >= 12.5 %
    ");
    insta::assert_snapshot!(told("Shares of several owners add up", "caught(target)"), @"
    target is held by the listed
    │ the definition at tests/cases/language/shares.lexlog:9
    ├─ acme holds 30 % of target
    │    fact, tests/cases/language/shares.lexlog:13
    ├─ Total = sum of 2 contributions: 50 %
    │  ├─ 30 %
    │  │  ├─ acme holds 30 % of target
    │  │  │    fact, tests/cases/language/shares.lexlog:13
    │  │  └─ acme is listed
    │  │       fact, tests/cases/language/shares.lexlog:14
    │  └─ 20 %
    │     ├─ globex holds 20 % of target
    │     │    fact, tests/cases/language/shares.lexlog:13
    │     └─ globex is listed
    │          fact, tests/cases/language/shares.lexlog:14
    └─ Total >= 50%: 50 % >= 50 %
    ");
}
