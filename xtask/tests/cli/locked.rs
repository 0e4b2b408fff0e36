//! Builds and the lock: installed from it, from it and what differs, or solved.

use crate::installed::{LOCK, PLATFORM, asked_of_uv, install, offer};
use crate::repository::{ENV_FILE, ENVIRONMENT, RUNTIME, Repository};
use crate::stand_in::{Call, argv};

const FROZEN: &str = "dependencies:\n  - python=3.12.4  # intent: python>=3.11\n  - pip:\n    \
                      - tqdm==4.66.0  # intent: tqdm\n";

/// A repository whose image was frozen, and is not there any more.
fn frozen() -> Repository {
    let repository = Repository::with_settings("ENGINE=docker\n").image(RUNTIME);
    install(&repository, &["tqdm 4.66.0"]);
    froze(repository)
}

fn froze(repository: Repository) -> Repository {
    repository.xtask(["freeze", "--from", "image"]).exits(0);
    repository.stand_ins.note("images", "");
    repository.stand_ins.forget();
    repository
}

fn ask_for(repository: &Repository, environment: &str) {
    repository.write("dependencies/environment.yml", environment);
}

/// A file of the build context.
fn context(repository: &Repository, name: &str) -> String {
    repository.read(&format!("target/xtask/context/{name}"))
}

/// Expects `build --locked` to say this and to build nothing, with the image there or not.
#[track_caller]
fn is_refused(repository: &Repository, says: &[&str]) {
    for images in [String::new(), format!("{RUNTIME}\n")] {
        repository.stand_ins.note("images", &images);
        repository.stand_ins.forget();
        let ended = repository.xtask(["build", "--locked"]);
        ended.exits(1).stdout("");
        for text in says {
            ended.stderr_has(text);
        }
        assert_eq!(repository.docker_changes(), Vec::<Call>::new());
    }
}

#[test]
fn a_lock_of_what_is_asked_for_is_installed_and_nothing_is_solved() {
    let repository = frozen();
    let says = format!(
        "xtask: building `{RUNTIME}` with uv, because `{LOCK}` matches the dependency files: nothing is solved\n"
    );
    for (environment, arguments) in
        [(FROZEN, ["build", "--force"]), (FROZEN, ["build", "--locked"]), (ENVIRONMENT, ["build", "--force"])]
    {
        ask_for(&repository, environment);
        repository.stand_ins.note("images", "");
        repository.xtask(arguments).exits(0).stdout("").stderr_has(&says);
        assert_eq!(context(&repository, "layers/1/pylock.toml"), repository.read(&format!("{LOCK}/pylock.toml")));
        assert_eq!(context(&repository, "python.txt"), "==3.12.4\n");
    }
}

#[test]
fn an_image_of_the_lock_stays_up_to_date_when_it_is_thawed() {
    let repository = frozen();
    repository.xtask(["build", "--locked"]).exits(0);
    repository.xtask(["thaw"]).exits(0);
    repository.stand_ins.forget();
    let says = format!("`{RUNTIME}` is up to date");
    repository.xtask(["build"]).exits(0).stderr_has(&says);
    repository.xtask(["build", "--locked"]).exits(0).stderr_has(&says);
    assert_eq!(repository.docker_changes(), Vec::<Call>::new());
}

#[test]
fn a_change_of_pips_packages_is_solved_over_what_is_locked() {
    let repository = frozen();
    offer(&repository, &["tqdm 4.66.0", "rich 13.0.0"]);
    ask_for(&repository, &format!("{FROZEN}    - rich>=13\n"));
    let says = format!(
        "xtask: `{LOCK}` does not match the dependency files:\nxtask:   environment.yml:5 + rich >=13\n\
         xtask: building `{RUNTIME}` with uv, because `{LOCK}` has most packages: \
         only the difference is solved\n"
    );
    repository.xtask(["build"]).exits(0).stderr_has(&says);
    // What is locked stays in its layer, and what is new gets another one.
    assert_eq!(context(&repository, "layers/1/pylock.toml"), repository.read(&format!("{LOCK}/pylock.toml")));
    let added = context(&repository, "layers/2/pylock.toml");
    assert!(added.contains("rich-13.0.0.whl") && !added.contains("tqdm"), "{added}");
    assert_eq!(asked_of_uv(&repository), "rich>=13\ntqdm==4.66.0\n");
    let kept = std::fs::read_to_string(repository.temp("state/kept")).unwrap();
    assert_eq!(kept, repository.read(&format!("{LOCK}/pylock.toml")), "uv keeps what is locked");
    let says = format!("error: `{LOCK}` does not match the dependency files:\n  environment.yml:5 + rich >=13\n");
    is_refused(&repository, &[&says, "`cargo xtask freeze` writes it again from what is installed\n"]);
}

#[test]
fn another_pin_than_the_lock_has_is_told_with_its_line() {
    let repository = frozen();
    ask_for(&repository, &FROZEN.replace("4.66.0", "4.67.1"));
    let remark = "environment.yml:4 tqdm 4.66.0 locked, ==4.67.1 required\n";
    repository.xtask(["build"]).exits(0).stderr_has(remark).stderr_has("only the difference is solved\n");
    assert_eq!(asked_of_uv(&repository), "tqdm==4.67.1\n");
    is_refused(&repository, &[remark]);
}

#[test]
fn another_python_is_solved_anew_with_the_pins_kept() {
    let repository = frozen();
    ask_for(&repository, &FROZEN.replace("  - python=3.12.4  # intent: python>=3.11\n", "  - python=3.13\n"));
    let remark = "environment.yml:2 python >=3.11 -> 3.13.*\n";
    let ended = repository.xtask(["build"]);
    ended.exits(0).stderr_has(remark).stderr_has("everything is solved again, and pinned versions are kept\n");
    let question = "target/xtask/solve-in-docker/context/question";
    assert_eq!(repository.read(&format!("{question}/python.txt")), "==3.13.*");
    assert_eq!(asked_of_uv(&repository), "tqdm==4.66.0\n");
    is_refused(&repository, &[remark]);
}

#[test]
fn without_a_lock_all_is_solved_unless_it_must_not() {
    let repository = Repository::with_settings("ENGINE=docker\n");
    is_refused(&repository, &[&format!("{PLATFORM} has no lock: `cargo xtask freeze` writes one")]);
    repository.stand_ins.note("images", "");
    repository.xtask(["build"]).exits(0).stderr_has("because no package needs conda\n");
}

#[test]
fn a_lock_for_another_platform_alone_is_told() {
    let repository = Repository::with_settings("ENGINE=docker\n");
    install(&repository, &["tqdm 4.66.0"]);
    repository.stand_ins.note("python-found", "3.12.4\n");
    repository.xtask(["lock", "--platform", "osx/arm64"]).exits(0);
    repository.stand_ins.forget();
    let says = format!("; {PLATFORM} has no lock (only osx-arm64 has), so everything is solved\n");
    repository.xtask(["build"]).exits(0).stderr_has(&says);
    assert_eq!(asked_of_uv(&repository), "tqdm\n");
    assert_eq!(context(&repository, "python.txt"), "==3.12.4\n", "the same as on the other platform");
    is_refused(&repository, &[&format!("{PLATFORM} has no lock")]);
}

#[test]
fn a_lock_that_somebody_has_edited_stops_a_build_and_no_run() {
    let repository = frozen();
    let file = format!("{LOCK}/pylock.toml");
    let text = repository.read(&file);
    repository.write(&file, &text.replace("e.org", "evil.example"));
    for images in [String::new(), format!("{RUNTIME}\n")] {
        repository.stand_ins.note("images", &images);
        for option in ["--force", "--locked", "--pull"] {
            let ended = repository.xtask(["build", option]);
            ended.exits(1).stderr_has("error[E0804]: not as `freeze` or `lock` wrote it: ").stderr_has(&file);
            ended.stderr_has("`git restore dependencies/lock`").stderr_has("`cargo xtask freeze`");
        }
    }
    assert_eq!(repository.docker_changes(), Vec::<Call>::new());
    repository.stand_ins.note("container", "echo ran");
    repository.xtask(["run", "true"]).exits(0).stdout("ran\n");

    install(&repository, &["tqdm 4.66.0"]);
    repository.xtask(["freeze"]).exits(0);
    assert_eq!(repository.read(&file), text, "a damaged one is made anew");
    repository.xtask(["build", "--locked", "--force"]).exits(0);
}

#[test]
fn the_native_environment_is_installed_from_the_lock() {
    let repository = frozen().file(ENV_FILE, "ENGINE=native\n");
    let says = format!(
        "xtask: building `.venv` with uv, because `{LOCK}` matches the dependency files: nothing is solved\n\
         xtask: `.venv` is up to date\n"
    );
    repository.xtask(["build", "--locked"]).exits(0).stderr(&says);
    let install = "pip install --quiet --python [ROOT]/.venv/bin/python";
    let calls = [
        "venv --quiet --no-project --allow-existing --python ==3.12.4 [ROOT]/.venv".to_owned(),
        format!("{install} --requirements [ROOT]/target/xtask/native/pylock.toml"),
        format!("{install} --no-deps --editable ./python-project"),
    ];
    assert_eq!(repository.calls("uv"), calls.map(|it| argv(&it)));
    let lock = repository.read(&format!("{LOCK}/pylock.toml"));
    assert_eq!(repository.read("target/xtask/native/pylock.toml"), lock);

    repository.stand_ins.forget();
    repository.xtask(["build", "--locked"]).exits(0).stderr("xtask: `.venv` is up to date\n");
    assert_eq!(repository.calls("uv"), Vec::<Call>::new());
}

#[test]
fn a_native_build_that_must_not_solve_is_refused_where_it_would() {
    let repository = frozen().file(ENV_FILE, "ENGINE=native\n");
    ask_for(&repository, &format!("{FROZEN}    - rich\n"));
    repository.xtask(["build", "--locked"]).exits(1).stderr_has("environment.yml:5 + rich\n");
    assert_eq!(repository.calls("uv"), Vec::<Call>::new());
    assert!(!repository.path(".venv").exists());
    let ended = repository.xtask(["build"]);
    ended.exits(0).stderr_has("environment.yml:5 + rich\n").stderr_has("only the difference is solved\n");
    assert_eq!(asked_of_uv(&repository), "rich\ntqdm==4.66.0\n");
}
