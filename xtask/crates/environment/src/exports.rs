//! Files that `conda env export` has written: they list every package with its build, for one system only.

use report::{Code, Finding, Source, Span};
use specs::conda::MatchSpec;

use super::EnvironmentYml;

/// The finding for a file that lists what somebody had, and not what was asked for.
pub fn check(environment: &EnvironmentYml, source: &Source) -> Option<Finding> {
    foreign(environment, source).or_else(|| full(environment, source))
}

/// A system whose packages no container can use.
struct ForeignSystem {
    name: &'static str,
    /// Packages that there are for it alone; a `*` stands for the rest of a name.
    packages: &'static [&'static str],
    /// Parts of builds that only packages for it have.
    builds: &'static [&'static str],
    is_prefix: fn(&str) -> bool,
}

/// Sources: exports in public repositories. conda-build hashes what a package was built for, so that Anaconda's packages
/// without other variants have the same hash in their builds on one system; the others are of conda-forge's BLAS.
const FOREIGN: [ForeignSystem; 2] = [
    ForeignSystem {
        name: "Windows",
        packages: &[
            "vc",
            "vs2013_runtime",
            "vs2015_runtime",
            "vc14_runtime",
            "vcomp14",
            "ucrt",
            "pywin32",
            "pywinpty",
            "winpty",
            "wincertstore",
            "win_inet_pton",
            "console_shortcut",
            "m2w64-*",
            "msys2-conda-epoch",
        ],
        builds: &["haa95532", "h2bbff1b", "win64"],
        is_prefix: |it| it.contains('\\') || it.get(1..3) == Some(":/"),
    },
    ForeignSystem {
        name: "macOS",
        packages: &["pyobjc-core", "pyobjc-framework-*", "python.app", "cctools_osx-*", "clang_osx-*", "ld64_osx-*"],
        builds: &["hecd8cb5", "hca72f7f", "hca03da5", "h80987f9", "osx64", "osxarm64"],
        is_prefix: |it| it.starts_with("/Users/") || it.starts_with("/opt/homebrew/"),
    },
];

impl ForeignSystem {
    /// Whether an entry can be had for it alone.
    fn has(&self, spec: &MatchSpec) -> bool {
        let is_named = |known: &&str| match known.strip_suffix('*') {
            Some(start) => spec.name.starts_with(start),
            None => spec.name == *known,
        };
        let build = spec.build.as_deref().unwrap_or_default();
        self.packages.iter().any(is_named) || self.builds.iter().any(|it| build.contains(it))
    }

    /// What gives it away, with its place: an entry, or the prefix of a file that has builds.
    fn mark(&self, environment: &EnvironmentYml) -> Option<(Span, String)> {
        let entry = environment.conda.iter().find(|(spec, _)| self.has(spec));
        if let Some((spec, span)) = entry {
            return Some((*span, format!("`{}`", spec.name)));
        }
        let has_builds = environment.conda.iter().any(|(spec, _)| spec.build.is_some());
        let prefix = environment.prefix.as_ref().filter(|(path, _)| has_builds && (self.is_prefix)(path));
        prefix.map(|(_, span)| (*span, "its prefix".to_owned()))
    }
}

/// Below so many builds, somebody may have written them by hand.
const MANY_BUILDS: usize = 10;

fn foreign(environment: &EnvironmentYml, source: &Source) -> Option<Finding> {
    FOREIGN.iter().find_map(|system| {
        let (span, mark) = system.mark(environment)?;
        let message = format!("an export from {}, as {mark} shows: its builds cannot be had here", system.name);
        let help = "export it again there with `conda env export --from-history`, which writes what was asked for; \
                    `cargo xtask check --explain W0338` is about a file without its machine";
        Some(source.at(Code::ForeignExport, span, message).help(help))
    })
}

fn full(environment: &EnvironmentYml, source: &Source) -> Option<Finding> {
    let all = environment.conda.len();
    let builds = environment.conda.iter().filter(|(spec, _)| spec.build.is_some()).count();
    let span = environment.dependencies_at.filter(|_| builds >= MANY_BUILDS && builds * 2 > all)?;
    let message = format!("a full export: {builds} of {all} packages have a build, for one platform alone");
    let help = "`conda env export --from-history` writes what was asked for; \
                `cargo xtask check --explain W0339` is about a file without its machine";
    Some(source.at(Code::FullExport, span, message).help(help))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::EnvironmentFile;

    fn found(text: &str) -> String {
        let file = EnvironmentFile::parse(Source::new("environment.yml", text));
        let found = check(file.environment(), file.source());
        found.map_or_else(String::new, |it| it.to_string().lines().next().unwrap().to_owned())
    }

    fn with(entries: &[&str], rest: &str) -> String {
        found(&format!("dependencies:\n{}{rest}", entries.iter().map(|it| format!("  - {it}\n")).collect::<String>()))
    }

    #[test]
    fn an_export_from_another_system_is_told_by_its_name() {
        for (entries, rest, told) in [
            (
                &["python=3.11", "vc"] as &[&str],
                "",
                "environment.yml:3:5: warning[W0338]: an export from Windows, as `vc`",
            ),
            (&["m2w64-gmp=6.1.0=2"], "", "environment.yml:2:5: warning[W0338]: an export from Windows"),
            (
                &["pip=23.3.1=py310haa95532_0"],
                "",
                "environment.yml:2:5: warning[W0338]: an export from Windows, as `pip`",
            ),
            (
                &["pip=23.3.1=py310hca03da5_0"],
                "",
                "environment.yml:2:5: warning[W0338]: an export from macOS, as `pip`",
            ),
            (&["libblas=3.9.0=19_osx64_openblas"], "", "environment.yml:2:5: warning[W0338]: an export from macOS"),
            (
                &["a=1=0"],
                "prefix: /Users/me/env\n",
                "environment.yml:3:1: warning[W0338]: an export from macOS, as its prefix",
            ),
            (
                &["a=1=0"],
                "prefix: D:\\env\n",
                "environment.yml:3:1: warning[W0338]: an export from Windows, as its prefix",
            ),
            (
                &["a=1=0"],
                "prefix: C:/env\n",
                "environment.yml:3:1: warning[W0338]: an export from Windows, as its prefix",
            ),
        ] {
            let found = with(entries, rest);
            assert!(found.starts_with(told), "{entries:?} {rest}: {found}");
        }
    }

    #[test]
    fn what_was_asked_for_there_can_be_had_here() {
        assert_eq!(with(&["python=3.11", "numpy"], "prefix: /Users/me/env\n"), "");
        assert_eq!(with(&["python=3.11=h955ad1f_0", "vcrpy"], "prefix: /home/me/env\n"), "");
    }

    #[test]
    fn many_builds_make_a_full_export_and_a_few_do_not() {
        let entries = |builds: usize, others: usize| {
            let built = (0..builds).map(|it| format!("a{it}=1=h{it}_0"));
            let entries: Vec<String> = built.chain((0..others).map(|it| format!("b{it}=1"))).collect();
            with(&entries.iter().map(String::as_str).collect::<Vec<_>>(), "")
        };
        let told = "environment.yml:1:1: warning[W0339]: a full export: 10 of 12 packages have a build";
        assert!(entries(10, 2).starts_with(told), "{}", entries(10, 2));
        assert_eq!((entries(9, 0), entries(10, 10)), (String::new(), String::new()));
    }
}
