//! Who is ready, and who says so.

use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::os::fd::AsRawFd;
use std::time::Duration;

use super::LONG;
use crate::net::poll::{Interest, Poll, Ready, Wake};

const AT_ONCE: Option<Duration> = Some(Duration::ZERO);

fn pair() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let near = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    (near, listener.accept().unwrap().0)
}

fn ready(poll: &Poll, timeout: Option<Duration>) -> Vec<Ready> {
    let mut out = Vec::new();
    poll.wait(&mut out, timeout).unwrap();
    out
}

#[test]
fn an_fd_is_registered_modified_masked_and_registered_again() {
    let (poll, (near, mut far)) = (Poll::new().unwrap(), pair());
    let fd = near.as_raw_fd();
    let writable = Ready {
        token: u64::MAX,
        readable: false,
        writable: true,
        hangup: false,
    };
    poll.set(fd, u64::MAX, Interest::NONE, Interest::WRITE)
        .unwrap();
    assert_eq!(ready(&poll, AT_ONCE), [writable]);

    poll.set(fd, u64::MAX, Interest::WRITE, Interest::READ)
        .unwrap();
    assert_eq!(ready(&poll, AT_ONCE), []);
    far.write_all(b"x").unwrap();
    assert_eq!(
        ready(&poll, Some(LONG)),
        [Ready {
            readable: true,
            writable: false,
            ..writable
        }]
    );
    assert_eq!(
        ready(&poll, AT_ONCE).len(),
        1,
        "level-triggered: unread bytes are told again"
    );

    poll.set(fd, u64::MAX, Interest::READ, Interest::NONE)
        .unwrap();
    drop(far);
    assert_eq!(ready(&poll, AT_ONCE), [], "masked: not even HUP");
    poll.set(fd, 7, Interest::NONE, Interest::BOTH).unwrap();
    let [back] = ready(&poll, Some(LONG))[..] else {
        panic!("one fd")
    };
    assert!(back.token == 7 && back.readable && back.writable);

    poll.set(fd, 7, Interest::BOTH, Interest::NONE).unwrap();
    assert_eq!(ready(&poll, AT_ONCE), []);
    poll.set(fd, 7, Interest::NONE, Interest::NONE).unwrap();
    poll.set(-1, 7, Interest::NONE, Interest::BOTH).unwrap();
    assert!(
        poll.set(fd, 7, Interest::READ, Interest::WRITE).is_err(),
        "the book was wrong: ENOENT"
    );
}

#[test]
fn a_bell_wakes_from_another_thread_until_it_is_cleared() {
    let (poll, wake) = (Poll::new().unwrap(), Wake::new().unwrap());
    poll.set(wake.fd(), 3, Interest::NONE, Interest::READ)
        .unwrap();
    let fd = wake.fd();
    std::thread::spawn(move || Wake::ring(fd)).join().unwrap();
    Wake::ring(fd);
    assert_eq!(ready(&poll, Some(LONG))[0].token, 3);
    wake.clear();
    wake.clear();
    assert_eq!(ready(&poll, AT_ONCE), []);
}

#[test]
fn ringing_a_bad_fd_leaves_errno_alone() {
    // SAFETY: no pointers; it sets errno to EBADF.
    unsafe { libc::close(-1) };
    // SAFETY: this thread's errno has an address.
    let errno = unsafe { libc::__errno_location() };
    // SAFETY: as above; writable.
    unsafe { errno.write(libc::EDOM) };
    Wake::ring(-1);
    assert_eq!(
        std::io::Error::last_os_error().raw_os_error(),
        Some(libc::EDOM)
    );
}

#[test]
fn a_wait_shorter_than_a_millisecond_still_waits() {
    let poll = Poll::new().unwrap();
    let before = std::time::Instant::now();
    assert_eq!(ready(&poll, Some(Duration::from_micros(1))), []);
    assert!(before.elapsed() >= Duration::from_micros(900));
}
