//! `submit` and `jobs`, as far as they come without a cluster.

use crate::repository::Repository;

const SITE: &str = "installation/clusters/lab.toml";

/// The record of a job of this many parts.
fn record(id: &str, parts: Option<u32>) -> String {
    let parts = parts.map_or_else(|| "null".to_owned(), |it| it.to_string());
    format!(
        r#"{{"id": "{id}", "site": "lab", "engine": "slurm", "engine_id": "7", "argv": ["true"], "parts": {parts}, "nodes": 1,
            "tasks_per_node": 1, "run_directory": "/nowhere/{id}", "submitted": "2026-12-01T02:00:00Z"}}"#
    )
}

#[test]
fn an_unknown_site_is_told_with_those_that_there_are() {
    let repository = Repository::fresh().file(SITE, "engine = \"slurm\"\n");
    repository
        .xtask(["submit", "--on", "lap", "--", "true"])
        .exits(125)
        .stderr_has("there is no site `lap`: there are lab");
    repository.xtask(["submit", "--on", "../lab", "--", "true"]).exits(125).stderr_has("is no name of a site");
    repository.xtask(["submit", "--on", "lab"]).exits(2);
}

#[test]
fn a_mistake_in_a_site_has_its_place() {
    let repository = Repository::fresh().file(SITE, "engine = \"slurm\"\npartitoin = \"gpu\"\n");
    let submitted = repository.xtask(["submit", "--on", "lab", "--", "true"]);
    submitted.exits(1).stderr_has("unknown key `partitoin`").stderr_has("installation/clusters/lab.toml:2:1");
}

#[test]
fn what_a_site_cannot_have_is_refused_before_anything_is_made() {
    let repository = Repository::fresh().file(SITE, "engine = \"slurm\"\nmax_array_size = 10\n");
    for (option, value, why) in [
        ("--gpus", "1", "gpus_per_node"),
        ("--time", "90", "is no time: write 30m"),
        ("--memory", "2GB", "is no amount of memory"),
        ("--sweep", "seed=1..11", "max_array_size"),
        ("--sweep", "seed", "says nothing to sweep over"),
        ("--env", "NOT_SET_ANYWHERE", "the variable NOT_SET_ANYWHERE is not set here"),
    ] {
        repository.xtask(["submit", "--on", "lab", option, value, "--", "true"]).exits(125).stderr_has(why);
    }
    assert!(!repository.path("outputs/runs").exists());
}

#[test]
fn a_job_is_known_by_what_it_wrote_where_no_engine_answers() {
    let repository = Repository::fresh()
        .program("tail")
        .file("outputs/runs/done-1/job.json", &record("done-1", None))
        .file("outputs/runs/done-1/rc", "0\n")
        .file("outputs/runs/sweep-2/job.json", &record("sweep-2", Some(2)))
        .file("outputs/runs/sweep-2/0/rc", "3\n")
        .file("outputs/runs/sweep-2/logs/0.log", "epoch 1\nepoch 2\n\n");
    let listed = repository.xtask(["jobs"]);
    listed.exits(0).stderr_has("Slurm does not answer").stdout_has("ended with 0").stdout_has("epoch 2");
    let json = repository.xtask(["jobs", "sweep-2", "--json"]);
    let parts: serde_json::Value = serde_json::from_str(json.out()).unwrap();
    assert_eq!((&parts[0]["exit_code"], &parts[1]["state"]), (&3.into(), &"unknown".into()));
    repository.xtask(["jobs", "sweep-2/5"]).exits(1).stderr_has("has the parts 0 to 1");
    repository.xtask(["jobs", "logs", "sweep-2/0"]).exits(0).stdout("epoch 1\nepoch 2\n\n");
    repository.xtask(["jobs", "logs", "done-1/0"]).exits(1).stderr_has("is no array");
    repository.xtask(["jobs", "other"]).exits(1).stderr_has("no job `other` was submitted here");
}

#[test]
fn without_jobs_the_list_says_how_to_submit_one() {
    Repository::fresh().xtask(["jobs"]).exits(0).stdout_has("`cargo xtask submit`");
}

#[test]
fn a_wish_that_a_site_cannot_grant_is_told_where_it_was_made() {
    let repository = Repository::fresh()
        .file(SITE, "engine = \"slurm\"\ngpus_per_node = 2\n")
        .file("jobs/train.toml", "command = [\"true\"]\nkeep_for = \"1d\"\ngpus = 1\n");
    let in_file = repository.xtask(["submit", "train", "--on", "lab"]);
    in_file.stderr_has("jobs/train.toml:2:12").stderr_has("error[E0902]: Slurm itself decides");
    let both = repository.xtask(["submit", "train", "--on", "lab", "--gpus", "3"]);
    both.exits(125).stderr_has("jobs/train.toml:2:12").stderr_has("`--gpus`: a node of the site `lab` has 2 GPUs");
    assert!(!both.err().contains("jobs/train.toml:3"), "{both:#?}");
}

#[test]
fn a_machine_without_the_clusters_programs_says_so() {
    let repository = Repository::fresh()
        .file(SITE, "engine = \"slurm\"\n")
        .file("installation/clusters/k8s.toml", "engine = \"kubernetes\"\nnamespace = \"a\"\n")
        .file("installation/clusters/rcp.toml", "engine = \"runai\"\nproject = \"a\"\n");
    for (site, program, fix) in
        [("lab", "slurm", "on a login node"), ("k8s", "kubectl", "install kubectl"), ("rcp", "runai", "`runai login`")]
    {
        let ended = repository.xtask(["doctor", "--site", site]);
        ended.exits(1).stdout_has(&format!("missing  {program}")).stdout_has("not installed").stdout_has(fix);
    }
    repository
        .xtask(["doctor", "--site", "lap"])
        .exits(1)
        .stderr_has("there is no site `lap`: there are k8s, lab, rcp");
}
