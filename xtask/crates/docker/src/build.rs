//! `docker buildx build`: one image.

use camino::{Utf8Path, Utf8PathBuf};

use environment::{Platform, Solver};
use process::{Invocation, Secret};
use project::{Network, Settings};

use super::{CacheAddresses, Export, csv, labels};

/// The largest secret that BuildKit takes.
///
/// <https://github.com/moby/buildkit/blob/master/session/secrets/secretsprovider/store.go>, `MaxSecretSize`
pub const MAX_SECRET_BYTES: u64 = 500 * 1024;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuildRequest<'a> {
    /// The stage of the Dockerfile that becomes the image.
    pub stage: &'a str,
    /// The image's names, each with a tag.
    pub images: &'a [String],
    pub settings: &'a Settings,
    pub stages: StageChoice,
    pub network: &'a Network,
    pub access: &'a BuildAccess,
    pub dockerfile: &'a Utf8Path,
    /// The generated build context.
    pub context: &'a Utf8Path,
    pub labels: &'a [(&'static str, String)],
    pub cache_policy: CachePolicy<'a>,
    pub options: &'a BuilderOptions,
}

/// Which of the Dockerfile's stages a build goes through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StageChoice {
    pub solver: Solver,
    /// How many layers of packages there are.
    pub layers: usize,
    /// Whether some packages are built from source, on top of these.
    pub has_sources: bool,
}

impl StageChoice {
    /// For stages that no package of the environment is in.
    pub fn without_packages(solver: Solver) -> Self {
        Self { solver, layers: 0, has_sources: false }
    }
}

/// What the steps of a build show to the servers that they download from. No image and no cache keeps any of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BuildAccess {
    /// A netrc file.
    pub netrc: Option<Secret>,
    /// The tokens of conda's channels, as py-rattler reads them.
    pub channels: Option<Secret>,
    /// Whether git may ask the user's SSH agent.
    pub has_ssh_agent: bool,
    /// The file by which SSH knows its servers.
    pub known_hosts: Option<Utf8PathBuf>,
}

impl BuildAccess {
    /// The variable in which the builder's client finds the netrc file: so it is in no argument, and in no file of ours.
    const NETRC: &str = "XTASK_NETRC";
    /// Likewise for the tokens of conda's channels.
    const CHANNELS: &str = "XTASK_CHANNELS";

    /// The values of the option `--secret`.
    fn secrets(&self) -> Vec<String> {
        let netrc = self.netrc.as_ref().map(|_| format!("id=netrc,env={}", Self::NETRC));
        let known_hosts = self.known_hosts.as_ref().map(|it| format!("id=known_hosts,{}", csv::field("src", it)));
        let channels = self.channels.as_ref().map(|_| format!("id=channels,env={}", Self::CHANNELS));
        netrc.into_iter().chain(channels).chain(known_hosts).collect()
    }

    /// The values of the option `--ssh`.
    pub(super) fn ssh(&self) -> Option<&'static str> {
        self.has_ssh_agent.then_some("default")
    }

    /// Gives the builder's client what it finds in its environment.
    pub(super) fn on(&self, invocation: Invocation) -> Invocation {
        let secrets = [(Self::NETRC, &self.netrc), (Self::CHANNELS, &self.channels)];
        let secrets = secrets.into_iter().filter_map(|(name, secret)| Some((name, secret.clone()?)));
        secrets.fold(invocation, |it, (name, secret)| it.secret_env(name, secret))
    }
}

/// Which builder builds, for which platforms, and where the result goes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BuilderOptions {
    /// `None` for the current builder.
    pub builder: Option<String>,
    /// Empty for this machine's.
    pub platforms: Vec<Platform>,
    pub export: Export,
    pub caches: CacheAddresses,
}

impl BuilderOptions {
    /// An image for this machine's daemon.
    pub fn of_builder(builder: Option<&str>) -> Self {
        Self { builder: builder.map(str::to_owned), ..Self::default() }
    }

    fn arguments(&self) -> Vec<String> {
        let export = match &self.export {
            Export::Load => vec!["--load".to_owned()],
            Export::Push => vec!["--push".to_owned()],
            Export::Archive(..) => vec!["--output".to_owned(), self.output()],
        };
        self.arguments_with(export)
    }

    fn arguments_with(&self, export: Vec<String>) -> Vec<String> {
        let builder = self.builder.iter().flat_map(|it| ["--builder".to_owned(), it.clone()]);
        let platforms = self.platforms.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
        let platforms = (!platforms.is_empty()).then(|| ["--platform".to_owned(), platforms]);
        let caches = self.caches.arguments().map(str::to_owned);
        builder.chain(export).chain(platforms.into_iter().flatten()).chain(caches).collect()
    }

    /// The value of the option `--output`.
    pub(super) fn output(&self) -> String {
        match &self.export {
            Export::Load => "type=docker".to_owned(),
            Export::Push => "type=registry".to_owned(),
            Export::Archive(kind, file) => format!("type={},{}", kind.name(), csv::field("dest", file)),
        }
    }
}

/// What a build may use of earlier builds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CachePolicy<'a> {
    /// Ask the registry for newer base images.
    pub pull: bool,
    /// Repeat every step.
    pub no_cache: bool,
    /// Repeat the steps of these stages.
    pub no_cache_stages: &'a [String],
}

impl BuildRequest<'_> {
    /// The Dockerfile's arguments that builds may pass, besides those that Docker predefines.
    pub const ARGUMENTS: [&'static str; 4] = ["BASE_IMAGE", "SOLVER", "LAYERS", "PACKAGES"];

    /// The arguments that decide what is in the image besides the files of the build context, with their values.
    pub fn deciding_values(settings: &Settings, solver: Solver) -> [(&'static str, String); 2] {
        let [base_image, solver_name, ..] = Self::ARGUMENTS;
        [(base_image, settings.base_image.to_string()), (solver_name, solver.name().to_owned())]
    }

    /// All arguments with their values.
    pub fn values(settings: &Settings, stages: StageChoice) -> Vec<(&'static str, String)> {
        let StageChoice { solver, layers, has_sources } = stages;
        let [.., layer_count, packages] = Self::ARGUMENTS;
        let packages_from = if has_sources { "sources" } else { "wheels" };
        let choice = [(layer_count, layers.to_string()), (packages, packages_from.to_owned())];
        Self::deciding_values(settings, solver).into_iter().chain(choice).collect()
    }

    /// The arguments of this build, with their values: also the hash by which a process can tell in which image it runs.
    pub(super) fn arguments(&self) -> Vec<(&'static str, String)> {
        let hash = self.labels.iter().find(|it| it.0 == labels::INPUTS).map(|(_, hash)| ("INPUTS", hash.clone()));
        Self::values(self.settings, self.stages).into_iter().chain(hash).collect()
    }

    pub fn invocation(&self) -> Invocation {
        self.invocation_with(&self.options.arguments())
    }

    /// Writes the files of the stage into a directory of this machine; nothing becomes an image.
    pub fn to_directory(&self, directory: &Utf8Path) -> Invocation {
        let export = ["--output".to_owned(), format!("type=local,{}", csv::field("dest", directory))];
        self.invocation_with(&self.options.arguments_with(export.to_vec()))
    }

    fn invocation_with(&self, options: &[String]) -> Invocation {
        let pair = |option: &str, name: &str, value: &str| [option.to_owned(), format!("{name}={value}")];
        let mut invocation = Invocation::new("docker")
            .args(["buildx", "build"])
            .args(options)
            .args(["--file", self.dockerfile.as_str()])
            .args(["--target", self.stage])
            .args(self.images.iter().flat_map(|it| ["--tag", it]))
            .args(self.labels.iter().flat_map(|(name, value)| pair("--label", name, value)))
            // With an attestation, which has the time of the build in it, the same contents would get another id.
            .env("BUILDX_NO_DEFAULT_ATTESTATIONS", "1");
        for (name, value) in self.arguments() {
            invocation = invocation.args(pair("--build-arg", name, &value));
        }
        // Without a value buildx takes the one of its own environment: a proxy's password stays out of the arguments.
        invocation = invocation.args(self.network.proxy_variables.iter().flat_map(|it| ["--build-arg", it]));
        invocation = invocation.args(self.secrets().into_iter().flat_map(|it| ["--secret".to_owned(), it]));
        invocation = self.access.on(invocation.args(self.access.ssh().into_iter().flat_map(|it| ["--ssh", it])));
        let flags = [(self.cache_policy.pull, "--pull"), (self.cache_policy.no_cache, "--no-cache")];
        let invocation =
            invocation.args(self.cache_policy.no_cache_stages.iter().flat_map(|it| ["--no-cache-filter", it]));
        invocation.args(flags.iter().filter(|it| it.0).map(|it| it.1)).arg(self.context.as_str())
    }

    /// The values of the option `--secret`: the steps read them, and no image keeps them.
    pub(super) fn secrets(&self) -> Vec<String> {
        let authorities = self.network.ca_certificates.as_ref().map(|it| format!("id=ca,{}", csv::field("src", it)));
        authorities.into_iter().chain(self.access.secrets()).collect()
    }
}
