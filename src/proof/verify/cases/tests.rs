//! Whether cases leave something out, held against trying every way of settling.

use super::{Branch, MOST_WORK, Search};
use crate::value::Value;

/// Numbers that look like chance, the same in each run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, count: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (self.0 >> 33) % count
    }
}

fn search(answers: &[u32]) -> Search {
    let members = answers.iter();
    Search {
        answers: members
            .map(|count| (0..*count).map(Value::Member).collect())
            .collect(),
        path: Vec::new(),
        work: 0,
    }
}

/// Every way of settling points of which each has so many answers.
fn ways(answers: &[u32]) -> Vec<Vec<Value>> {
    answers.iter().fold(vec![Vec::new()], |ways, count| {
        let longer = ways.iter().flat_map(|way| {
            (0..*count).map(move |answer| [way.as_slice(), &[Value::Member(answer)]].concat())
        });
        longer.collect()
    })
}

#[test]
fn a_hole_is_found_just_where_there_is_one() {
    let answers = [2, 3, 2, 2, 4];
    let values: Vec<Value> = (0..4).map(Value::Member).collect();
    let (mut holes, mut whole) = (0, 0);
    for seed in 0..3_000 {
        let mut dice = Dice(seed);
        let count = 1 + dice.below(14);
        let cases: Vec<Branch<'_>> = (0..count)
            .map(|_| {
                let points = 1 + dice.below(2);
                let assumed = (0..points).map(|_| {
                    let point = dice.below(5) as usize;
                    (
                        point,
                        &values[dice.below(u64::from(answers[point])) as usize],
                    )
                });
                assumed.collect()
            })
            .collect();
        let falls_in =
            |way: &[Value], case: &Branch<'_>| case.iter().all(|(at, it)| way[*at] == **it);
        let is_in_none = |way: &Vec<Value>| !cases.iter().any(|case| falls_in(way, case));
        let mut search = search(&answers);
        let found = search.finds_hole(&cases).expect("that takes no time");
        assert_eq!(
            found,
            ways(&answers).iter().any(is_in_none),
            "seed {seed}: {cases:?}"
        );
        if found {
            holes += 1;
            let is_path = |way: &Vec<Value>| search.path.iter().all(|(at, it)| way[*at] == *it);
            let mut told = ways(&answers).into_iter().filter(is_path);
            assert!(
                told.all(|way| is_in_none(&way)),
                "seed {seed}: {:?}",
                search.path
            );
        } else {
            whole += 1;
        }
    }
    assert!(holes > 300 && whole > 300, "{holes} {whole}");
}

#[test]
fn where_it_takes_too_long_it_is_given_up() {
    // Nine things in eight places: some two are in one place. To see that, one has to try nearly all.
    let (things, places) = (9, 8);
    let values: Vec<Value> = (0..places).map(Value::Member).collect();
    let mut cases = Vec::new();
    for one in 0..things {
        for two in one + 1..things {
            let in_one = values.iter().map(|it| Branch::from([(one, it), (two, it)]));
            cases.extend(in_one);
        }
    }
    let mut search = search(&vec![places; things]);
    assert!(search.finds_hole(&cases).is_err());
    assert!(search.work > MOST_WORK && search.work < 2 * MOST_WORK);
}
