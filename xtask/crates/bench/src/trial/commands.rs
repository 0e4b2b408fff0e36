//! The commands of the three sides.

use process::Invocation;

use super::{
    super::{side::Side, timing::Preparation},
    Scale, Trial,
};

/// The personal user in the control's image.
const CONTROL_USER: [(&str, &str); 3] = [("USR", "ada"), ("USRID", "1000"), ("GRPID", "1000")];

/// What a build takes from the environment to reach the network.
const PROXY_ARGUMENTS: [&str; 6] = ["HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy"];

impl Trial<'_> {
    /// Builds the runtime image of a side.
    pub fn build(&self, side: Side) -> Invocation {
        match side {
            Side::Usual => self.compose(&["build", "runtime"]),
            Side::Strong => self.strong_build("runtime", 0),
            Side::Ours => self.ours(&["build", "runtime"]),
        }
    }

    /// Builds all our images.
    pub(super) fn build_ours(&self) -> Invocation {
        match self.scale {
            Scale::Small => self.ours(&["build", "all"]),
            Scale::Large => self.build(Side::Ours),
        }
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
        self.ours_by(Invocation::new(self.path("xtask")), arguments)
    }

    /// The same, with another program that starts it.
    pub fn ours_by(&self, start: Invocation, arguments: &[&str]) -> Invocation {
        let invocation = self.on_base(start, 0, "ours");
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

    /// `cargo …` in our copy, with or without [`with_processor_time`](crate::timing::with_processor_time).
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
}
