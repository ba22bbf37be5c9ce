//! The only place that holds the state of an open WebSocket: it eats the client's bytes, runs the script and says what to do
//! next. It knows no socket and no stream.

use super::deflate::{Deflate, Params};
use super::frame::{self, BINARY, CLOSE, FIN, Fault, Frame, PONG, RSV1, Reader};
use super::judge::{Close, Event, Judge, Message};
use super::script::{Ask, Script, Step, Writes};
use crate::tally::Tally;
use std::collections::VecDeque;
use std::sync::Arc;

/// With more than this to be written nothing is read.
const CROWDED: usize = 4 << 20;

/// What whoever carries the bytes has to do.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Act {
    /// In a write of its own.
    Write(Vec<u8>),
    /// Ends our side; with close_notify on TLS, or not.
    Fin(bool),
    /// The code is that of RST_STREAM.
    Reset(u32),
    /// Our side ends, and after it the connection.
    End,
    /// Nothing before the client says something, or this gate opens.
    Idle(Option<String>),
}

enum Then {
    Go,
    Wait(Option<String>),
}

pub(crate) struct Session {
    tally: Arc<Tally>,
    /// How its lines in the logs begin.
    tag: String,
    reader: Reader,
    judge: Judge,
    deflate: Option<Deflate>,
    /// Messages go out compressed.
    zip: bool,
    echo: bool,
    pongs: bool,
    script: Script,
    writes: Writes,
    glued: Vec<u8>,
    out: VecDeque<Act>,
    /// Bytes in `out`.
    queued: usize,
    /// Frames that came.
    frames: usize,
    /// The client's Close, once it came, and the code that answers it.
    theirs: Option<Option<u16>>,
    our_close: bool,
    /// It counts as closed.
    counted: bool,
    /// Our side has ended.
    mute: bool,
    /// The client did what it must not, or ended its side: nothing is read any more.
    over: bool,
    ended: bool,
}

impl Session {
    /// `conn` says where: the connection, and on h2 the stream.
    pub(super) fn new(tally: &Arc<Tally>, conn: &str, ask: Ask, agreed: Option<Params>) -> Self {
        let number = tally.note(|c| c.ws.open());
        Self {
            tally: Arc::clone(tally),
            tag: format!("ws={number} {conn}"),
            reader: Reader::new(if agreed.is_some() { 4 } else { 0 }),
            judge: Judge::default(),
            zip: agreed.is_some(),
            deflate: agreed.map(Deflate::new),
            echo: ask.echo,
            pongs: !ask.options.no_pong,
            script: ask.script,
            writes: Writes::Whole,
            glued: Vec::new(),
            out: VecDeque::new(),
            queued: 0,
            frames: 0,
            theirs: None,
            our_close: false,
            counted: false,
            mute: false,
            over: false,
            ended: false,
        }
    }

    /// The handshake's bytes come first, in this kind of writes.
    pub(super) fn begin(&mut self, head: Vec<u8>, writes: Writes) {
        self.writes = writes;
        self.write(head);
        if let Writes::Cut(_) = writes {
            self.writes = Writes::Whole;
        }
    }

    pub(crate) fn receive(&mut self, mut rx: &[u8]) {
        while !rx.is_empty() && !self.over {
            if self.theirs.is_some() {
                return self.blame(Fault::protocol("bytes after Close"));
            }
            let frame = match self.reader.eat(&mut rx) {
                Ok(Some(frame)) => frame,
                Ok(None) => continue,
                Err(fault) => return self.blame(fault),
            };
            if let Err(fault) = self.on_frame(frame) {
                self.blame(fault);
            }
        }
    }

    /// The client ended its side, or the connection.
    pub(crate) fn on_end(&mut self) {
        self.over = true;
        self.count_closed();
        self.finish();
    }

    /// True while nothing should be read.
    pub(crate) fn is_deaf(&self) -> bool {
        let front = self.script.front();
        self.queued > CROWDED || matches!(front, Some((Step::Deaf(_), _)))
    }

    pub(crate) fn next(&mut self) -> Act {
        loop {
            if let Some(act) = self.out.pop_front() {
                if let Act::Write(bytes) = &act {
                    self.queued -= bytes.len();
                }
                return act;
            }
            match self.step() {
                Then::Go => {}
                Then::Wait(gate) if self.glued.is_empty() => return Act::Idle(gate),
                Then::Wait(_) => self.unglue(),
            }
        }
    }

    fn on_frame(&mut self, frame: Frame) -> Result<(), Fault> {
        let told = match frame.op {
            BINARY | CLOSE => false,
            frame::CONTINUATION => self.judge.in_text(),
            _ => frame.rsv == 0,
        };
        self.frames += 1;
        let tag = &self.tag;
        self.tally.note(|c| c.ws.frame(tag, &frame, told));
        match self.judge.on_frame(&frame)? {
            Event::Ping if self.pongs && !self.our_close => {
                self.put(FIN | PONG, &frame.payload);
            }
            Event::Ping | Event::Pong => {}
            Event::Close(close) => self.on_close(&close),
            Event::Part { zipped: true } => {}
            Event::Part { zipped: false } => self.echo_frame(&frame),
            Event::Message(message) if message.zipped => self.on_zipped(message)?,
            Event::Message(message) => {
                self.on_message(&message)?;
                self.echo_frame(&frame);
            }
        }
        Ok(())
    }

    fn on_message(&mut self, message: &Message) -> Result<(), Fault> {
        let tag = &self.tag;
        self.tally.note(|c| c.ws.message(tag, message));
        message.check()
    }

    fn on_zipped(&mut self, mut message: Message) -> Result<(), Fault> {
        if let Some(deflate) = &mut self.deflate {
            message.payload = deflate.unpack(&message.payload)?;
        }
        self.on_message(&message)?;
        if self.echo && !self.our_close {
            let zip = std::mem::replace(&mut self.zip, true);
            self.put_message(message.op, &message.payload, message.frames);
            self.zip = zip;
        }
        Ok(())
    }

    fn echo_frame(&mut self, frame: &Frame) {
        if self.echo && !self.our_close {
            let fin = if frame.fin { FIN } else { 0 };
            self.put(fin | frame.op, &frame.payload);
        }
    }

    /// It is answered when the script is over. One that does not wait for it is over now.
    fn on_close(&mut self, close: &Close) {
        self.theirs = Some(close.code);
        self.tally.note(|c| c.ws.close(close));
        self.count_closed();
        let waits = |(step, _): &(Step, _)| matches!(step, Step::AwaitClose | Step::Hold);
        if !self.script.iter().any(waits) {
            self.script.clear();
        }
    }

    fn blame(&mut self, fault: Fault) {
        let text = format!("{}: {}", self.tag, fault.text);
        self.tally.note(|c| c.h2.violation(text));
        self.over = true;
        self.close(&fault.code.to_be_bytes());
        self.finish();
    }

    fn step(&mut self) -> Then {
        let Some((step, left)) = self.script.front_mut() else {
            return self.after_script();
        };
        let ready = match step {
            Step::Wait(gate) | Step::Deaf(gate) => {
                if !self.tally.gate_is_open(gate) {
                    return Then::Wait(Some(gate.clone()));
                }
                true
            }
            Step::Recv(n) => self.frames >= *n,
            Step::AwaitClose => self.theirs.is_some(),
            Step::Hold => false,
            _ => true,
        };
        if !ready {
            return Then::Wait(None);
        }
        if *left > 1 {
            *left -= 1;
            let step = step.clone();
            self.take_step(step);
        } else if let Some((step, 1)) = self.script.pop_front() {
            self.take_step(step);
        }
        Then::Go
    }

    fn take_step(&mut self, step: Step) {
        match step {
            Step::Message {
                op,
                payload,
                frames,
            } => self.put_message(op, &payload, frames),
            Step::Frame(first, payload) => {
                self.our_close |= first & 0xf == CLOSE;
                self.put(first, &payload);
            }
            Step::Raw(bytes) => self.write(bytes),
            Step::Bomb(mib) => {
                let packed = self.deflate().bomb(mib);
                self.put(FIN | RSV1 | BINARY, &packed);
            }
            Step::Zip(on) => self.zip = on,
            Step::Writes(writes) => {
                self.unglue();
                self.writes = writes;
            }
            Step::Fin(polite) => {
                self.act(Act::Fin(polite));
                self.mute = true;
            }
            Step::Reset(code) => {
                self.act(Act::Reset(code));
                self.ended = true;
            }
            Step::Wait(_) | Step::Deaf(_) | Step::Recv(_) | Step::AwaitClose | Step::Hold => {}
        }
    }

    /// When both sides said Close the connection is over, and it is the server that ends it (RFC 6455 §7.1.1).
    fn after_script(&mut self) -> Then {
        if let (Some(code), false) = (self.theirs, self.ended) {
            let payload = code.map(u16::to_be_bytes);
            self.close(payload.as_ref().map_or(&[], |p| p));
            self.finish();
            return Then::Go;
        }
        Then::Wait(None)
    }

    /// Also when it was not agreed.
    fn deflate(&mut self) -> &mut Deflate {
        self.deflate
            .get_or_insert_with(|| Deflate::new(Params::default()))
    }

    fn put_message(&mut self, op: u8, payload: &[u8], frames: usize) {
        let packed = self.zip.then(|| self.deflate().pack(payload));
        let op = if packed.is_some() { RSV1 | op } else { op };
        let payload = packed.as_deref().unwrap_or(payload);
        let size = payload.len().div_ceil(frames);
        let mut out = Vec::new();
        for i in 0..frames {
            let from = payload.len().min(i * size);
            let to = payload.len().min(from + size);
            let op = if i == 0 { op } else { frame::CONTINUATION };
            let fin = if i + 1 == frames { FIN } else { 0 };
            frame::put(&mut out, fin | op, payload.get(from..to).unwrap_or(&[]));
        }
        self.write(out);
    }

    fn put(&mut self, first: u8, payload: &[u8]) {
        let mut out = Vec::new();
        frame::put(&mut out, first, payload);
        self.write(out);
    }

    /// Unless it was said already.
    fn close(&mut self, payload: &[u8]) {
        if !std::mem::replace(&mut self.our_close, true) {
            self.put(FIN | CLOSE, payload);
        }
    }

    /// Nothing more is done.
    fn finish(&mut self) {
        self.script.clear();
        if !std::mem::replace(&mut self.ended, true) {
            self.act(Act::End);
        }
    }

    fn write(&mut self, bytes: Vec<u8>) {
        if self.mute || self.ended || bytes.is_empty() {
            return;
        }
        match self.writes {
            Writes::Glued { .. } => {
                self.glued.extend(bytes);
                if self.glued.len() > CROWDED {
                    self.unglue();
                }
            }
            Writes::Whole => self.push(bytes),
            Writes::Cut(size) => bytes.chunks(size).for_each(|b| self.push(b.to_vec())),
        }
    }

    fn push(&mut self, bytes: Vec<u8>) {
        self.queued += bytes.len();
        self.out.push_back(Act::Write(bytes));
    }

    fn unglue(&mut self) {
        let bytes = std::mem::take(&mut self.glued);
        if !bytes.is_empty() {
            self.push(bytes);
        }
        if self.writes == (Writes::Glued { once: true }) {
            self.writes = Writes::Whole;
        }
    }

    fn act(&mut self, act: Act) {
        self.unglue();
        self.out.push_back(act);
    }

    fn count_closed(&mut self) {
        if !std::mem::replace(&mut self.counted, true) {
            self.tally.note(|c| c.ws.closed += 1);
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.count_closed();
        self.tally.note(|c| c.ws.end());
    }
}
