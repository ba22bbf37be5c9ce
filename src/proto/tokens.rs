//! The only place that knows the header tokens: their numbers, their texts, and which name is which.

use std::ffi::CStr;

/// A `WSI_TOKEN_*` number of the 4.3.5 header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Token(u8);

impl Token {
    /// The status line after the version, "200 OK", of an HTTP/1.1 response.
    pub(crate) const HTTP: Self = Self(15);
    #[cfg(test)]
    pub(crate) const CONTENT_LENGTH: Self = Self(27);
    /// As `HTTP`, of an HTTP/1.0 response.
    pub(crate) const HTTP1_0: Self = Self(79);

    /// A number that came from C: a header's, or one of those that describe the request (up to CLIENT_ALPN).
    pub(crate) fn from_int(n: i32) -> Option<Self> {
        u8::try_from(n).ok().filter(|n| *n < COUNT).map(Self)
    }

    /// The token of a header name (without its colon) or of an h2 pseudo header; case does not matter.
    #[inline]
    pub(crate) fn of_name(name: &[u8]) -> Option<Self> {
        let (token, known) = candidate(name)?;
        known.eq_ignore_ascii_case(name).then_some(token)
    }

    #[cfg(test)]
    pub(crate) fn as_int(self) -> i32 {
        i32::from(self.0)
    }

    /// What stands on the wire: a header's name with its colon, others as they are.
    ///
    /// lws: lws_token_to_string()
    pub(crate) fn text(self) -> Option<&'static CStr> {
        TEXTS.get(usize::from(self.0)).copied()
    }

    /// The header it is, in lower case and without the colon; None for what is no header.
    pub(crate) fn name(self) -> Option<&'static [u8]> {
        let name = *NAMES.get(usize::from(self.0))?;
        (!name.is_empty()).then_some(name)
    }
}

/// The one token that `name` can be: the table has no two names in one slot.
#[inline]
fn candidate(name: &[u8]) -> Option<(Token, &'static [u8])> {
    let &[first, ..] = name else { return None };
    let (&last, &middle) = (name.last()?, name.get(name.len() / 2)?);
    let token = *SLOTS.get(slot(name.len(), first, middle, last))?;
    let known = *NAMES.get(usize::from(token))?;
    Some((Token(token), known))
}

/// The multipliers were searched for: no two known names meet. A new name that does fails to compile.
#[inline]
const fn slot(len: usize, first: u8, middle: u8, last: u8) -> usize {
    // | 0x20 makes letters lower case and leaves '-', ':' and digits as they are.
    let (first, middle, last) = (
        (first | 0x20) as usize,
        (middle | 0x20) as usize,
        (last | 0x20) as usize,
    );
    len.wrapping_mul(233)
        .wrapping_add(first * 246)
        .wrapping_add(last * 98)
        .wrapping_add(middle * 31)
        % SLOT_COUNT
}

const SLOT_COUNT: usize = 256;

/// One past the last number a program may ask for (WSI_TOKEN_COUNT).
const COUNT: u8 = 96;

/// A slot that holds no token; also beyond the end of NAMES.
const NONE: u8 = u8::MAX;

/// What each number's header is called, empty where the number is no header.
static NAMES: [&[u8]; TEXTS.len()] = {
    let mut names: [&[u8]; TEXTS.len()] = [b""; TEXTS.len()];
    let mut n = 0;
    while n < TEXTS.len() {
        names[n] = match TEXTS[n].to_bytes() {
            pseudo @ [b':', ..] => pseudo,
            [name @ .., b':'] => name,
            _ => b"",
        };
        n += 1;
    }
    names
};

static SLOTS: [u8; SLOT_COUNT] = {
    let mut slots = [NONE; SLOT_COUNT];
    let mut n = 0;
    while n < NAMES.len() {
        if let [first, .., last] = NAMES[n] {
            let at = slot(NAMES[n].len(), *first, NAMES[n][NAMES[n].len() / 2], *last);
            assert!(slots[at] == NONE, "two header names in one slot");
            slots[at] = n as u8;
        }
        n += 1;
    }
    slots
};

/// By number.
static TEXTS: [&CStr; 89] = [
    c"get ",
    c"post ",
    c"options ",
    c"host:",
    c"connection:",
    c"upgrade:",
    c"origin:",
    c"sec-websocket-draft:",
    c"\r\n",
    c"sec-websocket-extensions:",
    c"sec-websocket-key1:",
    c"sec-websocket-key2:",
    c"sec-websocket-protocol:",
    c"sec-websocket-accept:",
    c"sec-websocket-nonce:",
    c"http/1.1 ",
    c"http2-settings:",
    c"accept:",
    c"access-control-request-headers:",
    c"if-modified-since:",
    c"if-none-match:",
    c"accept-encoding:",
    c"accept-language:",
    c"pragma:",
    c"cache-control:",
    c"authorization:",
    c"cookie:",
    c"content-length:",
    c"content-type:",
    c"date:",
    c"range:",
    c"referer:",
    c"sec-websocket-key:",
    c"sec-websocket-version:",
    c"sec-websocket-origin:",
    c":authority",
    c":method",
    c":path",
    c":scheme",
    c":status",
    c"accept-charset:",
    c"accept-ranges:",
    c"access-control-allow-origin:",
    c"age:",
    c"allow:",
    c"content-disposition:",
    c"content-encoding:",
    c"content-language:",
    c"content-location:",
    c"content-range:",
    c"etag:",
    c"expect:",
    c"expires:",
    c"from:",
    c"if-match:",
    c"if-range:",
    c"if-unmodified-since:",
    c"last-modified:",
    c"link:",
    c"location:",
    c"max-forwards:",
    c"proxy-authenticate:",
    c"proxy-authorization:",
    c"refresh:",
    c"retry-after:",
    c"server:",
    c"set-cookie:",
    c"strict-transport-security:",
    c"transfer-encoding:",
    c"user-agent:",
    c"vary:",
    c"via:",
    c"www-authenticate:",
    c"patch",
    c"put",
    c"delete",
    c"uri-args",
    c"proxy ",
    c"x-real-ip:",
    c"http/1.0 ",
    c"x-forwarded-for:",
    c"connect ",
    c"head ",
    c"te:",
    c"replay-nonce:",
    c":protocol",
    c"x-auth-token:",
    c"x-amzn-dss-signature:",
    c"",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_header_name_is_found_in_any_case_and_nothing_else_is() {
        let mut found = 0;
        for (n, name) in NAMES
            .iter()
            .enumerate()
            .filter(|(_, name)| !name.is_empty())
        {
            let token = Token::of_name(name).expect("a known name");
            assert_eq!(token.as_int() as usize, n);
            assert_eq!(Token::of_name(&name.to_ascii_uppercase()), Some(token));
            assert_eq!(token.name(), Some(*name));
            let longer = [name, &b"x"[..]].concat();
            assert_eq!(Token::of_name(&longer), None);
            found += 1;
        }
        assert_eq!(found, 75);
        for unknown in [
            "",
            "x",
            ":",
            "content-lengti",
            "content_length",
            "get ",
            "\r\n",
            "patch",
        ] {
            assert_eq!(Token::of_name(unknown.as_bytes()), None, "{unknown}");
        }
    }

    #[test]
    fn numbers_and_texts_are_those_of_the_header() {
        for (n, text) in [
            (3, c"host:"),
            (8, c"\r\n"),
            (15, c"http/1.1 "),
            (27, c"content-length:"),
            (39, c":status"),
            (59, c"location:"),
            (68, c"transfer-encoding:"),
            (73, c"patch"),
            (79, c"http/1.0 "),
            (87, c"x-amzn-dss-signature:"),
            (88, c""),
        ] {
            assert_eq!(Token::from_int(n).and_then(Token::text), Some(text));
        }
        assert_eq!(Token::from_int(95).and_then(Token::text), None);
        assert_eq!(Token::from_int(96), None);
        assert_eq!(Token::from_int(-1), None);
    }
}
