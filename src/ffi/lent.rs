//! The only place that hands out payload of h2 streams: it lies in the connection's own buffer, which this frame has meanwhile,
//! and with it whatever was received behind the payload. A loop that runs inside the callback needs that to go on.

use std::cell::RefCell;
use std::sync::Arc;

use super::context::{Context, Held};
use super::deliver::deliver_bytes;
use crate::engine::call::Call;
use crate::engine::conn::Conn;
use crate::engine::step::{Home, Parcel};
use crate::engine::table::Key;

/// What lies behind payload that the program is looking at.
struct Behind {
    slot: usize,
    conn: Key<Conn>,
    /// Its first byte, where a NUL stands meanwhile.
    first: Option<u8>,
    bytes: *const [u8],
}

thread_local! {
    /// Those of the frames of this thread, the innermost last.
    static BEHIND: RefCell<Vec<Behind>> = const { RefCell::new(Vec::new()) };
}

/// READ, about payload that this frame owns meanwhile.
pub(crate) fn hand_over<'a>(context: &'a Arc<Context>, call: &Call, parcel: Parcel) -> Held<'a> {
    let mut lent = Lent {
        context,
        parcel: Some(parcel),
    };
    let Some(parcel) = &mut lent.parcel else {
        return context.hold();
    };
    let lent_out = parcel.home == Home::Lent;
    let (conn, len) = (parcel.conn, parcel.len);
    let (payload, behind, first) = parcel.rx.lend(len);
    let (input, len) = (payload.as_mut_ptr().expose_provenance(), payload.len());
    let bytes = std::ptr::from_ref(behind);
    let remembered = lent_out
        && BEHIND
            .try_with(|all| {
                all.borrow_mut().push(Behind {
                    slot: context.slot,
                    conn,
                    first,
                    bytes,
                });
            })
            .is_ok();
    let forget = Forget(remembered);
    let (verdict, mut held) = deliver_bytes(context, call, input, len);
    drop(forget);
    if let Some(parcel) = lent.parcel.take() {
        held.payload_returned(parcel, verdict);
    }
    held
}

/// A loop begins inside a callback: connections whose buffer is out with a frame of this thread go on with a copy of what was
/// behind the payload.
pub(crate) fn carry_on(context: &Arc<Context>) {
    let _ = BEHIND.try_with(|all| {
        for behind in all.borrow_mut().iter_mut() {
            if behind.slot != context.slot {
                continue;
            }
            // SAFETY: the bytes are those of a parcel whose frame is further up this thread's stack, and has its buffer until
            // `Forget` takes the entry off; the program was handed what is before them.
            let bytes = unsafe { &*behind.bytes };
            context.hold().carry_on(behind.conn, behind.first, bytes);
            behind.slot = usize::MAX; // once
        }
    });
}

/// Takes the innermost entry off, whichever way its frame ends.
struct Forget(bool);

impl Drop for Forget {
    fn drop(&mut self) {
        if self.0 {
            let _ = BEHIND.try_with(|all| all.borrow_mut().pop());
        }
    }
}

/// The payload is out; if an exception comes through, its buffer comes back all the same.
struct Lent<'a> {
    context: &'a Arc<Context>,
    parcel: Option<Parcel>,
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        if let Some(parcel) = self.parcel.take() {
            self.context.hold().payload_returned(parcel, -1);
        }
    }
}
