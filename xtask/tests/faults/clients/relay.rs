//! A socket between Docker's client and its engine, which knows at which request they are, and ends the client there.

use std::io::{self, Read, Write as _};
use std::net::Shutdown;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use tempfile::TempDir;

use crate::support::process::send;

/// Where in the course of its requests a client ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stage {
    /// Counted from 1.
    pub request: usize,
    pub moment: Moment,
    pub signal: &'static str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// The engine never hears of the request.
    Before,
    /// The engine has answered, and the client does not hear of it.
    After,
}

/// The socket, as long as it is wanted.
#[derive(Debug)]
pub struct Relay {
    folder: TempDir,
    course: Arc<Course>,
}

/// What has happened on all connections.
#[derive(Debug)]
struct Course {
    stage: Option<Stage>,
    requests: Mutex<Vec<String>>,
    client: Mutex<Option<u32>>,
    is_over: AtomicBool,
}

impl Relay {
    /// Passes everything on to the engine's socket, until a client comes to the stage.
    pub fn start(engine: &Path, stage: Option<Stage>) -> Self {
        let folder = TempDir::new().unwrap();
        let listener = UnixListener::bind(folder.path().join("socket")).unwrap();
        let course =
            Course { stage, requests: Mutex::default(), client: Mutex::default(), is_over: AtomicBool::new(false) };
        let relay = Self { folder, course: Arc::new(course) };
        let (course, engine) = (Arc::clone(&relay.course), engine.to_owned());
        thread::spawn(move || accept(&listener, &engine, &course));
        relay
    }

    /// The value of `DOCKER_HOST`.
    pub fn address(&self) -> String {
        format!("unix://{}", self.socket().display())
    }

    fn socket(&self) -> PathBuf {
        self.folder.path().join("socket")
    }

    /// Names the process that is ended.
    pub fn watch(&self, client: u32) {
        *self.course.client.lock().unwrap() = Some(client);
    }

    /// The requests so far, each as its method and path.
    pub fn requests(&self) -> Vec<String> {
        self.course.requests.lock().unwrap().clone()
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.course.is_over.store(true, Ordering::Relaxed);
        // Wakes it, so that it sees that.
        _ = UnixStream::connect(self.socket());
    }
}

fn accept(listener: &UnixListener, engine: &Path, course: &Arc<Course>) {
    for client in listener.incoming().flatten() {
        if course.is_over.load(Ordering::Relaxed) {
            return;
        }
        let Ok(engine) = UnixStream::connect(engine) else { continue };
        let stops = Arc::new(AtomicBool::new(false));
        let ends = [&client, &engine].map(|it| it.try_clone().unwrap());
        let (asking, answering) = (Arc::clone(course), Arc::clone(course));
        let stops_too = Arc::clone(&stops);
        thread::spawn(move || _ = pass_requests(client, engine, &asking, &stops));
        let [client, engine] = ends;
        thread::spawn(move || _ = pass_answers(engine, client, &answering, &stops_too));
    }
}

fn pass_requests(
    mut client: UnixStream,
    mut engine: UnixStream,
    course: &Course,
    stops: &AtomicBool,
) -> io::Result<()> {
    let mut buffer = vec![0; 1 << 16];
    loop {
        let count = client.read(&mut buffer)?;
        if count == 0 {
            return engine.shutdown(Shutdown::Write);
        }
        let moment = request_line(&buffer[..count]).and_then(|line| course.note(line));
        if moment == Some(Moment::Before) {
            course.end_client();
            // A child of the client's may be at the other end, and is not to wait for ever.
            client.shutdown(Shutdown::Both)?;
            return engine.shutdown(Shutdown::Both);
        }
        if moment == Some(Moment::After) {
            stops.store(true, Ordering::SeqCst);
        }
        engine.write_all(&buffer[..count])?;
    }
}

fn pass_answers(mut engine: UnixStream, mut client: UnixStream, course: &Course, stops: &AtomicBool) -> io::Result<()> {
    let mut buffer = vec![0; 1 << 16];
    loop {
        let count = engine.read(&mut buffer)?;
        if count == 0 {
            return client.shutdown(Shutdown::Write);
        }
        if stops.load(Ordering::SeqCst) {
            course.end_client();
            // A child of the client's may be at the other end, and is not to wait for ever.
            client.shutdown(Shutdown::Both)?;
            return engine.shutdown(Shutdown::Both);
        }
        client.write_all(&buffer[..count])?;
    }
}

impl Course {
    /// Counts a request. Tells when the client ends, if it is the one.
    fn note(&self, line: String) -> Option<Moment> {
        let mut requests = self.requests.lock().unwrap();
        requests.push(line);
        self.stage.filter(|it| it.request == requests.len()).map(|it| it.moment)
    }

    fn end_client(&self) {
        let client = *self.client.lock().unwrap();
        if let (Some(stage), Some(client)) = (self.stage, client) {
            send(stage.signal, client);
        }
    }
}

/// The method and the path of a request, where a piece of what a client sends begins with one: its program writes the head of
/// a request at once.
fn request_line(piece: &[u8]) -> Option<String> {
    let line = std::str::from_utf8(piece.split(|it| *it == b'\r').next()?).ok()?;
    let (method, rest) = line.split_once(' ')?;
    let (path, _) = rest.split_once(" HTTP/1.")?;
    let is_method = ["GET", "HEAD", "POST", "PUT", "DELETE"].contains(&method);
    is_method.then(|| format!("{method} {}", path.split('?').next().unwrap_or(path)))
}
