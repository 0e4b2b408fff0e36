//! Commands that are asked to stop while Docker works: nothing goes on, and nothing is left.

use crate::paused::Paused;
use crate::repository::Repository;
use crate::verify;

#[test]
fn a_build_stops_with_all_that_the_client_has_started() {
    for (signal, code, says) in
        [("TERM", 143, "ended by SIGTERM"), ("HUP", 129, "ended by SIGHUP"), ("INT", 130, "interrupted")]
    {
        let repository = Repository::with_settings("").note("plugin-goes-on");
        let paused = Paused::start(&repository, &["build"]);
        paused.send(signal);
        assert_eq!(paused.ends(), (code, format!("error: {says}\n")));
    }
}

#[test]
fn a_run_that_builds_first_stops_with_the_code_of_the_signal() {
    let repository = Repository::with_settings("").note("plugin-goes-on");
    let paused = Paused::start(&repository, &["run", "true"]);
    paused.send("TERM");
    assert_eq!(paused.ends().0, 143);
}

#[test]
fn a_verification_that_is_asked_to_stop_removes_its_image() {
    for (signal, code) in [("TERM", 143), ("HUP", 129), ("INT", 130)] {
        let repository = verify::with_image_and_lock();
        repository.stand_ins.note("plugin-goes-on", "");
        let paused = Paused::start(&repository, &["verify"]);
        assert!(verify::is_left(&repository), "the image is there at this moment");
        paused.send(signal);
        assert_eq!(paused.ends().0, code);
        assert!(!verify::is_left(&repository));
    }
}

#[test]
#[cfg(target_os = "linux")]
fn the_image_of_a_killed_verification_is_removed_by_the_next_one() {
    let repository = verify::with_image_and_lock();
    repository.stand_ins.note("client-waits", "");
    drop(Paused::start(&repository, &["verify"]).kill());
    assert!(verify::is_left(&repository));
    std::fs::remove_file(repository.temp("state/client-waits")).unwrap();
    repository.stand_ins.forget();
    repository.xtask(["verify"]).exits(0);
    let changes = repository.docker_changes();
    // Before the build, which would only take its name away.
    assert!(changes[0].starts_with(&["image", "rm"].map(str::to_owned)), "{changes:?}");
    assert!(!verify::is_left(&repository));
}
