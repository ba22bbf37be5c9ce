//! The only place that says what a wsi for datagrams is: who sent the last one, and what waits to be sent.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU32, Ordering};

use super::step::Datagram;
use crate::net::sa46;

/// What a wsi for datagrams has beyond others.
#[derive(Default)]
pub(crate) struct Udp {
    pub(crate) face: Face,
    /// Writes need nobody named.
    pub(crate) connected: bool,
    /// A datagram lies in the connection's buffer, an empty one perhaps, and this sent it.
    pub(crate) arrived: Option<Option<SocketAddr>>,
    pub(crate) waiting: VecDeque<Datagram>,
}

/// `struct lws_udp` as C sees it: `sa46`, `sa46_pending`, `connected`. Atomics, as the program may write what it likes to `sa46`,
/// which is where its writes go.
#[derive(Default)]
pub(crate) struct Face {
    words: [AtomicU32; WORDS],
}

pub(crate) const WORDS: usize = 15;
const CONNECTED: usize = 14;

impl Face {
    pub(crate) fn set_connected(&self, peer: Option<SocketAddr>) {
        if peer.is_some() {
            self.set_sender(peer);
        }
        if let Some(word) = self.words.get(CONNECTED) {
            let first_byte = u8::from(peer.is_some());
            word.store(u32::from_ne_bytes([first_byte, 0, 0, 0]), Ordering::Relaxed);
        }
    }

    /// Nobody: the sender has no address of the internet's.
    pub(crate) fn set_sender(&self, from: Option<SocketAddr>) {
        let sa46 = from.map_or([0; 7], |from| sa46::words(&from));
        for (word, value) in self.words.iter().zip(sa46) {
            word.store(value, Ordering::Relaxed);
        }
    }

    /// Where the program's next write goes.
    pub(crate) fn target(&self) -> Option<SocketAddr> {
        let mut sa46 = [0; 7];
        for (value, word) in sa46.iter_mut().zip(&self.words) {
            *value = word.load(Ordering::Relaxed);
        }
        sa46::addr(&sa46)
    }

    /// Its address for C, the same for as long as the wsi is there.
    pub(crate) fn address(&self) -> usize {
        self.words.as_ptr().expose_provenance()
    }
}
