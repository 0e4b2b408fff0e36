//! How far a job is: what the engine says of it, merged with what it has written itself.

use std::fmt;
use std::time::Duration;

/// How long a part that has shown that it lives may be silent: the shim's heartbeat comes every half minute.
const SILENCE: Duration = Duration::from_secs(120);

/// One part of a job at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RunState {
    /// The engine has it, and has not started it; with the engine's reason.
    Waiting(String),
    /// On this node, where that is known.
    Running(Option<String>),
    /// With the exit code of its command.
    Ended(u8),
    /// The engine has ended it, in the engine's word, before it could say more.
    Stopped(String),
    /// The engine was not asked, or knows nothing of it, and it has not begun to write.
    Unknown,
    /// It had begun, the engine does not know it any more, and it has been silent since.
    Lost,
}

/// What an engine says of one part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EngineState {
    Waiting(String),
    Running(Option<String>),
    /// It has ended, and the engine tells the exit code.
    Ended(u8),
    /// It has ended otherwise than by itself, in the engine's word.
    Stopped(String),
    /// It has no such part: it never had, or has forgotten it.
    Absent,
}

/// What the tasks of a part have written to their folders.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WrittenState {
    /// The codes of those that have ended.
    pub codes: Vec<u8>,
    /// How many there are.
    pub tasks: usize,
    /// Since the youngest heartbeat.
    pub silence: Option<Duration>,
}

impl RunState {
    /// A part's own word goes before the engine's, except that a part which the engine runs again has not ended. Where the engine
    /// could not be asked, there is no word of its.
    pub fn of(engine: Option<&EngineState>, written: &WrittenState) -> Self {
        let has_ended = written.tasks > 0 && written.codes.len() == written.tasks;
        let code = written.codes.iter().copied().find(|it| *it != 0).unwrap_or(0);
        match engine {
            Some(EngineState::Waiting(reason)) => Self::Waiting(reason.clone()),
            // Whether a part that has ended is queued again is decided while the engine still has it.
            Some(EngineState::Running(node)) => Self::Running(node.clone()),
            _ if has_ended => Self::Ended(code),
            Some(EngineState::Ended(code)) => Self::Ended(*code),
            Some(EngineState::Stopped(word)) => Self::Stopped(word.clone()),
            Some(EngineState::Absent) | None => match written.silence {
                Some(silence) if silence <= SILENCE => Self::Running(None),
                Some(_) if engine.is_some() => Self::Lost,
                _ => Self::Unknown,
            },
        }
    }

    /// Whether nothing more will come of it.
    pub fn is_final(&self) -> bool {
        matches!(self, Self::Ended(_) | Self::Stopped(_) | Self::Lost)
    }

    /// The exit code of what has ended. A part that was stopped has none of its own.
    pub fn code(&self) -> Option<u8> {
        match self {
            Self::Ended(code) => Some(*code),
            _ => None,
        }
    }

    /// One word for programs.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Waiting(_) => "waiting",
            Self::Running(_) => "running",
            Self::Ended(_) => "ended",
            Self::Stopped(_) => "stopped",
            Self::Unknown => "unknown",
            Self::Lost => "lost",
        }
    }
}

impl fmt::Display for RunState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Waiting(reason) if !reason.is_empty() => write!(f, "waiting ({reason})"),
            Self::Running(Some(node)) => write!(f, "running on {node}"),
            Self::Ended(code) => write!(f, "ended with {code}"),
            Self::Stopped(word) => write!(f, "stopped ({word})"),
            _ => f.write_str(self.word()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(codes: &[u8], tasks: usize, silence: Option<u64>) -> WrittenState {
        WrittenState { codes: codes.to_vec(), tasks, silence: silence.map(Duration::from_secs) }
    }

    #[test]
    fn what_a_part_has_written_outlives_the_engines_memory() {
        assert_eq!(RunState::of(Some(&EngineState::Absent), &written(&[3], 1, Some(900))), RunState::Ended(3));
        assert_eq!(RunState::of(None, &written(&[0], 1, None)), RunState::Ended(0));
    }

    #[test]
    fn a_part_has_ended_when_each_of_its_tasks_has() {
        assert_eq!(RunState::of(None, &written(&[0], 2, Some(1))), RunState::Running(None));
        assert_eq!(RunState::of(None, &written(&[0, 4], 2, Some(1))), RunState::Ended(4));
    }

    #[test]
    fn what_is_to_run_again_has_not_ended() {
        let running = EngineState::Running(Some("n1".to_owned()));
        assert_eq!(RunState::of(Some(&running), &written(&[75], 1, Some(1))).to_string(), "running on n1");
        let waiting = EngineState::Waiting("BeginTime".to_owned());
        assert_eq!(RunState::of(Some(&waiting), &written(&[75], 1, None)).to_string(), "waiting (BeginTime)");
    }

    #[test]
    fn silence_is_death_only_where_the_engine_knows_nothing_either() {
        assert_eq!(RunState::of(Some(&EngineState::Absent), &written(&[], 1, Some(600))), RunState::Lost);
        assert_eq!(RunState::of(Some(&EngineState::Absent), &written(&[], 1, Some(20))), RunState::Running(None));
        assert_eq!(RunState::of(None, &written(&[], 1, Some(600))), RunState::Unknown);
        assert_eq!(
            RunState::of(Some(&EngineState::Running(None)), &written(&[], 1, Some(600))),
            RunState::Running(None)
        );
        assert_eq!(RunState::of(Some(&EngineState::Absent), &written(&[], 1, None)), RunState::Unknown);
    }
}
