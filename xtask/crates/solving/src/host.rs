//! Where solvers run.

use anyhow::{Error, Result};
use camino::{Utf8Path, Utf8PathBuf};

use environment::{Platform, Solver};
use inputs::Project;
use process::{
    Invocation,
    files::{self, FileTree, NewFile},
};
use project::FreeMemory;

use crate::{
    CondaEngine, LentLogins, UvProgram, find_or_install_uv, memory,
    solve::version_of_uv,
    system::{answer, is_new_enough},
    with_ca_certificates,
};

/// A place where solvers can be started: this machine, or a stage of the Dockerfile.
pub trait SolverHost {
    /// Where conda's solver keeps indexes and packages for the next time.
    fn conda_cache(&self) -> Utf8PathBuf;

    /// Gives conda's solver a request: what it prints, and what it says besides.
    fn solve_conda(&self, platform: &Platform, request: String) -> Result<(String, String)>;

    /// Lets uv solve: its answer, or why it has none.
    fn solve_pip(&self, platform: &Platform, question: &PipQuestion) -> Result<Result<PipAnswer, String>>;

    /// The version of the uv that solves; `None` where it does not tell.
    fn uv_version(&self) -> Result<Option<String>>;
}

/// What uv is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PipQuestion<'a> {
    pub python: PythonChoice<'a>,
    /// The files of the directory that uv is started in. Without a `requirements.txt`, only Python is asked for.
    pub files: FileTree,
    /// uv's arguments, but for the version of Python.
    pub arguments: Vec<String>,
    /// A variable that uv reads, and its value.
    pub variable: Option<(&'static str, String)>,
}

/// The file of a [`PipQuestion`] that says what is asked for.
pub(crate) const REQUIREMENTS: &str = "requirements.txt";

/// The Python that is solved for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PythonChoice<'a> {
    /// Of this version.
    Known(&'a str),
    /// The one that uv finds, where the environment is made, by a PEP 440 specifier; an empty one allows any.
    Found(&'a str),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PipAnswer {
    /// The version of Python.
    pub python: String,
    /// `pylock.toml`; `None` where only Python was asked for.
    pub pylock: Option<String>,
}

impl<'a> PipQuestion<'a> {
    /// Which Python uv finds where the environment is made, by a PEP 440 specifier.
    pub fn of_python(specifier: &'a str) -> Self {
        let python = PythonChoice::Found(specifier);
        Self { python, files: FileTree::new(), arguments: Vec::new(), variable: None }
    }

    pub fn is_about_python_alone(&self) -> bool {
        !self.files.contains_key(Utf8Path::new(REQUIREMENTS))
    }
}

/// This machine.
#[derive(Debug, Clone, Copy)]
pub struct LocalSolver<'a> {
    pub project: &'a Project<'a>,
    /// Whether uv installs the Python that is asked for, where there is none: for an environment on this machine.
    pub may_install_python: bool,
}

impl LocalSolver<'_> {
    /// What this machine lacks to solve, in words; `None` where it lacks nothing.
    pub fn lacks(self) -> Result<Option<&'static str>> {
        let cx = self.project.cx;
        let uv = UvProgram::find(&cx.host, &cx.layout.work());
        if matches!(&uv, UvProgram::Own(path) if !path.exists())
            && answer(self.project, &Invocation::new("python3").args(["-m", "pip", "--version"]))?.is_none()
        {
            return Ok(Some("this machine has neither uv nor a `python3` with pip"));
        }
        if self.project.plan.solver == Solver::Uv {
            return Ok(None);
        }
        let python = answer(self.project, &Invocation::new("python3").arg("--version"))?;
        if python.is_some_and(|it| is_new_enough(&it)) || CondaEngine::has_python(self.project)? {
            return Ok(None);
        }
        Ok(Some("this machine has no Python 3.10 or newer"))
    }

    /// The version of the Python that uv finds here, or why there is none.
    fn find_python(self, uv: &Utf8Path, wanted: &str) -> Result<Result<String, String>> {
        let Project { cx, network, .. } = self.project;
        let python = |words: &[&str]| {
            let invocation =
                cx.host.without_cargo(Invocation::new(uv.as_str())).arg("python").args(words.iter().copied());
            let invocation = if wanted.is_empty() { invocation } else { invocation.arg(wanted) };
            with_ca_certificates(invocation, network.ca_certificates.as_deref())
        };
        let find = python(&["find", "--no-project", "--show-version"]);
        let mut output = cx.runner.read(&find)?;
        if !output.exit.success() && self.may_install_python {
            cx.ui.notice(format_args!("no Python {wanted} is here; uv downloads one"));
            let installed = cx.runner.change(&python(&["install"]))?;
            if !installed.exit.success() {
                return Ok(Err(self.without_python(wanted, installed.stderr.trim())));
            }
            output = cx.runner.read(&find)?;
        }
        let found = output.stdout.trim();
        Ok(if output.exit.success() && !found.is_empty() {
            Ok(found.to_owned())
        } else {
            Err(format!(
                "no lock has a version of Python, and uv finds none here ({}); write one into `environment.yml`, such as \
                 `- python=3.12.4`",
                output.stderr.trim()
            ))
        })
    }

    /// Why there is no Python, with the line that asks for it and what helps.
    fn without_python(self, wanted: &str, said: &str) -> String {
        let environment = self.project.environment.environment();
        let line = environment
            .conda
            .iter()
            .find(|(spec, _)| spec.name == "python")
            .map(|(spec, span)| format!(" (dependencies/environment.yml:{}: `{}`)", span.start.line, spec.text));
        let cause = said.lines().rev().map(str::trim).find(|it| !it.is_empty()).unwrap_or("it does not say why");
        // The marks of uv 0.13 and of older ones.
        let cause = ["cause: ", "Caused by: "].iter().find_map(|it| cause.strip_prefix(it)).unwrap_or(cause);
        format!(
            "no Python {wanted} is on this machine{}, and uv cannot download one: {cause}; install it, or ask for a version that is \
             here",
            line.unwrap_or_default()
        )
    }

    fn directory(platform: &Platform) -> Utf8PathBuf {
        Utf8Path::new("solve").join(platform.folder())
    }
}

impl SolverHost for LocalSolver<'_> {
    fn conda_cache(&self) -> Utf8PathBuf {
        CondaEngine::cache(self.project.cx)
    }

    fn solve_conda(&self, platform: &Platform, request: String) -> Result<(String, String)> {
        let cx = self.project.cx;
        let engine = CondaEngine::find_or_install(self.project)?;
        let file = cx.scratch.write(Self::directory(platform).join("conda.json"), &NewFile::text(request))?;
        let logins = LentLogins::of(self.project)?;
        if let Some(warning) = FreeMemory::here().and_then(memory::warning) {
            cx.ui.notice(warning);
        }
        let output = cx.runner.read_with_progress(&logins.on(engine.solution(cx, &file)))?;
        memory::require_not_killed(output.exit)?;
        Ok((output.stdout, output.stderr))
    }

    fn solve_pip(&self, platform: &Platform, question: &PipQuestion) -> Result<Result<PipAnswer, String>> {
        let Project { cx, network, .. } = self.project;
        let uv = find_or_install_uv(cx, network)?;
        let python = match question.python {
            PythonChoice::Known(version) => version.to_owned(),
            PythonChoice::Found(wanted) => match self.find_python(&uv, wanted)? {
                Ok(version) => version,
                Err(why) => return Ok(Err(why)),
            },
        };
        if question.is_about_python_alone() {
            return Ok(Ok(PipAnswer { python, pylock: None }));
        }
        let directory = cx.scratch.write_tree(Self::directory(platform).join("pip"), &question.files)?;
        // In the directory itself: in an absolute path, uv takes `#` and `${NAME}` for something else.
        let invocation = cx.host.without_cargo(Invocation::new(uv).args(&question.arguments).current_dir(&directory));
        let invocation = invocation.args(["--python-version", &python]);
        let invocation = question.variable.iter().fold(invocation, |it, (name, value)| it.env(*name, value));
        let logins = LentLogins::of(self.project)?;
        let invocation = with_ca_certificates(logins.on(invocation), network.ca_certificates.as_deref());
        let output = cx.runner.read(&invocation).map_err(Error::from)?;
        if !output.exit.success() {
            return Ok(Err(output.stderr.trim().to_owned()));
        }
        let pylock = files::read_text(&directory.join("pylock.toml"))?;
        Ok(Ok(PipAnswer { python, pylock: Some(pylock) }))
    }

    fn uv_version(&self) -> Result<Option<String>> {
        version_of_uv(self.project, &find_or_install_uv(self.project.cx, &self.project.network)?)
    }
}
