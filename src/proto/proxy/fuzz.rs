//! The only place that says what has to hold of proxies whatever they answer, and however somebody writes them.

use super::bypass::Bypass;
use super::{Connect, Credentials, Kind, Progress, Socks, Spelling, Tunnel};
use crate::proto::script::Script;
use crate::proto::split::Split;

/// A byte that says what, then a proxy's answers, or what a program or a variable says of one.
pub(crate) fn proxy(data: &[u8]) {
    let mut script = Script(data);
    let how = script.byte().unwrap_or(0) & 3;
    if how == 3 {
        return words(script.0);
    }
    let [whole, others @ ..] = Split::all(script.0).map(|split| Heard::of(how, script.0, split));
    for other in others {
        assert_eq!(other, whole, "the pieces decide what is heard");
    }
}

fn fresh(how: u8) -> Tunnel {
    let credentials = Credentials {
        user: b"me".to_vec(),
        password: b"secret".to_vec(),
    };
    let known = (how == 2).then_some(credentials);
    match how {
        0 => Tunnel::Connect(Connect::new("a.test", 443, None).expect("an address")),
        _ => Tunnel::Socks(Socks::new("a.test", 443, known).expect("an address")),
    }
}

/// What came of some answers.
#[derive(Debug, PartialEq)]
struct Heard {
    said: Vec<u8>,
    /// How many bytes were the proxy's, if there is a tunnel; or why there will be none.
    tunnel: Result<Option<usize>, String>,
}

impl Heard {
    fn of(how: u8, data: &[u8], mut split: Split) -> Self {
        let mut tunnel = fresh(how);
        let mut said = Vec::new();
        tunnel.poll_tx(&mut said);
        assert!(!said.is_empty(), "the client speaks first");
        let mut at = 0;
        while at < data.len() {
            let piece = &data[at..at + split.more(data.len() - at)];
            let progress = tunnel.handle_rx(piece);
            // What is said with a refusal does not leave.
            let Progress { eaten, done } = match progress {
                Ok(progress) => progress,
                Err(why) => {
                    assert!(!why.is_empty());
                    return Self {
                        said: Vec::new(),
                        tunnel: Err(why),
                    };
                }
            };
            tunnel.poll_tx(&mut said);
            assert!(eaten == piece.len() || done, "nothing is left lying");
            at += eaten;
            if done {
                return Self {
                    said,
                    tunnel: Ok(Some(at)),
                };
            }
        }
        Self {
            said,
            tunnel: Ok(None),
        }
    }
}

/// A list of exceptions, and a host or a proxy behind it.
fn words(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let (list, word) = text.split_once('\n').unwrap_or((&text, ""));
    let covers = |host: &str| Bypass::new(list).covers(host);
    assert_eq!(covers(word), covers(&word.to_ascii_uppercase()));
    for spelling in [
        Spelling::of_variable(Kind::Http),
        Spelling::of_program(Kind::Socks5, None),
    ] {
        if let Ok(proxy) = spelling.read(word) {
            assert!(proxy.port > 0 && !proxy.address.is_empty(), "{proxy}");
            assert!(proxy.address.bytes().all(|byte| byte > b' '), "{proxy}");
        }
    }
}
