//! The only place that carries control lines to the threads of the h2 connections they are about.

use std::io::{self, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::sync::{Arc, Mutex, PoisonError};

#[derive(Clone, Debug)]
pub(crate) enum Order {
    /// SETTINGS with these, now.
    Settings(Vec<(u16, u32)>),
    Goaway {
        last: Last,
        code: u32,
    },
    Ping,
    /// A gate opened: perhaps somebody waits for it.
    Look,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Last {
    Stream(u32),
    /// The highest stream that was seen.
    Current,
}

/// The end that the connection's thread polls.
pub(crate) struct Inbox {
    bell: UnixStream,
    post: Arc<Post>,
}

/// The end that control lines post to.
pub(crate) struct Post {
    bell: UnixStream,
    orders: Mutex<Vec<Order>>,
}

impl Inbox {
    pub(crate) fn new() -> io::Result<Self> {
        let (bell, rung) = UnixStream::pair()?;
        bell.set_nonblocking(true)?;
        rung.set_nonblocking(true)?;
        let orders = Mutex::default();
        let post = Arc::new(Post { bell, orders });
        Ok(Self { bell: rung, post })
    }

    pub(crate) fn post(&self) -> Arc<Post> {
        Arc::clone(&self.post)
    }

    pub(crate) fn fd(&self) -> BorrowedFd<'_> {
        self.bell.as_fd()
    }

    pub(crate) fn take(&mut self) -> Vec<Order> {
        // Quiet first: what is posted after this rings again.
        while self.bell.read(&mut [0; 64]).is_ok_and(|n| n > 0) {}
        std::mem::take(&mut self.post.lock())
    }
}

impl Post {
    pub(crate) fn send(&self, order: Order) {
        self.lock().push(order);
        // A bell that is full rings already.
        let _ = (&self.bell).write(&[0]);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Order>> {
        self.orders.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
