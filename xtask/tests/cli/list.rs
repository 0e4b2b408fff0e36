//! `cargo xtask list`

use serde_json::{Value, json};

use crate::installed::{install, put_prefix, snapshot};
use crate::native_conda::asking;
use crate::repository::{RUNTIME, Repository};

#[test]
fn all_that_is_installed_is_a_table() {
    let repository = Repository::with_settings("ENGINE=docker\n").image(RUNTIME);
    install(&repository, &["tqdm 4.66.0", "typing_extensions 4.12.2"]);
    let expected = "\
NAME               VERSION  BUILD  FROM  SOURCE
tqdm               4.66.0          pip
typing_extensions  4.12.2          pip
";
    let before = repository.tree();
    repository.xtask(["list"]).exits(0).stdout(expected).stderr("");
    assert_eq!(repository.tree(), before);
}

#[test]
fn one_list_can_be_asked_for_and_programs_get_a_json_object_a_package() {
    let (server, repository) = asking("python=3.11 steady=1.0 pip: iniconfig==2.0.0");
    repository.xtask(["build"]).exits(0);
    let objects = |option: &str| -> Vec<Value> {
        let ended = repository.xtask(["list", "--json", option]);
        ended.exits(0).out().lines().map(|it| serde_json::from_str(it).unwrap()).collect()
    };
    let steady = json!({"list": "conda", "name": "steady", "version": "1.0", "build": "pyhd8ed1ab_0", "source": server.url("lab")});
    let conda = objects("--conda");
    assert!(conda.contains(&steady) && conda.iter().all(|it| it["list"] == "conda"), "{conda:?}");
    let pip = objects("--pip");
    assert_eq!(pip[0], json!({"list": "pip", "name": "iniconfig", "version": "2.0.0", "build": "", "source": ""}));
    assert!(pip.iter().all(|it| it["list"] == "pip"), "{pip:?}");
    repository.xtask(["list", "--conda", "--pip"]).exits(2).stderr_has("cannot be used with");
}

#[test]
fn the_prefix_is_listed_too_and_where_there_is_nothing_it_says_what_to_do() {
    let repository = Repository::with_settings("ENGINE=native\n");
    repository
        .xtask(["list"])
        .exits(1)
        .stdout("")
        .stderr_has("there is no environment in `.venv`: `cargo xtask build`");
    put_prefix(&repository);
    install(&repository, &["tqdm 4.66.0"]);
    repository.xtask(["list"]).exits(0).stdout_has("tqdm  4.66.0");
}

#[test]
fn licences_are_what_the_packages_say() {
    let repository = Repository::with_settings("ENGINE=docker\n").image(RUNTIME);
    install(&repository, &["tqdm 4.66.0", "six 1"]);
    let mut seen = snapshot(&["tqdm 4.66.0", "six 1"]);
    seen["distributions"][0]["licence"] = json!({"classifiers": ["License :: OSI Approved :: MIT License"]});
    repository.stand_ins.note("snapshot", &seen.to_string());
    let expected = "NAME  VERSION  FROM  LICENCE\ntqdm  4.66.0   pip   MIT\nsix   1        pip\n";
    repository.xtask(["list", "--licenses"]).exits(0).stdout(expected);
    repository.xtask(["list", "--licenses", "--json"]).exits(0).stdout_has("\"licence\":\"MIT\"");
}
