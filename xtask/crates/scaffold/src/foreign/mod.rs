//! Lists of dependencies that other tools have written, as environment.yml has them.

mod entry;
mod environment;
mod listing;
mod poetry;
mod pyproject;
mod python;
mod requirements;

use anyhow::{Context as _, Result, bail};
use camino::Utf8Path;

use report::{Findings, Source};

use entry::{ForeignEntry, ForeignList};
pub use listing::{DependencyList, ListSettings};

/// Reads a file of another tool by its name: `environment.yml`, `pyproject.toml` or a requirements file. The error has the place
/// of what cannot be read.
pub fn read_dependencies(file: &Utf8Path, settings: &ListSettings) -> Result<DependencyList> {
    let source = read(file)?;
    listing::make(read_list(file, &source)?, &source, settings)
}

/// What such a file lists, to be added to a list that there is, and a line for each thing that cannot be.
pub fn read_specs(file: &Utf8Path) -> Result<(Vec<String>, Vec<String>)> {
    let mut list = read_list(file, &read(file)?)?;
    let (options, specs): (Vec<ForeignEntry>, Vec<ForeignEntry>) =
        std::mem::take(&mut list.entries).into_iter().partition(|it| it.text.starts_with('-'));
    for ForeignEntry { text, place, .. } in &options {
        list.leave_out(text, place, "an option: write it into the `pip:` list yourself, if you need it");
    }
    Ok((specs.into_iter().map(|it| it.text).collect(), list.left_out))
}

fn read_list(file: &Utf8Path, source: &Source) -> Result<ForeignList> {
    match (file.file_name(), file.extension()) {
        (_, Some("yml" | "yaml")) => environment::read(source),
        (_, Some("toml")) => pyproject::read(source),
        (_, Some("txt" | "in")) => requirements::read(source),
        _ => {
            bail!("`{file}` is of no kind that is known by its name: environment.yml, pyproject.toml, requirements.txt")
        }
    }
}

const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// The text of a file that somebody has named.
fn read(file: &Utf8Path) -> Result<Source> {
    let mut bytes = std::fs::read(file).with_context(|| format!("cannot read `{file}`"))?;
    // Editors of Windows write it, and pip passes over it.
    if bytes.starts_with(BYTE_ORDER_MARK) {
        bytes.drain(..BYTE_ORDER_MARK.len());
    }
    let mut findings = Findings::default();
    match Source::decode(file, bytes, &mut findings) {
        Some(source) => Ok(source),
        None => Err(findings.into()),
    }
}

impl ForeignList {
    /// Says why something is not taken over.
    fn leave_out(&mut self, what: &str, place: &str, why: &str) {
        self.left_out.push(format!("{place}: left out `{what}`: {why}"));
    }
}
