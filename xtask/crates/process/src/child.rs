//! The one way to start children that ends them: signals that ask us to stop are passed on to them, and they end when we are
//! killed (on Linux; everywhere, a child that lives on holds the repository's lock if we did).

#![expect(unsafe_code, reason = "std can wait for a child only so that its number is free for others at once")]

use std::io::{self, Read};
use std::mem::MaybeUninit;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, ChildStderr, ChildStdout, Command, ExitStatus, Output};
use std::thread;

use libc::{P_PID, WEXITED, WNOWAIT};

use super::{
    Invocation, ProcessError,
    interrupt::{self, Recipient},
    offline,
    process_group::Group,
    runner::command,
};

/// A child that was started and must be waited for.
#[derive(Debug)]
pub struct RunningChild {
    child: Child,
    recipient: Option<Recipient>,
}

/// What a child is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// It is not started once we were asked to stop, and gets the signal that asks us.
    Work,
    /// It removes what we have made: also when we were asked to stop, and then in particular.
    CleanUp,
}

/// Starts a child: the only place that does, however it is waited for. `connect` says where its streams lead, if not where
/// ours do.
pub fn spawn(
    invocation: &Invocation,
    group: Group,
    purpose: Purpose,
    connect: impl FnOnce(&mut Command) -> &mut Command,
) -> Result<RunningChild, ProcessError> {
    interrupt::record();
    if purpose == Purpose::Work {
        require_no_stop()?;
    }
    require_allowed(invocation)?;
    // Dropped at the end, with the child's ends of its streams: whoever reads the other ends sees their end.
    let mut command = command(invocation);
    if group == Group::Own {
        command.process_group(0);
    }
    #[cfg(target_os = "linux")]
    super::parent_death::end_with_us(&mut command);
    let child = connect(&mut command).spawn().map_err(|source| ProcessError::not_started(invocation, source))?;
    let recipient = (purpose == Purpose::Work).then(|| Recipient::new(child.id(), group));
    Ok(RunningChild { child, recipient })
}

/// Fails where this program was asked to stop.
pub fn require_no_stop() -> Result<(), ProcessError> {
    interrupt::stop_signal().map_or(Ok(()), |signal| Err(ProcessError::Interrupted(signal)))
}

/// Fails where a child would open a connection, and none may be.
pub fn require_allowed(invocation: &Invocation) -> Result<(), ProcessError> {
    match offline::refusal(invocation) {
        Some(reason) => Err(ProcessError::Offline { invocation: Box::new(invocation.clone()), reason }),
        None => Ok(()),
    }
}

impl RunningChild {
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    pub fn take_stdout(&mut self) -> Option<ChildStdout> {
        self.child.stdout.take()
    }

    pub fn take_stderr(&mut self) -> Option<ChildStderr> {
        self.child.stderr.take()
    }

    /// Waits for its end, whatever we are asked meanwhile.
    pub fn wait(mut self) -> io::Result<ExitStatus> {
        drop(self.child.stdin.take());
        await_end(self.child.id())?;
        // Before its number can be somebody else's.
        drop(self.recipient.take());
        self.child.wait()
    }

    /// Reads those of its streams that are pipes to their ends, then waits for its own.
    pub fn wait_with_output(mut self) -> io::Result<Output> {
        let (stdout, stderr) = (self.take_stdout(), self.take_stderr());
        let (stdout, stderr) = thread::scope(|scope| {
            let stderr = stderr.map(|it| scope.spawn(move || read_to_end(it)));
            let stdout = stdout.map_or(Ok(Vec::new()), read_to_end);
            (stdout, stderr.map_or(Ok(Ok(Vec::new())), thread::ScopedJoinHandle::join))
        });
        let stderr = stderr.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        Ok(Output { status: self.wait()?, stdout: stdout?, stderr: stderr? })
    }
}

fn read_to_end(mut stream: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Waits until a child has ended, and leaves it a zombie, whose number nobody else gets.
fn await_end(child: u32) -> io::Result<()> {
    loop {
        let mut info = MaybeUninit::uninit();
        // SAFETY: the call fills in the structure, which nobody reads.
        if unsafe { libc::waitid(P_PID, child, info.as_mut_ptr(), WEXITED | WNOWAIT) } == 0 {
            return Ok(());
        }
        let error = io::Error::last_os_error();
        if error.kind() != io::ErrorKind::Interrupted {
            return Err(error);
        }
    }
}
