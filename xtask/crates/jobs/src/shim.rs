//! What starts the command of a job on every engine: `xtask/scripts/run/job.sh`, the shim.

use std::time::Duration;

use camino::Utf8Path;

use super::{CodeSource, Entrypoint, JobSecret, ParameterSet, RenderedFile, Submission};

/// The exit code by which a command that has kept a checkpoint asks to be run again: `EX_TEMPFAIL` of sysexits.h.
pub const RUN_AGAIN: u8 = 75;

/// How much longer than the job's own grace an engine's must be, so that the shim can write what became of the command that it has
/// killed.
pub const GRACE_MARGIN: Duration = Duration::from_secs(10);

/// The shim's place in the image.
pub const SHIM_IN_IMAGE: &str = "/opt/xtask/job.sh";

/// The program of the image that prepares the user and the project, and becomes the command.
const ENTRYPOINT: &str = "/opt/entrypoint.sh";

const SHIM: &str = include_str!("../../../scripts/run/job.sh");

/// Names of the files that the shim reads.
const SCRIPT: &str = "job.sh";
const BEGINNING: &str = "receipt.part";
const ARGUMENTS: &str = "arguments";
const CODE: &str = "code.tar.gz";

/// How a job sees what the shim needs, and what its engine does by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShimSurroundings<'a> {
    /// The folder in which the job sees [`Submission::shim_files`].
    pub files: &'a Utf8Path,
    /// The run's folder as the job sees it; none where nothing of it lasts.
    pub run: Option<&'a Utf8Path>,
    pub signals: SignalReach,
    pub time: TimeKeeper,
}

/// Whom an engine tells that a job is to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignalReach {
    /// The first process of the container, or that and its group.
    First,
    /// Every process, as Slurm does in a step.
    Everyone,
}

/// Who ends a job whose time is over, and warns it before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeKeeper {
    Engine,
    /// Where an engine has no limit for one part of an array.
    Shim,
}

impl Submission {
    /// The files that the shim reads, itself among them.
    pub fn shim_files(&self) -> Vec<RenderedFile> {
        let file =
            |path: &str, contents: Vec<u8>, is_executable| RenderedFile { path: path.into(), contents, is_executable };
        let script = file(SCRIPT, SHIM.into(), true);
        let beginning = file(BEGINNING, self.receipt.beginning().into_bytes(), false);
        let arguments = self.job.sweep.as_ref().map(|it| it.points.iter().map(line).collect::<String>());
        let arguments = arguments.map(|it| file(ARGUMENTS, it.into_bytes(), false));
        let code = match &self.code {
            CodeSource::Archive(bytes) => Some(file(CODE, bytes.clone(), false)),
            CodeSource::Directory(_) => None,
        };
        [script, beginning].into_iter().chain(arguments).chain(code).collect()
    }

    /// What the engine starts instead of the image's entrypoint: the shim, which is at `shim`, and the command. The values of a
    /// sweep are not among the arguments; the shim adds them.
    pub fn shim_command(&self, shim: &Utf8Path) -> Vec<String> {
        let has_entrypoint = self.image.is_some() && self.job.entrypoint == Entrypoint::Keep;
        let entrypoint = has_entrypoint.then(|| ENTRYPOINT.to_owned());
        [shim.to_string()].into_iter().chain(entrypoint).chain(self.job.argv.iter().cloned()).collect()
    }

    /// As the file of the values of a sweep, with the job's own words in front, for an engine that takes a command as one text: then
    /// the shim is started without any. A job that is no array is its first part.
    pub(crate) fn whole_commands(&self) -> RenderedFile {
        let own: Vec<String> = self.job.argv.iter().map(|it| format!("={}", encoded(it))).collect();
        let own = own.join(" ");
        let points = self.job.sweep.as_ref().map_or(&[][..], |it| &it.points);
        let lines: String = match points {
            [] => own + "\n",
            points => points.iter().map(|it| format!("{own} {}", line(it))).collect(),
        };
        RenderedFile { path: ARGUMENTS.into(), contents: lines.into_bytes(), is_executable: false }
    }

    /// The variables that tell the shim what to do. Values can have any character but NUL.
    pub fn shim_variables(&self, surroundings: &ShimSurroundings) -> Vec<(&'static str, String)> {
        let ShimSurroundings { files, run, signals, time } = *surroundings;
        let resources = &self.job.resources;
        let sweep = self.job.sweep.as_ref();
        let seconds = |it: Duration| it.as_secs().to_string();
        let limit = resources.time.filter(|_| time == TimeKeeper::Shim);
        let warning = resources.signal.as_ref().filter(|_| limit.is_some());
        let is_archive = matches!(self.code, CodeSource::Archive(_));
        let secrets: String = self
            .job
            .secrets
            .iter()
            .filter_map(|(name, secret)| match secret {
                JobSecret::File(path) => Some(format!("{name}={path}\n")),
                JobSecret::Key { .. } => None,
            })
            .collect();
        let variables = [
            ("XTASK_JOB_IMAGE", self.image_inputs.clone()),
            ("XTASK_JOB_FOLDER", run.map(ToString::to_string)),
            ("XTASK_JOB_STATEMENT", Some(files.join(BEGINNING).into_string())),
            ("XTASK_JOB_NODES", Some(resources.nodes.to_string())),
            ("XTASK_JOB_COUNT", sweep.map(|it| it.points.len().to_string())),
            ("XTASK_JOB_ARGUMENTS", sweep.map(|_| files.join(ARGUMENTS).into_string())),
            ("XTASK_JOB_CODE", is_archive.then(|| files.join(CODE).into_string())),
            ("XTASK_JOB_SECRETS", Some(secrets).filter(|it| !it.is_empty())),
            ("XTASK_JOB_SIGNALLED", (signals == SignalReach::Everyone).then(|| "all".to_owned())),
            ("XTASK_JOB_GRACE", resources.grace.map(seconds)),
            ("XTASK_JOB_TIME", limit.map(seconds)),
            ("XTASK_JOB_WARNING", warning.map(|it| format!("{} {}", it.name, it.before.as_secs()))),
        ];
        variables.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
    }
}

/// The words of one part of an array, as the shim reads them: with blanks between them, each with `=` in front, so that an empty one
/// is a word too, and with all that is not plain as `printf %b` reads it.
fn line(point: &ParameterSet) -> String {
    let words: Vec<String> =
        point.0.iter().map(|(name, value)| format!("={}", encoded(&format!("{name}={value}")))).collect();
    words.join(" ") + "\n"
}

fn encoded(word: &str) -> String {
    let is_plain = |it: u8| it.is_ascii_alphanumeric() || b"=_-+.,:/@".contains(&it);
    let encode = |it: u8| if is_plain(it) { char::from(it).to_string() } else { format!("\\0{it:03o}") };
    word.bytes().map(encode).collect()
}

#[cfg(test)]
mod tests;
