//! The copies of the repository that the benchmarks work on, with images and containers of their own.

use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result, ensure};
use camino::{Utf8Path, Utf8PathBuf};

use docker::labels;
use environment::{Platform, Solver, lock::Lock};
use inputs::Project;
use process::{Invocation, files};
use project::{AptStage, Context};

use super::{
    catalogue::PYTHON_PACKAGES,
    dependencies::{AddedPackages, DependencyFiles, requirements},
    side::Side,
    timing::{Preparation, prepare, query},
};

/// The personal user in the control's image.
const CONTROL_USER: [(&str, &str); 3] = [("USR", "ada"), ("USRID", "1000"), ("GRPID", "1000")];

/// What a build takes from the environment to reach the network.
const PROXY_ARGUMENTS: [&str; 6] = ["HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy"];

/// The directories of all sides, with the same packages and base image: two copies of the repository, `ours` and `native`
/// (without Docker), and the two controls. They are removed at the end, with their images and containers.
#[derive(Debug)]
pub struct Trial<'a> {
    cx: &'a Context,
    /// The name of this repository, which is part of every other name, so that two benchmarks do not collide.
    project: String,
    base_image: String,
    pub dependencies: DependencyFiles,
}

impl<'a> Trial<'a> {
    /// Copies the repository, builds the images of all sides, and freezes ours, so that the controls get the same versions.
    pub fn prepare(project: &'a Project) -> Result<Self> {
        ensure!(
            project.plan.solver == Solver::Uv,
            "`bench` compares with pip and uv: it needs an environment without conda"
        );
        let read = |stage| files::read_text(&project.cx.layout.apt_list(stage)).map(|text| (stage, text));
        let mut trial = Self {
            cx: project.cx,
            project: project.settings.compose_project.clone(),
            base_image: project.settings.base_image.to_string(),
            dependencies: DependencyFiles {
                asked: project.environment.text().to_owned(),
                frozen: project.environment.text().to_owned(),
                lock: Vec::new(),
                requirements: project.plan.requirements.clone(),
                locked_requirements: project.plan.requirements.clone(),
                apt: AptStage::ALL.into_iter().map(read).collect::<Result<_>>()?,
            },
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
        // A file that was deleted and not yet committed is listed too.
        for file in listed.split_terminator('\0').filter(|it| from.join(it).is_file()) {
            let of_strong = file.starts_with("python-project/").then_some(Side::Strong.word());
            for copy in [Side::Ours.word(), "native"].into_iter().chain(of_strong) {
                copy_file(cx, &from.join(file), &self.path(copy).join(file))?;
            }
        }
        for copy in [Side::Ours.word(), "native"] {
            cx.files.remove_dir(&self.path(copy).join("dependencies/lock"))?;
        }
        self.copy_controls()?;
        // apt's caches are locked while a step uses them, so with shared ones a build would wait for other builds.
        let dockerfile = self.path("ours").join(cx.layout.relative(&cx.layout.dockerfile()));
        let text = files::read_text(&cx.layout.dockerfile())?.replace("id=apt-", "id=bench-apt-");
        // A copy, because a build during the benchmark would replace the program that is measured.
        let program = Utf8PathBuf::try_from(std::env::current_exe().context("cannot find the path of this program")?)?;
        copy_file(cx, &program, &self.path("xtask"))?;
        let ca = project.network.ca_certificates.as_deref().map_or(Ok(String::new()), files::read_text)?;
        prepare(
            cx,
            &[
                Preparation::Write(dockerfile, text),
                Preparation::Write(self.path("control/ca.crt"), ca.clone()),
                Preparation::Write(self.path("strong-control/ca.crt"), ca),
            ],
        )
    }

    fn copy_controls(&self) -> Result<()> {
        let (cx, root) = (self.cx, self.cx.layout.root());
        let files = [
            (Side::Usual, "Dockerfile"),
            (Side::Usual, "compose.yaml"),
            (Side::Usual, "entrypoint.sh"),
            (Side::Strong, "Dockerfile"),
        ];
        for (side, file) in files {
            let from = root.join("benchmarks").join(side.word()).join(file);
            copy_file(cx, &from, &self.path(side.word()).join(file))?;
        }
        copy_file(cx, &root.join("installation/tools/uv.txt"), &self.path("strong-control/dependencies/uv.txt"))
    }

    fn build_and_freeze(&mut self) -> Result<()> {
        let cx = self.cx;
        cx.ui.notice("building the images of all sides, and freezing ours");
        let mut steps = self.build_base(0);
        steps.extend(self.write_dependencies(AddedPackages::Nothing));
        steps.extend([Preparation::Start(self.ours(&["build", "all"])), Preparation::Start(self.ours(&["freeze"]))]);
        prepare(cx, &steps)?;
        // A dry run has built and frozen nothing.
        if !cx.is_dry_run() {
            self.read_frozen()?;
        }
        // What is added later is downloaded now, so that no round waits for the network.
        prepare(cx, &self.build_all(AddedPackages::Python(&PYTHON_PACKAGES)))?;
        prepare(cx, &self.build_all(AddedPackages::Nothing))
    }

    /// Takes over what `freeze` has written.
    fn read_frozen(&mut self) -> Result<()> {
        let ours = self.path(Side::Ours.word());
        let folder = ours.join(Lock::folder(&Platform::of_containers()));
        let list = query(self.cx, &Invocation::new("find").args([folder.as_str(), "-type", "f"]))?.stdout;
        let read = |path: &str| {
            let path = Utf8Path::new(path);
            Ok::<_, anyhow::Error>((path.strip_prefix(&ours)?.to_owned(), files::read_text(path)?))
        };
        self.dependencies.lock = list.lines().map(read).collect::<Result<_>>()?;
        self.dependencies.frozen = files::read_text(&ours.join("dependencies/environment.yml"))?;
        let pylock = files::read_text(&folder.join("pylock.toml"))?;
        [self.dependencies.requirements, self.dependencies.locked_requirements] = requirements(&pylock)?;
        Ok(())
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

    /// Writes the dependency files of all sides.
    pub fn write_dependencies(&self, added: AddedPackages) -> Vec<Preparation> {
        self.dependencies.steps(&self.path(""), added)
    }

    /// Builds all images of all sides.
    pub fn build_all(&self, added: AddedPackages) -> Vec<Preparation> {
        let mut steps = self.write_dependencies(added);
        steps.extend(
            [
                self.compose(&["build", "runtime", "dev"]),
                self.strong_build("runtime", 0),
                self.strong_build("dev", 0),
                self.ours(&["build", "all"]),
            ]
            .map(Preparation::Start),
        );
        steps
    }

    /// `docker buildx build` for the strong control, on the base image of this number.
    pub fn strong_build(&self, target: &str, base: usize) -> Invocation {
        let base = self.image("base", &base.to_string());
        Invocation::new("docker")
            .args(["buildx", "build", "--load", "--build-arg", &format!("BASE_IMAGE={base}")])
            .args(PROXY_ARGUMENTS.into_iter().flat_map(|it| ["--build-arg", it]))
            .args(["--secret", "id=ca,src=ca.crt", "--target", target])
            .args(["--tag", &self.image(Side::Strong.word(), target), "."])
            .current_dir(self.path(Side::Strong.word()))
    }

    /// The container of the strong control in which commands run.
    pub fn strong_container(&self) -> String {
        format!("bench-{}-{}", Side::Strong.word(), self.project)
    }

    /// Starts that container, unless it runs.
    pub fn start_strong(&self) -> Preparation {
        let script = r#"docker start "$1" >/dev/null 2>&1 || docker run --detach --name "$1" "$2" sleep infinity"#;
        let (name, image) = (self.strong_container(), self.image(Side::Strong.word(), "dev"));
        Preparation::Start(Invocation::new("sh").args(["-c", script, "sh", &name, &image]))
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

fn copy_file(cx: &Context, from: &Utf8Path, to: &Utf8Path) -> Result<()> {
    to.parent().map_or(Ok(()), |it| cx.files.create_dir(it))?;
    cx.files.copy(from, to)
}
