//! The only place that knows what the tally keeps of WebSockets.

use super::frame::{CLOSE, Frame};
use super::judge::{Close, Message};
use crate::tally::sum;
use std::collections::VecDeque;

/// Lines that are kept of each log; the oldest go first.
const KEPT: usize = 10_000;

/// Payloads up to here are told.
const SHORT: usize = 40;

#[derive(Default)]
pub(crate) struct WsCounts {
    opened: usize,
    live: usize,
    /// From clients.
    pub(crate) frames: usize,
    pub(crate) messages: usize,
    /// WebSockets on which a Close came, or that ended.
    pub(crate) closed: usize,
    pub(crate) last_close: Option<String>,
    last_head: Vec<u8>,
    frame_log: VecDeque<String>,
    message_log: VecDeque<String>,
}

impl WsCounts {
    pub(crate) fn asked(&mut self, head: &[u8]) {
        self.last_head = head.to_vec();
    }

    /// The number of the new one.
    pub(super) fn open(&mut self) -> usize {
        self.live += 1;
        self.opened += 1;
        self.opened
    }

    pub(super) fn end(&mut self) {
        self.live -= 1;
    }

    /// `told` when its payload is text.
    pub(super) fn frame(&mut self, tag: &str, frame: &Frame, told: bool) {
        let Frame {
            fin,
            rsv,
            op,
            payload,
        } = frame;
        let (fin, len) = (u8::from(*fin), payload.len());
        let mut line = format!(
            "{tag} op={op} fin={fin} rsv={rsv} len={len} sum={:08x}",
            sum(payload)
        );
        if let (CLOSE, Some([a, b])) = (*op, payload.first_chunk()) {
            line += &format!(" code={}", u16::from_be_bytes([*a, *b]));
        }
        if told && len <= SHORT {
            line += &format!(" text={}", payload.escape_ascii());
        }
        self.frames += 1;
        keep(&mut self.frame_log, line);
    }

    pub(super) fn message(&mut self, tag: &str, m: &Message) {
        let (op, frames, zipped) = (m.op, m.frames, u8::from(m.zipped));
        let (len, sum) = (m.payload.len(), sum(&m.payload));
        let mut line =
            format!("{tag} op={op} frames={frames} zipped={zipped} len={len} sum={sum:08x}");
        if op == super::frame::TEXT && len <= SHORT {
            line += &format!(" text={}", m.payload.escape_ascii());
        }
        self.messages += 1;
        keep(&mut self.message_log, line);
    }

    pub(super) fn close(&mut self, close: &Close) {
        self.last_close = Some(close.told());
    }

    /// The last `n` lines, or all.
    pub(crate) fn frame_log(&self, n: usize) -> String {
        last(&self.frame_log, n)
    }

    pub(crate) fn message_log(&self, n: usize) -> String {
        last(&self.message_log, n)
    }

    pub(crate) fn head(&self) -> String {
        self.last_head.escape_ascii().to_string()
    }

    pub(crate) fn stats(&self) -> String {
        let (opened, live, frames) = (self.opened, self.live, self.frames);
        let messages = self.messages;
        format!("ws={opened} wslive={live} wsframes={frames} wsmessages={messages}")
    }
}

fn keep(log: &mut VecDeque<String>, line: String) {
    if log.len() == KEPT {
        log.pop_front();
    }
    log.push_back(line + "; ");
}

fn last(log: &VecDeque<String>, n: usize) -> String {
    let from = match n {
        0 => 0,
        n => log.len().saturating_sub(n),
    };
    log.range(from..).map(String::as_str).collect()
}
