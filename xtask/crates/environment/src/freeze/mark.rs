//! The comments that `freeze` writes behind a package.

use report::{Findings, Source, yaml};

use super::{PackageList, entry_kind::EntryKind, layout::ListEntry};

const INTENT: &str = "# intent: ";

/// What stands behind a package that the user installed by hand.
pub(super) const ADDED: &str = "  # added by freeze";

/// What the comment behind a package says about its line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum LineMark {
    /// A line that `freeze` has not touched.
    Users,
    /// Frozen: the user's own spec follows in a comment.
    Frozen(ThawedLine),
    /// Written for a package that the user installed by hand.
    AddedPackage,
}

/// What the user's line was before it was frozen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ThawedLine {
    /// The package as it was written, with its quotes.
    pub written: String,
    /// The package without them.
    pub text: String,
    /// What stood behind it: blanks and a comment, or nothing.
    pub tail: String,
}

impl LineMark {
    /// Reads the comment behind an entry.
    ///
    /// A comment of the user's can hold anything, `# intent: ` too. It counts only in a line that could be frozen, whose
    /// package has one exact version, and only if all that follows is an entry for the same package.
    pub fn of(text: &str, entry: &ListEntry) -> Self {
        let tail = entry.tail(text);
        if !tail.contains('#') || entry.shares_line {
            return Self::Users;
        }
        if Self::is_added(text, entry) {
            return Self::AddedPackage;
        }
        let mut found = ThawedLine::behind(entry.list, &entry.text, tail);
        let mut mark = Self::Users;
        // Where somebody has copied one mark behind another, thawing is to end with a line that is not frozen.
        while let Some(intent) = found {
            found = ThawedLine::behind(entry.list, &intent.text, &intent.tail);
            mark = Self::Frozen(intent);
        }
        mark
    }

    /// Whether a line is [`Self::AddedPackage`].
    pub fn is_added(text: &str, entry: &ListEntry) -> bool {
        !entry.shares_line && is_added(entry.tail(text))
    }
}

impl ThawedLine {
    /// What stands behind a package with one exact version, where it is an entry for the same package.
    fn behind(list: PackageList, text: &str, tail: &str) -> Option<Self> {
        let key = EntryKind::read(list, text).filter(EntryKind::is_pin)?.key()?;
        tail.match_indices(INTENT).find_map(|(at, _)| {
            let before = &tail[..at];
            let written = tail[at + INTENT.len()..].trim();
            let text = scalar(written).filter(|_| before.ends_with([' ', '\t']))?;
            let is_same = EntryKind::read(list, &text)?.key().as_ref() == Some(&key);
            is_same.then(|| {
                let blanks = before.len() - before.trim_end_matches(' ').len();
                let tail = before[..before.len() - blanks.min(2)].to_owned();
                Self { written: written.to_owned(), text, tail }
            })
        })
    }

    /// A line that is not frozen.
    pub fn of(text: &str, entry: &ListEntry) -> Self {
        let written = text[entry.range.clone()].to_owned();
        Self { written, text: entry.text.clone(), tail: entry.tail(text).to_owned() }
    }

    /// What the line has from the package on when it is frozen.
    pub fn frozen(&self, pinned: &str) -> String {
        format!("{}{}  {INTENT}{}", quoted_as(&self.written, pinned), self.tail, self.written)
    }

    /// What a line that freezing has added has from the package on, with another version.
    pub fn added(&self, pinned: &str) -> String {
        format!("{}{}", quoted_as(&self.written, pinned), self.tail)
    }

    /// What the line had from the package on before it was frozen.
    pub fn thawed(&self) -> String {
        format!("{}{}", self.written, self.tail)
    }
}

/// Whether freezing has added the line that ends so.
pub(super) fn is_added(tail: &str) -> bool {
    tail.trim_end().strip_suffix(ADDED.trim_start()).is_some_and(|it| it.ends_with([' ', '\t']))
}

/// A text in the quotes that another one is written in, or where that has none and the text needs some, in quotes.
pub(super) fn quoted_as(written: &str, text: &str) -> String {
    let is_plain = || scalar(text).as_deref() == Some(text);
    match written.chars().next() {
        Some('"') => format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")),
        Some('\'') => in_single_quotes(text),
        _ if is_plain() => text.to_owned(),
        _ => in_single_quotes(text),
    }
}

fn in_single_quotes(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// What a scalar says, if all of a text is just one.
fn scalar(written: &str) -> Option<String> {
    let node = yaml::parse(&Source::new("", written), &mut Findings::default())?;
    node.text().filter(|_| node.range == (0..written.len())).map(str::to_owned)
}
