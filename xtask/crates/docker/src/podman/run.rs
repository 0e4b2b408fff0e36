//! `docker run` as `podman run`.

use super::options::{CommandOption, split};

const FLAGS: [&str; 7] = ["--rm", "--interactive", "--tty", "--detach", "--init", "--privileged", "--read-only"];

/// The user has the same numbers inside as outside, so that files belong to whoever started the container.
const SAME_USER: &str = "--userns=keep-id";

/// podman 4.3 looks for systemd's timers even where an image says that it has no health check.
const NO_TIMERS: &str = "--no-healthcheck";

/// Options that an ordinary user cannot have: the bridge needs root, and limits need control groups that root has handed over.
/// podman then has a network by slirp4netns, and no limits.
const OF_ROOT: [(&str, Option<&str>); 3] = [("--network", Some("bridge")), ("--memory", None), ("--pids-limit", None)];

/// The whole command line of podman, from the options, the image and the command of `docker run`.
pub(super) fn arguments(words: &[&str], is_rootless: bool) -> Vec<String> {
    let (options, image_and_command) = split(words, &FLAGS);
    let mut arguments = ["run", NO_TIMERS].map(str::to_owned).to_vec();
    arguments.extend(is_rootless.then(|| SAME_USER.to_owned()));
    let is_kept = |it: &&CommandOption| !is_rootless || !is_of_root(it);
    arguments.extend(options.iter().filter(is_kept).flat_map(translated));
    arguments.extend(image_and_command.iter().map(|it| (*it).to_owned()));
    arguments
}

fn is_of_root(option: &CommandOption) -> bool {
    OF_ROOT.iter().any(|(name, value)| option.name == *name && (value.is_none() || option.value == *value))
}

fn translated(option: &CommandOption) -> Vec<String> {
    match (option.name, option.value) {
        ("--gpus", Some(gpus)) => devices(gpus),
        _ => option.words(),
    }
}

/// podman 4.3 has no `--gpus`: the devices have names by the Container Device Interface.
///
/// <https://docs.nvidia.com/datacenter/cloud-native/container-toolkit/latest/cdi-support.html>
fn devices(gpus: &str) -> Vec<String> {
    let ids = match gpus.trim_matches('"').strip_prefix("device=") {
        Some(ids) => ids.split(',').map(str::to_owned).collect(),
        None => match gpus.parse::<u32>() {
            Ok(count) => (0..count).map(|it| it.to_string()).collect(),
            Err(_) => vec!["all".to_owned()],
        },
    };
    ids.into_iter().flat_map(|it| ["--device".to_owned(), format!("nvidia.com/gpu={it}")]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(words: &str, is_rootless: bool) -> String {
        arguments(&words.split(' ').collect::<Vec<_>>(), is_rootless).join(" ")
    }

    #[test]
    fn root_has_the_same_options_and_an_ordinary_user_those_that_it_can_have() {
        let asked = "--rm --pull=never --network bridge --pids-limit 7 --user 5:6 i:t sh --network bridge --gpus all";
        assert_eq!(said(asked, false), format!("run --no-healthcheck {asked}"));
        assert_eq!(
            said(asked, true),
            "run --no-healthcheck --userns=keep-id --rm --pull=never --user 5:6 i:t sh --network bridge --gpus all"
        );
        assert_eq!(said("--network none i", true), "run --no-healthcheck --userns=keep-id --network none i");
    }

    #[test]
    fn gpus_are_devices() {
        assert_eq!(said("--gpus all i", false), "run --no-healthcheck --device nvidia.com/gpu=all i");
        assert_eq!(
            said("--gpus 2 i", false),
            "run --no-healthcheck --device nvidia.com/gpu=0 --device nvidia.com/gpu=1 i"
        );
        assert_eq!(
            said("--gpus \"device=0,3\" i", false),
            "run --no-healthcheck --device nvidia.com/gpu=0 --device nvidia.com/gpu=3 i"
        );
    }
}
