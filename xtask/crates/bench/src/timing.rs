//! One thing to time, as a value, and how it is timed.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use camino::Utf8PathBuf;

use process::{Invocation, QueryOutput, files::NewFile};
use project::Context;

use super::{samples::Samples, trial::Trial};

/// After which a command that hangs is killed.
const LIMIT: Duration = Duration::from_secs(1800);

/// One thing to time.
#[derive(Debug, Clone, Copy)]
pub struct Timing {
    /// What is done.
    pub name: &'static str,
    /// What it is measured against, in words.
    pub against: &'static str,
    /// How the control does it the n-th time.
    pub control: Option<fn(&Trial, usize) -> TimedRun>,
    /// How we do it the n-th time.
    pub ours: fn(&Trial, usize) -> TimedRun,
    /// What is measured.
    pub clock: Clock,
    /// What it should be.
    pub aim: Option<Aim>,
    /// What our time is made of, said where the aim is missed.
    pub made_of: &'static str,
}

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clock {
    /// Seconds that a person waits.
    Wall,
    /// Seconds that processors work for a command that is [`counted`], and for all that it starts.
    Processor,
}

/// What a median should not be above.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Aim {
    /// The ratio to the control.
    Ratio(f64),
    /// Seconds.
    Seconds(f64),
    /// Seconds more than the control: the difference of the medians.
    More(f64),
}

/// One run: what is prepared, which is not timed, and what is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimedRun {
    /// Before each run.
    pub before: Vec<Preparation>,
    /// The command.
    pub command: Invocation,
}

/// One step of a preparation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Preparation {
    /// A command that must succeed.
    Start(Invocation),
    /// A file with this text.
    Write(Utf8PathBuf, String),
    /// No such directory.
    Remove(Utf8PathBuf),
}

/// What was measured.
#[derive(Debug, Clone, PartialEq)]
pub struct MeasuredTimes {
    /// The control's times, and the ratios of the pairs.
    pub control: Option<(Samples, Samples)>,
    /// Ours.
    pub ours: Samples,
}

impl Timing {
    /// Runs both in turn: once to warm up, and then so many pairs. A dry run prints them, and nothing is measured.
    pub fn measure(&self, cx: &Context, trial: &Trial, pairs: usize) -> Result<Option<MeasuredTimes>> {
        let (mut both, mut ours) = (Vec::new(), Vec::new());
        for number in 0..=if cx.is_dry_run() { 0 } else { pairs } {
            let control = self.control.map(|it| self.once(cx, &it(trial, number))).transpose()?;
            let own = self.once(cx, &(self.ours)(trial, number))?;
            if number > 0 {
                let against = control.map(|it| format!("{it:.2} s and ")).unwrap_or_default();
                cx.ui.notice(format_args!("{}, {number} of {pairs}: {against}{own:.2} s", self.name));
                both.extend(control.map(|control| (control, own)));
                ours.push(own);
            }
        }
        let control = Samples::new(both.iter().map(|it| it.0).collect()).zip(Samples::ratios(&both));
        Ok(Samples::new(ours).map(|ours| MeasuredTimes { control, ours }))
    }

    /// Seconds of one run.
    fn once(&self, cx: &Context, run: &TimedRun) -> Result<f64> {
        perform(cx, &run.before)?;
        if cx.is_dry_run() {
            cx.runner.succeed(&run.command)?;
            return Ok(0.0);
        }
        let start = Instant::now();
        let reading = succeed(cx, &run.command)?;
        let wall = start.elapsed().as_secs_f64();
        match self.clock {
            Clock::Wall => Ok(wall),
            Clock::Processor => seconds_of_children(&reading.stdout).context("the shell told no times"),
        }
    }
}

/// Prepares a run.
pub fn perform(cx: &Context, steps: &[Preparation]) -> Result<()> {
    for step in steps {
        match step {
            Preparation::Start(invocation) if cx.is_dry_run() => cx.runner.succeed(invocation)?,
            Preparation::Start(invocation) => _ = succeed(cx, invocation)?,
            Preparation::Write(path, text) => {
                path.parent().map_or(Ok(()), |it| cx.files.create_dir(it))?;
                cx.files.write(path, &NewFile::text(text.as_str()))?;
            }
            Preparation::Remove(path) => cx.files.remove_dir(path)?,
        }
    }
    Ok(())
}

/// Runs a command that must succeed and keeps what it says to itself.
pub fn succeed(cx: &Context, invocation: &Invocation) -> Result<QueryOutput> {
    let reading = cx.runner.read_within(invocation, LIMIT)?;
    ensure!(
        reading.exit.success(),
        "exit code {} of `{invocation}`:\n{}{}",
        reading.exit.code(),
        reading.stdout,
        reading.stderr
    );
    Ok(reading)
}

/// A command in a shell that tells afterwards how long it has worked, as [`Clock::Processor`] needs it.
///
/// `times` is POSIX's: the second line is of the children, user and system.
pub fn counted(words: &[&str]) -> Invocation {
    let script = r#""$@" >/dev/null || exit; times"#;
    Invocation::new("sh").args(["-c", script, "sh"]).args(words.iter().copied())
}

/// Reads `0m12.340s 0m1.200s`, which dash writes with six decimals.
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
    fn the_times_of_children_are_user_and_system() {
        assert_eq!(seconds_of_children("0m0.01s 0m0.02s\n1m2.50s 0m1.25s\n"), Some(63.75));
        assert_eq!(seconds_of_children("0m0.000000s 0m0.010000s\n0m2.500000s 0m1.250000s\n"), Some(3.75));
        assert_eq!(seconds_of_children("real 1.0\n"), None);
    }
}
