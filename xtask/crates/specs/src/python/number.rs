//! A number of a version, of any size.

use std::cmp::Ordering;
use std::fmt;

/// A natural number in decimal digits.
///
/// PEP 440 sets no limit, and dates or build numbers in versions do pass 64 bits, so that the digits are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Number(String);

impl Number {
    /// The number of some digits, whose leading zeros mean nothing (PEP 440, "Integer Normalization").
    pub fn from_digits(digits: &str) -> Self {
        Self(digits.trim_start_matches('0').to_owned())
    }

    /// PEP 440 reads a missing number as 0.
    pub fn zero() -> Self {
        Self(String::new())
    }

    pub fn is_zero(&self) -> bool {
        self.0.is_empty()
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.0.len(), &self.0).cmp(&(other.0.len(), &other.0))
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_zero() { "0" } else { &self.0 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_beyond_64_bits_are_compared_as_numbers() {
        let small = Number::from_digits("0009");
        let large = Number::from_digits("100000000000000000000000");
        assert!(small < large);
        assert_eq!(small.to_string(), "9");
        assert_eq!(Number::from_digits("000"), Number::zero());
        assert_eq!(Number::zero().to_string(), "0");
    }
}
