//! The only place that knows what of permessage-deflate was offered, and whether the answer agrees (RFC 7692 §7.1).

/// One offer, as `client_offer` of a `struct lws_extension` has it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Options {
    pub(crate) server_no_context_takeover: bool,
    pub(crate) client_no_context_takeover: bool,
    /// 15 where it is named without a value, which asks for nothing.
    pub(crate) server_max_window_bits: Option<u8>,
    /// 15 where it is named without a value: any answer will do.
    pub(crate) client_max_window_bits: Option<u8>,
}

/// What holds for the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Agreed {
    /// The peer begins each message anew.
    pub(crate) server_no_context_takeover: bool,
    /// We do.
    pub(crate) client_no_context_takeover: bool,
    /// 8 to 15: how far back the peer refers.
    pub(crate) server_max_window_bits: u8,
    /// 8 to 15: how far back we may refer.
    pub(crate) client_max_window_bits: u8,
}

impl Options {
    /// Reads an offer: "permessage-deflate; client_no_context_takeover; client_max_window_bits".
    pub(crate) fn parse(offer: &str) -> Result<Self, &'static str> {
        let mut reader = Reader(offer);
        let name = reader.token().ok_or(BAD_OFFER)?;
        let params = reader.params().map_err(|_| BAD_OFFER)?;
        if name != NAME || !reader.is_at_end() {
            return Err(BAD_OFFER);
        }
        Ok(Self {
            server_no_context_takeover: params.server_no_context_takeover,
            client_no_context_takeover: params.client_no_context_takeover,
            server_max_window_bits: params.server_max_window_bits.map(Bits::or_most),
            client_max_window_bits: params.client_max_window_bits.map(Bits::or_most),
        })
    }
}

impl Agreed {
    /// Reads the values of Sec-WebSocket-Extensions, joined by commas: none when the peer wants no compression.
    ///
    /// `offered` is none when nothing was offered. A peer that leaves out what it was asked of itself is believed: what
    /// it sends can be inflated all the same.
    pub(crate) fn parse(
        answer: &str,
        offered: Option<&Options>,
    ) -> Result<Option<Self>, &'static str> {
        let mut reader = Reader(answer);
        let mut agreed = None;
        loop {
            // RFC 9110 §5.6.1.2: a list may have empty members.
            while reader.take(',') {}
            if reader.is_at_end() {
                return Ok(agreed);
            }
            let name = reader.token().ok_or(BAD_SYNTAX)?;
            // RFC 6455 §9.1
            let offer = offered.filter(|_| name == NAME).ok_or(NOT_OFFERED)?;
            let params = reader.params()?;
            if agreed.is_some() {
                return Err(REJECTED);
            }
            agreed = Some(Self::check(&params, offer)?);
            if !reader.is_at_end() && !reader.take(',') {
                return Err(BAD_SYNTAX);
            }
        }
    }

    /// RFC 7692 §7.1.1, §7.1.2
    fn check(params: &Params, offer: &Options) -> Result<Self, &'static str> {
        let server = value(params.server_max_window_bits)?;
        let client = value(params.client_max_window_bits)?;
        let asked = offer.server_max_window_bits.unwrap_or(MOST);
        if server.is_some_and(|bits| bits > asked) {
            return Err(REJECTED);
        }
        if client.is_some() && offer.client_max_window_bits.is_none() {
            return Err(REJECTED);
        }
        // §7.1.2.2: a value in the offer is what we keep to, whatever the answer.
        let ours = offer.client_max_window_bits.unwrap_or(MOST);
        Ok(Self {
            server_no_context_takeover: params.server_no_context_takeover,
            // §7.1.1.2: an offer with it is a promise, whether or not the answer has it.
            client_no_context_takeover: params.client_no_context_takeover
                || offer.client_no_context_takeover,
            server_max_window_bits: server.unwrap_or(MOST),
            client_max_window_bits: ours.min(client.unwrap_or(MOST)),
        })
    }
}

/// In an answer the value must be there.
fn value(bits: Option<Bits>) -> Result<Option<u8>, &'static str> {
    match bits {
        Some(Bits::Unsaid) => Err(BAD_SYNTAX),
        Some(Bits::Of(bits)) => Ok(Some(bits)),
        None => Ok(None),
    }
}

/// The parameters of one extension, as they were written.
#[derive(Default)]
struct Params {
    server_no_context_takeover: bool,
    client_no_context_takeover: bool,
    server_max_window_bits: Option<Bits>,
    client_max_window_bits: Option<Bits>,
}

#[derive(Clone, Copy)]
enum Bits {
    /// The name stands alone.
    Unsaid,
    Of(u8),
}

impl Bits {
    fn or_most(self) -> u8 {
        match self {
            Self::Unsaid => MOST,
            Self::Of(bits) => bits,
        }
    }

    /// `written` may have backslashes, which stand for nothing (RFC 9110 §5.6.4).
    fn parse(written: &str) -> Result<Self, &'static str> {
        let digits = || unescaped(written);
        if digits().next().is_none() || !digits().all(|byte| byte.is_ascii_digit()) {
            return Err(BAD_SYNTAX);
        }
        // RFC 7692 §7.1.2: without leading zeros.
        if digits().next() == Some(b'0') && digits().count() > 1 {
            return Err(BAD_SYNTAX);
        }
        let number = digits().fold(0_u8, |sum, digit| {
            sum.saturating_mul(10).saturating_add(digit - b'0')
        });
        match number {
            LEAST..=MOST => Ok(Self::Of(number)),
            _ => Err(REJECTED),
        }
    }
}

impl Params {
    fn put(&mut self, name: &str, written: Option<&str>) -> Result<(), &'static str> {
        match name {
            "server_no_context_takeover" => flag(&mut self.server_no_context_takeover, written),
            "client_no_context_takeover" => flag(&mut self.client_no_context_takeover, written),
            "server_max_window_bits" => bits(&mut self.server_max_window_bits, written),
            "client_max_window_bits" => bits(&mut self.client_max_window_bits, written),
            // RFC 7692 §7.1
            _ => Err(BAD_SYNTAX),
        }
    }
}

fn flag(slot: &mut bool, written: Option<&str>) -> Result<(), &'static str> {
    if written.is_some() {
        return Err(BAD_SYNTAX);
    }
    // RFC 7692 §7.1: each once at most.
    if *slot {
        return Err(REJECTED);
    }
    *slot = true;
    Ok(())
}

fn bits(slot: &mut Option<Bits>, written: Option<&str>) -> Result<(), &'static str> {
    let bits = written.map_or(Ok(Bits::Unsaid), Bits::parse)?;
    match slot.replace(bits) {
        Some(_) => Err(REJECTED),
        None => Ok(()),
    }
}

/// What is left of a list of extensions (RFC 6455 §9.1). Blanks may be between any two parts.
struct Reader<'a>(&'a str);

impl<'a> Reader<'a> {
    fn is_at_end(&mut self) -> bool {
        self.skip_blanks();
        self.0.is_empty()
    }

    fn skip_blanks(&mut self) {
        self.0 = self.0.trim_start_matches([' ', '\t']);
    }

    fn take(&mut self, mark: char) -> bool {
        self.skip_blanks();
        let rest = self.0.strip_prefix(mark);
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }

    fn token(&mut self) -> Option<&'a str> {
        self.skip_blanks();
        let end = self.0.bytes().position(|byte| !is_tchar(byte));
        let (token, rest) = self.0.split_at_checked(end.unwrap_or(self.0.len()))?;
        self.0 = rest;
        (!token.is_empty()).then_some(token)
    }

    /// The inside of a quoted string, behind its first mark. RFC 6455 §9.1: unescaped it has to be a token.
    fn quoted(&mut self) -> Option<&'a str> {
        let mut escaped = false;
        let end = self.0.bytes().position(|byte| {
            let is_mark = byte == b'"' && !escaped;
            escaped = byte == b'\\' && !escaped;
            is_mark
        })?;
        let (inside, rest) = self.0.split_at_checked(end)?;
        self.0 = rest.strip_prefix('"')?;
        let is_token = unescaped(inside).all(is_tchar);
        (!inside.is_empty() && is_token).then_some(inside)
    }

    /// All that follows a name, up to a comma or the end.
    fn params(&mut self) -> Result<Params, &'static str> {
        let mut params = Params::default();
        while self.take(';') {
            let name = self.token().ok_or(BAD_SYNTAX)?;
            let mut written = None;
            if self.take('=') {
                let value = if self.take('"') {
                    self.quoted()
                } else {
                    self.token()
                };
                written = Some(value.ok_or(BAD_SYNTAX)?);
            }
            params.put(name, written)?;
        }
        Ok(params)
    }
}

fn unescaped(written: &str) -> impl Iterator<Item = u8> {
    let mut bytes = written.bytes();
    std::iter::from_fn(move || match bytes.next()? {
        b'\\' => bytes.next(),
        byte => Some(byte),
    })
}

/// RFC 9110 §5.6.2
fn is_tchar(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

const NAME: &str = "permessage-deflate";

/// RFC 7692 §7.1.2
const LEAST: u8 = 8;
const MOST: u8 = 15;

const BAD_OFFER: &str = "HS: EXT: failed parsing defaults";
const NOT_OFFERED: &str = "HS: EXT: unknown ext";
const BAD_SYNTAX: &str = "HS: EXT: failed parsing options";
const REJECTED: &str = "HS: EXT: Rejects server options";
