//! The progress that BuildKit prints during a build.

use std::collections::BTreeMap;
use std::fmt;

use project::DiskSpace;

/// One step of a build. It is shown as `[STAGE NUMBER] INSTRUCTION`.
#[derive(Debug, Clone, PartialEq)]
pub struct BuildStep {
    /// `None` for work of the builder that is no step of the Dockerfile.
    pub position: Option<StepPosition>,
    /// The instruction, or the builder's own words.
    pub text: String,
    pub is_cached: bool,
    pub seconds: f64,
}

/// The position of a step in the Dockerfile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepPosition {
    /// `None` where the build has one platform.
    pub platform: Option<String>,
    pub stage: String,
    /// The step's number and the number of steps in the stage: `2/5`.
    pub number: String,
}

impl BuildStep {
    /// Parses BuildKit's name for a step: `[dev 2/5] RUN …`, and in a build of several images `[runtime linux/arm64 dev 2/5] RUN …`.
    fn parse(name: &str) -> Self {
        let position = name.strip_prefix('[').and_then(|it| it.split_once(']')).and_then(|(label, text)| {
            let mut words: Vec<&str> = label.split(' ').collect();
            let number = words.pop().filter(|it| is_number(it))?.to_owned();
            let stage = words.pop().filter(|it| !it.contains('/'))?.to_owned();
            let platform = words.into_iter().find(|it| it.contains('/')).map(str::to_owned);
            Some((StepPosition { platform, stage, number }, text))
        });
        let (position, text) = position.map_or((None, name), |(position, text)| (Some(position), text));
        Self { position, text: text.trim().to_owned(), is_cached: false, seconds: 0.0 }
    }
}

impl BuildStep {
    /// Each step once: it was done if it was done for one image, or in one run of the builder.
    pub fn merged(all: impl IntoIterator<Item = Self>) -> Vec<Self> {
        let mut steps: Vec<Self> = Vec::new();
        for step in all {
            let same = steps.iter_mut().find(|it| it.position.is_some() && it.position == step.position);
            if let Some(same) = same {
                same.is_cached &= step.is_cached;
                same.seconds = same.seconds.max(step.seconds);
            } else {
                steps.push(step);
            }
        }
        steps
    }
}

impl fmt::Display for BuildStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(StepPosition { platform, stage, number }) = &self.position {
            let platform = platform.as_ref().map(|it| format!("{it} ")).unwrap_or_default();
            write!(f, "[{platform}{stage} {number}] ")?;
        }
        // Mounts say little about the step.
        let words = self.text.split_whitespace().filter(|it| !it.starts_with("--mount"));
        f.write_str(&words.collect::<Vec<_>>().join(" "))
    }
}

/// Whether a word is like `2/5`.
fn is_number(word: &str) -> bool {
    let are_digits = |it: &str| !it.is_empty() && it.bytes().all(|it| it.is_ascii_digit());
    word.split_once('/').is_some_and(|(number, count)| are_digits(number) && are_digits(count))
}

/// Reads the steps of a build from its progress, as BuildKit prints it for a log or draws it on a terminal.
///
/// Source: moby/buildkit, util/progress/progressui. buildx also has a form for programs, but prints one form at a time.
#[derive(Debug, Clone, Default)]
pub struct Progress {
    /// The beginning of a line that has no end yet.
    line: Vec<u8>,
    /// The steps of a log, by BuildKit's number.
    printed: BTreeMap<u32, BuildStep>,
    /// The numbers of those that have begun and not ended, the one that spoke last at the end.
    open: Vec<u32>,
    /// The numbers of those that have ended since somebody asked.
    ended: Vec<u32>,
    /// The steps of the last picture on a terminal.
    drawn: Vec<BuildStep>,
    failure: StepFailure,
    is_disk_full: bool,
}

/// What BuildKit repeats of a step that failed, between two lines of dashes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StepFailure {
    /// The name of the step, such as `[layer-2 1/1] RUN …`; empty where no step failed.
    pub step: String,
    /// The last lines that it printed, without the times that BuildKit puts in front.
    pub lines: Vec<String>,
    is_open: bool,
}

impl StepFailure {
    /// The step in a few words.
    pub fn name(&self) -> String {
        BuildStep::parse(&self.step).to_string()
    }

    /// Where the step is in the Dockerfile; `None` where it is none of it.
    pub fn position(&self) -> Option<StepPosition> {
        BuildStep::parse(&self.step).position
    }

    /// The last line that says something.
    pub fn cause(&self) -> Option<&str> {
        self.lines.iter().rev().map(|it| it.trim()).find(|it| !it.is_empty())
    }

    fn read(&mut self, line: &str) {
        if line.starts_with("------") {
            self.is_open = false;
        } else if let Some(step) = line.strip_prefix(" > ").and_then(|it| it.strip_suffix(':')) {
            *self = Self { step: step.to_owned(), lines: Vec::new(), is_open: true };
        } else if self.is_open {
            self.lines.push(without_time(line).trim_end().to_owned());
        }
    }
}

/// Without `12.34 ` or `#7 12.34 `.
fn without_time(line: &str) -> &str {
    let rest = line.strip_prefix('#').and_then(|it| it.split_once(' ')).map_or(line, |(_, rest)| rest);
    match rest.split_once(' ') {
        Some((time, rest)) if time.contains('.') && time.parse::<f64>().is_ok() => rest,
        _ => rest,
    }
}

impl Progress {
    /// Reads more output, in pieces of any length.
    pub fn read(&mut self, bytes: &[u8]) {
        for piece in bytes.split_inclusive(|it| *it == b'\n') {
            self.line.extend_from_slice(piece);
            if piece.ends_with(b"\n") {
                let line = std::mem::take(&mut self.line);
                self.read_line(&without_control_sequences(&String::from_utf8_lossy(&line)));
            }
        }
    }

    /// The steps, in order. BuildKit prints a step that several images share once for each of them; here it is one step.
    pub fn steps(&self) -> Vec<BuildStep> {
        let printed: Vec<&BuildStep> =
            if self.drawn.is_empty() { self.printed.values().collect() } else { self.drawn.iter().collect() };
        BuildStep::merged(printed.into_iter().cloned())
    }

    /// The steps of a log that were done since the last call, without those that were done before.
    pub fn take_done(&mut self) -> Vec<BuildStep> {
        let done = std::mem::take(&mut self.ended).into_iter().filter_map(|it| self.printed.get(&it));
        done.filter(|it| !it.is_cached && it.position.is_some()).cloned().collect()
    }

    /// The step of a log that is being done, and spoke last.
    pub fn current(&self) -> Option<&BuildStep> {
        self.open.last().and_then(|it| self.printed.get(it))
    }

    /// The step that failed, if one did.
    pub fn failure(&self) -> Option<&StepFailure> {
        Some(&self.failure).filter(|it| !it.step.is_empty())
    }

    /// Whether the builder, or a program in a step, said that there is no room on the disk.
    pub fn found_disk_full(&self) -> bool {
        self.is_disk_full
    }

    fn read_line(&mut self, line: &str) {
        self.is_disk_full |= DiskSpace::is_missing_in(line);
        self.failure.read(line);
        if line.contains("[+] Building ") {
            self.drawn.clear();
        } else if let Some(step) = line.trim_start().strip_prefix("=> ") {
            self.drawn.extend(parse_drawn(step));
        } else if let Some((number, text)) = line.strip_prefix('#').and_then(|it| it.split_once(' '))
            && let Ok(number) = number.parse()
        {
            self.read_log_line(number, text);
        }
    }

    /// The first line of a number has the name of the step; BuildKit repeats it after lines of other steps.
    fn read_log_line(&mut self, number: u32, text: &str) {
        let step = self.printed.entry(number).or_insert_with(|| BuildStep::parse(text));
        let seconds = text.strip_prefix("DONE ").and_then(seconds);
        step.is_cached |= text == "CACHED";
        step.seconds = seconds.unwrap_or(step.seconds);
        self.open.retain(|it| *it != number);
        if seconds.is_some() || text == "CACHED" {
            self.ended.push(number);
        // The first one says who builds, and is never done.
        } else if number > 0 && !text.starts_with("ERROR") && !text.starts_with("CANCELED") {
            self.open.push(number);
        }
    }
}

/// Parses `CACHED [dev 2/5] RUN …     0.0s`. A line with a second arrow is about a part of a step.
fn parse_drawn(text: &str) -> Option<BuildStep> {
    let (name, time) = text.trim_end().rsplit_once(' ')?;
    let seconds = seconds(time)?;
    let name = name.trim_end();
    if name.starts_with("=> ") {
        return None;
    }
    let cached = name.strip_prefix("CACHED ");
    Some(BuildStep { is_cached: cached.is_some(), seconds, ..BuildStep::parse(cached.unwrap_or(name)) })
}

fn seconds(text: &str) -> Option<f64> {
    text.strip_suffix('s')?.parse().ok()
}

/// A line without the sequences that move the cursor and set colours: ECMA-48, 5.4.
fn without_control_sequences(line: &str) -> String {
    let mut pieces = line.trim_end().split("\u{1b}[");
    let first = pieces.next().unwrap_or_default().to_owned();
    let text = |it: &str| it.find(|it: char| ('@'..='~').contains(&it)).map(|end| it[end + 1..].to_owned());
    first + &pieces.filter_map(text).collect::<String>()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(text: &str) -> Vec<(String, bool, f64)> {
        let mut progress = Progress::default();
        // However it comes in pieces.
        text.as_bytes().chunks(7).for_each(|it| progress.read(it));
        progress.steps().into_iter().map(|it| (it.to_string(), it.is_cached, it.seconds)).collect()
    }

    #[test]
    fn what_a_failed_step_said_last_is_known() {
        let log = "#9 [layer-1 1/1] RUN x\n#9 1.1 first\n#9 ERROR: process did not complete successfully\n------\n > [layer-1 1/1] RUN x:\n\
                   0.512 E: Unable to locate package nosuch\n1.1   × Failed\n------\nDockerfile:60\n--------------------\n  59 | a\n";
        let mut progress = Progress::default();
        progress.read(log.as_bytes());
        let failure = progress.failure().unwrap();
        assert_eq!(failure.step, "[layer-1 1/1] RUN x");
        assert_eq!(failure.lines, ["E: Unable to locate package nosuch", "  × Failed"]);
        assert_eq!(Progress::default().failure(), None);
    }

    #[test]
    fn each_step_of_a_log_is_found_once_however_often_it_goes_on() {
        let log = "#0 building with \"default\" instance using docker driver\n\n#2 [dev internal] load .dockerignore\n\
                   #2 DONE 0.1s\n\n#6 [runtime common 1/2] FROM docker.io/library/base\n#6 CACHED\n\n\
                   #8 [runtime common 2/2] RUN --mount=type=cache,id=x     sleep 1\n#8 ...\n\n#6 [dev common 1/2] FROM \
                   docker.io/library/base\n#6 CACHED\n\n#8 [dev common 2/2] RUN --mount=type=cache,id=x     sleep 1\n\
                   #8 0.220 #9 DONE 7.0s\n#8 DONE 1.3s\n";
        let found = steps(log);
        let expected =
            [("[common 1/2] FROM docker.io/library/base", true, 0.0), ("[common 2/2] RUN sleep 1", false, 1.3)];
        assert_eq!(found[2..], expected.map(|(name, is_cached, seconds)| (name.to_owned(), is_cached, seconds)));
    }

    #[test]
    fn what_is_done_is_told_once_and_what_is_being_done_is_known() {
        let mut progress = Progress::default();
        let mut after = |log: &str| {
            progress.read(log.as_bytes());
            let done = progress.take_done().iter().map(ToString::to_string).collect::<Vec<_>>();
            (done.join(", "), progress.current().map(ToString::to_string).unwrap_or_default())
        };
        let name = |it: &str| it.to_owned();
        assert_eq!(after("#1 [internal] load build definition\n#1 DONE 0.0s\n"), (name(""), name("")));
        assert_eq!(
            after("#5 [base 1/2] FROM x\n#5 CACHED\n#6 [base 2/2] RUN y\n"),
            (name(""), name("[base 2/2] RUN y"))
        );
        assert_eq!(after("#7 [uv 1/1] RUN z\n#6 0.1 hello\n"), (name(""), name("[base 2/2] RUN y")));
        assert_eq!(after("#6 DONE 1.2s\n"), (name("[base 2/2] RUN y"), name("[uv 1/1] RUN z")));
        assert_eq!(after("#7 ERROR: process did not complete\n"), (name(""), name("")));
    }

    #[test]
    fn a_step_of_two_images_that_one_of_them_waits_for_is_one() {
        let log = "#8 [runtime common 2/2] RUN x\n#8 DONE 1.3s\n\n#9 [dev common 2/2] RUN x\n#9 CACHED\n";
        assert_eq!(steps(log), [("[common 2/2] RUN x".to_owned(), false, 1.3)]);
    }

    #[test]
    fn a_full_disk_is_found_in_the_words_of_the_builder_and_of_a_step() {
        let is_found = |text: &str| {
            let mut progress = Progress::default();
            text.as_bytes().chunks(7).for_each(|it| progress.read(it));
            progress.found_disk_full()
        };
        assert!(is_found("#9 1.2 OSError: [Errno 28] No space left on device: '/opt/env/x'\n"));
        assert!(is_found("ERROR: failed to solve: write /var/lib/docker/x: \u{1b}[31mno space left on device\r\n"));
        assert!(!is_found("#9 1.2 E: Unable to locate package space\n"));
    }

    #[test]
    fn a_terminal_shows_the_same_in_its_last_picture() {
        let picture = |time: &str| {
            format!(
                "\u{1b}[1A\u{1b}[1A\u{1b}[0G\u{1b}[?25l[+] Building {time} (4/4) FINISHED          docker:default\r\n\
                 \u{1b}[34m => [runtime internal] load build definition from Dockerfile         0.0s\r\n\
                 \u{1b}[0m\u{1b}[34m => => transferring dockerfile: 32B                              0.0s\r\n\
                 \u{1b}[0m\u{1b}[34m => CACHED [dev common 1/2] FROM docker.io/library/base:bookworm 0.0s\r\n\
                 \u{1b}[0m\u{1b}[34m => [dev linux/arm64 common 2/2] RUN echo \"x\" && sleep 1   {time}\r\n\u{1b}[0m"
            )
        };
        let found = steps(&(picture("0.2s") + &picture("1.5s") + "\u{1b}[?25h"));
        let expected = [
            ("[runtime internal] load build definition from Dockerfile", false, 0.0),
            ("[common 1/2] FROM docker.io/library/base:bookworm", true, 0.0),
            ("[linux/arm64 common 2/2] RUN echo \"x\" && sleep 1", false, 1.5),
        ];
        assert_eq!(found, expected.map(|(name, is_cached, seconds)| (name.to_owned(), is_cached, seconds)));
    }
}
