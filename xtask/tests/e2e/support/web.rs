//! A web server with the files of a directory: wheels, an index of them, and repositories of git.

use std::fs;
use std::io::{BufRead, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;

/// A server on an address of this machine. It goes on until the process ends, which is soon.
#[derive(Debug)]
pub struct Web {
    address: SocketAddr,
}

impl Web {
    /// Serves a directory on a free port; a directory in it shows its `index.html`.
    pub fn start(host: &str, directory: PathBuf) -> Self {
        Self::serving(host, directory, None)
    }

    /// As [`start`](Self::start), for those who send these credentials, `user:password` in base 64.
    pub fn guarded(host: &str, directory: PathBuf, credentials: &str) -> Self {
        Self::serving(host, directory, Some(format!("authorization: basic {credentials}").to_lowercase()))
    }

    fn serving(host: &str, directory: PathBuf, header: Option<String>) -> Self {
        let listener = TcpListener::bind((host, 0))
            .unwrap_or_else(|why| panic!("{host} is not an address of this machine: {why}"));
        let address = listener.local_addr().expect("a listener has an address");
        let served = Arc::new((directory, header));
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let served = Arc::clone(&served);
                // A connection that breaks is the client's to report.
                thread::spawn(move || _ = serve(&client, &served.0, served.1.as_deref()));
            }
        });
        Self { address }
    }

    /// `host:port`
    pub fn address(&self) -> String {
        self.address.to_string()
    }
}

/// `needed` is a header in lower case, without which nothing is served.
fn serve(client: &TcpStream, directory: &Path, needed: Option<&str>) -> std::io::Result<()> {
    let mut lines = BufReader::new(client).lines();
    let request = lines.next().transpose()?.unwrap_or_default();
    let headers: Vec<String> = lines.map_while(Result::ok).take_while(|it| !it.is_empty()).collect();
    let mut client = client;
    if !needed.is_none_or(|needed| headers.iter().any(|it| it.to_lowercase() == needed)) {
        let refusal = "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"e2e\"\r\n";
        return write!(client, "{refusal}Content-Length: 0\r\nConnection: close\r\n\r\n");
    }
    let mut words = request.split(' ');
    let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let path = target.split('?').next().unwrap_or_default().replace("%2B", "+");
    assert!(!path.contains(".."), "no client of ours asks for what is elsewhere");
    let file = directory.join(path.trim_start_matches('/'));
    let file = if file.is_dir() { file.join("index.html") } else { file };
    let is_page = file.extension().is_some_and(|it| it == "html");
    let (status, body) = fs::read(&file).map_or(("404 Not Found", Vec::new()), |body| ("200 OK", body));
    let kind = if is_page { "text/html" } else { "application/octet-stream" };
    write!(
        client,
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    )?;
    client.write_all(if method == "HEAD" { &[] } else { &body })
}
