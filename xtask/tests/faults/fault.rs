//! What may happen to a command, and how strace makes it happen.

use std::fmt;

use crate::calls::{SystemCall, steps};
use crate::chance::Chance;

/// The calls that fail from a moment on.
const FAILING: [(&str, &[&str]); 2] = [
    (
        "ENOSPC",
        &["write", "writev", "pwrite64", "copy_file_range", "sendfile", "mkdir", "mkdirat", "fsync", "fdatasync"],
    ),
    (
        "EIO",
        &[
            "write",
            "writev",
            "pwrite64",
            "copy_file_range",
            "sendfile",
            "mkdir",
            "mkdirat",
            "fsync",
            "fdatasync",
            "rename",
            "renameat",
            "renameat2",
            "link",
            "linkat",
            "unlink",
            "unlinkat",
            "rmdir",
        ],
    ),
];

/// How a command is disturbed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// The signal comes before a call, which for KILL does not happen any more.
    Signal { signal: &'static str, call: SystemCall },
    /// One call fails.
    Fails { error: &'static str, call: SystemCall },
    /// From a call on, all that write fail: a full or a broken disk. The numbers of the first one of each name.
    FailsFromNowOn { error: &'static str, call: SystemCall, firsts: Vec<(&'static str, usize)> },
}

impl Fault {
    /// A signal before each step.
    pub fn signals(calls: &[SystemCall], signal: &'static str) -> Vec<Self> {
        steps(calls).into_iter().map(|call| Self::Signal { signal, call: call.clone() }).collect()
    }

    /// KILL before calls of any kind, by chance.
    pub fn at_random(calls: &[SystemCall], count: usize, chance: &mut Chance) -> Vec<Self> {
        let call = |_| calls[chance.below(calls.len())].clone();
        (0..count).map(call).map(|call| Self::Signal { signal: "KILL", call }).collect()
    }

    /// Each step with each of its errors.
    pub fn errors(calls: &[SystemCall]) -> Vec<Self> {
        let errors = |call: &SystemCall| {
            let call = call.clone();
            call.errors().iter().map(move |error| Self::Fails { error, call: call.clone() }).collect::<Vec<_>>()
        };
        steps(calls).into_iter().flat_map(errors).collect()
    }

    /// A disk that is full or broken from each step on.
    pub fn from_each_step_on(calls: &[SystemCall]) -> Vec<Self> {
        let fault = |(error, names): &(&'static str, &'static [&'static str]), call: &SystemCall| {
            let later = calls.iter().skip_while(|it| *it != call);
            let first = |name: &&'static str| later.clone().find(|it| it.name == **name).map(|it| (*name, it.number));
            let firsts: Vec<_> = names.iter().filter_map(first).collect();
            Self::FailsFromNowOn { error, call: call.clone(), firsts }
        };
        let begins = |names: &[&str], call: &SystemCall| names.contains(&call.name.as_str()) && !call.is_to_terminal();
        let steps = steps(calls);
        FAILING
            .iter()
            .flat_map(|kind| steps.iter().filter(|it| begins(kind.1, it)).map(move |call| fault(kind, call)))
            .collect()
    }

    /// The options of strace.
    pub fn options(&self) -> Vec<String> {
        let inject = |name: &str, what: &str, number: String| format!("--inject={name}:{what}:when={number}");
        match self {
            Self::Signal { signal, call } => {
                vec![
                    format!("--trace={}", call.name),
                    inject(&call.name, &format!("signal={signal}"), call.number.to_string()),
                ]
            }
            Self::Fails { error, call } => {
                vec![
                    format!("--trace={}", call.name),
                    inject(&call.name, &format!("error={error}"), call.number.to_string()),
                ]
            }
            Self::FailsFromNowOn { error, firsts, .. } => {
                let names: Vec<&str> = firsts.iter().map(|it| it.0).collect();
                let trace = format!("--trace={}", names.join(","));
                let injected =
                    firsts.iter().map(|(name, first)| inject(name, &format!("error={error}"), format!("{first}+")));
                std::iter::once(trace).chain(injected).collect()
            }
        }
    }

    /// Whether the command is there to tell what has become of it, and could put back what it had done.
    pub fn can_be_told(&self) -> bool {
        matches!(self, Self::Fails { .. })
    }

    fn call(&self) -> &SystemCall {
        match self {
            Self::Signal { call, .. } | Self::Fails { call, .. } | Self::FailsFromNowOn { call, .. } => call,
        }
    }

    /// The call as strace writes it.
    pub fn place(&self) -> &str {
        &self.call().text
    }
}

/// A word by which the fault can be asked for again.
impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let SystemCall { name, number, .. } = self.call();
        match self {
            Self::Signal { signal, .. } => write!(f, "{signal}@{name}:{number}"),
            Self::Fails { error, .. } => write!(f, "{error}@{name}:{number}"),
            Self::FailsFromNowOn { error, .. } => write!(f, "{error}@{name}:{number}+"),
        }
    }
}
