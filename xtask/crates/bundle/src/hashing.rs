//! Digests of what flows by.

use std::io::{self, Read, Write};

use hmac_sha256::Hash;

/// Bytes that are held at once.
const BUFFER: usize = 1 << 16;

/// Copies a stream to its end: how many bytes there were, and their SHA-256 in hexadecimal.
pub(crate) fn copy_hashed(from: &mut dyn Read, to: &mut dyn Write) -> io::Result<(u64, String)> {
    let (mut hash, mut size, mut buffer) = (Hash::new(), 0, vec![0; BUFFER]);
    loop {
        let read = match from.read(&mut buffer) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        hash.update(&buffer[..read]);
        to.write_all(&buffer[..read])?;
        size += read as u64;
    }
    Ok((size, hexadecimal(hash.finalize())))
}

fn hexadecimal(digest: [u8; 32]) -> String {
    digest.iter().map(|it| format!("{it:02x}")).collect()
}
