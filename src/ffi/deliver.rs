//! The only place that calls an application's callback. Nothing is held while it runs.

use std::cell::Cell;
use std::ffi::{c_int, c_void};
use std::sync::Arc;

use super::context::{Context, Held, now};
use super::handle::{self, Kind};
use super::types::{lws, lws_callback_reasons};
use crate::engine::call::{Call, Input, Reason, Who};
use crate::engine::table::Key;
use crate::engine::wsi::Wsi;

/// Space that APPEND gets: contract 1.11 promises 4,000 bytes.
const APPEND_SPACE: usize = 4096;

type Callback = unsafe extern "C-unwind" fn(
    *mut lws,
    lws_callback_reasons,
    *mut c_void,
    *mut c_void,
    usize,
) -> c_int;

/// Calls, and tells the engine what came back: it is still held for whatever the caller asks next.
pub(crate) fn deliver(context: &Arc<Context>, call: Call) -> (c_int, Held<'_>) {
    if matches!(call.input, Input::Append) {
        return deliver_append(context, call);
    }
    if matches!(call.input, Input::Options) {
        return deliver_options(context, call);
    }
    let (input, len) = match &call.input {
        Input::None | Input::Append | Input::Options => (0, 0),
        Input::Text(text) => (text.as_ptr().expose_provenance(), text.len() - 1),
        Input::Said(text, status) => (text.as_ptr().expose_provenance(), usize::from(*status)),
        Input::Fixed(text) => (text.as_ptr().expose_provenance(), text.len() - 1),
        Input::Fd(fd) => (*fd as isize as usize, 0),
        Input::Itself => (own_handle(context, call.who).expose_provenance(), 0),
        Input::Pointer(pointer) => (*pointer, 0),
        Input::Count(count) => (0, *count as usize),
    };
    deliver_bytes(context, &call, input, len)
}

/// A callback about memory that the caller's frame owns.
pub(crate) fn deliver_bytes<'a>(
    context: &'a Arc<Context>,
    call: &Call,
    input: usize,
    len: usize,
) -> (c_int, Held<'a>) {
    let Who::Request(key) = call.who else {
        let verdict = invoke(context, call, input, len);
        return (verdict, context.hold());
    };
    let thrown = Thrown {
        context,
        key,
        reason: call.reason,
    };
    let verdict = invoke(context, call, input, len);
    std::mem::forget(thrown);
    let mut held = context.hold();
    held.returned(key, call.reason, verdict);
    (verdict, held)
}

fn deliver_append(context: &Arc<Context>, call: Call) -> (c_int, Held<'_>) {
    let Who::Request(key) = call.who else {
        return (-1, context.hold());
    };
    // None once the thread's locals are gone: atexit handlers.
    let mut scratch = SCRATCH.try_with(Cell::take).unwrap_or_default();
    scratch.resize(APPEND_SPACE, 0);
    let start = scratch.as_mut_ptr();
    let mut end = start;
    let thrown = Thrown {
        context,
        key,
        reason: call.reason,
    };
    let input = (&raw mut end).expose_provenance();
    let verdict = invoke(context, &call, input, APPEND_SPACE);
    std::mem::forget(thrown);
    let written = end.addr().wrapping_sub(start.addr());
    let extra = scratch.get(..written).ok_or(
        "closed before established: APPEND left its pointer outside of the buffer it was given",
    );
    let mut held = context.hold();
    held.now = now();
    held.append_returned(key, verdict, extra);
    let _ = SCRATCH.try_with(|kept| kept.set(scratch));
    (verdict, held)
}

/// WS_EXT_DEFAULTS: `user` is the extension's name, and the program may write options over the NUL at `in`.
fn deliver_options(context: &Arc<Context>, mut call: Call) -> (c_int, Held<'_>) {
    let Who::Request(key) = call.who else {
        return (-1, context.hold());
    };
    let name = context.hold().extension_name(key).map(str::to_owned);
    let name = name.unwrap_or_else(|| "\0".to_owned());
    call.user = name.as_ptr().expose_provenance();
    let mut options = [0u8; OPTIONS_SPACE];
    let thrown = Thrown {
        context,
        key,
        reason: call.reason,
    };
    let input = options.as_mut_ptr().expose_provenance();
    let verdict = invoke(context, &call, input, OPTIONS_SPACE);
    std::mem::forget(thrown);
    let written = options.split(|byte| *byte == 0).next().unwrap_or_default();
    let mut held = context.hold();
    held.defaults_returned(key, verdict, written);
    (verdict, held)
}

/// Space that WS_EXT_DEFAULTS gets.
const OPTIONS_SPACE: usize = 128;

thread_local! {
    /// What APPEND writes into, kept from request to request; out while a callback has it.
    static SCRATCH: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// The call itself.
pub(crate) fn invoke(context: &Arc<Context>, call: &Call, input: usize, len: usize) -> c_int {
    #[cfg(feature = "planted-ffi")]
    read_what_was_freed();
    let wsi = own_handle(context, call.who);
    let callback = std::ptr::with_exposed_provenance::<c_void>(call.callback);
    if callback.is_null() {
        return 0;
    }
    // SAFETY: `call.callback` is the address of a protocol's callback, taken from the program's list when its vhost was made.
    let callback: Callback = unsafe { std::mem::transmute(callback) };
    let reason = lws_callback_reasons(call.reason as c_int);
    let user = std::ptr::with_exposed_provenance_mut(call.user);
    let input = std::ptr::with_exposed_provenance_mut(input);
    // SAFETY: lws_protocols asks for a function that may be called so for as long as its vhost lives; `input` has `len` bytes.
    unsafe { callback(wsi, reason, user, input, len) }
}

/// What a callback names as its wsi.
fn own_handle(context: &Arc<Context>, who: Who) -> *mut lws {
    match who {
        Who::Request(key) => handle::wsi_pointer(context.slot, Kind::Request, key),
        Who::Face(key) => handle::wsi_pointer(context.slot, Kind::Face, key),
        Who::Conn(key) => handle::wsi_pointer(context.slot, Kind::Conn, key),
    }
}

/// The bug that the AddressSanitizer run of this layer has to find (scripts/stories.sh planted).
#[cfg(feature = "planted-ffi")]
fn read_what_was_freed() {
    let block = Box::into_raw(Box::new(1u64));
    // SAFETY: from `into_raw` above.
    drop(unsafe { Box::from_raw(block) });
    // SAFETY: not at all: that is what is planted.
    let stale = unsafe { block.read_volatile() };
    std::hint::black_box(stale);
}

/// A C++ exception went through: the request counts as one whose callback said no.
struct Thrown<'a> {
    context: &'a Arc<Context>,
    key: Key<Wsi>,
    reason: Reason,
}

impl Drop for Thrown<'_> {
    fn drop(&mut self) {
        let mut held = self.context.hold();
        match self.reason {
            Reason::AppendHandshakeHeader => held.append_returned(self.key, -1, Ok(&[])),
            Reason::WsExtDefaults => held.defaults_returned(self.key, -1, &[]),
            reason => held.returned(self.key, reason, -1),
        }
    }
}
