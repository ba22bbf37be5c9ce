//! Bytes through a tunnel, and how it ends.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};

use openssl::ssl::SslStream;

use super::peer::{NOW, Peer, San, Seen, authority, server};
use super::tls::{HOST, Hook, secured, shake, strict, trusting};
use super::{read_to_end, wait, write_all};
use crate::net::poll::Interest;
use crate::net::transport::{Handshake, Io};

type Ending = fn(&mut SslStream<TcpStream>);

#[test]
fn close_notify_is_eof_and_a_bare_fin_is_truncation() {
    let ca = authority();
    let (identity, client) = (server(&ca, &[San::Dns(HOST)], NOW), trusting(&ca));
    let endings: [(Ending, Io); 2] = [
        (|stream| assert!(stream.shutdown().is_ok()), Io::Eof),
        (
            |stream| stream.get_ref().shutdown(Shutdown::Write).unwrap(),
            Io::Truncated,
        ),
    ];
    for (end, expected) in endings {
        let peer = Peer::tls(&identity, move |stream| {
            stream.write_all(b"all").unwrap();
            end(stream);
            let _ = stream.get_ref().read_to_end(&mut Vec::new());
        });
        let mut transport = secured(&peer, &client, &strict(HOST));
        assert!(matches!(
            shake(&mut transport, &mut Hook::default()),
            Handshake::Done { .. }
        ));
        assert_eq!(read_to_end(&mut transport), (b"all".to_vec(), expected));
        transport.close(true);
        peer.join().unwrap();
    }
}

#[test]
fn a_polite_close_says_close_notify_and_a_rude_one_does_not() {
    let ca = authority();
    let (identity, client) = (server(&ca, &[San::Dns(HOST)], NOW), trusting(&ca));
    for polite in [true, false] {
        let peer = Peer::tls(&identity, move |stream| {
            let end = stream.ssl_read(&mut [0; 8]).unwrap_err();
            assert_eq!(
                end.code() == openssl::ssl::ErrorCode::ZERO_RETURN,
                polite,
                "{end:?}"
            );
        });
        let mut transport = secured(&peer, &client, &strict(HOST));
        assert!(matches!(
            shake(&mut transport, &mut Hook::default()),
            Handshake::Done { .. }
        ));
        transport.close(polite);
        peer.join().unwrap();
    }
}

#[test]
fn records_that_came_together_are_told_of() {
    let ca = authority();
    let (identity, client) = (server(&ca, &[San::Dns(HOST)], NOW), trusting(&ca));
    let (go, gone) = std::sync::mpsc::channel::<()>();
    let peer = Peer::tls_with(
        &identity,
        |context| {
            context.set_num_tickets(0).unwrap();
        },
        move |stream| {
            stream.write_all(&[1; 100]).unwrap();
            stream.write_all(&[2; 100]).unwrap();
            let _ = gone.recv();
        },
    );
    let mut transport = secured(&peer, &client, &strict(HOST));
    assert!(matches!(
        shake(&mut transport, &mut Hook::default()),
        Handshake::Done { .. }
    ));
    let (mut got, mut told) = (0, Vec::new());
    let mut buf = [0; 60];
    while got < 200 {
        match transport.read(&mut buf) {
            Io::Done { n, more } => {
                got += n;
                told.push(more);
            }
            Io::WantRead => wait(&transport, Interest::READ),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(
        (told.first(), told.last()),
        (Some(&true), Some(&false)),
        "{told:?}"
    );
    drop(go);
    peer.join().unwrap();
}

#[test]
fn a_body_larger_than_all_buffers_comes_back_whole() {
    let ca = authority();
    let (identity, client) = (server(&ca, &[San::Dns(HOST)], NOW), trusting(&ca));
    let body: Vec<u8> = (0..4_000_000u32).map(|i| (i / 7) as u8).collect();
    let len = body.len();
    let peer = Peer::tls(&identity, move |stream| {
        let mut got = vec![0; len];
        stream.read_exact(&mut got).unwrap();
        stream.write_all(&got).unwrap();
        let _ = stream.shutdown();
    });
    let mut transport = secured(&peer, &client, &strict(HOST));
    assert!(matches!(
        shake(&mut transport, &mut Hook::default()),
        Handshake::Done { .. }
    ));
    write_all(&mut transport, &body);
    let (back, end) = read_to_end(&mut transport);
    assert!(back == body && end == Io::Eof);
    peer.join().unwrap();
}

#[test]
fn peers_that_do_not_speak_tls_are_told_from_those_that_hang_up() {
    let client = trusting(&authority());
    let talk = |say: &'static [u8]| {
        let peer = Peer::plain(move |mut tcp| {
            tcp.read_exact(&mut [0; 5]).unwrap();
            tcp.write_all(say).unwrap();
            tcp.shutdown(Shutdown::Write).unwrap();
            let _ = tcp.read_to_end(&mut Vec::new());
            Ok(Seen::default())
        });
        let mut transport = secured(&peer, &client, &strict(HOST));
        let end = shake(&mut transport, &mut Hook::default());
        transport.close(true);
        peer.join().unwrap();
        let Handshake::Failed(text) = end else {
            panic!("{end:?}")
        };
        text
    };
    let plain = talk(b"HTTP/1.1 400 Bad Request\r\n\r\n");
    assert!(
        plain.starts_with("tls: ") && plain.contains("does not speak TLS"),
        "{plain}"
    );
    let silent = talk(b"");
    assert!(
        silent.starts_with("tls: ") && silent.contains("hung up"),
        "{silent}"
    );
}
