//! Making room: what nobody needs goes, what somebody needs stays and runs.

use crate::support::docker::{answer, docker, image_id};
use crate::support::{Repository, Subject, Suite, run_id, trials};

pub fn trials() -> Subject {
    trials![what_nobody_needs_goes_and_the_rest_stays_and_runs]
}

fn has_image(id: &str) -> bool {
    docker(["image", "inspect", id]).output().unwrap().status.success()
}

/// What `prune` says, without the size of the build cache, which others change.
fn prune(repository: &Repository, options: &[&str]) -> String {
    let output = repository.xtask([&["prune"], options].concat()).assert().success().get_output().stderr.clone();
    let said = String::from_utf8(output).unwrap();
    said.lines().filter(|it| !it.contains(": the build cache, ")).map(|it| format!("{it}\n")).collect()
}

fn what_nobody_needs_goes_and_the_rest_stays_and_runs(suite: &Suite) {
    let (repository, _turn) = suite.building("prune");
    repository.ask_for_little();
    // Builds without a name are known by the project's name, and other trials have such builds too.
    repository.edit("python-project/pyproject.toml", |it| {
        it.replace("name = \"template-project\"", &format!("name = \"prune-{}\"", run_id()))
    });
    let builds: Vec<(String, String)> = ["six", "idna", "tabulate", "wcwidth"]
        .map(|package| {
            repository.edit("dependencies/environment.yml", |it| format!("{it}    - {package}\n"));
            repository.build("runtime");
            let names =
                answer(["image", "inspect", "--format", "{{join .RepoTags \" \"}}", &repository.image("runtime")]);
            let name = names.split(' ').find(|it| !it.ends_with(":runtime")).unwrap().to_owned();
            (image_id(&name), name)
        })
        .to_vec();
    let [(nameless, taken), (used, used_name), (before, _), (newest, _)] = &builds[..] else {
        panic!("four were built")
    };
    docker(["tag", &repository.image("runtime"), taken]).assert().success();
    let container = answer(["create", used_name]);
    let others = image_id(&suite.repository.image("runtime"));
    let there = || [nameless, used, before, newest, &others].map(|it| has_image(it));

    let would = prune(&repository, &["--dry-run"]);
    assert_eq!(there(), [true; 5], "a dry run removes nothing: {would}");
    let said = prune(&repository, &[]);
    assert_eq!(
        would.replace("xtask (dry run): would remove ", "xtask: removed ").replace("xtask (dry run)", "xtask"),
        said
    );
    assert_eq!(there(), [false, true, true, true, true], "{said}");
    assert!(said.contains("` stays: the container `"), "{said}");

    docker(["rm", &container]).assert().success();
    prune(&repository, &[]);
    assert_eq!(there(), [false, false, true, true, true]);
    prune(&repository, &["--keep", "0"]);
    assert_eq!(there(), [false, false, false, true, true]);
    repository.run(["python", "-c", "import wcwidth, six"]).assert().success();
    assert!(prune(&repository, &["--keep", "0"]).ends_with("xtask: there is nothing to remove\n"));
}
