//! The files that the Dockerfile takes: those of the build context, and those of other stages.

use std::collections::BTreeSet;

use camino::Utf8PathBuf;

use report::{Code, Finding, Findings, Source, nearest};

use super::context::ContextFiles;
use crate::{
    LocatedText,
    dockerfile::{Dockerfile, FileUse},
};

pub(super) fn check(source: &Source, dockerfile: &Dockerfile, files: &[Utf8PathBuf], findings: &mut Findings) {
    let context = ContextFiles::new(files);
    let mut earlier = EarlierStages::default();
    for stage in &dockerfile.stages {
        for file_use in &stage.file_uses {
            match &file_use.from {
                Some(from) => findings.extend(earlier.check(source, from)),
                None => check_sources(source, file_use, &context, findings),
            }
        }
        earlier.add(stage.name.as_ref());
    }
}

fn check_sources(source: &Source, file_use: &FileUse, context: &ContextFiles, findings: &mut Findings) {
    for word in &file_use.sources {
        let is_url = file_use.takes_urls && (word.text.contains("://") || word.text.starts_with("git@"));
        if is_url || context.has(&word.text) {
            continue;
        }
        let message = format!("`{}` is not in the build context that `cargo xtask build` makes", word.text);
        let help = match nearest(&word.text, context.paths()) {
            Some(near) => format!("write `{near}`, or the name of another file of the context"),
            None => "write the name of a file of the context, such as `scripts`".to_owned(),
        };
        findings.push(source.at(Code::CopySource, word.span(source), message).help(help));
    }
}

/// The stages above an instruction, which it can take files from.
#[derive(Default)]
struct EarlierStages {
    count: usize,
    /// In lower case: to Docker `AS Base` and `--from=base` are the same.
    names: BTreeSet<String>,
}

impl EarlierStages {
    fn add(&mut self, name: Option<&LocatedText>) {
        self.count += 1;
        self.names.extend(name.map(|it| it.text.to_ascii_lowercase()));
    }

    fn check(&self, source: &Source, from: &LocatedText) -> Option<Finding> {
        let is_index = from.text.parse().is_ok_and(|it: usize| it < self.count);
        let is_image = from.text.contains(['/', ':', '.', '$']);
        if is_index || is_image || self.names.contains(&from.text.to_ascii_lowercase()) {
            return None;
        }
        let message = format!("no stage `{}` is defined above", from.text);
        let help = match nearest(&from.text, self.names.iter().map(String::as_str)) {
            Some(near) => format!("write `{near}`, or an image with its tag"),
            None => "write the name of a stage defined above, or an image with its tag".to_owned(),
        };
        Some(source.at(Code::CopySource, from.span(source), message).help(help))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> String {
        let (source, mut findings) = (Source::new("Dockerfile", text), Findings::default());
        let dockerfile = Dockerfile::parse(&source, &mut findings);
        check(&source, &dockerfile, &["python.txt".into(), "scripts/run.sh".into()], &mut findings);
        findings.to_string()
    }

    #[test]
    fn what_the_context_does_not_have_is_found() {
        assert_eq!(
            found(
                "FROM a\nCOPY scripts python.txt scripts/*.sh $X /b\nADD https://a/b git@c:d /e\nRUN --mount=target=/c ls\n"
            ),
            ""
        );
        assert_eq!(
            found("FROM a\nCOPY scripts pyton.txt /b\n"),
            "Dockerfile:2:14: error[E0703]: `pyton.txt` is not in the build context that `cargo xtask build` makes\n    \
             help: write `python.txt`, or the name of another file of the context"
        );
        let mount = found("FROM a\nRUN --mount=type=cache,target=/c \\\n  --mount=src=script,target=/c ls\n");
        assert!(mount.starts_with("Dockerfile:3:15: error[E0703]: `script` is"), "{mount}");
        assert!(found("FROM a\nCOPY https://a/b /e\n").contains("E0703"));
    }

    #[test]
    fn files_come_from_stages_above_or_images() {
        assert_eq!(
            found(
                "FROM a AS One\nFROM b\nCOPY --from=oNE x y\nCOPY --from=0 x y\nCOPY --from=c:1 x y\nCOPY --from=$A x y\n"
            ),
            ""
        );
        for from in ["two", "1", "on"] {
            let findings = found(&format!("FROM a AS one\nFROM b AS two\nCOPY --from={from} x y\n"));
            assert!(findings.starts_with(&format!("Dockerfile:3:13: error[E0703]: no stage `{from}`")), "{findings}");
        }
        assert!(found("FROM a AS one\nFROM b\nRUN --mount=type=bind,from=onee,target=/a ls\n").contains("write `one`"));
    }
}
