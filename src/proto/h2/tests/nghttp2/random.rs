//! The only place for random requests to random servers, cut at random places.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use super::*;

/// What happens once, when so many steps were made.
#[derive(Clone, Debug)]
struct Change {
    after: usize,
    entries: Vec<(u16, u32)>,
}

#[derive(Clone, Debug)]
struct Case {
    config: Config,
    options: Options,
    asks: Vec<Ask>,
    changes: Vec<Change>,
    cuts: Vec<usize>,
    picks: Vec<usize>,
    piece: usize,
}

impl Case {
    fn pair(&self) -> Pair {
        let mut pair = Pair::new(&self.config, &self.options, self.asks.clone());
        pair.cuts = Round::new(&self.cuts);
        pair.picks = Round::new(&self.picks);
        pair.client.prompt = false;
        pair.client.piece = self.piece;
        pair
    }

    fn change(&self, step: usize, server: &mut Server) {
        for change in self.changes.iter().filter(|change| change.after == step) {
            server.settings(&change.entries);
        }
    }

    /// Bodies become short where few bytes move at a time: what is looked for happens soon or not at all.
    fn bounded(mut self) -> Self {
        let whole = |cut: &usize| (*cut).min(20_000);
        let cut = self.cuts.iter().map(whole).sum::<usize>() / self.cuts.len();
        let windows = self.changes.iter().map(|change| &change.entries);
        let windows = windows.chain([&self.options.settings]).flatten();
        let windows = windows.filter(|(id, _)| *id == INITIAL_WINDOW_SIZE);
        let narrowest = windows.map(|(_, window)| *window as usize);
        let narrowest = narrowest.chain([self.config.initial_window as usize]);
        let narrowest = narrowest.min().unwrap_or_default();
        let most = (cut * 300)
            .min(narrowest * 50)
            .min(self.piece.saturating_mul(100))
            .min(self.options.data_frame * 100);
        for ask in &mut self.asks {
            let manual = ask.manual_window.map_or(usize::MAX, |w| w as usize * 50);
            ask.body.truncate(most.min(manual));
            if ask.lines.len() > most {
                ask.lines.clear();
            }
            if ask.method == "PUT" {
                let length = format!("Content-Length: {}\r\n", ask.body.len());
                ask.lines.extend_from_slice(length.as_bytes());
            }
        }
        self
    }
}

/// A header line: some names are ours to lower or to leave out, and some values repeat.
fn line() -> impl Strategy<Value = Vec<u8>> {
    let name = select(vec![
        "x-a",
        "X-B",
        "x-c",
        "Accept",
        "user-agent",
        "cookie",
        "Authorization",
        "via",
        "x-d_1.~",
    ]);
    let visible = prop_oneof![3 => b'!'..=b'~', 1 => 0x80u8..=0xff];
    let own = vec(visible, 0..60);
    let value = prop_oneof![
        3 => select(vec!["", "a", "gzip, deflate", "text/html; q=0.9", "\tblanks \t"])
            .prop_map(|value| value.as_bytes().to_vec()),
        2 => own,
    ];
    let line =
        (name, value).prop_map(|(name, value)| [name.as_bytes(), b": ", &value, b"\r\n"].concat());
    let long = (1000usize..18_000, any::<u8>()).prop_map(|(len, b)| {
        let value = vec![b'a' + b % 26; len];
        [&b"x-long: "[..], &value, b"\r\n"].concat()
    });
    let noise = select(vec![
        "Connection: keep-alive\r\n",
        "TE: trailers\r\n",
        "Host: b.test\r\n",
        "Keep-Alive: 5\r\n",
    ]);
    prop_oneof![
        40 => line,
        1 => long,
        3 => noise.prop_map(|line| line.as_bytes().to_vec()),
    ]
}

fn path() -> impl Strategy<Value = String> {
    let plan = prop_oneof![
        8 => Just(""),
        6 => Just("stream"),
        1 => select(vec!["early", "late", "empty", "cut", "cancel"]),
    ];
    let more = vec(select(vec!["hint", "sized", "trail"]), 0..3);
    (plan, more, "[A-Z0-9%&=]{0,30}")
        .prop_map(|(plan, more, rest)| format!("/{plan}/{}?{rest}", more.join("-")))
}

fn ask() -> impl Strategy<Value = Ask> {
    let method = select(vec!["GET", "POST", "POST", "PUT", "HEAD", "PURGE"]);
    let len = prop_oneof![3 => Just(0), 4 => 1usize..3000, 2 => 3000usize..200_000];
    let manual = option::weighted(0.1, 100u32..100_000);
    let enough = option::weighted(0.1, 0usize..20_000);
    let lines = vec(line(), 0..12).prop_map(|lines| lines.concat());
    (method, path(), lines, len, any::<bool>(), manual, enough).prop_map(
        |(method, path, lines, len, ends_apart, manual_window, enough)| Ask {
            method,
            path,
            lines,
            body: (0..len).map(|n| (n ^ n >> 8) as u8).collect(),
            ends_apart,
            manual_window,
            enough,
        },
    )
}

fn settings() -> impl Strategy<Value = Vec<(u16, u32)>> {
    let table = select(vec![0, 1, 64, 100, 1000, 4096, 4097, 65_536]);
    let window = prop_oneof![
        1 => 1u32..100,
        2 => 100u32..70_000,
        1 => 70_000u32..=i32::MAX as u32,
    ];
    let frame = prop_oneof![Just(16_384), 16_384u32..100_000, Just((1 << 24) - 1)];
    vec(
        prop_oneof![
            table.prop_map(|n| (HEADER_TABLE_SIZE, n)),
            (1u32..20).prop_map(|n| (MAX_CONCURRENT_STREAMS, n)),
            window.prop_map(|n| (INITIAL_WINDOW_SIZE, n)),
            frame.prop_map(|n| (MAX_FRAME_SIZE, n)),
        ],
        0..6,
    )
}

fn options() -> impl Strategy<Value = Options> {
    let padding = prop_oneof![Just(0), 1usize..=255];
    let data_frame = prop_oneof![1 => 1usize..100, 2 => 100usize..2000, 2 => Just(16_384)];
    let deflate_table = select(vec![0, 100, 4096, 65_536]);
    let window = prop_oneof![Just(65_535), 65_535i32..10_000_000];
    (settings(), padding, data_frame, deflate_table, window).prop_map(
        |(settings, padding, data_frame, deflate_table, connection_window)| Options {
            settings,
            padding,
            data_frame,
            deflate_table,
            connection_window,
        },
    )
}

fn config() -> impl Strategy<Value = Config> {
    let window = prop_oneof![1 => 1u32..300, 2 => 300u32..70_000, 1 => Just(1 << 20)];
    let connection = prop_oneof![Just(65_535u32), 65_536u32..1_000_000];
    let table = select(vec![0, 1, 100, 4096, 10_000, 65_536]);
    let streams = prop_oneof![Just(1000usize), 1usize..8];
    (window, 0u32..200_000, connection, table, streams).prop_map(
        |(initial_window, widest_window, connection_window, header_table, max_streams)| Config {
            initial_window,
            widest_window,
            connection_window,
            header_table,
            max_streams,
            ..Config::default()
        },
    )
}

fn change() -> impl Strategy<Value = Change> {
    (0usize..60, settings()).prop_map(|(after, entries)| Change { after, entries })
}

fn case() -> impl Strategy<Value = Case> {
    let cut = select(vec![
        1,
        2,
        3,
        7,
        9,
        13,
        101,
        1009,
        4099,
        16_384,
        16_393,
        usize::MAX,
    ]);
    let cuts = prop_oneof![1 => Just(vec![1]), 8 => vec(cut, 1..6), 2 => Just(vec![usize::MAX])];
    let picks = prop_oneof![1 => Just(vec![0]), 3 => vec(0usize..100, 1..12)];
    let piece = prop_oneof![Just(usize::MAX), 1usize..5000];
    (
        config(),
        options(),
        vec(ask(), 1..20),
        vec(change(), 0..3),
        cuts,
        picks,
        piece,
    )
        .prop_map(|(config, options, asks, changes, cuts, picks, piece)| {
            let case = Case {
                config,
                options,
                asks,
                changes,
                cuts,
                picks,
                piece,
            };
            case.bounded()
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn every_request_is_answered_as_it_asked_and_nghttp2_finds_no_fault(case in case()) {
        let mut pair = case.pair();
        for step in 0.. {
            case.change(step, &mut pair.server);
            if !pair.step() {
                break;
            }
        }
        pair.hold();
        pair.hold_answers();
        if case.changes.is_empty() {
            prop_assert_eq!(pair.client.refused, 0);
        }
    }

    #[test]
    fn a_goaway_in_the_middle_ends_what_it_leaves_out_and_nothing_else(
        case in case(),
        notice in option::of(0usize..30),
        after in 0usize..60,
        earlier in option::weighted(0.3, 0i32..10),
    ) {
        let mut pair = case.pair();
        let mut told = false;
        for step in 0.. {
            case.change(step, &mut pair.server);
            if notice == Some(step) && step < after {
                told = true;
                pair.server.shutdown_notice();
            }
            if step == after {
                told = true;
                pair.server.goaway(earlier.map(|n| 2 * n + 1));
            }
            if !pair.step() {
                break;
            }
        }
        pair.hold();
        for (ask, answer) in pair.client.outcomes() {
            match answer.end {
                None => prop_assert!(told && *answer == Answer::default()),
                Some(_) => hold_answer(ask, answer),
            }
        }
        prop_assert!(!told || pair.client.s.h2.room() == 0);
    }
}
