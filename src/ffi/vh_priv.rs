//! The only place for what a vhost has for one protocol: its entry, and memory that the program keeps there.

use core::ffi::{c_char, c_int, c_void};
use core::ptr;
use std::sync::Arc;

use super::context::Context;
use super::types::{lws_protocols, lws_vhost};
use super::vhost::find;
use super::{logs, text};
use crate::engine::LLL_ERR;
use crate::engine::table::Key;
use crate::engine::vhost::Vhost;

/// Gives a protocol `size` zeroed bytes on a vhost, aligned for any object, and returns them. They are freed with the vhost, after its
/// PROTOCOL_DESTROY. A second call gives new ones, which lws_protocol_vh_priv_get() finds from then on.
///
/// Returns NULL, after a log line, when the vhost has no such protocol, an argument is NULL or stale, `size` is below 0, or memory is
/// short.
///
/// # Safety
///
/// `prot` is NULL or an entry whose name is NULL or a string.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_protocol_vh_priv_zalloc(
    vhost: *mut lws_vhost,
    prot: *const lws_protocols,
    size: c_int,
) -> *mut c_void {
    // SAFETY: as `entry` wants it, by this function's contract.
    let found = unsafe { entry(vhost, prot) };
    let memory = found.and_then(|(context, vhost, protocol)| {
        let bytes = usize::try_from(size).map_err(|_| "size is below 0")?;
        let mut held = context.hold();
        let memory = held
            .vhosts
            .get_mut(vhost)
            .and_then(|vhost| vhost.keep(protocol, bytes));
        memory.ok_or("out of memory")
    });
    match memory {
        Ok(address) => ptr::with_exposed_provenance_mut(address),
        Err(why) => {
            logs::emit(LLL_ERR, &format!("lws_protocol_vh_priv_zalloc: {why}"));
            ptr::null_mut()
        }
    }
}

/// What lws_protocol_vh_priv_zalloc() gave last for this protocol of the vhost; NULL when nothing was, or there is no such vhost or
/// protocol. Programs ask in every callback, so that is not logged.
///
/// # Safety
///
/// `prot` is NULL or an entry whose name is NULL or a string.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_protocol_vh_priv_get(
    vhost: *mut lws_vhost,
    prot: *const lws_protocols,
) -> *mut c_void {
    // SAFETY: as `entry` wants it, by this function's contract.
    let Ok((context, vhost, protocol)) = (unsafe { entry(vhost, prot) }) else {
        return ptr::null_mut();
    };
    let mut held = context.hold();
    let kept = held
        .vhosts
        .get_mut(vhost)
        .map_or(0, |vhost| vhost.kept(protocol));
    ptr::with_exposed_provenance_mut(kept)
}

/// The vhost's protocol of this name, as the program's own entry; NULL when it has none.
///
/// # Safety
///
/// `name` is NULL or a string.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_vhost_name_to_protocol(
    vh: *mut lws_vhost,
    name: *const c_char,
) -> *const lws_protocols {
    // SAFETY: NULL or a string, by this function's contract.
    let name = unsafe { text::text(name) };
    let (Some((context, vhost)), Ok(Some(name))) = (find(vh), name) else {
        return ptr::null();
    };
    let held = context.hold();
    let found = held.vhosts.get(vhost).and_then(|vhost| {
        let index = vhost.protocol_named(name)?;
        vhost.config.protocols.get(usize::from(index))
    });
    ptr::with_exposed_provenance(found.map_or(0, |protocol| protocol.c))
}

/// What `entry` finds.
pub(crate) type Entry = (Arc<Context>, Key<Vhost>, u16);

/// Which of a vhost's protocols is meant: by its address, or else, as one that another vhost has too, by its name.
///
/// # Safety
///
/// `prot` is NULL or an entry whose name is NULL or a string.
pub(crate) unsafe fn entry(
    vhost: *const lws_vhost,
    prot: *const lws_protocols,
) -> Result<Entry, &'static str> {
    let (context, key) = find(vhost).ok_or("vhost is NULL or not a live vhost")?;
    // SAFETY: by this function's contract.
    let prot = unsafe { prot.as_ref() }.ok_or("prot is NULL")?;
    let held = context.hold();
    let vhost = held.vhosts.get(key).ok_or("the vhost is gone")?;
    let protocols = &vhost.config.protocols;
    let address = ptr::from_ref(prot).addr();
    let index = match protocols.iter().position(|entry| entry.c == address) {
        Some(index) => u16::try_from(index).ok(),
        None => {
            // SAFETY: NULL or a string, by this function's contract.
            let name = unsafe { text::text(prot.name) };
            name.ok()
                .flatten()
                .and_then(|name| vhost.protocol_named(name))
        }
    };
    let index = index.ok_or("the vhost has no such protocol")?;
    drop(held);
    Ok((context, key, index))
}
