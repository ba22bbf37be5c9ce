//! The only place for exchanges with another implementation in memory: crate `h2` as the server.

use bytes::Bytes;
use proptest::prelude::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};

use super::client::{Answer, Ask, Client, End};
use super::*;

/// Answers each request with its own fields and its own body.
async fn serve(io: DuplexStream, max_streams: u32, header_table: u32) {
    let mut builder = ::h2::server::Builder::new();
    builder.max_concurrent_streams(max_streams);
    builder.header_table_size(header_table);
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

async fn exchange(asks: Vec<Ask>, max_streams: u32, header_table: u32, pipe: usize) -> Vec<Answer> {
    let (io, server) = tokio::io::duplex(pipe);
    let (mut reader, mut writer) = tokio::io::split(io);
    tokio::spawn(serve(server, max_streams, header_table));
    let config = Config {
        initial_window: 20_000,
        connection_window: 65_535,
        ..Config::default()
    };
    let mut client = Client::new(&config, asks);
    let mut buffer = vec![0; pipe];
    while !client.is_done() {
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
    let whole = |answer: &Answer| answer.end == Some(End::Whole);
    assert!(client.answers.iter().all(whole));
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
            lines: format!("x-n: {n}\r\n").into_bytes(),
            body: vec![n as u8; n * 97 % 50_000],
            ..Ask::default()
        })
    };
    let answers = block_on(exchange(asks(()).collect(), 7, 4096, 5_000));
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
        header_table in prop::sample::select(vec![0, 50, 100, 1000, 4096, 65_536]),
        pipe in 64usize..4000,
    ) {
        let lines = |fields: &[(String, String)]| -> String {
            fields.iter().map(|(n, v)| format!("{n}: {v}\r\n")).collect()
        };
        let asks = fields.iter().map(|fields| Ask {
            lines: lines(fields).into_bytes(),
            ..Ask::default()
        });
        let answers = block_on(exchange(asks.collect(), 100, header_table, pipe));
        for (fields, answer) in fields.iter().zip(answers) {
            let mut sent: Vec<_> = fields.iter().map(|(n, v)| format!("{n}: {v}")).collect();
            let mut came: Vec<_> = answer.fields.into_iter().filter(|f| f.starts_with("x-") && f != "x-path: /").collect();
            // The server keeps the order among those of one name.
            let name = |field: &String| field.split(':').next().map(String::from);
            sent.sort_by_key(name);
            came.sort_by_key(name);
            prop_assert_eq!(sent, came);
        }
    }
}
