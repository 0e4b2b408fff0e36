//! Running a command in the prefix.

use std::collections::BTreeMap;
use std::iter::once;

use camino::{Utf8Path, Utf8PathBuf};

use environment::Solver;
use process::{EnvArg, HostEnvironment, Invocation};
use project::Settings;

/// One command with the environment activated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NativeRun<'a> {
    pub prefix: &'a Utf8Path,
    /// Decides which variables activate the prefix: those of a virtual environment or conda's.
    pub solver: Solver,
    /// bash and the script that runs conda's activation scripts, where there are any.
    pub activation: Option<[&'a str; 2]>,
    /// The directories of programs that change the environment.
    pub tools: &'a [Utf8PathBuf],
    /// For the directories and secrets that the command finds in variables.
    pub settings: &'a Settings,
    /// `variables:` of environment.yml.
    pub variables: &'a BTreeMap<String, String>,
    /// `--env` of the command line; goes over everything else.
    pub passed: &'a [EnvArg],
    /// Where the command starts, where that is not the Python project.
    pub directory: Option<&'a Utf8Path>,
    /// The program and its arguments.
    pub command: &'a [String],
}

impl NativeRun<'_> {
    pub fn invocation(&self, host: &HostEnvironment) -> Invocation {
        let (program, arguments) =
            self.command.split_first().map_or(("true", &[][..]), |(it, rest)| (it.as_str(), rest));
        let local = &self.settings.local;
        let project = python_project(self.settings);
        let paths = [
            ("PROJECT_ROOT", &local.project),
            ("PROJECT_DIR", &project),
            ("DATA_DIR", &local.data),
            ("OUTPUTS_DIR", &local.outputs),
            ("WANDB_DIR", &local.wandb),
        ];
        let command = match self.activation {
            Some([bash, script]) => Invocation::new(bash).args([script, program]).args(arguments),
            None => Invocation::new(program).args(arguments),
        };
        let command = command.current_dir(self.directory.unwrap_or(&project));
        let mut invocation = host.without_cargo(command);
        invocation = activate(invocation, self.prefix, self.tools, self.solver, host);
        invocation = paths.into_iter().fold(invocation, |it, (name, path)| it.env(name, path.as_str()));
        invocation = self.variables.iter().fold(invocation, |it, (name, value)| it.env(name, value));
        invocation = self
            .settings
            .own
            .iter()
            .fold(invocation, |it, (name, value)| EnvArg::Set(name.clone(), value.clone()).set_on(it));
        if let Some(key) = &self.settings.wandb_api_key {
            invocation = invocation.secret_env("WANDB_API_KEY", key.clone());
        }
        self.passed.iter().fold(invocation, |invocation, passed| passed.set_on(invocation))
    }
}

/// Whether conda's packages have scripts that set variables.
pub fn has_activation_scripts(prefix: &Utf8Path) -> bool {
    let scripts = prefix.join("etc/conda/activate.d").read_dir_utf8().into_iter().flatten().flatten();
    scripts.into_iter().any(|it| it.path().extension() == Some("sh"))
}

/// The Python project below LOCAL_PROJECT_DIR, at the same place as in a container.
fn python_project(settings: &Settings) -> Utf8PathBuf {
    let inside = settings.container.project.strip_prefix(&settings.container.root);
    settings.local.project.join(inside.unwrap_or("python-project".into()))
}

/// Sets what `activate` would set in a shell.
fn activate(
    invocation: Invocation,
    prefix: &Utf8Path,
    tools: &[Utf8PathBuf],
    solver: Solver,
    host: &HostEnvironment,
) -> Invocation {
    let programs = prefix.join("bin");
    let path = once(programs.as_str()).chain(tools.iter().map(|it| it.as_str())).chain(host.get("PATH"));
    let path = path.collect::<Vec<_>>().join(":");
    let invocation = invocation.env("PATH", path).env("PYTHONNOUSERSITE", "1").without_env("PYTHONHOME");
    match solver {
        Solver::Uv => invocation.env("VIRTUAL_ENV", prefix.as_str()).without_env("CONDA_PREFIX"),
        Solver::Conda => invocation
            .env("CONDA_PREFIX", prefix.as_str())
            .env("CONDA_DEFAULT_ENV", prefix.as_str())
            .without_env("VIRTUAL_ENV"),
    }
}
