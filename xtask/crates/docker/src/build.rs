//! Building an image.

use camino::Utf8Path;

use environment::{Platform, Solver};
use process::Invocation;
use project::{Network, Settings};

use super::{CacheAddresses, Export, csv};

/// The largest secret that BuildKit takes.
///
/// <https://github.com/moby/buildkit/blob/master/session/secrets/secretsprovider/store.go>, `MaxSecretSize`
pub const MAX_SECRET_BYTES: u64 = 500 * 1024;

/// One image to build.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuildRequest<'a> {
    /// The stage of the Dockerfile that becomes the image.
    pub stage: &'a str,
    /// What the image is called, with each of its tags. They are given once all of it is built.
    pub images: &'a [String],
    /// Names and what to build from.
    pub settings: &'a Settings,
    /// Who installs Python packages.
    pub solver: Solver,
    /// Proxies and certificates for what downloads.
    pub network: &'a Network,
    /// The Dockerfile.
    pub dockerfile: &'a Utf8Path,
    /// The generated context.
    pub context: &'a Utf8Path,
    /// Labels of the image.
    pub labels: &'a [(&'static str, String)],
    /// How much of what is there already is used.
    pub cache_policy: CachePolicy<'a>,
    /// Who builds, for what, and where it goes.
    pub options: &'a BuilderOptions,
}

/// Who builds, for what, and where it goes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BuilderOptions {
    /// The builder, if not the current one.
    pub builder: Option<String>,
    /// The platforms, if not this machine's.
    pub platforms: Vec<Platform>,
    /// What is done with it.
    pub export: Export,
    /// What it reads from other builds and leaves for them.
    pub caches: CacheAddresses,
}

impl BuilderOptions {
    fn options(&self) -> Vec<String> {
        let builder = self.builder.iter().flat_map(|it| ["--builder".to_owned(), it.clone()]);
        let platforms = self.platforms.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
        let platforms = (!platforms.is_empty()).then(|| ["--platform".to_owned(), platforms]);
        let export = match &self.export {
            Export::Load => vec!["--load".to_owned()],
            Export::Push => vec!["--push".to_owned()],
            Export::Archive(..) => vec!["--output".to_owned(), self.output()],
        };
        let caches = self.caches.options().map(str::to_owned);
        builder.chain(export).chain(platforms.into_iter().flatten()).chain(caches).collect()
    }

    /// What is done with it, as the option `--output` has it.
    pub(super) fn output(&self) -> String {
        match &self.export {
            Export::Load => "type=docker".to_owned(),
            Export::Push => "type=registry".to_owned(),
            Export::Archive(kind, file) => format!("type={},{}", kind.name(), csv::field("dest", file)),
        }
    }
}

/// How much of what is there already a build uses.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CachePolicy<'a> {
    /// Ask the registry for newer base images.
    pub pull: bool,
    /// Do every step again.
    pub no_cache: bool,
    /// Do the steps of this stage again.
    pub again: Option<&'a str>,
}

impl BuildRequest<'_> {
    /// The arguments of the Dockerfile that a build passes, one way or another, besides those that Docker predefines.
    pub const ARGUMENTS: [&'static str; 3] = ["BASE_IMAGE", "SOLVER", "MICROMAMBA_IMAGE"];

    /// Those that decide what is in the image, with their values.
    pub fn values(settings: &Settings, solver: Solver) -> Vec<(&'static str, String)> {
        let [base_image, solver_name, micromamba_image] = Self::ARGUMENTS;
        let image = settings.micromamba_image.as_ref().filter(|_| solver == Solver::Conda);
        let mut values = vec![(base_image, settings.base_image.to_string()), (solver_name, solver.name().to_owned())];
        values.extend(image.map(|it| (micromamba_image, it.to_string())));
        values
    }

    /// `docker buildx build`.
    pub fn invocation(&self) -> Invocation {
        let option = |option: &str, name: &str, value: &str| [option.to_owned(), format!("{name}={value}")];
        let mut invocation = Invocation::new("docker")
            .args(["buildx", "build"])
            .args(self.options.options())
            .args(["--file", self.dockerfile.as_str()])
            .args(["--target", self.stage])
            .args(self.images.iter().flat_map(|it| ["--tag", it]))
            .args(self.labels.iter().flat_map(|(name, value)| option("--label", name, value)))
            // An image's id must say what is in it, and not when it was made, as an attestation beside it does.
            .env("BUILDX_NO_DEFAULT_ATTESTATIONS", "1");
        for (name, value) in Self::values(self.settings, self.solver) {
            invocation = invocation.args(option("--build-arg", name, &value));
        }
        // Without a value buildx takes the one of its own environment: a proxy's password stays out of the arguments.
        invocation = invocation.args(self.network.proxy_variables.iter().flat_map(|it| ["--build-arg", it]));
        invocation = invocation.args(self.secret().into_iter().flat_map(|it| ["--secret".to_owned(), it]));
        let flags = [(self.cache_policy.pull, "--pull"), (self.cache_policy.no_cache, "--no-cache")];
        let invocation = invocation.args(self.cache_policy.again.into_iter().flat_map(|it| ["--no-cache-filter", it]));
        invocation.args(flags.iter().filter(|it| it.0).map(|it| it.1)).arg(self.context.as_str())
    }

    /// What its steps may read and no image keeps.
    pub(super) fn secret(&self) -> Option<String> {
        self.network.ca_certificates.as_ref().map(|it| format!("id=ca,{}", csv::field("src", it)))
    }
}
