//! What a new project shall be, asked and shown, and the settings that follow its names.

mod answers;
mod settings;

use anyhow::{Context as _, Result};
use camino::{Utf8Path, Utf8PathBuf};

use process::Invocation;
use project::Context;
use scaffold::{Answers, DependencyList, LicenseChoice, ProjectNames, ProjectRecord, TrackedFiles};

pub use answers::answers;
pub use settings::{DerivedNames, ProjectSettings};

/// A path as the user means it, who stands somewhere.
pub fn absolute(cx: &Context, path: &Utf8Path) -> Result<Utf8PathBuf> {
    let directory = cx.host.directory().context("the current directory is gone")?;
    Ok(project::without_steps_up(&directory.join(path)))
}

/// Says every spelling of the name.
pub fn show_names(cx: &Context, names: &ProjectNames) {
    cx.ui.notice(format_args!(
        "project `{}`, package `{}`, heading `{}`, images `…/{}`",
        names.distribution,
        names.package,
        names.title(),
        names.distribution
    ));
}

/// A project before it is written.
#[derive(Debug)]
pub struct NewProject {
    pub record: ProjectRecord,
    pub files: TrackedFiles,
    /// The packages that were taken over.
    pub list: Option<DependencyList>,
}

impl NewProject {
    /// Says what will be there, and what of the template not.
    pub fn show(&self, cx: &Context, template: &TrackedFiles) {
        let Answers { names, python, requires_python, license, author, .. } = &self.record.answers;
        show_names(cx, names);
        let license = match license {
            LicenseChoice::Named(name) => format!("license {name}, by {author}"),
            LicenseChoice::None => "no license".to_owned(),
            LicenseChoice::Keep => "LICENSE stays as it is".to_owned(),
        };
        let python = python.as_ref().or(requires_python.as_ref()).map(|it| format!("Python {it}, "));
        cx.ui.notice(format_args!("{}{license}", python.unwrap_or_default()));
        if let Some(list) = &self.list {
            list.remarks.iter().for_each(|it| cx.ui.notice(it));
            cx.ui.notice(format_args!("took over {} packages", list.packages));
        }
        let own = self.files.keys().filter(|it| !scaffold::is_tool(it)).count();
        let left = template.keys().filter(|it| !self.files.contains_key(*it)).count();
        let of_tool = self.files.len() - own;
        cx.ui.notice(format_args!(
            "{own} files of the project, {of_tool} of the tool; {left} of the template are left behind"
        ));
    }
}

/// Says how to go on.
pub fn show_next_steps(cx: &Context, names: &ProjectNames, folder: Option<&Utf8Path>) {
    let run = Invocation::new("cargo").args(["xtask", "run", "--", "python", "-m", &format!("{}.main", names.package)]);
    let (run, remote) = match folder {
        Some(folder) => (run.current_dir(folder), "add"),
        None => (run, "set-url"),
    };
    cx.ui.notice(format_args!("`{}` is there; go on with", names.distribution));
    cx.ui.report(format_args!("  {run}"));
    cx.ui.report("  cargo xtask ci");
    cx.ui.report(format_args!("  git remote {remote} origin URL-OF-YOUR-REPOSITORY"));
}

/// Removes the folder of a package that has another name now, if there is nothing in it but what Python has compiled.
pub fn remove_old_package(cx: &Context, old: &ProjectNames) {
    let folder = cx.layout.python_project().join("src").join(&old.package);
    if is_only_bytecode(&folder) {
        _ = cx.files.remove_dir(&folder);
    }
}

fn is_only_bytecode(folder: &Utf8Path) -> bool {
    let Ok(entries) = folder.read_dir_utf8() else { return false };
    entries.flatten().all(|it| {
        it.file_type().is_ok_and(|kind| kind.is_dir())
            && (it.file_name() == "__pycache__" || is_only_bytecode(it.path()))
    })
}
