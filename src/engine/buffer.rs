//! The only place that holds bytes of a connection: what arrived and was not eaten, what is to leave and has not.

/// Writable bytes in front of every payload that a program is handed: LWS_PRE.
pub(crate) const HEADROOM: usize = 16;
/// One TLS record's plaintext.
const RX_SIZE: usize = 16 * 1024;
/// With what goes before and behind it.
const USUAL: usize = HEADROOM + RX_SIZE + 1;

/// Received bytes, in a buffer that grows only while a response head needs it.
#[derive(Default)]
pub(crate) struct Rx {
    bytes: Vec<u8>,
    start: usize,
    end: usize,
    /// Where a NUL stands in the place of a byte, and that byte.
    terminated: Option<(usize, u8)>,
    /// So many bytes behind what is pending are somebody else's.
    hidden: usize,
}

impl Rx {
    /// A buffer with its usual space; `bytes` is reused.
    pub(crate) fn ready(mut self) -> Self {
        if self.bytes.len() < USUAL {
            self.bytes.resize(USUAL, 0);
        }
        self.start = HEADROOM;
        self.end = HEADROOM;
        self.terminated = None;
        self.hidden = 0;
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
        // A NUL can stand behind all of it.
        let end = self.bytes.len().saturating_sub(1);
        self.bytes.get_mut(self.end..end).unwrap_or_default()
    }

    /// Puts a NUL behind the first `len` bytes, until `restore`.
    pub(crate) fn terminate(&mut self, len: usize) {
        let at = self.start + len;
        if let Some(byte) = self.bytes.get_mut(at) {
            self.terminated = Some((at, std::mem::take(byte)));
        }
    }

    /// Only the first `len` bytes are pending, until `show`. Nothing may be added meanwhile.
    pub(crate) fn hide_behind(&mut self, len: usize) {
        let end = self.end.min(self.start + len);
        self.hidden += self.end - end;
        self.end = end;
    }

    pub(crate) fn show(&mut self) {
        self.end += std::mem::take(&mut self.hidden);
        self.consume(0);
    }

    /// The first `len` bytes, and whatever was received behind them: of that the first byte, if a NUL stands there.
    pub(crate) fn lend(&mut self, len: usize) -> (&mut [u8], &[u8], Option<u8>) {
        let first = self.terminated.map(|(_, byte)| byte);
        let all = self.bytes.get_mut(self.start..self.end + self.hidden);
        let (payload, behind) = all.unwrap_or_default().split_at_mut(len);
        (payload, behind, first.filter(|_| !behind.is_empty()))
    }

    pub(crate) fn restore(&mut self) {
        if let Some((at, byte)) = self.terminated.take()
            && let Some(place) = self.bytes.get_mut(at)
        {
            *place = byte;
        }
    }

    pub(crate) fn filled(&mut self, n: usize) {
        self.end = (self.end + n).min(self.bytes.len());
    }

    pub(crate) fn consume(&mut self, n: usize) {
        self.start = (self.start + n).min(self.end);
        if self.start == self.end && self.hidden == 0 {
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

    /// Some space behind what is pending. `false` when memory is short.
    pub(crate) fn make_space(&mut self) -> bool {
        let pending = self.pending().len();
        if self.start > HEADROOM && pending < self.bytes.len() / 2 {
            return self.make_room(pending + 1);
        }
        self.grow()
    }

    /// What is pending goes to the front, so that there is space for at least `n` bytes of it in all. `false` when memory is
    /// short.
    pub(crate) fn make_room(&mut self, n: usize) -> bool {
        if self.start > HEADROOM {
            self.bytes.copy_within(self.start..self.end, HEADROOM);
            self.end -= self.start - HEADROOM;
            self.start = HEADROOM;
        }
        while self.bytes.len() <= HEADROOM + n {
            if !self.grow() {
                return false;
            }
        }
        true
    }

    /// Adds a copy. `false` when memory is short.
    pub(crate) fn append(&mut self, bytes: &[u8]) -> bool {
        if !self.is_allocated() {
            *self = std::mem::take(self).ready();
        }
        while self.space().len() < bytes.len() {
            if !self.grow() {
                return false;
            }
        }
        if let Some(space) = self.space().get_mut(..bytes.len()) {
            space.copy_from_slice(bytes);
        }
        self.filled(bytes.len());
        true
    }

    /// Has room for any datagram, and not much more.
    pub(crate) fn is_wide(&self) -> bool {
        !self.is_usual() && self.bytes.len() <= 4 * USUAL
    }

    /// What C can reach: the headroom, the first `len` bytes, and the one behind them.
    #[cfg(any(test, feature = "fuzzing"))]
    pub(crate) fn reach(&mut self, len: usize) -> Option<&mut [u8]> {
        let from = self.start.checked_sub(HEADROOM)?;
        self.bytes.get_mut(from..=self.start + len)
    }

    /// Worth keeping for another connection.
    pub(crate) fn is_usual(&self) -> bool {
        self.bytes.len() <= 2 * USUAL
    }
}

/// What a request needs to be sent again: the lines that its APPEND wrote, and what the program gave of its body.
#[derive(Default, Debug)]
pub(crate) struct Kept {
    pub(crate) lines: Vec<u8>,
    pub(crate) body: Vec<u8>,
}

/// Bytes to send. The head of the h1 request that is under way stays in front, sent or not, until its response begins: a
/// re-send needs what is in it.
#[derive(Default)]
pub(crate) struct Tx {
    bytes: Vec<u8>,
    sent: usize,
    head: usize,
    /// Where in the head the lines of the program stand.
    lines: std::ops::Range<usize>,
}

impl Tx {
    /// Room to write the next request's head into.
    pub(crate) fn head_mut(&mut self) -> &mut Vec<u8> {
        self.bytes.clear();
        self.sent = 0;
        self.head = 0;
        &mut self.bytes
    }

    /// What `head_mut` gave is filled; the program's lines are its last `lines` bytes, but for the blank line.
    pub(crate) fn head_is_made(&mut self, lines: usize) {
        self.head = self.bytes.len();
        let end = self.head.saturating_sub(2);
        self.lines = end.saturating_sub(lines)..end;
    }

    /// Room to append frames to.
    pub(crate) fn frames(&mut self) -> &mut Vec<u8> {
        self.forget_what_left();
        &mut self.bytes
    }

    /// A socket may never take all of it: what has left makes room when it is at least as much as has to be moved for that.
    fn forget_what_left(&mut self) {
        if self.is_empty() {
            self.bytes.clear();
            self.sent = 0;
        } else if self.head == 0 && self.sent >= self.bytes.len() - self.sent {
            self.bytes.drain(..self.sent);
            self.sent = 0;
        }
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

    /// What it takes of memory.
    #[cfg(test)]
    pub(crate) fn held(&self) -> usize {
        self.bytes.capacity()
    }

    pub(crate) fn advance(&mut self, n: usize) {
        self.sent = (self.sent + n).min(self.bytes.len());
    }

    /// Appends payload; `false` when memory is short.
    pub(crate) fn push(&mut self, payload: &[u8]) -> bool {
        if self.is_empty() {
            // A body byte is taken: what was sent is not sent again, so the head is needed no more.
            self.head = 0;
        }
        self.forget_what_left();
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

    /// What is to be sent again elsewhere: the program's lines, and its body as far as it was put behind a head of which
    /// nothing had left.
    pub(crate) fn take_kept(&mut self) -> Kept {
        let mut kept = Kept::default();
        if self.head > 0 {
            let lines = self.bytes.get(self.lines.clone());
            kept.lines.extend_from_slice(lines.unwrap_or_default());
        }
        if self.head_is_untouched() {
            let body = self.bytes.get(self.head..);
            kept.body.extend_from_slice(body.unwrap_or_default());
        }
        self.bytes.clear();
        self.sent = 0;
        self.head = 0;
        kept
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
        tx.head_mut().extend_from_slice(b"HEAD LINES\r\n");
        tx.head_is_made(5);
        assert!(tx.push(b"body"));
        tx.advance(4);
        assert!(!tx.is_empty() && !tx.head_is_untouched());
        let kept = tx.take_kept();
        assert_eq!((&kept.lines[..], &kept.body[..]), (&b"LINES"[..], &b""[..]));
    }

    #[test]
    fn a_body_behind_a_head_of_which_nothing_left_goes_with_it() {
        let mut tx = Tx::default();
        tx.head_mut().extend_from_slice(b"HEAD\r\n");
        tx.head_is_made(0);
        assert!(tx.push(b"body"));
        let kept = tx.take_kept();
        assert_eq!((&kept.lines[..], &kept.body[..]), (&b""[..], &b"body"[..]));
    }

    #[test]
    fn body_bytes_take_the_place_of_a_head_that_has_left() {
        let mut tx = Tx::default();
        tx.head_mut().extend_from_slice(b"HEAD");
        tx.head_is_made(0);
        tx.advance(4);
        assert!(tx.push(b"body"));
        assert_eq!(tx.pending(), b"body");
        assert_eq!(tx.take_kept().body, b"");
    }
}
