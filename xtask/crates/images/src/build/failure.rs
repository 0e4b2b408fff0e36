//! What a failed build ends with: its cause, and the lines of the dependency files that this has to do with.

use docker::StepFailure;
use environment::Intent;
use inputs::Project;

/// As many lines of a step's output are shown again.
const LINES: usize = 8;

/// Says what the step that failed has printed last, and which lines of the dependency files it names.
pub(super) fn show(project: &Project, failure: &StepFailure) {
    let ui = &project.cx.ui;
    ui.notice(format_args!("the step that failed is {}; it said last:", failure.name()));
    let said: Vec<&String> = failure.lines.iter().filter(|it| !it.trim().is_empty()).collect();
    for line in &said[said.len().saturating_sub(LINES)..] {
        ui.notice(format_args!("  {line}"));
    }
    for place in places(&project.intent, &failure.lines) {
        ui.notice(format_args!("it is about {place}"));
    }
}

/// The lines of the lists that ask for a package which the output names where it tells of an error.
fn places(intent: &Intent, output: &[String]) -> Vec<String> {
    let errors: Vec<String> = output.iter().filter(|it| tells_of_error(it)).map(|it| it.to_lowercase()).collect();
    let is_named = |name: &str| {
        let name = name.to_lowercase();
        errors.iter().any(|line| [&name, &name.replace(['_', '.'], "-")].into_iter().any(|it| has_word(line, it)))
    };
    let named = intent.listed_packages().into_iter().filter(|it| is_named(&it.name));
    named.map(|it| format!("dependencies/{}:{}: `{}`", it.list.file(), it.line, it.name)).collect()
}

/// As apt, uv and compilers mark one.
fn tells_of_error(line: &str) -> bool {
    let line = line.to_lowercase();
    ["e: ", "error", "failed", "×", "not found"].iter().any(|it| line.contains(it))
}

/// Whether a line has a package's name as a whole.
fn has_word(line: &str, name: &str) -> bool {
    let is_part = |it: char| it.is_alphanumeric() || matches!(it, '-' | '_' | '.' | '/');
    line.match_indices(name).any(|(start, _)| {
        let (before, after) = (&line[..start], &line[start + name.len()..]);
        !before.ends_with(is_part) && !after.starts_with(|it| is_part(it) && it != '.')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_is_named_by_its_whole_name() {
        assert!(has_word("E: Unable to locate package nosuch", "nosuch"));
        assert!(has_word("  × Failed to build `psutil==7.0`", "psutil"));
        assert!(!has_word("E: Unable to locate package nosuch-dev", "nosuch"));
        assert!(!has_word("error in /usr/lib/psutil/x.c", "psutil"));
        assert!(
            tells_of_error("E: Package 'x' has no installation candidate") && !tells_of_error("Get:1 http://e.org x")
        );
    }
}
