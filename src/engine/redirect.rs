//! The only place that follows redirects: a response that says where to goes to the program, and with its leave the request
//! begins again there, with the same wsi.
//!
//! ```text
//! 3xx -> CLIENT_HTTP_REDIRECT -> (old connection let go) -> DROP -> BIND -> placed as if it were new
//! ```
//!
//! Nobody else notices: who waited for the connection rides it next, or moves on when it closes.

use super::Engine;
use super::auth::same_origin;
use super::call::{Due, Input};
use super::conmon::Conmon;
use super::matching::Place;
use super::table::Key;
use super::wsi::{FormKind, Framing, Lane, Method, State, Wsi};
use crate::proto::h1::{check_target, check_value};
use crate::proto::location::{Location, Origin, resolve};

/// lws 5: a fifth is one too many.
const FOLLOWS: u8 = 4;

impl Engine {
    /// Its response says that it should go elsewhere, and the program has not kept that to itself.
    pub(crate) fn is_redirected(&self, key: Key<Wsi>) -> bool {
        let Some(wsi) = self.wsis.get(key) else {
            return false;
        };
        wsi.ask.follow && matches!(wsi.status(), 301 | 302 | 303 | 307 | 308)
    }

    /// The program is asked, once it is known that there is somewhere to go.
    pub(crate) fn redirect_came(&mut self, key: Key<Wsi>) {
        match self.location_bytes(key) {
            Some(_) => self.owe(key, Due::REDIRECT),
            None => self.fail(key, "HS: Redirect code but no Location"),
        }
    }

    fn location_bytes(&self, key: Key<Wsi>) -> Option<&[u8]> {
        let response = self.wsis.get(key)?.response.as_ref()?;
        let location = response.headers.by_name(b"location").next();
        location.filter(|location| !location.is_empty())
    }

    /// What CLIENT_HTTP_REDIRECT says: the Location as it came, and the status.
    pub(crate) fn location(&self, key: Key<Wsi>) -> Option<Input> {
        let said = self.location_bytes(key)?;
        let status = self.wsis.get(key)?.status();
        Some(Input::Said([said, b"\0"].concat().into(), status))
    }

    /// CLIENT_HTTP_REDIRECT returned 0.
    pub(crate) fn redirect_allowed(&mut self, key: Key<Wsi>) {
        let answered = |wsi: &&Wsi| wsi.state == State::Answered;
        let Some(wsi) = self.wsis.get(key).filter(answered) else {
            return; // ended itself inside
        };
        let place = self.identities.get(wsi.identity).place();
        let said = self.location_bytes(key).unwrap_or_default();
        let Some(to) = resolve(said, place.tls, wsi.ask.target()).filter(may_be_sent) else {
            return self.fail(key, "HS: URI did not parse");
        };
        let leaves_tls = to.origin.as_ref().is_some_and(|origin| !origin.tls);
        if place.tls && leaves_tls && !wsi.ask.downgrade {
            return self.fail(key, "HS: Redirect attempted SSL downgrade");
        }
        if wsi.follows >= FOLLOWS {
            let text = format!("HS: Redirect failed: followed {FOLLOWS} already");
            return self.fail(key, &text);
        }
        self.follow(key, &to);
    }

    fn follow(&mut self, key: Key<Wsi>, to: &Location) {
        self.skip_body(key);
        self.hand_on(key, false);
        if let Some(origin) = &to.origin {
            self.go_to(key, origin);
        }
        let Some(wsi) = self.wsis.get_mut(key) else {
            return;
        };
        wsi.ask.retarget(&to.target);
        if let Some(auth) = &mut wsi.ask.auth {
            auth.moved();
        }
        let method = method_after(wsi.ask.method, wsi.status());
        if method != wsi.ask.method {
            wsi.ask.method = method;
            wsi.ask.form = FormKind::None;
            wsi.made_get = true;
        }
        wsi.follows += 1;
        let bound = wsi.bound;
        self.start_over(key);
        match bound {
            true => self.owe(key, Due::UNBIND | Due::BIND),
            false => self.unbound(key),
        }
    }

    /// A request that has left its connection begins again, with its APPEND: the loop places it.
    pub(crate) fn start_over(&mut self, key: Key<Wsi>) {
        self.forget_kept(key);
        let Some(wsi) = self.wsis.get_mut(key) else {
            return;
        };
        wsi.conmon = Conmon::default();
        wsi.attempts = 0;
        wsi.appended = false;
        wsi.body_pending = false;
        wsi.boundary = None;
        wsi.framing = Framing::AsIs;
        wsi.body_left = None;
        wsi.body_taken = false;
        wsi.wants_write = false;
        wsi.ws = None;
        // As after a connect call that was left early: the loop places it when it has been told what it is owed.
        wsi.state = State::New;
        wsi.unplaced = true;
        wsi.due &= Due::TIMER;
        if let Some(response) = wsi.response.take() {
            self.keep_response(response);
        }
        self.list_wsi(key);
    }

    /// What is left of an h1 response's body is nobody's: what of it is here already costs no time, and may save a connection.
    /// How many bytes it was.
    pub(crate) fn skip_body(&mut self, key: Key<Wsi>) -> usize {
        let mut skipped = 0;
        let seat = self.wsis.get(key).and_then(|wsi| wsi.seat.as_ref());
        let whole = seat.filter(|seat| seat.lane == Lane::Whole);
        let Some(conn) = whole.and_then(|seat| self.conns.get_mut(seat.conn)) else {
            return skipped;
        };
        while let Ok(piece) = conn.machine.handle_body(conn.rx.pending()) {
            let n = piece.skip + piece.take;
            if n == 0 {
                break;
            }
            conn.rx.consume(n);
            skipped += n;
        }
        skipped
    }

    /// Only where it goes is another: whom it trusts there, what it offers and from where stay as the program said.
    fn go_to(&mut self, key: Key<Wsi>, to: &Origin) {
        let Some(old) = self.wsis.get(key).map(|wsi| wsi.identity) else {
            return;
        };
        let identity = self.identities.get(old).clone();
        let (address, port) = match is_itself(&identity.place(), to) {
            true => (identity.place().address, identity.place().port),
            false => (to.address.as_str(), to.port),
        };
        let vhost = self.vhosts.get(identity.place().vhost);
        let chosen = vhost.and_then(|vhost| vhost.config.proxies.choose(address, to.tls));
        let proxy = chosen.cloned();
        let place = Place {
            proxy: proxy.as_ref(),
            address,
            port,
            host: Some(&to.authority),
            tls: to.tls,
            ..identity.place()
        };
        let stays = same_origin(&place, &identity.place());
        self.change_place(key, &place);
        // Elsewhere nobody has a right to them, and a way back does not give it to who sent it there.
        if let Some(wsi) = self.wsis.get_mut(key).filter(|_| !stays) {
            wsi.ask.auth = None;
        }
    }

    /// DROP returned, or is not asked. What a redirected request remembers of its session is the old target's.
    pub(crate) fn unbound(&mut self, key: Key<Wsi>) {
        let again = |wsi: &Wsi| wsi.state == State::New || wsi.due.contains(Due::BIND);
        let redirected = |wsi: &&mut Wsi| wsi.follows > 0 && again(wsi);
        let Some(wsi) = self.wsis.get_mut(key).filter(redirected) else {
            return;
        };
        if let Some(session) = &mut wsi.session {
            session.clear();
        }
        self.list_wsi(key);
    }
}

/// Does a server on a unix socket name itself, as the program does? No URL can say where that is.
fn is_itself(place: &Place<'_>, to: &Origin) -> bool {
    let named = place.host.unwrap_or_default();
    let port = named
        .rsplit_once(':')
        .and_then(|(_, port)| port.parse().ok());
    let port = port.unwrap_or(if place.tls { 443 } else { 80 });
    let unix = place.address.starts_with('+');
    let same = place.tls_name().eq_ignore_ascii_case(&to.address) && port == to.port;
    unix && same && place.tls == to.tls
}

/// lws 5, and what browsers do about POST: only 307 and 308 keep the method. A ws asks by its own.
fn method_after(method: Method, status: u16) -> Method {
    match (method, status) {
        (_, 307 | 308) | (Method::Head, _) => method,
        _ => Method::Get,
    }
}

/// The checks of the connect call.
fn may_be_sent(to: &Location) -> bool {
    let host = to.origin.as_ref().map_or("", |origin| &origin.authority);
    check_target(&to.target).is_ok() && check_value(host.as_bytes()).is_ok()
}
