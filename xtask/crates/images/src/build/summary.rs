//! What was built, as a table at the end.

use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};

use docker::{BuildStep, ImageQuery, ManifestQuery};
use environment::Platform;
use process::Invocation;
use project::Context;

use super::{BuildPlan, PlatformPlan, session::Session};
use crate::{DoneStep, foreign, size::Bytes};

/// How many of the slowest steps are shown.
const SLOWEST: usize = 3;

/// How many characters of a step's name are shown.
const WIDTH: usize = 100;

#[derive(Debug, Default)]
pub(super) struct BuildSummary {
    rows: Vec<SummaryRow>,
    steps: Vec<BuildStep>,
    elapsed: Duration,
}

#[derive(Debug)]
struct SummaryRow {
    target: &'static str,
    platform: Platform,
    location: ImageLocation,
    steps: usize,
    cached: usize,
    seconds: f64,
}

/// Where an image is once it is built.
#[derive(Debug, Clone)]
pub(super) enum ImageLocation {
    /// In the daemon, by this name.
    Daemon(String),
    /// In a registry, by this name.
    Registry(String),
    File(Utf8PathBuf),
}

impl BuildSummary {
    /// Adds the images of a run of the builder: the platforms that each is for, and its stage of the Dockerfile and location.
    pub(super) fn add(
        &mut self,
        (plan, platform_plan): (&BuildPlan, &PlatformPlan),
        session: Session,
        platforms: &[Platform],
        images: impl IntoIterator<Item = (&'static str, ImageLocation)>,
    ) {
        for (target, location) in images {
            let stages = plan.required_stages(target, platform_plan);
            for platform in platforms {
                let name = platform.to_string();
                let is_required = |it: &&BuildStep| {
                    it.position.as_ref().is_some_and(|it| {
                        stages.contains(&it.stage) && it.platform.as_ref().is_none_or(|it| *it == name)
                    })
                };
                let steps: Vec<&BuildStep> = session.steps.iter().filter(is_required).collect();
                self.rows.push(SummaryRow {
                    target,
                    platform: platform.clone(),
                    location: location.clone(),
                    steps: steps.len(),
                    cached: steps.iter().filter(|it| it.is_cached).count(),
                    seconds: steps.iter().map(|it| it.seconds).sum(),
                });
            }
        }
        // In a build for one platform, BuildKit leaves it out.
        let foreign = if let [one] = platforms { foreign(one).map(|_| one.to_string()) } else { None };
        self.steps.extend(session.steps.into_iter().map(|mut step| {
            if let Some(position) = &mut step.position {
                position.platform = position.platform.take().or_else(|| foreign.clone());
            }
            step
        }));
        self.elapsed += session.elapsed;
    }

    /// How many steps of the Dockerfile there were, and those that were not in the cache.
    pub(super) fn steps(&self) -> (usize, Vec<DoneStep>) {
        let of_dockerfile: Vec<&BuildStep> = self.steps.iter().filter(|it| it.position.is_some()).collect();
        let done = of_dockerfile.iter().filter(|it| !it.is_cached).filter_map(|it| {
            let stage = it.position.as_ref()?.stage.clone();
            Some(DoneStep { stage, seconds: it.seconds })
        });
        (of_dockerfile.len(), done.collect())
    }

    /// Gives the sizes that it shows. A dry run has built nothing, and shows nothing.
    pub(super) fn show(&self, cx: &Context) -> Vec<String> {
        if cx.is_dry_run() {
            return Vec::new();
        }
        let mut rows = vec![["TARGET", "PLATFORM", "SIZE", "CACHED", "TIME OF ITS STEPS"].map(str::to_owned)];
        rows.extend(self.rows.iter().map(|it| it.cells(cx)));
        let sizes = rows.iter().skip(1).map(|it| it[2].clone()).collect();
        cx.ui.report_table(&rows);
        let slowest = slowest(&self.steps);
        let colon = if slowest.is_empty() { "" } else { "; the slowest steps:" };
        cx.ui.report(format_args!("built in {:.1} s{colon}", self.elapsed.as_secs_f64()));
        for step in slowest {
            cx.ui.report(step);
        }
        sizes
    }
}

impl SummaryRow {
    fn cells(&self, cx: &Context) -> [String; 5] {
        let size = self.location.size(cx, &self.platform).unwrap_or_else(|| "?".to_owned());
        // A builder may report its steps in another format.
        let (cached, time) = match self.steps {
            0 => ("?".to_owned(), "?".to_owned()),
            steps => (format!("{}/{steps}", self.cached), format!("{:.1} s", self.seconds)),
        };
        [self.target.to_owned(), self.platform.to_string(), size, cached, time]
    }
}

impl ImageLocation {
    /// `None` where nobody says.
    fn size(&self, cx: &Context, platform: &Platform) -> Option<String> {
        let answer = |query: Invocation| Some(cx.runner.read(&query).ok().filter(|it| it.exit.success())?.stdout);
        match self {
            Self::Daemon(image) => {
                let bytes = answer(ImageQuery { image }.size())?.trim().parse().ok()?;
                Some(Bytes(bytes).to_string())
            }
            Self::Registry(image) => {
                let query = ManifestQuery { image };
                let manifest = answer(query.invocation())?;
                let of_platform = ManifestQuery::platform(&manifest, platform);
                let manifest = match of_platform {
                    Some(digest) => answer(ManifestQuery { image: &query.with_digest(&digest) }.invocation())?,
                    None => manifest,
                };
                Some(format!("{} compressed", Bytes(ManifestQuery::size(&manifest)?)))
            }
            Self::File(file) => size_of(file),
        }
    }
}

fn size_of(file: &Utf8Path) -> Option<String> {
    Some(format!("{} file", Bytes(file.metadata().ok()?.len())))
}

/// The slowest steps as lines, the slowest first. Those under a tenth of a second are left out.
fn slowest(steps: &[BuildStep]) -> Vec<String> {
    let mut steps: Vec<&BuildStep> = steps.iter().filter(|it| !it.is_cached && it.seconds >= 0.1).collect();
    steps.sort_by(|one, other| other.seconds.total_cmp(&one.seconds));
    steps.into_iter().take(SLOWEST).map(step_line).collect()
}

/// How long a step has taken, and which one it is.
pub(super) fn step_line(step: &BuildStep) -> String {
    let name = step.to_string();
    let shown: String = name.chars().take(WIDTH).collect();
    let more = if shown.len() < name.len() { "…" } else { "" };
    format!("  {:>6.1} s  {shown}{more}", step.seconds)
}
