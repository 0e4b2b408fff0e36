//! Certificate authorities of the network, for programs that download.

use camino::Utf8Path;

use process::Invocation;

/// Makes uv and conda's solver trust the authorities of a bundle; without one, they trust the system's.
pub fn with_ca_certificates(invocation: Invocation, bundle: Option<&Utf8Path>) -> Invocation {
    let names = ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"];
    let variables = bundle.into_iter().flat_map(|it| names.map(|name| (name, it)));
    variables.fold(invocation, |invocation, (name, path)| invocation.env(name, path.as_str()))
}
