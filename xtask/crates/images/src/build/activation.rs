//! What activating conda's environment sets, as variables of the images: a process that is started past the entrypoint, as
//! `docker exec` does, has them too.

use anyhow::Result;
use camino::{Utf8Path, Utf8PathBuf};

use docker::{BuilderOptions, CacheAddresses};
use environment::{ContextFile, Solver, sha256};
use inputs::Project;
use process::files::{self, FileTree, NewFile};
use project::Context;

use super::{
    PlatformPlan,
    session::{ImageToBuild, Session},
};

/// The stage of the Dockerfile that has them as a file, and that file: each as `NAME=value` before a null character.
const STAGE: &str = "activation";
const FILE: &str = "variables";

/// The files of the build context that decide what they are.
const DECIDING: [&str; 3] = [ContextFile::Conda.name(), "run/activate.sh", "scripts/activation.sh"];

/// Variables by name, in the order in which an image gets them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Activation(Vec<(String, String)>);

impl Activation {
    /// Has the packages' scripts run in a stage, by a run of the builder. The answer is remembered while conda's packages, the
    /// Dockerfile, its scripts and the base image are the same. Only conda's packages have such scripts, and a dry run starts none.
    pub(super) fn read(
        project: &Project,
        plan: &PlatformPlan,
        dockerfile: &str,
        options: BuilderOptions,
    ) -> Result<(Self, Option<Session>)> {
        let cx = project.cx;
        if plan.recipe.plan.solver == Solver::Uv {
            return Ok((Self::default(), None));
        }
        let files = DECIDING.iter().filter_map(|it| plan.tree.get(Utf8Path::new(it)));
        let digests: String = files.map(|it| sha256(&it.contents) + "\n").collect();
        let key = sha256(format!("{}\n{digests}{dockerfile}", project.settings.base_image));
        let folder = Utf8Path::new(STAGE).join(plan.platform.folder());
        if let Some(text) = files::read_text_if_any(&cx.scratch.path(folder.join(&key)))? {
            return Ok((Self::parse(&text), None));
        }
        if cx.is_dry_run() {
            return Ok((Self::default(), None));
        }
        let answer = cx.layout.work().join("activation-answer");
        cx.files.remove_dir(&answer)?;
        let caches = CacheAddresses { from: options.caches.from, to: Vec::new() };
        let session = Session::write_files(project, plan, STAGE, &answer, &BuilderOptions { caches, ..options })?;
        let text = files::read_text(&answer.join(FILE))?;
        cx.scratch.write_tree(&folder, &FileTree::from([(key.into(), NewFile::text(&text))]))?;
        Ok((Self::parse(&text), Some(session)))
    }

    /// A Dockerfile has no words for line breaks in a value.
    fn parse(text: &str) -> Self {
        let is_name = |it: &str| !it.is_empty() && it.chars().all(|it| it.is_ascii_alphanumeric() || it == '_');
        let pairs = text.split('\0').filter_map(|it| it.split_once('='));
        let pairs = pairs.filter(|(name, value)| is_name(name) && !value.contains(['\n', '\r']));
        Self(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
    }

    /// The Dockerfile that images are built from: the repository's own or, where there are variables, that with a stage for each
    /// image on top, which is built in its place.
    pub(super) fn add_to(&self, cx: &Context, dockerfile: &str, images: &mut [ImageToBuild]) -> Result<Utf8PathBuf> {
        if self.0.is_empty() {
            return Ok(cx.layout.dockerfile());
        }
        let mut text = dockerfile.to_owned();
        for image in images {
            let stage = format!("{}-activated", image.stage);
            text += &format!("\nFROM {} AS {stage}\n{}", image.stage, self.instructions());
            image.stage = stage;
        }
        let path = cx.layout.work().join("Dockerfile");
        cx.files.write(&path, &NewFile::text(text))?;
        Ok(path)
    }

    fn instructions(&self) -> String {
        self.0.iter().map(|(name, value)| format!("ENV {name}=\"{}\"\n", escaped(value))).collect()
    }
}

/// Text between double quotes in a Dockerfile.
///
/// <https://docs.docker.com/reference/dockerfile/>, "ENV" and "Environment replacement"
fn escaped(value: &str) -> String {
    value.chars().flat_map(|it| if matches!(it, '"' | '\\' | '$') { vec!['\\', it] } else { vec![it] }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_written_so_that_docker_reads_it_as_it_is() {
        let activation =
            Activation::parse("GDAL_DATA=/opt/env/share\0FLAGS=-D'x' \"$HOME\\n\" =\0A=\0two=a\nb\0b()=x\0");
        let expected = "ENV GDAL_DATA=\"/opt/env/share\"\nENV FLAGS=\"-D'x' \\\"\\$HOME\\\\n\\\" =\"\nENV A=\"\"\n";
        assert_eq!(activation.instructions(), expected);
    }
}
