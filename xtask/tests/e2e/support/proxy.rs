//! A forward proxy that asks for a password and remembers who came.

use std::io::{BufRead, BufReader, Read, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// A proxy on an address that containers reach. It goes on until the process ends, which is soon.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    requests: Arc<Mutex<Vec<Request>>>,
}

/// The start of one request.
#[derive(Debug, Clone)]
struct Request {
    line: String,
    headers: Vec<String>,
}

impl Proxy {
    /// Starts one on a free port.
    pub fn start(host: &str) -> Self {
        let listener = TcpListener::bind((host, 0))
            .unwrap_or_else(|why| panic!("the containers' gateway {host} is not an address of this machine: {why}"));
        let address = listener.local_addr().expect("a listener has an address");
        let requests = Arc::default();
        let proxy = Self { address, requests: Arc::clone(&requests) };
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let requests = Arc::clone(&requests);
                // A connection that breaks is the client's to report.
                thread::spawn(move || _ = serve(client, &requests));
            }
        });
        proxy
    }

    /// `host:port`
    pub fn address(&self) -> String {
        self.address.to_string()
    }

    /// The first lines of all requests so far.
    pub fn requests(&self) -> Vec<String> {
        self.seen().into_iter().map(|it| it.line).collect()
    }

    /// The requests that did not bring these credentials, in base 64.
    pub fn requests_without(&self, credentials: &str) -> Vec<String> {
        let header = format!("proxy-authorization: basic {credentials}").to_lowercase();
        self.seen().into_iter().filter(|it| !it.has(&header)).map(|it| it.line).collect()
    }

    fn seen(&self) -> Vec<Request> {
        self.requests.lock().expect("no connection panics").clone()
    }
}

impl Request {
    fn read(client: &mut impl BufRead) -> std::io::Result<Option<Self>> {
        let mut lines = Vec::new();
        loop {
            let mut line = String::new();
            if client.read_line(&mut line)? == 0 {
                return Ok(None);
            }
            match line.trim_end() {
                "" if lines.is_empty() => {}
                "" => break,
                text => lines.push(text.to_owned()),
            }
        }
        let headers = lines.split_off(1);
        Ok(lines.pop().map(|line| Self { line, headers }))
    }

    fn has(&self, lower_case_header: &str) -> bool {
        self.headers.iter().any(|it| it.to_lowercase() == lower_case_header)
    }
}

fn serve(client: TcpStream, requests: &Mutex<Vec<Request>>) -> std::io::Result<()> {
    let mut reader = BufReader::new(client.try_clone()?);
    let Some(request) = Request::read(&mut reader)? else { return Ok(()) };
    requests.lock().expect("no connection panics").push(request.clone());
    let words: Vec<&str> = request.line.split(' ').collect();
    match words[..] {
        ["CONNECT", authority, _] => {
            let server = TcpStream::connect(authority)?;
            (&client).write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")?;
            relay(reader, client, server)
        }
        [method, url, version] => {
            let (authority, path) = url.strip_prefix("http://").and_then(|it| it.split_once('/')).unwrap_or((url, ""));
            let port = if authority.contains(':') { "" } else { ":80" };
            let server = TcpStream::connect(format!("{authority}{port}"))?;
            // One request a connection: the next may be for another server.
            let kept = request.headers.iter().filter(|it| !is_between_us(it)).map(|it| format!("{it}\r\n"));
            let headers: String = kept.collect();
            write!(&server, "{method} /{path} {version}\r\n{headers}Connection: close\r\n\r\n")?;
            relay(reader, client, server)
        }
        _ => Ok(()),
    }
}

fn is_between_us(header: &str) -> bool {
    let header = header.to_lowercase();
    header.starts_with("proxy-") || header.starts_with("connection:")
}

/// Both ways, until both have ended.
fn relay(mut from_client: impl Read + Send + 'static, mut client: TcpStream, server: TcpStream) -> std::io::Result<()> {
    let mut to_server = server.try_clone()?;
    thread::spawn(move || {
        _ = std::io::copy(&mut from_client, &mut to_server);
        _ = to_server.shutdown(Shutdown::Write);
    });
    let mut server = server;
    std::io::copy(&mut server, &mut client)?;
    client.shutdown(Shutdown::Both)
}
