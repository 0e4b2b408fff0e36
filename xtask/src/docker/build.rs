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
    /// The arguments of the Dockerfile that a build passes, one way or another, besides those that Docker predefines.
    pub const ARGUMENTS: [&'static str; 3] = ["BASE_IMAGE", "SOLVER", "MICROMAMBA_IMAGE"];

    /// `docker buildx build`.
    pub fn invocation(&self) -> Invocation {
        let argument = |name: &str, value: &str| ["--build-arg".to_owned(), format!("{name}={value}")];
        let [base_image, solver, micromamba_image] = Self::ARGUMENTS;
        let mut invocation = Invocation::new("docker")
            .args(["buildx", "build", "--load"])
            .args(["--file", self.dockerfile.as_str()])
            .args(["--target", self.target.name()])
            .args(["--tag".to_owned(), self.target.image(&self.settings.image)])
            .args(argument(base_image, &self.settings.base_image.to_string()))
            .args(argument(solver, self.solver.name()));
        if let Some(image) = self.settings.micromamba_image.as_ref().filter(|_| self.solver == Solver::Conda) {
            invocation = invocation.args(argument(micromamba_image, &image.to_string()));
        }
        // Without a value buildx takes the one of its own environment: a proxy's password stays out of the arguments.
        invocation = invocation.args(self.network.proxy_variables.iter().flat_map(|it| ["--build-arg", it]));
        if let Some(bundle) = &self.network.ca_certificates {
            invocation = invocation.args(["--secret".to_owned(), format!("id=ca,{}", csv::field("src", bundle))]);
        }
        invocation.arg(self.context.as_str())
    }
}
