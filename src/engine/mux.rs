//! The only place that says what an h2 connection carries: who rides which stream, and what is put aside for whom.

use std::collections::VecDeque;
use std::ops::Range;

use super::buffer::{Rx, Tx};
use super::table::Key;
use super::timer::Micros;
use super::wsi::{Response, Wsi};
use crate::proto::h2::{Config, ErrorCode, H2, StreamKey};

/// A request on its stream.
pub(crate) struct Rider {
    pub(crate) wsi: Key<Wsi>,
    pub(crate) stream: StreamKey,
    /// How many bytes the connection sends before its head.
    pub(crate) first: u64,
    /// And how many when all of it has left that was made so far.
    pub(crate) until: u64,
    /// The connection had answered somebody before: it may have been closed as this one's head went out.
    pub(crate) reused: bool,
    /// Payload that came while the program could not be handed it.
    pub(crate) backlog: Rx,
    /// Body bytes for which there was no window.
    pub(crate) unsent: Tx,
    /// The whole response has arrived.
    pub(crate) ended: bool,
    /// The body ends with what is unsent.
    pub(crate) closing: bool,
    /// It was told that it may write, and has not.
    pub(crate) turn: bool,
    /// `lws_wsi_tx_credit` and its like are the program's business.
    pub(crate) manual: bool,
    /// What the peer has widened its window by since the program was told.
    pub(crate) credit: u32,
}

/// Payload in the connection's buffer, at its front, that is next to be handed to somebody.
#[derive(Clone, Copy)]
pub(crate) struct Piece {
    pub(crate) stream: StreamKey,
    pub(crate) len: usize,
    pub(crate) end: bool,
}

/// So many responses after a refused stream more are asked for at once.
const CALM: u64 = 16;

/// What an h2 connection carries.
pub(crate) struct Mux {
    pub(crate) h2: H2,
    /// By the stream's slot.
    riders: Vec<Option<Rider>>,
    riding: usize,
    /// Those whose heads are being made, in the order in which they came.
    pub(crate) opening: VecDeque<Key<Wsi>>,
    pub(crate) piece: Option<Piece>,
    /// The connection's buffer is out with somebody's payload.
    pub(crate) lent: bool,
    /// The buffer may have whole frames in it.
    pub(crate) fed: bool,
    /// For the next response's head.
    pub(crate) response: Option<Box<Response>>,
    /// Those that the peer did not process, in order, until they are placed again.
    pub(crate) moving: Vec<Key<Wsi>>,
    /// Streams whose request body ends as soon as the program is out of its callback.
    pub(crate) ending: Vec<StreamKey>,
    /// Riders that were told they may write, and have not.
    pub(crate) turns: usize,
    /// Those of them who are about to be told.
    pub(crate) offered: Vec<Key<Wsi>>,
    /// Bytes that the socket took, and those that are out on a write.
    sent: u64,
    away: usize,
    /// Where the first request of all stands.
    first_head: Option<u64>,
    /// Streams at once that the peer really takes, and `answered` when it was last found.
    cap: usize,
    cap_since: u64,
    /// Requests on this connection, as experience says.
    pub(crate) lasts: u32,
    /// Responses that began.
    answered: u64,
    /// When bytes came last.
    pub(crate) heard: Micros,
    pub(crate) refilled: Micros,
    /// Why the peer wants no more requests.
    pub(crate) goaway: Option<ErrorCode>,
    /// The socket is of no use any more: those who are left are told of responses that came whole before.
    pub(crate) dead: bool,
}

impl Mux {
    pub(crate) fn new(config: &Config, now: Micros, lasts: u32, tx: &mut Tx) -> Self {
        let h2 = H2::new(config);
        h2.start(tx.frames());
        Self {
            h2,
            riders: Vec::new(),
            riding: 0,
            opening: VecDeque::new(),
            piece: None,
            lent: false,
            fed: false,
            response: None,
            moving: Vec::new(),
            ending: Vec::new(),
            turns: 0,
            offered: Vec::new(),
            sent: 0,
            away: 0,
            first_head: None,
            cap: usize::MAX,
            cap_since: 0,
            lasts,
            answered: 0,
            heard: now,
            refilled: now,
            goaway: None,
            dead: false,
        }
    }

    /// How many more may ride now.
    pub(crate) fn room(&self) -> usize {
        let asked = self.h2.asked() as usize + self.opening.len();
        let by_limits = self.h2.room().saturating_sub(self.opening.len());
        let by_cap = self.cap.saturating_sub(self.h2.open() + self.opening.len());
        let by_age = (self.lasts as usize).saturating_sub(asked);
        by_limits.min(by_cap).min(by_age)
    }

    /// The peer refused a stream while so many others were open.
    pub(crate) fn is_refused(&mut self) {
        self.cap = self.cap.min(self.h2.open().max(1));
        self.cap_since = self.answered;
    }

    /// A response began. After many the peer may take more at once than it did.
    pub(crate) fn answers(&mut self) {
        self.answered += 1;
        if self.answered - self.cap_since >= CALM.max(self.cap as u64) {
            self.cap = self.cap.saturating_mul(2);
            self.cap_since = self.answered;
        }
    }

    /// The peer allows more than experience does.
    pub(crate) fn holds_back(&self) -> bool {
        self.room() == 0 && self.h2.room() > self.opening.len()
    }

    /// Experience may be out of date: a little more than it says.
    pub(crate) fn try_more(&mut self) {
        self.cap = self.cap.saturating_add(1);
        self.lasts = self.lasts.saturating_mul(2);
    }

    pub(crate) fn is_ridden(&self) -> bool {
        self.riding > 0 || !self.opening.is_empty()
    }

    /// Nobody rides, and nobody ever will; who is on the move has left it.
    pub(crate) fn is_over(&self) -> bool {
        self.is_empty() && self.h2.is_retired()
    }

    /// Nobody rides, and nobody is on the move.
    pub(crate) fn is_empty(&self) -> bool {
        !self.is_ridden() && self.moving.is_empty()
    }

    pub(crate) fn rider(&self, stream: StreamKey) -> Option<&Rider> {
        let rider = self.riders.get(stream.slot())?.as_ref()?;
        (rider.stream == stream).then_some(rider)
    }

    pub(crate) fn rider_mut(&mut self, stream: StreamKey) -> Option<&mut Rider> {
        let rider = self.riders.get_mut(stream.slot())?.as_mut()?;
        (rider.stream == stream).then_some(rider)
    }

    /// `head`: what `place_of_next` said before the head was made, and afterwards.
    pub(crate) fn seat(
        &mut self,
        wsi: Key<Wsi>,
        stream: StreamKey,
        head: Range<u64>,
        manual: bool,
    ) {
        self.first_head.get_or_insert(head.start);
        let slot = stream.slot();
        if self.riders.len() <= slot {
            self.riders.resize_with(slot + 1, || None);
        }
        let reused = self.answered > 0;
        if let Some(place) = self.riders.get_mut(slot) {
            *place = Some(Rider {
                wsi,
                stream,
                first: head.start,
                until: head.end,
                reused,
                backlog: Rx::default(),
                unsent: Tx::default(),
                ended: false,
                closing: false,
                turn: false,
                manual,
                credit: 0,
            });
            self.riding += 1;
        }
    }

    /// A body that was taken from the program before its stream was there. `closing`: that is all of it.
    pub(crate) fn carry(&mut self, stream: StreamKey, body: &[u8], closing: bool) {
        if let Some(rider) = self.rider_mut(stream) {
            rider.unsent.push(body);
            rider.closing = closing;
        }
        if !body.is_empty() {
            self.h2.mark_writable(stream);
        }
    }

    /// Takes a rider off its stream, which the caller lets go.
    pub(crate) fn unseat(&mut self, stream: StreamKey) -> Option<Rider> {
        self.rider(stream)?;
        let rider = self.riders.get_mut(stream.slot())?.take()?;
        self.riding -= 1;
        self.turns -= usize::from(rider.turn);
        Some(rider)
    }

    /// Takes one out of those whose heads are being made: nearly always the first.
    pub(crate) fn stop_opening(&mut self, key: Key<Wsi>) {
        if self.opening.front() == Some(&key) {
            self.opening.pop_front();
        } else if let Some(at) = self.opening.iter().position(|other| *other == key) {
            self.opening.remove(at);
        }
    }

    /// Everybody who rides, in the order in which they came, behind those who have no place until they are placed again.
    pub(crate) fn everybody(&self) -> Vec<Key<Wsi>> {
        let mut riders: Vec<_> = self.riders.iter().flatten().collect();
        riders.sort_unstable_by_key(|rider| rider.stream.id());
        let keys = riders.into_iter().map(|rider| rider.wsi);
        let moving = self.moving.iter().copied();
        moving
            .chain(keys)
            .chain(self.opening.iter().copied())
            .collect()
    }

    /// How many bytes the connection will have sent when those in `tx` have left.
    pub(crate) fn place_of_next(&self, tx: &Tx) -> u64 {
        self.sent + (self.away + tx.pending().len()) as u64
    }

    /// A byte of what stands at `first` has left.
    pub(crate) fn has_left(&self, first: u64) -> bool {
        self.sent > first
    }

    /// A byte of a request has left.
    pub(crate) fn has_carried(&self) -> bool {
        self.first_head.is_some_and(|first| self.has_left(first))
    }

    /// `n` bytes are out on a write.
    pub(crate) fn goes_out(&mut self, n: usize) {
        self.away = n;
    }

    /// The socket took `n` of them.
    pub(crate) fn went_out(&mut self, n: usize) {
        self.away = 0;
        self.sent += n as u64;
    }

    /// Something of a rider was put into `tx`.
    pub(crate) fn has_grown(&mut self, stream: StreamKey, tx: &Tx) {
        let until = self.place_of_next(tx);
        if let Some(rider) = self.rider_mut(stream) {
            rider.until = until;
        }
    }

    /// Riders of whom something has not left, or left with the last `n` bytes.
    pub(crate) fn still_leaving(&self, n: usize) -> Vec<Key<Wsi>> {
        let before = self.sent - n as u64;
        let riders = self.riders.iter().flatten();
        let leaving = riders.filter(|rider| rider.until > before);
        leaving.map(|rider| rider.wsi).collect()
    }

    /// Where in the pending bytes of `tx` the head at `first` stands, when nothing of it has left.
    pub(crate) fn offset(&self, first: u64) -> Option<usize> {
        usize::try_from(first.checked_sub(self.sent)?).ok()
    }
}
