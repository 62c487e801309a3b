//! Who may use whom: the table of rooms, held against the code.
//!
//! A new arrow is a change to the table, with its reason in the commit.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use std::collections::BTreeSet;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

/// A folder of `src/`, and the rooms whose names may stand in its code.
struct Room {
    name: &'static str,
    may_use: &'static [&'static str],
}

const HOUSE: &[Room] = &[
    Room {
        name: "source",
        may_use: &[],
    },
    Room {
        name: "value",
        may_use: &[],
    },
    Room {
        name: "diagnostic",
        may_use: &["source"],
    },
    Room {
        name: "syntax",
        may_use: &["source", "value", "diagnostic"],
    },
    Room {
        name: "ir",
        may_use: &["source", "value", "diagnostic", "syntax"],
    },
    Room {
        name: "facts",
        may_use: &["source", "value", "diagnostic", "syntax", "ir"],
    },
    Room {
        name: "proof",
        may_use: &["source", "value", "diagnostic", "ir", "facts"],
    },
    Room {
        name: "datalog",
        may_use: &["source", "value", "diagnostic", "ir"],
    },
    Room {
        name: "engine",
        may_use: &[
            "source",
            "value",
            "diagnostic",
            "ir",
            "facts",
            "proof",
            "datalog",
        ],
    },
    Room {
        name: "report",
        may_use: &["source", "value", "diagnostic", "ir", "facts", "proof"],
    },
    Room {
        name: "session",
        may_use: &[
            "source",
            "value",
            "diagnostic",
            "syntax",
            "ir",
            "facts",
            "proof",
            "datalog",
            "engine",
            "report",
        ],
    },
    Room {
        name: "cli",
        may_use: &[
            "source",
            "value",
            "diagnostic",
            "ir",
            "facts",
            "proof",
            "report",
            "session",
        ],
    },
];

/// One room's name in the code of another.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Arrow {
    from: String,
    to: String,
    file: String,
}

/// What is wrong with the house.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Fault {
    /// An arrow that the table does not have.
    BackArrow(Arrow),
    /// A folder without a row in the table.
    NoRow(String),
    /// A row without a folder.
    NoFolder(String),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::BackArrow(arrow) => write!(
                f,
                "{}: `{}` may not use `{}`",
                arrow.file, arrow.from, arrow.to
            ),
            Fault::NoRow(room) => write!(f, "the room `{room}` has no row in the table"),
            Fault::NoFolder(room) => write!(
                f,
                "the table has a row for `{room}`, but there is no such room"
            ),
        }
    }
}

/// A source file: the modules it is, from the root (`["ir", "bodies"]`), and its text.
struct SourceFile {
    modules: Vec<String>,
    path: String,
    text: String,
}

#[test]
fn the_code_keeps_to_the_table() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let faults: Vec<String> = faults(&read_sources(&root), HOUSE)
        .iter()
        .map(Fault::to_string)
        .collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// What checks a certificate must not believe what makes one: of the room it uses expressions and the words for facts alone.
#[test]
fn the_checker_of_certificates_uses_nothing_that_finds_proofs() {
    let allowed = ["certificate", "expr", "proof", "verify"];
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let sources = read_sources(&root);
    let checker = sources.iter().filter(|file| {
        let modules: Vec<&str> = file.modules.iter().map(String::as_str).collect();
        modules.starts_with(&["proof", "verify"])
    });
    for SourceFile {
        modules,
        path,
        text,
    } in checker
    {
        let is_top = modules.len() == 2;
        for line in text.lines() {
            let inside = line.split("crate::proof::").skip(1);
            let beside = line.split("super::").skip(1).filter(|_| is_top);
            for used in inside.chain(beside) {
                let name: String = used
                    .chars()
                    .take_while(|letter| letter.is_alphanumeric() || *letter == '_')
                    .collect();
                assert!(allowed.contains(&name.as_str()), "{path}: {line}");
            }
        }
    }
}

#[test]
fn the_table_itself_has_no_cycle() {
    for (at, room) in HOUSE.iter().enumerate() {
        let above: Vec<&str> = HOUSE[..at].iter().map(|earlier| earlier.name).collect();
        for used in room.may_use {
            assert!(
                above.contains(used),
                "`{}` uses `{used}`, which stands below it in the table",
                room.name
            );
        }
    }
}

#[test]
fn a_back_arrow_is_found_however_it_is_written() {
    let ways = [
        "use crate::engine::Model;",
        "use crate::{source::Span, engine::{Model, Limits}};",
        "fn f() -> crate::engine::Model { todo() }",
        "macro_rules! m { () => { crate::engine::run() } }",
        "use super::super::engine::Model;",
        "#[cfg(test)] mod tests { use super::super::super::engine::Model; }",
    ];
    for text in ways {
        let file = file_of(&["ir", "policy"], text);
        let expected = Arrow {
            from: "ir".into(),
            to: "engine".into(),
            file: file.path.clone(),
        };
        let rooms = [file_of(&["engine"], ""), file_of(&["source"], ""), file];
        let house = [
            row("engine", &[]),
            row("source", &[]),
            row("ir", &["source"]),
        ];
        assert_eq!(
            faults(&rooms, &house),
            [Fault::BackArrow(expected)],
            "{text}"
        );
    }
}

#[test]
fn a_room_without_a_row_is_found() {
    let rooms = [file_of(&["ir"], ""), file_of(&["attic", "box"], "")];
    assert_eq!(
        faults(&rooms, &[row("ir", &[])]),
        [Fault::NoRow("attic".into())]
    );
}

#[test]
fn a_row_without_a_room_is_found() {
    assert_eq!(
        faults(&[], &[row("cellar", &[])]),
        [Fault::NoFolder("cellar".into())]
    );
}

#[test]
fn an_arrow_that_the_table_has_is_no_fault() {
    let rooms = [
        file_of(
            &["ir"],
            "use crate::source::Span; use super::source::FileId;",
        ),
        file_of(&["source"], ""),
    ];
    assert_eq!(
        faults(&rooms, &[row("ir", &["source"]), row("source", &[])]),
        []
    );
}

fn faults(files: &[SourceFile], house: &[Room]) -> Vec<Fault> {
    let rooms: BTreeSet<&str> = files.iter().map(|file| file.modules[0].as_str()).collect();
    let rows: BTreeSet<&str> = house.iter().map(|room| room.name).collect();
    let missing_rows = rooms
        .difference(&rows)
        .map(|room| Fault::NoRow(room.to_string()));
    let missing_rooms = rows
        .difference(&rooms)
        .map(|room| Fault::NoFolder(room.to_string()));
    let is_allowed = |arrow: &Arrow| {
        let row = house.iter().find(|room| room.name == arrow.from);
        row.is_none_or(|room| room.may_use.contains(&arrow.to.as_str()))
    };
    let arrows: BTreeSet<Arrow> = files
        .iter()
        .flat_map(arrows_of)
        .filter(|arrow| rooms.contains(&arrow.to[..]))
        .collect();
    let back = arrows
        .into_iter()
        .filter(|arrow| !is_allowed(arrow))
        .map(Fault::BackArrow);
    missing_rows.chain(missing_rooms).chain(back).collect()
}

fn arrows_of(file: &SourceFile) -> Vec<Arrow> {
    let tokens: TokenStream = file
        .text
        .parse()
        .unwrap_or_else(|error| panic!("{}: {error}", file.path));
    let mut named = BTreeSet::new();
    collect_rooms(tokens, file.modules.len(), &mut named);
    let from = &file.modules[0];
    named
        .into_iter()
        .filter(|to| to != from)
        .map(|to| Arrow {
            from: from.clone(),
            to,
            file: file.path.clone(),
        })
        .collect()
}

/// Finds the first names behind `crate::` and behind so many `super::` that they lead to the root.
/// `depth` is how many modules deep the tokens stand.
fn collect_rooms(tokens: TokenStream, depth: usize, named: &mut BTreeSet<String>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut at = 0;
    while at < tokens.len() {
        if let Some(behind) = behind_root(&tokens, at, depth) {
            named.extend(first_names(&tokens[behind..]));
        }
        if let TokenTree::Group(group) = &tokens[at] {
            let is_module = at >= 2
                && is_ident(&tokens[at - 2], "mod")
                && group.delimiter() == Delimiter::Brace;
            collect_rooms(group.stream(), depth + usize::from(is_module), named);
        }
        at += 1;
    }
}

/// Where the path goes on behind the root, if a path to the root starts at `at`.
fn behind_root(tokens: &[TokenTree], at: usize, depth: usize) -> Option<usize> {
    let is_inside_path = at >= 1 && is_punct(&tokens[at - 1], ':');
    if is_inside_path {
        return None;
    }
    if is_ident(&tokens[at], "crate") {
        return behind_colons(tokens, at + 1);
    }
    let mut next = at;
    for _ in 0..depth {
        if !is_ident(tokens.get(next)?, "super") {
            return None;
        }
        next = behind_colons(tokens, next + 1)?;
    }
    Some(next)
}

fn behind_colons(tokens: &[TokenTree], at: usize) -> Option<usize> {
    let both = is_punct(tokens.get(at)?, ':') && is_punct(tokens.get(at + 1)?, ':');
    both.then_some(at + 2)
}

/// `room`, or each first name in `{room::x, other::y}`.
fn first_names(tokens: &[TokenTree]) -> Vec<String> {
    match tokens.first() {
        Some(TokenTree::Ident(name)) => vec![name.to_string()],
        Some(TokenTree::Group(group)) => {
            let inner: Vec<TokenTree> = group.stream().into_iter().collect();
            inner
                .split(|token| is_punct(token, ','))
                .flat_map(first_names)
                .collect()
        }
        _ => Vec::new(),
    }
}

fn is_ident(token: &TokenTree, name: &str) -> bool {
    matches!(token, TokenTree::Ident(ident) if ident == name)
}

fn is_punct(token: &TokenTree, sign: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == sign)
}

/// All files in rooms; `lib.rs` and `main.rs` stand outside the rooms.
fn read_sources(root: &Path) -> Vec<SourceFile> {
    let mut files = Vec::new();
    let mut folders: Vec<PathBuf> = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("src can be read") {
            let path = entry.expect("src can be read").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") && folder != root {
                files.push(read_source(root, &path));
            }
        }
    }
    files
}

fn read_source(root: &Path, path: &Path) -> SourceFile {
    let inside = path
        .strip_prefix(root)
        .expect("it was found under the root")
        .with_extension("");
    let mut modules: Vec<String> = inside
        .iter()
        .map(|part| part.to_string_lossy().into_owned())
        .collect();
    if modules.last().is_some_and(|last| last == "mod") {
        modules.pop();
    }
    let text = fs::read_to_string(path).expect("a source file can be read");
    SourceFile {
        modules,
        path: path.display().to_string(),
        text,
    }
}

fn file_of(modules: &[&str], text: &str) -> SourceFile {
    let modules: Vec<String> = modules.iter().map(|module| module.to_string()).collect();
    SourceFile {
        path: format!("src/{}.rs", modules.join("/")),
        modules,
        text: text.into(),
    }
}

fn row(name: &'static str, may_use: &'static [&'static str]) -> Room {
    Room { name, may_use }
}
