//! `cargo xtask list`

use serde_json::{Value, json};

use crate::installed::{install, install_with_conda, put_prefix};
use crate::repository::{RUNTIME, Repository};

/// A repository whose image has packages of conda's and of pip's.
fn repository() -> Repository {
    let text = "channels: [lab]\ndependencies:\n  - python=3.12\n  - mkl\n  - pip:\n    - tqdm\n";
    let repository = Repository::with_settings("ENGINE=docker\n").dependencies(text).image(RUNTIME);
    install_with_conda(&repository, &["mkl 2024.1", "python 3.12.4"], &["tqdm 4.66.0"]);
    repository
}

#[test]
fn all_that_is_installed_is_a_table() {
    let expected = "\
NAME    VERSION  BUILD  FROM   SOURCE
mkl     2024.1   h0     conda  https://e.org/lab
python  3.12.4   h0     conda  https://e.org/lab
tqdm    4.66.0          pip
";
    let repository = repository();
    let before = repository.tree();
    repository.xtask(["list"]).exits(0).stdout(expected).stderr("");
    assert_eq!(repository.tree(), before);
}

#[test]
fn one_list_can_be_asked_for() {
    let repository = repository();
    let names = |option: &str| {
        let ended = repository.xtask(["list", option]);
        let name = |it: &str| it.split(' ').next().unwrap().to_owned();
        ended.exits(0).out().lines().skip(1).map(name).collect::<Vec<_>>()
    };
    assert_eq!(names("--conda"), ["mkl", "python"]);
    assert_eq!(names("--pip"), ["tqdm"]);
    repository.xtask(["list", "--conda", "--pip"]).exits(2).stderr_has("cannot be used with");
}

#[test]
fn programs_get_one_json_object_a_package() {
    let repository = repository();
    let ended = repository.xtask(["list", "--json"]);
    let objects: Vec<Value> = ended.exits(0).out().lines().map(|it| serde_json::from_str(it).unwrap()).collect();
    let conda = |name: &str, version: &str| json!({"list": "conda", "name": name, "version": version, "build": "h0", "source": "https://e.org/lab"});
    let tqdm = json!({"list": "pip", "name": "tqdm", "version": "4.66.0", "build": "", "source": ""});
    assert_eq!(objects, [conda("mkl", "2024.1"), conda("python", "3.12.4"), tqdm.clone()]);
    let ended = repository.xtask(["list", "--json", "--pip"]);
    assert_eq!(serde_json::from_str::<Value>(ended.out()).unwrap(), tqdm);
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
