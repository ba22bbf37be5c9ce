//! The only place for what programs ask of a vhost or a context that lives.

use std::ffi::{c_char, c_int, c_void};
use std::ptr;
use std::sync::Arc;

use super::context::{self, Context};
use super::frame::Frame;
use super::handle::{self, Kind};
use super::types::{lws_context, lws_vhost};
use super::{destroy, logs, text};
use crate::engine::LLL_ERR;
use crate::engine::table::Key;
use crate::engine::vhost::Vhost;

/// The vhost behind a pointer of C's, if it lives.
pub(crate) fn find(vhost: *const lws_vhost) -> Option<(Arc<Context>, Key<Vhost>)> {
    let handle = handle::decode(vhost.addr()).filter(|handle| handle.kind == Kind::Vhost)?;
    let context = context::at(handle.slot)?;
    let key = handle.key();
    context.hold().vhosts.get(key)?;
    Some((context, key))
}

pub(crate) fn find_or_log(
    vhost: *const lws_vhost,
    what: &str,
) -> Option<(Arc<Context>, Key<Vhost>)> {
    let found = find(vhost);
    if found.is_none() {
        logs::emit(
            LLL_ERR,
            &format!("{what}: vhost is NULL or not a live vhost"),
        );
    }
    found
}

/// Ends the vhost: its requests get their last callbacks, its protocols PROTOCOL_DESTROY, before this returns; a request that is
/// inside a callback gets them when that returned. NULL and a vhost that is gone are allowed.
///
/// # Safety
///
/// What the vhost was given lives until this returns.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_vhost_destroy(vh: *mut lws_vhost) {
    let Some((context, key)) = find(vh) else {
        return;
    };
    let frame = Frame::enter(&context);
    if let Some(vhost) = context.hold().vhosts.get_mut(key) {
        vhost.dying = true;
    }
    destroy::end_requests(&context, Some(key));
    destroy::retire_vhost(&context, key);
    frame.leave();
}

/// The vhost of this name, or NULL.
///
/// # Safety
///
/// `name` is NULL or a string.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_get_vhost_by_name(
    context: *mut lws_context,
    name: *const c_char,
) -> *mut lws_vhost {
    let Some(context) = context::of(context, "lws_get_vhost_by_name") else {
        return ptr::null_mut();
    };
    // SAFETY: NULL or a string, by this function's contract.
    let Ok(Some(name)) = (unsafe { text::text(name) }) else {
        return ptr::null_mut();
    };
    let held = context.hold();
    let mut vhosts = held.vhosts.iter();
    let found = vhosts
        .find(|(_, vhost)| !vhost.dying && vhost.config.name.strip_suffix('\0') == Some(name));
    found.map_or(ptr::null_mut(), |(key, _)| {
        handle::vhost_pointer(context.slot, key)
    })
}

/// The vhost's name: good until the vhost is destroyed. "" for one that is gone.
///
/// # Safety
///
/// None: the pointer is looked up, never followed.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_get_vhost_name(vhost: *mut lws_vhost) -> *const c_char {
    let Some((context, key)) = find_or_log(vhost, "lws_get_vhost_name") else {
        return c"".as_ptr();
    };
    let held = context.hold();
    held.vhosts
        .get(key)
        .map_or(c"".as_ptr(), |vhost| vhost.config.name.as_ptr().cast())
}

/// The `info.port` that the vhost was created with: CONTEXT_PORT_NO_LISTEN, for nothing listens here. 0 for a vhost that is gone.
///
/// # Safety
///
/// None: the pointer is looked up, never followed.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_get_vhost_port(vhost: *mut lws_vhost) -> c_int {
    let Some((context, key)) = find_or_log(vhost, "lws_get_vhost_port") else {
        return 0;
    };
    let held = context.hold();
    held.vhosts.get(key).map_or(0, |vhost| vhost.config.port)
}

/// The same as lws_get_vhost_port().
///
/// # Safety
///
/// None: the pointer is looked up, never followed.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_get_vhost_listen_port(vhost: *mut lws_vhost) -> c_int {
    // SAFETY: as our own contract.
    unsafe { lws_get_vhost_port(vhost) }
}

/// The `user` that the vhost was created with.
///
/// # Safety
///
/// None: the pointer is looked up, never followed.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_get_vhost_user(vhost: *mut lws_vhost) -> *mut c_void {
    let Some((context, key)) = find_or_log(vhost, "lws_get_vhost_user") else {
        return ptr::null_mut();
    };
    let user = context
        .hold()
        .vhosts
        .get(key)
        .map_or(0, |vhost| vhost.config.user);
    ptr::with_exposed_provenance_mut(user)
}

/// The same as lws_get_vhost_user().
///
/// # Safety
///
/// None: the pointer is looked up, never followed.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_vhost_user(vhost: *mut lws_vhost) -> *mut c_void {
    // SAFETY: as our own contract.
    unsafe { lws_get_vhost_user(vhost) }
}

/// The `info.iface` that the vhost was created with, good until it is destroyed; NULL when it had none, or the vhost is gone.
///
/// # Safety
///
/// None: the pointer is looked up, never followed.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_get_vhost_iface(vhost: *mut lws_vhost) -> *const c_char {
    let Some((context, key)) = find_or_log(vhost, "lws_get_vhost_iface") else {
        return ptr::null();
    };
    let held = context.hold();
    let iface = held
        .vhosts
        .get(key)
        .and_then(|own| own.config.iface.as_deref());
    iface.map_or(ptr::null(), |iface| iface.as_ptr())
}

/// A name for log lines, "[vh|0|default||-1]" with an ordinal in hexadecimal, name, `info.iface` and `info.port`; good until the vhost is destroyed. A string also for NULL and for a vhost that is gone.
///
/// # Safety
///
/// None: the pointer is looked up, never followed.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_vh_tag(vh: *mut lws_vhost) -> *const c_char {
    let Some((context, key)) = find(vh) else {
        return c"[null vh]".as_ptr();
    };
    let held = context.hold();
    held.vhosts
        .get(key)
        .map_or(c"[null vh]".as_ptr(), |own| own.config.tag.as_ptr().cast())
}

/// How many threads serve the context at once: 1, whatever `count_threads` asked for; 0 for a context that is gone.
///
/// # Safety
///
/// None: the pointer is looked up, never followed.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_get_count_threads(context: *mut lws_context) -> c_int {
    c_int::from(context::of(context, "lws_get_count_threads").is_some())
}

/// 0: nothing here makes a context that only finishes what it has.
///
/// # Safety
///
/// None: the pointer is not looked at.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_context_is_deprecated(context: *mut lws_context) -> c_int {
    let _ = context;
    0
}

/// The `user` that the context was created with.
///
/// # Safety
///
/// None: the pointer is looked up, never followed.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_context_user(context: *mut lws_context) -> *mut c_void {
    let user = context::of(context, "lws_context_user").map_or(0, |context| context.user);
    ptr::with_exposed_provenance_mut(user)
}
