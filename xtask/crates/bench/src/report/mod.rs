//! The report `benchmarks/results.md`.

mod aims;
mod figures;
mod results_file;

use std::fmt;

use figures::{figure, ratio, spread};
pub use results_file::{LARGE, SMALL, with_part};

use super::case::{Comparison, MeasuredCase, Unit};

/// A part of the report; displayed as Markdown.
#[derive(Debug, Clone)]
pub struct ReportPart {
    /// [`SMALL`] or [`LARGE`].
    pub heading: &'static str,
    /// Facts about what was measured and on what, with their names.
    pub facts: Vec<(&'static str, String)>,
    pub cases: Vec<MeasuredCase>,
}

impl fmt::Display for ReportPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "## {}\n", self.heading)?;
        for (name, fact) in &self.facts {
            writeln!(f, "* {name}: {fact}")?;
        }
        for (heading, unit) in [("Times", Unit::Seconds), ("Sizes", Unit::Bytes)] {
            let cases: Vec<&MeasuredCase> = self.cases.iter().filter(|it| it.case.unit == unit).collect();
            if !cases.is_empty() {
                writeln!(f, "\n### {heading}\n")?;
                writeln!(
                    f,
                    "| what | usual layout | strong control | ours | of the usual layout | of the strong control |"
                )?;
                writeln!(f, "|---|---|---|---|---|---|")?;
                cases.into_iter().try_for_each(|it| write_row(f, it))?;
            }
        }
        aims::write(f, &self.cases)
    }
}

fn write_row(f: &mut fmt::Formatter<'_>, measured: &MeasuredCase) -> fmt::Result {
    let MeasuredCase { case, ours, usual, strong, .. } = measured;
    let [of_usual, of_strong] = [usual, strong].map(|it| work_of(it.as_ref(), case.unit));
    let ours = spread(ours, |it| figure(it, case.unit));
    let [usual, strong] = [usual, strong].map(|it| it.as_ref().map(|it| spread(&it.ratios, ratio)).unwrap_or_default());
    writeln!(f, "| {} | {of_usual} | {of_strong} | {ours} | {usual} | {strong} |", case.name)
}

/// What a control does, and its figures.
fn work_of(control: Option<&Comparison>, unit: Unit) -> String {
    let Some(Comparison { counterpart, figures, .. }) = control else { return String::from("no counterpart") };
    let figures = spread(figures, |it| figure(it, unit));
    if counterpart.name.is_empty() { figures } else { format!("{}: {figures}", counterpart.name) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        case::Round,
        catalogue::{RUNTIME_IMAGE, SMALL as TIMINGS},
    };

    fn report(usual: f64, strong: f64) -> String {
        let round = Round { usual: Some(usual), strong: Some(strong), ours: 1.0 };
        let plain = Round { usual: None, strong: None, ours: 0.06 };
        let bytes = Round { usual: Some(2e6), strong: Some(3e6), ours: 3e6 };
        let cases = [(TIMINGS[0].case, round), (TIMINGS[13].case, plain), (RUNTIME_IMAGE, bytes)];
        ReportPart {
            heading: SMALL,
            facts: vec![("Date", String::from("2026-11-25"))],
            cases: cases.into_iter().filter_map(|(case, round)| MeasuredCase::new(case, &[round])).collect(),
        }
        .to_string()
    }

    #[test]
    fn each_case_has_a_row_with_both_controls() {
        let report = report(20.0, 10.0);
        let row = "| no-op build | docker compose build: 20.00 s \
                   | docker buildx build: 10.00 s | 1.00 s \
                   | 0.050 | 0.10 |\n";
        assert!(
            report.starts_with("## This project's environment\n\n* Date: 2026-11-25\n") && report.contains(row),
            "{report}"
        );
        let alone = "| check, 10 packages | no counterpart | no counterpart | 60 ms |  |  |\n";
        assert!(report.contains(alone), "{report}");
        let size = "| runtime image | 2.0 MB | 3.0 MB | 3.0 MB | 1.50 | 1.00 |\n";
        assert!(report.contains(size), "{report}");
    }

    #[test]
    fn an_aim_that_is_met_needs_no_explanation() {
        let report = report(20.0, 10.0);
        let row = "| no-op build | 0.050, at most 0.08: met | 0.10, at most 0.15: met |  |\n";
        assert!(report.contains(row) && !report.contains("missed"), "{report}");
    }

    #[test]
    fn an_aim_that_is_missed_is_explained() {
        let measured = |profile: Option<&str>| {
            let round = Round { usual: Some(20.0), strong: Some(2.0), ours: 1.0 };
            let measured = MeasuredCase::new(TIMINGS[0].case, &[round]).unwrap();
            MeasuredCase { profile: profile.map(str::to_owned), ..measured }
        };
        let part = |cases| ReportPart { heading: SMALL, facts: Vec::new(), cases }.to_string();
        let report = part(vec![measured(None)]);
        let row = "| no-op build | 0.050, at most 0.08: met | 0.50, at most 0.15: **missed** |  |\n";
        assert!(report.contains(row), "{report}");
        assert!(report.contains("\n**no-op build** missed an aim. It consists of: questions"), "{report}");
        let with_profile = part(vec![measured(Some("built in 1.0 s"))]);
        assert_eq!(with_profile, report + "Our last round:\n\n```text\nbuilt in 1.0 s\n```\n");
    }
}
