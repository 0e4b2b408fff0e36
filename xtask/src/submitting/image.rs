//! The image of a job, as Docker describes it.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use docker::ImageQuery;
use images::{BuildPlan, Target};
use inputs::Project;
use jobs::{ImageSource, ReceiptImage};

use super::prepare::Prepared;
use crate::running::{self, RunEnvironment};

/// The runtime image of this machine.
#[derive(Debug)]
pub struct DescribedImage {
    pub receipt: ReceiptImage,
    variables: BTreeMap<String, String>,
}

impl DescribedImage {
    /// The image of the present inputs, which is built where it is missing.
    pub fn built(project: &Project) -> Result<Self> {
        let RunEnvironment::Image(_, name) = running::ensure_built(project, Target::Runtime, None)? else {
            bail!(
                "the site has containers, so Docker is needed where jobs are submitted; a site of Slurm with \
                 `containers = \"none\"` does without"
            );
        };
        Self::found(project, &name)?.context("Docker does not describe the image")
    }

    /// The image of the present inputs for a dry run, which builds nothing: none where it is missing.
    pub fn as_is(project: &Project) -> Result<Option<Self>> {
        Self::found(project, &BuildPlan::to_use(project, &[Target::Runtime], &[])?.image(Target::Runtime))
    }

    fn found(project: &Project, name: &str) -> Result<Option<Self>> {
        let Ok(inspected) = project.cx.runner.read(&ImageQuery { image: name }.description()) else { return Ok(None) };
        let Ok(description) = serde_json::from_str::<Value>(&inspected.stdout) else { return Ok(None) };
        let id = description["Id"].as_str().context("Docker does not tell the image's id")?.to_owned();
        let plan = BuildPlan::to_use(project, &[Target::Runtime], &[])?;
        let texts = |it: &Value| -> Vec<String> {
            it.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
        };
        let variables = texts(&description["Config"]["Env"])
            .into_iter()
            .filter_map(|it| it.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned())));
        let receipt = ReceiptImage {
            name: name.to_owned(),
            id,
            digest: description["RepoDigests"][0].as_str().map(str::to_owned),
            platform: environment::Platform::of_containers().to_string(),
            base: project.settings.base_image.to_string(),
            inputs: plan.first.inputs(Target::Runtime).hash().to_owned(),
            layers: texts(&description["RootFS"]["Layers"]),
        };
        Ok(Some(Self { receipt, variables: variables.collect() }))
    }

    /// By the digest that a registry gave it.
    pub fn in_registry(&self) -> Result<ImageSource> {
        self.receipt
            .digest
            .clone()
            .map(ImageSource::Registry)
            .context("the site's nodes pull images by digest, and this one was never pushed: `cargo xtask push` first")
    }

    pub fn into_prepared(self, source: ImageSource, prepared: Prepared) -> Prepared {
        Prepared {
            image: Some(source),
            image_inputs: Some(self.receipt.inputs.clone()),
            image_variables: self.variables,
            receipt_image: Some(self.receipt),
            ..prepared
        }
    }
}
