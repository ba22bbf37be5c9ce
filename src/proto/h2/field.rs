//! The only place that says what a response field's name and value may be (RFC 9113 §8.2, §8.3).

/// What a name is to us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Name {
    Plain,
    /// `:status`
    Status,
    /// §8.3: any other name with a colon in front.
    Pseudo,
    ContentLength,
    /// §8.2.2: fields about a connection, which this protocol says by other means.
    Connection,
    /// §8.2.2: may say `trailers` only.
    Te,
    /// §8.2.1: a byte that no field name has; upper case is one.
    Malformed,
}

/// Const: the static table's names are judged when the crate is compiled.
pub(super) const fn name(name: &[u8]) -> Name {
    match name {
        b":status" => Name::Status,
        [b':', ..] => Name::Pseudo,
        b"content-length" => Name::ContentLength,
        b"te" => Name::Te,
        b"connection" | b"keep-alive" | b"proxy-connection" | b"transfer-encoding" | b"upgrade" => {
            Name::Connection
        }
        _ if is_token(name) => Name::Plain,
        _ => Name::Malformed,
    }
}

/// §8.2.1: no CR, LF or NUL, and no blank at either end.
#[inline]
pub(super) fn value_is_clean(value: &[u8]) -> bool {
    let splits = |found: bool, b: &u8| found | matches!(b, b'\r' | b'\n' | 0);
    let blank = |b: &u8| matches!(b, b' ' | b'\t');
    !value.iter().fold(false, splits)
        && !value.first().is_some_and(blank)
        && !value.last().is_some_and(blank)
}

const fn is_token(name: &[u8]) -> bool {
    let mut at = 0;
    while at < name.len() {
        if !TOKEN[name[at] as usize] {
            return false;
        }
        at += 1;
    }
    !name.is_empty()
}

/// RFC 9110 §5.6.2 without the capitals.
static TOKEN: [bool; 256] = {
    let mut table = [false; 256];
    let mut b = 0;
    while b < 256 {
        table[b] = matches!(b as u8,
            b'a'..=b'z' | b'0'..=b'9' | b'!' | b'#' | b'$' | b'%' | b'&' | b'\'' | b'*' | b'+' | b'-' | b'.'
            | b'^' | b'_' | b'`' | b'|' | b'~');
        b += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_told_apart() {
        for (text, what) in [
            ("server", Name::Plain),
            ("x-a_1.~", Name::Plain),
            (":status", Name::Status),
            (":path", Name::Pseudo),
            (":", Name::Pseudo),
            ("content-length", Name::ContentLength),
            ("te", Name::Te),
            ("connection", Name::Connection),
            ("transfer-encoding", Name::Connection),
            ("", Name::Malformed),
            ("Server", Name::Malformed),
            ("a b", Name::Malformed),
            ("a:", Name::Malformed),
            ("\u{e4}", Name::Malformed),
        ] {
            assert_eq!(name(text.as_bytes()), what, "{text:?}");
        }
    }

    #[test]
    fn values_are_one_line_without_blanks_around() {
        for clean in [&b""[..], b"a b\tc", b"\xe4", b"x"] {
            assert!(value_is_clean(clean), "{clean:?}");
        }
        for bad in [&b"a\rb"[..], b"\n", b"\0", b" a", b"a ", b"\ta", b"a\t"] {
            assert!(!value_is_clean(bad), "{bad:?}");
        }
    }
}
