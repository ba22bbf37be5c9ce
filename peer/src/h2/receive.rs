//! The only place that judges the client's frames and does what they say.

use super::answer;
use super::fields::Fields;
use super::frame::{
    ACK, COMPRESSION_ERROR, END_HEADERS, END_STREAM, FLOW_CONTROL_ERROR, FRAME_SIZE_ERROR, Fault,
    Frame, Kind, MAX_WINDOW, NO_ERROR, PREFACE, PRIORITY, PROTOCOL_ERROR, REFUSED_STREAM,
    STREAM_CLOSED, put,
};
use super::link::{Awaits, Link, QUESTION};
use super::settings::{FRAME, PUSH, TABLE, WINDOW};
use super::stream::{Rx, Stream, Tail};
use crate::tally::{Entry, sum};
use std::collections::VecDeque;

impl Link {
    /// How many of these bytes were used; the others come again, with more.
    pub(super) fn receive(&mut self, rx: &[u8]) -> usize {
        let mut used = 0;
        while self.end.is_none() {
            let rest = rx.get(used..).unwrap_or(&[]);
            if matches!(self.awaits, Awaits::Preface) {
                match self.on_preface(rest) {
                    true => used += PREFACE.len(),
                    false => return used,
                }
                continue;
            }
            let result = match Frame::parse(rest, self.agreed.frame()) {
                Ok(None) => return used,
                Ok(Some(frame)) => {
                    used += frame.whole_len();
                    self.on_frame(&frame)
                }
                Err(fault) => Err(fault),
            };
            if let Err(fault) = result {
                self.blame(fault);
            }
        }
        rx.len()
    }

    fn on_preface(&mut self, rx: &[u8]) -> bool {
        let seen = rx.get(..PREFACE.len()).unwrap_or(rx);
        if !PREFACE.starts_with(seen) {
            let text = format!("no preface but {}", seen.escape_ascii());
            self.blame(Fault::Conn(PROTOCOL_ERROR, text));
        }
        let whole = seen == PREFACE;
        if whole {
            self.awaits = Awaits::Settings;
        }
        whole
    }

    fn on_frame(&mut self, frame: &Frame<'_>) -> Result<(), Fault> {
        match &self.awaits {
            Awaits::Settings if frame.kind != Kind::Settings || frame.has(ACK) => {
                return Err(frame.fault(PROTOCOL_ERROR, "SETTINGS must come first"));
            }
            Awaits::Rest { stream, .. }
                if frame.kind != Kind::Continuation || frame.stream != *stream =>
            {
                return Err(frame.fault(PROTOCOL_ERROR, "inside a header block"));
            }
            Awaits::Rest { .. } => return self.on_continuation(frame),
            _ => self.awaits = Awaits::Frame,
        }
        self.check_stream(frame)?;
        match frame.kind {
            Kind::Data => self.on_data(frame),
            Kind::Headers => self.on_headers(frame),
            Kind::Priority => on_priority(frame, frame.payload, 5),
            Kind::RstStream => self.on_reset(frame),
            Kind::Settings => self.on_settings(frame),
            Kind::Ping => self.on_ping(frame),
            Kind::Goaway => self.on_goaway(frame),
            Kind::WindowUpdate => self.on_window_update(frame),
            Kind::PushPromise | Kind::Continuation => {
                Err(frame.fault(PROTOCOL_ERROR, "not from a client, or not here"))
            }
            Kind::Unknown(_) => Ok(()),
        }
    }

    /// Does the frame fit the state of the stream that it names (RFC 9113 §5.1)?
    fn check_stream(&self, frame: &Frame<'_>) -> Result<(), Fault> {
        let (id, kind) = (frame.stream, frame.kind);
        let of_conn = matches!(kind, Kind::Settings | Kind::Ping | Kind::Goaway);
        if matches!(kind, Kind::Unknown(_)) || (kind == Kind::WindowUpdate && id == 0) {
            return Ok(());
        }
        if of_conn != (id == 0) {
            return Err(frame.fault(PROTOCOL_ERROR, "the wrong place for it"));
        }
        if of_conn || kind == Kind::Priority {
            return Ok(());
        }
        let carries = matches!(kind, Kind::Data | Kind::Headers);
        if let Some(stream) = self.streams.get(&id) {
            return match stream.rx.ended && carries {
                true => Err(frame.fault(STREAM_CLOSED, "after END_STREAM")),
                false => Ok(()),
            };
        }
        match self.closed.get(&id) {
            Some(Tail::Any) => Ok(()),
            Some(Tail::Ended) if !carries => Ok(()),
            Some(_) => Err(frame.fault(STREAM_CLOSED, "a closed stream")),
            None if id % 2 == 0 && id <= self.promised && !carries => Ok(()),
            None if kind != Kind::Headers && id > self.highest => {
                Err(frame.fault(PROTOCOL_ERROR, "an idle stream"))
            }
            None if id % 2 == 0 || id <= self.highest => {
                Err(frame.fault(PROTOCOL_ERROR, "ids are odd and grow"))
            }
            None => Ok(()),
        }
    }

    fn on_data(&mut self, frame: &Frame<'_>) -> Result<(), Fault> {
        let size = frame.payload.len() as u32;
        if i64::from(size) > self.back.window {
            return Err(frame.fault(FLOW_CONTROL_ERROR, "beyond the connection's window"));
        }
        self.back.window -= i64::from(size);
        self.back.owed += size;
        let (bytes, end) = (frame.unpadded()?, frame.has(END_STREAM));
        let (id, slack) = (frame.stream, self.agreed.slack());
        let Some(stream) = self.streams.get_mut(&id) else {
            self.note_end(id, end);
            return Ok(());
        };
        let rx = &mut stream.rx;
        rx.window -= i64::from(size);
        if rx.window + slack < 0 {
            let text = "DATA beyond the stream's window".into();
            return Err(Fault::Stream(id, FLOW_CONTROL_ERROR, text));
        }
        rx.owed += size;
        let taken = rx.take(bytes);
        self.back.streams.push(id);
        taken.map_err(|text| Fault::Stream(id, PROTOCOL_ERROR, text))?;
        self.feed_tunnel(id, bytes);
        if end { self.end_body(id) } else { Ok(()) }
    }

    fn on_headers(&mut self, frame: &Frame<'_>) -> Result<(), Fault> {
        let mut block = frame.unpadded()?;
        if frame.has(PRIORITY) {
            let split = block.split_at_checked(5);
            let (priority, rest) =
                split.ok_or_else(|| frame.fault(FRAME_SIZE_ERROR, "no room for the priority"))?;
            on_priority(frame, priority, 5)?;
            block = rest;
        }
        let end = frame.has(END_STREAM);
        if frame.has(END_HEADERS) {
            return self.on_block(frame.stream, end, block);
        }
        self.awaits = Awaits::Rest {
            stream: frame.stream,
            end,
            block: block.to_vec(),
        };
        Ok(())
    }

    fn on_continuation(&mut self, frame: &Frame<'_>) -> Result<(), Fault> {
        if let Awaits::Rest { block, .. } = &mut self.awaits {
            block.extend_from_slice(frame.payload);
        }
        if !frame.has(END_HEADERS) {
            return Ok(());
        }
        match std::mem::replace(&mut self.awaits, Awaits::Frame) {
            Awaits::Rest { stream, end, block } => self.on_block(stream, end, &block),
            _ => Ok(()),
        }
    }

    fn on_block(&mut self, id: u32, end: bool, block: &[u8]) -> Result<(), Fault> {
        // Of any stream: the table is the connection's.
        let fields = self.hpack.decode(block).map_err(|why| {
            let text = format!("header block on stream {id}: {why}");
            Fault::Conn(COMPRESSION_ERROR, text)
        })?;
        let fields = Fields(fields);
        if self.streams.contains_key(&id) {
            return self.on_trailers(id, end, &fields);
        }
        if self.closed.contains_key(&id) {
            self.note_end(id, end);
            return Ok(());
        }
        self.highest = id;
        if id > self.last {
            self.closed.insert(id, Tail::of(end));
            return Ok(());
        }
        self.open(id, end, &fields)
    }

    fn on_trailers(&mut self, id: u32, end: bool, fields: &Fields) -> Result<(), Fault> {
        let fault = |text| Fault::Stream(id, PROTOCOL_ERROR, text);
        if !end {
            return Err(fault("trailers without END_STREAM".into()));
        }
        fields.check_trailers().map_err(fault)?;
        self.end_body(id)
    }

    fn open(&mut self, id: u32, end: bool, fields: &Fields) -> Result<(), Fault> {
        let limit = self.agreed.streams();
        let most = limit.min(self.settings.refuse_above.unwrap_or(limit));
        let open = self.open_streams(most);
        if open >= most {
            self.closed.insert(id, Tail::of(end));
            self.tally.note(|c| c.h2.refused += 1);
            if open >= limit && self.agreed.settled() {
                let text = format!("{open} are open, {limit} are allowed");
                return Err(Fault::Stream(id, REFUSED_STREAM, text));
            }
            self.reset(id, REFUSED_STREAM);
            return Ok(());
        }
        self.nth += 1;
        let stream = self.log(fields);
        let at_once = stream.at_once;
        self.opened(id, stream);
        if self.settings.goaway_after == Some(self.nth) {
            self.send_goaway(id, NO_ERROR);
            self.draining = true;
        }
        let fault = |text| Fault::Stream(id, PROTOCOL_ERROR, text);
        fields.check_request(self.agreed.connect()).map_err(fault)?;
        match fields.has(":protocol") {
            true => self.open_tunnel(id, fields),
            false if at_once => self.answer(id),
            false => {}
        }
        if end { self.end_body(id) } else { Ok(()) }
    }

    /// A stream for the request, which is in the tally's log from now on.
    fn log(&mut self, fields: &Fields) -> Stream {
        let authority = match fields.has(":authority") {
            true => ":authority",
            false => "host",
        };
        // A CONNECT has no path.
        let path = if fields.has(":path") {
            ":path"
        } else {
            authority
        };
        let (method, target) = (fields.text(":method"), fields.text(path));
        let (host, head) = (fields.text(authority), fields.lines());
        let entry = Entry {
            conn: self.id,
            nth: self.nth,
            method: method.clone(),
            target: target.clone(),
            host: host.clone(),
            connection: "-".into(),
            head: head.clone(),
            body: 0,
            sum: sum(b""),
        };
        let entry = self.tally.quietly(|c| {
            c.log.push(entry);
            c.log.len() - 1
        });
        let keep = answer::needs_body(&target);
        Stream {
            at_once: answer::is_at_once(&target) || fields.has(":protocol"),
            ws: None,
            rx: Rx::new(self.agreed.window(), entry, fields.content_length(), keep),
            method,
            target,
            host,
            head,
            nth: self.nth,
            script: VecDeque::new(),
            send_window: self.client.window,
            queued: false,
            begun: false,
            ended: false,
        }
    }

    /// The request is whole.
    fn end_body(&mut self, id: u32) -> Result<(), Fault> {
        let Some(stream) = self.streams.get_mut(&id) else {
            return Ok(());
        };
        let at_once = stream.at_once;
        let (ended, so_far) = (stream.rx.end(), stream.rx.so_far());
        if let Some(session) = &mut stream.ws {
            session.on_end();
        }
        self.note_body(so_far);
        ended.map_err(|text| Fault::Stream(id, PROTOCOL_ERROR, text))?;
        match at_once {
            true => self.enqueue(id),
            false => self.answer(id),
        }
        Ok(())
    }

    /// On a stream that we are done with.
    fn note_end(&mut self, id: u32, end: bool) {
        if end && self.closed.get(&id) == Some(&Tail::Any) {
            self.closed.insert(id, Tail::Ended);
        }
    }

    fn on_reset(&mut self, frame: &Frame<'_>) -> Result<(), Fault> {
        let code = frame.number()?;
        self.tally.note(|c| c.h2.reset(code));
        self.forget(frame.stream, Tail::Reset);
        Ok(())
    }

    fn on_settings(&mut self, frame: &Frame<'_>) -> Result<(), Fault> {
        let (pairs, rest) = frame.payload.as_chunks::<6>();
        if !rest.is_empty() || (frame.has(ACK) && !pairs.is_empty()) {
            return Err(frame.fault(FRAME_SIZE_ERROR, "not pairs of 6 bytes"));
        }
        if frame.has(ACK) {
            let Some(growth) = self.agreed.acknowledged() else {
                if self.rude {
                    return Ok(());
                }
                return Err(frame.fault(PROTOCOL_ERROR, "nothing to acknowledge"));
            };
            for stream in self.streams.values_mut() {
                stream.rx.window += growth;
            }
            self.hpack.set_limit(self.agreed.table());
            self.tally.note(|c| c.h2.acks += 1);
            return Ok(());
        }
        for &[a, b, c, d, e, f] in pairs {
            let (id, value) = (u16::from_be_bytes([a, b]), u32::from_be_bytes([c, d, e, f]));
            self.on_setting(frame, id, value)?;
        }
        put(&mut self.tx, Kind::Settings, ACK, 0, &[]);
        Ok(())
    }

    fn on_setting(&mut self, frame: &Frame<'_>, id: u16, value: u32) -> Result<(), Fault> {
        match id {
            TABLE => self.client.small_table |= value < 4096,
            PUSH if value > 1 => return Err(frame.fault(PROTOCOL_ERROR, "ENABLE_PUSH")),
            WINDOW if i64::from(value) > MAX_WINDOW => {
                return Err(frame.fault(FLOW_CONTROL_ERROR, "INITIAL_WINDOW_SIZE"));
            }
            WINDOW => return self.resize_windows(frame, i64::from(value)),
            FRAME if !(16_384..1 << 24).contains(&value) => {
                return Err(frame.fault(PROTOCOL_ERROR, "MAX_FRAME_SIZE"));
            }
            FRAME => self.client.frame = value as usize,
            _ => {}
        }
        Ok(())
    }

    /// §6.9.2: it may become less than nothing.
    fn resize_windows(&mut self, frame: &Frame<'_>, window: i64) -> Result<(), Fault> {
        let growth = window - self.client.window;
        self.client.window = window;
        for stream in self.streams.values_mut() {
            stream.send_window += growth;
            if stream.send_window > MAX_WINDOW {
                return Err(frame.fault(FLOW_CONTROL_ERROR, "a window above 2^31-1"));
            }
        }
        let mut ids: Vec<u32> = self.streams.keys().copied().collect();
        ids.sort_unstable();
        ids.into_iter().for_each(|id| self.enqueue(id));
        Ok(())
    }

    fn on_ping(&mut self, frame: &Frame<'_>) -> Result<(), Fault> {
        if frame.payload.len() != 8 {
            return Err(frame.fault(FRAME_SIZE_ERROR, "not 8 bytes"));
        }
        if frame.has(ACK) {
            if frame.payload != QUESTION && !self.rude {
                return Err(frame.fault(PROTOCOL_ERROR, "nobody asked that"));
            }
            self.tally.note(|c| c.h2.pongs += 1);
        } else {
            put(&mut self.tx, Kind::Ping, ACK, 0, frame.payload);
        }
        Ok(())
    }

    fn on_goaway(&mut self, frame: &Frame<'_>) -> Result<(), Fault> {
        let Some([_, _, _, _, a, b, c, d]) = frame.payload.first_chunk::<8>() else {
            return Err(frame.fault(FRAME_SIZE_ERROR, "less than 8 bytes"));
        };
        let code = u32::from_be_bytes([*a, *b, *c, *d]);
        self.tally.note(|c| c.h2.goaway_code = Some(code));
        Ok(())
    }

    fn on_window_update(&mut self, frame: &Frame<'_>) -> Result<(), Fault> {
        let (id, by) = (frame.stream, i64::from(frame.number()?) & MAX_WINDOW);
        if by == 0 {
            return Err(frame.fault(PROTOCOL_ERROR, "an increment of 0"));
        }
        if id == 0 {
            self.tx_window += by;
            if self.tx_window > MAX_WINDOW {
                return Err(frame.fault(FLOW_CONTROL_ERROR, "a window above 2^31-1"));
            }
            let starved = std::mem::take(&mut self.turns.starved);
            self.turns.ready.extend(starved);
        } else if let Some(stream) = self.streams.get_mut(&id) {
            stream.send_window += by;
            if stream.send_window > MAX_WINDOW {
                let text = "a window above 2^31-1".into();
                return Err(Fault::Stream(id, FLOW_CONTROL_ERROR, text));
            }
            self.enqueue(id);
        }
        Ok(())
    }
}

fn on_priority(frame: &Frame<'_>, payload: &[u8], len: usize) -> Result<(), Fault> {
    let Some(&[a, b, c, d]) = payload.first_chunk().filter(|_| payload.len() == len) else {
        return Err(frame.fault(FRAME_SIZE_ERROR, "not 5 bytes"));
    };
    if u32::from_be_bytes([a & 0x7f, b, c, d]) == frame.stream {
        return Err(frame.fault(PROTOCOL_ERROR, "a stream that depends on itself"));
    }
    Ok(())
}
