//! Queries whose answer is too large to hold.

use std::fs::File;
use std::io::{BufReader, Read};
use std::process::Stdio;

use anyhow::{Result, bail};

use super::{
    Exit, Invocation, ProcessError, Runner,
    child::{Purpose, require_no_stop, spawn},
    process_group::Group,
};

/// Bytes that are read from the pipe at once at most.
const BUFFER: usize = 1 << 16;

impl Runner {
    /// Asks a child that changes nothing, also in a dry run, and reads its answer while it gives it. Its stderr is shown,
    /// and it must succeed.
    pub fn stream<T>(&self, invocation: &Invocation, read: impl FnOnce(&mut dyn Read) -> Result<T>) -> Result<T> {
        self.stream_from(Stdio::null(), invocation, read)
    }

    /// The same of a child that reads a file.
    pub fn stream_file<T>(
        &self,
        file: File,
        invocation: &Invocation,
        read: impl FnOnce(&mut dyn Read) -> Result<T>,
    ) -> Result<T> {
        self.stream_from(file.into(), invocation, read)
    }

    fn stream_from<T>(
        &self,
        stdin: Stdio,
        invocation: &Invocation,
        read: impl FnOnce(&mut dyn Read) -> Result<T>,
    ) -> Result<T> {
        let invocation = &*self.spoken(invocation)?;
        self.announce_query(invocation);
        let mut child = spawn(invocation, Group::at_terminal(), Purpose::Work, |command| {
            command.stdin(stdin).stdout(Stdio::piped())
        })?;
        let answer = child.take_stdout().map(|it| read(&mut BufReader::with_capacity(BUFFER, it)));
        let status = child.wait().map_err(|source| ProcessError::not_started(invocation, source))?;
        require_no_stop()?;
        let exit = Exit::from(status);
        let failure = (!exit.success()).then(|| ProcessError::failed(invocation, exit));
        match (answer, failure) {
            (Some(answer), None) => answer,
            // An answer that cannot be read may be cut short because the child failed, or the reason why it did.
            (Some(Err(error)), Some(failure)) => Err(error.context(failure)),
            (_, Some(failure)) => Err(failure.into()),
            (None, None) => bail!("`{}` gave no answer", invocation.program()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;
    use crate::{Echo, Ui};

    fn read(script: &str) -> Result<u64> {
        let runner = Runner::new(Echo::DryRun, Ui::new(true, true));
        let invocation = Invocation::new("sh").args(["-c", script]);
        runner.stream(&invocation, |answer| Ok(io::copy(answer, &mut io::sink())?))
    }

    #[test]
    fn an_answer_may_be_long() {
        assert_eq!(read("head -c 3000000 /dev/zero").unwrap(), 3_000_000);
    }

    #[test]
    fn a_child_reads_the_file_that_it_is_given() {
        let mut text = String::new();
        let runner = Runner::new(Echo::DryRun, Ui::new(true, true));
        let this = File::open(concat!(env!("CARGO_MANIFEST_DIR"), "/src/stream.rs")).unwrap();
        runner.stream_file(this, &Invocation::new("cat"), |answer| Ok(answer.read_to_string(&mut text)?)).unwrap();
        assert_eq!(text, include_str!("stream.rs"));
    }

    #[test]
    fn a_child_that_fails_in_the_midst_of_it_has_not_answered() {
        assert_eq!(read("echo half; exit 3").unwrap_err().to_string(), "`sh` failed with exit code 3");
    }
}
