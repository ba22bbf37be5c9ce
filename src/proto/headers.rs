//! The only place that keeps a response's header fields: one block of text, and where each field stands in it.

use super::Fault;
use super::tokens::Token;

/// One response's fields, in the order they came.
///
/// Reused from response to response: `clear()` keeps the memory, so that a warm one takes a head without allocating.
///
/// A field's token is found when it is asked for: programs ask for a few, peers send many.
#[derive(Debug, Default)]
pub(crate) struct Headers {
    text: Vec<u8>,
    fields: Vec<Field>,
    /// What the status line says after the version, and the token that stands for the version.
    status_line: Option<(Token, Span)>,
}

#[derive(Clone, Copy, Debug)]
struct Field {
    name: Span,
    value: Span,
}

#[derive(Clone, Copy, Debug)]
struct Span {
    start: u32,
    len: u32,
}

impl Headers {
    #[cfg(test)]
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Adds a copy of one field.
    pub(crate) fn push(&mut self, name: &[u8], value: &[u8]) -> Result<(), Fault> {
        self.reserve(name.len().saturating_add(value.len()), 1)?;
        let name = self.append(name);
        let value = self.append(value);
        self.fields.push(Field { name, value });
        Ok(())
    }

    /// Adds a head and its fields, all of which have to be pieces of `block`: copied once, whole,
    /// where a `push` for each would copy twice a field. `status_line` is found by its token alone,
    /// and is no field.
    pub(crate) fn push_block<'a>(
        &mut self,
        block: &'a [u8],
        (token, status_line): (Token, &'a [u8]),
        fields: impl ExactSizeIterator<Item = (&'a [u8], &'a [u8])>,
    ) -> Result<(), Fault> {
        self.reserve(block.len(), fields.len())?;
        let base = self.append(block);
        self.status_line = Some((token, base.within(block, status_line)));
        self.fields.extend(fields.map(|(name, value)| Field {
            name: base.within(block, name),
            value: base.within(block, value),
        }));
        Ok(())
    }

    /// Forgets the fields, keeps the memory.
    pub(crate) fn clear(&mut self) {
        self.text.clear();
        self.fields.clear();
        self.status_line = None;
    }

    /// The values of a known header, one for each time it came.
    pub(crate) fn by_token(&self, token: Token) -> impl Iterator<Item = &[u8]> {
        let status_line = self.status_line.filter(|(t, _)| *t == token);
        let fields = token.name().map(|name| self.by_name(name));
        let status_line = status_line.map(|(_, span)| self.at(span));
        status_line.into_iter().chain(fields.into_iter().flatten())
    }

    /// The values of any header; case does not matter, and `name` has no colon.
    pub(crate) fn by_name(&self, name: &[u8]) -> impl Iterator<Item = &[u8]> {
        self.iter()
            .filter(move |(n, _)| n.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }

    /// The names as they came, without a colon, with the token of those that have one.
    pub(crate) fn names(&self) -> impl Iterator<Item = (&[u8], Option<Token>)> {
        self.iter().map(|(name, _)| (name, Token::of_name(name)))
    }

    /// Name and value of each field, in the order they came.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        self.fields
            .iter()
            .map(|f| (self.at(f.name), self.at(f.value)))
    }

    #[cfg(any(test, feature = "fuzzing"))]
    pub(crate) fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// Holds no more memory than the fields take.
    pub(crate) fn shrink(&mut self) {
        self.text.shrink_to_fit();
        self.fields.shrink_to_fit();
    }

    /// Bytes held, used or not: what keeping this one in a pool costs.
    pub(crate) fn footprint(&self) -> usize {
        self.text.capacity() + self.fields.capacity() * size_of::<Field>()
    }

    fn reserve(&mut self, text: usize, fields: usize) -> Result<(), Fault> {
        if u32::try_from(self.text.len().saturating_add(text)).is_err()
            || self.text.try_reserve(text).is_err()
            || self.fields.try_reserve(fields).is_err()
        {
            return Err(Fault::Peer("HS: OOM: no memory for the response headers"));
        }
        Ok(())
    }

    /// `reserve` came before, so every position fits.
    fn append(&mut self, bytes: &[u8]) -> Span {
        let start = self.text.len() as u32;
        self.text.extend_from_slice(bytes);
        let len = bytes.len() as u32;
        Span { start, len }
    }

    fn at(&self, span: Span) -> &[u8] {
        self.text.get(span.range()).unwrap_or_default()
    }
}

impl Span {
    fn range(self) -> std::ops::Range<usize> {
        let start = self.start as usize;
        start..start + self.len as usize
    }

    /// Where `piece` of `block` stands, when `self` is where the copy of `block` does.
    fn within(self, block: &[u8], piece: &[u8]) -> Self {
        let offset = piece.as_ptr().addr().wrapping_sub(block.as_ptr().addr());
        debug_assert!(
            piece.is_empty() || offset + piece.len() <= block.len(),
            "only pieces of the block can be found in its copy"
        );
        Self {
            start: self.start.wrapping_add(offset as u32),
            len: piece.len() as u32,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values<'a>(found: impl Iterator<Item = &'a [u8]>) -> Vec<&'a str> {
        found.map(|v| str::from_utf8(v).expect("text")).collect()
    }

    #[test]
    fn fields_are_found_by_token_and_by_name_in_any_case() {
        let mut h = Headers::new();
        h.push(b"Set-Cookie", b"a=1").expect("room");
        h.push(b"X-Thing", b"T").expect("room");
        h.push(b"set-cookie", b"b=2").expect("room");
        let cookie = Token::of_name(b"set-cookie").expect("known");
        assert_eq!(values(h.by_token(cookie)), ["a=1", "b=2"]);
        assert_eq!(values(h.by_name(b"x-THING")), ["T"]);
        assert_eq!(values(h.by_name(b"x-other")), [""; 0]);
        let names: Vec<_> = h.names().collect();
        assert_eq!(
            names,
            [
                (&b"Set-Cookie"[..], Some(cookie)),
                (b"X-Thing", None),
                (b"set-cookie", Some(cookie))
            ]
        );
    }

    #[test]
    fn a_block_is_copied_once_and_its_pieces_are_found_in_the_copy() {
        let block = b"200 OK\nAge: 7\nX-Empty:\n";
        let (line, age, seven, empty) =
            (&block[..6], &block[7..10], &block[12..13], &block[14..21]);
        let fields = [(age, seven), (empty, b"")];
        let mut h = Headers::new();
        h.push(b"Via", b"before").expect("room");
        h.push_block(block, (Token::HTTP, line), fields.into_iter())
            .expect("room");
        assert_eq!(values(h.by_name(b"age")), ["7"]);
        assert_eq!(values(h.by_name(b"x-empty")), [""]);
        assert_eq!(values(h.by_name(b"via")), ["before"]);
        assert_eq!(values(h.by_token(Token::HTTP)), ["200 OK"]);
        assert_eq!(h.names().count(), 3);
    }

    #[test]
    fn clear_keeps_the_memory_and_the_footprint_tells_of_it() {
        let mut h = Headers::new();
        assert_eq!(h.footprint(), 0);
        h.push(b"server", &[b'x'; 1000]).expect("room");
        let held = h.footprint();
        assert!(held >= 1000);
        h.clear();
        assert!(h.is_empty());
        assert_eq!(h.footprint(), held);
        assert_eq!(h.by_name(b"server").count(), 0);
    }
}
