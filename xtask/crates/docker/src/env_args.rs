//! Environment variables that the user passes to a command in a container: the options `--env` of the client.

use process::{EnvArg, Invocation, is_secret};

/// Adds a variable. Its value travels in the client's environment, where other users of the machine cannot read it, except
/// for variables that the client would take for its own configuration.
pub fn pass(invocation: Invocation, passed: &EnvArg) -> Invocation {
    match passed {
        EnvArg::Inherited(name) => invocation.args(["--env", name]),
        EnvArg::Set(name, value) if is_read_by_client(name) => {
            invocation.args(["--env".to_owned(), format!("{name}={value}")])
        }
        EnvArg::Set(name, _) => passed.set_on(invocation.args(["--env", name])),
    }
}

/// As [`pass`], for compose, which also reads its environment for the variables in its files: a value stays out of it unless
/// it is a secret.
pub fn pass_to_compose(invocation: Invocation, passed: &EnvArg) -> Invocation {
    match passed {
        EnvArg::Set(name, value) if !is_secret(name, value) => {
            invocation.args(["--env".to_owned(), format!("{name}={value}")])
        }
        other => pass(invocation, other),
    }
}

/// Whether the client, or the runtime of its language, takes a variable for its own configuration.
///
/// <https://docs.docker.com/reference/cli/docker/#environment-variables> and Go's packages `runtime` and `crypto/x509`.
fn is_read_by_client(name: &str) -> bool {
    let docker = ["API_VERSION", "CERT_PATH", "CONFIG", "CONTEXT", "DEFAULT_PLATFORM", "HOST", "TLS", "TLS_VERIFY"];
    let system = ["PATH", "HOME", "TMPDIR", "TERM", "SSL_CERT_FILE", "SSL_CERT_DIR"];
    let go = ["GODEBUG", "GOGC", "GOMAXPROCS", "GOMEMLIMIT", "GOTRACEBACK"];
    let prefixes = ["COMPOSE_", "DOCKER_CONTENT_TRUST", "DOCKER_CLI_", "LD_", "DYLD_", "XDG_"];
    name.strip_prefix("DOCKER_").is_some_and(|it| docker.contains(&it))
        || system.contains(&name)
        || go.contains(&name)
        || prefixes.iter().any(|it| name.starts_with(it))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passed_values_stay_out_of_the_arguments() {
        let invocation = pass(Invocation::new("docker"), &"HF_TOKEN=abc".parse().unwrap());
        assert_eq!(invocation.arguments(), ["--env", "HF_TOKEN"]);
        assert_eq!(invocation.to_string(), "HF_TOKEN='***' docker --env HF_TOKEN");
    }

    #[test]
    fn the_client_is_not_misled_by_what_the_command_gets() {
        for text in ["DOCKER_HOST=tcp://x", "PATH=/x", "GODEBUG=x", "LD_PRELOAD=/x"] {
            let invocation = pass(Invocation::new("docker"), &text.parse().unwrap());
            assert_eq!(invocation.arguments(), ["--env", text]);
            assert!(invocation.to_string().starts_with("docker "), "no variable comes before the program");
        }
    }
}
