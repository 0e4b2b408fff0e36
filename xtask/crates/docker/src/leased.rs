//! Containers that have a client to end with, and may have outlived it.

use process::Invocation;

/// The label of a container that ends with its client. Its value is the name of the lease.
pub(super) const LEASE: &str = "xtask.lease";

/// Where the dev container has the files of the leases.
pub(super) const DIRECTORY: &str = "/run/xtask/leases";

/// A container with a lease, running or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeasedContainer {
    id: String,
    pub name: String,
    /// The name of the lease.
    pub lease: String,
    /// Whether it has ever run.
    pub was_started: bool,
}

impl LeasedContainer {
    /// Asks for all of them.
    pub fn query() -> Invocation {
        let format = format!("{{{{.ID}}}}\t{{{{.Names}}}}\t{{{{.State}}}}\t{{{{.Label \"{LEASE}\"}}}}");
        let filter = format!("label={LEASE}");
        Invocation::new("docker").args(["ps", "--all", "--no-trunc", "--filter", &filter, "--format", &format])
    }

    /// Parses the answer to [`query`](Self::query). Lines of another form are left out.
    pub fn parse(answer: &str) -> Vec<Self> {
        let parse_line = |line: &str| {
            let [id, name, state, lease] = line.split('\t').collect::<Vec<_>>()[..] else { return None };
            let was_started = state != "created";
            Some(Self { id: id.to_owned(), name: name.to_owned(), lease: lease.to_owned(), was_started })
        };
        answer.lines().filter_map(parse_line).collect()
    }

    /// Ends it if it runs, and removes it with the volumes that only it has.
    pub fn removal(&self) -> Invocation {
        Invocation::new("docker").args(["rm", "--force", "--volumes", &self.id])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_container_is_found_by_its_lease() {
        let found = LeasedContainer::parse("0123\tbold_name\tcreated\trun-1-2\nrubbish\n");
        let known: Vec<_> = found.iter().map(|it| (&*it.name, &*it.lease, it.was_started)).collect();
        assert_eq!(known, [("bold_name", "run-1-2", false)]);
        assert_eq!(found[0].removal().arguments(), ["rm", "--force", "--volumes", "0123"]);
    }
}
