use std::fs;
use std::io::Write as _;

use assert_cmd::Command;
use camino::{Utf8Path, Utf8PathBuf};
use process::{Echo, HostEnvironment, Ui};
use project::Layout;
use tempfile::TempDir;

use super::*;

/// A repository with one commit.
struct Repository {
    folder: TempDir,
    cx: Context,
}

impl Repository {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let root = Utf8Path::from_path(folder.path()).unwrap().join("with \"quotes\":and colons");
        for file in
            ["dependencies/environment.yml", "installation/docker-amd64/Dockerfile", "xtask/Cargo.toml", "code.py"]
        {
            fs::create_dir_all(root.join(file).parent().unwrap()).unwrap();
            fs::write(root.join(file), format!("{file}\n")).unwrap();
        }
        fs::write(root.join(".gitignore"), "/target/\n/outputs/\n").unwrap();
        let cx =
            Context::new(Layout::find(&root).unwrap(), Echo::Quiet, Ui::new(true, true), HostEnvironment::default());
        let repository = Self { folder, cx };
        repository.git(&["init", "-q"]);
        repository.git(&["add", "."]);
        repository.git(&["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "first"]);
        repository
    }

    fn path(&self, file: &str) -> Utf8PathBuf {
        self.cx.layout.root().join(file)
    }

    fn write(&self, file: &str, text: impl AsRef<[u8]>) {
        fs::create_dir_all(self.path(file).parent().unwrap()).unwrap();
        fs::write(self.path(file), text).unwrap();
    }

    fn git(&self, arguments: &[&str]) -> String {
        let output = Command::new("git").args(arguments).current_dir(self.cx.layout.root()).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    fn snapshot(&self) -> CodeSnapshot<'_> {
        CodeSnapshot::take(&self.cx).unwrap()
    }

    /// The file of an archive.
    fn unpacked(&self, archive: &[u8], file: &str) -> Option<String> {
        let path = self.folder.path().join("archive");
        fs::File::create(&path).unwrap().write_all(archive).unwrap();
        let output = Command::new("tar").args(["-xzOf", path.to_str().unwrap(), file]).output().unwrap();
        output.status.success().then(|| String::from_utf8(output.stdout).unwrap())
    }
}

#[test]
fn a_job_sees_what_was_changed_and_what_is_new_and_nothing_that_is_ignored() {
    let repository = Repository::new();
    repository.write("code.py", "changed\n");
    repository.write("new/$(id).py", "new\n");
    repository.write("outputs/result", "large\n");
    fs::remove_file(repository.path("dependencies/environment.yml")).unwrap();
    let before = repository.git(&["status", "--porcelain"]);
    let snapshot = repository.snapshot();
    // An edit after it changes nothing in it.
    repository.write("code.py", "changed again\n");
    let archive = snapshot.archive().unwrap();
    let file = |path| repository.unpacked(&archive, path);
    assert_eq!((file("code.py").as_deref(), file("new/$(id).py").as_deref()), (Some("changed\n"), Some("new\n")));
    assert_eq!((file("outputs/result"), file("dependencies/environment.yml")), (None, None));
    assert_eq!(repository.git(&["status", "--porcelain"]), before);
    assert!(repository.git(&["fsck", "--unreachable"]).is_empty(), "git's own store has grown");
}

#[test]
fn the_same_code_makes_the_same_bytes() {
    let repository = Repository::new();
    assert_eq!(repository.snapshot().archive().unwrap(), repository.snapshot().archive().unwrap());
    repository.write("code.py", "changed\n");
    assert_eq!(repository.snapshot().archive().unwrap(), repository.snapshot().archive().unwrap());
}

#[test]
fn the_diff_brings_a_clean_clone_to_the_same_code() {
    let repository = Repository::new();
    assert_eq!(repository.snapshot().state().unwrap().diff, None);
    repository.write("code.py", "changed\n");
    repository.write("binary", [0, 255, 1]);
    let state = repository.snapshot().state().unwrap();
    assert_eq!(state.commit.as_deref(), Some(repository.git(&["rev-parse", "HEAD"]).trim()));
    let diff = state.diff.unwrap();
    assert_eq!(sha256(diff.text.as_ref().unwrap()), diff.sha256);
    repository.git(&["stash", "-qu"]);
    fs::write(repository.folder.path().join("diff"), diff.text.unwrap()).unwrap();
    repository.git(&["apply", "../diff"]);
    assert_eq!(fs::read(repository.path("binary")).unwrap(), [0, 255, 1]);
    assert_eq!(fs::read_to_string(repository.path("code.py")).unwrap(), "changed\n");
}

#[test]
fn a_clean_job_has_only_what_is_committed() {
    let repository = Repository::new();
    repository.snapshot().require_clean().unwrap();
    repository.write("a.py", "");
    repository.write("b.py", "");
    let error = repository.snapshot().require_clean().unwrap_err().to_string();
    assert!(error.starts_with("`a.py` and 1 more changed since the last commit, and `--clean` takes only"), "{error}");
}

#[test]
fn a_large_file_that_git_does_not_know_is_not_sent_by_accident() {
    let repository = Repository::new();
    fs::File::create(repository.path("weights.bin")).unwrap().set_len(40 << 20).unwrap();
    let error = CodeSnapshot::take(&repository.cx).unwrap_err().to_string();
    assert!(error.starts_with("`weights.bin` has 40 MiB and git does not know it"), "{error}");
}

#[test]
fn without_a_commit_it_says_what_is_missing() {
    let repository = Repository::new();
    fs::remove_dir_all(repository.path(".git")).unwrap();
    let error = format!("{:#}", CodeSnapshot::take(&repository.cx).unwrap_err());
    assert!(error.starts_with("a job needs its code in a commit of git: git did not give the code: "), "{error}");
}
