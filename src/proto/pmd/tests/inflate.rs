//! The only place for stories of what peers send.

use super::super::inflate::Inflated;
use super::super::{Agreed, Next};
use super::{ALL, ANEW, bytes, machine, message, noise, sent, whole};

/// RFC 7692 §7.2.3: "Hello" in each form that it has there.
const HELLO: [&[u8]; 5] = [
    b"\xf2\x48\xcd\xc9\xc9\x07\x00",
    b"\xf2\x48\x05\x00\x00\x00\xff\xff\xca\xc9\xc9\x07\x00",
    b"\x00\x05\x00\xfa\xff\x48\x65\x6c\x6c\x6f\x00",
    b"\xf3\x48\xcd\xc9\xc9\x07\x00\x00",
    // Behind its final block the last byte is missing.
    b"\xf3\x48\xcd\xc9\xc9\x07\x00",
];

/// What zlib made of three messages that refer back: twice nearly the same, nothing, and bytes.
const SEQUENCE: [&str; 4] = [
    "aa56ca2f50b252ca48cdc9c957d2512a4e2d54b232d4514aca4fa9040a9764a42a14966626672b2415e597e729a4e55728d50200",
    "aac6a2c508bf160000",
    "00",
    "62f88f090100",
];

/// What zlib made of some letters: a dynamic block.
const LETTERS: &str = concat!(
    "1c8fbb11443108035b516b80f92590d0ff9cde451e63b45e159eaf9b890fb47a80784801320018bc2b6a6103ce3aef701205a8a9a067e169c7",
    "fdc061124f0bf5781351a6bf10fcec233a9c63a87ce02779f954355c670bfa1a979b25b75a27f55d5481eaac6356e9a914bdcf6b719d042fc1",
    "ea7c0c59f7940ce19ad728b7665bc4f4edc0e9d254311bf184d7fab387be134becbd094438b918f918f376db9a3fa3824d865d45f8d3bf0d7b",
    "2009fbce7fd536bc88b517ac427a318669f166424e1023b4700eecd3c0d69a97512c7c06d2152f29f9f003",
);

fn said(seq: u8) -> Vec<u8> {
    format!(r#"{{"op":"hello","seq":{seq},"body":"the quick brown fox"}}"#).into_bytes()
}

#[test]
fn every_form_of_the_rfc_is_read_whatever_the_cut_and_the_room() {
    for payload in HELLO {
        for cut in 0..=payload.len() {
            for room in 1..8 {
                let (a, b) = payload.split_at(cut);
                let found = message(&mut machine(ANEW), &[a, b], room);
                assert_eq!(found.as_deref(), Ok(&b"Hello"[..]), "{payload:?} {cut}");
            }
        }
    }
}

#[test]
fn a_message_refers_to_the_one_before_it() {
    // RFC 7692 §7.2.3.2
    let mut m = machine(ALL);
    assert_eq!(whole(&mut m, HELLO[0]).as_deref(), Some(&b"Hello"[..]));
    let second = b"\xf2\x00\x11\x00\x00";
    assert_eq!(whole(&mut m, second).as_deref(), Some(&b"Hello"[..]));

    let mut m = machine(ANEW);
    assert_eq!(whole(&mut m, HELLO[0]).as_deref(), Some(&b"Hello"[..]));
    assert_eq!(whole(&mut m, second), None, "without context takeover");
}

#[test]
fn what_zlib_made_is_read_in_any_pieces() {
    let expected = [said(1), said(2), vec![], b"\x00\xff".repeat(10)];
    for (size, room) in [(1, 1), (2, 100), (7, 3), (100, 100)] {
        let mut m = machine(ALL);
        for (payload, expected) in SEQUENCE.iter().zip(&expected) {
            let payload = bytes(payload);
            let pieces: Vec<&[u8]> = payload.chunks(size).collect();
            assert_eq!(message(&mut m, &pieces, room).as_ref(), Ok(expected));
        }
    }
}

#[test]
fn nothing_is_inflated_that_there_is_no_room_for() {
    let mut m = machine(ALL);
    let mut out = [0; 5];
    let full = |used, made, next| Ok(Inflated { used, made, next });
    // Exactly as much as there is: nothing is left to be told.
    let done = m.inflate(HELLO[0], true, &mut out);
    assert_eq!(done, full(7, 5, Next::Message));
    let done = m.inflate(HELLO[0], true, &mut out[..4]);
    assert_eq!(done.map(|done| (done.made, done.next)), Ok((4, Next::Room)));
    let used = done.unwrap().used;
    let done = m.inflate(&HELLO[0][used..], true, &mut []);
    assert_eq!(done, full(0, 0, Next::Room));
    let done = m.inflate(&HELLO[0][used..], true, &mut out);
    assert_eq!(done, full(7 - used, 1, Next::Message));
    assert_eq!(out[0], b'o');
}

#[test]
fn messages_without_a_byte_are_empty_and_change_nothing() {
    let mut m = machine(ALL);
    for payload in [&b""[..], HELLO[0], b"", b"\x00", b"\xf2\x00\x11\x00\x00"] {
        assert!(whole(&mut m, payload).is_some(), "{payload:?}");
    }
    assert_eq!(message(&mut m, &[b"", b"", b""], 10), Ok(vec![]));
}

#[test]
fn final_blocks_are_within_a_message_and_at_its_end() {
    let mut m = machine(ALL);
    let twice = [HELLO[4], HELLO[4], HELLO[3]].concat();
    assert_eq!(whole(&mut m, &twice).unwrap(), b"HelloHelloHello");
    // A final block whose second half is the tail.
    assert_eq!(
        whole(&mut m, b"\xf2\x48\xcd\xc9\xc9\x07\x04").unwrap(),
        b"Hello"
    );
    assert_eq!(whole(&mut m, HELLO[0]).unwrap(), b"Hello");
    assert_eq!(whole(&mut m, HELLO[3]).unwrap(), b"Hello");
    // Nothing refers back across one.
    assert_eq!(whole(&mut m, b"\xf2\x00\x11\x00\x00"), None);
}

#[test]
fn a_bomb_comes_in_pieces_of_the_room() {
    let mut server = machine(ALL);
    let bomb = sent(&mut server, &vec![0; 10_000_000]);
    assert!(bomb.len() < 100_000);
    let mut m = machine(ALL);
    let mut out = [1; 4096];
    let (mut rest, mut made) = (&bomb[..], 0);
    loop {
        let inflated = m.inflate(rest, true, &mut out).unwrap();
        assert!(out[..inflated.made].iter().all(|byte| *byte == 0));
        made += inflated.made;
        rest = &rest[inflated.used..];
        match inflated.next {
            Next::Room => assert_eq!(inflated.made, out.len()),
            Next::Piece => panic!("it ends"),
            Next::Message => break,
        }
    }
    assert_eq!(made, 10_000_000);
}

#[test]
fn a_thousand_final_blocks_with_nothing_in_them_are_nothing() {
    let payload = b"\x03\x00".repeat(100_000);
    assert_eq!(message(&mut machine(ANEW), &[&payload], 16), Ok(vec![]));
}

#[test]
fn what_is_not_deflate_is_a_violation_and_nothing_follows_it() {
    let garbage: [&[u8]; 8] = [
        b"\x07",
        b"\xff\xff\xff\xff",
        // A stored block whose lengths do not agree.
        b"\x00\x05\x00\xfa\xfe\x48\x65\x6c\x6c\x6f\x00",
        // A reference to before the beginning.
        b"\xf2\x00\x11\x00\x00",
        // The tail was not taken away.
        b"\xf2\x48\xcd\xc9\xc9\x07\x00\x00\x00\xff\xff",
        // Stored blocks of which there is less, and nothing.
        b"\x00\x05\x00\xfa\xff\x48\x65",
        b"\x00\x05\x00\xfa\xff",
        b"\x00\x05\x00",
    ];
    for payload in garbage {
        for agreed in [ALL, ANEW] {
            let mut m = machine(agreed);
            let (_, violation) = message(&mut m, &[payload], 10).unwrap_err();
            assert_eq!(violation.code, 1007);
            assert_eq!(m.inflate(HELLO[0], true, &mut [0; 9]), Err(violation));
        }
    }
}

#[test]
fn what_comes_before_a_violation_is_handed_out_whatever_the_cut() {
    let payload = b"\xf2\x48\xcd\xc9\xc9\x07\x00\x00\x00\xff\xff\x07";
    for cut in 0..=payload.len() {
        for room in 1..8 {
            let (a, b) = payload.split_at(cut);
            let found = message(&mut machine(ALL), &[a, b], room);
            assert_eq!(found.unwrap_err().0, b"Hello", "{cut} {room}");
        }
    }
}

#[test]
fn a_message_that_is_cut_short_is_a_violation_wherever_it_is_cut() {
    let letters = bytes(LETTERS);
    let stored = [&b"\x00\x90\x01\x6f\xfe"[..], &noise(400), b"\x00"].concat();
    for payload in [HELLO[0], HELLO[2], HELLO[3], &letters, &stored] {
        assert!(whole(&mut machine(ALL), payload).is_some());
        for cut in 1..payload.len() {
            let found = whole(&mut machine(ALL), &payload[..cut]);
            // An empty message, and one that ends with a final block.
            let is_whole = payload[..cut] == *b"\x00" || payload[..cut] == *HELLO[4];
            assert_eq!(found.is_some(), is_whole, "{cut} of {}", payload.len());
        }
    }
}

#[test]
fn a_peer_may_refer_further_back_than_it_agreed_to() {
    let agreed = Agreed {
        server_max_window_bits: 8,
        ..ALL
    };
    let data = [noise(30_000), noise(30_000)].concat();
    let payload = sent(&mut machine(ALL), &data);
    assert!(payload.len() < 40_000, "it does refer");
    let found = message(&mut machine(agreed), &[&payload], 1000);
    assert!(found == Ok(data));
}
