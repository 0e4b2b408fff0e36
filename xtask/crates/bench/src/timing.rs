//! A timing as a value, and how it is measured.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use camino::Utf8PathBuf;

use process::{Invocation, QueryOutput, files::NewFile};
use project::Context;

use super::{
    case::{Case, MeasuredCase, Round},
    trial::Trial,
};

/// A command that takes longer is killed.
const TIME_LIMIT: Duration = Duration::from_secs(3600);

/// A case whose figures are times of commands.
#[derive(Debug, Clone, Copy)]
pub struct Timing {
    pub case: Case,
    pub usual: Option<NthRun>,
    pub strong: Option<NthRun>,
    pub ours: NthRun,
    pub clock: Clock,
}

/// What is done and timed in a round, whose number is given.
pub type NthRun = fn(&Trial, usize) -> TimedRun;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clock {
    /// Seconds that a person waits.
    Wall,
    /// Seconds that processors work, for a command of [`with_processor_time`] and everything that it starts.
    Processor,
}

/// How often everything is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rounds {
    /// Whether there is one more before, which does not count.
    pub has_warm_up: bool,
    pub count: usize,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimedRun {
    /// Not timed.
    pub before: Vec<Preparation>,
    pub command: Invocation,
}

/// One step of a preparation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Preparation {
    /// Run a command, which must succeed.
    Start(Invocation),
    /// Write a file with this text.
    Write(Utf8PathBuf, String),
    /// Remove a directory.
    Remove(Utf8PathBuf),
}

impl Timing {
    /// Runs all sides in turn, round after round. `None` in a dry run, which prints the commands of one round.
    pub fn measure(&self, cx: &Context, trial: &Trial, rounds: Rounds) -> Result<Option<MeasuredCase>> {
        let (mut figures, mut profile) = (Vec::new(), None);
        for number in usize::from(!rounds.has_warm_up)..=rounds.count {
            let round = self.round(cx, trial, number)?;
            trial.end_round();
            let Some((round, said)) = round else { return Ok(None) };
            profile = slowest_steps(&said);
            if number > 0 {
                self.announce(cx, number, rounds, round);
                figures.push(round);
            }
        }
        Ok(MeasuredCase::new(self.case, &figures).map(|it| MeasuredCase { profile, ..it }))
    }

    /// With what our command said. `None` in a dry run.
    fn round(&self, cx: &Context, trial: &Trial, number: usize) -> Result<Option<(Round, String)>> {
        let time = |run: NthRun| self.time(cx, &run(trial, number));
        let usual = self.usual.map(time).transpose()?.flatten().map(|it| it.0);
        let strong = self.strong.map(time).transpose()?.flatten().map(|it| it.0);
        Ok(time(self.ours)?.map(|(ours, said)| (Round { usual, strong, ours }, said)))
    }

    fn announce(&self, cx: &Context, number: usize, rounds: Rounds, Round { usual, strong, ours }: Round) {
        let controls: String =
            [usual, strong].map(|it| it.map(|it| format!("{it:.2} s, ")).unwrap_or_default()).concat();
        let (name, count) = (self.case.name, rounds.count);
        cx.ui.notice(format_args!("{name}, {number} of {count}: {controls}ours {ours:.2} s"));
    }

    /// Seconds of one run, and what it printed on standard error. `None` in a dry run.
    fn time(&self, cx: &Context, run: &TimedRun) -> Result<Option<(f64, String)>> {
        prepare(cx, &run.before)?;
        let start = Instant::now();
        let Some(output) = run_quietly(cx, &run.command)? else { return Ok(None) };
        let wall = start.elapsed().as_secs_f64();
        let seconds = match self.clock {
            Clock::Wall => wall,
            Clock::Processor => seconds_of_children(&output.stdout).context("`times` printed no times")?,
        };
        Ok(Some((seconds, output.stderr)))
    }
}

pub fn prepare(cx: &Context, steps: &[Preparation]) -> Result<()> {
    for step in steps {
        match step {
            Preparation::Start(invocation) => _ = run_quietly(cx, invocation)?,
            Preparation::Write(path, text) => {
                path.parent().map_or(Ok(()), |it| cx.files.create_dir(it))?;
                cx.files.write(path, &NewFile::text(text.as_str()))?;
            }
            Preparation::Remove(path) => cx.files.remove_dir(path)?,
        }
    }
    Ok(())
}

/// Runs a command that must succeed, without showing its output. `None` in a dry run, which prints the command.
pub fn run_quietly(cx: &Context, invocation: &Invocation) -> Result<Option<QueryOutput>> {
    // The runner has no door for a change whose output is read.
    if cx.is_dry_run() {
        cx.runner.succeed(invocation)?;
        return Ok(None);
    }
    query(cx, invocation).map(Some)
}

/// Asks a program that changes nothing, also in a dry run, and must succeed.
pub fn query(cx: &Context, invocation: &Invocation) -> Result<QueryOutput> {
    let output = cx.runner.read_within(invocation, TIME_LIMIT)?;
    ensure!(
        output.exit.success(),
        "exit code {} of `{invocation}`:\n{}{}",
        output.exit.code(),
        output.stdout,
        output.stderr
    );
    Ok(output)
}

/// A command that prints the processor time of its children at the end, for [`Clock::Processor`].
///
/// Source: `times` of POSIX, whose second line has the user and system time of the children.
pub fn with_processor_time(words: &[&str]) -> Invocation {
    let script = r#""$@" >/dev/null || exit; times"#;
    Invocation::new("sh").args(["-c", script, "sh"]).args(words.iter().copied())
}

/// The end of what `cargo xtask build` prints.
fn slowest_steps(said: &str) -> Option<String> {
    let mut lines = said.lines().skip_while(|it| !it.starts_with("built in ")).peekable();
    lines.peek()?;
    Some(lines.collect::<Vec<_>>().join("\n"))
}

/// Reads the second line of `times`, such as `0m12.340s 0m1.200s`; dash writes six decimals.
fn seconds_of_children(times: &str) -> Option<f64> {
    let seconds = |word: &str| {
        let (minutes, seconds) = word.strip_suffix('s')?.split_once('m')?;
        Some(minutes.parse::<f64>().ok()? * 60.0 + seconds.parse::<f64>().ok()?)
    };
    let words: Option<Vec<f64>> = times.lines().nth(1)?.split_whitespace().map(seconds).collect();
    words.filter(|it| it.len() == 2).map(|it| it.iter().sum())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_slowest_steps_are_what_a_build_says_last() {
        let said = "#5 DONE 0.1s\nTARGET  SIZE\nruntime  1 GB\nbuilt in 2.0 s; the slowest steps:\n  1.2 s  COPY\n";
        assert_eq!(slowest_steps(said).unwrap(), "built in 2.0 s; the slowest steps:\n  1.2 s  COPY");
        assert_eq!(slowest_steps("up to date\n"), None);
    }

    #[test]
    fn the_times_of_children_are_user_and_system() {
        assert_eq!(seconds_of_children("0m0.01s 0m0.02s\n1m2.50s 0m1.25s\n"), Some(63.75));
        assert_eq!(seconds_of_children("0m0.000000s 0m0.010000s\n0m2.500000s 0m1.250000s\n"), Some(3.75));
        assert_eq!(seconds_of_children("real 1.0\n"), None);
    }
}
