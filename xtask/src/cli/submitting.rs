//! The verbs about jobs on clusters.

use std::collections::BTreeMap;

use clap::{Args, Subcommand};

use jobs::PartName;
use process::EnvArg;

use super::values::PassedArgs;

/// `cargo xtask submit`
#[derive(Debug, Args)]
#[command(override_usage = "cargo xtask submit --on SITE [OPTIONS] [JOB | -- COMMAND…]")]
pub struct SubmitArgs {
    /// The cluster: the name of a file in installation/clusters/, without `.toml`.
    #[arg(long, value_name = "SITE")]
    pub on: String,
    #[command(flatten)]
    pub passed: PassedArgs,
    #[command(flatten)]
    pub wishes: WishArgs,
    /// Submit an array, a part for each value: seed=0..4, lr=1e-3,1e-4; several make all combinations.
    #[arg(long, value_name = "NAME=VALUES")]
    pub sweep: Vec<String>,
    /// How many parts of an array may run at once.
    #[arg(long, value_name = "COUNT", requires = "sweep")]
    pub parallel: Option<u32>,
    /// Start when these jobs have ended well.
    #[arg(long, value_name = "ID")]
    pub after: Vec<PartName>,
    /// Refuse code that is in no commit.
    #[arg(long)]
    pub clean: bool,
    /// Wait for the end, and have the exit code of the job, the highest one of an array.
    #[arg(long)]
    pub wait: bool,
    /// What to call the job; a job of this name is not submitted twice [default: the project's name and a number]
    #[arg(long, value_name = "ID")]
    pub id: Option<PartName>,
    /// A description: the name of a file in jobs/, without `.toml`.
    #[arg(value_name = "JOB", required_unless_present = "command", conflicts_with = "command")]
    pub job: Option<String>,
    /// The command, with its arguments.
    #[arg(value_name = "COMMAND", last = true)]
    pub command: Vec<String>,
}

impl SubmitArgs {
    /// For a command with variables and with the wishes of an earlier job.
    pub fn again(site: &str, command: &[String], passed: Vec<EnvArg>, wishes: &BTreeMap<String, String>) -> Self {
        let word = |name: &str| wishes.get(name).cloned();
        let number = |name: &str| word(name).and_then(|it| it.parse().ok());
        Self {
            on: site.to_owned(),
            passed: PassedArgs { env: passed },
            wishes: WishArgs {
                gpus: word("gpus"),
                cpus: number("cpus"),
                memory: word("memory"),
                time: word("time"),
                nodes: number("nodes"),
                retries: None,
                no_requeue: false,
                tasks: number("tasks"),
            },
            sweep: Vec::new(),
            parallel: None,
            after: Vec::new(),
            clean: false,
            wait: false,
            id: None,
            job: None,
            command: command.to_vec(),
        }
    }
}

/// What a job needs of a machine. What is not said is as in its description.
#[derive(Debug, Args)]
pub struct WishArgs {
    /// GPUs on each node: 2, a100:2, …
    #[arg(long, value_name = "[MODEL:]COUNT")]
    pub gpus: Option<String>,
    /// CPUs of each task.
    #[arg(long, value_name = "COUNT")]
    pub cpus: Option<u32>,
    /// Memory of each task: 8GiB, …
    #[arg(long, value_name = "SIZE")]
    pub memory: Option<String>,
    /// How long it may run: 30m, 4h, 2d, 1-12:00:00, …
    #[arg(long, value_name = "TIME")]
    pub time: Option<String>,
    /// On how many nodes it runs.
    #[arg(long, value_name = "COUNT")]
    pub nodes: Option<u32>,
    /// How often it is run again after a failure. One that exits with 75 is always run again.
    #[arg(long, value_name = "COUNT")]
    pub retries: Option<u32>,
    /// End where it has to make room for another job, instead of beginning anew.
    #[arg(long)]
    pub no_requeue: bool,
    /// How many tasks run on each node.
    #[arg(long, value_name = "COUNT")]
    pub tasks: Option<u32>,
}

/// `cargo xtask jobs`
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct JobsArgs {
    #[command(subcommand)]
    pub action: Option<JobsAction>,
    /// Only this job, each part in a line of its own.
    pub id: Option<PartName>,
    /// Print them as JSON.
    #[arg(long, conflicts_with = "watch")]
    pub json: bool,
    /// Show changes until every job has ended.
    #[arg(long)]
    pub watch: bool,
}

#[derive(Debug, Subcommand)]
pub enum JobsAction {
    /// Show what a job, or one part of it, has printed.
    Logs {
        /// ID or ID/INDEX
        part: PartName,
        /// Go on until it ends.
        #[arg(short, long)]
        follow: bool,
    },
    /// End a job, or one part of it.
    Cancel {
        /// ID or ID/INDEX
        part: PartName,
    },
    /// Bring the run folder of a job here, from where no shared folder has it.
    Fetch {
        /// ID
        part: PartName,
    },
}
