//! What can be wrong with what the user names, before any of it is read: message, code and help side by side.

use crate::diagnostic::Diagnostic;
use crate::source::{Span, amount};

pub(super) fn missing(path: &str) -> Diagnostic {
    Diagnostic::error("E0701", format!("there is no file or folder `{path}`"))
        .help("the policy is a `.lexlog` file, or a folder of them")
}

pub(super) fn unreadable(path: &str, reason: &str) -> Diagnostic {
    Diagnostic::error("E0702", format!("`{path}` cannot be read: {reason}"))
}

/// A certificate, and a saved run, hold digests of the files of facts, which are read a second time.
pub(super) fn read_once(name: &str) -> Diagnostic {
    Diagnostic::error("E0702", format!("`{name}` can be read only once"))
        .help("give the facts in a file")
}

pub(super) fn no_policy(path: &str) -> Diagnostic {
    Diagnostic::error("E0703", format!("there is no policy in `{path}`"))
        .help("a policy is a `.lexlog` file, or a folder with such files at any depth")
}

pub(super) fn no_text(at: Span) -> Diagnostic {
    Diagnostic::error("E0704", "this is no text: the file is not in UTF-8")
        .at(at, "the first byte that cannot be read is on this line")
        .help("save the file in UTF-8")
}

/// A pipe, a device or a socket among the files of a folder.
pub(super) fn no_ordinary_file(path: &str) -> Diagnostic {
    Diagnostic::error("E0702", format!("`{path}` is no ordinary file"))
        .help("in a folder only files are read; a pipe is read where it is named itself")
}

pub(super) fn too_deep(path: &str, deepest: usize) -> Diagnostic {
    Diagnostic::error(
        "E0702",
        format!("`{path}` is not read: it lies in more than {deepest} folders"),
    )
    .help("move it up")
}

pub(super) fn too_large(path: &str, limit: usize) -> Diagnostic {
    Diagnostic::error(
        "E0705",
        format!(
            "`{path}` is too large for a policy: the most is {}",
            amount(limit)
        ),
    )
    .help("put long lists into tables beside the policy: `table name(columns) from \"file.csv\"`")
}

pub(super) fn no_statement(path: &str) -> Diagnostic {
    Diagnostic::warning(
        "W0707",
        format!("`{path}` says nothing: it has no statement"),
    )
    .help("if that is meant, take the file away")
}

pub(super) fn unknown(what: &str, name: &str, near: Option<&str>) -> Diagnostic {
    let diagnostic = Diagnostic::error("E0706", format!("the policy has no {what} `{name}`"));
    match near {
        Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
        None => diagnostic,
    }
}

pub(super) fn presumed_both_ways(atom: &str, so: Option<Span>, not_so: Option<Span>) -> Diagnostic {
    let mut diagnostic = Diagnostic::error(
        "E0608",
        format!("`{atom}` is presumed to be so, and not to be so"),
    );
    for (span, text) in [(so, "presumed here"), (not_so, "and here that it is not")] {
        if let Some(span) = span {
            diagnostic = diagnostic.at(span, text);
        }
    }
    diagnostic.help("let one of them go, or give the fact: facts win over what is presumed")
}

pub(super) fn presumed_differently(
    atom: &str,
    field: &str,
    values: [String; 2],
    places: [Option<Span>; 2],
) -> Diagnostic {
    let [one, other] = values;
    let mut diagnostic = Diagnostic::error(
        "E0608",
        format!("`{atom}`: the {field} is presumed to be {one}, and to be {other}"),
    );
    for (span, text) in places.into_iter().zip(["presumed here", "and here"]) {
        if let Some(span) = span {
            diagnostic = diagnostic.at(span, text);
        }
    }
    diagnostic.help("let one of them go, or give the fact: facts win over what is presumed")
}

pub(super) fn derived_twice(relation: &str, rows: [String; 2], at: Option<Span>) -> Diagnostic {
    let [one, other] = rows;
    let diagnostic = Diagnostic::error(
        "E0607",
        format!("`{relation}` follows twice with one key: `{one}` and `{other}`"),
    );
    match at {
        Some(span) => diagnostic.at(span, "the fields before `->` are its key"),
        None => diagnostic,
    }
    .help("let the rules conclude one of them only, or take the key away")
}

pub(super) fn no_field_name(name: &str) -> Diagnostic {
    Diagnostic::error("E0709", format!("`{name}` names no field of facts"))
        .help("write RELATION.FIELD, such as `transfer.recipient`")
}

pub(super) fn not_given(name: &str) -> Diagnostic {
    Diagnostic::error(
        "E0710",
        format!("`{name}` cannot be redacted: the policy concludes it, and no fact gives it"),
    )
    .help("redact the value where a fact gives it: it is then redacted wherever it occurs")
}

pub(super) fn no_saved_run(file: &str) -> Diagnostic {
    Diagnostic::error("E0713", format!("`{file}` is no saved run"))
        .help("`lexlog run --save FILE` writes one")
}

pub(super) fn not_whole(file: &str) -> Diagnostic {
    Diagnostic::error(
        "E0713",
        format!("`{file}` is a saved run that is not whole, or was changed"),
    )
    .help(RUN_AGAIN)
}

/// Files of another form, or of another version, are not read: what they hold may mean something else here.
pub(super) fn saved_by_another(file: &str, saved: (&str, u32), own: (&str, u32)) -> Diagnostic {
    let (by, form) = saved;
    let (reader, own_form) = own;
    let message = format!(
        "`{file}` was saved by Lexlog {by} (form {form}), and this is Lexlog {reader} (form {own_form})"
    );
    Diagnostic::error("E0714", message).help(RUN_AGAIN)
}

pub(super) fn saved_otherwise(file: &str) -> Diagnostic {
    let message =
        format!("`{file}` was saved by a Lexlog that works this policy out in other steps");
    Diagnostic::error("E0714", message).help(RUN_AGAIN)
}

pub(super) fn saved_of_another_policy(file: &str) -> Diagnostic {
    let message = format!("`{file}` was saved of another policy: the digests differ");
    Diagnostic::error("E0715", message).help(format!("name the policy of that run, or {RUN_AGAIN}"))
}

pub(super) fn facts_changed(saved: &str, file: &str) -> Diagnostic {
    let message = format!("`{file}` has changed since `{saved}` was saved: the digests differ");
    Diagnostic::error("E0716", message).help(RUN_AGAIN)
}

pub(super) fn facts_gone(saved: &str, file: &str) -> Diagnostic {
    let message = format!("`{file}` cannot be read any more, and `{saved}` was saved of it");
    Diagnostic::error("E0716", message)
        .help("explain it where the run was made: files of facts are named from there")
}

pub(super) fn folder_changed(saved: &str, folder: &str) -> Diagnostic {
    let message = format!("`{folder}` holds other files of facts than when `{saved}` was saved");
    Diagnostic::error("E0716", message).help(RUN_AGAIN)
}

const RUN_AGAIN: &str = "run it again with `lexlog run --save`";
