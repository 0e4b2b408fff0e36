//! What is assumed of the system that packages will run on: conda's virtual packages.

use process::IntoMap as _;
use std::collections::BTreeMap;
use std::fmt;

use crate::Platform;

/// A fact about a system, as conda's packages ask for it.
///
/// Source: conda's documentation, "Managing virtual packages".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VirtualPackage {
    /// Such as `__glibc`.
    pub name: String,
    pub version: String,
    /// `0`, but for `__archspec`, where it is the processor.
    pub build: String,
    /// Where the version is from, to stand behind "from": such as `the base image`.
    pub origin: String,
}

/// Every virtual package that a solver may use. Nothing is looked up on the machine that happens to solve.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AssumedSystem(pub Vec<VirtualPackage>);

/// The C library that is assumed where none is known: the one that uv assumes.
///
/// Source: uv's reference, `--python-platform`.
const GLIBC: &str = "2.28";
/// The macOS that is assumed. Apple patches the last three; this was the oldest to get patches in 2026. uv would assume 13.0, for
/// which PyTorch has no wheels any more.
const MACOS: &str = "14.0";
/// The variable by which compilers and uv are told the oldest macOS that matters.
///
/// Sources: Apple's `xcodebuild`, build settings; uv's reference, `--python-platform`.
const DEPLOYMENT_TARGET: &str = "MACOSX_DEPLOYMENT_TARGET";
/// The kernel that is assumed: that of the oldest systems in use with such a C library.
const LINUX: &str = "4.18";
/// The CUDA that is assumed where `CPU_OR_GPU=gpu` and no driver is known: drivers of a major version run what was built for
/// any minor one.
///
/// Source: NVIDIA, "CUDA Compatibility", minor version compatibility.
const CUDA: &str = "12.0";

const DEFAULT: &str = "the default";

/// What is known of a system before a solver is asked.
#[derive(Debug, Clone, Copy, Default)]
pub struct KnownSystem<'a> {
    /// Its C library, such as `glibc 2.36`, and where that was seen.
    pub libc: Option<(&'a str, &'a str)>,
    /// Whether there will be an NVIDIA GPU.
    pub has_gpu: bool,
    /// The newest CUDA that its driver runs, where that is known, and from where.
    pub cuda: Option<(&'a str, &'a str)>,
}

impl AssumedSystem {
    /// The variables by which people tell conda's programs what to assume. An empty one means that there is none.
    pub const OVERRIDES: [&'static str; 6] = [
        "CONDA_OVERRIDE_GLIBC",
        "CONDA_OVERRIDE_CUDA",
        "CONDA_OVERRIDE_ARCHSPEC",
        "CONDA_OVERRIDE_OSX",
        "CONDA_OVERRIDE_LINUX",
        DEPLOYMENT_TARGET,
    ];

    /// `value` gives the values of [`OVERRIDES`](Self::OVERRIDES) that are set; they go first.
    pub fn new(platform: &Platform, known: KnownSystem, value: impl Fn(&str) -> Option<String>) -> Self {
        let mut assumed = Self::default();
        let mut add = |name: &str, default: Option<(&str, &str)>| {
            let variable = format!("CONDA_OVERRIDE_{}", name.trim_start_matches('_').to_uppercase());
            let set = value(&variable);
            let (version, origin) = match (&set, default) {
                (Some(set), _) if set.is_empty() => return,
                (Some(set), _) => (set.as_str(), variable.as_str()),
                (None, Some(default)) => default,
                (None, None) => return,
            };
            let is_processor = name == "__archspec";
            let (version, build) = if is_processor { ("1", version) } else { (version, "0") };
            assumed.0.push(VirtualPackage {
                name: name.to_owned(),
                version: version.to_owned(),
                build: build.to_owned(),
                origin: origin.to_owned(),
            });
        };
        add("__unix", Some(("0", DEFAULT)));
        if platform.is_macos() {
            let target = value(DEPLOYMENT_TARGET).filter(|it| !it.is_empty());
            let target = target.as_deref().map_or((MACOS, DEFAULT), |it| (it, DEPLOYMENT_TARGET));
            add("__osx", Some(target));
        } else {
            add("__linux", Some((LINUX, DEFAULT)));
            add("__glibc", glibc(known.libc));
        }
        add("__archspec", Some((processor(platform), DEFAULT)));
        add("__cuda", known.has_gpu.then_some(known.cuda.unwrap_or((CUDA, DEFAULT))));
        assumed
    }

    /// The variable by which uv is told of the system what the platform's name does not say, and its value.
    pub fn variable_for_uv(&self) -> Option<(&'static str, String)> {
        self.get("__osx").map(|it| (DEPLOYMENT_TARGET, it.version.clone()))
    }

    /// What is assumed of one virtual package.
    pub fn get(&self, name: &str) -> Option<&VirtualPackage> {
        self.0.iter().find(|it| it.name == name)
    }

    /// Reads back what [`texts`](Self::texts) has written.
    pub(crate) fn parse<'a>(texts: impl Iterator<Item = &'a str>) -> Self {
        let package = |text: &str| {
            let mut words = text.splitn(3, ' ');
            let (name, versions, origin) = (words.next()?, words.next()?, words.next().unwrap_or_default());
            let (version, build) = versions.split_once('=')?;
            Some(VirtualPackage {
                name: name.to_owned(),
                version: version.to_owned(),
                build: build.to_owned(),
                origin: origin.strip_prefix("from ").unwrap_or(origin).to_owned(),
            })
        };
        Self(texts.filter_map(package).collect())
    }

    /// A line each, such as `__glibc 2.36=0 from the base image`.
    pub(crate) fn texts(&self) -> Vec<String> {
        self.0.iter().map(ToString::to_string).collect()
    }

    /// Whether both are the same system, wherever that is known from.
    pub fn is_same(&self, other: &Self) -> bool {
        let facts = |it: &Self| -> BTreeMap<String, String> {
            it.0.iter().map(|it| (it.name.clone(), format!("{}={}", it.version, it.build))).into_map()
        };
        facts(self) == facts(other)
    }
}

impl fmt::Display for VirtualPackage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, version, build, origin } = self;
        write!(f, "{name} {version}={build} from {origin}")
    }
}

/// A C library that is not glibc is no virtual package.
fn glibc<'a>(known: Option<(&'a str, &'a str)>) -> Option<(&'a str, &'a str)> {
    match known {
        None => Some((GLIBC, DEFAULT)),
        Some((libc, origin)) => libc.strip_prefix("glibc ").map(|it| (it.trim(), origin)),
    }
}

/// The processor that every machine of a platform has. A newer one is the user's to choose: the machine that solves need not be
/// the one that computes.
fn processor(platform: &Platform) -> &'static str {
    match (platform.is_macos(), platform.architecture()) {
        (true, "arm64") => "m1",
        (false, "arm64") => "aarch64",
        _ => "x86_64",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(platform: &str, known: KnownSystem, overrides: &[(&str, &str)]) -> Vec<String> {
        let value = |name: &str| overrides.iter().find(|it| it.0 == name).map(|it| it.1.to_owned());
        AssumedSystem::new(&Platform::parse(platform).unwrap(), known, value).texts()
    }

    #[test]
    fn what_is_known_goes_before_the_defaults_and_what_is_set_before_both() {
        let known = KnownSystem {
            libc: Some(("glibc 2.36", "the base image")),
            has_gpu: true,
            cuda: Some(("12.4", "the driver of this machine")),
        };
        let assumed = texts("linux/amd64", known, &[]);
        let expected = [
            "__unix 0=0 from the default",
            "__linux 4.18=0 from the default",
            "__glibc 2.36=0 from the base image",
            "__archspec 1=x86_64 from the default",
            "__cuda 12.4=0 from the driver of this machine",
        ];
        assert_eq!(assumed, expected);
        let set = [("CONDA_OVERRIDE_CUDA", ""), ("CONDA_OVERRIDE_GLIBC", "2.17"), ("CONDA_OVERRIDE_ARCHSPEC", "zen4")];
        let assumed = texts("linux/amd64", known, &set);
        assert_eq!(
            assumed[2..],
            ["__glibc 2.17=0 from CONDA_OVERRIDE_GLIBC", "__archspec 1=zen4 from CONDA_OVERRIDE_ARCHSPEC"]
        );
    }

    #[test]
    fn another_platform_needs_nothing_of_itself() {
        let nothing = KnownSystem::default();
        assert_eq!(
            texts("linux/arm64", nothing, &[])[2..],
            ["__glibc 2.28=0 from the default", "__archspec 1=aarch64 from the default"]
        );
        assert_eq!(
            texts("osx/arm64", nothing, &[])[1..],
            ["__osx 14.0=0 from the default", "__archspec 1=m1 from the default"]
        );
        let older = texts("osx/arm64", nothing, &[(DEPLOYMENT_TARGET, "13.3")]);
        assert_eq!(older[1], "__osx 13.3=0 from MACOSX_DEPLOYMENT_TARGET");
        let system = AssumedSystem::new(&Platform::parse("osx/arm64").unwrap(), nothing, |_| None);
        assert_eq!(system.variable_for_uv(), Some((DEPLOYMENT_TARGET, "14.0".to_owned())));
        let musl = KnownSystem { libc: Some(("musl 1.2", "the base image")), ..nothing };
        assert!(!texts("linux/amd64", musl, &[]).concat().contains("__glibc"));
    }

    #[test]
    fn what_is_written_is_read_back() {
        let known = KnownSystem { libc: Some(("glibc 2.36", "the base image")), has_gpu: true, cuda: None };
        let assumed = AssumedSystem::new(&Platform::parse("linux/amd64").unwrap(), known, |_| None);
        let texts = assumed.texts();
        assert_eq!(AssumedSystem::parse(texts.iter().map(String::as_str)), assumed);
    }
}
