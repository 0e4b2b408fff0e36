//! What a failed build ends with: its cause, the lines of the dependency files that this has to do with, and what may help.

use docker::{StepFailure, StepPosition};
use inputs::Project;

use super::missing_file::missing_file;

/// As many lines of a step's output are shown again.
pub(super) const LINES: usize = 8;

/// Says what the step that failed has printed last, which lines of the dependency files it names, and what it misses.
pub(super) fn show(project: &Project, failure: &StepFailure) {
    let ui = &project.cx.ui;
    ui.notice(format_args!("the step that failed is {}; it said last:", failure.name()));
    let said: Vec<&String> = failure.lines.iter().filter(|it| !it.trim().is_empty()).collect();
    for line in &said[said.len().saturating_sub(LINES)..] {
        ui.notice(format_args!("  {line}"));
    }
    let errors = failure.lines.iter().map(String::as_str).filter(|it| tells_of_error(it));
    if let Some(shell) = shell_at(failure) {
        ui.notice(shell);
    }
    for line in project.intent.lines_named_in(errors) {
        ui.notice(format_args!("it is about {line}"));
    }
    for missing in project.intent.missing_in(&failure.lines.join("\n")) {
        ui.notice(missing);
    }
    if let Some(file) = missing_file(&project.cx.layout.python_project(), &failure.lines) {
        ui.notice(format_args!(
            "the build back end reads `{file}`, which images do not get by themselves: add it to `build-files` of [tool.xtask] in \
             pyproject.toml"
        ));
    }
}

/// The command that opens a shell where a step has failed.
fn shell_at(failure: &StepFailure) -> Option<String> {
    let StepPosition { stage, .. } = failure.position()?;
    Some(format!("`cargo xtask shell --stage {stage}` opens a shell just before it"))
}

/// As apt, uv and compilers mark one.
fn tells_of_error(line: &str) -> bool {
    let line = line.to_lowercase();
    ["e: ", "error", "failed", "×", "not found"].iter().any(|it| line.contains(it))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_only_told_is_no_error() {
        assert!(
            tells_of_error("E: Package 'x' has no installation candidate") && !tells_of_error("Get:1 http://e.org x")
        );
    }
}
