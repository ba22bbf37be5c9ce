//! The only place that knows whether this process is a fork of the one it was.

use std::sync::Once;
use std::sync::atomic::{AtomicU32, Ordering};

static EPOCH: AtomicU32 = AtomicU32::new(0);
static ARMED: Once = Once::new();

/// Differs from the parent's in a child that fork() made. Counts from the first call on: a context asks when it is made.
pub(crate) fn fork_epoch() -> u32 {
    ARMED.call_once(|| {
        // SAFETY: the handler only counts an atomic up, which is async-signal-safe as a forked child needs it. The
        // library is never unloaded (-z nodelete), so the handler stays where it is.
        unsafe { pthread_atfork(None, None, Some(count_child)) };
    });
    EPOCH.load(Ordering::Relaxed)
}

extern "C" fn count_child() {
    EPOCH.fetch_add(1, Ordering::Relaxed);
}

type ForkHandler = Option<extern "C" fn()>;

unsafe extern "C" {
    fn pthread_atfork(prepare: ForkHandler, parent: ForkHandler, child: ForkHandler)
    -> libc::c_int;
}
