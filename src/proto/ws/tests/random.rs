//! The only place that lets chance choose what is sent, and how it is cut.

use proptest::collection::vec;
use proptest::prelude::*;

use super::super::Kind;
use super::super::frame::Rules;
use super::super::fuzz::unmasked;
use super::super::send::frame;
use super::super::utf8::Utf8;
use super::{Heard, STRICT, Story};

fn payload() -> impl Strategy<Value = Vec<u8>> {
    let len = prop_oneof![0..20_usize, 120..130_usize, 65530..65540_usize];
    (len, any::<u8>()).prop_map(|(len, seed)| (0..len).map(|n| seed ^ (n * 7) as u8).collect())
}

/// The payloads of whole messages, in order, and of pings.
fn messages(heard: &[Heard]) -> (Vec<Vec<u8>>, Vec<Vec<u8>>) {
    let (mut messages, mut pings) = (Vec::new(), Vec::new());
    for event in heard {
        match event {
            Heard::Data { payload, first, .. } => {
                if *first {
                    messages.push(Vec::new());
                }
                messages
                    .last_mut()
                    .expect("first")
                    .extend_from_slice(payload);
            }
            Heard::Ping(payload) => pings.push(payload.clone()),
            other => panic!("{other:?}"),
        }
    }
    (messages, pings)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn what_is_sent_is_heard_whatever_the_cut(
        sent in vec((vec(payload(), 1..4), any::<[u8; 4]>()), 1..5),
        cuts in vec(1..9000_usize, 1..20),
        most in prop_oneof![5..200_usize, Just(4096), Just(usize::MAX)],
    ) {
        let mut wire = Vec::new();
        let mut write = |kind, fin, payload: &[u8], mask| {
            let mut out = Vec::new();
            assert!(frame(&mut out, kind, fin, false, payload, mask));
            wire.extend(unmasked(out));
        };
        for (fragments, mask) in &sent {
            for (n, payload) in fragments.iter().enumerate() {
                let kind = if n == 0 { Kind::Binary } else { Kind::Continuation };
                write(kind, n + 1 == fragments.len(), payload, *mask);
                write(Kind::Ping, true, mask, *mask);
            }
        }
        let mut s = Story::new(STRICT, most);
        let mut rest = &wire[..];
        let mut cuts = cuts.iter().cycle();
        while !rest.is_empty() {
            let (now, later) = rest.split_at(rest.len().min(*cuts.next().expect("some")));
            s.peer_sends(now);
            rest = later;
        }
        prop_assert_eq!(s.fault, None);
        prop_assert!(s.receiver.is_idle());
        let (heard, pings) = messages(&s.heard);
        let whole: Vec<Vec<u8>> = sent.iter().map(|(fragments, _)| fragments.concat()).collect();
        prop_assert!(heard == whole);
        prop_assert_eq!(pings.len(), sent.iter().map(|(fragments, _)| fragments.len()).sum::<usize>());
    }

    #[test]
    fn any_bytes_come_to_the_same_at_once_and_one_by_one(
        bytes in vec(prop_oneof![any::<u8>(), 0..4_u8, 0x80..0x83_u8], 0..60),
        flags in any::<[bool; 4]>(),
        most in 1..20_usize,
    ) {
        let [validate_utf8, allow_reserved_bits, allow_unknown_opcode, compression] = flags;
        let rules = Rules { validate_utf8, allow_reserved_bits, allow_unknown_opcode, compression };
        let mut whole = Story::new(rules, most);
        whole.peer_sends(&bytes);
        let slow = Story::slowly(rules, most, &bytes);
        prop_assert_eq!(&slow.heard, &whole.heard);
        prop_assert_eq!(slow.fault.map(|(fault, _)| fault), whole.fault.map(|(fault, _)| fault));
    }

    #[test]
    fn text_in_pieces_is_what_the_standard_library_says_of_the_whole(
        pieces in vec(vec(prop_oneof![any::<u8>(), 0x80..0xc0_u8, 0xe0..0xf5_u8], 0..5), 0..6),
        text in any::<String>(),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut utf8 = Utf8::default();
        let pushed = pieces.iter().try_for_each(|piece| utf8.push(piece));
        let is_good = pushed.is_ok() && utf8.is_whole();
        prop_assert_eq!(is_good, std::str::from_utf8(&pieces.concat()).is_ok());

        let (a, b) = text.as_bytes().split_at(cut.index(text.len() + 1));
        let mut utf8 = Utf8::default();
        prop_assert!(utf8.push(a).is_ok() && utf8.push(b).is_ok() && utf8.is_whole());
    }
}
