//! The user that this program runs as.

use std::time::Duration;

use anyhow::{Context as _, Result};
use xshell::{Cmd, Shell, cmd};

use process::Runner;

use super::UserIds;

/// The facts that default settings are made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Machine {
    pub uid: u32,
    /// The primary group's.
    pub gid: u32,
    /// The user's name, or the number where there is none.
    pub user: String,
    /// The primary group's name, or the number where there is none.
    pub group: String,
}

impl Machine {
    /// How long a directory service may take to name a person, where nothing else waits for it.
    pub const NAME_LIMIT: Duration = Duration::from_secs(60);

    /// A made-up user, for checks: whether the inputs are right does not depend on names and numbers of the machine.
    pub fn placeholder() -> Self {
        Self { uid: 1000, gid: 1000, user: "user".to_owned(), group: "group".to_owned() }
    }

    pub fn ids(&self) -> UserIds {
        UserIds { uid: self.uid, gid: self.gid }
    }

    /// Asks POSIX `id`. Waits for each answer no longer than `limit`: names may come from a directory service.
    pub fn read(runner: &Runner, limit: Duration) -> Result<Self> {
        let shell = Shell::new()?;
        let ask = |query: Cmd| runner.read_within(&query.into(), limit);
        let number = |query: Cmd| -> Result<u32> {
            let answer = ask(query)?.stdout;
            answer.trim().parse().with_context(|| format!("`id` answered `{answer}`, not a number"))
        };
        let (uid, gid) = (number(cmd!(shell, "id -u"))?, number(cmd!(shell, "id -g"))?);
        // An id without a name makes `id -un` fail after printing the number, as in a container or on a cluster node.
        let name = |id: u32, answer: String| if answer.is_empty() { id.to_string() } else { answer };
        let user = ask(cmd!(shell, "id -un"))?.stdout.trim().to_owned();
        let group = ask(cmd!(shell, "id -gn"))?.stdout.trim().to_owned();
        Ok(Self { uid, gid, user: name(uid, user), group: name(gid, group) })
    }
}

/// Whether people have accounts on the machine with this `/etc/passwd`.
///
/// Source: Debian policy 9.2.2 and shadow's login.defs: people's ids begin at 1000 and end before 60000. Accounts of a
/// directory service are not in the file; on such a machine nobody but its administrators is root anyway.
pub fn is_shared_machine(passwd: &str) -> bool {
    let is_person = |line: &str| {
        let fields: Vec<&str> = line.split(':').collect();
        let id = fields.get(2).and_then(|it| it.parse::<u32>().ok());
        let may_log_in = fields.get(6).is_some_and(|it| !it.ends_with("nologin") && !it.ends_with("false"));
        id.is_some_and(|it| (1000..60000).contains(&it)) && may_log_in
    };
    passwd.lines().any(is_person)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_of_services_are_not_people() {
        let system = "root:x:0:0:root:/root:/bin/bash\n_apt:x:100:65534::/none:/usr/sbin/nologin\n";
        assert!(!is_shared_machine(system));
        assert!(!is_shared_machine("nobody:x:65534:65534:nobody:/none:/usr/sbin/nologin\nbroken\n"));
        assert!(is_shared_machine(&format!("{system}ada:x:1000:1000:Ada:/home/ada:/bin/bash\n")));
    }
}
