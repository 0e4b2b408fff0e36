//! A cluster as its users reach it: `installation/clusters/<site>.toml`.

use std::collections::BTreeMap;

use camino::Utf8PathBuf;

use super::Storage;

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct SiteName(pub String);

#[derive(Debug, Clone, PartialEq)]
pub struct Site {
    pub name: SiteName,
    pub engine: SiteEngine,
    pub storage: Storage,
    /// Variables that every job has there.
    pub environment: BTreeMap<String, String>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum SiteEngine {
    /// This machine's Docker.
    Docker,
    Slurm(SlurmSite),
    Kubernetes(KubernetesSite),
    RunAi(RunAiSite),
}

impl SiteEngine {
    /// As the site's file and records have it.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Docker => "docker",
            Self::Slurm(_) => "slurm",
            Self::Kubernetes(_) => "kubernetes",
            Self::RunAi(_) => "runai",
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct SlurmSite {
    /// Of Slurm, as (year, month); the oldest that is supported where it is not said.
    pub version: Option<(u16, u16)>,
    pub containers: SlurmContainers,
    /// Where images that are made for this cluster are kept, each named by its digest.
    pub image_cache: Option<Utf8PathBuf>,
    /// The host of `ssh` on which Slurm's commands are; this machine where there is none.
    pub login: Option<String>,
    pub partition: Option<String>,
    pub account: Option<String>,
    pub qos: Option<String>,
    pub reservation: Option<String>,
    pub constraint: Option<String>,
    /// For `module load`, before anything else.
    pub modules: Vec<String>,
    /// Passed to `sbatch` as they are.
    pub extra_arguments: Vec<String>,
    /// `MaxArraySize` of the cluster.
    pub max_array_size: u32,
    /// GPUs that a node has at most; none: the cluster has no GPUs.
    pub gpus_per_node: u32,
}

/// How containers run at a Slurm site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SlurmContainers {
    /// NVIDIA's plugin; the version of enroot decides whether a registry's image can be named by digest.
    Pyxis {
        enroot: (u16, u16),
    },
    Apptainer,
    /// Slurm's own `--container`, with OCI bundles.
    Oci,
    /// None: the native environment, on a file system that the nodes share.
    Native,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KubernetesSite {
    /// Of the server, as (major, minor).
    pub version: (u16, u16),
    pub context: Option<String>,
    pub namespace: String,
    /// Kueue's LocalQueue.
    pub queue: Option<String>,
    pub priority_class: Option<String>,
    pub pull_secret: Option<String>,
    pub scheduler: Option<String>,
    pub tolerations: Vec<Toleration>,
    pub node_selector: BTreeMap<String, String>,
    /// Supplementary groups of the containers.
    pub groups: Vec<u32>,
    pub has_gpus: bool,
}

/// Of a taint, in Kubernetes' words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Toleration {
    pub key: String,
    /// Any where there is none.
    pub value: Option<String>,
    /// `NoSchedule`, `PreferNoSchedule` or `NoExecute`; all of them where there is none.
    pub effect: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunAiSite {
    pub project: String,
    pub node_pools: Vec<String>,
    /// Supplementary groups of the containers.
    pub groups: Vec<u32>,
}
