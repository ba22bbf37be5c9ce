//! The only place where a fuzzer enters: one function a target, and each panics when a property does not hold.
//!
//! It is there with the feature `fuzzing`, which `fuzz/` turns on, and in tests, which replay `fuzz/corpus`. What a target
//! asserts stands beside the machine it feeds, where the machine's own books can be read.

use crate::proto::{auth as answers, cookies as jar, h1, h2, location, pmd, proxy as proxies, ws};
use crate::tests;

/// A whole answer of an h1 server: heads, then the body they tell of.
pub fn h1_head(data: &[u8]) {
    h1::fuzz::head(data);
}

/// What follows a head that says `Transfer-Encoding: chunked`; also as a body with a length, and until the end.
pub fn h1_body(data: &[u8]) {
    h1::fuzz::body(data);
}

/// A byte that says how the program behaves, then all that an h2 server sends.
pub fn h2_frames(data: &[u8]) {
    h2::fuzz::frames(data);
}

/// A script of what the program and an h2 server do in turn.
pub fn h2_talk(data: &[u8]) {
    h2::fuzz::talk(data);
}

/// Header blocks, each after its length in two bytes.
pub fn hpack_decode(data: &[u8]) {
    h2::fuzz::hpack_decode(data);
}

/// A list of fields, to be written and read again.
pub fn hpack_round(data: &[u8]) {
    h2::fuzz::hpack_round(data);
}

/// Bytes of rules and of the largest piece, then all that a ws server sends, or a script of what a program writes.
pub fn ws_frames(data: &[u8]) {
    ws::fuzz::frames(data);
}

/// Compressed messages of a ws server, or a program's, or the handshake that leads to them.
pub fn ws_deflate(data: &[u8]) {
    pmd::fuzz::deflate(data);
}

/// A byte that says what, then a proxy's answers to CONNECT or by SOCKS 5, or how somebody writes a proxy.
pub fn proxy(data: &[u8]) {
    proxies::fuzz::proxy(data);
}

/// Bytes of a request, then the values of WWW-Authenticate, a line each.
pub fn auth(data: &[u8]) {
    answers::fuzz::auth(data);
}

/// A script of what servers say in Set-Cookie, and of the file that cookies are kept in.
pub fn cookies(data: &[u8]) {
    jar::fuzz::cookies(data);
}

/// A byte that says where from, then the value of Location.
pub fn redirect(data: &[u8]) {
    location::fuzz::redirect(data);
}

/// A script of what a program and its peers do to the whole engine.
pub fn client(data: &[u8]) {
    tests::client::client(data);
}

pub type Target = fn(&[u8]);

/// By the names of their corpora.
pub const TARGETS: [(&str, Target); 13] = [
    ("h1_head", h1_head),
    ("h1_body", h1_body),
    ("h2_frames", h2_frames),
    ("h2_talk", h2_talk),
    ("hpack_decode", hpack_decode),
    ("hpack_round", hpack_round),
    ("ws_frames", ws_frames),
    ("ws_deflate", ws_deflate),
    ("proxy", proxy),
    ("auth", auth),
    ("cookies", cookies),
    ("redirect", redirect),
    ("client", client),
];
