//! The only place that says on which machine and as which user a context runs.

use core::ffi::c_char;
use core::ptr;

use super::context;
use super::types::{LWS_SERVER_OPTION_SKIP_SERVER_CANONICAL_NAME as SKIP, lws_context};
use crate::net::host;
use libc::{gid_t, uid_t};

/// The name of this machine, as it was when this was asked first; "unknown" on a context with
/// LWS_SERVER_OPTION_SKIP_SERVER_CANONICAL_NAME, or when it has none. It lives as long as the context. NULL when that is stale.
///
/// # Safety
///
/// None: the context is looked up, never followed.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_canonical_hostname(context: *mut lws_context) -> *const c_char {
    let Some(context) = context::of(context, "lws_canonical_hostname") else {
        return ptr::null();
    };
    let named = context.settings.options & SKIP == 0;
    let name = context.host_name.get_or_init(|| {
        let name = named.then(host::name).flatten();
        name.unwrap_or_else(|| c"unknown".to_owned())
    });
    name.as_ptr()
}

/// The user and the group that the process acts as now, to `*uid` and `*gid`. lws: those that the context was told to become.
///
/// # Safety
///
/// `uid` and `gid` are NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_get_effective_uid_gid(
    context: *mut lws_context,
    uid: *mut uid_t,
    gid: *mut gid_t,
) {
    if context::of(context, "lws_get_effective_uid_gid").is_none() {
        return;
    }
    let (user, group) = host::identity();
    if !uid.is_null() {
        // SAFETY: writable, by this function's contract.
        unsafe { uid.write(user) };
    }
    if !gid.is_null() {
        // SAFETY: writable, by this function's contract.
        unsafe { gid.write(group) };
    }
}
