//! How the daemon stores images, and how much disk space is free there.

use docker::DaemonInfo;

use crate::{diagnosis::Diagnosis, facts::MachineFacts};

/// An image with a deep learning framework takes 5 to 15 GiB.
const ENOUGH_GIB: u64 = 10;

/// Nothing without a daemon.
pub fn diagnose(facts: &MachineFacts) -> Vec<Diagnosis> {
    let Some(info) = facts.info() else { return Vec::new() };
    [Some(driver(&info)), disk(facts, &info), Some(store(&info))].into_iter().flatten().collect()
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
    const FACT: &str = "free disk";
    let answer = facts.disk.as_ref().filter(|_| facts.endpoint.is_local())?;
    let Some(gib) = answer.stdout().and_then(free_gib) else {
        let text = format!("`df` cannot say how much there is at {}", info.root);
        return Some(Diagnosis::warning(FACT, text, "docker system df"));
    };
    let text = format!("{gib} GiB at {}", info.root);
    Some(if gib < ENOUGH_GIB {
        Diagnosis::warning(FACT, text, "docker system prune")
    } else {
        Diagnosis::ok(FACT, text)
    })
}

/// The available space in the output of `df -Pk`: the number before the percentage.
///
/// Source: POSIX.1-2024, utility `df`, "STDOUT".
fn free_gib(answer: &str) -> Option<u64> {
    let words: Vec<&str> = answer.lines().nth(1)?.split_whitespace().collect();
    let percentage = words.iter().rposition(|it| it.ends_with('%'))?;
    Some(words.get(percentage.checked_sub(1)?)?.parse::<u64>().ok()? / 1024 / 1024)
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

    #[test]
    fn free_space_is_shown_and_too_little_is_a_warning() {
        assert_eq!(
            about(&diagnose(&debian12()), "free disk"),
            (FactState::Ok, "76 GiB at /var/lib/docker".into(), String::new())
        );
        let little = "Filesystem 1024-blocks Used Available Capacity Mounted on\na b 9 9 4194304 99% /var/lib/docker\n";
        let (state, text, fix) =
            about(&diagnose(&MachineFacts { disk: Some(succeeded(little)), ..debian12() }), "free disk");
        assert_eq!((state, fix.as_str()), (FactState::Warning, "docker system prune"));
        assert_eq!(text, "4 GiB at /var/lib/docker");
        let silent = MachineFacts { disk: Some(failed("df: no")), ..debian12() };
        assert_eq!(about(&diagnose(&silent), "free disk").0, FactState::Warning);
    }

    #[test]
    fn the_disk_of_this_machine_says_nothing_of_another_ones() {
        let endpoint = Endpoint::new("lab ssh://me@server.example.org", None);
        let diagnoses = diagnose(&MachineFacts { endpoint, ..debian12() });
        assert!(diagnoses.iter().all(|it| it.fact != "free disk"));
    }

    #[test]
    fn containerds_store_is_known_by_its_driver() {
        let text = |name| about(&diagnose(&with_info(name)), "image store").1;
        assert!(text("info-desktop.json").starts_with("containerd: "));
        assert!(text("info-selinux.json").starts_with("classic: "));
    }
}
