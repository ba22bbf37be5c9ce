//! The only place that says what a panic does: it is a bug here, so it says where, and ends the process.

use std::sync::Once;

use super::logs;
use crate::engine::LLL_ERR;

/// From here on a panic logs its file and line and aborts. Unwinding is left to the exceptions of C++ programs.
pub(crate) fn install() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        std::panic::set_hook(Box::new(|panic| {
            let place = panic
                .location()
                .map_or_else(String::new, ToString::to_string);
            let text = panic.payload_as_str().unwrap_or("");
            logs::emit(LLL_ERR, &format!("{place}: broadside: bug: {text}"));
            std::process::abort();
        }));
    });
}
