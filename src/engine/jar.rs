//! The only place that has the cookies of a context: requests with LCCSCF_CACHE_COOKIES bring them, and take them along.

use std::borrow::Cow;
use std::path::Path;
use std::sync::Arc;

use super::call::Notice;
use super::exchange::SECOND;
use super::matching::Place;
use super::table::Key;
use super::wsi::Wsi;
use super::{Engine, Fire};
use crate::proto::cookies::{Cookies, Limits, Site};
use crate::proto::h1::{cookie_pairs, with_cookie};

/// Cookies, and the file that outlives them.
#[derive(Default)]
pub(crate) struct Jar {
    cookies: Cookies,
    /// Seconds since 1970.
    clock: Option<fn() -> i64>,
    file: Option<Arc<Path>>,
    /// The file does not have what is here.
    changed: bool,
    /// A timer will see to that.
    timed: bool,
}

impl Jar {
    pub(crate) fn new(limits: Limits, clock: fn() -> i64) -> Self {
        Self {
            cookies: Cookies::new(limits),
            clock: Some(clock),
            ..Self::default()
        }
    }

    /// What was kept before, and is kept from now on.
    pub(crate) fn keep_in(&mut self, file: Arc<Path>, kept: &[u8]) {
        let now = self.now();
        self.cookies.load(kept, now);
        self.file = Some(file);
    }

    /// What is to be written, and where to, when the file is not as it should be.
    pub(crate) fn unsaved(&mut self) -> Option<(Arc<Path>, Vec<u8>)> {
        self.timed = false;
        let file = self.file.clone().filter(|_| self.changed)?;
        self.changed = false;
        Some((file, self.cookies.file(self.now())))
    }

    /// That did not work: the next change, or the end, tries again.
    pub(crate) fn not_saved(&mut self) {
        self.changed = true;
    }

    fn now(&self) -> i64 {
        self.clock.map_or(0, |clock| clock())
    }
}

impl Engine {
    /// The head of a response is in.
    pub(crate) fn keep_cookies(&mut self, key: Key<Wsi>) {
        let Some(wsi) = self.wsis.get(key).filter(|wsi| wsi.ask.cookies) else {
            return;
        };
        let Some(response) = &wsi.response else {
            return;
        };
        let place = self.identities.get(wsi.identity).place();
        let host = host(&place);
        let from = site(&host, &place, wsi);
        let now = self.jar.now();
        for line in response.headers.by_name(b"set-cookie") {
            self.jar.changed |= self.jar.cookies.set(line, &from, now);
        }
        let saves = self.jar.changed && self.jar.file.is_some() && !self.jar.timed;
        if saves {
            // Many change many in a row: one write is for all of a second.
            self.jar.timed = true;
            self.timers.schedule(self.now + SECOND, Fire::Cookies);
        }
    }

    /// The lines of a request, with the cookies for where it goes. The program's own pairs come first, and win over those of the same name.
    pub(crate) fn add_cookies<'a>(&mut self, key: Key<Wsi>, lines: &'a [u8]) -> Cow<'a, [u8]> {
        let Some(wsi) = self.wsis.get(key).filter(|wsi| wsi.ask.cookies) else {
            return lines.into();
        };
        let place = self.identities.get(wsi.identity).place();
        let host = host(&place);
        let to = site(&host, &place, wsi);
        let now = self.jar.now();
        match self.jar.cookies.header(&to, &cookie_pairs(lines), now) {
            Some(line) => with_cookie(lines, &line).into(),
            None => lines.into(),
        }
    }

    /// The timer's turn.
    pub(crate) fn save_cookies(&mut self) {
        self.notify(Notice::Cookies);
    }
}

fn host(place: &Place<'_>) -> String {
    place.tls_name().to_ascii_lowercase()
}

fn site<'a>(host: &'a str, place: &Place<'_>, wsi: &'a Wsi) -> Site<'a> {
    let target = wsi.ask.target();
    Site {
        host,
        path: target.split('?').next().unwrap_or(target),
        secure: place.tls,
    }
}
