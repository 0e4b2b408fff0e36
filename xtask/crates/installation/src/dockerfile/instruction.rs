//! One instruction of a Dockerfile: its keyword, its options and its words.

use std::ops::Range;

use report::{Problem, nearest};

use super::{super::LocatedText, Line, words, wrong};

/// Dockerfile reference, "Overview".
const KNOWN: [&str; 18] = [
    "ADD",
    "ARG",
    "CMD",
    "COPY",
    "ENTRYPOINT",
    "ENV",
    "EXPOSE",
    "FROM",
    "HEALTHCHECK",
    "LABEL",
    "MAINTAINER",
    "ONBUILD",
    "RUN",
    "SHELL",
    "STOPSIGNAL",
    "USER",
    "VOLUME",
    "WORKDIR",
];

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instruction<'a> {
    /// In capitals.
    pub keyword: &'static str,
    /// Of the keyword, in the file.
    pub range: Range<usize>,
    /// Each `--name=value` after the keyword, as bytes of the line.
    options: Vec<Range<usize>>,
    /// What follows the options, as bytes of the line.
    words: Vec<Range<usize>>,
    line: &'a Line,
    escape: char,
}

impl<'a> Instruction<'a> {
    /// An unknown keyword is a problem.
    pub fn read(line: &'a Line, escape: char) -> Result<Self, Problem> {
        let mut words = words::split(&line.text, escape).into_iter();
        Self::of_words(line, escape, words.next().unwrap_or(0..0), words.collect())
    }

    fn of_words(
        line: &'a Line,
        escape: char,
        first: Range<usize>,
        mut options: Vec<Range<usize>>,
    ) -> Result<Self, Problem> {
        let keyword = known(&line.word(first.clone()))?;
        let is_option = |it: &Range<usize>| line.slice(it.clone()).starts_with("--");
        let count = options.iter().take_while(|it| is_option(it)).count();
        let words = options.split_off(count);
        Ok(Self { keyword, range: line.file_range(first), options, words, line, escape })
    }

    /// The instruction after `ONBUILD`.
    pub fn trigger(&self) -> Result<Self, Problem> {
        let Some((first, rest)) = self.words.split_first() else { return Err(self.needs("an instruction")) };
        Self::of_words(self.line, self.escape, first.clone(), rest.to_vec())
    }

    /// The values of an option, which may be there more than once.
    pub fn options(&self, name: &str) -> impl Iterator<Item = LocatedText> {
        self.options.iter().filter_map(move |option| {
            let text = self.line.slice(option.clone());
            let value = text.strip_prefix("--")?.strip_prefix(name)?.strip_prefix('=')?;
            Some(self.unquoted(option.end - value.len()..option.end))
        })
    }

    /// The fields of an option that holds `name=value,name=value`; a name without a value has an empty one.
    pub fn option_fields(&self, name: &str) -> impl Iterator<Item = Vec<(String, LocatedText)>> {
        self.options.iter().filter_map(move |option| {
            let text = self.line.slice(option.clone());
            let value = text.strip_prefix("--")?.strip_prefix(name)?.strip_prefix('=')?;
            let mut end = option.end - value.len();
            let field = |field: &str| {
                let start = end;
                end += field.len() + 1;
                let value = field.find('=').map_or(field.len(), |it| it + 1);
                let name = field[..value].trim_end_matches('=').trim_matches(['"', '\'']).to_ascii_lowercase();
                (name, self.unquoted(start + value..start + field.len()))
            };
            Some(value.split(',').map(field).collect())
        })
    }

    pub fn has_words(&self) -> bool {
        !self.words.is_empty()
    }

    /// The words after the options, without their quotes.
    pub fn words(&self) -> Vec<LocatedText> {
        self.words.iter().map(|it| self.unquoted(it.clone())).collect()
    }

    /// As [`words`](Self::words); they may be written as a JSON list, too.
    pub fn words_or_json(&self) -> Vec<LocatedText> {
        self.json().unwrap_or_else(|| self.words())
    }

    fn json(&self) -> Option<Vec<LocatedText>> {
        let start = self.words.first()?.start;
        let text = self.line.text.get(start..)?;
        let texts: Vec<String> = text.starts_with('[').then(|| serde_json::from_str(text).ok())??;
        let ranges = json_strings(text).into_iter().map(|it| self.line.file_range(start + it.start..start + it.end));
        Some(texts.into_iter().zip(ranges).map(|(text, range)| LocatedText { text, range }).collect())
    }

    fn unquoted(&self, range: Range<usize>) -> LocatedText {
        let word = self.line.word(range);
        LocatedText { text: words::unquote(&word.text, self.escape), ..word }
    }

    /// That something is missing after the keyword.
    pub fn needs(&self, what: &str) -> Problem {
        let keyword = self.keyword;
        wrong(self.range.clone(), format!("`{keyword}` needs {what}")).help(format!("write {what} after `{keyword}`"))
    }
}

fn known(keyword: &LocatedText) -> Result<&'static str, Problem> {
    let word = keyword.text.as_str();
    if let Some(known) = KNOWN.into_iter().find(|it| it.eq_ignore_ascii_case(word)) {
        return Ok(known);
    }
    let problem = wrong(keyword.range.clone(), format!("unknown instruction `{word}`"));
    Err(match nearest(word, KNOWN) {
        Some(known) => problem.help(format!("write `{known}`, or end the line above with `\\` if this continues it")),
        None => problem.help("end the line above with `\\` if this continues it"),
    })
}

/// The bytes of the strings of a JSON list, with their quotes.
fn json_strings(text: &str) -> Vec<Range<usize>> {
    let mut strings = Vec::new();
    let mut start = None;
    let mut is_escaped = false;
    for (index, character) in text.char_indices() {
        match (character, start) {
            _ if is_escaped => is_escaped = false,
            ('\\', Some(_)) => is_escaped = true,
            ('"', Some(begin)) => {
                strings.push(begin..index + 1);
                start = None;
            }
            ('"', None) => start = Some(index),
            _ => {}
        }
    }
    strings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str) -> Line {
        let mut line = Line::default();
        line.push(text, 0);
        line
    }

    #[test]
    fn options_and_words_are_told_apart() {
        let line = line("copy --from='a b' --chmod=1 \"x y\" --z");
        let copy = Instruction::read(&line, '\\').unwrap();
        assert_eq!((copy.keyword, copy.range.clone()), ("COPY", 0..4));
        let from: Vec<LocatedText> = copy.options("from").collect();
        assert_eq!(from, [LocatedText { text: "a b".into(), range: 12..17 }]);
        let words = copy.words_or_json();
        assert_eq!(
            words,
            [LocatedText { text: "x y".into(), range: 28..33 }, LocatedText { text: "--z".into(), range: 34..37 }]
        );
    }

    #[test]
    fn fields_of_an_option_have_their_places() {
        let line = line("RUN --mount=Type=bind,ro,source=é ls");
        let run = Instruction::read(&line, '\\').unwrap();
        let fields = run.option_fields("mount").next().unwrap();
        let field = |name: &str, text: &str, range| (name.to_owned(), LocatedText { text: text.into(), range });
        assert_eq!(fields, [field("type", "bind", 17..21), field("ro", "", 24..24), field("source", "é", 32..34)]);
    }

    #[test]
    fn a_json_list_is_words_with_places() {
        let line = line(r#"COPY ["a\"é b", "c"]"#);
        let copy = Instruction::read(&line, '\\').unwrap();
        let words = copy.words_or_json();
        assert_eq!(
            words,
            [LocatedText { text: "a\"é b".into(), range: 6..15 }, LocatedText { text: "c".into(), range: 17..20 }]
        );
    }

    #[test]
    fn an_unknown_keyword_comes_with_the_nearest() {
        let help = |text: &str| Instruction::read(&line(text), '\\').unwrap_err().help.unwrap();
        assert!(help("FORM a").starts_with("write `FROM`"));
        assert!(help("&& a").starts_with("end the line above"));
    }
}
