//! A wait that takes long is named, so that nobody has to guess what hangs.

use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread;
use std::time::Duration;

use super::{Invocation, Ui};

/// How long somebody waits without being told for what.
pub const PATIENCE: Duration = Duration::from_secs(5);

/// As many characters of a command line are shown.
const WIDTH: usize = 60;

/// Says once what is waited for, unless it is dropped before the limit.
#[derive(Debug)]
pub(super) struct Patience {
    _end: Sender<()>,
}

impl Patience {
    /// `None` where nobody watches: programs and logs get the same text however long it takes.
    pub(super) fn with(ui: Ui, invocation: &Invocation) -> Option<Self> {
        let name = ui.is_watched().then(|| shortened(&invocation.to_string()))?;
        Some(Self::new(PATIENCE, move || ui.notice(format_args!("still waiting for an answer from `{name}`"))))
    }

    fn new(limit: Duration, say: impl FnOnce() + Send + 'static) -> Self {
        let (end, ended) = mpsc::channel::<()>();
        thread::spawn(move || {
            if ended.recv_timeout(limit) == Err(RecvTimeoutError::Timeout) {
                say();
            }
        });
        Self { _end: end }
    }
}

fn shortened(command: &str) -> String {
    match command.char_indices().nth(WIDTH) {
        Some((end, _)) => format!("{}…", command[..end].trim_end()),
        None => command.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_takes_long_is_named_once_and_what_does_not_is_not() {
        let (say, said) = mpsc::channel();
        let patience = Patience::new(Duration::ZERO, move || say.send(()).unwrap());
        assert_eq!(said.iter().count(), 1);
        drop(patience);

        let (say, said) = mpsc::channel();
        drop(Patience::new(Duration::from_secs(600), move || say.send(()).unwrap()));
        assert_eq!(said.iter().count(), 0);
    }

    #[test]
    fn a_long_command_line_is_cut() {
        assert_eq!(shortened("docker buildx ls"), "docker buildx ls");
        assert_eq!(shortened(&"word ".repeat(20)), format!("{}…", "word ".repeat(12).trim_end()));
    }
}
