//! Reads a policy: a file, or a folder of files at any depth.

use super::{Session, error, in_parallel};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::ir::{self, Policy};
use crate::source::{
    FileId, Sources, Span, is_no_ordinary_file, read_file, read_text, reason as words,
};
use crate::syntax::{self, File, LARGEST};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::ErrorKind;
use std::path::{Component, Path, PathBuf};

/// The largest list or table beside a policy, in bytes.
const LARGEST_BESIDE: usize = 256 << 20;
/// From how many bytes on files are read on several threads.
const WORTH_THREADS: usize = 64 << 10;
/// How deep folders may lie within folders.
const DEEPEST: usize = 32;

/// The files of a policy as written, before any name is looked up.
#[derive(Clone, Debug, Default)]
pub(super) struct Written {
    /// The texts read so far.
    pub(super) sources: Sources,
    /// In the order of their names.
    pub(super) files: Vec<(FileId, File)>,
    /// Slips, and files that cannot be read.
    pub(super) diagnostics: Diagnostics,
    /// Where each file stands, and the folder that what it names beside it must not leave.
    places: BTreeMap<FileId, (PathBuf, PathBuf)>,
}

/// Reads the policy at these paths (a policy, then perhaps files of cases), and says all that is wrong with it.
pub fn load(paths: &[PathBuf]) -> Session {
    let mut written = Written::default();
    written.read(paths, &|name| name);
    written.resolve()
}

impl Written {
    /// Reads the files at these paths too; `named` gives each the name that people are shown. The new files, by their ids.
    pub(super) fn read(
        &mut self,
        paths: &[PathBuf],
        named: &dyn Fn(String) -> String,
    ) -> Vec<FileId> {
        let mut found: Vec<PathBuf> = Vec::new();
        for path in paths {
            match files_in(path) {
                Ok(files) => found.extend(files),
                Err(problem) => self.diagnostics.push(problem),
            }
        }
        found.sort();
        found.dedup();
        let top = paths.first().map(|path| match path.is_dir() {
            true => path.clone(),
            false => folder_of(path),
        });
        // What a file that cannot be read declares is not known, and not missed.
        let mut is_whole = !self.diagnostics.has_errors();
        let before = self.files.len();
        let mut read = Vec::new();
        for path in found {
            match read_policy(&path, &mut self.sources, named) {
                Ok(id) => read.push((id, path)),
                Err(problem) => {
                    self.diagnostics.push(problem);
                    is_whole = false;
                }
            }
        }
        for ((id, path), (file, slips)) in read.iter().zip(self.parsed(&read)) {
            if file.items.is_empty() && !slips.has_errors() {
                self.diagnostics.push(error::no_statement(&shown(path)));
            }
            self.diagnostics.extend(slips);
            let top = top.clone().unwrap_or_default();
            self.places.insert(*id, (path.clone(), top));
            self.files.push((*id, file));
        }
        if let Some((_, file)) = self.files.get_mut(before) {
            file.is_cut_short |= !is_whole;
        }
        self.files[before..].iter().map(|(id, _)| *id).collect()
    }

    /// What these files say, in their order; a whole pack is read on all threads.
    fn parsed(&self, files: &[(FileId, PathBuf)]) -> Vec<(File, Diagnostics)> {
        let parse = |(id, _): &(FileId, PathBuf)| syntax::parse(&self.sources, *id);
        let sizes = files
            .iter()
            .map(|(id, _)| self.sources.file(*id).text.len());
        match sizes.sum::<usize>() < WORTH_THREADS {
            true => files.iter().map(parse).collect(),
            false => in_parallel(files, None, parse),
        }
    }

    /// The same with another text in the place of one file's.
    pub(super) fn changed(&self, file: FileId, text: String) -> Written {
        let mut changed = self.clone();
        let id = changed
            .sources
            .add(self.sources.file(file).name.clone(), text);
        let (read, slips) = syntax::parse(&changed.sources, id);
        changed.diagnostics.extend(slips);
        if let Some(place) = self.places.get(&file) {
            changed.places.insert(id, place.clone());
        }
        for entry in &mut changed.files {
            if entry.0 == file {
                *entry = (id, read.clone());
            }
        }
        changed
    }

    /// What all files say together.
    pub(super) fn resolve(&self) -> Session {
        self.resolve_as(&self.files, self.sources.clone())
    }

    /// What other files than those read say: made of what was read, and perhaps of more texts since.
    pub(super) fn resolve_as(&self, files: &[(FileId, File)], sources: Sources) -> Session {
        let mut session = Session::new(sources, Policy::default());
        session.diagnostics = self.diagnostics.clone();
        if files.is_empty() {
            return session;
        }
        let mut read_beside = |sources: &mut Sources, file: FileId, name: &str| {
            let (path, top) = self
                .places
                .get(&file)
                .ok_or("the policy file has no folder")?;
            beside(sources, path, top, name)
        };
        let (policy, found) = ir::resolve(files, &mut session.sources, &mut read_beside);
        session.own_texts = session.sources.files().count();
        session.policy = policy;
        session.diagnostics.extend(found);
        session.diagnostics.sort();
        session
    }
}

fn folder_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    }
}

/// What could be meant as part of the policy, by its name: also a link that leads nowhere.
fn is_policy(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending == "lexlog") && !path.is_dir()
}

/// As shown to people: with `/`, and without `./` in front.
fn shown(path: &Path) -> String {
    let text = path.to_string_lossy().replace('\\', "/");
    text.strip_prefix("./").map_or(text.clone(), str::to_owned)
}

fn files_in(path: &Path) -> Result<Vec<PathBuf>, Diagnostic> {
    let metadata = fs::metadata(path).map_err(|reason| match reason.kind() {
        std::io::ErrorKind::NotFound => error::missing(&shown(path)),
        _ => error::unreadable(&shown(path), &words(&reason)),
    })?;
    if !metadata.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut files = Vec::new();
    let mut open = vec![(path.to_owned(), 0)];
    // Links may lead back to a folder: each is read once.
    let mut seen = BTreeSet::new();
    while let Some((folder, depth)) = open.pop() {
        if !seen.insert(folder.canonicalize().unwrap_or_else(|_| folder.clone())) {
            continue;
        }
        let entries = fs::read_dir(&folder)
            .map_err(|reason| error::unreadable(&shown(&folder), &words(&reason)))?;
        for entry in entries {
            let inner = entry
                .map_err(|reason| error::unreadable(&shown(&folder), &words(&reason)))?
                .path();
            let is_hidden = inner
                .file_name()
                .is_some_and(|name| name.to_string_lossy().starts_with('.'));
            if inner.is_dir() && !is_hidden {
                if depth >= DEEPEST {
                    return Err(error::too_deep(&shown(&inner), DEEPEST));
                }
                open.push((inner, depth + 1));
            } else if is_policy(&inner) && !is_hidden && is_no_ordinary_file(&inner) {
                return Err(error::no_ordinary_file(&shown(&inner)));
            } else if is_policy(&inner) && !is_hidden {
                files.push(inner);
            }
        }
    }
    if files.is_empty() {
        Err(error::no_policy(&shown(path)))
    } else {
        Ok(files)
    }
}

fn read_policy(
    path: &Path,
    sources: &mut Sources,
    named: &dyn Fn(String) -> String,
) -> Result<FileId, Diagnostic> {
    let bytes = read_file(path, LARGEST).map_err(|reason| match reason.kind() {
        ErrorKind::FileTooLarge => error::too_large(&shown(path), LARGEST),
        _ => error::unreadable(&shown(path), &words(&reason)),
    })?;
    match String::from_utf8(bytes) {
        Ok(text) => Ok(sources.add(named(shown(path)), text)),
        Err(wrong) => {
            let at = wrong.utf8_error().valid_up_to() as u32;
            let text = String::from_utf8_lossy(wrong.as_bytes()).into_owned();
            let file = sources.add(named(shown(path)), text);
            Err(error::no_text(Span {
                file,
                start: at,
                end: at,
            }))
        }
    }
}

/// A list or table beside a policy file: its path is taken from the file's folder, and stays in the policy's.
fn beside(
    sources: &mut Sources,
    policy_file: &Path,
    top: &Path,
    name: &str,
) -> Result<FileId, String> {
    let folder = folder_of(policy_file);
    let wanted = Path::new(name);
    if wanted.is_absolute()
        || wanted
            .components()
            .any(|part| matches!(part, Component::Prefix(_)))
    {
        return Err("the path must be relative".into());
    }
    if wanted.extension().is_some_and(|ending| ending == "lexlog") {
        return Err("it is a policy file, and no list or table".into());
    }
    let path = folder.join(wanted);
    let real = path
        .canonicalize()
        .map_err(|_| "there is no such file".to_owned())?;
    let real_top = top.canonicalize().unwrap_or_else(|_| folder.clone());
    let real_folder = folder.canonicalize().unwrap_or_else(|_| folder.clone());
    if !real.starts_with(&real_top) && !real.starts_with(&real_folder) {
        return Err("it lies outside the policy's folder".into());
    }
    if !real.is_file() {
        return Err("it is no file".into());
    }
    let text = read_text(&real, LARGEST_BESIDE).map_err(|reason| words(&reason))?;
    Ok(sources.add(shown(&path), text))
}
