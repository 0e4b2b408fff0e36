//! The commit that an image is built from.

use std::cell::Cell;

use process::Invocation;
use project::Context;

/// Whether the inputs are those of a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Commit {
    Clean {
        hash: String,
        /// What git abbreviates it to.
        short: String,
        /// When it was made, in seconds since 1970.
        time: String,
    },
    /// Some of them have changed since the last commit.
    Uncommitted,
    /// git does not read a repository of somebody else.
    Untrusted,
    /// There is no commit, no repository or no git.
    None,
}

/// The files that decide what is in an image, besides the settings.
const INPUTS: [&str; 3] = ["dependencies", "installation", "python-project/pyproject.toml"];

impl Commit {
    pub(crate) fn read(cx: &Context) -> Self {
        let is_untrusted = Cell::new(false);
        let git = |arguments: &[&str]| {
            let git = Invocation::new("git").args(["-C", cx.layout.root().as_str()]).args(arguments.iter().copied());
            let answer = cx.runner.read(&git).ok()?;
            is_untrusted.set(is_untrusted.get() || answer.stderr.contains("dubious ownership"));
            answer.exit.success().then(|| answer.stdout.trim().to_owned())
        };
        let shown = git(&["log", "--max-count=1", "--no-show-signature", "--format=%H %h %ct"]);
        let words: Vec<&str> = shown.as_deref().unwrap_or_default().split(' ').collect();
        let [hash, short, time] = words[..] else {
            return if is_untrusted.get() { Self::Untrusted } else { Self::None };
        };
        match git(&[&["status", "--porcelain", "--"], &INPUTS[..]].concat()) {
            Some(changes) if changes.is_empty() => {
                Self::Clean { hash: hash.to_owned(), short: short.to_owned(), time: time.to_owned() }
            }
            _ => Self::Uncommitted,
        }
    }

    /// The full hash, where the inputs are committed.
    pub(crate) fn hash(&self) -> Option<&str> {
        if let Self::Clean { hash, .. } = self { Some(hash) } else { None }
    }

    /// The short hash, where the inputs are committed.
    pub(crate) fn short(&self) -> Option<&str> {
        if let Self::Clean { short, .. } = self { Some(short) } else { None }
    }

    /// When it was made, in seconds since 1970, where the inputs are committed.
    pub(crate) fn time(&self) -> Option<&str> {
        if let Self::Clean { time, .. } = self { Some(time) } else { None }
    }

    /// Says why no tag has a commit.
    pub(crate) fn explain(&self, cx: &Context) {
        match self {
            Self::Uncommitted => {
                let inputs = INPUTS.join(", ");
                cx.ui.notice(format_args!("no tag has a commit, because of uncommitted changes in {inputs}"));
            }
            Self::Untrusted => cx.ui.notice(format_args!(
                "no tag has a commit, because the repository belongs to somebody else and git does not read it (fix: `git config \
                 --global --add safe.directory {}`)",
                cx.layout.root()
            )),
            Self::Clean { .. } | Self::None => {}
        }
    }
}
