//! Base scores of CVSS 3.
//!
//! Source: FIRST, "Common Vulnerability Scoring System version 3.1: Specification", section 7.1 and annex A. Version 3.0 differs
//! by rounding, in a tenth now and then. Version 4 has no formula but tables, so that its vectors are not read.

/// The base score of a vector in tenths; `None` for what is no vector of CVSS 3.
pub fn base_score(vector: &str) -> Option<u32> {
    let metrics = vector.strip_prefix("CVSS:3.0/").or_else(|| vector.strip_prefix("CVSS:3.1/"))?;
    let metric = |name: &str| metrics.split('/').find_map(|it| it.strip_prefix(name)?.strip_prefix(':'));
    let is_changed = metric("S")? == "C";
    let vector = weight(metric("AV")?, &[("N", 0.85), ("A", 0.62), ("L", 0.55), ("P", 0.2)])?;
    let complexity = weight(metric("AC")?, &[("L", 0.77), ("H", 0.44)])?;
    let privileges: &[(&str, f64)] =
        if is_changed { &[("N", 0.85), ("L", 0.68), ("H", 0.5)] } else { &[("N", 0.85), ("L", 0.62), ("H", 0.27)] };
    let privileges = weight(metric("PR")?, privileges)?;
    let interaction = weight(metric("UI")?, &[("N", 0.85), ("R", 0.62)])?;
    let loss = |name| weight(metric(name)?, &[("H", 0.56), ("L", 0.22), ("N", 0.0)]);
    let kept = (1.0 - loss("C")?) * (1.0 - loss("I")?) * (1.0 - loss("A")?);
    let base = 1.0 - kept;
    let impact = if is_changed { 7.52 * (base - 0.029) - 3.25 * f64::powi(base - 0.02, 15) } else { 6.42 * base };
    if impact <= 0.0 {
        return Some(0);
    }
    let exploitability = 8.22 * vector * complexity * privileges * interaction;
    let sum = impact + exploitability;
    Some(tenths_rounded_up(f64::min(if is_changed { 1.08 * sum } else { sum }, 10.0)))
}

fn weight(value: &str, weights: &[(&str, f64)]) -> Option<f64> {
    weights.iter().find(|it| it.0 == value).map(|it| it.1)
}

/// As annex A rounds, by whole numbers, so that every machine comes to the same.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a score is between 0 and 10")]
fn tenths_rounded_up(score: f64) -> u32 {
    ((score * 100_000.0).round() as u32).div_ceil(10_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Vectors with the scores that the specification's examples have.
    #[test]
    fn scores_are_those_of_the_specification() {
        for (vector, tenths) in [
            ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", 98),
            ("CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N", 61),
            ("CVSS:3.0/AV:N/AC:L/PR:L/UI:N/S:C/C:L/I:L/A:N", 64),
            ("CVSS:3.1/AV:N/AC:H/PR:N/UI:R/S:U/C:L/I:N/A:N", 31),
            ("CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H/E:P", 78),
            ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H", 100),
            ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N", 0),
        ] {
            assert_eq!(base_score(vector), Some(tenths), "{vector}");
        }
        for other in ["", "7.5", "CVSS:4.0/AV:N/AC:L", "CVSS:3.1/AV:N", "CVSS:3.1/AV:Q/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N"]
        {
            assert_eq!(base_score(other), None, "{other}");
        }
    }
}
