//! The two files of this repository, with mistakes in them, and with any text.

use camino::Utf8PathBuf;

use environment::ContextFile;
use report::{Findings, Source};

use super::{
    across::{Expected, check_compose, check_dockerfile},
    compose::ComposeFile,
    dockerfile::Dockerfile,
};

const DOCKERFILE: &str = include_str!("../../../../installation/docker-amd64/Dockerfile");
const COMPOSE_YAML: &str = include_str!("../../../../installation/docker-amd64/compose.yaml");

/// The files of the build context that are copied from the repository.
const COPIED_FILES: [&str; 39] = [
    "project/python-project/pyproject.toml",
    "project/python-project/src/x/__init__.py",
    "run/activate.sh",
    "run/entrypoint.sh",
    "scripts/activation.sh",
    "conda/__main__.py",
    "question/conda.json",
    "layers/base/conda.json",
    "layers/1/conda.json",
    "layers/2/conda.json",
    "layers/3/conda.json",
    "layers/4/conda.json",
    "layers/5/conda.json",
    "layers/6/conda.json",
    "layers/7/conda.json",
    "layers/8/conda.json",
    "layers/built/pylock.toml",
    "scripts/any-user.sh",
    "scripts/apt-dev.sh",
    "scripts/apt-install.sh",
    "scripts/apt-runtime.sh",
    "scripts/apt-services.sh",
    "scripts/built-layer.sh",
    "scripts/compile.py",
    "scripts/dev-tools.sh",
    "scripts/download.sh",
    "scripts/environment-conda.sh",
    "scripts/environment-uv.sh",
    "scripts/keep-changes.sh",
    "scripts/layer.py",
    "scripts/layer.sh",
    "scripts/pip-install.sh",
    "scripts/project-install.sh",
    "scripts/rattler-install.sh",
    "scripts/remove.sh",
    "scripts/share-environment.sh",
    "scripts/solve.sh",
    "scripts/top-layer.sh",
    "scripts/uv-install.sh",
];

const VARIABLES: [&str; 21] = [
    "USRID",
    "GRPID",
    "USR",
    "GRP",
    "LAB_NAME",
    "PROJECT_NAME",
    "PACKAGE_NAME",
    "REGISTRY_HOSTNAME",
    "IMAGE_NAME",
    "BASE_IMAGE",
    "LOCAL_PROJECT_DIR",
    "LOCAL_DATA_DIR",
    "LOCAL_OUTPUTS_DIR",
    "LOCAL_WANDB_DIR",
    "PROJECT_ROOT",
    "PROJECT_DIR",
    "DATA_DIR",
    "OUTPUTS_DIR",
    "WANDB_DIR",
    "WANDB_API_KEY",
    "SOLVER",
];

fn found(dockerfile: &str, compose: &str) -> String {
    let lists = ContextFile::ALL.map(ContextFile::name);
    let context: Vec<Utf8PathBuf> = lists.into_iter().chain(COPIED_FILES).map(Utf8PathBuf::from).collect();
    let expected = Expected {
        passed_arguments: &["BASE_IMAGE", "SOLVER", "LAYERS", "PACKAGES"],
        context_files: &context,
        targets: &["runtime", "dev"],
        variables: &VARIABLES,
        local_directories: &[],
    };
    let mut findings = Findings::default();
    let source = Source::new("Dockerfile", dockerfile);
    let parsed = Dockerfile::parse(&source, &mut findings);
    check_dockerfile(&source, &parsed, &expected, &mut findings);
    let source = Source::new("compose.yaml", compose);
    if let Some(parsed) = ComposeFile::parse(&source, &mut findings) {
        check_compose(&source, &parsed, &expected, &mut findings);
    }
    findings.sorted().to_string()
}

#[test]
fn nothing_is_found_in_the_files_of_this_repository() {
    assert_eq!(found(DOCKERFILE, COMPOSE_YAML), "");
    assert_eq!(found(&DOCKERFILE.replace('\n', "\r\n"), &COMPOSE_YAML.replace('\n', "\r\n")), "");
}

#[test]
fn a_mistake_in_them_is_found_where_it_is() {
    for (before, after, finding) in [
        (
            "ARG LAYERS=0",
            "ARG LAYER=0",
            "warning[W0702]: `cargo xtask build` passes the argument `LAYERS`, but no `ARG` takes it",
        ),
        ("source=conda.json", "source=conda.jsn", "error[E0703]: `conda.jsn` is not in the build context"),
        ("from=rattler", "from=ratler", "error[E0703]: no stage `ratler`"),
        ("AS dev", "AS develop", "error[E0705]: no stage has the name of the target `dev`"),
        ("WORKDIR", "WORKIDR", "error[E0707]: unknown instruction `WORKIDR`"),
        ("}:runtime", "}:runtme", "error[E0705]: the image of `runtime` has the tag `runtme`"),
        ("${DATA_DIR:?}", "${DATA_DIRS:?}", "warning[W0704]: no setting of .env defines the variable `DATA_DIRS`"),
        ("services:", "service:", "error[E0708]: unknown section `service`"),
        ("WANDB_API_KEY-}", "WANDB_API_KEY-", "error[E0708]: a `${` without its `}`"),
    ] {
        assert!(DOCKERFILE.contains(before) || COMPOSE_YAML.contains(before), "{before}");
        let findings = found(&DOCKERFILE.replacen(before, after, 1), &COMPOSE_YAML.replacen(before, after, 1));
        assert!(findings.contains(finding), "{after}: {findings}");
    }
}

/// What may change the meaning of everything after it.
const ODD: [&str; 18] =
    ["", "é", "\u{a0}", "\"", "'", "\\", "\\\n", "$", "${", "}", "<<A ", "\r", "\n", "*", "=", ",", "[", "&a "];

/// Small files with odd characters at every place: no matter what is found, nothing panics.
#[test]
fn nothing_panics_on_any_text() {
    let small = "# escape=\\\nARG A='é\nFROM a AS b\nRUN --mount=type=bind,from=é,source=\"\\\n #\n é\" <<É\nÉ\nCOPY [\"é\\u0041\", \"\\\"\"]\n";
    let compose = "x: &a {v: \"${A:-${B}é}\"}\nservices: {s: {<<: [*a], image: 'é:${C', volumes: ['$A:é', {type: bind, source: é}]}}\n";
    for (text, is_compose) in [(small, false), (compose, true)] {
        for (cut, odd) in text.char_indices().flat_map(|(cut, _)| ODD.map(|it| (cut, it))) {
            let changed = format!("{}{odd}{}", &text[..cut], &text[cut..]);
            let _ = if is_compose { found("FROM a", &changed) } else { found(&changed, "services: {}") };
        }
    }
}
