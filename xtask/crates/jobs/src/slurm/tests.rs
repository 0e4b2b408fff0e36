//! What Slurm is given, word by word.

use std::collections::BTreeMap;
use std::time::Duration;

use super::*;
use crate::{
    Entrypoint, GpuKind, GpuRequest, ImageSource, Job, JobId, JobMount, Memory, ParameterSet, Resources, RetryPolicy,
    RunOrder, Site, SiteEngine, SiteName, SlurmContainers, Storage, Sweep, WarningSignal,
};

fn site(containers: SlurmContainers) -> SlurmSite {
    SlurmSite {
        version: None,
        containers,
        image_cache: Some("/images".into()),
        login: None,
        partition: Some("gpu".to_owned()),
        account: None,
        qos: None,
        reservation: None,
        constraint: None,
        modules: Vec::new(),
        extra_arguments: Vec::new(),
        max_array_size: 1001,
        gpus_per_node: 8,
    }
}

fn submission(image: Option<ImageSource>) -> Submission {
    let job = Job {
        name: "train".to_owned(),
        argv: ["python", "train.py", "--name=a b"].map(str::to_owned).into(),
        entrypoint: Entrypoint::Keep,
        environment: [("SEED".to_owned(), "1,2 $(id)\n\"".to_owned())].into(),
        environment_from_host: std::collections::BTreeSet::new(),
        secrets: BTreeMap::new(),
        resources: Resources::default(),
        mounts: Vec::new(),
        sweep: None,
        retry: RetryPolicy::default(),
        after: Vec::new(),
        keep_for: None,
    };
    let storage = Storage { runs: None, data: Some(MountSource::Host("/data".into())), outputs: None };
    let engine = SiteEngine::Slurm(site(SlurmContainers::Native));
    Submission {
        id: JobId("train-1".to_owned()),
        job,
        site: Site { name: SiteName("lab".to_owned()), engine, storage, environment: BTreeMap::new() },
        image,
        image_inputs: None,
        image_variables: [("PATH".to_owned(), "/opt/env/bin:/usr/bin".to_owned())].into(),
        architecture: "amd64".to_owned(),
        code: CodeSource::Directory("/runs/train-1/code".into()),
        paths: project::ContainerPaths {
            root: "/opt/project".into(),
            project: "/opt/project/python-project".into(),
            data: "/opt/data".into(),
            outputs: "/opt/outputs".into(),
            wandb: "/opt/wandb".into(),
        },
        ids: project::UserIds { uid: 1000, gid: 1000 },
        run_directory: "/runs/train-1".into(),
        receipt: RunOrder::default(),
        after: Vec::new(),
        search_path: "/opt/slurm/bin:/usr/bin".to_owned(),
    }
}

fn unpacked() -> ImageSource {
    let digest = "sha256:12".to_owned();
    ImageSource::Path { path: unpacked_image("/images".into(), &digest), digest }
}

fn words(submission: &Submission, site: &SlurmSite) -> Vec<String> {
    render(submission, site).unwrap().invocations[0].arguments().to_vec()
}

/// What comes behind `--`, which is the step.
fn step(submission: &Submission, site: &SlurmSite) -> String {
    let words = words(submission, site);
    let place = words.iter().position(|it| it == "--").unwrap();
    words[place + 1..].join("\n")
}

#[test]
fn a_job_without_wishes_has_what_each_needs() {
    let rendered = render(&submission(None), &site(SlurmContainers::Native)).unwrap();
    assert_eq!(
        rendered.invocations[0].arguments().join(" "),
        "--parsable --job-name=train-1 --chdir=/runs/train-1 --output=/runs/train-1/logs/0.log --open-mode=append \
         --export=NIL --export-file=/runs/train-1/environment --nodes=1 --ntasks-per-node=1 --no-requeue --partition=gpu \
         /runs/train-1/batch.sh /opt/slurm/bin:/usr/bin 0 -- srun --export=ALL \
         --chdir=/runs/train-1/code/python-project /runs/train-1/job.sh python train.py --name=a b"
    );
}

#[test]
fn every_wish_is_an_option_and_each_is_for_the_whole_node_where_slurm_counts_so() {
    let mut submission = submission(None);
    let point = |seed: &str| ParameterSet([("seed".to_owned(), seed.to_owned())].into());
    submission.job.sweep = Some(Sweep { points: ["1", "2", "3"].map(point).into(), max_parallel: Some(2) });
    submission.job.retry = RetryPolicy { max: 2, on_preemption: true };
    submission.job.resources = Resources {
        cpus: Some(4),
        memory: Some(Memory(3 << 29)),
        gpus: Some(GpuRequest { count: 2, kind: GpuKind::Model("a100".to_owned()) }),
        nodes: 2,
        tasks_per_node: 2,
        time: Some(Duration::from_secs(90061)),
        signal: Some(WarningSignal { name: "USR1".to_owned(), before: Duration::from_secs(50) }),
        ..Resources::default()
    };
    submission.after = vec!["7".to_owned(), "9".to_owned()];
    let site = SlurmSite {
        account: Some("lab".to_owned()),
        qos: Some("long".to_owned()),
        reservation: Some("school".to_owned()),
        constraint: Some("h100&ib".to_owned()),
        modules: vec!["gcc/12".to_owned()],
        extra_arguments: vec!["--exclusive".to_owned()],
        ..site(SlurmContainers::Native)
    };
    let words = words(&submission, &site);
    for expected in [
        "--account=lab",
        "--qos=long",
        "--reservation=school",
        "--constraint=h100&ib",
        "--nodes=2",
        "--ntasks-per-node=2",
        "--cpus-per-task=4",
        "--mem=3072M",
        "--gpus-per-node=a100:2",
        "--time=1-01:01:01",
        "--signal=USR1@50",
        "--array=0-2%2",
        "--output=/runs/train-1/logs/%a.log",
        "--dependency=afterok:7:9",
        "--requeue",
        "--exclusive",
        "--kill-on-bad-exit=1",
    ] {
        assert!(words.iter().any(|it| it == expected), "{expected} in {words:?}");
    }
    let batch = words.iter().position(|it| it.ends_with("batch.sh")).unwrap();
    assert_eq!(words[batch + 1..batch + 5], ["/opt/slurm/bin:/usr/bin", "2", "gcc/12", "--"]);
}

#[test]
fn values_go_by_a_file_in_which_no_character_means_anything() {
    let rendered = render(&submission(None), &site(SlurmContainers::Native)).unwrap();
    let file = rendered.files.iter().find(|it| it.path == "environment").unwrap();
    let text = String::from_utf8(file.contents.clone()).unwrap();
    assert!(text.split('\0').any(|it| it == "SEED=1,2 $(id)\n\""), "{text:?}");
    assert!(!rendered.invocations[0].to_string().contains("$(id)"));
}

#[test]
fn a_bundle_is_started_by_paths_and_has_the_images_own_path() {
    let submission = submission(Some(unpacked()));
    assert_eq!(
        step(&submission, &site(SlurmContainers::Oci)),
        "srun\n--export=ALL\n--container=/runs/train-1/bundle\n/usr/bin/env\nPATH=/opt/env/bin:/usr/bin\n/runs/train-1/job.sh\n\
         /opt/entrypoint.sh\npython\ntrain.py\n--name=a b"
    );
    let rendered = render(&submission, &site(SlurmContainers::Oci)).unwrap();
    let config = rendered.files.iter().find(|it| it.path == "bundle/config.json").unwrap();
    let config: serde_json::Value = serde_json::from_slice(&config.contents).unwrap();
    assert_eq!(config["root"], serde_json::json!({ "path": "rootfs", "readonly": true }));
    let mounts = config["mounts"].as_array().unwrap().iter();
    let binds: Vec<String> = mounts
        .filter(|it| it["options"][0] == "rbind" && it["destination"] != "/sys")
        .map(|it| format!("{}:{}", it["source"].as_str().unwrap(), it["destination"].as_str().unwrap()))
        .collect();
    assert_eq!(
        binds,
        ["/images/sha256-12:/", "/runs/train-1/code:/opt/project", "/data:/opt/data", "/runs/train-1:/runs/train-1"]
    );
}

#[test]
fn pyxis_is_told_each_variable_that_shall_win_over_the_images() {
    let mut submission = submission(Some(ImageSource::Registry("reg.example:5000/lab/x@sha256:12".to_owned())));
    submission.job.mounts = vec![JobMount {
        source: MountSource::Host("/archive".into()),
        target: "/old".into(),
        subpath: Some("2025".into()),
        is_read_only: true,
    }];
    let step = step(&submission, &site(SlurmContainers::Pyxis { enroot: (4, 1) }));
    let words: Vec<&str> = step.lines().collect();
    assert_eq!(words[2], "--container-image=reg.example:5000#lab/x@sha256:12");
    assert_eq!(
        words[3],
        "--container-mounts=/runs/train-1/code:/opt/project,/data:/opt/data,/runs/train-1:/runs/train-1,/archive/2025:/old:ro"
    );
    assert!(
        words[5].starts_with("--container-env=DATA_DIR,OUTPUTS_DIR,PROJECT_DIR,PROJECT_ROOT,SEED,WANDB_DIR,XTASK_JOB_"),
        "{}",
        words[5]
    );
    assert_eq!(words[6..9], ["--no-container-mount-home", "--no-container-entrypoint", "/opt/xtask/job.sh"]);
}

#[test]
fn enroot_before_4_knows_no_digests() {
    let submission = submission(Some(ImageSource::Registry("reg.example/x@sha256:12".to_owned())));
    let error = render(&submission, &site(SlurmContainers::Pyxis { enroot: (3, 5) })).unwrap_err().to_string();
    assert!(error.contains("version 4 is the first"), "{error}");
}

#[test]
fn apptainer_keeps_the_nodes_folders_outside() {
    let mut submission = submission(Some(ImageSource::Registry("reg.example/x@sha256:12".to_owned())));
    submission.job.entrypoint = Entrypoint::Skip;
    submission.job.resources.gpus = Some(GpuRequest { count: 1, kind: GpuKind::Any });
    assert_eq!(
        step(&submission, &site(SlurmContainers::Apptainer)),
        "srun\n--export=ALL\napptainer\nexec\n--contain\n--no-home\n--pwd=/opt/project/python-project\n--nv\n\
         --bind=/runs/train-1/code:/opt/project\n--bind=/data:/opt/data\n--bind=/runs/train-1:/runs/train-1\n\
         docker://reg.example/x@sha256:12\n/opt/xtask/job.sh\npython\ntrain.py\n--name=a b"
    );
}

#[test]
fn what_slurm_cannot_have_is_refused_with_the_reason() {
    let mut claim = submission(Some(unpacked()));
    claim.job.mounts = vec![JobMount {
        source: MountSource::Claim("data".to_owned()),
        target: "/claim".into(),
        subpath: None,
        is_read_only: false,
    }];
    let error = render(&claim, &site(SlurmContainers::Oci)).unwrap_err().to_string();
    assert_eq!(error, "Slurm knows folders only, so `/claim` of the job `train` needs `host = …`");
    let mut fraction = submission(None);
    fraction.job.resources.gpus = Some(GpuRequest { count: 1, kind: GpuKind::Fraction(0.5) });
    assert!(render(&fraction, &site(SlurmContainers::Native)).is_err());
}
