//! The table of aims, and what explains those that were missed.

use std::fmt;

use super::figures::{figure, ratio};
use crate::case::{Case, Comparison, MeasuredCase, RelativeAim};

/// What came of an aim.
#[derive(Debug, Clone, PartialEq, Eq)]
struct AimResult {
    got: String,
    limit: String,
    is_met: bool,
}

impl fmt::Display for AimResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { got, limit, is_met } = self;
        write!(f, "{got}, at most {limit}: {}", if *is_met { "met" } else { "**missed**" })
    }
}

/// Writes a row for each case that has an aim, and below the table a paragraph for each that has missed one.
pub fn write(f: &mut fmt::Formatter<'_>, cases: &[MeasuredCase]) -> fmt::Result {
    let cases: Vec<&MeasuredCase> = cases.iter().filter(|it| it.case.has_aim()).collect();
    if cases.is_empty() {
        return Ok(());
    }
    writeln!(f, "\n### Aims\n\n| what | of the usual layout | of the strong control | by itself |\n|---|---|---|---|")?;
    for measured in &cases {
        let [usual, strong, own] = results(measured).map(|it| it.map(|it| it.to_string()).unwrap_or_default());
        writeln!(f, "| {} | {usual} | {strong} | {own} |", measured.case.name)?;
    }
    for measured in cases.iter().filter(|it| results(it).iter().flatten().any(|it| !it.is_met)) {
        let MeasuredCase { case, profile, .. } = measured;
        writeln!(f, "\n**{}** missed an aim. It consists of: {}.", case.name, case.components)?;
        if let Some(profile) = profile {
            writeln!(f, "Our last round:\n\n```text\n{profile}\n```")?;
        }
    }
    Ok(())
}

/// Of the aims beside the usual layout, beside the strong control and by itself.
fn results(measured: &MeasuredCase) -> [Option<AimResult>; 3] {
    let MeasuredCase { case, ours, usual, strong, .. } = measured;
    let ours = ours.median();
    let beside = |it: &Option<Comparison>| it.as_ref().and_then(|it| beside(case, ours, it));
    let own = case.limit.map(|limit| AimResult {
        got: figure(ours, case.unit),
        limit: figure(limit, case.unit),
        is_met: ours <= limit,
    });
    [beside(usual), beside(strong), own]
}

fn beside(case: &Case, ours: f64, control: &Comparison) -> Option<AimResult> {
    Some(match control.counterpart.aim? {
        RelativeAim::Ratio(limit) => {
            let got = control.ratios.median();
            AimResult { got: ratio(got), limit: limit.to_string(), is_met: got <= limit }
        }
        RelativeAim::More(limit) => {
            let got = ours - control.figures.median();
            let shown = |it: f64| format!("{} more", figure(it, case.unit));
            AimResult { got: shown(got), limit: shown(limit), is_met: got <= limit }
        }
    })
}
