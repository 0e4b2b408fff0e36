//! Sizes as people write them.

use std::fmt;
use std::iter::Sum;
use std::ops::AddAssign;
use std::str::FromStr;

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bytes(pub u64);

/// The bytes of each unit: decimal ones as Docker prints them, binary ones as memory is counted.
const UNITS: [(&str, u32); 7] = [
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
    ("kB", 1000),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
    ("B", 1),
];

impl FromStr for Bytes {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const FORM: &str = "write a number and its unit, B, kB, MB, GB, KiB, MiB or GiB, such as `2GiB`";
        let (number, unit) =
            UNITS.iter().find_map(|(name, unit)| Some((text.strip_suffix(name)?, *unit))).ok_or(FORM)?;
        let number: f64 = number.trim_end().parse().map_err(|_| FORM)?;
        let bytes = number * f64::from(unit);
        // A petabyte is a mistake, and from there on not every number is exact.
        if !(0.0..1e15).contains(&bytes) {
            return Err(FORM);
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is in the range")]
        Ok(Self(bytes as u64))
    }
}

/// In the units of `docker images`, so that the two can be compared.
impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self.0 {
            bytes @ 0..1000 => format!("{bytes} B"),
            bytes @ 1000..1_000_000 => tenths(bytes, 1000, "kB"),
            bytes @ 1_000_000..1_000_000_000 => tenths(bytes, 1_000_000, "MB"),
            bytes => tenths(bytes, 1_000_000_000, "GB"),
        };
        f.pad(&text)
    }
}

fn tenths(bytes: u64, unit: u64, name: &str) -> String {
    let tenths = (bytes / (unit / 100) + 5) / 10;
    format!("{}.{} {name}", tenths / 10, tenths % 10)
}

impl AddAssign for Bytes {
    fn add_assign(&mut self, other: Self) {
        self.0 += other.0;
    }
}

impl Sum for Bytes {
    fn sum<I: Iterator<Item = Self>>(numbers: I) -> Self {
        Self(numbers.map(|it| it.0).sum())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_needs_its_unit() {
        let read = |text: &str| text.parse::<Bytes>().map(|it| it.0);
        assert_eq!(read("2GiB"), Ok(2 << 30));
        assert_eq!(read("1.5 GB"), Ok(1_500_000_000));
        assert_eq!(read("300KiB"), Ok(300 << 10));
        assert_eq!((read("7kB"), read("7MB"), read("7MiB"), read("0B")), (Ok(7000), Ok(7_000_000), Ok(7 << 20), Ok(0)));
        for text in ["", "2", "GiB", "-1GB", "2gib", "nan GB", "inf GB", "1e30GB", "2 TB"] {
            assert!(read(text).is_err(), "{text}");
        }
    }

    #[test]
    fn it_reads_as_docker_prints_it() {
        let shown = |bytes| Bytes(bytes).to_string();
        assert_eq!(shown(999), "999 B");
        assert_eq!(shown(1000), "1.0 kB");
        assert_eq!(shown(130_474_012), "130.5 MB");
        assert_eq!(shown(2_147_483_648), "2.1 GB");
    }
}
