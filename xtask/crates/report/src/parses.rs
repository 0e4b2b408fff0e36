//! How often each input file is parsed: once a command, which `--verbose` shows and a test asserts.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use camino::{Utf8Path, Utf8PathBuf};

/// One text of one file. A file that a command edits has several texts, and each of them may be parsed once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParsedText {
    /// The file, relative to the repository.
    pub file: Utf8PathBuf,
    text: String,
    /// How often this text was parsed.
    pub times: usize,
}

/// `None` until [`start`]: who does not count keeps no texts.
static PARSED: Mutex<Option<Vec<ParsedText>>> = Mutex::new(None);

fn parsed() -> MutexGuard<'static, Option<Vec<ParsedText>>> {
    PARSED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Counts from now on, in this process.
pub fn start() {
    parsed().get_or_insert_default();
}

/// Every parser of an input file calls this before it reads the text.
pub fn note(file: &Utf8Path, text: &str) {
    let Some(parsed) = &mut *parsed() else { return };
    match parsed.iter_mut().find(|it| it.file == file && it.text == text) {
        Some(known) => known.times += 1,
        None => parsed.push(ParsedText { file: file.to_owned(), text: text.to_owned(), times: 1 }),
    }
}

/// The texts in the order in which they were first parsed; none without [`start`].
pub fn counted() -> Vec<ParsedText> {
    parsed().clone().unwrap_or_default()
}

/// `parsed dependencies/environment.yml`, with ` (2 times)` behind it where once would have been enough.
impl fmt::Display for ParsedText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "parsed {}", self.file)?;
        if self.times > 1 { write!(f, " ({} times)", self.times) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_text_of_a_file_is_counted_by_itself() {
        note("f".into(), "before the start");
        start();
        for text in ["one", "two", "one"] {
            note("f".into(), text);
        }
        note("g".into(), "one");
        let shown: Vec<String> = counted().iter().map(ToString::to_string).collect();
        assert_eq!(shown, ["parsed f (2 times)", "parsed f", "parsed g"]);
    }
}
