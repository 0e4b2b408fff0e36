//! `cargo xtask check`

use anyhow::{Result, bail};

use process::Outcome;
use project::Context;
use report::{Code, Format};

use crate::{
    cli::{CheckArgs, OutputFormat},
    submitting,
};

impl CheckArgs {
    /// Checks every input file, or explains a code. Starts no process and changes nothing.
    pub fn run(&self, cx: &Context) -> Result<Outcome> {
        if let Some(id) = &self.explain {
            return explain(cx, id);
        }
        let mut findings = images::check(cx)?;
        findings.extend(submitting::check(cx)?);
        let findings = findings.sorted();
        let format = match self.format {
            OutputFormat::Text => Format::Pretty { colour: cx.ui.shows_colours_on_stdout() },
            OutputFormat::Short => Format::Short,
            OutputFormat::Json => Format::Json,
            OutputFormat::Github => Format::Github,
        };
        if !findings.is_empty() {
            cx.ui.draw_data(format.render(&findings));
        }
        match findings.iter().filter(|_| self.format == OutputFormat::Text).min_by_key(|it| it.severity()) {
            Some(first) => cx.ui.notice(format_args!(
                "{}; `cargo xtask check --explain {}` explains the first one",
                findings.summary(),
                first.code
            )),
            None if findings.is_empty() => cx.ui.notice("no problems found"),
            None => cx.ui.notice(findings.summary()),
        }
        Ok(if findings.has_errors() { Outcome::Failed } else { Outcome::Done })
    }
}

fn explain(cx: &Context, id: &str) -> Result<Outcome> {
    match Code::find(id) {
        Ok(code) => cx.ui.data(code.explanation()),
        Err(Some(near)) => bail!("unknown code `{id}`; did you mean `{near}`?"),
        Err(None) => bail!("unknown code `{id}`; xtask/docs/findings.md lists all of them"),
    }
    Ok(Outcome::Done)
}
