//! The only place that writes a body in chunks (RFC 9112 §7.1), for requests whose length nobody said.

/// Puts `payload` as one chunk; nothing for an empty one, which would be the last.
pub(crate) fn put_chunk(out: &mut Vec<u8>, payload: &[u8]) {
    if payload.is_empty() {
        return;
    }
    out.extend_from_slice(format!("{:x}\r\n", payload.len()).as_bytes());
    out.extend_from_slice(payload);
    out.extend_from_slice(b"\r\n");
}

/// Behind the last one.
pub(crate) const LAST_CHUNK: &[u8] = b"0\r\n\r\n";

/// What `put_chunk` was given, of what it and `LAST_CHUNK` made.
pub(crate) fn payloads(mut chunks: &[u8]) -> Vec<u8> {
    let mut payloads = Vec::new();
    while let Some((payload, rest)) = first(chunks) {
        payloads.extend_from_slice(payload);
        chunks = rest;
    }
    payloads
}

fn first(chunks: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = chunks.windows(2).position(|two| two == b"\r\n")?;
    let (digits, rest) = chunks.split_at_checked(end)?;
    let size = usize::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
    let (payload, rest) = rest.get(2..)?.split_at_checked(size)?;
    (size > 0).then_some((payload, rest.get(2..)?))
}

#[cfg(test)]
mod tests {
    use super::{LAST_CHUNK, payloads, put_chunk};

    #[test]
    fn chunks_say_their_size_and_an_empty_one_is_none() {
        let mut out = Vec::new();
        put_chunk(&mut out, &[b'a'; 26]);
        put_chunk(&mut out, b"");
        put_chunk(&mut out, b"\r\n0\r\n\r\n");
        out.extend_from_slice(LAST_CHUNK);
        let want = [
            b"1a\r\n".as_slice(),
            &[b'a'; 26],
            b"\r\n7\r\n\r\n0\r\n\r\n\r\n0\r\n\r\n",
        ]
        .concat();
        assert_eq!(out, want);
        assert_eq!(
            payloads(&out),
            [&[b'a'; 26], b"\r\n0\r\n\r\n".as_slice()].concat()
        );
        assert_eq!(payloads(b""), b"");
    }
}
