//! What a site cannot give to a job, told before anything is sent.

use super::{
    GpuKind, GpuRequest, Job, JobSecret, KubernetesSite, MountSource, Site, SiteEngine, SiteName, SlurmContainers,
    SlurmSite,
};

/// Something that a job asks for and that its site has not, or that its engine has no words for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobRefusal {
    /// The key of the job's file, which is the option of the command line where there is one.
    pub field: &'static str,
    /// One lower-case sentence without a full stop.
    pub reason: String,
}

/// All that a site cannot give to a job.
pub fn refusals(job: &Job, site: &Site) -> Vec<JobRefusal> {
    let mut refusals = match &site.engine {
        SiteEngine::Slurm(slurm) => of_slurm(job, &site.name, slurm),
        SiteEngine::Kubernetes(kubernetes) => of_kubernetes(job, &site.name, kubernetes),
        SiteEngine::RunAi(_) => of_runai(job),
        SiteEngine::Docker => Vec::new(),
    };
    let unusable = job.mounts.iter().filter_map(|it| why_not_mounted(&site.engine, &it.source));
    refusals.extend(unusable.map(|reason| JobRefusal { field: "mounts", reason }));
    refusals
}

/// Why an engine cannot have files from there; `None` where it can.
pub(super) fn why_not_mounted(engine: &SiteEngine, source: &MountSource) -> Option<String> {
    match (engine, source) {
        (SiteEngine::Slurm(_), MountSource::Claim(_) | MountSource::Scratch) => {
            Some("Slurm knows folders only: write the path of one that every node sees".to_owned())
        }
        (SiteEngine::Kubernetes(_) | SiteEngine::RunAi(_), MountSource::Host(path)) if path.as_str().contains('$') => {
            Some(format!("nobody puts a value for the variable in `{path}` there: write the path out, or name a claim"))
        }
        (SiteEngine::RunAi(_), MountSource::Scratch) => {
            Some("Run:ai's command line gives no scratch space: use a folder of /tmp".to_owned())
        }
        _ => None,
    }
}

fn of_slurm(job: &Job, SiteName(name): &SiteName, slurm: &SlurmSite) -> Vec<JobRefusal> {
    let mut list = RefusalList::default();
    if let Some(GpuRequest { count, kind }) = &job.resources.gpus {
        let most = slurm.gpus_per_node;
        list.refuse_if(*count > most, "gpus", || {
            format!("a node of the site `{name}` has {most} GPUs (`gpus_per_node`), not {count}")
        });
        list.refuse_if(matches!(kind, GpuKind::Fraction(_)), "gpus", || {
            "Slurm gives GPUs whole, or in the parts that the site has made of them (`1g.10gb:1`)".to_owned()
        });
    }
    let (parts, most) = (job.sweep.as_ref().map_or(0, |it| it.points.len()), slurm.max_array_size);
    list.refuse_if(parts > most as usize, "sweep", || {
        format!("an array of the site `{name}` has at most {most} parts (`max_array_size`), not {parts}")
    });
    list.refuse_if(job.resources.shm.is_some() && slurm.containers != SlurmContainers::Oci, "shm", || {
        "Slurm's jobs share the node's /dev/shm, whose size is the node's".to_owned()
    });
    list.refuse_if(!job.mounts.is_empty() && slurm.containers == SlurmContainers::Native, "mounts", || {
        format!("jobs of the site `{name}` run without containers, so that nothing can be mounted")
    });
    list.refuse_if(job.secrets.values().any(|it| matches!(it, JobSecret::Key { .. })), "secrets", || {
        "Slurm has no secrets of its own (`file = …` names a file that the nodes can read)".to_owned()
    });
    list.refuse_if(job.keep_for.is_some(), "keep_for", || {
        "Slurm itself decides how long it knows a job that has ended".to_owned()
    });
    list.0
}

pub(super) fn of_kubernetes(job: &Job, SiteName(name): &SiteName, kubernetes: &KubernetesSite) -> Vec<JobRefusal> {
    let mut list = of_pods(job, "Kubernetes");
    list.refuse_if(job.resources.gpus.is_some() && !kubernetes.has_gpus, "gpus", || {
        format!("the site `{name}` has no GPUs (`gpus = false` in its file)")
    });
    list.refuse_if(matches!(gpu_kind(job), Some(GpuKind::Fraction(_))), "gpus", || {
        "Kubernetes gives GPUs whole, or in the parts that the site has made of them (`1g.10gb:1`); Run:ai gives fractions"
            .to_owned()
    });
    list.refuse_if(job.resources.nodes > 1 && job.sweep.is_some(), "sweep", || {
        "Kubernetes gives the parts of an array one address: submit an array of jobs on several nodes one by one"
            .to_owned()
    });
    list.0
}

pub(super) fn of_runai(job: &Job) -> Vec<JobRefusal> {
    let mut list = of_pods(job, "Run:ai");
    list.refuse_if(matches!(gpu_kind(job), Some(GpuKind::Mig(_))), "gpus", || {
        "Run:ai's parts of a GPU by MIG are deprecated: ask for a fraction, such as 0.5".to_owned()
    });
    list.refuse_if(job.sweep.as_ref().is_some_and(|it| it.max_parallel.is_some()), "parallel", || {
        "Run:ai gives each part of an array its own workload, and the project's quota says how many run at once: leave out \
         `parallel`"
            .to_owned()
    });
    list.refuse_if(job.resources.nodes > 1 && job.resources.grace.is_some(), "grace", || {
        "Run:ai's command line has no time to end for a job on several nodes: leave out `grace`".to_owned()
    });
    for mount in &job.mounts {
        list.refuse_if(mount.subpath.is_some(), "mounts", || {
            format!("Run:ai mounts a claim as a whole: leave out `subpath` of the mount at {}", mount.target)
        });
        list.refuse_if(mount.is_read_only && matches!(mount.source, MountSource::Claim(_)), "mounts", || {
            format!(
                "Run:ai mounts a claim for reading and writing: leave out `read_only` of the mount at {}",
                mount.target
            )
        });
    }
    list.0
}

/// What Kubernetes and Run:ai have in common.
fn of_pods(job: &Job, engine: &str) -> RefusalList {
    let mut list = RefusalList::default();
    list.refuse_if(!job.environment_from_host.is_empty(), "environment_from_host", || {
        let names = job.environment_from_host.iter().cloned().collect::<Vec<_>>().join(", ");
        format!(
            "the values of {names} would be readable to everybody who can read the job's description: make a secret of them (`kubectl \
             create secret`), and name it in the job's `secrets`"
        )
    });
    list.refuse_if(!job.after.is_empty(), "after", || {
        format!(
            "{engine} starts no job after another one: `cargo xtask submit --wait` the first, then submit the second"
        )
    });
    list.refuse_if(job.resources.tasks_per_node > 1, "tasks", || {
        format!("{engine} starts one task on each node: let the command start the others, as torchrun does")
    });
    list.refuse_if(job.resources.nodes > 1 && job.retry.max > 0, "retries", || {
        format!("{engine} would start one of several nodes again, and leave the others waiting: set `retries` to 0")
    });
    for (name, secret) in &job.secrets {
        if let JobSecret::File(path) = secret {
            let reason = format!(
                "the secret `{name}` is the file {path}, which nodes of {engine} do not see: `kubectl create secret generic NAME \
                 --from-file=KEY={path}` makes a secret of the cluster of it"
            );
            list.0.push(JobRefusal { field: "secrets", reason });
        }
    }
    list
}

fn gpu_kind(job: &Job) -> Option<&GpuKind> {
    job.resources.gpus.as_ref().map(|it| &it.kind)
}

#[derive(Debug, Default)]
struct RefusalList(Vec<JobRefusal>);

impl RefusalList {
    fn refuse_if(&mut self, is_refused: bool, field: &'static str, reason: impl FnOnce() -> String) {
        if is_refused {
            self.0.push(JobRefusal { field, reason: reason() });
        }
    }
}

#[cfg(test)]
mod tests {
    use report::{Findings, Source};

    use super::*;
    use crate::JobFile;

    fn refused(job: &str, site: &str) -> Vec<&'static str> {
        let mut findings = Findings::default();
        let job = JobFile::parse(&Source::new("jobs/a.toml", format!("command = [\"x\"]\n{job}")), &mut findings);
        let site = Site::parse(&Source::new("lab.toml", site), &mut findings);
        assert_eq!(findings.to_string(), "");
        refusals(&job.unwrap().job, &site.unwrap()).into_iter().map(|it| it.field).collect()
    }

    #[test]
    fn what_a_slurm_site_has_not_is_refused() {
        let site = "engine = \"slurm\"\ngpus_per_node = 2\nmax_array_size = 3\n";
        assert_eq!(refused("gpus = 2\n", site), <[&str; 0]>::default());
        assert_eq!(refused("gpus = 3\n", site), ["gpus"]);
        assert_eq!(refused("[sweep]\nseed = \"0..3\"\n", site), ["sweep"]);
        assert_eq!(refused("shm = \"1GiB\"\nkeep_for = \"1d\"\n", site), ["shm", "keep_for"]);
        let pyxis = "engine = \"slurm\"\ncontainers = \"pyxis\"\n";
        assert_eq!(refused("[[mounts]]\nclaim = \"c\"\ntarget = \"/c\"\n", pyxis), ["mounts"]);
        assert_eq!(refused("[[mounts]]\nhost = \"/c\"\ntarget = \"/c\"\n", pyxis), <[&str; 0]>::default());
        assert_eq!(refused("[[mounts]]\nhost = \"/c\"\ntarget = \"/c\"\n", site), ["mounts"]);
        assert_eq!(refused("gpus = 0.5\n", site), ["gpus"]);
    }

    #[test]
    fn gpus_are_refused_where_a_cluster_has_none() {
        let site = "engine = \"kubernetes\"\nnamespace = \"lab\"\n";
        assert_eq!(refused("gpus = 1\n", site), <[&str; 0]>::default());
        assert_eq!(refused("gpus = 1\n", &format!("{site}gpus = false\n")), ["gpus"]);
    }
    #[test]
    fn what_runs_in_pods_has_its_own_limits() {
        let kubernetes = "engine = \"kubernetes\"\nnamespace = \"lab\"\n";
        let runai = "engine = \"runai\"\nproject = \"lab\"\n";
        let both = [
            ("environment_from_host = [\"LANG\"]\n", "environment_from_host"),
            ("after = [\"first-1\"]\n", "after"),
            ("tasks = 2\n", "tasks"),
            ("nodes = 2\nretries = 1\n", "retries"),
            ("[secrets]\nKEY = { file = \"/k\" }\n", "secrets"),
            ("[[mounts]]\nhost = \"$SCRATCH/c\"\ntarget = \"/c\"\n", "mounts"),
        ];
        for (job, field) in both {
            assert_eq!([refused(job, kubernetes), refused(job, runai)], [[field], [field]], "{job}");
        }
        for (job, field, site, other) in [
            ("gpus = \"1g.10gb:1\"\n", "gpus", runai, kubernetes),
            ("gpus = 0.5\n", "gpus", kubernetes, runai),
            ("nodes = 2\n[sweep]\nseed = \"0..1\"\n", "sweep", kubernetes, runai),
            ("parallel = 2\n[sweep]\nseed = \"0..3\"\n", "parallel", runai, kubernetes),
            ("nodes = 2\ngrace = \"1m\"\n", "grace", runai, kubernetes),
            ("[[mounts]]\nclaim = \"c\"\ntarget = \"/c\"\nsubpath = \"a\"\n", "mounts", runai, kubernetes),
            ("[[mounts]]\nclaim = \"c\"\ntarget = \"/c\"\nread_only = true\n", "mounts", runai, kubernetes),
            ("[[mounts]]\nscratch = true\ntarget = \"/c\"\n", "mounts", runai, kubernetes),
        ] {
            assert_eq!(refused(job, site), [field], "{job}");
            assert_eq!(refused(job, other), <[&str; 0]>::default(), "{job}");
        }
    }
}
