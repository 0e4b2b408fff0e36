//! The pod that each part of a job is.

use anyhow::{Result, bail};
use camino::Utf8Path;

use super::objects::{
    Capabilities, Container, ContainerSecurity, Map, Metadata, Named, PodSecurity, PodSpec, PodTemplate,
    ResourceRequirements, Seccomp, SecretKey, TolerationObject, ValueSource, Variable,
};
use super::volumes::{SHIM_FILES, Volumes, run_folder};
use super::{MAIN, quantity};
use crate::{
    CodeSource, GRACE_MARGIN, GpuKind, ImageSource, JobSecret, KubernetesSite, SHIM_IN_IMAGE, ShimSurroundings,
    SignalReach, Submission, TimeKeeper,
};

/// What Kubernetes gives a pod that does not say how long it takes to end, in seconds.
const GRACE: u64 = 30;

/// `config` is the name of the object that has the shim's files.
pub(super) fn template(
    submission: &Submission,
    site: &KubernetesSite,
    labels: Map,
    config: &str,
) -> Result<PodTemplate> {
    let resources = &submission.job.resources;
    let grace = resources.grace.map(|it| quantity::seconds(it + GRACE_MARGIN));
    let Volumes { volumes, mounts } = Volumes::of(submission, config)?;
    let ids = submission.ids;
    let spec = PodSpec {
        restart_policy: "Never",
        // The shim ends the command in time, and tells. This ends what cannot: an image that does not come, a node that hangs.
        active_deadline_seconds: resources.time.map(|it| 2 * (quantity::seconds(it) + grace.unwrap_or(GRACE))),
        termination_grace_period_seconds: grace,
        subdomain: (resources.nodes > 1).then(|| submission.id.0.clone()),
        scheduler_name: site.scheduler.clone(),
        priority_class_name: site.priority_class.clone(),
        enable_service_links: false,
        automount_service_account_token: false,
        node_selector: node_selector(submission, site),
        tolerations: tolerations(site),
        image_pull_secrets: site.pull_secret.iter().map(|it| Named { name: it.clone() }).collect(),
        security_context: PodSecurity {
            run_as_user: ids.uid,
            run_as_group: ids.gid,
            run_as_non_root: ids.uid != 0,
            fs_group: ids.gid,
            fs_group_change_policy: "OnRootMismatch",
            supplemental_groups: site.groups.clone(),
            seccomp_profile: Seccomp { kind: "RuntimeDefault" },
        },
        containers: vec![Container {
            name: MAIN,
            image: image(submission)?,
            command: submission
                .shim_command(Utf8Path::new(SHIM_IN_IMAGE))
                .iter()
                .map(|it| quantity::literal(it))
                .collect(),
            working_dir: working_directory(submission).to_string(),
            env: variables(submission)?,
            resources: requirements(submission)?,
            security_context: ContainerSecurity {
                allow_privilege_escalation: false,
                capabilities: Capabilities { drop: vec!["ALL"] },
            },
            volume_mounts: mounts,
        }],
        volumes,
    };
    Ok(PodTemplate { metadata: Metadata { labels, ..Metadata::default() }, spec })
}

fn image(submission: &Submission) -> Result<String> {
    match &submission.image {
        Some(ImageSource::Registry(name)) => Ok(name.clone()),
        Some(ImageSource::Path { .. }) | None => bail!(
            "a node of Kubernetes takes an image from a registry alone: `cargo xtask push`, and `cargo xtask submit` again"
        ),
    }
}

/// A runtime makes the folder where it is missing, as root: with an archive, it has to be one that is there from the start.
fn working_directory(submission: &Submission) -> &Utf8Path {
    match submission.code {
        CodeSource::Archive(_) => &submission.paths.root,
        CodeSource::Directory(_) => &submission.paths.project,
    }
}

/// The model is what NVIDIA's feature discovery calls it: <https://github.com/NVIDIA/k8s-device-plugin>.
fn node_selector(submission: &Submission, site: &KubernetesSite) -> Map {
    let architecture = ("kubernetes.io/arch".to_owned(), submission.architecture.clone());
    let model = match submission.job.resources.gpus.as_ref().map(|it| &it.kind) {
        Some(GpuKind::Model(model)) => Some(("nvidia.com/gpu.product".to_owned(), model.clone())),
        _ => None,
    };
    let own = site.node_selector.iter().map(|(key, value)| (key.clone(), value.clone()));
    [architecture].into_iter().chain(model).chain(own).collect()
}

fn tolerations(site: &KubernetesSite) -> Vec<TolerationObject> {
    let toleration = |it: &crate::Toleration| TolerationObject {
        key: it.key.clone(),
        operator: if it.value.is_some() { "Equal" } else { "Exists" },
        value: it.value.clone(),
        effect: it.effect.clone(),
    };
    site.tolerations.iter().map(toleration).collect()
}

/// Where the project is, then the site's, then the job's own, then what the shim has to know.
fn variables(submission: &Submission) -> Result<Vec<Variable>> {
    let Submission { id, job, site, paths, .. } = submission;
    let run = run_folder(submission);
    let surroundings = ShimSurroundings {
        files: Utf8Path::new(SHIM_FILES),
        run: run.as_deref(),
        signals: SignalReach::First,
        time: TimeKeeper::Shim,
    };
    let own = site.environment.iter().chain(&job.environment).map(|(name, value)| (name.clone(), value.clone()));
    let shim = submission.shim_variables(&surroundings).into_iter().map(|(name, value)| (name.to_owned(), value));
    // Each pod has a name of its own in the service of the job.
    let master = (job.resources.nodes > 1).then(|| ("MASTER_ADDR".to_owned(), format!("{0}-0.{0}", id.0)));
    let places = [
        ("PROJECT_ROOT", &paths.root),
        ("PROJECT_DIR", &paths.project),
        ("DATA_DIR", &paths.data),
        ("OUTPUTS_DIR", &paths.outputs),
    ]
    .map(|(name, path)| (name.to_owned(), path.to_string()));
    let plain: Map = places.into_iter().chain(own).chain(master).chain(shim).collect();
    let plain = plain.into_iter().map(|(name, value)| Variable {
        name,
        value: Some(quantity::literal(&value)),
        value_from: None,
    });
    let secrets = job.secrets.iter().map(|(name, secret)| match secret {
        JobSecret::Key { secret, key } => {
            let reference = SecretKey { name: secret.clone(), key: key.clone() };
            Ok(Variable { name: name.clone(), value: None, value_from: Some(ValueSource { secret_key_ref: reference }) })
        }
        JobSecret::File(path) => bail!(
            "the secret `{name}` is the file {path}, which nodes of Kubernetes do not see: `kubectl create secret generic NAME \
             --from-file=KEY={path}` makes a secret of the cluster of it"
        ),
    });
    plain.map(Ok).chain(secrets).collect()
}

/// Memory is asked for and limited alike, so that a job gets what it was promised. GPUs have a limit alone.
fn requirements(submission: &Submission) -> Result<ResourceRequirements> {
    let resources = &submission.job.resources;
    let cpu = resources.cpus.map(|it| ("cpu".to_owned(), it.to_string()));
    let memory = resources.memory.map(|it| ("memory".to_owned(), quantity::memory(it)));
    let gpus = match &resources.gpus {
        None => None,
        Some(request) => {
            let resource = match &request.kind {
                GpuKind::Any | GpuKind::Model(_) => "nvidia.com/gpu".to_owned(),
                GpuKind::Mig(profile) => format!("nvidia.com/mig-{profile}"),
                GpuKind::Fraction(_) => bail!("Kubernetes gives whole GPUs or parts by MIG; Run:ai gives fractions"),
            };
            Some((resource, request.count.to_string()))
        }
    };
    Ok(ResourceRequirements {
        requests: cpu.into_iter().chain(memory.clone()).collect(),
        limits: memory.into_iter().chain(gpus).collect(),
    })
}
