//! What `kubectl` is asked.

use camino::Utf8Path;
use process::Invocation;

use super::{LABEL, MAIN};
use crate::{JobId, KubernetesSite, PartName};

/// `kubectl` at one site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KubernetesClient {
    /// The current one where there is none.
    context: Option<String>,
    namespace: String,
}

/// Which part's output is wanted, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogRequest<'a> {
    pub part: &'a PartName,
    /// Nodes of each part.
    pub nodes: u32,
    /// Of all parts.
    pub pods: u32,
    /// Until the job has ended.
    pub is_followed: bool,
}

impl KubernetesClient {
    pub fn of(site: &KubernetesSite) -> Self {
        Self { context: site.context.clone(), namespace: site.namespace.clone() }
    }

    /// At a place as [`place`](Self::place) has it: a namespace, or a namespace and a context.
    pub fn at(place: &str) -> Self {
        let (namespace, context) = place.split_once('@').map_or((place, None), |(it, context)| (it, Some(context)));
        Self { context: context.map(str::to_owned), namespace: namespace.to_owned() }
    }

    /// Where the jobs are, for a record: the site's file may say something else later.
    pub fn place(&self) -> String {
        let context = self.context.iter().map(|it| format!("@{it}"));
        self.namespace.clone() + &context.collect::<String>()
    }

    fn kubectl(&self, verb: &str) -> Invocation {
        let context = self.context.iter().map(|it| format!("--context={it}"));
        Invocation::new("kubectl").args(context).arg(format!("--namespace={}", self.namespace)).arg(verb)
    }

    /// The versions of `kubectl` and of the server, as JSON; the former alone where the server does not answer.
    pub fn versions(&self) -> Invocation {
        self.kubectl("version").arg("--output=json")
    }

    /// Whether whoever asks may make objects of this kind: it prints `yes` or `no`.
    pub fn may_create(&self, kind: &str) -> Invocation {
        self.kubectl("auth").args(["can-i", "create", kind])
    }

    /// Whether there is an object of this kind and name.
    pub fn find(&self, kind: &str, name: &str) -> Invocation {
        self.kubectl("get").args([kind, name, "--output=name"])
    }

    /// What the namespace may use and uses, as JSON.
    pub fn quotas(&self) -> Invocation {
        self.kubectl("get").args(["resourcequotas", "--output=json"])
    }

    /// Makes what a file describes. By the server itself: then the objects carry no second copy of themselves, which has less room
    /// than the code may take.
    pub(crate) fn apply(&self, file: &Utf8Path) -> Invocation {
        self.kubectl("apply").args(["--server-side", "--field-manager=xtask", "--filename"]).arg(file.as_str())
    }

    /// What became of jobs: their objects and pods, as [`KubernetesAnswers`](super::KubernetesAnswers) reads them.
    pub fn status<'a>(&self, ids: impl IntoIterator<Item = &'a str>) -> Invocation {
        let ids = ids.into_iter().collect::<Vec<_>>().join(",");
        self.kubectl("get").args(["jobs.batch,pods", "--output=json", "--selector"]).arg(format!("{LABEL} in ({ids})"))
    }

    /// Removes all objects of a job, with its pods. What is not there is no error.
    pub fn cancel(&self, id: &JobId) -> Invocation {
        self.kubectl("delete")
            .args([
                "jobs.batch,services,configmaps",
                "--cascade=foreground",
                "--ignore-not-found",
                "--wait=false",
                "--selector",
            ])
            .arg(format!("{LABEL}={}", id.0))
    }

    /// What the pods of a part, or of all, have printed. Each line of several pods begins with the pod's name.
    pub fn logs(&self, request: &LogRequest) -> Invocation {
        let LogRequest { part, nodes, pods, is_followed } = *request;
        let index = |it: u32| match nodes {
            1 => format!(",batch.kubernetes.io/job-completion-index={it}"),
            // Only a job that is no array has several.
            _ => String::new(),
        };
        let wanted = if part.index.is_some() { nodes } else { pods };
        let several = (wanted > 1).then(|| ["--prefix".to_owned(), format!("--max-log-requests={wanted}")]);
        self.kubectl("logs")
            .arg(format!("--container={MAIN}"))
            .args(["--tail=-1", "--ignore-errors"])
            .args(is_followed.then_some("--follow"))
            .args(several.into_iter().flatten())
            .arg("--selector")
            .arg(format!("{LABEL}={}{}", part.id.0, part.index.map(index).unwrap_or_default()))
    }
}
