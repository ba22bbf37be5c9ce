//! The only place for what a program is told of how long the requests of a context took.

use super::lws_usec_t;
use core::ffi::{c_char, c_void};

/// One outcome of a histogram; its name follows: a byte with its length, the name, and a NUL. `lws_metric_bucket_name()`,
/// `lws_metric_bucket_name_len()`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct lws_metric_bucket {
    /// NULL: the last
    pub next: *mut Self,
    /// how often it came
    pub count: u64,
}

/// Numbers that were added up, by outcome: [METRES_GO], [METRES_NOGO].
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct lws_metric_agg {
    /// of the numbers
    pub sum: [u64; 2],
    /// the smallest, of either outcome; the largest there can be while there is none
    pub min: u64,
    /// the largest, of either outcome
    pub max: u64,
    /// how many numbers
    pub count: [u32; 2],
}

/// How often each of several outcomes came.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct lws_metric_hist {
    /// the first, or NULL
    pub head: *mut lws_metric_bucket,
    /// of all outcomes
    pub total_count: u64,
    /// how many outcomes
    pub list_size: u32,
}

/// What was measured.
#[repr(C)]
#[derive(Clone, Copy)]
pub union lws_metric_data {
    /// without LWSMTFL_REPORT_HIST
    pub agg: lws_metric_agg,
    /// with LWSMTFL_REPORT_HIST
    pub hist: lws_metric_hist,
}

/// One metric, for `metric_report` of `lws_system_ops` and lws_metrics_format().
#[repr(C)]
#[derive(Clone, Copy)]
pub struct lws_metric_pub {
    /// "n.cn.dns" and its like
    pub name: *const c_char,
    /// the program's
    pub backend_opaque: *mut c_void,
    /// when it began to be collected, by the clock of lws_now_usecs()
    pub us_first: lws_usec_t,
    /// when the last event was, or 0
    pub us_last: lws_usec_t,
    /// when it was reported before, or 0
    pub us_dumped: lws_usec_t,
    /// as `flags` say
    pub u: lws_metric_data,
    /// LWSMTFL_REPORT_
    pub flags: u8,
}

/// metric: what is far from the mean is reported too; none here has it
pub const LWSMTFL_REPORT_OUTLIERS: u8 = 1 << 0;
/// metric: events are reported as they come; none here has it
pub const LWSMTFL_REPORT_OOB: u8 = 1 << 1;
/// metric: that nothing happened is reported too; none here has it
pub const LWSMTFL_REPORT_INACTIVITY_AT_PERIODIC: u8 = 1 << 2;
/// metric: the mean and the extremes say something, not only the sum
pub const LWSMTFL_REPORT_MEAN: u8 = 1 << 3;
/// metric: its no-go side says nothing
pub const LWSMTFL_REPORT_ONLY_GO: u8 = 1 << 4;
/// metric: microseconds
pub const LWSMTFL_REPORT_DUTY_WALLCLOCK_US: u8 = 1 << 5;
/// metric: a histogram
pub const LWSMTFL_REPORT_HIST: u8 = 1 << 6;
/// index of what went well
pub const METRES_GO: usize = 0;
/// index of what did not
pub const METRES_NOGO: usize = 1;

#[cfg(target_pointer_width = "64")]
const _: () = {
    use core::mem::{offset_of, size_of};
    assert!(size_of::<lws_metric_bucket>() == 16);
    assert!(offset_of!(lws_metric_bucket, count) == 8);
    assert!(size_of::<lws_metric_agg>() == 40);
    assert!(offset_of!(lws_metric_agg, min) == 16);
    assert!(offset_of!(lws_metric_agg, max) == 24);
    assert!(offset_of!(lws_metric_agg, count) == 32);
    assert!(size_of::<lws_metric_hist>() == 24);
    assert!(offset_of!(lws_metric_hist, total_count) == 8);
    assert!(offset_of!(lws_metric_hist, list_size) == 16);
    assert!(size_of::<lws_metric_pub>() == 88);
    assert!(offset_of!(lws_metric_pub, backend_opaque) == 8);
    assert!(offset_of!(lws_metric_pub, us_first) == 16);
    assert!(offset_of!(lws_metric_pub, us_last) == 24);
    assert!(offset_of!(lws_metric_pub, us_dumped) == 32);
    assert!(offset_of!(lws_metric_pub, u) == 40);
    assert!(offset_of!(lws_metric_pub, flags) == 80);
};
