//! Relations that are only called otherwise.

use super::meanings::Meaning;
use super::pieces::{Home, Piece, Pieces, Slot};
use std::collections::{BTreeMap, BTreeSet};

/// The pieces of the old policy, with the new names of relations that are only called otherwise now: declared alike in the
/// same place, and used alike wherever they are named.
pub(super) fn renamed(old: &Pieces, new: &Pieces) -> Vec<Piece> {
    let mut list = old.list.clone();
    let declared = |pieces: &Pieces| -> BTreeMap<(Home, String), String> {
        let declared = pieces.list.iter().filter_map(|piece| match &piece.slot {
            Slot::Declaration(name) if piece.meaning().starts_with("relation ") => {
                let key = (piece.home.clone(), name.clone());
                Some((key, piece.meaning()))
            }
            _ => None,
        });
        declared.collect()
    };
    let (before, after) = (declared(old), declared(new));
    for ((home, name), meaning) in &before {
        if after.contains_key(&(home.clone(), name.clone())) {
            continue;
        }
        let is_new = |(at, other): &&(Home, String)| {
            at == home && !before.contains_key(&(at.clone(), other.clone()))
        };
        let alike = after.keys().filter(is_new).find(|key| {
            let told = with_name(meaning, name, &key.1);
            told == after[*key] && is_used_alike(&list, new, name, &key.1)
        });
        if let Some((_, other)) = alike {
            list.iter_mut().for_each(|piece| rename(piece, name, other));
        }
    }
    list
}

/// Whether all that names a relation stands in the new policy, with its new name.
fn is_used_alike(old: &[Piece], new: &Pieces, name: &str, other: &str) -> bool {
    let key = |piece: &Piece| {
        let (home, slot) = (piece.home.clone(), piece.slot.clone());
        (home, slot, piece.means.clone())
    };
    let there: BTreeSet<(Home, Slot, Meaning)> = new.list.iter().map(key).collect();
    old.iter().all(|piece| {
        let mut told = piece.clone();
        rename(&mut told, name, other);
        told.means == piece.means || there.contains(&key(&told))
    })
}

fn rename(piece: &mut Piece, name: &str, other: &str) {
    let means = piece.means.iter();
    piece.means = means.map(|text| with_name(text, name, other)).collect();
    match &mut piece.slot {
        Slot::Rule(it) | Slot::Exemption(it) | Slot::Presumption(it) | Slot::Rows(it)
            if it == name =>
        {
            *it = other.to_owned();
        }
        Slot::Declaration(it) | Slot::Feed(_, it) if it == name => *it = other.to_owned(),
        _ => {}
    }
}

/// The same words with another name in the place of one; a notice may stand in front of it.
fn with_name(text: &str, name: &str, other: &str) -> String {
    let is_word = |letter: char| letter.is_alphanumeric() || letter == '_';
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(name) {
        let (before, from) = rest.split_at(at);
        let after = &from[name.len()..];
        let is_whole = !before.ends_with(is_word) && !after.starts_with(is_word);
        out += before;
        out += if is_whole { other } else { name };
        rest = after;
    }
    out + rest
}
