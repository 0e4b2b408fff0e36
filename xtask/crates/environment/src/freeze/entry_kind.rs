//! One entry of a list, as a package whose version can be set.

use std::borrow::Cow;

use process::with_user_of;
use specs::{
    conda::MatchSpec,
    python::{PipLine, Version},
};

use super::{
    super::pip_section::{UsablePipLine, usable},
    PackageList, Pin,
};

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum EntryKind {
    Conda(MatchSpec),
    /// A URL that contains its name is read as `NAME @ URL`.
    Pip(PipLine),
}

impl EntryKind {
    /// Reads an entry; `None` where it is not one of the list, or asks for nothing.
    pub fn read(list: PackageList, text: &str) -> Option<Self> {
        if list == PackageList::Conda {
            return MatchSpec::parse(text).ok().map(Self::Conda);
        }
        let UsablePipLine { line, .. } = PipLine::parse(text).and_then(usable).ok()?;
        match line? {
            PipLine::Url { url, named, text } => match PipLine::parse(&named) {
                Ok(line) if !named.starts_with("NAME @") => Some(Self::Pip(line)),
                _ => Some(Self::Pip(PipLine::Url { url, named, text })),
            },
            line => Some(Self::Pip(line)),
        }
    }

    /// The name by which it is compared; `None` where the entry names no single package.
    pub fn key(&self) -> Option<String> {
        match self {
            Self::Conda(MatchSpec { name, url: None, .. }) if !name.contains('*') => Some(PackageList::Conda.key(name)),
            Self::Pip(PipLine::Requirement { requirement, .. }) => Some(PackageList::Pip.key(&requirement.name)),
            Self::Conda(_) | Self::Pip(_) => None,
        }
    }

    /// As it is written into a list.
    pub fn text(&self) -> &str {
        match self {
            Self::Conda(spec) => &spec.text,
            Self::Pip(line) => line.text(),
        }
    }

    /// Whether it has the form that freezing gives it: a single exact version, or a URL.
    pub fn is_pin(&self) -> bool {
        match self {
            Self::Conda(spec) => spec.pinned_version().is_some(),
            Self::Pip(line) => Parts::of(line).is_some_and(|it| it.is_url() || it.exact_version().is_some()),
        }
    }

    /// Whether it asks for just what is installed, so that nothing has to be written.
    pub fn is_exactly(&self, pin: &Pin) -> bool {
        match (self, pin) {
            (Self::Conda(spec), Pin::Version(version)) => spec.pinned_version() == Some(version),
            (Self::Conda(spec), Pin::Build { version, build }) => {
                spec.pinned_version() == Some(version) && spec.allows_build(build)
            }
            (Self::Conda(_), Pin::Url(_)) => false,
            (Self::Pip(line), pin) => Parts::of(line).is_some_and(|it| match pin {
                Pin::Version(version) | Pin::Build { version, .. } => {
                    it.exact_version().is_some_and(|it| Some(it) == Version::parse(version))
                }
                Pin::Url(url) => it.url().is_some_and(|it| leads_to(it, &with_user_of(it, url))),
            }),
        }
    }

    /// The entry with what is installed in place of its versions: name, channel, extras, marker and options stay, and
    /// so does a build that what is installed has. `None` where the entry names no single package.
    pub fn pinned(&self, pin: &Pin) -> Option<String> {
        self.key()?;
        match (self, pin) {
            (Self::Conda(spec), Pin::Version(version)) => Some(pinned_spec(spec, version)),
            (Self::Conda(spec), Pin::Build { version, build }) => Some(pinned_spec(&with_build(spec, build), version)),
            (Self::Conda(_), Pin::Url(_)) => None,
            (Self::Pip(line), pin) => Parts::of(line).map(|it| it.pinned(pin)),
        }
    }
}

/// The spec with the build that is installed, where it allows another one only: no package has that with this version.
fn with_build<'a>(spec: &'a MatchSpec, build: &str) -> Cow<'a, MatchSpec> {
    if spec.allows_build(build) {
        return Cow::Borrowed(spec);
    }
    Cow::Owned(MatchSpec { build: Some(build.to_owned()), ..spec.clone() })
}

fn pinned_spec(spec: &MatchSpec, version: &str) -> String {
    let written = spec.text.split('#').next().unwrap_or_default().trim();
    if written.contains(['[', '(']) || written.contains(" if ") {
        return pinned_in_brackets(spec, version);
    }
    let start = written.rfind(':').map_or(0, |colon| colon + 1);
    let start = start + (written[start..].len() - written[start..].trim_start().len());
    let end = start + spec.name.len();
    let build = spec.build.as_ref().map(|it| format!("={it}")).unwrap_or_default();
    format!("{}={version}{build}", written.get(..end).unwrap_or(&spec.name))
}

/// What stands in brackets wins over what stands before them, so the version there has to go.
fn pinned_in_brackets(spec: &MatchSpec, version: &str) -> String {
    let without_version = MatchSpec { version: None, ..spec.clone() }.to_string();
    match without_version.split_once('[') {
        Some((before, brackets)) => format!("{before}={version}[{brackets}"),
        None => format!("{without_version}={version}"),
    }
}

/// Whether a URL leads to what is installed. uv keeps no digest of what it installs, so one in the line stays.
fn leads_to(listed: &str, installed: &str) -> bool {
    let (file, fragment) = listed.split_once('#').unwrap_or((listed, ""));
    let rest: Vec<&str> = fragment.split('&').filter(|it| !it.is_empty() && !it.starts_with("sha256=")).collect();
    let without_digest = if rest.is_empty() { file.to_owned() } else { format!("{file}#{}", rest.join("&")) };
    listed == installed || without_digest == installed
}

/// The text of a requirement: name and extras, what it asks for of them, and everything behind that.
pub(super) struct Parts<'a> {
    pub head: &'a str,
    pub middle: &'a str,
    pub tail: &'a str,
}

impl<'a> Parts<'a> {
    pub fn of(line: &'a PipLine) -> Option<Self> {
        let PipLine::Requirement { text, .. } = line else { return None };
        let is_name = |it: char| it.is_ascii_alphanumeric() || matches!(it, '-' | '_' | '.');
        let mut head_end = text.find(|it| !is_name(it)).unwrap_or(text.len());
        if text[head_end..].trim_start().starts_with('[') {
            head_end = text.find(']').map_or(text.len(), |close| close + 1);
        }
        let (head, rest) = text.split_at(head_end);
        let blanks = rest.len() - rest.trim_start().len();
        let length = if let Some(url) = rest[blanks..].strip_prefix('@') {
            let begins = url.len() - url.trim_start().len();
            1 + begins + url[begins..].find(char::is_whitespace).unwrap_or(url.len() - begins)
        } else {
            let end = [rest.find(';'), rest.find(" -")].into_iter().flatten().min().unwrap_or(rest.len());
            rest[..end].trim().len()
        };
        let (middle, tail) = rest[blanks..].split_at(length);
        // Without a version, the blanks belong to what follows.
        let tail = if middle.is_empty() { rest } else { tail };
        Some(Self { head, middle, tail })
    }

    fn is_url(&self) -> bool {
        self.url().is_some()
    }

    fn url(&self) -> Option<&'a str> {
        self.middle.strip_prefix('@').map(str::trim)
    }

    fn exact_version(&self) -> Option<Version> {
        self.middle.strip_prefix("==").and_then(Version::parse)
    }

    fn pinned(&self, pin: &Pin) -> String {
        let Self { head, tail, .. } = self;
        match pin {
            Pin::Version(version) | Pin::Build { version, .. } => format!("{head}=={version}{tail}"),
            Pin::Url(url) => self.pinned_to_url(&with_user_of(self.url().unwrap_or_default(), url)),
        }
    }

    fn pinned_to_url(&self, url: &str) -> String {
        let Self { head, tail, .. } = self;
        // A `;` that follows closely would be part of the URL.
        let blank = if tail.starts_with(';') { " " } else { "" };
        format!("{head} @ {url}{blank}{tail}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(text: &str) -> Pin {
        Pin::Version(text.to_owned())
    }

    #[test]
    fn conda_packages_keep_channel_name_and_build() {
        for (text, installed, pinned) in [
            ("numpy", "1.26.4", "numpy=1.26.4"),
            ("NumPy >=1.26,<2", "1.26.4", "NumPy=1.26.4"),
            ("numpy=1.26.4", "1.26.5", "numpy=1.26.5"),
            ("conda-forge::ruamel.yaml>=0.17", "0.18.6", "conda-forge::ruamel.yaml=0.18.6"),
            ("https://e.org/c/linux-64::a 1.*", "1.2", "https://e.org/c/linux-64::a=1.2"),
            ("pytorch=2.*=*cuda*", "2.5.1", "pytorch=2.5.1=*cuda*"),
            ("numpy # why", "2.0", "numpy=2.0"),
            ("numpy[version='>=1.26', build=py3*]", "1.26.4", "numpy=1.26.4[build=py3*]"),
            ("numpy[version='>=1.26']", "1.26.4", "numpy=1.26.4"),
            ("x", "1!2.0_1", "x=1!2.0_1"),
        ] {
            let listed = EntryKind::read(PackageList::Conda, text).unwrap();
            let written = listed.pinned(&version(installed)).unwrap();
            assert_eq!(written, pinned, "{text}");
            let again = EntryKind::read(PackageList::Conda, &written).unwrap();
            assert_eq!(again.key(), listed.key());
            assert!(again.is_pin() && again.is_exactly(&version(installed)), "{text}: {again:?}");
        }
    }

    #[test]
    fn a_build_that_is_not_installed_gives_way_to_the_one_that_is() {
        for (text, build, pinned) in [
            ("libblas=*=*mkl", "h1_openblas", "libblas=3.9=h1_openblas"),
            ("libblas=*=*openblas", "h1_openblas", "libblas=3.9=*openblas"),
            ("lab::libblas=3.8=h7_mkl", "h1_openblas", "lab::libblas=3.9=h1_openblas"),
            ("libblas[build='*mkl']", "h1_openblas", "libblas=3.9[build=h1_openblas]"),
            ("libblas>=3", "h1_openblas", "libblas=3.9"),
        ] {
            let pin = Pin::Build { version: "3.9".to_owned(), build: build.to_owned() };
            let written = EntryKind::read(PackageList::Conda, text).unwrap().pinned(&pin).unwrap();
            assert_eq!(written, pinned, "{text}");
            assert!(EntryKind::read(PackageList::Conda, &written).unwrap().is_exactly(&pin), "{text}");
        }
        let other = Pin::Build { version: "3.9".to_owned(), build: "h1_openblas".to_owned() };
        assert!(!EntryKind::read(PackageList::Conda, "libblas=3.9=*mkl").unwrap().is_exactly(&other));
    }

    #[test]
    fn a_digest_that_is_asked_for_is_not_lost() {
        let is_exactly = |listed: &str, installed: &str| {
            let listed = EntryKind::read(PackageList::Pip, &format!("a @ https://e.org/{listed}")).unwrap();
            listed.is_exactly(&Pin::Url(format!("https://e.org/{installed}")))
        };
        assert!(
            is_exactly("a.zip#sha256=0a", "a.zip")
                && is_exactly("a.zip#subdirectory=b&sha256=0a", "a.zip#subdirectory=b")
        );
        assert!(!is_exactly("a.zip", "a.zip#sha256=0a") && !is_exactly("a.zip#sha256=0a", "a.zip#sha256=0b"));
        assert!(!is_exactly("a.zip#sha256=0a", "b.zip") && !is_exactly("a.zip#subdirectory=b", "a.zip"));
    }

    #[test]
    fn pip_packages_keep_extras_markers_and_options() {
        let commit = "git+https://e.org/t.git@0123456789012345678901234567890123456789#subdirectory=py";
        for (text, pin, pinned) in [
            ("torch>=2", version("2.5.1+cpu"), "torch==2.5.1+cpu".to_owned()),
            ("Py_Tqdm", version("4.67"), "Py_Tqdm==4.67".to_owned()),
            (
                "t @ git+https://${TOKEN}@e.org/t.git@main#subdirectory=py",
                Pin::Url(commit.to_owned()),
                format!("t @ {}", commit.replace("//", "//${TOKEN}@")),
            ),
            ("uvicorn [standard, x] ~= 0.30", version("0.30.1"), "uvicorn [standard, x]==0.30.1".to_owned()),
            ("a (>=1,<2)  ; os_name == 'posix'", version("1.5"), "a==1.5  ; os_name == 'posix'".to_owned()),
            ("a;os_name=='posix'", version("1.5"), "a==1.5;os_name=='posix'".to_owned()),
            ("a>=1 --hash=sha256:0a", version("1.5"), "a==1.5 --hash=sha256:0a".to_owned()),
            (
                "t[x] @ git+https://e.org/t.git ; os_name=='nt'",
                Pin::Url(commit.to_owned()),
                format!("t[x] @ {commit} ; os_name=='nt'"),
            ),
            ("t@git+https://e.org/t.git", Pin::Url(commit.to_owned()), format!("t @ {commit}")),
            ("git+https://e.org/t.git@v1", Pin::Url(commit.to_owned()), format!("t @ {commit}")),
            ("-e git+https://e.org/t.git@v1#egg=t", Pin::Url(commit.to_owned()), format!("t @ {commit}")),
            ("t;os_name=='nt'", Pin::Url(commit.to_owned()), format!("t @ {commit} ;os_name=='nt'")),
            ("t @ https://e.org/t.zip", version("1.0"), "t==1.0".to_owned()),
        ] {
            let listed = EntryKind::read(PackageList::Pip, text).unwrap();
            let written = listed.pinned(&pin).unwrap();
            assert_eq!(written, pinned, "{text}");
            let again = EntryKind::read(PackageList::Pip, &written).unwrap();
            assert_eq!(again.key(), listed.key());
            assert!(again.is_pin() && again.is_exactly(&pin), "{text}: {again:?}");
        }
    }

    #[test]
    fn another_spelling_of_the_installed_version_is_right_already() {
        for (list, text, pin) in [
            (PackageList::Conda, "numpy==1.26.4", "1.26.4"),
            (PackageList::Conda, "numpy 1.26.4 py312_0", "1.26.4"),
            (PackageList::Pip, "a == 1.0", "1.0.0"),
            (PackageList::Pip, "a==1.0+CPU", "1.0+cpu"),
        ] {
            assert!(EntryKind::read(list, text).unwrap().is_exactly(&version(pin)), "{text}");
        }
        for (list, text, pin) in [
            (PackageList::Conda, "numpy=1.26", "1.26.4"),
            (PackageList::Conda, "numpy>=1.26.4", "1.26.4"),
            (PackageList::Pip, "a==1.0", "1.0+cpu"),
            (PackageList::Pip, "a==1.*", "1.0"),
            (PackageList::Pip, "a", "1.0"),
        ] {
            assert!(!EntryKind::read(list, text).unwrap().is_exactly(&version(pin)), "{text}");
        }
    }

    #[test]
    fn what_names_no_single_package_is_not_pinned() {
        for (list, text) in [
            (PackageList::Conda, "numpy*"),
            (PackageList::Conda, "https://e.org/c/linux-64/numpy-1.26.4-py312_0.conda"),
            (PackageList::Pip, "--pre"),
            (PackageList::Pip, "https://e.org/x/archive/main.zip"),
        ] {
            assert_eq!(EntryKind::read(list, text).unwrap().pinned(&version("1")), None, "{text}");
        }
    }
}
