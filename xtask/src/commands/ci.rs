//! `cargo xtask ci`

use std::iter;
use std::time::Instant;

use anyhow::Result;
use camino::Utf8PathBuf;
use xshell::{Shell, cmd};

use containers::ComposeOverlay;
use docker::{Docker, Plugin, Terminal};
use environment::PinnedTool;
use inputs::{self, Project};
use process::{Exit, IntoSet as _, Invocation, Outcome, ProcessError, files};
use project::{Accelerator, Context};
use report::Format;

use crate::{cli::CiArgs, running::Launch};

#[derive(Debug, Clone, PartialEq, Eq)]
enum StepResult {
    Passed,
    /// The reason.
    Failed(String),
    /// The reason.
    Skipped(String),
}

struct Step {
    name: &'static str,
    subject: Subject,
    check: fn(&CiArgs, &Context, &Shell) -> Result<StepResult>,
}

/// What a step is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Subject {
    Project,
    /// The source of this tool, which is checked where its tests are: `init` leaves them behind.
    Tool,
    /// The images, which the tool's tests build anyway.
    Images,
}

/// The quick ones first. A few fault tests are among the command-line tests.
const STEPS: [Step; 11] = [
    Step { name: "inputs", subject: Subject::Project, check: input_files },
    Step {
        name: "format",
        subject: Subject::Tool,
        check: |_, cx, sh| run_step(cx, cmd!(sh, "cargo fmt --all --check")),
    },
    Step {
        name: "lint",
        subject: Subject::Tool,
        check: |_, cx, sh| {
            run_step(cx, cmd!(sh, "cargo clippy --workspace --all-targets --features xtask/bench -- -D warnings"))
        },
    },
    Step { name: "unit and command-line tests", subject: Subject::Tool, check: tests },
    Step { name: "documentation", subject: Subject::Tool, check: documentation },
    Step { name: "Dockerfile", subject: Subject::Project, check: dockerfile },
    Step { name: "shell scripts", subject: Subject::Project, check: shell_scripts },
    Step { name: "compose file", subject: Subject::Project, check: compose_file },
    Step { name: "Python tests", subject: Subject::Project, check: python_tests },
    Step { name: "images", subject: Subject::Images, check: images },
    Step { name: "end-to-end tests", subject: Subject::Tool, check: end_to_end_tests },
];

/// Only for who asks.
const FAULTS: Step = Step {
    name: "fault tests",
    subject: Subject::Tool,
    check: |_, cx, sh| run_step(cx, cmd!(sh, "cargo test --package xtask --test faults -- --ignored")),
};

impl Subject {
    fn is_here(self, cx: &Context) -> bool {
        let has_tool_tests = cx.layout.root().join("xtask/tests").is_dir();
        match self {
            Self::Project => true,
            Self::Tool => has_tool_tests,
            Self::Images => !has_tool_tests,
        }
    }
}

impl CiArgs {
    /// Runs every step, also after one has failed.
    pub fn run(&self, cx: &Context) -> Result<Outcome> {
        let shell = Shell::new()?;
        // A dry run has not run the steps, so it has no results.
        let has_results = !cx.is_dry_run();
        let (mut passed, mut failed, mut skipped) = (0, 0, 0);
        let steps = STEPS.into_iter().chain(self.faults.then_some(FAULTS));
        for Step { name, check, .. } in steps.filter(|it| it.subject.is_here(cx)) {
            cx.ui.report(format_args!("\n==> {name}"));
            let start = Instant::now();
            let result = match check(self, cx, &shell) {
                Ok(result) => result,
                // Whoever presses Ctrl-C or sends a signal wants no more steps.
                Err(error) if ProcessError::is_interruption(&error) => return Err(error),
                Err(error) => StepResult::Failed(format!("{error:#}")),
            };
            let seconds = start.elapsed().as_secs_f64();
            let (count, text) = match result {
                StepResult::Passed => (&mut passed, "passed".to_owned()),
                StepResult::Failed(reason) => (&mut failed, format!("FAILED: {reason}")),
                StepResult::Skipped(reason) => (&mut skipped, format!("skipped: {reason}")),
            };
            *count += 1;
            if has_results {
                cx.ui.report(format_args!("<== {name} ({seconds:.1} s) {text}"));
            }
        }
        if !has_results {
            return Ok(Outcome::Done);
        }
        cx.ui.data(format_args!("\n{passed} passed, {failed} failed, {skipped} skipped"));
        Ok(if failed == 0 { Outcome::Done } else { Outcome::Failed })
    }
}

fn run_step(cx: &Context, invocation: impl Into<Invocation>) -> Result<StepResult> {
    let invocation = invocation.into().current_dir(cx.layout.root());
    Ok(match cx.runner.status(&invocation)? {
        Exit::SUCCESS => StepResult::Passed,
        exit => StepResult::Failed(format!("exit code {} of `{invocation}`", exit.code())),
    })
}

/// The findings of `cargo xtask check`, as annotations in a workflow of GitHub.
fn input_files(_: &CiArgs, cx: &Context, _: &Shell) -> Result<StepResult> {
    let findings = images::check(cx)?;
    if cx.host.get("GITHUB_ACTIONS") == Some("true") {
        cx.ui.report(Format::Github.render(&findings));
    } else {
        cx.report(&findings);
    }
    Ok(if findings.has_errors() { StepResult::Failed(findings.summary()) } else { StepResult::Passed })
}

fn tests(_: &CiArgs, cx: &Context, sh: &Shell) -> Result<StepResult> {
    let has_nextest = cx.runner.read(&cmd!(sh, "cargo nextest --version").into())?.exit.success();
    if has_nextest {
        run_step(cx, cmd!(sh, "cargo nextest run --workspace --features xtask/bench --no-fail-fast"))
    } else {
        run_step(cx, cmd!(sh, "cargo test --workspace --features xtask/bench --no-fail-fast"))
    }
}

fn documentation(_: &CiArgs, cx: &Context, sh: &Shell) -> Result<StepResult> {
    let invocation = Invocation::from(cmd!(sh, "cargo doc --workspace --no-deps --document-private-items"));
    run_step(cx, invocation.env("RUSTDOCFLAGS", "-D warnings"))
}

/// A linter, pinned so that everybody gets the same findings.
fn linter(cx: &Context, linter: PinnedTool, arguments: &[&str]) -> Result<Invocation> {
    let program = prefixes::find_or_install_linter(cx, &Project::load(cx)?.network, linter)?;
    Ok(Invocation::new(program).args(arguments.iter().copied()))
}

fn dockerfile(_: &CiArgs, cx: &Context, _: &Shell) -> Result<StepResult> {
    for directory in iter::once(cx.layout.docker()).chain(control_directories(cx)) {
        let [config, file] = ["hadolint.yaml", "Dockerfile"].map(|it| directory.join(it));
        match run_step(cx, linter(cx, PinnedTool::Hadolint, &["--config", config.as_str(), file.as_str()])?)? {
            StepResult::Passed => {}
            result => return Ok(result),
        }
    }
    Ok(StepResult::Passed)
}

/// The directories of the benchmarks' controls, which a project made from the template may have removed.
fn control_directories(cx: &Context) -> impl Iterator<Item = Utf8PathBuf> {
    let benchmarks = cx.layout.root().join("benchmarks");
    ["control", "strong-control"].into_iter().map(move |it| benchmarks.join(it)).filter(|it| it.is_dir())
}

fn shell_scripts(_: &CiArgs, cx: &Context, _: &Shell) -> Result<StepResult> {
    // A project made from the template may have removed them.
    let of_benchmarks = ["control/entrypoint.sh", "pushed.sh"].map(|it| cx.layout.root().join("benchmarks").join(it));
    let mut files: Vec<String> =
        of_benchmarks.into_iter().filter(|it| it.is_file()).map(Utf8PathBuf::into_string).collect();
    let directories = [cx.layout.scripts(), cx.layout.run_scripts(), cx.layout.root().join(".ci")];
    for directory in directories.into_iter().filter(|it| it.is_dir()) {
        let is_shell = |it: &Utf8PathBuf| it.extension() != Some("py");
        files.extend(files::files_in(&directory)?.into_iter().filter(is_shell).map(Utf8PathBuf::into_string));
    }
    process::sort(&mut files);
    run_step(cx, linter(cx, PinnedTool::Shellcheck, &["--external-sources", "--source-path=SCRIPTDIR"])?.args(files))
}

fn compose_file(_: &CiArgs, cx: &Context, _: &Shell) -> Result<StepResult> {
    // Needs the plugin, but no daemon.
    if let Err(why) = Plugin::Compose.require(&cx.runner) {
        return Ok(StepResult::Skipped(inputs::explain_unavailable(cx, &why)));
    }
    // With every overlay, because an overlay is valid only together with the files below it.
    let project = Project::load(cx)?;
    containers::with_compose(&project, &ComposeOverlay::ALL.into_iter().into_set(), |compose| {
        run_step(cx, compose.invocation(["--profile", "*", "config", "--quiet"]))
    })
}

fn python_tests(_: &CiArgs, cx: &Context, _: &Shell) -> Result<StepResult> {
    let project = Project::load(cx)?;
    let prefix = prefixes::build(&project)?;
    let launch = Launch {
        command: &["python", "-m", "pytest"].map(str::to_owned),
        passed: &[],
        published: &[],
        directory: None,
        job: None,
        terminal: Terminal::Streams,
        accelerator: Accelerator::Cpu,
        platform: None,
        receipt: false,
    };
    Ok(match launch.wait_in_prefix(&project, &prefix)? {
        Exit::SUCCESS => StepResult::Passed,
        exit => StepResult::Failed(format!("exit code {} of `python -m pytest`", exit.code())),
    })
}

/// As anybody would do it.
fn images(ci: &CiArgs, cx: &Context, sh: &Shell) -> Result<StepResult> {
    if let Err(why) = Docker::probe(&cx.runner) {
        let why = inputs::explain_unavailable(cx, &why);
        return Ok(if ci.e2e { StepResult::Failed(why) } else { StepResult::Skipped(why) });
    }
    match run_step(cx, cmd!(sh, "cargo xtask build all"))? {
        StepResult::Passed => run_step(cx, cmd!(sh, "cargo xtask run -- python -m pytest")),
        result => Ok(result),
    }
}

fn end_to_end_tests(ci: &CiArgs, cx: &Context, sh: &Shell) -> Result<StepResult> {
    match Docker::probe(&cx.runner) {
        // In one process, because they share the images that the first test builds.
        Ok(_) => run_step(cx, cmd!(sh, "cargo test --package xtask --test e2e -- --ignored")),
        Err(why) if ci.e2e => Ok(StepResult::Failed(inputs::explain_unavailable(cx, &why))),
        Err(why) => Ok(StepResult::Skipped(inputs::explain_unavailable(cx, &why))),
    }
}
