//! The only place for the hashes of HTTP authentication.

use openssl::hash::{MessageDigest, hash};

/// Lower-case hex of a hash, by OpenSSL's name for it. `None`: this OpenSSL has it not, or may not use it (FIPS and MD5).
pub(crate) fn hex(algorithm: &str, bytes: &[u8]) -> Option<String> {
    let algorithm = MessageDigest::from_name(algorithm)?;
    let sum = hash(algorithm, bytes);
    // What OpenSSL says of it is nobody else's error.
    let _ = openssl::error::ErrorStack::get();
    let digit = |nibble: u8| char::from_digit(u32::from(nibble), 16).unwrap_or_default();
    let pair = |byte: &u8| [digit(byte >> 4), digit(byte & 15)];
    Some(sum.ok()?.iter().flat_map(pair).collect())
}

#[cfg(test)]
mod tests {
    use super::hex;

    #[test]
    fn the_hashes_of_nothing() {
        for (name, of_nothing) in [
            ("MD5", "d41d8cd98f00b204e9800998ecf8427e"),
            (
                "SHA256",
                "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            ),
            (
                "SHA512-256",
                "c672b8d1ef56ed28ab87c3622c5114069bdd3ad7b8f9737498d0c01ecef0967a",
            ),
        ] {
            assert_eq!(hex(name, b"").as_deref(), Some(of_nothing), "{name}");
        }
        assert_eq!(hex("NOPE", b""), None);
    }
}
