//! What pip's format allows in the `pip:` list means the same here as in pip: the table in `docs/packages.md`.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::support::docker::gateway;
use crate::support::{Repository, Subject, Suite, Web, base_image, bounded, command, trials};

pub fn trials() -> Subject {
    trials![a_list_of_pips_installs_what_pip_would_install, a_project_of_the_repository_is_editable_in_both_engines]
}

/// The packages of the indexes, each with what it needs: `lab` is newer in the second one, and has a version that is not final.
const FIRST: [(&str, &str, &str); 5] = [
    ("lab", "1.0", ""),
    ("lab", "1.1", "Provides-Extra: plot\nRequires-Dist: labplot; extra == 'plot'\n"),
    ("lab", "2.0b1", ""),
    ("labplot", "0.3", "Requires-Dist: labdraw>=1\n"),
    ("labdraw", "1.4", ""),
];
const SECOND: [(&str, &str, &str); 2] = [("other", "3.0", ""), ("linked", "0.1", "")];

fn a_list_of_pips_installs_what_pip_would_install(suite: &Suite) {
    let (repository, _turn) = suite.building("pip-lists");
    let served = repository.directory("indexes");
    for (index, packages) in [("first", &FIRST[..]), ("second", &SECOND[..])] {
        make_index(&served.join(index), packages);
    }
    let web = Web::start(&gateway(&base_image().unwrap_or_else(|| "ubuntu:24.04".to_owned())), served).address();
    let first = format!("--index-url http://{web}/first/simple");
    let second = format!("--extra-index-url http://{web}/second/simple");
    let page = format!("http://{web}/second/simple/linked/");
    let wheel = format!("http://{web}/first/lab-1.0-py3-none-any.whl");
    let lists: [&[&str]; 10] = [
        &[&first, "lab"],
        &[&first, "--pre", "lab"],
        &[&first, "Lab[plot]~=1.0"],
        &[&first, "lab==1.*,!=1.1"],
        &[&first, "lab===1.0"],
        &[&first, "lab<1.1; sys_platform == 'linux'", "labdraw; sys_platform == 'win32'"],
        &[&first, &second, "lab", "other"],
        &["--no-index", &format!("--find-links {page}"), "linked"],
        &[&first, &format!("lab @ {wheel}")],
        &[&first, "--only-binary labplot", "labplot"],
    ];
    let image = suite.repository.image("runtime");
    for list in lists {
        ask(&repository, list);
        repository.xtask(["build"]).assert().success();
        let code = "import importlib.metadata as m\n\
                    print('\\n'.join(sorted(f'{it.name.lower()} {it.version}' for it in m.distributions())))";
        let installed = repository.output_of(["python", "-c", code]);
        let ours: Vec<&str> = installed.lines().filter(|it| !it.starts_with("template-project")).collect();
        assert_eq!(ours, of_pip(&repository, &image, &web, list), "{list:?}");
    }
}

/// One project has its code in `src`, with hatchling; the other beside its `pyproject.toml`, with setuptools.
fn a_project_of_the_repository_is_editable_in_both_engines(suite: &Suite) {
    let (repository, _turn) = suite.building("local-projects");
    let project = |name: &str, needs: &str, backend: &str, more: &str| {
        format!(
            "[project]\nname = '{name}'\nversion = '1'\ndependencies = [{needs}]\n[build-system]\n\
             requires = ['{}']\nbuild-backend = '{backend}'\n{more}",
            backend.split('.').next().unwrap()
        )
    };
    for folder in ["libs/tool/src/my_tool", "libs/flat/flat"] {
        fs::create_dir_all(repository.path(folder)).unwrap();
    }
    repository.write("libs/tool/pyproject.toml", &project("my-tool", "'flat', 'tqdm'", "hatchling.build", ""));
    repository
        .write("libs/tool/src/my_tool/__init__.py", "import flat, tqdm\n\n\ndef value():\n    return flat.VALUE\n");
    let packages = "[tool.setuptools]\npackages = ['flat']\n";
    repository.write("libs/flat/pyproject.toml", &project("flat", "", "setuptools.build_meta", packages));
    repository.write("libs/flat/flat/__init__.py", "VALUE = 1\n");
    ask(&repository, &["-e ../libs/tool", "../libs/flat"]);
    for engine in ["docker", "native"] {
        let xtask = |words: &[&str]| repository.xtask(words).env("ENGINE", engine).assert().success();
        repository.write("libs/flat/flat/__init__.py", "VALUE = 1\n");
        xtask(&["build"]);
        let value = ["run", "--no-sync", "--", "python", "-c", "import my_tool; print(my_tool.value())"];
        xtask(&value).stdout("1\n");
        repository.write("libs/flat/flat/__init__.py", "VALUE = 22\n");
        xtask(&value).stdout("22\n");
        xtask(&["freeze"]);
        xtask(&["drift"]);
        xtask(&["build", "--locked"]);
    }
}

fn ask(repository: &Repository, list: &[&str]) {
    let lines: String = list.iter().map(|it| format!("    - \"{it}\"\n")).collect();
    repository.write("dependencies/environment.yml", &format!("dependencies:\n  - python\n  - pip:\n{lines}"));
}

/// The names and versions that pip itself would install from the same list, sorted.
fn of_pip(repository: &Repository, image: &str, web: &str, list: &[&str]) -> Vec<String> {
    let folder = repository.directory("list");
    fs::write(folder.join("requirements.txt"), list.join("\n") + "\n").unwrap();
    let host = web.split(':').next().unwrap();
    let mount = format!("type=bind,source={},target=/list,readonly", folder.display());
    let mut docker = command("docker");
    docker.args(["run", "--rm", "--user=0:0", "--mount", &mount, image]);
    docker.args(["python", "-m", "pip", "install", "--quiet", "--dry-run", "--ignore-installed", "--report=-"]);
    docker.args(["--trusted-host", host, "--requirement=/list/requirements.txt"]);
    let report = bounded(docker).assert().success().get_output().stdout.clone();
    fs::remove_dir_all(folder).unwrap();
    let report: Value = serde_json::from_slice(&report).unwrap();
    let text = |it: &Value, key: &str| it["metadata"][key].as_str().unwrap().to_lowercase();
    let mut packages: Vec<String> = report["install"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| format!("{} {}", text(it, "name"), text(it, "version")))
        .collect();
    packages.sort();
    packages
}

/// An index as PEP 503 has it, with the files beside it.
fn make_index(directory: &Path, packages: &[(&str, &str, &str)]) {
    let script = r#"
import hashlib, os, sys, zipfile
directory, name, version, needs = sys.argv[1:]
file = f"{name}-{version}-py3-none-any.whl"
info = f"{name}-{version}.dist-info"
os.makedirs(f"{directory}/simple/{name}", exist_ok=True)
with zipfile.ZipFile(f"{directory}/{file}", "w") as wheel:
    wheel.writestr(f"{name}.py", "")
    wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{needs}\n")
    wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
    wheel.writestr(f"{info}/RECORD", "".join(f"{it},,\n" for it in wheel.namelist()) + f"{info}/RECORD,,\n")
with open(f"{directory}/{file}", "rb") as wheel:
    digest = hashlib.sha256(wheel.read()).hexdigest()
with open(f"{directory}/simple/{name}/index.html", "a") as page:
    page.write(f'<a href="../../{file}#sha256={digest}">{file}</a>\n')
"#;
    for (name, version, needs) in packages {
        let mut python = command("python3");
        python.args(["-c", script]).arg(directory).args([name, version, needs]);
        bounded(python).assert().success();
    }
}
