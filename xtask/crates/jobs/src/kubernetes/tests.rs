use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use project::{ContainerPaths, UserIds};
use serde_json::Value;

use super::*;
use crate::{
    CodeSource, EngineState, Entrypoint, GpuKind, GpuRequest, ImageSource, Job, JobMount, JobSecret, Memory,
    MountSource, ParameterSet, PartName, Resources, RetryPolicy, RunOrder, Site, SiteEngine, SiteName, Storage, Sweep,
    Toleration, WarningSignal,
};

fn site() -> KubernetesSite {
    KubernetesSite {
        version: (1, 31),
        context: Some("lab".to_owned()),
        namespace: "vision".to_owned(),
        queue: None,
        priority_class: None,
        pull_secret: None,
        scheduler: None,
        tolerations: Vec::new(),
        node_selector: BTreeMap::new(),
        groups: Vec::new(),
        has_gpus: true,
    }
}

pub(crate) fn submission() -> Submission {
    let job = Job {
        name: "train".to_owned(),
        argv: ["python", "train.py"].map(str::to_owned).into(),
        entrypoint: Entrypoint::Keep,
        environment: BTreeMap::new(),
        environment_from_host: BTreeSet::new(),
        secrets: BTreeMap::new(),
        resources: Resources::default(),
        mounts: Vec::new(),
        sweep: None,
        retry: RetryPolicy::default(),
        after: Vec::new(),
        keep_for: None,
    };
    Submission {
        id: JobId("train-7k2m".to_owned()),
        job,
        site: Site {
            name: SiteName("k8s".to_owned()),
            engine: SiteEngine::Kubernetes(site()),
            storage: Storage::default(),
            environment: BTreeMap::new(),
        },
        image: Some(ImageSource::Registry("reg.example/lab/p@sha256:0123".to_owned())),
        image_inputs: Some("abc".to_owned()),
        image_variables: BTreeMap::new(),
        architecture: "amd64".to_owned(),
        code: CodeSource::Archive(vec![0x1f, 0x8b, 0x08]),
        paths: ContainerPaths {
            root: "/opt/project".into(),
            project: "/opt/project/python-project".into(),
            data: "/opt/project/data".into(),
            outputs: "/opt/project/outputs".into(),
            wandb: "/opt/project/wandb".into(),
        },
        ids: UserIds { uid: 1000, gid: 1000 },
        run_directory: "/unused".into(),
        receipt: RunOrder::default(),
        after: Vec::new(),
        search_path: String::new(),
    }
}

/// All that a description can ask for on one node.
pub(crate) fn demanding() -> (Submission, KubernetesSite) {
    let mut submission = submission();
    let points =
        ["1e-3", "1e-4", "a b; $(id)"].map(|it| ParameterSet([("lr".to_owned(), it.to_owned())].into())).into();
    submission.job = Job {
        environment: [("SEED", "1"), ("HOSTILE", "$(HOME) \"it's\"\nyes")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into(),
        secrets: [("WANDB_API_KEY".to_owned(), JobSecret::Key { secret: "wandb".to_owned(), key: "token".to_owned() })]
            .into(),
        resources: Resources {
            cpus: Some(4),
            memory: Some(Memory(16 << 30)),
            gpus: Some(GpuRequest { count: 2, kind: GpuKind::Model("NVIDIA-A100-SXM4-80GB".to_owned()) }),
            shm: Some(Memory(8 << 30)),
            time: Some(Duration::from_secs(4 * 3600)),
            grace: Some(Duration::from_secs(120)),
            signal: Some(WarningSignal { name: "USR1".to_owned(), before: Duration::from_secs(300) }),
            ..Resources::default()
        },
        mounts: vec![
            JobMount {
                source: MountSource::Claim("sets".to_owned()),
                target: "/sets".into(),
                subpath: Some("imagenet".into()),
                is_read_only: true,
            },
            JobMount { source: MountSource::Scratch, target: "/scratch".into(), subpath: None, is_read_only: false },
        ],
        sweep: Some(Sweep { points, max_parallel: Some(2) }),
        retry: RetryPolicy { max: 1, on_preemption: true },
        keep_for: Some(Duration::from_secs(86400)),
        ..submission.job
    };
    submission.site.storage = Storage {
        runs: Some(MountSource::Claim("home".to_owned())),
        data: Some(MountSource::Claim("sets".to_owned())),
        outputs: Some(MountSource::Host("/mnt/scratch".into())),
    };
    submission.site.environment = [("SEED".to_owned(), "0".to_owned())].into();
    let site = KubernetesSite {
        queue: Some("user-queue".to_owned()),
        priority_class: Some("low".to_owned()),
        pull_secret: Some("regcred".to_owned()),
        scheduler: Some("runai-scheduler".to_owned()),
        tolerations: vec![
            Toleration { key: "gpu".to_owned(), value: Some("a100".to_owned()), effect: Some("NoSchedule".to_owned()) },
            Toleration { key: "spot".to_owned(), value: None, effect: None },
        ],
        node_selector: [("pool".to_owned(), "yes".to_owned())].into(),
        groups: vec![2000],
        ..site()
    };
    (submission, site)
}

fn text(submission: &Submission, site: &KubernetesSite) -> String {
    let rendered = render(submission, site, "/p/outputs/runs/train-7k2m".into()).unwrap();
    String::from_utf8(rendered.files.into_iter().next().unwrap().contents).unwrap()
}

fn refusal(submission: &Submission, site: &KubernetesSite) -> String {
    render(submission, site, "/p".into()).unwrap_err().to_string()
}

/// The one of a kind, as any reader of YAML sees it.
fn object(text: &str, kind: &str) -> Value {
    let documents = text.split("---\n").filter(|it| !it.is_empty());
    let objects: Vec<Value> = documents.map(|it| serde_yaml::from_str(it).unwrap()).collect();
    objects.into_iter().find(|it| it["kind"] == kind).unwrap_or_default()
}

fn job(submission: &Submission, site: &KubernetesSite) -> Value {
    object(&text(submission, site), "Job")
}

/// The recorded objects: `UPDATE_EXPECTED=1` writes them.
#[allow(clippy::disallowed_methods, reason = "a test writes what it expects, when it is asked to")]
fn assert_recorded(name: &str, text: &str) {
    let path = format!("{}/tests/data/kubernetes/{name}.yaml", env!("CARGO_MANIFEST_DIR"));
    if std::env::var_os("UPDATE_EXPECTED").is_some() {
        std::fs::create_dir_all(Utf8Path::new(&path).parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
    }
    assert_eq!(std::fs::read_to_string(&path).unwrap_or_default(), text, "in {path}");
}

#[test]
fn a_plain_job_is_three_lines_of_wishes_and_safe_defaults() {
    assert_recorded("plain", &text(&submission(), &site()));
}

#[test]
fn everything_that_a_description_can_say_has_its_field() {
    let (submission, site) = demanding();
    assert_recorded("demanding", &text(&submission, &site));
}

#[test]
fn several_nodes_find_each_other_by_a_service() {
    let mut submission = submission();
    submission.job.resources.nodes = 3;
    let text = text(&submission, &site());
    assert_recorded("nodes", &text);
    let (job, service) = (object(&text, "Job"), object(&text, "Service"));
    assert_eq!(job["spec"]["completions"], 3);
    assert_eq!(job["spec"]["parallelism"], 3);
    let pod = &job["spec"]["template"];
    assert_eq!(pod["spec"]["subdomain"], service["metadata"]["name"]);
    assert_eq!(pod["metadata"]["labels"], service["spec"]["selector"]);
}

#[test]
fn one_call_makes_the_objects_and_may_be_repeated() {
    let rendered = render(&submission(), &site(), "/p/outputs/runs/train-7k2m".into()).unwrap();
    assert_eq!(
        rendered.invocations.iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["kubectl '--context=lab' '--namespace=vision' apply --server-side '--field-manager=xtask' --filename \
          /p/outputs/runs/train-7k2m/objects.yaml"]
    );
}

#[test]
fn the_values_of_a_job_are_texts_to_every_reader_and_no_variable_is_put_in() {
    let (submission, site) = demanding();
    let job = job(&submission, &site);
    let container = &job["spec"]["template"]["spec"]["containers"][0];
    let env = container["env"].as_array().unwrap();
    let value = |name: &str| env.iter().find(|it| it["name"] == name).unwrap()["value"].clone();
    assert_eq!(value("SEED"), "1", "the job's own value goes before the site's");
    assert_eq!(value("HOSTILE"), "$$(HOME) \"it's\"\nyes");
    assert_eq!(job["spec"]["template"]["spec"]["nodeSelector"]["pool"], "yes");
    assert!(env.iter().any(|it| it["valueFrom"]["secretKeyRef"]["key"] == "token"));
}

#[test]
fn a_run_has_a_folder_where_something_of_it_lasts() {
    let mut submission = submission();
    let folder = |it: &Submission| volumes::run_folder(it).map(|it| it.to_string());
    assert_eq!(folder(&submission), None);
    submission.site.storage.outputs = Some(MountSource::Claim("results".to_owned()));
    assert_eq!(folder(&submission).unwrap(), "/opt/project/outputs/runs/train-7k2m");
    submission.site.storage.runs = Some(MountSource::Scratch);
    assert_eq!(folder(&submission), None);
}

#[test]
fn a_part_of_a_gpu_has_the_name_of_its_profile() {
    let mut submission = submission();
    submission.job.resources.gpus = Some(GpuRequest { count: 1, kind: GpuKind::Mig("1g.10gb".to_owned()) });
    let job = job(&submission, &site());
    assert_eq!(job["spec"]["template"]["spec"]["containers"][0]["resources"]["limits"]["nvidia.com/mig-1g.10gb"], "1");
}

#[test]
fn what_kubernetes_has_no_words_for_is_refused_with_the_reason() {
    type Change = fn(&mut Submission, &mut KubernetesSite);
    let refused: [(Change, &str); 13] = [
        (|_, site| site.version = (1, 28), "no retries for each part"),
        (|_, site| site.has_gpus = false, "no GPUs"),
        (|it, _| it.id.0 = "x".repeat(58), "longer than 57"),
        (|it, _| it.image = None, "from a registry alone"),
        (|it, _| it.code = CodeSource::Archive(vec![0xff; 2 << 20]), "holds 1024 KiB"),
        (|it, _| it.job.environment_from_host.extend(["TOKEN".to_owned()]), "values of TOKEN"),
        (|it, _| it.job.after.push(JobId("first-1".to_owned())), "after another one"),
        (|it, _| it.job.resources.tasks_per_node = 2, "one task on each node"),
        (
            |it, _| it.job.sweep = Some(Sweep { points: vec![ParameterSet::default()], max_parallel: None }),
            "one by one",
        ),
        (|it, _| it.job.retry.max = 1, "leave the others waiting"),
        (|it, _| it.id.0 = "7-seeds".to_owned(), "begins with a letter"),
        (|it, _| it.site.storage.data = Some(MountSource::Host("$SCRATCH/data".into())), "`$SCRATCH/data`"),
        (
            |it, _| it.job.secrets.extend([("KEY".to_owned(), JobSecret::File("/k".into()))]),
            "which nodes of Kubernetes do not see",
        ),
    ];
    for (change, reason) in refused {
        let (mut submission, mut site) = (submission(), site());
        submission.job.resources.nodes = 2;
        submission.job.resources.gpus = Some(GpuRequest { count: 1, kind: GpuKind::Any });
        assert!(render(&submission, &site, "/p".into()).is_ok());
        change(&mut submission, &mut site);
        let refusal = refusal(&submission, &site);
        assert!(refusal.contains(reason), "{refusal}");
    }
    let mut submission = submission();
    submission.job.resources.gpus = Some(GpuRequest { count: 1, kind: GpuKind::Fraction(0.5) });
    assert!(refusal(&submission, &site()).contains("Run:ai gives fractions"));
}

#[test]
fn ten_thousand_parts_are_one_job() {
    let mut submission = submission();
    let point = |it: u32| ParameterSet([("seed".to_owned(), it.to_string())].into());
    submission.job.sweep = Some(Sweep { points: (0..10_000).map(point).collect(), max_parallel: None });
    let text = text(&submission, &site());
    assert_eq!(object(&text, "Job")["spec"]["completions"], 10_000);
    assert!(text.len() < 1 << 20, "{}", text.len());
}

#[test]
fn a_record_keeps_where_a_job_is() {
    for context in [None, Some("arn:aws:eks/lab@x".to_owned())] {
        let client = KubernetesClient::of(&KubernetesSite { context, ..site() });
        assert_eq!(KubernetesClient::at(&client.place()), client);
    }
    let status = KubernetesClient::at("vision").status(["a", "b"]);
    assert_eq!(
        status.arguments().join(" "),
        "--namespace=vision get jobs.batch,pods --output=json --selector xtask/job in (a,b)"
    );
}

#[test]
fn logs_are_those_of_a_part_or_of_all() {
    let logs = |name: &str, nodes, pods| {
        let part: PartName = name.parse().unwrap();
        let request = LogRequest { part: &part, nodes, pods, is_followed: name.contains('/') };
        KubernetesClient::of(&site()).logs(&request).arguments()[2..].join(" ")
    };
    assert_eq!(
        logs("train-1", 1, 3),
        "logs --container=main --tail=-1 --ignore-errors --prefix --max-log-requests=3 --selector xtask/job=train-1"
    );
    assert_eq!(
        logs("train-1/2", 1, 3),
        "logs --container=main --tail=-1 --ignore-errors --follow --selector \
         xtask/job=train-1,batch.kubernetes.io/job-completion-index=2"
    );
    assert!(logs("train-1/0", 2, 2).ends_with("--max-log-requests=2 --selector xtask/job=train-1"));
}

/// An answer of `kubectl get jobs,pods`, with a pod for each (index, time of its making, status).
fn answer(job: &str, pods: &[(u32, u32, &str)]) -> OneAnswer {
    let pod = |(index, time, status): &(u32, u32, &str)| {
        format!(
            r#"{{"kind": "Pod", "metadata": {{"creationTimestamp": "2026-12-01T00:00:0{time}Z", "labels": {{"xtask/job": "a"}}, "annotations":
               {{"batch.kubernetes.io/job-completion-index": "{index}"}}}}, "spec": {{"nodeName": "n1"}}, "status": {status}}}"#
        )
    };
    let items: Vec<String> = std::iter::once(job.to_owned()).chain(pods.iter().map(pod)).collect();
    let items = items.join(", ").replace(r#""metadata": {}"#, r#""metadata": {"labels": {"xtask/job": "a"}}"#);
    OneAnswer(KubernetesAnswers::parse(&format!(r#"{{"kind": "List", "items": [{items}]}}"#)).unwrap())
}

/// About the job `a`.
struct OneAnswer(KubernetesAnswers);

impl OneAnswer {
    fn state(&self, part: u32, nodes: u32) -> EngineState {
        self.0.state("a", part, nodes)
    }
}

const JOB: &str = r#"{"kind": "Job", "metadata": {}, "spec": {}, "status": {"active": 1}}"#;

/// It has no tries left for its first parts.
const FAILED: &str = r#"{"kind": "Job", "metadata": {}, "spec": {}, "status": {"failedIndexes": "0-3"}}"#;

fn ended(code: u8, reason: &str) -> String {
    format!(
        r#"{{"phase": "Failed", "containerStatuses": [{{"name": "main", "state": {{"terminated":
           {{"exitCode": {code}, "reason": "{reason}"}}}}}}]}}"#
    )
}

#[test]
fn each_pod_says_how_far_its_part_is() {
    let state = |status: &str| answer(FAILED, &[(0, 1, status)]).state(0, 1);
    assert_eq!(state(r#"{"phase": "Running"}"#), EngineState::Running(Some("n1".to_owned())));
    assert_eq!(state(r#"{"phase": "Succeeded"}"#), EngineState::Ended(0));
    assert_eq!(state(&ended(3, "Error")), EngineState::Ended(3));
    assert_eq!(state(&ended(137, "OOMKilled")), EngineState::Stopped("OOMKilled".to_owned()));
    assert_eq!(state(r#"{"phase": "Failed", "reason": "Evicted"}"#), EngineState::Stopped("Evicted".to_owned()));
    let waiting = |word: &str| EngineState::Waiting(word.to_owned());
    let pending = r#"{"phase": "Pending", "conditions": [{"type": "PodScheduled", "status": "False", "reason": "Unschedulable"}]}"#;
    assert_eq!(state(pending), waiting("Unschedulable"));
    let pulling = r#"{"phase": "Pending", "containerStatuses": [{"name": "main", "state": {"waiting": {"reason": "ImagePullBackOff"}}}]}"#;
    assert_eq!(state(pulling), waiting("ImagePullBackOff"));
}

#[test]
fn the_youngest_pod_of_a_part_counts() {
    for code in [3, 75] {
        let between = answer(JOB, &[(0, 1, &ended(code, "Error"))]);
        assert_eq!(between.state(0, 1), EngineState::Waiting("to be run again".to_owned()));
    }
    let again = answer(JOB, &[(0, 2, r#"{"phase": "Running"}"#), (0, 1, &ended(75, "Error"))]);
    assert_eq!(again.state(0, 1), EngineState::Running(Some("n1".to_owned())));
}

#[test]
fn the_job_speaks_for_pods_that_are_gone() {
    let job = r#"{"kind": "Job", "metadata": {}, "status": {"completedIndexes": "0,2-3", "failedIndexes": "1"}}"#;
    let answer_of = |job| answer(job, &[]);
    let states: Vec<EngineState> = (0..5).map(|index| answer_of(job).state(index, 1)).collect();
    let failed = EngineState::Stopped("Failed".to_owned());
    let waiting = EngineState::Waiting(String::new());
    assert_eq!(states, [EngineState::Ended(0), failed, EngineState::Ended(0), EngineState::Ended(0), waiting]);
    let suspended = r#"{"kind": "Job", "metadata": {}, "spec": {"suspend": true}}"#;
    assert_eq!(answer_of(suspended).state(0, 1), EngineState::Waiting("Suspended".to_owned()));
    let late = r#"{"kind": "Job", "metadata": {}, "status": {"conditions": [{"type": "Failed", "status": "True", "reason": "DeadlineExceeded"}]}}"#;
    assert_eq!(answer_of(late).state(0, 1), EngineState::Stopped("DeadlineExceeded".to_owned()));
    assert_eq!(KubernetesAnswers::default().state("a", 0, 1), EngineState::Absent);
}

#[test]
fn a_part_on_several_nodes_has_ended_when_all_of_them_have() {
    let state = |first: &str, second: &str| answer(FAILED, &[(2, 1, first), (3, 1, second)]).state(1, 2);
    let (well, running) = (r#"{"phase": "Succeeded"}"#, r#"{"phase": "Running"}"#);
    assert_eq!(state(well, running), EngineState::Running(Some("n1".to_owned())));
    assert_eq!(state(well, &ended(4, "Error")), EngineState::Ended(4));
    assert_eq!(state(well, well), EngineState::Ended(0));
}
