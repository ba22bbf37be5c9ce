//! The only place that says what has to hold for an h2 connection at every moment, whatever a peer sends.

mod frames;
mod judge;
mod ledger;
mod talk;

use super::heads::MAX_BLOCK;
use super::stream::{StreamKey, Theirs, Turn};
use super::{DEFAULT_WINDOW, H2};
use crate::proto::headers::Headers;

pub(crate) use super::hpack::fuzz::{decode as hpack_decode, round as hpack_round};
pub(crate) use frames::frames;
pub(crate) use talk::talk;

impl H2 {
    /// Panics when its own figures do not agree.
    fn check_books(&mut self) {
        self.decoder.check_books();
        self.encoder.check_books();
        self.check_streams();
        self.check_windows();
        assert!(self.block.bytes.len() <= MAX_BLOCK);
        let most = self.config.max_streams.min(self.peer.max_streams as usize);
        assert!(self.room() <= most);
        assert!(self.room() == 0 || self.streams.open() + self.room() <= most);
        assert!(self.room() == 0 || !self.is_retired());
    }

    fn check_streams(&mut self) {
        let count = self.streams.iter_mut().count();
        let open = self.streams.iter_mut().filter(|(_, s)| s.is_open()).count();
        assert_eq!(self.streams.keys().count(), count);
        assert_eq!((self.streams.len(), self.streams.open()), (count, open));
        let keys: Vec<StreamKey> = self.streams.keys().collect();
        for key in keys {
            assert_eq!(self.streams.by_id(key.id()), Some(key));
            assert!(self.streams.get(key).is_some_and(|s| s.id == key.id()));
            assert!(key.id() < self.next_id);
            let stream = self.streams.get(key).expect("found");
            match stream.turn {
                Turn::NotWanted => {}
                Turn::InLine => assert!(self.line.contains(&key)),
                Turn::Blocked => assert!(stream.send.left() <= 0, "it waits for nothing"),
            }
        }
    }

    /// No byte of window is lost, and none is given twice.
    fn check_windows(&mut self) {
        let under_way = self.run.map_or(0, |run| run.payload());
        let held: u64 = self
            .streams
            .iter_mut()
            .map(|(_, s)| u64::from(s.held))
            .sum();
        let all = u64::from(self.config.connection_window.max(DEFAULT_WINDOW));
        let known = u64::from(self.receive.credit()) + held + under_way as u64;
        assert_eq!(known, all, "window of the connection");
    }

    /// What a stream's peer has, gets back, or sent to a program that has not consumed it. None when nothing more comes.
    fn stream_credit(&self, key: StreamKey) -> Option<u64> {
        let stream = self.streams.get(key)?;
        let run = self.run.filter(|run| run.stream() == Some(key));
        let under_way = run.map_or(0, |run| run.payload() as u64);
        let credit = u64::from(stream.receive.credit()) + u64::from(stream.held) + under_way;
        (stream.theirs != Theirs::Ended && !stream.shape.manual_window).then_some(credit)
    }
}

/// A response's fields are no more than what was announced, and neither is the memory for them.
fn check_headers(headers: &Headers, max_list: u32) {
    let cost = |(n, v): (&[u8], &[u8])| n.len() + v.len() + 32;
    let size: usize = headers.iter().map(cost).sum();
    assert!(size <= max_list as usize, "{size}");
    assert!(headers.iter().count() <= 128);
    assert!(headers.footprint() <= 2 * (max_list as usize).max(1024) + 256 * 16);
}
