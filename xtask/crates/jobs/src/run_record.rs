//! What is remembered of a submission, in its run's folder.

use anyhow::{Context as _, Result};
use camino::{Utf8Path, Utf8PathBuf};
use serde::{Deserialize, Serialize};

use super::{Job, JobId, Site};

/// One submission: `outputs/runs/<id>/job.json`. It is written before the engine is asked, so that a submission whose answer was lost
/// is known too.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunRecord {
    pub id: String,
    pub site: String,
    /// In the words of the site's file, such as `slurm`.
    pub engine: String,
    /// By which the engine knows it; none until it has answered.
    pub engine_id: Option<String>,
    pub argv: Vec<String>,
    /// How many parts an array has; none where it is no array.
    pub parts: Option<u32>,
    pub nodes: u32,
    pub tasks_per_node: u32,
    /// The run's folder as the nodes see it.
    pub run_directory: String,
    /// RFC 3339.
    pub submitted: String,
}

impl RunRecord {
    pub const FILE: &'static str = "job.json";

    pub fn new(id: &JobId, job: &Job, site: &Site, submitted: String) -> Self {
        Self {
            id: id.0.clone(),
            site: site.name.0.clone(),
            engine: site.engine.word().to_owned(),
            engine_id: None,
            argv: job.argv.clone(),
            parts: job.sweep.as_ref().map(|it| u32::try_from(it.points.len()).unwrap_or(u32::MAX)),
            nodes: job.resources.nodes,
            tasks_per_node: job.resources.tasks_per_node,
            run_directory: String::new(),
            submitted,
        }
    }

    pub fn parse(text: &str) -> Result<Self> {
        serde_json::from_str(text).context("this is no record of a job; the file was changed by another program")
    }

    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }

    /// The indices of its parts: 0 alone where it is no array.
    pub fn indices(&self) -> std::ops::Range<u32> {
        0..self.parts.unwrap_or(1)
    }

    /// The folders, relative to the run's, in which the tasks of a part say what became of them.
    pub fn task_folders(&self, index: u32) -> Vec<Utf8PathBuf> {
        let part = self.parts.map_or_else(Utf8PathBuf::new, |_| Utf8PathBuf::from(index.to_string()));
        let is_divided = self.nodes > 1;
        let of_node = |rank: u32| if is_divided { part.join(format!("node-{rank}")) } else { part.clone() };
        let tasks = self.nodes * self.tasks_per_node;
        let folder = |task: u32| {
            let node = of_node(task / self.tasks_per_node);
            if self.tasks_per_node == 1 { node } else { node.join(format!("task-{task}")) }
        };
        (0..tasks).map(folder).collect()
    }

    /// What a part has printed, relative to the run's folder, where the engine writes it there.
    pub fn log(index: u32) -> Utf8PathBuf {
        Utf8Path::new("logs").join(format!("{index}.log"))
    }
}

/// A job or one part of an array, as it is named on the command line: `ID` or `ID/INDEX`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartName {
    pub id: JobId,
    pub index: Option<u32>,
}

impl std::str::FromStr for PartName {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (id, index) = match text.split_once('/') {
            Some((id, index)) => (id, Some(index.parse().map_err(|_| "the part behind the `/` is a number, from 0")?)),
            None => (text, None),
        };
        let is_plain = |it: char| it.is_ascii_lowercase() || it.is_ascii_digit() || it == '-';
        if id.is_empty() || !id.chars().all(is_plain) {
            return Err("`cargo xtask jobs` lists the names of jobs");
        }
        Ok(Self { id: JobId(id.to_owned()), index })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record() -> RunRecord {
        RunRecord {
            id: "train-1".to_owned(),
            site: "lab".to_owned(),
            engine: "slurm".to_owned(),
            engine_id: None,
            argv: vec!["python".to_owned()],
            parts: None,
            nodes: 1,
            tasks_per_node: 1,
            run_directory: "/runs/train-1".into(),
            submitted: "2026-12-01T02:00:00Z".to_owned(),
        }
    }

    #[test]
    fn each_task_has_the_folder_in_which_the_shim_writes() {
        let folders =
            |it: &RunRecord, index| it.task_folders(index).iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(folders(&record(), 0), [""]);
        assert_eq!(folders(&RunRecord { parts: Some(3), ..record() }, 2), ["2"]);
        let tasks = RunRecord { nodes: 2, tasks_per_node: 2, ..record() };
        assert_eq!(folders(&tasks, 0), ["node-0/task-0", "node-0/task-1", "node-1/task-2", "node-1/task-3"]);
        assert_eq!(folders(&RunRecord { nodes: 2, parts: Some(1), ..record() }, 0), ["0/node-0", "0/node-1"]);
    }

    #[test]
    fn it_is_read_as_it_was_written() {
        assert_eq!(RunRecord::parse(&record().to_json()).unwrap(), record());
        assert!(RunRecord::parse("{}").is_err());
    }

    #[test]
    fn a_part_is_named_by_its_index_and_a_name_leads_out_of_no_folder() {
        let part: PartName = "train-1/3".parse().unwrap();
        assert_eq!((part.id.0.as_str(), part.index), ("train-1", Some(3)));
        for wrong in ["", "../x", "train/x", "/3", "Train"] {
            assert!(wrong.parse::<PartName>().is_err(), "{wrong}");
        }
    }
}
