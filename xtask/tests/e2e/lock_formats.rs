//! Locks in the formats of other tools, read by these tools themselves, and environments that others pack. pixi is not on PyPI:
//! the library that it reads its lock with is, and so is a program that reads it for lists of materials.

use std::collections::BTreeSet;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use crate::channel::{Channel, Server};
use crate::support::{Repository, Subject, Suite, bounded, command, trials};

/// What stands in for conda where a tool starts it: our installer, and pip.
const CONDA: &str = include_str!("lock_formats_conda.py");

/// Installs what a pixi.lock has for a platform, as pixi does.
const INSTALL: &str = include_str!("lock_formats_pixi.py");

const TOOLS: [&str; 3] = ["conda-lock==4.0.3", "conda-pack==0.9.2", "pixi-sbom==1.15.0"];

const ASKED: &str = "dependencies:\n  - python=3.11\n  - demotool\n  - numpy\n  - pip\n  - pip:\n    - iniconfig\n";

const WORKS: &str = "import numpy, iniconfig, sys; print(numpy.__version__, iniconfig.__name__)";

pub fn trials() -> Subject {
    trials![conda_lock_installs_what_is_locked_and_conda_pack_packs_it, pixis_library_installs_what_is_locked,]
}

/// A repository with locks for two platforms, and tools from PyPI.
struct Locked {
    channel: Channel,
    _server: Server,
    repository: Repository,
    tools: PathBuf,
}

impl Locked {
    fn new(label: &str) -> Self {
        let channel = Channel::made();
        let server = channel.serve();
        let repository = Repository::copy(label);
        let text = format!("channels:\n  - {}\n{ASKED}", server.url("lab"));
        repository.write("dependencies/environment.yml", &text);
        repository.xtask(["lock", "--platform", "linux/amd64", "--platform", "linux/arm64"]).assert().success();
        let tools = repository.directory("tools");
        output_of("python3", &["-m", "venv", path(&tools)]);
        let tools = tools.join("bin");
        let install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
        output_of(tools.join("python"), &[&install[..], &TOOLS].concat());
        Self { channel, _server: server, repository, tools }
    }

    fn write(&self, format: &str, file: &str) -> PathBuf {
        self.repository.xtask(["lock", "--format", format, "--output", file]).assert().success().stdout("");
        self.repository.path(file)
    }

    /// The addresses of conda's packages in the lock.
    fn addresses(&self) -> BTreeSet<String> {
        let list = fs::read_to_string(self.repository.path("dependencies/lock/linux-amd64/conda.lock")).unwrap();
        list.lines().filter_map(|it| Some(it.split_once("#sha256:")?.0.to_owned())).collect()
    }

    /// A program that tools start for conda.
    fn conda(&self) -> PathBuf {
        let (program, engine) = (self.repository.directory("conda").join("conda"), self.repository.path("xtask/conda"));
        let head = format!(
            "#!{}
ENGINE = '{}'
",
            path(&self.channel.python()),
            path(&engine)
        );
        fs::write(&program, head + CONDA).unwrap();
        fs::set_permissions(&program, Permissions::from_mode(0o755)).unwrap();
        program
    }
}

fn conda_lock_installs_what_is_locked_and_conda_pack_packs_it(_: &Suite) {
    let locked = Locked::new("conda-lock");
    let file = locked.write("conda-lock", "conda-lock.yml");
    let conda_lock = locked.tools.join("conda-lock");
    let render = ["render", "--kind", "explicit", "--platform", "linux-64", "--filename-template"];
    let rendered = locked.repository.path("rendered.txt");
    output_of(&conda_lock, &[&render[..], &[path(&rendered), path(&file)]].concat());
    let text = fs::read_to_string(&rendered).unwrap();
    let lines = text.lines().filter_map(|it| Some(it.split_once('#')?.0.to_owned()));
    assert_eq!(lines.filter(|it| it.contains("://")).collect::<BTreeSet<_>>(), locked.addresses());
    assert!(text.contains("\n# pip iniconfig @ https://") && text.contains(".whl#sha256="), "{text}");

    let (conda, prefix) = (locked.conda(), locked.repository.path("from-conda-lock"));
    let install = ["install", "--conda", path(&conda), "--prefix", path(&prefix), path(&file)];
    output_of(&conda_lock, &install);
    let works = output_of(prefix.join("bin/python"), &["-c", WORKS]);
    assert_eq!(works, "2.1.3 iniconfig\n");

    let packed = locked.repository.path("packed.tar");
    let pack = ["--quiet", "--prefix", path(&prefix), "--output", path(&packed)];
    output_of(locked.tools.join("conda-pack"), &pack);
    let elsewhere = locked.repository.directory("elsewhere");
    output_of("tar", &["-xf", path(&packed), "-C", path(&elsewhere)]);
    fs::remove_dir_all(&prefix).unwrap();
    output_of(elsewhere.join("bin/python"), &[path(&elsewhere.join("bin/conda-unpack"))]);
    assert_eq!(output_of(elsewhere.join("bin/python"), &["-c", WORKS]), works);
    // conda-pack lets scripts look for Python in PATH.
    let tool = format!("PATH={}", path(&elsewhere.join("bin")));
    assert_eq!(output_of("/usr/bin/env", &[&tool, "demotool"]), "demotool 2.0\n");
}

fn pixis_library_installs_what_is_locked(_: &Suite) {
    let locked = Locked::new("pixi");
    let file = locked.write("pixi", "pixi.lock");
    let prefix = locked.repository.path("from-pixi");
    let printed = output_of(locked.channel.python(), &["-c", INSTALL, path(&file), "linux-64", path(&prefix)]);
    let (pypi, conda): (Vec<_>, Vec<_>) = printed.lines().partition(|it| it.contains("/iniconfig-"));
    assert_eq!(conda.into_iter().map(str::to_owned).collect::<BTreeSet<_>>(), locked.addresses());
    assert_eq!(pypi.len(), 1, "{pypi:?}");
    assert_eq!(output_of(prefix.join("bin/python"), &["-c", "import numpy; print(numpy.__version__)"]), "2.1.3\n");

    for (format, name) in [("pixi", "pixi.lock"), ("conda-lock", "conda-lock.yml")] {
        let file = locked.write(format, name);
        for platform in ["linux-64", "linux-aarch64"] {
            let listed = ["--lockfile", path(&file), "--platform", platform, "--output", "-"];
            let materials = output_of(locked.tools.join("pixi-sbom"), &listed);
            let materials: serde_json::Value = serde_json::from_str(&materials).unwrap();
            let components = materials["components"].as_array().unwrap();
            assert_eq!(components.len(), locked.addresses().len() + 1, "{name} {platform}");
            assert!(components.iter().any(|it| it["name"] == "demotool" && it["version"] == "1!2.0"), "{components:?}");
        }
    }
}

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// What a program prints that must succeed.
fn output_of(program: impl AsRef<Path>, words: &[&str]) -> String {
    let mut program = command(path(program.as_ref()));
    program.args(words);
    String::from_utf8(bounded(program).assert().success().get_output().stdout.clone()).unwrap()
}
