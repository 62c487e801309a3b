use super::guard::{Guard, another_change};
use super::outcomes::{Turn, ask};
use super::worlds::{When, cases};
use crate::session::{Session, load};
use std::fs;
use tempfile::TempDir;

const WORDS: &str = "type Id\nevent sale(id: Id, on: date)\ninput armed(sale: Id)\nverdict barred(sale: Id)\nverdict told(sale: Id)\n";
const CASE: &str = "case \"a sale\" { sale(s1, on: 2025-02-02). expect barred(s1). }\n";

fn session(folder: &TempDir, name: &str, rules: &str) -> Session {
    let path = folder.path().join(name);
    fs::write(&path, format!("{WORDS}{rules}{CASE}")).expect("there is room for a file");
    load(&[path])
}

/// As if nothing had been found to undo: the new policy then stands for the old one, and what it says otherwise was missed.
#[test]
fn what_no_change_accounts_for_is_found() {
    let folder = TempDir::new().expect("there is room for a folder");
    let old = session(
        &folder,
        "old.lexlog",
        "told(S) if sale(S).\nbarred(S) if sale(S), armed(S).\n",
    );
    let new = session(
        &folder,
        "new.lexlog",
        "told(S) if sale(S).\nbarred(S) if sale(S).\n",
    );
    let when = When::default();
    let missed = |old: &Session| {
        let guard = Guard {
            old,
            new: &new,
            when: &when,
            given: None,
        };
        let world = cases(&new).remove(0);
        let asked = ask(&new, &world.facts, &world.circumstances(&new.policy, &when));
        guard.missed(&world, (&asked, &new), (&asked, &new))
    };
    let (atoms, list) = missed(&old);
    let turns: Vec<(&str, Turn)> = list.iter().map(|it| (it.atom.as_str(), it.turn)).collect();
    assert_eq!(turns, [("barred(s1)", Turn::Gained)]);
    assert_eq!(atoms.len(), 1);
    let (atoms, list) = missed(&new);
    assert!(atoms.is_empty() && list.is_empty());
    let change = another_change(&["law/a.lexlog".into(), "law/b.csv".into()]);
    assert_eq!(
        change.title,
        "another change of the text, in “law/a.lexlog”, “law/b.csv”"
    );
}
