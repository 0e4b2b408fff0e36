//! The input files, read once.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt as _;

use anyhow::{Context as _, Result};
use camino::{Utf8Path, Utf8PathBuf};

use project::{AptStage, Layout};
use report::{Code, Finding, Findings, Source};

/// The texts of the input files. One that is missing or no text is `None`, and if it has to be there, among the findings.
#[derive(Debug)]
pub struct InputFiles {
    /// `python-project/pyproject.toml`.
    pub pyproject: Option<Source>,
    /// `.env`, which need not be there.
    pub env: Option<EnvSource>,
    /// `dependencies/environment.yml`.
    pub environment: Option<Source>,
    /// The lists of system packages; one that is missing asks for nothing.
    pub apt: BTreeMap<AptStage, Source>,
    /// What was wrong with any of them before it was read as what it is.
    pub findings: Findings,
}

/// The settings file with its permissions.
#[derive(Debug)]
pub struct EnvSource {
    /// Its text; `None` where it is no text.
    pub source: Option<Source>,
    /// Whether others than its owner may read it.
    pub is_readable_by_others: bool,
}

impl InputFiles {
    /// Reads them.
    pub fn read(layout: &Layout) -> Result<Self> {
        let mut findings = Findings::default();
        let pyproject = required(layout, &layout.pyproject(), &mut findings)?;
        let environment = required(layout, &layout.environment_yml(), &mut findings)?;
        let mut apt = BTreeMap::new();
        for stage in AptStage::ALL {
            let list = layout.apt_list(stage);
            if let Some(source) = read(&list)?.and_then(|it| Source::decode(&layout.relative(&list), it, &mut findings))
            {
                apt.insert(stage, source);
            }
        }
        let env_file = layout.env_file();
        let env = match read(&env_file)? {
            None => None,
            Some(bytes) => {
                let source = Source::decode(&layout.relative(&env_file), bytes, &mut findings);
                let metadata = env_file.metadata().with_context(|| format!("cannot read `{env_file}`"))?;
                Some(EnvSource { source, is_readable_by_others: metadata.permissions().mode() & 0o077 != 0 })
            }
        };
        Ok(Self { pyproject, env, environment, apt, findings })
    }

    /// One more file that has to exist. Where it does not, or is not text, that is added to the findings.
    pub fn required(layout: &Layout, path: &Utf8Path, findings: &mut Findings) -> Result<Option<Source>> {
        required(layout, path, findings)
    }

    /// What was wrong with some of the files.
    pub fn findings_of(&self, paths: &[Utf8PathBuf], layout: &Layout) -> Findings {
        let names: Vec<Utf8PathBuf> = paths.iter().map(|it| layout.relative(it)).collect();
        self.findings.iter().filter(|it| names.contains(&it.file)).cloned().collect()
    }
}

/// A file that has to be there. Where it is not, or is no text, that is among the findings.
fn required(layout: &Layout, path: &Utf8Path, findings: &mut Findings) -> Result<Option<Source>> {
    let name = layout.relative(path);
    if let Some(bytes) = read(path)? {
        return Ok(Source::decode(&name, bytes, findings));
    }
    let finding = Finding::about(Code::FileMissing, &name, "there is no such file");
    findings
        .push(finding.help(format!("bring it back (`git log -- {name}` finds its last version), or write it anew")));
    Ok(None)
}

/// The bytes of a file, or `None` where there is none.
fn read(path: &Utf8Path) -> Result<Option<Vec<u8>>> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("cannot read `{path}`")),
    }
}
