//! Where solvers run.

use anyhow::{Error, Result};
use camino::{Utf8Path, Utf8PathBuf};

use environment::Platform;
use inputs::Project;
use process::{
    Invocation,
    files::{self, FileTree, NewFile},
};

use crate::{
    CondaEngine, LentLogins, UvProgram, find_or_install_uv,
    system::{answer, is_new_enough},
    with_ca_certificates,
};

/// A place where solvers can be started: this machine, or a stage of the Dockerfile.
pub trait SolverHost {
    /// Where conda's solver keeps indexes and packages for the next time.
    fn conda_cache(&self) -> Utf8PathBuf;

    /// Gives conda's solver a request: what it prints, and what it says besides.
    fn solve_conda(&self, platform: &Platform, request: String) -> Result<(String, String)>;

    /// Starts uv in a directory of these files: the `pylock.toml` that it writes there, or why it does not.
    fn solve_pip(
        &self,
        platform: &Platform,
        files: &FileTree,
        arguments: Vec<String>,
    ) -> Result<Result<String, String>>;
}

/// This machine.
#[derive(Debug, Clone, Copy)]
pub struct LocalSolver<'a> {
    pub project: &'a Project<'a>,
}

impl LocalSolver<'_> {
    /// What this machine lacks to solve for conda, in words; `None` where it lacks nothing.
    pub fn lacks(self) -> Result<Option<&'static str>> {
        let cx = self.project.cx;
        let uv = UvProgram::find(&cx.host, &cx.layout.work());
        if matches!(&uv, UvProgram::Own(path) if !path.exists())
            && answer(self.project, &Invocation::new("python3").args(["-m", "pip", "--version"]))?.is_none()
        {
            return Ok(Some("this machine has neither uv nor a `python3` with pip"));
        }
        let python = answer(self.project, &Invocation::new("python3").arg("--version"))?;
        if python.is_some_and(|it| is_new_enough(&it)) || CondaEngine::has_python(self.project)? {
            return Ok(None);
        }
        Ok(Some("this machine has no Python 3.10 or newer"))
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
        let output = cx.runner.read_with_progress(&logins.on(engine.solution(cx, &file)))?;
        Ok((output.stdout, output.stderr))
    }

    fn solve_pip(
        &self,
        platform: &Platform,
        files: &FileTree,
        arguments: Vec<String>,
    ) -> Result<Result<String, String>> {
        let Project { cx, network, .. } = self.project;
        let uv = find_or_install_uv(cx, network)?;
        let directory = cx.scratch.write_tree(Self::directory(platform).join("pip"), files)?;
        // In the directory itself: in an absolute path, uv takes `#` and `${NAME}` for something else.
        let invocation = cx.host.without_cargo(Invocation::new(uv).args(arguments).current_dir(&directory));
        let logins = LentLogins::of(self.project)?;
        let invocation = with_ca_certificates(logins.on(invocation), network.ca_certificates.as_deref());
        let output = cx.runner.read(&invocation).map_err(Error::from)?;
        if !output.exit.success() {
            return Ok(Err(output.stderr.trim().to_owned()));
        }
        files::read_text(&directory.join("pylock.toml")).map(Ok)
    }
}
