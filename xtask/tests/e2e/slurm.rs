//! Jobs on a real Slurm, which `.ci/slurm` starts: natively, and in the image by Slurm's own `--container`.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::PathBuf;
use std::process::Command;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::Value;

use crate::support::{Repository, Subject, Suite, bounded, command, host_variable, trials, user_id, wait_within};

pub fn trials() -> Subject {
    trials![
        a_sweep_has_a_result_for_each_part_and_the_highest_exit_code,
        hostile_values_arrive_as_they_are,
        a_job_that_slurm_has_forgotten_is_known_by_what_it_wrote,
        the_signal_of_the_time_limit_reaches_the_command_once,
        a_job_that_makes_room_begins_again_with_the_code_of_its_submission,
        a_checkpoint_is_queued_again_and_a_failure_as_often_as_was_asked_for,
        each_task_has_its_rank,
        a_job_that_is_cancelled_ends,
        a_submission_is_made_once,
        what_slurm_refuses_leaves_nothing,
        a_job_in_the_image_sees_the_project_and_says_where_there_is_no_image,
        a_cluster_says_what_is_wrong_in_the_file_about_it,
    ]
}

/// There is one node, and a job that makes room for another one may be anybody's: one trial at a time.
static NODE: Mutex<()> = Mutex::new(());

/// A repository with a commit, and a site.
struct Cluster {
    repository: Repository,
    _turn: MutexGuard<'static, ()>,
}

impl Cluster {
    /// With a native environment, and the site `here`.
    fn small(label: &str) -> Self {
        let turn = NODE.lock().unwrap_or_else(PoisonError::into_inner);
        let repository = Repository::copy(label);
        repository.ask_for_little();
        fs::create_dir_all(repository.path("installation/clusters")).unwrap();
        repository.write("installation/clusters/here.toml", "engine = \"slurm\"\npartition = \"debug\"\n");
        let cluster = Self { repository, _turn: turn };
        cluster.commit();
        cluster.repository.xtask(["build"]).env("ENGINE", "native").assert().success();
        cluster
    }

    /// With the image of the suite, and the site `oci`.
    fn with_image(suite: &Suite, label: &'static str) -> Self {
        let turn = NODE.lock().unwrap_or_else(PoisonError::into_inner);
        let repository = Repository::copy_with_images_named(&suite.repository, label);
        let images = repository.directory("images");
        let description = format!("engine = \"slurm\"\ncontainers = \"oci\"\nimage_cache = \"{}\"\n", images.display());
        fs::create_dir_all(repository.path("installation/clusters")).unwrap();
        repository.write("installation/clusters/oci.toml", &description);
        let cluster = Self { repository, _turn: turn };
        cluster.commit();
        cluster
    }

    fn commit(&self) {
        for words in [&["init", "-q"][..], &["add", "--all"], &["commit", "-q", "-m", "all"]] {
            let mut git = command("git");
            git.args(["-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "commit.gpgsign=false"]);
            git.args(words).current_dir(self.repository.path(""));
            bounded(git).assert().success();
        }
    }

    /// `submit` with options, and the command of a shell.
    fn submit(&self, options: &[&str], script: &str) -> assert_cmd::Command {
        self.submit_to("here", options, script)
    }

    fn submit_to(&self, site: &str, options: &[&str], script: &str) -> assert_cmd::Command {
        self.repository.xtask([&["submit", "--on", site][..], options, &["--", "sh", "-c", script, "job"]].concat())
    }

    /// The id of a job that goes on.
    fn started(&self, options: &[&str], script: &str) -> String {
        let output = self.submit(options, script).assert().success().get_output().stdout.clone();
        String::from_utf8(output).unwrap().trim().to_owned()
    }

    /// What `jobs` says of each part.
    fn parts(&self, id: &str) -> Vec<Value> {
        let output = self.repository.xtask(["jobs", id, "--json"]).assert().success().get_output().stdout.clone();
        serde_json::from_slice::<Value>(&output).unwrap().as_array().unwrap().clone()
    }

    fn wait_until(&self, id: &str, words: &str) -> Value {
        wait_on_cluster(words, || {
            self.parts(id).into_iter().find(|it| it["description"].as_str().unwrap().contains(words))
        })
    }

    /// The command itself has begun: a step of Slurm's that does not exist yet hears no signal.
    fn wait_until_ready(&self, id: &str) {
        wait_on_cluster("the command", || (self.parts(id)[0]["last_line"] == "ready").then_some(()));
    }

    fn log(&self, part: &str) -> String {
        let output = self.repository.xtask(["jobs", "logs", part]).assert().success().get_output().stdout.clone();
        String::from_utf8(output).unwrap()
    }

    fn run_folder(&self, id: &str) -> PathBuf {
        self.repository.path("outputs/runs").join(id)
    }

    /// Slurm's number of a job.
    fn number(&self, id: &str) -> String {
        let record: Value = serde_json::from_slice(&fs::read(self.run_folder(id).join("job.json")).unwrap()).unwrap();
        record["engine_id"].as_str().unwrap().to_owned()
    }
}

/// Longer than Slurm needs to end a job that does not listen and to look for the next one.
const PATIENCE: Duration = Duration::from_secs(4 * 60);

fn wait_on_cluster<T>(what: &str, answer: impl FnMut() -> Option<T>) -> T {
    wait_within(PATIENCE, what, answer)
}

/// One of Slurm's programs.
fn slurm(program: &str, words: &[&str]) -> String {
    let mut call: Command = command(program);
    call.args(words);
    let output = bounded(call).assert().get_output().stdout.clone();
    String::from_utf8(output).unwrap()
}

/// Has a job start that was queued again; Slurm itself would wait for two minutes. Not in the same second: the node still refuses the
/// credential that it had.
fn start_now(number: &str) {
    slurm("scontrol", &["update", &format!("JobId={number}"), "StartTime=now+3"]);
}

fn a_sweep_has_a_result_for_each_part_and_the_highest_exit_code(_: &Suite) {
    let cluster = Cluster::small("slurm-sweep");
    let script = r#"echo "$JOB_INDEX of $JOB_COUNT: $*"; python -c "import template_package"; exit "$JOB_INDEX""#;
    let submitted = cluster.submit(&["--id", "sweep", "--sweep", "seed=0..3", "--sweep", "lr=1,2", "--wait"], script);
    { submitted }.assert().code(7).stdout("sweep\n");
    assert_eq!(cluster.parts("sweep").iter().map(|it| it["exit_code"].as_u64().unwrap()).max(), Some(7));
    for (part, expected) in [("sweep/0", "0 of 8: lr=1 seed=0"), ("sweep/5", "5 of 8: lr=2 seed=2")] {
        assert!(cluster.log(part).starts_with(expected), "{part}: {}", cluster.log(part));
    }
    for index in 0..8 {
        let receipt = cluster.run_folder("sweep").join(index.to_string()).join("receipt.json");
        let receipt: Value = serde_json::from_slice(&fs::read(receipt).unwrap()).unwrap();
        assert_eq!(receipt["predicate"]["run"]["exitCode"], index);
    }
}

fn hostile_values_arrive_as_they_are(_: &Suite) {
    let cluster = Cluster::small("slurm-values");
    let value = "a,b $(touch made) `id` \"q\" 'q' \\ é\nsecond line #x=1";
    let script = r#"printf '%s|%s|%s' "$HOSTILE" "$1" "$2" >"$OUTPUTS_DIR/values""#;
    let submitted = cluster.repository.xtask([
        "submit",
        "--on",
        "here",
        "--wait",
        "--env",
        &format!("HOSTILE={value}"),
        "--",
        "sh",
        "-c",
        script,
        "job",
        value,
        "",
    ]);
    { submitted }.assert().success();
    assert_eq!(fs::read_to_string(cluster.repository.path("outputs/values")).unwrap(), format!("{value}|{value}|"));
}

fn a_job_that_slurm_has_forgotten_is_known_by_what_it_wrote(_: &Suite) {
    let cluster = Cluster::small("slurm-forgotten");
    cluster.submit(&["--id", "forgotten", "--wait"], "exit 5").assert().code(5);
    let number = cluster.number("forgotten");
    wait_on_cluster("Slurm to forget the job", || {
        slurm("squeue", &["-h", "-t", "all", "-j", &number]).is_empty().then_some(())
    });
    assert_eq!(cluster.parts("forgotten")[0]["exit_code"], 5);
    // What follows it would be a job after one that has failed.
    let refused = cluster.submit(&["--after", "forgotten"], "true").assert().code(125).get_output().stderr.clone();
    assert!(String::from_utf8_lossy(&refused).contains("has come to nothing"));
}

fn the_signal_of_the_time_limit_reaches_the_command_once(_: &Suite) {
    let cluster = Cluster::small("slurm-limit");
    // Slurm's limits are whole minutes, so the signal of one is sent by hand.
    let script = "trap 'echo asked; exit 3' TERM; echo ready; while :; do sleep 0.2; done";
    let id = cluster.started(&["--time", "10m"], script);
    cluster.wait_until_ready(&id);
    slurm("scancel", &["--signal=TERM", &cluster.number(&id)]);
    cluster.wait_until(&id, "ended with 3");
    assert_eq!(cluster.log(&id).matches("asked").count(), 1);
    let limit = slurm("scontrol", &["show", "job", &cluster.number(&id)]);
    assert!(limit.is_empty() || limit.contains("TimeLimit=00:10:00"), "{limit}");
}

fn a_job_that_makes_room_begins_again_with_the_code_of_its_submission(_: &Suite) {
    let cluster = Cluster::small("slurm-preempted");
    cluster.repository.write("python-project/mark.txt", "submitted\n");
    let script = r#"cat mark.txt; echo "try ${SLURM_RESTART_COUNT:-0} $JOB_TRY"; [ -n "${SLURM_RESTART_COUNT-}" ] || { echo ready; sleep 600; }"#;
    let id = cluster.started(&["--cpus", "8"], script);
    cluster.wait_until_ready(&id);
    cluster.repository.write("python-project/mark.txt", "edited\n");
    slurm("sbatch", &["--partition=urgent", "--cpus-per-task=8", "--output=/dev/null", "--wrap=true"]);
    cluster.wait_until(&id, "two minutes");
    start_now(&cluster.number(&id));
    cluster.wait_until(&id, "ended with 0");
    let log = cluster.log(&id);
    assert!(log.contains("try 0 1") && log.contains("try 1 2") && !log.contains("edited"), "{log}");
}

fn a_checkpoint_is_queued_again_and_a_failure_as_often_as_was_asked_for(_: &Suite) {
    let cluster = Cluster::small("slurm-again");
    let id = cluster.started(&["--retries", "1"], r#"[ "$JOB_TRY" = 1 ] && exit 75; exit 4"#);
    for reason in ["it has kept a checkpoint", "it has failed with 4 for the 1. time"] {
        let is_queued = |it: &Value| {
            it["last_line"].to_string().contains(reason) && it["description"].to_string().contains("two minutes")
        };
        wait_on_cluster(reason, || is_queued(&cluster.parts(&id)[0]).then_some(()));
        start_now(&cluster.number(&id));
    }
    cluster.wait_until(&id, "ended with 4");
    assert_eq!(fs::read_to_string(cluster.run_folder(&id).join("try")).unwrap(), "3\n");
}

fn each_task_has_its_rank(_: &Suite) {
    let cluster = Cluster::small("slurm-tasks");
    let script = r#"echo "$TASK_RANK/$TASK_COUNT $NODE_RANK/$NODE_COUNT ${MASTER_ADDR:?}" >"$OUTPUTS_DIR/$TASK_RANK"; exit "$TASK_RANK""#;
    cluster.submit(&["--tasks", "2", "--wait"], script).assert().code(1);
    for rank in 0..2 {
        let text = fs::read_to_string(cluster.repository.path(&format!("outputs/{rank}"))).unwrap();
        assert!(text.starts_with(&format!("{rank}/2 0/1 ")), "{text}");
    }
}

fn a_job_that_is_cancelled_ends(_: &Suite) {
    let cluster = Cluster::small("slurm-cancelled");
    let id = cluster.started(&["--sweep", "seed=0,1"], "echo ready; exec sleep 600");
    wait_on_cluster("both parts", || cluster.parts(&id).iter().all(|it| it["state"] == "running").then_some(()));
    cluster.repository.xtask(["jobs", "cancel", &format!("{id}/0")]).assert().success();
    wait_on_cluster("the end of one", || (cluster.parts(&id)[0]["state"] != "running").then_some(()));
    assert_eq!(cluster.parts(&id)[1]["state"], "running");
    cluster.repository.xtask(["jobs", "cancel", &id]).assert().success();
    wait_on_cluster("the end of both", || cluster.parts(&id).iter().all(|it| it["state"] != "running").then_some(()));
}

fn a_submission_is_made_once(_: &Suite) {
    let cluster = Cluster::small("slurm-once");
    let submit = || cluster.started(&["--id", "once"], "exec sleep 600");
    assert_eq!(submit(), "once");
    let number = cluster.number("once");
    // As if the answer had been lost.
    let record = cluster.run_folder("once").join("job.json");
    let lost = fs::read_to_string(&record).unwrap().replace(&format!("\"{number}\""), "null");
    fs::write(&record, lost).unwrap();
    assert_eq!((submit(), cluster.number("once")), ("once".to_owned(), number.clone()));
    let listed = slurm("squeue", &["-h", "--name=once", "--format=%A"]);
    assert_eq!(listed.trim(), number);
    cluster.repository.xtask(["jobs", "cancel", "once"]).assert().success();
    cluster.submit(&["--id", "once"], "something else").assert().code(125);
}

fn what_slurm_refuses_leaves_nothing(_: &Suite) {
    let cluster = Cluster::small("slurm-refused");
    cluster.repository.write("installation/clusters/wrong.toml", "engine = \"slurm\"\npartition = \"nowhere\"\n");
    let refused =
        cluster.submit_to("wrong", &["--id", "refused"], "true").assert().code(125).get_output().stderr.clone();
    let refused = String::from_utf8_lossy(&refused).into_owned();
    assert!(refused.contains("invalid partition") && refused.contains("sinfo"), "{refused}");
    assert!(!cluster.run_folder("refused").exists());
    cluster.submit(&["--gpus", "1"], "true").assert().code(125);
    cluster.submit(&["--sweep", "seed=1..2000"], "true").assert().code(125);
}

fn a_job_in_the_image_sees_the_project_and_says_where_there_is_no_image(suite: &Suite) {
    let cluster = Cluster::with_image(suite, "slurm-image");
    let script = r#"python -c "import sys, numpy, template_package as it; print(sys.prefix, it.__file__)"; pwd
        echo "$VALUE"; echo made >"$OUTPUTS_DIR/made"; exit 9"#;
    cluster.submit_to("oci", &["--id", "inside", "--wait", "--env", "VALUE=a,b $(id)"], script).assert().code(9);
    // What Slurm says of the exit code comes whenever it comes.
    let log = cluster.log("inside");
    let log = log.lines().filter(|it| !it.starts_with("srun: ")).map(|it| format!("{it}\n")).collect::<String>();
    let expected = "/opt/env /opt/project/python-project/src/template_package/__init__.py\n/opt/project/python-project\na,b $(id)\n";
    assert!(log.contains(expected), "{log}");
    let made = fs::metadata(cluster.repository.path("outputs/made")).unwrap();
    assert_eq!((made.uid(), made.gid()), (user_id("-u"), user_id("-g")));

    let submitted = without_oci(|| cluster.submit_to("oci", &["--id", "ignored", "--wait"], "true").ok());
    assert!(submitted.is_err(), "the job has succeeded on the node itself");
    assert!(cluster.log("ignored").contains("not in its image"), "{}", cluster.log("ignored"));
}

/// A node without this file ignores the request for a container.
fn without_oci<T>(act: impl FnOnce() -> T) -> T {
    let settings = PathBuf::from(host_variable("SLURM_CONF").unwrap());
    let (oci, aside) = (settings.with_file_name("oci.conf"), settings.with_file_name("oci.conf.aside"));
    fs::rename(&oci, &aside).unwrap();
    let result = act();
    fs::rename(&aside, &oci).unwrap();
    result
}

fn a_cluster_says_what_is_wrong_in_the_file_about_it(_: &Suite) {
    let _turn = NODE.lock().unwrap_or_else(PoisonError::into_inner);
    let repository = Repository::copy("slurm-doctor");
    let site = |text: &str| {
        fs::create_dir_all(repository.path("installation/clusters")).unwrap();
        repository.write("installation/clusters/lab.toml", &format!("engine = \"slurm\"\n{text}"));
    };
    let doctor = || repository.xtask(["doctor", "--site", "lab"]).assert();
    let said = |assert: assert_cmd::assert::Assert| String::from_utf8(assert.get_output().stdout.clone()).unwrap();

    site("partition = \"debug\"\n");
    let fit = said(doctor().success());
    assert!(fit.contains("ok       job     would start") && !fit.contains("warning"), "{fit}");
    site("partition = \"nope\"\nmax_array_size = 5000\n");
    let wrong = said(doctor().code(1));
    assert!(wrong.contains("invalid partition specified: nope"), "{wrong}");
    assert!(wrong.contains("fix: write `max_array_size = 1001`"), "{wrong}");

    site("containers = \"oci\"\nimage_cache = \"/tmp\"\n");
    let looked_at = said(doctor().success());
    assert!(looked_at.contains("ok       containers  a node looks at `--container`"), "{looked_at}");
    let ignored = said(without_oci(|| doctor().code(1)));
    assert!(ignored.contains("a node ignores `--container`"), "{ignored}");
}
