//! A person at a terminal.

use std::io::{Read as _, Write as _};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;

use super::process::{code_of, wait_for};

/// A line of shell in a terminal of its own, by the program `script` of util-linux.
#[derive(Debug)]
pub struct PseudoTerminal {
    child: Child,
    keyboard: ChildStdin,
    screen: Arc<Mutex<String>>,
}

impl PseudoTerminal {
    /// Starts the line; the command has the environment that it shall have.
    pub fn start(mut script: Command, line: &str) -> Self {
        script.args(["--quiet", "--return", "--flush", "--command", line, "/dev/null"]);
        script.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = script.spawn().expect("`script` starts");
        let keyboard = child.stdin.take().expect("stdin is a pipe");
        let mut stdout = child.stdout.take().expect("stdout is a pipe");
        let screen = Arc::new(Mutex::new(String::new()));
        let seen = Arc::clone(&screen);
        thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(count @ 1..) = stdout.read(&mut buffer) {
                seen.lock().expect("no other thread failed").push_str(&String::from_utf8_lossy(&buffer[..count]));
            }
        });
        Self { child, keyboard, screen }
    }

    /// Types keys: `\r` is Return and `\u{3}` Ctrl-C.
    pub fn types(&mut self, keys: &str) {
        self.keyboard.write_all(keys.as_bytes()).expect("the terminal is open");
        self.keyboard.flush().expect("the terminal is open");
    }

    /// Waits until this has been shown, and clears the screen up to behind it.
    pub fn shows(&self, text: &str) {
        let what = format!("`{text}` on the terminal");
        wait_for(&what, || {
            let mut screen = self.screen.lock().expect("no other thread failed");
            let end = screen.find(text)? + text.len();
            screen.drain(..end);
            Some(())
        });
    }

    /// Waits for a whole line with this in it, and clears the screen up to behind it.
    pub fn line_with(&self, text: &str) -> String {
        wait_for(&format!("a line with `{text}` on the terminal"), || {
            let mut screen = self.screen.lock().expect("no other thread failed");
            let at = screen.find(text)?;
            let start = screen[..at].rfind('\n').map_or(0, |it| it + 1);
            let end = at + screen[at..].find('\n')?;
            let line = screen[start..end].to_owned();
            screen.drain(..=end);
            Some(line)
        })
    }

    /// Waits for the end of the line: the exit code that a shell would report.
    pub fn ends(mut self) -> i32 {
        code_of(wait_for("the end of the line", || self.child.try_wait().expect("`script` can be waited for")))
    }
}

impl Drop for PseudoTerminal {
    fn drop(&mut self) {
        // Both fail when it has ended, as it should have.
        _ = self.child.kill();
        _ = self.child.wait();
    }
}
