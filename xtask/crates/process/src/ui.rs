//! What the user reads: notices on stderr, data on stdout. What comes from outside is made visible here, and secrets are masked.

use std::fmt::Display;
use std::io::{self, BufRead, ErrorKind, IsTerminal as _, Write as _};
use std::sync::OnceLock;

use anyhow::{Result, bail};

use super::{ProcessError, child::require_no_stop, visible::shown};

/// The first write to stdout that has failed: whatever follows it is of no use to who reads stdout.
static LOST: OnceLock<io::Error> = OnceLock::new();

/// The two streams. A reader that has gone away is no error: `cargo xtask … | head` ends quietly. Data that was lost in any
/// other way, as on a full disk, is one; [`finish`](Self::finish) has it.
#[derive(Debug, Clone, Copy)]
pub struct Ui {
    is_dry_run: bool,
    no_colour: bool,
}

/// A change to a file, for the notice about it: "wrote", or "would write" in a dry run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileAction {
    Add,
    Create,
    Write,
    Change,
}

impl FileAction {
    fn past(self) -> &'static str {
        match self {
            Self::Add => "added",
            Self::Create => "created",
            Self::Write => "wrote",
            Self::Change => "changed",
        }
    }

    fn conditional(self) -> &'static str {
        match self {
            Self::Add => "would add",
            Self::Create => "would create",
            Self::Write => "would write",
            Self::Change => "would change",
        }
    }
}

#[allow(clippy::unused_self, reason = "only who was given a `Ui` may print")]
impl Ui {
    /// `no_colour` is whether `NO_COLOR` is set and not empty: <https://no-color.org>.
    pub fn new(is_dry_run: bool, no_colour: bool) -> Self {
        Self { is_dry_run, no_colour }
    }

    /// Says in words on stderr what happens.
    pub fn notice(self, message: impl Display) {
        _ = writeln!(io::stderr(), "{}: {}", self.prefix(), shown(&message.to_string()));
    }

    /// Says on stderr what was done to something, or in a dry run what would be.
    pub fn report_action(self, action: FileAction, what: impl Display) {
        self.notice(format_args!("{} {what}", if self.is_dry_run { action.conditional() } else { action.past() }));
    }

    /// A dry run says that it is one: what it says does not happen.
    fn prefix(self) -> &'static str {
        if self.is_dry_run { "xtask (dry run)" } else { "xtask" }
    }

    /// Prints an error and the causes behind it, on stderr.
    pub fn error(self, error: &anyhow::Error) {
        _ = writeln!(io::stderr(), "error: {}", shown(&format!("{error:#}")));
    }

    /// Prints text that is already in its final form, on stderr.
    pub fn report(self, text: impl Display) {
        self.draw(shown(&text.to_string()));
    }

    /// Prints data that a pipe may want, on stdout.
    pub fn data(self, text: impl Display) {
        self.draw_data(shown(&text.to_string()));
    }

    /// As [`report`](Self::report), as it is: in colours, for example. In its parts that come from outside, everything has
    /// been made [visible](crate::visible()).
    pub fn draw(self, text: impl Display) {
        _ = writeln!(io::stderr(), "{text}");
    }

    /// As [`data`](Self::data), as it is: in colours, for example, or with a token that the user has asked for. In its parts
    /// that come from outside, everything has been made [visible](crate::visible()).
    pub fn draw_data(self, text: impl Display) {
        self.wrote(writeln!(io::stdout(), "{text}"));
    }

    /// Remembers whether data was lost that somebody else has written to stdout.
    pub fn wrote(self, written: io::Result<()>) {
        if let Some(error) = written.err().filter(|it| it.kind() != ErrorKind::BrokenPipe) {
            _ = LOST.set(error);
        }
    }

    /// Writes what is still held back. An error if data was lost, now or before.
    pub fn finish(self) -> Result<()> {
        self.wrote(io::stdout().flush());
        match LOST.get() {
            Some(error) => bail!("not everything could be written to stdout: {error}"),
            None => Ok(()),
        }
    }

    /// Prints rows as data, each column as wide as its widest cell.
    pub fn table<const N: usize>(self, rows: &[[String; N]]) {
        columns(rows).for_each(|line| self.data(line));
    }

    /// Prints rows on stderr, each column as wide as its widest cell.
    pub fn report_table<const N: usize>(self, rows: &[[String; N]]) {
        columns(rows).for_each(|line| self.report(line));
    }

    /// Whether [`data`](Self::data) is read by a person who wants colours.
    pub fn shows_colours_on_stdout(self) -> bool {
        !self.no_colour && io::stdout().is_terminal()
    }

    /// Whether [`report`](Self::report) is read by a person who wants colours.
    pub fn shows_colours_on_stderr(self) -> bool {
        !self.no_colour && io::stderr().is_terminal()
    }

    /// Asks a person on the terminal; anything but `y` or `yes` is no, and so is Ctrl-C.
    pub fn confirms(self, question: impl Display) -> bool {
        _ = write!(io::stderr(), "{}: {} [y/N] ", self.prefix(), shown(&question.to_string()));
        let answer = read_line(&mut io::stdin().lock());
        matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes")
    }

    /// Shows on a terminal what is being done, in place of the last such line; nothing, with no text. All else that is printed must
    /// come after nothing.
    pub fn show_status(self, text: impl Display) {
        // Without wrapping, because a second line would stay.
        _ = write!(io::stderr(), "\r\u{1b}[K\u{1b}[?7l{}\u{1b}[?7h", shown(&text.to_string()));
    }

    /// Whether a person sees what is printed on stderr while it is printed.
    pub fn is_watched(self) -> bool {
        io::stderr().is_terminal()
    }

    /// Asks a person on the terminal for a line, an empty one being `default`, until the answer can be read; what is wrong with
    /// one is shown. Where nobody types any more, what was wrong with the last one is the result. The error is a signal that
    /// asks us to stop.
    pub fn ask<T>(
        self,
        question: impl Display,
        default: &str,
        read: impl Fn(&str) -> Result<T, String>,
    ) -> Result<Result<T, String>, ProcessError> {
        loop {
            _ = write!(io::stderr(), "{}: {} [{}] ", self.prefix(), shown(&question.to_string()), shown(default));
            let line = read_line(&mut io::stdin().lock());
            require_no_stop()?;
            let answer = if line.trim().is_empty() { default } else { line.trim() };
            match read(answer) {
                Err(wrong) if line.ends_with('\n') => self.notice(wrong),
                result => return Ok(result),
            }
        }
    }

    /// Whether a person reads and types.
    pub fn is_interactive(self) -> bool {
        io::stdin().is_terminal() && io::stdout().is_terminal()
    }
}

/// A line, or what comes before the end or a signal: `read_line` of std would go on after one.
fn read_line(input: &mut impl BufRead) -> String {
    let mut line = Vec::new();
    while let Ok(bytes) = input.fill_buf() {
        let count = bytes.iter().position(|it| *it == b'\n').map_or(bytes.len(), |it| it + 1);
        line.extend_from_slice(&bytes[..count]);
        input.consume(count);
        if count == 0 || line.ends_with(b"\n") {
            break;
        }
    }
    String::from_utf8_lossy(&line).into_owned()
}

fn columns<const N: usize>(rows: &[[String; N]]) -> impl Iterator<Item = String> {
    // Before the widths are counted.
    let rows: Vec<[String; N]> = rows.iter().map(|it| it.each_ref().map(|cell| shown(cell))).collect();
    let width = |column: usize| rows.iter().map(|it| it[column].chars().count()).max().unwrap_or_default();
    let widths: Vec<usize> = (0..N).map(width).collect();
    rows.into_iter().map(move |row| {
        let line: String = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}  ")).collect();
        line.trim_end().to_owned()
    })
}
