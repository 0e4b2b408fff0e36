//! compose.yaml, as far as other files have to agree with it: services, images, bind mounts and variables.

mod interpolation;
mod merge;
mod mount;
mod scalar;
mod service;

use std::collections::HashSet;

use report::{
    Code, Finding, Findings, Source, nearest, parses,
    yaml::{self, Node, Value},
};

use super::LocatedText;

pub use interpolation::{only_variable, resolved};
use merge::Merged;
pub use mount::BindMount;
use scalar::Scalar;
pub use service::{ServiceDefinition, WrittenTag};

/// What may stand at the top of the file, besides `x-…` (compose specification, "Compose file").
const SECTIONS: [&str; 9] =
    ["version", "name", "include", "services", "networks", "volumes", "configs", "secrets", "models"];

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComposeFile {
    pub services: Vec<ServiceDefinition>,
    /// The bind mounts of the services, each once, however many services merge it.
    pub bind_mounts: Vec<BindMount>,
    /// Every use of a variable, each once, in order.
    pub variables: Vec<VariableUse>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VariableUse {
    pub name: LocatedText,
    /// Whether its place works without a value: `${A:-b}`, and `${A:+b}`, which is empty then.
    pub has_default: bool,
}

impl ComposeFile {
    /// `None` where there are no services. What has the wrong shape is a finding, and the rest is read all the same.
    pub fn parse(source: &Source, findings: &mut Findings) -> Option<Self> {
        parses::note(&source.file, &source.text);
        let before = findings.len();
        let Some(node) = yaml::parse(source, findings) else {
            if findings.len() == before {
                findings.push(without_services(source));
            }
            return None;
        };
        let variables = VariableUse::all(&node, source, findings);
        let Some(sections) = node.entries() else {
            let finding = wrong(&node, source, format!("compose.yaml must be a mapping, not {}", node.kind()));
            findings.push(finding.help("write `services:` and the services below it"));
            return None;
        };
        check_sections(sections, source, findings);
        let Some(services) = node.get("services") else {
            findings.push(without_services(source));
            return None;
        };
        let mut reader =
            ComposeReader { source, findings, merged: Merged::default(), seen: HashSet::new(), mounts: Vec::new() };
        let services = reader.services(services)?;
        Some(Self { services, bind_mounts: reader.mounts, variables })
    }
}

struct ComposeReader<'n, 'a> {
    source: &'a Source,
    findings: &'a mut Findings,
    merged: Merged<'n>,
    /// Where the nodes begin that have been read: aliases lead to them again.
    seen: HashSet<usize>,
    mounts: Vec<BindMount>,
}

impl<'n> ComposeReader<'n, '_> {
    fn services(&mut self, services: &'n Node) -> Option<Vec<ServiceDefinition>> {
        let Some(entries) = services.entries() else {
            let finding =
                wrong(services, self.source, format!("`services:` must be a mapping, not {}", services.kind()));
            self.findings.push(finding.help("write each service as `name:` with its keys below"));
            return None;
        };
        Some(entries.iter().filter_map(|(name, service)| self.service(name, service)).collect())
    }

    fn service(&mut self, name: &Node, service: &'n Node) -> Option<ServiceDefinition> {
        let name = Scalar::of(name, self.source)?.whole();
        if service.entries().is_none() {
            let message = format!("the service `{}` must be a mapping, not {}", name.text, service.kind());
            self.findings.push(wrong(service, self.source, message).help("write its keys below, such as `image:`"));
            return None;
        }
        self.volumes(service);
        match ServiceDefinition::read(name, service, self.source, &mut self.merged) {
            Ok(service) => Some(service),
            Err(finding) => {
                self.findings.push(*finding);
                None
            }
        }
    }

    fn volumes(&mut self, service: &'n Node) {
        let Some(volumes) = self.merged.get(service, "volumes").map(Node::resolved) else { return };
        if !self.seen.insert(volumes.range.start) {
            return;
        }
        let Value::List(entries) = &volumes.value else {
            let message = format!("`volumes:` of a service must be a list, not {}", volumes.kind());
            self.findings.push(wrong(volumes, self.source, message).help("write each mount after a `- `"));
            return;
        };
        for entry in entries.iter().map(Node::resolved) {
            if !self.seen.insert(entry.range.start) {
                continue;
            }
            match BindMount::of(entry, self.source, &mut self.merged) {
                Ok(mount) => self.mounts.extend(mount),
                Err(finding) => self.findings.push(*finding),
            }
        }
    }
}

impl VariableUse {
    /// Every use in the values of a node. Aliases are not followed: what they stand for is found where it is written.
    fn all(node: &Node, source: &Source, findings: &mut Findings) -> Vec<Self> {
        let mut variables = Vec::new();
        collect(node, source, &mut variables, findings);
        variables
    }
}

fn collect(node: &Node, source: &Source, variables: &mut Vec<VariableUse>, findings: &mut Findings) {
    match &node.value {
        Value::Alias(_) => {}
        Value::List(nodes) => nodes.iter().for_each(|it| collect(it, source, variables, findings)),
        // compose leaves keys as they are.
        Value::Map(entries) => entries.iter().for_each(|(_, it)| collect(it, source, variables, findings)),
        Value::Text(_) => {
            let Some(scalar) = Scalar::of(node, source) else { return };
            let (found, problem) = interpolation::expressions(scalar.text);
            variables.extend(
                found.into_iter().map(|it| VariableUse { name: scalar.word(it.name), has_default: it.has_default }),
            );
            if let Some(mut problem) = problem {
                problem.range = scalar.file_range(problem.range);
                findings.push(source.problem(0, problem));
            }
        }
    }
}

fn check_sections(sections: &[(Node, Node)], source: &Source, findings: &mut Findings) {
    for (key, _) in sections {
        let name = key.text().unwrap_or_default();
        if SECTIONS.contains(&name) || name.starts_with("x-") || name == "<<" {
            continue;
        }
        let finding = wrong(key, source, format!("unknown section `{name}`"));
        findings.push(match nearest(name, SECTIONS) {
            Some(known) => finding.help(format!("write `{known}:`, or `x-{name}:` for something of your own")),
            None => finding.help(format!("write `x-{name}:` for something of your own")),
        });
    }
}

fn without_services(source: &Source) -> Finding {
    source.about(Code::ComposeFile, "no `services:`").help("write `services:` and the services below it")
}

/// A node of the wrong shape.
fn wrong(node: &Node, source: &Source, message: impl Into<String>) -> Finding {
    source.at(Code::ComposeFile, node.resolved().span(source), message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> (Option<ComposeFile>, String) {
        let mut findings = Findings::default();
        let file = ComposeFile::parse(&Source::new("compose.yaml", text), &mut findings);
        (file, findings.to_string())
    }

    #[test]
    fn services_have_what_is_merged_into_them() {
        let (file, findings) = parse(
            "x-a: &a\n  image: i:a\n  volumes: &v\n    - ./s:/t\n    - data:/d\n    - /anonymous\n    - ${V:-a:b}:/v:ro\n\
             x-b: &b {image: 'i:b', volumes: []}\n\
             services:\n  one: {<<: *a}\n  two: {<<: [*b, *a]}\n  three: {<<: *a, image: $X, volumes: *v}\n",
        );
        let file = file.unwrap();
        assert_eq!(findings, "");
        let images: Vec<_> = file.services.iter().map(|it| it.image.as_ref().unwrap().text.as_str()).collect();
        assert_eq!(images, ["i:a", "i:b", "$X"]);
        let sources: Vec<_> = file.bind_mounts.iter().map(|it| it.source.text.as_str()).collect();
        assert_eq!(sources, ["./s", "${V:-a:b}"]);
        assert!(file.bind_mounts.iter().all(|it| it.creates_source));
    }

    #[test]
    fn the_long_form_says_whether_the_source_is_created() {
        let mounts = |entry: &str| {
            let (file, findings) = parse(&format!("services: {{a: {{image: b, volumes: [{entry}]}}}}"));
            (file.unwrap().bind_mounts.first().map(|it| it.creates_source), findings)
        };
        let bind = |more: &str| mounts(&format!("{{type: bind, source: s, target: t{more}}}"));
        assert_eq!(bind(", bind: {create_host_path: false}"), (Some(false), String::new()));
        assert_eq!(bind(", bind: {create_host_path: true}"), (Some(true), String::new()));
        assert_eq!(bind(""), (Some(true), String::new()));
        assert_eq!(mounts("{type: tmpfs, target: t}"), (None, String::new()));
        assert!(
            mounts("{type: bnd, source: s}").1.contains("unknown type of mount `bnd`\n    help: write `type: bind`")
        );
        assert!(mounts("{source: s}").1.contains("a mount without `type:`"));
        assert!(mounts("{type: bind, target: t}").1.contains("without `source:`"));
        assert!(mounts("[a]").1.contains("a mount must be text or a mapping, not a list"));
    }

    #[test]
    fn a_variable_is_found_once_where_it_is_written() {
        let (file, findings) = parse(
            "x-a: &a {e: \"é ${A:?}\", f: '${B:-$C}'}\nservices: {s: {<<: *a, image: \"\\u0041 $D\", k: *a, $E: |\n  }}\n",
        );
        assert!(findings.contains("E0201"), "{findings}");
        assert_eq!(file, None);
        let text = "x-a: &a {e: \"é ${A:?}\", f: '${B:-$C}'}\nservices: {s: {<<: *a, image: \"\\u0041 $D\", $E: x}}\n";
        let (file, findings) = parse(text);
        assert_eq!(findings, "");
        let source = Source::new("f", text);
        let found: Vec<_> = file
            .unwrap()
            .variables
            .into_iter()
            .map(|it| (it.name.span(&source), it.name.text, it.has_default))
            .collect();
        let place =
            |name: &str| found.iter().find(|it| it.1 == name).map(|it| (it.0.start.line, it.0.start.column, it.2));
        assert_eq!(found.len(), 4, "{found:?}");
        assert_eq!(place("A"), Some((1, 18, false)));
        assert_eq!(place("B"), Some((1, 31, true)));
        assert_eq!(place("C"), Some((1, 35, false)));
        assert_eq!(place("D"), Some((2, 31, false)), "an escape leaves only the scalar's place");
    }

    #[test]
    fn what_has_the_wrong_shape_is_found_where_it_is() {
        for (text, finding) in [
            ("", "compose.yaml: error[E0708]: no `services:`"),
            ("name: a\n", "compose.yaml: error[E0708]: no `services:`"),
            ("- a\n", "compose.yaml:1:1: error[E0708]: compose.yaml must be a mapping, not a list"),
            ("services: a\n", "compose.yaml:1:11: error[E0708]: `services:` must be a mapping, not text"),
            ("services: {a: b}\n", "compose.yaml:1:15: error[E0708]: the service `a` must be a mapping, not text"),
            ("services: {a: {}}\n", "compose.yaml:1:12: error[E0708]: the service `a` has no image"),
            ("services: {a: {image: [b]}}\n", "compose.yaml:1:23: error[E0708]: `image:` must be text, not a list"),
            (
                "services: {a: {image: b, volumes: c}}\n",
                "compose.yaml:1:35: error[E0708]: `volumes:` of a service must be",
            ),
            ("services: {a: {image: 'b$'}}\n", "compose.yaml:1:25: error[E0708]: a `$` without"),
            ("service: {}\nservices: {}\n", "compose.yaml:1:1: error[E0708]: unknown section `service`"),
        ] {
            let findings = parse(text).1;
            assert!(findings.starts_with(finding) && findings.matches("E0708").count() == 1, "{text:?}: {findings}");
        }
    }
}
