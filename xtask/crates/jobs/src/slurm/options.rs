//! The options of `sbatch`.
//!
//! Source: <https://slurm.schedmd.com/sbatch.html>, of 22.05 and later.

use std::time::Duration;

use anyhow::{Result, bail};

use crate::{GpuKind, GpuRequest, Memory, RunRecord, SlurmSite, Submission};

pub(super) fn sbatch(submission: &Submission, site: &SlurmSite) -> Result<Vec<String>> {
    let Submission { id, job, run_directory: run, .. } = submission;
    let resources = &job.resources;
    let log = if job.sweep.is_some() { run.join("logs/%a.log") } else { run.join(RunRecord::log(0)) };
    let mut options = vec![
        "--parsable".to_owned(),
        format!("--job-name={}", id.0),
        format!("--chdir={run}"),
        format!("--output={log}"),
        // A job that is queued again keeps what it has printed.
        "--open-mode=append".to_owned(),
        "--export=NIL".to_owned(),
        format!("--export-file={}", run.join("environment")),
        format!("--nodes={}", resources.nodes),
        format!("--ntasks-per-node={}", resources.tasks_per_node),
        if job.retry.on_preemption { "--requeue" } else { "--no-requeue" }.to_owned(),
    ];
    let mut add = |name: &str, value: Option<String>| options.extend(value.map(|it| format!("--{name}={it}")));
    add("partition", site.partition.clone());
    add("account", site.account.clone());
    add("qos", site.qos.clone());
    add("reservation", site.reservation.clone());
    add("constraint", site.constraint.clone());
    add("cpus-per-task", resources.cpus.map(|it| it.to_string()));
    add("mem", resources.memory.map(|it| memory_of_node(it, resources.tasks_per_node)));
    add("gpus-per-node", resources.gpus.as_ref().map(gpus).transpose()?);
    add("time", resources.time.map(time));
    add("signal", resources.signal.as_ref().map(|it| format!("{}@{}", it.name, it.before.as_secs())));
    if let Some(sweep) = &job.sweep {
        let last = sweep.points.len().saturating_sub(1);
        let limit = sweep.max_parallel.map(|it| format!("%{it}")).unwrap_or_default();
        add("array", Some(format!("0-{last}{limit}")));
    }
    if !submission.after.is_empty() {
        add("dependency", Some(format!("afterok:{}", submission.after.join(":"))));
        // Else it would wait for ever where one of them fails.
        add("kill-on-invalid-dep", Some("yes".to_owned()));
    }
    options.extend(site.extra_arguments.iter().cloned());
    Ok(options)
}

/// In whole MiB, rounded up.
fn memory_of_node(Memory(bytes): Memory, tasks: u32) -> String {
    format!("{}M", (bytes * u64::from(tasks)).div_ceil(1 << 20))
}

/// `D-HH:MM:SS`.
fn time(time: Duration) -> String {
    let seconds = time.as_secs();
    let (days, hours, minutes) = (seconds / 86400, seconds / 3600 % 24, seconds / 60 % 60);
    format!("{days}-{hours:02}:{minutes:02}:{:02}", seconds % 60)
}

fn gpus(GpuRequest { count, kind }: &GpuRequest) -> Result<String> {
    Ok(match kind {
        GpuKind::Any => count.to_string(),
        GpuKind::Model(name) | GpuKind::Mig(name) => format!("{name}:{count}"),
        GpuKind::Fraction(_) => bail!("Slurm gives GPUs whole, or in the parts that the site has made of them (`mig`)"),
    })
}
