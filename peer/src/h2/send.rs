//! The only place that puts frames together: streams take turns, each as far as the windows and the gates let it.

use super::answer::{self, Ask};
use super::frame::{self, CANCEL, Kind, REFUSED_STREAM};
use super::hpack;
use super::link::Link;
use super::stream::{Data, Step, Tail};
use crate::answer::Next;

/// Enough for a write; more waits until this is out.
const ENOUGH: usize = 64 << 10;

/// What became of a step.
#[derive(PartialEq, Eq)]
enum Then {
    Go,
    Wait,
}

impl Link {
    /// Everything that can go out now, up to `ENOUGH`.
    pub(super) fn fill(&mut self) {
        if self.end.is_none() {
            self.give_back();
        }
        let later = std::mem::take(&mut self.turns.later);
        self.turns.ready.extend(later);
        while self.end.is_none() && self.tx.len() < ENOUGH {
            let Some(id) = self.turns.ready.pop_front() else {
                break;
            };
            self.turn(id);
        }
        // A script may have begun to listen.
        if self.end.is_none() {
            self.give_back();
        }
        if self.draining && self.streams.is_empty() {
            self.end.get_or_insert(Next::Close);
        }
    }

    /// The request is there, as far as its answer needs it.
    pub(super) fn answer(&mut self, id: u32) {
        let Some(stream) = self.streams.get_mut(&id) else {
            return;
        };
        let body = stream.rx.kept.take().unwrap_or_default();
        stream.script = answer::script(Ask {
            conn: self.id,
            nth: stream.nth,
            stream: id,
            method: &stream.method,
            target: &stream.target,
            host: &stream.host,
            head: &stream.head,
            body,
            tally: &self.tally,
        });
        self.enqueue(id);
    }

    pub(super) fn reset(&mut self, id: u32, code: u32) {
        frame::put_number(&mut self.tx, Kind::RstStream, id, code);
        let before = self.closed.get(&id).copied().unwrap_or(Tail::Any);
        let ended = self.streams.get(&id).map(|s| Tail::of(s.rx.ended));
        self.forget(id, ended.unwrap_or(before));
    }

    /// Streams above `last` are forgotten, and those that come are not looked at.
    pub(super) fn send_goaway(&mut self, last: u32, code: u32) {
        frame::put_goaway(&mut self.tx, last, code);
        self.tally.note(|c| c.h2.goaways += 1);
        self.last = self.last.min(last);
        let ids: Vec<u32> = self.streams.keys().copied().collect();
        for id in ids.into_iter().filter(|id| *id > last) {
            let ended = self.streams.get(&id).is_some_and(|s| s.rx.ended);
            self.forget(id, Tail::of(ended));
        }
    }

    pub(super) fn put_back(&mut self, id: u32, n: u32) {
        frame::put_number(&mut self.tx, Kind::WindowUpdate, id, n);
        match self.streams.get_mut(&id) {
            Some(stream) => stream.rx.window += i64::from(n),
            None => self.back.window += i64::from(n),
        }
    }

    /// What bodies took from the windows. A stream that was ended needs nothing more.
    fn give_back(&mut self) {
        if self.back.withheld {
            return;
        }
        for id in std::mem::take(&mut self.back.streams) {
            let stream = self.streams.get_mut(&id);
            if stream.as_ref().is_some_and(|s| s.is_deaf()) {
                self.back.streams.push(id);
                continue;
            }
            let rx = stream.map(|s| &mut s.rx);
            let owed = rx.filter(|rx| !rx.ended).map(|rx| &mut rx.owed);
            let owed = owed.map(std::mem::take);
            if let Some(n @ 1..) = owed {
                self.put_back(id, n);
            }
        }
        if let n @ 1.. = std::mem::take(&mut self.back.owed) {
            self.put_back(0, n);
        }
    }

    fn turn(&mut self, id: u32) {
        if let Some(stream) = self.streams.get_mut(&id) {
            stream.queued = false;
        }
        while let Some(stream) = self.streams.get_mut(&id)
            && self.end.is_none()
        {
            let Some(step) = stream.script.pop_front() else {
                if stream.ended && stream.rx.ended {
                    self.forget(id, Tail::Ended);
                } else if self.next_act(id) {
                    continue;
                }
                return;
            };
            if self.take_step(id, step) == Then::Wait {
                return;
            }
        }
    }

    fn take_step(&mut self, id: u32, step: Step) -> Then {
        match step {
            Step::Head { fields, end, more } => {
                self.note_first_byte(id);
                self.put_block(Kind::Headers, end, id, &[], &fields, more);
                self.ended(id, end);
            }
            Step::Data(data) => return self.send_data(id, data),
            Step::Bytes(bytes) => {
                self.note_first_byte(id);
                self.tx.extend_from_slice(&bytes);
                self.rude = true;
                self.ended(id, frame::ends_stream(&bytes, id));
            }
            Step::Gate(name) => return self.pass_gate(id, name),
            Step::Reset(code) => {
                if code == REFUSED_STREAM {
                    self.tally.note(|c| c.h2.refused += 1);
                }
                self.reset(id, code);
            }
            Step::Goaway { last, code } => self.send_goaway(last, code),
            Step::Leave(code) => {
                self.send_goaway(0, code);
                self.end = Some(Next::Close);
            }
            Step::Push(fields) => {
                self.promised += 2;
                let promised = self.promised.to_be_bytes();
                self.put_block(Kind::PushPromise, false, id, &promised, &fields, 0);
                // So that a client that takes pushes does not wait for this one.
                frame::put_number(&mut self.tx, Kind::RstStream, self.promised, CANCEL);
            }
            Step::End(next) => self.end = Some(next),
        }
        Then::Go
    }

    fn ended(&mut self, id: u32, end: bool) {
        if let Some(stream) = self.streams.get_mut(&id) {
            stream.ended |= end;
        }
    }

    fn put_block(
        &mut self,
        kind: Kind,
        end: bool,
        id: u32,
        before: &[u8],
        fields: &[(String, String)],
        more: usize,
    ) {
        let mut block = before.to_vec();
        if std::mem::take(&mut self.client.small_table) {
            block.push(0x20);
        }
        for (name, value) in fields {
            hpack::encode(&mut block, name, value);
        }
        let cut = (self.client.frame, more);
        frame::put_block(&mut self.tx, kind, end, id, &block, cut);
    }

    /// One frame, as large as it may be. The stream waits where it will be found when more can go.
    fn send_data(&mut self, id: u32, mut data: Data) -> Then {
        let Some(stream) = self.streams.get_mut(&id) else {
            return Then::Wait;
        };
        let overhead = data.overhead();
        let windows = stream.send_window.min(self.tx_window);
        let room = usize::try_from(windows).unwrap_or(0).min(self.client.frame);
        let size = room
            .saturating_sub(overhead)
            .min(data.most)
            .min(data.left());
        if (size == 0 && data.left() > 0) || (overhead > room) {
            if self.tx_window <= overhead as i64 {
                stream.queued = true;
                self.turns.starved.push_back(id);
            }
            stream.script.push_front(Step::Data(data));
            return Then::Wait;
        }
        let taken = (size + overhead) as i64;
        stream.send_window -= taken;
        self.tx_window -= taken;
        let end = data.end && size == data.left();
        let bytes = data.body.get(data.at..data.at + size).unwrap_or(&[]);
        frame::put_data(&mut self.tx, id, end, data.pad, bytes);
        data.at += size;
        if data.left() == 0 {
            stream.ended |= end;
            return Then::Go;
        }
        stream.queued = true;
        match data.slow {
            true => self.turns.later.push(id),
            false => self.turns.ready.push_back(id),
        }
        stream.script.push_front(Step::Data(data));
        Then::Wait
    }

    fn pass_gate(&mut self, id: u32, name: String) -> Then {
        if self.tally.gate_is_open(&name) {
            return Then::Go;
        }
        if let Some(stream) = self.streams.get_mut(&id) {
            stream.queued = true;
        }
        self.turns.gated.entry(name).or_default().push(id);
        Then::Wait
    }
}
