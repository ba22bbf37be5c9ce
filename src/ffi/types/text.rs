//! The only place for the structs that a program keeps between two calls about its texts.

use core::ffi::{c_char, c_int, c_void};

/// Base64 that is decoded piece by piece. The members are the library's.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct lws_b64state {
    /// what up to four characters said that are not written yet
    pub quad: [u8; 4],
    /// how many bytes were written so far
    pub done: usize,
    /// how many characters are in `quad`
    pub len: usize,
    /// as `len`
    pub i: c_int,
    /// '=' once padding was seen
    pub c: c_int,
}

/// A text that is being cut into tokens. lws_tokenize_init() sets it up; a program that has no terminator behind its text sets `len` then.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct lws_tokenize {
    /// what is left of the text
    pub start: *const c_char,
    /// the element found, in the text and not terminated; of a quoted string what is between the quotes
    pub token: *const c_char,
    /// how much is left at most; a NUL ends the text too
    pub len: usize,
    /// how long the element is
    pub token_len: usize,
    /// LWS_TOKENIZE_F_ flags
    pub flags: u16,
    /// what a comma-separated list needs next: enum lws_tokenize_delimiter_tracking
    pub delim: u8,
    /// room for the program to keep an lws_tokenize_elem
    pub e: i8,
}

/// What lws_tokenize() found.
///
/// cbindgen:ignore
#[repr(transparent)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct lws_tokenize_elem(pub c_int);

/// Writes what `name` stands for to `out`, from `*pos` on, which it moves; `olen` is the size of `out`, which is NULL when only the length
/// is wanted. If not all of it fits: as much as does, LSTRX_FILLED_OUT, and in `*exp_ofs`, 0 at first, how much that was; it is called
/// again then. Else LSTRX_DONE or LSTRX_FATAL_NAME_UNKNOWN.
///
/// cbindgen:ignore
pub type lws_strexp_expand_cb = Option<
    unsafe extern "C-unwind" fn(
        r#priv: *mut c_void,
        name: *const c_char,
        out: *mut c_char,
        pos: *mut usize,
        olen: usize,
        exp_ofs: *mut usize,
    ) -> c_int,
>;

/// A text whose `${name}` are being expanded. The members are the library's.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct lws_strexp {
    /// the name so far
    pub name: [c_char; 32],
    /// knows what names stand for
    pub cb: lws_strexp_expand_cb,
    /// for `cb`
    pub r#priv: *mut c_void,
    /// where the expanded text goes, or NULL
    pub out: *mut c_char,
    /// size of `out`
    pub olen: usize,
    /// how much of it is used
    pub pos: usize,
    /// how much of what the name stands for was written
    pub exp_ofs: usize,
    /// how long `name` is
    pub name_pos: u8,
    /// what is being read
    pub state: c_char,
}

/// A unit of a schema for lws_humanize(); a schema is ended by one whose name is NULL.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct lws_humanize_unit {
    /// what is written behind the number
    pub name: *const c_char,
    /// how many of the smallest unit it is; larger ones come first
    pub factor: u64,
}

// SAFETY: the schemas are constants, and so are the names that they point at.
unsafe impl Sync for lws_humanize_unit {}

/// A pseudo random sequence, xoshiro256**: the same seed, the same sequence. Not for secrets.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct lws_xos {
    /// the state, not all zero
    pub s: [u64; 4],
}

/// One option of a program's command line, for lws_switches_print_help().
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct lws_switches {
    /// as it is typed: "--port"
    pub sw: *const c_char,
    /// what it does, or NULL
    pub doc: *const c_char,
}

/// The parts of a URI, made by lws_parse_uri_create(). The strings are terminated, and none is NULL.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct lws_parse_uri {
    /// "https" of "https://..."; "" without one
    pub scheme: *const c_char,
    /// the address, without the brackets of an IPv6 literal; of a unix socket `+` and its path
    pub host: *const c_char,
    /// what follows the slash behind the address, and "/" when nothing does
    pub path: *const c_char,
    /// as the URI says, or the usual one of http, ws, https and wss, or 0
    pub port: u16,
    /// 1 when `host` is a unix socket's path
    pub unix_skt: u8,
}

#[cfg(target_pointer_width = "64")]
const _: () = {
    use core::mem::{offset_of, size_of};
    assert!(size_of::<lws_b64state>() == 32);
    assert!(offset_of!(lws_b64state, done) == 8);
    assert!(offset_of!(lws_b64state, len) == 16);
    assert!(offset_of!(lws_b64state, i) == 24);
    assert!(offset_of!(lws_b64state, c) == 28);
    assert!(size_of::<lws_tokenize>() == 40);
    assert!(offset_of!(lws_tokenize, token) == 8);
    assert!(offset_of!(lws_tokenize, len) == 16);
    assert!(offset_of!(lws_tokenize, token_len) == 24);
    assert!(offset_of!(lws_tokenize, flags) == 32);
    assert!(offset_of!(lws_tokenize, delim) == 34);
    assert!(offset_of!(lws_tokenize, e) == 35);
    assert!(size_of::<lws_strexp>() == 88);
    assert!(offset_of!(lws_strexp, cb) == 32);
    assert!(offset_of!(lws_strexp, r#priv) == 40);
    assert!(offset_of!(lws_strexp, out) == 48);
    assert!(offset_of!(lws_strexp, olen) == 56);
    assert!(offset_of!(lws_strexp, pos) == 64);
    assert!(offset_of!(lws_strexp, exp_ofs) == 72);
    assert!(offset_of!(lws_strexp, name_pos) == 80);
    assert!(offset_of!(lws_strexp, state) == 81);
    assert!(size_of::<lws_humanize_unit>() == 16);
    assert!(offset_of!(lws_humanize_unit, factor) == 8);
    assert!(size_of::<lws_xos>() == 32);
    assert!(size_of::<lws_switches>() == 16);
    assert!(offset_of!(lws_switches, doc) == 8);
    assert!(size_of::<lws_parse_uri>() == 32);
    assert!(offset_of!(lws_parse_uri, host) == 8);
    assert!(offset_of!(lws_parse_uri, path) == 16);
    assert!(offset_of!(lws_parse_uri, port) == 24);
    assert!(offset_of!(lws_parse_uri, unix_skt) == 26);
};
