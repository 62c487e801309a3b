//! Exact numbers: rationals of any size.

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Signed, ToPrimitive, Zero};
use std::fmt;
use std::ops::{Add, Mul, Neg, Sub};

/// An exact rational number of any size.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Number(BigRational);

impl Number {
    /// A whole number.
    pub fn from_integer(value: i64) -> Number {
        Number(BigRational::from_integer(BigInt::from(value)))
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
        let numerator: BigInt = format!("{whole}{fraction}").parse().ok()?;
        let denominator = num_traits::pow(BigInt::from(10), fraction.len());
        let number = BigRational::new(numerator, denominator);
        Some(Number(if negative { -number } else { number }))
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

    /// Zero.
    pub fn zero() -> Number {
        Number(BigRational::zero())
    }

    /// One hundredth, the worth of one per cent.
    pub fn hundredth() -> Number {
        Number(BigRational::new(BigInt::one(), BigInt::from(100)))
    }

    /// Whether it is a whole number.
    pub fn is_integer(&self) -> bool {
        self.0.is_integer()
    }

    /// Whether it is zero.
    pub fn is_zero(&self) -> bool {
        self.0.is_zero()
    }

    /// Whether it is below zero.
    pub fn is_negative(&self) -> bool {
        self.0.is_negative()
    }

    /// Without its sign.
    pub fn abs(&self) -> Number {
        Number(self.0.abs())
    }

    /// The greatest whole number that is not above it.
    pub fn floor(&self) -> Number {
        Number(self.0.floor())
    }

    /// What stands below the line: the least number that makes it whole when it is multiplied by it.
    pub fn denominator(&self) -> Number {
        Number(BigRational::from_integer(self.0.denom().clone()))
    }

    /// `None` where `other` is zero.
    pub fn divided_by(&self, other: &Number) -> Option<Number> {
        (!other.is_zero()).then(|| Number(&self.0 / &other.0))
    }

    /// As a machine integer, where it is whole and fits.
    pub fn to_i64(&self) -> Option<i64> {
        self.0
            .is_integer()
            .then(|| self.0.numer().to_i64())
            .flatten()
    }

    /// How many binary digits it takes, above and below the line together; the measure of the limit on digits.
    pub fn bits(&self) -> u64 {
        self.0.numer().bits() + self.0.denom().bits()
    }

    /// The decimal digits of a number that ends, or `None` for one like 1/3.
    fn terminating(&self) -> Option<String> {
        let mut below = self.0.denom().clone();
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
        let scaled = (&self.0
            * BigRational::from_integer(num_traits::pow(BigInt::from(10), places)))
        .to_integer();
        Some(with_point(&scaled, places))
    }

    /// For people: a number that does not end is shown as `0.333… (1/3)`.
    pub fn to_words(&self) -> String {
        self.terminating().unwrap_or_else(|| {
            let thousandths = (&self.0 * BigRational::from_integer(BigInt::from(1000)))
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
            None => write!(f, "{}/{}", self.0.numer(), self.0.denom()),
        }
    }
}

impl Add for &Number {
    type Output = Number;
    fn add(self, other: &Number) -> Number {
        Number(&self.0 + &other.0)
    }
}

impl Sub for &Number {
    type Output = Number;
    fn sub(self, other: &Number) -> Number {
        Number(&self.0 - &other.0)
    }
}

impl Mul for &Number {
    type Output = Number;
    fn mul(self, other: &Number) -> Number {
        Number(&self.0 * &other.0)
    }
}

impl Neg for &Number {
    type Output = Number;
    fn neg(self) -> Number {
        Number(-&self.0)
    }
}
