//! Copies of the working tree, each with images of its own.

use std::ffi::OsStr;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, OnceLock};
use std::time::{SystemTime, UNIX_EPOCH};

use tempfile::TempDir;

use super::BuildLog;
use super::docker;
use super::process::{BUILD_LIMIT, bounded, command, host_variable};

/// Settings of whoever runs the tests, which are not what is tested.
const SETTINGS: [&str; 28] = [
    "USRID",
    "GRPID",
    "USR",
    "GRP",
    "LAB_NAME",
    "PROJECT_NAME",
    "PACKAGE_NAME",
    "REGISTRY_HOSTNAME",
    "ENGINE",
    "SOLVER",
    "CPU_OR_GPU",
    "LOCAL_PROJECT_DIR",
    "LOCAL_DATA_DIR",
    "LOCAL_OUTPUTS_DIR",
    "LOCAL_WANDB_DIR",
    "WANDB_API_KEY",
    "BUILDKIT_PROGRESS",
    "COMPOSE_FILE",
    "COMPOSE_PROFILES",
    "VIRTUAL_ENV",
    "CONDA_PREFIX",
    "SHM_SIZE",
    "MEMORY_LIMIT",
    "PIDS_LIMIT",
    "NO_NEW_PRIVILEGES",
    "SSH_PORT",
    "JUPYTER_PORT",
    "SSH_AUTHORIZED_KEYS",
];

/// A copy of the working tree. It is removed in the end, with its images and their containers.
#[derive(Debug)]
pub struct Repository {
    directory: TempDir,
    /// Of the copy within the directory.
    name: &'static str,
    image: String,
    owns_images: bool,
    built: Mutex<Vec<String>>,
}

impl Repository {
    /// Copies what git knows or would be asked about; images are called by the label and this run.
    pub fn copy(label: &str) -> Self {
        Self::copy_for(format!("xtask-e2e/{}/{label}", run_id()), true, "repository")
    }

    /// A copy that uses another's images.
    pub fn copy_with_images_of(other: &Self) -> Self {
        Self::copy_with_images_named(other, "repository")
    }

    /// Likewise, in a directory with this name.
    pub fn copy_with_images_named(other: &Self, name: &'static str) -> Self {
        Self::copy_for(other.image.clone(), false, name)
    }

    fn copy_for(image: String, owns_images: bool, name: &'static str) -> Self {
        let directory = tempfile::Builder::new().prefix("xtask-e2e-").tempdir().expect("there is room for a copy");
        let repository = Self { directory, name, image, owns_images, built: Mutex::default() };
        let root = working_tree();
        let mut git = command("git");
        git.args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]).current_dir(&root);
        let listed = bounded(git).assert().success().get_output().stdout.clone();
        let listed = String::from_utf8(listed).expect("file names are UTF-8");
        // A file that was deleted and not yet committed is listed too.
        for file in listed.split_terminator('\0').filter(|it| root.join(it).is_file()) {
            copy_file(&root.join(file), &repository.path(file));
        }
        open_to_all(&repository.path(""));
        repository
    }

    /// A path in the copy.
    pub fn path(&self, relative: &str) -> PathBuf {
        self.directory.path().join(self.name).join(relative)
    }

    /// A new directory beside the repository.
    pub fn directory(&self, name: &str) -> PathBuf {
        let path = self.directory.path().join(name);
        fs::create_dir(&path).expect("the directory is new");
        path
    }

    /// Writes a file of the copy.
    pub fn write(&self, relative: &str, contents: &str) {
        fs::write(self.path(relative), contents).expect("the copy can be written to");
    }

    /// Changes a file of the copy.
    pub fn edit(&self, relative: &str, edit: impl FnOnce(String) -> String) {
        let before = fs::read_to_string(self.path(relative)).expect("the file is there");
        let after = edit(before.clone());
        assert_ne!(before, after, "`{relative}` was to be changed");
        self.write(relative, &after);
    }

    /// Asks for an environment that is made in seconds, even by an emulated processor.
    pub fn ask_for_little(&self) {
        self.write("dependencies/environment.yml", "name: little\ndependencies:\n- python>=3.11\n- pip:\n    - tqdm\n");
        self.write("dependencies/apt-build.txt", "");
    }

    /// The name of an image.
    pub fn image(&self, target: &str) -> String {
        format!("{}:{target}", self.image)
    }

    /// What compose calls the containers of this copy and of no other.
    pub fn compose_project(&self) -> String {
        let name = self.directory.path().file_name().expect("it is not the root").to_string_lossy().to_lowercase();
        name.trim_start_matches('.').to_owned()
    }

    /// The settings of this run, for a process in the copy.
    pub fn environment<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        for name in SETTINGS {
            command.env_remove(name);
        }
        if let Some(base) = base_image() {
            command.env("BASE_IMAGE", base);
        }
        command
            .current_dir(self.path(""))
            .env("ENGINE", "docker")
            .env("IMAGE_NAME", &self.image)
            .env("COMPOSE_PROJECT_NAME", self.compose_project())
    }

    /// The program itself, to be changed further or watched. Whoever runs the tests may ignore signals, as nohup does; it does
    /// not.
    pub fn program<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Command {
        let mut program = command("env");
        program.args(["--default-signal=HUP,INT,TERM,QUIT", env!("CARGO_BIN_EXE_xtask")]);
        self.environment(&mut program).args(arguments);
        program
    }

    /// `cargo xtask …`
    pub fn xtask<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> assert_cmd::Command {
        let mut xtask = bounded(self.program(arguments));
        // It may have to build first.
        xtask.timeout(BUILD_LIMIT);
        xtask
    }

    /// `cargo xtask run -- …`
    pub fn run<S: AsRef<OsStr>>(&self, words: impl IntoIterator<Item = S>) -> assert_cmd::Command {
        let mut run = self.xtask(["run", "--"]);
        run.args(words);
        run
    }

    /// What a command prints that must succeed.
    pub fn output_of<S: AsRef<OsStr>>(&self, words: impl IntoIterator<Item = S>) -> String {
        let output = self.run(words).assert().success().get_output().stdout.clone();
        String::from_utf8(output).expect("the command prints UTF-8")
    }

    /// Builds one image, be it up to date or not, and tells what BuildKit did.
    pub fn build(&self, target: &str) -> BuildLog {
        let mut build = self.xtask(["build", target, "--force"]);
        let output = build.env("BUILDKIT_PROGRESS", "plain").assert().success().get_output().stderr.clone();
        // The next build takes the name away from it.
        self.built.lock().expect("no other thread failed here").push(docker::image_id(&self.image(target)));
        BuildLog::parse(&String::from_utf8_lossy(&output))
    }
}

impl Drop for Repository {
    fn drop(&mut self) {
        docker::remove_project(&self.compose_project());
        // What others do with the images that this copy has borrowed is not ours to end.
        if self.owns_images {
            docker::remove_containers(&self.image);
            docker::remove_images(&self.image, self.built.get_mut().map_or(&[], |it| it));
        }
    }
}

/// A name that no other run has or had.
pub fn run_id() -> &'static str {
    static ID: OnceLock<String> = OnceLock::new();
    ID.get_or_init(|| {
        let time = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |it| it.as_millis());
        format!("{}-{time}", std::process::id())
    })
}

fn working_tree() -> PathBuf {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.parent().expect("the package is in the repository").to_owned()
}

/// The base image chosen for this run, or by this working tree: the default one may be out of reach here.
pub fn base_image() -> Option<String> {
    let settings = working_tree().join("installation/docker-amd64/.env");
    let chosen = || {
        let lines = dotenvy::from_path_iter(settings).ok()?;
        lines.filter_map(Result::ok).find(|(name, _)| name == "BASE_IMAGE").map(|(_, value)| value)
    };
    host_variable("BASE_IMAGE").or_else(chosen)
}

fn copy_file(from: &Path, to: &Path) {
    fs::create_dir_all(to.parent().expect("a file is in a directory")).expect("there is room for a copy");
    fs::copy(from, to).unwrap_or_else(|why| panic!("cannot copy {}: {why}", from.display()));
}

/// Whatever the umask of the working tree was: containers run as users that are not its owner.
fn open_to_all(path: &Path) {
    let mode = fs::metadata(path).expect("the copy is there").permissions().mode();
    let shared = if mode & 0o100 == 0 { 0o644 } else { 0o755 };
    fs::set_permissions(path, Permissions::from_mode(shared)).expect("the copy is ours");
    if path.is_dir() {
        for entry in fs::read_dir(path).expect("the copy is ours") {
            open_to_all(&entry.expect("the copy is ours").path());
        }
    }
}
