//! The only place that compresses messages, and that knows what was agreed about it (RFC 7692).

use super::frame::{BAD_DATA, Fault};
use super::handshake::Asked;
use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};

const NAME: &str = "permessage-deflate";

/// What every message ends with, and does not carry (§7.2.1).
const TAIL: [u8; 4] = [0, 0, 0xff, 0xff];

const MIB: usize = 1 << 20;

/// What both sides hold to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Params {
    server_forgets: bool,
    client_forgets: bool,
    server_bits: u8,
}

impl Default for Params {
    fn default() -> Self {
        Self {
            server_forgets: false,
            client_forgets: false,
            server_bits: 15,
        }
    }
}

impl Params {
    /// What is not understood counts for nothing: the answer may be meant to be bad.
    fn of(list: &[(&str, &str)]) -> Self {
        let mut me = Self::default();
        for (name, value) in list {
            match *name {
                "server_no_context_takeover" => me.server_forgets = true,
                "client_no_context_takeover" => me.client_forgets = true,
                "server_max_window_bits" => {
                    me.server_bits = value.parse().unwrap_or(15).clamp(8, 15);
                }
                _ => {}
            }
        }
        me
    }
}

/// The answer to an offer, and what follows from it; None when there is no offer. `option` is what to answer: `none` for no
/// parameters, nothing for those that the offer asks for.
pub(super) fn agree(option: &str, request: &impl Asked) -> Option<(String, Params)> {
    let offers = request.list("sec-websocket-extensions");
    let offer = offers.iter().find(|o| is_deflate(o))?;
    let list = match option {
        "" => parameters(offer),
        "none" => Vec::new(),
        option => option.split(';').map(parameter).collect(),
    };
    // Without a value it says only that the client would understand one.
    let said =
        |(name, value): &&(&str, &str)| *name != "client_max_window_bits" || !value.is_empty();
    let said: Vec<_> = list.iter().filter(said).copied().collect();
    let list = if option.is_empty() { said } else { list };
    let mut answer = String::from(NAME);
    for (name, value) in &list {
        let equals = if value.is_empty() { "" } else { "=" };
        answer += &format!("; {name}{equals}{value}");
    }
    Some((answer, Params::of(&list)))
}

/// §7.1: an offer with an unknown parameter, one twice or a bad value is to be declined, so nobody should make it.
pub(super) fn check_offer(offer: &str) -> bool {
    let list = parameters(offer);
    let good = |(at, (name, value)): (usize, &(&str, &str))| {
        let bits = value
            .parse()
            .is_ok_and(|n: u8| (8..=15).contains(&n) && !value.starts_with(['0', '+']));
        let fits = match *name {
            "server_no_context_takeover" | "client_no_context_takeover" => value.is_empty(),
            "server_max_window_bits" => bits,
            "client_max_window_bits" => bits || value.is_empty(),
            _ => false,
        };
        fits && list.iter().take(at).all(|(other, _)| other != name)
    };
    !is_deflate(offer) || list.iter().enumerate().all(good)
}

fn is_deflate(offer: &str) -> bool {
    offer.split(';').next().map(str::trim) == Some(NAME)
}

fn parameters(offer: &str) -> Vec<(&str, &str)> {
    offer.split(';').skip(1).map(parameter).collect()
}

fn parameter(text: &str) -> (&str, &str) {
    let (name, value) = text.split_once('=').unwrap_or((text, ""));
    (name.trim(), value.trim().trim_matches('"'))
}

pub(super) struct Deflate {
    params: Params,
    tx: Compress,
    rx: Decompress,
}

impl Deflate {
    pub(super) fn new(params: Params) -> Self {
        // zlib has no window of 8 bits. What is only stored fits into any.
        let level = match params.server_bits {
            8 => Compression::none(),
            _ => Compression::best(),
        };
        Self {
            params,
            tx: Compress::new_with_window_bits(level, false, params.server_bits.max(9)),
            // zlib-rs has the largest window whatever one asks: that a client looks back too far is not found.
            rx: Decompress::new(false),
        }
    }

    /// Without the tail.
    pub(super) fn pack(&mut self, payload: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        if payload.is_empty() {
            // zlib has nothing to flush then; §7.2.3.6 says what to send.
            return vec![0];
        }
        self.compress(payload, &mut out, FlushCompress::Sync);
        self.end(out)
    }

    /// A message of zeros.
    pub(super) fn bomb(&mut self, mib: usize) -> Vec<u8> {
        let (mut out, zeros) = (Vec::new(), vec![0; MIB]);
        for _ in 1..mib {
            self.compress(&zeros, &mut out, FlushCompress::None);
        }
        self.compress(&zeros, &mut out, FlushCompress::Sync);
        self.end(out)
    }

    pub(super) fn unpack(&mut self, payload: &[u8]) -> Result<Vec<u8>, Fault> {
        let mut out = Vec::new();
        for piece in [payload, &TAIL] {
            self.decompress(piece, &mut out)
                .map_err(|_| Fault::new(BAD_DATA, "a message that cannot be inflated"))?;
        }
        if self.params.client_forgets {
            self.rx.reset(false);
        }
        Ok(out)
    }

    fn end(&mut self, mut out: Vec<u8>) -> Vec<u8> {
        if out.ends_with(&TAIL) {
            out.truncate(out.len() - TAIL.len());
        }
        if self.params.server_forgets {
            self.tx.reset();
        }
        out
    }

    fn compress(&mut self, bytes: &[u8], out: &mut Vec<u8>, flush: FlushCompress) {
        let start = self.tx.total_in();
        loop {
            let used = (self.tx.total_in() - start) as usize;
            let rest = bytes.get(used..).unwrap_or(&[]);
            out.reserve(rest.len() / 2 + 1024);
            let done = self.tx.compress_vec(rest, out, flush).is_err();
            let all = self.tx.total_in() - start == bytes.len() as u64;
            if done || (all && out.len() < out.capacity()) {
                return;
            }
        }
    }

    fn decompress(&mut self, mut rest: &[u8], out: &mut Vec<u8>) -> Result<(), ()> {
        let mut buf = vec![0; 64 << 10];
        loop {
            let before = (self.rx.total_in(), self.rx.total_out());
            let status = self.rx.decompress(rest, &mut buf, FlushDecompress::Sync);
            let status = status.map_err(|_| ())?;
            let n = (self.rx.total_out() - before.1) as usize;
            out.extend_from_slice(buf.get(..n).unwrap_or(&[]));
            let used = (self.rx.total_in() - before.0) as usize;
            rest = rest.get(used..).unwrap_or(&[]);
            if status == Status::StreamEnd {
                // §7.2.3.5: a last block ends a stream, and another begins.
                self.rx.reset(false);
            } else if rest.is_empty() && n < buf.len() {
                return Ok(());
            } else if used == 0 && n == 0 {
                return Err(());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plain::pattern;

    struct Offer(&'static str);

    impl Asked for Offer {
        fn values(&self, _: &str) -> Vec<String> {
            vec![self.0.into()]
        }
    }

    fn agreed(option: &str, offer: &'static str) -> Option<String> {
        agree(option, &Offer(offer)).map(|(answer, _)| answer)
    }

    #[test]
    fn an_answer_is_what_the_offer_asks_for_or_what_the_script_says() {
        assert_eq!(agreed("", "x-other"), None);
        for (option, offer, answer) in [
            ("", NAME, NAME),
            (
                "",
                "x, permessage-deflate; client_max_window_bits; server_no_context_takeover",
                "permessage-deflate; server_no_context_takeover",
            ),
            (
                "",
                "permessage-deflate; client_max_window_bits=\"10\"",
                "permessage-deflate; client_max_window_bits=10",
            ),
            ("none", "permessage-deflate; server_max_window_bits=9", NAME),
            ("a;b=c", NAME, "permessage-deflate; a; b=c"),
        ] {
            assert_eq!(agreed(option, offer).as_deref(), Some(answer));
        }
    }

    #[test]
    fn offers_are_judged() {
        for good in ["x; y", NAME, "permessage-deflate; client_max_window_bits"] {
            assert!(check_offer(good), "{good}");
        }
        for bad in [
            "x",
            "server_max_window_bits",
            "server_max_window_bits=7",
            "client_max_window_bits=08",
            "client_no_context_takeover=1",
            "client_no_context_takeover; client_no_context_takeover",
        ] {
            assert!(!check_offer(&format!("{NAME}; {bad}")), "{bad}");
        }
    }

    /// Each end of one side's compression.
    fn pair(params: Params) -> (Deflate, Deflate) {
        let turned = Params {
            server_forgets: params.client_forgets,
            client_forgets: params.server_forgets,
            server_bits: 15,
        };
        (Deflate::new(params), Deflate::new(turned))
    }

    #[test]
    fn messages_come_out_as_they_went_in() {
        let big = pattern(300_000);
        for bits in [8, 9, 12, 15] {
            for server_forgets in [false, true] {
                let params = Params {
                    server_forgets,
                    server_bits: bits,
                    ..Params::default()
                };
                let (mut tx, mut rx) = pair(params);
                for payload in [&b"Hello"[..], b"", b"Hello", &big, &big] {
                    let packed = tx.pack(payload);
                    assert!(rx.unpack(&packed).expect("inflates") == payload);
                }
            }
        }
    }

    #[test]
    fn the_examples_of_the_rfc_are_read() {
        let mut rx = Deflate::new(Params::default());
        for packed in [
            &b"\xf2\x48\xcd\xc9\xc9\x07\x00"[..],
            b"\xf2\x00\x11\x00\x00",
            b"\x00\x05\x00\xfa\xff\x48\x65\x6c\x6c\x6f\x00",
            b"\xf3\x48\xcd\xc9\xc9\x07\x00\x00",
        ] {
            assert_eq!(rx.unpack(packed).ok().as_deref(), Some(&b"Hello"[..]));
        }
        assert!(rx.unpack(b"\xff\xff\xff").is_err());
    }

    #[test]
    fn a_client_that_should_forget_and_did_not_is_found() {
        let (mut tx, _) = pair(Params::default());
        let mut rx = Deflate::new(Params {
            client_forgets: true,
            ..Params::default()
        });
        let once = [tx.pack(b"Hello, hello"), tx.pack(b"Hello, hello")];
        assert!(rx.unpack(&once[0]).is_ok());
        assert!(rx.unpack(&once[1]).is_err());
    }

    #[test]
    fn a_bomb_is_small_until_it_is_inflated() {
        let (mut tx, mut rx) = pair(Params::default());
        let packed = tx.bomb(3);
        assert!(packed.len() < 4000, "{}", packed.len());
        assert_eq!(rx.unpack(&packed).map(|b| b.len()), Ok(3 * MIB));
    }
}
