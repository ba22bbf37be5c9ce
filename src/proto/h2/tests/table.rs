//! The only place for the table of what bad peers send: the RFC's section, the bytes, and how far the damage goes.
//!
//! Sections are RFC 9113's where no other number stands before them.

use super::hostile::Reach::{Connection, Nothing, Stream};
use super::hostile::*;
use super::*;

#[test]
fn frames_that_break_the_framing() {
    check_all(framing());
}

#[rustfmt::skip]
pub(crate) fn framing() -> Vec<Case> {
    let settings_ack = frame(SETTINGS, ACK, 0, b"");
    vec![
        ("4.1 unknown type", frame(0x42, 0xff, 0, b"x"), Nothing),
        ("4.1 unknown flags", frame(PING, 0xfe, 0, b"12345678"), Nothing),
        ("4.2 16385 bytes", data(3, &[0; 16_385], false), Connection(SIZE)),
        ("4.2 unknown, too large", frame(0x42, 0, 0, &[0; 16_385]), Connection(SIZE)),
        ("4.2 the largest", data(3, &[0; 16_384], false), Nothing),
        ("5.1.1 DATA, idle stream", data(99, b"x", false), Connection(PROTOCOL)),
        ("5.1.1 HEADERS, idle stream", ok(99, false), Connection(PROTOCOL)),
        ("5.1.1 HEADERS, even stream", ok(2, false), Connection(PROTOCOL)),
        ("5.1 RST_STREAM, idle", word(99, RST_STREAM, 0), Connection(PROTOCOL)),
        ("5.1 WINDOW_UPDATE, idle", word(99, WINDOW_UPDATE, 1), Connection(PROTOCOL)),
        ("6.1 DATA on 0", data(0, b"x", false), Connection(PROTOCOL)),
        ("6.1 too much padding", frame(DATA, PADDED, 3, b"\x02x"), Connection(PROTOCOL)),
        ("6.1 no pad length", frame(DATA, PADDED, 3, b""), Connection(SIZE)),
        ("6.1 padding only", frame(DATA, PADDED, 3, b"\x01\0"), Nothing),
        ("6.2 HEADERS on 0", ok(0, false), Connection(PROTOCOL)),
        ("6.2 too much padding", frame(HEADERS, PADDED | 4, 1, b"\x02\x88"), Connection(PROTOCOL)),
        ("6.2 no pad length", frame(HEADERS, PADDED | 4, 1, b""), Connection(SIZE)),
        ("6.2 no priority", frame(HEADERS, 0x24, 1, b"\0\0\0\0"), Connection(SIZE)),
        ("6.3 PRIORITY on 0", frame(PRIORITY, 0, 0, &[0; 5]), Connection(PROTOCOL)),
        ("6.3 PRIORITY of 4", frame(PRIORITY, 0, 1, &[0; 4]), Stream(1, SIZE)),
        ("6.3 PRIORITY, idle", frame(PRIORITY, 0, 99, &[0; 5]), Nothing),
        ("6.4 RST_STREAM on 0", word(0, RST_STREAM, 0), Connection(PROTOCOL)),
        ("6.4 RST_STREAM of 3", frame(RST_STREAM, 0, 1, &[0; 3]), Connection(SIZE)),
        ("6.5 SETTINGS on 1", frame(SETTINGS, 0, 1, b""), Connection(PROTOCOL)),
        ("6.5 SETTINGS of 5", frame(SETTINGS, 0, 0, &[0; 5]), Connection(SIZE)),
        ("6.5 ACK of 6", frame(SETTINGS, ACK, 0, &[0; 6]), Connection(SIZE)),
        ("6.5.3 ACK twice", settings_ack.repeat(2), Nothing),
        ("6.5.2 push on", settings(&[(2, 1)]), Connection(PROTOCOL)),
        ("6.5.2 push off", settings(&[(2, 0)]), Nothing),
        ("6.5.2 window 2^31", settings(&[(4, 1 << 31)]), Connection(FLOW)),
        ("6.5.2 frame 16383", settings(&[(5, 16_383)]), Connection(PROTOCOL)),
        ("6.5.2 frame 2^24", settings(&[(5, 1 << 24)]), Connection(PROTOCOL)),
        ("6.5.2 unknown setting", settings(&[(0xfafa, 9)]), Nothing), ("RFC 8441 3 connect 2", settings(&[(8, 2)]), Connection(PROTOCOL)), ("RFC 8441 3 taken back", settings(&[(8, 1), (8, 0)]), Connection(PROTOCOL)), ("RFC 9218 2.1", settings(&[(9, 2)]), Connection(PROTOCOL)),
        ("6.6 PUSH_PROMISE", frame(PUSH_PROMISE, 4, 1, b"\0\0\0\x02\x88"), Connection(PROTOCOL)),
        ("6.7 PING on 1", frame(PING, 0, 1, &[0; 8]), Connection(PROTOCOL)),
        ("6.7 PING of 7", frame(PING, 0, 0, &[0; 7]), Connection(SIZE)),
        ("6.8 GOAWAY on 1", frame(GOAWAY, 0, 1, &[0; 8]), Connection(PROTOCOL)),
        ("6.8 GOAWAY of 7", frame(GOAWAY, 0, 0, &[0; 7]), Connection(SIZE)),
        ("6.8 GOAWAY rises", [goaway(3, 0), goaway(5, 0)].concat(), Connection(PROTOCOL)),
        ("6.8 GOAWAY, even", goaway(2, 0), Connection(PROTOCOL)),
        ("6.9 WINDOW_UPDATE of 3", frame(WINDOW_UPDATE, 0, 0, &[0; 3]), Connection(SIZE)),
        ("6.9 0 on the connection", word(0, WINDOW_UPDATE, 0), Connection(PROTOCOL)),
        ("6.9 0 on a stream", word(1, WINDOW_UPDATE, 0), Stream(1, PROTOCOL)),
        ("6.9 0 on a closed stream", word(7, WINDOW_UPDATE, 0), Nothing),
        ("6.9.1 connection above", word(0, WINDOW_UPDATE, MAX_ID), Connection(FLOW)),
        ("6.9.1 stream above", word(1, WINDOW_UPDATE, MAX_ID), Stream(1, FLOW)),
        ("6.9.2 by SETTINGS", [word(1, WINDOW_UPDATE, 9), settings(&[(4, MAX_ID)])].concat(), Connection(FLOW)),
    ]
}

#[test]
fn header_blocks_that_are_interrupted_or_cannot_be_read() {
    check_all(blocks());
}

#[rustfmt::skip]
pub(crate) fn blocks() -> Vec<Case> {
    let start = frame(HEADERS, 0, 1, b"\x88");
    let with = |then: Vec<u8>| [start.clone(), then].concat();
    let packed = |block: &[u8]| frame(HEADERS, 4, 1, block);
    let eos = [&[0x00, 0x01, b'a', 0x84][..], &[0xff; 4]].concat();
    let list = |n: usize| [&[0x88][..], &block(&vec![("x", "y"); n])].concat();
    vec![
        ("6.10 alone", frame(CONTINUATION, 4, 1, b""), Connection(PROTOCOL)),
        ("6.10 other stream", with(frame(CONTINUATION, 4, 3, b"")), Connection(PROTOCOL)),
        ("6.10 PING between", with(frame(PING, 0, 0, &[0; 8])), Connection(PROTOCOL)),
        ("6.10 unknown between", with(frame(0x42, 0, 0, b"")), Connection(PROTOCOL)),
        ("6.10 HEADERS between", with(ok(1, false)), Connection(PROTOCOL)),
        ("6.10 DATA between", with(data(3, b"x", false)), Connection(PROTOCOL)),
        ("6.10 eight", with([frame(CONTINUATION, 0, 1, b"").repeat(7), frame(CONTINUATION, 4, 1, b"")].concat()), Nothing),
        ("10.5 nine", with(frame(CONTINUATION, 0, 1, b"").repeat(9)), Connection(CALM)),
        ("10.5.1 64 KiB", with(frame(CONTINUATION, 0, 1, &[0x88; 16_384]).repeat(4)), Connection(CALM)),
        ("10.5.1 129 fields", packed(&list(128)), Connection(CALM)),
        ("10.5.1 128 fields", packed(&list(127)), Nothing),
        ("6.5.2 list too large", packed(&[&[0x88][..], &block(&[("x-large", &"v".repeat(250))]), &[0x40, 1, b'y', 0x7f, 0xbd, 0x1d], &[b'v'; 3_900], &[0xbe; 20]].concat()), Connection(CALM)),
        ("7541 2.3.3 index 0", packed(&[0x80]), Connection(PACKED)),
        ("7541 2.3.3 index 62", packed(&[0xbe]), Connection(PACKED)),
        ("7541 2.3.3 name 62", packed(&[0x7e, 0]), Connection(PACKED)),
        ("7541 5.1 long number", packed(&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1]), Connection(PACKED)),
        ("7541 5.1 padded number", packed(&[0xff, 0x80, 0x80, 0x80, 0x80, 0x80]), Connection(PACKED)),
        ("7541 5.1 cut number", packed(&[0x88, 0xff]), Connection(PACKED)),
        ("7541 5.2 cut string", packed(&[0x00, 0x05, b'a']), Connection(PACKED)),
        ("7541 5.2 EOS", packed(&eos), Connection(PACKED)),
        ("7541 5.2 padding", packed(&[0x00, 0x01, b'a', 0x81, 0x18]), Connection(PACKED)),
        ("7541 4.2 update late", packed(&[0x88, 0x20]), Connection(PACKED)),
        ("7541 6.3 above ours", packed(&[0x3f, 0xe2, 0x1f, 0x88]), Connection(PACKED)),
        ("7541 6.3 two at the start", packed(&[0x20, 0x3f, 0xe1, 0x1f, 0x88]), Nothing),
        ("4.3 of a closed stream", frame(HEADERS, 4, 7, &[0x80]), Connection(PACKED)),
    ]
}

#[test]
fn fields_that_are_malformed() {
    check_all(fields());
}

#[rustfmt::skip]
pub(crate) fn fields() -> Vec<Case> {
    let with =
        |fields: &[(&str, &str)]| response(1, &[&[(":status", "200")], fields].concat(), true);
    vec![
        ("8.2.1 capital", with(&[("Server", "x")]), Stream(1, PROTOCOL)),
        ("8.2.1 space", with(&[("a b", "x")]), Stream(1, PROTOCOL)),
        ("8.2.1 empty name", with(&[("", "x")]), Stream(1, PROTOCOL)),
        ("8.2.1 CR", with(&[("a", "x\r")]), Stream(1, PROTOCOL)),
        ("8.2.1 LF", with(&[("a", "x\ny: z")]), Stream(1, PROTOCOL)),
        ("8.2.1 NUL", with(&[("a", "\0")]), Stream(1, PROTOCOL)),
        ("8.2.1 blank before", with(&[("a", " x")]), Stream(1, PROTOCOL)),
        ("8.2.1 blank after", with(&[("a", "x\t")]), Stream(1, PROTOCOL)),
        ("8.2.2 connection", with(&[("connection", "close")]), Stream(1, PROTOCOL)),
        ("8.2.2 keep-alive", with(&[("keep-alive", "1")]), Stream(1, PROTOCOL)),
        ("8.2.2 proxy-connection", with(&[("proxy-connection", "x")]), Stream(1, PROTOCOL)),
        ("8.2.2 transfer-encoding", with(&[("transfer-encoding", "chunked")]), Stream(1, PROTOCOL)),
        ("8.2.2 upgrade", with(&[("upgrade", "h2c")]), Stream(1, PROTOCOL)),
        ("8.2.2 te", with(&[("te", "gzip")]), Stream(1, PROTOCOL)),
        ("8.2.2 te trailers", with(&[("te", "trailers")]), Nothing),
        ("8.3 request's", with(&[(":path", "/")]), Stream(1, PROTOCOL)),
        ("8.3 unknown", with(&[(":x", "y")]), Stream(1, PROTOCOL)),
        ("8.3 after a field", response(1, &[("a", "b"), (":status", "200")], true), Stream(1, PROTOCOL)),
        ("8.3 twice", with(&[(":status", "200")]), Stream(1, PROTOCOL)),
        ("8.3.2 missing", response(1, &[("a", "b")], true), Stream(1, PROTOCOL)),
        ("8.3.2 empty block", frame(HEADERS, 5, 1, b""), Stream(1, PROTOCOL)),
        ("8.3.2 two digits", response(1, &[(":status", "20")], true), Stream(1, PROTOCOL)),
        ("8.3.2 099", response(1, &[(":status", "099")], true), Stream(1, PROTOCOL)),
        ("8.3.2 word", response(1, &[(":status", "2x0")], true), Stream(1, PROTOCOL)),
        ("8.3.2 999", response(1, &[(":status", "999")], true), Nothing),
        ("8.6 101", response(1, &[(":status", "101")], false), Stream(1, PROTOCOL)),
    ]
}

#[test]
fn messages_whose_parts_do_not_fit() {
    check_all(messages());
}

#[rustfmt::skip]
pub(crate) fn messages() -> Vec<Case> {
    let with =
        |fields: &[(&str, &str)]| response(1, &[&[(":status", "200")], fields].concat(), true);
    let five = |payload: &[u8], end| data(13, payload, end);
    vec![
        ("8.1 1xx ends", response(1, &[(":status", "100")], true), Stream(1, PROTOCOL)),
        ("8.1 1xx malformed", response(1, &[(":status", "100"), ("A", "")], false), Stream(1, PROTOCOL)),
        ("8.1 1xx for ever", response(1, &[(":status", "102")], false).repeat(40), Stream(1, CALM)),
        ("8.1 DATA first", data(1, b"x", false), Stream(1, PROTOCOL)),
        ("8.1 second head", ok(3, false), Stream(3, PROTOCOL)),
        ("8.1 :status in trailers", ok(3, true), Stream(3, PROTOCOL)),
        ("8.1 capital in trailers", response(3, &[("A", "b")], true), Stream(3, PROTOCOL)),
        ("8.1 trailers", response(3, &[("a", "b")], true), Nothing),
        ("8.1.1 length word", with(&[("content-length", "x")]), Stream(1, PROTOCOL)),
        ("8.1.1 length signed", with(&[("content-length", "+0")]), Stream(1, PROTOCOL)),
        ("8.1.1 length empty", with(&[("content-length", "")]), Stream(1, PROTOCOL)),
        ("8.1.1 length overflows", with(&[("content-length", "18446744073709551616")]), Stream(1, PROTOCOL)),
        ("8.1.1 lengths differ", with(&[("content-length", "0"), ("content-length", "1")]), Stream(1, PROTOCOL)),
        ("8.1.1 lengths agree", with(&[("content-length", "0"), ("content-length", "0")]), Nothing),
        ("8.1.1 length, no body", with(&[("content-length", "1")]), Stream(1, PROTOCOL)),
        ("8.1.1 too short", five(b"1234", true), Stream(13, PROTOCOL)),
        ("8.1.1 too long", five(b"123456", false), Stream(13, PROTOCOL)),
        ("8.1.1 too long later", [five(b"12345", false), five(b"6", false)].concat(), Stream(13, PROTOCOL)),
        ("8.1.1 exact", [five(b"12345", false), five(b"", true)].concat(), Nothing),
        ("8.1.1 short by trailers", response(13, &[("a", "b")], true), Stream(13, PROTOCOL)),
        ("8.1.1 body of HEAD", [ok(9, false), data(9, b"x", true)].concat(), Stream(9, PROTOCOL)),
        ("8.1.1 body of 204", [response(1, &[(":status", "204")], false), data(1, b"x", true)].concat(), Stream(1, PROTOCOL)),
        ("8.1.1 body of 304", [response(1, &[(":status", "304")], false), data(1, b"x", true)].concat(), Stream(1, PROTOCOL)),
        ("5.1 DATA after the end", data(5, b"x", false), Stream(5, CLOSED)),
        ("5.1 HEADERS after the end", ok(5, true), Stream(5, CLOSED)),
        ("5.1 DATA, closed", data(11, b"x", false), Nothing),
        ("5.1 HEADERS, closed", ok(11, true), Nothing),
        ("5.1 DATA after our reset", data(7, b"x", true), Nothing),
        ("5.1 HEADERS after our reset", ok(7, false), Nothing),
        ("5.1 RST_STREAM after our reset", word(7, RST_STREAM, 8), Nothing),
        ("5.1 WINDOW_UPDATE after our reset", word(7, WINDOW_UPDATE, 8), Nothing),
    ]
}
