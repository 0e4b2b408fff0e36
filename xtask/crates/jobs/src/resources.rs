//! What a job needs of a machine.

use std::fmt;
use std::time::Duration;

/// For each task, but for nodes, time and what goes with it.
#[derive(Debug, Clone, PartialEq)]
pub struct Resources {
    pub cpus: Option<u32>,
    pub memory: Option<Memory>,
    pub gpus: Option<GpuRequest>,
    /// The size of `/dev/shm`.
    pub shm: Option<Memory>,
    pub nodes: u32,
    pub tasks_per_node: u32,
    /// The job is ended after this.
    pub time: Option<Duration>,
    /// Between the signal that asks a job to end and the one that ends it.
    pub grace: Option<Duration>,
    pub signal: Option<WarningSignal>,
}

impl Default for Resources {
    fn default() -> Self {
        Self {
            cpus: None,
            memory: None,
            gpus: None,
            shm: None,
            nodes: 1,
            tasks_per_node: 1,
            time: None,
            grace: None,
            signal: None,
        }
    }
}

/// In bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Memory(pub u64);

/// GPUs on each node.
#[derive(Debug, Clone, PartialEq)]
pub struct GpuRequest {
    pub count: u32,
    pub kind: GpuKind,
}

#[derive(Debug, Clone, PartialEq)]
pub enum GpuKind {
    Any,
    /// The site's name for a model, such as `a100`.
    Model(String),
    /// NVIDIA's name for a part of one, such as `1g.10gb`.
    Mig(String),
    /// A part of one that is shared in time, between 0 and 1.
    Fraction(f64),
}

/// As `--gpus` takes it.
impl fmt::Display for GpuRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            GpuKind::Any => write!(f, "{}", self.count),
            GpuKind::Model(name) | GpuKind::Mig(name) => write!(f, "{name}:{}", self.count),
            GpuKind::Fraction(part) => write!(f, "{part}"),
        }
    }
}

/// A signal some time before the time limit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WarningSignal {
    /// Without `SIG`, such as `USR1`.
    pub name: String,
    pub before: Duration,
}
