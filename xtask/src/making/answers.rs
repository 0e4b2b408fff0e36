//! The questions of `init`, and the answers that nobody has to give.

use anyhow::{Error, Result, bail};
use camino::Utf8Path;

use project::Context;
use scaffold::{Answers, Git, LicenseChoice, ProjectNames, Rules};

use super::ProjectSettings;
use crate::cli::{InitArgs, python_version};

/// The license of whoever says nothing.
const LICENSE: &str = "MIT";

/// What the command line says; for the rest, what a person on the terminal says, or else the defaults. A wrong answer is asked
/// for again. `listed` is the text of the environment.yml that the project will have, where that is known.
pub fn answers(
    args: &InitArgs,
    cx: &Context,
    git: &Git,
    rules: &Rules,
    into: Option<&Utf8Path>,
    listed: &str,
) -> Result<Answers> {
    let asks = !args.yes && cx.ui.is_interactive();
    let names = names(args, cx, into, listed, asks)?;
    let python = match &args.python {
        None if asks => asked(cx, "Python to develop with, such as 3.12", &rules.requires_python, python_version)?,
        python => python.as_deref().map(python_version).transpose().map_err(Error::msg)?,
    };
    let license = |text: &str| LicenseChoice::parse(text, rules.licenses.iter().map(|it| it.0.as_str()));
    let license = match &args.license {
        None if asks => cx
            .ui
            .ask("license: mit, bsd-3-clause, none or keep", &LICENSE.to_lowercase(), license)?
            .map_err(Error::msg)?,
        given => license(given.as_deref().unwrap_or(LICENSE)).map_err(Error::msg)?,
    };
    let lab = match &args.lab {
        None if asks => {
            let check = |lab: &str| {
                let checked = ProjectSettings::of_lab(lab).check(cx);
                checked.map(|()| lab.to_owned()).map_err(|it| format!("{it:#}"))
            };
            asked(cx, "lab, for the names of images", "your group on this machine", check)?
        }
        lab => lab.clone(),
    };
    let (author, year) = author(args, cx, git)?;
    Ok(Answers {
        names,
        python,
        requires_python: None,
        license,
        author,
        year,
        lab,
        registry: args.registry.clone(),
        base_image: args.base.as_ref().map(ToString::to_string),
        keeps_tool_tests: args.keep_tool_tests,
    })
}

/// What a person says; `None` where that is the default.
fn asked(
    cx: &Context,
    question: &str,
    default: &str,
    read: impl Fn(&str) -> Result<String, String>,
) -> Result<Option<String>> {
    let other = |answer: &str| (answer != default).then(|| read(answer)).transpose();
    cx.ui.ask(question, default, other)?.map_err(Error::msg)
}

fn names(args: &InitArgs, cx: &Context, into: Option<&Utf8Path>, listed: &str, asks: bool) -> Result<ProjectNames> {
    match &args.name {
        Some(name) => ProjectNames::parse(name).map_err(Error::msg),
        None if asks => {
            let folder = into.unwrap_or(cx.layout.root()).file_name().unwrap_or_default();
            let default = ProjectNames::parse(folder).map(|it| it.distribution).unwrap_or_default();
            let own = |name: &str| {
                let names = ProjectNames::parse(name)?;
                scaffold::require_own_name(&names, listed).map(|()| names).map_err(|it| format!("{it:#}"))
            };
            cx.ui.ask("name of the project", &default, own)?.map_err(Error::msg)
        }
        None => bail!("without a terminal to ask, the project needs a name: `cargo xtask init NAME`"),
    }
}

/// Who holds the copyright, since this year. Whoever wants a commit has to tell git the name anyway.
fn author(args: &InitArgs, cx: &Context, git: &Git) -> Result<(String, String)> {
    if !args.no_commit {
        let author = git.author()?;
        return Ok((author.name, author.year));
    }
    let name = git.configured_name().or_else(|| cx.host.get("USER").map(str::to_owned));
    Ok((name.unwrap_or_else(|| "the authors".to_owned()), scaffold::current_year()))
}
