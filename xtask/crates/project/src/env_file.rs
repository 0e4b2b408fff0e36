//! The settings file as a whole: parsed, checked, rendered.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result};

use process::{Secret, is_secret, looks_secret};
use report::{Code, Finding, Findings, Source, nearest, parses};

use super::{
    dotenv::{self, DotenvEntry},
    settings::Resolution,
    variables::{self, Defaults, SECTIONS, SettingDefinition, SettingScope},
};

/// Variables that compose itself reads from the file. Those that name other files would lead it elsewhere than this tool.
///
/// <https://docs.docker.com/compose/how-tos/environment-variables/envvars/>
const OF_COMPOSE: [&str; 7] = [
    "COMPOSE_ANSI",
    "COMPOSE_BAKE",
    "COMPOSE_IGNORE_ORPHANS",
    "COMPOSE_PARALLEL_LIMIT",
    "COMPOSE_PROFILES",
    "COMPOSE_REMOVE_ORPHANS",
    "COMPOSE_STATUS_STDOUT",
];

/// Who can read the settings file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EnvFileAccess {
    pub is_tracked: bool,
    /// Whether its permissions let other users of the machine read it.
    pub is_readable_by_others: bool,
}

/// The assignments of a settings file, those of unknown variables included.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EnvFile {
    entries: Vec<DotenvEntry>,
}

impl EnvFile {
    /// Parses a settings file and reports what is wrong in its lines, whatever the values mean.
    pub fn parse(source: &Source, findings: &mut Findings) -> Self {
        parses::note(&source.file, &source.text);
        Self { entries: dotenv::parse(source, findings) }
    }

    /// Reports the variables that nobody knows. `others` are those that another file of the repository names.
    pub fn check_known(&self, source: &Source, others: &BTreeSet<String>, findings: &mut Findings) {
        let is_known = |it: &str| {
            variables::find(it).is_some()
                || variables::own_name(it).is_some()
                || OF_COMPOSE.contains(&it)
                || others.contains(it)
        };
        for DotenvEntry { name, name_at, .. } in self.entries.iter().filter(|it| !is_known(&it.name)) {
            if let Some(why) = variables::retired(name) {
                let message = format!("`{name}` is a setting no more: {why}");
                findings.push(source.at(Code::EnvRetired, *name_at, message).help("remove the line"));
                continue;
            }
            let help = match nearest(name, variables::names()) {
                Some(known) => format!("did you mean `{known}`?"),
                None => format!(
                    "write `ENV_{name}=…` to have `{name}` set in containers and commands; `cargo xtask env --show` lists the settings"
                ),
            };
            let finding = source.at(Code::EnvUnknown, *name_at, format!("unknown variable `{name}`")).help(help);
            findings.push(if looks_secret(name) { Finding { line: None, ..finding } } else { finding });
        }
    }

    /// The assignment of a variable, if the file has one.
    pub fn get(&self, name: &str) -> Option<&DotenvEntry> {
        self.entries.iter().find(|it| it.name == name)
    }

    /// The variables of the user's own, by the name that commands know them by.
    pub(super) fn own(&self) -> impl Iterator<Item = (&str, &DotenvEntry)> {
        self.entries.iter().filter_map(|it| Some((variables::own_name(&it.name)?, it)))
    }

    /// Whether every variable is assigned.
    pub fn is_complete(&self) -> bool {
        self.missing().next().is_none()
    }

    /// Reports secrets that others can read. `source` is the file; `access` is called only where there is a secret.
    pub fn check_secrets(&self, source: &Source, access: impl FnOnce() -> EnvFileAccess, findings: &mut Findings) {
        let is_secret = |it: &&DotenvEntry| {
            // What is no setting is a part of an address, and hence a user, password or token.
            !it.value.is_empty() && variables::find(&it.name).is_none_or(|it| it.scope == SettingScope::Secret)
        };
        let secrets: Vec<&DotenvEntry> = self.entries.iter().filter(is_secret).collect();
        if secrets.is_empty() {
            return;
        }
        let access = access();
        for DotenvEntry { name, name_at, .. } in secrets {
            let without_line = |code, message: String| Finding { line: None, ..source.at(code, *name_at, message) };
            if access.is_readable_by_others {
                let message = format!("others can read this file, and `{name}` is a secret");
                let help = format!("`chmod 600 {}`", source.file);
                findings.push(without_line(Code::EnvReadable, message).help(help));
            }
            if access.is_tracked {
                let message = format!("git tracks this file, and `{name}` is a secret");
                let help = format!("`git rm --cached {}`, and change the secret if it was ever pushed", source.file);
                findings.push(without_line(Code::EnvTracked, message).help(help));
            }
        }
    }

    /// Reports the variables that the file lacks, as a note. `source` is the file.
    pub fn check_complete(&self, source: &Source, findings: &mut Findings) {
        let names: Vec<&str> = self.missing().map(|it| it.name).collect();
        if !names.is_empty() {
            let message = format!("not set, so the defaults apply: {}", names.join(", "));
            let help = "`cargo xtask env --update` adds them; `docker compose` by hand stops without them";
            findings.push(source.about(Code::EnvMissing, message).help(help));
        }
    }

    fn missing(&self) -> impl Iterator<Item = &'static SettingDefinition> {
        variables::all().into_iter().filter(|it| self.get(it.name).is_none())
    }

    /// The text of a new file with the defaults.
    pub fn render(defaults: &Defaults) -> Result<String> {
        let mut text = String::from(
            "# Your settings for this repository, made by `cargo xtask env`. Edit them freely; git ignores this file.\n\
             # compose, bash and cargo xtask all read it: write NAME=value, with 'quotes' round anything unusual.\n\
             # A variable of the same name in your shell overrides the value here.\n",
        );
        for section in SECTIONS {
            text += &format!("\n## {}\n", section.title);
            for variable in section.variables {
                text += &assignment_lines(variable, defaults)?;
            }
        }
        Ok(text)
    }
}

/// The text that makes a file complete, and the names of the variables in it; `None` when the file is complete.
pub fn added_variables(file: &EnvFile, defaults: &Defaults) -> Result<Option<(String, Vec<&'static str>)>> {
    if file.is_complete() {
        return Ok(None);
    }
    let mut text = String::from("\n## Added by `cargo xtask env --update`.\n");
    for variable in file.missing() {
        text += &assignment_lines(variable, defaults)?;
    }
    Ok(Some((text, file.missing().map(|it| it.name).collect())))
}

fn assignment_lines(variable: &SettingDefinition, defaults: &Defaults) -> Result<String> {
    let value = defaults.get(variable.name).map(String::as_str).unwrap_or_default();
    let name = variable.name;
    if let Some(formula) = variable.formula.filter(|it| expanded(it, defaults) == value) {
        return Ok(format!("{}{name}={formula}\n", comment(variable)));
    }
    let quoted = dotenv::quote(value).with_context(|| {
        format!(
            "`{value}`, this machine's value for `{name}`, cannot be written so that compose and bash read it alike"
        )
    })?;
    Ok(format!("{}{name}={quoted}\n", comment(variable)))
}

fn comment(variable: &SettingDefinition) -> String {
    variable.about.lines().map(|line| format!("# {line}\n")).collect()
}

/// With the defaults in the place of `${NAME}`.
fn expanded(formula: &str, defaults: &Defaults) -> String {
    defaults.iter().fold(formula.to_owned(), |text, (name, value)| text.replace(&format!("${{{name}}}"), value))
}

/// The settings in force, `NAME=VALUE # ORIGIN`, without the origin where that is the file. Secrets are masked.
pub fn resolved_lines(resolution: &Resolution) -> Vec<String> {
    let line = |variable: &SettingDefinition| {
        let (value, origin) = resolution.value(variable);
        let hidden = variable.scope == SettingScope::Secret && !value.is_empty();
        let shown =
            if hidden { Secret::MASK.to_owned() } else { dotenv::quote(value).unwrap_or_else(|| value.to_owned()) };
        format!("{}={shown}{}", variable.name, origin.remark())
    };
    let own = resolution.own.iter().map(|(name, value)| {
        let is_hidden = is_secret(name, value) && !value.is_empty();
        let shown =
            if is_hidden { Secret::MASK.to_owned() } else { dotenv::quote(value).unwrap_or_else(|| value.clone()) };
        format!("ENV_{name}={shown}")
    });
    variables::all().into_iter().map(line).chain(own).collect()
}
