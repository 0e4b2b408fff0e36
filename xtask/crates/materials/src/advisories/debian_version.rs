//! Versions of Debian's packages.

use std::cmp::Ordering;

/// Which of two versions is the newer, as dpkg has it.
///
/// Source: Debian Policy, section 5.6.12, "Version".
pub fn compare(one: &str, other: &str) -> Ordering {
    let (one, other) = (parts(one), parts(other));
    compare_numbers(one.0, other.0)
        .then_with(|| compare_part(one.1, other.1))
        .then_with(|| compare_part(one.2, other.2))
}

/// The epoch, the upstream version and the revision.
fn parts(version: &str) -> (&str, &str, &str) {
    let (epoch, rest) = version.trim().split_once(':').unwrap_or(("0", version.trim()));
    let (upstream, revision) = rest.rsplit_once('-').unwrap_or((rest, ""));
    (epoch, upstream, revision)
}

/// Compares texts and numbers in turn.
fn compare_part(mut one: &str, mut other: &str) -> Ordering {
    while !one.is_empty() || !other.is_empty() {
        let (text, rest) = split_at(one, |it| it.is_ascii_digit());
        let (other_text, other_rest) = split_at(other, |it| it.is_ascii_digit());
        let (number, rest) = split_at(rest, |it| !it.is_ascii_digit());
        let (other_number, other_rest) = split_at(other_rest, |it| !it.is_ascii_digit());
        let order = compare_texts(text, other_text).then_with(|| compare_numbers(number, other_number));
        if order.is_ne() {
            return order;
        }
        (one, other) = (rest, other_rest);
    }
    Ordering::Equal
}

fn split_at(text: &str, is_end: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(is_end).unwrap_or(text.len()))
}

/// `~` is below the end, letters are above it and below everything else.
fn compare_texts(one: &str, other: &str) -> Ordering {
    let weight = |it: Option<u8>| match it {
        Some(b'~') => 0_u16,
        None => 1,
        Some(it) if it.is_ascii_alphabetic() => 2 + u16::from(it),
        Some(it) => 300 + u16::from(it),
    };
    let (mut one, mut other) = (one.bytes(), other.bytes());
    loop {
        let pair = (one.next(), other.next());
        let order = weight(pair.0).cmp(&weight(pair.1));
        if order.is_ne() || pair == (None, None) {
            return order;
        }
    }
}

/// Numbers may be longer than any integer.
fn compare_numbers(one: &str, other: &str) -> Ordering {
    let [one, other] = [one, other].map(|it| it.trim_start_matches('0'));
    one.len().cmp(&other.len()).then_with(|| one.cmp(other))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_is_dpkgs() {
        let ascending = [
            "0",
            "1.0~~",
            "1.0~rc1-1",
            "1.0",
            "1.0-1~deb12u1",
            "1.0-1",
            "1.0-1+b1",
            "1.0-1.1",
            "1.0-2",
            "1.0a-1",
            "1.0+dfsg-1",
            "1.0.1-1",
            "1.9",
            "1.10",
            "1:0.5",
            "2:0",
        ];
        for (index, one) in ascending.iter().enumerate() {
            for (other_index, other) in ascending.iter().enumerate() {
                assert_eq!(compare(one, other), index.cmp(&other_index), "{one} {other}");
            }
        }
        assert_eq!(compare("1.00-01", "0:1.0-1"), Ordering::Equal);
    }
}
