//! Entries that hold more than one package.

use report::{Code, Finding, Source, yaml::Node};

/// The programs whose commands are pasted into a list, with the packages that they install behind them. conda has kin whose
/// names end like that of the first one, mamba.
const INSTALLERS: [&str; 7] = ["pip", "pip3", "conda", "uv", "poetry", "apt", "apt-get"];

fn is_installer(word: &str) -> bool {
    INSTALLERS.contains(&word) || word.ends_with("mamba")
}

/// The finding for an entry that goes over more than one line, or is a command that installs packages; `code` is the
/// one of what is no package in the entry's list.
pub fn check(source: &Source, node: &Node, code: Code) -> Option<Finding> {
    let written = &source.text[node.range.clone()];
    let is_plain = !written.starts_with(['\'', '"', '|', '>']);
    if is_plain && written.trim().contains('\n') {
        let finding = source.at(code, node.span(source), "an entry that spans more than one line");
        return Some(finding.help("begin every package with a `-` of its own"));
    }
    if !written.contains("install") {
        return None;
    }
    let mut words = written.split_whitespace().map(|it| it.trim_matches(['\'', '"']));
    let is_command = words.next().is_some_and(is_installer) && words.take(2).any(|it| it == "install");
    is_command.then(|| {
        source
            .at(code, node.span(source), "a command, not a package")
            .help("list the packages that it installs, each as an entry of its own")
    })
}
