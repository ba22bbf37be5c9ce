//! The only place for what is asked of all requests that have a protocol.

use core::ffi::c_int;

use super::context::{self, Held};
use super::types::{lws_context, lws_protocols, lws_vhost};
use super::vh_priv::entry;
use super::{logs, text};
use crate::engine::LLL_ERR;
use crate::engine::table::Key;
use crate::engine::vhost::Vhost;

/// As lws_callback_on_writable(), for every request of the vhost that has this protocol. Returns 0, or -1, after a log line, when the
/// vhost has no such protocol, or an argument is NULL or stale.
///
/// # Safety
///
/// `protocol` is NULL or an entry whose name is NULL or a string.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_callback_on_writable_all_protocol_vhost(
    vhost: *const lws_vhost,
    protocol: *const lws_protocols,
) -> c_int {
    // SAFETY: as `entry` wants it, by this function's contract.
    match unsafe { entry(vhost, protocol) } {
        Ok((context, vhost, protocol)) => {
            ask_all(&mut context.hold(), vhost, protocol);
            0
        }
        Err(why) => {
            let line = format!("lws_callback_on_writable_all_protocol_vhost: {why}");
            logs::emit(LLL_ERR, &line);
            -1
        }
    }
}

/// As lws_callback_on_writable_all_protocol_vhost(), on every vhost that has a protocol with the callback and the name of this one.
/// Returns 0, or -1, after a log line, when an argument is NULL or stale.
///
/// # Safety
///
/// `protocol` is NULL or an entry whose name is NULL or a string.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_callback_on_writable_all_protocol(
    context: *const lws_context,
    protocol: *const lws_protocols,
) -> c_int {
    const WHO: &str = "lws_callback_on_writable_all_protocol";
    let Some(context) = context::of(context, WHO) else {
        return -1;
    };
    // SAFETY: NULL or an entry, by this function's contract.
    let Some(wanted) = (unsafe { protocol.as_ref() }) else {
        logs::emit(LLL_ERR, &format!("{WHO}: protocol is NULL"));
        return -1;
    };
    // SAFETY: NULL or a string, by this function's contract.
    let name = unsafe { text::text(wanted.name) };
    let name = name.ok().flatten().unwrap_or_default();
    let callback = wanted
        .callback
        .map_or(0, |callback| (callback as *const ()).addr());
    let mut held = context.hold();
    for vhost in held.vhosts.keys() {
        let found = held.vhosts.get(vhost).and_then(|vhost| {
            let at = vhost.protocol_named(name)?;
            let protocol = vhost.config.protocols.get(usize::from(at))?;
            (protocol.callback == callback).then_some(at)
        });
        if let Some(protocol) = found {
            ask_all(&mut held, vhost, protocol);
        }
    }
    0
}

fn ask_all(held: &mut Held<'_>, vhost: Key<Vhost>, protocol: u16) {
    let wsis = held.wsis.iter();
    let bound = wsis.filter(|(_, wsi)| wsi.vhost == vhost && wsi.protocol == protocol);
    let keys: Vec<_> = bound.map(|(key, _)| key).collect();
    for key in keys {
        held.ask_writeable(key);
    }
}
