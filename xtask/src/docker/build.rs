//! Building an image.

use camino::Utf8Path;

use super::csv;
use crate::environment::Solver;
use crate::image::Target;
use crate::process::Invocation;
use crate::project::{Network, Settings};

/// The largest secret that BuildKit takes.
///
/// <https://github.com/moby/buildkit/blob/master/session/secrets/secretsprovider/store.go>, `MaxSecretSize`
pub const MAX_SECRET_BYTES: u64 = 500 * 1024;

/// One image to build.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuildRequest<'a> {
    /// Which.
    pub target: Target,
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
}

impl BuildRequest<'_> {
    /// `docker buildx build`.
    pub fn invocation(&self) -> Invocation {
        let argument = |name: &str, value: &str| ["--build-arg".to_owned(), format!("{name}={value}")];
        let mut invocation = Invocation::new("docker")
            .args(["buildx", "build", "--load"])
            .args(["--file", self.dockerfile.as_str()])
            .args(["--target", self.target.name()])
            .args(["--tag".to_owned(), self.target.image(&self.settings.image)])
            .args(argument("BASE_IMAGE", &self.settings.base_image.to_string()))
            .args(argument("SOLVER", self.solver.name()));
        if let Some(image) = self.settings.micromamba_image.as_ref().filter(|_| self.solver == Solver::Conda) {
            invocation = invocation.args(argument("MICROMAMBA_IMAGE", &image.to_string()));
        }
        // Without a value buildx takes the one of its own environment: a proxy's password stays out of the arguments.
        invocation = invocation.args(self.network.proxy_variables.iter().flat_map(|it| ["--build-arg", it]));
        if let Some(bundle) = &self.network.ca_certificates {
            invocation = invocation.args(["--secret".to_owned(), format!("id=ca,{}", csv::field("src", bundle))]);
        }
        invocation.arg(self.context.as_str())
    }
}
