//! The codes of findings: stable names that a search finds, and that `check --explain` explains.

use std::fmt;

use super::nearest;

/// Every finding explained, a section each; [`Code::explanation`] reads it, a test keeps it complete.
const EXPLANATIONS: &str = include_str!("../../../docs/findings.md");

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Nothing starts while there is one.
    Error,
    /// Most likely not what was meant.
    Warning,
    /// Good to know.
    Note,
}

impl Severity {
    /// In lower case, as messages and the JSON format have it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

macro_rules! codes {
    ($($id:ident $name:ident,)*) => {
        /// What kind of mistake a finding is.
        ///
        /// The first letter of the code is its severity, so that the two cannot disagree. A code is never given to another
        /// kind: people search for it and silence it by name.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Code {
            $(#[doc = concat!("`", stringify!($id), "`, explained in `docs/findings.md`.")] $name,)*
        }

        impl Code {
            /// In the order of their ids.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The code as it is shown, such as `E0301`.
            pub fn id(self) -> &'static str {
                match self {
                    $(Self::$name => stringify!($id),)*
                }
            }
        }
    };
}

codes! {
    // Any file.
    E0101 FileMissing,
    E0102 NotUtf8,
    E0103 ConflictMarker,
    E0104 ControlCharacter,
    E0105 ForeignFile,
    E0106 CheckoutPath,
    // YAML.
    E0201 YamlSyntax,
    E0202 YamlTab,
    E0203 YamlDuplicateKey,
    E0204 YamlAlias,
    E0205 YamlSecondDocument,
    E0206 YamlTooDeep,
    // environment.yml.
    E0301 UnknownKey,
    E0302 WrongType,
    E0303 NoDependencies,
    E0304 UnknownSection,
    E0305 EmptyEntry,
    E0306 MatchSpec,
    W0307 CondaExactWildcard,
    W0308 CondaExactShort,
    W0309 CondaExtras,
    W0313 CondaAndPip,
    E0314 PipSingleEquals,
    N0315 PipWithoutPip,
    W0316 CondaWithoutPython,
    N0317 NameElsewhere,
    W0318 PythonUnpinned,
    E0319 PythonOutOfRange,
    E0320 PipOption,
    E0321 PipFileOption,
    W0322 PipProjectItself,
    W0323 PipUrlWithoutName,
    E0324 Requirement,
    E0325 VariableName,
    W0326 Prefix,
    E0327 ChannelName,
    E0329 SolverHasNoConda,
    E0330 NoCounterpart,
    W0331 CredentialsInUrl,
    W0332 PipEditableUrl,
    E0333 LoginVariable,
    E0334 LoginsDiffer,
    E0335 SecretInAddress,
    W0336 CondaListedTwice,
    W0337 PipListedTwice,
    W0338 ForeignExport,
    W0339 FullExport,
    W0340 LocalVersion,
    // environment.yml, as freeze and thaw edit it.
    E0341 FreezeLayout,
    W0342 FreezeNotInstalled,
    E0343 FreezeName,
    // environment.yml, as conda's solver finds it.
    E0351 CondaUnsolvable,
    E0352 CondaChannel,
    E0353 CondaShadowed,
    E0354 CondaPython,
    // The apt lists.
    E0401 AptName,
    E0402 AptOption,
    E0403 AptTwice,
    W0404 AptRuntimeAndDev,
    E0405 AptVersion,
    // .env.
    E0501 EnvLine,
    E0502 EnvDialects,
    E0503 EnvTwice,
    E0504 EnvUnknown,
    E0505 EnvValue,
    N0506 EnvMissing,
    E0507 EnvPath,
    W0508 EnvRoot,
    E0509 EnvReadable,
    E0510 EnvTracked,
    E0511 EnvNames,
    W0512 EnvDirectory,
    W0513 EnvRetired,
    E0514 BaseImageDigest,
    // pyproject.toml.
    E0601 TomlSyntax,
    E0602 ProjectName,
    E0603 PackageFolder,
    E0604 RequiresPython,
    W0605 VersionFromGit,
    W0606 CompiledProject,
    // audit.toml.
    E0607 AuditIgnore,
    W0608 AuditUnused,
    // Across files.
    W0701 ArgNotPassed,
    W0702 ArgNotTaken,
    E0703 CopySource,
    W0704 ComposeVariable,
    E0705 NamesDisagree,
    W0706 MountSource,
    E0707 Dockerfile,
    E0708 ComposeFile,
    // A live environment.
    W0801 LocalInstall,
    W0802 Clobbered,
    E0803 NoArtefact,
    E0804 LockFile,
    E0805 NotInstalled,
    E0806 OtherInstalled,
    E0807 NotListed,
    E0808 NotAsLocked,
    N0809 AptNotAsLocked,
    E0810 FilesLost,
    // Jobs and sites.
    E0901 JobValue,
    E0902 NotAtSite,
    E0903 SecretInJob,
    E0904 ParametersMissing,
    W0905 KeyWithoutEffect,
}

impl Code {
    pub fn severity(self) -> Severity {
        match self.id().as_bytes().first() {
            Some(b'W') => Severity::Warning,
            Some(b'N') => Severity::Note,
            _ => Severity::Error,
        }
    }

    /// The code of a name, in any case; `Err` has the nearest one, if any is near.
    pub fn find(id: &str) -> Result<Self, Option<&'static str>> {
        let known = Self::ALL.iter().find(|it| it.id().eq_ignore_ascii_case(id));
        known.copied().ok_or_else(|| nearest(id, Self::ALL.iter().map(|it| it.id())))
    }

    /// What it means, why it matters, and what helps: the section of `docs/findings.md`, in Markdown.
    pub fn explanation(self) -> &'static str {
        let heading = format!("## {}: ", self.id());
        let start = EXPLANATIONS.find(&heading).unwrap_or(EXPLANATIONS.len());
        let section = &EXPLANATIONS[start..];
        let end = section.get(1..).and_then(|rest| rest.find("\n## ")).map_or(section.len(), |end| end + 1);
        section[..end].trim_end()
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_explained_once_and_in_order() {
        let headings: Vec<&str> = EXPLANATIONS.lines().filter_map(|it| it.strip_prefix("## ")).collect();
        let listed: Vec<&str> = headings.iter().map(|it| it.split(": ").next().unwrap()).collect();
        let codes: Vec<&str> = Code::ALL.iter().map(|it| it.id()).collect();
        assert_eq!(listed, codes);
        for code in Code::ALL {
            let lines = code.explanation().lines().filter(|it| !it.trim().is_empty()).count();
            assert!(lines >= 3, "{code} needs a reason and a way out: {}", code.explanation());
        }
    }

    #[test]
    fn a_mistyped_code_comes_with_the_nearest() {
        assert_eq!(Code::find("e0301"), Ok(Code::UnknownKey));
        assert_eq!(Code::find("E031"), Err(Some("E0319")));
        assert!(Code::find("E9999x").is_err());
    }
}
