//! The only place that runs the engine's steps: with nothing held, and every outcome given back.

use std::ffi::c_int;
use std::sync::Arc;

use openssl_sys::{SSL, X509_STORE_CTX};

use super::context::{Context, Held, now, wall_secs};
use super::deliver::{deliver, invoke};
use super::lent::hand_over;
use super::{cookies, destroy, outside, timers};
use crate::engine::LLL_ERR;
use crate::engine::attempt::NameLookup;
use crate::engine::buffer::{Rx, Tx};
use crate::engine::call::{Call, Input, Notice, Reason};
use crate::engine::conn::Conn;
use crate::engine::matching::Identity;
use crate::engine::step::{Datagram, Done, Parting, Step};
use crate::engine::table::Key;
use crate::engine::wsi::Wsi;
use crate::net::poll::Wake;
use crate::net::resolve::{self, Family, Mailbox};
use crate::net::socket::{self, Connecting};
use crate::net::tickets::Whose;
use crate::net::tls::{Credentials, TlsAsk, TlsClient, Trust};
use crate::net::transport::{self, Handshake, Transport};
use crate::net::verify::VerifyHook;

/// Steps that one pass runs before it looks at the sockets again.
const BUDGET: usize = 4096;

/// Runs what can be done without waiting. `true` when there was something.
pub(crate) fn drain(context: &Arc<Context>) -> bool {
    let mut held = context.hold();
    for n in 0..BUDGET {
        // A callback destroyed the context: what everybody else hears comes from there.
        if held.stopping {
            return true;
        }
        let Some(step) = held.next() else {
            return n > 0;
        };
        drop(held);
        held = run(context, step);
    }
    // Programs that always have more to do do not keep back what is to be sent.
    while let Some(step) = held.next_flush() {
        drop(held);
        held = run(context, step);
    }
    true
}

/// Runs the callbacks that one request is owed, as far as they can come now.
pub(crate) fn drain_request(context: &Arc<Context>, key: Key<Wsi>) {
    // Children end before it, and it waits for them.
    let family = drain_one(context, key).descendants(key);
    if !family.is_empty() {
        for next in family.into_iter().chain([key]) {
            drop(drain_one(context, next));
        }
    }
}

fn drain_one(context: &Arc<Context>, key: Key<Wsi>) -> Held<'_> {
    let mut held = context.hold();
    while let Some(call) = held.next_call(key) {
        drop(held);
        (_, held) = deliver(context, call);
    }
    held
}

/// Runs one step; the engine, held, has its outcome.
pub(crate) fn run(context: &Arc<Context>, step: Step) -> Held<'_> {
    let done = match step {
        Step::Call(call) => return deliver(context, call).1,
        Step::Payload { call, parcel } => return hand_over(context, &call, parcel),
        Step::Notice(notice) => {
            notify(context, notice);
            return context.hold();
        }
        Step::Close(parting) => {
            part(parting);
            return context.hold();
        }
        Step::Tell(news) => return outside::tell(context, &news),
        Step::Resolve { conn, host, port } => {
            lookup(context, conn, &host, port);
            return context.hold();
        }
        Step::Handshake { conn, transport } => {
            handshake(context, conn, transport);
            return context.hold();
        }
        Step::Open {
            conn,
            attempt,
            addr,
            options,
        } => Done::Opened {
            conn,
            attempt,
            outcome: socket::open(&addr, &options),
        },
        Step::Connect {
            conn,
            attempt,
            transport,
            addr,
        } => connected(conn, attempt, transport, |at| socket::connect(at, &addr)),
        Step::Outcome {
            conn,
            attempt,
            transport,
        } => connected(conn, attempt, transport, socket::outcome),
        Step::Secure {
            conn,
            raw,
            transport,
            client,
            identity,
        } => secured(context, conn, transport, &client, &identity, raw),
        Step::Read {
            conn,
            transport,
            rx,
        } => read(conn, transport, rx),
        Step::Write {
            conn,
            transport,
            tx,
        } => written(conn, transport, tx),
        Step::Receive {
            conn,
            transport,
            rx,
        } => received(conn, transport, rx),
        Step::Send {
            conn,
            transport,
            datagram,
        } => sent(conn, transport, datagram),
    };
    let now = now();
    let mut held = context.hold();
    held.finish_step(done, now);
    held
}

fn connected(
    conn: Key<Conn>,
    attempt: usize,
    transport: Transport,
    ask: impl FnOnce(&Transport) -> Connecting,
) -> Done {
    Done::Connected {
        conn,
        attempt,
        outcome: ask(&transport),
        transport,
    }
}

fn secured(
    context: &Arc<Context>,
    conn: Key<Conn>,
    mut transport: Transport,
    client: &TlsClient,
    identity: &Identity,
    raw: bool,
) -> Done {
    let place = identity.place();
    // SAFETY: lws_system_blob_direct_set() asks for memory that stays.
    let own =
        (place.client_cert != 0).then(|| unsafe { context.blobs.client_cert(place.client_cert) });
    let own = match own.transpose() {
        Ok(own) => own,
        Err(why) => {
            return Done::Secured {
                conn,
                transport,
                outcome: Err(why),
            };
        }
    };
    // What is offered differs: so do the sessions.
    let key = format!("{raw}{}", place.session_key());
    // Contract 3.3: those that programs keep outside are of the plainest identity alone.
    let strict = place.trust == Trust::default() && place.proxy.is_none();
    let whose = Whose {
        identity: &key,
        plain: strict.then_some((place.tls_name(), place.port)),
    };
    let ask = TlsAsk {
        name: place.tls_name(),
        alpn: place.alpn,
        trust: place.trust,
        // What the program keeps as its certificate may be another one the next time.
        session: (place.client_cert == 0).then(|| (whose, wall_secs())),
        credentials: own
            .as_ref()
            .map(|(certificate, key)| Credentials { certificate, key }),
    };
    let outcome = match raw {
        true => transport.secure(client, &ask),
        false => secure(&mut transport, client, &ask),
    };
    Done::Secured {
        conn,
        transport,
        outcome,
    }
}

fn read(conn: Key<Conn>, mut transport: Transport, mut rx: Rx) -> Done {
    let io = transport.read(rx.space());
    Done::Read {
        conn,
        transport,
        rx,
        io,
    }
}

fn written(conn: Key<Conn>, mut transport: Transport, tx: Tx) -> Done {
    let io = transport.write(tx.pending());
    Done::Written {
        conn,
        transport,
        tx,
        io,
    }
}

fn received(conn: Key<Conn>, mut transport: Transport, mut rx: Rx) -> Done {
    let (io, from) = transport.receive(rx.space());
    Done::Received {
        conn,
        transport,
        rx,
        io,
        from,
    }
}

fn sent(conn: Key<Conn>, mut transport: Transport, datagram: Datagram) -> Done {
    let io = transport.send_to(&datagram.payload, datagram.to.as_ref());
    Done::Sent {
        conn,
        transport,
        datagram,
        io,
    }
}

/// Closes a connection; what it has to say goes out if the socket takes it at once.
pub(crate) fn part(parting: Parting) {
    let Parting {
        mut transport,
        polite,
        words,
    } = parting;
    if !words.is_empty() {
        let _ = transport.write(&words);
    }
    transport.close(polite);
}

/// ALPN names that this library speaks.
const SPOKEN: [&str; 2] = ["h2", "http/1.1"];

/// Offers what we speak of what the request lists.
fn secure(transport: &mut Transport, client: &TlsClient, ask: &TlsAsk<'_>) -> Result<(), String> {
    let offered = |list: &str| {
        let names = list.split(',').map(str::trim);
        let spoken: Vec<_> = names.filter(|name| SPOKEN.contains(name)).collect();
        spoken.join(",")
    };
    let alpn = ask.alpn.map(offered);
    let ask = TlsAsk {
        alpn: alpn.as_deref().filter(|list| !list.is_empty()),
        ..*ask
    };
    transport.secure(client, &ask)
}

fn lookup(context: &Arc<Context>, conn: Key<Conn>, host: &str, port: u16) {
    let Some(mailbox) = mailbox_for(context, conn) else {
        return;
    };
    let ticket = u64::from(conn.index()) << 32 | u64::from(conn.generation());
    let family = match context.settings.options & super::types::LWS_SERVER_OPTION_DISABLE_IPV6 {
        0 => Family::Any,
        _ => Family::V4,
    };
    if let Err(text) = resolve::submit(host, port, family, ticket, &mailbox) {
        context.hold().resolved(conn, Err(text));
    }
}

/// Where a lookup's answer goes; a program that runs the loop itself waits for each by itself. `None`: there is nobody to tell.
fn mailbox_for(context: &Arc<Context>, conn: Key<Conn>) -> Option<Arc<Mailbox>> {
    if !context.hold().is_run_from_outside() {
        return Some(context.waiting().mailbox.clone());
    }
    let wake = match Wake::new() {
        Ok(wake) => wake,
        Err(error) => {
            let text = format!("DNS: no eventfd: {error}; raise the limit of open files");
            context.hold().resolved(conn, Err(text));
            return None;
        }
    };
    let mailbox = Arc::new(Mailbox::new(wake.fd()));
    let lookup = NameLookup {
        transport: Transport::adopted(wake.into_fd(), transport::Kind::File),
        mailbox: mailbox.clone(),
    };
    context.hold().await_name(conn, lookup).then_some(mailbox)
}

/// Takes the resolver's answers in.
pub(crate) fn collect_answers(context: &Arc<Context>) {
    let mut answers = Vec::new();
    context.waiting().mailbox.drain(&mut answers);
    for answer in answers {
        let index = (answer.ticket >> 32) as u32;
        let conn = Key::from_parts(index, answer.ticket as u32);
        let mut held = context.hold();
        held.now = now();
        held.resolved(conn, answer.addresses());
    }
}

pub(crate) fn notify(context: &Arc<Context>, notice: Notice) {
    match notice {
        Notice::Cancelled => {
            let calls = context.hold().face_calls(None, Reason::EventWaitCancelled);
            for call in calls {
                deliver(context, call);
            }
        }
        Notice::Cookies => cookies::save(context),
        Notice::VhostEmpty(vhost) => destroy::remove_vhost(context, vhost),
        Notice::ProtocolInit(vhost) => {
            let calls = context.hold().face_calls(Some(vhost), Reason::ProtocolInit);
            for call in calls {
                if deliver(context, call).0 != 0 {
                    context.hold().log_vhost(
                        vhost,
                        LLL_ERR,
                        "a protocol's PROTOCOL_INIT callback failed",
                    );
                }
            }
        }
    }
}

/// Timers of the program that are due, one at a time: one may cancel, or free, another.
pub(crate) fn run_timers(context: &Arc<Context>) -> bool {
    let at = now();
    let mut any = false;
    loop {
        let mut held = context.hold();
        if held.stopping {
            return any;
        }
        let Some((key, sul)) = held.fire(at) else {
            return any;
        };
        timers::run(held, key, sul);
        any = true;
    }
}

/// Carries the program's question about a certificate from inside OpenSSL to its callback.
struct Asking<'a> {
    context: &'a Arc<Context>,
    conn: Key<Conn>,
}

impl VerifyHook for Asking<'_> {
    fn verify(&mut self, preverify: c_int, store: *mut X509_STORE_CTX, ssl: *mut SSL) -> c_int {
        let call = self.context.hold().verify_call(self.conn);
        let Some(mut call) = call else {
            return 0; // nobody is left to ask: the certificate stands as OpenSSL judged it
        };
        call.user = store.expose_provenance();
        ask(self.context, &call, ssl.expose_provenance(), preverify)
    }
}

fn ask(context: &Arc<Context>, call: &Call, ssl: usize, preverify: c_int) -> c_int {
    debug_assert!(matches!(call.input, Input::None));
    let pinned = Pinned { context, call };
    let verdict = invoke(context, call, ssl, preverify as usize);
    drop(pinned);
    verdict
}

/// The request that is asked stays until the answer is there, however that comes.
struct Pinned<'a> {
    context: &'a Arc<Context>,
    call: &'a Call,
}

impl Drop for Pinned<'_> {
    fn drop(&mut self) {
        if let crate::engine::call::Who::Request(key) = self.call.who {
            self.context.hold().returned(key, self.call.reason, 0);
        }
    }
}

/// The transport is out; if an exception comes through, it comes back as a failed one.
struct Out<'a> {
    context: &'a Arc<Context>,
    conn: Key<Conn>,
    transport: Option<Transport>,
}

impl Drop for Out<'_> {
    fn drop(&mut self) {
        if let Some(transport) = self.transport.take() {
            let outcome = Handshake::Refused(
                "tls: the program's certificate check threw an exception".into(),
            );
            let done = Done::Shook {
                conn: self.conn,
                transport,
                outcome,
            };
            self.context.hold().finish_step(done, now());
        }
    }
}

fn handshake(context: &Arc<Context>, conn: Key<Conn>, transport: Transport) {
    let mut out = Out {
        context,
        conn,
        transport: Some(transport),
    };
    let mut asking = Asking { context, conn };
    let Some(transport) = out.transport.as_mut() else {
        return;
    };
    let outcome = transport.handshake(&mut asking);
    let Some(transport) = out.transport.take() else {
        return;
    };
    let done = Done::Shook {
        conn,
        transport,
        outcome,
    };
    context.hold().finish_step(done, now());
}
