//! `cargo xtask completions`

use std::process::Command;

use crate::repository::Repository;

/// What bash completes, asked as it asks a function: the words so far, the last of them unfinished. What completed `cargo` before
/// says `ours`.
fn completed(script: &str, words: &[&str]) -> Vec<String> {
    let asked = words.iter().map(|it| format!("'{it}'")).collect::<Vec<_>>().join(" ");
    let (last, index) = (words.last().unwrap(), words.len() - 1);
    let asks = format!(
        "_ours() {{ COMPREPLY=(ours); }}\ncomplete -F _ours cargo\n{script}\n{script}\nCOMP_WORDS=({asked})\n\
         COMP_CWORD={index}\n$(complete -p cargo | sed 's/.*-F \\([^ ]*\\).*/\\1/') cargo '{last}' '{}'\n\
         printf '%s\\n' \"${{COMPREPLY[@]}}\"\n",
        words[index - 1]
    );
    let output = Command::new("bash").args(["--norc", "-c", &asks]).output().unwrap();
    let (printed, said) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && said.is_empty(), "{words:?}: {said}");
    printed.lines().filter(|it| !it.is_empty()).map(str::to_owned).collect()
}

#[test]
fn bash_completes_verbs_options_and_values_and_leaves_the_rest_to_cargo() {
    let ended = Repository::fresh().xtask(["completions", "bash"]);
    ended.exits(0).stderr("");
    let script = ended.out();
    for (words, expected) in [
        (&["cargo", "xtask", "l"][..], &["lock", "list", "logs"][..]),
        (&["cargo", "xtask", "add", "--apt"], &["--apt-runtime", "--apt-dev", "--apt-build"]),
        (&["cargo", "xtask", "--dry-run", "lock", "--pl"], &["--platform"]),
        (&["cargo", "xtask", "lock", "--platform", "osx"], &["osx/amd64", "osx/arm64"]),
        (&["cargo", "xtask", "ps", "--j"], &["--json"]),
        (&["cargo", "xtask", "build", "r"], &["runtime"]),
        (&["cargo", "xtask", "completions", "z"], &["zsh"]),
        // The shell completes files where there is nothing else.
        (&["cargo", "xtask", "lock", "--output", ""], &[]),
        (&["cargo", "xtask", "run", "--", "python", "-"], &[]),
        (&["cargo", "bui"], &["ours"]),
        (&["cargo", "xtas"], &["ours"]),
    ] {
        assert_eq!(completed(script, words), expected, "{words:?}");
    }
}

#[test]
fn the_scripts_of_other_shells_know_every_verb() {
    let repository = Repository::fresh();
    for shell in ["zsh", "fish"] {
        let ended = repository.xtask(["completions", shell]);
        ended.exits(0).stderr("");
        for word in ["init", "add", "remove", "bench", "apt-build", "linux/arm64"] {
            ended.stdout_has(word);
        }
    }
    repository.xtask(["completions", "csh"]).exits(2).stderr_has("[possible values: bash, zsh, fish]");
}
