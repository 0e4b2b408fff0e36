//! A target has one name: that of its stage, of its service, and of its image's tag.

use std::collections::{HashMap, HashSet};

use report::{Code, Findings, Source};

use crate::{
    LocatedText,
    compose::{ComposeFile, ServiceDefinition, WrittenTag},
    dockerfile::Dockerfile,
};

pub(super) fn check_stages(source: &Source, dockerfile: &Dockerfile, targets: &[&str], findings: &mut Findings) {
    let mut first: HashMap<String, &LocatedText> = HashMap::new();
    for name in dockerfile.stages.iter().filter_map(|it| it.name.as_ref()) {
        // Docker does not tell stages apart by upper and lower case.
        let Some(other) = first.insert(name.text.to_ascii_lowercase(), name) else { continue };
        let line = other.span(source).start.line;
        let message = format!("the stage `{}` is defined twice, first in line {line}", name.text);
        findings
            .push(source.at(Code::NamesDisagree, name.span(source), message).help("give one of the two another name"));
    }
    // A Dockerfile without any stage is a finding already.
    for target in targets.iter().filter(|it| !dockerfile.stages.is_empty() && !first.contains_key(**it)) {
        let message = format!("no stage has the name of the target `{target}`");
        findings.push(source.about(Code::NamesDisagree, message).help(format!("write `AS {target}` after its `FROM`")));
    }
}

pub(super) fn check_services(source: &Source, compose: &ComposeFile, targets: &[&str], findings: &mut Findings) {
    let names: HashSet<&str> = compose.services.iter().map(|it| it.name.text.as_str()).collect();
    for target in targets.iter().filter(|it| !names.contains(**it)) {
        let message = format!("no service has the name of the target `{target}`");
        findings.push(source.about(Code::NamesDisagree, message).help(format!("write `{target}:` below `services:`")));
    }
    for service in compose.services.iter().filter(|it| targets.contains(&it.name.text.as_str())) {
        check_tag(source, service, findings);
    }
}

fn check_tag(source: &Source, service: &ServiceDefinition, findings: &mut Findings) {
    let (name, Some(image)) = (&service.name.text, &service.image) else { return };
    let message = match service.tag() {
        Some(WrittenTag::Literal(tag)) if tag != *name => format!("the image of `{name}` has the tag `{tag}`"),
        Some(WrittenTag::Missing) => format!("the image of `{name}` has no tag, which means `latest`"),
        _ => return,
    };
    let help = format!("write `:{name}` at its end, as `cargo xtask build` tags it");
    findings.push(source.at(Code::NamesDisagree, image.span(source), message).help(help));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stages(text: &str) -> String {
        let (source, mut findings) = (Source::new("Dockerfile", text), Findings::default());
        let dockerfile = Dockerfile::parse(&source, &mut findings);
        check_stages(&source, &dockerfile, &["runtime", "dev"], &mut findings);
        findings.to_string()
    }

    fn services(text: &str) -> String {
        let (source, mut findings) = (Source::new("compose.yaml", text), Findings::default());
        let compose = ComposeFile::parse(&source, &mut findings).unwrap();
        check_services(&source, &compose, &["runtime", "dev"], &mut findings);
        findings.to_string()
    }

    #[test]
    fn each_target_is_one_stage() {
        assert_eq!(stages("FROM a AS Runtime\nFROM b AS dev\nFROM c\nFROM d\n"), "");
        assert!(
            stages("FROM a AS runtime\n")
                .starts_with("Dockerfile: error[E0705]: no stage has the name of the target `dev`")
        );
        let twice = stages("FROM a AS runtime\nFROM b AS dev\nFROM c AS DEV\n");
        assert!(
            twice.starts_with("Dockerfile:3:11: error[E0705]: the stage `DEV` is defined twice, first in line 2"),
            "{twice}"
        );
        assert_eq!(stages("").matches("error").count(), 1);
        assert_eq!(stages("FROM a\n").matches("E0705").count(), 2);
    }

    #[test]
    fn each_target_is_one_service_with_its_tag() {
        assert_eq!(services("services: {runtime: {image: 'a:runtime'}, dev: {image: $I}, other: {image: a}}"), "");
        let tag = services("services: {runtime: {image: 'a:dev'}, dev: {image: a}}");
        assert!(tag.contains("compose.yaml:1:30: error[E0705]: the image of `runtime` has the tag `dev`"), "{tag}");
        assert!(tag.contains("compose.yaml:1:52: error[E0705]: the image of `dev` has no tag, which means"), "{tag}");
        assert!(
            services("services: {dev: {build: .}}").starts_with("compose.yaml: error[E0705]: no service has the name")
        );
    }
}
