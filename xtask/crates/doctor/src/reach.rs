//! Whether something answers at a place in the network.

use std::net::{TcpStream, ToSocketAddrs as _};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use super::network::NetworkAddress;

/// How long one address may take; a name may have several.
const CONNECT: Duration = Duration::from_millis(1500);

/// Connects and hangs up. `Err` tells why not, after no more than `limit`.
pub fn reach(place: &NetworkAddress, limit: Duration) -> Result<(), String> {
    let (sender, receiver) = mpsc::channel();
    let place = place.clone();
    // A thread that nobody waits for: looking up a name may take as long as the resolver likes.
    thread::spawn(move || _ = sender.send(connect(&place)));
    receiver.recv_timeout(limit).unwrap_or_else(|_| Err(format!("no answer within {} s", limit.as_secs_f64())))
}

fn connect(place: &NetworkAddress) -> Result<(), String> {
    let found = (place.host.as_str(), place.port).to_socket_addrs();
    let addresses = found.map_err(|_| format!("the name `{}` is not known", place.host))?;
    let mut failure = format!("the name `{}` has no address", place.host);
    for address in addresses {
        match TcpStream::connect_timeout(&address, CONNECT) {
            Ok(_) => return Ok(()),
            Err(error) => failure = error.to_string(),
        }
    }
    Err(failure)
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    #[test]
    fn a_place_is_reached_while_somebody_listens() {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let place = NetworkAddress { host: "127.0.0.1".to_owned(), port: listener.local_addr().unwrap().port() };
        assert_eq!(reach(&place, Duration::from_secs(60)), Ok(()));
        drop(listener);
        assert!(reach(&place, Duration::from_secs(60)).is_err());
    }
}
