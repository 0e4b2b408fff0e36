//! The arguments of the build: those that the Dockerfile declares, and those that are passed.

use std::collections::HashSet;

use report::{Code, Findings, Source, nearest};

use crate::dockerfile::{Argument, Dockerfile};

/// What Docker defines itself (Dockerfile reference, "Predefined ARGs" and "Automatic platform ARGs in the global
/// scope"). The proxies may be written in lower case, too.
const PREDEFINED: [&str; 15] = [
    "ALL_PROXY",
    "BUILDARCH",
    "BUILDOS",
    "BUILDPLATFORM",
    "BUILDVARIANT",
    "FTP_PROXY",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "NO_PROXY",
    "SOURCE_DATE_EPOCH",
    "TARGETARCH",
    "TARGETOS",
    "TARGETPLATFORM",
    "TARGETSTAGE",
    "TARGETVARIANT",
];

/// How the names of BuildKit's own settings begin ("BuildKit built-in build args").
const BUILDKIT_PREFIX: &str = "BUILDKIT_";

pub(super) fn check(source: &Source, dockerfile: &Dockerfile, passed: &[&str], findings: &mut Findings) {
    check_passed(source, dockerfile, passed, findings);
    check_declared(source, dockerfile, passed, findings);
}

/// An argument that nobody gives a value is empty, and a `FROM ${ARGUMENT}` fails for a reason that names another thing.
fn check_passed(source: &Source, dockerfile: &Dockerfile, passed: &[&str], findings: &mut Findings) {
    let has_default = |it: &&Argument| it.has_default;
    // What has a value, or is among the findings already.
    let mut settled: HashSet<&str> =
        dockerfile.all_arguments().filter(has_default).map(|it| it.name.text.as_str()).collect();
    settled.extend(passed);
    for argument in dockerfile.all_arguments() {
        let name = argument.name.text.as_str();
        if is_predefined(name) || !settled.insert(name) {
            continue;
        }
        let message = format!("`cargo xtask build` does not pass the argument `{name}`, and it has no default");
        let help = match nearest(name, passed.iter().copied()) {
            Some(near) => format!("write `ARG {name}=value`, or `{near}` if you mean what is passed"),
            None => format!("write `ARG {name}=value`"),
        };
        findings.push(source.at(Code::ArgNotPassed, argument.name.span(source), message).help(help));
    }
}

fn check_declared(source: &Source, dockerfile: &Dockerfile, passed: &[&str], findings: &mut Findings) {
    let declared: HashSet<&str> = dockerfile.all_arguments().map(|it| it.name.text.as_str()).collect();
    let Some(first) = dockerfile.stages.first() else { return };
    for name in passed.iter().filter(|it| !declared.contains(**it) && !is_predefined(it)) {
        let message = format!("`cargo xtask build` passes the argument `{name}`, but no `ARG` takes it");
        let help = format!("add `ARG {name}` above the first `FROM`, or in the stage that uses it");
        findings.push(source.at(Code::ArgNotTaken, first.base.span(source), message).help(help));
    }
}

fn is_predefined(name: &str) -> bool {
    let is_proxy_in_lower_case =
        || name.ends_with("_proxy") && PREDEFINED.contains(&name.to_ascii_uppercase().as_str());
    name.starts_with(BUILDKIT_PREFIX) || PREDEFINED.contains(&name) || is_proxy_in_lower_case()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str, passed: &[&str]) -> String {
        let (source, mut findings) = (Source::new("Dockerfile", text), Findings::default());
        let dockerfile = Dockerfile::parse(&source, &mut findings);
        check(&source, &dockerfile, passed, &mut findings);
        findings.to_string()
    }

    #[test]
    fn an_argument_without_any_value_is_found_once() {
        let text =
            "ARG A=1\nARG B\nFROM a\nARG A\nARG B\nARG TARGETARCH\nARG http_proxy\nARG BUILDKIT_X\nARG C\nARG C\n";
        let findings = found(text, &["B"]);
        let expected =
            "Dockerfile:9:5: warning[W0701]: `cargo xtask build` does not pass the argument `C`, and it has no default";
        assert!(findings.starts_with(expected) && findings.matches("[W0701]").count() == 1, "{findings}");
        assert!(found("FROM a\nARG BASEIMAGE\n", &["BASE_IMAGE"]).contains("or `BASE_IMAGE` if you mean"));
    }

    #[test]
    fn a_passed_argument_has_to_be_declared() {
        let findings = found("ARG A=1\nFROM a\n", &["A", "B", "HTTP_PROXY"]);
        assert_eq!(
            findings,
            "Dockerfile:2:6: warning[W0702]: `cargo xtask build` passes the argument `B`, but no `ARG` takes it\n    \
             help: add `ARG B` above the first `FROM`, or in the stage that uses it"
        );
    }
}
