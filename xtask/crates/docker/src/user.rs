//! The user that a container has to run as, so that the files that it writes belong to the caller.

use project::UserIds;

use super::DaemonInfo;

/// The ids in the container, for a caller with these ids outside.
///
/// A daemon without root maps a container's root to the user of the daemon, and the other users to nobody
/// (<https://docs.docker.com/engine/security/rootless/>). Docker Desktop's file sharing gives everything to the caller,
/// whoever the container runs as, and SELinux is dealt with in compose.yaml: neither changes the ids.
pub fn user_in_container(info: Option<&DaemonInfo>, caller: UserIds) -> UserIds {
    if info.is_some_and(DaemonInfo::is_rootless) { UserIds { uid: 0, gid: 0 } } else { caller }
}

#[cfg(test)]
mod tests {
    use super::*;
    use process::{Exit, QueryOutput};

    fn user(recorded: &str) -> (u32, u32) {
        let answer = QueryOutput { exit: Exit::SUCCESS, stdout: recorded.to_owned(), stderr: String::new() };
        let info = DaemonInfo::parse(&answer).unwrap();
        let UserIds { uid, gid } = user_in_container(Some(&info), UserIds { uid: 1234, gid: 20 });
        (uid, gid)
    }

    #[test]
    fn only_with_a_daemon_without_root_containers_run_as_root() {
        assert_eq!(user(include_str!("../tests/data/doctor/info-rootless.json")), (0, 0));
        for other in [
            include_str!("../tests/data/doctor/info-debian12.json"),
            include_str!("../tests/data/doctor/info-desktop.json"),
            include_str!("../tests/data/doctor/info-selinux.json"),
        ] {
            assert_eq!(user(other), (1234, 20));
        }
        assert_eq!(user_in_container(None, UserIds { uid: 7, gid: 8 }), UserIds { uid: 7, gid: 8 });
    }
}
