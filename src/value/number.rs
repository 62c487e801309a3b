//! Exact numbers: rationals of any size.

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Signed, ToPrimitive, Zero};
use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;
use std::ops::{Add, Mul, Neg, Sub};

/// An exact rational number of any size.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Number(Ratio);

/// In lowest terms, what stands below the line being above zero.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Ratio {
    /// Wherever both parts fit: most numbers that people write.
    Small(i64, i64),
    /// All others.
    Large(Box<BigRational>),
}

/// How many decimal digits always fit into a machine integer.
const DIGITS: usize = 18;

impl Number {
    /// A whole number.
    pub fn from_integer(value: i64) -> Number {
        Number(Ratio::Small(value, 1))
    }

    /// Reads `12`, `-0.1`, `1_000` is refused; `None` where the text is no number.
    pub fn from_decimal(text: &str) -> Option<Number> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (whole, fraction) = match digits.split_once('.') {
            Some((whole, fraction)) if !fraction.is_empty() => (whole, fraction),
            Some(_) => return None,
            None => (digits, ""),
        };
        let is_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || !is_digits(whole) || !is_digits(fraction) {
            return None;
        }
        if whole.len() + fraction.len() <= DIGITS {
            let digits = whole.bytes().chain(fraction.bytes());
            let above = digits.fold(0, |so_far, digit| so_far * 10 + i128::from(digit - b'0'));
            let below = 10_i128.pow(fraction.len() as u32);
            return Some(Number::of_ratio(
                if negative { -above } else { above },
                below,
            ));
        }
        let numerator: BigInt = format!("{whole}{fraction}").parse().ok()?;
        let denominator = num_traits::pow(BigInt::from(10), fraction.len());
        let number = BigRational::new(numerator, denominator);
        Some(Number::of_large(if negative { -number } else { number }))
    }

    /// Reads a decimal or a fraction `1/3`.
    pub fn from_text(text: &str) -> Option<Number> {
        match text.split_once('/') {
            Some((above, below)) => {
                Number::from_decimal(above)?.divided_by(&Number::from_decimal(below)?)
            }
            None => Number::from_decimal(text),
        }
    }

    /// `below` is above zero.
    fn of_ratio(above: i128, below: i128) -> Number {
        let common = common_divisor(above.unsigned_abs(), below.unsigned_abs()) as i128;
        let (above, below) = (above / common, below / common);
        Number(match (i64::try_from(above), i64::try_from(below)) {
            (Ok(above), Ok(below)) => Ratio::Small(above, below),
            _ => {
                let (above, below) = (BigInt::from(above), BigInt::from(below));
                Ratio::Large(Box::new(BigRational::new_raw(above, below)))
            }
        })
    }

    fn of_large(ratio: BigRational) -> Number {
        Number(match (ratio.numer().to_i64(), ratio.denom().to_i64()) {
            (Some(above), Some(below)) => Ratio::Small(above, below),
            _ => Ratio::Large(Box::new(ratio)),
        })
    }

    fn large(&self) -> Cow<'_, BigRational> {
        match &self.0 {
            Ratio::Small(above, below) => Cow::Owned(BigRational::new_raw(
                BigInt::from(*above),
                BigInt::from(*below),
            )),
            Ratio::Large(ratio) => Cow::Borrowed(ratio),
        }
    }

    /// Zero.
    pub fn zero() -> Number {
        Number::from_integer(0)
    }

    /// One hundredth, the worth of one per cent.
    pub fn hundredth() -> Number {
        Number(Ratio::Small(1, 100))
    }

    /// Whether it is a whole number.
    pub fn is_integer(&self) -> bool {
        match &self.0 {
            Ratio::Small(_, below) => *below == 1,
            Ratio::Large(ratio) => ratio.is_integer(),
        }
    }

    /// Whether it is zero.
    pub fn is_zero(&self) -> bool {
        self.0 == Ratio::Small(0, 1)
    }

    /// Whether it is below zero.
    pub fn is_negative(&self) -> bool {
        match &self.0 {
            Ratio::Small(above, _) => *above < 0,
            Ratio::Large(ratio) => ratio.is_negative(),
        }
    }

    /// Without its sign.
    pub fn abs(&self) -> Number {
        match self.is_negative() {
            true => -self,
            false => self.clone(),
        }
    }

    /// The greatest whole number that is not above it.
    pub fn floor(&self) -> Number {
        match &self.0 {
            Ratio::Small(above, below) => Number::from_integer(above.div_euclid(*below)),
            Ratio::Large(ratio) => Number::of_large(ratio.floor()),
        }
    }

    /// What stands below the line: the least number that makes it whole when it is multiplied by it.
    pub fn denominator(&self) -> Number {
        match &self.0 {
            Ratio::Small(_, below) => Number::from_integer(*below),
            Ratio::Large(ratio) => {
                Number::of_large(BigRational::from_integer(ratio.denom().clone()))
            }
        }
    }

    /// `None` where `other` is zero.
    pub fn divided_by(&self, other: &Number) -> Option<Number> {
        if other.is_zero() {
            return None;
        }
        Some(match (&self.0, &other.0) {
            (Ratio::Small(a, b), Ratio::Small(c, d)) => {
                let (above, below) = (wide(*a) * wide(*d), wide(*b) * wide(*c));
                Number::of_ratio(above * below.signum(), below.abs())
            }
            _ => Number::of_large(&*self.large() / &*other.large()),
        })
    }

    /// As a machine integer, where it is whole and fits.
    pub fn to_i64(&self) -> Option<i64> {
        match &self.0 {
            Ratio::Small(above, 1) => Some(*above),
            Ratio::Small(..) | Ratio::Large(_) => None,
        }
    }

    /// How many binary digits it takes, above and below the line together; the measure of the limit on digits.
    pub fn bits(&self) -> u64 {
        match &self.0 {
            Ratio::Small(above, below) => {
                let bits = |part: u64| u64::from(u64::BITS - part.leading_zeros());
                bits(above.unsigned_abs()) + bits(below.unsigned_abs())
            }
            Ratio::Large(ratio) => ratio.numer().bits() + ratio.denom().bits(),
        }
    }

    /// The decimal digits of a number that ends, or `None` for one like 1/3.
    fn terminating(&self) -> Option<String> {
        if let Some(whole) = self.to_i64() {
            return Some(whole.to_string());
        }
        let ratio = self.large();
        let mut below = ratio.denom().clone();
        let (mut twos, mut fives) = (0usize, 0usize);
        let (two, five) = (BigInt::from(2), BigInt::from(5));
        while (&below % &two).is_zero() {
            below /= &two;
            twos += 1;
        }
        while (&below % &five).is_zero() {
            below /= &five;
            fives += 1;
        }
        if !below.is_one() {
            return None;
        }
        let places = twos.max(fives);
        let scaled = (&*ratio
            * BigRational::from_integer(num_traits::pow(BigInt::from(10), places)))
        .to_integer();
        Some(with_point(&scaled, places))
    }

    /// For people: a number that does not end is shown as `0.333… (1/3)`.
    pub fn to_words(&self) -> String {
        self.terminating().unwrap_or_else(|| {
            let thousandths = (&*self.large() * BigRational::from_integer(BigInt::from(1000)))
                .trunc()
                .to_integer();
            let sign = if self.is_negative() && thousandths.is_zero() {
                "-"
            } else {
                ""
            };
            format!("{sign}{}… ({self})", with_point(&thousandths, 3))
        })
    }
}

/// Writes `scaled` / 10^`places` with a decimal point.
fn with_point(scaled: &BigInt, places: usize) -> String {
    let sign = if scaled.is_negative() { "-" } else { "" };
    let digits = format!("{:0>width$}", scaled.abs().to_string(), width = places + 1);
    let (whole, fraction) = digits.split_at(digits.len() - places);
    if fraction.is_empty() {
        format!("{sign}{whole}")
    } else {
        format!("{sign}{whole}.{fraction}")
    }
}

/// As data: a decimal where it ends, else a fraction `1/3`.
impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.terminating() {
            Some(decimal) => f.write_str(&decimal),
            None => {
                let ratio = self.large();
                write!(f, "{}/{}", ratio.numer(), ratio.denom())
            }
        }
    }
}

/// A product of two of these, and a sum of two such products, always fits.
fn wide(part: i64) -> i128 {
    i128::from(part)
}

/// The greatest common divisor; of zero and another number that number.
fn common_divisor(mut a: u128, mut b: u128) -> u128 {
    while b != 0 {
        if let (Ok(small_a), Ok(small_b)) = (u64::try_from(a), u64::try_from(b)) {
            return u128::from(common_small_divisor(small_a, small_b));
        }
        (a, b) = (b, a % b);
    }
    a
}

fn common_small_divisor(mut a: u64, mut b: u64) -> u64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

impl Ord for Number {
    fn cmp(&self, other: &Number) -> Ordering {
        match (&self.0, &other.0) {
            (Ratio::Small(a, b), Ratio::Small(c, d)) if b == d => a.cmp(c),
            (Ratio::Small(a, b), Ratio::Small(c, d)) => {
                (wide(*a) * wide(*d)).cmp(&(wide(*c) * wide(*b)))
            }
            _ => self.large().cmp(&other.large()),
        }
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Number) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Add for &Number {
    type Output = Number;
    fn add(self, other: &Number) -> Number {
        match (&self.0, &other.0) {
            (Ratio::Small(a, 1), Ratio::Small(b, 1)) => Number::of_ratio(wide(*a) + wide(*b), 1),
            (Ratio::Small(a, b), Ratio::Small(c, d)) => Number::of_ratio(
                wide(*a) * wide(*d) + wide(*c) * wide(*b),
                wide(*b) * wide(*d),
            ),
            _ => Number::of_large(&*self.large() + &*other.large()),
        }
    }
}

impl Sub for &Number {
    type Output = Number;
    fn sub(self, other: &Number) -> Number {
        self + &-other
    }
}

impl Mul for &Number {
    type Output = Number;
    fn mul(self, other: &Number) -> Number {
        match (&self.0, &other.0) {
            (Ratio::Small(a, b), Ratio::Small(c, d)) => {
                Number::of_ratio(wide(*a) * wide(*c), wide(*b) * wide(*d))
            }
            _ => Number::of_large(&*self.large() * &*other.large()),
        }
    }
}

impl Neg for &Number {
    type Output = Number;
    fn neg(self) -> Number {
        match &self.0 {
            Ratio::Small(above, below) => Number::of_ratio(-wide(*above), wide(*below)),
            Ratio::Large(ratio) => Number::of_large(-ratio.as_ref()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn part() -> impl Strategy<Value = i64> {
        let edges = vec![i64::MIN, i64::MIN + 1, i64::MAX, i64::MAX - 1, 0, 1, -1];
        prop_oneof![-50_i64..50, any::<i64>(), proptest::sample::select(edges)]
    }

    /// A number, and the same as the library has it.
    fn number() -> impl Strategy<Value = (Number, BigRational)> {
        let below = part().prop_filter("not below the line", |below| *below != 0);
        let ratio = (part(), below).prop_map(|(above, below)| {
            let whole = |part| Number::from_integer(part);
            let number = whole(above).divided_by(&whole(below));
            let ratio = BigRational::new(BigInt::from(above), BigInt::from(below));
            (number.expect("it is not zero"), ratio)
        });
        let square = |(number, ratio): (Number, BigRational)| (&number * &number, &ratio * &ratio);
        (ratio, any::<bool>()).prop_map(move |(ratio, is_squared)| match is_squared {
            true => square(ratio),
            false => ratio,
        })
    }

    proptest! {
        /// Small numbers and large ones are the library's, and one number has one form.
        #[test]
        fn numbers_of_any_size_are_reckoned_with_exactly((a, x) in number(), (b, y) in number()) {
            let is = |number: Number, ratio: BigRational| number == Number::of_large(ratio);
            prop_assert!(is(a.clone(), x.clone()));
            prop_assert!(is(&a + &b, &x + &y));
            prop_assert!(is(&a - &b, &x - &y));
            prop_assert!(is(&a * &b, &x * &y));
            prop_assert!(is(-&a, -&x));
            prop_assert!(is(a.abs(), x.abs()));
            prop_assert!(is(a.floor(), x.floor()));
            prop_assert_eq!(a.cmp(&b), x.cmp(&y));
            prop_assert_eq!(a.is_integer(), x.is_integer());
            prop_assert_eq!(a.bits(), x.numer().bits() + x.denom().bits());
            match a.divided_by(&b) {
                Some(quotient) => prop_assert!(is(quotient, &x / &y)),
                None => prop_assert!(y.is_zero()),
            }
            prop_assert_eq!(Number::from_text(&a.to_string()), Some(a));
        }
    }
}
