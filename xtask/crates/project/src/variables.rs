//! Every variable of the settings: its section, meaning, default and scope.

use process::IntoMap as _;
use std::collections::BTreeMap;

use camino::Utf8Path;

use process::HostEnvironment;

use super::{Machine, Pyproject, checkout, values::image_path_of};

/// What defaults are derived from.
#[derive(Debug, Clone, Copy)]
pub struct DefaultSources<'a> {
    pub machine: &'a Machine,
    pub pyproject: &'a Pyproject,
    pub root: &'a Utf8Path,
    /// What the shell has exported goes before what the machine says.
    pub host: &'a HostEnvironment,
}

fn lab(sources: DefaultSources) -> String {
    let of_machine = || image_path_of(&sources.machine.group.replace('/', "-")).unwrap_or_else(|| "lab".to_owned());
    sources.host.get("LAB_NAME").map_or_else(of_machine, str::to_owned)
}

fn user(sources: DefaultSources) -> String {
    sources.host.get("USR").unwrap_or(&sources.machine.user).to_owned()
}

/// One section of the settings file.
#[derive(Debug, Clone, Copy)]
pub struct SettingSection {
    pub title: &'static str,
    pub variables: &'static [SettingDefinition],
}

/// One variable of the settings. The values are parsed in `settings.rs`.
#[derive(Debug, Clone, Copy)]
pub struct SettingDefinition {
    pub name: &'static str,
    /// What it means, as the lines of a comment.
    pub about: &'static str,
    pub default: fn(DefaultSources) -> String,
    pub scope: SettingScope,
    /// How a new file has the default in terms of the variables before it, so that it follows these. All readers of the file make
    /// the same of it.
    pub formula: Option<&'static str>,
}

/// Whether a variable of the process environment overrides the file, as it does in compose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SettingScope {
    /// The process environment overrides the file.
    Overridable,
    /// It overrides the file, and the value is not shown.
    Secret,
    /// It does not override the file: `run` and `shell` set a variable of this name themselves, for what they start, and a `cargo xtask`
    /// inside one of these must not mistake it for a choice.
    FileOnly,
}

/// The default of every variable, by its name.
pub type Defaults = BTreeMap<&'static str, String>;

pub fn defaults(sources: DefaultSources) -> Defaults {
    let exported = |it: &SettingDefinition| exported(it, sources.host).map(str::to_owned);
    let value = |it: &SettingDefinition| exported(it).unwrap_or_else(|| (it.default)(sources));
    all().into_iter().map(|it| (it.name, value(it))).into_map()
}

/// The value that a new file gets from the shell. Not for the engine, which people choose for one command; a secret is not written
/// by itself.
fn exported<'a>(variable: &SettingDefinition, host: &'a HostEnvironment) -> Option<&'a str> {
    host.get(variable.name).filter(|_| variable.scope == SettingScope::Overridable && variable.name != "ENGINE")
}

pub fn find(name: &str) -> Option<&'static SettingDefinition> {
    all().into_iter().find(|it| it.name == name)
}

/// The name of a variable of the user's own, which the file has with this prefix: commands find it in their environment.
pub(crate) fn own_name(name: &str) -> Option<&str> {
    let own = name.strip_prefix("ENV_")?;
    let is_name = own.starts_with(|it: char| it.is_ascii_alphabetic() || it == '_');
    is_name.then_some(own)
}

/// The variables that a new file gets from the shell.
pub fn exported_names(host: &HostEnvironment) -> impl Iterator<Item = &'static str> {
    all().into_iter().filter(|it| exported(it, host).is_some()).map(|it| it.name)
}

/// Settings that older versions had, and why there is no such setting any more.
const RETIRED: [(&str, &str); 1] =
    [("MICROMAMBA_IMAGE", "conda's installer comes from PyPI, and no image is pulled for it")];

/// Why there is no such setting any more, if there was one.
pub(crate) fn retired(name: &str) -> Option<&'static str> {
    RETIRED.iter().find(|it| it.0 == name).map(|it| it.1)
}

/// Every variable, in the order of the file.
pub fn all() -> Vec<&'static SettingDefinition> {
    let mut all = Vec::new();
    for section in SECTIONS {
        all.extend(section.variables);
    }
    all
}

pub fn names() -> impl Iterator<Item = &'static str> {
    all().into_iter().map(|it| it.name)
}

const fn overridable(
    name: &'static str,
    about: &'static str,
    default: fn(DefaultSources) -> String,
) -> SettingDefinition {
    SettingDefinition { name, about, default, scope: SettingScope::Overridable, formula: None }
}

const fn file_only(
    name: &'static str,
    about: &'static str,
    default: fn(DefaultSources) -> String,
) -> SettingDefinition {
    SettingDefinition { name, about, default, scope: SettingScope::FileOnly, formula: None }
}

/// The settings file, from its first line to the last.
pub const SECTIONS: &[SettingSection] = &[
    SettingSection {
        title: "Who you are. Containers run as USRID:GRPID, so that the files they write are yours.",
        variables: &[
            overridable("USRID", "Your numeric user id (`id -u`).", |it| it.machine.uid.to_string()),
            overridable("GRPID", "Your numeric group id (`id -g`).", |it| it.machine.gid.to_string()),
            overridable("USR", "Your user name.", user),
            overridable("GRP", "Your group name.", |it| it.machine.group.clone()),
            overridable("LAB_NAME", "Your lab.", lab),
        ],
    },
    SettingSection {
        title: "The project. Its names come from python-project/pyproject.toml.",
        variables: &[
            overridable("PROJECT_NAME", "The name of the Python distribution.", |it| it.pyproject.name.clone()),
            overridable("PACKAGE_NAME", "The package to import.", |it| it.pyproject.package.clone()),
        ],
    },
    SettingSection {
        title: "The image. It is called [REGISTRY_HOSTNAME/]IMAGE_NAME:runtime or :dev.",
        variables: &[
            overridable(
                "REGISTRY_HOSTNAME",
                "The registry to push to, such as registry.example.org; empty: none.",
                |_| String::new(),
            ),
            SettingDefinition {
                name: "IMAGE_NAME",
                about: "Lower case. With your name in it, it is yours alone on a shared server.",
                default: |it| {
                    let parts = [lab(it), user(it), it.pyproject.name.clone()];
                    // A lab may have several folders in the registry.
                    let [lab, rest @ ..] = parts;
                    let rest = rest.map(|part| image_path_of(&part.replace('/', "-")));
                    image_path_of(&lab).into_iter().chain(rest.into_iter().flatten()).collect::<Vec<_>>().join("/")
                },
                scope: SettingScope::Overridable,
                formula: Some("${LAB_NAME}/${USR}/${PROJECT_NAME}"),
            },
            overridable(
                "BASE_IMAGE",
                "The image to build from. It must have apt (Debian, Ubuntu and their derivatives).\n\
                 Empty: the project's, `base-image` of [tool.xtask] in pyproject.toml, or else ubuntu:24.04.",
                |_| String::new(),
            ),
        ],
    },
    SettingSection {
        title: "How the environment is made and where it runs.",
        variables: &[
            overridable(
                "ENGINE",
                "auto (Docker when its daemon answers, else native), docker, podman or native.",
                |_| "auto".to_owned(),
            ),
            overridable("SOLVER", "auto (uv unless environment.yml asks conda for packages), conda or uv.", |_| {
                "auto".to_owned()
            }),
            overridable(
                "RUN_SYNC",
                "true: `run` and `dev` first build what is out of date. false: they say so, and use what is there.",
                |_| "true".to_owned(),
            ),
            overridable(
                "BUILDER",
                "The builder that makes images, by its name in `docker buildx ls`; empty: the current one.",
                |_| String::new(),
            ),
            overridable(
                "RECEIPTS",
                "true: `run` and `task` write a receipt of each command into outputs/runs/.",
                |_| "false".to_owned(),
            ),
            overridable("CPU_OR_GPU", "cpu, gpu (NVIDIA) or rocm (AMD).", |_| "cpu".to_owned()),
            overridable(
                "LOCK_VARIANT",
                "The variant of the platform whose lock is used, such as gpu, cpu or cuda12.8.\n\
                 Empty: that of CPU_OR_GPU if it has a lock, else the platform's own.",
                |_| String::new(),
            ),
            overridable(
                "CA_CERTIFICATES",
                "A PEM file of certificate authorities, for networks that have their own.\n\
                 Empty: what SSL_CERT_FILE or REQUESTS_CA_BUNDLE name, if anything.",
                |_| String::new(),
            ),
        ],
    },
    SettingSection {
        title: "The containers.",
        variables: &[
            overridable(
                "COMPOSE_PROJECT_NAME",
                "What compose calls them. The number is made from this checkout's path: no other one has the same.",
                |it| checkout::compose_project(it.root, &it.pyproject.name),
            ),
            overridable(
                "SHM_SIZE",
                "The most that processes may share in memory, as data loaders do: 512mb, 8gb.",
                |_| "8gb".to_owned(),
            ),
            overridable("MEMORY_LIMIT", "The most memory that a container may use: 16gb; empty: all there is.", |_| {
                String::new()
            }),
            overridable(
                "PIDS_LIMIT",
                "The most processes and threads that a container may have at once; 0: no limit.",
                // Data loaders that each start a thread for every core of a large machine come to some thousands.
                |_| "16384".to_owned(),
            ),
            overridable(
                "NO_NEW_PRIVILEGES",
                "true: no process in the dev container may gain rights, so that `sudo` does not work. None of a job may.",
                |_| "false".to_owned(),
            ),
            overridable(
                "SSH_AGENT",
                "true: commands of `exec` and `shell` in the dev container may ask your SSH agent while they run.",
                |_| "true".to_owned(),
            ),
            overridable("SSH_PORT", "The port of this machine for `cargo xtask up --ssh`.", |it| {
                checkout::ssh_port(it.root).to_string()
            }),
            overridable("JUPYTER_PORT", "The port of this machine for `cargo xtask up --jupyter`.", |it| {
                checkout::jupyter_port(it.root).to_string()
            }),
            overridable(
                "SSH_AUTHORIZED_KEYS",
                "A file with the public keys that may log in by SSH.\n\
                 Empty: ~/.ssh/authorized_keys and the public keys in ~/.ssh.",
                |_| String::new(),
            ),
        ],
    },
    SettingSection {
        title: "Directories of this machine. Relative ones start from this file's directory.",
        variables: &[
            overridable("LOCAL_PROJECT_DIR", "The repository.", |_| "../..".to_owned()),
            overridable("LOCAL_DATA_DIR", "Data to read.", |_| "../../data".to_owned()),
            overridable("LOCAL_OUTPUTS_DIR", "Results.", |_| "../../outputs".to_owned()),
            overridable("LOCAL_WANDB_DIR", "Where Weights & Biases keeps its files, in a folder `wandb`.", |_| {
                "../../outputs".to_owned()
            }),
        ],
    },
    SettingSection {
        title: "Where these are mounted in the container.",
        variables: &[
            file_only("PROJECT_ROOT", "The repository.", |_| "/opt/project".to_owned()),
            file_only("PROJECT_DIR", "The Python project in it: the working directory.", |_| {
                "/opt/project/python-project".to_owned()
            }),
            file_only("DATA_DIR", "Data to read.", |_| "/opt/data".to_owned()),
            file_only("OUTPUTS_DIR", "Results.", |_| "/opt/outputs".to_owned()),
            file_only("WANDB_DIR", "Weights & Biases' files.", |_| "/opt/wandb".to_owned()),
        ],
    },
    SettingSection {
        title: "Secrets. This file is yours alone (mode 0600) and ignored by git.",
        variables: &[SettingDefinition {
            name: "WANDB_API_KEY",
            about: "The API key of Weights & Biases; empty: none.",
            default: |_| String::new(),
            scope: SettingScope::Secret,
            formula: None,
        }],
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_variable_is_listed_twice() {
        for variable in all() {
            assert_eq!(all().iter().filter(|it| it.name == variable.name).count(), 1, "{}", variable.name);
        }
    }
}
