//! The only place that says what has to hold for compressed messages whatever a peer sends, and whatever a program does.

pub(crate) mod plain;

use super::{Agreed, Level, Next, Options, PmDeflate};
use crate::proto::script::Script;
use crate::proto::split::Split;
use plain::{End, Plain};

/// A byte that says what, then of that: a peer's messages, a program's, or what a handshake says.
pub(crate) fn deflate(data: &[u8]) {
    let mut script = Script(data);
    match script.byte().unwrap_or(0) % 3 {
        0 => peer(script),
        1 => program(script),
        _ => handshake(script),
    }
}

/// A byte of terms, one of room, then messages, each after its length in two bytes: as another reader reads them, however
/// they are cut, and however little room there is.
fn peer(mut script: Script<'_>) {
    let agreed = terms(script.byte().unwrap_or(0));
    let room = usize::from(script.byte().unwrap_or(0)).pow(2) + 1;
    let mut plain = Plain::new(15, !agreed.server_no_context_takeover, MOST);
    let mut machines =
        Split::all(script.0).map(|split| (PmDeflate::new(agreed, Level::FAST), split));
    while let Some(len) = script.number() {
        let payload = script.take(len);
        let (expected, end) = plain.read(payload);
        for (machine, split) in &mut machines {
            let (found, is_whole) = read(machine, payload, *split, room, end);
            assert!(found == expected, "{split:?}: {end:?}");
            assert!(is_whole || end == End::Broken || end == End::TooMuch);
            assert!(end != End::Broken || !is_whole, "{split:?}");
        }
        if end != End::Whole {
            return;
        }
    }
}

/// What comes of a message, and whether it ended. No further than the other reader went.
fn read(
    machine: &mut PmDeflate,
    payload: &[u8],
    mut split: Split,
    room: usize,
    end: End,
) -> (Vec<u8>, bool) {
    let mut out = vec![0; room];
    let mut found = Vec::new();
    let mut rest = payload;
    loop {
        let (mut piece, later) = rest.split_at(split.more(rest.len()));
        rest = later;
        loop {
            let Ok(inflated) = machine.inflate(piece, rest.is_empty(), &mut out) else {
                let again = machine.inflate(b"\x00", true, &mut out);
                assert!(again.is_err(), "nothing is heard behind a violation");
                return (found, false);
            };
            found.extend_from_slice(&out[..inflated.made]);
            piece = &piece[inflated.used..];
            if end == End::TooMuch && found.len() > MOST {
                found.truncate(MOST);
                return (found, false);
            }
            match inflated.next {
                Next::Room => assert!(inflated.made > 0, "it stands still"),
                Next::Piece => break assert!(piece.is_empty() && !rest.is_empty()),
                Next::Message => {
                    assert!(piece.is_empty() && rest.is_empty());
                    return (found, true);
                }
            }
        }
    }
}

/// Bytes of terms and of level, then what a program does, a byte each: two readers find in it what was meant.
fn program(mut script: Script<'_>) {
    let agreed = terms(script.byte().unwrap_or(0));
    let level = Level::new(script.byte().unwrap_or(0) % 10).expect("0 to 9");
    let mut machine = PmDeflate::new(agreed, level);
    let mut peer = PmDeflate::new(seen_from_the_peer(agreed), Level::FAST);
    let remembers = !agreed.client_no_context_takeover;
    let mut plain = Plain::new(agreed.client_max_window_bits, remembers, usize::MAX);
    let (mut said, mut payload, mut total) = (Vec::new(), Vec::new(), 0);
    while let Some(op) = script.byte().filter(|_| total < MOST_SAID) {
        if op & 0x0c == 0x0c {
            machine.forget_sent();
        }
        let times = if op & 2 == 0 {
            1
        } else {
            usize::from(op >> 4) * 8
        };
        let piece = script.text().repeat(times);
        total += piece.len();
        let ends = op & 1 != 0;
        let done = machine.deflate(&piece, ends, &mut payload);
        assert_eq!(done, Ok(()));
        said.extend_from_slice(&piece);
        if !ends {
            continue;
        }
        if machine.compresses() {
            let split = Split::all(&payload)[2];
            let (found, is_whole) = read(&mut peer, &payload, split, 4000, End::Whole);
            assert!(is_whole && found == said);
            assert!(plain.read(&payload) == (found, End::Whole));
        } else {
            assert!(payload == said);
        }
        (said, payload) = (Vec::new(), Vec::new());
    }
}

/// An offer after its length in a byte, then an answer: whatever is agreed on was offered.
fn handshake(mut script: Script<'_>) {
    let offer = String::from_utf8_lossy(script.text());
    let answer = String::from_utf8_lossy(script.0);
    let offered = Options::parse(&offer).ok();
    match Agreed::parse(&answer, offered.as_ref()) {
        Ok(None) => assert!(answer.chars().all(|c| ", \t".contains(c))),
        Ok(Some(agreed)) => check(agreed, offered.expect("nothing was offered"), &answer),
        Err(text) => assert!(text.starts_with("HS: EXT: ")),
    }
}

fn check(agreed: Agreed, offer: Options, answer: &str) {
    let asked = offer.server_max_window_bits.unwrap_or(15);
    let ours = offer.client_max_window_bits.unwrap_or(15);
    let is_named = |name| answer.contains(name);
    assert!((8..=15).contains(&agreed.server_max_window_bits));
    assert!((8..=ours).contains(&agreed.client_max_window_bits));
    assert!(agreed.server_max_window_bits <= asked || !is_named("server_max_window_bits"));
    assert!(offer.client_max_window_bits.is_some() || !is_named("client_max_window_bits"));
    assert_eq!(
        agreed.client_no_context_takeover,
        offer.client_no_context_takeover || is_named("client_no_context_takeover")
    );
    assert!(is_named("permessage-deflate"));
}

fn terms(byte: u8) -> Agreed {
    Agreed {
        server_no_context_takeover: byte & 1 != 0,
        client_no_context_takeover: byte & 2 != 0,
        server_max_window_bits: 15,
        client_max_window_bits: 8 + (byte >> 2) % 8,
    }
}

/// What we send is what it receives.
pub(crate) fn seen_from_the_peer(agreed: Agreed) -> Agreed {
    Agreed {
        server_no_context_takeover: agreed.client_no_context_takeover,
        client_no_context_takeover: agreed.server_no_context_takeover,
        server_max_window_bits: agreed.client_max_window_bits,
        client_max_window_bits: agreed.server_max_window_bits,
    }
}

/// Of a message that inflates a thousandfold, no more is compared.
const MOST: usize = 20_000;

/// What a program says in all: more than a window of it.
const MOST_SAID: usize = 50_000;
