//! The texts of the input files.

use std::collections::HashMap;
use std::os::unix::fs::PermissionsExt as _;

use anyhow::{Context as _, Result};
use camino::{Utf8Path, Utf8PathBuf};

use environment::IncludedFile;
use process::files::{self, FileInside};
use project::{AptStage, Layout};
use report::{Code, Finding, Findings, Source};

use crate::recovery::unwritten;

/// The texts of the input files. A file that does not exist or is not text is `None`; if it is required, that is a finding.
#[derive(Debug)]
pub struct InputFiles {
    /// `python-project/pyproject.toml`.
    pub(super) pyproject: Option<Source>,
    /// `.env`, which need not exist.
    pub(super) env: Option<EnvSource>,
    /// `dependencies/environment.yml`.
    pub(super) environment: Option<Source>,
    /// `installation/tools/base-images.txt`, which need not exist.
    pub(super) base_images: Option<Source>,
    /// The lists of system packages. A missing list is empty.
    pub(super) apt: HashMap<AptStage, Source>,
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
        let mut apt = HashMap::new();
        for stage in AptStage::ALL {
            let list = layout.apt_list(stage);
            apt.extend(Self::optional(layout, &list, &mut findings)?.map(|source| (stage, source)));
        }
        let base_images = Self::optional(layout, &layout.base_images(), &mut findings)?;
        let env_file = layout.env_file();
        // It is the person's and not the repository's, and gets into no image: it may be a link to anywhere.
        let env = match bytes_below(Utf8Path::new("/"), layout, &env_file, &mut findings)? {
            None => None,
            Some(bytes) => {
                let source = Source::decode(&layout.relative(&env_file), bytes, &mut findings);
                let metadata = env_file.metadata().with_context(|| format!("cannot read `{env_file}`"))?;
                Some(EnvSource { source, is_readable_by_others: metadata.permissions().mode() & 0o077 != 0 })
            }
        };
        Ok(Self { pyproject, env, environment, base_images, apt, findings })
    }

    /// The list of a stage; empty where it has no file.
    pub fn apt_list(layout: &Layout, stage: AptStage) -> Result<Source> {
        let (list, mut findings) = (layout.apt_list(stage), Findings::default());
        let source = Self::optional(layout, &list, &mut findings)?;
        Ok(findings.into_result(source.unwrap_or_else(|| Source::new(layout.relative(&list), "")))?)
    }

    /// Reads one more file. `None`, with a finding, where it does not exist or is not text.
    pub fn required(layout: &Layout, path: &Utf8Path, findings: &mut Findings) -> Result<Option<Source>> {
        Ok(Self::required_bytes(layout, path, findings)?
            .and_then(|bytes| Source::decode(&layout.relative(path), bytes, findings)))
    }

    /// Reads a file that need not exist.
    pub fn optional(layout: &Layout, path: &Utf8Path, findings: &mut Findings) -> Result<Option<Source>> {
        Ok(Self::bytes(layout, path, findings)?
            .and_then(|bytes| Source::decode(&layout.relative(path), bytes, findings)))
    }

    /// As [`required`](Self::required), for a file that need not be text.
    pub fn required_bytes(layout: &Layout, path: &Utf8Path, findings: &mut Findings) -> Result<Option<Vec<u8>>> {
        let found = findings.len();
        let bytes = Self::bytes(layout, path, findings)?;
        if bytes.is_none() && findings.len() == found {
            let name = layout.relative(path);
            let finding = Finding::about(Code::FileMissing, &name, "the file does not exist");
            let help = format!("restore it (`git log -- {name}` finds its last version), or write a new one");
            findings.push(finding.help(help));
        }
        Ok(bytes)
    }

    /// The bytes of a file of the repository. `None` where there is none, and, with a finding, where it is no file or lies
    /// outside of the repository: what is read here gets into images, and onto the terminal.
    pub fn bytes(layout: &Layout, path: &Utf8Path, findings: &mut Findings) -> Result<Option<Vec<u8>>> {
        bytes_below(layout.root(), layout, path, findings)
    }

    /// Reads a file that `environment.yml` includes, by its path in the repository.
    pub(super) fn included(layout: &Layout, path: &Utf8Path) -> Result<IncludedFile> {
        Ok(match contents_below(layout.root(), &layout.root().join(path))? {
            FileInside::Bytes(bytes) => IncludedFile::Bytes(bytes),
            FileInside::Missing => IncludedFile::Missing,
            other => IncludedFile::Unusable(unusable(&other)),
        })
    }

    /// The findings about some of the files.
    pub(super) fn findings_of(&self, paths: &[Utf8PathBuf], layout: &Layout) -> Findings {
        let names: Vec<Utf8PathBuf> = paths.iter().map(|it| layout.relative(it)).collect();
        self.findings.iter().filter(|it| names.contains(&it.file)).cloned().collect()
    }
}

/// The bytes of a file that has to be below `root`, as [`InputFiles::bytes`] has them.
fn bytes_below(root: &Utf8Path, layout: &Layout, path: &Utf8Path, findings: &mut Findings) -> Result<Option<Vec<u8>>> {
    let (message, help) = match contents_below(root, path)? {
        FileInside::Bytes(bytes) => return Ok(Some(bytes)),
        FileInside::Missing => return Ok(None),
        other @ FileInside::Outside(_) => {
            (unusable(&other), "put the file itself in its place, or link to a file of the repository")
        }
        other @ FileInside::NotAFile(_) => (unusable(&other), "put a file in its place"),
    };
    findings.push(Finding::about(Code::ForeignFile, &layout.relative(path), message).help(help));
    Ok(None)
}

/// What there is at a path; for a file whose change was interrupted, what it will have.
fn contents_below(root: &Utf8Path, path: &Utf8Path) -> Result<FileInside> {
    match unwritten(path) {
        Some(Some(bytes)) => Ok(FileInside::Bytes(bytes.clone())),
        Some(None) => Ok(FileInside::Missing),
        None => files::read_inside(root, path),
    }
}

/// Why something is not read, in words.
fn unusable(what: &FileInside) -> String {
    match what {
        FileInside::Outside(target) => format!("a link leads out of the repository, to `{target}`"),
        FileInside::NotAFile(kind) => format!("{kind} is where a file should be"),
        FileInside::Bytes(_) | FileInside::Missing => String::new(),
    }
}
