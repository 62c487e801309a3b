//! Where polynomials of one point change their sign: numbers enough to meet every case.

use crate::value::Number;
use std::collections::BTreeSet;

/// How often an interval is halved at most.
const MOST_HALVINGS: usize = 20_000;

/// A polynomial of one variable: its factors, from the power 0; the last one is not zero.
type Factors = Vec<Number>;

/// Numbers of which some lie at each root that is rational, and some between any two roots that follow one another, before the
/// first and after the last. (A number that is not known is a rational one.) `None`: it would take too long.
pub(super) fn samples(polynomials: &[Factors]) -> Option<Vec<Number>> {
    let mut found = BTreeSet::new();
    let mut product = vec![Number::from_integer(1)];
    for factors in polynomials {
        match factors.as_slice() {
            [] | [_] => {}
            [offset, scale] => {
                found.insert((-offset).divided_by(scale)?);
            }
            _ => product = multiplied(&product, factors),
        }
    }
    if product.len() > 1 {
        isolate(&without_repeats(&product), &mut found)?;
    }
    Some(with_between(found))
}

/// The numbers, one between any two that follow one another, one before and one after all.
pub(super) fn with_between(numbers: BTreeSet<Number>) -> Vec<Number> {
    let one = Number::from_integer(1);
    let (Some(first), Some(last)) = (numbers.first(), numbers.last()) else {
        return vec![Number::zero()];
    };
    let (before, after) = (&first.floor() - &one, &last.floor() + &one);
    let mut all = vec![before];
    let mut previous: Option<Number> = None;
    for number in numbers {
        if let Some(previous) = previous {
            all.push(simple_between(&previous, &number));
        }
        all.push(number.clone());
        previous = Some(number);
    }
    all.push(after);
    all
}

/// A number between two others: a whole one if there is one.
fn simple_between(low: &Number, high: &Number) -> Number {
    let whole = &low.floor() + &Number::from_integer(1);
    match whole < *high {
        true => whole,
        false => middle(low, high),
    }
}

fn middle(low: &Number, high: &Number) -> Number {
    let half = Number::from_integer(1).divided_by(&Number::from_integer(2));
    &(low + high) * &half.expect("two is not zero")
}

fn value(factors: &[Number], at: &Number) -> Number {
    let mut value = Number::zero();
    for factor in factors.iter().rev() {
        value = &(&value * at) + factor;
    }
    value
}

fn multiplied(a: &[Number], b: &[Number]) -> Factors {
    let mut product = vec![Number::zero(); a.len() + b.len() - 1];
    for (i, one) in a.iter().enumerate() {
        for (j, two) in b.iter().enumerate() {
            product[i + j] = &product[i + j] + &(one * two);
        }
    }
    product
}

fn derived(factors: &[Number]) -> Factors {
    let factors = factors.iter().enumerate().skip(1);
    let factors = factors.map(|(power, factor)| factor * &Number::from_integer(power as i64));
    factors.collect()
}

/// Quotient and rest.
fn divided(a: &[Number], b: &[Number]) -> (Factors, Factors) {
    let last = b.last().expect("no polynomial is divided by zero");
    let mut rest = a.to_vec();
    let mut quotient = vec![Number::zero(); (a.len() + 1).saturating_sub(b.len())];
    while rest.len() >= b.len() {
        let at = rest.len() - b.len();
        let top = rest.last().expect("it is at least as long");
        let factor = top.divided_by(last).expect("the last factor is not zero");
        for (place, other) in b.iter().enumerate() {
            rest[at + place] = &rest[at + place] - &(&factor * other);
        }
        quotient[at] = factor;
        while rest.last().is_some_and(Number::is_zero) {
            rest.pop();
        }
    }
    (quotient, rest)
}

/// With the same roots, each once.
fn without_repeats(factors: &[Number]) -> Factors {
    let (mut a, mut b) = (factors.to_vec(), derived(factors));
    while !b.is_empty() {
        let rest = divided(&a, &b).1;
        (a, b) = (b, rest);
    }
    divided(factors, &a).0
}

/// Adds all rational roots, and numbers that separate them and the others from one another.
fn isolate(factors: &[Number], found: &mut BTreeSet<Number>) -> Option<()> {
    let mut factors = factors.to_vec();
    let mut halvings = 0;
    'again: loop {
        if factors.len() < 2 {
            return Some(());
        }
        let chain = sturm(&factors);
        let bound = bound(&factors);
        let mut left = vec![(-&bound, bound)];
        let mut ends = BTreeSet::new();
        while let Some((low, high)) = left.pop() {
            halvings += 1;
            if halvings > MOST_HALVINGS {
                return None;
            }
            let roots = changes(&chain, &low) - changes(&chain, &high);
            if roots == 0 {
                continue;
            }
            let exact = match roots {
                1 => {
                    let lone = lone_root(&factors, low, high, found, &mut halvings)?;
                    if let Lone::Between(low, high) = &lone {
                        ends.extend([low.clone(), high.clone()]);
                    }
                    lone.exact()
                }
                _ => {
                    let middle = middle(&low, &high);
                    let is_root = value(&factors, &middle).is_zero();
                    if !is_root {
                        left.push((low, middle.clone()));
                        left.push((middle.clone(), high));
                    }
                    is_root.then_some(middle)
                }
            };
            if let Some(root) = exact {
                factors = divided(&factors, &[-&root, Number::from_integer(1)]).0;
                found.insert(root);
                continue 'again;
            }
        }
        found.extend(ends);
        return Some(());
    }
}

/// A root without others near it.
enum Lone {
    Exact(Number),
    /// It is not rational.
    Between(Number, Number),
}

impl Lone {
    fn exact(self) -> Option<Number> {
        match self {
            Lone::Exact(root) => Some(root),
            Lone::Between(..) => None,
        }
    }
}

/// The one root between two numbers, or numbers around it with none of the others between them.
fn lone_root(
    factors: &[Number],
    mut low: Number,
    mut high: Number,
    others: &BTreeSet<Number>,
    halvings: &mut usize,
) -> Option<Lone> {
    let mut near = others.range(low.clone()..=high.clone());
    if let Some(root) = near.find(|other| value(factors, other).is_zero()) {
        return Some(Lone::Exact(root.clone()));
    }
    // A rational root is a whole number of these parts (Gauss).
    let mut whole = factors.to_vec();
    for at in 0..whole.len() {
        let below = whole[at].denominator();
        whole = whole.iter().map(|factor| factor * &below).collect();
    }
    let parts = whole.last().expect("there is a power").abs();
    let is_above = |at: &Number| !value(factors, at).is_negative();
    let rises = is_above(&high);
    let one = Number::from_integer(1);
    let is_wide = |low: &Number, high: &Number| {
        &(high - low) * &parts >= one || others.range(low.clone()..=high.clone()).next().is_some()
    };
    while is_wide(&low, &high) {
        *halvings += 1;
        if *halvings > MOST_HALVINGS {
            return None;
        }
        let middle = middle(&low, &high);
        if value(factors, &middle).is_zero() {
            return Some(Lone::Exact(middle));
        }
        match is_above(&middle) == rises {
            true => high = middle,
            false => low = middle,
        }
    }
    let last = (&high * &parts).floor().divided_by(&parts)?;
    let is_root = last > low && value(factors, &last).is_zero();
    Some(match is_root {
        true => Lone::Exact(last),
        false => Lone::Between(low, high),
    })
}

/// All roots lie within this (Cauchy).
fn bound(factors: &[Number]) -> Number {
    let (last, others) = factors.split_last().expect("there is a power");
    let parts = others.iter().filter_map(|factor| factor.divided_by(last));
    let most = parts.map(|part| part.abs()).max();
    &most.unwrap_or_else(Number::zero).floor() + &Number::from_integer(2)
}

/// Sturm's chain: how often its signs change says how many roots lie between two numbers.
fn sturm(factors: &[Number]) -> Vec<Factors> {
    let mut chain = vec![factors.to_vec(), derived(factors)];
    loop {
        let [.., a, b] = chain.as_slice() else {
            return chain;
        };
        if b.len() < 2 {
            return chain;
        }
        let rest: Factors = divided(a, b).1.iter().map(|factor| -factor).collect();
        if rest.is_empty() {
            return chain;
        }
        chain.push(rest);
    }
}

fn changes(chain: &[Factors], at: &Number) -> usize {
    let signs = chain.iter().map(|factors| value(factors, at));
    let signs: Vec<bool> = signs
        .filter(|value| !value.is_zero())
        .map(|value| value.is_negative())
        .collect();
    signs.windows(2).filter(|pair| pair[0] != pair[1]).count()
}
