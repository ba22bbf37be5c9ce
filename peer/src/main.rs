//! A scripted HTTP/1 server for tests. Options choose where it listens; lines on stdin control it, each answered by one line.
//!
//! `broadside-peer [--listen v4|v6|both|unix:PATH] [--tls] [--tls12] [--cert KIND] [--mode MODE]`
//!
//! What a request gets is chosen by its target: see `answer.rs`.

mod answer;
mod certs;
mod conn;
mod listen;
mod plain;
mod sys;
mod tally;
mod wire;

use listen::{Listen, Shared};
use std::io::{BufRead, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tally::Mode;

fn main() {
    let options = match Options::parse(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(why) => fail(&why),
    };
    let dir = std::env::temp_dir().join(format!("broadside-peer-{}", std::process::id()));
    let shared = match Shared::make(options.tls, options.tls12, &options.cert) {
        Ok(shared) => Arc::new(shared),
        Err(why) => fail(&why.to_string()),
    };
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
        _ => "what?".into(),
    }
}

struct Options {
    listen: String,
    tls: bool,
    tls12: bool,
    cert: String,
    mode: Mode,
}

impl Options {
    fn parse(mut args: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut out = Self {
            listen: "v4".into(),
            tls: false,
            tls12: false,
            cert: "good".into(),
            mode: Mode::Normal,
        };
        while let Some(arg) = args.next() {
            let mut value = || args.next().ok_or_else(|| format!("{arg} needs a value"));
            match arg.as_str() {
                "--listen" => out.listen = value()?,
                "--tls" => out.tls = true,
                "--tls12" => (out.tls, out.tls12) = (true, true),
                "--cert" => out.cert = value()?,
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
