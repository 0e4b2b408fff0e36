//! Repositories in directories with difficult names.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;

use crate::repository::Repository;
use crate::stand_in::{Call, Daemon};

#[test]
fn a_control_character_is_refused_before_anything_starts() {
    for (name, place) in [("a\nb", "[TEMP]/a\\nb"), ("a\tb", "[TEMP]/a\\tb")] {
        for engine in ["docker", "native"] {
            let repository = Repository::named(name).variable("ENGINE", engine);
            let found = format!("error[E0106]: the path of the repository, `{place}`, has the control character");
            repository.xtask(["check", "--format", "short"]).exits(1).stdout_has(&found);
            for verb in ["build", "up"] {
                repository
                    .xtask([verb])
                    .exits(1)
                    .stderr_has(&found)
                    .stderr_has("move the repository, as to `[TEMP]/a_b`");
            }
            repository.xtask(["run", "true"]).exits(1).stderr_has(&found);
            assert_eq!(repository.calls("uv"), Vec::<Call>::new());
            assert!(repository.docker_changes().is_empty());
        }
    }
}

#[test]
fn a_colon_is_refused_where_it_would_cut_the_path_of_programs() {
    let found = "error[E0106]: the path of the repository, `[ROOT]`, has a colon";
    let native = Repository::named("a:b").variable("ENGINE", "native");
    native.xtask(["check", "--format", "short"]).exits(1).stdout_has(found);
    native.xtask(["run", "true"]).exits(1).stderr_has(found);

    // Here the engine is found out later.
    let auto = Repository::named("a:b").daemon(Daemon::Down);
    auto.xtask(["build"]).exits(1).stderr_has(found);
    for repository in [native, auto] {
        assert!(repository.calls("uv").is_empty());
    }
    Repository::named("a:b").variable("ENGINE", "docker").xtask(["build"]).exits(0);
}

#[test]
fn a_name_that_is_not_text_is_told() {
    let repository = Repository::fresh();
    let directory = repository.path("data").join(OsStr::from_bytes(b"a\xff"));
    fs::create_dir(&directory).unwrap();
    let output = repository.command().arg("check").current_dir(directory).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("is not UTF-8; rename or move it"));
}
