//! The only place that tries everything: each order in which a few requests, their connections and their peers can meet.
//!
//! A run is a list of moves. It is played from the start, what can come next is asked, and each of that is tried. Any prefix is
//! played to a good end too: every request that was not ended by then gets its response, and the books close (`books.rs`).
//! Positions that were seen with as many moves to go are not tried again.

use std::collections::HashMap;

use super::peer::{Dialed, LAST, OK, Socket};
use super::program::Asked;
use super::story::{Req, Story};
use crate::engine::conn::Phase;
use crate::engine::wsi::Method;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Move {
    Ask,
    Accept,
    Refuse,
    Answer,
    AnswerAndClose,
    AnswerTooMuch,
    HalfAnAnswer,
    HangUp,
    Reset,
    Cancel(usize),
    CancelNow(usize),
    /// The next deadline passes.
    Time,
}

/// A move, and whether the loop has a pass after it or the next move comes first.
type Turn = (Move, bool);

#[test]
fn every_order_of_three_requests_ends_each_once() {
    let seen = explore(3, 8, true);
    assert!(
        seen > 10_000,
        "only {seen} runs: something is no longer tried"
    );
}

#[test]
fn every_order_of_two_requests_ends_each_once_however_late_the_loop_is() {
    let seen = explore(2, 6, false);
    assert!(
        seen > 10_000,
        "only {seen} runs: something is no longer tried"
    );
}

/// To two places over TLS, of which the limits let in one.
#[test]
fn every_order_of_two_places_that_take_turns_ends_each_once() {
    let seen = explore_at(Story::tls, 3, 6, true);
    assert!(
        seen > 1_000,
        "only {seen} runs: something is no longer tried"
    );
}

fn explore(requests: usize, depth: usize, prompt: bool) -> usize {
    explore_at(Story::new, requests, depth, prompt)
}

fn explore_at(begin: fn() -> Story, requests: usize, depth: usize, prompt: bool) -> usize {
    let mut explorer = Explorer {
        begin,
        requests,
        prompt,
        seen: HashMap::new(),
        runs: 0,
    };
    explorer.from(&mut Vec::new(), depth);
    explorer.runs
}

struct Explorer {
    begin: fn() -> Story,
    requests: usize,
    /// The loop always has its pass.
    prompt: bool,
    /// Positions, and how many moves were tried from there.
    seen: HashMap<String, usize>,
    runs: usize,
}

/// Says which run it was that broke.
struct Tell<'a>(&'a [Turn]);

impl Drop for Tell<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("the run: {:?}", self.0);
        }
    }
}

impl Explorer {
    fn from(&mut self, path: &mut Vec<Turn>, depth: usize) {
        let Some(next) = self.play(path, depth) else {
            return;
        };
        for at in next {
            for pass in [true, false] {
                if pass || !(self.prompt || at == Move::Time) {
                    path.push((at, pass));
                    self.from(path, depth - 1);
                    path.pop();
                }
            }
        }
    }

    /// What can come next; `None` when that was tried before, or enough was.
    fn play(&mut self, path: &[Turn], depth: usize) -> Option<Vec<Move>> {
        let _tell = Tell(path);
        self.runs += 1;
        let mut story = (self.begin)();
        story.engine.limit_tls(1, 1);
        for (at, pass) in path {
            play(&mut story, *at);
            if *pass {
                story.run();
            }
        }
        let position = position(&story);
        let known = self
            .seen
            .get(&position)
            .is_some_and(|tried| *tried >= depth);
        let next = self.moves(&story);
        match known {
            true => story.destroy_vhost(),
            false => good_end(&mut story),
        }
        drop(story);
        if known || depth == 0 {
            return None;
        }
        self.seen.insert(position, depth);
        Some(next)
    }

    fn moves(&self, story: &Story) -> Vec<Move> {
        let mut moves = Vec::new();
        if story.told.len() < self.requests {
            moves.push(Move::Ask);
        }
        if story.sockets.iter().any(|socket| is_pending(story, socket)) {
            moves.extend([Move::Accept, Move::Refuse]);
        }
        if story.sockets.iter().any(|socket| is_asked(story, socket)) {
            moves.extend([
                Move::Answer,
                Move::AnswerAndClose,
                Move::AnswerTooMuch,
                Move::HalfAnAnswer,
            ]);
        }
        if story.sockets.iter().any(|socket| is_live(story, socket)) {
            moves.extend([Move::HangUp, Move::Reset]);
        }
        for n in 0..story.told.len() {
            let wsi = story.engine.wsis.get(story.told[n].key);
            if wsi.is_some_and(|wsi| !wsi.kill) {
                moves.extend([Move::Cancel(n), Move::CancelNow(n)]);
            }
        }
        if story.engine.timers.next().is_some() {
            moves.push(Move::Time);
        }
        moves
    }
}

fn is_pending(story: &Story, socket: &Socket) -> bool {
    let alive = story.engine.conns.get(socket.conn).is_some();
    alive && socket.connecting && socket.dialed == Dialed::Hangs
}

fn is_live(story: &Story, socket: &Socket) -> bool {
    story.engine.conns.get(socket.conn).is_some() && socket.up && !socket.has_ended()
}

/// A request stands in it that was not answered.
fn is_asked(story: &Story, socket: &Socket) -> bool {
    let asked = socket
        .sent
        .windows(9)
        .filter(|at| at == b"HTTP/1.1\r")
        .count();
    is_live(story, socket) && asked > socket.answers
}

fn find(story: &mut Story, which: fn(&Story, &Socket) -> bool) -> Option<&mut Socket> {
    let found = story
        .sockets
        .iter()
        .position(|socket| which(story, socket))?;
    story.sockets.get_mut(found)
}

fn play(story: &mut Story, at: Move) {
    let answer = |story: &mut Story, bytes: &str, whole: usize| {
        if let Some(socket) = find(story, is_asked) {
            socket.says(bytes);
            socket.answers += whole;
        }
    };
    match at {
        Move::Ask => {
            story.dials.push_back(Dialed::Hangs);
            let asked = match story.told.len() {
                1 if story.site.tls => Asked::get().at("b.test"),
                1 => Asked::with(Method::Post).body(&["x"]),
                _ => Asked::get(),
            };
            story.ask(asked);
        }
        Move::Accept | Move::Refuse => {
            if let Some(socket) = find(story, is_pending) {
                socket.dialed = match at {
                    Move::Accept => Dialed::Accepts,
                    _ => Dialed::Refuses("conn fail: ECONNREFUSED"),
                };
            }
        }
        Move::Answer => answer(story, OK, 1),
        Move::AnswerAndClose => {
            answer(story, LAST, 1);
            find(story, is_live)
                .map(Socket::hangs_up)
                .unwrap_or_default();
        }
        Move::AnswerTooMuch => answer(story, &format!("{OK}surplus"), 1),
        Move::HalfAnAnswer => answer(story, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\no", 1),
        Move::HangUp => find(story, is_live)
            .map(Socket::hangs_up)
            .unwrap_or_default(),
        Move::Reset => {
            if let Some(socket) = find(story, is_live) {
                socket.breaks("ECONNRESET");
            }
        }
        Move::Cancel(n) => story.cancel(Req(n)),
        Move::CancelNow(n) => story.cancel_now(Req(n)),
        Move::Time => {
            let next = story.engine.timers.next().unwrap_or_default();
            story.wait(next.saturating_sub(story.engine.now));
        }
    }
}

/// Peers accept and answer from here on.
fn good_end(story: &mut Story) {
    story.dials.clear();
    for _ in 0..20 {
        story.run();
        story.wait(0); // what is idle makes way
        while let Some(socket) = find(story, is_pending) {
            socket.dialed = Dialed::Accepts;
        }
        story.run();
        // Half a response may stand there: a peer that hangs up ends it, one way or the other.
        while let Some(socket) = find(story, is_asked) {
            socket.says(OK);
            socket.answers += 1;
        }
        story.run();
        if story.ends().len() == story.told.len() {
            return;
        }
        let bodies: Vec<_> = (0..story.told.len())
            .filter_map(|n| story.seat(Req(n)))
            .collect();
        for at in bodies {
            let socket = story
                .sockets
                .iter_mut()
                .find(|socket| socket.conn == at && socket.up);
            if let Some(socket) = socket.filter(|socket| !socket.has_ended()) {
                socket.hangs_up();
            }
        }
    }
    panic!(
        "{} of {} requests did not end: {:?}",
        story.told.len() - story.ends().len(),
        story.told.len(),
        story.log()
    );
}

/// All that decides what comes next, as far as a test can see it. Work that is not done yet is not seen: then it is a position
/// of its own.
fn position(story: &Story) -> String {
    let next = story.engine.timers.next();
    let mut parts = vec![format!("{:?}", next.map(|next| next - story.engine.now))];
    if story.engine.has_work() {
        parts.push(format!("{:?}", story.log()));
    }
    parts.extend((0..story.told.len()).map(|n| of_request(story, Req(n))));
    parts.extend(
        story
            .sockets
            .iter()
            .filter_map(|socket| of_socket(story, socket)),
    );
    parts.join("|")
}

fn of_request(story: &Story, who: Req) -> String {
    let Some(wsi) = story.engine.wsis.get(story.told[who.0].key) else {
        return format!("{:?}", story.end_of(who));
    };
    let waits = wsi.dll2_cli_txn_queue.owner.is_some();
    let conn = story.seat(who).and_then(|at| story.engine.conns.get(at));
    let turns = conn.map(|conn| (conn.connection_turn, conn.handshake_turn));
    let flags = [
        waits,
        wsi.kill,
        wsi.wants_write,
        wsi.body_pending,
        wsi.body_taken,
        wsi.receive_sent,
    ];
    format!(
        "{:?} {:?} {flags:?} {turns:?} {} {:?} {}",
        wsi.state,
        wsi.due,
        wsi.attempts,
        wsi.kept,
        wsi.response.is_some()
    )
}

/// With the connection that it carries, if that lives.
fn of_socket(story: &Story, socket: &Socket) -> Option<String> {
    let conn = story.engine.conns.get(socket.conn)?;
    let leader = story
        .told
        .iter()
        .position(|told| Some(told.key) == conn.leader);
    let (dialing, up) = (matches!(conn.phase, Phase::Dialing(_)), conn.is_up());
    let flags = [
        dialing,
        up,
        conn.started,
        conn.readable,
        conn.write_blocked,
        conn.maybe_more,
        conn.probe,
    ];
    let (rx, tx) = (conn.rx.pending(), conn.tx.pending());
    let (carried, began) = (conn.carried.min(2), conn.response_began);
    Some(format!(
        "{leader:?} {flags:?} {:?} {carried} {began} {:?} {rx:?} {tx:?} {:?}",
        conn.interest, conn.machine, socket,
    ))
}
