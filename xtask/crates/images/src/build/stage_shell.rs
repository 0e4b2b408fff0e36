//! A shell in a stage of the Dockerfile, just before one of its steps.

use anyhow::{Result, bail};

use docker::{BuilderOptions, CachePolicy, StepPosition};
use installation::{StageBeforeStep, StepNumber, before_step};
use process::{Exit, Invocation, files::NewFile};
use report::nearest;

use super::{
    BuildPlan,
    session::{FailedStep, ImageToBuild, Session},
};

/// What the stage is called that is built for it.
const STAGE: &str = "xtask-shell";

/// Starts bash if the stage has it, else what every image has.
const START_SHELL: &str = "command -v bash >/dev/null 2>&1 && exec bash; exec sh";

/// Where steps find secrets.
const SECRETS: &str = "/run/secrets";

impl BuildPlan<'_> {
    /// Builds a stage, or as much of it as can be built, and opens a shell there as root: after its last step, before the step that
    /// fails, or before the one that is named. There, it has the files that the step would see, the same network and the same
    /// certificate authorities. Nothing of it stays.
    pub fn shell_in_stage(&self, stage: &str, step: Option<StepNumber>) -> Result<Exit> {
        let cx = self.project.cx;
        self.require_buildable()?;
        let image = format!("{}:shell-{}", self.project.settings.image, std::process::id());
        let lock = cx.lock()?;
        let before = match (self.build_stage(stage, step, &image), step) {
            (Ok(before), _) => before,
            (Err(error), Some(_)) => return Err(error),
            (Err(error), None) => {
                let failed = error.downcast_ref::<FailedStep>().and_then(|it| it.position.clone());
                let Some(StepPosition { stage, number, .. }) = failed else { return Err(error) };
                cx.ui.notice(format_args!(
                    "the step {number} of the stage `{stage}` fails; opening a shell just before it"
                ));
                self.build_stage(&stage, number.parse().ok(), &image)?
            }
        };
        drop(lock);
        if let Some(command) = &before.command {
            cx.ui.notice(format_args!("the step that comes next is: {command}"));
        }
        let ended = cx.runner.status(&self.shell(&image));
        cx.runner.clean_up(&Invocation::new("docker").args(["image", "rm", &image]))?;
        Ok(ended?)
    }

    fn build_stage(&self, stage: &str, step: Option<StepNumber>, image: &str) -> Result<StageBeforeStep> {
        match before_step(self.sources.dockerfile_source(), stage, step, STAGE) {
            Ok(before) => self.build_before_step(&before, image).map(|()| before),
            Err(stages) => {
                let near = nearest(stage, stages.iter().map(String::as_str));
                let help = near
                    .map_or_else(|| format!("there are {}", stages.join(", ")), |it| format!("did you mean `{it}`?"));
                bail!("the Dockerfile has no stage `{stage}`; {help}")
            }
        }
    }

    fn build_before_step(&self, before: &StageBeforeStep, image: &str) -> Result<()> {
        let cx = self.project.cx;
        let plan = self.first.solved(self.project, &self.sources, false)?;
        let dockerfile = cx.layout.work().join("Dockerfile.shell");
        cx.files.write(&dockerfile, &NewFile::text(self.sources.dockerfile_text().to_owned() + &before.text))?;
        let image = ImageToBuild {
            stage: STAGE.to_owned(),
            tags: vec![image.to_owned()],
            labels: Vec::new(),
            options: BuilderOptions::of_builder(self.order.builder),
        };
        Session::run(self.project, &plan, &dockerfile, &[image], CachePolicy::default(), None).map(drop)
    }

    fn shell(&self, image: &str) -> Invocation {
        let network = &self.project.network;
        let mount = network.ca_certificates.as_ref().map(|it| format!("{it}:{SECRETS}/ca:ro"));
        let terminal =
            if self.project.cx.ui.is_interactive() { &["--interactive", "--tty"][..] } else { &["--interactive"] };
        Invocation::new("docker")
            .args(["run", "--rm", "--pull=never"])
            .args(terminal.iter().copied())
            .args(["--user", "0:0", "--entrypoint", "/bin/sh"])
            .args(network.proxy_variables.iter().flat_map(|it| ["--env".to_owned(), it.to_string()]))
            .args(mount.into_iter().flat_map(|it| ["--volume".to_owned(), it]))
            .args([image, "-c", START_SHELL])
    }
}
