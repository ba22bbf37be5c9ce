//! The only place that says what the engine has for the log: lines, and who began or ended to use a log context.
//!
//! A log context is the program's: here it is an address, 0 for the process-wide one. What is noted is carried out, in this order, once
//! the lock is gone.

use super::Engine;
use super::table::Key;
use super::vhost::Vhost;
use super::wsi::Wsi;

/// One thing for the log.
pub(crate) enum Note {
    Line {
        level: i32,
        text: String,
        log_cx: usize,
        /// Whom it is about.
        wsi: Option<Key<Wsi>>,
    },
    /// One more uses this log context.
    Joined(usize),
    /// One uses it no more.
    Left(usize),
}

impl Engine {
    /// A line about a request.
    pub(crate) fn log_wsi(&mut self, key: Key<Wsi>, level: i32, text: impl Into<String>) {
        let log_cx = self.wsis.get(key).map_or(0, |wsi| wsi.ask.log_cx);
        self.notes.push(Note::Line {
            level,
            text: text.into(),
            log_cx,
            wsi: Some(key),
        });
    }

    /// A line about a vhost, or about a connection of its.
    pub(crate) fn log_vhost(&mut self, key: Key<Vhost>, level: i32, text: impl Into<String>) {
        let log_cx = self.vhosts.get(key).map_or(0, |vhost| vhost.config.log_cx);
        self.notes.push(Note::Line {
            level,
            text: text.into(),
            log_cx,
            wsi: None,
        });
    }

    pub(crate) fn joins(&mut self, log_cx: usize) {
        if log_cx != 0 {
            self.notes.push(Note::Joined(log_cx));
        }
    }

    pub(crate) fn leaves(&mut self, log_cx: usize) {
        if log_cx != 0 {
            self.notes.push(Note::Left(log_cx));
        }
    }

    pub(crate) fn has_notes(&self) -> bool {
        !self.notes.is_empty()
    }

    /// To be carried out once the lock is gone.
    pub(crate) fn take_notes(&mut self) -> Vec<Note> {
        std::mem::take(&mut self.notes)
    }
}
