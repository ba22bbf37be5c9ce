//! The only place that holds contexts, finds them by pointer or handle, and locks their engines.
//!
//! `struct lws_context *` is the address of a slot in a table that lives as long as the library, so that a pointer of a
//! destroyed context can be told, and `lws_cancel_service()` needs no lock.

use std::cell::UnsafeCell;
use std::ffi::{CString, c_int};
use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError, RwLock};
use std::thread::ThreadId;

use super::blobs::{BLOBS, Blobs};
use super::frame::is_inside;
use super::smd::Bus;
use super::stdin::Stdin;
use super::system::System;
use super::types::{lws_context, lws_dll2_owner, lws_system_blob, lws_system_ops};
use super::{log_cx, logs};
use crate::engine::timer::Micros;
use crate::engine::{Engine, LLL_ERR};
use crate::net::poll::{Interest, Poll, Wake};
use crate::net::resolve::{Mailbox, fork_epoch};

/// Contexts that a process can have at once: what a handle can name.
pub(crate) const CONTEXTS: usize = 4080;

/// The event token of the wake fd; no connection has it, for their indices end below.
pub(crate) const WAKE_TOKEN: u64 = u64::MAX;

/// One context's place. All zero: free.
#[repr(align(64))]
pub(crate) struct Slot {
    /// The wake fd plus one, or 0.
    bell: AtomicI32,
    /// Who is ringing it now.
    ringing: AtomicU32,
    /// EVENT_WAIT_CANCELLED is owed.
    cancelled: AtomicBool,
    context: RwLock<Option<Arc<Context>>>,
    /// What `list.owner` of a scheduled timer points at; never read or written.
    book: UnsafeCell<lws_dll2_owner>,
    /// What `lws_system_blob_t *` points into, a byte a blob; never read or written.
    blobs: UnsafeCell<[u8; BLOBS]>,
}

// SAFETY: `book` and `blobs` are only ever pointed at; nobody reads or writes them. The rest is `Sync` by itself.
unsafe impl Sync for Slot {}

impl Slot {
    const fn new() -> Self {
        Self {
            bell: AtomicI32::new(0),
            ringing: AtomicU32::new(0),
            cancelled: AtomicBool::new(false),
            context: RwLock::new(None),
            book: UnsafeCell::new(lws_dll2_owner {
                tail: std::ptr::null_mut(),
                head: std::ptr::null_mut(),
                count: 0,
            }),
            blobs: UnsafeCell::new([0; BLOBS]),
        }
    }

    /// The address that marks a scheduled timer as this context's.
    pub(crate) fn book(&self) -> *mut lws_dll2_owner {
        self.book.get()
    }

    /// Async-signal-safe: rings if there is somebody to wake, and touches nothing otherwise.
    pub(crate) fn cancel(&self) {
        self.ringing.fetch_add(1, Ordering::SeqCst);
        let bell = self.bell.load(Ordering::SeqCst);
        if bell > 0 {
            self.cancelled.store(true, Ordering::SeqCst);
            Wake::ring(bell - 1);
        }
        self.ringing.fetch_sub(1, Ordering::SeqCst);
    }

    /// From now on `cancel` touches nothing; returns when those who were at it are done.
    fn mute(&self) {
        self.bell.store(0, Ordering::SeqCst);
        while self.ringing.load(Ordering::SeqCst) > 0 {
            std::hint::spin_loop();
        }
        self.cancelled.store(false, Ordering::SeqCst);
    }
}

static SLOTS: [Slot; CONTEXTS] = [const { Slot::new() }; CONTEXTS];

/// The slot that a `struct lws_context *` points at, if it is one.
pub(crate) fn slot_of(pointer: *const lws_context) -> Option<usize> {
    let offset = pointer.addr().checked_sub(SLOTS.as_ptr().addr())?;
    let index = offset / size_of::<Slot>();
    (offset % size_of::<Slot>() == 0 && index < CONTEXTS).then_some(index)
}

pub(crate) fn slot(index: usize) -> Option<&'static Slot> {
    SLOTS.get(index)
}

/// The slot whose timer book this is.
pub(crate) fn slot_of_book(book: *const lws_dll2_owner) -> Option<usize> {
    let base = SLOTS[0].book().addr().wrapping_sub(SLOTS.as_ptr().addr());
    slot_of(std::ptr::without_provenance(book.addr().wrapping_sub(base)))
}

/// The address that names a context's blob; NULL when there is no such blob.
pub(crate) fn blob_pointer(slot: usize, blob: usize) -> *mut lws_system_blob {
    match SLOTS.get(slot) {
        Some(slot) if blob < BLOBS => slot.blobs.get().cast::<u8>().wrapping_add(blob).cast(),
        _ => std::ptr::null_mut(),
    }
}

/// The slot and the blob that a `lws_system_blob_t *` names.
pub(crate) fn slot_of_blob(pointer: *const lws_system_blob) -> Option<(usize, usize)> {
    let offset = pointer.addr().checked_sub(SLOTS.as_ptr().addr())?;
    let base = SLOTS[0].blobs.get().addr() - SLOTS.as_ptr().addr();
    let index = offset / size_of::<Slot>();
    let blob = (offset % size_of::<Slot>()).checked_sub(base)?;
    (index < CONTEXTS && blob < BLOBS).then_some((index, blob))
}

/// The context in a slot, while it lives.
pub(crate) fn at(index: usize) -> Option<Arc<Context>> {
    let slot = SLOTS.get(index)?;
    let context = slot.context.read().unwrap_or_else(PoisonError::into_inner);
    context.clone()
}

/// The context behind a pointer of C's; a stale or foreign one is logged as `what`'s argument.
pub(crate) fn of(pointer: *const lws_context, what: &str) -> Option<Arc<Context>> {
    let found = slot_of(pointer).and_then(at);
    if found.is_none() {
        let state = if pointer.is_null() {
            "NULL"
        } else {
            "not a live context"
        };
        logs::emit(LLL_ERR, &format!("{what}: context is {state}"));
    }
    found
}

/// The kernel objects that a context waits with; made anew in a forked child.
pub(crate) struct Waiting {
    pub(crate) poll: Arc<Poll>,
    pub(crate) wake: Wake,
    pub(crate) mailbox: Arc<Mailbox>,
}

impl Waiting {
    pub(crate) fn new() -> std::io::Result<Self> {
        let poll = Poll::new()?;
        let wake = Wake::new()?;
        poll.set(wake.fd(), WAKE_TOKEN, Interest::NONE, Interest::READ)?;
        let mailbox = Arc::new(Mailbox::new(wake.fd()));
        Ok(Self {
            poll: Arc::new(poll),
            wake,
            mailbox,
        })
    }
}

/// Who is inside.
#[derive(Default)]
struct Inside {
    /// Threads in calls that may call back.
    frames: u32,
    /// The thread in `lws_service`.
    server: Option<ThreadId>,
    /// The context was taken apart.
    gone: bool,
    /// Threads that wait for a change of the above.
    waiters: u32,
}

/// One context.
pub(crate) struct Context {
    pub(crate) slot: usize,
    engine: Mutex<Engine>,
    pub(crate) waiting: Mutex<Waiting>,
    epoch: AtomicU32,
    inside: Mutex<Inside>,
    changed: Condvar,
    /// `lws_context_destroy` came while somebody was inside.
    pub(crate) doomed: AtomicBool,
    /// Somebody takes it apart: one thread does.
    claimed: AtomicBool,
    /// A thread waits in epoll until this deadline; `Micros::MAX` for ever, 0 when nobody waits.
    pub(crate) asleep_until: std::sync::atomic::AtomicU64,
    /// What names it in a line for the log, or "".
    pub(crate) name: String,
    pub(crate) user: usize,
    /// Where `info.pcontext` points, to be NULLed at the end.
    pub(crate) pcontext: usize,
    pub(crate) settings: Settings,
    pub(crate) system: System,
    pub(crate) blobs: Blobs,
    pub(crate) bus: Bus,
    pub(crate) started: AtomicBool,
    /// The system states are being stepped through.
    pub(crate) advancing: AtomicBool,
    /// lws: canonical_hostname; asked for once.
    pub(crate) host_name: OnceLock<CString>,
    pub(crate) stdin: Stdin,
    /// The loop has stepped through them, as far as it was let.
    pub(crate) stepped: AtomicBool,
}

/// What a context was created with, for its vhosts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Settings {
    pub(crate) timeout_secs: u32,
    pub(crate) options: u64,
    /// The program's command line, where it is; its address.
    pub(crate) argc: c_int,
    pub(crate) argv: usize,
    /// The address of its log context, or 0.
    pub(crate) log_cx: usize,
    /// The address of `info.system_ops`, or 0.
    pub(crate) system_ops: usize,
    pub(crate) smd_queue_depth: u16,
}

impl Settings {
    fn system_ops(&self) -> *const lws_system_ops {
        std::ptr::with_exposed_provenance(self.system_ops)
    }
}

static NEXT_SLOT: AtomicUsize = AtomicUsize::new(0);

/// Puts a new context into a free slot. `None`: 4,080 are in use.
pub(crate) fn create(build: impl FnOnce(usize) -> Option<Arc<Context>>) -> Option<Arc<Context>> {
    // Slots go round, so that a pointer of a destroyed context stays stale for long.
    let first = NEXT_SLOT.fetch_add(1, Ordering::Relaxed);
    for n in 0..CONTEXTS {
        let index = first.wrapping_add(n) % CONTEXTS;
        let slot = &SLOTS[index];
        let mut place = slot.context.write().unwrap_or_else(PoisonError::into_inner);
        if place.is_some() {
            continue;
        }
        let context = build(index)?;
        let bell = context.waiting().wake.fd() + 1;
        *place = Some(context.clone());
        slot.bell.store(bell, Ordering::SeqCst);
        NEXT_SLOT.store(index + 1, Ordering::Relaxed);
        return Some(context);
    }
    logs::emit(
        LLL_ERR,
        "lws_create_context: 4080 contexts are in use: destroy one first",
    );
    None
}

impl Context {
    pub(crate) fn new(
        slot: usize,
        waiting: Waiting,
        settings: Settings,
        name: String,
        user: usize,
        pcontext: usize,
    ) -> Self {
        let system = System::new(pointer_of(slot), settings.system_ops());
        let mut engine = Engine::new(waiting.poll.clone());
        if system.metric_report().is_some() {
            engine.collect_metrics(now());
        }
        Self {
            slot,
            engine: Mutex::new(engine),
            waiting: Mutex::new(waiting),
            epoch: AtomicU32::new(fork_epoch()),
            inside: Mutex::default(),
            changed: Condvar::new(),
            doomed: AtomicBool::new(false),
            claimed: AtomicBool::new(false),
            asleep_until: std::sync::atomic::AtomicU64::new(0),
            name,
            user,
            pcontext,
            settings,
            system,
            blobs: Blobs::default(),
            bus: Bus::new(settings.smd_queue_depth),
            started: AtomicBool::new(false),
            advancing: AtomicBool::new(false),
            host_name: OnceLock::new(),
            stdin: Stdin::default(),
            stepped: AtomicBool::new(false),
        }
    }

    pub(crate) fn pointer(&self) -> *mut lws_context {
        pointer_of(self.slot)
    }

    /// Locks the engine. What the engine logs is written when the guard goes, with nothing held.
    #[inline]
    pub(crate) fn hold(self: &Arc<Self>) -> Held<'_> {
        if self.epoch.load(Ordering::Relaxed) != fork_epoch() {
            self.refork();
        }
        Held {
            context: self,
            engine: Some(self.engine.lock().unwrap_or_else(PoisonError::into_inner)),
        }
    }

    pub(crate) fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// In a child of fork(): the parent's epoll, eventfd and resolver are not ours. Contract 5.5.
    #[cold]
    #[inline(never)]
    fn refork(&self) {
        self.epoch.store(fork_epoch(), Ordering::Relaxed);
        // Of the parent's threads only the one that forked is here.
        let mut inside = self.inside();
        inside.frames = u32::from(is_inside(self.slot));
        inside.server = inside
            .server
            .filter(|server| *server == std::thread::current().id());
        drop(inside);
        match Waiting::new() {
            Ok(new) => {
                let mut engine = self.engine.lock().unwrap_or_else(PoisonError::into_inner);
                engine.move_to(new.poll.clone());
                // Whoever rang it in the parent is not here.
                SLOTS[self.slot].ringing.store(0, Ordering::SeqCst);
                SLOTS[self.slot]
                    .bell
                    .store(new.wake.fd() + 1, Ordering::SeqCst);
                if self.is_cancelled() {
                    Wake::ring(new.wake.fd()); // in the parent, which did not look since
                }
                *self.waiting() = new;
            }
            Err(error) => logs::emit(
                LLL_ERR,
                &format!("after fork: no epoll or eventfd: {error}"),
            ),
        }
    }

    /// Rings the bell so that a waiting loop looks again; no EVENT_WAIT_CANCELLED follows.
    pub(crate) fn wake(&self) {
        Wake::ring(self.waiting().wake.fd());
    }

    /// `lws_cancel_service` was called since this was asked last.
    pub(crate) fn take_cancelled(&self) -> bool {
        SLOTS[self.slot].cancelled.swap(false, Ordering::SeqCst)
    }

    /// And nobody has asked.
    pub(crate) fn is_cancelled(&self) -> bool {
        SLOTS[self.slot].cancelled.load(Ordering::SeqCst)
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns once no other thread is in a call that may call back.
    pub(crate) fn wait_until_left(&self) {
        self.wait_while(|inside| inside.frames > 0);
    }

    fn wait_while(&self, still: impl Fn(&Inside) -> bool) {
        let mut inside = self.inside();
        inside.waiters += 1;
        while still(&inside) {
            inside = self
                .changed
                .wait(inside)
                .unwrap_or_else(PoisonError::into_inner);
        }
        inside.waiters -= 1;
    }

    /// Changes who is inside; with nobody waiting for it that costs no system call.
    fn change(&self, what: impl FnOnce(&mut Inside)) {
        let mut inside = self.inside();
        what(&mut inside);
        let waiters = inside.waiters;
        drop(inside);
        if waiters > 0 {
            self.changed.notify_all();
        }
    }

    /// A thread's first call that may call back begins.
    pub(crate) fn entered(&self) {
        self.inside().frames += 1;
    }

    /// It ended.
    pub(crate) fn left(&self) {
        self.change(|inside| inside.frames -= 1);
    }

    /// The right to take the context apart: the first who asks has it.
    pub(crate) fn claim(&self) -> bool {
        !self.claimed.swap(true, Ordering::SeqCst)
    }

    pub(crate) fn unclaim(&self) {
        self.claimed.store(false, Ordering::SeqCst);
    }

    /// Returns once somebody else has taken the context apart.
    pub(crate) fn wait_until_gone(&self) {
        self.wait_while(|inside| !inside.gone);
    }

    /// Takes the context out of its slot: from here on its pointer is stale.
    pub(crate) fn unseat(&self) {
        let slot = &SLOTS[self.slot];
        slot.mute();
        let gone = slot
            .context
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        drop(gone);
        self.waiting().mailbox.close();
        self.change(|inside| inside.gone = true);
    }
}

fn pointer_of(slot: usize) -> *mut lws_context {
    std::ptr::from_ref(&SLOTS[slot]).cast_mut().cast()
}

/// The engine, locked.
pub(crate) struct Held<'a> {
    context: &'a Arc<Context>,
    engine: Option<MutexGuard<'a, Engine>>,
}

impl<'a> Held<'a> {
    /// The place of its context.
    pub(crate) fn slot(&self) -> usize {
        self.context.slot
    }

    /// Lets go, and says of what.
    pub(crate) fn release(self) -> &'a Arc<Context> {
        self.context
    }
}

impl Deref for Held<'_> {
    type Target = Engine;

    fn deref(&self) -> &Engine {
        self.engine.as_ref().expect("held until dropped")
    }
}

impl DerefMut for Held<'_> {
    fn deref_mut(&mut self) -> &mut Engine {
        self.engine.as_mut().expect("held until dropped")
    }
}

impl Drop for Held<'_> {
    #[inline]
    fn drop(&mut self) {
        let Some(engine) = self.engine.take() else {
            return;
        };
        let asleep = self.context.asleep_until.load(Ordering::SeqCst) > 0;
        if asleep || engine.has_notes() {
            self.context.let_go(engine);
        }
    }
}

impl Context {
    /// Unlocks an engine that has lines for the log, or a loop to wake.
    #[cold]
    fn let_go(&self, mut engine: MutexGuard<'_, Engine>) {
        let notes = engine.take_notes();
        let until = self.asleep_until.load(Ordering::SeqCst);
        let due = engine.timers.next().is_some_and(|next| next < until);
        let wake = until > 0 && (due || engine.has_work());
        drop(engine);
        if wake {
            self.wake();
        }
        log_cx::carry_out(self.slot, notes);
    }
}

/// The right to run the loop.
pub(crate) struct Serving {
    context: Arc<Context>,
    outermost: bool,
}

impl Serving {
    /// `None` while another thread runs it.
    pub(crate) fn begin(context: &Arc<Context>) -> Option<Self> {
        let me = std::thread::current().id();
        let mut inside = context.inside();
        let outermost = match inside.server {
            None => true,
            Some(server) if server == me => false,
            Some(_) => return None,
        };
        inside.server = Some(me);
        drop(inside);
        Some(Self {
            context: context.clone(),
            outermost,
        })
    }
}

impl Serving {
    /// It runs inside a callback of another one.
    pub(crate) fn is_nested(&self) -> bool {
        !self.outermost
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        if self.outermost {
            self.context.inside().server = None;
        }
    }
}

/// Seconds since 1970, as the system has them.
pub(crate) fn wall_secs() -> libc::time_t {
    // SAFETY: NULL: the time is returned and put nowhere.
    unsafe { libc::time(std::ptr::null_mut()) }
}

/// Monotonic microseconds: the library's only clock for what it waits for.
pub(crate) fn now() -> Micros {
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: `time` is writable; CLOCK_MONOTONIC always exists.
    let failed: c_int = unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC, &raw mut time) };
    debug_assert_eq!(failed, 0);
    time.tv_sec as Micros * 1_000_000 + time.tv_nsec as Micros / 1_000
}
