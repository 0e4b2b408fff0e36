//! The dependency files in a normal form, to be compared and hashed.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use camino::{Utf8Path, Utf8PathBuf};
use process::{IntoMap as _, sort, without_credentials};
use project::AptStage;
use report::Span;
use specs::{
    AptPackage,
    conda::MatchSpec,
    python::{PipLine, normalised, option},
};

use super::IntentList;
use crate::{AptList, Intent, Solver, conda::CondaIntent, freeze::PackageList, sha256::sha256};

/// The intent in a normal form: comments, order, blanks and spelling of names do not change it. It holds the
/// packages of all lists, the options of pip's, and with conda the channels; passwords and tokens are not in it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NormalisedIntent(BTreeMap<IntentEntry, IntentLine>);

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct IntentEntry {
    list: IntentList,
    /// The package; empty for channels and options, which are one entry because their order counts.
    name: String,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct IntentLine {
    /// Constraints in their normal form, several where pip has lines with different markers.
    constraints: BTreeSet<String>,
    /// The first line for the package; `None` where it was read from a lock or label.
    place: Option<IntentPlace>,
}

/// A line of the dependency files.
#[derive(Debug, Clone, PartialEq, Eq)]
struct IntentPlace {
    /// The file, where it is not the list's own but one that it includes.
    included: Option<Utf8PathBuf>,
    line: usize,
}

impl NormalisedIntent {
    /// The channels count with conda only.
    pub fn new(intent: &Intent, solver: Solver) -> Self {
        let mut lines = Self::default();
        let environment = &intent.environment;
        let place = |span: &Span| IntentPlace {
            included: environment.included_file(*span).map(Utf8Path::to_owned),
            line: span.start.line,
        };
        if solver == Solver::Conda && !environment.channels.is_empty() {
            let channels: Vec<String> = environment
                .channels
                .iter()
                .map(|it| without_credentials(&CondaIntent::bare(&it.0.to_string())).0)
                .collect();
            lines.add(IntentList::Channels, "", channels.join(" "), None);
        }
        for (spec, span) in &environment.conda {
            lines.add(IntentList::Conda, &spec.name, conda_constraint(spec), Some(place(span)));
        }
        let (mut options, mut options_at) = (Vec::new(), None);
        for (line, span) in &environment.pip {
            if let PipLine::Options { options: given, .. } = line {
                options_at.get_or_insert_with(|| place(span));
                let clean = |it: &String| without_credentials(it).0;
                options.extend(given.iter().map(|(name, value)| option(name, value.as_ref().map(clean).as_deref())));
            } else {
                let (name, constraint) = pip_constraint(line);
                lines.add(IntentList::Pip, &name, constraint, Some(place(span)));
            }
        }
        for (line, span) in &environment.constraints {
            let (name, constraint) = pip_constraint(line);
            lines.add(IntentList::Constraints, &name, constraint, Some(place(span)));
        }
        for it in &environment.projects {
            lines.add(IntentList::Projects, &it.name(), it.folder.to_string(), Some(place(&it.span)));
        }
        if !options.is_empty() {
            lines.add(IntentList::Options, "", options.join(" "), options_at);
        }
        for stage in AptStage::ALL {
            for (package, span) in intent.apt.get(&stage).into_iter().flat_map(AptList::iter) {
                lines.add(
                    IntentList::Apt(stage),
                    &package.qualified_name(),
                    apt_constraint(package),
                    Some(place(span)),
                );
            }
        }
        lines
    }

    fn add(&mut self, list: IntentList, name: &str, constraint: String, place: Option<IntentPlace>) {
        let wanted = self.0.entry(IntentEntry { list, name: name.to_owned() }).or_default();
        wanted.constraints.insert(constraint);
        wanted.place = wanted.place.take().or(place);
    }

    /// Sorted lines, such as `pip numpy >=2`.
    pub fn lines(&self) -> Vec<String> {
        let lines = self.0.iter().flat_map(|(entry, wanted)| wanted.constraints.iter().map(move |it| entry.line(it)));
        lines.collect()
    }

    /// What is asked of conda: the same for a file and for the lock that was made for it.
    pub fn conda(&self) -> CondaIntent {
        let mut intent = CondaIntent { channels: Vec::new(), specs: Vec::new() };
        for (entry, wanted) in &self.0 {
            let constraints = wanted.constraints.iter();
            match entry.list {
                IntentList::Channels => {
                    intent.channels.extend(constraints.flat_map(|it| it.split(' ').map(str::to_owned)));
                }
                IntentList::Conda => intent.specs.extend(constraints.map(|it| conda_spec(&entry.name, it))),
                _ => {}
            }
        }
        intent
    }

    /// SHA-256 over the lines.
    pub fn sha256(&self) -> String {
        sha256(self.lines().join("\n"))
    }

    #[must_use]
    pub fn without_list(self, list: IntentList) -> Self {
        Self(self.0.into_iter().filter(|(entry, _)| entry.list != list).into_map())
    }

    /// Without a package of `environment.yml`.
    #[must_use]
    pub fn without_package(self, list: PackageList, name: &str) -> Self {
        let list = match list {
            PackageList::Conda => IntentList::Conda,
            PackageList::Pip => IntentList::Pip,
        };
        Self(self.0.into_iter().filter(|(entry, _)| entry.list != list || entry.name != name).into_map())
    }

    /// Reads the lines back; the places are not in them. Lines of a list that this version does not know are left out.
    pub fn parse<'a>(lines: impl IntoIterator<Item = &'a str>) -> Self {
        let mut parsed = Self::default();
        for line in lines {
            let (list, rest) = line.split_once(' ').unwrap_or((line, ""));
            let Some(list) = IntentList::of_name(list) else { continue };
            let (name, constraint) =
                if list.has_packages() { rest.split_once(' ').unwrap_or((rest, "")) } else { ("", rest) };
            parsed.add(list, name, constraint.to_owned(), None);
        }
        parsed
    }

    /// The entries that differ in a later state of the files.
    pub fn changes_to(&self, now: &Self) -> Vec<IntentChange> {
        let new = now.0.keys().filter(|it| !self.0.contains_key(it));
        let mut entries: Vec<&IntentEntry> = self.0.keys().chain(new).collect();
        sort(&mut entries);
        let change = |entry: &IntentEntry| {
            let (was, is) = (self.0.get(entry), now.0.get(entry));
            let constraints = |it: Option<&IntentLine>| it.map(|it| it.constraints.clone());
            let change = IntentChange {
                list: entry.list,
                included: is.and_then(|it| it.place.as_ref()?.included.clone()),
                line: is.and_then(|it| Some(it.place.as_ref()?.line)),
                name: entry.label(),
                was: was.map(IntentLine::text),
                is: is.map(IntentLine::text),
            };
            (constraints(was) != constraints(is)).then_some(change)
        };
        entries.into_iter().filter_map(change).collect()
    }
}

impl IntentEntry {
    fn line(&self, constraint: &str) -> String {
        let words = [self.list.name(), &self.name, constraint];
        words.into_iter().filter(|it| !it.is_empty()).collect::<Vec<_>>().join(" ")
    }

    fn label(&self) -> String {
        if self.name.is_empty() { self.list.name().to_owned() } else { self.name.clone() }
    }
}

impl IntentLine {
    fn text(&self) -> String {
        self.constraints.iter().map(String::as_str).collect::<Vec<_>>().join(" | ")
    }
}

/// The version; the whole spec where it has more than that, such as a channel or build.
fn conda_constraint(spec: &MatchSpec) -> String {
    let is_plain = spec.channel.is_none()
        && spec.subdir.is_none()
        && spec.build.is_none()
        && spec.brackets.is_empty()
        && spec.url.is_none();
    match &spec.version {
        version if is_plain => version.as_ref().map(ToString::to_string).unwrap_or_default(),
        _ => without_credentials(&CondaIntent::bare(&spec.to_string())).0,
    }
}

/// The inverse of [`conda_constraint`].
fn conda_spec(name: &str, constraint: &str) -> String {
    let is_whole = constraint.starts_with(name) || constraint.contains("::") || constraint.contains("://");
    match (is_whole, constraint) {
        (true, _) => constraint.to_owned(),
        (false, "") => name.to_owned(),
        (false, _) => format!("{name} {constraint}"),
    }
}

/// The normalised name, and extras, version and marker behind it.
fn pip_constraint(line: &PipLine) -> (String, String) {
    let shown = line.to_string();
    let words = |it: &str| it.split(' ').map(|word| without_credentials(word).0).collect::<Vec<_>>().join(" ");
    match line {
        PipLine::Requirement { requirement, .. } => {
            let constraint = shown.strip_prefix(&requirement.name).unwrap_or(&shown);
            (normalised(&requirement.name), words(constraint.trim_start()))
        }
        _ => (words(&shown).replace(' ', ""), String::new()),
    }
}

fn apt_constraint(package: &AptPackage) -> String {
    let shown = package.to_string();
    shown.strip_prefix(&package.qualified_name()).unwrap_or(&shown).to_owned()
}

/// An entry that was added, removed or changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IntentChange {
    pub list: IntentList,
    /// The file that it is in now, where the list includes that one.
    pub included: Option<Utf8PathBuf>,
    /// The line that it has now, from 1.
    pub line: Option<usize>,
    /// The package; for channels and options the name of the list.
    pub name: String,
    /// The constraint before; `None` for a new entry, empty where any version was allowed.
    pub was: Option<String>,
    /// The constraint now; `None` for a removed entry.
    pub is: Option<String>,
}

/// `environment.yml:12 numpy >=1.26 -> >=2.0`, `environment.yml:13 + rich`, `environment.yml - tqdm`.
impl fmt::Display for IntentChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { list, included, line, name, was, is } = self;
        f.write_str(included.as_ref().map_or(list.file(), |it| it.as_str()))?;
        if let Some(line) = line {
            write!(f, ":{line}")?;
        }
        let any = |it: &String| if it.is_empty() { "any".to_owned() } else { it.clone() };
        let name = if *list == IntentList::Constraints { format!("constraint {name}") } else { name.clone() };
        match (was, is) {
            (Some(was), Some(is)) => write!(f, " {name} {} -> {}", any(was), any(is)),
            (None, Some(is)) => f.write_str(format!(" + {name} {is}").trim_end()),
            (Some(was), None) => f.write_str(format!(" - {name} {was}").trim_end()),
            (None, None) => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::EnvironmentFile;
    use report::{Findings, Source};

    fn normalised(environment: &str, apt: &str, solver: Solver) -> NormalisedIntent {
        let mut findings = Findings::default();
        let environment = EnvironmentFile::parse(Source::new("environment.yml", environment));
        let apt = AptList::parse(&Source::new("apt-runtime.txt", apt), &mut findings);
        findings.extend(environment.findings().iter().cloned());
        assert!(!findings.has_errors(), "{findings}");
        let environment = environment.environment().clone();
        NormalisedIntent::new(&Intent { environment, apt: [(AptStage::Runtime, apt)].into() }, solver)
    }

    const TEXT: &str = "channels: [conda-forge, defaults]\ndependencies:\n  - python>=3.11\n  - pip:\n    - --pre\n    \
        - --extra-index-url https://me:pw@e.org/simple\n    - Scikit_Learn[alldeps]>=1.4,<2\n    \
        - a==1; os_name == 'nt'\n    - a==2; os_name == 'posix'\n    - x @ git+https://tok@e.org/x.git\n";

    #[test]
    fn what_changes_nothing_is_not_in_it() {
        let one = normalised(TEXT, "vim\ng++=4:12\n", Solver::Conda);
        assert_eq!(
            one.lines(),
            [
                "apt-runtime g++ =4:12",
                "apt-runtime vim",
                "channels conda-forge defaults",
                "conda python >=3.11",
                "options --pre --extra-index-url https://e.org/simple",
                "pip a ==1; os_name == \"nt\"",
                "pip a ==2; os_name == \"posix\"",
                "pip scikit-learn [alldeps]>=1.4,<2",
                "pip x @ git+https://e.org/x.git",
            ]
        );
        let other = "# comment\nname: x\nchannels: [conda-forge, defaults]\ndependencies:\n\n  - python >=3.11  # why\n  - pip:\n    \
            - x @ git+https://other@e.org/x.git\n    - a == 2 ; os_name=='posix'\n    - a==1; os_name == 'nt'\n    \
            - scikit-learn[alldeps] >=1.4, <2\n    - --pre --extra-index-url=https://e.org/simple\n";
        let other = normalised(other, "# x\ng++=4:12 vim\n", Solver::Conda);
        assert_eq!((one.sha256(), one.changes_to(&other)), (other.sha256(), vec![]));
    }

    #[test]
    fn a_hyphen_and_an_underscore_are_two_packages_of_condas() {
        let both = "dependencies: [typing-extensions=4.12.2=hd8ed1ab_0, Typing_Extensions=4.12.2=pyha770c72_0]\n";
        assert_eq!(
            normalised(both, "", Solver::Conda).lines(),
            [
                "conda typing-extensions typing-extensions==4.12.2=hd8ed1ab_0",
                "conda typing_extensions typing_extensions==4.12.2=pyha770c72_0",
            ]
        );
    }

    #[test]
    fn channels_count_for_conda_alone_and_their_order_does() {
        let text = "channels: [a, b]\ndependencies: [python]\n";
        let swapped = "channels: [b, a]\ndependencies: [python]\n";
        let changes = |solver| normalised(text, "", solver).changes_to(&normalised(swapped, "", solver));
        assert_eq!(changes(Solver::Uv), []);
        assert_eq!(changes(Solver::Conda)[0].to_string(), "environment.yml channels a b -> b a");
    }

    #[test]
    fn each_change_is_told_with_its_line() {
        let was = normalised("dependencies: [python, pip: [numpy>=1.26, tqdm]]\n", "vim\n", Solver::Uv);
        let is = "dependencies:\n  - python=3.12\n  - pip:\n    - rich>=14\n    - numpy>=2.0\n";
        let changes: Vec<String> =
            was.changes_to(&normalised(is, "git\n", Solver::Uv)).iter().map(ToString::to_string).collect();
        assert_eq!(
            changes,
            [
                "apt-runtime.txt:1 + git",
                "apt-runtime.txt - vim",
                "environment.yml:2 python any -> 3.12.*",
                "environment.yml:5 numpy >=1.26 -> >=2.0",
                "environment.yml:4 + rich >=14",
                "environment.yml - tqdm",
            ]
        );
    }

    #[test]
    fn what_is_asked_of_conda_can_be_told_from_it() {
        let text = "channels: [lab, 'https://e.org/c']\ndependencies: [python=3.11, numpy, 'x>=1,<2', 'lab::y[build=a*]', 'z=1=b']\n";
        let written = normalised(text, "", Solver::Conda);
        let conda = written.conda();
        assert_eq!(conda.channels, ["lab", "https://e.org/c"]);
        assert_eq!(conda.specs, ["numpy", "python 3.11.*", "x >=1,<2", "lab::y[build=a*]", "z==1=b"]);
        let lines = written.lines();
        assert_eq!(NormalisedIntent::parse(lines.iter().map(String::as_str)).conda(), conda);
    }

    #[test]
    fn its_lines_are_read_back() {
        let intent = normalised(TEXT, "vim\n", Solver::Conda);
        let lines = intent.lines();
        let read = NormalisedIntent::parse(lines.iter().map(String::as_str));
        assert_eq!((read.lines(), read.changes_to(&intent)), (lines, vec![]));
    }
}
