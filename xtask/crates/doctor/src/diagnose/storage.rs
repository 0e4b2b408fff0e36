//! How the daemon stores images, and how much room is left for them and for this repository.

use docker::DaemonInfo;
use project::{DiskSpace, EngineChoice};

use crate::{
    diagnosis::Diagnosis,
    facts::{MachineFacts, ProgramAnswer},
};

/// An image or an environment with a deep learning framework takes 5 to 15 GiB.
const ENOUGH_GIB: u64 = 10;
/// Of a repository whose environments are images.
const ENOUGH_FOR_FILES_GIB: u64 = 1;

/// Nothing about images without a daemon.
pub fn diagnose(facts: &MachineFacts) -> Vec<Diagnosis> {
    let Some(info) = facts.info() else { return vec![repository_disk(facts, ENOUGH_GIB)] };
    // Images and the repository are often on one disk.
    let has_own_disk = images_disk(facts).and_then(ProgramAnswer::stdout).map(DiskSpace::parse)
        != facts.repository_disk.stdout().map(DiskSpace::parse);
    let enough = if facts.needs.engine == EngineChoice::Native { ENOUGH_GIB } else { ENOUGH_FOR_FILES_GIB };
    let repository = has_own_disk.then(|| repository_disk(facts, enough));
    [Some(driver(&info)), disk(facts, &info), repository, Some(store(&info))].into_iter().flatten().collect()
}

fn driver(info: &DaemonInfo) -> Diagnosis {
    const FACT: &str = "storage driver";
    match info.storage_driver.as_str() {
        // It copies every file of a layer into the next one.
        "vfs" => Diagnosis::warning(
            FACT,
            "vfs: every layer is a full copy of those below",
            "https://docs.docker.com/engine/storage/drivers/overlayfs-driver/",
        ),
        driver => Diagnosis::ok(FACT, driver),
    }
}

fn disk(facts: &MachineFacts, info: &DaemonInfo) -> Option<Diagnosis> {
    Some(free("free disk", images_disk(facts)?, &info.root, ENOUGH_GIB))
}

/// `None` where the daemon's disk is not this machine's.
fn images_disk(facts: &MachineFacts) -> Option<&ProgramAnswer> {
    facts.disk.as_ref().filter(|_| facts.endpoint.is_local())
}

fn repository_disk(facts: &MachineFacts, enough: u64) -> Diagnosis {
    free("repository disk", &facts.repository_disk, facts.repository.as_str(), enough)
}

fn free(fact: &'static str, answer: &ProgramAnswer, path: &str, enough: u64) -> Diagnosis {
    let Some(space) = answer.stdout().and_then(|it| DiskSpace::parse(it).pop()) else {
        let text = format!("`df` cannot say how much there is at {path}");
        return Diagnosis::warning(fact, text, format!("df {path}"));
    };
    match space.free_gib() {
        0 => Diagnosis::warning(fact, format!("full: {space} at {path}"), "cargo xtask prune"),
        gib if gib < enough => Diagnosis::warning(fact, format!("{space} at {path}"), "cargo xtask prune"),
        _ => Diagnosis::ok(fact, format!("{space} at {path}")),
    }
}

fn store(info: &DaemonInfo) -> Diagnosis {
    let text = if info.has_containerd_store {
        "containerd: an image may be for several platforms"
    } else {
        "classic: an image is for one platform"
    };
    Diagnosis::ok("image store", text)
}

#[cfg(test)]
mod tests {
    use docker::Endpoint;

    use super::super::fixtures::{about, debian12, failed, succeeded, with_info};
    use super::*;
    use crate::diagnosis::FactState;

    /// An answer of `df` with this many kibibytes.
    fn df(free: u64, mount: &str) -> ProgramAnswer {
        succeeded(format!(
            "Filesystem 1024-blocks Used Available Capacity Mounted on\n/dev/sda1 9 9 {free} 99% {mount}\n"
        ))
    }

    #[test]
    fn free_space_is_shown_and_too_little_is_a_warning() {
        assert_eq!(
            about(&diagnose(&debian12()), "free disk"),
            (FactState::Ok, "76 GiB at /var/lib/docker".into(), String::new())
        );
        for (kibibytes, expected) in [(4_194_304, "4 GiB at /var/lib/docker"), (9000, "full: 8 MiB at /var/lib/docker")]
        {
            let facts = MachineFacts { disk: Some(df(kibibytes, "/")), ..debian12() };
            let expected = (FactState::Warning, expected.to_owned(), "cargo xtask prune".to_owned());
            assert_eq!(about(&diagnose(&facts), "free disk"), expected);
        }
        let silent = MachineFacts { disk: Some(failed("df: no")), ..debian12() };
        assert_eq!(about(&diagnose(&silent), "free disk").0, FactState::Warning);
    }

    #[test]
    fn the_repositorys_disk_is_told_where_it_is_another_one_or_has_all() {
        let is_told = |facts: &MachineFacts| diagnose(facts).iter().any(|it| it.fact == "repository disk");
        assert!(!is_told(&debian12()));
        let other = MachineFacts { repository_disk: df(9000, "/home"), ..debian12() };
        let expected =
            (FactState::Warning, "full: 8 MiB at /home/ada/study".to_owned(), "cargo xtask prune".to_owned());
        assert_eq!(about(&diagnose(&other), "repository disk"), expected);
        let no_daemon = MachineFacts { info: failed("no daemon"), ..debian12() };
        let expected = (FactState::Ok, "76 GiB at /home/ada/study".to_owned(), String::new());
        assert_eq!(about(&diagnose(&no_daemon), "repository disk"), expected);
    }

    #[test]
    fn the_disk_of_this_machine_says_nothing_of_another_ones() {
        let endpoint = Endpoint::new("lab ssh://me@server.example.org", None);
        let diagnoses = diagnose(&MachineFacts { endpoint, ..debian12() });
        assert!(diagnoses.iter().all(|it| it.fact != "free disk"));
        assert!(diagnoses.iter().any(|it| it.fact == "repository disk"));
    }

    #[test]
    fn containerds_store_is_known_by_its_driver() {
        let text = |name| about(&diagnose(&with_info(name)), "image store").1;
        assert!(text("info-desktop.json").starts_with("containerd: "));
        assert!(text("info-selinux.json").starts_with("classic: "));
    }
}
