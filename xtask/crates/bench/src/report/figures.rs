//! Figures as people read them.

use images::size::Bytes;

use crate::{case::Unit, samples::Samples};

/// `median (smallest–largest)`, or the figure alone where they are the same.
pub fn spread(samples: &Samples, show: impl Fn(f64) -> String) -> String {
    let (min, max) = (show(samples.min()), show(samples.max()));
    if min == max { max } else { format!("{} ({min}–{max})", show(samples.median())) }
}

pub fn figure(figure: f64, unit: Unit) -> String {
    match unit {
        Unit::Seconds => seconds(figure),
        Unit::Bytes => bytes(figure),
    }
}

pub fn ratio(figure: f64) -> String {
    // Two decimals would make nothing of a thousandth.
    match figure {
        it if it < 0.0095 => format!("{it:.4}"),
        it if it < 0.095 => format!("{it:.3}"),
        it => format!("{it:.2}"),
    }
}

fn seconds(figure: f64) -> String {
    match figure {
        it if it < 1.0 => format!("{:.0} ms", it * 1000.0),
        it if it < 100.0 => format!("{it:.2} s"),
        it => format!("{it:.0} s"),
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "no size is negative or near 2^64")]
fn bytes(figure: f64) -> String {
    Bytes(figure.max(0.0) as u64).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_shown_where_there_is_one() {
        let shown = |figures: &[f64]| spread(&Samples::new(figures.to_vec()).unwrap(), ratio);
        assert_eq!((shown(&[0.5, 0.7, 0.9]).as_str(), shown(&[0.5]).as_str()), ("0.70 (0.50–0.90)", "0.50"));
    }

    #[test]
    fn figures_have_as_many_digits_as_matter() {
        assert_eq!([0.0123, 1.5, 123.4].map(|it| figure(it, Unit::Seconds)), ["12 ms", "1.50 s", "123 s"]);
        assert_eq!([0.0, 35_000.0, 6.4e9].map(|it| figure(it, Unit::Bytes)), ["0 B", "35.0 kB", "6.4 GB"]);
        assert_eq!([0.0004, 0.08, 0.4, 1.066].map(ratio), ["0.0004", "0.080", "0.40", "1.07"]);
    }
}
