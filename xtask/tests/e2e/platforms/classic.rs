//! What an engine with the classic image store cannot do.

use crate::support::{Subject, Suite, trials};

pub fn trials() -> Subject {
    trials![what_the_daemon_cannot_do_is_refused_before_the_build]
}

fn what_the_daemon_cannot_do_is_refused_before_the_build(suite: &Suite) {
    let repository = &suite.repository;
    for (option, value) in [("--cache-to", "registry"), ("--cache-to", "local")] {
        let mut build = repository.xtask(["build", option, value]);
        let refused = build.env("REGISTRY_HOSTNAME", "127.0.0.1:1").assert().code(1);
        let told = String::from_utf8_lossy(&refused.get_output().stderr).into_owned();
        assert!(told.contains(&format!("is the Docker daemon, which cannot do `{option} {value}` (fix: ")), "{told}");
        assert!(!told.contains("building `"), "{told}");
    }
}
