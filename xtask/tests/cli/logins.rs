//! Users and passwords for indexes and git: they reach what downloads, in both engines, and stay out of every list.

use crate::installed::asked_of_uv;
use crate::repository::{ENV_FILE, Repository};

/// An index whose address names two variables, and a repository of git whose address has a password in it.
const ENVIRONMENT: &str = "dependencies:\n  - python=3.12\n  - pip\n  - pip:\n    - tqdm\n    \
                           - --extra-index-url https://${LAB_USER}:${LAB_TOKEN}@e.org:8443/simple\n    \
                           - tool @ git+https://ada:hunter%402@g.org/tool.git\n";

fn repository(settings: &str) -> Repository {
    Repository::with_settings(settings).dependencies(ENVIRONMENT).variable("LAB_USER", "bob")
}

/// What the builder's client was given.
fn netrc_of_build(repository: &Repository) -> Option<String> {
    repository.xtask(["build"]).exits(0).never_says("hunter").never_says("word-of-lab");
    let line = repository.docker_changes()[0].join(" ");
    assert!(!line.contains("hunter") && !line.contains("word-of-lab"), "{line}");
    let netrc = repository.stand_ins.netrc("docker");
    assert_eq!(line.contains(" --secret id=netrc,env=XTASK_NETRC "), netrc.is_some(), "{line}");
    netrc
}

#[test]
fn a_build_gets_the_logins_of_its_addresses_and_its_lists_do_not() {
    let repository = repository("LAB_TOKEN=word-of-lab\n");
    let expected = "machine e.org login bob password word-of-lab\nmachine g.org login ada password hunter@2\n";
    assert_eq!(netrc_of_build(&repository).as_deref(), Some(expected));
    assert_eq!(
        asked_of_uv(&repository),
        "--extra-index-url https://e.org:8443/simple\npip\ntool @ git+https://g.org/tool.git\ntqdm\n"
    );
    repository.xtask(["build", "all", "--force"]).exits(0);
    assert_eq!(repository.stand_ins.netrc("docker").as_deref(), Some(expected));
    let bake = repository.read("target/xtask/bake.json");
    assert!(
        bake.contains("id=netrc,env=XTASK_NETRC") && !bake.contains("hunter") && !bake.contains("word-of"),
        "{bake}"
    );
    repository.xtask(["build", "--force", "--dry-run"]).exits(0).stdout_has("XTASK_NETRC='***' docker buildx build");
}

#[test]
fn the_shell_goes_before_the_settings_file() {
    let repository = repository("LAB_TOKEN=word-of-lab\n").variable("LAB_TOKEN", "of-the-shell");
    let netrc = netrc_of_build(&repository).unwrap();
    assert!(netrc.starts_with("machine e.org login bob password of-the-shell\n"), "{netrc}");
}

#[test]
fn of_the_netrc_file_a_build_gets_its_own_hosts_only() {
    let text = "dependencies:\n  - python=3.12\n  - pip\n  - pip:\n    - --extra-index-url https://ada@e.org/simple\n    \
                - tool @ git+https://g.org/tool.git\n";
    let repository = Repository::with_settings("").dependencies(text);
    let lines = "machine bank.org login me password of-my-bank\nmachine e.org login ada password of-the-index\n\
                 machine g.org\n  login ada\n  password of-git\n";
    std::fs::write(repository.temp("home/.netrc"), lines).unwrap();
    let of_index = "machine e.org login ada password of-the-index\n";
    let expected = format!("{of_index}{of_index}machine g.org login ada password of-git\n");
    assert_eq!(netrc_of_build(&repository), Some(expected));

    let other = repository.temp("other");
    std::fs::write(&other, "machine g.org login eve password of-eve\n").unwrap();
    let repository = repository.variable("NETRC", other.to_str().unwrap());
    repository.xtask(["build", "--force"]).exits(0);
    let expected = "machine e.org login ada\nmachine g.org login eve password of-eve\n";
    assert_eq!(repository.stand_ins.netrc("docker").as_deref(), Some(expected));
}

#[test]
fn without_a_login_nothing_is_given() {
    let repository = Repository::with_settings("");
    std::fs::write(repository.temp("home/.netrc"), "machine bank.org login me password of-my-bank\n").unwrap();
    assert_eq!(netrc_of_build(&repository), None);
}

#[test]
fn a_variable_without_a_value_stops_what_downloads_and_names_the_line() {
    let expected = "error[E0333]: `LAB_TOKEN` has no value, and the address of `e.org` needs it\n \
                    --> dependencies/environment.yml:6:7\n";
    for engine in ["docker", "native"] {
        let repository = repository(&format!("ENGINE={engine}\n"));
        repository
            .xtask(["build"])
            .exits(1)
            .stderr_has(expected)
            .stderr_has("write a line `LAB_TOKEN=…` into `installa");
        assert!(repository.docker_changes().is_empty(), "{:?}", repository.docker_changes());
        repository.xtask(["check"]).exits(0);
    }
}

#[test]
fn without_docker_uv_and_git_get_the_same() {
    let repository = repository("ENGINE=native\nLAB_TOKEN=word-of-lab\n").variable("GIT_CONFIG_COUNT", "2");
    std::fs::write(repository.temp("home/.netrc"), "machine bank.org login me password of-my-bank\n").unwrap();
    repository.xtask(["--verbose", "build"]).exits(0).never_says("hunter").never_says("word-of-lab");
    let expected = "machine e.org login bob password word-of-lab\nmachine g.org login ada password hunter@2\n\
                    machine bank.org login me password of-my-bank\n";
    assert_eq!(repository.stand_ins.netrc("uv").as_deref(), Some(expected));
    let variable = |name: &str| repository.stand_ins.variable("uv", name);
    assert_eq!(variable("GIT_CONFIG_COUNT").as_deref(), Some("3"));
    assert_eq!(variable("GIT_CONFIG_KEY_2").as_deref(), Some("http.https://g.org/.extraHeader"));
    assert_eq!(variable("GIT_CONFIG_VALUE_2").as_deref(), Some("Authorization: Basic YWRhOmh1bnRlckAy"));

    for (path, (_, contents)) in &repository.tree() {
        let text = String::from_utf8_lossy(contents);
        let is_for_it = path.ends_with(".env") || path.ends_with("environment.yml");
        assert!(is_for_it || !text.contains("hunter") && !text.contains("word-of-lab"), "{path:?}: {text}");
    }
}

#[test]
fn the_settings_file_may_set_what_an_address_names_and_nothing_else() {
    let repository = repository("LAB_TOKEN=word-of-lab\nLAB_TOKN=x\n");
    repository.xtask(["check"]).exits(1).stdout_has("unknown variable `LAB_TOKN`").never_says("`LAB_TOKEN`");
    repository.write(ENV_FILE, "LAB_TOKEN=word-of-lab\n");
    repository.xtask(["env", "--set", "ENGINE=docker"]).exits(0);
    assert!(repository.read(ENV_FILE).starts_with("LAB_TOKEN=word-of-lab\n"));
}

#[test]
fn git_over_ssh_may_ask_the_agent_of_the_shell() {
    let text = "dependencies:\n  - python=3.12\n  - pip\n  - pip:\n    - tool @ git+ssh://git@g.org/tool.git\n";
    let line_with = |repository: Repository| {
        let hosts = repository.temp("home/.ssh/known_hosts");
        std::fs::create_dir(hosts.parent().unwrap()).unwrap();
        std::fs::write(&hosts, "g.org ssh-ed25519 AAAA\n").unwrap();
        repository.xtask(["build"]).exits(0);
        repository.docker_changes()[0].join(" ")
    };
    let agent = |repository: Repository| repository.variable("SSH_AUTH_SOCK", "/run/agent");
    let line = line_with(agent(Repository::with_settings("").dependencies(text)));
    assert!(line.contains(" --secret id=known_hosts,src=[TEMP]/home/.ssh/known_hosts --ssh default ["), "{line}");
    let line = line_with(agent(Repository::with_settings("")));
    assert!(!line.contains("known_hosts") && !line.contains("--ssh"), "nobody asks for it: {line}");
    let line = line_with(Repository::with_settings("").dependencies(text));
    assert!(!line.contains("known_hosts") && !line.contains("--ssh"), "there is none: {line}");
}
