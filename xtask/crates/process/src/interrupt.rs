//! Signals that ask this program to stop: Ctrl-C, and what `kill`, a supervisor or a terminal that closes sends.
//!
//! They are recorded, and passed on to the children that are waited for. A child decides what a signal means; we wait for its
//! end, and stop afterwards by the ordinary ways out, on which everything temporary is removed.

#![expect(unsafe_code, reason = "std has no signals, and a crate for them costs more CPU-seconds than this has lines")]

use std::ffi::{c_int, c_void};
use std::fmt;
use std::mem;
use std::ptr;
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};

use libc::{SA_SIGINFO, SIG_DFL, SIG_IGN, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, pid_t, siginfo_t};

use super::{Exit, process_group::Group};

/// A signal that asks a program to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StopSignal {
    /// The terminal was closed.
    Hangup,
    /// Ctrl-C.
    Interrupt,
    /// Ctrl-\.
    Quit,
    /// What `kill` sends.
    Terminate,
}

impl StopSignal {
    pub const ALL: [Self; 4] = [Self::Hangup, Self::Interrupt, Self::Quit, Self::Terminate];

    pub(super) fn number(self) -> c_int {
        match self {
            Self::Hangup => SIGHUP,
            Self::Interrupt => SIGINT,
            Self::Quit => SIGQUIT,
            Self::Terminate => SIGTERM,
        }
    }

    /// The name that `kill -s` takes, which is the same on every system.
    pub fn name(self) -> &'static str {
        match self {
            Self::Hangup => "HUP",
            Self::Interrupt => "INT",
            Self::Quit => "QUIT",
            Self::Terminate => "TERM",
        }
    }

    /// Whether whoever started this process wants it to go on in spite of the signal, as nohup(1) does.
    pub(super) fn is_ignored(self) -> bool {
        // SAFETY: no action is set, and one structure of ours is written to, which may be all zeros.
        unsafe {
            let mut action: libc::sigaction = mem::zeroed();
            libc::sigaction(self.number(), ptr::null(), &raw mut action) == 0 && action.sa_sigaction == SIG_IGN
        }
    }

    /// Sends it to a child that was not waited for yet.
    pub(super) fn send_to(self, child: u32) {
        if let Ok(child @ 2..) = pid_t::try_from(child) {
            send(child, self.number());
        }
    }

    /// How a program ends that this signal has ended.
    pub fn exit(self) -> Exit {
        Exit::Signal(u8::try_from(self.number()).unwrap_or_default())
    }
}

impl fmt::Display for StopSignal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Interrupt | Self::Quit => "interrupted",
            Self::Terminate => "ended by SIGTERM",
            Self::Hangup => "ended by SIGHUP",
        })
    }
}

/// The number of the first signal; 0 while there was none.
static RECEIVED: AtomicI32 = AtomicI32::new(0);

/// Whom signals are passed on to, as kill(2) takes it: a process, or a group as a negative number. 0 is a free place.
static CHILDREN: [AtomicI32; 64] = [const { AtomicI32::new(0) }; 64];

/// The signal that this program was asked to stop by, if it was.
pub fn stop_signal() -> Option<StopSignal> {
    let number = RECEIVED.load(Ordering::SeqCst);
    StopSignal::ALL.into_iter().find(|it| it.number() == number)
}

/// Forgets the signal that came: it was for a child, which has ended as it decided.
pub fn forget() {
    RECEIVED.store(0, Ordering::SeqCst);
}

/// Whether somebody waits for the signals, who gets them all.
static IS_AWAITED: AtomicBool = AtomicBool::new(false);

/// From now on, a signal is left to the thread that waits for it.
pub(super) fn leave_to_waiting_thread() {
    IS_AWAITED.store(true, Ordering::SeqCst);
}

/// From now on, signals are recorded and passed on. One that is ignored, as `nohup` arranges it, stays so. A handler, unlike an
/// ignored signal, does not survive the exec of a child: the child starts with the default action.
///
/// System calls that wait are not restarted, so that waiting for a lock or an answer ends.
pub fn record() {
    replace_actions(record_and_pass_on as *const () as usize, |action| action == SIG_DFL);
}

/// Takes [`record`] back. A signal that came before is still known by [`stop_signal`].
pub fn stop_recording() {
    let recording = record_and_pass_on as *const () as usize;
    replace_actions(SIG_DFL, |action| action == recording);
}

/// From now on, signals that mean what a program makes of them are passed on to the children, and are not recorded: they ask nobody
/// to stop. One that is ignored stays so.
pub fn pass_on_user_signals() {
    replace_actions_of([SIGUSR1, SIGUSR2], pass_on as *const () as usize, |action| action == SIG_DFL);
}

fn replace_actions(new: usize, is_replaced: impl Fn(usize) -> bool) {
    replace_actions_of(StopSignal::ALL.map(StopSignal::number), new, is_replaced);
}

fn replace_actions_of<const N: usize>(signals: [c_int; N], new: usize, is_replaced: impl Fn(usize) -> bool) {
    for signal in signals {
        // SAFETY: each call reads or writes one structure of ours, which may be all zeros: an empty mask and no flags. The
        // handler has the type that SA_SIGINFO asks for, and does only what POSIX.1-2024 allows in one (2.4.3, "Signal
        // Actions"): it loads and stores atomics and calls kill(2).
        unsafe {
            let mut action: libc::sigaction = mem::zeroed();
            if libc::sigaction(signal, ptr::null(), &raw mut action) == 0 && is_replaced(action.sa_sigaction) {
                action = mem::zeroed();
                action.sa_sigaction = new;
                action.sa_flags = if new == SIG_DFL { 0 } else { SA_SIGINFO };
                libc::sigaction(signal, &raw const action, ptr::null_mut());
            }
        }
    }
}

extern "C" fn record_and_pass_on(signal: c_int, info: *mut siginfo_t, context: *mut c_void) {
    if IS_AWAITED.load(Ordering::SeqCst) {
        // This thread is older than the waiting one, and about to end. As long as it is here, the signal is held back for it.
        // SAFETY: both calls take and give numbers, and are allowed in a handler.
        unsafe {
            libc::kill(libc::getpid(), signal);
        }
        return;
    }
    _ = RECEIVED.compare_exchange(0, signal, Ordering::SeqCst, Ordering::SeqCst);
    pass_on(signal, info, context);
}

extern "C" fn pass_on(signal: c_int, info: *mut siginfo_t, _context: *mut c_void) {
    // SAFETY: the system hands over a structure that lives as long as this call. Positive codes are of the system itself, which
    // here means the terminal: sigaction(2).
    let is_of_terminal = !info.is_null() && unsafe { (*info).si_code } > 0;
    for child in &CHILDREN {
        let target = child.load(Ordering::SeqCst);
        // The terminal tells the whole group that is in its foreground, which is ours.
        if target < 0 || (target > 0 && !is_of_terminal) {
            send(target, signal);
        }
    }
}

fn send(target: pid_t, signal: c_int) {
    // SAFETY: it takes two numbers and touches no memory of ours. The targets are children that were not waited for yet, whose
    // numbers nobody else has, so that it does not fail; nor does it change the error number of what it interrupts.
    unsafe {
        libc::kill(target, signal);
    }
}

/// A child that signals are passed on to until this is dropped, which is before its number is free for others.
#[derive(Debug)]
pub struct Recipient(Option<&'static AtomicI32>);

impl Recipient {
    /// A child that has just been started, by us and not for cleaning up.
    pub fn new(child: u32, group: Group) -> Self {
        let target = pid_t::try_from(child).unwrap_or_default();
        let target = if group == Group::Own { -target } else { target };
        let is_free = |it: &&AtomicI32| it.compare_exchange(0, target, Ordering::SeqCst, Ordering::SeqCst).is_ok();
        let place = CHILDREN.iter().find(is_free);
        // One that came between the start and now has reached nobody.
        if let Some(signal) = stop_signal() {
            send(target, signal.number());
        }
        Self(place)
    }
}

impl Drop for Recipient {
    fn drop(&mut self) {
        if let Some(place) = self.0 {
            place.store(0, Ordering::SeqCst);
        }
    }
}
