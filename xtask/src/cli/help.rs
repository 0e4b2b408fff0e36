//! The help text.

/// All verbs, by group.
pub fn text(groups: &[(&str, &[(&str, &str)])]) -> String {
    let mut text = String::from("This project's environment, as code\n\nUsage: cargo xtask VERB [OPTIONS]\n");
    for (group, verbs) in groups {
        text += &format!("\n{group}:\n");
        for (verb, about) in *verbs {
            text += &format!("  {verb:<8} {about}\n");
        }
    }
    text += "\nOptions of every verb:\n  \
             --dry-run      Print what would be started and start nothing that changes anything\n  \
             -v, --verbose  Print what is started and which files are parsed\n  \
             -h, --help     Print help; `cargo xtask VERB --help` has more\n  \
             -V, --version  Print the version\n\n\
             First: cargo xtask run -- python --version";
    text
}
