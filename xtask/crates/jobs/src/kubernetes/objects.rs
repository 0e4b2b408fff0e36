//! The objects of Kubernetes' interface, as far as a job needs them.
//!
//! Source: <https://kubernetes.io/docs/reference/kubernetes-api/>.

use std::collections::BTreeMap;

use serde::Serialize;

pub(super) type Map = BTreeMap<String, String>;

/// Any object; `Body` has what follows its name.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Object<Body> {
    pub api_version: &'static str,
    pub kind: &'static str,
    pub metadata: Metadata,
    #[serde(flatten)]
    pub body: Body,
}

#[derive(Debug, Clone, Default, Serialize)]
pub(super) struct Metadata {
    pub name: Option<String>,
    pub namespace: Option<String>,
    pub labels: Map,
}

#[derive(Debug, Serialize)]
pub(super) struct WithSpec<Spec> {
    pub spec: Spec,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ConfigMapBody {
    pub immutable: bool,
    pub data: Map,
    /// In base64.
    pub binary_data: Map,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ServiceSpec {
    #[serde(rename = "clusterIP")]
    pub cluster_ip: &'static str,
    pub publish_not_ready_addresses: bool,
    pub selector: Map,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct JobSpec {
    pub completion_mode: &'static str,
    pub completions: u64,
    pub parallelism: u64,
    pub backoff_limit_per_index: u32,
    pub pod_replacement_policy: &'static str,
    pub pod_failure_policy: FailurePolicy,
    pub ttl_seconds_after_finished: Option<u64>,
    pub template: PodTemplate,
}

#[derive(Debug, Serialize)]
pub(super) struct FailurePolicy {
    pub rules: Vec<FailureRule>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct FailureRule {
    pub action: &'static str,
    pub on_exit_codes: Option<ExitCodes>,
    pub on_pod_conditions: Vec<PodConditionPattern>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ExitCodes {
    pub container_name: &'static str,
    pub operator: &'static str,
    pub values: Vec<u8>,
}

#[derive(Debug, Serialize)]
pub(super) struct PodConditionPattern {
    #[serde(rename = "type")]
    pub kind: &'static str,
    pub status: &'static str,
}

#[derive(Debug, Serialize)]
pub(super) struct PodTemplate {
    pub metadata: Metadata,
    pub spec: PodSpec,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PodSpec {
    pub restart_policy: &'static str,
    pub active_deadline_seconds: Option<u64>,
    pub termination_grace_period_seconds: Option<u64>,
    pub subdomain: Option<String>,
    pub scheduler_name: Option<String>,
    pub priority_class_name: Option<String>,
    pub enable_service_links: bool,
    pub automount_service_account_token: bool,
    pub node_selector: Map,
    pub tolerations: Vec<TolerationObject>,
    pub image_pull_secrets: Vec<Named>,
    pub security_context: PodSecurity,
    pub containers: Vec<Container>,
    pub volumes: Vec<Volume>,
}

#[derive(Debug, Serialize)]
pub(super) struct Named {
    pub name: String,
}

#[derive(Debug, Serialize)]
pub(super) struct TolerationObject {
    pub key: String,
    pub operator: &'static str,
    pub value: Option<String>,
    pub effect: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PodSecurity {
    pub run_as_user: u32,
    pub run_as_group: u32,
    pub run_as_non_root: bool,
    pub fs_group: u32,
    pub fs_group_change_policy: &'static str,
    pub supplemental_groups: Vec<u32>,
    pub seccomp_profile: Seccomp,
}

#[derive(Debug, Serialize)]
pub(super) struct Seccomp {
    #[serde(rename = "type")]
    pub kind: &'static str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Container {
    pub name: &'static str,
    pub image: String,
    pub command: Vec<String>,
    pub working_dir: String,
    pub env: Vec<Variable>,
    pub resources: ResourceRequirements,
    pub security_context: ContainerSecurity,
    pub volume_mounts: Vec<VolumeMount>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Variable {
    pub name: String,
    pub value: Option<String>,
    pub value_from: Option<ValueSource>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ValueSource {
    pub secret_key_ref: SecretKey,
}

#[derive(Debug, Serialize)]
pub(super) struct SecretKey {
    pub name: String,
    pub key: String,
}

#[derive(Debug, Serialize)]
pub(super) struct ResourceRequirements {
    pub requests: Map,
    pub limits: Map,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ContainerSecurity {
    pub allow_privilege_escalation: bool,
    pub capabilities: Capabilities,
}

#[derive(Debug, Serialize)]
pub(super) struct Capabilities {
    pub drop: Vec<&'static str>,
}

#[derive(Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct VolumeMount {
    pub name: String,
    pub mount_path: String,
    pub sub_path: Option<String>,
    pub read_only: Option<bool>,
}

#[derive(Debug, Serialize)]
pub(super) struct Volume {
    pub name: String,
    #[serde(flatten)]
    pub source: VolumeSource,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum VolumeSource {
    #[serde(rename_all = "camelCase")]
    EmptyDir {
        medium: Option<&'static str>,
        size_limit: Option<String>,
    },
    #[serde(rename_all = "camelCase")]
    ConfigMap {
        name: String,
        default_mode: u32,
    },
    HostPath {
        path: String,
    },
    #[serde(rename_all = "camelCase")]
    PersistentVolumeClaim {
        claim_name: String,
    },
}
