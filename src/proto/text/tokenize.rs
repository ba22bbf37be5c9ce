//! The only place that cuts a text into tokens, numbers, quoted strings and delimiters: one machine for each, fed byte by byte.

/// What lws_tokenize() answers; the numbers are C's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Elem {
    BrokenUtf8 = -5,
    UnterminatedString = -4,
    MalformedFloat = -3,
    NumberOnLeft = -2,
    CommaList = -1,
    Ended = 0,
    Delimiter = 1,
    Token = 2,
    Integer = 3,
    Float = 4,
    NameEquals = 5,
    NameColon = 6,
    QuotedString = 7,
}

/// What a comma-separated list needs next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Need {
    FirstContent = 0,
    Delimiter = 1,
    NextContent = 2,
}

impl Need {
    pub(crate) fn from_int(n: u8) -> Self {
        match n {
            1 => Self::Delimiter,
            2 => Self::NextContent,
            _ => Self::FirstContent,
        }
    }
}

/// LWS_TOKENIZE_F_ flags, by their numbers in C.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rules(pub(crate) u16);

impl Rules {
    pub(crate) const MINUS_NONTERM: u16 = 1 << 0;
    pub(crate) const AGG_COLON: u16 = 1 << 1;
    pub(crate) const COMMA_SEP_LIST: u16 = 1 << 2;
    pub(crate) const RFC7230_DELIMS: u16 = 1 << 3;
    pub(crate) const DOT_NONTERM: u16 = 1 << 4;
    pub(crate) const NO_FLOATS: u16 = 1 << 5;
    pub(crate) const NO_INTEGERS: u16 = 1 << 6;
    pub(crate) const HASH_COMMENT: u16 = 1 << 7;
    pub(crate) const SLASH_NONTERM: u16 = 1 << 8;
    pub(crate) const ASTERISK_NONTERM: u16 = 1 << 9;
    pub(crate) const EQUALS_NONTERM: u16 = 1 << 10;
    pub(crate) const COLON_NONTERM: u16 = 1 << 11;

    fn has(self, flag: u16) -> bool {
        self.0 & flag != 0
    }

    /// Whether it stands alone, and ends the token before it.
    fn is_delimiter(self, byte: u8) -> bool {
        let part_of_token = match byte {
            b'-' => Self::MINUS_NONTERM,
            b'.' => Self::DOT_NONTERM,
            b'/' => Self::SLASH_NONTERM,
            b'=' => Self::EQUALS_NONTERM,
            b':' => Self::COLON_NONTERM,
            b'*' => Self::ASTERISK_NONTERM,
            _ => 0,
        };
        match byte {
            _ if self.has(part_of_token) => false,
            // lws: these two are, in both sets, unless their flags say otherwise.
            b'-' | b'.' => true,
            _ if self.has(Self::RFC7230_DELIMS) => b"(),/:;<=>?@[\\]{}".contains(&byte),
            // A character that is not ASCII is part of a token, all of it.
            _ => byte.is_ascii() && !byte.is_ascii_alphanumeric() && byte != b'_',
        }
    }
}

/// What the machine wants after a byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    More,
    /// That was it, with the byte.
    Done(Elem),
    /// That was it, and the byte belongs to what follows.
    DoneBefore(Elem),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Before,
    Quoted,
    Token,
    /// White space follows the token: a = or : may come.
    Behind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Number {
    Unknown,
    No,
    Integer,
    Float,
}

/// One element in the making.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tokenizer {
    rules: Rules,
    /// To be kept for the next element.
    pub(crate) need: Need,
    state: State,
    number: Number,
    /// Bytes of a character that are still to come, and the range that the next one is in.
    utf8: (u8, u8, u8),
    in_comment: bool,
    /// How many bytes it was fed.
    at: usize,
    /// Where the element begins, and its length.
    pub(crate) start: usize,
    pub(crate) len: usize,
}

impl Tokenizer {
    pub(crate) fn new(rules: Rules, need: Need) -> Self {
        Self {
            rules,
            need,
            state: State::Before,
            number: match rules.has(Rules::NO_INTEGERS) {
                true => Number::No,
                false => Number::Unknown,
            },
            utf8: (0, 0, 0),
            in_comment: false,
            at: 0,
            start: 0,
            len: 0,
        }
    }

    /// The next byte of the text, which has no NUL.
    pub(crate) fn feed(&mut self, byte: u8) -> Step {
        self.at += 1;
        if !self.is_utf8(byte) {
            return Step::Done(Elem::BrokenUtf8);
        }
        let quoted = self.state == State::Quoted;
        if self.in_comment || (!quoted && byte == b'#' && self.rules.has(Rules::HASH_COMMENT)) {
            self.in_comment = !matches!(byte, b'\r' | b'\n');
            if self.in_comment {
                return Step::More;
            }
        }
        match byte {
            b' ' | b'\t' | b'\n' | b'\r' | 0x0c => self.white_space(),
            b'"' => self.quote(),
            _ if quoted => self.grow(),
            _ => self.other(byte),
        }
    }

    /// What it is when the text ends here.
    pub(crate) fn end(&self) -> Elem {
        if self.utf8.0 > 0 {
            return Elem::BrokenUtf8;
        }
        match self.state {
            State::Quoted => Elem::UnterminatedString,
            State::Token | State::Behind => self.token(),
            State::Before if self.is_list() && self.need == Need::NextContent => Elem::CommaList,
            State::Before => Elem::Ended,
        }
    }

    fn is_list(&self) -> bool {
        self.rules.has(Rules::COMMA_SEP_LIST)
    }

    fn in_token(&self) -> bool {
        matches!(self.state, State::Token | State::Behind)
    }

    fn token(&self) -> Elem {
        match self.number {
            Number::Integer => Elem::Integer,
            Number::Float => Elem::Float,
            _ => Elem::Token,
        }
    }

    fn grow(&mut self) -> Step {
        self.len += 1;
        Step::More
    }

    fn white_space(&mut self) -> Step {
        match self.state {
            State::Quoted => return self.grow(),
            State::Token => self.state = State::Behind,
            State::Before | State::Behind => {}
        }
        Step::More
    }

    fn quote(&mut self) -> Step {
        if self.state == State::Quoted {
            return Step::Done(Elem::QuotedString);
        }
        // lws: a token that was not ended by a delimiter is dropped.
        if !self.take_content() {
            return Step::Done(Elem::CommaList);
        }
        self.state = State::Quoted;
        self.start = self.at;
        self.len = 0;
        Step::More
    }

    /// Neither white space, nor a quote, nor inside of quotes.
    fn other(&mut self, byte: u8) -> Step {
        let number = matches!(self.number, Number::Integer | Number::Float);
        match byte {
            b'=' if self.in_token() && !self.rules.has(Rules::EQUALS_NONTERM) => {
                return Step::Done(match number {
                    true => Elem::NumberOnLeft,
                    false => Elem::NameEquals,
                });
            }
            b':' if self.in_token() && self.rules.has(Rules::AGG_COLON) => {
                return Step::Done(Elem::NameColon);
            }
            b'.' if self.state == State::Token && number && !self.rules.has(Rules::NO_FLOATS) => {
                if self.number == Number::Float {
                    return Step::Done(Elem::MalformedFloat);
                }
                self.number = Number::Float;
                return self.grow();
            }
            _ if self.rules.is_delimiter(byte) => return self.delimiter(byte),
            _ => {}
        }
        self.payload(byte)
    }

    fn delimiter(&mut self, byte: u8) -> Step {
        if self.in_token() {
            return Step::DoneBefore(self.token());
        }
        if self.is_list() {
            if byte != b',' || self.need != Need::Delimiter {
                return Step::Done(Elem::CommaList);
            }
            self.need = Need::NextContent;
        }
        self.start = self.at - 1;
        self.len = 1;
        Step::Done(Elem::Delimiter)
    }

    fn payload(&mut self, byte: u8) -> Step {
        match self.state {
            State::Behind => return Step::DoneBefore(self.token()),
            State::Token | State::Quoted => self.len += 1,
            State::Before => {
                if !self.take_content() {
                    return Step::Done(Elem::CommaList);
                }
                self.state = State::Token;
                self.start = self.at - 1;
                self.len = 1;
            }
        }
        if !byte.is_ascii_digit() {
            self.number = Number::No;
        } else if self.number == Number::Unknown {
            self.number = Number::Integer;
        }
        Step::More
    }

    /// `false`: the list needs a comma first.
    fn take_content(&mut self) -> bool {
        if self.is_list() {
            if self.need == Need::Delimiter {
                return false;
            }
            self.need = Need::Delimiter;
        }
        true
    }

    /// RFC 3629 section 4.
    fn is_utf8(&mut self, byte: u8) -> bool {
        const TAIL: (u8, u8) = (0x80, 0xbf);
        let (missing, low, high) = self.utf8;
        self.utf8 = match (missing, byte) {
            (1.., byte) if byte < low || byte > high => return false,
            (1.., _) => (missing - 1, TAIL.0, TAIL.1),
            (0, ..0x80) => (0, 0, 0),
            (0, 0xc2..=0xdf) => (1, TAIL.0, TAIL.1),
            (0, 0xe0) => (2, 0xa0, TAIL.1),
            (0, 0xed) => (2, TAIL.0, 0x9f),
            (0, 0xe1..=0xef) => (2, TAIL.0, TAIL.1),
            (0, 0xf0) => (3, 0x90, TAIL.1),
            (0, 0xf1..=0xf3) => (3, TAIL.0, TAIL.1),
            (0, 0xf4) => (3, TAIL.0, 0x8f),
            _ => return false,
        };
        true
    }
}
