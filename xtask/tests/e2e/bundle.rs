//! A project in one file, and a machine without a network.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::support::docker::{gateway, remove_images};
use crate::support::{Proxy, Repository, Subject, Suite, bounded, command, trials};

pub fn trials() -> Subject {
    // One trial, because the bundle is made once and then used.
    trials![what_was_bundled_is_built_and_run_where_there_is_no_network]
}

const USE: [&str; 6] = ["run", "--offline", "--", "python", "-c", "import tqdm, template_package; print('it runs')"];

fn what_was_bundled_is_built_and_run_where_there_is_no_network(suite: &Suite) {
    let (open, _turn) = suite.building("bundle-open");
    open.ask_for_little();
    open.xtask(["build"]).assert().success();
    open.xtask(["freeze", "--from", "image"]).assert().success();
    let directory = open.directory("bundles");
    let bundles = ["one.tar", "two.tar"].map(|it| directory.join(it));
    for bundle in &bundles {
        open.xtask(["bundle", "-o"]).arg(bundle).assert().success();
    }
    assert!(fs::read(&bundles[0]).unwrap() == fs::read(&bundles[1]).unwrap(), "the same inputs, other bytes");
    remove_images(open.image("").trim_end_matches(':'), &[]);

    let closed = clone_of(&open, "bundle-closed");
    let without_network = |words: &[&str], engine: &str| {
        let mut program = in_empty_namespace(&closed.program(words));
        closed.environment(&mut program).env("ENGINE", engine);
        let caches = closed.path("target/empty-caches");
        program.env("UV_CACHE_DIR", &caches).env("PIP_CACHE_DIR", &caches).env("XDG_CACHE_HOME", &caches);
        let mut program = bounded(program);
        program.timeout(crate::support::BUILD_LIMIT);
        program.assert()
    };
    without_network(&USE, "docker").code(125);
    without_network(&["unbundle", bundles[0].to_str().unwrap()], "docker").success();
    without_network(&USE, "docker").success().stdout("it runs\n");
    let built = without_network(&["build", "--locked", "--offline"], "docker").success();
    assert!(String::from_utf8_lossy(&built.get_output().stderr).contains("is up to date"));

    // Without Docker, the environment is built from the supply.
    without_network(&USE, "native").success().stdout("it runs\n");
    assert!(closed.path(".venv").is_dir());

    // Where there is a network, nobody is asked either.
    let proxy = Proxy::start(&gateway(&closed.image("runtime")));
    let ask = |words: &[&str], engine: &str| {
        let mut xtask = closed.xtask(words);
        for name in ["http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"] {
            xtask.env(name, format!("http://{}", proxy.address()));
        }
        // What this machine has fetched for others is not in the bundle.
        xtask.env("UV_CACHE_DIR", closed.path("target/empty-caches"));
        xtask.env_remove("no_proxy").env_remove("NO_PROXY").env("ENGINE", engine).assert()
    };
    closed.edit("dependencies/environment.yml", |it| it + "    - rich\n");
    let refused = ask(&["build", "--offline"], "docker").code(1).get_output().stderr.clone();
    let refused = String::from_utf8_lossy(&refused);
    assert!(refused.contains("because the network was disabled"), "{refused}");
    for words in [&["build", "--force", "--offline"][..], &["lock", "--offline"], &["add", "polars", "--offline"]] {
        ask(words, "native").code(1);
    }
    assert_eq!(proxy.requests(), <[String; 0]>::default());
}

/// A copy with the same dependency files and lock, and images of its own name.
fn clone_of(other: &Repository, label: &str) -> Repository {
    let repository = Repository::copy(label);
    let copy = |from: &Path, to: &Path| {
        let mut cp = command("cp");
        cp.args(["-r", "-T"]).args([from, to]);
        bounded(cp).assert().success();
    };
    copy(&other.path("dependencies"), &repository.path("dependencies"));
    repository
}

/// The same program where there is no network but a loopback that is down. Docker's socket is a file.
fn in_empty_namespace(program: &Command) -> Command {
    let mut unshare = command("unshare");
    unshare.args(["--map-current-user", "--net"]).arg(program.get_program()).args(program.get_args());
    unshare
}
