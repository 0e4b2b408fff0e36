//! Packages that somebody has installed into a prefix by hand.

use anyhow::{Result, bail};
use camino::Utf8Path;

use inputs::Project;
use process::{files, sort};
use specs::python::normalised;

use crate::state::PrefixState;

/// Who installs on behalf of people. conda's packages name conda.
const INSTALLERS: [&str; 2] = ["pip", "uv"];

/// Fails unless a person agrees that what was installed by hand is lost with a prefix that is made anew.
pub fn ask_before_it_is_lost(project: &Project, prefix: &Utf8Path, built: &PrefixState) -> Result<()> {
    let ui = &project.cx.ui;
    let by_hand = by_hand(prefix, built, &normalised(&project.pyproject.name));
    if by_hand.is_empty() || project.cx.is_dry_run() {
        return Ok(());
    }
    let name = project.cx.layout.relative(prefix);
    let names = by_hand.join(", ");
    if !ui.is_interactive() {
        bail!(
            "`{name}` has to be made anew, and what you have installed in it by hand would be lost: {names} (fix: list it in \
             environment.yml, or go on without it with `cargo xtask build --force`)"
        );
    }
    if !ui.confirms(format_args!("`{name}` has to be made anew; {names}, installed by hand, will be lost; go on?")) {
        bail!("`{name}` is as it was");
    }
    Ok(())
}

/// The distributions that neither the list of the prefix nor the repository itself brought, by normalised name; none where that
/// list is not known. `project` is normalised.
fn by_hand(prefix: &Utf8Path, built: &PrefixState, project: &str) -> Vec<String> {
    let Some(listed) = built.distributions() else { return Vec::new() };
    let mut names = Vec::new();
    let folders = |path: &Utf8Path| path.read_dir_utf8().into_iter().flatten().flatten();
    for python in folders(&prefix.join("lib")).filter(|it| it.file_name().starts_with("python")) {
        for entry in folders(&python.path().join("site-packages")) {
            let Some((name, _)) = entry.file_name().strip_suffix(".dist-info").and_then(|it| it.split_once('-')) else {
                continue;
            };
            let installer = files::read_text_if_any(&entry.path().join("INSTALLER")).ok().flatten().unwrap_or_default();
            let name = normalised(name);
            let is_own = name == project || built.local_projects().any(|it| it == name);
            if INSTALLERS.contains(&installer.trim()) && !listed.contains(&name) && !is_own {
                names.push(name);
            }
        }
    }
    sort(&mut names);
    names
}
