//! The only place that says how long a program waits before it tries again.

use core::ffi::{c_char, c_int, c_uint};
use std::time::{SystemTime, UNIX_EPOCH};

use super::text::put;
use super::timers::lws_sul_schedule;
use super::types::{lws, lws_context, lws_retry_bo, lws_sorted_usec_list, lws_usec_t, sul_cb_t};
use super::wsi::{lws_get_context, with};
use super::{context, logs};
use crate::engine::LLL_ERR;
use crate::engine::wsi::Wsi;
use crate::net::random::number;
use crate::proto::date;
use libc::time_t;

/// The wait before the next attempt, in milliseconds: of the attempts so far, `*ctry`, which is counted on up to 65535, the policy's
/// table says which; the last of it is for all that follow, and 3000 where there is none. A random part is added, up to
/// `jitter_percent` of it, or 30 if that is 0. `*conceal` is 1 while the attempts are not more than the policy's `conceal_count`,
/// else 0, and 0 without a policy.
///
/// # Safety
///
/// `retry` is NULL or a policy with its table; `ctry` is writable; `conceal` is NULL or writable. `context` is not looked at.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_retry_get_delay_ms(
    context: *mut lws_context,
    retry: *const lws_retry_bo,
    ctry: *mut u16,
    conceal: *mut c_char,
) -> c_uint {
    let _ = context;
    // SAFETY: NULL or a policy with its table, by this function's contract.
    let policy = unsafe { Policy::read(retry) };
    // SAFETY: NULL or writable, by this function's contract.
    let attempt = unsafe { policy.unwrap_or(NONE).count(ctry, "lws_retry_get_delay_ms") };
    if !conceal.is_null() {
        // SAFETY: writable, by this function's contract.
        unsafe { conceal.write(attempt.concealed.into()) };
    }
    attempt.ms
}

/// Schedules `sul` for the next attempt, as lws_retry_get_delay_ms() counts, and answers 0; or answers 1, and schedules nothing, when
/// the failure is not to be concealed any more, or an argument is NULL or stale.
///
/// # Safety
///
/// `retry` is NULL or a policy with its table; `ctry` is writable; `sul` is as lws_sul_schedule() wants it.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_retry_sul_schedule(
    context: *mut lws_context,
    tid: c_int,
    sul: *mut lws_sorted_usec_list,
    retry: *const lws_retry_bo,
    cb: sul_cb_t,
    ctry: *mut u16,
) -> c_int {
    if context::of(context, "lws_retry_sul_schedule").is_none() {
        return 1;
    }
    // SAFETY: NULL or a policy with its table, by this function's contract.
    let policy = unsafe { Policy::read(retry) };
    // SAFETY: NULL or writable, by this function's contract.
    let attempt = unsafe { policy.unwrap_or(NONE).count(ctry, "lws_retry_sul_schedule") };
    if !attempt.concealed {
        return 1;
    }
    // SAFETY: `sul` is as it wants it, by this function's contract.
    unsafe { lws_sul_schedule(context, tid, sul, cb, attempt.usecs()) };
    0
}

/// As lws_retry_sul_schedule(), with the policy that the request was made with, in any callback of it; without one there are waits of
/// 1, 3, 9 and 17 seconds, and then no more. If its response said Retry-After, the wait is at least that long.
///
/// # Safety
///
/// The request's policy, if it has one, lives, with its table; `ctry` is writable; `sul` is as lws_sul_schedule() wants it.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_retry_sul_schedule_retry_wsi(
    wsi: *mut lws,
    sul: *mut lws_sorted_usec_list,
    cb: sul_cb_t,
    ctry: *mut u16,
) -> c_int {
    const WHO: &str = "lws_retry_sul_schedule_retry_wsi";
    let asked = with(wsi, WHO, None, |held, key| {
        let wsi = held.wsis.get(key)?;
        Some((wsi.ask.retry, header(wsi, b"retry-after")))
    });
    let Some((retry, after)) = asked else {
        return 1;
    };
    let retry = core::ptr::with_exposed_provenance::<lws_retry_bo>(retry);
    // SAFETY: the program's policy lives, by this function's contract.
    let policy = unsafe { Policy::read(retry) };
    // SAFETY: NULL or writable, by this function's contract.
    let attempt = unsafe { policy.unwrap_or(OF_REQUESTS).count(ctry, WHO) };
    if !attempt.concealed {
        return 1;
    }
    let asked_for = after.and_then(|value| retry_after(&value, unix_time()));
    let us = attempt.usecs().max(asked_for.unwrap_or(0));
    // SAFETY: the handle is looked up, never followed.
    let context = unsafe { lws_get_context(wsi) };
    // SAFETY: `sul` is as it wants it, by this function's contract.
    unsafe { lws_sul_schedule(context, 0, sul, cb, us) };
    0
}

/// Raises `*us_interval_in_out`, a wait in microseconds, to what the response's Retry-After (RFC 9110 section 10.2.3) asks for: seconds,
/// or until a date, counted from the response's Date if it has one, else from now. A shorter wait that is asked for changes nothing.
/// Returns 0, or 1, and changes nothing, when the response has no such header, or one that cannot be read, or an argument is NULL or
/// stale. Readable until WSI_DESTROY returned.
///
/// # Safety
///
/// `us_interval_in_out` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_http_check_retry_after(
    wsi: *mut lws,
    us_interval_in_out: *mut lws_usec_t,
) -> c_int {
    let asked = with(wsi, "lws_http_check_retry_after", None, |held, key| {
        let wsi = held.wsis.get(key)?;
        Some((header(wsi, b"retry-after")?, header(wsi, b"date")))
    });
    let Some((after, served)) = asked else {
        return 1;
    };
    let served = served.and_then(|text| date::parse(&text));
    let wait = retry_after(&after, served.unwrap_or_else(unix_time));
    // SAFETY: NULL or writable, by this function's contract.
    let (Some(wait), Some(us)) = (wait, unsafe { us_interval_in_out.as_mut() }) else {
        return 1;
    };
    *us = wait.max(*us);
    0
}

/// Writes the time `*t`, in seconds since 1970, to `buf`, which has `len` bytes, as HTTP headers have it: 29 characters (RFC 9110 section
/// 5.6.7) and a terminator. Returns 0, or -1 when that does not fit, the year is none of 1 to 9999, or an argument is NULL.
///
/// # Safety
///
/// `buf` is NULL or has `len` writable bytes; `t` is NULL or readable.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_http_date_render_from_unix(
    buf: *mut c_char,
    len: usize,
    t: *const time_t,
) -> c_int {
    // SAFETY: NULL or readable, by this function's contract.
    let text = unsafe { t.as_ref() }.and_then(|seconds| date::render(*seconds));
    let Some(text) = text.filter(|text| !buf.is_null() && text.len() < len) else {
        logs::emit(
            LLL_ERR,
            "lws_http_date_render_from_unix: no date, or no room for it",
        );
        return -1;
    };
    // SAFETY: `len` writable bytes, by this function's contract.
    unsafe { put(text.as_bytes(), buf, len) };
    0
}

/// Reads a date as HTTP headers have it: `len` bytes at `b`, to seconds since 1970 at `*t`. Returns 0, or -1, with `*t` as it was, when
/// it is none.
///
/// # Safety
///
/// `b` has `len` readable bytes; `t` is writable.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_http_date_parse_unix(
    b: *const c_char,
    len: usize,
    t: *mut time_t,
) -> c_int {
    if b.is_null() || t.is_null() {
        logs::emit(LLL_ERR, "lws_http_date_parse_unix: an argument is NULL");
        return -1;
    }
    // SAFETY: readable, by this function's contract.
    let text = unsafe { core::slice::from_raw_parts(b.cast(), len) };
    let Some(seconds) = date::parse(text).and_then(|seconds| time_t::try_from(seconds).ok()) else {
        return -1;
    };
    // SAFETY: writable, by this function's contract.
    unsafe { t.write(seconds) };
    0
}

/// What a program says about waits.
#[derive(Clone, Copy)]
struct Policy<'a> {
    ms: &'a [u32],
    conceal: u16,
    jitter: u8,
}

/// Where a call is given no policy.
const NONE: Policy<'static> = Policy {
    ms: &[],
    conceal: 0,
    jitter: 0,
};

/// Where a request was made with none.
const OF_REQUESTS: Policy<'static> = Policy {
    ms: &[1000, 3000, 9000, 17_000],
    conceal: 4,
    jitter: 20,
};

/// `ms` without a table, and `jitter` 0.
const WAIT_MS: u32 = 3000;
const JITTER: u8 = 30;

/// One attempt more.
struct Attempt {
    ms: u32,
    concealed: bool,
}

impl Policy<'_> {
    /// # Safety
    ///
    /// `retry` is NULL, or a policy whose table is NULL or has as many entries as it says; for `'a` they stay as they are.
    unsafe fn read(retry: *const lws_retry_bo) -> Option<Self> {
        // SAFETY: NULL or readable, by this function's contract.
        let retry = unsafe { retry.as_ref() }?;
        let ms = match retry.retry_ms_table.is_null() {
            true => &[],
            false => {
                let count = usize::from(retry.retry_ms_table_count);
                // SAFETY: it has as many entries, by this function's contract.
                unsafe { core::slice::from_raw_parts(retry.retry_ms_table, count) }
            }
        };
        Some(Self {
            ms,
            conceal: retry.conceal_count,
            jitter: retry.jitter_percent,
        })
    }

    /// # Safety
    ///
    /// `ctry` is NULL or writable.
    unsafe fn count(self, ctry: *mut u16, who: &str) -> Attempt {
        // SAFETY: by this function's contract.
        let Some(tries) = (unsafe { ctry.as_mut() }) else {
            logs::emit(LLL_ERR, &format!("{who}: ctry is NULL"));
            return Attempt {
                ms: self.wait(0, 0),
                concealed: false,
            };
        };
        let ms = self.wait(*tries, number());
        *tries = tries.saturating_add(1);
        Attempt {
            ms,
            concealed: *tries <= self.conceal,
        }
    }

    fn wait(self, tries: u16, random: u16) -> u32 {
        let entry = self.ms.get(usize::from(tries)).or_else(|| self.ms.last());
        let ms = u64::from(*entry.unwrap_or(&WAIT_MS));
        let percent = match self.jitter {
            0 => JITTER,
            percent => percent,
        };
        let more = ((ms * u64::from(percent) * u64::from(random)) >> u16::BITS) / 100;
        u32::try_from(ms + more).unwrap_or(u32::MAX)
    }
}

impl Attempt {
    fn usecs(&self) -> lws_usec_t {
        lws_usec_t::from(self.ms) * 1000
    }
}

/// The first of a response's headers of this name.
fn header(wsi: &Wsi, name: &[u8]) -> Option<Vec<u8>> {
    let response = wsi.response.as_ref()?;
    response.headers.by_name(name).next().map(<[u8]>::to_vec)
}

/// What a server asked for: seconds, of at most eight digits, or a date.
fn retry_after(value: &[u8], now: i64) -> Option<lws_usec_t> {
    let text = value.trim_ascii();
    let digits = !text.is_empty() && text.iter().all(u8::is_ascii_digit);
    let seconds = match digits {
        true if text.len() > 8 => return None,
        true => std::str::from_utf8(text).ok()?.parse::<i64>().ok()?,
        false => date::parse(text)?.checked_sub(now)?,
    };
    seconds.checked_mul(1_000_000)
}

pub(super) fn unix_time() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| {
        i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_is_the_tables_and_a_random_part_of_it() {
        let policy = Policy {
            ms: &[100, 2000],
            conceal: 1,
            jitter: 50,
        };
        let waits = |random| [0, 1, 2, u16::MAX].map(|tries| policy.wait(tries, random));
        assert_eq!(waits(0), [100, 2000, 2000, 2000]);
        assert_eq!(waits(0x8000), [125, 2500, 2500, 2500]);
        assert_eq!(waits(0xffff), [149, 2999, 2999, 2999]);
        assert_eq!((NONE.wait(0, 0), NONE.wait(7, 0xffff)), (3000, 3899));
        let longest = Policy {
            ms: &[u32::MAX],
            ..policy
        };
        assert_eq!(
            (longest.wait(0, 0), longest.wait(0, 0xffff)),
            (u32::MAX, u32::MAX)
        );
    }

    #[test]
    fn failures_are_concealed_so_often_and_counted_to_the_end() {
        let policy = Policy {
            ms: &[1],
            conceal: 2,
            jitter: 0,
        };
        let mut tries = 0;
        let mut next = |policy: Policy<'_>| {
            // SAFETY: a counter of ours.
            let attempt = unsafe { policy.count(&raw mut tries, "a test") };
            (attempt.concealed, tries)
        };
        let first = [next(policy), next(policy), next(policy)];
        assert_eq!(first, [(true, 1), (true, 2), (false, 3)]);
        tries = u16::MAX - 1;
        let always = Policy {
            conceal: u16::MAX,
            ..policy
        };
        let mut next = |policy: Policy<'_>| {
            // SAFETY: a counter of ours.
            let attempt = unsafe { policy.count(&raw mut tries, "a test") };
            (attempt.concealed, tries)
        };
        let last = [next(always), next(always), next(policy)];
        assert_eq!(
            last,
            [(true, u16::MAX), (true, u16::MAX), (false, u16::MAX)]
        );
    }

    #[test]
    fn a_server_may_ask_for_seconds_or_for_a_moment() {
        let now = 784_111_700;
        for (value, seconds) in [
            ("120", Some(120)),
            (" 0 ", Some(0)),
            ("99999999", Some(99_999_999)),
            ("999999999", None),
            ("Sun, 06 Nov 1994 08:49:37 GMT", Some(77)),
            ("Sun, 06 Nov 1994 08:48:00 GMT", Some(-20)),
            ("-5", None),
            ("soon", None),
            ("", None),
        ] {
            let us = seconds.map(|seconds: i64| seconds * 1_000_000);
            assert_eq!(retry_after(value.as_bytes(), now), us, "{value}");
        }
    }
}
