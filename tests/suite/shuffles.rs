//! The order of files, statements and rows means nothing: two hundred shuffles give the same bytes of proofs, but for places.

use crate::certificates::followed;
use crate::command::root;
use crate::random::{run, session};
use crate::random_policy::{Dice, random_policy};
use lexlog::facts::Facts;
use lexlog::ir::Kind;
use lexlog::report::{proof_json, why_not_json};
use lexlog::session::Session;
use lexlog::source::{Sources, Span};
use lexlog::syntax;
use lexlog::syntax::file::{ItemKind, Part, PartKind, TableRows};
use std::path::{Path, PathBuf};

/// How many shuffles of the shipped policy, and of random ones.
const SHIPPED: usize = 8;
const RANDOM: usize = 192;

/// What may change places: stretches of a text, each with those within it.
#[derive(Default)]
struct Movable {
    from: usize,
    to: usize,
    within: Vec<Movable>,
}

impl Movable {
    /// A statement with the doc comment above it.
    fn new(text: &str, span: Span, within: Vec<Movable>) -> Movable {
        let mut from = span.start as usize;
        while let Some(above) = text[..from].trim_end().rfind('\n').map(|at| at + 1) {
            let line = text[above..from].trim();
            match line.starts_with("///") {
                true => from = above + text[above..].find('/').unwrap_or(0),
                false => break,
            }
        }
        let to = match within.is_empty() && !text[span.end as usize..].trim_start().starts_with('{')
        {
            true => span.end as usize,
            false => block_end(text, span),
        };
        Movable { from, to, within }
    }

    /// The text of this stretch, with what is within it shuffled.
    fn shuffled(&self, text: &str, dice: &mut Dice) -> String {
        let mut order: Vec<usize> = (0..self.within.len()).collect();
        dice.shuffle(&mut order);
        let (mut out, mut at) = (String::new(), self.from);
        for (slot, from) in self.within.iter().zip(order) {
            out += &text[at..slot.from];
            out += &self.within[from].shuffled(text, dice);
            at = slot.to;
        }
        out + &text[at..self.to]
    }
}

/// Behind the brace that closes the first block of a statement, of which the span may be the heading alone.
fn block_end(text: &str, span: Span) -> usize {
    let (mut depth, mut is_quoted, mut is_comment) = (0, false, false);
    for (at, letter) in text[span.start as usize..].char_indices() {
        match letter {
            '\n' => is_comment = false,
            _ if is_comment => {}
            '"' => is_quoted = !is_quoted,
            _ if is_quoted => {}
            '#' => is_comment = true,
            '{' => depth += 1,
            '}' if depth > 1 => depth -= 1,
            '}' => return span.start as usize + at + 1,
            _ => {}
        }
    }
    panic!("a block has an end")
}

fn rows(text: &str, kind: &ItemKind) -> Vec<Movable> {
    match kind {
        ItemKind::Table(table) => match &table.rows {
            TableRows::Here(rows) => {
                let rows = rows.iter();
                rows.map(|row| Movable::new(text, row.span, Vec::new()))
                    .collect()
            }
            TableRows::File(_) => Vec::new(),
        },
        ItemKind::Notice(notice) => parts(text, &notice.parts),
        _ => Vec::new(),
    }
}

/// Clauses, rules and facts may change places; what a notice says of itself is printed in its order.
fn parts(text: &str, parts: &[Part]) -> Vec<Movable> {
    let parts = parts.iter().filter_map(|part| match &part.kind {
        PartKind::Clause(clause) => Some(Movable::new(
            text,
            part.span,
            self::parts(text, &clause.parts),
        )),
        PartKind::Item(kind) => Some(Movable::new(text, part.span, rows(text, kind))),
        _ => None,
    });
    parts.collect()
}

/// Another text that says the same.
fn shuffled(text: &str, dice: &mut Dice) -> String {
    let mut sources = Sources::default();
    let file = sources.add("file", text);
    let (file, slips) = syntax::parse(&sources, file);
    assert!(!slips.has_errors(), "{text}");
    let items = file.items.iter();
    let whole = Movable {
        from: 0,
        to: text.len(),
        within: items
            .map(|item| Movable::new(text, item.span, rows(text, &item.kind)))
            .collect(),
    };
    whole.shuffled(text, dice)
}

/// Without places: `file:line` is one word, wherever it stands.
fn without_places(text: &str) -> String {
    let place = regex::Regex::new(r"[^\s\x22(]+\.(?:lexlog|csv):\d+").expect("it can be read");
    place.replace_all(text, "PLACE").into_owned()
}

/// All that follows, each with its proof and its second proof, and some that does not, as data without places.
fn told(session: &Session, facts: &Facts) -> Vec<String> {
    let evaluated = run(session, facts);
    let context = session.context();
    let mut told = Vec::new();
    let claims = followed(session, &evaluated);
    evaluated.with_world(&session.policy, |world| {
        for claim in &claims {
            let (sentence, proofs) = (context.sentence(claim), world.prover().proofs(claim, 2));
            for (at, proof) in proofs.list.iter().enumerate() {
                let proof = without_places(&proof_json(context, proof).to_string());
                told.push(format!("{sentence}, proof {at}: {proof}"));
            }
        }
        for (at, relation) in session.policy.relations.iter().enumerate() {
            let pattern = lexlog::proof::Pattern {
                relation: lexlog::ir::RelationId(at as u32),
                args: vec![None; relation.fields.len()],
                present: Vec::new(),
                day: None,
            };
            if claims
                .iter()
                .all(|claim| claim.relation != pattern.relation)
                && matches!(relation.kind, Kind::Declared(_))
                && !relation.standing
            {
                let why = why_not_json(context, &world.why_not(&pattern)).to_string();
                let asked = context.pattern_atom(&pattern);
                told.push(format!("not {asked}: {}", without_places(&why)));
            }
        }
    });
    // Relations are asked in the order in which they are declared.
    told.sort();
    told
}

fn assert_same(before: &[String], after: &[String], what: &str) {
    assert_eq!(before.len(), after.len(), "{what}");
    for (before, after) in before.iter().zip(after) {
        assert_eq!(before, after, "{what}");
    }
}

fn policy_files(folder: &Path) -> Vec<PathBuf> {
    let mut open = vec![folder.to_owned()];
    let mut files = Vec::new();
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).expect("read") {
            let path = entry.expect("read").path();
            match path.is_dir() {
                true => open.push(path),
                false => files.push(path),
            }
        }
    }
    files.sort();
    files
}

#[test]
fn shuffled_files_statements_and_rows_of_the_shipped_policy_give_the_same_proofs() {
    let policies = root().join("policies");
    let facts = [
        root().join("tests/examples/suzhou.lexlog"),
        policies.join("examples/magnet_maker"),
    ];
    let scratch = tempfile::tempdir().expect("a folder");
    let shuffle = |number: usize| -> Vec<String> {
        let mut dice = Dice::new(number as u64 + 1);
        let folder = scratch.path().join(number.to_string());
        for (at, path) in policy_files(&policies).iter().enumerate() {
            let inside = path.strip_prefix(&policies).expect("it is inside");
            let is_policy = path.extension().is_some_and(|it| it == "lexlog");
            let text = std::fs::read_to_string(path).expect("read");
            // Files are read in the order of their names.
            let name = match is_policy && number > 0 {
                true => folder.join(format!("{}_{at}.lexlog", dice.below(1_000_000))),
                false => folder.join(inside),
            };
            let text = match is_policy && number > 0 {
                true => shuffled(&text, &mut dice),
                false => text,
            };
            std::fs::create_dir_all(name.parent().expect("a folder")).expect("made");
            std::fs::write(name, text).expect("written");
        }
        let mut session = lexlog::session::load(std::slice::from_ref(&folder));
        assert!(
            !session.diagnostics.has_errors(),
            "{:?}",
            session.diagnostics
        );
        let own = facts[number % 2].to_string_lossy().into_owned();
        let (mut list, found) =
            lexlog::facts::read(&session.policy, &mut session.sources, &[own], None);
        assert!(!found.has_errors(), "{found:?}");
        if number > 1 {
            dice.shuffle(list.list_mut());
        }
        std::fs::remove_dir_all(folder).expect("removed");
        told(&session, &list)
    };
    let plain: Vec<Vec<String>> = (0..2)
        .map(|number| {
            // The first two are as they stand but for the names of files.
            shuffle(number)
        })
        .collect();
    assert!(plain.iter().all(|it| it.len() > 10), "{}", plain[0].len());
    for number in 2..SHIPPED + 2 {
        assert_same(
            &plain[number % 2],
            &shuffle(number),
            &format!("shuffle {number}"),
        );
    }
}

#[test]
fn shuffled_files_statements_and_rows_of_random_policies_give_the_same_proofs() {
    const TIMES: usize = 4;
    let mut proofs = 0;
    for seed in 0..(RANDOM / TIMES) as u64 {
        let random = random_policy(seed);
        let (plain, facts) = session(&random.pieces, &random.facts());
        let before = told(&plain, &facts);
        proofs += before.len();
        let mut dice = Dice::new(seed + 17);
        for _ in 0..TIMES {
            let mut pieces: Vec<String> = random.pieces.clone();
            dice.shuffle(&mut pieces);
            for piece in &mut pieces {
                *piece = shuffled(piece, &mut dice);
            }
            let mut facts = random.facts.clone();
            dice.shuffle(&mut facts);
            let (other, facts) = session(&pieces, &facts.join("\n"));
            let after = told(&other, &facts);
            assert_same(
                &before,
                &after,
                &format!("seed {seed}\n{}\n{}", random.policy(), pieces.join("\n")),
            );
        }
    }
    assert!(proofs > 500, "{proofs}");
}
