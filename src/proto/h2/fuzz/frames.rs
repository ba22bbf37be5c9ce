//! The only place that feeds an h2 machine any bytes in any pieces: the program does the same whatever the pieces.

use super::check_headers;
use super::ledger::Ledger;
use crate::proto::Fault;
use crate::proto::h2::{Config, ErrorCode, Event, H2, RX_NEEDED, RequestFields, StreamKey, frame};
use crate::proto::headers::Headers;
use crate::proto::split::Split;

/// The first byte says how the program behaves; the rest is what the peer sends.
pub(crate) fn frames(data: &[u8]) {
    let Some((&mode, bytes)) = data.split_first() else {
        return;
    };
    let [whole, others @ ..] =
        Split::all(bytes).map(|split| Connection::run(Mode(mode), bytes, split));
    for other in others {
        assert_eq!(other, whole, "the pieces decide what is read");
    }
}

#[derive(Clone, Copy)]
struct Mode(u8);

impl Mode {
    fn says(self, bit: u8) -> bool {
        self.0 >> bit & 1 != 0
    }

    /// A SETTINGS comes before the bytes.
    fn greets(self) -> bool {
        self.says(0)
    }

    /// The program asks again when a stream is over.
    fn asks_again(self) -> bool {
        self.says(1)
    }

    /// It consumes nothing before the end.
    fn holds(self) -> bool {
        self.says(2)
    }

    /// It cancels every other stream at its head.
    fn cancels(self) -> bool {
        self.says(3)
    }

    /// It lets ended streams go.
    fn tidies(self) -> bool {
        self.says(4)
    }

    fn config(self) -> Config {
        let usual = Config::default();
        Config {
            initial_window: if self.says(5) {
                100
            } else {
                usual.initial_window
            },
            max_header_list: if self.says(6) {
                300
            } else {
                usual.max_header_list
            },
            header_table: if self.says(7) {
                0
            } else {
                2 * usual.header_table
            },
            widest_window: if self.says(5) {
                350
            } else {
                usual.widest_window
            },
            max_streams: 5,
            ..usual
        }
    }
}

/// What the program learned, pieces of payload joined.
#[derive(Debug, PartialEq)]
enum Told {
    Event(Event),
    Head(Event, Vec<(Vec<u8>, Vec<u8>)>),
    Content {
        stream: StreamKey,
        bytes: Vec<u8>,
        end: bool,
    },
}

/// All that a peer and a program could see.
#[derive(Debug, PartialEq)]
struct Outcome {
    told: Vec<Told>,
    fault: Option<Fault>,
    /// Of the bytes before a fault.
    eaten: Option<usize>,
    tx: Vec<u8>,
    room: usize,
    carries: usize,
}

struct Connection {
    mode: Mode,
    config: Config,
    h2: H2,
    headers: Headers,
    tx: Vec<u8>,
    /// What of `tx` the program asked for, not the peer.
    asked_tx: usize,
    ledger: Ledger,
    told: Vec<Told>,
    eaten: usize,
}

impl Connection {
    fn run(mode: Mode, bytes: &[u8], split: Split) -> Outcome {
        let config = mode.config();
        let mut c = Self {
            mode,
            h2: H2::new(&config),
            config,
            headers: Headers::default(),
            tx: Vec::new(),
            asked_tx: 0,
            ledger: Ledger::default(),
            told: Vec::new(),
            eaten: 0,
        };
        c.h2.start(&mut c.tx);
        c.asked_tx = c.tx.len();
        assert_eq!(c.h2.room(), 0, "not before the peer's SETTINGS");
        if mode.greets() {
            let mut greeting = Vec::new();
            frame::put_settings(&mut greeting, &[(3, 4)]);
            assert_eq!(c.receive(&greeting, Split::Whole), Ok(()));
            c.eaten = 0;
        }
        let fault = c.receive(bytes, split).err();
        if let Some(fault) = fault {
            c.check_broken(bytes, fault);
        }
        check_frames(&c.tx);
        Outcome {
            told: c.told,
            fault,
            eaten: fault.is_none().then_some(c.eaten),
            room: c.h2.room(),
            carries: c.h2.streams.len(),
            tx: c.tx,
        }
    }

    fn receive(&mut self, bytes: &[u8], mut split: Split) -> Result<(), Fault> {
        let mut seen = 0;
        loop {
            let rx = &bytes[self.eaten..seen];
            let (n, event) = self.h2.handle_rx(rx, &mut self.headers, &mut self.tx)?;
            assert!(n <= rx.len());
            let waits = event.is_none();
            if let Some(event) = event {
                self.on_event(event, &rx[..n]);
            }
            self.eaten += n;
            self.h2.check_books();
            self.check_credit();
            self.check_answers();
            if waits {
                assert!(seen - self.eaten < RX_NEEDED, "no buffer is large enough");
                if seen == bytes.len() {
                    return Ok(());
                }
                seen += split.more(bytes.len() - seen);
            }
        }
    }

    fn check_credit(&self) {
        for key in &self.ledger.keys {
            if let Some(credit) = self.h2.stream_credit(*key) {
                let widest = self.config.initial_window.max(self.config.widest_window);
                let allowed = u64::from(self.config.initial_window)..=u64::from(widest);
                assert!(allowed.contains(&credit), "{credit}, not {allowed:?}");
            }
        }
    }

    /// A peer cannot make us send much more than it sends.
    fn check_answers(&self) {
        let answers = self.tx.len() - self.asked_tx;
        assert!(
            answers <= 4 * self.eaten + 200,
            "{answers} bytes for {}",
            self.eaten
        );
    }

    fn on_event(&mut self, event: Event, eaten: &[u8]) {
        self.ledger.told(&event);
        let is_content = matches!(event, Event::Data { end: false, .. });
        match &event {
            Event::Data { stream, at, end } => self.content(*stream, &eaten[at.clone()], *end),
            Event::Headers { .. } => {
                check_headers(&self.headers, self.config.max_header_list);
                let fields = self.headers.iter().map(|(n, v)| (n.to_vec(), v.to_vec()));
                self.told.push(Told::Head(event.clone(), fields.collect()));
            }
            _ => self.told.push(Told::Event(event.clone())),
        }
        // In the middle of content the program does nothing, as where its pieces end is not the peer's to say.
        if !is_content {
            let before = self.tx.len();
            self.act(&event);
            self.asked_tx += self.tx.len() - before;
        }
    }

    fn content(&mut self, stream: StreamKey, piece: &[u8], end: bool) {
        if let Some(Told::Content {
            stream: last,
            bytes,
            end: last_end,
        }) = self.told.last_mut()
            && *last == stream
            && !*last_end
        {
            bytes.extend_from_slice(piece);
            *last_end = end;
            return;
        }
        let bytes = piece.to_vec();
        self.told.push(Told::Content { stream, bytes, end });
    }

    /// What the program does about it: the same whenever the same comes.
    fn act(&mut self, event: &Event) {
        for nth in 0..self.ledger.keys.len() {
            let key = self.ledger.keys[nth];
            let entry = self.ledger.get(key);
            if entry.gone {
                continue;
            }
            if !self.mode.holds() || entry.ended {
                let held = std::mem::take(&mut entry.held);
                self.h2.release(key, held, &mut self.tx);
            }
            if self.mode.tidies() && self.ledger.get(key).ended {
                self.cancel(key);
            }
        }
        match event {
            Event::Headers { stream, .. } if self.mode.cancels() && stream.id() % 4 == 1 => {
                self.cancel(*stream);
            }
            Event::Up => self.ask(),
            _ if self.mode.asks_again() => self.ask(),
            _ => {}
        }
    }

    fn cancel(&mut self, key: StreamKey) {
        if !self.ledger.get(key).gone {
            self.h2.reset(key, ErrorCode::CANCEL, &mut self.tx);
            self.ledger.let_go(key);
        }
    }

    fn ask(&mut self) {
        while self.h2.room() > 0 && self.ledger.keys.len() < MOST_ASKED {
            let method = METHODS[self.ledger.keys.len() % METHODS.len()];
            let fields = RequestFields {
                method,
                manual_window: (method == "CONNECT").then_some(50),
                ..REQUEST
            };
            let end = matches!(method, "GET" | "HEAD");
            let room = self.h2.room();
            let key = self.h2.request(&fields, end, &mut self.tx).expect("room");
            assert_eq!(self.h2.room(), room - 1);
            self.ledger.asked(key, method);
        }
    }

    /// It stays broken, and says no more.
    fn check_broken(&mut self, bytes: &[u8], fault: Fault) {
        assert!(matches!(fault, Fault::Peer(_)));
        let said = self.tx.len();
        let rest = &bytes[self.eaten..];
        let again = self.h2.handle_rx(rest, &mut self.headers, &mut self.tx);
        assert_eq!(again, Err(fault));
        assert_eq!((self.h2.room(), self.tx.len()), (0, said));
        assert!(self.h2.is_retired());
    }
}

fn check_frames(tx: &[u8]) {
    let mut rest = tx.strip_prefix(frame::PREFACE).expect("the preface");
    while !rest.is_empty() {
        let head = frame::Head::parse(rest).expect("whole frames");
        assert!(head.len <= frame::MAX_PAYLOAD);
        rest = rest.get(frame::HEAD + head.len..).expect("whole frames");
    }
}

const MOST_ASKED: usize = 40;
const METHODS: [&str; 5] = ["GET", "POST", "HEAD", "CONNECT", "GET"];

pub(super) const REQUEST: RequestFields<'static> = RequestFields {
    method: "GET",
    scheme: "https",
    authority: Some("a.test"),
    path: "/",
    protocol: None,
    content_type: "",
    manual_window: None,
    extra: b"",
};
