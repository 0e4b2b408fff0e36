//! What Slurm's own programs are asked about a site, before there is a job.

use process::Invocation;

use crate::{SlurmContainers, SlurmSite};

/// Slurm's version. `sinfo` answers where there is no cluster, too.
pub fn version_query() -> Invocation {
    Invocation::new("sinfo").arg("--version")
}

/// Whether a job of this site would be taken, and when it would start. Nothing is submitted.
pub fn trial_query(site: &SlurmSite) -> Invocation {
    let gpus = (site.gpus_per_node > 0).then(|| format!("--gpus-per-node={}", site.gpus_per_node));
    Invocation::new("sbatch").arg("--test-only").args(place(site)).args(gpus).args(["--time=1", "--wrap=true"])
}

/// The configuration of the whole cluster, a `NAME = VALUE` in each line.
pub fn configuration_query() -> Invocation {
    Invocation::new("scontrol").args(["show", "config"])
}

/// The generic resources of each kind of node in the partition, such as `gpu:a100:4(S:0-1)`.
pub fn resources_query(site: &SlurmSite) -> Invocation {
    let partition = site.partition.as_ref().map(|it| format!("--partition={it}"));
    Invocation::new("sinfo").args(["--noheader", "--format=%G"]).args(partition)
}

/// Whether this machine, or for `--container` a node, knows what the site's way of containers needs; `None` where it needs nothing.
///
/// A node without `oci.conf` ignores `--container`, so one that does not exist is asked for: a node that looks at it fails. This takes a
/// node for a moment, and fails at once where none is free.
pub fn containers_query(site: &SlurmSite) -> Option<Invocation> {
    match site.containers {
        SlurmContainers::Native => None,
        SlurmContainers::Pyxis { .. } => Some(Invocation::new("srun").arg("--help")),
        SlurmContainers::Apptainer => Some(Invocation::new("apptainer").arg("--version")),
        SlurmContainers::Oci => {
            let trial = ["--immediate=5", "--time=1", "--ntasks=1", "--chdir=/"];
            let missing = ["--container=/nonexistent/bundle", "/bin/true"];
            Some(Invocation::new("srun").args(trial).args(place(site)).args(missing))
        }
    }
}

/// The options that say where in the cluster, as `sbatch` and `srun` take them.
fn place(site: &SlurmSite) -> Vec<String> {
    let options = [
        ("partition", &site.partition),
        ("account", &site.account),
        ("qos", &site.qos),
        ("reservation", &site.reservation),
        ("constraint", &site.constraint),
    ];
    let given = options.into_iter().filter_map(|(name, value)| Some(format!("--{name}={}", value.as_ref()?)));
    given.chain(site.extra_arguments.iter().cloned()).collect()
}
