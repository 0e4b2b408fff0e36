//! Secrets of every kind: they do what they are for, and nothing keeps them.

use std::cell::RefCell;
use std::fs::{self, Permissions};
use std::net::UdpSocket;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use crate::freezing::{make_git, make_wheel};
use crate::support::docker::{answer, gateway};
use crate::support::{Proxy, Registry, Repository, Subject, Suite, Web, base_image, found_in_layers, trials};

pub fn trials() -> Subject {
    trials![what_is_secret_reaches_who_needs_it_and_is_kept_by_nobody]
}

/// In the address of an index, in `environment.yml`.
const IN_THE_ADDRESS: Login =
    Login { user: "ada", password: "e2e@index/password", base64: "YWRhOmUyZUBpbmRleC9wYXNzd29yZA==" };
/// Of a repository of git; the address names a variable, and `.env` has its value.
const IN_A_VARIABLE: Login = Login { user: "bob", password: "e2e-git-token", base64: "Ym9iOmUyZS1naXQtdG9rZW4=" };
/// Of a proxy, in a variable of the shell.
const OF_THE_PROXY: Login =
    Login { user: "e2e-proxy", password: "e2e-proxy-word", base64: "ZTJlLXByb3h5OmUyZS1wcm94eS13b3Jk" };
const API_KEY: &str = "e2e1wandb1api1key1e2e1wandb1api1key1e2e1";
/// Given to a command.
const HF_TOKEN: &str = "e2e-token-of-a-command";
const IN_A_VALUE: &str = "e2e-word-in-a-value";

/// Who may read what.
struct Login {
    user: &'static str,
    password: &'static str,
    base64: &'static str,
}

impl Login {
    /// As an address has it.
    fn in_address(&self) -> String {
        format!("{}:{}", self.user, percent_encoded(self.password))
    }
}

fn percent_encoded(text: &str) -> String {
    text.replace('@', "%40").replace('/', "%2F")
}

/// All that must not be found.
fn secrets() -> Vec<String> {
    let logins = [IN_THE_ADDRESS, IN_A_VARIABLE, OF_THE_PROXY];
    let of_logins = logins.iter().flat_map(|it| [it.password, it.base64.trim_end_matches('=')].map(str::to_owned));
    let encoded = percent_encoded(IN_THE_ADDRESS.password);
    of_logins.chain([encoded]).chain([API_KEY, HF_TOKEN, IN_A_VALUE].map(str::to_owned)).collect()
}

/// A repository whose packages are behind passwords, and all that its commands have printed.
struct Trial<'a> {
    repository: &'a Repository,
    index: Web,
    git: Web,
    proxy: Proxy,
    home: PathBuf,
    printed: RefCell<String>,
}

impl<'a> Trial<'a> {
    fn new(repository: &'a Repository) -> Self {
        let gateway = gateway(&base_image().unwrap_or_else(|| "ubuntu:24.04".to_owned()));
        let other = other_address();
        assert_ne!(gateway, other, "a netrc file has one login for a host, so two hosts are needed");
        Self {
            repository,
            index: Web::guarded(&gateway, index(repository), IN_THE_ADDRESS.base64),
            git: Web::guarded(&other, git(repository), IN_A_VARIABLE.base64),
            proxy: Proxy::start(&gateway),
            home: repository.directory("home"),
            printed: RefCell::default(),
        }
    }

    /// Asks for the packages, with what stands in front of the hosts.
    fn ask(&self, of_index: &str, of_git: &str, marker: &str) {
        let (index, git) = (self.index.address(), self.git.address());
        let text = format!(
            "dependencies:\n- python>=3.11\n- pip\n- pip:\n  - --extra-index-url http://{of_index}{index}/simple\n  - \"labdep{marker}\"\n  \
             - tool @ git+http://{of_git}{git}/tool.git@feature/x#subdirectory=python\n"
        );
        self.repository.write("dependencies/environment.yml", &text);
    }

    fn write_netrc(&self) {
        let host = |it: &Web| it.address().rsplit_once(':').unwrap().0.to_owned();
        let line =
            |web: &Web, it: &Login| format!("machine {} login {} password {}\n", host(web), it.user, it.password);
        let file = self.home.join(".netrc");
        fs::write(&file, line(&self.index, &IN_THE_ADDRESS) + &line(&self.git, &IN_A_VARIABLE)).unwrap();
        fs::set_permissions(file, Permissions::from_mode(0o600)).unwrap();
    }

    /// `cargo xtask …`, with a home of its own, which has no netrc file at first.
    fn xtask(&self, words: &[&str]) -> assert_cmd::Command {
        let mut xtask = self.repository.xtask(words);
        let proxy = format!("http://{}@{}", OF_THE_PROXY.in_address(), self.proxy.address());
        for name in ["http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"] {
            xtask.env(name, &proxy);
        }
        xtask.env_remove("no_proxy").env_remove("NO_PROXY").env_remove("NETRC").env("HOME", &self.home);
        xtask.env("BUILDKIT_PROGRESS", "plain");
        xtask
    }

    fn succeeds(&self, words: &[&str]) -> String {
        self.ends(self.xtask(words), 0)
    }

    fn succeeds_natively(&self, words: &[&str]) -> String {
        let mut xtask = self.xtask(words);
        xtask.env("ENGINE", "native");
        self.ends(xtask, 0)
    }

    /// What a command prints that ends with a code.
    fn ends(&self, mut xtask: assert_cmd::Command, code: i32) -> String {
        let assert = xtask.assert().code(code);
        let output = assert.get_output();
        let printed = [&output.stdout[..], &output.stderr].map(String::from_utf8_lossy).concat();
        *self.printed.borrow_mut() += &printed;
        printed
    }
}

/// An address of this machine that is not the gateway's: that by which it would reach another network. Nothing is sent.
fn other_address() -> String {
    let socket = UdpSocket::bind(("0.0.0.0", 0)).unwrap();
    socket.connect(("192.0.2.99", 9)).expect("this machine has a network");
    socket.local_addr().unwrap().ip().to_string()
}

/// The files of an index with one package.
fn index(repository: &Repository) -> PathBuf {
    let served = repository.directory("index");
    make_wheel(&served, "labdep", "1.0");
    fs::create_dir_all(served.join("simple/labdep")).unwrap();
    let page = "<a href=\"/labdep-1.0-py3-none-any.whl\">labdep-1.0-py3-none-any.whl</a>\n";
    fs::write(served.join("simple/labdep/index.html"), page).unwrap();
    served
}

/// The files of a server of git with one repository.
fn git(repository: &Repository) -> PathBuf {
    let served = repository.directory("git");
    let project = "[build-system]\nrequires = [\"setuptools>=61\"]\nbuild-backend = \"setuptools.build_meta\"\n\
                   [project]\nname = \"tool\"\nversion = \"0.3\"\n";
    make_git(&served.join("tool.git"), "feature/x", "python", project);
    served
}

fn what_is_secret_reaches_who_needs_it_and_is_kept_by_nobody(suite: &Suite) {
    let (repository, _turn) = suite.building("leaks");
    let trial = Trial::new(&repository);
    trial.succeeds(&["env", "--set", &format!("WANDB_API_KEY={API_KEY}")]);
    trial.ask(&format!("{}@", IN_THE_ADDRESS.in_address()), "bob:${E2E_GIT_TOKEN}@", "");
    a_variable_without_a_value_stops_a_build(&trial);
    let env_file = repository.path("installation/docker-amd64/.env");
    let settings = fs::read_to_string(&env_file).unwrap();
    fs::write(&env_file, format!("{settings}E2E_GIT_TOKEN={}\n", IN_A_VARIABLE.password)).unwrap();

    trial.succeeds(&["--verbose", "build", "all"]);
    commands_get_what_they_are_given(&trial);
    it_is_frozen_and_made_again(&trial);
    let registry = Registry::start();
    trial.succeeds(&["push", "--to", &registry.image("lab/leaks")]);
    nothing_is_kept_in(&trial, &["runtime", "dev"]);

    // The same without a login in the addresses, and another list, so that it is installed again.
    trial.succeeds(&["thaw"]);
    trial.ask("", "", "; os_name != 'e2e'");
    fs::remove_dir_all(repository.path("dependencies/lock")).unwrap();
    fs::write(&env_file, &settings).unwrap();
    without_a_login_a_build_fails_in_words(&trial);
    trial.write_netrc();
    trial.succeeds(&["build"]);
    it_is_frozen_and_made_again(&trial);
    nothing_is_kept_in(&trial, &["runtime"]);
}

fn a_variable_without_a_value_stops_a_build(trial: &Trial) {
    let said = trial.ends(trial.xtask(&["build"]), 1);
    assert!(said.contains("error[E0333]: `E2E_GIT_TOKEN` has no value"), "{said}");
    assert!(said.contains("environment.yml:7:") && !said.contains("#1 "), "{said}");
}

fn without_a_login_a_build_fails_in_words(trial: &Trial) {
    let said = trial.ends(trial.xtask(&["build"]), 1);
    assert!(said.contains("401") || said.contains("could not read Username"), "{said}");
}

fn commands_get_what_they_are_given(trial: &Trial) {
    let (token, value) = (format!("HF_TOKEN={HF_TOKEN}"), format!("PLACE=https://u:{IN_A_VALUE}@e.org/x"));
    let script = format!("import os\nassert os.environ['HF_TOKEN'] == '{}-token-of-a-command'\n", "e2e")
        + &format!("assert os.environ['PLACE'] == 'https://u:{}-word-in-a-value@e.org/x'\n", "e2e")
        + &format!(
            "assert os.environ['WANDB_API_KEY'].startswith('{}1wandb')\nimport labdep, importlib.metadata as it; it.version('tool')",
            "e2e"
        );
    for words in [&["--verbose", "run"][..], &["--dry-run", "run"]] {
        trial.succeeds(&[words, &["-e", &token, "-e", &value, "--", "python", "-c", &script]].concat());
    }
}

fn it_is_frozen_and_made_again(trial: &Trial) {
    trial.succeeds(&["freeze"]);
    trial.succeeds(&["--verbose", "build", "--locked"]);
    trial.succeeds(&["verify"]);
    trial.succeeds(&["lock", "--upgrade"]);
    trial.succeeds(&["--dry-run", "build", "all", "--force"]);
    trial.succeeds_natively(&["--verbose", "build"]);
    trial.succeeds_natively(&[
        "run",
        "--",
        "python",
        "-c",
        "import labdep, importlib.metadata as it; it.version('tool')",
    ]);
    trial.succeeds_natively(&["verify"]);
    trial.succeeds_natively(&["--dry-run", "down"]);
}

fn nothing_is_kept_in(trial: &Trial, targets: &[&str]) {
    let secrets = secrets();
    let words: Vec<&str> = secrets.iter().map(String::as_str).collect();
    let search = |text: &str, place: &str| {
        let found: Vec<&&str> = words.iter().filter(|it| text.contains(**it)).collect();
        assert!(found.is_empty(), "{found:?} in {place}:\n{text}");
    };
    search(&trial.printed.borrow(), "what was printed");
    for target in targets {
        let image = trial.repository.image(target);
        search(&answer(["history", "--no-trunc", "--format", "{{json .}}", &image]), &image);
        search(&answer(["image", "inspect", &image]), &image);
        assert_eq!(
            found_in_layers(trial.repository, &image, &words),
            <[&str; 0]>::default(),
            "in the layers of {target}"
        );
    }
    let mut files = 0;
    each_file(&trial.repository.path(""), &mut |path| {
        let is_for_it = ["installation/docker-amd64/.env", "dependencies/environment.yml", "xtask/tests/e2e/leaks.rs"];
        // What compose has answered is kept for the next command, and for nobody else.
        let is_private = fs::metadata(path).unwrap().permissions().mode() & 0o777 == 0o600;
        let is_kept_answer = is_private && path.parent().is_some_and(|it| it.ends_with("target/xtask/compose"));
        if !is_kept_answer && is_for_it.iter().all(|it| !path.ends_with(it)) {
            search(&String::from_utf8_lossy(&fs::read(path).unwrap()), &path.display().to_string());
            files += 1;
        }
    });
    assert!(files > 1000, "only {files} files were searched");
}

/// All files below a directory.
fn each_file(directory: &Path, look: &mut impl FnMut(&Path)) {
    for entry in fs::read_dir(directory).unwrap().map(Result::unwrap) {
        let kind = entry.file_type().unwrap();
        if kind.is_dir() {
            each_file(&entry.path(), look);
        } else if kind.is_file() {
            look(&entry.path());
        }
    }
}
