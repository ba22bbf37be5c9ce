//! The only place that lets chance choose what is sent, and how it is cut.

use proptest::collection::vec;
use proptest::prelude::*;

use super::super::fuzz::plain::{End, Plain};
use super::super::fuzz::seen_from_the_peer;
use super::super::{Agreed, Level, PmDeflate};
use super::{message, noise};

fn terms() -> impl Strategy<Value = Agreed> {
    (any::<[bool; 2]>(), 8..16_u8, 8..16_u8).prop_map(|([server, client], theirs, ours)| Agreed {
        server_no_context_takeover: server,
        client_no_context_takeover: client,
        server_max_window_bits: theirs,
        client_max_window_bits: ours,
    })
}

/// Parts of one text and of one noise, so that there is something to refer to.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    (
        0..4000_usize,
        prop_oneof![Just(0), 0..60_usize, 0..3000_usize],
        0..3_u8,
    )
        .prop_map(|(from, len, what)| match what {
            0 => noise(7000)[from..from + len].to_vec(),
            1 => b"a message of words and blanks "
                .iter()
                .copied()
                .cycle()
                .skip(from)
                .take(len)
                .collect(),
            _ => vec![from as u8; len],
        })
}

fn cut<'a>(mut payload: &'a [u8], cuts: &[usize]) -> Vec<&'a [u8]> {
    let mut pieces = Vec::new();
    for cut in cuts.iter().cycle() {
        let (now, later) = payload.split_at(payload.len().min(*cut));
        pieces.push(now);
        payload = later;
        if payload.is_empty() {
            return pieces;
        }
    }
    vec![payload]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn what_is_sent_is_heard_whatever_the_terms_the_cut_and_the_room(
        agreed in terms(),
        level in 0..10_u8,
        sent in vec(vec(piece(), 1..4), 1..6),
        cuts in vec(1..3000_usize, 1..10),
        room in prop_oneof![1..40_usize, 40..5000_usize],
    ) {
        let mut client = PmDeflate::new(agreed, Level::new(level).unwrap());
        let mut server = PmDeflate::new(seen_from_the_peer(agreed), Level::FAST);
        let remembers = !agreed.client_no_context_takeover;
        let mut plain = Plain::new(agreed.client_max_window_bits, remembers, usize::MAX);
        for pieces in &sent {
            let mut payload = Vec::new();
            for (n, piece) in pieces.iter().enumerate() {
                prop_assert_eq!(client.deflate(piece, n + 1 == pieces.len(), &mut payload), Ok(()));
            }
            let whole = pieces.concat();
            if !client.compresses() {
                prop_assert!(payload == whole);
                continue;
            }
            prop_assert!(plain.read(&payload) == (whole.clone(), End::Whole));
            prop_assert!(message(&mut server, &cut(&payload, &cuts), room) == Ok(whole));
        }
    }

    #[test]
    fn any_bytes_are_what_another_reader_makes_of_them(
        payload in vec(any::<u8>(), 0..60),
        agreed in terms(),
        cuts in vec(1..9_usize, 1..5),
        room in 1..300_usize,
    ) {
        let mut machine = PmDeflate::new(agreed, Level::FAST);
        let (expected, end) = Plain::new(15, true, usize::MAX).read(&payload);
        match message(&mut machine, &cut(&payload, &cuts), room) {
            Ok(found) => prop_assert!(found == expected && end != End::Broken),
            Err((found, _)) => prop_assert!(found == expected && end == End::Broken),
        }
    }
}
