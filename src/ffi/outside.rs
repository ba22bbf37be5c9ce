//! The only place for programs that run the loop themselves: what they tell of descriptors, and what they are told.

use std::ffi::c_int;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use libc::pollfd;

use super::context::{self, Context, Held, Serving, now};
use super::deliver::invoke;
use super::drive::{drain, run_timers};
use super::frame::Frame;
use super::lent::carry_on;
use super::types::{lws_context, lws_pollargs};
use super::{logs, service};
use crate::engine::LLL_ERR;
use crate::engine::call::{Call, Input, Reason, Who};
use crate::engine::dial::from_token;
use crate::engine::step::News;
use crate::net::poll::Ready;

/// Serves one descriptor that the program's own poll() or the like reported: `pollfd->revents` says what it saw (POLLIN, POLLOUT, POLLHUP,
/// POLLERR), and is zeroed when the descriptor is the context's. Timers that are due, and all else that can be done without waiting, are
/// done as well.
///
/// A program is told which descriptors to wait for (LWS_CALLBACK_ADD_POLL_FD, _CHANGE_MODE_POLL_FD, _DEL_POLL_FD) when it was built with
/// -DLWS_WITH_EXTERNAL_POLL. Before each wait it asks lws_service_adjust_timeout() how long that may take, and when that time is over
/// it calls lws_service_tsi(context, -1, 0). Its wait is its own: calls from other threads, lws_cancel_service() too, do not end it.
///
/// Returns 0 when that is done, and also when the descriptor is not the context's or has no news; 1 when its connection is gone; -1,
/// after a log line, when an argument is NULL or stale, or another thread is in here with the context, and without one when the context
/// is being destroyed. Any thread may call it, one at a time.
///
/// # Safety
///
/// `pollfd` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_service_fd(
    context: *mut lws_context,
    pollfd: *mut pollfd,
) -> c_int {
    // SAFETY: by this function's contract.
    unsafe { lws_service_fd_tsi(context, pollfd, 0) }
}

/// lws_service_fd() for service thread `tsi`; there is one, 0. Others return -1.
///
/// # Safety
///
/// As lws_service_fd().
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_service_fd_tsi(
    context: *mut lws_context,
    pollfd: *mut pollfd,
    tsi: c_int,
) -> c_int {
    const WHO: &str = "lws_service_fd";
    // SAFETY: NULL or writable, by this function's contract.
    let Some(seen) = (unsafe { pollfd.as_mut() }).filter(|_| tsi == 0) else {
        logs::emit(LLL_ERR, &format!("{WHO}: pollfd is NULL, or tsi not 0"));
        return -1;
    };
    let Some(context) = context::of(context, WHO) else {
        return -1;
    };
    let Some(serving) = Serving::begin(&context) else {
        logs::emit(
            LLL_ERR,
            &format!("{WHO}: another thread is in lws_service with this context"),
        );
        return -1;
    };
    if context.doomed.load(Ordering::SeqCst) {
        return -1;
    }
    let token = context.hold().token_of(seen.fd);
    let Some(token) = token.filter(|_| seen.revents != 0) else {
        return 0;
    };
    let ready = ready(token, c_int::from(seen.revents));
    seen.revents = 0;
    let frame = Frame::enter(&context);
    if serving.is_nested() {
        carry_on(&context);
    }
    service::start(&context);
    context.hold().on_ready(&ready);
    run_timers(&context);
    drain(&context);
    if ready.hangup {
        context.hold().leave_out(seen.fd);
        tell_all(&context);
    }
    service::tell(&context);
    let gone = context.hold().conns.get(from_token(token).0).is_none();
    drop(serving);
    if frame.leave() || context.doomed.load(Ordering::SeqCst) {
        return -1;
    }
    c_int::from(gone)
}

/// How long a program that runs the loop itself may wait for descriptors, at most `timeout_ms` milliseconds, less than 0 for as long as it
/// likes: 0 when there is something to do now, for which it calls lws_service_tsi(context, -1, 0), and else no longer than up to
/// the next timer. PROTOCOL_INIT, where it is still due, comes before this returns.
///
/// Returns milliseconds, or `timeout_ms` when that is less than 0 and no timer runs. 1 when `context` is NULL; 0 when it is stale, which
/// is logged, or is being destroyed. `tsi` is not looked at.
///
/// # Safety
///
/// None: the pointer is looked up, never followed.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_service_adjust_timeout(
    context: *mut lws_context,
    timeout_ms: c_int,
    tsi: c_int,
) -> c_int {
    let _ = tsi;
    if context.is_null() {
        return 1;
    }
    let Some(context) = context::of(context, "lws_service_adjust_timeout") else {
        return 0;
    };
    let frame = Frame::enter(&context);
    service::initialise(&context);
    if frame.leave() || is_anything_posted(&context) {
        return 0;
    }
    let Some(next) = context.hold().timers.next() else {
        return timeout_ms;
    };
    // Rounded up: or a timer that is due in 0.3 ms would be waited for in a loop of zero waits.
    let left = next.saturating_sub(now()).div_ceil(1_000);
    let left = c_int::try_from(left).unwrap_or(c_int::MAX);
    match timeout_ms {
        ..0 => left,
        _ => left.min(timeout_ms),
    }
}

/// There is something to do without waiting.
fn is_anything_posted(context: &Arc<Context>) -> bool {
    if context.doomed.load(Ordering::SeqCst)
        || !context.stepped.load(Ordering::Relaxed)
        || context.is_cancelled()
        || context.system.has_due()
        || context.bus.has_messages()
        || context.waiting().mailbox.has_answers()
    {
        return true;
    }
    let mut held = context.hold();
    held.has_work() || held.has_ready_files()
}

fn ready(token: u64, events: c_int) -> Ready {
    let has = |bits: i16| events & c_int::from(bits) != 0;
    Ready {
        token,
        readable: has(libc::POLLIN),
        writable: has(libc::POLLOUT),
        hangup: has(libc::POLLERR | libc::POLLHUP | libc::POLLNVAL),
    }
}

/// Tells the program of one descriptor: LOCK_POLL, ADD_POLL_FD or what it is, UNLOCK_POLL.
pub(crate) fn tell<'a>(context: &'a Arc<Context>, news: &News) -> Held<'a> {
    let mut args = lws_pollargs {
        fd: news.fd,
        events: news.events,
        prev_events: news.prev_events,
    };
    let input = (&raw mut args).expose_provenance();
    // lws: the length says whether descriptors come and go, or only change.
    let len = usize::from(news.reason != Reason::ChangeModePollFd);
    let call = |reason, len| {
        let call = Call {
            who: Who::Conn(news.conn),
            reason,
            callback: news.callback,
            user: 0,
            input: Input::None,
        };
        invoke(context, &call, input, len)
    };
    let thrown = Thrown { context, news };
    let mut verdict = call(Reason::LockPoll, len);
    let locked = verdict == 0;
    if locked || news.reason == Reason::DelPollFd {
        verdict = call(news.reason, 0);
    }
    if locked {
        call(Reason::UnlockPoll, len);
    }
    std::mem::forget(thrown);
    let mut held = context.hold();
    held.told(news, verdict);
    held
}

/// A C++ exception went through: the program counts as one that said no.
struct Thrown<'a> {
    context: &'a Arc<Context>,
    news: &'a News,
}

impl Drop for Thrown<'_> {
    fn drop(&mut self) {
        self.context.hold().told(self.news, -1);
    }
}

/// Tells all that is to be told now, outside of the loop.
pub(crate) fn tell_all(context: &Arc<Context>) {
    loop {
        let news = context.hold().next_news();
        match news {
            Some(news) => drop(tell(context, &news)),
            None => return,
        }
    }
}
