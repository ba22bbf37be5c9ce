//! Stories of messages that arrive: their pieces, what is said of them, and control frames between them.

use crate::engine::call::Reason;
use crate::tests::story::Story;
use crate::tests::ws_peer::{
    BINARY, BINARY_BEGINS, ENDS, GOES_ON, PING, PONG, TEXT, TEXT_BEGINS, close, frame,
};

#[test]
fn a_message_comes_in_pieces_of_rx_buffer_size() {
    let mut s = Story::new();
    let a = s.ws(); // its protocol takes 8 bytes at once
    s.sends(BINARY, b"0123456789abcdefghij");
    let told = [
        "first binary 01234567 +12",
        "binary 89abcdef +4",
        "last binary ghij",
    ];
    assert_eq!(s.pieces(a), told);
    s.sends(TEXT, b"12345678");
    assert_eq!(s.pieces(a)[3..], ["first last text 12345678"]);
    assert_eq!(s.count(a, Reason::ClientReceive), 4);
}

#[test]
fn a_protocol_without_a_size_takes_a_byte_at_least() {
    for size in [0, 1] {
        let mut s = Story::new();
        s.takes(size);
        let a = s.ws();
        s.sends(TEXT, b"ab");
        assert_eq!(s.pieces(a), ["first text a +1", "last text b"]);
    }
}

#[test]
fn a_message_in_fragments_says_where_it_begins_and_ends() {
    let mut s = Story::new();
    let a = s.ws();
    s.sends(TEXT_BEGINS, b"one-");
    s.sends(GOES_ON, b"two-");
    s.sends(GOES_ON, b"");
    s.sends(GOES_ON, b"a long one");
    s.sends(ENDS, b"three");
    s.sends(BINARY_BEGINS, b"");
    s.sends(ENDS, b"");
    let told = [
        "first text one-",
        "text two-",
        "text",
        "text a long o +2",
        "text ne",
        "last text three",
        "first binary",
        "last binary",
    ];
    assert_eq!(s.pieces(a), told);
}

#[test]
fn a_message_without_a_byte_is_a_message() {
    let mut s = Story::new();
    let a = s.ws();
    s.bytes(&[frame(TEXT, b""), frame(BINARY, b""), frame(TEXT, b"x")].concat());
    let told = ["first last text", "first last binary", "first last text x"];
    assert_eq!(s.pieces(a), told);
}

#[test]
fn control_frames_come_between_fragments() {
    let mut s = Story::new();
    let a = s.ws();
    s.sends(TEXT_BEGINS, b"one-");
    s.sends(PING, b"ping");
    s.sends(PONG, b"pong");
    s.sends(GOES_ON, b"two-");
    s.sends(PING, b"");
    s.sends(ENDS, b"three");
    let told = [
        "first text one-",
        "pong pong",
        "text two-",
        "last text three",
    ];
    assert_eq!(s.pieces(a), told);
    assert_eq!(s.frames(), ["pong ping", "pong"]);
    s.sends(TEXT_BEGINS, b"cut");
    s.sends_close(1000, "short");
    assert_eq!(s.pieces(a)[4..], ["first text cut", "close 1000 short"]);
    assert_eq!(s.frames(), ["close 1000 short"]);
}

#[test]
fn a_ping_is_answered_with_its_own_bytes_and_not_seen() {
    for len in [0, 1, 8, 124, 125] {
        let mut s = Story::new();
        let a = s.ws();
        let payload: String = ('a'..='z').cycle().take(len).collect();
        s.sends(PING, &payload);
        assert_eq!(s.frames(), [format!("pong {payload}").trim_end()]);
        assert_eq!(
            s.heard_from_the_loop(a).last(),
            Some(&Reason::ClientEstablished)
        );
    }
}

#[test]
fn a_pong_is_seen_whole_and_not_answered() {
    for len in [0, 1, 8, 9, 125] {
        let mut s = Story::new();
        let a = s.ws();
        let payload: String = ('a'..='z').cycle().take(len).collect();
        s.sends(PONG, &payload);
        assert_eq!(s.pieces(a), [format!("pong {payload}").trim_end()]);
        assert_eq!(s.frames(), [""; 0]);
    }
}

#[test]
fn every_form_of_length_is_understood() {
    for len in [125, 126, 127, 65_535, 65_536, 200_000] {
        let mut s = Story::new().many();
        s.takes(4096);
        let a = s.ws();
        let payload: Vec<u8> = (0..len).map(|n| (n % 251) as u8).collect();
        s.bytes(&[frame(BINARY, &payload), frame(TEXT, b"next")].concat());
        let pieces = &s.told[a.0].pieces;
        let (next, pieces) = pieces.split_last().expect("the next message");
        assert_eq!(next.to_string(), "first last text next");
        let bytes: Vec<u8> = pieces
            .iter()
            .flat_map(|piece| piece.bytes.clone())
            .collect();
        assert_eq!(bytes, payload);
        let mut left = len as u64;
        for (n, piece) in pieces.iter().enumerate() {
            let shown = piece.shown.expect("a message's");
            left -= piece.bytes.len() as u64;
            let is = (shown.first, shown.last, shown.binary, shown.remaining);
            assert_eq!(is, (n == 0, left == 0, true, left));
            assert!(left == 0 || piece.bytes.len() == 4096);
        }
    }
}

/// A conversation with everything in it.
fn conversation() -> Vec<u8> {
    [
        frame(TEXT, "h\u{e9}llo, w\u{f6}rld".as_bytes()),
        frame(BINARY_BEGINS, &[0; 30]),
        frame(PING, b"in between"),
        frame(GOES_ON, b""),
        frame(ENDS, &[1; 200]),
        frame(PONG, b"unasked"),
        frame(TEXT, b""),
        frame(0x88, &close(4000, "enough")),
    ]
    .concat()
}

#[test]
fn where_reads_end_makes_no_difference() {
    let said = conversation();
    let whole = {
        let mut s = Story::new();
        let a = s.ws();
        s.bytes(&said);
        (s.pieces(a), s.frames(), s.heard(a))
    };
    assert_eq!(whole.1, ["pong in between", "close 4000 enough"]);
    for cut in 1..said.len() {
        let mut s = Story::new();
        let a = s.ws();
        s.bytes(&said[..cut]);
        s.bytes(&said[cut..]);
        assert_eq!((s.pieces(a), s.frames(), s.heard(a)), whole, "cut at {cut}");
    }
    for size in [1, 2, 3, 7, 8, 9] {
        for records in [false, true] {
            let mut s = if records { Story::tls() } else { Story::new() };
            let a = s.ws();
            s.peer().records = records;
            for some in said.chunks(size) {
                s.bytes(some);
            }
            assert_eq!(
                (s.pieces(a), s.frames(), s.heard(a)),
                whole,
                "{size} at once"
            );
        }
    }
}

#[test]
fn more_than_a_buffer_at_once_arrives() {
    for records in [false, true] {
        let mut s = if records { Story::tls() } else { Story::new() };
        s.takes(64);
        let a = s.ws();
        s.peer().records = records;
        let said = (0..1_000).flat_map(|n| frame(TEXT, format!("{n:050}").as_bytes()));
        let said: Vec<u8> = said.collect();
        assert!(said.len() > 3 * 16 * 1024);
        s.bytes(&said);
        let pieces = s.pieces(a);
        assert_eq!(pieces.len(), 1_000);
        assert_eq!(pieces[999], format!("first last text {:050}", 999));
    }
}

#[test]
fn a_loop_inside_a_message_leaves_the_next_for_later() {
    let mut s = Story::new();
    let a = s.ws();
    let b = s.get();
    s.run();
    s.hook(move |s, who, reason| {
        if (who, reason) == (a, Reason::ClientReceive) {
            let pieces = s.told[a.0].pieces.len();
            s.nested();
            assert_eq!(s.told[a.0].pieces.len(), pieces, "one callback at once");
        }
        0
    });
    s.sockets[1].says(crate::tests::peer::OK);
    s.sockets[0].says([frame(TEXT, b"one"), frame(PING, b""), frame(TEXT, b"two")].concat());
    s.run();
    assert_eq!(s.pieces(a), ["first last text one", "first last text two"]);
    assert_eq!(s.body(b), "ok");
    assert_eq!(s.frames(), ["pong"]);
}

#[test]
fn writeable_is_not_starved_by_a_peer_that_talks() {
    let mut s = Story::new();
    let a = s.ws();
    s.hook(move |s, who, reason| {
        if reason == Reason::ClientReceive && s.count(who, Reason::ClientWriteable) == 0 {
            s.sends_more();
        }
        0
    });
    s.ask_writeable(a);
    s.sends(TEXT, b"and");
    assert_eq!(s.count(a, Reason::ClientWriteable), 1);
}

impl Story {
    /// The peer is never out of words.
    fn sends_more(&mut self) {
        self.peer().says(frame(TEXT, b"and"));
    }
}
