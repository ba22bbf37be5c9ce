//! The only place that holds bytes of a connection: what arrived and was not eaten, what is to leave and has not.

/// Writable bytes in front of every payload that a program is handed: LWS_PRE.
pub(crate) const HEADROOM: usize = 16;
/// One TLS record's plaintext.
const RX_SIZE: usize = 16 * 1024;

/// Received bytes, in a buffer that grows only while a response head needs it.
#[derive(Default)]
pub(crate) struct Rx {
    bytes: Vec<u8>,
    start: usize,
    end: usize,
}

impl Rx {
    /// A buffer with its usual space; `bytes` is reused.
    pub(crate) fn ready(mut self) -> Self {
        if self.bytes.len() < HEADROOM + RX_SIZE {
            self.bytes.resize(HEADROOM + RX_SIZE, 0);
        }
        self.start = HEADROOM;
        self.end = HEADROOM;
        self
    }

    pub(crate) fn is_allocated(&self) -> bool {
        !self.bytes.is_empty()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.start == self.end
    }

    pub(crate) fn pending(&self) -> &[u8] {
        self.bytes.get(self.start..self.end).unwrap_or_default()
    }

    pub(crate) fn pending_mut(&mut self) -> &mut [u8] {
        self.bytes.get_mut(self.start..self.end).unwrap_or_default()
    }

    pub(crate) fn space(&mut self) -> &mut [u8] {
        self.bytes.get_mut(self.end..).unwrap_or_default()
    }

    pub(crate) fn filled(&mut self, n: usize) {
        self.end = (self.end + n).min(self.bytes.len());
    }

    pub(crate) fn consume(&mut self, n: usize) {
        self.start = (self.start + n).min(self.end);
        if self.start == self.end {
            self.start = HEADROOM.min(self.bytes.len());
            self.end = self.start;
        }
    }

    /// More space for a head that does not fit. `false` when memory is short.
    pub(crate) fn grow(&mut self) -> bool {
        let len = self.bytes.len();
        if self.bytes.try_reserve(len).is_err() {
            return false;
        }
        self.bytes.resize(len * 2, 0);
        true
    }

    /// Worth keeping for another connection.
    pub(crate) fn is_usual(&self) -> bool {
        self.bytes.len() == HEADROOM + RX_SIZE
    }
}

/// Bytes to send. The head of the request that is under way stays in front, sent or not, until its response begins: it
/// is what a re-send needs.
#[derive(Default)]
pub(crate) struct Tx {
    bytes: Vec<u8>,
    sent: usize,
    head: usize,
}

impl Tx {
    /// Room to write the next request's head into.
    pub(crate) fn head_mut(&mut self) -> &mut Vec<u8> {
        self.bytes.clear();
        self.sent = 0;
        self.head = 0;
        &mut self.bytes
    }

    /// What `head_mut` gave is filled.
    pub(crate) fn head_is_made(&mut self) {
        self.head = self.bytes.len();
    }

    pub(crate) fn pending(&self) -> &[u8] {
        self.bytes.get(self.sent..).unwrap_or_default()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.sent >= self.bytes.len()
    }

    /// There is a head, and no byte of it has left.
    pub(crate) fn head_is_untouched(&self) -> bool {
        self.head > 0 && self.sent == 0
    }

    pub(crate) fn advance(&mut self, n: usize) {
        self.sent = (self.sent + n).min(self.bytes.len());
    }

    /// Appends payload; `false` when memory is short.
    pub(crate) fn push(&mut self, payload: &[u8]) -> bool {
        if self.is_empty() {
            // A body byte is taken: what was sent is not sent again, so the head is needed no more.
            self.bytes.clear();
            self.sent = 0;
            self.head = 0;
        }
        if self.bytes.try_reserve(payload.len()).is_err() {
            return false;
        }
        self.bytes.extend_from_slice(payload);
        true
    }

    /// The response began: the head is needed no more.
    pub(crate) fn forget_head(&mut self) {
        self.head = 0;
        if self.is_empty() {
            self.bytes.clear();
            self.sent = 0;
        }
    }

    /// What is to be sent again elsewhere: the head, and what was put behind it while none of it had left.
    pub(crate) fn take_head(&mut self) -> Vec<u8> {
        let untouched = self.head_is_untouched();
        let mut bytes = std::mem::take(&mut self.bytes);
        if !untouched {
            bytes.truncate(self.head);
        }
        self.sent = 0;
        self.head = 0;
        bytes
    }

    /// Takes a head that was made before.
    pub(crate) fn put_head(&mut self, head: Vec<u8>) {
        self.head = head.len();
        self.sent = 0;
        self.bytes = head;
    }
}

#[cfg(test)]
mod tests {
    use super::{Rx, Tx};

    #[test]
    fn a_payload_has_headroom_in_front_even_at_the_start_of_the_buffer() {
        let mut rx = Rx::default().ready();
        rx.space()[..3].copy_from_slice(b"abc");
        rx.filled(3);
        assert_eq!(rx.pending(), b"abc");
        assert_eq!(rx.start, super::HEADROOM);
        rx.consume(3);
        assert!(rx.is_empty());
        assert_eq!(rx.start, super::HEADROOM);
    }

    #[test]
    fn the_head_can_be_taken_back_until_the_response_begins() {
        let mut tx = Tx::default();
        tx.head_mut().extend_from_slice(b"HEAD");
        tx.head_is_made();
        tx.advance(4);
        assert!(tx.is_empty() && !tx.head_is_untouched());
        assert_eq!(tx.take_head(), b"HEAD");
    }

    #[test]
    fn body_bytes_take_the_place_of_a_head_that_has_left() {
        let mut tx = Tx::default();
        tx.head_mut().extend_from_slice(b"HEAD");
        tx.head_is_made();
        tx.advance(4);
        assert!(tx.push(b"body"));
        assert_eq!(tx.pending(), b"body");
        assert_eq!(tx.take_head(), b"");
    }
}
