//! The only place that looks for a text in another.

/// Where `needle` begins; None also for an empty one.
pub(crate) fn find(text: &[u8], needle: &[u8]) -> Option<usize> {
    if needle.is_empty() {
        return None;
    }
    text.windows(needle.len()).position(|at| at == needle)
}

/// The value behind the first `name` (with its quotes and colon) of flat JSON: of a string what is between its quotes, escapes as
/// they stand; of anything else what there is up to `,`, `]` or `}`. It is no parser: a `name` inside of a string counts too.
pub(crate) fn json_value<'a>(text: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let behind = text.get(find(text, name)? + name.len()..)?;
    let start = behind.iter().position(|b| !matches!(b, b' ' | b'\t'))?;
    let value = behind.get(start..)?;
    let Some(string) = value.strip_prefix(b"\"") else {
        let end = value.iter().position(|b| matches!(b, b',' | b']' | b'}'));
        return value.get(..end.unwrap_or(value.len()));
    };
    let mut escaped = false;
    let end = string.iter().position(|byte| {
        let ends = !escaped && *byte == b'"';
        escaped = !escaped && *byte == b'\\';
        ends
    });
    string.get(..end.unwrap_or(string.len()))
}

/// Whether `text` is what `pattern` says, where `*` stands for any characters, or none.
pub(crate) fn matches_wildcard(pattern: &[u8], text: &[u8]) -> bool {
    let (mut p, mut t) = (0, 0);
    // The last star, and the place in the text up to which it reaches so far. Stars before it need no second look.
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        match (pattern.get(p), star) {
            (Some(b'*'), _) => {
                star = Some((p, t));
                p += 1;
            }
            (Some(byte), _) if text.get(t) == Some(byte) => {
                p += 1;
                t += 1;
            }
            (_, Some((at, reach))) => {
                star = Some((at, reach + 1));
                p = at + 1;
                t = reach + 1;
            }
            _ => return false,
        }
    }
    pattern.iter().skip(p).all(|byte| *byte == b'*')
}
