//! The channel that the tests about conda rely on.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use crate::channel::Channel;

#[test]
fn a_channel_is_served_to_whoever_asks_and_tells_what_was_asked() {
    let channel = Channel::made();
    let server = channel.serve();
    let repodata = get(&server.url("lab/noarch/repodata.json"));
    assert!(repodata.starts_with("HTTP/1.1 200 "), "{repodata}");
    assert!(repodata.contains("\"steady-1.1-pyhd8ed1ab_0.conda\""), "{repodata}");
    assert!(get(&server.url("auth/lab/noarch/repodata.json")).starts_with("HTTP/1.1 401 "));
    assert_eq!(server.requests(), ["200 GET /lab/noarch/repodata.json", "401 GET /auth/lab/noarch/repodata.json"]);

    let address = server.url("lab").split('/').nth(2).unwrap().to_owned();
    drop(server);
    assert!(TcpStream::connect(address).is_err(), "the server outlives its test");
}

/// The whole answer to a request.
fn get(url: &str) -> String {
    let (host, path) = url.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let mut stream = TcpStream::connect(host).unwrap();
    write!(stream, "GET /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}
