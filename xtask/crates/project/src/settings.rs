//! The settings, from texts to types.

use process::IntoMap as _;
use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};

use process::{HostEnvironment, Secret};
use report::{Code, Findings, Source, Span};

use super::{
    Layout, Pyproject, Variant,
    env_file::EnvFile,
    values::{self, Accelerator, DEFAULT_BASE_IMAGE, ImageReference, Keyword, ValueError},
    variables::{self, Defaults, SettingDefinition, SettingScope},
};

/// The choices of the person and the machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Whom containers run as.
    pub user: UserIds,
    /// The image's name, with its registry, without its tag.
    pub image: String,
    /// The host of the registry to push to.
    pub registry: Option<String>,
    /// By its digest, where that is known.
    pub base_image: ImageReference,
    pub engine: EngineChoice,
    pub solver: SolverChoice,
    /// Whether commands get an environment of the files as they are, or what is there.
    pub syncs: bool,
    /// The builder of `docker buildx ls` that builds; `None` for the current one.
    pub builder: Option<String>,
    /// Whether each command leaves a receipt.
    pub receipts: bool,
    pub accelerator: Accelerator,
    /// The variant of the platform whose lock is wanted, where it is not the accelerator's.
    pub lock_variant: Option<Variant>,
    /// A PEM file of certificate authorities to trust besides the system's.
    pub ca_certificates: Option<Utf8PathBuf>,
    pub local: LocalPaths,
    /// Where the local directories are mounted.
    pub container: ContainerPaths,
    pub wandb_api_key: Option<Secret>,
    /// Variables of the user's own, by name, for containers and commands. Some are secrets.
    pub own: BTreeMap<String, String>,
    /// The name that compose gives the containers of this checkout.
    pub compose_project: String,
    /// Whether commands in the dev container may ask this machine's SSH agent.
    pub ssh_agent: bool,
    /// The port of this machine that leads to the dev container's SSH server.
    pub ssh_port: u16,
    /// The port of this machine that leads to JupyterLab.
    pub jupyter_port: u16,
    /// The file of public keys that may log in by SSH, where it is not the usual ones.
    pub ssh_authorized_keys: Option<Utf8PathBuf>,
    /// The variables that compose has to be given, because it does not find their values in the settings file or in its
    /// environment: defaults, and those that only the file may set.
    pub variables: BTreeMap<&'static str, String>,
}

/// A numeric user and group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UserIds {
    pub uid: u32,
    pub gid: u32,
}

/// Directories of this machine, absolute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalPaths {
    /// The repository, not only the Python project.
    pub project: Utf8PathBuf,
    pub data: Utf8PathBuf,
    pub outputs: Utf8PathBuf,
    pub wandb: Utf8PathBuf,
}

/// Directories in the container, absolute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContainerPaths {
    /// The repository.
    pub root: Utf8PathBuf,
    /// The Python project.
    pub project: Utf8PathBuf,
    pub data: Utf8PathBuf,
    pub outputs: Utf8PathBuf,
    pub wandb: Utf8PathBuf,
}

/// `ENGINE`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EngineChoice {
    /// Docker when its daemon answers, else native.
    Auto,
    Docker,
    /// podman in Docker's place.
    Podman,
    Native,
}

impl Keyword for EngineChoice {
    const WORDS: &'static [(&'static str, Self)] =
        &[("auto", Self::Auto), ("docker", Self::Docker), ("podman", Self::Podman), ("native", Self::Native)];
}

/// `SOLVER`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SolverChoice {
    /// uv unless conda is needed.
    Auto,
    Conda,
    Uv,
}

impl Keyword for SolverChoice {
    const WORDS: &'static [(&'static str, Self)] = &[("auto", Self::Auto), ("conda", Self::Conda), ("uv", Self::Uv)];
}

/// Where a value comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The settings file, at this place.
    File(Span),
    /// A variable of the process environment.
    Shell,
    Default,
}

impl Origin {
    /// The origin as a comment; empty for the file.
    pub(super) fn remark(self) -> &'static str {
        match self {
            Self::File(_) => "",
            Self::Shell => " # from the shell's environment",
            Self::Default => " # default",
        }
    }
}

/// Every variable's text and where it comes from, before it is parsed.
#[derive(Debug, Clone)]
pub struct Resolution {
    values: BTreeMap<&'static str, (String, Origin)>,
    /// The variables of the user's own.
    pub(super) own: BTreeMap<String, String>,
}

impl Resolution {
    /// The process environment overrides the file, and the file the defaults. A complete file needs no defaults.
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
        let own = file.own().map(|(name, entry)| {
            let value = host.get(&entry.name).unwrap_or(&entry.value);
            (name.to_owned(), value.to_owned())
        });
        Self { values: variables::all().into_iter().map(value).into_map(), own: own.into_map() }
    }

    /// The text of a setting, wherever it comes from; `None` where there is no setting of the name.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(|(value, _)| value.as_str())
    }

    pub(super) fn value(&self, variable: &SettingDefinition) -> (&str, Origin) {
        let (value, origin) = &self.values[variable.name];
        (value, *origin)
    }

    /// Warns of what is allowed but most likely not meant. `source` is the file.
    pub fn check(&self, settings: &Settings, is_shared: bool, source: &Source, findings: &mut Findings) {
        let place = |name: &str| match self.values.get(name) {
            Some((_, Origin::File(span))) => Some(*span),
            _ => None,
        };
        if settings.user.uid == 0 && is_shared && settings.engine != EngineChoice::Native {
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
                let message = format!("`{name}` names a directory that does not exist: `{path}`");
                let help = "correct it, or mount what belongs there; `run` would create it, empty";
                findings.push(source.at(Code::EnvDirectory, span, message).help(help));
            }
        }
    }

    /// Parses every value. `None`, with findings, where one has an error. `source` is the file.
    pub fn settings(&self, source: &Source, context: &SettingsContext, findings: &mut Findings) -> Option<Settings> {
        SettingsParser { resolution: self, source, findings }.settings(context)
    }
}

/// What the meaning of the settings depends on.
#[derive(Debug, Clone, Copy)]
pub struct SettingsContext<'a> {
    pub layout: &'a Layout,
    pub host: &'a HostEnvironment,
    pub pyproject: &'a Pyproject,
}

struct SettingsParser<'a> {
    resolution: &'a Resolution,
    source: &'a Source,
    findings: &'a mut Findings,
}

impl SettingsParser<'_> {
    fn settings(&mut self, context: &SettingsContext) -> Option<Settings> {
        let base = &context.layout.docker();
        self.parse("USR", values::name);
        self.parse("GRP", values::name);
        self.parse("LAB_NAME", values::image_path);
        let uid = self.parse("USRID", values::id);
        let gid = self.parse("GRPID", values::id);
        self.parse_as(Code::EnvNames, "PROJECT_NAME", |it| same_as_in_pyproject(it, &context.pyproject.name));
        self.parse_as(Code::EnvNames, "PACKAGE_NAME", |it| same_as_in_pyproject(it, &context.pyproject.package));
        let registry = self.parse("REGISTRY_HOSTNAME", values::registry);
        let image_path = self.parse("IMAGE_NAME", values::image_path);
        let of_project = context.pyproject.base_image.as_deref().unwrap_or(DEFAULT_BASE_IMAGE);
        let base_image =
            self.parse("BASE_IMAGE", |it| ImageReference::parse(if it.is_empty() { of_project } else { it }));
        let engine = self.parse("ENGINE", Keyword::parse);
        let solver = self.parse("SOLVER", Keyword::parse);
        let syncs = self.parse("RUN_SYNC", values::boolean);
        let builder = self.parse("BUILDER", values::builder);
        let receipts = self.parse("RECEIPTS", values::boolean);
        let accelerator = self.parse("CPU_OR_GPU", Keyword::parse);
        let lock_variant =
            self.parse("LOCK_VARIANT", |it| if it.is_empty() { Ok(None) } else { Variant::parse(it).map(Some) });
        let ca_certificates =
            self.parse_as(Code::EnvPath, "CA_CERTIFICATES", |it| ca_certificates(it, base, context.host));
        let local = |it: &str| values::name(it).map(|it| absolute(base, &it));
        let local = [
            self.parse_as(Code::EnvPath, "LOCAL_PROJECT_DIR", |it| local(it).and_then(existing_directory)),
            self.parse("LOCAL_DATA_DIR", local),
            self.parse("LOCAL_OUTPUTS_DIR", local),
            self.parse("LOCAL_WANDB_DIR", local),
        ];
        let container = ["PROJECT_ROOT", "PROJECT_DIR", "DATA_DIR", "OUTPUTS_DIR", "WANDB_DIR"]
            .map(|name| self.parse(name, values::container_path));
        let wandb_api_key = self.parse("WANDB_API_KEY", |it| Ok((!it.is_empty()).then(|| Secret::new(it))));
        let compose_project = self.parse("COMPOSE_PROJECT_NAME", values::compose_project);
        self.parse("SHM_SIZE", values::memory);
        self.parse("MEMORY_LIMIT", |it| if it.is_empty() { Ok(String::new()) } else { values::memory(it) });
        self.parse("PIDS_LIMIT", values::number_of_processes);
        self.parse("NO_NEW_PRIVILEGES", values::boolean);
        let ssh_agent = self.parse("SSH_AGENT", values::boolean);
        let ssh_port = self.parse("SSH_PORT", values::port);
        let jupyter_port = self.parse("JUPYTER_PORT", values::port);
        let ssh_authorized_keys =
            self.parse_as(Code::EnvPath, "SSH_AUTHORIZED_KEYS", |it| authorized_keys(it, base, context.host));

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
            image: image?,
            registry: registry?,
            base_image: base_image?,
            engine: engine?,
            solver: solver?,
            syncs: syncs?,
            builder: builder?,
            receipts: receipts?,
            accelerator: accelerator?,
            lock_variant: lock_variant?,
            ca_certificates,
            local,
            container: ContainerPaths { root: root?, project: project?, data: data?, outputs: outputs?, wandb: wandb? },
            wandb_api_key: wandb_api_key?,
            own: self.resolution.own.clone(),
            compose_project: compose_project?,
            ssh_agent: ssh_agent?,
            ssh_port: ssh_port?,
            jupyter_port: jupyter_port?,
            ssh_authorized_keys: ssh_authorized_keys?,
        })
    }

    fn variables(&self, host: &HostEnvironment, certificates: Option<&Utf8Path>) -> BTreeMap<&'static str, String> {
        let compose_finds = |it: &SettingDefinition| match self.resolution.value(it).1 {
            Origin::Shell => true,
            Origin::File(_) => !host.has(it.name),
            Origin::Default => false,
        };
        let given = variables::all().into_iter().filter(|it| it.scope != SettingScope::Secret && !compose_finds(it));
        let mut values: BTreeMap<&'static str, String> =
            given.map(|it| (it.name, self.resolution.value(it).0.to_owned())).into_map();
        values.extend(certificates.map(|it| ("CA_CERTIFICATES", it.to_string())));
        values
    }

    fn parse<T>(&mut self, name: &'static str, parse: impl FnOnce(&str) -> Result<T, ValueError>) -> Option<T> {
        self.parse_as(Code::EnvValue, name, parse)
    }

    fn parse_as<T>(
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
            Origin::File(span) if code == Code::EnvNames => {
                let help = format!("`cargo xtask env --unset {name}` takes the name from there");
                source.at(code, *span, format!("`{name}` {refusal}")).help(help)
            }
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

fn existing_directory(path: Utf8PathBuf) -> Result<Utf8PathBuf, ValueError> {
    if path.is_dir() { Ok(path) } else { Err(format!("names a directory that does not exist: `{path}`")) }
}

fn same_as_in_pyproject(value: &str, named: &str) -> Result<(), ValueError> {
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
        _ => Err(format!("names a file that does not exist: `{path}`")),
    }
}

fn authorized_keys(value: &str, base: &Utf8Path, host: &HostEnvironment) -> Result<Option<Utf8PathBuf>, ValueError> {
    let path = match (value.strip_prefix("~/"), host.get("HOME")) {
        _ if value.is_empty() => return Ok(None),
        (Some(rest), Some(home)) => Utf8Path::new(home).join(rest),
        _ => absolute(base, value),
    };
    if path.is_file() { Ok(Some(path)) } else { Err(format!("names a file that does not exist: `{path}`")) }
}

/// `path` seen from `base`, with `.` and `..` resolved in the text alone.
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

    /// The warnings of a settings file with these lines, on a machine that others use or not.
    fn warnings(lines: &str, is_shared: bool) -> String {
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
        let defaults = defaults(DefaultSources {
            machine: &Machine::placeholder(),
            pyproject: &pyproject,
            root: layout.root(),
            host: &HostEnvironment::default(),
        });
        let resolution = Resolution::new(&file, &host, &defaults);
        let context = SettingsContext { layout: &layout, host: &host, pyproject: &pyproject };
        let settings = resolution.settings(&source, &context, &mut findings).unwrap();
        resolution.check(&settings, is_shared, &source, &mut findings);
        findings.to_string()
    }

    #[test]
    fn root_is_warned_of_where_other_people_have_accounts() {
        let expected = ".env:2:7: warning[W0508]: containers run as root on a machine that other people";
        assert!(warnings("GRPID=0\nUSRID=0\n", true).starts_with(expected));
        assert_eq!(warnings("USRID=0\n", false), "");
        assert_eq!(warnings("USRID=1000\n", true), "");
    }

    #[test]
    fn a_chosen_directory_that_does_not_exist_is_warned_of() {
        assert!(
            warnings("LOCAL_DATA_DIR=../../dta\n", false).starts_with(".env:1:16: warning[W0512]: `LOCAL_DATA_DIR`")
        );
        assert_eq!(warnings("LOCAL_DATA_DIR=../../data\n", false), "");
    }
}
