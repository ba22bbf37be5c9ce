//! The only place that calls nghttp2's connections: a server's side of one, in memory, made safe.
//!
//! nghttp2 calls back while it reads and writes. The callbacks decide nothing: they note what they saw, and `server.rs`
//! reads the notes when nghttp2 has returned.

mod hpack;
mod server;

use std::cell::RefCell;
use std::collections::HashMap;
use std::ffi::{c_char, c_int, c_void};
use std::ptr::{null, null_mut};
use std::rc::Rc;

use libnghttp2_sys as sys;

pub(crate) use hpack::{Deflater, Inflater};
pub(crate) use server::{EARLY, Options, Server};

/// A field, and whether nobody on the way may index it (RFC 7541 §6.2.3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Field {
    pub(crate) name: Vec<u8>,
    pub(crate) value: Vec<u8>,
    pub(crate) never_indexed: bool,
}

impl Field {
    pub(crate) fn new(name: impl Into<Vec<u8>>, value: impl Into<Vec<u8>>) -> Self {
        Self {
            name: name.into(),
            value: value.into(),
            never_indexed: false,
        }
    }
}

/// A frame that came or went, as far as anybody asks. `code` is RST_STREAM's and GOAWAY's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Frame {
    pub(crate) kind: u8,
    pub(crate) flags: u8,
    pub(crate) stream: i32,
    pub(crate) code: u32,
}

/// What a callback saw.
#[derive(Debug)]
enum Note {
    Begins(i32),
    Field(i32, Field),
    Data(i32, Vec<u8>),
    Came(Frame),
    Went(Frame),
    /// All of the body left but not END_STREAM: trailers are due.
    BodyLeft(i32),
    Closed(i32),
    /// nghttp2 found fault with the client.
    Complaint(String),
}

/// The body of an answer, while it leaves.
#[derive(Default)]
struct Outgoing {
    bytes: Vec<u8>,
    left: usize,
    whole: bool,
    trailers: bool,
}

/// What the callbacks see.
#[derive(Default)]
struct Shared {
    notes: Vec<Note>,
    outgoing: HashMap<i32, Outgoing>,
    padding: usize,
    data_frame: usize,
}

/// Whether an answer has a body, and what comes after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Body {
    None,
    Last,
    BeforeTrailers,
}

/// A server's side of one connection.
struct Session {
    raw: *mut sys::nghttp2_session,
    shared: Rc<RefCell<Shared>>,
}

impl Session {
    fn new(padding: usize, data_frame: usize, deflate_table: usize) -> Self {
        let shared = Rc::new(RefCell::new(Shared {
            padding,
            data_frame,
            ..Shared::default()
        }));
        let user_data = Rc::as_ptr(&shared).cast_mut().cast::<c_void>();
        let (callbacks, option) = (new_callbacks(), new_option(deflate_table));
        let mut raw = null_mut();
        // SAFETY: `callbacks` and `option` are nghttp2's own and alive. `user_data` is the session's `shared`, which goes
        // after the session.
        let made =
            unsafe { sys::nghttp2_session_server_new2(&raw mut raw, callbacks, user_data, option) };
        assert_eq!(made, 0);
        // SAFETY: the session has its own copy.
        unsafe { sys::nghttp2_session_callbacks_del(callbacks) };
        // SAFETY: the session has its own copy.
        unsafe { sys::nghttp2_option_del(option) };
        Self { raw, shared }
    }

    fn receive(&mut self, bytes: &[u8]) {
        // SAFETY: `raw` is alive, and `bytes` is `len` readable bytes.
        let taken =
            unsafe { sys::nghttp2_session_mem_recv2(self.raw, bytes.as_ptr(), bytes.len()) };
        if usize::try_from(taken) != Ok(bytes.len()) {
            self.note(Note::Complaint(format!(
                "it takes {taken} of {} bytes",
                bytes.len()
            )));
        }
    }

    /// Appends what is to be sent now.
    fn send(&mut self, out: &mut Vec<u8>) {
        loop {
            let mut start = null();
            // SAFETY: `raw` is alive, and `start` is writable.
            let len = unsafe { sys::nghttp2_session_mem_send2(self.raw, &raw mut start) };
            let len = usize::try_from(len).expect("nghttp2 can write");
            if len == 0 {
                return;
            }
            // SAFETY: nghttp2 answered that `len` bytes are there until it is called again.
            out.extend_from_slice(unsafe { std::slice::from_raw_parts(start, len) });
        }
    }

    fn respond(&mut self, id: i32, fields: &[Field], body: Body) {
        let pairs = pairs(fields);
        let provider = sys::nghttp2_data_provider2 {
            source: sys::nghttp2_data_source { ptr: null_mut() },
            read_callback: Some(read_body),
        };
        let provider: *const _ = match body {
            Body::None => null(),
            Body::Last | Body::BeforeTrailers => &raw const provider,
        };
        let outgoing = Outgoing {
            trailers: body == Body::BeforeTrailers,
            ..Outgoing::default()
        };
        self.shared.borrow_mut().outgoing.insert(id, outgoing);
        // SAFETY: `raw` is alive; the pairs and the provider are copied.
        let taken = unsafe {
            sys::nghttp2_submit_response2(self.raw, id, pairs.as_ptr(), pairs.len(), provider)
        };
        assert_eq!(taken, 0);
    }

    /// A head before the real one.
    fn hint(&mut self, id: i32, fields: &[Field]) {
        let pairs = pairs(fields);
        // SAFETY: `raw` is alive; the pairs are copied; no priority and no data of ours belong to it.
        let taken = unsafe {
            sys::nghttp2_submit_headers(
                self.raw,
                0,
                id,
                null(),
                pairs.as_ptr(),
                pairs.len(),
                null_mut(),
            )
        };
        assert_eq!(taken, 0);
    }

    fn trailers(&mut self, id: i32, fields: &[Field]) {
        let pairs = pairs(fields);
        // SAFETY: `raw` is alive; the pairs are copied.
        let taken =
            unsafe { sys::nghttp2_submit_trailer(self.raw, id, pairs.as_ptr(), pairs.len()) };
        assert_eq!(taken, 0);
    }

    /// More of a body, and whether that is all.
    fn push_body(&mut self, id: i32, bytes: &[u8], whole: bool) {
        {
            let mut shared = self.shared.borrow_mut();
            let Some(outgoing) = shared.outgoing.get_mut(&id) else {
                return; // closed meanwhile
            };
            outgoing.bytes.extend_from_slice(bytes);
            outgoing.whole |= whole;
        }
        // SAFETY: `raw` is alive. That a stream does not wait for data is an error without consequence.
        unsafe { sys::nghttp2_session_resume_data(self.raw, id) };
    }

    fn reset(&mut self, id: i32, code: u32) {
        // SAFETY: `raw` is alive.
        let taken = unsafe { sys::nghttp2_submit_rst_stream(self.raw, 0, id, code) };
        assert_eq!(taken, 0);
    }

    fn settings(&mut self, entries: &[(u16, u32)]) {
        let entry = |(id, value): &(u16, u32)| sys::nghttp2_settings_entry {
            settings_id: i32::from(*id),
            value: *value,
        };
        let entries: Vec<_> = entries.iter().map(entry).collect();
        // SAFETY: `raw` is alive; the entries are copied.
        let taken =
            unsafe { sys::nghttp2_submit_settings(self.raw, 0, entries.as_ptr(), entries.len()) };
        assert_eq!(taken, 0);
    }

    fn ping(&mut self, opaque: [u8; 8]) {
        // SAFETY: `raw` is alive; the 8 bytes are copied.
        let taken = unsafe { sys::nghttp2_submit_ping(self.raw, 0, opaque.as_ptr()) };
        assert_eq!(taken, 0);
    }

    /// GOAWAY with the largest id: an end is near.
    fn shutdown_notice(&mut self) {
        // SAFETY: `raw` is alive.
        let taken = unsafe { sys::nghttp2_submit_shutdown_notice(self.raw) };
        assert_eq!(taken, 0);
    }

    fn goaway(&mut self, last: i32, code: u32) {
        // SAFETY: `raw` is alive, and there is no text.
        let taken = unsafe { sys::nghttp2_submit_goaway(self.raw, 0, last, code, null(), 0) };
        assert_eq!(taken, 0);
    }

    fn widen_connection(&mut self, window: i32) {
        // SAFETY: `raw` is alive.
        let taken = unsafe { sys::nghttp2_session_set_local_window_size(self.raw, 0, 0, window) };
        assert_eq!(taken, 0);
    }

    fn take_notes(&mut self) -> Vec<Note> {
        std::mem::take(&mut self.shared.borrow_mut().notes)
    }

    /// The highest stream of which something was processed.
    fn last_processed(&self) -> i32 {
        // SAFETY: `raw` is alive.
        unsafe { sys::nghttp2_session_get_last_proc_stream_id(self.raw) }
    }

    /// What the client allows on the connection.
    fn send_window(&self) -> i32 {
        // SAFETY: `raw` is alive.
        unsafe { sys::nghttp2_session_get_remote_window_size(self.raw) }
    }

    /// False after its GOAWAY when no stream is left: it waits for nothing more.
    fn reads(&self) -> bool {
        // SAFETY: `raw` is alive.
        unsafe { sys::nghttp2_session_want_read(self.raw) != 0 }
    }

    fn note(&self, note: Note) {
        self.shared.borrow_mut().notes.push(note);
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // SAFETY: `raw` came from nghttp2, and nobody uses it after this.
        unsafe { sys::nghttp2_session_del(self.raw) };
    }
}

fn new_option(deflate_table: usize) -> *mut sys::nghttp2_option {
    let mut option = null_mut();
    // SAFETY: `option` is writable.
    let made = unsafe { sys::nghttp2_option_new(&raw mut option) };
    assert_eq!(made, 0);
    // SAFETY: `option` was just made.
    unsafe { sys::nghttp2_option_set_max_deflate_dynamic_table_size(option, deflate_table) };
    // It counts one for each piece in which the head of a CONTINUATION comes, 8 at most unless told otherwise.
    // SAFETY: `option` was just made.
    unsafe { sys::nghttp2_option_set_max_continuations(option, 8 * 9) };
    option
}

fn new_callbacks() -> *mut sys::nghttp2_session_callbacks {
    let mut made = null_mut();
    // SAFETY: `made` is writable.
    let done = unsafe { sys::nghttp2_session_callbacks_new(&raw mut made) };
    assert_eq!(done, 0);
    // SAFETY: `made` is alive. Here and below: the function does what nghttp2 says the callback does.
    unsafe { sys::nghttp2_session_callbacks_set_on_begin_headers_callback(made, Some(begins)) };
    // SAFETY: as above.
    unsafe { sys::nghttp2_session_callbacks_set_on_header_callback(made, Some(field_came)) };
    // SAFETY: as above.
    unsafe { sys::nghttp2_session_callbacks_set_on_data_chunk_recv_callback(made, Some(data)) };
    // SAFETY: as above.
    unsafe { sys::nghttp2_session_callbacks_set_on_frame_recv_callback(made, Some(came)) };
    // SAFETY: as above.
    unsafe { sys::nghttp2_session_callbacks_set_on_frame_send_callback(made, Some(went)) };
    // SAFETY: as above.
    unsafe { sys::nghttp2_session_callbacks_set_on_stream_close_callback(made, Some(closed)) };
    // SAFETY: as above.
    unsafe {
        sys::nghttp2_session_callbacks_set_on_invalid_frame_recv_callback(made, Some(invalid))
    };
    // SAFETY: as above.
    unsafe { sys::nghttp2_session_callbacks_set_error_callback2(made, Some(complains)) };
    // SAFETY: as above.
    unsafe { sys::nghttp2_session_callbacks_set_select_padding_callback2(made, Some(pads)) };
    // SAFETY: as above.
    unsafe {
        sys::nghttp2_session_callbacks_set_data_source_read_length_callback2(made, Some(sizes))
    };
    made
}

/// Name and value are read only; nghttp2 wants them as if it wrote them.
fn pairs(fields: &[Field]) -> Vec<sys::nghttp2_nv> {
    let pair = |field: &Field| sys::nghttp2_nv {
        name: field.name.as_ptr().cast_mut(),
        value: field.value.as_ptr().cast_mut(),
        namelen: field.name.len(),
        valuelen: field.value.len(),
        flags: if field.never_indexed { NO_INDEX } else { 0 },
    };
    fields.iter().map(pair).collect()
}

const NO_INDEX: u8 = sys::NGHTTP2_NV_FLAG_NO_INDEX as u8;

// The callbacks. None of them may panic: C is below them.

/// # Safety
///
/// `user_data` is what `Session::new` gave nghttp2, and the session is alive.
unsafe fn shared<'a>(user_data: *mut c_void) -> &'a RefCell<Shared> {
    // SAFETY: by this function's contract it points at the session's `Rc`; nobody has it borrowed while nghttp2 runs.
    unsafe { &*user_data.cast::<RefCell<Shared>>() }
}

/// # Safety
///
/// As `shared`.
unsafe fn note(user_data: *mut c_void, note: Note) -> c_int {
    // SAFETY: by this function's contract.
    let shared = unsafe { shared(user_data) };
    shared.borrow_mut().notes.push(note);
    0
}

/// # Safety
///
/// `frame` points at one of nghttp2's.
unsafe fn look(frame: *const sys::nghttp2_frame) -> Frame {
    // SAFETY: all members of the union begin with the head.
    let head = unsafe { frame.cast::<sys::nghttp2_frame_hd>().read() };
    let code = match u32::from(head.type_) {
        sys::NGHTTP2_RST_STREAM => {
            // SAFETY: the head says that it is this member.
            unsafe { frame.cast::<sys::nghttp2_rst_stream>().read() }.error_code
        }
        sys::NGHTTP2_GOAWAY => {
            // SAFETY: the head says that it is this member.
            unsafe { frame.cast::<sys::nghttp2_goaway>().read() }.error_code
        }
        _ => 0,
    };
    Frame {
        kind: head.type_,
        flags: head.flags,
        stream: head.stream_id,
        code,
    }
}

/// # Safety
///
/// `len` bytes are readable at `start`.
unsafe fn copy(start: *const u8, len: usize) -> Vec<u8> {
    if len == 0 {
        return Vec::new(); // `start` may be NULL then
    }
    // SAFETY: by this function's contract.
    unsafe { std::slice::from_raw_parts(start, len) }.to_vec()
}

extern "C" fn begins(
    _: *mut sys::nghttp2_session,
    frame: *const sys::nghttp2_frame,
    user_data: *mut c_void,
) -> c_int {
    // SAFETY: nghttp2 shows one of its frames.
    let frame = unsafe { look(frame) };
    // SAFETY: nghttp2 gives what it was given.
    unsafe { note(user_data, Note::Begins(frame.stream)) }
}

extern "C" fn field_came(
    _: *mut sys::nghttp2_session,
    frame: *const sys::nghttp2_frame,
    name: *const u8,
    name_len: usize,
    value: *const u8,
    value_len: usize,
    flags: u8,
    user_data: *mut c_void,
) -> c_int {
    // SAFETY: nghttp2 shows one of its frames.
    let frame = unsafe { look(frame) };
    let field = Field {
        // SAFETY: nghttp2 shows a name.
        name: unsafe { copy(name, name_len) },
        // SAFETY: nghttp2 shows a value.
        value: unsafe { copy(value, value_len) },
        never_indexed: flags & NO_INDEX != 0,
    };
    // SAFETY: nghttp2 gives what it was given.
    unsafe { note(user_data, Note::Field(frame.stream, field)) }
}

extern "C" fn data(
    _: *mut sys::nghttp2_session,
    _flags: u8,
    id: i32,
    start: *const u8,
    len: usize,
    user_data: *mut c_void,
) -> c_int {
    // SAFETY: nghttp2 shows payload.
    let bytes = unsafe { copy(start, len) };
    // SAFETY: nghttp2 gives what it was given.
    unsafe { note(user_data, Note::Data(id, bytes)) }
}

extern "C" fn came(
    _: *mut sys::nghttp2_session,
    frame: *const sys::nghttp2_frame,
    user_data: *mut c_void,
) -> c_int {
    // SAFETY: nghttp2 shows one of its frames.
    let frame = unsafe { look(frame) };
    // SAFETY: nghttp2 gives what it was given.
    unsafe { note(user_data, Note::Came(frame)) }
}

extern "C" fn went(
    _: *mut sys::nghttp2_session,
    frame: *const sys::nghttp2_frame,
    user_data: *mut c_void,
) -> c_int {
    // SAFETY: nghttp2 shows one of its frames.
    let frame = unsafe { look(frame) };
    // SAFETY: nghttp2 gives what it was given.
    unsafe { note(user_data, Note::Went(frame)) }
}

extern "C" fn closed(
    _: *mut sys::nghttp2_session,
    id: i32,
    _code: u32,
    user_data: *mut c_void,
) -> c_int {
    // SAFETY: nghttp2 gives what it was given.
    let shared = unsafe { shared(user_data) };
    let mut shared = shared.borrow_mut();
    shared.outgoing.remove(&id);
    shared.notes.push(Note::Closed(id));
    0
}

extern "C" fn invalid(
    _: *mut sys::nghttp2_session,
    frame: *const sys::nghttp2_frame,
    error: c_int,
    user_data: *mut c_void,
) -> c_int {
    if error == sys::NGHTTP2_ERR_REFUSED_STREAM {
        return 0; // its limit shrank on the way: RST_STREAM says so
    }
    // SAFETY: nghttp2 shows one of its frames.
    let frame = unsafe { look(frame) };
    let text = format!("{frame:?} is invalid: {error}");
    // SAFETY: nghttp2 gives what it was given.
    unsafe { note(user_data, Note::Complaint(text)) }
}

extern "C" fn complains(
    _: *mut sys::nghttp2_session,
    error: c_int,
    text: *const c_char,
    len: usize,
    user_data: *mut c_void,
) -> c_int {
    // SAFETY: nghttp2 shows a text.
    let text = unsafe { copy(text.cast(), len) };
    let text = format!("{error}: {}", String::from_utf8_lossy(&text));
    // SAFETY: nghttp2 gives what it was given.
    unsafe { note(user_data, Note::Complaint(text)) }
}

/// The payload's length with its padding.
extern "C" fn pads(
    _: *mut sys::nghttp2_session,
    frame: *const sys::nghttp2_frame,
    most: usize,
    user_data: *mut c_void,
) -> isize {
    // SAFETY: nghttp2 shows one of its frames; each begins with the head.
    let head = unsafe { frame.cast::<sys::nghttp2_frame_hd>().read() };
    // SAFETY: nghttp2 gives what it was given.
    let shared = unsafe { shared(user_data) };
    (head.length + shared.borrow().padding).min(most) as isize
}

/// How much DATA goes into one frame at most; nghttp2 cuts it to what the windows allow.
extern "C" fn sizes(
    _: *mut sys::nghttp2_session,
    _kind: u8,
    _id: i32,
    _connection: i32,
    _stream: i32,
    _max_frame: u32,
    user_data: *mut c_void,
) -> isize {
    // SAFETY: nghttp2 gives what it was given.
    let shared = unsafe { shared(user_data) };
    shared.borrow().data_frame.max(1) as isize
}

extern "C" fn read_body(
    _: *mut sys::nghttp2_session,
    id: i32,
    buffer: *mut u8,
    len: usize,
    flags: *mut u32,
    _: *mut sys::nghttp2_data_source,
    user_data: *mut c_void,
) -> isize {
    // SAFETY: nghttp2 gives what it was given.
    let shared = unsafe { shared(user_data) };
    let shared = &mut *shared.borrow_mut();
    let Some(outgoing) = shared.outgoing.get_mut(&id) else {
        return sys::NGHTTP2_ERR_CALLBACK_FAILURE as isize;
    };
    let rest = outgoing.bytes.get(outgoing.left..).unwrap_or_default();
    if rest.is_empty() && !outgoing.whole {
        return sys::NGHTTP2_ERR_DEFERRED as isize;
    }
    let n = rest.len().min(len);
    // SAFETY: `buffer` has room for `len` bytes, `rest` has `n`, and they are not the same memory.
    unsafe { buffer.copy_from_nonoverlapping(rest.as_ptr(), n) };
    outgoing.left += n;
    if outgoing.whole && outgoing.left == outgoing.bytes.len() {
        let mut said = sys::NGHTTP2_DATA_FLAG_EOF;
        if outgoing.trailers {
            said |= sys::NGHTTP2_DATA_FLAG_NO_END_STREAM;
            shared.notes.push(Note::BodyLeft(id));
        }
        // SAFETY: `flags` is writable.
        unsafe { flags.write(said) };
    }
    n as isize
}
