//! The only place that answers an extended CONNECT (RFC 8441): what the stream gets, and the WebSocket on it.

use super::handshake::{self, Asked};
use super::script::Ask;
use super::session::Session;
use crate::plain::{Plain, Words};
use crate::tally::Tally;
use std::sync::Arc;

pub(crate) struct Opening {
    /// The gate that the answer waits for.
    pub(crate) wait: Option<String>,
    pub(crate) answer: Answer,
}

pub(crate) enum Answer {
    /// No WebSocket but this.
    Plain(Plain),
    Nothing,
    /// 200 with these fields.
    Open(Vec<(String, String)>, Box<Session>),
}

/// `place` says where the stream is; `protocol` is what it shall carry.
pub(crate) fn answer(
    tally: &Arc<Tally>,
    place: &str,
    target: &str,
    protocol: &str,
    request: &impl Asked,
) -> Opening {
    let refused = |status, why: &str| Opening {
        wait: None,
        answer: Answer::Plain(Plain {
            status,
            ..Plain::ok(why)
        }),
    };
    if protocol != "websocket" {
        return refused(501, "no such protocol");
    }
    if Words::of(target).word(0) != "ws" {
        return refused(404, "nothing to connect to");
    }
    if let Err(why) = handshake::check_common(request) {
        let text = format!("{place}: {why}");
        tally.note(|c| c.h2.violation(text));
        return refused(400, &why);
    }
    let ask = match Ask::parse(target) {
        Ok(ask) => ask,
        Err(why) => {
            eprintln!("broadside-peer: {target}: {why}");
            return refused(500, &why);
        }
    };
    let options = &ask.options;
    let wait = options.wait.clone();
    let answer = if let Some(plain) = options.refusal() {
        Answer::Plain(plain)
    } else if options.mute || options.half {
        Answer::Nothing
    } else {
        let agreed = options.agree(request);
        let fields = handshake::fields(
            options,
            request,
            agreed.as_ref().map(|(answer, _)| answer.as_str()),
        );
        Answer::Open(
            fields,
            Box::new(Session::new(
                tally,
                place,
                ask,
                agreed.map(|(_, params)| params),
            )),
        )
    };
    Opening { wait, answer }
}
