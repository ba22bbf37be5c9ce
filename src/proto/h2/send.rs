//! The only place that sends requests and their bodies, and says whose turn it is.

use super::frame;
use super::settings::{self, PeerSettings};
use super::stream::{Shape, Stream, StreamKey, Theirs, Turn};
use super::{Fault, H2, RequestFields};
use crate::proto::h2::flow::{ReceiveWindow, SendWindow};

impl H2 {
    /// Sends a request's head. `end`: no body follows.
    pub(crate) fn request(
        &mut self,
        fields: &RequestFields<'_>,
        end: bool,
        tx: &mut Vec<u8>,
    ) -> Result<StreamKey, Fault> {
        if self.room() == 0 {
            return Err(Fault::App(
                "h2: the connection has no room for another stream",
            ));
        }
        if fields.protocol.is_some() && !self.peer.connect_protocol {
            return Err(Fault::App(
                "h2: the server does not take extended CONNECT; use http/1.1 for ws",
            ));
        }
        if fields.manual_window.is_some() && self.starts_with > 0 {
            self.start_without_window(tx);
        }
        let id = self.next_id;
        self.next_id += 2;
        let head = tx.len();
        tx.extend_from_slice(&[0; frame::HEAD]);
        fields.encode(&mut self.encoder, &mut self.scratch, tx);
        finish_block(tx, head, id, end, self.peer.max_frame as usize);
        let window = fields.manual_window.unwrap_or(self.config.initial_window);
        let window = window.min(frame::MAX_ID);
        if let more @ 1.. = window.saturating_sub(self.starts_with) {
            frame::put_window_update(tx, id, more);
        }
        Ok(self
            .streams
            .insert(self.new_stream(id, fields, window, end)))
    }

    /// From now on streams begin with no window, so that each can be given its own. Those that are open keep what they have
    /// (§6.9.2: the setting takes as much from each as it goes down by).
    fn start_without_window(&mut self, tx: &mut Vec<u8>) {
        frame::put_settings(tx, &[(settings::INITIAL_WINDOW_SIZE, 0)]);
        for (key, stream) in self.streams.iter_mut() {
            if stream.theirs != Theirs::Ended {
                frame::put_window_update(tx, key.id(), self.starts_with);
            }
        }
        self.starts_with = 0;
    }

    /// Sends what the windows and one frame allow, and says how much that is. `end` goes with the last byte; with no
    /// bytes it goes at once.
    pub(crate) fn send_data(
        &mut self,
        key: StreamKey,
        data: &[u8],
        end: bool,
        tx: &mut Vec<u8>,
    ) -> usize {
        let most = self.largest_data(key);
        let connection = &mut self.send;
        let Some(stream) = self.streams.get_mut(key).filter(|s| !s.ours_ended) else {
            return 0;
        };
        let now = data.get(..most).unwrap_or(data);
        let end = end && now.len() == data.len();
        if self.broken.is_some() || (now.is_empty() && !end) {
            return 0;
        }
        stream.send.spend(now.len());
        connection.spend(now.len());
        frame::put_data(tx, key.id(), now, end);
        self.budget.earn();
        if end {
            self.streams.advance(key, |stream| stream.ours_ended = true);
        }
        now.len()
    }

    /// All of the request is sent, or nothing more of it may be.
    pub(crate) fn has_ended(&self, key: StreamKey) -> bool {
        self.streams.get(key).is_none_or(|stream| stream.ours_ended)
    }

    /// This stream has something to send: its turn comes when it and the connection have window.
    pub(crate) fn mark_writable(&mut self, key: StreamKey) {
        let Some(stream) = self.streams.get_mut(key) else {
            return;
        };
        if stream.turn != Turn::NotWanted || stream.ours_ended {
            return;
        }
        if stream.send.left() <= 0 {
            stream.turn = Turn::Blocked;
            return;
        }
        stream.turn = Turn::InLine;
        self.line.push_back(key);
        if self.line.len() > 2 * self.streams.len() + 16 {
            // Streams that went while the connection had no window.
            self.line.retain(|key| self.streams.get(*key).is_some());
        }
    }

    /// Whose turn it is to send one frame. Who wants to send another is marked again, and comes after all others.
    pub(crate) fn next_writable(&mut self) -> Option<StreamKey> {
        if self.send.left() <= 0 {
            return None;
        }
        loop {
            let key = self.line.pop_front()?;
            let Some(stream) = self.streams.get_mut(key) else {
                continue;
            };
            if stream.send.left() > 0 {
                stream.turn = Turn::NotWanted;
                return Some(key);
            }
            stream.turn = Turn::Blocked;
        }
    }

    /// What `next_writable` gave does not send now: it is the first again.
    pub(crate) fn wait_in_front(&mut self, key: StreamKey) {
        if let Some(stream) = self.streams.get_mut(key) {
            stream.turn = Turn::InLine;
            self.line.push_front(key);
        }
    }

    /// §6.9.2: a new initial window changes every stream's. False when one would be too wide.
    #[must_use]
    pub(super) fn adopt(&mut self, peer: PeerSettings) -> bool {
        let by = i64::from(peer.initial_window) - i64::from(self.peer.initial_window);
        self.peer = peer;
        if by == 0 {
            return true;
        }
        let line = &mut self.line;
        self.streams
            .iter_mut()
            .all(|(key, stream)| widen(line, key, stream, by))
    }

    /// §6.9.1: False when the stream's window would be too wide.
    #[must_use]
    pub(super) fn widen_stream(&mut self, key: StreamKey, by: u32) -> bool {
        let Some(stream) = self.streams.get_mut(key) else {
            return true;
        };
        widen(&mut self.line, key, stream, i64::from(by))
    }

    fn new_stream(&self, id: u32, fields: &RequestFields<'_>, window: u32, end: bool) -> Stream {
        Stream {
            id,
            send: SendWindow::new(self.peer.initial_window),
            receive: ReceiveWindow::new(window),
            held: 0,
            theirs: Theirs::Head { interims: 0 },
            ours_ended: end,
            turn: Turn::NotWanted,
            shape: Shape {
                head_only: fields.method == "HEAD",
                connect: fields.method == "CONNECT",
                manual_window: fields.manual_window.is_some(),
            },
        }
    }

    fn largest_data(&self, key: StreamKey) -> usize {
        let frame = (self.peer.max_frame as usize).min(LARGEST_FRAME);
        usize::try_from(self.send_allowance(key)).map_or(0, |allowed| allowed.min(frame))
    }
}

fn widen(
    line: &mut std::collections::VecDeque<StreamKey>,
    key: StreamKey,
    stream: &mut Stream,
    by: i64,
) -> bool {
    let fits = stream.send.widen(by);
    if stream.turn == Turn::Blocked && stream.send.left() > 0 {
        stream.turn = Turn::InLine;
        line.push_back(key);
    }
    fits
}

/// The payload of a stream's DATA among whole frames that have not left.
pub(crate) fn unsent_body(mut frames: &[u8], key: StreamKey) -> Vec<u8> {
    let mut body = Vec::new();
    while let Some(head) = frame::Head::parse(frames) {
        let whole = frame::HEAD + head.len;
        if head.kind == frame::Kind::Data && head.stream == key.id() {
            body.extend_from_slice(frames.get(frame::HEAD..whole).unwrap_or_default());
        }
        frames = frames.get(whole..).unwrap_or_default();
    }
    body
}

/// Writes the frame head before a block that was appended at `head`, and cuts a block that is too large for one frame.
fn finish_block(tx: &mut Vec<u8>, head: usize, id: u32, end: bool, max_frame: usize) {
    let start = head + frame::HEAD;
    let len = tx.len().saturating_sub(start);
    if len > max_frame {
        return cut_block(tx, head, id, end, max_frame);
    }
    let flags = frame::END_HEADERS | u8::from(end);
    if let Some(place) = tx.get_mut(head..start) {
        place.copy_from_slice(&frame::head(len, HEADERS, flags, id));
    }
}

#[cold]
fn cut_block(tx: &mut Vec<u8>, head: usize, id: u32, end: bool, max_frame: usize) {
    let block = tx.split_off(head + frame::HEAD);
    tx.truncate(head);
    let last = block.len().div_ceil(max_frame) - 1;
    for (nth, piece) in block.chunks(max_frame).enumerate() {
        let kind = if nth == 0 { HEADERS } else { CONTINUATION };
        let end_headers = if nth == last { frame::END_HEADERS } else { 0 };
        let end_stream = u8::from(end && nth == 0);
        tx.extend_from_slice(&frame::head(
            piece.len(),
            kind,
            end_headers | end_stream,
            id,
        ));
        tx.extend_from_slice(piece);
    }
}

const HEADERS: u8 = 1;
const CONTINUATION: u8 = 9;

/// Whatever more the peer takes: others want their turn.
const LARGEST_FRAME: usize = 64 * 1024;
