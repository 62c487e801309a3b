//! What was found out of each change, kept in a file: a run that was broken off goes on where it stopped.

use super::{Fate, Mutant, Mutation};
use crate::source::{FileId, read_text, reason, write_whole};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::path::Path;

/// The form of the file.
const SCHEMA: u32 = 2;
/// The largest file of this kind, in bytes.
const LARGEST: usize = 256 << 20;

/// The fates found so far, by the change; those of another policy count for nothing. With other cases each change is tried anew, first
/// by the case that noticed it before.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct State {
    schema: u32,
    #[serde(default)]
    policy: String,
    #[serde(default)]
    cases: String,
    #[serde(default)]
    fates: BTreeMap<String, Fate>,
    /// With cases as they were before, which one noticed a change: it likely still does.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    noticed_before: BTreeMap<String, String>,
}

impl State {
    /// What a file keeps of this policy and these cases; nothing, where there is no file yet or it is about another policy.
    pub fn read(path: Option<&Path>, mutation: &Mutation) -> Result<State, String> {
        let is_case = |file: FileId| mutation.case_files.contains(&file);
        let fresh = State {
            schema: SCHEMA,
            policy: digest(mutation, |file| !is_case(file)),
            cases: digest(mutation, is_case),
            fates: BTreeMap::new(),
            noticed_before: BTreeMap::new(),
        };
        let Some(path) = path.filter(|path| path.exists()) else {
            return Ok(fresh);
        };
        let shown = path.display();
        let text = read_text(path, LARGEST)
            .map_err(|error| format!("`{shown}` cannot be read: {}", reason(&error)))?;
        let kept: State = serde_json::from_str(&text).map_err(|_| {
            format!(
                "`{shown}` is no file of `lexlog mutate --state`: name another one, or take it away"
            )
        })?;
        let is_same = kept.schema == SCHEMA && kept.policy == fresh.policy;
        match (is_same, kept.cases == fresh.cases) {
            (true, true) => Ok(kept),
            (true, false) => Ok(kept.with_other_cases(fresh)),
            (false, _) => Ok(fresh),
        }
    }

    /// What still counts of it where the cases are others, as part of a fresh one.
    fn with_other_cases(self, mut fresh: State) -> State {
        fresh.noticed_before = self.noticed_before;
        for (change, fate) in self.fates {
            if let Fate::Noticed(case) = fate {
                fresh.noticed_before.insert(change, case);
            }
        }
        fresh
    }

    /// What is known of a change.
    pub fn fate(&self, mutant: &Mutant) -> Option<&Fate> {
        self.fates.get(&key(mutant))
    }

    /// The title of the case that noticed a change before, when cases were others.
    pub fn noticed_before(&self, mutant: &Mutant) -> Option<&str> {
        self.noticed_before.get(&key(mutant)).map(String::as_str)
    }

    /// Notes what became of a change.
    pub fn add(&mut self, mutant: &Mutant, fate: Fate) {
        let key = key(mutant);
        self.noticed_before.remove(&key);
        self.fates.insert(key, fate);
    }

    /// Writes the file, whole or not at all.
    pub fn write(&self, path: &Path) -> Result<(), String> {
        let text = serde_json::to_string_pretty(self).unwrap_or_default();
        let shown = path.display();
        write_whole(path, text.as_bytes())
            .map_err(|error| format!("`{shown}` cannot be written: {}", reason(&error)))
    }
}

fn key(mutant: &Mutant) -> String {
    let span = mutant.span;
    format!("{}:{}-{} {}", span.file.0, span.start, span.end, mutant.new)
}

/// A digest of these texts.
fn digest(mutation: &Mutation, is_meant: impl Fn(FileId) -> bool) -> String {
    let mut hasher = Sha256::new();
    let files = mutation.session.sources.files();
    for (_, file) in files.filter(|(id, _)| is_meant(*id)) {
        hasher.update(file.name.as_bytes());
        hasher.update([0]);
        hasher.update(file.text.as_bytes());
        hasher.update([0]);
    }
    let bytes = hasher.finalize();
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
