//! The only place that tries every order of what can happen to three requests on an h2 connection that allows two at once.
//!
//! As `explorer.rs` does for one exchange at a time: a run is a list of moves, each prefix of it is played to a good end too, and
//! positions that were seen with as many moves to go are not tried again.

use std::collections::HashMap;

use super::h2_peer::Server;
use super::program::Asked;
use super::story::{Req, Story};
use crate::engine::wsi::Method;
use crate::proto::h2::ErrorCode;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Move {
    Ask,
    /// A head, of the nth stream that is not over.
    Head(usize),
    Data(usize),
    /// All that is left of its response.
    End(usize),
    Reset(usize),
    Refuse(usize),
    /// GOAWAY that covers all, or the first alone, or none.
    GoAway(u32),
    Fin,
    Streams(u32),
    Cancel(usize),
    CancelNow(usize),
    Pause(usize),
    /// The next deadline passes.
    Time,
}

/// A move, and whether the loop has a pass after it or the next move comes first.
type Turn = (Move, bool);

#[test]
fn every_order_of_three_requests_on_streams_ends_each_once() {
    let seen = explore(3, 4, true);
    assert!(
        seen > 10_000,
        "only {seen} runs: something is no longer tried"
    );
}

#[test]
fn every_order_of_two_requests_on_streams_ends_each_once_however_late_the_loop_is() {
    let seen = explore(2, 3, false);
    assert!(
        seen > 5_000,
        "only {seen} runs: something is no longer tried"
    );
}

fn explore(requests: usize, depth: usize, prompt: bool) -> usize {
    let mut explorer = Explorer {
        requests,
        prompt,
        seen: HashMap::new(),
        runs: 0,
    };
    explorer.from(&mut Vec::new(), depth);
    explorer.runs
}

struct Explorer {
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
        let mut story = Story::h2_with(&[(3, 2)]);
        // All are asked at once: who comes late is a move.
        for n in 0..self.requests - 1 {
            ask(&mut story, n);
        }
        story.run();
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
        if let Some(server) = live(story).map(|nth| story.server_of(nth)) {
            for (nth, id) in server.waiting().into_iter().enumerate() {
                let answered = server.streams[&id].answered;
                moves.push(if answered {
                    Move::Data(nth)
                } else {
                    Move::Head(nth)
                });
                moves.extend([Move::End(nth), Move::Reset(nth), Move::Refuse(nth)]);
            }
            moves.extend([0, 1, u32::MAX >> 1].map(Move::GoAway));
            moves.extend([0, 1, 3].map(Move::Streams));
            moves.push(Move::Fin);
        }
        for n in 0..story.told.len() {
            let wsi = story.engine.wsis.get(story.told[n].key);
            if let Some(wsi) = wsi.filter(|wsi| !wsi.kill) {
                moves.extend([Move::Cancel(n), Move::CancelNow(n)]);
                moves.extend((!wsi.rx_paused).then_some(Move::Pause(n)));
            }
        }
        if story.engine.timers.next().is_some() {
            moves.push(Move::Time);
        }
        moves
    }
}

/// The second has a body.
fn ask(story: &mut Story, nth: usize) {
    story.ask(match nth {
        1 => Asked::with(Method::Put).body(&["x"]),
        _ => Asked::get(),
    });
}

/// The connection that was last to be up, if its server says more.
fn live(story: &Story) -> Option<usize> {
    let mut sockets = (0..story.sockets.len()).rev();
    sockets.find(|nth| story.is_live(*nth) && story.sockets[*nth].server.is_some())
}

fn play(story: &mut Story, at: Move) {
    match at {
        Move::Ask => ask(story, story.told.len()),
        Move::Cancel(n) => story.cancel(Req(n)),
        Move::CancelNow(n) => story.cancel_now(Req(n)),
        Move::Pause(n) => {
            let key = story.told[n].key;
            story.engine.pause_rx(key, true);
        }
        Move::Time => {
            if let Some(next) = story.engine.timers.next() {
                let now = story.engine.now;
                story.wait(next.saturating_sub(now));
            }
        }
        _ => {
            if let Some(nth) = live(story) {
                story.puts_on(nth, |server| say(server, at));
                if at == Move::Fin {
                    story.sockets[nth].hangs_up();
                }
            }
        }
    }
}

fn say(server: &mut Server, at: Move) {
    let waiting = server.waiting();
    let of = |nth: usize| waiting[nth];
    match at {
        Move::Head(nth) => server.head(of(nth), 200, &[]),
        Move::Data(nth) => server.piece(of(nth), "x"),
        Move::End(nth) => super::h2_story::finish(server, of(nth)),
        Move::Reset(nth) => server.reset(of(nth), ErrorCode::INTERNAL_ERROR),
        Move::Refuse(nth) => server.reset(of(nth), ErrorCode::REFUSED_STREAM),
        Move::GoAway(last) => server.goaway(last.min(server.last_goaway()), ErrorCode::NO_ERROR),
        Move::Streams(most) => server.max_streams(most),
        _ => {}
    }
}

/// Servers answer from here on, and programs read.
fn good_end(story: &mut Story) {
    for n in 0..story.told.len() {
        let key = story.told[n].key;
        story.engine.pause_rx(key, false);
    }
    for _ in 0..12 {
        story.run();
        if let Some(nth) = live(story) {
            story.puts_on(nth, |server| server.max_streams(2));
        }
        story.answer_all();
        if story.ends().len() == story.told.len() {
            return;
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
    let sockets = story.sockets.iter();
    parts.extend(sockets.filter_map(|socket| {
        let conn = story.engine.conns.get(socket.conn)?;
        let mux = conn.mux.as_ref().map(|mux| {
            let flags = (mux.room(), mux.holds_back(), mux.lasts, mux.fed);
            (flags, mux.goaway, mux.turns, mux.h2.open())
        });
        let waits = conn.dll2_cli_txn_queue_owner.count;
        let (rx, tx) = (conn.rx.pending(), conn.tx.pending());
        let flags = [
            conn.probe,
            conn.readable,
            conn.is_ridden(),
            socket.has_ended(),
        ];
        let server = socket.server.as_ref().map(|server| server.position());
        Some(format!(
            "{mux:?} {waits} {rx:?} {tx:?} {flags:?} {server:?} {}",
            socket.is_readable()
        ))
    }));
    parts.join("|")
}

fn of_request(story: &Story, who: Req) -> String {
    let Some(wsi) = story.engine.wsis.get(story.told[who.0].key) else {
        return format!("{:?}", story.end_of(who));
    };
    let waits = wsi.dll2_cli_txn_queue.owner.is_some();
    let flags = [
        waits,
        wsi.kill,
        wsi.wants_write,
        wsi.body_taken,
        wsi.rx_paused,
    ];
    let stream = wsi.stream().map(|(_, stream)| stream);
    let (state, due, tries) = (wsi.state, wsi.due, wsi.attempts);
    format!(
        "{state:?} {due:?} {flags:?} {tries} {stream:?} {:?}",
        wsi.kept
    )
}
