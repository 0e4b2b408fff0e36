//! The directories of this machine that compose.yaml mounts.

use std::collections::HashMap;

use report::{Code, Findings, Source};

use super::LocalDirectory;
use crate::compose::{BindMount, ComposeFile, only_variable};

/// A source that is more than one known variable could be anywhere, and is left to Docker.
pub(super) fn check(source: &Source, compose: &ComposeFile, directories: &[LocalDirectory], findings: &mut Findings) {
    let missing: HashMap<&str, &LocalDirectory> =
        directories.iter().filter(|it| !it.exists).map(|it| (it.variable, it)).collect();
    let named_by = |mount: &BindMount| only_variable(&mount.source.text).and_then(|it| missing.get(it).copied());
    for mount in compose.bind_mounts.iter().filter(|it| it.creates_source) {
        let Some(LocalDirectory { variable, path, .. }) = named_by(mount) else { continue };
        let message =
            format!("`{path}`, which `{variable}` names, does not exist: Docker would create it, owned by root");
        let help =
            format!("create it with `mkdir -p {path}`, and write the mount with `bind: {{create_host_path: false}}`");
        findings.push(source.at(Code::MountSource, mount.source.span(source), message).help(help));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(mount: &str) -> String {
        let text = format!("services: {{a: {{image: b, volumes: [{mount}]}}}}");
        let (source, mut findings) = (Source::new("compose.yaml", text), Findings::default());
        let compose = ComposeFile::parse(&source, &mut findings).unwrap();
        let directory = |variable, exists| LocalDirectory { variable, path: "/d".into(), exists };
        check(&source, &compose, &[directory("THERE", true), directory("MISSING", false)], &mut findings);
        findings.to_string()
    }

    #[test]
    fn a_directory_that_docker_would_create_is_found() {
        assert!(
            found("'${MISSING:?a:b}:/t'").starts_with("compose.yaml:1:37: warning[W0706]: `/d`, which `MISSING` names")
        );
        assert!(found("{type: bind, source: $MISSING, target: t}").contains("compose.yaml:1:57: warning[W0706]"));
        for fine in [
            "$THERE:/t",
            "$MISSING/a:/t",
            "./a:/t",
            "$OTHER:/t",
            "{type: bind, source: $MISSING, target: t, bind: {create_host_path: false}}",
        ] {
            assert_eq!(found(fine), "", "{fine}");
        }
    }
}
