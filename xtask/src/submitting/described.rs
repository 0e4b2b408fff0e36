//! Sites and jobs as the files of the repository describe them.

use anyhow::{Result, bail};
use camino::{Utf8Path, Utf8PathBuf};

use inputs::InputFiles;
use jobs::{Job, JobFile, JobRefusal, Site, Sweep, parse_parameters, refusals};
use process::files;
use project::Context;
use report::{Code, Findings, Source, Span};

/// A job of a file, with the file, which findings about it name.
#[derive(Debug)]
pub struct DescribedJob {
    pub job: Job,
    source: Source,
    file: JobFile,
}

/// The site of this name, from its file.
pub fn read_site(cx: &Context, name: &str) -> Result<Site> {
    let source = read(cx, &cx.layout.clusters(), name, "site")?;
    let mut findings = Findings::default();
    match Site::parse(&source, &mut findings) {
        Some(site) => Ok(findings.into_result(site)?),
        None => Err(findings.sorted().into()),
    }
}

/// The job of this name, from its file, and the file of its parameters.
pub fn read_job(cx: &Context, name: &str) -> Result<DescribedJob> {
    let source = read(cx, &cx.layout.jobs(), name, "job")?;
    let mut findings = Findings::default();
    match parse_job(cx, source, &mut findings)? {
        Some(job) => Ok(findings.into_result(job)?),
        None => Err(findings.sorted().into()),
    }
}

/// All that is wrong in the descriptions of sites and jobs.
pub fn check(cx: &Context) -> Result<Findings> {
    let mut findings = Findings::default();
    for path in descriptions(&cx.layout.clusters())? {
        if let Some(source) = InputFiles::required(&cx.layout, &path, &mut findings)? {
            Site::parse(&source, &mut findings);
        }
    }
    for path in descriptions(&cx.layout.jobs())? {
        if let Some(source) = InputFiles::required(&cx.layout, &path, &mut findings)? {
            parse_job(cx, source, &mut findings)?;
        }
    }
    Ok(findings)
}

/// Fails with all that the site cannot give to the job, at the places of its file that ask for it, or by the options' names.
pub fn require_possible(job: &Job, site: &Site, described: Option<&DescribedJob>) -> Result<()> {
    let (mut findings, mut words) = (Findings::default(), Vec::new());
    for refusal in refusals(job, site) {
        match described.and_then(|it| it.place_of(&refusal, site).map(|span| (it, span))) {
            Some((described, span)) => findings.push(described.source.at(Code::NotAtSite, span, refusal.reason)),
            None => words.push(format!("`--{}`: {}", refusal.field.replace('_', "-"), refusal.reason)),
        }
    }
    let findings = findings.into_result(());
    match (words.is_empty(), findings) {
        (true, findings) => Ok(findings?),
        (false, Ok(())) => bail!(words.join("\n")),
        (false, Err(findings)) => bail!("{findings}\n{}", words.join("\n")),
    }
}

impl DescribedJob {
    /// Where the file asks for something that is refused; `None` where the command line does.
    fn place_of(&self, refusal: &JobRefusal, site: &Site) -> Option<Span> {
        let place = *self.file.places.get(refusal.field)?;
        refusals(&self.job, site).contains(refusal).then_some(place)
    }
}

fn parse_job(cx: &Context, source: Source, findings: &mut Findings) -> Result<Option<DescribedJob>> {
    let Some(file) = JobFile::parse(&source, findings) else { return Ok(None) };
    let mut job = file.job.clone();
    if let Some((name, span)) = &file.params {
        let path = cx.layout.jobs().join(name);
        if !path.is_file() {
            let message = format!("`{}` does not exist", cx.layout.relative(&path));
            let help = "write the file, an object of values in each line, or correct its path from this folder";
            findings.push(source.at(Code::ParametersMissing, *span, message).help(help));
            return Ok(None);
        }
        let Some(parameters) = InputFiles::required(&cx.layout, &path, findings)? else { return Ok(None) };
        job.sweep = Some(Sweep { points: parse_parameters(&parameters, findings), max_parallel: file.parallel });
    }
    Ok(Some(DescribedJob { job, source, file }))
}

fn read(cx: &Context, folder: &Utf8Path, name: &str, what: &str) -> Result<Source> {
    if !name.chars().all(|it| it.is_ascii_alphanumeric() || "-_".contains(it)) {
        bail!("`{name}` is no name of a {what}: letters, digits, `-` and `_`");
    }
    let path = folder.join(format!("{name}.toml"));
    if !path.is_file() {
        let known = descriptions(folder)?;
        let known: Vec<&str> = known.iter().filter_map(|it| it.file_stem()).collect();
        let known =
            if known.is_empty() { "there is none yet".to_owned() } else { format!("there are {}", known.join(", ")) };
        bail!(
            "there is no {what} `{name}`: {known} (fix: write `{}`; docs/clusters.md has the keys)",
            cx.layout.relative(&path)
        );
    }
    let mut findings = Findings::default();
    let source = InputFiles::required(&cx.layout, &path, &mut findings)?;
    match source {
        Some(source) => Ok(findings.into_result(source)?),
        None => Err(findings.into()),
    }
}

/// The files of a folder that need not exist, sorted.
fn descriptions(folder: &Utf8Path) -> Result<Vec<Utf8PathBuf>> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let mut paths = files::files_in(folder)?;
    paths.retain(|it| it.extension() == Some("toml"));
    paths.sort();
    Ok(paths)
}
