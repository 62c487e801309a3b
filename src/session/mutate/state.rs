//! What was found out of each change, kept in a file: a run that was broken off goes on where it stopped.

use super::{Fate, Mutant, Mutation};
use crate::source::{read_text, reason, write_whole};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::path::Path;

/// The largest file of this kind, in bytes.
const LARGEST: usize = 256 << 20;

/// The fates found so far, by the change; those of another policy or of other cases count for nothing.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct State {
    schema: u32,
    digest: String,
    fates: BTreeMap<String, Fate>,
}

impl State {
    /// What a file keeps of this policy and these cases; nothing, where there is no file yet or it is about others.
    pub fn read(path: Option<&Path>, mutation: &Mutation) -> Result<State, String> {
        let digest = digest(mutation);
        let fresh = State {
            schema: 1,
            digest: digest.clone(),
            fates: BTreeMap::new(),
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
        match kept.digest == digest {
            true => Ok(kept),
            false => Ok(fresh),
        }
    }

    /// What is known of a change.
    pub fn fate(&self, mutant: &Mutant) -> Option<&Fate> {
        self.fates.get(&key(mutant))
    }

    /// Notes what became of a change.
    pub fn add(&mut self, mutant: &Mutant, fate: Fate) {
        self.fates.insert(key(mutant), fate);
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

/// A digest of all texts: policy, lists and cases.
fn digest(mutation: &Mutation) -> String {
    let mut hasher = Sha256::new();
    for (_, file) in mutation.session.sources.files() {
        hasher.update(file.name.as_bytes());
        hasher.update([0]);
        hasher.update(file.text.as_bytes());
        hasher.update([0]);
    }
    let bytes = hasher.finalize();
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
