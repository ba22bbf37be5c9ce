//! A client by hand against the server's own program: what the session's stories cannot see, the writes and the ends.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

struct Peer {
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: BufReader<ChildStdout>,
    port: u16,
}

impl Peer {
    fn start() -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_broadside-peer"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program");
        let stdin = child.stdin.take();
        let stdout = BufReader::new(child.stdout.take().expect("its words"));
        let mut me = Self {
            child,
            stdin,
            stdout,
            port: 0,
        };
        let ready = me.line();
        let port = ready.strip_prefix("ready port=").expect("a port");
        me.port = port.split(' ').next().unwrap_or("").parse().expect("one");
        me
    }

    fn say(&mut self, line: &str) -> String {
        let stdin = self.stdin.as_mut().expect("not ended");
        writeln!(stdin, "{line}").expect("it listens");
        self.line()
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.stdout.read_line(&mut line).expect("it talks");
        line.trim_end().to_owned()
    }

    /// The connection when the upgrade was asked for.
    fn asks(&self, target: &str) -> TcpStream {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).expect("it accepts");
        let head = format!(
            "GET {target} HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).expect("it reads");
        stream
    }

    /// And answered.
    fn opens(&self, target: &str) -> TcpStream {
        let mut stream = self.asks(target);
        let (mut head, mut byte) = (Vec::new(), [0]);
        while !head.ends_with(b"\r\n\r\n") {
            stream.read_exact(&mut byte).expect("a head");
            head.push(byte[0]);
        }
        assert!(head.starts_with(b"HTTP/1.1 101 "));
        let accept = b"Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n";
        assert!(head.windows(accept.len()).any(|w| w == accept));
        stream
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.stdin = None;
        let _ = self.child.wait();
    }
}

fn rest(mut stream: TcpStream) -> Vec<u8> {
    let mut out = Vec::new();
    stream.read_to_end(&mut out).expect("FIN, no RST");
    out
}

#[test]
fn the_server_ends_the_connection_after_both_closes() {
    let mut peer = Peer::start();
    let mut stream = peer.opens("/ws/echo");
    stream.write_all(b"\x81\x82\0\0\0\0hi").expect("sent");
    stream.write_all(b"\x88\x82\0\0\0\0\x0f\xa0").expect("sent");
    assert_eq!(rest(stream), b"\x81\x02hi\x88\x02\x0f\xa0");
    assert_eq!(peer.say("wait-ws 2"), "ok");
    assert_eq!(peer.say("wait-ws-closed 1"), "ok");
    assert_eq!(peer.say("ws-close"), "4000");
    assert_eq!(peer.say("violation"), "-");
}

#[test]
fn a_script_waits_for_its_gate_and_for_frames() {
    let mut peer = Peer::start();
    let mut stream = peer.opens("/ws/send/wait:g/split/text:hi/recv:1/close:1001/fin?split");
    assert_eq!(peer.say("open g"), "ok");
    let mut got = [0; 4];
    stream.read_exact(&mut got).expect("a frame");
    assert_eq!(&got, b"\x81\x02hi");
    stream.write_all(b"\x8a\x80\0\0\0\0").expect("sent");
    assert_eq!(rest(stream), b"\x88\x02\x03\xe9");
}

#[test]
fn the_deaf_read_nothing_before_the_gate() {
    let mut peer = Peer::start();
    let mut stream = peer.opens("/ws/send/text:a/deaf:g/text:b/close?glue");
    stream.write_all(b"\x81\x80\0\0\0\0").expect("sent");
    let mut got = [0; 3];
    stream.read_exact(&mut got).expect("a frame");
    assert!(peer.say("stats").contains(" wsframes=0 "));
    assert_eq!(peer.say("open g"), "ok");
    assert_eq!(peer.say("wait-ws 1"), "ok");
    let mut got = [0; 5];
    stream.read_exact(&mut got).expect("two frames");
    assert_eq!(&got, b"\x81\x01b\x88\x00");
}

#[test]
fn a_reset_is_one_and_half_a_head_is_half() {
    let peer = Peer::start();
    let mut stream = peer.opens("/ws/send/rst");
    let error = stream.read(&mut [0]).expect_err("no end");
    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
    let stream = peer.asks("/ws/echo?half");
    stream.shutdown(std::net::Shutdown::Write).expect("ended");
    let half = rest(stream);
    assert!(half.starts_with(b"HTTP/1.1 101 ") && !half.ends_with(b"\r\n\r\n"));
}

#[test]
fn what_a_client_does_wrong_is_told_and_ends_it() {
    let mut peer = Peer::start();
    let mut stream = peer.opens("/ws/echo");
    stream.write_all(b"\x81\x02hi").expect("sent");
    assert_eq!(rest(stream), b"\x88\x02\x03\xea");
    assert_eq!(peer.say("violation"), "ws=1 conn=1: an unmasked frame");
    assert!(peer.say("stats").contains("violations=1 "));

    let mut stream = TcpStream::connect(("127.0.0.1", peer.port)).expect("it accepts");
    let bare = b"GET /ws/echo HTTP/1.1\r\nHost: a\r\n\r\n";
    stream.write_all(bare).expect("sent");
    assert!(rest(stream).starts_with(b"HTTP/1.1 400 "));
    assert_eq!(peer.say("violation"), "conn=2: no Upgrade: websocket");
}
