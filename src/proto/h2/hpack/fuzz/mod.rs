//! The only place that says what has to hold for HPACK whatever the blocks and the fields are.

mod plain;

use super::{Broken, DEFAULT_TABLE, Decoder, Encoder, Field, Indexing};
use crate::proto::h2::field;
use crate::proto::script::Script;
use plain::{How, Plain};

type Fields = Vec<(Vec<u8>, Vec<u8>)>;

/// Blocks, each after its length in two bytes: read as another reader reads them, and what was read can be written.
pub(crate) fn decode(data: &[u8]) {
    let mut script = Script(data);
    let limit = match script.byte() {
        Some(scale) => DEFAULT_TABLE << (scale & 3) >> 1,
        None => return,
    };
    let mut decoder = Decoder::new(limit);
    let mut plain = Plain::new(limit.max(DEFAULT_TABLE));
    let mut encoder = Encoder::new();
    let mut server = Decoder::new(DEFAULT_TABLE);
    while let Some(len) = script.number() {
        let block = script.take(len);
        let (fields, end) = read(&mut decoder, block);
        let (shown, sound) = plain.read(block);
        assert_eq!(end.is_ok(), sound, "{end:?}");
        assert_eq!(fields, without_how(shown));
        if !sound {
            return; // nothing is read after that
        }
        write_and_read(&mut encoder, &mut server, &fields);
    }
}

fn read(decoder: &mut Decoder, block: &[u8]) -> (Fields, Result<(), Broken>) {
    let mut fields = Vec::new();
    let end = decoder.decode(block, |shown: Field<'_>| {
        assert_eq!(shown.verdict.name, field::name(shown.name));
        assert_eq!(
            shown.verdict.value_is_clean,
            field::value_is_clean(shown.value)
        );
        fields.push((shown.name.to_vec(), shown.value.to_vec()));
        Ok::<_, Broken>(())
    });
    decoder.check_books();
    assert!(fields.len() <= block.len(), "a field takes a byte at least");
    (fields, end)
}

fn write_and_read(encoder: &mut Encoder, server: &mut Decoder, fields: &Fields) {
    let mut block = Vec::new();
    encoder.begin(&mut block);
    for (name, value) in fields {
        encoder.put(name, value, Indexing::Keep, &mut block);
    }
    encoder.check_books();
    let (found, end) = read(server, &block);
    assert_eq!(end, Ok(()));
    assert_eq!(&found, fields);
}

/// Blocks of fields to write, with the peer's settings between them: two readers find in them what was meant.
pub(crate) fn round(data: &[u8]) {
    let mut script = Script(data);
    let mut trip = Trip::new();
    while let Some(op) = script.byte() {
        match op & 7 {
            7 => {
                let (one, other) = (script.number(), script.number());
                let (one, other) = (one.unwrap_or(0), other.unwrap_or(0));
                trip.peer_allows(one.min(other), one.max(other));
            }
            6 => trip.peer_allows(0, usize::from(op >> 3) * 200),
            5 => trip.end_block(),
            _ => trip.put(op, &mut script),
        }
    }
    trip.end_block();
}

/// One block after another, from our end to the other.
struct Trip {
    encoder: Encoder,
    decoder: Decoder,
    plain: Plain,
    /// Of the block that is being made.
    meant: Vec<(Vec<u8>, Vec<u8>, Indexing)>,
    /// What the peer's settings were since the last block: the lowest, and the last.
    allowed: Option<(usize, usize)>,
}

impl Trip {
    fn new() -> Self {
        Self {
            encoder: Encoder::new(),
            decoder: Decoder::new(DEFAULT_TABLE),
            plain: Plain::new(DEFAULT_TABLE),
            meant: Vec::new(),
            allowed: None,
        }
    }

    fn peer_allows(&mut self, lowest: usize, last: usize) {
        self.encoder.peer_allows(lowest, last);
        let before = self.allowed.map_or(lowest, |(before, _)| before);
        self.allowed = Some((lowest.min(before), last));
    }

    fn put(&mut self, op: u8, script: &mut Script<'_>) {
        let indexing = match op >> 3 & 3 {
            0 | 1 => Indexing::Keep,
            2 => Indexing::Pass,
            _ => Indexing::Never,
        };
        let name = match op >> 5 & 1 {
            0 => script.pick(&NAMES).to_vec(),
            _ => script.text().to_ascii_lowercase(),
        };
        let value = match (op >> 6, op & 7) {
            (0, _) => script.pick(&VALUES).to_vec(),
            (1, 0) => vec![script.byte().unwrap_or(b'x'); script.number().unwrap_or(0) % MOST_TEXT],
            _ => script.text().to_vec(),
        };
        self.meant.push((name, value, indexing));
    }

    fn end_block(&mut self) {
        let before = self.plain.max();
        let mut block = Vec::new();
        self.encoder.begin(&mut block);
        let mut most = block.len();
        for (name, value, indexing) in &self.meant {
            self.encoder.put(name, value, *indexing, &mut block);
            most += name.len() + value.len() + 3 * LONGEST_NUMBER;
        }
        assert!(block.len() <= most, "coded text is never longer");
        self.encoder.check_books();
        let (fields, end) = read(&mut self.decoder, &block);
        let (shown, sound) = self.plain.read(&block);
        assert!(sound && end.is_ok(), "{end:?}");
        if let Some((lowest, last)) = self.allowed.take() {
            // RFC 7541 §4.2
            assert!(self.plain.max() <= last);
            assert!(lowest >= before || self.plain.smallest() <= lowest);
        }
        for (shown, meant) in shown.iter().zip(&self.meant) {
            assert_eq!((&shown.0, &shown.1), (&meant.0, &meant.1));
            assert_eq!(shown.2 == How::Never, meant.2 == Indexing::Never);
            assert!(shown.2 != How::Kept || meant.2 == Indexing::Keep);
        }
        assert_eq!(shown.len(), self.meant.len());
        assert_eq!(fields, without_how(shown));
        self.meant.clear();
    }
}

fn without_how(shown: Vec<(Vec<u8>, Vec<u8>, How)>) -> Fields {
    shown
        .into_iter()
        .map(|(name, value, _)| (name, value))
        .collect()
}

/// Some of the static table, some that are not.
const NAMES: [&[u8]; 12] = [
    b":path",
    b":status",
    b"accept",
    b"cookie",
    b"user-agent",
    b"www-authenticate",
    b"x-a",
    b"x-b",
    b"te",
    b"via",
    b"",
    b"age",
];
const VALUES: [&[u8]; 8] = [
    b"",
    b"a",
    b"/",
    b"/index.html",
    b"200",
    b"gzip, deflate",
    b"text/html; charset=utf-8",
    b"\xff\0\x80",
];

/// More than a table holds.
const MOST_TEXT: usize = 5_000;

/// Of a size that fits two bytes.
const LONGEST_NUMBER: usize = 4;
