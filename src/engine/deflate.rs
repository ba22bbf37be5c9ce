//! The only place where a WebSocket's messages are deflated and inflated (permessage-deflate, RFC 7692), and where that is agreed on.

use super::Engine;
use super::buffer::Rx;
use super::call::{Due, Input, Reason};
use super::messages::Found;
use super::table::Key;
use super::ws::{Deflate, Offer, Shown, Ws};
use super::wsi::Wsi;
use crate::proto::pmd::{Agreed, Level, Next, PmDeflate};
use crate::proto::ws::{Kind, Utf8, Violation};

/// A piece of a compressed message, as the receiver tells of it.
pub(crate) struct Piece {
    pub(crate) len: usize,
    pub(crate) first: bool,
    pub(crate) ends: bool,
    pub(crate) binary: bool,
    pub(crate) remaining: u64,
}

impl Engine {
    /// What a vhost offers, unless the program took it back for this request.
    pub(crate) fn deflate_offer(&self, wsi: &Wsi) -> Option<&Offer> {
        let vhost = self.vhosts.get(wsi.vhost)?;
        vhost.config.deflate.as_ref().filter(|_| wsi.ask.deflate)
    }

    /// CLIENT_CONFIRM_EXTENSION_SUPPORTED returned nonzero: it is not offered.
    pub(crate) fn withhold_deflate(&mut self, key: Key<Wsi>) {
        if let Some(wsi) = self.wsis.get_mut(key) {
            wsi.ask.deflate = false;
        }
    }

    /// The server's choice of extensions. Where it is ours, the program may set its options: WS_EXT_DEFAULTS.
    pub(crate) fn agree_on_extensions(
        &mut self,
        key: Key<Wsi>,
        answer: &str,
    ) -> Result<(), &'static str> {
        let wsi = self.wsis.get(key).ok_or("HS: OOM")?;
        let offered = self.deflate_offer(wsi).map(|offer| &offer.options);
        let agreed = Agreed::parse(answer, offered)?;
        if let Some(ws) = self.wsis.get_mut(key).and_then(|wsi| wsi.ws.as_deref_mut()) {
            ws.agreed = agreed;
        }
        if agreed.is_some() {
            self.owe(key, Due::EXTENSION);
        }
        Ok(())
    }

    /// The name of the extension, for WS_EXT_DEFAULTS' user.
    pub(crate) fn extension_name(&self, key: Key<Wsi>) -> Option<&str> {
        let wsi = self.wsis.get(key)?;
        self.deflate_offer(wsi).map(|offer| &*offer.name)
    }

    /// WS_EXT_DEFAULTS returned, and wrote these options.
    pub(crate) fn defaults_returned(&mut self, key: Key<Wsi>, verdict: i32, options: &[u8]) {
        self.unpin(key);
        if verdict != 0 {
            return self.fail(key, "HS: EXT: failed setting defaults");
        }
        let ws = self.wsis.get_mut(key).and_then(|wsi| wsi.ws.as_deref_mut());
        let Some((ws, mut agreed)) = ws.and_then(|ws| ws.agreed.map(|agreed| (ws, agreed))) else {
            return;
        };
        let Some((level, most_in_frame)) = own_options(options, &mut agreed) else {
            return self.fail(key, "HS: EXT: failed parsing defaults");
        };
        let codec = PmDeflate::new(agreed, level);
        ws.deflate = Some(Box::new(Deflate::new(codec, most_in_frame)));
        self.agreed(key);
    }

    /// A piece of a compressed message stands at the front of what was received.
    pub(crate) fn begin_inflating(&mut self, key: Key<Wsi>, piece: &Piece) {
        let ws = self.wsis.get_mut(key).and_then(|wsi| wsi.ws.as_deref_mut());
        let Some(deflate) = ws.and_then(|ws| ws.deflate.as_deref_mut()) else {
            return;
        };
        let message = &mut deflate.message;
        if piece.first {
            message.first = true;
            message.text = Utf8::default();
        }
        message.left = piece.len;
        message.ends = piece.ends;
        message.binary = piece.binary;
        message.remaining = piece.remaining;
        deflate.busy = true;
    }

    /// CLIENT_RECEIVE about what the piece inflates to, in a buffer of its own; nothing when it comes to nothing.
    pub(crate) fn next_inflated(
        &mut self,
        key: Key<Wsi>,
        rx: &mut Rx,
        most: usize,
    ) -> Result<Option<Found>, Violation> {
        let mut out = self.take_rx();
        let made = self.inflate_into(key, rx, &mut out, most);
        match made {
            Ok(Some(len)) => {
                let call = self.call(key, Reason::ClientReceive, Input::None);
                Ok(call.map(|call| Found::Made(call, out, len)))
            }
            Ok(None) => {
                self.keep_rx(out);
                Ok(None)
            }
            Err(violation) => {
                self.keep_rx(out);
                Err(violation)
            }
        }
    }

    fn inflate_into(
        &mut self,
        key: Key<Wsi>,
        rx: &mut Rx,
        out: &mut Rx,
        most: usize,
    ) -> Result<Option<usize>, Violation> {
        let Some(wsi) = self.wsis.get_mut(key) else {
            return Ok(None);
        };
        let validate = wsi.ask.ws.validate_utf8;
        let Some(ws) = wsi.ws.as_deref_mut() else {
            return Ok(None);
        };
        let Some(deflate) = ws.deflate.as_deref_mut() else {
            return Ok(None);
        };
        let message = &mut deflate.message;
        let input = rx.pending().get(..message.left).unwrap_or_default();
        let space = out.space();
        let room = space.len().min(most);
        let space = space.get_mut(..room).unwrap_or_default();
        let inflated = deflate.codec.inflate(input, message.ends, space)?;
        rx.consume(inflated.used);
        message.left -= inflated.used;
        deflate.busy = inflated.next == Next::Room;
        let last = inflated.next == Next::Message;
        out.filled(inflated.made);
        if validate && !message.binary {
            message.check(out.pending(), last)?;
        }
        if inflated.made == 0 && !last {
            return Ok(None);
        }
        ws.shown = Shown {
            first: std::mem::take(&mut message.first),
            last,
            binary: message.binary,
            remaining: message.remaining.saturating_add(message.left as u64),
        };
        Ok(Some(inflated.made))
    }

    /// How much of a message goes into one frame of this kind.
    pub(crate) fn most_in_frame(&self, key: Key<Wsi>, kind: Kind) -> usize {
        let ws = self.wsis.get(key).and_then(|wsi| wsi.ws.as_deref());
        let deflate = ws.and_then(|ws| ws.deflate.as_deref());
        let deflate = deflate.filter(|deflate| !kind.is_control() && deflate.codec.compresses());
        deflate.map_or(usize::MAX, |deflate| deflate.most_in_frame)
    }

    /// What a frame's payload is when messages are compressed, and whether it has RSV1. `None`: it goes as it is.
    pub(crate) fn deflated(
        ws: &mut Ws,
        kind: Kind,
        fin: bool,
        payload: &[u8],
        out: &mut Vec<u8>,
    ) -> Result<Option<bool>, &'static str> {
        let data = matches!(kind, Kind::Text | Kind::Binary | Kind::Continuation);
        let Some(deflate) = ws.deflate.as_deref_mut().filter(|_| data) else {
            return Ok(None);
        };
        if !deflate.codec.compresses() {
            return Ok(None);
        }
        ws.sender.check(kind, fin, payload.len())?;
        out.clear();
        deflate.codec.deflate(payload, fin, out)?;
        Ok(Some(kind != Kind::Continuation))
    }

    /// A frame was deflated and is not sent: the peer will not know what it said.
    pub(crate) fn undo_deflated(&mut self, key: Key<Wsi>) {
        let ws = self.wsis.get_mut(key).and_then(|wsi| wsi.ws.as_deref_mut());
        if let Some(deflate) = ws.and_then(|ws| ws.deflate.as_deref_mut()) {
            deflate.codec.forget_sent();
        }
    }
}

/// "name=value; name=value", as the program wrote them over the defaults. `None` when one is unknown or out of range.
fn own_options(text: &[u8], agreed: &mut Agreed) -> Option<(Level, usize)> {
    let (mut level, mut most_in_frame) = (Level::FAST, usize::MAX);
    let text = std::str::from_utf8(text).ok()?;
    for option in text.split([';', ',']).map(str::trim) {
        let (name, value) = option.split_once('=').unwrap_or((option, ""));
        let number = || value.trim().parse::<u8>().ok();
        match name.trim() {
            "" => {}
            "client_no_context_takeover" => agreed.client_no_context_takeover = true,
            "client_max_window_bits" => {
                let bits = number().filter(|bits| (8..=15).contains(bits))?;
                agreed.client_max_window_bits = agreed.client_max_window_bits.min(bits);
            }
            "compression_level" => level = Level::new(number()?)?,
            // The server's are its own; these sizes are chosen here.
            "server_no_context_takeover" => {}
            "server_max_window_bits" | "rx_buf_size" | "mem_level" => {
                number()?;
            }
            // A power of two.
            "tx_buf_size" => {
                let power = number().filter(|power| (7..=30).contains(power))?;
                most_in_frame = 1 << power;
            }
            _ => return None,
        }
    }
    Some((level, most_in_frame))
}
