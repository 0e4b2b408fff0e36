//! How findings are shown: to people, to editors, to GitHub.

use std::borrow::Cow;

use annotate_snippets::{AnnotationKind, Level, Origin, Renderer, Snippet};
use serde_json::json;

use process::{masked, shown, visible};

use super::{Finding, Findings, Severity};

/// The reader that findings are shown to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// People: as rustc shows its own, in colour on a terminal.
    Pretty {
        /// Whether the terminal shows colours and the user wants them.
        colour: bool,
    },
    /// One line each, and one more for the help.
    Short,
    /// Programs: one JSON object a line.
    Json,
    /// GitHub's annotations of a workflow run.
    Github,
}

impl Format {
    /// All findings in this format, without a newline at the end.
    pub fn render(self, findings: &Findings) -> String {
        let (each, between): (fn(Self, &Finding) -> String, &str) = match self {
            Self::Pretty { .. } => (pretty, "\n\n"),
            Self::Short => (|_, it| it.to_string(), "\n"),
            Self::Json => (|_, it| json(it), "\n"),
            Self::Github => (|_, it| github(it), "\n"),
        };
        findings.iter().map(|it| each(self, &presentable(it))).collect::<Vec<_>>().join(between)
    }
}

/// The finding without what must not be shown as it is. The line stays, because columns count its characters; where it has a
/// secret, it goes.
fn presentable(finding: &Finding) -> Finding {
    Finding {
        file: shown(finding.file.as_str()).into(),
        message: shown(&finding.message),
        help: finding.help.as_deref().map(shown),
        line: finding.line.clone().filter(|it| matches!(masked(it), Cow::Borrowed(_))),
        ..finding.clone()
    }
}

fn pretty(format: Format, finding: &Finding) -> String {
    let renderer = if format == (Format::Pretty { colour: true }) { Renderer::styled() } else { Renderer::plain() };
    let level = match finding.severity() {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let title = level.primary_title(finding.message.as_str()).id(finding.code.id());
    let group = match (finding.span, &finding.line) {
        (Some(span), Some(line)) => {
            let byte = |column: usize| {
                let at = line.char_indices().nth(column - 1).map_or(line.len(), |(index, _)| index);
                visible(&line[..at]).len()
            };
            let range = byte(span.start.column)..byte(span.end_column());
            let snippet = Snippet::source(visible(line)).line_start(span.start.line).path(finding.file.as_str());
            title.element(snippet.annotation(AnnotationKind::Primary.span(range)))
        }
        // A line with a secret is not shown.
        (Some(span), None) => {
            let place = Origin::path(finding.file.as_str()).line(span.start.line);
            title.element(place.char_column(span.start.column))
        }
        (None, _) => title.element(Origin::path(finding.file.as_str())),
    };
    let group = match &finding.help {
        Some(help) => group.element(Level::HELP.message(help.as_str())),
        None => group,
    };
    renderer.render(&[group])
}

fn json(finding: &Finding) -> String {
    json!({
        "code": finding.code.id(),
        "severity": finding.severity().name(),
        "file": finding.file.as_str(),
        "line": finding.span.map(|it| it.start.line),
        "column": finding.span.map(|it| it.start.column),
        "end_column": finding.span.map(super::Span::end_column),
        "message": finding.message,
        "help": finding.help,
    })
    .to_string()
}

/// <https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands>
fn github(finding: &Finding) -> String {
    let command = match finding.severity() {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "notice",
    };
    let data = |text: &str| text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
    let property = |text: &str| data(text).replace(':', "%3A").replace(',', "%2C");
    let place = finding.span.map_or_else(String::new, |span| {
        let (line, column) = (span.start.line, span.start.column);
        format!(",line={line},col={column},endColumn={}", span.end_column())
    });
    let help = finding.help.as_ref().map_or_else(String::new, |it| format!("\nhelp: {it}"));
    let text = data(&format!("{}{help}", finding.message));
    format!("::{command} file={}{place},title={}::{text}", property(finding.file.as_str()), finding.code)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Code, Source, Span};

    fn findings() -> Findings {
        let source = Source::new("a:b.yml", "é: \t[x]\n");
        let first = source.at(Code::UnknownKey, Span::new(1, 1, 1), "unknown key `é`").help("100%\nsure");
        Findings::from_iter([first, source.about(Code::NoDependencies, "no `dependencies:`")])
    }

    #[test]
    fn people_see_the_line_and_what_is_wrong_in_it() {
        let text = Format::Pretty { colour: false }.render(&findings());
        assert_eq!(
            text,
            "error[E0301]: unknown key `é`\n --> a:b.yml:1:1\n  |\n1 | é:     [x]\n  | ^\n  |\n  = help: 100%\n          sure\n\n\
             error[E0303]: no `dependencies:`\n--> a:b.yml"
        );
        assert!(Format::Pretty { colour: true }.render(&findings()).contains('\u{1b}'));
    }

    #[test]
    fn programs_get_one_object_a_line() {
        let lines: Vec<serde_json::Value> =
            Format::Json.render(&findings()).lines().map(|it| serde_json::from_str(it).unwrap()).collect();
        assert_eq!(lines[0]["code"], "E0301");
        assert_eq!(
            (&lines[0]["line"], &lines[0]["column"], &lines[0]["end_column"]),
            (&1.into(), &1.into(), &2.into())
        );
        assert_eq!(lines[0]["help"], "100%\nsure");
        assert!(lines[1]["line"].is_null());
    }

    #[test]
    fn github_gets_its_own_escapes() {
        let text = Format::Github.render(&findings());
        let first =
            "::error file=a%3Ab.yml,line=1,col=1,endColumn=2,title=E0301::unknown key `é`%0Ahelp: 100%25%0Asure";
        assert_eq!(text.lines().next(), Some(first));
    }
}
