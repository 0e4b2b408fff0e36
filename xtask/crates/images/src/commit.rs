//! The commit that an image is built from.

use std::cell::Cell;

use inputs::Project;
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
    /// Some of them have changed since the last commit: the first, and how many more.
    Uncommitted(String, usize),
    /// git does not read a repository of somebody else.
    Untrusted,
    /// There is no commit, no repository or no git.
    None,
}

/// The files that decide what is in an image, besides the settings.
const INPUTS: [&str; 5] =
    ["dependencies", "installation", "python-project/pyproject.toml", "xtask/conda", "xtask/scripts"];

impl Commit {
    /// The files that `environment.yml` includes are inputs as well, wherever they are.
    pub(crate) fn read(project: &Project) -> Self {
        let cx = project.cx;
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
        let included: Vec<&str> = project.intent.environment.included.iter().map(|it| it.as_str()).collect();
        let status = git(&[&["status", "--porcelain", "--"], &INPUTS[..], &included[..]].concat());
        let Some(changed) = status else { return Self::None };
        // Two letters say how it was changed; what comes first has lost a blank in front.
        let mut paths =
            changed.lines().filter_map(|it| it.trim_start().split_once(' ').map(|(_, path)| path.trim_start()));
        match paths.next() {
            Some(first) => Self::Uncommitted(first.to_owned(), paths.count()),
            None => Self::Clean { hash: hash.to_owned(), short: short.to_owned(), time: time.to_owned() },
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
            Self::Uncommitted(first, more) => {
                let more = if *more == 0 { String::new() } else { format!(" and {more} more") };
                cx.ui.notice(format_args!("no tag has a commit, because of uncommitted changes: `{first}`{more}"));
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
