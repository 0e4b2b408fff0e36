//! Whether something listens at an address of the network.

use std::net::{TcpStream, ToSocketAddrs as _};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use super::network::NetworkAddress;

/// For one IP address; a name may have several.
const CONNECT_LIMIT: Duration = Duration::from_millis(1500);

/// Connects and hangs up, within `limit`. The error says why there was no connection.
pub fn try_connection(address: &NetworkAddress, limit: Duration) -> Result<(), String> {
    let (sender, receiver) = mpsc::channel();
    let address = address.clone();
    // In a thread that nobody waits for, because looking up a name has no time limit.
    thread::spawn(move || _ = sender.send(connect(&address)));
    receiver.recv_timeout(limit).unwrap_or_else(|_| Err(format!("no answer within {} s", limit.as_secs_f64())))
}

fn connect(address: &NetworkAddress) -> Result<(), String> {
    let resolved = (address.host.as_str(), address.port).to_socket_addrs();
    let addresses = resolved.map_err(|_| format!("the name `{}` is unknown", address.host))?;
    let mut failure = format!("the name `{}` has no address", address.host);
    for address in addresses {
        match TcpStream::connect_timeout(&address, CONNECT_LIMIT) {
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
    fn a_connection_is_made_while_somebody_listens() {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let address = NetworkAddress { host: "127.0.0.1".to_owned(), port: listener.local_addr().unwrap().port() };
        assert_eq!(try_connection(&address, Duration::from_secs(60)), Ok(()));
        drop(listener);
        assert!(try_connection(&address, Duration::from_secs(60)).is_err());
    }
}
