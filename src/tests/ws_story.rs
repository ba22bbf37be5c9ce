//! The only place for what stories ask of WebSockets and raw connections: the peer's words, the program's, and how both read.

use super::story::{Req, Story};
use super::ws_peer::{Listener, accept, close, frame};
use crate::engine::call::Reason;
use crate::engine::write::Writing;
use crate::proto::ws::Kind;

impl Story {
    /// A ws that is open.
    pub(crate) fn ws(&mut self) -> Req {
        self.opens(super::program::Asked::ws())
    }

    /// The same, asked for in another way.
    pub(crate) fn opens(&mut self, asked: super::program::Asked) -> Req {
        let who = self.ask(asked);
        self.run();
        self.agrees(b"");
        who
    }

    /// rx_buffer_size of the vhost's protocol.
    pub(crate) fn takes(&mut self, size: usize) {
        let vhost = self.engine.vhosts.get_mut(self.vhost).expect("a vhost");
        vhost.config.protocols[0].rx_buffer_size = size;
    }

    /// The peer completes the handshake, and says `more` in the same breath.
    pub(crate) fn agrees(&mut self, more: &[u8]) {
        let said = [self.agreement("").as_bytes(), more].concat();
        self.peer().says(said);
        self.run();
    }

    /// A response that completes the handshake of the connection that is up, with these lines too.
    pub(crate) fn agreement(&mut self, lines: &str) -> String {
        let listener = self.listener();
        listener.agreed = true;
        let key = listener.field("Sec-WebSocket-Key").expect("a key");
        let accept = accept(key);
        format!(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Accept: {accept}\r\n{lines}\r\n"
        )
    }

    /// Of the peer of the ws that was last to be connected, whether it still is or not.
    pub(crate) fn listener(&mut self) -> &mut Listener {
        let mut sockets = self.sockets.iter_mut().rev();
        sockets
            .find_map(|socket| socket.ws.as_deref_mut())
            .expect("a ws was connected")
    }

    /// What that peer was sent since it was asked last.
    pub(crate) fn frames(&mut self) -> Vec<String> {
        let frames = std::mem::take(&mut self.listener().frames);
        frames.iter().map(ToString::to_string).collect()
    }

    /// The peer sends a frame, and the loop runs.
    pub(crate) fn sends(&mut self, first: u8, payload: impl AsRef<[u8]>) {
        self.bytes(&frame(first, payload.as_ref()));
    }

    pub(crate) fn sends_close(&mut self, code: u16, reason: &str) {
        self.sends(super::ws_peer::CLOSE, close(code, reason));
    }

    /// The peer says these bytes, and the loop runs.
    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        self.peer().says(bytes);
        self.run();
    }

    pub(crate) fn hangs_up(&mut self) {
        self.peer().hangs_up();
        self.run();
    }

    /// lws_write() on a ws, as `ffi/write.rs` has it. `false` when it was refused.
    pub(crate) fn write_frame(&mut self, who: Req, kind: Kind, fin: bool, payload: &[u8]) -> bool {
        let key = self.told[who.0].key;
        match self.engine.write_message(key, kind, fin, payload) {
            Writing::Refused(_) => false,
            Writing::Buffered => true,
            Writing::Step(step) => {
                self.carry_out(step);
                true
            }
            Writing::Wire { .. } => panic!("a frame is masked: it is not the program's buffer"),
        }
    }

    /// A text, in one frame.
    pub(crate) fn text(&mut self, who: Req, payload: &str) -> bool {
        self.write_frame(who, Kind::Text, true, payload.as_bytes())
    }

    /// lws_close_reason().
    pub(crate) fn close_reason(&mut self, who: Req, code: u16, reason: &str) {
        let key = self.told[who.0].key;
        assert!(self.engine.set_close(key, code, reason), "it is a ws");
    }

    /// lws_rx_flow_control().
    pub(crate) fn pause(&mut self, who: Req, paused: bool) {
        let key = self.told[who.0].key;
        self.engine.pause_rx(key, paused);
    }

    /// lws_callback_on_writable().
    pub(crate) fn ask_writeable(&mut self, who: Req) -> bool {
        let key = self.told[who.0].key;
        self.engine.ask_writeable(key)
    }

    /// The program ends it from its WRITEABLE.
    pub(crate) fn says_no_in_writeable(&mut self, who: Req) {
        let reason = match self.told[who.0].asked.is_raw() {
            true => Reason::RawWriteable,
            false => Reason::ClientWriteable,
        };
        self.says_no(who, reason);
        assert!(self.ask_writeable(who), "it is open");
        self.run();
        self.unhook();
    }

    /// What the program was handed, in words.
    pub(crate) fn pieces(&self, who: Req) -> Vec<String> {
        let pieces = self.told[who.0].pieces.iter();
        pieces.map(ToString::to_string).collect()
    }

    /// What a request was told from its CONNECTING on.
    pub(crate) fn heard_from_the_loop(&self, who: Req) -> Vec<Reason> {
        let mut heard = self.heard(who);
        let connecting = heard.iter().position(|at| *at == Reason::Connecting);
        heard.split_off(connecting.map_or(0, |at| at + 1))
    }
}
