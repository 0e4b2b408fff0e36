//! What a cluster says to the description of it. Its own client is asked, each question with a time limit.

#[cfg(test)]
mod fixtures;
mod kubernetes;
mod runai;
mod slurm;

use std::thread;
use std::time::Duration;

use anyhow::Result;

use jobs::{MountSource, Site, SiteEngine, Storage};
use process::{Invocation, ProcessError, Runner};
use project::Context;

use super::{
    diagnosis::{Diagnosis, SiteReport},
    facts::ProgramAnswer,
    probe::ask_within,
};

/// For one question. All are asked at once.
const LIMIT: Duration = Duration::from_secs(15);

/// Asks the site's own client. Submits nothing; the only error is Ctrl-C.
pub fn site_report(cx: &Context, site: &Site) -> Result<SiteReport> {
    let diagnoses = match &site.engine {
        SiteEngine::Slurm(slurm) => slurm::diagnoses(cx, site, slurm)?,
        SiteEngine::Kubernetes(kubernetes) => kubernetes::diagnoses(cx, site, kubernetes)?,
        SiteEngine::RunAi(runai) => runai::diagnoses(cx, site, runai)?,
        SiteEngine::Docker => {
            let fix = "`cargo xtask doctor` without `--site` looks at this machine; `run --detach` starts jobs here";
            vec![Diagnosis::warning("engine", "the site is this machine", fix)]
        }
    };
    Ok(SiteReport { diagnoses })
}

/// The answers, in the order of the questions.
fn ask_all<const N: usize>(runner: &Runner, questions: [Invocation; N]) -> Result<[ProgramAnswer; N], ProcessError> {
    let answers = thread::scope(|scope| {
        let asked = questions.map(|it| scope.spawn(move || ask(runner, &it)));
        asked.map(|it| it.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    });
    let mut interrupted = None;
    let answers = answers.map(|it| {
        it.unwrap_or_else(|error| {
            interrupted.get_or_insert(error);
            ProgramAnswer::NotFound
        })
    });
    interrupted.map_or(Ok(answers), Err)
}

fn ask(runner: &Runner, invocation: &Invocation) -> Result<ProgramAnswer, ProcessError> {
    ask_within(LIMIT, runner, invocation)
}

/// A client's words, in one line.
fn words(answer: &ProgramAnswer) -> String {
    match answer {
        ProgramAnswer::NotFound => "not installed on this machine".to_owned(),
        ProgramAnswer::TimedOut(limit) => format!("no answer within {} s", limit.as_secs()),
        ProgramAnswer::Ended(output) => {
            let said = if output.stderr.trim().is_empty() { &output.stdout } else { &output.stderr };
            let lines: Vec<&str> = said.lines().map(str::trim).filter(|it| !it.is_empty()).collect();
            process::shown(&lines.join("; "))
        }
    }
}

/// What a client says at last: `kubectl` writes what it has tried before.
fn last_words(answer: &ProgramAnswer) -> String {
    let words = words(answer);
    words.rsplit("; ").next().unwrap_or_default().to_owned()
}

/// The claims that the site's storage names, each once.
fn claims(storage: &Storage) -> Vec<&str> {
    let places = [&storage.runs, &storage.data, &storage.outputs];
    let mut claims: Vec<&str> = places
        .into_iter()
        .filter_map(|it| match it {
            Some(MountSource::Claim(name)) => Some(name.as_str()),
            _ => None,
        })
        .collect();
    claims.sort_unstable();
    claims.dedup();
    claims
}
