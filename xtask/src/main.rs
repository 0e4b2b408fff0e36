//! The binary behind `cargo xtask`: parses the command line, opens the repository, runs a verb and turns its outcome into an
//! exit code. `cli` is the command line, `commands` has one file a verb, `running` starts the user's commands, `pruning`
//! finds what nobody needs, `making` asks what a new project shall be, `editing` changes the lists of packages,
//! `supplying` finds what an environment is made of, `submitting` sends jobs to clusters; everything else is in the crates below
//! `crates/`.

#![cfg_attr(test, allow(clippy::disallowed_methods, reason = "tests make the files that they look at"))]

mod cli;
mod commands;
mod editing;
mod making;
mod pruning;
mod rerunning;
mod running;
mod submitting;
mod supplying;

use std::process::ExitCode;

use anyhow::{Context as _, Error, Result, anyhow};
use camino::Utf8PathBuf;

use process::{Echo, FAILURE, HostEnvironment, ProcessError, Ui};
use project::{Context, Layout};
use report::{Findings, Format, parses};

use crate::cli::Cli;

fn main() -> ExitCode {
    let cli = match Cli::parse_from_args(std::env::args_os()) {
        Ok(cli) => cli,
        Err(error) => return usage(&error),
    };
    let host = HostEnvironment::take();
    let ui = Ui::new(cli.echo() == Echo::DryRun, host.get("NO_COLOR").is_some());
    let Some(verb) = &cli.verb else {
        ui.data(Cli::overview());
        return finished(ui, 0);
    };
    if cli.echo() == Echo::Verbose {
        parses::start();
    }
    let outcome = context(cli.echo(), ui, host).and_then(|cx| {
        if cli.offline {
            process::go_offline(project::offline_rules(&cx.layout.supply()));
        }
        verb.run(&cx).map_err(|it| inputs::with_full_disk(&cx, it))
    });
    let outcome = outcome.and_then(|outcome| ui.finish().map(|()| outcome));
    for parsed in parses::counted() {
        ui.notice(parsed);
    }
    let code = match outcome {
        Ok(outcome) => outcome.code(),
        Err(error) => {
            if let Some(findings) = error.downcast_ref::<Findings>() {
                ui.draw(Format::Pretty { colour: ui.shows_colours_on_stderr() }.render(findings));
                FAILURE
            } else {
                ui.error(&with_stop_signal(error));
                verb.failure_code()
            }
        }
    };
    // As if the signal had ended us, which is what whoever sent it looks for.
    ExitCode::from(process::stop_signal().map_or(code, |signal| signal.exit().code()))
}

/// What fails once we were asked to stop, fails because of that.
fn with_stop_signal(error: Error) -> Error {
    match process::stop_signal() {
        Some(signal) if !ProcessError::is_interruption(&error) => error.context(signal),
        _ => error,
    }
}

/// Prints what clap has to say. Help and version come as errors too.
fn usage(error: &clap::Error) -> ExitCode {
    let ui = Ui::new(false, true);
    let printed = error.print();
    if !error.use_stderr() {
        ui.wrote(printed);
    }
    finished(ui, u8::try_from(error.exit_code()).unwrap_or(FAILURE))
}

/// The exit code, unless the data that the user asked for was lost.
fn finished(ui: Ui, code: u8) -> ExitCode {
    ExitCode::from(match ui.finish() {
        Ok(()) => code,
        Err(error) => {
            ui.error(&error);
            FAILURE
        }
    })
}

fn context(echo: Echo, ui: Ui, host: HostEnvironment) -> Result<Context> {
    let directory = std::env::current_dir().context("cannot find out the current directory")?;
    let directory = Utf8PathBuf::from_path_buf(directory).map_err(|path| {
        anyhow!("the path of this directory, `{}`, is not UTF-8; rename or move it", path.to_string_lossy())
    })?;
    let layout = Layout::find(&directory)?;
    let dialect = inputs::dialect(&layout, &host);
    let cx = Context::new(layout, echo, ui, host);
    Ok(match dialect {
        Some(dialect) => cx.speaking(dialect),
        None => cx,
    })
}
