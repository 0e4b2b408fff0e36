//! The texts of the input files.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt as _;

use anyhow::{Context as _, Result};
use camino::{Utf8Path, Utf8PathBuf};

use project::{AptStage, Layout};
use report::{Code, Finding, Findings, Source};

/// The texts of the input files. A file that does not exist or is not text is `None`; if it is required, that is a finding.
#[derive(Debug)]
pub struct InputFiles {
    /// `python-project/pyproject.toml`.
    pub(super) pyproject: Option<Source>,
    /// `.env`, which need not exist.
    pub(super) env: Option<EnvSource>,
    /// `dependencies/environment.yml`.
    pub(super) environment: Option<Source>,
    /// The lists of system packages. A missing list is empty.
    pub(super) apt: BTreeMap<AptStage, Source>,
    /// What was wrong with any of them before it was parsed.
    pub(super) findings: Findings,
}

/// The settings file with its permissions.
#[derive(Debug)]
pub(super) struct EnvSource {
    /// `None` where the file is not text.
    pub source: Option<Source>,
    /// Whether its permissions let users other than its owner read it.
    pub is_readable_by_others: bool,
}

impl InputFiles {
    pub(super) fn read(layout: &Layout) -> Result<Self> {
        let mut findings = Findings::default();
        let pyproject = Self::required(layout, &layout.pyproject(), &mut findings)?;
        let environment = Self::required(layout, &layout.environment_yml(), &mut findings)?;
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

    /// Reads one more file. `None`, with a finding, where it does not exist or is not text.
    pub fn required(layout: &Layout, path: &Utf8Path, findings: &mut Findings) -> Result<Option<Source>> {
        let name = layout.relative(path);
        if let Some(bytes) = read(path)? {
            return Ok(Source::decode(&name, bytes, findings));
        }
        let finding = Finding::about(Code::FileMissing, &name, "the file does not exist");
        let help = format!("restore it (`git log -- {name}` finds its last version), or write a new one");
        findings.push(finding.help(help));
        Ok(None)
    }

    /// The findings about some of the files.
    pub(super) fn findings_of(&self, paths: &[Utf8PathBuf], layout: &Layout) -> Findings {
        let names: Vec<Utf8PathBuf> = paths.iter().map(|it| layout.relative(it)).collect();
        self.findings.iter().filter(|it| names.contains(&it.file)).cloned().collect()
    }
}

/// The bytes of a file; `None` where it does not exist.
fn read(path: &Utf8Path) -> Result<Option<Vec<u8>>> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("cannot read `{path}`")),
    }
}
