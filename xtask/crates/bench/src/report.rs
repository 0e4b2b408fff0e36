//! The report `benchmarks/results.md`.

use std::fmt;

use images::size::Bytes;

use super::{
    samples::Samples,
    size,
    timing::{Aim, MeasuredTimes, Timing},
};

/// Everything that was measured; displayed as Markdown.
#[derive(Debug, Clone)]
pub struct BenchReport {
    /// Facts about the machine with their names.
    pub machine: Vec<(&'static str, String)>,
    /// How often each timing was repeated, without the warm-up.
    pub pairs: usize,
    pub rows: Vec<ReportRow>,
    pub sizes: Option<size::MeasuredImages>,
}

#[derive(Debug, Clone)]
pub struct ReportRow {
    pub timing: Timing,
    pub measured: MeasuredTimes,
}

/// A row of the table of aims.
struct AimResult {
    what: String,
    limit: String,
    got: String,
    is_met: bool,
    components: &'static str,
}

const HEADER: &str = "\
# Results

Written by `cargo xtask bench`; do not edit. The control (`control/` beside this file) is the usual layout: one environment made
by pip in one step, a personal user baked in, the project installed at every start, compose for everything. It has the same
packages at the same versions and the same base image. Both run in turn, control, ours, control, ours, …, after a warm-up of each
that does not count; preparations are not timed. A time is that of the whole process. A ratio is that of a pair, ours / control,
so that other work on the machine slows down both. Each figure is the median, with the smallest and the largest in brackets.
";

impl fmt::Display for BenchReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{HEADER}")?;
        for (name, fact) in &self.machine {
            writeln!(f, "* {name}: {fact}")?;
        }
        writeln!(f, "* Pairs: {}", self.pairs)?;
        writeln!(f, "\n## Times\n\n| what | control | its time | ours | ratio |\n|---|---|---|---|---|")?;
        for ReportRow { timing, measured } in &self.rows {
            let (times, ratio) = match &measured.control {
                Some((times, ratios)) => (spread(times, seconds), spread(ratios, ratio)),
                None => (String::new(), String::new()),
            };
            let (name, control_name, ours) = (timing.name, timing.control_name, spread(&measured.ours, seconds));
            writeln!(f, "| {name} | {control_name} | {times} | {ours} | {ratio} |")?;
        }
        if let Some(size::MeasuredImages { control, ours, .. }) = &self.sizes {
            writeln!(f, "\n## Sizes\n\n| what | control | ours |\n|---|---|---|")?;
            writeln!(f, "| runtime image | {} | {} |", control.runtime, ours.runtime)?;
            writeln!(f, "| dev image | {} | {} |", control.dev, ours.dev)?;
            let pushed = "what 1 more pip package (35 kB) pushes, compressed";
            writeln!(f, "| {pushed} | {} | {} |", control.pushed, ours.pushed)?;
        }
        writeln!(f, "\n## Aims\n\n| what | aim | measured | |\n|---|---|---|---|")?;
        let aim_results = self.aim_results();
        for AimResult { what, limit, got, is_met, .. } in &aim_results {
            writeln!(f, "| {what} | at most {limit} | {got} | {} |", if *is_met { "met" } else { "**missed**" })?;
        }
        for AimResult { what, components, .. } in aim_results.iter().filter(|it| !it.is_met) {
            writeln!(f, "\n**{what}** missed its aim. It consists of: {components}.")?;
        }
        Ok(())
    }
}

impl BenchReport {
    fn aim_results(&self) -> Vec<AimResult> {
        let times = self.rows.iter().filter_map(|ReportRow { timing, measured }| {
            let (limit, got, is_met) = match (timing.aim?, &measured.control) {
                (Aim::Ratio(limit), Some((_, ratios))) => {
                    let what = format!("{limit} of {}", timing.control_name);
                    (what, ratio(ratios.median()), ratios.median() <= limit)
                }
                (Aim::Seconds(limit), _) => {
                    let got = measured.ours.median();
                    (seconds(limit), seconds(got), got <= limit)
                }
                (Aim::More(limit), Some((times, _))) => {
                    let got = measured.ours.median() - times.median();
                    (format!("{} more than {}", seconds(limit), timing.control_name), seconds(got), got <= limit)
                }
                (Aim::Ratio(_) | Aim::More(_), None) => return None,
            };
            Some(AimResult { what: timing.name.to_owned(), limit, got, is_met, components: timing.components })
        });
        let size = |what: &str, limit: Bytes, got: Bytes, components| AimResult {
            what: what.to_owned(),
            limit: limit.to_string(),
            got: got.to_string(),
            is_met: got.0 <= limit.0,
            components,
        };
        let sizes = self.sizes.as_ref().map(|it| {
            [
                size(
                    "runtime image: base image, system packages, environment and 2 %",
                    it.runtime_limit(),
                    it.ours.runtime,
                    "the layers that `cargo xtask size` lists",
                ),
                size(
                    "1 more pip package pushes: twice its wheel and 1 MB",
                    size::MeasuredImages::push_limit(),
                    it.ours.pushed,
                    "the layers above the environment's",
                ),
            ]
        });
        times.chain(sizes.into_iter().flatten()).collect()
    }
}

/// `median (smallest–largest)`
fn spread(samples: &Samples, show: fn(f64) -> String) -> String {
    let (min, max) = (show(samples.min()), show(samples.max()));
    format!("{} ({min}–{max})", show(samples.median()))
}

fn seconds(figure: f64) -> String {
    match figure {
        it if it < 1.0 => format!("{:.0} ms", it * 1000.0),
        it if it < 100.0 => format!("{it:.2} s"),
        it => format!("{it:.0} s"),
    }
}

fn ratio(figure: f64) -> String {
    format!("{figure:.2}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::TIMINGS;
    use crate::size::Sizes;

    fn report(control: f64, pushed: u64) -> String {
        let sizes = |pushed| Sizes { runtime: Bytes(1000), dev: Bytes(2000), pushed: Bytes(pushed) };
        let samples = |it: f64| Samples::new(vec![it]).unwrap();
        let measured = MeasuredTimes { control: Some((samples(control), samples(1.0 / control))), ours: samples(1.0) };
        BenchReport {
            machine: vec![("Date", String::from("2026-11-25"))],
            pairs: 1,
            rows: vec![ReportRow { timing: TIMINGS[0], measured }],
            sizes: Some(size::MeasuredImages { control: sizes(9_000_000), ours: sizes(pushed), needed: Bytes(990) }),
        }
        .to_string()
    }

    #[test]
    fn an_aim_that_is_met_needs_no_explanation() {
        let report = report(10.0, 5000);
        let row = "| no-op build | docker compose build | 10.00 s (10.00 s–10.00 s) | 1.00 s (1.00 s–1.00 s) \
                   | 0.10 (0.10–0.10) |\n";
        assert!(report.contains("* Date: 2026-11-25\n* Pairs: 1\n") && report.contains(row), "{report}");
        assert!(report.contains("| no-op build | at most 0.15 of docker compose build | 0.10 | met |\n"), "{report}");
        assert!(report.contains(" pushes, compressed | 9.0 MB | 5.0 kB |\n"), "{report}");
        assert!(!report.contains("missed"), "{report}");
    }

    #[test]
    fn an_aim_that_is_missed_is_explained() {
        let report = report(2.0, 2_000_000);
        assert!(report.contains("| 0.50 | **missed** |\n") && report.contains("| 2.0 MB | **missed** |\n"), "{report}");
        assert!(report.contains("\n**no-op build** missed its aim. It consists of: questions"), "{report}");
    }
}
