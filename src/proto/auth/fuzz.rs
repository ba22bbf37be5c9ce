//! The only place that says what has to hold of answers, whatever a server asks.

use super::challenge::parse;
use super::{Answer, Asked, Credentials, Tools};
use crate::proto::script::Script;

/// Not what they stand for, but as different for different bytes.
const TOOLS: Tools = Tools {
    hash: |algorithm, bytes| Some(format!("{}{}", algorithm as u8, hex(bytes))),
    base64: hex,
};

const USERS: [&str; 4] = ["Mufasa", "a:b", "J\u{e4}s\u{f8}n Doe", "\"q\\"];

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// Bytes of the user and of the request, then the values of WWW-Authenticate, a line each.
pub(crate) fn auth(data: &[u8]) {
    let mut script = Script(data);
    let user = script.pick(&USERS);
    let asked = Asked {
        method: script.pick(&["GET", "POST"]),
        target: script.pick(&["/dir/index.html", "/?q=\"x\\"]),
        has_body: script.pick(&[false, true]),
    };
    let values = || script.0.split(|b| *b == b'\n');
    let credentials = Credentials::new(user, "Circle of Life").expect("may be sent");
    let Some(mut answer) = Answer::choose(values(), &credentials, "cnonce") else {
        return;
    };
    let again = Answer::choose(values(), &credentials, "cnonce").expect("as before");
    assert!(!again.renews(&answer), "the same nonce is not a new one");
    let (first, second) = (
        line(&mut answer, &credentials, asked),
        line(&mut answer, &credentials, asked),
    );
    assert_eq!(first.is_some(), second.is_some(), "as often as it is asked");
    if let (Some(first), Answer::Digest(digest)) = (&first, &answer) {
        let read = parse(first);
        let [read] = &read[..] else {
            panic!("it is one: {read:?}");
        };
        assert_eq!(read.param("nonce"), Some(&digest.nonce[..]));
        assert_eq!(read.param("uri"), Some(asked.target.as_bytes()));
        assert!(!read.param("response").expect("the proof").is_empty());
    }
}

/// The value of the line, which is one.
fn line(answer: &mut Answer, credentials: &Credentials, asked: Asked<'_>) -> Option<Vec<u8>> {
    let line = answer.line(credentials, &asked, TOOLS)?;
    let value = line
        .as_bytes()
        .strip_prefix(b"Authorization: ")
        .expect("its name");
    let value = value.strip_suffix(b"\r\n").expect("its end");
    assert!(
        !value.iter().any(u8::is_ascii_control),
        "{}",
        value.escape_ascii()
    );
    Some(value.to_vec())
}
