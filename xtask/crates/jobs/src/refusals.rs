//! What a site cannot give to a job, told before anything is sent.

use super::{GpuKind, Job, JobSecret, KubernetesSite, MountSource, Site, SiteEngine, SlurmContainers, SlurmSite};

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
    let mut refusals = Vec::new();
    let mut refuse = |field, reason: String| refusals.push(JobRefusal { field, reason });
    match &site.engine {
        SiteEngine::Slurm(slurm) => of_slurm(job, site, slurm, &mut refuse),
        SiteEngine::Kubernetes(kubernetes) => of_kubernetes(job, site, kubernetes, &mut refuse),
        SiteEngine::RunAi(_) | SiteEngine::Docker => {}
    }
    refusals
}

fn of_slurm(job: &Job, site: &Site, slurm: &SlurmSite, refuse: &mut impl FnMut(&'static str, String)) {
    let name = &site.name.0;
    if let Some(gpus) = &job.resources.gpus {
        if gpus.count > slurm.gpus_per_node {
            let reason = format!(
                "a node of the site `{name}` has {} GPUs (`gpus_per_node`), not {}",
                slurm.gpus_per_node, gpus.count
            );
            refuse("gpus", reason);
        }
        if matches!(gpus.kind, GpuKind::Fraction(_)) {
            refuse(
                "gpus",
                "Slurm gives GPUs whole, or in the parts that the site has made of them (`1g.10gb:1`)".to_owned(),
            );
        }
    }
    let parts = job.sweep.as_ref().map_or(0, |it| it.points.len());
    if parts > slurm.max_array_size as usize {
        let most = slurm.max_array_size;
        refuse(
            "sweep",
            format!("an array of the site `{name}` has at most {most} parts (`max_array_size`), not {parts}"),
        );
    }
    if job.resources.shm.is_some() && slurm.containers != SlurmContainers::Oci {
        refuse("shm", "Slurm's jobs share the node's /dev/shm, whose size is the node's".to_owned());
    }
    if job.mounts.iter().any(|it| !matches!(it.source, MountSource::Host(_))) {
        refuse("mounts", "Slurm knows folders only (`host = …`)".to_owned());
    }
    if !job.mounts.is_empty() && slurm.containers == SlurmContainers::Native {
        refuse("mounts", format!("jobs of the site `{name}` run without containers, so that nothing can be mounted"));
    }
    if job.secrets.values().any(|it| matches!(it, JobSecret::Key { .. })) {
        refuse(
            "secrets",
            "Slurm has no secrets of its own (`file = …` names a file that the nodes can read)".to_owned(),
        );
    }
    if job.keep_for.is_some() {
        refuse("keep_for", "Slurm itself decides how long it knows a job that has ended".to_owned());
    }
}

fn of_kubernetes(job: &Job, site: &Site, kubernetes: &KubernetesSite, refuse: &mut impl FnMut(&'static str, String)) {
    if let Some(gpus) = &job.resources.gpus {
        if !kubernetes.has_gpus {
            refuse("gpus", format!("the site `{}` has no GPUs (`gpus = false` in its file)", site.name.0));
        }
        if matches!(gpus.kind, GpuKind::Fraction(_)) {
            refuse(
                "gpus",
                "Kubernetes gives GPUs whole, or in the parts that the site has made of them (`1g.10gb:1`)".to_owned(),
            );
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
    }

    #[test]
    fn gpus_are_refused_where_a_cluster_has_none() {
        let site = "engine = \"kubernetes\"\nnamespace = \"lab\"\n";
        assert_eq!(refused("gpus = 1\n", site), <[&str; 0]>::default());
        assert_eq!(refused("gpus = 1\n", &format!("{site}gpus = false\n")), ["gpus"]);
    }
}
