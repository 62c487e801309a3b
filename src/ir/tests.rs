mod bodies;
mod declarations;

use super::*;
use crate::syntax;
use std::path::Path;

/// The policy in a text that stands at `tests/cases/language/`, and the messages about it.
fn resolve_text(text: &str) -> (Policy, Sources, Vec<Diagnostic>) {
    let mut sources = Sources::default();
    let id = sources.add("p.lexlog", text);
    let (file, slips) = syntax::parse(&sources, id);
    let mut read = |sources: &mut Sources, _: FileId, path: &str| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/cases/language")
            .join(path);
        let text = std::fs::read_to_string(path).map_err(|error| error.to_string())?;
        Ok(sources.add("list.csv", text))
    };
    let (policy, found) = resolve(&[(id, file)], &mut sources, &mut read);
    let mut all = slips.list;
    all.extend(found.list);
    (policy, sources, all)
}

fn messages(diagnostics: &[Diagnostic], sources: &Sources) -> Vec<String> {
    let place = |diagnostic: &Diagnostic| {
        diagnostic
            .labels
            .first()
            .map_or(String::new(), |label| sources.cite(label.place))
    };
    diagnostics
        .iter()
        .map(|diagnostic| {
            format!(
                "{} {} {} {:?}",
                place(diagnostic),
                diagnostic.code,
                diagnostic.message,
                diagnostic.help
            )
        })
        .collect()
}

#[test]
fn every_construct_of_the_language_is_resolved() {
    for name in ["vocabulary", "rules", "days", "exemptions", "effects"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join(format!("tests/cases/language/{name}.lexlog"));
        let (policy, sources, found) = resolve_text(&std::fs::read_to_string(path).unwrap());
        let errors: Vec<Diagnostic> = found.into_iter().filter(Diagnostic::is_error).collect();
        assert!(
            errors.is_empty(),
            "{name}: {:#?}",
            messages(&errors, &sources)
        );
        assert!(policy.rules.len() > 3 && !policy.cases.is_empty());
    }
}
