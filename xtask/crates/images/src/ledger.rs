//! What was built, when, why, and what it cost: `target/xtask/builds.jsonl`, a line for each build, the newest last.

use anyhow::Result;
use serde::{Deserialize, Serialize};

use process::files::{self, NewFile};
use project::Context;

/// One build of images.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BuildEntry {
    /// When it ended: RFC 3339.
    pub time: String,
    /// The targets that were built.
    pub targets: Vec<String>,
    /// Why, a line each; empty where it was asked for without a look at what there was.
    pub reasons: Vec<String>,
    pub seconds: f64,
    /// How many steps the Dockerfile had for these targets; 0 where the builder did not say.
    pub steps: usize,
    /// The steps that did not come from the cache.
    pub done: Vec<DoneStep>,
    /// The size of each image, in the order of the targets.
    pub sizes: Vec<String>,
    /// Why it failed.
    pub failure: Option<String>,
}

/// A step that was not in the builder's cache.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DoneStep {
    /// Its stage of the Dockerfile.
    pub stage: String,
    pub seconds: f64,
}

/// How many builds are kept.
const LIMIT: usize = 200;

/// The stages whose steps depend on one input, by the beginning of their names. The first that fits decides.
const INPUTS: [(&str, &str); 12] = [
    ("apt-build", "dependencies/apt-build.txt"),
    ("apt-runtime", "dependencies/apt-runtime.txt"),
    ("apt-dev", "dependencies/apt-dev.txt, or what comes before it"),
    ("layer-", "the packages of this layer"),
    ("layers-", "the packages of a layer below"),
    ("packages-", "packages that are built from source"),
    ("built", "packages that are built from source"),
    ("prefix-", "Python, or the solver"),
    ("solver", "environment.yml: without a lock, packages are looked for"),
    ("project", "pyproject.toml, or a file that it names"),
    ("top", "the scripts in containers, or the project's metadata"),
    ("activator", "conda's activation scripts"),
];

impl DoneStep {
    /// What such a step is made of, and so what has changed; `None` where that is not one thing.
    pub fn input(&self) -> Option<&'static str> {
        INPUTS.iter().find(|it| self.stage.starts_with(it.0)).map(|it| it.1)
    }
}

impl BuildEntry {
    /// How many steps came from the cache.
    pub fn cached(&self) -> usize {
        self.steps.saturating_sub(self.done.len())
    }
}

/// The builds that are known, the oldest first. Lines of another form, as of another version, are left out.
pub fn builds(cx: &Context) -> Result<Vec<BuildEntry>> {
    let text = files::read_text_if_any(&cx.layout.builds())?.unwrap_or_default();
    Ok(text.lines().filter_map(|it| serde_json::from_str(it).ok()).collect())
}

/// Adds a build. The caller holds the repository's lock.
pub(crate) fn record(cx: &Context, entry: &BuildEntry) -> Result<()> {
    let mut entries = builds(cx)?;
    entries.push(entry.clone());
    let kept = entries.iter().skip(entries.len().saturating_sub(LIMIT));
    let lines = kept.map(|it| Ok(serde_json::to_string(it)? + "\n")).collect::<Result<String>>()?;
    cx.files.write(&cx.layout.builds(), &NewFile::text(lines))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_names_the_input_that_it_is_made_of() {
        let input = |stage: &str| DoneStep { stage: stage.to_owned(), seconds: 0.0 }.input();
        assert_eq!(input("apt-runtime"), Some("dependencies/apt-runtime.txt"));
        assert_eq!(input("layer-5"), Some("the packages of this layer"));
        assert_eq!(input("layers-5"), Some("the packages of a layer below"));
        assert_eq!(input("runtime"), None);
    }
}
