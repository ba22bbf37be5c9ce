//! The only place that reads frames without payload for programs: settings, windows, resets, signs of life, the end.

use super::error::Nuisance;
use super::frame::{self, Head, number};
use super::stream::Theirs;
use super::{Error, ErrorCode, Event, H2, MAX_ID};

impl H2 {
    pub(super) fn rst_stream_frame(
        &mut self,
        head: Head,
        payload: &[u8],
        tx: &mut Vec<u8>,
    ) -> Result<Option<Event>, Error> {
        self.check_stream(head.stream)?;
        let Some(code) = number(payload).filter(|_| payload.len() == 4) else {
            return Error::frame_size("h2: RST_STREAM is not 4 bytes long");
        };
        let found = self.streams.by_id(head.stream);
        let open = found.filter(|key| self.streams.get(*key).is_some_and(|s| s.is_open()));
        let Some(stream) = open else {
            self.budget.spend(Nuisance::Late)?;
            return Ok(None);
        };
        if self
            .streams
            .get(stream)
            .is_some_and(|s| s.theirs == Theirs::Ended)
        {
            // §8.1: the response is whole, and no more of the request is wanted.
            self.streams.advance(stream, |s| s.ours_ended = true);
            return Ok(None);
        }
        if let Some(gone) = self.streams.remove(stream) {
            self.receive.owe(gone.held);
            self.give_back(tx);
        }
        Ok(Some(Event::Reset {
            stream,
            code: ErrorCode(code),
            by_us: false,
            text: "h2: the peer reset the stream",
        }))
    }

    pub(super) fn settings_frame(
        &mut self,
        head: Head,
        payload: &[u8],
        tx: &mut Vec<u8>,
    ) -> Result<Option<Event>, Error> {
        if head.stream != 0 {
            return Error::protocol("h2: SETTINGS on a stream");
        }
        self.budget.spend(Nuisance::Settings)?;
        if head.has(frame::ACK) {
            // Ours were sent once and are kept from then on: nothing waits for this.
            return match payload {
                [] => Ok(None),
                _ => Error::frame_size("h2: a SETTINGS acknowledgement with settings"),
            };
        }
        if !payload.len().is_multiple_of(6) {
            return Error::frame_size("h2: SETTINGS that are not of 6 bytes each");
        }
        let (peer, lowest_table) = self.peer.after(payload)?;
        if !self.adopt(peer) {
            // §6.9.2
            return Err(Error::Connection(
                ErrorCode::FLOW_CONTROL_ERROR,
                "h2: SETTINGS_INITIAL_WINDOW_SIZE widens a stream's window beyond 2^31-1",
            ));
        }
        self.encoder
            .peer_allows(lowest_table as usize, peer.header_table as usize);
        frame::put_settings_ack(tx);
        if self.up {
            return Ok(Some(Event::SettingsChanged));
        }
        self.up = true;
        Ok(Some(Event::Up))
    }

    pub(super) fn ping_frame(
        &mut self,
        head: Head,
        payload: &[u8],
        tx: &mut Vec<u8>,
    ) -> Result<Option<Event>, Error> {
        if head.stream != 0 {
            return Error::protocol("h2: PING on a stream");
        }
        let Ok(opaque) = payload.try_into() else {
            return Error::frame_size("h2: PING is not 8 bytes long");
        };
        self.budget.spend(Nuisance::Ping)?;
        if head.has(frame::ACK) {
            return Ok(Some(Event::Pong { opaque }));
        }
        frame::put_ping(tx, frame::ACK, opaque);
        Ok(None)
    }

    /// §6.8
    pub(super) fn goaway_frame(
        &mut self,
        head: Head,
        payload: &[u8],
    ) -> Result<Option<Event>, Error> {
        if head.stream != 0 {
            return Error::protocol("h2: GOAWAY on a stream");
        }
        let (Some(last), Some(code)) = (number(payload), payload.get(4..).and_then(number)) else {
            return Error::frame_size("h2: GOAWAY is shorter than 8 bytes");
        };
        let last = last & MAX_ID;
        if last > self.last_id || (last != 0 && last.is_multiple_of(2)) {
            return Error::protocol(
                "h2: GOAWAY with a higher last stream than before, or one that is not ours",
            );
        }
        self.budget.spend(Nuisance::Settings)?;
        // MAX_ID is a warning (graceful shutdown): nothing is left out, but nothing new may come either.
        self.retired = true;
        self.last_id = last;
        self.refused.clear();
        self.refused
            .extend(self.streams.keys().filter(|key| key.id() > last));
        self.refused
            .sort_unstable_by_key(|key| std::cmp::Reverse(key.id()));
        let code = ErrorCode(code);
        Ok(Some(Event::GoAway { last, code }))
    }

    pub(super) fn window_update_frame(
        &mut self,
        head: Head,
        payload: &[u8],
    ) -> Result<Option<Event>, Error> {
        let Some(by) = number(payload).filter(|_| payload.len() == 4) else {
            return Error::frame_size("h2: WINDOW_UPDATE is not 4 bytes long");
        };
        let by = by & MAX_ID;
        self.budget.spend(Nuisance::WindowUpdate)?;
        if head.stream == 0 {
            return self.window_opened(by);
        }
        self.check_stream(head.stream)?;
        let Some(key) = self.streams.by_id(head.stream) else {
            return Ok(None);
        };
        let fail = |code, text| Err(Error::Stream(key, code, text));
        if by == 0 {
            // §6.9
            return fail(ErrorCode::PROTOCOL_ERROR, "h2: WINDOW_UPDATE of 0");
        }
        if !self.widen_stream(key, by) && !self.config.fix_windows {
            return fail(
                ErrorCode::FLOW_CONTROL_ERROR,
                "h2: WINDOW_UPDATE widens a stream's window beyond 2^31-1",
            );
        }
        let stream = Some(key);
        Ok(Some(Event::WindowOpened { stream, by }))
    }

    fn window_opened(&mut self, by: u32) -> Result<Option<Event>, Error> {
        if by == 0 {
            return Error::protocol("h2: WINDOW_UPDATE of 0 on the connection");
        }
        if !self.send.widen(i64::from(by)) && !self.config.fix_windows {
            return Err(Error::Connection(
                ErrorCode::FLOW_CONTROL_ERROR,
                "h2: WINDOW_UPDATE widens the connection's window beyond 2^31-1",
            ));
        }
        let stream = None;
        Ok(Some(Event::WindowOpened { stream, by }))
    }

    /// §6.3: read by nobody since RFC 9113, but it has to be right.
    pub(super) fn priority_frame(&mut self, head: Head) -> Result<Option<Event>, Error> {
        self.budget.spend(Nuisance::Ignored)?;
        if head.stream == 0 {
            return Error::protocol("h2: PRIORITY on stream 0");
        }
        match (head.len, self.streams.by_id(head.stream)) {
            (5, _) | (_, None) => Ok(None),
            (_, Some(key)) => Err(Error::Stream(
                key,
                ErrorCode::FRAME_SIZE_ERROR,
                "h2: PRIORITY is not 5 bytes long",
            )),
        }
    }
}
