//! Which runs of the builder a build needs, by what the builder can do.

use camino::Utf8PathBuf;

use docker::{ArchiveKind, Builder, Caches, Export};
use environment::Platform;
use project::system::System;

use crate::base::Architecture;

/// What a builder and this machine can do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct BuilderCapabilities {
    pub builder: Builder,
    /// Whether the daemon keeps images with containerd, which can hold one for several platforms.
    pub has_containerd_store: bool,
    /// This machine's.
    pub own: Platform,
    pub system: System,
}

/// The runs of the builder, and what follows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct BuildSchedule {
    /// The platforms of each run, in order.
    pub builds: Vec<Vec<Platform>>,
    /// What every run does with its images.
    pub export: Export,
    pub finish: Finish,
    /// Whether the daemon itself builds, from the images that it has.
    pub is_by_daemon: bool,
}

/// What is done once all images are built.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Finish {
    Nothing,
    /// The images that were pushed for each platform become one.
    Join,
    /// The images that were loaded are written to this file.
    Save(ArchiveKind, Utf8PathBuf),
}

/// Why a builder cannot do a build, and what helps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct BuildRefusal {
    pub why: String,
    /// Commands or settings.
    pub fix: String,
}

impl BuildRefusal {
    fn new(why: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { why: why.into(), fix: fix.into() }
    }
}

impl std::fmt::Display for BuildRefusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} (fix: {})", self.why, self.fix)
    }
}

impl std::error::Error for BuildRefusal {}

/// How to get a builder that can do more than the daemon.
const OTHER_BUILDER: &str = "docker buildx create --name multi --driver docker-container, then --builder multi";

impl BuildSchedule {
    /// One run by this machine's daemon.
    pub(super) fn ordinary(platforms: Vec<Platform>) -> Self {
        Self { builds: vec![platforms], export: Export::Load, finish: Finish::Nothing, is_by_daemon: true }
    }

    /// Decides by what the builder can do, or refuses before anything starts. `platforms` are at least one, each once;
    /// `are_alike` is whether all are built from the same files: they are not where each has its own lock. `targets` is how
    /// many images there are for each platform.
    pub(super) fn new(
        platforms: &[Platform],
        are_alike: bool,
        targets: usize,
        export: &Export,
        caches: &Caches,
        capabilities: &BuilderCapabilities,
    ) -> Result<Self, BuildRefusal> {
        let builder = &capabilities.builder;
        let is_plain = builder.is_daemon() && !capabilities.has_containerd_store;
        for platform in platforms {
            require_platform(platform, capabilities)?;
        }
        if let Some(option) = caches.unsupported_option(is_plain) {
            let why = format!("the builder `{}` is the Docker daemon, which cannot do `{option}`", builder.name);
            return Err(BuildRefusal::new(why, format!("--cache-to inline, or {OTHER_BUILDER}")));
        }
        let each = || platforms.iter().map(|it| vec![it.clone()]).collect::<Vec<_>>();
        let together = || vec![platforms.to_vec()];
        let is_one = platforms.len() == 1;
        let schedule = |builds, export, finish| Ok(Self { builds, export, finish, is_by_daemon: builder.is_daemon() });
        match export {
            // A daemon with the classic store, and a builder that hands its images over to it, have one image for each.
            Export::Load => {
                let is_one_image = builder.is_daemon() && capabilities.has_containerd_store && are_alike;
                schedule(if is_one_image { together() } else { each() }, Export::Load, Finish::Nothing)
            }
            Export::Push if is_one || (!is_plain && are_alike) => schedule(together(), Export::Push, Finish::Nothing),
            Export::Push => schedule(each(), Export::Push, Finish::Join),
            Export::Archive(kind, file) => {
                let option = format!("--output {}:{file}", kind.name());
                if !is_one && *kind == ArchiveKind::Docker {
                    let why = format!("`{option}` holds an image for one platform");
                    return Err(BuildRefusal::new(why, format!("--output oci:{file}, or a file for each platform")));
                }
                if !is_one && !are_alike {
                    let why = format!("`{option}` is written by one build, and each platform has its own lock");
                    return Err(BuildRefusal::new(why, "a file for each platform, or --push"));
                }
                if is_one && (is_plain || targets > 1) {
                    return schedule(each(), Export::Load, Finish::Save(*kind, file.clone()));
                }
                if targets > 1 {
                    let why = format!("`{option}` holds several targets for one platform only");
                    return Err(BuildRefusal::new(why, "name a target, runtime or dev, or one platform"));
                }
                if is_plain {
                    let why =
                        format!("the builder `{}` is the Docker daemon, which cannot do `{option}`", builder.name);
                    return Err(BuildRefusal::new(why, format!("a file for each platform, or {OTHER_BUILDER}")));
                }
                schedule(together(), Export::Archive(*kind, file.clone()), Finish::Nothing)
            }
        }
    }
}

/// Fails where a builder cannot run a platform's programs. One that does not run yet does not say, and is trusted.
fn require_platform(platform: &Platform, capabilities: &BuilderCapabilities) -> Result<(), BuildRefusal> {
    let BuilderCapabilities { builder, own, system, .. } = capabilities;
    let is_known = builder.is_running && !builder.platforms.is_empty();
    if platform == own && builder.is_daemon() || !is_known || builder.platforms.contains(&platform.to_string()) {
        return Ok(());
    }
    Err(BuildRefusal::new(
        format!(
            "the builder `{}` cannot run programs for {platform}: it has {}",
            builder.name,
            builder.platforms.join(", ")
        ),
        system.install_emulators(),
    ))
}

/// Fails where a base image does not exist for a platform. `known` are those that it exists for; `None` where that is not
/// known.
pub(super) fn require_base(base: &str, known: Option<&[String]>, platforms: &[Platform]) -> Result<(), BuildRefusal> {
    let Some(known) = known else { return Ok(()) };
    let Some(missing) = platforms.iter().find(|it| !known.contains(&it.to_string())) else { return Ok(()) };
    let mut fix = "set BASE_IMAGE to an image in a registry that exists for all of them".to_owned();
    if Architecture::ALL.iter().any(|it| it.name() == missing.architecture()) {
        fix = format!("cargo xtask base --arch {} builds one to set BASE_IMAGE to, or {fix}", missing.architecture());
    }
    let why = format!("the base image `{base}` exists for {}, not for {missing}", known.join(", "));
    Err(BuildRefusal::new(why, fix))
}

#[cfg(test)]
mod tests {
    use super::*;
    use docker::CacheKind;
    use project::system::SystemFacts;

    const AMD64: &str = "linux/amd64";
    const ARM64: &str = "linux/arm64";

    #[derive(Clone, Copy)]
    enum By {
        Plain,
        Containerd,
        Container,
    }

    struct Case {
        by: By,
        can: &'static [&'static str],
        are_alike: bool,
        targets: usize,
        export: Export,
        caches: Caches,
    }

    impl Case {
        fn new(by: By, export: Export) -> Self {
            Self { by, can: &[AMD64, ARM64], are_alike: true, targets: 1, export, caches: Caches::default() }
        }

        fn schedule(&self, platforms: &[&str]) -> Result<BuildSchedule, BuildRefusal> {
            let driver = if matches!(self.by, By::Container) { "docker-container" } else { "docker" };
            let builder = Builder {
                name: "b".to_owned(),
                driver: driver.to_owned(),
                is_running: true,
                platforms: self.can.iter().map(|it| (*it).to_owned()).collect(),
            };
            let platforms: Vec<_> = platforms.iter().map(|it| Platform::parse(it).unwrap()).collect();
            let system = System::new(&SystemFacts {
                os: "linux",
                os_release: "ID=debian\nVERSION_ID=12\n",
                ..SystemFacts::default()
            });
            let capabilities = BuilderCapabilities {
                builder,
                has_containerd_store: matches!(self.by, By::Containerd),
                own: Platform::parse(AMD64).unwrap(),
                system,
            };
            BuildSchedule::new(&platforms, self.are_alike, self.targets, &self.export, &self.caches, &capabilities)
        }

        /// The platforms of each build, and what comes after them.
        fn builds(&self, platforms: &[&str]) -> (Vec<String>, Export, Finish) {
            let schedule = self.schedule(platforms).unwrap();
            let names = |it: &Vec<Platform>| it.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
            (schedule.builds.iter().map(names).collect(), schedule.export, schedule.finish)
        }
    }

    fn archive(kind: ArchiveKind) -> Export {
        Export::Archive(kind, "x.tar".into())
    }

    fn builds<const N: usize>(builds: [&str; N], export: Export, finish: Finish) -> (Vec<String>, Export, Finish) {
        (builds.map(str::to_owned).to_vec(), export, finish)
    }

    #[test]
    fn one_platform_of_any_kind_is_one_build_on_every_builder() {
        for by in [By::Plain, By::Containerd, By::Container] {
            for platform in [AMD64, ARM64] {
                let load = Case::new(by, Export::Load).builds(&[platform]);
                assert_eq!(load, builds([platform], Export::Load, Finish::Nothing));
                let push = Case::new(by, Export::Push).builds(&[platform]);
                assert_eq!(push, builds([platform], Export::Push, Finish::Nothing));
            }
        }
    }

    #[test]
    fn several_are_pushed_by_one_build_where_the_builder_can() {
        let together = builds(["linux/amd64,linux/arm64"], Export::Push, Finish::Nothing);
        for by in [By::Containerd, By::Container] {
            assert_eq!(Case::new(by, Export::Push).builds(&[AMD64, ARM64]), together);
        }
        let joined = builds([AMD64, ARM64], Export::Push, Finish::Join);
        assert_eq!(Case::new(By::Plain, Export::Push).builds(&[AMD64, ARM64]), joined);
    }

    #[test]
    fn platforms_with_their_own_locks_are_built_by_themselves_and_joined() {
        let joined = builds([AMD64, ARM64], Export::Push, Finish::Join);
        for by in [By::Plain, By::Containerd, By::Container] {
            let case = Case { are_alike: false, ..Case::new(by, Export::Push) };
            assert_eq!(case.builds(&[AMD64, ARM64]), joined);
        }
    }

    #[test]
    fn a_daemon_gets_one_image_of_several_where_it_can_hold_it_else_one_for_each() {
        let each = builds([AMD64, ARM64], Export::Load, Finish::Nothing);
        for by in [By::Plain, By::Container] {
            assert_eq!(Case::new(by, Export::Load).builds(&[AMD64, ARM64]), each);
        }
        let one = builds(["linux/amd64,linux/arm64"], Export::Load, Finish::Nothing);
        assert_eq!(Case::new(By::Containerd, Export::Load).builds(&[AMD64, ARM64]), one);
    }

    #[test]
    fn a_file_is_written_by_the_builder_or_of_what_the_daemon_was_given() {
        let saved = |kind| builds([ARM64], Export::Load, Finish::Save(kind, "x.tar".into()));
        for kind in [ArchiveKind::Docker, ArchiveKind::Oci] {
            assert_eq!(Case::new(By::Plain, archive(kind)).builds(&[ARM64]), saved(kind));
            for by in [By::Plain, By::Containerd, By::Container] {
                assert_eq!(Case { targets: 2, ..Case::new(by, archive(kind)) }.builds(&[ARM64]), saved(kind));
            }
        }
        for (by, kind) in [(By::Container, ArchiveKind::Docker), (By::Containerd, ArchiveKind::Oci)] {
            let written = builds([ARM64], Export::Archive(kind, "x.tar".into()), Finish::Nothing);
            assert_eq!(Case::new(by, archive(kind)).builds(&[ARM64]), written);
        }
        let several = Case::new(By::Container, archive(ArchiveKind::Oci)).builds(&[AMD64, ARM64]);
        let export = Export::Archive(ArchiveKind::Oci, "x.tar".into());
        assert_eq!(several, builds(["linux/amd64,linux/arm64"], export, Finish::Nothing));
    }

    #[test]
    fn what_cannot_be_is_refused_with_what_helps() {
        let refusal = |case: Case, platforms: &[&str]| case.schedule(platforms).unwrap_err().to_string();
        assert_eq!(
            refusal(Case { can: &[AMD64, "linux/386"], ..Case::new(By::Plain, Export::Load) }, &[AMD64, ARM64]),
            "the builder `b` cannot run programs for linux/arm64: it has linux/amd64, linux/386 (fix: sudo apt-get \
             install --reinstall qemu-user-static)"
        );
        assert_eq!(
            refusal(Case::new(By::Plain, archive(ArchiveKind::Oci)), &[AMD64, ARM64]),
            "the builder `b` is the Docker daemon, which cannot do `--output oci:x.tar` (fix: a file for each platform, or \
             docker buildx create --name multi --driver docker-container, then --builder multi)"
        );
        assert_eq!(
            refusal(Case::new(By::Container, archive(ArchiveKind::Docker)), &[AMD64, ARM64]),
            "`--output docker:x.tar` holds an image for one platform (fix: --output oci:x.tar, or a file for each platform)"
        );
        let of_targets = Case { targets: 2, ..Case::new(By::Container, archive(ArchiveKind::Oci)) };
        assert!(
            refusal(of_targets, &[AMD64, ARM64]).contains("several targets for one platform only (fix: name a target")
        );
        let differing = Case { are_alike: false, ..Case::new(By::Container, archive(ArchiveKind::Oci)) };
        assert!(refusal(differing, &[AMD64, ARM64]).contains("each platform has its own lock (fix: a file for each"));
        let caches = Caches { from: Vec::new(), to: vec![CacheKind::Registry] };
        assert_eq!(
            refusal(Case { caches, ..Case::new(By::Plain, Export::Load) }, &[AMD64]),
            "the builder `b` is the Docker daemon, which cannot do `--cache-to registry` (fix: --cache-to inline, or docker \
             buildx create --name multi --driver docker-container, then --builder multi)"
        );
    }

    #[test]
    fn a_builder_that_does_not_run_yet_is_trusted() {
        let case = Case { can: &[], ..Case::new(By::Container, Export::Push) };
        assert!(case.schedule(&[ARM64]).is_ok());
    }

    #[test]
    fn a_base_image_has_to_exist_for_each_platform() {
        let platforms = [AMD64, ARM64].map(|it| Platform::parse(it).unwrap());
        let known = [AMD64.to_owned()];
        let refusal = require_base("debian:12", Some(&known), &platforms).unwrap_err();
        assert!(refusal.to_string().starts_with(
            "the base image `debian:12` exists for linux/amd64, not for linux/arm64 (fix: cargo xtask base --arch arm64"
        ));
        assert_eq!(require_base("debian:12", Some(&known), &platforms[..1]), Ok(()));
        assert_eq!(require_base("debian:12", None, &platforms), Ok(()));
    }
}
