//! `cargo xtask update`: a project that `init` has made, and a template that goes on.

use std::fs;
use std::path::{Path, PathBuf};

use crate::init::{git, git_in, state};
use crate::repository::Repository;

/// The rules of a template that is as small as can be.
const RULES: &str = "format = '1'\n[names]\ndistribution = 'tiny-project'\npackage = 'tiny_package'\n\
    [python]\nrequires = '>=3.11'\nlisted = 'python>=3.11'\n\
    [files]\ndropped = ['docs/**', 'xtask/template/**']\nnot-renamed = ['xtask/**']\n\
    owned = ['CHANGELOG.md', 'data/**', 'dependencies/**', 'LICENSE', 'outputs/**', 'python-project/**', 'README.md']\n\
    [texts]\n'README.md' = 'xtask/template/README.md.in'\n[licenses]\n'MIT' = 'xtask/template/MIT.in'\n";

pub const DOCKERFILE: &str = "installation/docker-amd64/Dockerfile";
const COMPOSE: &str = "installation/docker-amd64/compose.yaml";
const PYPROJECT: &str = "python-project/pyproject.toml";
const SCRIPT: &str = "xtask/scripts/old.sh";

/// A project of the template's first commit, which is in `template` beside it.
pub struct Study {
    pub repository: Repository,
    pub template: PathBuf,
}

impl Study {
    pub fn new() -> Self {
        let repository = Repository::named("study").stand_in("cargo").program("git");
        for (path, text) in [
            (".gitignore", "/target/\n"),
            ("docs/about.md", "# About the template\n"),
            ("xtask/template/rules.toml", RULES),
            ("xtask/template/README.md.in", "# {{title}}\n\nFirst.\n"),
            ("xtask/template/MIT.in", "MIT, {{author}}\n"),
            ("LICENSE", "The template's.\n"),
            ("notes.md", "tiny-project\n\none\ntwo\nthree\nfour\nfive\n"),
            (SCRIPT, "echo old\n"),
        ] {
            repository.write(path, text);
        }
        fs::write(repository.temp("home/.gitconfig"), "[user]\nname = Ada\nemail = ada@example.org\n").unwrap();
        git(&repository, "init --quiet");
        git(&repository, "add --all");
        git(&repository, "commit --quiet --message first");
        git(&repository, "clone --quiet . ../template");
        let template = repository.temp("template");
        git(&repository, &format!("remote add origin {}", template.display()));
        repository.xtask(["init", "brain-decoding", "--yes"]).exits(0);
        Self { repository, template }
    }

    /// What git prints in the project.
    pub fn git(&self, words: &str) -> String {
        git(&self.repository, words)
    }

    pub fn in_template(&self, words: &str) -> String {
        git_in(&self.repository, &self.template, words)
    }

    /// Replaces text in a file of the project or the template.
    fn edit(folder: &Path, path: &str, from: &str, to: &str) {
        let text = fs::read_to_string(folder.join(path)).unwrap();
        assert!(text.contains(from), "{from} is not in {path}:\n{text}");
        fs::write(folder.join(path), text.replacen(from, to, 1)).unwrap();
    }

    /// What the user of a project changes.
    pub fn edited(self) -> Self {
        let root = self.repository.path("");
        self.repository.write("README.md", "# Mine\n");
        Self::edit(&root, "notes.md", "five\n", "mine\n");
        Self::edit(&root, PYPROJECT, "0.1.0", "0.2.0");
        let compose = self.repository.read(COMPOSE);
        self.repository.write(COMPOSE, &format!("{compose}# mine\n"));
        let dockerfile = self.repository.read(DOCKERFILE);
        self.repository.write(DOCKERFILE, &format!("{dockerfile}# mine\n"));
        fs::remove_file(root.join("data/README.md")).unwrap();
        self.git("add --all");
        self.git("commit --quiet --message mine");
        self
    }

    /// What the template's developers change.
    pub fn gone_on(self) -> Self {
        let dockerfile = fs::read_to_string(self.template.join(DOCKERFILE)).unwrap();
        fs::write(self.template.join(DOCKERFILE), format!("# new\n{dockerfile}")).unwrap();
        Self::edit(&self.template, "notes.md", "one\n", "tiny_package\n");
        Self::edit(&self.template, PYPROJECT, "packages = ", "exclude = []\npackages = ");
        Self::edit(&self.template, "data/README.md", "Data", "New data");
        Self::edit(&self.template, "xtask/template/README.md.in", "First", "Second");
        fs::write(self.template.join("xtask/scripts/new.sh"), "echo new\n").unwrap();
        fs::remove_file(self.template.join(SCRIPT)).unwrap();
        self.in_template("add --all");
        self.in_template("commit --quiet --message second");
        self
    }

    /// Both have changed the same lines, and each has removed a file that the other one has changed.
    pub fn in_conflict(self) -> Self {
        let root = self.repository.path("");
        Self::edit(&root, "notes.md", "two\n", "mine\n");
        fs::remove_file(root.join(COMPOSE)).unwrap();
        self.repository.write(SCRIPT, "echo mine\n");
        self.git("add --all");
        self.git("commit --quiet --message mine");
        Self::edit(&self.template, "notes.md", "two\n", "theirs\n");
        let compose = fs::read_to_string(self.template.join(COMPOSE)).unwrap();
        fs::write(self.template.join(COMPOSE), format!("# new\n{compose}")).unwrap();
        fs::remove_file(self.template.join(SCRIPT)).unwrap();
        self.in_template("add --all");
        self.in_template("commit --quiet --message second");
        self
    }

    fn head_of_template(&self) -> String {
        self.in_template("rev-parse HEAD").trim().to_owned()
    }
}

#[test]
fn a_newer_template_is_merged_and_what_the_user_has_changed_stays() {
    let study = Study::new().edited().gone_on();
    let before = study.git("rev-parse HEAD");
    let ended = study.repository.xtask(["update", "--yes"]);
    ended.exits(0).stderr_has("1 commit behind").stderr_has("  cargo xtask ci\n");
    ended.stdout_has(&format!("M {DOCKERFILE}\n")).stdout_has("A xtask/scripts/new.sh\n");
    ended.stdout_has(&format!("D {SCRIPT}\n"));
    let repository = &study.repository;
    assert_eq!(study.git("status --porcelain"), "");
    assert_eq!(study.git("rev-parse HEAD^"), before);
    let message = study.git("log -1 --format=%an:%B");
    assert!(message.starts_with("Ada:Update from the template, "), "{message}");
    assert!(message.contains("which changed 5 files") && message.contains(&study.head_of_template()), "{message}");

    let dockerfile = repository.read(DOCKERFILE);
    assert!(dockerfile.starts_with("# new\n") && dockerfile.ends_with("# mine\n"), "{dockerfile}");
    assert_eq!(repository.read("notes.md"), "brain-decoding\n\nbrain_decoding\ntwo\nthree\nfour\nmine\n");
    assert!(repository.read(COMPOSE).ends_with("# mine\n"));
    assert!(repository.path("xtask/scripts/new.sh").is_file() && !repository.path(SCRIPT).exists());
    assert_eq!(repository.read("README.md"), "# Mine\n");
    let pyproject = repository.read(PYPROJECT);
    assert!(pyproject.contains("0.2.0") && !pyproject.contains("exclude"), "{pyproject}");
    assert!(!repository.path("data/README.md").exists() && !repository.path("docs").exists());
    assert!(repository.read(".xtask.toml").contains(&study.head_of_template()));
    assert_eq!(study.git("for-each-ref refs/xtask/update"), "");

    let before = state(repository);
    repository.xtask(["update", "--yes"]).exits(0).stdout("").stderr_has("up to date");
    repository.xtask(["update", "--check"]).exits(0).stdout("").stderr_has("up to date");
    assert_eq!(state(repository), before);
}

#[test]
fn what_the_user_owns_is_merged_on_demand() {
    let study = Study::new().edited().gone_on();
    let root = study.repository.path("");
    study.repository.write("README.md", "# Brain decoding\n\nFirst.\n");
    fs::create_dir_all(root.join("data")).unwrap();
    study.repository.write("data/README.md", "Data.\n");
    study.git("add --all");
    study.git("commit --quiet --message more");
    study.repository.xtask(["update", "--all", "--yes"]).exits(0);
    assert_eq!(study.repository.read("README.md"), "# Brain decoding\n\nSecond.\n");
    assert_eq!(study.repository.read("data/README.md"), "New data.\n");
    let pyproject = study.repository.read(PYPROJECT);
    assert!(pyproject.contains("0.2.0") && pyproject.contains("exclude"), "{pyproject}");
}

#[test]
fn a_check_says_whether_it_would_merge_and_changes_nothing() {
    for (study, says, files) in [
        (Study::new().edited().gone_on(), "it would merge, and change 4 files", ""),
        (Study::new().in_conflict(), "in conflict: 3 files", &*format!("{COMPOSE}\nnotes.md\n{SCRIPT}\n")),
    ] {
        study.repository.write("README.md", "not committed\n");
        let before = state(&study.repository);
        let ended = study.repository.xtask(["update", "--check"]);
        ended.exits(1).stdout(files).stderr_has("1 commit behind").stderr_has(says);
        assert_eq!(state(&study.repository), before);
    }
    let study = Study::new();
    fs::write(study.template.join("docs/about.md"), "# More\n").unwrap();
    study.in_template("commit --quiet --all --message docs");
    study.repository.xtask(["update", "--check"]).exits(0).stdout("").stderr_has("it changes no file of this project");
}

#[test]
fn a_dry_run_shows_the_files_and_changes_nothing() {
    let study = Study::new().edited().gone_on();
    let before = state(&study.repository);
    let files = format!("M .xtask.toml\nM {DOCKERFILE}\nM notes.md\nA xtask/scripts/new.sh\nD {SCRIPT}\n");
    study.repository.xtask(["update", "--dry-run"]).exits(0).stdout(&files);
    assert_eq!(state(&study.repository), before);
    let study = Study::new().in_conflict();
    let before = state(&study.repository);
    let files = format!("M .xtask.toml\nU {COMPOSE}\nU notes.md\nU {SCRIPT}\n");
    study.repository.xtask(["update", "--dry-run"]).exits(0).stdout(&files).stderr_has("CONFLICT (content)");
    assert_eq!(state(&study.repository), before);
}

#[test]
fn conflicts_are_gits_and_can_be_taken_back() {
    let study = Study::new().in_conflict();
    let repository = &study.repository;
    repository.write("untracked.txt", "mine\n");
    let before = state(repository);
    let ended = repository.xtask(["update", "--yes"]);
    ended.exits(1).stderr_has("in conflict: 3 files\n").stderr_has("CONFLICT (modify/delete): ");
    ended.stderr_has("CONFLICT (content): Merge conflict in notes.md\n").stderr_has("`cargo xtask update --abort`");
    let notes = "<<<<<<< xtask/update/project\nmine\n=======\ntheirs\n>>>>>>> xtask/update/template\n";
    assert!(repository.read("notes.md").contains(notes), "{}", repository.read("notes.md"));
    let status = study.git("status --porcelain");
    assert_eq!(status, format!("M  .xtask.toml\nDU {COMPOSE}\nUU notes.md\nUD {SCRIPT}\n?? untracked.txt\n"));
    assert_eq!(study.git("rev-parse HEAD"), before.0);

    repository.xtask(["update", "--yes"]).exits(1).stderr_has("error: an update is open: resolve its conflicts");
    assert_eq!(study.git("status --porcelain"), status);
    repository.write("notes.md", "half resolved\n");
    repository.xtask(["update", "--abort"]).exits(0).stderr_has("took the update back");
    assert_eq!(state(repository), before);
    repository.xtask(["update", "--abort"]).exits(1).stderr_has("no update is open");
}

#[test]
fn what_was_resolved_is_committed_as_after_any_merge() {
    let study = Study::new().in_conflict();
    let repository = &study.repository;
    repository.xtask(["update", "--yes"]).exits(1);
    repository.write("notes.md", "resolved\n");
    study.git(&format!("add notes.md {COMPOSE} {SCRIPT}"));
    study.git("commit --quiet --message update");
    assert_eq!(study.git("status --porcelain"), "");
    repository.xtask(["update", "--yes"]).exits(0).stderr_has("up to date");
    repository.xtask(["update", "--abort"]).exits(1).stderr_has("no update is open");
    assert_eq!(repository.read("notes.md"), "resolved\n");

    // Another one is merged with what was resolved.
    fs::write(study.template.join("later.md"), "later\n").unwrap();
    study.in_template("add --all");
    study.in_template("commit --quiet --message third");
    repository.xtask(["update", "--yes"]).exits(0);
    assert_eq!((repository.read("notes.md").as_str(), repository.read("later.md").as_str()), ("resolved\n", "later\n"));
}

#[test]
fn the_commit_may_be_left_to_the_user() {
    let study = Study::new().edited().gone_on();
    let before = state(&study.repository);
    study.repository.xtask(["update", "--no-commit"]).exits(0).stderr_has("`git commit`");
    assert_eq!(study.git("rev-parse HEAD"), before.0);
    assert!(study.git("status --porcelain").contains("A  xtask/scripts/new.sh\n"));
    study.repository.xtask(["update"]).exits(1).stderr_has("an update is open");
    study.repository.xtask(["update", "--abort"]).exits(0);
    assert_eq!(state(&study.repository), before);
    study.repository.xtask(["update", "--no-commit"]).exits(0);
    study.git("commit --quiet --message update");
    study.repository.xtask(["update"]).exits(0).stderr_has("up to date");
}

#[test]
fn a_tag_or_a_commit_is_found_and_the_way_back_is_asked_for() {
    let study = Study::new();
    study.in_template("tag v1");
    let study = study.gone_on();
    let second = study.head_of_template();
    study.in_template("branch kept");
    study.in_template("reset --quiet --hard v1");
    let ended = study.repository.run(&["update", "--to", &second[..12], "--yes"]);
    ended.exits(0).stderr_has("1 commit behind");
    let before = state(&study.repository);
    study.repository.xtask(["update"]).exits(1).stderr_has("1 commit after the template's ");
    assert_eq!(state(&study.repository), before);
    study.repository.xtask(["update", "--to", "v1", "--yes"]).exits(0).stderr_has("back by 1 commit\n");
    assert!(study.repository.path(SCRIPT).is_file());

    study.in_template("checkout --quiet --orphan other");
    study.in_template("commit --quiet --message other");
    let other = study.head_of_template();
    let says = "have no history in common: `--to ";
    study.repository.xtask(["update"]).exits(1).stderr_has(says).stderr_has(&other[..12]);
    study.repository.xtask(["update", "--to", "other", "--yes"]).exits(0).stderr_has("without a history in common");
}

#[test]
fn what_cannot_be_updated_is_one_clear_error_and_changes_nothing() {
    let study = Study::new().gone_on();
    let repository = &study.repository;
    let refused = |arguments: &[&str], error: &str| {
        let before = state(repository);
        let ended = repository.run(arguments);
        ended.exits(1).stdout("").stderr_has(error);
        assert_eq!(ended.err().lines().filter(|it| it.starts_with("error")).count(), 1, "{ended:#?}");
        assert_eq!(state(repository), before, "{arguments:?}");
    };
    refused(&["update", "--to", "v9"], "`v9` is no tag, branch or commit of `[TEMP]/template`");
    refused(&["update", "--to", "c0ffeec0ffee"], "`c0ffeec0ffee` is no tag, branch or commit of");
    refused(&["update", "--from", "../none"], "cannot fetch the template from `[TEMP]/none`");
    refused(&["update", "--abort"], "no update is open");
    repository.write("xtask/scripts/new.sh", "mine\n");
    refused(&["update"], "`xtask/scripts/new.sh` is in the way, and git does not track it");
    fs::remove_file(repository.path("xtask/scripts/new.sh")).unwrap();
    repository.write("README.md", "mine\n");
    refused(&["update"], "`README.md` changed since the last commit");
    study.git("checkout --quiet README.md");

    let record = repository.read(".xtask.toml");
    let recorded = |text: &str| {
        repository.write(".xtask.toml", text);
        study.git("commit --quiet --all --message record");
    };
    let line = |key: &str| record.lines().find(|it| it.starts_with(&format!("{key} = "))).unwrap().to_owned();
    recorded(&record.replace(&line("url"), ""));
    refused(&["update"], "`.xtask.toml` does not say where the template is: say it with `--from URL`");
    repository.xtask(["update", "--check", "--from", "../template"]).exits(1).stderr_has("1 commit behind");
    recorded(&record.replace(&line("commit"), &format!("commit = \"{}\"", "c0".repeat(20))));
    refused(&["update"], "does not have the commit c0c0c0c0c0c0 that this project was made of: say with `--from`");
    recorded(&record.replace(&line("commit"), "commit = \"--output=x\""));
    refused(&["update"], "`--output=x` is not the name of a commit");
    study.git("rm --quiet .xtask.toml");
    study.git("commit --quiet --message none");
    refused(&["update"], "there is no `.xtask.toml`, as in a copy made by hand");
    repository.write("xtask/template/rules.toml", RULES);
    refused(&["update"], "this is the template itself, of which `cargo xtask init NAME` makes a project");
}

#[test]
fn rules_that_do_not_fit_are_told_with_the_file() {
    let study = Study::new();
    fs::write(study.template.join("xtask/template/README.md.in"), "{{unknown}}\n").unwrap();
    study.in_template("commit --quiet --all --message broken");
    let before = state(&study.repository);
    let ended = study.repository.xtask(["update"]);
    ended.exits(1).stderr_has("no project can be made of the template's commit ");
    ended.stderr_has("xtask/template/README.md.in").stderr_has("`{{unknown}}` has no value");
    fs::write(study.template.join("xtask/template/rules.toml"), "format = '9'\n").unwrap();
    study.in_template("commit --quiet --all --message newer");
    study
        .repository
        .xtask(["update"])
        .exits(1)
        .stderr_has("`xtask/template/rules.toml`")
        .stderr_has("another `format`");
    assert_eq!(state(&study.repository), before);
}

#[test]
fn a_git_that_cannot_merge_so_is_told() {
    let study = Study::new().gone_on();
    let script = "#!/bin/sh\ncase \" $* \" in *\" --version \"*) echo git version 2.30.2; exit;; esac\nexec /usr/bin/git \"$@\"\n";
    crate::update_stopped::replace_git(&study.repository, script);
    study
        .repository
        .xtask(["update"])
        .exits(1)
        .stderr_has("merges with git 2.38 or newer, and this is git version 2.30.2");
}

#[test]
fn a_password_in_the_address_is_kept_nowhere() {
    let study = Study::new().gone_on();
    let seen = study.repository.temp("seen");
    let script = format!(
        "#!/bin/sh\ncase \" $* \" in *\" fetch \"*) echo \"$*\" >>{0}; GIT_CONFIG_VALUE_0={1}; export GIT_CONFIG_VALUE_0;; esac\n\
         exec /usr/bin/git \"$@\"\n",
        seen.display(),
        study.template.display()
    );
    crate::update_stopped::replace_git(&study.repository, &script);
    let record = study.repository.read(".xtask.toml");
    let url = record.lines().find(|it| it.starts_with("url = ")).unwrap();
    study.repository.write(".xtask.toml", &record.replace(url, ""));
    study.git("commit --quiet --all --message record");
    let address = "https://ada:hunter2hunter2@e.org/lab/x.git";
    let ended = study.repository.run(&["update", "--from", address, "--yes", "--verbose"]);
    ended.exits(0).never_says("hunter2");
    assert!(!fs::read_to_string(seen).unwrap().contains("hunter2"));
    let record = study.repository.read(".xtask.toml");
    assert!(record.contains("url = \"https://e.org/lab/x.git\""), "{record}");
    assert_eq!(study.git("grep -c hunter2"), "");
    assert!(!fs::read_to_string(study.repository.path(".git/config")).unwrap().contains("hunter2"));
}

#[test]
fn a_project_in_a_new_folder_has_the_old_commit_fetched() {
    let study = Study::new().gone_on();
    let first = study.git("rev-parse HEAD^").trim().to_owned();
    // As `init --into` makes it: without the template's history.
    study.git("checkout --quiet --orphan alone");
    study.git("commit --quiet --message alone");
    study.git("branch -D main master");
    study.git("reflog expire --expire=now --all");
    study.git("gc --quiet --prune=now");
    assert_eq!(study.git(&format!("cat-file -t {first}")), "");
    study.repository.xtask(["update", "--yes"]).exits(0).stderr_has("1 commit behind");
    assert!(study.repository.path("xtask/scripts/new.sh").is_file());
}

#[test]
fn a_project_that_was_renamed_since_is_merged_under_its_name() {
    let study = Study::new().gone_on();
    study.repository.xtask(["init", "--rename", "seeing-things", "--yes"]).exits(0);
    study.repository.xtask(["update", "--yes"]).exits(0);
    assert!(study.repository.read("notes.md").starts_with("seeing-things\n\nseeing_things\ntwo\n"));
    assert_eq!(study.git("grep -il brain -- :!xtask"), "");
}
