//! Whether a daemon sees a directory of this machine.

use camino::Utf8Path;

use process::Invocation;

use super::{csv, leased};

/// A container that is created and never started: Docker refuses to mount what its machine does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VisibilityProbe<'a> {
    pub image: &'a str,
    /// The name of the lease by which a container that stays is found.
    pub lease: &'a str,
    /// All that it mounts, absolute.
    pub paths: &'a [&'a Utf8Path],
}

impl VisibilityProbe<'_> {
    /// Its answer is the container's id.
    pub fn creation(&self) -> Invocation {
        let mount = |(index, path): (usize, &&Utf8Path)| {
            let target = format!("target=/mnt/{index},readonly");
            ["--mount".to_owned(), format!("type=bind,{},{target}", csv::field("source", path))]
        };
        Invocation::new("docker")
            .args(["create", "--pull=never", "--label", &format!("{}={}", leased::LEASE, self.lease)])
            .args(self.paths.iter().enumerate().flat_map(mount))
            .args([self.image, "true"])
    }

    /// Removes the container of an answer.
    pub fn removal(answer: &str) -> Invocation {
        Invocation::new("docker").args(["rm", "--force", answer.trim()])
    }

    /// The path that the daemon's machine does not have, in the words of its refusal.
    ///
    /// Seen with Docker 20.10 and 26.1.
    pub fn missing_path(refusal: &str) -> Option<&str> {
        let (_, path) = refusal.split_once("bind source path does not exist: ")?;
        path.lines().next().map(|it| it.trim_end_matches('.').trim())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_path_is_mounted_where_nothing_reads_it() {
        let paths = [Utf8Path::new("/data,1"), Utf8Path::new("/p")];
        let probe = VisibilityProbe { image: "lab/p:runtime", lease: "run-1-2", paths: &paths };
        assert_eq!(
            probe.creation().to_string(),
            "docker create '--pull=never' --label 'xtask.lease=run-1-2' --mount \
             'type=bind,\"source=/data,1\",target=/mnt/0,readonly' --mount 'type=bind,source=/p,target=/mnt/1,readonly' \
             lab/p:runtime true"
        );
    }

    #[test]
    fn a_refusal_names_the_path() {
        let refusal = "Error response from daemon: invalid mount config for type \"bind\": bind source path does not exist: \
                       /home/ada/p\nSee 'docker create --help'.\n";
        assert_eq!(VisibilityProbe::missing_path(refusal), Some("/home/ada/p"));
        assert_eq!(VisibilityProbe::missing_path("Error: No such image: lab/p:runtime"), None);
    }
}
