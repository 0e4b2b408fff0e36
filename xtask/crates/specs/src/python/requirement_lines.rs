//! The lines of a requirements file.

use report::{Finding, Problem, Source, Span};

/// A line of a requirements file, with those that continue it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequirementLine {
    /// Where it begins in the file.
    pub offset: usize,
    /// Without the `\` and the ends of lines in it, and without blanks round it.
    pub text: String,
}

impl RequirementLine {
    /// The lines that say something; a `\` at the end of one joins the next, but not at the end of a comment.
    ///
    /// Source: pip's documentation, "Requirements File Format".
    pub fn all(text: &str) -> Vec<Self> {
        let mut lines: Vec<Self> = Vec::new();
        let (mut offset, mut is_open) = (0, false);
        for line in text.split_inclusive('\n') {
            let content = line.trim_end_matches(['\n', '\r']);
            let is_comment = content.trim_start().starts_with('#');
            let joined = content.strip_suffix('\\').filter(|_| !is_comment);
            let content = joined.unwrap_or(content);
            match lines.last_mut().filter(|_| is_open) {
                // A comment begins behind a blank.
                Some(last) if is_comment => last.text += &format!(" {content}"),
                Some(last) => last.text += content,
                None => lines.push(Self { offset, text: content.to_owned() }),
            }
            is_open = joined.is_some();
            offset += line.len();
        }
        let trimmed = lines.into_iter().map(Self::trimmed);
        trimmed.filter(|it| !it.text.is_empty() && !it.text.starts_with('#')).collect()
    }

    fn trimmed(self) -> Self {
        let blanks = self.text.len() - self.text.trim_start().len();
        Self { offset: self.offset + blanks, text: self.text.trim().to_owned() }
    }

    /// Its place; that of its first line, where others continue it.
    pub fn span(&self, source: &Source) -> Span {
        source.span(self.offset..self.offset + self.text.len())
    }

    /// A problem of its text.
    pub fn problem(&self, source: &Source, problem: Problem) -> Finding {
        // In a line that goes on in the next one, places would not be right.
        if source.text[self.offset..].starts_with(&self.text) {
            return source.problem(self.offset, problem);
        }
        Finding { help: problem.help, ..source.at(problem.code, self.span(source), problem.message) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_backslash_joins_lines_but_not_comments() {
        let text = "  a \\\n  --hash=x\n# old \\\nb\n\nc\\\n# why\nd\n";
        let lines = RequirementLine::all(text);
        let texts: Vec<&str> = lines.iter().map(|it| it.text.as_str()).collect();
        assert_eq!(texts, ["a   --hash=x", "b", "c # why", "d"]);
        let source = Source::new("r.txt", text);
        assert_eq!(lines[1].span(&source), Span::new(4, 1, 1));
    }
}
