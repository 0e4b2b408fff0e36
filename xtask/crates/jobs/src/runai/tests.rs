use std::time::Duration;

use super::*;
use crate::kubernetes::tests::{demanding, submission};
use crate::{GpuRequest, Memory, ParameterSet, Sweep};

/// The options of `runai training standard submit` and `… pytorch submit` that take a value, and those that take none, as the
/// reference of version 2 has them.
const REFERENCE: &str = include_str!("../../tests/data/runai/submit-options.txt");

fn site() -> RunAiSite {
    RunAiSite {
        project: "vision".to_owned(),
        node_pools: vec!["h100".to_owned(), "default".to_owned()],
        groups: vec![2000, 3000],
    }
}

fn calls(submission: &Submission) -> Vec<Invocation> {
    render(submission, &site(), "/p/outputs/runs/train-7k2m".into()).unwrap().invocations
}

fn demanding_here() -> Submission {
    let (mut submission, _) = demanding();
    submission.job.mounts.clear();
    submission.job.sweep.as_mut().unwrap().max_parallel = None;
    submission.job.resources.gpus = Some(GpuRequest { count: 1, kind: GpuKind::Fraction(0.5) });
    submission
}

/// The values of an option.
fn values<'a>(call: &'a Invocation, name: &str) -> Vec<&'a str> {
    let arguments = call.arguments();
    let follows = |at: usize| arguments.get(at + 1).map(String::as_str);
    (0..arguments.len()).filter(|at| arguments[*at] == name).filter_map(follows).collect()
}

#[test]
fn a_job_is_an_object_with_its_files_and_one_workload() {
    let lines: Vec<String> = calls(&submission()).iter().map(ToString::to_string).collect();
    assert_eq!(lines.len(), 2);
    assert!(lines[0].starts_with("kubectl '--namespace=runai-vision' apply --server-side"), "{}", lines[0]);
    assert!(
        lines[1].starts_with("runai training standard submit train-7k2m --project vision --image "),
        "{}",
        lines[1]
    );
    assert!(lines[1].ends_with("--command -- /opt/xtask/job.sh /opt/entrypoint.sh"), "{}", lines[1]);
}

#[test]
fn every_option_is_one_that_runai_has() {
    let mut nodes = submission();
    nodes.job.resources.nodes = 4;
    for (kind, submission) in [("standard", demanding_here()), ("pytorch", nodes)] {
        let known: Vec<(&str, bool)> = REFERENCE
            .lines()
            .filter_map(|it| {
                it.strip_prefix(kind)?.trim().split_once(' ').map(|(name, value)| (name, value == "value"))
            })
            .collect();
        assert!(known.len() > 20);
        for call in calls(&submission).iter().skip(1) {
            assert_eq!(call.arguments()[1], kind);
            let mut arguments = call.arguments()[4..].iter().take_while(|it| *it != "--");
            while let Some(option) = arguments.next() {
                let (_, has_value) =
                    known.iter().find(|(name, _)| name == option).unwrap_or_else(|| panic!("{option}"));
                assert!(!has_value || arguments.next().is_some());
            }
        }
    }
}

#[test]
fn each_part_of_an_array_is_a_workload_that_knows_its_index() {
    let submission = demanding_here();
    let rendered = render(&submission, &site(), "/p".into()).unwrap();
    let calls = &rendered.invocations[1..];
    assert_eq!(
        calls.iter().map(|it| it.arguments()[3].as_str()).collect::<Vec<_>>(),
        ["train-7k2m-0", "train-7k2m-1", "train-7k2m-2"]
    );
    assert!(values(&calls[2], "--environment").contains(&"XTASK_JOB_FIRST=2"));
    assert!(values(&calls[2], "--label").contains(&"xtask/part=2"));
    let object = String::from_utf8(rendered.files[0].contents.clone()).unwrap();
    assert!(object.contains("\n    =python =train.py =lr=1e-3\n"), "{object}");
}

#[test]
fn values_reach_the_job_as_they_are() {
    let calls = calls(&demanding_here());
    let environment = values(&calls[1], "--environment");
    assert!(environment.contains(&"HOSTILE=$$(HOME) \"it's\"\nyes"), "{environment:?}");
    assert!(environment.contains(&"SEED=1") && !environment.contains(&"SEED=0"));
    assert!(environment.contains(&"XTASK_JOB_SECRETS=WANDB_API_KEY=/opt/xtask-secrets/wandb/token\n"));
    assert_eq!(values(&calls[1], "--secret-volume"), ["path=/opt/xtask-secrets/wandb,name=wandb"]);
}

#[test]
fn storage_and_resources_are_in_runais_words() {
    let calls = calls(&demanding_here());
    let call = &calls[1];
    assert_eq!(
        values(call, "--existing-pvc"),
        ["claimname=sets,path=/opt/project/data", "claimname=home,path=/opt/project/outputs/runs"]
    );
    assert_eq!(values(call, "--host-path"), ["path=/mnt/scratch,mount=/opt/project/outputs,readwrite"]);
    assert_eq!(values(call, "--cpu-memory-request"), ["16Gi"]);
    assert_eq!(values(call, "--gpu-portion-request"), ["0.5"]);
    assert_eq!(values(call, "--node-pools"), ["h100", "default"]);
    assert_eq!(values(call, "--supplemental-groups"), ["2000,3000"]);
    assert_eq!(values(call, "--termination-grace-period"), ["130s"]);
}

#[test]
fn the_first_of_several_nodes_is_no_worker() {
    let mut submission = submission();
    submission.job.resources.nodes = 4;
    let calls = calls(&submission);
    assert_eq!(calls[1].arguments()[1], "pytorch");
    assert_eq!(values(&calls[1], "--workers"), ["3"]);
}

#[test]
fn what_runai_has_no_words_for_is_refused_with_the_reason() {
    type Change = fn(&mut Submission);
    let refused: [(Change, &str); 11] = [
        (|it| it.id.0 = "x".repeat(58), "longer than 57"),
        (|it| it.image = None, "from a registry alone"),
        (|it| it.job.environment_from_host.extend(["TOKEN".to_owned()]), "values of TOKEN"),
        (|it| it.job.after.push(JobId("first-1".to_owned())), "after another one"),
        (|it| it.job.resources.tasks_per_node = 2, "one task on each node"),
        (
            |it| it.job.sweep = Some(Sweep { points: vec![ParameterSet::default()], max_parallel: Some(1) }),
            "`parallel`",
        ),
        (|it| it.job.secrets.extend([("KEY".to_owned(), JobSecret::File("/k".into()))]), "do not see"),
        (|it| it.job.resources.grace = Some(Duration::from_secs(9)), "leave out `grace`"),
        (|it| it.job.retry.max = 1, "leave the others waiting"),
        (
            |it| it.job.resources.gpus = Some(GpuRequest { count: 1, kind: GpuKind::Mig("1g.10gb".to_owned()) }),
            "deprecated",
        ),
        (|it| it.site.storage.data = Some(MountSource::Scratch), "no scratch space"),
    ];
    for (change, reason) in refused {
        let mut submission = submission();
        submission.job.resources.nodes = 2;
        submission.job.resources.memory = Some(Memory(1 << 30));
        assert!(render(&submission, &site(), "/p".into()).is_ok());
        change(&mut submission);
        let refusal = render(&submission, &site(), "/p".into()).unwrap_err().to_string();
        assert!(refusal.contains(reason), "{refusal}");
    }
}

#[test]
fn a_part_is_read_and_ended_by_its_workload() {
    let part: PartName = "train-1/2".parse().unwrap();
    let calls = calls(&submission());
    assert_eq!(calls.iter().filter_map(workload_of).collect::<Vec<_>>(), [workload(&"train-7k2m".parse().unwrap(), 1)]);
    let logs = logs("vision", &workload(&part, 1), true).to_string();
    assert_eq!(logs, "runai training standard logs train-1-2 --project vision --follow");
    assert_eq!(
        delete("vision", &workload(&part, 2)).to_string(),
        "runai training pytorch delete train-1-2 --project vision"
    );
}
