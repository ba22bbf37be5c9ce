//! The only place that keeps the streams of a connection, finds them by id and by key, and counts the open ones.

use hashbrown::HashTable;
use slab::Slab;

use super::flow::{ReceiveWindow, SendWindow};

/// Names one stream to the engine until it is let go. Ids are never used twice on a connection, so a key that
/// outlived its stream finds nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct StreamKey {
    slot: u32,
    id: u32,
}

/// One request and its response.
#[derive(Debug)]
pub(super) struct Stream {
    /// Finds it, and tells a slot's next stream from the one that a stale key means.
    pub(super) id: u32,
    pub(super) send: SendWindow,
    pub(super) receive: ReceiveWindow,
    /// Payload that the program was given and has not consumed: the connection's window waits for it.
    pub(super) held: u32,
    pub(super) theirs: Theirs,
    pub(super) ours_ended: bool,
    pub(super) turn: Turn,
    pub(super) shape: Shape,
}

/// How far the response is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Theirs {
    Head {
        interims: u8,
    },
    /// `left`: what content-length says that still comes.
    Body {
        left: Option<u64>,
    },
    Ended,
}

/// What the request was, as far as the response depends on it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Shape {
    /// HEAD: no content comes, whatever content-length says.
    pub(super) head_only: bool,
    /// CONNECT: after a 2xx head, bytes flow both ways.
    pub(super) connect: bool,
    /// The program gives window itself.
    pub(super) manual_window: bool,
}

/// Where a stream stands that wants to send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    NotWanted,
    InLine,
    /// Its window is used up: back in line when it opens.
    Blocked,
}

impl Stream {
    pub(super) fn is_open(&self) -> bool {
        !(self.ours_ended && self.theirs == Theirs::Ended)
    }
}

impl StreamKey {
    pub(crate) fn id(self) -> u32 {
        self.id
    }

    /// Its place among the streams that have a key: small, and used again when the stream was let go.
    pub(crate) fn slot(self) -> usize {
        self.slot as usize
    }
}

#[derive(Debug, Default)]
pub(super) struct Streams {
    slots: Slab<Stream>,
    by_id: HashTable<StreamKey>,
    /// RFC 9113 §5.1.2: those that count against the peer's limit.
    open: usize,
}

impl Streams {
    pub(super) fn insert(&mut self, stream: Stream) -> StreamKey {
        self.open += usize::from(stream.is_open());
        let id = stream.id;
        let slot = self.slots.insert(stream) as u32;
        let key = StreamKey { slot, id };
        self.by_id.insert_unique(hash(id), key, |key| hash(key.id));
        key
    }

    pub(super) fn remove(&mut self, key: StreamKey) -> Option<Stream> {
        let found = self.by_id.find_entry(hash(key.id), |k| *k == key).ok()?;
        found.remove();
        let stream = self.slots.try_remove(key.slot as usize)?;
        self.open -= usize::from(stream.is_open());
        Some(stream)
    }

    #[inline]
    pub(super) fn by_id(&self, id: u32) -> Option<StreamKey> {
        self.by_id.find(hash(id), |key| key.id == id).copied()
    }

    /// None when the stream was let go.
    #[inline]
    pub(super) fn get(&self, key: StreamKey) -> Option<&Stream> {
        let stream = self.slots.get(key.slot as usize)?;
        (stream.id == key.id).then_some(stream)
    }

    #[inline]
    pub(super) fn get_mut(&mut self, key: StreamKey) -> Option<&mut Stream> {
        let stream = self.slots.get_mut(key.slot as usize)?;
        (stream.id == key.id).then_some(stream)
    }

    /// Changes how far it is, and keeps the count of open ones.
    pub(super) fn advance(&mut self, key: StreamKey, change: impl FnOnce(&mut Stream)) {
        let Some(stream) = self.get_mut(key) else {
            return;
        };
        let before = stream.is_open();
        change(stream);
        let after = stream.is_open();
        debug_assert!(before || !after, "a closed stream does not open again");
        self.open -= usize::from(before && !after);
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = (StreamKey, &mut Stream)> {
        self.slots.iter_mut().map(|(slot, stream)| {
            let (slot, id) = (slot as u32, stream.id);
            (StreamKey { slot, id }, stream)
        })
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = StreamKey> {
        self.by_id.iter().copied()
    }

    pub(super) fn open(&self) -> usize {
        self.open
    }

    pub(super) fn len(&self) -> usize {
        self.slots.len()
    }
}

/// Ids are ours to choose, in order: spreading them over high bits (the table's tags) and low ones is all it takes.
#[inline]
fn hash(id: u32) -> u64 {
    let product = u64::from(id >> 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    product ^ (product >> 32)
}
