//! What registries say when they give or take no image, and what helps.

use std::fmt;

/// Why a registry did not do what was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RegistryRefusal {
    /// It has no such image.
    NotThere,
    /// It does not know who asks, or does not let them.
    NoLogin,
    /// It speaks plain HTTP.
    PlainHttp,
    /// Its certificate is signed by nobody whom the daemon knows.
    UnknownAuthority,
    /// The image is there, and not for this processor.
    OtherPlatform,
    /// Nothing answers.
    Unreachable,
    /// Something else, which it says itself.
    Other,
}

/// What the client prints, in small letters, and what it means, the surest words first.
///
/// Source: the error codes of the OCI distribution specification, and Go's `net/http` and `crypto/x509` for the others.
const WORDS: [(&str, RegistryRefusal); 16] = [
    ("manifest unknown", RegistryRefusal::NotThere),
    ("not found: does not exist", RegistryRefusal::NotThere),
    ("does not match the specified platform", RegistryRefusal::OtherPlatform),
    ("no matching manifest", RegistryRefusal::OtherPlatform),
    ("server gave http response to https client", RegistryRefusal::PlainHttp),
    ("x509", RegistryRefusal::UnknownAuthority),
    ("unauthorized", RegistryRefusal::NoLogin),
    ("no basic auth credentials", RegistryRefusal::NoLogin),
    ("denied", RegistryRefusal::NoLogin),
    ("connection refused", RegistryRefusal::Unreachable),
    ("no such host", RegistryRefusal::Unreachable),
    ("timeout", RegistryRefusal::Unreachable),
    ("timed out", RegistryRefusal::Unreachable),
    ("server misbehaving", RegistryRefusal::Unreachable),
    ("name unknown", RegistryRefusal::NotThere),
    ("not found", RegistryRefusal::NotThere),
];

impl RegistryRefusal {
    /// By what the client printed.
    pub fn of(complaint: &str) -> Self {
        let complaint = complaint.to_lowercase();
        WORDS.iter().find(|(words, _)| complaint.contains(words)).map_or(Self::Other, |it| it.1)
    }

    /// What helps with the registry at a host, if anything is known to.
    pub fn fix(self, host: &str) -> Option<String> {
        Some(match self {
            Self::NotThere | Self::OtherPlatform | Self::Other => return None,
            Self::NoLogin => format!("docker login {host}"),
            Self::PlainHttp => format!(
                "if you trust the network in between, put {{\"insecure-registries\": [\"{host}\"]}} into \
                 /etc/docker/daemon.json and restart Docker"
            ),
            Self::UnknownAuthority => {
                format!("put the certificate of its authority into /etc/docker/certs.d/{host}/ca.crt")
            }
            Self::Unreachable => "cargo xtask doctor, which tries to reach the registries".to_owned(),
        })
    }
}

impl fmt::Display for RegistryRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotThere => "the registry has no such image",
            Self::NoLogin => "the registry refuses your login",
            Self::PlainHttp => {
                "the registry speaks plain HTTP, which Docker refuses unless its configuration allows it"
            }
            Self::UnknownAuthority => "Docker does not know who signed the registry's certificate",
            Self::OtherPlatform => "the registry has the image for other processors only",
            Self::Unreachable => "the registry does not answer",
            Self::Other => "the registry refused",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_docker_says_is_understood() {
        use RegistryRefusal::*;
        for (said, meant) in [
            ("Error response from daemon: manifest for h/x:1 not found: manifest unknown: manifest unknown", NotThere),
            (
                "Error response from daemon: pull access denied for x, repository does not exist or may require \
                 'docker login': denied: requested access to the resource is denied",
                NoLogin,
            ),
            ("no basic auth credentials", NoLogin),
            ("Get \"https://h:5000/v2/\": http: server gave HTTP response to HTTPS client", PlainHttp),
            ("x509: certificate signed by unknown authority", UnknownAuthority),
            ("Get \"http://127.0.0.1:1/v2/\": dial tcp 127.0.0.1:1: connect: connection refused", Unreachable),
            (
                "image with reference h/x:1 was found but does not match the specified platform: wanted linux/amd64, \
                 actual: linux/arm64",
                OtherPlatform,
            ),
            ("received unexpected HTTP status: 500", Other),
        ] {
            assert_eq!(RegistryRefusal::of(said), meant, "{said}");
        }
    }

    #[test]
    fn each_comes_with_what_helps() {
        assert_eq!(RegistryRefusal::NoLogin.fix("h:5000").unwrap(), "docker login h:5000");
        assert!(RegistryRefusal::PlainHttp.fix("h:5000").unwrap().contains("\"insecure-registries\": [\"h:5000\"]"));
    }
}
