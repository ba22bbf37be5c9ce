//! The only place that holds the state of an h2 connection. It eats bytes and orders and fills `tx`; it knows no socket.
//! `receive.rs` is what the client's frames do to it, `send.rs` what it says.

use super::frame::{self, Fault, Kind, MAX_STREAM};
use super::hpack::Decoder;
use super::settings::{Agreed, Pairs, Settings};
use super::stream::{Stream, Tail};
use crate::answer::Next;
use crate::orders::{Last, Order};
use crate::tally::Tally;
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

/// What our PINGs carry.
pub(super) const QUESTION: &[u8; 8] = b"are you?";

pub(super) struct Link {
    /// The connection's number in the tally.
    pub(super) id: usize,
    pub(super) tally: Arc<Tally>,
    pub(super) settings: Settings,
    pub(super) agreed: Agreed,
    pub(super) client: Client,
    pub(super) hpack: Decoder,
    pub(super) awaits: Awaits,
    /// Those that are open, and how the others ended.
    pub(super) streams: HashMap<u32, Stream>,
    pub(super) closed: HashMap<u32, Tail>,
    pub(super) highest: u32,
    /// Streams above it are not looked at: a GOAWAY said so.
    pub(super) last: u32,
    /// The connection ends with its last stream.
    pub(super) draining: bool,
    /// Requests so far.
    pub(super) nth: usize,
    /// The highest stream that a PUSH_PROMISE named.
    pub(super) promised: u32,
    pub(super) back: Back,
    pub(super) turns: Turns,
    pub(super) tx: Vec<u8>,
    pub(super) tx_window: i64,
    /// Nothing may be written yet.
    pub(super) held: bool,
    /// It said bytes of which it knows nothing: the client may acknowledge what they were.
    pub(super) rude: bool,
    pub(super) end: Option<Next>,
    news: News,
}

/// What the client's SETTINGS said.
pub(super) struct Client {
    pub(super) window: i64,
    pub(super) frame: usize,
    /// Its table is smaller than ours would be: our next block has to say that we use none (RFC 7541 §4.2).
    pub(super) small_table: bool,
}

/// What has to come next from the client.
pub(super) enum Awaits {
    Preface,
    Settings,
    Frame,
    /// CONTINUATION of this block.
    Rest {
        stream: u32,
        end: bool,
        block: Vec<u8>,
    },
}

/// What the client gets back of the windows that its bodies used up.
#[derive(Default)]
pub(super) struct Back {
    /// What is left of the connection's window, and what was taken from it.
    pub(super) window: i64,
    pub(super) owed: u32,
    /// Streams that are owed something.
    pub(super) streams: Vec<u32>,
    /// Until a gate opens.
    pub(super) withheld: bool,
}

/// Who waits for what.
#[derive(Default)]
pub(super) struct Turns {
    pub(super) ready: VecDeque<u32>,
    /// For the connection's window.
    pub(super) starved: VecDeque<u32>,
    /// For the next write.
    pub(super) later: Vec<u32>,
    pub(super) gated: HashMap<String, Vec<u32>>,
}

/// What the tally is told once a turn.
#[derive(Default)]
struct News {
    any: bool,
    firsts: Vec<String>,
    peak: usize,
}

impl Link {
    pub(super) fn new(settings: Settings, tally: Arc<Tally>, id: usize) -> Self {
        let rfc = Agreed::new().window();
        let mut me = Self {
            id,
            agreed: Agreed::new(),
            client: Client {
                window: rfc,
                frame: 16_384,
                small_table: false,
            },
            hpack: Decoder::new(),
            awaits: Awaits::Preface,
            streams: HashMap::new(),
            closed: HashMap::new(),
            highest: 0,
            last: MAX_STREAM,
            draining: false,
            nth: 0,
            promised: 0,
            back: Back {
                window: rfc,
                withheld: settings.no_window_updates,
                ..Back::default()
            },
            turns: Turns::default(),
            tx: Vec::new(),
            tx_window: rfc,
            held: settings.late,
            rude: false,
            end: None,
            news: News::default(),
            tally,
            settings,
        };
        me.send_settings(&me.settings.first());
        if me.settings.conn_window > 0 {
            me.put_back(0, me.settings.conn_window);
        }
        me.look();
        me
    }

    pub(super) fn obey(&mut self, order: Order) {
        match order {
            Order::Settings(pairs) => self.send_settings(&pairs),
            Order::Goaway { last, code } => {
                let last = match last {
                    Last::Stream(id) => id,
                    Last::Current => self.highest,
                };
                self.send_goaway(last, code);
            }
            Order::Ping => frame::put(&mut self.tx, Kind::Ping, 0, 0, QUESTION),
            Order::Look => self.look(),
        }
    }

    /// Tells the tally what this turn brought.
    pub(super) fn settle(&mut self) {
        if !std::mem::take(&mut self.news.any) {
            return;
        }
        let (firsts, peak) = (&self.news.firsts, self.news.peak);
        self.tally.note(|c| c.h2.turn(firsts, peak));
        self.news.firsts.clear();
    }

    /// Counts what the client did wrong, and ends what dies of it.
    pub(super) fn blame(&mut self, fault: Fault) {
        let id = self.id;
        let violation = |text: &str| format!("conn={id} {text}");
        match fault {
            Fault::Stream(stream, code, text) => {
                let text = violation(&format!("stream {stream}: {text}"));
                self.tally.note(|c| c.h2.violation(text));
                self.reset(stream, code);
            }
            Fault::Conn(code, text) => {
                self.tally.note(|c| c.h2.violation(violation(&text)));
                self.send_goaway(self.highest, code);
                self.end = Some(Next::Close);
            }
        }
    }

    pub(super) fn opened(&mut self, id: u32, stream: Stream) {
        self.streams.insert(id, stream);
        self.news.peak = self.news.peak.max(self.streams.len());
        self.news.any = true;
    }

    /// A stream is over for us; what the client may still send on it is in `tail`.
    pub(super) fn forget(&mut self, id: u32, tail: Tail) {
        if let Some(stream) = self.streams.remove(&id)
            && !stream.rx.ended
        {
            self.note_body(stream.rx.so_far());
        }
        self.closed.insert(id, tail);
    }

    pub(super) fn note_body(&mut self, (entry, len, sum): (usize, usize, u32)) {
        if len > 0 {
            self.tally.quietly(|c| {
                if let Some(e) = c.log.get_mut(entry) {
                    (e.body, e.sum) = (len, sum);
                }
            });
            self.news.any = true;
        }
    }

    pub(super) fn note_first_byte(&mut self, id: u32) {
        if let Some(stream) = self.streams.get_mut(&id)
            && !std::mem::replace(&mut stream.begun, true)
        {
            self.news.firsts.push(stream.target.clone());
            self.news.any = true;
        }
    }

    /// The stream's turn comes, unless it waits somewhere already.
    pub(super) fn enqueue(&mut self, id: u32) {
        if let Some(stream) = self.streams.get_mut(&id)
            && !std::mem::replace(&mut stream.queued, true)
        {
            self.turns.ready.push_back(id);
        }
    }

    /// As the client counts them, who does not see what a script does after the last frame. Below `most` near enough.
    pub(super) fn open_streams(&self, most: usize) -> usize {
        let all = self.streams.len();
        let over = |s: &&Stream| s.ended && s.rx.ended;
        match all < most {
            true => all,
            false => all - self.streams.values().filter(over).count(),
        }
    }

    /// Is anything to do before the client says more?
    pub(super) fn has_more(&self) -> bool {
        let some = !self.turns.ready.is_empty() || !self.turns.later.is_empty();
        some && !self.held && self.end.is_none()
    }

    /// Which gates are open by now?
    fn look(&mut self) {
        self.held = self.held && !self.tally.gate_is_open("settings");
        self.back.withheld = self.back.withheld && !self.tally.gate_is_open("window");
        let names: Vec<String> = self.turns.gated.keys().cloned().collect();
        for name in names.iter().filter(|name| self.tally.gate_is_open(name)) {
            let waited = self.turns.gated.remove(name).unwrap_or_default();
            self.turns.ready.extend(waited);
        }
    }

    fn send_settings(&mut self, pairs: &Pairs) {
        frame::put_settings(&mut self.tx, pairs);
        self.agreed.sent(pairs);
        self.hpack.set_limit(self.agreed.table());
    }
}
