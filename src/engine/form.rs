//! The only place for what is added to a request because its body is a form: Content-Type, the boundary, and chunks where nobody
//! said how long it is.

use super::conn::Conn;
use super::role::Role;
use super::table::Key;
use super::write::Writing;
use super::wsi::{Boundary, FormKind, Framing, State, Wsi};
use super::{Engine, LLL_WARN};
use crate::proto::form::{Part, put_end};
use crate::proto::h1::{Fields, LAST_CHUNK, payloads, put_chunk};

impl Engine {
    /// Before APPEND is asked: a multipart form has its boundary, and is owed a body unless the program says otherwise.
    pub(crate) fn prepare_form(&mut self, key: Key<Wsi>) -> Result<(), String> {
        let Some(wsi) = self.wsis.get_mut(key) else {
            return Ok(());
        };
        if wsi.ask.form != FormKind::Multipart || wsi.boundary.is_some() {
            return Ok(());
        }
        let bytes = self.random.take::<10>()?;
        wsi.boundary = Some(Box::new(Boundary {
            text: crate::net::random::base64(&bytes),
            used: false,
        }));
        wsi.body_pending = true;
        Ok(())
    }

    /// A program that posts an urlencoded form need not say that it has a body: that it asked for WRITEABLE is enough.
    pub(crate) fn form_is_asked(&mut self, key: Key<Wsi>, fields: Fields) {
        if let Some(wsi) = self.wsis.get_mut(key)
            && wsi.ask.form == FormKind::Urlencoded
            && wsi.wants_write
            && fields.content_length != Some(0)
        {
            wsi.body_pending = true;
        }
    }

    /// The next part of a multipart form, or with `None` its end, as it is to be sent. `Err`: why there is none.
    pub(crate) fn next_part(
        &self,
        key: Key<Wsi>,
        part: Option<Part<'_>>,
    ) -> Result<Vec<u8>, &'static str> {
        let wsi = self.wsis.get(key).ok_or("the request has ended")?;
        let Some(boundary) = &wsi.boundary else {
            return Err(
                "the request was not made with LCCSCF_HTTP_MULTIPART_MIME, or its APPEND is still to come",
            );
        };
        let mut out = Vec::new();
        match part {
            Some(part) => {
                if boundary.used {
                    out.extend_from_slice(b"\r\n");
                }
                part.write(&boundary.text, &mut out);
            }
            None => {
                out.extend_from_slice(b"\r\n");
                put_end(&boundary.text, &mut out);
            }
        }
        Ok(out)
    }

    /// The program has it.
    pub(crate) fn part_is_given(&mut self, key: Key<Wsi>) {
        let boundary = self.wsis.get_mut(key).and_then(|wsi| wsi.boundary.as_mut());
        if let Some(boundary) = boundary {
            boundary.used = true;
        }
    }

    /// How an h1 request's body is framed, and `body`, which was taken before, as it goes behind the head.
    pub(crate) fn frame_body(&mut self, key: Key<Wsi>, fields: Fields, body: &[u8]) -> Vec<u8> {
        let Some(wsi) = self.wsis.get_mut(key) else {
            return Vec::new();
        };
        wsi.body_left = None;
        if !is_chunked(wsi, fields, body) {
            let counts = wsi.ask.role == Role::Http && !fields.has_transfer_encoding_chunked;
            let announced = i64::try_from(fields.content_length.unwrap_or_default());
            wsi.body_left = counts.then(|| announced.unwrap_or(i64::MAX));
            wsi.gave(body);
            return body.to_vec();
        }
        wsi.framing = Framing::Chunks;
        let mut out = Vec::new();
        put_chunk(&mut out, body);
        if !wsi.body_pending {
            out.extend_from_slice(LAST_CHUNK);
            wsi.framing = Framing::Over;
        }
        out
    }

    /// What the server takes for the body is not what the program gave: the next head on the connection would be taken for the rest
    /// of it, or the rest for a request. A line says so.
    pub(crate) fn is_misframed(&mut self, key: Key<Wsi>) -> bool {
        // A server that answers early is no mistake of the program's.
        let said_all = |wsi: &&Wsi| !wsi.body_pending;
        let left = self.wsis.get(key).filter(said_all);
        let left = left.and_then(|wsi| wsi.body_left);
        let Some(left) = left.filter(|left| *left != 0) else {
            return false;
        };
        let than = if left > 0 { "less" } else { "more" };
        let bytes = left.unsigned_abs();
        let text = format!(
            "the request's body has {bytes} bytes {than} than its head says: its connection is not used again"
        );
        self.log_wsi(key, LLL_WARN, text);
        true
    }

    /// `lws_write` on a request whose body is chunked.
    pub(crate) fn write_chunk(&mut self, at: Key<Conn>, payload: &[u8], last: bool) -> Writing {
        let Some(conn) = self.conns.get_mut(at) else {
            return Writing::Refused("the connection is gone");
        };
        let Some(wsi) = conn.leader.and_then(|leader| self.wsis.get_mut(leader)) else {
            return Writing::Refused("the connection is gone");
        };
        if wsi.framing == Framing::Over {
            return match payload {
                [] => Writing::Buffered,
                _ => Writing::Refused("the request's body has ended"),
            };
        }
        let mut chunk = Vec::new();
        put_chunk(&mut chunk, payload);
        if last {
            chunk.extend_from_slice(LAST_CHUNK);
            wsi.framing = Framing::Over;
        }
        if !conn.tx.push(&chunk) {
            return Writing::Refused("out of memory for the request's body");
        }
        self.list_conn(at);
        let step = self.write_step(at);
        step.map_or(Writing::Buffered, Writing::Step)
    }

    /// `lws_client_http_body_pending` on a request whose body is chunked: the last chunk goes out when the program is out of its
    /// callback, for it may write more there.
    pub(crate) fn end_chunks_later(&mut self, key: Key<Wsi>, pending: bool) {
        let Some(wsi) = self.wsis.get_mut(key) else {
            return;
        };
        wsi.framing = match (wsi.framing, pending) {
            (Framing::Chunks, false) => Framing::Ending,
            (Framing::Ending, true) => Framing::Chunks,
            (as_it_is, _) => as_it_is,
        };
        let at = wsi.seat.as_ref().map(|seat| seat.conn);
        if let Some(at) = at.filter(|_| wsi.framing == Framing::Ending) {
            self.list_conn(at);
        }
    }

    /// It is out of it.
    pub(crate) fn end_chunks(&mut self, at: Key<Conn>) {
        let Some(conn) = self.conns.get_mut(at) else {
            return;
        };
        let ending = |wsi: &&mut Wsi| wsi.framing == Framing::Ending && wsi.pins == 0;
        let leader = conn.leader.and_then(|leader| self.wsis.get_mut(leader));
        let Some(wsi) = leader.filter(ending) else {
            return;
        };
        if matches!(wsi.state, State::Sent | State::Answered | State::Body)
            && conn.tx.push(LAST_CHUNK)
        {
            wsi.framing = Framing::Over;
        }
    }
}

impl Wsi {
    /// The program gave bytes of its body, which go as they are.
    pub(crate) fn gave(&mut self, payload: &[u8]) {
        if let Some(left) = &mut self.body_left {
            let len = i64::try_from(payload.len()).unwrap_or(i64::MAX);
            *left = left.saturating_sub(len);
        }
    }
}

/// Does an h1 body go in chunks? Without a length the server would take the head for all of it (RFC 9112 §6.3).
pub(crate) fn is_chunked(wsi: &Wsi, fields: Fields, body: &[u8]) -> bool {
    wsi.ask.role == Role::Http
        && fields.content_length.is_none()
        && !fields.has_transfer_encoding_chunked
        && (wsi.body_pending || !body.is_empty())
}

/// What the head says of the body's type.
pub(crate) fn content_type(wsi: &Wsi, fields: Fields) -> String {
    match (&wsi.boundary, wsi.ask.form) {
        _ if fields.has_content_type => String::new(),
        (Some(boundary), FormKind::Multipart) => {
            format!("multipart/form-data; boundary=\"{}\"", boundary.text)
        }
        (_, FormKind::Urlencoded) => "application/x-www-form-urlencoded".into(),
        _ => String::new(),
    }
}

/// A body of which nothing has left is taken back, without its chunks.
pub(crate) fn taken_back(wsi: &Wsi, body: Vec<u8>) -> Vec<u8> {
    match wsi.framing {
        Framing::AsIs => body,
        _ => payloads(&body),
    }
}
