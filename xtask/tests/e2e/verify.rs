//! Building again from the lock, and comparing.

use std::fs;

use crate::support::docker::docker;
use crate::support::{Repository, Subject, Suite, trials};

pub fn trials() -> Subject {
    trials![an_image_is_what_its_lock_makes_and_an_edit_in_it_is_found, a_native_environment_is_compared_too]
}

fn an_image_is_what_its_lock_makes_and_an_edit_in_it_is_found(suite: &Suite) {
    let (repository, _turn) = suite.building("verify");
    repository.write("dependencies/environment.yml", ENVIRONMENT);
    repository.build("runtime");
    repository.xtask(["freeze"]).assert().success();
    repository.xtask(["build", "all", "--locked"]).assert().success();
    let (code, said) = verify(&repository, "docker");
    assert_eq!((code, said.matches(" files compared, 0 differ\n").count()), (Some(0), 2), "{said}");

    let image = repository.image("runtime");
    let edit = "sed -i '1a # edited' /opt/env/lib/python3*/site-packages/tqdm/std.py";
    let dockerfile = format!("FROM {image}\nUSER 0\nRUN {edit}\n");
    docker(["build", "--tag", &image, "-"]).write_stdin(dockerfile).assert().success();
    let (code, said) = verify(&repository, "docker");
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains(&format!("xtask: `{image}`: tqdm: `tqdm/std.py` differs\n")), "{said}");
    assert_eq!(said.matches(" files compared, 1 differ\n").count(), 1, "{said}");
    docker(["image", "inspect", &repository.image("verify")]).assert().failure();
}

fn a_native_environment_is_compared_too(_: &Suite) {
    let repository = Repository::copy("verify-native");
    repository.write("dependencies/environment.yml", ENVIRONMENT);
    for words in [&["build"][..], &["freeze"], &["build", "--locked"]] {
        repository.xtask(words).env("ENGINE", "native").assert().success();
    }
    let (code, said) = verify(&repository, "native");
    assert!(code == Some(0) && said.contains("xtask: `.venv`: ") && said.contains(" compared, 0 differ\n"), "{said}");

    let lib = fs::read_dir(repository.path(".venv/lib")).unwrap().next().unwrap().unwrap().path();
    let file = lib.join("site-packages/tqdm/std.py");
    let text = fs::read_to_string(&file).unwrap();
    // Not in place: the file may be a link to the one in uv's cache.
    fs::remove_file(&file).unwrap();
    fs::write(&file, format!("{text}# edited\n")).unwrap();
    let (code, said) = verify(&repository, "native");
    assert!(code == Some(1) && said.contains("xtask: `.venv`: tqdm: `tqdm/std.py` differs\n"), "{said}");
    assert!(!repository.path("target/xtask/verify").exists());
}

/// A small environment with a command, which begins with the path of its Python, and a package that is built.
const ENVIRONMENT: &str =
    "dependencies:\n  - python>=3.11\n  - pip:\n    - tqdm\n    - antlr4-python3-runtime==4.9.*\n";

fn verify(repository: &Repository, engine: &str) -> (Option<i32>, String) {
    let output = repository.xtask(["verify"]).env("ENGINE", engine).output().unwrap();
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}
