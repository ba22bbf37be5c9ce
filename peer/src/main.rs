//! A scripted HTTP/1 and HTTP/2 server for tests. Options choose where it listens; lines on stdin control it, each answered by
//! one line.
//!
//! `broadside-peer [--listen v4|v6|both|unix:PATH] [--tls] [--tls12] [--client-cert] [--cert KIND] [--mode MODE] [--most] [--alpn LIST] [--h2 K=V,...]`
//!
//! What a request gets is chosen by its target: see `answer.rs`, `h2/answer.rs` for h2, and `ws/mod.rs` for WebSockets.
//!
//! `--client-cert`: clients have to show a certificate that the peer's CA signed. `--most`: `stats` tells how many connections were
//! open at once.
//!
//! `--alpn LIST` is what TLS speaks, in its order of preference: `h2`, `h2,http/1.1`, `http/1.1` (as without the option). In
//! cleartext a connection that begins with the preface of h2 is h2, every other h1.
//!
//! Control lines of both: `stats`, `log`, `head N`, `tls`, `wait-requests N`, `wait-accepts N`, `wait-closed N`, `open GATE`,
//! `drop-all`, `cert KIND`, `mode MODE`, `quit`.
//!
//! `--h2` and the line `h2 K=V ...` set what new h2 connections get:
//! - `max-streams` (128, or `none`), `window` (65535), `max-frame`, `table`: the server's SETTINGS. What comes above
//!   `max-streams` is answered by REFUSED_STREAM; once the client acknowledged them it is a violation as well.
//! - `conn-window=N`: a WINDOW_UPDATE of N on stream 0 at the start.
//! - `goaway-after=K`: request K brings GOAWAY with its stream as the last. Streams above are ignored, and the connection is
//!   closed when the K are answered. 0 turns it off.
//! - `refuse-above=N`: REFUSED_STREAM for those beyond N open ones, whatever `max-streams` says; `-` turns it off.
//! - `settings=late`: the server says nothing, its SETTINGS first, until the gate `settings` opens.
//! - `connect-protocol=1`: SETTINGS_ENABLE_CONNECT_PROTOCOL, so that a CONNECT may ask for a WebSocket. One that does so
//!   without it, or before it acknowledged it, is a violation.
//! - `no-window-updates=1`: nothing that request bodies use up is given back until the gate `window` opens.
//!
//! Control lines about h2:
//! - `settings K=V ...`: SETTINGS now, on all live h2 connections: `max-streams`, `window`, `max-frame`, `table`,
//!   `connect-protocol`, or a number as the identifier. New connections keep theirs. `goaway LAST CODE`: GOAWAY now; LAST is a number, `max` (2^31-1) or `cur`
//!   (the highest stream seen). Streams above are forgotten; the connection stays. `ping`: PING now. Each says `sent=N`, the
//!   connections that it went to.
//! - `wait-acks N`, `wait-pongs N`, `wait-resets N`: until the client has acknowledged N SETTINGS (the first of a connection
//!   counts) or N PINGs, or reset N streams.
//! - `violation`: what the client did wrong last, or `-`. `reset-code`, `goaway-code`: of the last RST_STREAM or GOAWAY that
//!   the client sent, or `-`.
//! - `first-bytes`: targets, in the order in which their responses began (the last 4000 characters).
//!
//! Control lines about WebSockets:
//! - `ws-log [N]`: frames that clients sent, the last N or all (10000 are kept), each with `; ` after it:
//!   `ws=W conn=C op=O fin=F rsv=R len=L sum=S`, on h2 `stream=I` after `conn`; W counts WebSockets from 1, R is 4 for RSV1,
//!   S the FNV-1a of the payload as 8 hex digits. Close has `code=N`; text, Ping and Pong up to 40 bytes have `text=...`.
//! - `ws-messages [N]`: whole messages, the same way: `ws=W conn=C op=O frames=N zipped=Z len=L sum=S [text=...]`.
//! - `ws-close`: `CODE REASON` of the last Close from a client, `none` when that had no code, `-` before the first.
//! - `ws-head`: the last request for `/ws/...` as it came.
//! - `wait-ws N`, `wait-ws-messages N`: until N frames or messages came from clients. `wait-ws-closed N`: until on N WebSockets
//!   a Close came, or the end.
//! - `violation` tells theirs as well; `stats` counts them in `violations`, and at its end says `ws` (opened), `wslive`,
//!   `wsframes`, `wsmessages`.
//!
//! `stats` says for h2: `streams` (most that were open at once on one connection), `violations`, `resets` (by the client),
//! `goaways` (sent), `h2` (connections), `refused` (streams, by us), `acks`, `pongs`. A stream that was refused for its number,
//! or ignored after GOAWAY, is no request: it is not in the log.

mod answer;
mod certs;
mod conn;
mod h2;
mod listen;
mod orders;
mod plain;
mod sys;
mod tally;
mod wire;
mod ws;

use listen::{Listen, Shared};
use orders::{Last, Order};
use std::io::{BufRead, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tally::{Mode, Tally};

fn main() {
    let options = match Options::parse(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(why) => fail(&why),
    };
    let dir = std::env::temp_dir().join(format!("broadside-peer-{}", std::process::id()));
    let shared = match Shared::make(&options) {
        Ok(shared) => Arc::new(shared),
        Err(why) => fail(&why.to_string()),
    };
    if !shared.change_h2(&options.h2) {
        fail("--h2: key=value,...");
    }
    if let Err(why) = shared.write_certs(&dir) {
        fail(&format!("{}: {why}", dir.display()));
    }
    let mut listen = match Listen::start(&options.listen, Arc::clone(&shared)) {
        Ok(listen) => listen,
        Err(why) => fail(&format!("cannot listen on {}: {why}", options.listen)),
    };
    listen.set_mode(options.mode);
    let ca = dir.join("ca.pem");
    say(&format!("ready port={} ca={}", listen.port(), ca.display()));
    for line in std::io::stdin().lock().lines().map_while(Result::ok) {
        if line.trim() == "quit" {
            break;
        }
        say(&obey(&line, &mut listen, &shared));
    }
    remove(&dir, &options.listen);
}

fn obey(line: &str, listen: &mut Listen, shared: &Shared) -> String {
    let (word, rest) = line
        .trim()
        .split_once(' ')
        .unwrap_or_else(|| (line.trim(), ""));
    let n: usize = rest.parse().unwrap_or(0);
    let tally = &shared.tally;
    match word {
        "stats" => tally.stats(),
        "log" => tally.log(),
        "head" => tally.head(n),
        "tls" => tally.last_tls(),
        "wait-requests" => tally.wait(|c| c.log.len() >= n).into(),
        "wait-accepts" => tally.wait(|c| c.accepts >= n).into(),
        "wait-closed" => tally.wait(|c| c.closed >= n).into(),
        "open" => {
            tally.open_gate(rest);
            "ok".into()
        }
        "drop-all" => format!("dropped={}", tally.drop_all()),
        "cert" => if shared.show(rest) { "ok" } else { "what?" }.into(),
        "mode" => Mode::of(rest).map_or_else(
            || "what?".into(),
            |mode| {
                listen
                    .set_mode(mode)
                    .map_or_else(|| "ok".into(), |e| e.to_string())
            },
        ),
        _ => obey_ws(word, rest, tally)
            .or_else(|| obey_h2(word, rest, shared))
            .unwrap_or_else(|| "what?".into()),
    }
}

fn obey_ws(word: &str, rest: &str, tally: &Tally) -> Option<String> {
    let n: usize = rest.parse().unwrap_or(0);
    Some(match word {
        "ws-log" => tally.quietly(|c| c.ws.frame_log(n)),
        "ws-messages" => tally.quietly(|c| c.ws.message_log(n)),
        "ws-head" => tally.quietly(|c| c.ws.head()),
        "ws-close" => told(tally.quietly(|c| c.ws.last_close.clone())),
        "wait-ws" => tally.wait(|c| c.ws.frames >= n).into(),
        "wait-ws-messages" => tally.wait(|c| c.ws.messages >= n).into(),
        "wait-ws-closed" => tally.wait(|c| c.ws.closed >= n).into(),
        _ => return None,
    })
}

fn obey_h2(word: &str, rest: &str, shared: &Shared) -> Option<String> {
    let n: usize = rest.parse().unwrap_or(0);
    let tally = &shared.tally;
    let order = match word {
        "h2" => return shared.change_h2(rest).then(|| "ok".into()),
        "wait-acks" => return Some(tally.wait(|c| c.h2.acks >= n).into()),
        "wait-pongs" => return Some(tally.wait(|c| c.h2.pongs >= n).into()),
        "wait-resets" => return Some(tally.wait(|c| c.h2.resets >= n).into()),
        "violation" => return Some(told(tally.quietly(|c| c.h2.last_violation.clone()))),
        "reset-code" => return Some(told(tally.quietly(|c| c.h2.reset_code))),
        "goaway-code" => return Some(told(tally.quietly(|c| c.h2.goaway_code))),
        "first-bytes" => return Some(tally.quietly(|c| c.h2.last_firsts().to_owned())),
        "settings" => Order::Settings(h2::pairs(rest)?),
        "goaway" => goaway(rest)?,
        "ping" => Order::Ping,
        _ => return None,
    };
    Some(format!("sent={}", tally.quietly(|c| c.h2.post(&order))))
}

fn goaway(rest: &str) -> Option<Order> {
    let (last, code) = rest.split_once(' ')?;
    let last = match last {
        "max" => Last::Stream(0x7fff_ffff),
        "cur" => Last::Current,
        number => Last::Stream(number.parse().ok()?),
    };
    let code = code.parse().ok()?;
    Some(Order::Goaway { last, code })
}

fn told(what: Option<impl ToString>) -> String {
    what.map_or_else(|| "-".into(), |what| what.to_string())
}

struct Options {
    listen: String,
    tls: bool,
    tls12: bool,
    client_cert: bool,
    most: bool,
    cert: String,
    mode: Mode,
    alpn: String,
    h2: String,
}

impl Options {
    fn parse(mut args: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut out = Self {
            listen: "v4".into(),
            tls: false,
            tls12: false,
            client_cert: false,
            most: false,
            cert: "good".into(),
            mode: Mode::Normal,
            alpn: "http/1.1".into(),
            h2: String::new(),
        };
        while let Some(arg) = args.next() {
            let mut value = || args.next().ok_or_else(|| format!("{arg} needs a value"));
            match arg.as_str() {
                "--listen" => out.listen = value()?,
                "--tls" => out.tls = true,
                "--tls12" => (out.tls, out.tls12) = (true, true),
                "--client-cert" => (out.tls, out.client_cert) = (true, true),
                "--most" => out.most = true,
                "--cert" => out.cert = value()?,
                "--alpn" => out.alpn = value()?,
                "--h2" => out.h2 = value()?,
                "--mode" => {
                    out.mode = Mode::of(&value()?)
                        .ok_or("--mode: normal|refuse|accept-mute|die-on-accept")?;
                }
                _ => return Err(format!("{arg}: unknown option")),
            }
        }
        Ok(out)
    }
}

fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    // Nobody listens any more when this fails; the end of stdin comes next.
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}

fn remove(dir: &Path, listen: &str) {
    let _ = std::fs::remove_dir_all(dir);
    if let Some(path) = listen.strip_prefix("unix:").filter(|p| !p.starts_with('@')) {
        let _ = std::fs::remove_file(PathBuf::from(path));
    }
}

fn fail(why: &str) -> ! {
    eprintln!("broadside-peer: {why}");
    std::process::exit(2)
}
