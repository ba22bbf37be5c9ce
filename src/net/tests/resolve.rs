//! Names to addresses.

use std::net::SocketAddr;
use std::sync::Arc;

use super::LONG;
use crate::net::poll::{Interest, Poll, Wake};
use crate::net::resolve::{Answer, Family, Mailbox, fork_epoch, literal, submit};

/// A context's part in it.
struct Asker {
    poll: Poll,
    wake: Wake,
    mailbox: Arc<Mailbox>,
}

impl Asker {
    fn new() -> Self {
        let (poll, wake) = (Poll::new().unwrap(), Wake::new().unwrap());
        poll.set(wake.fd(), 0, Interest::NONE, Interest::READ)
            .unwrap();
        let mailbox = Arc::new(Mailbox::new(wake.fd()));
        Self {
            poll,
            wake,
            mailbox,
        }
    }

    fn answers(&self, n: usize) -> Vec<Answer> {
        let mut answers = Vec::new();
        while answers.len() < n {
            let mut ready = Vec::new();
            self.poll.wait(&mut ready, Some(LONG)).unwrap();
            assert!(!ready.is_empty(), "no answer for {LONG:?}");
            self.wake.clear();
            self.mailbox.drain(&mut answers);
        }
        answers
    }
}

#[test]
fn literals_need_no_lookup() {
    let parse = |s: &str| s.parse::<SocketAddr>().ok();
    assert_eq!(literal("127.0.0.1", 80), parse("127.0.0.1:80"));
    assert_eq!(literal("::1", 80), parse("[::1]:80"));
    assert_eq!(literal("[::1]", 80), parse("[::1]:80"));
    assert_eq!(literal("fe80::1%7", 80), parse("[fe80::1%7]:80"));
    let Some(SocketAddr::V6(scoped)) = literal("[fe80::1%lo]", 80) else {
        panic!("lo has a number")
    };
    assert_ne!(scoped.scope_id(), 0);
    for name in [
        "localhost",
        "",
        "[127.0.0.1]",
        "[::1",
        "1.2.3",
        "fe80::1%no-such-if0",
        "127.0.0.1%lo",
    ] {
        assert_eq!(literal(name, 80), None, "{name}");
    }
}

#[test]
fn localhost_is_found_with_its_port_and_ticket() {
    let asker = Asker::new();
    submit("localhost", 4711, Family::V4, 9, &asker.mailbox).unwrap();
    let [answer] = &asker.answers(1)[..] else {
        panic!("one answer")
    };
    assert_eq!(answer.ticket, 9);
    assert_eq!(
        answer.result.as_ref().unwrap()[0],
        "127.0.0.1:4711".parse().unwrap()
    );
}

#[test]
fn more_lookups_than_threads_are_all_answered() {
    let asker = Asker::new();
    for ticket in 0..100 {
        submit("localhost", 1, Family::Any, ticket, &asker.mailbox).unwrap();
    }
    let mut tickets: Vec<u64> = asker.answers(100).iter().map(|a| a.ticket).collect();
    tickets.sort_unstable();
    assert_eq!(tickets, (0..100).collect::<Vec<_>>());
}

#[test]
fn a_name_that_cannot_exist_gives_a_reason() {
    let asker = Asker::new();
    submit("no-such-host.invalid", 1, Family::Any, 1, &asker.mailbox).unwrap();
    // Without a network the system says that it could not ask, with one that there is no such name.
    let text = asker.answers(1).remove(0).result.unwrap_err();
    assert!(text.starts_with("DNS "), "{text}");
    assert!(
        text.contains("no-such-host.invalid") && !text.contains('\n'),
        "{text}"
    );
    assert!(
        submit("a\0b", 1, Family::Any, 1, &asker.mailbox)
            .unwrap_err()
            .starts_with("DNS ")
    );
}

#[test]
fn a_late_answer_touches_nothing_after_close() {
    let asker = Asker::new();
    asker.mailbox.put(Answer {
        ticket: 1,
        result: Ok(Vec::new()),
    });
    asker.mailbox.close();
    asker.wake.clear();
    asker.mailbox.put(Answer {
        ticket: 2,
        result: Ok(Vec::new()),
    });
    let mut ready = Vec::new();
    asker
        .poll
        .wait(&mut ready, Some(std::time::Duration::ZERO))
        .unwrap();
    assert_eq!(ready, []);
    let mut answers = Vec::new();
    asker.mailbox.drain(&mut answers);
    assert!(answers.is_empty());
}

#[test]
fn contexts_come_and_go_while_lookups_are_under_way() {
    for ticket in 0..50 {
        let asker = Asker::new();
        submit("localhost", 1, Family::Any, ticket, &asker.mailbox).unwrap();
        asker.mailbox.close();
    }
    let last = Asker::new();
    submit("localhost", 1, Family::Any, 1, &last.mailbox).unwrap();
    assert!(last.answers(1)[0].result.is_ok());
}

#[test]
fn a_forked_child_has_a_resolver_of_its_own() {
    let parent = Asker::new();
    submit("localhost", 1, Family::Any, 1, &parent.mailbox).unwrap();
    parent.answers(1); // there is a thread now, and it is idle
    let epoch = fork_epoch();
    // SAFETY: the child only resolves and leaves by _exit.
    let pid = unsafe { libc::fork() };
    if pid == 0 {
        parent.mailbox.close(); // a no-op here, whoever held its lock
        let child = Asker::new();
        submit("localhost", 1, Family::Any, 2, &child.mailbox).unwrap();
        let well = fork_epoch() != epoch && child.answers(1)[0].ticket == 2;
        // SAFETY: ends the child without running the test harness's exits.
        unsafe { libc::_exit(i32::from(!well)) };
    }
    let mut status = -1;
    // SAFETY: our own child, and room for its status.
    unsafe { libc::waitpid(pid, &raw mut status, 0) };
    assert_eq!(status, 0);
    assert_eq!(fork_epoch(), epoch);
    submit("localhost", 1, Family::Any, 3, &parent.mailbox).unwrap();
    assert_eq!(parent.answers(1)[0].ticket, 3);
}
