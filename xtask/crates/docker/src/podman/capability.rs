//! What podman can do of what Docker can, and why not where it cannot.

/// Something that this tool asks of Docker, in the words of docs/podman.md.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Capability {
    Build,
    SolveInBuild,
    Run,
    Jobs,
    DevContainer,
    Compose,
    HealthChecks,
    Transfer,
    OwnFiles,
    Gpus,
    SeveralPlatforms,
    Builders,
    RegistryQueries,
    BuildCacheRecords,
    BuildProgress,
    StepCache,
    Sizes,
    Servers,
    Others,
}

/// How far podman can do it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ability {
    Yes,
    /// With this difference.
    Differently(&'static str),
    /// Not at all, for this reason.
    No(&'static str),
}

impl Capability {
    pub const ALL: [Self; 19] = [
        Self::Build,
        Self::SolveInBuild,
        Self::Run,
        Self::Jobs,
        Self::DevContainer,
        Self::Servers,
        Self::Transfer,
        Self::OwnFiles,
        Self::Compose,
        Self::Gpus,
        Self::HealthChecks,
        Self::BuildProgress,
        Self::StepCache,
        Self::SeveralPlatforms,
        Self::Builders,
        Self::RegistryQueries,
        Self::Sizes,
        Self::BuildCacheRecords,
        Self::Others,
    ];

    /// What it is, as a person would ask for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Build => "`build`, and images that `run` and `up` find missing",
            Self::SolveInBuild => "solving in a step of a build, `lock`, `shell --stage`",
            Self::Run => "`run`, with leases, ports and variables",
            Self::Jobs => "`run -d`, `logs`, `wait`, `stop`",
            Self::DevContainer => "`up`, `exec`, `shell`, `start`, `stop`, `down`, `freeze`",
            Self::Compose => "compose files",
            Self::HealthChecks => "health checks",
            Self::Transfer => "`push`, `pull`",
            Self::OwnFiles => "files that belong to you",
            Self::Gpus => "NVIDIA GPUs",
            Self::SeveralPlatforms => "`--platform`",
            Self::Builders => "builders: `build --builder`, `--push`, `--output`, `--to`, `--cache-from`, `--cache-to`",
            Self::RegistryQueries => "questions to a registry about an image, such as its platforms",
            Self::BuildCacheRecords => "the records of the build cache in `prune`, and the sizes of what it removes",
            Self::BuildProgress => "steps and times at the end of a build",
            Self::StepCache => "steps that are taken from an earlier build",
            Self::Sizes => "`size`",
            Self::Servers => "`up --ssh`, `up --jupyter`",
            Self::Others => "anything else that is asked of Docker",
        }
    }

    pub fn ability(self) -> Ability {
        match self {
            Self::Build | Self::SolveInBuild | Self::Run | Self::Jobs | Self::DevContainer | Self::Transfer => {
                Ability::Yes
            }
            Self::OwnFiles => Ability::Differently(
                "as root by USRID and GRPID, as with Docker; as an ordinary user by `--userns=keep-id`",
            ),
            Self::Compose => Ability::Differently(
                "this tool reads them itself: the services `dev` and `runtime`, of one container each; others need compose",
            ),
            Self::Gpus => Ability::Differently("by the Container Device Interface; not tested"),
            Self::HealthChecks => Ability::No("podman 4.3 runs them by timers of systemd, which not every machine has"),
            Self::BuildProgress => Ability::No("podman's output has no times, and is shown as it is"),
            Self::StepCache => Ability::No(
                "podman 4.3 takes a step from its cache although other files are mounted into it, so every step is repeated; \
                 what was downloaded is kept",
            ),
            Self::SeveralPlatforms => Ability::No("this tool builds for this machine only with podman"),
            Self::Builders => {
                Ability::No("podman has no builders: it builds here, and `cargo xtask push` shares what was built")
            }
            Self::RegistryQueries => Ability::No("podman 4.3 has no command that asks a registry about an image"),
            Self::BuildCacheRecords => Ability::No("podman keeps no records of its build cache"),
            Self::Sizes => Ability::No("podman tells the sizes of layers in another form; `podman history` shows them"),
            Self::Servers => Ability::Differently("the same mounts and ports; not tested"),
            Self::Others => Ability::No("this tool does not know how podman does it"),
        }
    }

    /// Why it is refused; `None` where podman can do it.
    pub fn refusal(self) -> Option<String> {
        matches!(self.ability(), Ability::No(_)).then(|| self.limit())
    }

    /// In how far podman differs, for who asks for what it has not got.
    pub(super) fn limit(self) -> String {
        match self.ability() {
            Ability::Yes => format!("{}: as with Docker (ENGINE=podman)", self.name()),
            Ability::Differently(how) => format!("{} are not as with Docker (ENGINE=podman): {how}", self.name()),
            Ability::No(why) => format!("{} cannot be had with podman (ENGINE=podman): {why}", self.name()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The table of docs/podman.md.
    fn table() -> String {
        let row = |it: Capability| match it.ability() {
            Ability::Yes => format!("| {} | yes | |\n", it.name()),
            Ability::Differently(how) => format!("| {} | yes | {how} |\n", it.name()),
            Ability::No(why) => format!("| {} | **no** | {why} |\n", it.name()),
        };
        Capability::ALL.into_iter().map(row).collect()
    }

    #[test]
    fn the_page_has_the_table() {
        let page = include_str!("../../../../../docs/podman.md");
        assert!(page.contains(&format!("|---|---|---|\n{}\n", table())), "docs/podman.md should have:\n{}", table());
    }

    #[test]
    fn only_what_cannot_be_had_is_refused() {
        assert_eq!(Capability::Compose.refusal(), None);
        let refusal = Capability::RegistryQueries.refusal().unwrap();
        assert!(refusal.ends_with("(ENGINE=podman): podman 4.3 has no command that asks a registry about an image"));
    }
}
