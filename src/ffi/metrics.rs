//! The only place that tells a program what its context measured, and writes that as text.

use std::ffi::{CStr, c_char, c_int};
use std::sync::Arc;

use super::context::{self, Context};
use super::logs;
use super::text::{bytes, put};
use super::types::{
    LWSMTFL_REPORT_DUTY_WALLCLOCK_US, LWSMTFL_REPORT_HIST, LWSMTFL_REPORT_MEAN,
    LWSMTFL_REPORT_ONLY_GO, lws_metric_agg, lws_metric_bucket, lws_metric_data, lws_metric_pub,
    lws_usec_t,
};
use crate::engine::LLL_ERR;
use crate::engine::metrics::{Measure, Metric};
use crate::engine::timer::Micros;
use crate::proto::text::metrics::{Aggregate, bucket_line};

/// Gives `metric_report` each metric, once. Nothing is held.
pub(crate) fn report(context: &Arc<Context>) {
    let Some(report) = context.system.metric_report() else {
        return;
    };
    loop {
        // Before the call, as it may throw: the rest is reported then when the context is destroyed again.
        let next = context.hold().next_metric();
        let Some((what, metric)) = next else { return };
        let mut metric = published(what, &metric);
        // SAFETY: lws_system_ops asks for a function that may be called so; nothing is held, and `metric` lives until it returns.
        unsafe { report(&raw mut metric) };
    }
}

fn published(what: Measure, metric: &Metric) -> lws_metric_pub {
    let agg = lws_metric_agg {
        sum: metric.sum,
        min: metric.min,
        max: metric.max,
        count: metric.count,
    };
    lws_metric_pub {
        name: name(what).as_ptr(),
        backend_opaque: std::ptr::null_mut(),
        us_first: usecs(metric.first),
        us_last: usecs(metric.last),
        us_dumped: 0,
        u: lws_metric_data { agg },
        flags: LWSMTFL_REPORT_MEAN | LWSMTFL_REPORT_DUTY_WALLCLOCK_US,
    }
}

fn name(what: Measure) -> &'static CStr {
    match what {
        Measure::Dns => c"n.cn.dns",
        Measure::Tcp => c"n.cn.tcp",
        Measure::Tls => c"n.cn.tls",
        Measure::Http => c"n.http.txn",
    }
}

fn usecs(at: Micros) -> lws_usec_t {
    lws_usec_t::try_from(at).unwrap_or(lws_usec_t::MAX)
}

/// Writes a metric as one line, without a line end, for logs: "n.cn.tcp: Go: 2, mean: 1.500ms, NoGo: 1, mean: 80us, min: 80us, max: 2.000ms".
/// `*sub` becomes NULL. With LWSMTFL_REPORT_HIST it is one line for the bucket `*sub`, "name{bucket} 3", and `*sub` becomes the next: begin
/// with `u.hist.head`, and call until it is NULL. Cut to the room and terminated.
///
/// Returns the length of the line in `buf`, of a bucket 1; or 0, and `buf` is empty, when nothing was counted, or `*sub` is NULL, or, after
/// a log line, when `metric`, `buf` or `len` is NULL or 0, or `sub` is, with LWSMTFL_REPORT_HIST. Any thread may call it.
///
/// # Safety
///
/// `metric` is NULL, or a metric with its name and its buckets; `sub` is NULL, or writable, and `*sub` NULL or a bucket of the metric;
/// `buf` is NULL or has `len` writable bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lws_metrics_format(
    metric: *mut lws_metric_pub,
    sub: *mut *mut lws_metric_bucket,
    buf: *mut c_char,
    len: usize,
) -> c_int {
    // SAFETY: by this function's contract.
    let metric = unsafe { metric.as_ref() };
    let (Some(metric), false) = (metric, buf.is_null() || len == 0) else {
        logs::emit(LLL_ERR, "lws_metrics_format: an argument is NULL or 0");
        return 0;
    };
    // SAFETY: by this function's contract.
    let sub = unsafe { sub.as_mut() };
    let is_histogram = metric.flags & LWSMTFL_REPORT_HIST != 0;
    let line = match (is_histogram, sub) {
        (true, Some(sub)) => {
            // SAFETY: by this function's contract.
            unsafe { next_bucket(metric, sub) }
        }
        (true, None) => {
            logs::emit(LLL_ERR, "lws_metrics_format: sub is NULL");
            None
        }
        (false, sub) => {
            if let Some(sub) = sub {
                *sub = std::ptr::null_mut();
            }
            // SAFETY: by this function's contract.
            unsafe { aggregate(metric) }
        }
    };
    let text = line.as_deref().unwrap_or_default();
    // SAFETY: `len` writable bytes, by this function's contract.
    unsafe { put(text, buf, len) };
    match line {
        Some(_) if is_histogram => 1,
        _ => c_int::try_from(text.len().min(len - 1)).unwrap_or(c_int::MAX),
    }
}

/// # Safety
///
/// `metric` has its name, and `sub` is NULL or a bucket with its own.
unsafe fn next_bucket(
    metric: &lws_metric_pub,
    sub: &mut *mut lws_metric_bucket,
) -> Option<Vec<u8>> {
    let at = *sub;
    // SAFETY: NULL or a bucket, by this function's contract.
    let bucket = unsafe { at.as_ref() }?;
    let place: *const u8 = at.wrapping_add(1).cast();
    // SAFETY: the length of the name follows the bucket, by its type's definition.
    let len = unsafe { place.read() };
    // SAFETY: the name follows its length.
    let called = unsafe { std::slice::from_raw_parts(place.wrapping_add(1), usize::from(len)) };
    *sub = bucket.next;
    // SAFETY: by this function's contract.
    let name = unsafe { bytes(metric.name) }.unwrap_or_default();
    Some(bucket_line(name, called, bucket.count))
}

/// # Safety
///
/// `metric` has its name, and is no histogram.
unsafe fn aggregate(metric: &lws_metric_pub) -> Option<Vec<u8>> {
    // SAFETY: it is no histogram, and any bits are a number.
    let agg = unsafe { metric.u.agg };
    // SAFETY: by this function's contract.
    let name = unsafe { bytes(metric.name) }.unwrap_or_default();
    let has = |flag: u8| metric.flags & flag != 0;
    let since = Micros::try_from(metric.us_first).unwrap_or(0);
    Aggregate {
        name,
        mean: has(LWSMTFL_REPORT_MEAN),
        duty: has(LWSMTFL_REPORT_DUTY_WALLCLOCK_US),
        only_go: has(LWSMTFL_REPORT_ONLY_GO),
        sum: agg.sum,
        min: agg.min,
        max: agg.max,
        count: agg.count,
        passed: context::now().saturating_sub(since),
    }
    .line()
}
