//! The only place for the form API: parts of a multipart body, written by hand or filled in from values and files.

use std::ffi::{OsStr, c_char, c_int};
use std::fs::{File, metadata};
use std::io::Read;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;
use std::ptr;

use super::http::{lws_add_http_header_by_name, lws_add_http_header_content_length};
use super::logs;
use super::text::bytes;
use super::types::{lws, lws_http_mp_sm, lws_http_mp_sm_cb_t};
use super::wsi::{request, with};
use crate::engine::LLL_ERR;
use crate::net::random::fill;
use crate::proto::form::{Form, Part, Stretch};
use crate::proto::h1::check_value;

/// Writes what begins a part of a multipart form at `*p`, terminated, and moves `*p` to the terminator: the part's value follows there.
/// `name` NULL writes the form's end instead. `filename` and `content_type` are NULL where the part has none. A quote, CR or LF in
/// `name` or `filename` is written as %22, %0D or %0A.
///
/// For requests with LCCSCF_HTTP_MULTIPART_MIME, from APPEND_HANDSHAKE_HEADER on. Their Content-Type is written by the library, with a
/// boundary that is new for each. Without a Content-Length of the program's the body is sent in chunks on h1 (RFC 9112 section 7.1).
///
/// Returns 0, or 1, with a log line and `*p` as it was, when it does not fit before `end`, `content_type` has a CR, LF or NUL,
/// the request is not of this kind, or the handle is stale.
///
/// # Safety
///
/// `name`, `filename` and `content_type` are NULL or strings; `*p` up to `end` is writable.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_client_http_multipart(
    wsi: *mut lws,
    name: *const c_char,
    filename: *const c_char,
    content_type: *const c_char,
    p: *mut *mut c_char,
    end: *mut c_char,
) -> c_int {
    if request(wsi, "lws_client_http_multipart").is_none() {
        return 1;
    }
    // SAFETY: NULL or a string, by this function's contract.
    let name = unsafe { bytes(name) };
    // SAFETY: as above.
    let filename = unsafe { bytes(filename) };
    // SAFETY: as above.
    let content_type = unsafe { bytes(content_type) };
    if let Err(fault) = content_type.map_or(Ok(()), check_value) {
        return refuse(fault.text());
    }
    let part = name.map(|name| Part {
        name,
        filename,
        content_type,
    });
    let text = with(
        wsi,
        "lws_client_http_multipart",
        Err("the request has ended"),
        |held, key| held.next_part(key, part),
    );
    let text = match text {
        Ok(text) => text,
        Err(why) => return refuse(why),
    };
    // SAFETY: `*p` up to `end` is writable, by this function's contract.
    if !unsafe { put_text(&text, p, end) } {
        return refuse(
            "no space left for one more part: give it more, or write what is there first",
        );
    }
    if part.is_some() {
        with(wsi, "lws_client_http_multipart", (), |mut held, key| {
            held.part_is_given(key);
        });
    }
    0
}

fn refuse(why: &str) -> c_int {
    logs::emit(LLL_ERR, &format!("lws_client_http_multipart: {why}"));
    1
}

/// Puts text and a terminator at `*p`, and moves `*p` to that. `false` when it does not fit.
///
/// # Safety
///
/// `p` is NULL or writable; `*p` up to `end` is writable.
unsafe fn put_text(text: &[u8], p: *mut *mut c_char, end: *mut c_char) -> bool {
    if p.is_null() {
        return false;
    }
    // SAFETY: readable, by this function's contract.
    let start = unsafe { *p };
    let room = end.addr().saturating_sub(start.addr());
    if start.is_null() || text.len() >= room {
        return false;
    }
    // SAFETY: `room` bytes are writable, by this function's contract.
    unsafe { super::text::put(text, start, room) };
    // SAFETY: within the space.
    let behind = unsafe { start.add(text.len()) };
    // SAFETY: writable, by this function's contract.
    unsafe { p.write(behind) };
    true
}

/// What is left of a form's body.
struct Filling {
    /// In reverse: the next is the last.
    stretches: Vec<Stretch<Source>>,
}

/// A file of a form, opened when its turn comes.
enum Source {
    Named(PathBuf),
    Opened(File),
}

/// Begins a multipart form that is filled in from values and files: writes its Content-Type and Content-Length at `*p` and moves `*p`
/// behind them. For APPEND_HANDSHAKE_HEADER of a request without LCCSCF_HTTP_MULTIPART_MIME; the program says
/// lws_client_http_body_pending() and lws_callback_on_writable() itself, and lws_http_mp_sm_fill() gives it the body in
/// CLIENT_HTTP_WRITEABLE.
///
/// `cb(context, text, size, &last)` is asked for one field after another, all of them within this call. It writes `name=value`, or
/// `name=@path` for what is in a file, to `text`, which has `size` bytes (4,096), terminated, and returns 0; 1 when there are no more,
/// and below 0 to give up. `last` is NULL at first, and what it left there afterwards.
///
/// Returns what lws_http_mp_sm_fill() takes, or NULL, with a log line and `*p` as it was, when `cb` gave up, a file is not there or no
/// regular file, the lines do not fit before `end`, memory or random bytes are short, or the handle is stale.
///
/// # Safety
///
/// `cb` may be called so; `*p` up to `end` is writable, as APPEND_HANDSHAKE_HEADER gave it.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_http_mp_sm_init(
    wsi: *mut lws,
    cb: lws_http_mp_sm_cb_t,
    p: *mut *mut u8,
    end: *mut u8,
) -> *mut lws_http_mp_sm {
    let Some((context, _)) = request(wsi, "lws_http_mp_sm_init") else {
        return ptr::null_mut();
    };
    let boundary = match new_boundary() {
        Some(boundary) if !p.is_null() => boundary,
        Some(_) => return give_up("p is NULL"),
        None => return give_up("OpenSSL has no random bytes"),
    };
    let mut form = Form::new(boundary);
    // SAFETY: by this function's contract.
    if let Err(why) = unsafe { ask_fields(&mut form, cb, context.pointer()) } {
        return give_up(&why);
    }
    let content_type = format!("multipart/form-data; boundary={}", form.boundary);
    let (mut stretches, length) = form.finish();
    stretches.reverse();
    // SAFETY: readable, by this function's contract.
    let start = unsafe { *p };
    // SAFETY: by this function's contract.
    if !unsafe { add_lines(wsi, &content_type, length, p, end) } {
        // SAFETY: writable, by this function's contract.
        unsafe { p.write(start) };
        return give_up("no space left for its header lines");
    }
    Box::into_raw(Box::new(Filling { stretches })).cast()
}

fn give_up(why: &str) -> *mut lws_http_mp_sm {
    logs::emit(LLL_ERR, &format!("lws_http_mp_sm_init: {why}"));
    ptr::null_mut()
}

/// 24 dashes and 16 hex digits.
fn new_boundary() -> Option<String> {
    let mut bytes = [0; 8];
    let digits = fill(&mut bytes).then(|| u64::from_ne_bytes(bytes))?;
    Some(format!("{:-<24}{digits:016x}", ""))
}

/// # Safety
///
/// As lws_http_mp_sm_init().
unsafe fn add_lines(
    wsi: *mut lws,
    content_type: &str,
    length: u64,
    p: *mut *mut u8,
    end: *mut u8,
) -> bool {
    let name = c"content-type".as_ptr().cast();
    let (value, len) = (content_type.as_ptr(), content_type.len() as c_int);
    // SAFETY: by this function's contract; name and value are ours.
    let typed = unsafe { lws_add_http_header_by_name(wsi, name, value, len, p, end) };
    // SAFETY: by this function's contract.
    typed == 0 && unsafe { lws_add_http_header_content_length(wsi, length, p, end) } == 0
}

/// Space that a field has.
const FIELD_SIZE: usize = 4096;

/// # Safety
///
/// `cb` is NULL or may be called as lws_http_mp_sm_init() says.
unsafe fn ask_fields(
    form: &mut Form<Source>,
    cb: lws_http_mp_sm_cb_t,
    context: *mut super::types::lws_context,
) -> Result<(), String> {
    let cb = cb.ok_or("cb is NULL")?;
    let mut text = vec![0_u8; FIELD_SIZE];
    let mut last = ptr::null();
    loop {
        text.fill(0);
        let space = text.as_mut_ptr().cast::<c_char>();
        // SAFETY: by this function's contract; `text` has as many bytes as is said.
        match unsafe { cb(context, space, FIELD_SIZE, &raw mut last) } {
            0 => {}
            1.. => return Ok(()),
            code => return Err(format!("the program's callback returned {code}")),
        }
        let field = text.split(|byte| *byte == 0).next().unwrap_or_default();
        add_field(form, field)?;
    }
}

fn add_field(form: &mut Form<Source>, field: &[u8]) -> Result<(), String> {
    let equals = field.iter().position(|byte| *byte == b'=');
    let (name, value) = field.split_at(equals.unwrap_or(field.len()));
    match value.strip_prefix(b"=").unwrap_or_default() {
        [b'@', path @ ..] => {
            let named = PathBuf::from(OsStr::from_bytes(path));
            let found = metadata(&named).map_err(|why| format!("{}: {why}", named.display()))?;
            if !found.is_file() {
                return Err(format!("{}: not a regular file", named.display()));
            }
            form.add_file(name, path, Source::Named(named), found.len());
        }
        value => form.add_value(name, value),
    }
    Ok(())
}

/// Writes the next bytes of the form's body at `*p`, as many as there are and as fit before `end`, and moves `*p` behind them. Returns 1
/// while more follow, 0 when these were the last, and -1, with a log line, when a file cannot be read or became shorter than it was, or
/// an argument is NULL. A file that grew is sent as long as it was.
///
/// # Safety
///
/// `phms` came from lws_http_mp_sm_init() and was not destroyed; `*p` up to `end` is writable.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_http_mp_sm_fill(
    phms: *mut lws_http_mp_sm,
    p: *mut *mut u8,
    end: *mut u8,
) -> c_int {
    // SAFETY: NULL or ours, by this function's contract.
    let filling = unsafe { phms.cast::<Filling>().as_mut() };
    let (Some(filling), false) = (filling, p.is_null()) else {
        logs::emit(LLL_ERR, "lws_http_mp_sm_fill: an argument is NULL");
        return -1;
    };
    // SAFETY: readable, by this function's contract.
    let start = unsafe { *p };
    let room = end.addr().saturating_sub(start.addr());
    if start.is_null() || room == 0 {
        return c_int::from(!filling.stretches.is_empty());
    }
    // SAFETY: `room` bytes are writable, by this function's contract; zeroed first, as they may never have been written.
    unsafe { ptr::write_bytes(start, 0, room) };
    // SAFETY: as above.
    let space = unsafe { std::slice::from_raw_parts_mut(start, room) };
    match filling.fill(space) {
        Ok(n) => {
            // SAFETY: within the space, or just behind it.
            let behind = unsafe { start.add(n) };
            // SAFETY: writable, by this function's contract.
            unsafe { p.write(behind) };
            c_int::from(!filling.stretches.is_empty())
        }
        Err(why) => {
            logs::emit(LLL_ERR, &format!("lws_http_mp_sm_fill: {why}"));
            -1
        }
    }
}

impl Filling {
    /// How much of `space` was filled: all of it, or nothing is left.
    fn fill(&mut self, space: &mut [u8]) -> Result<usize, String> {
        let mut filled = 0;
        while let Some(mut next) = self.stretches.pop() {
            let room = space.get_mut(filled..).unwrap_or_default();
            if room.is_empty() {
                self.stretches.push(next);
                break;
            }
            filled += next.give(room)?;
            if !next.is_over() {
                self.stretches.push(next);
            }
        }
        Ok(filled)
    }
}

impl Stretch<Source> {
    fn is_over(&self) -> bool {
        match self {
            Self::Bytes(bytes) => bytes.is_empty(),
            Self::File(_, left) => *left == 0,
        }
    }

    fn give(&mut self, room: &mut [u8]) -> Result<usize, String> {
        match self {
            Self::Bytes(bytes) => {
                let n = bytes.len().min(room.len());
                for (to, from) in room.iter_mut().zip(bytes.drain(..n)) {
                    *to = from;
                }
                Ok(n)
            }
            Self::File(_, 0) => Ok(0),
            Self::File(source, left) => {
                let most = usize::try_from(*left).map_or(room.len(), |left| left.min(room.len()));
                let room = room.get_mut(..most).unwrap_or_default();
                let n = source.read(room)?;
                *left -= n as u64;
                Ok(n)
            }
        }
    }
}

impl Source {
    /// At least one byte.
    fn read(&mut self, room: &mut [u8]) -> Result<usize, String> {
        if let Self::Named(path) = self {
            let file = File::open(&*path).map_err(|why| format!("{}: {why}", path.display()))?;
            *self = Self::Opened(file);
        }
        let Self::Opened(file) = self else {
            return Err("the file is not open".into());
        };
        match file.read(room) {
            Ok(0) => Err("a file became shorter than it was when the form began".into()),
            Ok(n) => Ok(n),
            Err(why) => Err(why.to_string()),
        }
    }
}

/// Frees what lws_http_mp_sm_init() gave, and sets `*pphms` to NULL. NULL, and a pointer to NULL, are allowed.
///
/// # Safety
///
/// `*pphms` is NULL, or came from lws_http_mp_sm_init() and was not destroyed.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_http_mp_sm_destroy(pphms: *mut *mut lws_http_mp_sm) {
    if pphms.is_null() {
        return;
    }
    // SAFETY: readable and writable, by this function's contract.
    let filling = unsafe { pphms.replace(ptr::null_mut()) };
    if !filling.is_null() {
        // SAFETY: from `Box::into_raw`, by this function's contract, and freed once.
        drop(unsafe { Box::from_raw(filling.cast::<Filling>()) });
    }
}

#[cfg(test)]
mod tests {
    use super::{Filling, Form, Source, add_field, new_boundary};
    use std::fs::{read, write};
    use std::path::Path;

    fn form(fields: &[&[u8]]) -> (Filling, u64) {
        let mut form = Form::new("b".into());
        for field in fields {
            add_field(&mut form, field).expect("a field");
        }
        let (mut stretches, length) = form.finish();
        stretches.reverse();
        (Filling { stretches }, length)
    }

    fn all(mut filling: Filling, room: usize) -> Result<Vec<u8>, String> {
        let mut body = Vec::new();
        let mut space = vec![0; room];
        while !filling.stretches.is_empty() {
            let n = filling.fill(&mut space)?;
            assert!(n == room || filling.stretches.is_empty());
            body.extend_from_slice(&space[..n]);
        }
        Ok(body)
    }

    #[test]
    fn the_body_is_the_same_in_whatever_pieces_and_as_long_as_was_said() {
        let here = Path::new(file!());
        let at = format!("file=@{}", here.display());
        let fields: [&[u8]; 4] = [b"a=1=2", b"none", b"empty=", at.as_bytes()];
        let file = read(here).expect("this file");
        let want = [
            b"--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1=2\r\n".as_slice(),
            b"--b\r\nContent-Disposition: form-data; name=\"none\"\r\n\r\n\r\n",
            b"--b\r\nContent-Disposition: form-data; name=\"empty\"\r\n\r\n\r\n",
            b"--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"src/ffi/form.rs\"\r\n",
            b"Content-Type: application/octet-stream\r\n\r\n",
            &file,
            b"\r\n--b--\r\n",
        ]
        .concat();
        for room in [1, 7, 100, 1000, 1 << 20] {
            let (filling, length) = form(&fields);
            assert_eq!(length, want.len() as u64);
            assert_eq!(all(filling, room), Ok(want.clone()), "{room}");
        }
    }

    #[test]
    fn a_file_that_grew_is_sent_as_it_was_and_one_that_shrank_is_an_error() {
        let path = std::env::temp_dir().join(format!("broadside-form-{}", std::process::id()));
        let field = format!("f=@{}", path.display());
        for (after, ok) in [("123456", true), ("12", false)] {
            write(&path, "1234").expect("a file");
            let (filling, length) = form(&[field.as_bytes()]);
            write(&path, after).expect("the same");
            let body = all(filling, 64);
            assert_eq!(body.is_ok(), ok, "{body:?}");
            assert!(!ok || body.is_ok_and(|body| body.len() as u64 == length));
        }
        std::fs::remove_file(&path).expect("it is there");
    }

    #[test]
    fn what_is_no_file_is_refused() {
        let mut form = Form::<Source>::new("b".into());
        assert!(add_field(&mut form, b"f=@/no/such/file").is_err());
        assert!(add_field(&mut form, b"f=@/").is_err());
        assert!(add_field(&mut form, b"f=@/dev/zero").is_err());
    }

    #[test]
    fn a_boundary_is_as_curl_makes_it() {
        let boundary = new_boundary().expect("random bytes");
        assert!(boundary.starts_with(&"-".repeat(24)));
        assert_eq!(boundary.len(), 40);
        assert_ne!(Some(boundary), new_boundary());
    }
}
