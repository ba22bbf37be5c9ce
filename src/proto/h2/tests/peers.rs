//! The only place for exchanges with another implementation in memory: crate `h2` as the server.

use bytes::Bytes;
use proptest::prelude::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};

use super::*;

/// Answers each request with its own fields and its own body.
async fn serve(io: DuplexStream, max_streams: u32) {
    let mut builder = ::h2::server::Builder::new();
    builder.max_concurrent_streams(max_streams);
    builder.initial_window_size(30_000);
    let mut server = builder.handshake::<_, Bytes>(io).await.expect("a client");
    while let Some(asked) = server.accept().await {
        let Ok((request, mut respond)) = asked else {
            return;
        };
        tokio::spawn(async move {
            let (head, mut body) = request.into_parts();
            let mut response = http::Response::new(());
            *response.headers_mut() = head.headers;
            response
                .headers_mut()
                .insert("x-path", head.uri.path().parse().expect("a value"));
            let mut send = respond.send_response(response, false).expect("open");
            while let Some(Ok(piece)) = body.data().await {
                let _ = body.flow_control().release_capacity(piece.len());
                send.send_data(piece, false).expect("open");
            }
            send.send_data(Bytes::new(), true).expect("open");
        });
    }
}

struct Ask {
    path: String,
    lines: String,
    body: Vec<u8>,
}

#[derive(Default, Debug, PartialEq)]
struct Answer {
    fields: Vec<String>,
    body: Vec<u8>,
}

/// A small engine: all requests on one connection, as there is room.
struct Client {
    s: Story,
    asks: Vec<Ask>,
    placed: Vec<(StreamKey, usize)>,
    answers: Vec<Answer>,
    next: usize,
    done: usize,
}

impl Client {
    fn place(&mut self) {
        while self.s.h2.room() > 0 && self.next < self.asks.len() {
            let ask = &self.asks[self.next];
            let fields = RequestFields {
                method: "POST",
                path: &ask.path,
                extra: ask.lines.as_bytes(),
                ..GET
            };
            let end = ask.body.is_empty();
            let asked = self.s.h2.request(&fields, end, &mut self.s.tx);
            let key = asked.expect("room");
            self.placed.push((key, self.next));
            self.s.h2.mark_writable(key);
            self.next += 1;
        }
    }

    fn send_bodies(&mut self) {
        while let Some(key) = self.s.h2.next_writable() {
            let Some((_, n)) = self.placed.iter().find(|(k, _)| *k == key) else {
                continue;
            };
            let body = &mut self.asks[*n].body;
            let taken = self.s.h2.send_data(key, body, true, &mut self.s.tx);
            body.drain(..taken);
            if !body.is_empty() {
                self.s.h2.mark_writable(key);
            }
        }
    }

    fn take(&mut self, bytes: &[u8]) {
        self.s.rx.extend_from_slice(bytes);
        loop {
            let s = &mut self.s;
            let handled = s.h2.handle_rx(&s.rx, &mut s.headers, &mut s.tx);
            let (eaten, event) = handled.expect("a good server");
            let at = |key: StreamKey| {
                let placed = self.placed.iter().find(|(k, _)| *k == key);
                placed.map(|(_, n)| *n).expect("ours")
            };
            let mut ended = None;
            match event.clone() {
                Some(Event::Headers { stream, end, .. }) => {
                    let text = |b: &[u8]| String::from_utf8_lossy(b).into_owned();
                    self.answers[at(stream)].fields = s
                        .headers
                        .iter()
                        .map(|(n, v)| text(n) + ": " + &text(v))
                        .collect();
                    ended = end.then_some(stream);
                }
                Some(Event::Data {
                    stream,
                    at: piece,
                    end,
                }) => {
                    let n = piece.len();
                    self.answers[at(stream)].body.extend(&s.rx[piece]);
                    s.h2.release(stream, n, &mut s.tx);
                    ended = end.then_some(stream);
                }
                Some(Event::End { stream }) => ended = Some(stream),
                Some(Event::Reset { text, .. }) => panic!("{text}"),
                _ => {}
            }
            s.rx.drain(..eaten);
            if let Some(stream) = ended {
                self.done += 1;
                self.s.h2.reset(stream, ErrorCode::CANCEL, &mut self.s.tx);
            }
            if event.is_none() {
                return;
            }
        }
    }
}

async fn exchange(asks: Vec<Ask>, max_streams: u32, pipe: usize) -> Vec<Answer> {
    let (io, server) = tokio::io::duplex(pipe);
    let (mut reader, mut writer) = tokio::io::split(io);
    tokio::spawn(serve(server, max_streams));
    let count = asks.len();
    let config = Config {
        initial_window: 20_000,
        connection_window: 65_535,
        ..Config::default()
    };
    let mut client = Client {
        s: Story::new(&config),
        asks,
        placed: Vec::new(),
        answers: (0..count).map(|_| Answer::default()).collect(),
        next: 0,
        done: 0,
    };
    let mut buffer = vec![0; pipe];
    while client.done < count {
        client.place();
        client.send_bodies();
        let tx = std::mem::take(&mut client.s.tx);
        if tx.is_empty() {
            let n = reader.read(&mut buffer).await.expect("open");
            assert!(n > 0, "the server left");
            client.take(&buffer[..n]);
            continue;
        }
        let mut rest = &tx[..];
        while !rest.is_empty() {
            tokio::select! {
                n = writer.write(rest) => rest = &rest[n.expect("open")..],
                n = reader.read(&mut buffer) => client.take(&buffer[..n.expect("open")]),
            }
        }
    }
    client.answers
}

fn block_on<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    runtime.expect("a runtime").block_on(work)
}

#[test]
fn a_thousand_requests_with_bodies_go_over_one_connection_that_allows_seven() {
    let asks = |()| {
        (0..1000usize).map(|n| Ask {
            path: format!("/{n}"),
            lines: format!("x-n: {n}\r\n"),
            body: vec![n as u8; n * 97 % 50_000],
        })
    };
    let answers = block_on(exchange(asks(()).collect(), 7, 5_000));
    for (ask, answer) in asks(()).zip(answers) {
        assert!(answer.body == ask.body, "{}", ask.path);
        assert!(answer.fields.contains(&format!("x-path: {}", ask.path)));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn fields_go_there_and_come_back(
        fields in proptest::collection::vec(
            proptest::collection::vec(("x-[a-z]{1,3}", "([!-~][ -~]{0,80}[!-~])?"), 0..20), 1..20),
        pipe in 64usize..4000,
    ) {
        let lines = |fields: &[(String, String)]| -> String {
            fields.iter().map(|(n, v)| format!("{n}: {v}\r\n")).collect()
        };
        let asks = fields.iter().map(|fields| Ask {
            path: "/".into(),
            lines: lines(fields),
            body: Vec::new(),
        });
        let answers = block_on(exchange(asks.collect(), 100, pipe));
        for (fields, answer) in fields.iter().zip(answers) {
            let mut sent: Vec<_> = fields.iter().map(|(n, v)| format!("{n}: {v}")).collect();
            let mut came: Vec<_> = answer.fields.into_iter().filter(|f| f.starts_with("x-") && f != "x-path: /").collect();
            sent.sort();
            came.sort();
            prop_assert_eq!(sent, came);
        }
    }
}
