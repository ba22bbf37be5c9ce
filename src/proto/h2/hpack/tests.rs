//! The only place for HPACK as a whole: the RFC's own examples, and that what we write we read.

mod nghttp2;

use proptest::prelude::*;

use super::*;

fn read(decoder: &mut Decoder, block: &[u8]) -> Result<Vec<(String, String)>, Broken> {
    let mut fields = Vec::new();
    decoder.decode(block, |field| {
        let text = |b: &[u8]| String::from_utf8_lossy(b).into_owned();
        fields.push((text(field.name), text(field.value)));
        Ok::<_, Broken>(())
    })?;
    Ok(fields)
}

fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text
        .bytes()
        .filter_map(|b| char::from(b).to_digit(16))
        .map(|d| d as u8)
        .collect();
    digits.chunks(2).map(|d| d[0] << 4 | d[1]).collect()
}

fn examples(max: usize, examples: &[(&str, &str)]) {
    let mut decoder = Decoder::new(4096);
    let size = match max {
        4096 => vec![],
        256 => hex("3fe1 01"),
        _ => unreachable!(),
    };
    read(&mut decoder, &size).expect("a size");
    for (block, fields) in examples {
        let read = read(&mut decoder, &hex(block)).expect("an example");
        let text: Vec<_> = read.iter().map(|(n, v)| format!("{n}: {v}")).collect();
        assert_eq!(text.join("\n"), *fields);
    }
}

#[test]
fn requests_of_rfc_7541_appendix_c_3_and_c_4() {
    let first = ":method: GET\n:scheme: http\n:path: /\n:authority: www.example.com";
    let second = ":method: GET\n:scheme: http\n:path: /\n:authority: www.example.com\ncache-control: no-cache";
    let third = ":method: GET\n:scheme: https\n:path: /index.html\n:authority: www.example.com\ncustom-key: custom-value";
    examples(
        4096,
        &[
            ("8286 8441 0f77 7777 2e65 7861 6d70 6c65 2e63 6f6d", first),
            ("8286 84be 5808 6e6f 2d63 6163 6865", second),
            (
                "8287 85bf 400a 6375 7374 6f6d 2d6b 6579 0c63 7573 746f 6d2d 7661 6c75 65",
                third,
            ),
        ],
    );
    examples(
        4096,
        &[
            ("8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff", first),
            ("8286 84be 5886 a8eb 1064 9cbf", second),
            (
                "8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf",
                third,
            ),
        ],
    );
}

#[test]
fn responses_of_rfc_7541_appendix_c_6_with_eviction() {
    examples(
        256,
        &[
            (
                "4882 6402 5885 aec3 771a 4b61 96d0 7abe 9410 54d4 44a8 2005 9504 0b81 66e0 82a6 2d1b ff6e 919d 29ad 1718 63c7 8f0b 97c8 e9ae 82ae 43d3",
                ":status: 302\ncache-control: private\ndate: Mon, 21 Oct 2013 20:13:21 GMT\nlocation: https://www.example.com",
            ),
            (
                "4883 640e ffc1 c0bf",
                ":status: 307\ncache-control: private\ndate: Mon, 21 Oct 2013 20:13:21 GMT\nlocation: https://www.example.com",
            ),
            (
                "88c1 6196 d07a be94 1054 d444 a820 0595 040b 8166 e084 a62d 1bff c05a 839b d9ab 77ad 94e7 821d d7f2 e6c7 b335 dfdf cd5b 3960 d5af 2708 7f36 72c1 ab27 0fb5 291f 9587 3160 65c0 03ed 4ee5 b106 3d50 07",
                ":status: 200\ncache-control: private\ndate: Mon, 21 Oct 2013 20:13:22 GMT\nlocation: https://www.example.com\ncontent-encoding: gzip\nset-cookie: foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1",
            ),
        ],
    );
}

#[test]
fn a_field_that_fills_the_table_is_known_and_a_larger_one_is_not_kept() {
    let mut encoder = Encoder::new();
    let mut decoder = Decoder::new(4096);
    for len in [3000, 3039, 3040, 4063, 4064, 5000] {
        let value = vec![b'v'; len];
        for _ in 0..2 {
            let mut out = Vec::new();
            encoder.put(b"x", &value, Indexing::Keep, &mut out);
            encoder.put(b"y", b"small", Indexing::Keep, &mut out);
            let fields = read(&mut decoder, &out).expect("ours");
            assert_eq!(fields[0].1.len(), len);
            assert_eq!(fields[1].1, "small");
        }
    }
}

/// Names and values from a few, so that they repeat, and some from everywhere.
fn field() -> impl Strategy<Value = (String, Vec<u8>, Indexing)> {
    let name = prop_oneof![
        4 => prop::sample::select(vec!["user-agent", "accept", "x-a", "x-b", ":path", "cookie", "te", "via"])
            .prop_map(String::from),
        1 => "[a-z0-9-]{1,40}",
    ];
    let value = prop_oneof![
        3 => prop::sample::select(vec![&b""[..], b"a", b"gzip, deflate", b"/index.html", b"text/html; charset=utf-8"])
            .prop_map(<[u8]>::to_vec),
        1 => proptest::collection::vec(any::<u8>(), 0..400),
        1 => "[ -~]{0,200}".prop_map(String::into_bytes),
    ];
    let indexing = prop_oneof![
        4 => Just(Indexing::Keep),
        1 => Just(Indexing::Pass),
        1 => Just(Indexing::Never),
    ];
    (name, value, indexing)
}

proptest! {
    #[test]
    fn what_we_write_we_read(
        blocks in proptest::collection::vec(
            (proptest::collection::vec(field(), 0..12), prop::option::of(0usize..6000)), 1..20)
    ) {
        let mut encoder = Encoder::new();
        let mut decoder = Decoder::new(4096);
        for (fields, resize) in blocks {
            if let Some(size) = resize {
                encoder.peer_allows(size / 2, size);
            }
            let mut out = Vec::new();
            encoder.begin(&mut out);
            for (name, value, indexing) in &fields {
                encoder.put(name.as_bytes(), value, *indexing, &mut out);
            }
            let mut found = Vec::new();
            decoder.decode(&out, |f| {
                found.push((f.name.to_vec(), f.value.to_vec()));
                Ok::<_, Broken>(())
            }).expect("ours");
            let meant: Vec<_> = fields.into_iter().map(|(n, v, _)| (n.into_bytes(), v)).collect();
            prop_assert_eq!(found, meant);
        }
    }

    #[test]
    fn no_block_makes_it_panic_or_hold_more_than_its_table(
        blocks in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..200), 1..10)
    ) {
        let mut decoder = Decoder::new(4096);
        for block in blocks {
            let _ = read(&mut decoder, &block);
        }
    }
}
