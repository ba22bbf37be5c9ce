//! The only place that reads the program's stdin, when the program asks for that.

use std::ffi::{CString, c_char, c_int, c_uint, c_void};
use std::ptr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::adopt::lws_adopt_descriptor_vhost;
use super::context::{self, Context};
use super::frame::Frame;
use super::types::{
    lws, lws_adoption_type, lws_callback_reasons, lws_context, lws_context_creation_info,
    lws_protocols, lws_sock_file_fd_type, lws_system_states_t,
};
use super::wsi::{lws_get_context, lws_get_socket_fd};
use super::{create, logs};
use crate::engine::LLL_ERR;
use crate::net::adopted;

const APPEND_COMMANDLINE: c_uint = 1;

/// The most that is appended to a command line.
const LONGEST: usize = 256 * 1024;

/// What became of a context's stdin.
#[derive(Default)]
pub(crate) struct Stdin {
    adopted: AtomicBool,
    /// The state does not go on to OPERATIONAL before it has ended.
    awaited: AtomicBool,
    text: Mutex<Vec<u8>>,
    words: OnceLock<Vec<CString>>,
}

impl Stdin {
    pub(crate) fn is_awaited(&self) -> bool {
        self.awaited.load(Ordering::SeqCst)
    }

    /// What is appended to the command line.
    pub(crate) fn words(&self) -> &[CString] {
        self.words.get().map_or(&[], Vec::as_slice)
    }

    /// `false`: that is too much.
    fn keep(&self, bytes: &[u8]) -> bool {
        let mut text = self.text.lock().unwrap_or_else(PoisonError::into_inner);
        text.extend_from_slice(bytes);
        text.len() <= LONGEST
    }

    fn ended(&self) {
        let text = std::mem::take(&mut *self.text.lock().unwrap_or_else(PoisonError::into_inner));
        let words = text.split(|b| b.is_ascii_whitespace() || *b == 0);
        let words = words.filter(|word| !word.is_empty());
        let words = words.filter_map(|word| CString::new(word).ok()).collect();
        // It ends once.
        let _ = self.words.set(words);
        self.awaited.store(false, Ordering::SeqCst);
    }
}

struct Protocols([lws_protocols; 2]);

// SAFETY: constant: a name, a function and numbers.
unsafe impl Sync for Protocols {}

const NONE: lws_protocols = lws_protocols {
    name: ptr::null(),
    callback: None,
    per_session_data_size: 0,
    rx_buffer_size: 0,
    id: 0,
    user: ptr::null_mut(),
    tx_packet_size: 0,
};

static PROTOCOLS: Protocols = Protocols([
    lws_protocols {
        name: c"lws-stdin".as_ptr(),
        callback: Some(on_stdin),
        ..NONE
    },
    NONE,
]);

/// Reads the program's stdin from now on, on a descriptor of its own, until its end. With LWS_SAS_FLAG__APPEND_COMMANDLINE in `flags` its
/// words, which white space separates, are arguments of the command line for lws_cmdline_option_cx(), at most 256 KiB of them, and the
/// system's state does not go on to OPERATIONAL before all are there: secrets reach a program so without standing in its arguments.
/// Without the flag `stdin_rx` of `info.system_ops` is given what comes.
///
/// Once for each context, from the thread that serves it. It makes one more vhost, "system". Returns 0, or 1 after a log line: there is
/// no such context, it was asked before, there is no stdin, or nobody is to be given it.
///
/// # Safety
///
/// `info.system_ops` of the context is NULL or has the length of our header.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_system_adopt_stdin(
    cx: *mut lws_context,
    flags: c_uint,
) -> c_int {
    let Some(context) = context::of(cx, "lws_system_adopt_stdin") else {
        return 1;
    };
    // SAFETY: by this function's contract.
    let taker = unsafe { context.system.stdin_rx() };
    let append = flags & APPEND_COMMANDLINE != 0;
    let done = match append || taker.is_some() {
        true => take(&context, append),
        false => Err(
            "nobody is given it: set stdin_rx of info.system_ops, or LWS_SAS_FLAG__APPEND_COMMANDLINE"
                .into(),
        ),
    };
    match done {
        Ok(()) => 0,
        Err(why) => {
            logs::emit(LLL_ERR, &format!("lws_system_adopt_stdin: {why}"));
            1
        }
    }
}

fn take(context: &Arc<Context>, append: bool) -> Result<(), String> {
    let flags = adopted::status(0)?;
    if context.stdin.adopted.swap(true, Ordering::SeqCst) {
        return Err("it is adopted already".into());
    }
    let filefd = adopted::duplicate(0)?;
    // SAFETY: zero is a valid value of every member.
    let mut info: lws_context_creation_info = unsafe { std::mem::zeroed() };
    info.port = -1;
    info.vhost_name = c"system".as_ptr();
    info.protocols = PROTOCOLS.0.as_ptr();
    context.stdin.awaited.store(append, Ordering::SeqCst);
    // SAFETY: filled in as its members say.
    let vhost = unsafe { create::vhost_of(context.pointer(), Some(info)) };
    let file = lws_adoption_type::RAW_FILE_DESC;
    let fd = lws_sock_file_fd_type { filefd };
    // SAFETY: strings; the descriptor is ours to give, and closed with the wsi, or when there is none.
    let wsi = unsafe {
        lws_adopt_descriptor_vhost(vhost, file, fd, c"lws-stdin".as_ptr(), ptr::null_mut())
    };
    // Others have the same file: a terminal's stdout, for one.
    adopted::set_status(0, flags);
    if wsi.is_null() {
        context.stdin.awaited.store(false, Ordering::SeqCst);
        return Err("it could not be adopted".into());
    }
    Ok(())
}

unsafe extern "C-unwind" fn on_stdin(
    wsi: *mut lws,
    reason: lws_callback_reasons,
    _user: *mut c_void,
    _in: *mut c_void,
    _len: usize,
) -> c_int {
    let closes = reason == lws_callback_reasons::RAW_CLOSE_FILE;
    if !closes && reason != lws_callback_reasons::RAW_RX_FILE {
        return 0;
    }
    // SAFETY: the handle of the callback's own request.
    let pointer = unsafe { lws_get_context(wsi) };
    let Some(context) = context::of(pointer, "stdin") else {
        return -1;
    };
    if closes {
        return close(&context);
    }
    // SAFETY: as above.
    let fd = unsafe { lws_get_socket_fd(wsi) };
    let mut bytes = [0; 4096];
    match adopted::read(fd, &mut bytes) {
        Ok(None) => 0,
        Ok(Some(0)) => -1,
        Ok(Some(n)) => given(&context, bytes.get(..n).unwrap_or_default()),
        Err(error) => {
            logs::emit(LLL_ERR, &format!("stdin: {error}"));
            -1
        }
    }
}

/// Nonzero: no more of it.
fn given(context: &Arc<Context>, bytes: &[u8]) -> c_int {
    if !context.stdin.is_awaited() {
        return tell(context, bytes.as_ptr().cast(), bytes.len());
    }
    if context.stdin.keep(bytes) {
        return 0;
    }
    logs::emit(
        LLL_ERR,
        "stdin: longer than the 256 KiB that a command line takes; the rest is not read",
    );
    -1
}

fn close(context: &Arc<Context>) -> c_int {
    if !context.stdin.is_awaited() {
        return tell(context, ptr::null(), 0);
    }
    context.stdin.ended();
    let frame = Frame::enter(context);
    let operational = lws_system_states_t::OPERATIONAL.0;
    context.system.manager().steps(operational, Some(context));
    frame.leave();
    0
}

fn tell(context: &Arc<Context>, bytes: *const c_char, len: usize) -> c_int {
    // SAFETY: it was adopted, by a program that was built with our header.
    let Some(rx) = (unsafe { context.system.stdin_rx() }) else {
        return -1;
    };
    // SAFETY: lws_system_ops asks for a function that may be called so; nothing is held.
    unsafe { rx(context.pointer(), bytes, len) }
}
