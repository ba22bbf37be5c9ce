//! The only place that knows the answers that are the same over h1 and h2: a status, some fields and a body.

/// The words of a target's path; a query is ignored.
pub(crate) struct Words<'a>(Vec<&'a str>);

impl<'a> Words<'a> {
    pub(crate) fn of(target: &'a str) -> Self {
        let path = target.split('?').next().unwrap_or("");
        Self(path.split('/').skip(1).collect())
    }

    /// Empty when there are not so many.
    pub(crate) fn word(&self, n: usize) -> &'a str {
        self.0.get(n).copied().unwrap_or("")
    }

    /// 0 when it is no number.
    pub(crate) fn number<N: std::str::FromStr + Default>(&self, n: usize) -> N {
        self.word(n).parse().unwrap_or_default()
    }

    pub(crate) fn from(&self, n: usize) -> &[&'a str] {
        self.0.get(n..).unwrap_or(&[])
    }
}

pub(crate) struct Plain {
    pub(crate) status: u16,
    pub(crate) fields: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Plain {
    pub(crate) fn ok(body: impl Into<Vec<u8>>) -> Self {
        Self {
            status: 200,
            fields: Vec::new(),
            body: body.into(),
        }
    }

    /// What `words` ask for; the body is their own target when they ask for nothing that is known here.
    pub(crate) fn of(words: &Words<'_>, own: &str, head: &[u8], body: Vec<u8>) -> Self {
        match words.word(0) {
            "len" => Self::ok(pattern(words.number(1))),
            "echo" => Self::ok(body),
            "headers" => Self::ok(head),
            "set" => (3..)
                .step_by(2)
                .take_while(|n| !words.word(*n).is_empty())
                .fold(
                    Self::ok(own).with(words.word(1), words.word(2)),
                    |plain, n| plain.with(words.word(n), words.word(n + 1)),
                ),
            "cl0" => Self::ok(""),
            "early" => Self::ok("too soon"),
            "status" => Self {
                status: words.number(1),
                ..Self::ok(own)
            },
            "redirect" => redirect(words),
            _ => Self::ok(own),
        }
    }

    pub(crate) fn with(mut self, name: &str, value: impl ToString) -> Self {
        self.fields.push((name.to_owned(), value.to_string()));
        self
    }
}

/// `/redirect` to /ok, `/redirect/307` to /ok, `/redirect/302/a/b` to /a/b, `/redirect/302/none` without a Location,
/// `/redirect/302/big` to /ok with a body of 1 MiB, `/redirect/302/to/TEXT` to TEXT without its percent encoding.
fn redirect(words: &Words<'_>) -> Plain {
    let plain = Plain {
        status: words.word(1).parse().unwrap_or(302),
        ..Plain::ok("elsewhere")
    };
    match words.from(2) {
        ["none"] => plain,
        ["big"] => Plain {
            body: pattern(1 << 20),
            ..plain.with("Location", "/ok")
        },
        ["to", text] => plain.with("Location", decoded(text)),
        [] => plain.with("Location", "/ok"),
        rest => plain.with("Location", format_args!("/{}", rest.join("/"))),
    }
}

/// Without percent encoding.
fn decoded(text: &str) -> String {
    let mut parts = text.split('%');
    let mut out: String = parts.next().unwrap_or("").into();
    for part in parts {
        let byte = part
            .get(..2)
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        out.push(byte.map_or('?', char::from));
        out.push_str(part.get(2..).unwrap_or(""));
    }
    out
}

/// abc...z over and over.
pub(crate) fn pattern(n: usize) -> Vec<u8> {
    (b'a'..=b'z').cycle().take(n).collect()
}
