//! The conda path of the Dockerfile on a real engine.
//!
//! With a stand-in for micromamba: a script that makes an environment of the system's Python and records what it was
//! asked for. What is tested is everything around the program, not conda's packages.

use crate::support::docker::{docker, in_image};
use crate::support::{Repository, Subject, Suite, run_id, trials};

const STAND_IN: &str = r#"#!/bin/sh
# micromamba create --yes --prefix PREFIX --file FILE
set -eu
[ "$1 $2 $3 $5" = 'create --yes --prefix --file' ]
python3 -m venv --without-pip "$4"
mkdir "$4/conda-meta"
# A Python package of conda's.
six=$(echo "$4"/lib/python3*/site-packages)/six-1.16.0.dist-info
mkdir "$six"
printf 'Metadata-Version: 2.1\nName: six\nVersion: 1.16.0\n' >"$six/METADATA"
echo conda >"$six/INSTALLER"
cp "$6" "$4/conda-meta/received.yml"
"#;

pub fn trials() -> Subject {
    trials![a_stand_in_micromamba_makes_the_environment_and_uv_adds_the_pip_packages]
}

fn a_stand_in_micromamba_makes_the_environment_and_uv_adds_the_pip_packages(suite: &Suite) {
    let (repository, _turn) = suite.building("conda");
    let micromamba = make_micromamba_image(&repository);
    // The stand-in's environment is not complete without the system's Python; conda's own would be.
    for list in ["dependencies/apt-build.txt", "dependencies/apt-runtime.txt"] {
        repository.write(list, "python3\npython3-venv\n");
    }
    repository.xtask(["env"]).assert().success();
    repository.edit("installation/docker-amd64/.env", |it| {
        it.replace("MICROMAMBA_IMAGE=''", &format!("MICROMAMBA_IMAGE={micromamba}"))
    });

    ask_for(&repository, &["tqdm"]);
    repository.build("runtime");
    let received = repository.output_of(["cat", "/opt/env/conda-meta/received.yml"]);
    assert!(received.contains("conda-forge") && received.contains("mkl=2024"), "{received}");
    assert!(!received.contains("tqdm"), "conda is asked for pip's packages:\n{received}");
    let printed = repository.output_of([
        "python",
        "-c",
        "import os, tqdm, template_package\n\
         print(os.environ['CONDA_PREFIX'], os.environ['CONDA_DEFAULT_ENV'], os.environ.get('VIRTUAL_ENV'))\n\
         print(tqdm.__file__.startswith('/opt/env/lib/'), template_package.__file__)",
    ]);
    assert_eq!(printed, "/opt/env /opt/env None\nTrue /opt/project/python-project/src/template_package/__init__.py\n");

    // True everywhere and different in every run, so that no earlier run has built this.
    let package = format!("iniconfig; platform_machine != '{}'", run_id());
    ask_for(&repository, &["tqdm", &package]);
    let log = repository.build("runtime");
    let copying = ["environment-conda", "difference", "common", "project", "runtime"];
    assert!(!log.did("/scripts/environment-conda.sh"));
    assert!(log.did("/scripts/pip-install.sh"));
    assert_eq!(log.done_outside(&copying), [""; 0]);
    let mut imported =
        in_image(&repository.image("runtime"), &["python", "-c", "import iniconfig, tqdm; print('both')"]);
    imported.assert().success().stdout("both\n");

    // One more conda package. The stand-in takes any name, and this one was in no earlier run.
    repository.edit("dependencies/environment.yml", |it| {
        it.replace("- mkl=2024", &format!("- mkl=2024\n- tool-{}", run_id()))
    });
    let log = repository.build("runtime");
    assert!(log.did("/scripts/environment-conda.sh"));
    assert_eq!(log.done_outside(&copying), [""; 0]);

    // What conda has installed is not pip's to change.
    ask_for(&repository, &["six>=1.17"]);
    let refused = repository.xtask(["build"]).assert().failure();
    let told = String::from_utf8_lossy(&refused.get_output().stderr).into_owned();
    assert!(told.contains("six>=1.17") && told.contains("six==1.16.0"), "{told}");
    ask_for(&repository, &["tqdm", &package]);

    // Whoever develops has both programs, and may use them on what both have made.
    repository.build("dev");
    let script = "command -v micromamba; command -v uv; find /opt/env ! -type l -perm -u=w ! -perm -g=w";
    in_image(&repository.image("dev"), &["sh", "-c", script])
        .assert()
        .success()
        .stdout("/usr/local/bin/micromamba\n/opt/uv/bin/uv\n");
}

fn make_micromamba_image(repository: &Repository) -> String {
    let context = repository.directory("micromamba");
    std::fs::write(context.join("micromamba"), STAND_IN).unwrap();
    std::fs::write(context.join("Dockerfile"), "FROM scratch\nCOPY --chmod=0755 micromamba /bin/micromamba\n").unwrap();
    let image = repository.image("micromamba");
    docker(["buildx", "build", "--load", "--tag", &image]).arg(context).assert().success();
    image
}

fn ask_for(repository: &Repository, packages: &[&str]) {
    let list: String = packages.iter().map(|it| format!("    - \"{it}\"\n")).collect();
    let text = format!("channels: [conda-forge]\ndependencies:\n- python>=3.11\n- mkl=2024\n- pip:\n{list}");
    repository.write("dependencies/environment.yml", &text);
}
