//! The settings as types.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};

use process::{HostEnvironment, Secret};
use report::{Code, Findings, Source, Span};

use super::{
    Layout, Pyproject,
    env_file::EnvFile,
    values::{self, Accelerator, ImageReference, NameRule, ValueError},
    variables::{self, Defaults, SettingDefinition, SettingScope},
};

/// The choices of the person and the machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Whom containers run as.
    pub user: UserIds,
    /// What they are called in containers.
    pub user_name: String,
    /// The image's name, with its registry, without its tag.
    pub image: String,
    /// The registry to push to.
    pub registry: Option<String>,
    /// What images are built from.
    pub base_image: ImageReference,
    /// Where micromamba is taken from, if not from where the Dockerfile says.
    pub micromamba_image: Option<ImageReference>,
    /// Where commands run.
    pub engine: EngineChoice,
    /// Who installs Python packages.
    pub solver: SolverChoice,
    /// What the code computes on.
    pub accelerator: Accelerator,
    /// Certificate authorities to trust besides the system's.
    pub ca_certificates: Option<Utf8PathBuf>,
    /// Directories of this machine.
    pub local: LocalPaths,
    /// Where they are mounted.
    pub container: ContainerPaths,
    /// The key of Weights & Biases.
    pub wandb_api_key: Option<Secret>,
    /// What compose calls the containers of this checkout.
    pub compose_project: String,
    /// The port of this machine that leads to the dev container's SSH server.
    pub ssh_port: u16,
    /// The port of this machine that leads to JupyterLab.
    pub jupyter_port: u16,
    /// The public keys that may log in by SSH, where it is not the usual files.
    pub ssh_authorized_keys: Option<Utf8PathBuf>,
    /// What compose would not find by itself, in the settings file or in its own environment: defaults, and what only
    /// the file may say.
    pub variables: BTreeMap<&'static str, String>,
}

/// Whom containers run as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UserIds {
    /// User.
    pub uid: u32,
    /// Group.
    pub gid: u32,
}

/// Directories of this machine, absolute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalPaths {
    /// The repository.
    pub project: Utf8PathBuf,
    /// Data to read.
    pub data: Utf8PathBuf,
    /// Results.
    pub outputs: Utf8PathBuf,
    /// Weights & Biases' files.
    pub wandb: Utf8PathBuf,
}

/// Directories in the container, absolute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContainerPaths {
    /// The repository.
    pub root: Utf8PathBuf,
    /// The Python project.
    pub project: Utf8PathBuf,
    /// Data to read.
    pub data: Utf8PathBuf,
    /// Results.
    pub outputs: Utf8PathBuf,
    /// Weights & Biases' files.
    pub wandb: Utf8PathBuf,
}

/// `ENGINE`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EngineChoice {
    /// Docker when its daemon answers, else native.
    Auto,
    /// Docker or nothing.
    Docker,
    /// No container.
    Native,
}

impl NameRule for EngineChoice {
    const WORDS: &'static [(&'static str, Self)] =
        &[("auto", Self::Auto), ("docker", Self::Docker), ("native", Self::Native)];
}

/// `SOLVER`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SolverChoice {
    /// uv unless conda is needed.
    Auto,
    /// micromamba.
    Conda,
    /// uv.
    Uv,
}

impl NameRule for SolverChoice {
    const WORDS: &'static [(&'static str, Self)] = &[("auto", Self::Auto), ("conda", Self::Conda), ("uv", Self::Uv)];
}

/// Where a value comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The settings file, at this place.
    File(Span),
    /// A variable of the process environment.
    Shell,
    /// Nobody chose it.
    Default,
}

impl Origin {
    /// A comment that says so, where it is not the file.
    pub fn remark(self) -> &'static str {
        match self {
            Self::File(_) => "",
            Self::Shell => " # from the shell's environment",
            Self::Default => " # default",
        }
    }
}

/// Every variable's value and where it comes from, not yet looked at.
#[derive(Debug, Clone)]
pub struct Resolution {
    values: BTreeMap<&'static str, (String, Origin)>,
}

impl Resolution {
    /// Who goes first: the process environment, the file, the default. A complete file needs no defaults.
    pub fn new(file: &EnvFile, host: &HostEnvironment, defaults: &Defaults) -> Self {
        let value = |variable: &'static SettingDefinition| {
            let shell = host.get(variable.name).filter(|_| variable.scope != SettingScope::FileOnly);
            let found = match (shell, file.get(variable.name)) {
                (Some(value), _) => (value.to_owned(), Origin::Shell),
                (None, Some(entry)) => (entry.value.clone(), Origin::File(entry.value_at)),
                (None, None) => (defaults.get(variable.name).cloned().unwrap_or_default(), Origin::Default),
            };
            (variable.name, found)
        };
        Self { values: variables::all().map(value).collect() }
    }

    /// The value of a variable, and its origin.
    pub fn value(&self, variable: &SettingDefinition) -> (&str, Origin) {
        let (value, origin) = &self.values[variable.name];
        (value, *origin)
    }

    /// Finds what is allowed but most likely not meant. `source` is the file.
    pub fn check(&self, settings: &Settings, is_shared: bool, source: &Source, findings: &mut Findings) {
        let place = |name: &str| match self.values.get(name) {
            Some((_, Origin::File(span))) => Some(*span),
            _ => None,
        };
        if settings.user.uid == 0 && is_shared {
            let message = "containers run as root on a machine that other people have accounts on";
            let help = "set USRID and GRPID to your own ids (`id -u`, `id -g`), unless this Docker is rootless";
            let finding = match place("USRID") {
                Some(span) => source.at(Code::EnvRoot, span, message),
                None => source.about(Code::EnvRoot, message),
            };
            findings.push(finding.help(help));
        }
        let LocalPaths { data, outputs, wandb, .. } = &settings.local;
        for (name, path) in [("LOCAL_DATA_DIR", data), ("LOCAL_OUTPUTS_DIR", outputs), ("LOCAL_WANDB_DIR", wandb)] {
            if let Some(span) = place(name).filter(|_| !path.is_dir()) {
                let message = format!("`{name}` names a directory that is not there: `{path}`");
                let help = "correct it, or mount what belongs there; `run` would make it, empty";
                findings.push(source.at(Code::EnvDirectory, span, message).help(help));
            }
        }
    }

    /// Looks at every value. `None` where one could not be read, which is then among the findings; `source` is the file.
    pub fn settings(&self, source: &Source, context: &SettingsContext, findings: &mut Findings) -> Option<Settings> {
        Reader { resolution: self, source, findings }.settings(context)
    }
}

/// What the meaning of the settings depends on.
#[derive(Debug, Clone, Copy)]
pub struct SettingsContext<'a> {
    /// Where things are.
    pub layout: &'a Layout,
    /// The variables that this program was started with.
    pub host: &'a HostEnvironment,
    /// The project's own names.
    pub pyproject: &'a Pyproject,
}

struct Reader<'a> {
    resolution: &'a Resolution,
    source: &'a Source,
    findings: &'a mut Findings,
}

impl Reader<'_> {
    fn settings(&mut self, context: &SettingsContext) -> Option<Settings> {
        let base = &context.layout.docker();
        let user_name = self.get("USR", values::name);
        self.get("GRP", values::name);
        self.get("LAB_NAME", values::image_path);
        let uid = self.get("USRID", values::id);
        let gid = self.get("GRPID", values::id);
        self.get_as(Code::EnvNames, "PROJECT_NAME", |it| same(it, &context.pyproject.name));
        self.get_as(Code::EnvNames, "PACKAGE_NAME", |it| same(it, &context.pyproject.package));
        let registry = self.get("REGISTRY_HOSTNAME", values::registry);
        let image_path = self.get("IMAGE_NAME", values::image_path);
        let base_image = self.get("BASE_IMAGE", ImageReference::parse);
        let micromamba_image = self.get("MICROMAMBA_IMAGE", |it| match it {
            "" => Ok(None),
            it => ImageReference::parse(it).map(Some),
        });
        let engine = self.get("ENGINE", NameRule::parse);
        let solver = self.get("SOLVER", NameRule::parse);
        let accelerator = self.get("CPU_OR_GPU", NameRule::parse);
        let ca_certificates =
            self.get_as(Code::EnvPath, "CA_CERTIFICATES", |it| ca_certificates(it, base, context.host));
        let local = |it: &str| values::name(it).map(|it| absolute(base, &it));
        let local = [
            self.get_as(Code::EnvPath, "LOCAL_PROJECT_DIR", |it| local(it).and_then(existing)),
            self.get("LOCAL_DATA_DIR", local),
            self.get("LOCAL_OUTPUTS_DIR", local),
            self.get("LOCAL_WANDB_DIR", local),
        ];
        let container = ["PROJECT_ROOT", "PROJECT_DIR", "DATA_DIR", "OUTPUTS_DIR", "WANDB_DIR"]
            .map(|name| self.get(name, values::container_path));
        let wandb_api_key = self.get("WANDB_API_KEY", |it| Ok((!it.is_empty()).then(|| Secret::new(it))));
        let compose_project = self.get("COMPOSE_PROJECT_NAME", values::compose_project);
        self.get("SHM_SIZE", values::memory);
        self.get("NO_NEW_PRIVILEGES", values::truth);
        let ssh_port = self.get("SSH_PORT", values::port);
        let jupyter_port = self.get("JUPYTER_PORT", values::port);
        let ssh_authorized_keys = self.get_as(Code::EnvPath, "SSH_AUTHORIZED_KEYS", |it| keys(it, base, context.host));

        let [local_project, local_data, local_outputs, local_wandb] = local;
        let [root, project, data, outputs, wandb] = container;
        let image = match (&registry, image_path) {
            (Some(Some(registry)), Some(path)) => Some(format!("{registry}/{path}")),
            (_, path) => path,
        };
        let local =
            LocalPaths { project: local_project?, data: local_data?, outputs: local_outputs?, wandb: local_wandb? };
        let ca_certificates = ca_certificates?;
        Some(Settings {
            variables: self.variables(context.host, ca_certificates.as_deref()),
            user: UserIds { uid: uid?, gid: gid? },
            user_name: user_name?,
            image: image?,
            registry: registry?,
            base_image: base_image?,
            micromamba_image: micromamba_image?,
            engine: engine?,
            solver: solver?,
            accelerator: accelerator?,
            ca_certificates,
            local,
            container: ContainerPaths { root: root?, project: project?, data: data?, outputs: outputs?, wandb: wandb? },
            wandb_api_key: wandb_api_key?,
            compose_project: compose_project?,
            ssh_port: ssh_port?,
            jupyter_port: jupyter_port?,
            ssh_authorized_keys: ssh_authorized_keys?,
        })
    }

    fn variables(&self, host: &HostEnvironment, certificates: Option<&Utf8Path>) -> BTreeMap<&'static str, String> {
        let is_found = |it: &SettingDefinition| match self.resolution.value(it).1 {
            Origin::Shell => true,
            Origin::File(_) => !host.has(it.name),
            Origin::Default => false,
        };
        let wanted = variables::all().filter(|it| it.scope != SettingScope::Secret && !is_found(it));
        let mut values: BTreeMap<&'static str, String> =
            wanted.map(|it| (it.name, self.resolution.value(it).0.to_owned())).collect();
        values.extend(certificates.map(|it| ("CA_CERTIFICATES", it.to_string())));
        values
    }

    fn get<T>(&mut self, name: &'static str, parse: impl FnOnce(&str) -> Result<T, ValueError>) -> Option<T> {
        self.get_as(Code::EnvValue, name, parse)
    }

    fn get_as<T>(
        &mut self,
        code: Code,
        name: &'static str,
        parse: impl FnOnce(&str) -> Result<T, ValueError>,
    ) -> Option<T> {
        let (value, origin) = self.resolution.values.get(name)?;
        let refusal = match parse(value) {
            Ok(value) => return Some(value),
            Err(refusal) => refusal,
        };
        let source = self.source;
        self.findings.push(match origin {
            Origin::File(span) => source.at(code, *span, format!("`{name}` {refusal}")),
            Origin::Shell => source
                .about(code, format!("`{name}`, set in your shell, {refusal}"))
                .help(format!("`unset {name}` or set it to something else")),
            Origin::Default => {
                source.about(code, format!("the default of `{name}` {refusal}")).help(format!("add a line `{name}=…`"))
            }
        });
        None
    }
}

fn existing(path: Utf8PathBuf) -> Result<Utf8PathBuf, ValueError> {
    if path.is_dir() { Ok(path) } else { Err(format!("names a directory that is not there: `{path}`")) }
}

fn same(value: &str, named: &str) -> Result<(), ValueError> {
    if value == named {
        Ok(())
    } else {
        Err(format!("is `{value}`, but python-project/pyproject.toml names it `{named}`"))
    }
}

fn ca_certificates(value: &str, base: &Utf8Path, host: &HostEnvironment) -> Result<Option<Utf8PathBuf>, ValueError> {
    let chosen = match value {
        // A relative path of the shell starts from where the shell is.
        "" => ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"].iter().find_map(|it| host.get(it)).map(|it| {
            let here = host.get("PWD").map_or(base, Utf8Path::new);
            absolute(here, it)
        }),
        chosen => Some(absolute(base, chosen)),
    };
    let Some(path) = chosen else { return Ok(None) };
    match path.metadata() {
        Ok(it) if it.is_file() => Ok(Some(path)),
        // A stale variable of the shell must not stop somebody who has chosen nothing.
        _ if value.is_empty() => Ok(None),
        _ => Err(format!("names a file that is not there: `{path}`")),
    }
}

fn keys(value: &str, base: &Utf8Path, host: &HostEnvironment) -> Result<Option<Utf8PathBuf>, ValueError> {
    let path = match (value.strip_prefix("~/"), host.get("HOME")) {
        _ if value.is_empty() => return Ok(None),
        (Some(rest), Some(home)) => Utf8Path::new(home).join(rest),
        _ => absolute(base, value),
    };
    if path.is_file() { Ok(Some(path)) } else { Err(format!("names a file that is not there: `{path}`")) }
}

/// `path` seen from `base`, without `.` and `..` where the path shows them: messages and mounts name what it means.
fn absolute(base: &Utf8Path, path: &str) -> Utf8PathBuf {
    let mut absolute = Utf8PathBuf::new();
    for component in base.join(path).components() {
        match component {
            camino::Utf8Component::ParentDir => _ = absolute.pop(),
            camino::Utf8Component::CurDir => {}
            other => absolute.push(other),
        }
    }
    absolute
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{DefaultSources, Machine, defaults};

    /// What is doubtful in a settings file with these lines, on a machine that others use or not.
    fn doubts(lines: &str, is_shared: bool) -> String {
        let directory = tempfile::tempdir().unwrap();
        let layout = Layout::new(Utf8PathBuf::try_from(directory.path().to_owned()).unwrap());
        for name in ["data", "outputs"] {
            std::fs::create_dir(directory.path().join(name)).unwrap();
        }
        let mut findings = Findings::default();
        let pyproject = Source::new("pyproject.toml", "[project]\nname = 'a'\n");
        let pyproject = Pyproject::parse(&pyproject, &mut findings).unwrap();
        let source = Source::new(".env", lines);
        let file = EnvFile::parse(&source, &mut findings);
        let host = HostEnvironment::default();
        let defaults =
            defaults(DefaultSources { machine: &Machine::any(), pyproject: &pyproject, root: layout.root() });
        let resolution = Resolution::new(&file, &host, &defaults);
        let context = SettingsContext { layout: &layout, host: &host, pyproject: &pyproject };
        let settings = resolution.settings(&source, &context, &mut findings).unwrap();
        resolution.check(&settings, is_shared, &source, &mut findings);
        findings.to_string()
    }

    #[test]
    fn root_is_doubtful_where_other_people_have_accounts() {
        let expected = ".env:2:7: warning[W0508]: containers run as root on a machine that other people";
        assert!(doubts("GRPID=0\nUSRID=0\n", true).starts_with(expected));
        assert_eq!(doubts("USRID=0\n", false), "");
        assert_eq!(doubts("USRID=1000\n", true), "");
    }

    #[test]
    fn a_chosen_directory_that_is_not_there_is_doubtful() {
        assert!(doubts("LOCAL_DATA_DIR=../../dta\n", false).starts_with(".env:1:16: warning[W0512]: `LOCAL_DATA_DIR`"));
        assert_eq!(doubts("LOCAL_DATA_DIR=../../data\n", false), "");
    }
}
