//! Strikes out what two policies say alike: what is left is what differs.

use super::meanings::Meaning;
use super::pieces::{Home, Piece, Slot};
use std::collections::{BTreeMap, BTreeSet};

/// What stands in one place about one thing, in the old policy and in the new one.
pub(super) type Left<'p> = BTreeMap<(Home, Slot), [Vec<&'p Piece>; 2]>;

/// What differs: all that is not said on the other side too, in the same place.
pub(super) fn struck(lists: Left<'_>) -> Left<'_> {
    let mut left = lists.clone();
    for ((_, slot), [old, new]) in &mut left {
        strike(old, new, |piece| (piece.means.clone(), piece.bare.clone()));
        strike(old, new, |piece| piece.means.clone());
        if *slot == Slot::Days {
            // Days that are stated where they were meant before, or no longer are.
            strike(old, new, |piece| {
                piece.days.clone().ok_or_else(|| piece.means.clone())
            });
        }
        // Of days, and of what stands in a file beside the policy, the words do not say all; of the rest, what else they mean is
        // another change.
        if !matches!(slot, Slot::Days | Slot::Declaration(_)) {
            let of_words = |piece: &Piece| match piece.rows_of_file() {
                None => Ok(piece.bare.clone()),
                Some(_) => Err(piece.means.clone()),
            };
            strike(old, new, of_words);
        }
    }
    strike_in_parts(&lists, &mut left);
    with_other_messages(&mut left);
    left.retain(|_, [old, new]| !old.is_empty() || !new.is_empty());
    left
}

/// Strikes out what is the same on both sides, as often as it stands on both.
fn strike<K: Ord>(old: &mut Vec<&Piece>, new: &mut Vec<&Piece>, key: impl Fn(&Piece) -> K) {
    let mut known: BTreeMap<K, usize> = BTreeMap::new();
    for piece in old.iter() {
        *known.entry(key(piece)).or_default() += 1;
    }
    let mut both: BTreeMap<K, usize> = BTreeMap::new();
    new.retain(|piece| {
        let key = key(piece);
        match known.get_mut(&key) {
            Some(count) if *count > 0 => {
                *count -= 1;
                *both.entry(key).or_default() += 1;
                false
            }
            _ => true,
        }
    });
    old.retain(|piece| match both.get_mut(&key(piece)) {
        Some(count) if *count > 0 => {
            *count -= 1;
            false
        }
        _ => true,
    });
}

/// Strikes out what the other side says in other parts: a rule that is written as two, a table whose rows stand in a file
/// now, what is said twice.
fn strike_in_parts(lists: &Left<'_>, left: &mut Left<'_>) {
    let keys: Vec<(Home, Slot)> = left.keys().cloned().collect();
    let mut together: BTreeMap<(Home, Slot), Vec<(Home, Slot)>> = BTreeMap::new();
    for key in keys.into_iter().filter(|(_, slot)| is_in_parts(slot)) {
        let slot = match &key.1 {
            // A row of a table says what a fact says.
            Slot::Rows(relation) => Slot::Rule(relation.clone()),
            slot => slot.clone(),
        };
        together.entry((key.0.clone(), slot)).or_default().push(key);
    }
    for keys in together.into_values() {
        let open = [0, 1].map(|side| {
            let pieces = keys.iter().flat_map(|key| &left[key][side]);
            pieces.copied().collect::<Vec<&Piece>>()
        });
        if open.iter().all(Vec::is_empty) {
            continue;
        }
        let said = [0, 1].map(|side| {
            let pieces = keys.iter().flat_map(|key| &lists[key][side]);
            let struck = pieces.filter(|piece| !is_among(piece, &open[side]));
            struck.flat_map(|piece| piece.means.clone()).collect()
        });
        let covered = covered(said, open);
        for key in &keys {
            if let Some(sides) = left.get_mut(key) {
                for (pieces, covered) in sides.iter_mut().zip(&covered) {
                    pieces.retain(|piece| !is_among(piece, covered));
                }
            }
        }
    }
}

/// Whether several statements may say what one says.
fn is_in_parts(slot: &Slot) -> bool {
    match slot {
        Slot::Rule(_) | Slot::Exemption(_) | Slot::Never(_) | Slot::Presumption(_) => true,
        Slot::Rows(_) | Slot::Effect(_) | Slot::Feed(..) => true,
        Slot::Declaration(_) | Slot::Published | Slot::Days => false,
    }
}

fn is_among(piece: &Piece, list: &[&Piece]) -> bool {
    list.iter().any(|other| std::ptr::eq(*other, piece))
}

/// Of the pieces on both sides, the most that say together what those of the other side say, with what was struck there.
fn covered(said: [Meaning; 2], mut open: [Vec<&Piece>; 2]) -> [Vec<&Piece>; 2] {
    loop {
        let before = open.each_ref().map(Vec::len);
        for side in [0, 1] {
            let others = open[1 - side].iter().flat_map(|piece| &piece.means);
            let others: BTreeSet<&String> = said[1 - side].iter().chain(others).collect();
            let kept = open[side].iter().filter(|piece| {
                let mut means = piece.means.iter();
                means.all(|meaning| others.contains(meaning))
            });
            open[side] = kept.copied().collect();
        }
        if open.each_ref().map(Vec::len) == before {
            return open;
        }
    }
}

/// Puts each `never` that is gone to the new one that asks the same and only says it otherwise.
fn with_other_messages(left: &mut Left<'_>) {
    let is_never = |key: &&(Home, Slot)| matches!(key.1, Slot::Never(_));
    let keys: Vec<(Home, Slot)> = left.keys().filter(is_never).cloned().collect();
    for gone in &keys {
        let [old, new] = &left[gone];
        let ([piece], []) = (old.as_slice(), new.as_slice()) else {
            continue;
        };
        let piece = *piece;
        let is_same = |key: &&(Home, Slot)| {
            let [old, new] = &left[*key];
            let is_it = new.first().is_some_and(|it| it.means == piece.means);
            key.0 == gone.0 && old.is_empty() && new.len() == 1 && is_it
        };
        if let Some(key) = keys.iter().find(is_same) {
            left.get_mut(key).expect("it is one of the keys")[0].push(piece);
            left.get_mut(gone).expect("it is one of the keys")[0].clear();
        }
    }
}
