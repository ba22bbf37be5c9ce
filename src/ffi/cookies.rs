//! The only place that opens the cookies of a context, and writes them to their file.

use std::path;
use std::sync::Arc;

use super::context::Context;
use super::retry::unix_time;
use super::types::lws_context_creation_info;
use super::{log_cx, text};
use crate::engine::jar::Jar;
use crate::engine::{LLL_ERR, LLL_WARN};
use crate::net::kept;
use crate::proto::cookies::{Limits, PAYLOAD};

/// A new context gets its jar. A file that cannot be read is left alone.
///
/// # Safety
///
/// `info` is filled in as its members say.
pub(super) unsafe fn open(context: &Arc<Context>, info: &lws_context_creation_info) {
    let usual = Limits::default();
    let or = |given: usize, usual: usize| if given == 0 { usual } else { given };
    let limits = Limits {
        items: or(info.http_nsc_heap_max_items, usual.items),
        bytes: or(info.http_nsc_heap_max_footprint, usual.bytes),
        payload: or(info.http_nsc_heap_max_payload, usual.payload).min(PAYLOAD),
    };
    let mut jar = Jar::new(limits, unix_time);
    // SAFETY: NULL or a string, by this function's contract.
    if let Some(file) = unsafe { text::path(info.http_nsc_filepath) } {
        // The program may change its directory later.
        let file = path::absolute(file).unwrap_or_else(|_| file.to_owned());
        match kept::read(&file) {
            Ok(bytes) => jar.keep_in(file.into(), &bytes),
            Err(error) => log_cx::say(
                context.settings.log_cx,
                None,
                LLL_ERR,
                &format!(
                    "lws_create_context: http_nsc_filepath {}: {error}: cookies are kept in memory alone",
                    file.display()
                ),
            ),
        }
    }
    context.hold().jar = jar;
}

/// Writes the file, if it has one and something has changed.
pub(super) fn save(context: &Arc<Context>) {
    let unsaved = context.hold().jar.unsaved();
    let Some((file, bytes)) = unsaved else {
        return;
    };
    if let Err(error) = kept::write(&file, &bytes) {
        context.hold().jar.not_saved();
        let line = format!("cookies: {}: {error}", file.display());
        log_cx::say(context.settings.log_cx, None, LLL_WARN, &line);
    }
}
