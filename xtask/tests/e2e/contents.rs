//! What the images have, and what they do not.

use std::fs;

use crate::support::docker::in_image;
use crate::support::{Subject, Suite, trials};

pub fn trials() -> Subject {
    trials![
        dev_has_every_package_of_its_list,
        dev_has_everything_that_runtime_has,
        runtime_has_no_compiler_and_no_tools,
        an_image_is_nobodys,
    ]
}

fn dev_has_every_package_of_its_list(suite: &Suite) {
    let list = fs::read_to_string(suite.repository.path("dependencies/apt-dev.txt")).unwrap();
    let packages: Vec<&str> = list.lines().filter(|it| !it.is_empty() && !it.starts_with('#')).collect();
    assert!(["git", "less", "curl"].iter().all(|it| packages.contains(it)), "{packages:?}");
    let query = ["dpkg-query", "--show", "--showformat", "${db:Status-Status} ${Package}\n"];
    let expected: String = packages.iter().map(|it| format!("installed {it}\n")).collect();
    let command = ["/opt/entrypoint.sh"].iter().chain(&query).chain(&packages).copied().collect::<Vec<_>>();
    let output = in_image(&suite.repository.image("dev"), &command).assert().success().get_output().stdout.clone();
    let mut installed: Vec<&str> = std::str::from_utf8(&output).unwrap().lines().collect();
    let mut expected: Vec<&str> = expected.lines().collect();
    installed.sort_unstable();
    expected.sort_unstable();
    assert_eq!(installed, expected);
    for program in ["git", "less", "curl"] {
        in_image(&suite.repository.image("dev"), &[program, "--version"]).assert().success();
    }
}

fn dev_has_everything_that_runtime_has(suite: &Suite) {
    let code = "import hydra, numpy; print('both')";
    in_image(&suite.repository.image("dev"), &["python", "-c", code]).assert().success().stdout("both\n");
}

fn runtime_has_no_compiler_and_no_tools(suite: &Suite) {
    let script = "for program in gcc cc g++ make git less curl; do command -v $program; done; true";
    in_image(&suite.repository.image("runtime"), &["sh", "-c", script]).assert().success().stdout("");
}

fn an_image_is_nobodys(suite: &Suite) {
    // Its own default, without the tool's `--user`.
    let script = "id -u; id -g; touch \"$HOME/file\" && pwd";
    for target in ["runtime", "dev"] {
        let run = in_image(&suite.repository.image(target), &["sh", "-c", script]).assert().success();
        run.stdout("1000\n1000\n/opt/project/python-project\n");
    }
}
