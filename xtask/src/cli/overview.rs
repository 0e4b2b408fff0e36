//! The help text of `cargo xtask`: every verb in groups, which clap does not have.

use std::fmt::Display;

use clap::Command;

/// The groups, in the order in which people need them.
const GROUPS: [(&str, &[&str]); 7] = [
    ("Set up", &["init", "update", "env", "completions"]),
    (
        "Environment",
        &[
            "add", "remove", "build", "freeze", "thaw", "lock", "verify", "drift", "list", "sbom", "audit", "base",
            "size", "why", "prune",
        ],
    ),
    ("Run", &["run", "task", "rerun", "wait"]),
    ("Develop", &["up", "shell", "exec", "dev", "logs", "status", "stop", "start", "restart", "down"]),
    ("Ship", &["push", "pull", "bundle", "unbundle"]),
    ("Clusters", &["submit", "jobs"]),
    ("Check", &["check", "doctor", "ci", "bench"]),
];

pub fn text(command: &Command) -> String {
    let mut text = format!("{}\n\nUsage: cargo xtask VERB [OPTIONS]\n", to_text(command.get_about()));
    for (group, verbs) in GROUPS {
        text += &format!("\n{group}:\n");
        for verb in verbs.iter().filter_map(|it| command.find_subcommand(it)) {
            text += &format!("  {:<11} {}\n", verb.get_name(), to_text(verb.get_about()));
        }
    }
    text += "\nOptions of every verb:\n";
    for option in command.get_arguments() {
        let short = option.get_short().map(|it| format!("-{it}, ")).unwrap_or_default();
        let names = format!("{short}--{}", option.get_long().unwrap_or_default());
        text += &format!("  {names:<13}  {}\n", to_text(option.get_help()));
    }
    // clap adds these two when it parses.
    text + "  -h, --help     Print help; `cargo xtask VERB --help` has more, `help --all` all\n  \
              -V, --version  Print the version\n\n\
              First: cargo xtask run -- python --version"
}

/// The overview, and the help of every verb, in its order.
pub fn manual(command: &Command) -> String {
    let mut built = command.clone();
    // Gives each verb the options of all.
    built.build();
    let verbs = GROUPS.iter().flat_map(|it| it.1).filter_map(|it| built.find_subcommand(it));
    let pages = verbs.map(|it| {
        let help = it.clone().render_long_help().to_string();
        format!("\n\n# cargo xtask {}\n\n{}", it.get_name(), help.trim_end())
    });
    text(command) + &pages.collect::<String>()
}

fn to_text(text: Option<impl Display>) -> String {
    text.map(|it| it.to_string()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use clap::CommandFactory as _;

    use super::GROUPS;
    use crate::cli::Cli;

    #[test]
    fn every_verb_is_in_one_group() {
        let command = Cli::command();
        let mut groups: BTreeMap<&str, Vec<&str>> =
            command.get_subcommands().map(|it| (it.get_name(), Vec::new())).collect();
        for (group, verb) in GROUPS.iter().flat_map(|(group, verbs)| verbs.iter().map(move |it| (group, it))) {
            groups.get_mut(verb).unwrap_or_else(|| panic!("`{verb}` of {group} is not a verb")).push(group);
        }
        for (verb, groups) in groups {
            assert_eq!(groups.len(), 1, "`{verb}` must be in one of GROUPS and is in {groups:?}");
        }
    }
}
