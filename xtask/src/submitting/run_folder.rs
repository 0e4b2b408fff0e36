//! The folders of submissions: `outputs/runs/<id>/`.

use std::fs;
use std::io::ErrorKind;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result, bail};
use camino::{Utf8Path, Utf8PathBuf};

use inputs::Project;
use jobs::{JobId, RunRecord, WrittenState};
use process::files;

/// All submissions of this checkout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunFolders {
    root: Utf8PathBuf,
}

/// One submission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunFolder {
    pub path: Utf8PathBuf,
    pub record: RunRecord,
}

impl RunFolders {
    pub fn new(project: &Project) -> Self {
        Self { root: project.settings.local.outputs.join("runs") }
    }

    pub fn path(&self, id: &JobId) -> Utf8PathBuf {
        self.root.join(&id.0)
    }

    /// One that was submitted here.
    pub fn find(&self, id: &JobId) -> Result<RunFolder> {
        self.find_if_any(id)?
            .with_context(|| format!("no job `{}` was submitted here: `cargo xtask jobs` lists them", id.0))
    }

    pub fn find_if_any(&self, id: &JobId) -> Result<Option<RunFolder>> {
        let path = self.path(id);
        let file = path.join(RunRecord::FILE);
        let Some(text) = files::read_text_if_any(&file)? else { return Ok(None) };
        let record = RunRecord::parse(&text).with_context(|| file.to_string())?;
        Ok(Some(RunFolder { path, record }))
    }

    /// The oldest first. A folder without a record is somebody else's.
    pub fn all(&self) -> Result<Vec<RunFolder>> {
        let entries = match self.root.read_dir_utf8() {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.with_context(|| format!("cannot list {}", self.root))?,
        };
        let mut folders = Vec::new();
        for entry in entries {
            let entry = entry.with_context(|| format!("cannot list {}", self.root))?;
            folders.extend(self.find_if_any(&JobId(entry.file_name().to_owned()))?);
        }
        folders.sort_by(|a, b| (&a.record.submitted, &a.record.id).cmp(&(&b.record.submitted, &b.record.id)));
        Ok(folders)
    }
}

impl RunFolder {
    /// What the tasks of a part have written so far.
    pub fn written(&self, index: u32) -> WrittenState {
        let folders = self.record.task_folders(index);
        let base = self.base();
        let read = |folder: &Utf8PathBuf, name: &str| fs::read_to_string(base.join(folder).join(name)).ok();
        let codes = folders.iter().filter_map(|it| read(it, "rc")?.trim().parse().ok()).collect();
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let beat = |text: String| text.split(' ').next()?.trim().parse().ok().map(Duration::from_secs);
        let beats = folders.iter().filter_map(|it| beat(read(it, "heartbeat")?));
        WrittenState { codes, tasks: folders.len(), silence: beats.max().map(|it| now.saturating_sub(it)) }
    }

    /// Where the parts write, where this machine sees it.
    pub fn base(&self) -> &Utf8Path {
        let directory = Utf8Path::new(&self.record.run_directory);
        if directory.is_dir() { directory } else { &self.path }
    }

    /// What a part has printed.
    pub fn log(&self, index: u32) -> Utf8PathBuf {
        self.base().join(RunRecord::log(index))
    }

    /// The last line that a part has printed and that has something in it.
    pub fn last_line(&self, index: u32) -> Option<String> {
        const END: u64 = 4096;
        let path = self.log(index);
        let length = fs::metadata(&path).ok()?.len();
        let end = files::read_from(&path, length.saturating_sub(END)).ok()?;
        let text = String::from_utf8_lossy(&end);
        text.lines().rev().find(|it| !it.trim().is_empty()).map(|it| process::visible(it.trim()).into_owned())
    }

    /// Fails for a part that the job does not have.
    pub fn require_index(&self, index: Option<u32>) -> Result<()> {
        match (index, self.record.parts) {
            (Some(index), None) => bail!("the job `{}` is no array, so it has no part {index}", self.record.id),
            (Some(index), Some(parts)) if index >= parts => {
                bail!("the job `{}` has the parts 0 to {}", self.record.id, parts.saturating_sub(1))
            }
            _ => Ok(()),
        }
    }
}
