//! `docker buildx build` as `podman build`.

use super::{
    Capability,
    options::{CommandOption, split},
};

const OUTPUT: &str = "--output";

const FLAGS: [&str; 4] = ["--load", "--push", "--pull", "--no-cache"];

/// Only Docker's format can hold all that a Dockerfile says. podman reports on its standard output, which belongs to the command that
/// is run when the image is there.
const ALWAYS: [&str; 5] = ["build", "--format", "docker", "--logfile", "/dev/stderr"];

/// No step is taken from an earlier build: buildah 1.28 does so whatever files are mounted into it, and what it has not done itself it
/// cannot mount into another step (`couldn't find … on host to bind mount`).
const NOTHING_KEPT: [&str; 1] = ["--layers=false"];

/// The same where files are written: without layers, buildah then removes an image that two stages have in common twice, and fails
/// (`identifier is not an image`). Images without names are left.
const NOTHING_TAKEN: [&str; 2] = ["--layers", "--no-cache"];

/// What buildah takes for a lock. It keeps it in the cache itself, where apt removes it from its lists, and then waits for it for ever.
const LOCKED: &str = ",sharing=locked";

/// A mount over a directory that every system has: buildah removes where it has mounted something, and so the directory. What is mounted
/// below it, it removes as well.
const OVER_TMP: &str = "--mount=type=tmpfs,target=/tmp ";

/// A Dockerfile of Docker's as buildah 1.28 needs it: without locks of caches, and with `/tmp` left. Stages are built one after the
/// other.
pub(super) fn dockerfile(text: &str) -> String {
    text.replace(LOCKED, "").replace(OVER_TMP, "")
}

/// The whole command line of podman, from the options and the context of buildx.
pub(super) fn arguments(options: &[&str]) -> Result<Vec<String>, Capability> {
    let (options, context) = split(options, &FLAGS);
    let writes_files = options.iter().any(|it| it.name == OUTPUT);
    let layers: &[&str] = if writes_files { &NOTHING_TAKEN } else { &NOTHING_KEPT };
    let mut words: Vec<String> = ALWAYS.iter().chain(layers).map(|it| (*it).to_owned()).collect();
    for option in options {
        words.extend(translated(&option)?);
    }
    words.extend(context.iter().map(|it| (*it).to_owned()));
    Ok(words)
}

fn translated(option: &CommandOption) -> Result<Vec<String>, Capability> {
    match (option.name, option.value) {
        // What is built is in podman's store, and every step is repeated, in any case.
        ("--load" | "--no-cache" | "--no-cache-filter", _) => Ok(Vec::new()),
        ("--pull", _) => Ok(vec!["--pull=always".to_owned()]),
        (OUTPUT, Some(value)) if value.starts_with("type=local,") => Ok(option.words()),
        ("--push" | OUTPUT | "--builder" | "--cache-from" | "--cache-to", _) => Err(Capability::Builders),
        ("--platform", Some(value)) if value.contains(',') => Err(Capability::SeveralPlatforms),
        _ => Ok(option.words()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(options: &str) -> Result<String, Capability> {
        arguments(&options.split(' ').collect::<Vec<_>>()).map(|it| it[ALWAYS.len()..].join(" "))
    }

    #[test]
    fn an_image_is_built_with_the_same_values_and_secrets() {
        let asked =
            "--load --file D --target dev --tag a:b --label x=y --build-arg K --secret id=ca,src=/ca --ssh default c";
        assert_eq!(said(asked).unwrap(), asked.replace("--load", "--layers=false"));
        assert_eq!(said("--pull --no-cache c").unwrap(), "--layers=false --pull=always c");
        assert_eq!(
            said("--output type=local,dest=/o --no-cache-filter solver c").unwrap(),
            "--layers --no-cache --output type=local,dest=/o c"
        );
    }

    #[test]
    fn a_dockerfile_is_the_same_but_for_locks_and_the_mount_over_tmp() {
        let mount =
            |options: &str| format!("FROM a\nRUN --mount=type=cache,target=/c{options},id=x \\\n  apt-get update\n");
        assert_eq!(dockerfile(&mount(",sharing=locked")), mount(""));
        assert_eq!(
            dockerfile("RUN --mount=type=tmpfs,target=/tmp \\\n    --mount=type=bind,source=a,target=/tmp/a /tmp/a\n"),
            "RUN \\\n    --mount=type=bind,source=a,target=/tmp/a /tmp/a\n"
        );
    }

    #[test]
    fn what_needs_a_builder_is_refused() {
        for asked in ["--push c", "--output type=oci,dest=x c", "--builder multi c", "--cache-to type=inline c"] {
            assert_eq!(said(asked), Err(Capability::Builders), "{asked}");
        }
        assert_eq!(said("--platform linux/amd64,linux/arm64 c"), Err(Capability::SeveralPlatforms));
    }
}
