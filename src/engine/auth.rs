//! The only place that logs in: a 401 with a challenge that the program's user and password answer is not told, and the request
//! begins again with an Authorization line, on the same wsi.
//!
//! ```text
//! 401 -> (old connection let go) -> placed as if it were new -> APPEND -> ... with Authorization
//! ```
//!
//! On h1 a short rest of the 401 is awaited, for then the same connection carries the answer. Nothing is sent before a server asks. A
//! second refusal is the program's: only when the nonce was stale it is tried again.

use super::conn::Conn;
use super::matching::Place;
use super::table::Key;
use super::wsi::{Lane, State, Wsi};
use super::{Engine, LLL_WARN};
use crate::net::hash::hex;
use crate::net::random::base64;
use crate::proto::auth::{Algorithm, Answer, Asked, Credentials, Secret, Tools};
use crate::proto::h1::Fields;

const TOOLS: Tools = Tools { hash, base64 };

/// With stale nonces: more in a row is a server that takes none.
const ANSWERS: u8 = 3;

/// Bytes of a refusal's body that are cheaper than a connection.
const DRAINED: u32 = 16 * 1024;

/// How far a challenge is that a request answers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Challenge {
    None,
    /// The rest of the response comes, of which so many bytes were here.
    Draining(u32),
    /// At the next turn of the loop.
    Due,
}

/// What a request logs in with.
pub(crate) struct Auth {
    credentials: Credentials,
    answer: Option<Answer>,
    /// Challenges that were answered since it goes where it goes.
    answered: u8,
    /// The program wrote an Authorization line by itself: the outcome is its own, too.
    by_hand: bool,
}

impl Auth {
    pub(crate) fn new(user: &str, password: &str) -> Result<Self, &'static str> {
        Ok(Self {
            credentials: Credentials::new(user, password)?,
            answer: None,
            answered: 0,
            by_hand: false,
        })
    }

    /// A refusal is about another target.
    pub(super) fn moved(&mut self) {
        self.answered = 0;
    }

    fn may_answer_with(&self, new: &Answer) -> bool {
        let stale = |old: &Answer| new.renews(old) && self.answered < ANSWERS;
        self.answered == 0 || self.answer.as_ref().is_some_and(stale)
    }
}

impl Wsi {
    pub(crate) fn is_draining(&self) -> bool {
        self.state == State::Answered && matches!(self.challenge, Challenge::Draining(_))
    }
}

impl Engine {
    /// Its response is a challenge that it can answer.
    pub(crate) fn is_challenged(&mut self, key: Key<Wsi>) -> bool {
        let Some(wsi) = self.wsis.get_mut(key) else {
            return false;
        };
        if wsi.status() != 401 {
            return false;
        }
        let (Some(auth), Some(response)) = (&mut wsi.ask.auth, &wsi.response) else {
            return false;
        };
        let mut challenges = response.headers.by_name(b"www-authenticate").peekable();
        if auth.by_hand || challenges.peek().is_none() {
            return false;
        }
        let Ok(cnonce) = self.random.take::<16>().map(|bytes| base64(&bytes)) else {
            return false;
        };
        match Answer::choose(challenges, &auth.credentials, &cnonce) {
            Some(answer) if auth.may_answer_with(&answer) => {
                auth.answer = Some(answer);
                auth.answered += 1;
                true
            }
            Some(_) => false,
            None => {
                self.log_wsi(
                    key,
                    LLL_WARN,
                    "401: none of the server's challenges can be answered: Basic is known, and Digest with MD5, SHA-256 or SHA-512-256",
                );
                false
            }
        }
    }

    /// The head of such a response is in.
    pub(crate) fn challenge_came(&mut self, key: Key<Wsi>) {
        if let Some(wsi) = self.wsis.get_mut(key) {
            wsi.challenge = Challenge::Draining(0);
        }
        self.drain(key);
        let seat = self.wsis.get(key).and_then(|wsi| wsi.seat.as_ref());
        if let Some(at) = seat.map(|seat| seat.conn).filter(|_| self.is_draining(key)) {
            self.arm_io_deadline(at);
        }
    }

    pub(crate) fn is_draining(&self, key: Key<Wsi>) -> bool {
        self.wsis.get(key).is_some_and(Wsi::is_draining)
    }

    /// Some of the response's body is here.
    pub(crate) fn drain(&mut self, key: Key<Wsi>) {
        let skipped = self.skip_body(key);
        let Some(wsi) = self.wsis.get_mut(key) else {
            return;
        };
        let Challenge::Draining(before) = wsi.challenge else {
            return;
        };
        let drained = before.saturating_add(u32::try_from(skipped).unwrap_or(u32::MAX));
        wsi.challenge = Challenge::Draining(drained);
        let patient = drained <= DRAINED && !wsi.body_pending;
        let whole = wsi.seat.as_ref().filter(|seat| seat.lane == Lane::Whole);
        let at = whole.map(|seat| seat.conn).filter(|_| patient);
        let worth_it = |conn: &Conn| {
            let goes_on = conn.machine.goes_on() && !conn.machine.body_done();
            goes_on && conn.shared && !conn.announced_close && conn.tx.is_empty()
        };
        match at.and_then(|at| Some((at, self.conns.get(at)?))) {
            Some((at, conn)) if worth_it(conn) && conn.readable => self.list_conn(at),
            Some((at, conn)) if worth_it(conn) => self.resume_read(at),
            _ => {
                self.stop_draining(key);
            }
        }
    }

    /// What else the response says does not matter any more, if it did. False: it is no challenge.
    pub(crate) fn stop_draining(&mut self, key: Key<Wsi>) -> bool {
        let draining = |wsi: &&mut Wsi| wsi.is_draining();
        let Some(wsi) = self.wsis.get_mut(key).filter(draining) else {
            return false;
        };
        wsi.challenge = Challenge::Due;
        self.list_wsi(key);
        true
    }

    /// The loop's turn, when no callback on it is under way.
    pub(crate) fn answer_challenge(&mut self, key: Key<Wsi>) {
        let Some(wsi) = self.wsis.get_mut(key) else {
            return;
        };
        wsi.challenge = Challenge::None;
        if wsi.state != State::Answered {
            return;
        }
        self.skip_body(key);
        self.hand_on(key, false);
        self.start_over(key);
    }

    /// The Authorization line of a request that is about to be made, if it has one.
    pub(super) fn authorization(
        &mut self,
        key: Key<Wsi>,
        method: &str,
        fields: Fields,
        body: &[u8],
    ) -> Option<Secret> {
        let wsi = self.wsis.get_mut(key)?;
        let announced = fields.content_length.is_some_and(|length| length > 0);
        let has_body = wsi.body_pending || !body.is_empty() || announced;
        let mut auth = wsi.ask.auth.take()?;
        auth.by_hand = fields.has_authorization;
        let asked = Asked {
            method,
            target: wsi.ask.target(),
            has_body: has_body || fields.has_transfer_encoding_chunked,
        };
        let answer = auth.answer.as_mut().filter(|_| !auth.by_hand);
        let line = answer.and_then(|answer| answer.line(&auth.credentials, &asked, TOOLS));
        wsi.ask.auth = Some(auth);
        line
    }
}

/// May somebody who was told a secret for the one be told it for the other? Address and name both have to be the same: what a name
/// leads to elsewhere is not known here.
pub(super) fn same_origin(a: &Place<'_>, b: &Place<'_>) -> bool {
    a.tls == b.tls
        && a.port == b.port
        && a.address.eq_ignore_ascii_case(b.address)
        && a.tls_name().eq_ignore_ascii_case(b.tls_name())
}

fn hash(algorithm: Algorithm, bytes: &[u8]) -> Option<String> {
    let name = match algorithm {
        Algorithm::Md5 => "MD5",
        Algorithm::Sha256 => "SHA256",
        Algorithm::Sha512_256 => "SHA512-256",
    };
    hex(name, bytes)
}
