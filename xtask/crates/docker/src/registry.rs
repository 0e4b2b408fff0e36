//! Why a registry refuses an image, and the fix.

use std::fmt;

/// Why an image was not pulled or pushed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RegistryRefusal {
    /// The registry does not have the image.
    NotThere,
    /// The user is not logged in, or has no permission.
    NoLogin,
    /// The registry has no TLS.
    PlainHttp,
    /// The daemon does not trust the registry's certificate.
    UnknownAuthority,
    /// The registry has the image, but not for this processor.
    OtherPlatform,
    /// No answer.
    Unreachable,
    /// The daemon has no room for it.
    NoRoom,
    /// Another reason, which the client's message has.
    Other,
}

/// Words of the client's messages, in lower case, and what they mean. The first that is found decides.
///
/// Source: the error codes of the OCI distribution specification, and Go's `net/http` and `crypto/x509` for the others.
const MESSAGES: [(&str, RegistryRefusal); 17] = [
    ("no space left on device", RegistryRefusal::NoRoom),
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
    /// Recognises the reason in what the client printed on stderr.
    pub fn from_stderr(stderr: &str) -> Self {
        let stderr = stderr.to_lowercase();
        MESSAGES.iter().find(|(words, _)| stderr.contains(words)).map_or(Self::Other, |it| it.1)
    }

    /// The fix for the registry at a host, where one is known.
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
            Self::NoRoom => "cargo xtask prune, which removes what this project no longer needs".to_owned(),
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
            Self::NoRoom => "the disk of the Docker daemon is full",
            Self::Other => "the registry refused",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reason_is_recognised_in_what_docker_prints() {
        use RegistryRefusal::*;
        for (stderr, reason) in [
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
            ("failed to register layer: write /opt/env/lib/libtorch.so: no space left on device", NoRoom),
            ("received unexpected HTTP status: 500", Other),
        ] {
            assert_eq!(RegistryRefusal::from_stderr(stderr), reason, "{stderr}");
        }
    }

    #[test]
    fn reasons_come_with_a_fix() {
        assert_eq!(RegistryRefusal::NoLogin.fix("h:5000").unwrap(), "docker login h:5000");
        assert!(RegistryRefusal::PlainHttp.fix("h:5000").unwrap().contains("\"insecure-registries\": [\"h:5000\"]"));
    }
}
