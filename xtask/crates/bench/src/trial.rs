//! The copies of the repository that the benchmarks work on, with images and containers of their own.

use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result, ensure};
use camino::{Utf8Path, Utf8PathBuf};

use docker::labels;
use environment::Solver;
use inputs::Project;
use process::{Invocation, files};
use project::{AptStage, Context};

use super::timing::{Preparation, prepare, query};

/// The personal user in the control's image.
const CONTROL_USER: [(&str, &str); 3] = [("USR", "ada"), ("USRID", "1000"), ("GRPID", "1000")];

/// Three copies of the repository with the same packages and base image: `ours`, `native` (without Docker) and `control`. They
/// are removed at the end, with their images and containers.
#[derive(Debug)]
pub struct Trial<'a> {
    cx: &'a Context,
    /// The name of this repository, which is part of every other name, so that two benchmarks do not collide.
    project: String,
    base_image: String,
    /// `environment.yml` as it is in the repository.
    pub environment_yml: String,
    /// `environment.yml`, frozen.
    frozen: String,
    /// The control's requirements.txt: every Python package with its exact version.
    requirements: String,
    apt: Vec<(AptStage, String)>,
}

/// What is added to the dependency files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddedPackage<'a> {
    Nothing,
    Python(&'a str),
    System(AptStage, &'a str),
}

impl<'a> Trial<'a> {
    /// Copies the repository, builds the images of both sides, and freezes ours, so that the control gets the same versions.
    pub fn prepare(project: &'a Project) -> Result<Self> {
        ensure!(
            project.plan.solver == Solver::Uv,
            "`bench` compares uv with pip: it needs an environment without conda"
        );
        let read = |stage| files::read_text(&project.cx.layout.apt_list(stage)).map(|text| (stage, text));
        let mut trial = Self {
            cx: project.cx,
            project: project.settings.compose_project.clone(),
            base_image: project.settings.base_image.to_string(),
            environment_yml: project.environment.text().to_owned(),
            frozen: project.environment.text().to_owned(),
            requirements: project.plan.requirements.clone(),
            apt: AptStage::ALL.into_iter().map(read).collect::<Result<_>>()?,
        };
        trial.remove();
        // A dry run does not need git either.
        if !project.cx.is_dry_run() {
            trial.copy(project)?;
        }
        trial.build_and_freeze()?;
        Ok(trial)
    }

    fn copy(&self, project: &Project) -> Result<()> {
        let (cx, from) = (self.cx, self.cx.layout.root());
        let list_files = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
        let listed = query(cx, &Invocation::new("git").args(["-C", from.as_str()]).args(list_files))?.stdout;
        for copy in ["ours", "native"] {
            // A file that was deleted and not yet committed is listed too.
            for file in listed.split_terminator('\0').filter(|it| from.join(it).is_file()) {
                copy_file(cx, &from.join(file), &self.path(copy).join(file))?;
            }
            cx.files.remove_dir(&self.path(copy).join("dependencies/lock"))?;
        }
        // apt's caches are locked while a step uses them, so with shared ones a build would wait for other builds.
        let dockerfile = self.path("ours").join(cx.layout.relative(&cx.layout.dockerfile()));
        let text = files::read_text(&cx.layout.dockerfile())?.replace("id=apt-", "id=bench-apt-");
        prepare(cx, &[Preparation::Write(dockerfile, text)])?;
        for file in ["Dockerfile", "compose.yaml", "entrypoint.sh"] {
            copy_file(cx, &from.join("benchmarks/control").join(file), &self.path("control").join(file))?;
        }
        // A copy, because a build during the benchmark would replace the program that is measured.
        let program = Utf8PathBuf::try_from(std::env::current_exe().context("cannot find the path of this program")?)?;
        copy_file(cx, &program, &self.path("xtask"))?;
        let ca = project.network.ca_certificates.as_deref().map_or(Ok(String::new()), files::read_text)?;
        prepare(cx, &[Preparation::Write(self.path("control/ca.crt"), ca)])
    }

    fn build_and_freeze(&mut self) -> Result<()> {
        let cx = self.cx;
        cx.ui.notice("building the images of both sides, and freezing ours");
        let mut steps = self.build_base(0);
        steps.extend(self.write_dependencies(AddedPackage::Nothing));
        steps.extend([Preparation::Start(self.ours(&["build", "all"])), Preparation::Start(self.ours(&["freeze"]))]);
        prepare(cx, &steps)?;
        // A dry run has built and frozen nothing.
        if !cx.is_dry_run() {
            self.frozen = files::read_text(&self.path("ours/dependencies/environment.yml"))?;
            self.requirements = requirements(&query(cx, &self.ours(&["list", "--pip", "--json"]))?.stdout);
        }
        prepare(cx, &self.build_all(AddedPackage::Nothing))
    }

    /// A path below the trial's directory.
    pub fn path(&self, relative: &str) -> Utf8PathBuf {
        self.cx.layout.bench_files().join(relative)
    }

    /// The name of an image of one side.
    pub fn image(&self, whose: &str, tag: &str) -> String {
        format!("xtask-bench/{}/{whose}:{tag}", self.project)
    }

    /// Builds a base image that no build has started from yet, so that the cache of layers is cold and those of packages warm.
    pub fn build_base(&self, number: usize) -> Vec<Preparation> {
        let dockerfile = "ARG BASE_IMAGE\nFROM ${BASE_IMAGE}\nARG TRIAL\nRUN echo \"${TRIAL}\" >/etc/xtask-bench\n";
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |it| it.as_millis());
        let directory = self.path("base");
        let build = Invocation::new("docker")
            .args(["buildx", "build", "--load", "--build-arg", &format!("BASE_IMAGE={}", self.base_image)])
            .args(["--build-arg", &format!("TRIAL={now}"), "--label", &self.label()])
            .args(["--tag", &self.image("base", &number.to_string()), directory.as_str()]);
        vec![Preparation::Write(directory.join("Dockerfile"), dockerfile.to_owned()), Preparation::Start(build)]
    }

    /// Writes the dependency files of both sides.
    pub fn write_dependencies(&self, added: AddedPackage) -> Vec<Preparation> {
        let (mut environment, mut requirements) = (self.frozen.clone(), self.requirements.clone());
        if let AddedPackage::Python(package) = added {
            environment = with_item(&environment, package);
            requirements += &format!("{package}\n");
        }
        let ours = self.path("ours/dependencies");
        let control = self.path("control/dependencies");
        let mut steps = vec![
            Preparation::Write(ours.join("environment.yml"), environment),
            Preparation::Write(control.join("requirements.txt"), requirements),
        ];
        for (stage, list) in &self.apt {
            let text = match added {
                AddedPackage::System(of, package) if of == *stage => format!("{}\n{package}\n", list.trim_end()),
                _ => list.clone(),
            };
            let files = [&ours, &control].map(|it| it.join(stage.file_name()));
            steps.extend(files.map(|it| Preparation::Write(it, text.clone())));
        }
        steps
    }

    /// Builds all images of both sides.
    pub fn build_all(&self, added: AddedPackage) -> Vec<Preparation> {
        let mut steps = self.write_dependencies(added);
        steps.push(Preparation::Start(self.compose(&["build", "runtime", "dev"])));
        steps.push(Preparation::Start(self.ours(&["build", "all"])));
        steps
    }

    /// `xtask …` in our copy.
    pub fn ours(&self, arguments: &[&str]) -> Invocation {
        let invocation = self.on_base(Invocation::new(self.path("xtask")), 0, "ours");
        self.without_settings(invocation)
            .args(arguments.iter().copied())
            .env("ENGINE", "docker")
            .current_dir(self.path("ours"))
    }

    /// `xtask …` in the copy for the native engine.
    pub fn native(&self, arguments: &[&str]) -> Invocation {
        let invocation = self.without_settings(Invocation::new(self.path("xtask")));
        invocation.args(arguments.iter().copied()).env("ENGINE", "native").current_dir(self.path("native"))
    }

    /// `cargo …` in our copy, with or without [`with_processor_time`](super::timing::with_processor_time).
    pub fn cargo(&self, invocation: Invocation) -> Invocation {
        let target = self.path("target");
        self.without_settings(invocation).env("CARGO_TARGET_DIR", target.as_str()).current_dir(self.path("ours"))
    }

    /// `docker compose …` for the control.
    pub fn compose(&self, arguments: &[&str]) -> Invocation {
        let invocation = Invocation::new("docker").arg("compose").args(arguments.iter().copied());
        let invocation = CONTROL_USER.into_iter().fold(invocation, |it, (name, value)| it.env(name, value));
        let project = self.path("ours/python-project");
        self.on_base(invocation, 0, "control")
            .env("LOCAL_PROJECT_DIR", project.as_str())
            .without_env("COMPOSE_FILE")
            .current_dir(self.path("control"))
    }

    /// The same invocation with the base image of this number.
    pub fn on_base(&self, invocation: Invocation, number: usize, whose: &str) -> Invocation {
        let image = self.image(whose, "");
        invocation
            .env("BASE_IMAGE", self.image("base", &number.to_string()))
            .env("IMAGE_NAME", image.trim_end_matches(':'))
            .env("COMPOSE_PROJECT_NAME", format!("bench-{whose}-{}", self.project))
    }

    /// Without the user's settings, and without what cargo has set for this program.
    fn without_settings(&self, invocation: Invocation) -> Invocation {
        let settings = ["REGISTRY_HOSTNAME", "SOLVER", "CPU_OR_GPU", "COMPOSE_FILE", "VIRTUAL_ENV", "CARGO_TARGET_DIR"];
        let local = ["LOCAL_PROJECT_DIR", "LOCAL_DATA_DIR", "LOCAL_OUTPUTS_DIR", "LOCAL_WANDB_DIR"];
        let names = settings.into_iter().chain(local).filter(|it| self.cx.host.has(it));
        names.fold(self.cx.host.without_cargo(invocation), Invocation::without_env)
    }

    fn label(&self) -> String {
        format!("{}={}", labels::BENCH, self.project)
    }

    /// Removes everything that this trial has made, or one before it that was killed. Errors of Docker are ignored, because
    /// there may be nothing to remove.
    fn remove(&self) {
        let cx = self.cx;
        // What there is to remove is asked for in the same way, which a dry run would only print.
        if cx.is_dry_run() {
            return;
        }
        let docker = |arguments: &[&str]| {
            let output = cx.runner.clean_up(&Invocation::new("docker").args(arguments.iter().copied()));
            output.map(|it| it.stdout).unwrap_or_default()
        };
        let filter = format!("label={}", self.label());
        for (list, remove) in [
            (&["ps", "--all", "--quiet", "--filter", &filter][..], &["rm", "--force", "--volumes"][..]),
            (&["images", "--quiet", "--no-trunc", "--filter", &filter], &["image", "rm", "--force"]),
        ] {
            let ids = docker(list);
            if !ids.is_empty() {
                docker(&[remove, &ids.lines().collect::<Vec<_>>()].concat());
            }
        }
        if let Err(error) = cx.files.remove_dir(&self.path("")) {
            cx.ui.error(&error);
        }
    }
}

impl Drop for Trial<'_> {
    fn drop(&mut self) {
        self.remove();
    }
}

/// Every Python package from an index with its exact version, from the lines of `list --json`.
fn requirements(list: &str) -> String {
    let packages = list.lines().filter_map(|line| {
        let row: serde_json::Value = serde_json::from_str(line).ok()?;
        let is_from_index = row["source"].as_str() == Some("");
        is_from_index.then(|| Some(format!("{}=={}\n", row["name"].as_str()?, row["version"].as_str()?)))?
    });
    packages.collect()
}

/// Adds an item to the last list of a YAML text, with the indentation of the item before it.
fn with_item(text: &str, item: &str) -> String {
    let last = text.lines().rfind(|it| it.trim_start().starts_with("- ")).unwrap_or_default();
    let depth = last.len() - last.trim_start().len();
    format!("{}\n{:depth$}- {item}\n", text.trim_end(), "")
}

fn copy_file(cx: &Context, from: &Utf8Path, to: &Utf8Path) -> Result<()> {
    to.parent().map_or(Ok(()), |it| cx.files.create_dir(it))?;
    cx.files.copy(from, to)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_package_is_below_the_last_one() {
        let text = "dependencies:\n  - python\n  - pip:\n      - numpy\n      # why\n\n";
        let expected = "dependencies:\n  - python\n  - pip:\n      - numpy\n      # why\n      - tabulate\n";
        assert_eq!(with_item(text, "tabulate"), expected);
    }

    #[test]
    fn the_control_gets_the_packages_of_the_index_and_not_the_project() {
        let list = "{\"name\":\"numpy\",\"version\":\"2.3\",\"source\":\"\"}\n\
                    {\"name\":\"ours\",\"version\":\"1\",\"source\":\"file:///opt/project\"}\n";
        assert_eq!(requirements(list), "numpy==2.3\n");
    }
}
