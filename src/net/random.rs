//! The only place for what a peer must not guess, for the hashes that answer it, and the text that both are sent as.

use openssl::error::ErrorStack;

/// Bytes that are fetched at once: one call into OpenSSL costs as much as many bytes.
const POOL: usize = 512;

/// Unpredictable bytes, a few at a time.
pub(crate) struct Random {
    pool: [u8; POOL],
    used: usize,
}

impl Random {
    pub(crate) fn new() -> Self {
        Self {
            pool: [0; POOL],
            used: POOL,
        }
    }

    /// In a forked child: what is left is the parent's too.
    pub(crate) fn forget(&mut self) {
        self.used = POOL;
    }

    /// `N` bytes (at most 512) that were given to nobody else.
    pub(crate) fn take<const N: usize>(&mut self) -> Result<[u8; N], String> {
        const { assert!(N <= POOL) };
        if POOL - self.used < N {
            openssl::rand::rand_bytes(&mut self.pool).map_err(|error| no_random(&error))?;
            self.used = 0;
        }
        let mut taken = [0; N];
        if let Some(fresh) = self.pool.get_mut(self.used..self.used + N) {
            taken.copy_from_slice(fresh);
            fresh.fill(0);
        }
        self.used += N;
        Ok(taken)
    }
}

/// Fills `buf`; `false` when there are no random bytes to be had.
pub(crate) fn fill(buf: &mut [u8]) -> bool {
    // At once as many as OpenSSL's int can say.
    buf.chunks_mut(1 << 30)
        .all(|part| openssl::rand::rand_bytes(part).is_ok())
}

/// A number that may be any.
pub(crate) fn number() -> u16 {
    let mut bytes = [0; 2];
    fill(&mut bytes);
    u16::from_ne_bytes(bytes)
}

/// Base64 with padding (RFC 4648 section 4).
pub(crate) fn base64(bytes: &[u8]) -> String {
    openssl::base64::encode_block(bytes)
}

/// FIPS 180-4.
pub(crate) fn sha1(bytes: &[u8]) -> [u8; 20] {
    openssl::sha::sha1(bytes)
}

fn no_random(error: &ErrorStack) -> String {
    format!("HS: OOM: OpenSSL has no random bytes: {error}")
}

/// A new Sec-WebSocket-Key: 16 random bytes in base64 (RFC 6455 section 4.1).
pub(crate) fn websocket_key(random: &mut Random) -> Result<String, String> {
    Ok(base64(&random.take::<16>()?))
}

/// The Sec-WebSocket-Accept that answers `key` (RFC 6455 section 4.2.2).
pub(crate) fn websocket_accept(key: &str) -> String {
    const GUID: &str = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    let hash = sha1(format!("{key}{GUID}").as_bytes());
    base64(&hash)
}

#[cfg(test)]
mod tests {
    use super::{POOL, Random, websocket_accept, websocket_key};

    #[test]
    fn the_accept_of_the_rfcs_own_key() {
        let accept = websocket_accept("dGhlIHNhbXBsZSBub25jZQ==");
        assert_eq!(accept, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    }

    #[test]
    fn nothing_is_given_twice() {
        let mut random = Random::new();
        let mut seen = std::collections::HashSet::new();
        for _ in 0..2 * POOL {
            assert!(seen.insert(random.take::<16>().expect("random bytes")));
        }
        random.forget();
        assert!(seen.insert(random.take::<16>().expect("random bytes")));
        assert_eq!(websocket_key(&mut random).expect("a key").len(), 24);
    }
}
