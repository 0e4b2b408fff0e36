//! The request to uv for the files of the installed distributions: an environment does not record them, only an index does.

use process::sort;
use specs::python::{PipLine, Version, normalised, option};

use crate::{
    AddressLogin, EnvironmentYml, Platform,
    snapshot::{DirectUrl, Distribution, Snapshot},
};

/// Makes uv print a `pylock.toml` of exactly what is installed. It solves nothing and installs nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PylockRequest {
    /// The requirements file that uv reads; empty where nothing is installed from an index or archive.
    pub requirements: String,
}

impl PylockRequest {
    /// Requires everything that pip or uv has installed from an index or archive, with the options of the `pip:` section.
    pub fn new(snapshot: &Snapshot, environment: &EnvironmentYml, project: &str) -> Self {
        let project = normalised(project);
        let foreign = snapshot.pip().filter(|it| it.normalised_name() != project);
        let mut lines: Vec<String> = foreign.filter_map(line).collect();
        if lines.is_empty() {
            return Self { requirements: String::new() };
        }
        sort(&mut lines);
        let options = environment.pip.iter().filter_map(|(line, _)| match line {
            PipLine::Options { options, .. } => Some(options),
            _ => None,
        });
        // The digests are the answer, so none can be required.
        let options = options.flatten().filter(|(name, _)| name != "--require-hashes");
        let bare = |value: &Option<String>| value.as_deref().map(AddressLogin::bare);
        let options = options.map(|(name, value)| option(name, bare(value).as_deref()) + "\n");
        Self { requirements: options.chain(lines).collect() }
    }

    /// uv's arguments; it prints the lock on its standard output. `python` is the environment's, whose version and platform
    /// choose the wheels, `requirements` the file with [`requirements`](Self::requirements).
    ///
    /// Tried with uv 0.13.9: it gives the one wheel that fits best and the source archive, with their digests; for an
    /// archive by URL it downloads it and gives its digest.
    pub fn arguments(python: &str, requirements: &str) -> Vec<String> {
        let fixed =
            ["pip", "compile", "--quiet", "--no-deps", "--no-header", "--no-annotate", "--format", "pylock.toml"];
        fixed.into_iter().chain(["--python", python, requirements]).map(str::to_owned).collect()
    }
}

impl PylockRequest {
    /// [`arguments`](Self::arguments) for an environment whose Python cannot be started here.
    ///
    /// The values of `--python-platform`: uv's reference, `uv pip compile`.
    pub fn arguments_for(snapshot: &Snapshot, requirements: &str) -> Vec<String> {
        let mut arguments = Self::arguments("", requirements);
        if let Some(at) = arguments.iter().position(|it| it == "--python") {
            let platform = python_platform(&snapshot.platform, snapshot.libc.as_deref());
            let instead = ["--python-version", &snapshot.interpreter.version, "--python-platform", &platform];
            arguments.splice(at..at + 2, instead.map(str::to_owned));
        }
        arguments
    }
}

/// The name by which uv knows a platform, with the newest C library whose wheels it can run where uv knows one.
pub(super) fn python_platform(platform: &Platform, libc: Option<&str>) -> String {
    let machine = match platform.architecture() {
        "amd64" => "x86_64",
        "arm64" => "aarch64",
        other => other,
    };
    if platform.is_macos() {
        return format!("{machine}-apple-darwin");
    }
    let minor =
        libc.and_then(|it| it.strip_prefix("glibc 2.")).and_then(|it| it.split('.').next()?.parse::<u32>().ok());
    let minor = minor.and_then(|it| MANYLINUX.into_iter().rev().find(|known| *known <= it));
    match minor {
        Some(minor) => format!("{machine}-manylinux_2_{minor}"),
        None if libc.is_some_and(|it| it.starts_with("musl")) => format!("{machine}-unknown-linux-musl"),
        None => format!("{machine}-unknown-linux-gnu"),
    }
}

/// The minor versions of glibc 2 that uv 0.13 has names for.
const MANYLINUX: [u32; 12] = [17, 28, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40];

/// The requirement for a distribution; `None` where the environment records its origin completely.
fn line(distribution: &Distribution) -> Option<String> {
    let name = distribution.normalised_name();
    match &distribution.origin {
        // `==2.5.1` would also be satisfied by `2.5.1+cpu`.
        None => Some(format!("{name}==={}\n", Version::normalise(&distribution.version))),
        Some(DirectUrl::Archive { url, hashes, .. }) if !hashes.contains_key("sha256") => {
            distribution.pin().filter(|_| !url.starts_with("file:")).map(|_| format!("{name} @ {url}\n"))
        }
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::EnvironmentFile;
    use report::Source;

    #[test]
    fn exactly_what_is_installed_is_asked_for_with_the_options() {
        let url = |url: &str, rest: serde_json::Value| {
            let mut origin = rest;
            origin["url"] = url.into();
            origin
        };
        let snapshot = json!({
            "format": 1,
            "platform": {"system": "Linux", "machine": "x86_64"},
            "interpreter": {"version": "3.12.4", "implementation": "CPython", "prefix": "/opt/env", "markers": {}},
            "distributions": [
                {"name": "Torch", "version": "2.5.1+CPU"},
                {"name": "odd", "version": "1.0-1"},
                {"name": "of-conda", "version": "1", "installer": "conda"},
                {"name": "My.Project", "version": "1"},
                {"name": "git", "version": "1", "direct_url":
                    url("https://e.org/x.git", json!({"vcs_info": {"vcs": "git", "commit_id": "0af"}}))},
                {"name": "unhashed", "version": "1", "direct_url": url("https://e.org/u.whl", json!({"archive_info": {}}))},
                {"name": "hashed", "version": "1", "direct_url":
                    url("https://e.org/h.whl", json!({"archive_info": {"hashes": {"sha256": "00"}}}))},
                {"name": "here", "version": "1", "direct_url": url("file:///h.whl", json!({"archive_info": {}}))},
            ],
        });
        let snapshot = Snapshot::parse(&snapshot.to_string()).unwrap();
        let text = "dependencies:\n  - python\n  - pip:\n    - --extra-index-url https://${TOKEN}@e.org/simple\n    \
            - --require-hashes\n    - --no-binary odd\n    - torch\n";
        let environment = EnvironmentFile::parse(Source::new("environment.yml", text));
        let environment = environment.environment();
        assert_eq!(
            PylockRequest::new(&snapshot, environment, "my-project").requirements,
            "--extra-index-url https://e.org/simple\n--no-binary odd\n\
             odd===1.0.post1\ntorch===2.5.1+cpu\nunhashed @ https://e.org/u.whl\n"
        );
        let nothing = Snapshot { distributions: Vec::new(), ..snapshot };
        assert_eq!(PylockRequest::new(&nothing, environment, "my-project").requirements, "");
    }

    #[test]
    fn a_platform_has_the_name_that_uv_knows_it_by() {
        let name = |platform: &str, libc| python_platform(&Platform::parse(platform).unwrap(), libc);
        assert_eq!(name("linux/amd64", Some("glibc 2.36")), "x86_64-manylinux_2_36");
        assert_eq!(name("linux/arm64", Some("glibc 2.41")), "aarch64-manylinux_2_40");
        assert_eq!(name("linux/arm64", None), "aarch64-unknown-linux-gnu");
        assert_eq!(name("linux/amd64", Some("musl 1.2")), "x86_64-unknown-linux-musl");
        assert_eq!(name("osx/arm64", None), "aarch64-apple-darwin");
    }

    #[test]
    fn uv_reads_a_file_and_prints() {
        let arguments = PylockRequest::arguments("/opt/env/bin/python", "/tmp/pins.txt").join(" ");
        assert!(
            arguments.starts_with("pip compile ") && arguments.ends_with(" --python /opt/env/bin/python /tmp/pins.txt")
        );
    }
}
