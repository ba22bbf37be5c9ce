//! The only place that hands received payload to the program: READ, with bytes that this frame owns.

use std::ffi::{c_char, c_int};
use std::sync::Arc;

use super::context::{Context, Held};
use super::deliver::{deliver, deliver_bytes};
use super::frame::Frame;
use super::log_cx;
use super::types::lws;
use super::wsi::request;
use crate::engine::LLL_ERR;
use crate::engine::buffer::Rx;
use crate::engine::call::{Input, Reason};
use crate::engine::conn::Conn;
use crate::engine::read::{Portion, Reading};
use crate::engine::table::Key;
use crate::engine::wsi::Wsi;
use crate::net::transport::Io;

/// Without a buffer of the program's.
const OWN_BUFFER: usize = 4096;

/// Reads what there is of a response's body, at most `*len` bytes: RECEIVE_CLIENT_HTTP_READ comes for each piece of payload,
/// and COMPLETED_CLIENT_HTTP when the response is complete, before this returns. `*buf` is used as space to read into; the
/// payload is where `in` of READ points. Call it in RECEIVE_CLIENT_HTTP, or later: until it is called nothing more is read
/// from the socket. NULL `buf` or `len` means a buffer of the library's. On an h2 stream READ comes by itself, without
/// RECEIVE_CLIENT_HTTP, and this does nothing.
///
/// Returns 0, or READ's nonzero return, or -1 when the handle is stale, the connection failed, or the body ended with the
/// connection; the callback should return nonzero then.
///
/// # Safety
///
/// `buf` and `len` are NULL, or `*buf` has `*len` writable bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_http_client_read(
    wsi: *mut lws,
    buf: *mut *mut c_char,
    len: *mut c_int,
) -> c_int {
    let Some((context, key)) = request(wsi, "lws_http_client_read") else {
        return -1;
    };
    let mut own = Vec::new();
    // SAFETY: by this function's contract.
    let space = match unsafe { lent(buf, len) } {
        Ok(Some(space)) => space,
        Ok(None) => {
            own.resize(OWN_BUFFER, 0u8);
            own.as_mut_slice()
        }
        Err(why) => {
            log_cx::say_of(wsi, LLL_ERR, &format!("lws_http_client_read: {why}"));
            return -1;
        }
    };
    let frame = Frame::enter(&context);
    let reading = context.hold().read_begin(key);
    let verdict = match reading {
        Reading::Nothing => 0,
        Reading::Buffered { conn, rx } => {
            let _over = Over(&context, key);
            from_buffer(&context, key, conn, rx, space.len())
        }
        Reading::Wire {
            conn,
            mut transport,
        } => {
            let _over = Over(&context, key);
            let io = transport.read(space);
            let cap = space.len();
            context.hold().read_returned(conn, transport, &io, cap);
            from_wire(&context, key, conn, space, io)
        }
    };
    frame.leave();
    verdict
}

/// The read is over whichever way its frame ends.
struct Over<'a>(&'a Arc<Context>, Key<Wsi>);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.hold().read_over(self.1);
    }
}

/// The program's buffer.
///
/// # Safety
///
/// `buf` and `len` are NULL, or `*buf` has `*len` writable bytes for `'a`.
unsafe fn lent<'a>(
    buf: *mut *mut c_char,
    len: *mut c_int,
) -> Result<Option<&'a mut [u8]>, &'static str> {
    if buf.is_null() || len.is_null() {
        return Ok(None);
    }
    // SAFETY: readable, by this function's contract.
    let start = unsafe { *buf };
    // SAFETY: as above.
    let len = unsafe { *len };
    if start.is_null() {
        return Ok(None);
    }
    let len = usize::try_from(len).ok().filter(|len| *len > 0);
    let len = len.ok_or("*len must be above 0")?;
    // SAFETY: `len` writable bytes, by this function's contract.
    Ok(Some(unsafe {
        std::slice::from_raw_parts_mut(start.cast(), len)
    }))
}

fn from_wire(
    context: &Arc<Context>,
    key: Key<Wsi>,
    conn: Key<Conn>,
    space: &mut [u8],
    io: Io,
) -> c_int {
    match io {
        Io::Done { n, .. } => {
            let mut behind = Behind {
                context,
                conn,
                rest: space.get_mut(..n).unwrap_or_default(),
            };
            let mut held = context.hold();
            let mut verdict;
            loop {
                match held.portion(key, conn, behind.rest) {
                    Portion::Payload { skip, take } => {
                        let rest = std::mem::take(&mut behind.rest);
                        let (eaten, after) = rest.split_at_mut(skip + take);
                        behind.rest = after;
                        (verdict, held) = payload(held, key, &mut eaten[skip..]);
                        if verdict != 0 {
                            drop(held);
                            return verdict;
                        }
                    }
                    portion => {
                        behind.rest = &mut [];
                        return finish(held, key, portion);
                    }
                }
            }
        }
        Io::WantRead | Io::WantWrite => {
            context.hold().offer_receive(key);
            0
        }
        io => {
            let mut held = context.hold();
            if held.read_ended(key, conn, io) {
                completed(held, key);
            }
            -1
        }
    }
}

/// What the socket gave and the program was not handed: it waits for the next read, when READ said no or threw.
struct Behind<'a> {
    context: &'a Arc<Context>,
    conn: Key<Conn>,
    rest: &'a mut [u8],
}

impl Drop for Behind<'_> {
    fn drop(&mut self) {
        if !self.rest.is_empty() {
            self.context.hold().keep_rest(self.conn, self.rest);
        }
    }
}

fn from_buffer(
    context: &Arc<Context>,
    key: Key<Wsi>,
    conn: Key<Conn>,
    rx: Rx,
    most: usize,
) -> c_int {
    let mut lent = Lent {
        context,
        conn,
        rx: Some(rx),
    };
    let mut given = 0;
    let mut held = context.hold();
    loop {
        let Some(rx) = lent.rx.as_mut() else {
            return -1;
        };
        let window = rx.pending().len().min(most - given);
        match held.portion(key, conn, &rx.pending()[..window]) {
            Portion::Payload { skip, take } => {
                given += take;
                rx.consume(skip);
                let (verdict, next) = payload(held, key, &mut rx.pending_mut()[..take]);
                rx.consume(take);
                if verdict != 0 {
                    return verdict;
                }
                held = next;
            }
            portion => {
                if let Some(rx) = lent.rx.take() {
                    held.rx_returned(conn, rx);
                }
                return finish(held, key, portion);
            }
        }
    }
}

/// Our buffer, out of its connection; it goes back whichever way this frame ends.
struct Lent<'a> {
    context: &'a Arc<Context>,
    conn: Key<Conn>,
    rx: Option<Rx>,
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        if let Some(rx) = self.rx.take() {
            self.context.hold().rx_returned(self.conn, rx);
        }
    }
}

/// RECEIVE_CLIENT_HTTP_READ.
fn payload<'a>(mut held: Held<'a>, key: Key<Wsi>, bytes: &mut [u8]) -> (c_int, Held<'a>) {
    if bytes.is_empty() {
        return (0, held);
    }
    let Some(call) = held.call(key, Reason::ReceiveClientHttpRead, Input::None) else {
        return (-1, held);
    };
    let context = held.release();
    let input = bytes.as_mut_ptr().expose_provenance();
    deliver_bytes(context, &call, input, bytes.len())
}

fn finish(mut held: Held<'_>, key: Key<Wsi>, portion: Portion) -> c_int {
    match portion {
        Portion::End => {
            held.complete(key);
            completed(held, key);
            0
        }
        Portion::More | Portion::Payload { .. } => {
            held.body_goes_on(key);
            0
        }
        Portion::Broken => -1,
    }
}

/// COMPLETED_CLIENT_HTTP, within this call.
fn completed(mut held: Held<'_>, key: Key<Wsi>) {
    if let Some(call) = held.completed_call(key) {
        deliver(held.release(), call);
    }
}
