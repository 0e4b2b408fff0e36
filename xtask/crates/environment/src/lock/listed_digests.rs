//! The digests that the `pip:` list itself has, by `--hash`: uv passes over them when it solves.

use std::collections::{BTreeMap, BTreeSet};

use report::{Code, Finding, Findings, Span};
use specs::python::{PipLine, normalised};

use super::{Artefact, LockedSource, Pylock};
use crate::{EnvironmentYml, lock::IntentList};

/// Keeps of each package the files whose digest the list names, where it names any. A package that has no such file is an error.
///
/// Source: pip's documentation, "Secure installs".
pub(super) fn keep_listed_files(environment: &EnvironmentYml, pylock: &mut Pylock) -> Findings {
    let mut findings = Findings::default();
    // Where a constraint names digests, too, a file needs one of each.
    let listed = [&environment.pip, &environment.constraints].map(|it| listed(it));
    for (name, (digests, at)) in listed.into_iter().flatten() {
        let Some(package) = pylock.packages.get_mut(&name) else { continue };
        let is_listed =
            |it: &Artefact| it.hashes.iter().any(|(kind, digest)| digests.contains(&format!("{kind}:{digest}")));
        let has_one = match &mut package.source {
            LockedSource::Index { wheels, sdist } => {
                wheels.retain(is_listed);
                *sdist = sdist.take().filter(is_listed);
                !wheels.is_empty() || sdist.is_some()
            }
            LockedSource::Archive { artefact, .. } => is_listed(artefact),
            // pip knows no digest of a commit but its id.
            LockedSource::Vcs { .. } => true,
        };
        if !has_one {
            let version = package.version.as_deref().unwrap_or_default();
            let message =
                format!("line {}: no file of {name} {version} has a digest that the line names", at.start.line);
            let file = environment.included_file(at).unwrap_or(IntentList::Pip.file().as_ref());
            let finding = Finding::about(Code::NoArtefact, file, message);
            findings
                .push(finding.help("`pip hash FILE` prints the digest of a file that you trust; or remove `--hash`"));
        }
    }
    findings
}

/// The digests by package, and the first line that names one. Lines with different markers belong together.
fn listed(lines: &[(PipLine, Span)]) -> BTreeMap<String, (BTreeSet<String>, Span)> {
    let mut listed: BTreeMap<String, (BTreeSet<String>, Span)> = BTreeMap::new();
    for (line, span) in lines {
        if let PipLine::Requirement { requirement, hashes, .. } = line
            && !hashes.is_empty()
        {
            let (digests, _) = listed.entry(normalised(&requirement.name)).or_insert_with(|| (BTreeSet::new(), *span));
            digests.extend(hashes.iter().map(|it| it.to_lowercase()));
        }
    }
    listed
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::EnvironmentFile;
    use report::Source;

    const FILES: &str = "lock-version = '1.0'\n[[packages]]\nname = 'tqdm'\nversion = '4.67.1'\n\
                         sdist = { url = 'https://e.org/tqdm.tar.gz', hashes = { sha256 = '02' } }\n\
                         wheels = [{ url = 'https://e.org/tqdm-1-py3-none-any.whl', hashes = { sha256 = '01' } }]\n";

    fn kept(line: &str) -> (Vec<String>, String) {
        let text = format!("dependencies:\n  - python\n  - pip:\n    - {line}\n");
        let environment = EnvironmentFile::parse(Source::new("environment.yml", text)).environment().clone();
        let mut pylock = Pylock::parse(FILES).unwrap();
        let findings = keep_listed_files(&environment, &mut pylock);
        let LockedSource::Index { wheels, sdist } = &pylock.packages["tqdm"].source else {
            panic!("it is of an index")
        };
        (wheels.iter().chain(sdist).map(|it| it.url.clone()).collect(), findings.to_string())
    }

    #[test]
    fn only_files_with_a_digest_of_the_list_are_installed() {
        assert_eq!(kept("tqdm").0.len(), 2);
        assert_eq!(
            kept("tqdm --hash=sha256:01"),
            (vec!["https://e.org/tqdm-1-py3-none-any.whl".to_owned()], String::new())
        );
        assert_eq!(kept("Tqdm --hash=sha256:02 --hash=sha256:03").0, ["https://e.org/tqdm.tar.gz"]);
        let (files, findings) = kept("tqdm --hash=sha256:07");
        assert_eq!(files, [""; 0]);
        let says = "environment.yml: error[E0803]: line 4: no file of tqdm 4.67.1 has a digest that the line names\n";
        assert!(findings.starts_with(says), "{findings}");
    }
}
