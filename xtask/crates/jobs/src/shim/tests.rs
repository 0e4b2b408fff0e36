use std::fs;
use std::process::Output;

use assert_cmd::Command;
use camino::{Utf8Path, Utf8PathBuf};
use tempfile::TempDir;

use super::*;
use crate::{
    ImageSource, Job, JobId, MountSource, Receipt, Resources, RetryPolicy, RunOrder, Site, SiteEngine, SiteName,
    Storage, Sweep, WarningSignal,
};

/// A run folder, and a submission that is run in it.
struct Run {
    folder: TempDir,
    submission: Submission,
    signals: SignalReach,
    time: TimeKeeper,
}

impl Run {
    fn of(argv: &[&str]) -> Self {
        let job = Job {
            name: "train".to_owned(),
            argv: argv.iter().map(|&it| it.to_owned()).collect(),
            entrypoint: Entrypoint::Keep,
            environment: [].into(),
            environment_from_host: [].into(),
            secrets: [].into(),
            resources: Resources::default(),
            mounts: Vec::new(),
            sweep: None,
            retry: RetryPolicy::default(),
            after: Vec::new(),
            keep_for: None,
        };
        let site = Site {
            name: SiteName("here".to_owned()),
            engine: SiteEngine::Docker,
            storage: Storage { runs: Some(MountSource::Scratch), ..Default::default() },
            environment: [].into(),
        };
        let submission = Submission {
            id: JobId("train-1".to_owned()),
            job,
            site,
            image: None,
            image_inputs: None,
            image_variables: std::collections::BTreeMap::new(),
            architecture: "amd64".to_owned(),
            code: CodeSource::Directory("/code".into()),
            paths: project::ContainerPaths {
                root: "/opt/project".into(),
                project: "/opt/project/python-project".into(),
                data: "/opt/data".into(),
                outputs: "/opt/outputs".into(),
                wandb: "/opt/wandb".into(),
            },
            ids: project::UserIds { uid: 1, gid: 1 },
            run_directory: "/run".into(),
            receipt: RunOrder { project: "p".to_owned(), ..Default::default() },
            after: Vec::new(),
            search_path: "/usr/bin:/bin".to_owned(),
        };
        let folder = TempDir::new().unwrap();
        Self { folder, submission, signals: SignalReach::First, time: TimeKeeper::Engine }
    }

    /// A script of the shell's, with `$0` as the run's folder.
    fn of_script(script: &str) -> Self {
        let mut run = Self::of(&["sh", "-c", script]);
        let folder = run.path("").to_string();
        run.submission.job.argv.push(folder);
        run
    }

    fn path(&self, file: &str) -> Utf8PathBuf {
        Utf8Path::from_path(self.folder.path()).unwrap().join(file)
    }

    fn start(&self, engine: &[(&str, &str)]) -> Output {
        for file in self.submission.shim_files() {
            fs::write(self.path(file.path.as_str()), file.contents).unwrap();
        }
        let root = self.path("");
        let surroundings = ShimSurroundings { files: &root, run: Some(&root), signals: self.signals, time: self.time };
        let mut command = Command::new("sh");
        command.args(self.submission.shim_command(&self.path(SCRIPT))).current_dir(&root);
        for (name, _) in std::env::vars().filter(|it| ["SLURM_", "JOB_"].iter().any(|prefix| it.0.starts_with(prefix)))
        {
            command.env_remove(name);
        }
        command.envs(self.submission.shim_variables(&surroundings)).envs(engine.iter().copied());
        command.output().unwrap()
    }

    fn read(&self, file: &str) -> String {
        fs::read_to_string(self.path(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
    }

    fn receipt(&self, file: &str) -> Receipt {
        Receipt::parse(&self.read(file)).unwrap()
    }
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap_or_else(|| panic!("{output:?}"))
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn sweep(points: &[&[(&str, &str)]]) -> Sweep {
    let set = |it: &&[(&str, &str)]| ParameterSet(it.iter().map(|&(a, b)| (a.to_owned(), b.to_owned())).collect());
    Sweep { points: points.iter().map(set).collect(), max_parallel: None }
}

/// Prints what the command sees of its place.
const PLACE: &str =
    "echo $JOB_INDEX/$JOB_COUNT $NODE_RANK/$NODE_COUNT $TASK_RANK/$TASK_COUNT $MASTER_ADDR:$MASTER_PORT";

#[test]
fn the_exit_code_is_the_commands_and_is_written_down() {
    for expected in [0, 7, 75, 127] {
        let run = Run::of_script(&format!("exit {expected}"));
        assert_eq!(code(&run.start(&[])), expected);
        assert_eq!(run.read("rc"), format!("{expected}\n"));
        assert_eq!(i32::from(run.receipt("receipt.json").result.exit_code), expected);
    }
}

#[test]
fn a_command_that_is_killed_gives_128_and_the_signal() {
    let run = Run::of_script("kill -KILL $$");
    assert_eq!((code(&run.start(&[])), run.read("rc").as_str()), (137, "137\n"));
}

#[test]
fn hostile_arguments_and_values_of_a_sweep_arrive_unchanged() {
    let hostile = ["a\"b\\c'", "$(id) `id` \\n %s", "two\nlines\n\n", "", "ü\t\u{1}", "-n", "*"];
    let script = "for word; do printf '[%s]' \"$word\"; done";
    let mut run = Run::of(&[&["sh", "-c", script, "sh"], &hostile[..]].concat());
    run.submission.job.sweep = Some(sweep(&[&[("other", "1")], &[("a", hostile[2]), ("b", ""), ("c", hostile[1])]]));
    let output = run.start(&[("JOB_COMPLETION_INDEX", "1")]);
    let values = ["a=two\nlines\n\n", "b=", "c=$(id) `id` \\n %s"];
    let expected: Vec<&str> = hostile.iter().chain(&values).copied().collect();
    assert_eq!(stdout(&output), expected.iter().map(|it| format!("[{it}]")).collect::<String>());
    let result = run.receipt("1/receipt.json").result;
    assert_eq!((result.index, result.count), (1, 2));
    assert_eq!(result.argv[4..], expected);
}

#[test]
fn every_engine_tells_a_job_its_place_in_the_same_words() {
    let place = |nodes, parts: usize, engine: &[(&str, &str)]| {
        let mut run = Run::of_script(PLACE);
        run.submission.job.resources.nodes = nodes;
        run.submission.job.sweep = (parts > 0).then(|| sweep(&vec![&[][..]; parts]));
        stdout(&run.start(engine))
    };
    let host = stdout(&Command::new("uname").arg("-n").output().unwrap());
    assert_eq!(place(1, 0, &[]), format!("0/1 0/1 0/1 {}:29500\n", host.trim()));
    let slurm = [
        ("SLURM_JOB_ID", "12345"),
        ("SLURM_JOB_NODELIST", "gpu[03-05,9],n1"),
        ("SLURM_NNODES", "2"),
        ("SLURM_NODEID", "1"),
        ("SLURM_NTASKS", "4"),
        ("SLURM_PROCID", "3"),
        ("SLURM_ARRAY_TASK_ID", "2"),
    ];
    assert_eq!(place(2, 3, &slurm), "2/3 1/2 3/4 gpu03:22345\n");
    let kubernetes = [("JOB_COMPLETION_INDEX", "5"), ("MASTER_ADDR", "train-4.train")];
    assert_eq!(place(2, 3, &kubernetes), "2/3 1/2 1/2 train-4.train:29500\n");
    let operator = [("RANK", "1"), ("MASTER_ADDR", "train-master-0"), ("MASTER_PORT", "23456")];
    assert_eq!(place(2, 0, &operator), "0/1 1/2 1/2 train-master-0:23456\n");
}

#[test]
fn nodes_and_tasks_write_to_folders_of_their_own() {
    let mut run = Run::of(&["true"]);
    run.submission.job.resources.nodes = 2;
    run.start(&[("JOB_COMPLETION_INDEX", "1")]);
    assert_eq!((run.read("node-1/rc").as_str(), run.receipt("node-1/receipt.json").result.node), ("0\n", 1));
    let run = Run::of(&["true"]);
    let task = [("SLURM_JOB_ID", "1"), ("SLURM_NTASKS", "2"), ("SLURM_PROCID", "1"), ("SLURM_NNODES", "1")];
    run.start(&task);
    assert_eq!(run.read("task-1/rc"), "0\n");
}

#[test]
fn a_signal_is_passed_on_once_however_often_it_is_sent() {
    let run = Run::of_script(
        "trap 'echo TERM; kill -TERM $PPID; kill -USR2 $PPID' TERM; trap 'exit 75' USR2; kill -TERM $PPID; while :; do sleep 0.01; done",
    );
    let output = run.start(&[]);
    assert_eq!((stdout(&output).as_str(), code(&output)), ("TERM\n", 75));
}

#[test]
fn a_warning_reaches_the_command_each_time() {
    let run = Run::of_script(
        "count=0; trap 'count=$((count + 1)); [ $count = 3 ] && exit 75; kill -USR1 $PPID' USR1; kill -USR1 $PPID; while :; do sleep 0.01; done",
    );
    assert_eq!(code(&run.start(&[])), 75);
}

#[test]
fn a_command_that_does_not_end_is_killed_when_its_grace_is_over() {
    let mut run = Run::of_script("trap '' TERM; kill -TERM $PPID; while :; do sleep 0.01; done");
    run.submission.job.resources.grace = Some(Duration::ZERO);
    assert_eq!((code(&run.start(&[])), run.read("rc").as_str()), (137, "137\n"));
}

#[test]
fn where_the_engine_tells_every_process_nothing_is_passed_on() {
    let mut run = Run::of_script("trap 'echo TERM' TERM; kill -TERM $PPID; while :; do sleep 0.01; done");
    run.submission.job.resources.grace = Some(Duration::ZERO);
    run.signals = SignalReach::Everyone;
    let output = run.start(&[]);
    assert_eq!((stdout(&output).as_str(), code(&output)), ("", 137));
}

#[test]
fn a_job_whose_time_is_over_is_ended_and_says_so() {
    let mut run = Run::of(&["sleep", "1000"]);
    run.submission.job.resources.time = Some(Duration::ZERO);
    run.time = TimeKeeper::Shim;
    assert_eq!(code(&run.start(&[])), 143);
    assert_eq!(run.read("reason"), "the time limit\n");
    run.submission.job.resources.time = Some(Duration::from_secs(1000));
    run.submission.job.resources.signal =
        Some(WarningSignal { name: "USR1".to_owned(), before: Duration::from_secs(1000) });
    assert_eq!(code(&run.start(&[])), 128 + 10);
    assert!(!run.path("reason").exists());
}

#[test]
fn a_heartbeat_shows_where_the_job_lives() {
    let run = Run::of_script("until [ -e \"$0/heartbeat\" ]; do sleep 0.01; done");
    assert_eq!(code(&run.start(&[])), 0);
    let heartbeat = run.read("heartbeat");
    let (time, host) = heartbeat.trim().split_once(' ').unwrap();
    assert!(time.parse::<u64>().is_ok() && host == run.receipt("receipt.json").result.host, "{heartbeat}");
}

#[test]
fn another_try_is_counted_and_keeps_the_receipt_of_the_last() {
    let run = Run::of_script("echo $JOB_TRY; [ ! -e \"$0/rc\" ] || exit 1; exit 75");
    assert_eq!((stdout(&run.start(&[])), stdout(&run.start(&[]))), ("1\n".to_owned(), "2\n".to_owned()));
    assert_eq!(run.read("rc"), "75\n");
    let attempts = ["receipt-1.json", "receipt.json"].map(|it| run.receipt(it).result.attempt);
    assert_eq!(attempts, [1, 2]);
}

#[test]
fn a_receipt_has_the_names_of_variables_and_no_value() {
    let run = Run::of(&["true"]);
    run.start(&[("API_TOKEN", "hunter2")]);
    let receipt = run.read("receipt.json");
    assert!(
        receipt.contains("\"API_TOKEN\"") && !receipt.contains("hunter2") && !receipt.contains("XTASK_JOB"),
        "{receipt}"
    );
}

#[test]
fn a_secret_comes_from_its_file_and_the_orders_of_the_shim_stay_with_it() {
    let mut run = Run::of_script("printf '[%s]' \"$TOKEN\"; env | grep -c XTASK_JOB");
    let file = run.path("token");
    fs::write(&file, "hunter2 = $x\n").unwrap();
    run.submission.job.secrets.insert("TOKEN".to_owned(), JobSecret::File(file));
    assert_eq!(stdout(&run.start(&[])), "[hunter2 = $x]0\n");
    fs::remove_file(run.path("token")).unwrap();
    let output = run.start(&[]);
    assert_eq!((code(&output), run.read("rc").as_str()), (125, "125\n"));
}

#[test]
fn a_node_that_ignores_the_request_for_a_container_fails_and_says_so() {
    let mut run = Run::of(&["true"]);
    run.submission.image_inputs = Some("0123".to_owned());
    let output = run.start(&[]);
    let stderr = String::from_utf8(output.stderr.clone()).unwrap();
    assert!(
        stderr.contains("itself, and not in its image: the engine has ignored the request for a container"),
        "{stderr}"
    );
    assert_eq!(code(&output), 125);
}

#[test]
fn the_images_entrypoint_comes_after_the_shim() {
    let mut run = Run::of(&["python", "a.py"]);
    run.submission.image = Some(ImageSource::Registry("r/x@sha256:1".to_owned()));
    let shim = Utf8Path::new(SHIM_IN_IMAGE);
    assert_eq!(run.submission.shim_command(shim), [SHIM_IN_IMAGE, ENTRYPOINT, "python", "a.py"]);
    run.submission.job.entrypoint = Entrypoint::Skip;
    assert_eq!(run.submission.shim_command(shim), [SHIM_IN_IMAGE, "python", "a.py"]);
}

#[test]
fn code_that_comes_as_an_archive_is_unpacked_where_the_project_is() {
    let mut run = Run::of(&["cat", "a.txt"]);
    fs::create_dir(run.path("python-project")).unwrap();
    fs::write(run.path("python-project/a.txt"), "as submitted\n").unwrap();
    let tar = Command::new("tar").args(["-cz", "python-project"]).current_dir(run.path("")).output().unwrap();
    run.submission.code = CodeSource::Archive(tar.stdout);
    let root = run.path("project");
    let output = run.start(&[("PROJECT_ROOT", root.as_str())]);
    assert_eq!((stdout(&output).as_str(), code(&output)), ("as submitted\n", 0));
}
