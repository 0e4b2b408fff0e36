//! Whether each variable of compose.yaml is defined.

use std::collections::HashSet;

use report::{Code, Findings, Source, nearest};

use crate::compose::ComposeFile;

/// What a shell or a desktop defines for everything that it starts (POSIX, "Environment Variables"; XDG). UID is not one
/// of them: bash keeps it to itself.
const SHELL_VARIABLES: [&str; 13] = [
    "DISPLAY",
    "HOME",
    "LANG",
    "LOGNAME",
    "PATH",
    "PWD",
    "SHELL",
    "SSH_AUTH_SOCK",
    "TERM",
    "TMPDIR",
    "USER",
    "XAUTHORITY",
    "XDG_RUNTIME_DIR",
];

/// How the names of compose's own settings begin (compose's manual, "Pre-defined environment variables").
const COMPOSE_PREFIX: &str = "COMPOSE_";

pub(super) fn check(source: &Source, compose: &ComposeFile, variables: &[&str], findings: &mut Findings) {
    let defined: HashSet<&str> = variables.iter().copied().chain(SHELL_VARIABLES).collect();
    for variable in &compose.variables {
        let name = variable.name.text.as_str();
        if variable.has_default || defined.contains(name) || name.starts_with(COMPOSE_PREFIX) {
            continue;
        }
        let message = format!("no setting of .env defines the variable `{name}`, and it has no default");
        let help = match nearest(name, variables.iter().copied()) {
            Some(near) => format!("write `{near}`, or a default as in `${{{name}:-value}}`"),
            None => format!("write a default as in `${{{name}:-value}}`"),
        };
        findings.push(source.at(Code::ComposeVariable, variable.name.span(source), message).help(help));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(image: &str) -> String {
        let (source, mut findings) =
            (Source::new("compose.yaml", format!("services: {{a: {{image: \"{image}\"}}}}")), Findings::default());
        let compose = ComposeFile::parse(&source, &mut findings).unwrap();
        check(&source, &compose, &["IMAGE_NAME", "REGISTRY"], &mut findings);
        findings.to_string()
    }

    #[test]
    fn a_variable_that_nothing_defines_is_found() {
        assert_eq!(found("${IMAGE_NAME:?a}$HOME$COMPOSE_X${A:-b}${C+d}${REGISTRY:+${REGISTRY}/}$$E"), "");
        assert_eq!(
            found("${IMAGENAME:?a}"),
            "compose.yaml:1:26: warning[W0704]: no setting of .env defines the variable `IMAGENAME`, and it has no default\n    \
             help: write `IMAGE_NAME`, or a default as in `${IMAGENAME:-value}`"
        );
        assert!(found("${A:-$ZZZ}").contains("`ZZZ`"));
    }
}
