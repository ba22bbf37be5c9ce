//! The only place that reads and writes as an h2 server does, for a fuzzer that plays one against the whole client.

use crate::proto::h2::frame::{self, END_HEADERS, END_STREAM, HEAD, Head, Kind};
use crate::proto::h2::hpack::{Broken, Decoder, Encoder, Indexing};

/// What a client asked for.
#[derive(Debug, Default)]
pub(crate) struct Asked {
    pub(crate) stream: u32,
    pub(crate) path: String,
    pub(crate) is_head: bool,
}

/// The requests in what a client has sent since it began; what is not there whole is left out.
pub(crate) fn requests(sent: &[u8]) -> Vec<Asked> {
    let mut decoder = Decoder::new(4096);
    let (mut asked, mut block) = (Vec::new(), Vec::new());
    let mut rest = sent.strip_prefix(frame::PREFACE).unwrap_or_default();
    while let Some(head) = Head::parse(rest)
        && let Some((whole, after)) = rest.split_at_checked(HEAD + head.len)
    {
        rest = after;
        if !matches!(head.kind, Kind::Headers | Kind::Continuation) {
            continue;
        }
        block.extend_from_slice(&whole[HEAD..]);
        if head.has(END_HEADERS) {
            asked.push(request(&mut decoder, &block, head.stream));
            block.clear();
        }
    }
    asked
}

fn request(decoder: &mut Decoder, block: &[u8], stream: u32) -> Asked {
    let mut asked = Asked {
        stream,
        ..Asked::default()
    };
    let end = decoder.decode(block, |field| {
        match field.name {
            b":path" => asked.path = String::from_utf8_lossy(field.value).into_owned(),
            b":method" => asked.is_head = field.value == b"HEAD",
            _ => {}
        }
        Ok::<_, Broken>(())
    });
    assert_eq!(end, Ok(()));
    asked
}

pub(crate) fn settings(entries: &[(u16, u32)]) -> Vec<u8> {
    let mut out = Vec::new();
    frame::put_settings(&mut out, entries);
    out
}

/// A head, or trailers; the table is not used.
pub(crate) fn headers(stream: u32, fields: &[(&str, &str)], end: bool) -> Vec<u8> {
    let mut block = Vec::new();
    for (name, value) in fields {
        Encoder::new().put(
            name.as_bytes(),
            value.as_bytes(),
            Indexing::Pass,
            &mut block,
        );
    }
    let flags = END_HEADERS | if end { END_STREAM } else { 0 };
    [&frame::head(block.len(), 1, flags, stream), &block[..]].concat()
}

pub(crate) fn data(stream: u32, payload: &[u8], end: bool) -> Vec<u8> {
    let mut out = Vec::new();
    frame::put_data(&mut out, stream, payload, end);
    out
}

/// RST_STREAM (3) or WINDOW_UPDATE (8).
pub(crate) fn word(kind: u8, stream: u32, number: u32) -> Vec<u8> {
    [&frame::head(4, kind, 0, stream)[..], &number.to_be_bytes()].concat()
}

pub(crate) fn goaway(last: u32, code: u32) -> Vec<u8> {
    let head = frame::head(8, 7, 0, 0);
    [&head[..], &last.to_be_bytes(), &code.to_be_bytes()].concat()
}
