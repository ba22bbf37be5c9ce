//! The only place that carries a WebSocket over a stream: what it does next becomes the stream's steps.

use super::fields::Fields;
use super::link::Link;
use super::stream::{Data, Step};
use crate::plain::Plain;
use crate::ws::{self, Act, Asked};

impl Asked for Fields {
    fn values(&self, name: &str) -> Vec<String> {
        let same = self.0.iter().filter(|f| f.name == name.as_bytes());
        same.map(|f| String::from_utf8_lossy(&f.value).into_owned())
            .collect()
    }
}

impl Link {
    /// The answer to an extended CONNECT.
    pub(super) fn open_tunnel(&mut self, id: u32, fields: &Fields) {
        let Some(stream) = self.streams.get_mut(&id) else {
            return;
        };
        let head = &stream.head;
        self.tally.note(|c| c.ws.asked(head));
        let place = format!("conn={} stream={id}", self.id);
        let protocol = fields.text(":protocol");
        let opening = ws::answer_h2(&self.tally, &place, &stream.target, &protocol, fields);
        stream.script.extend(opening.wait.map(Step::Gate));
        match opening.answer {
            ws::Answer::Plain(plain) => stream.script.extend(refusal(plain)),
            ws::Answer::Nothing => {}
            ws::Answer::Open(fields, session) => {
                stream.script.push_back(head_step(200, fields, false));
                stream.ws = Some(session);
            }
        }
        self.enqueue(id);
    }

    /// Bytes of the tunnel.
    pub(super) fn feed_tunnel(&mut self, id: u32, bytes: &[u8]) {
        let Some(stream) = self.streams.get_mut(&id) else {
            return;
        };
        let Some(session) = &mut stream.ws else {
            return;
        };
        if !stream.begun && !bytes.is_empty() {
            let text = format!("conn={} stream={id}: bytes before the answer", self.id);
            self.tally.note(|c| c.h2.violation(text));
        }
        session.receive(bytes);
        self.enqueue(id);
    }

    /// True when the stream has steps again.
    pub(super) fn next_act(&mut self, id: u32) -> bool {
        let Some(stream) = self.streams.get_mut(&id) else {
            return false;
        };
        let Some(session) = &mut stream.ws else {
            return false;
        };
        let step = match session.next() {
            Act::Write(bytes) => data(bytes, false),
            Act::Fin(_) | Act::End if stream.ended => return true,
            Act::Fin(_) | Act::End => data(Vec::new(), true),
            Act::Reset(code) => Step::Reset(code),
            Act::Idle(None) => return false,
            Act::Idle(Some(gate)) => {
                let waiting = self.turns.gated.entry(gate).or_default();
                if !waiting.contains(&id) {
                    waiting.push(id);
                }
                return false;
            }
        };
        stream.script.push_back(step);
        true
    }
}

fn refusal(plain: Plain) -> Vec<Step> {
    let end = plain.body.is_empty();
    let mut out = vec![head_step(plain.status, plain.fields, end)];
    out.extend((!end).then(|| data(plain.body, true)));
    out
}

/// h2 has its names in lower case.
fn head_step(status: u16, fields: Vec<(String, String)>, end: bool) -> Step {
    let lower = |(name, value): (String, String)| (name.to_ascii_lowercase(), value);
    let status = (":status".to_owned(), format!("{status:03}"));
    Step::Head {
        fields: [status]
            .into_iter()
            .chain(fields.into_iter().map(lower))
            .collect(),
        end,
        more: 0,
    }
}

fn data(body: Vec<u8>, end: bool) -> Step {
    let mut data = Data::new(body);
    data.end = end;
    Step::Data(data)
}
