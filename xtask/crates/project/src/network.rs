//! Proxies and certificate authorities, which everything that downloads needs in a closed network.

use camino::Utf8PathBuf;

use process::HostEnvironment;

use super::Settings;

/// Proxies and certificate authorities of this machine.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Network {
    /// The proxy variables that are set. Their values may hold passwords and are only ever inherited.
    pub proxy_variables: Vec<&'static str>,
    /// A PEM file of certificate authorities.
    pub ca_certificates: Option<Utf8PathBuf>,
}

/// The variables by which programs find a proxy; Docker predefines them as build arguments that leave no trace.
///
/// <https://docs.docker.com/reference/dockerfile/#predefined-args>
const PROXY_VARIABLES: [&str; 10] = [
    "HTTP_PROXY",
    "http_proxy",
    "HTTPS_PROXY",
    "https_proxy",
    "FTP_PROXY",
    "ftp_proxy",
    "NO_PROXY",
    "no_proxy",
    "ALL_PROXY",
    "all_proxy",
];

/// The variables by which OpenSSL, Python's requests, pip, curl, git and conda find a file of certificate authorities.
pub const CA_VARIABLES: [&str; 6] =
    ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "PIP_CERT", "CURL_CA_BUNDLE", "GIT_SSL_CAINFO", "CONDA_SSL_VERIFY"];

impl Network {
    pub fn new(settings: &Settings, host: &HostEnvironment) -> Self {
        Self {
            proxy_variables: PROXY_VARIABLES.into_iter().filter(|it| host.get(it).is_some()).collect(),
            ca_certificates: settings.ca_certificates.clone(),
        }
    }
}
