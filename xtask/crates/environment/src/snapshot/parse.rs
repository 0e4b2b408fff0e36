//! Reading what the probe prints.

use anyhow::{Context as _, Result, bail};
use serde::Deserialize;

use crate::conda::AssumedSystem;

use super::{
    CondaRecordFields, InstalledAptPackage, Interpreter, LinuxRelease, LostFiles, Platform, Snapshot,
    distribution::DistributionFields,
};

/// The form of the document, which the probe names.
const FORMAT: u64 = 1;

#[derive(Default, Deserialize)]
#[serde(default)]
struct ProbeOutput {
    format: Option<u64>,
    platform: Option<ProbedPlatform>,
    interpreter: Option<Interpreter>,
    conda: Vec<CondaRecordFields>,
    system: Vec<String>,
    distributions: Vec<DistributionFields>,
    apt: Vec<InstalledAptPackage>,
    release: Option<LinuxRelease>,
    lost: Vec<LostFiles>,
    problems: Vec<ProbeProblem>,
}

/// Each text as Python's `platform` has it; one that is unknown is empty.
#[derive(Deserialize)]
struct ProbedPlatform {
    system: String,
    machine: String,
    libc: Option<String>,
}

#[derive(Deserialize)]
struct ProbeProblem {
    path: String,
    message: String,
}

impl Snapshot {
    /// Parses what the probe has printed. Passwords and tokens in URLs stay out, and are among the warnings.
    pub fn parse(json: &str) -> Result<Self> {
        let output: ProbeOutput = match serde_json::from_str::<ProbeOutput>(json.trim()) {
            Ok(output) if output.format == Some(FORMAT) => output,
            Err(error) if !error.is_data() => return Err(error).context("the environment's Python printed no JSON"),
            _ => bail!("the environment's Python printed something that is not a snapshot"),
        };
        let problems = output.problems.iter().map(|it| format!("`{}`: {}", it.path, it.message));
        let mut warnings: Vec<String> = problems.collect();
        let mut with_login = Vec::new();
        let conda = output.conda.into_iter().filter_map(|it| it.record(&mut with_login)).collect();
        warnings.extend(left_out(&with_login));
        let mut warn = |it: String| warnings.push(it);
        let distributions = output.distributions.into_iter().map(|it| it.distribution(&mut warn)).collect();
        let interpreter = output.interpreter.context("the snapshot lacks the version of Python")?;
        let platform = output.platform.filter(|it| !it.system.is_empty() && !it.machine.is_empty());
        let platform = platform.context("the snapshot lacks the system and processor")?;
        Ok(Self {
            interpreter,
            libc: platform.libc,
            platform: Platform::of_python(&platform.system, &platform.machine),
            conda,
            system: AssumedSystem::parse(output.system.iter().map(String::as_str)),
            distributions,
            apt: output.apt,
            release: output.release,
            lost: output.lost,
            warnings,
        })
    }
}

/// The warning about passwords and tokens in the addresses of conda's packages: whoever has a channel with a login has it in
/// each of them.
fn left_out(with_login: &[String]) -> Option<String> {
    match with_login {
        [] => None,
        [name] => Some(format!("`{name}`: a password or token in its address was left out")),
        names => Some(format!("a password or token in the addresses of {} conda packages was left out", names.len())),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{CondaHash, DirectUrl, Installer};
    use super::*;

    /// A snapshot with these members besides those that each has.
    fn snapshot(members: &str) -> Snapshot {
        let json = format!(
            r#"{{"format": 1, "platform": {{"system": "Linux", "machine": "x86_64", "libc": "glibc 2.36"}}, "interpreter":
               {{"version": "3.12.4", "implementation": "CPython", "prefix": "/opt/env", "markers": {{"os_name": "posix"}}}},
               {members}}}"#
        );
        Snapshot::parse(&json).unwrap()
    }

    #[test]
    fn a_conda_record_keeps_its_strongest_digest_and_loses_its_secrets() {
        let sha256 = "ab".repeat(32);
        let snapshot = snapshot(&format!(
            r#""conda": [
                {{"name": "numpy", "version": "1.26.4", "build": "py312_0", "channel": "https://me:pw@e.org/lab",
                  "url": "https://e.org/t/tk-1/lab/linux-64/numpy-1.26.4-py312_0.conda", "sha256": "{sha256}", "md5": "00",
                  "requested": ["numpy >=1.26"], "depends": ["libblas >=3.9,<4.0a0", "python_abi 3.12.* *_cp312"]}},
                {{"name": "old", "version": "1", "md5": "{md5}"}},
                {{"name": "broken"}}]"#,
            md5 = "cd".repeat(16)
        ));
        let [numpy, old] = snapshot.conda.as_slice() else { panic!("{snapshot:?}") };
        assert_eq!(numpy.hash, Some(CondaHash::Sha256(sha256)));
        assert_eq!(numpy.url.as_deref(), Some("https://e.org/lab/linux-64/numpy-1.26.4-py312_0.conda"));
        assert_eq!(numpy.channel.as_deref(), Some("https://e.org/lab"));
        assert_eq!(numpy.depends, ["libblas", "python_abi"]);
        assert_eq!(old.hash, Some(CondaHash::Md5("cd".repeat(16))));
        assert_eq!(snapshot.warnings, ["`numpy`: a password or token in its address was left out"]);
    }

    #[test]
    fn a_channel_with_a_login_is_one_warning() {
        let record = |name: &str| {
            let url = format!("https://me:pw@e.org/lab/linux-64/{name}-1-0.conda");
            format!(r#"{{"name": "{name}", "version": "1", "channel": "https://me:pw@e.org/lab", "url": "{url}"}}"#)
        };
        let records = ["a", "b", "c"].map(record).join(", ");
        assert_eq!(
            snapshot(&format!(r#""conda": [{records}]"#)).warnings,
            ["a password or token in the addresses of 3 conda packages was left out"]
        );
    }

    #[test]
    fn where_a_distribution_came_from_is_told_without_secrets() {
        let snapshot = snapshot(
            r#""distributions": [
                {"name": "Vcs_Pkg", "version": "1.0", "installer": "pip", "requires": ["a>=1; extra == 'x'", "b (>=1.0.*)", "!"],
                 "direct_url": {"url": "https://me:hunter2@e.org/v.git",
                                "vcs_info": {"vcs": "git", "requested_revision": "main", "commit_id": "0af1"}}},
                {"name": "numpy", "version": "2.0.1+local", "installer": "conda", "requires": []}]"#,
        );
        let package = snapshot.distribution("vcs-pkg").unwrap();
        let Some(DirectUrl::Vcs { url, commit, requested_revision, .. }) = &package.origin else {
            panic!("{package:?}")
        };
        assert_eq!((url.as_str(), commit.as_str()), ("https://e.org/v.git", "0af1"));
        assert_eq!(requested_revision.as_deref(), Some("main"));
        assert_eq!(snapshot.warnings, ["`Vcs_Pkg`: a password or token in its URL was left out"]);
        let needs = |extras: &[String]| {
            let needs = package.needs(&snapshot.interpreter.markers, extras);
            needs.map(|it| it.name.clone()).collect::<Vec<_>>()
        };
        assert_eq!(needs(&[]), ["b"], "what old metadata says of versions is no reason to lose the package");
        assert_eq!(needs(&["x".to_owned()]), ["a", "b"]);
        let by_pip: Vec<&str> = snapshot.pip().map(|it| it.name.as_str()).collect();
        assert_eq!(by_pip, ["Vcs_Pkg"]);
        assert_eq!(snapshot.distribution("numpy").unwrap().installer, Installer::Conda);
    }

    #[test]
    fn what_is_no_snapshot_is_refused() {
        for (json, why) in [
            ("", "no JSON"),
            ("Python 2.7.18", "no JSON"),
            ("{}", "not a snapshot"),
            (r#"{"format": 2}"#, "not a snapshot"),
            (r#"{"format": 1}"#, "version of Python"),
        ] {
            let error = format!("{:#}", Snapshot::parse(json).unwrap_err());
            assert!(error.contains(why), "{json}: {error}");
        }
    }

    #[test]
    fn what_the_probe_could_not_read_is_a_warning() {
        let snapshot =
            snapshot(r#""problems": [{"path": "/x.dist-info", "message": "a distribution without metadata"}]"#);
        assert_eq!(snapshot.warnings, ["`/x.dist-info`: a distribution without metadata"]);
        assert_eq!(
            (snapshot.platform.to_string().as_str(), snapshot.libc.as_deref()),
            ("linux/amd64", Some("glibc 2.36"))
        );
    }
}
