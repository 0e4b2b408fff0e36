//! A Dockerfile cut into instructions (Dockerfile reference, "Format", "Parser directives" and "Here-documents").

use report::{Findings, Problem, Source};

use super::{
    Line,
    heredoc::{self, Heredoc},
    wrong,
};

/// The escape character, unless a directive names another.
const BACKSLASH: char = '\\';

/// Any other comment ends the place for directives.
const DIRECTIVES: [&str; 3] = ["syntax", "escape", "check"];

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogicalLines {
    /// One for each instruction.
    pub lines: Vec<Line>,
    /// The character that continues a line and takes its meaning from the next character.
    pub escape: char,
}

/// Comments, directives and the contents of heredocs are left out.
pub fn read(source: &Source, findings: &mut Findings) -> LogicalLines {
    let mut problems = Vec::new();
    let escape = escape_of(&source.text).unwrap_or_else(|problem| {
        problems.push(problem);
        BACKSLASH
    });
    let mut reader = LineReader { physical: physical(&source.text), escape, problems };
    let mut lines = Vec::new();
    while let Some(line) = reader.line() {
        reader.skip_heredocs(&line);
        lines.push(line);
    }
    reader.problems.into_iter().for_each(|it| findings.push(source.problem(0, it)));
    LogicalLines { lines, escape }
}

/// The lines of the file with their offsets, without line ends and without the byte order mark of some editors.
fn physical(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut offset = 0;
    text.split_inclusive('\n').map(move |line| {
        let start = offset;
        offset += line.len();
        let line = line.trim_end_matches('\n').trim_end_matches('\r');
        match line.strip_prefix('\u{feff}') {
            Some(rest) if start == 0 => (line.len() - rest.len(), rest),
            _ => (start, line),
        }
    })
}

/// The escape character, which a directive above everything else may have changed.
fn escape_of(text: &str) -> Result<char, Problem> {
    for (offset, line) in physical(text) {
        let directive = line.trim_start().strip_prefix('#').and_then(|it| it.split_once('='));
        let Some((name, value)) = directive else { break };
        let name = name.trim().to_ascii_lowercase();
        if !DIRECTIVES.contains(&name.as_str()) {
            break;
        }
        match value.trim() {
            _ if name != "escape" => {}
            "\\" => return Ok(BACKSLASH),
            "`" => return Ok('`'),
            other => {
                let message = format!("the escape character cannot be `{other}`");
                return Err(wrong(offset..offset + line.len(), message).help("write `# escape=\\` or remove the line"));
            }
        }
    }
    Ok(BACKSLASH)
}

struct LineReader<I> {
    physical: I,
    escape: char,
    problems: Vec<Problem>,
}

impl<'a, I: Iterator<Item = (usize, &'a str)>> LineReader<I> {
    fn line(&mut self) -> Option<Line> {
        let mut line = Line::default();
        let mut last = 0..0;
        while let Some((offset, text)) = self.physical.next() {
            // Docker leaves out comments and empty lines between continued lines, too.
            if text.trim().is_empty() || text.trim_start().starts_with('#') {
                continue;
            }
            last = offset..offset + text.len();
            let kept = self.continued(text);
            line.push(kept.unwrap_or(text), offset);
            if kept.is_none() {
                return Some(line);
            }
        }
        if line.is_new() {
            return None;
        }
        let message = format!("`{}` continues the line, but the file ends", self.escape);
        self.problems.push(wrong(last, message).help(format!("remove the `{}` at the end", self.escape)));
        (!line.text.trim().is_empty()).then_some(line)
    }

    /// A line without the escape character that ends it, if one does. Two of them are an escaped one.
    fn continued<'t>(&self, text: &'t str) -> Option<&'t str> {
        let kept = text.trim_end_matches([' ', '\t']).strip_suffix(self.escape)?;
        (!kept.ends_with(self.escape)).then_some(kept)
    }

    fn skip_heredocs(&mut self, line: &Line) {
        for heredoc in heredoc::heredocs_of(line, self.escape) {
            if !self.physical.by_ref().any(|(_, text)| heredoc.is_ended_by(text)) {
                self.problems.push(unclosed(&heredoc));
                // Another heredoc of the line has no lines left to end in.
                return;
            }
        }
    }
}

fn unclosed(heredoc: &Heredoc) -> Problem {
    let name = &heredoc.name;
    wrong(heredoc.range.clone(), format!("no line `{name}` ends this heredoc"))
        .help(format!("write `{name}` in a line of its own after the text"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> (Vec<String>, String) {
        let mut findings = Findings::default();
        let read = read(&Source::new("Dockerfile", text), &mut findings);
        (read.lines.into_iter().map(|it| it.text).collect(), findings.to_string())
    }

    #[test]
    fn a_continued_line_is_one_with_the_next() {
        let (found, findings) = lines("# c\n\nRUN a \\\n  # between\n\n  && b \\  \r\n  && c\nUSER 1\\\\\nUSER 2\n");
        assert_eq!(
            (found, findings),
            (vec!["RUN a   && b   && c".into(), "USER 1\\\\".into(), "USER 2".into()], String::new())
        );
        assert_eq!(
            lines("RUN a\\\n").1,
            "Dockerfile:1:1: error[E0707]: `\\` continues the line, but the file ends\n    help: remove the `\\` at the end"
        );
        assert_eq!(lines("").0, Vec::<String>::new());
    }

    #[test]
    fn the_escape_directive_counts_only_above_everything_else() {
        assert_eq!(
            lines("\u{feff}# syntax=docker/dockerfile:1\n#ESCAPE = `\nRUN a `\n b\\\nRUN c").0,
            ["RUN a  b\\", "RUN c"]
        );
        assert_eq!(lines("# a comment\n# escape=`\nRUN a `\nRUN b").0, ["RUN a `", "RUN b"]);
        assert!(
            lines("# escape=x\n").1.starts_with("Dockerfile:1:1: error[E0707]: the escape character cannot be `x`")
        );
    }

    #[test]
    fn the_text_of_a_heredoc_is_not_an_instruction() {
        let (found, findings) = lines("RUN <<A cat <<-\"B\" \\\n  && x\nFRUM a\nA\n\t#\n\tB\nUSER 1\n");
        assert_eq!((found.len(), findings), (2, String::new()));
        let unclosed = lines("COPY <<EOF <<F /a\nEO\n").1;
        assert!(unclosed.starts_with("Dockerfile:1:6: error[E0707]: no line `EOF` ends this heredoc"), "{unclosed}");
        assert_eq!(unclosed.matches("E0707").count(), 1);
        assert_eq!(lines("RUN cat <<<EOF 1<<2\nCMD <<EOF\n").0.len(), 1, "`1<<2` is one, `<<<` is none");
    }
}
