//! What `--offline` means for the programs that this tool starts.

use camino::Utf8Path;

use process::{Invocation, OfflineRules};

/// No connection is opened: pip and uv take packages from what was unbundled, or from their caches, and programs that can only
/// connect are not started.
pub fn offline_rules(supply: &Utf8Path) -> OfflineRules {
    let mut variables = ["UV_OFFLINE", "CONDA_OFFLINE", "PIP_NO_INDEX"].map(|it| (it, "1".to_owned())).to_vec();
    variables.push(("UV_PYTHON_DOWNLOADS", "never".to_owned()));
    let links = supply.join("links");
    if links.is_dir() {
        let address = file_address(&links);
        // Otherwise uv would choose among the versions that its cache knows of, whether it has their files or not.
        variables.push(("UV_NO_INDEX", "1".to_owned()));
        variables.extend(["UV_FIND_LINKS", "PIP_FIND_LINKS"].map(|it| (it, address.clone())));
    }
    OfflineRules { variables, reason }
}

/// The address of a file of this machine. pip takes several of them apart at spaces, uv at commas.
pub fn file_address(path: &Utf8Path) -> String {
    let is_plain = |it: u8| it.is_ascii_alphanumeric() || b"/-._~+".contains(&it);
    let encoded =
        path.as_str().bytes().map(|it| if is_plain(it) { char::from(it).to_string() } else { format!("%{it:02X}") });
    format!("file://{}", encoded.collect::<String>())
}

/// What a program would connect for; `None` where it need not, or is told by a variable that it must not.
fn reason(invocation: &Invocation) -> Option<&'static str> {
    let words: Vec<&str> = invocation.arguments().iter().map(String::as_str).collect();
    match (invocation.program(), &words[..]) {
        ("docker", ["buildx", "build" | "bake", ..]) => Some(
            "a build downloads packages (an image that was built elsewhere comes with `cargo xtask bundle` and `unbundle`)",
        ),
        ("docker", ["buildx", "imagetools", ..]) => Some("it asks a registry"),
        ("podman", ["build", ..]) => Some("a build downloads packages"),
        ("docker" | "podman", ["push" | "pull" | "login", ..]) => Some("it talks to a registry"),
        ("git", words) if git_verb(words).is_some_and(|it| REMOTE_VERBS.contains(&it)) => {
            Some("it talks to another repository")
        }
        ("mmdebstrap" | "npm" | "npx", _) => Some("it downloads packages"),
        _ => None,
    }
}

const REMOTE_VERBS: [&str; 5] = ["clone", "fetch", "ls-remote", "pull", "push"];

/// The first word that is neither an option nor the value of one.
fn git_verb<'a>(words: &[&'a str]) -> Option<&'a str> {
    let is_value = |at: usize| at > 0 && ["-C", "-c"].contains(&words[at - 1]);
    (0..words.len()).find(|at| !words[*at].starts_with('-') && !is_value(*at)).map(|at| words[at])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_refused(line: &str) -> bool {
        let mut words = line.split(' ');
        reason(&Invocation::new(words.next().unwrap()).args(words)).is_some()
    }

    #[test]
    fn programs_that_can_only_connect_are_refused() {
        for line in [
            "docker buildx build .",
            "docker buildx bake",
            "docker pull a:b",
            "docker push a:b",
            "podman build .",
            "podman pull a:b",
            "docker buildx imagetools inspect --raw a:b",
            "git clone https://e.org/r",
            "git -C r fetch",
            "mmdebstrap bookworm",
        ] {
            assert!(is_refused(line), "{line}");
        }
    }

    #[test]
    fn programs_that_work_without_a_connection_are_not() {
        for line in [
            "docker run --rm a:b pull",
            "docker load --input f",
            "docker buildx version",
            "git -C r log pull",
            "uv pip install",
        ] {
            assert!(!is_refused(line), "{line}");
        }
    }

    #[test]
    fn an_address_is_one_for_pip_and_uv_whatever_is_in_the_path() {
        assert_eq!(file_address("/a b/c,d/é#+.whl".into()), "file:///a%20b/c%2Cd/%C3%A9%23+.whl");
    }

    #[test]
    fn packages_come_from_what_was_unbundled_where_that_is_there() {
        let folder = tempfile::tempdir().unwrap();
        let supply = Utf8Path::from_path(folder.path()).unwrap();
        let names = |it: &OfflineRules| it.variables.iter().map(|it| it.0).collect::<Vec<_>>();
        assert!(!names(&offline_rules(supply)).contains(&"UV_FIND_LINKS"));
        std::fs::create_dir(supply.join("links")).unwrap();
        let rules = offline_rules(supply);
        assert!(rules.variables.contains(&("PIP_FIND_LINKS", file_address(&supply.join("links")))));
        assert!(names(&rules).contains(&"UV_NO_INDEX") && names(&rules).contains(&"UV_OFFLINE"));
    }
}
