//! The only place for system messages: who listens to which class, what waits, and that the thread that serves hands it out.

use std::collections::VecDeque;
use std::ffi::{c_char, c_int, c_void};
use std::ptr::{self, NonNull};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::context::{self, CONTEXTS, Context, now};
use super::logs;
use super::types::{
    LWS_SMD_MAX_PAYLOAD, lws_context, lws_smd_class_t, lws_smd_notification_cb_t, lws_smd_peer,
    lws_usec_t,
};
use crate::engine::LLL_ERR;
use crate::net::heap;

type Notify = unsafe extern "C-unwind" fn(
    opaque: *mut c_void,
    _class: lws_smd_class_t,
    timestamp: lws_usec_t,
    buf: *mut c_void,
    len: usize,
) -> c_int;

/// Listeners and messages of a context.
pub(crate) struct Bus {
    inner: Mutex<Inner>,
    /// How many messages may wait.
    depth: usize,
}

#[derive(Default)]
struct Inner {
    peers: Vec<Peer>,
    messages: VecDeque<Message>,
    /// Messages that were sent so far.
    sent: u64,
}

#[derive(Clone, Copy)]
struct Peer {
    /// What its pointer says, apart from the context.
    id: usize,
    classes: lws_smd_class_t,
    notify: Notify,
    opaque: *mut c_void,
    /// The first message that it is told of.
    from: u64,
}

// SAFETY: `opaque` is handed back to the program and not followed.
unsafe impl Send for Peer {}

/// A message that waits; its memory is freed with it.
struct Message {
    block: NonNull<Head>,
    number: u64,
}

// SAFETY: nobody but the owner is at the memory.
unsafe impl Send for Message {}

impl Drop for Message {
    fn drop(&mut self) {
        // SAFETY: of `allocate`, and nobody else frees it.
        unsafe { heap::free(self.block.cast()) };
    }
}

/// What goes before the payload of a message.
#[repr(C, align(16))]
#[derive(Clone, Copy)]
struct Head {
    len: usize,
    class: lws_smd_class_t,
    timestamp: lws_usec_t,
}

static NEXT_ID: AtomicUsize = AtomicUsize::new(1);

/// Where in a peer's pointer its context is.
const SLOT_AT: u32 = usize::BITS - CONTEXTS.next_power_of_two().trailing_zeros();

impl Bus {
    pub(crate) fn has_messages(&self) -> bool {
        !self.inner().messages.is_empty()
    }

    pub(crate) fn new(depth: u16) -> Self {
        let depth = if depth == 0 {
            DEPTH
        } else {
            usize::from(depth)
        };
        Self {
            inner: Mutex::default(),
            depth,
        }
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

const TOO_LONG: &str = "a message has at most LWS_SMD_MAX_PAYLOAD bytes";
/// `info.smd_queue_depth` 0.
const DEPTH: usize = 40;

/// Memory for the payload of a message, `len` bytes that are not zeroed, for lws_smd_msg_send() or lws_smd_msg_free(). Any thread may ask.
/// Returns NULL when nobody listens to the class, and, after a log line, when `len` is above LWS_SMD_MAX_PAYLOAD, memory is short, too many
/// messages wait already, or there is no such context.
///
/// # Safety
///
/// None: the pointer is looked up, never followed.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_smd_msg_alloc(
    ctx: *mut lws_context,
    _class: lws_smd_class_t,
    len: usize,
) -> *mut c_void {
    const WHO: &str = "lws_smd_msg_alloc";
    let Some(context) = context::of(ctx, WHO) else {
        return ptr::null_mut();
    };
    if !is_wanted(&context, _class) {
        return ptr::null_mut();
    }
    let made = match context.bus.inner().messages.len() < context.bus.depth {
        true => allocate(_class, len),
        false => Err("too many messages wait"),
    };
    match made {
        Ok(block) => payload(block),
        Err(why) => {
            refuse(WHO, why);
            ptr::null_mut()
        }
    }
}

/// Frees a message that was not sent; `*payload` is NULL then.
///
/// # Safety
///
/// `payload` is NULL, or at NULL or what lws_smd_msg_alloc() gave.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_smd_msg_free(payload: *mut *mut c_void) {
    if payload.is_null() {
        return;
    }
    // SAFETY: readable, by this function's contract.
    let message = unsafe { payload.read() };
    // SAFETY: writable, by this function's contract.
    unsafe { payload.write(ptr::null_mut()) };
    // SAFETY: NULL or a payload of ours, by this function's contract.
    if let Some(block) = unsafe { head_of(message) } {
        drop(Message { block, number: 0 });
    }
}

/// Sends a message to all who are registered for its class now: the thread that serves tells them, in the order sent. The memory is the
/// library's from here on, also when it fails. Any thread may send. Returns 0, also when nobody listens, or 1, after a log line, when too
/// many messages wait, `payload` is NULL or there is no such context.
///
/// # Safety
///
/// `payload` is NULL or what lws_smd_msg_alloc() gave for this context.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_smd_msg_send(
    ctx: *mut lws_context,
    payload: *mut c_void,
) -> c_int {
    const WHO: &str = "lws_smd_msg_send";
    // SAFETY: NULL or a payload of ours, by this function's contract.
    let Some(block) = (unsafe { head_of(payload) }) else {
        refuse(WHO, "payload is NULL");
        return 1;
    };
    let message = Message { block, number: 0 };
    let Some(context) = context::of(ctx, WHO) else {
        return 1;
    };
    let sent = send(&context, message);
    if !sent {
        refuse(WHO, "too many messages wait");
    }
    c_int::from(!sent)
}

/// Registers `cb`: the thread that serves calls it for each message that is sent from now on whose class is in the bits of
/// `_class_filter`, with the moment it was sent and its payload; what it returns does not count. It may register and unregister, itself
/// too, and send. `flags` is 0.
///
/// Returns NULL, after a log line, when memory is short, `cb` is NULL or there is no such context. What is returned is only for
/// lws_smd_unregister(); the end of the context unregisters too. Any thread may register.
///
/// # Safety
///
/// `cb` may be called with `opaque` until it is unregistered.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_smd_register(
    ctx: *mut lws_context,
    opaque: *mut c_void,
    flags: c_int,
    _class_filter: lws_smd_class_t,
    cb: lws_smd_notification_cb_t,
) -> *mut lws_smd_peer {
    const WHO: &str = "lws_smd_register";
    let Some(context) = context::of(ctx, WHO) else {
        return ptr::null_mut();
    };
    let (Some(notify), 0) = (cb, flags) else {
        refuse(WHO, "cb is NULL, or flags not 0");
        return ptr::null_mut();
    };
    let id = NEXT_ID.fetch_add(1, Ordering::Relaxed) & ((1 << (SLOT_AT - 4)) - 1);
    let id = id.max(1);
    let mut inner = context.bus.inner();
    let from = inner.sent;
    inner.peers.push(Peer {
        id,
        classes: _class_filter,
        notify,
        opaque,
        from,
    });
    ptr::without_provenance_mut(context.slot << SLOT_AT | id << 4)
}

/// `cb` is called no more, except that one which runs in another thread ends. NULL, and one whose context is gone, are let alone.
///
/// # Safety
///
/// None: the pointer is looked up, never followed.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_smd_unregister(pr: *mut lws_smd_peer) {
    let slot = pr.addr() >> SLOT_AT;
    let id = (pr.addr() & ((1 << SLOT_AT) - 1)) >> 4;
    if let Some(context) = context::at(slot) {
        context.bus.inner().peers.retain(|peer| peer.id != id);
    }
}

/// For shim.c, which declares it hidden: nonzero when it is worth formatting.
///
/// cbindgen:ignore
#[unsafe(no_mangle)]
pub extern "C-unwind" fn broadside_smd_wanted(
    ctx: *mut lws_context,
    class: lws_smd_class_t,
) -> c_int {
    let found = context::of(ctx, "lws_smd_msg_printf");
    found.map_or(-1, |context| c_int::from(is_wanted(&context, class)))
}

/// For shim.c, which declares it hidden: a message of these bytes; `len` above LWS_SMD_MAX_PAYLOAD is refused unread.
///
/// cbindgen:ignore
///
/// # Safety
///
/// `text` has `len` readable bytes, where that is not above LWS_SMD_MAX_PAYLOAD.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn broadside_smd_line(
    ctx: *mut lws_context,
    class: lws_smd_class_t,
    text: *const c_char,
    len: usize,
) -> c_int {
    let Some(context) = context::of(ctx, "lws_smd_msg_printf") else {
        return 1;
    };
    if len > LWS_SMD_MAX_PAYLOAD {
        refuse("lws_smd_msg_printf", TOO_LONG);
        return 1;
    }
    // SAFETY: by this function's contract.
    let text = unsafe { super::text::buffer(text.cast(), len) }.unwrap_or_default();
    c_int::from(!publish(&context, class, text))
}

/// Sends a message of the library's own, if somebody listens. `false`, after a log line: it could not.
pub(crate) fn publish(context: &Arc<Context>, class: lws_smd_class_t, text: &[u8]) -> bool {
    if !is_wanted(context, class) {
        return true;
    }
    let made = allocate(class, text.len()).map(|block| {
        // SAFETY: the payload has so many bytes.
        unsafe { ptr::copy_nonoverlapping(text.as_ptr(), payload(block).cast(), text.len()) };
        send(context, Message { block, number: 0 })
    });
    let why = match made {
        Ok(true) => return true,
        Ok(false) => "too many messages wait",
        Err(why) => why,
    };
    refuse("a system message", why);
    false
}

/// Tells the listeners of what waits, with nothing held. `true` when it told one.
pub(crate) fn deliver(context: &Arc<Context>) -> bool {
    let mut any = false;
    loop {
        let (message, peers) = {
            let mut inner = context.bus.inner();
            let Some(message) = inner.messages.pop_front() else {
                return any;
            };
            (message, inner.peers.clone())
        };
        // SAFETY: a live block of ours.
        let head = unsafe { message.block.read() };
        let is_for = |peer: &&Peer| peer.classes & head.class != 0 && peer.from <= message.number;
        for peer in peers.iter().filter(is_for) {
            let here = context.bus.inner().peers.iter().any(|p| p.id == peer.id);
            if !here {
                continue; // one who was told before has unregistered it
            }
            any = true;
            let (notify, buf) = (peer.notify, payload(message.block));
            // SAFETY: lws_smd_register asks for a function that may be called so; nothing is held.
            unsafe { notify(peer.opaque, head.class, head.timestamp, buf, head.len) };
            if context.doomed.load(Ordering::SeqCst) {
                return any;
            }
        }
    }
}

fn is_wanted(context: &Context, class: lws_smd_class_t) -> bool {
    let inner = context.bus.inner();
    inner.peers.iter().any(|peer| peer.classes & class != 0)
}

/// `false`: too many wait.
fn send(context: &Arc<Context>, mut message: Message) -> bool {
    // SAFETY: a live block of ours.
    let class = unsafe { message.block.read() }.class;
    let mut inner = context.bus.inner();
    if !inner.peers.iter().any(|peer| peer.classes & class != 0) {
        return true;
    }
    if inner.messages.len() >= context.bus.depth {
        return false;
    }
    message.number = inner.sent;
    inner.sent += 1;
    inner.messages.push_back(message);
    drop(inner);
    context.wake();
    true
}

fn allocate(class: lws_smd_class_t, len: usize) -> Result<NonNull<Head>, &'static str> {
    if len > LWS_SMD_MAX_PAYLOAD {
        return Err(TOO_LONG);
    }
    let block = heap::allocate(size_of::<Head>() + len, c"lws_smd_msg_alloc");
    let block = block.ok_or("out of memory")?.cast::<Head>();
    let head = Head {
        len,
        class,
        timestamp: now() as lws_usec_t,
    };
    // SAFETY: fresh memory that fits a head.
    unsafe { block.write(head) };
    Ok(block)
}

fn payload(block: NonNull<Head>) -> *mut c_void {
    // SAFETY: the payload is in the same block, behind the head.
    unsafe { block.as_ptr().add(1) }.cast()
}

/// # Safety
///
/// `message` is NULL or of `payload`.
unsafe fn head_of(message: *mut c_void) -> Option<NonNull<Head>> {
    let payload = NonNull::new(message.cast::<Head>())?;
    // SAFETY: the head is before the payload, in the same block.
    Some(unsafe { payload.sub(1) })
}

fn refuse(who: &str, why: &str) {
    logs::emit(LLL_ERR, &format!("{who}: {why}"));
}
