//! What `squeue` says of jobs.

use std::collections::BTreeMap;

use process::Invocation;

use crate::EngineState;

/// Asks for the submitter's own jobs, one line a part. Naming jobs would be an error as soon as Slurm has forgotten one of them.
/// `--json` is another format in every version.
pub fn queue_query() -> Invocation {
    let format = "%F|%K|%j|%T|%N|%r";
    Invocation::new("squeue").args(["--me", "--noheader", "--array", "--states=all", "--format", format])
}

/// One line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueEntry {
    /// Of the array, where it is a part of one.
    pub job: String,
    pub index: Option<u32>,
    /// Our name for it.
    pub name: String,
    pub state: EngineState,
}

/// All lines, for [`state`](Self::state).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct QueueAnswer {
    /// By Slurm's number and the index.
    entries: BTreeMap<(String, Option<u32>), QueueEntry>,
}

impl QueueAnswer {
    pub fn parse(answer: &str) -> Self {
        let entries = answer.lines().filter_map(entry).map(|it| ((it.job.clone(), it.index), it)).collect();
        Self { entries }
    }

    /// Of a job, or of a part of an array.
    pub fn state(&self, job: &str, index: Option<u32>) -> EngineState {
        self.entries.get(&(job.to_owned(), index)).map_or(EngineState::Absent, |it| it.state.clone())
    }

    /// Slurm's number of the job that has our name.
    pub fn number_of(&self, name: &str) -> Option<&str> {
        self.entries.values().find(|it| it.name == name).map(|it| it.job.as_str())
    }
}

fn entry(line: &str) -> Option<QueueEntry> {
    let [job, index, name, state, node, reason] = line.splitn(6, '|').collect::<Vec<_>>().try_into().ok()?;
    let node = Some(node.to_owned()).filter(|it| !it.is_empty());
    Some(QueueEntry {
        job: job.to_owned(),
        index: index.parse().ok(),
        name: name.to_owned(),
        state: state_of(state, node, reason),
    })
}

/// Source: "JOB STATE CODES" of squeue(1).
fn state_of(word: &str, node: Option<String>, reason: &str) -> EngineState {
    match word {
        "PENDING" | "REQUEUED" | "REQUEUE_HOLD" | "REQUEUE_FED" | "SPECIAL_EXIT" | "RESV_DEL_HOLD" => {
            EngineState::Waiting(explained(reason).to_owned())
        }
        "RUNNING" | "COMPLETING" | "CONFIGURING" | "SUSPENDED" | "STOPPED" | "SIGNALING" | "STAGE_OUT" | "RESIZING" => {
            EngineState::Running(node)
        }
        "COMPLETED" => EngineState::Ended(0),
        // Its code is in the run's folder, unless it came to nothing before that.
        other => EngineState::Stopped(other.to_lowercase().replace('_', " ")),
    }
}

/// Slurm waits two minutes before it starts a job again, and calls that `BeginTime`.
fn explained(reason: &str) -> &str {
    match reason {
        "None" => "",
        "BeginTime" => "queued again, Slurm waits two minutes before it starts",
        "DependencyNeverSatisfied" => "a job that it was to follow has failed",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_arrays_and_jobs_are_told_apart() {
        let answer =
            "20|3|sweep-1|RUNNING|n1|None\n20|4|sweep-1|PENDING||Resources\n21|N/A|train-2|TIMEOUT|n1|TimeLimit\n";
        let answer = QueueAnswer::parse(answer);
        assert_eq!(answer.state("20", Some(3)), EngineState::Running(Some("n1".to_owned())));
        assert_eq!(answer.state("20", Some(4)), EngineState::Waiting("Resources".to_owned()));
        assert_eq!(answer.state("21", None), EngineState::Stopped("timeout".to_owned()));
        assert_eq!(answer.state("22", None), EngineState::Absent);
        assert_eq!((answer.number_of("train-2"), answer.number_of("train")), (Some("21"), None));
    }

    #[test]
    fn a_job_that_is_queued_again_says_what_it_waits_for() {
        let EngineState::Waiting(reason) = state_of("PENDING", None, "BeginTime") else { panic!() };
        assert!(reason.contains("two minutes"));
    }
}
