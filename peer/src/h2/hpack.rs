//! The only place that turns header blocks into fields and back (RFC 7541). Responses never enter the client's table.

use super::huffman;
use std::collections::VecDeque;

#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Field {
    pub(super) name: Vec<u8>,
    pub(super) value: Vec<u8>,
}

impl Field {
    fn new(name: &[u8], value: &[u8]) -> Self {
        let (name, value) = (name.to_vec(), value.to_vec());
        Self { name, value }
    }

    /// RFC 7541 §4.1.
    fn size(&self) -> usize {
        self.name.len() + self.value.len() + 32
    }
}

/// The client's table, as it made us fill it.
pub(super) struct Decoder {
    /// The newest is first.
    table: VecDeque<Field>,
    size: usize,
    /// What the client chose, not above `limit`.
    most: usize,
    limit: usize,
    /// The limit went below `most`, which the next block has to begin with (§4.2).
    shrink_to: Option<usize>,
}

impl Decoder {
    pub(super) fn new() -> Self {
        Self {
            table: VecDeque::new(),
            size: 0,
            most: 4096,
            limit: 4096,
            shrink_to: None,
        }
    }

    /// Our SETTINGS_HEADER_TABLE_SIZE as the client has it.
    pub(super) fn set_limit(&mut self, limit: usize) {
        self.limit = limit;
        if limit < self.most {
            let least = self.shrink_to.map_or(limit, |least| least.min(limit));
            self.shrink_to = Some(least);
        }
    }

    pub(super) fn decode(&mut self, block: &[u8]) -> Result<Vec<Field>, String> {
        let mut bytes = Bytes(block);
        let mut fields = Vec::new();
        while let Some(&first) = bytes.0.first() {
            if first & 0xe0 == 0x20 {
                let size = bytes.number(5)?;
                self.resize(size, fields.is_empty())?;
                continue;
            }
            if let Some(least) = self.shrink_to {
                return Err(format!("the table must shrink to {least} before a field"));
            }
            fields.push(self.field(first, &mut bytes)?);
        }
        Ok(fields)
    }

    fn field(&mut self, first: u8, bytes: &mut Bytes<'_>) -> Result<Field, String> {
        if first & 0x80 != 0 {
            let index = bytes.number(7)?;
            return self.at(index);
        }
        let keep = first & 0x40 != 0;
        let index = bytes.number(if keep { 6 } else { 4 })?;
        let name = match index {
            0 => bytes.string()?,
            _ => self.at(index)?.name,
        };
        let value = bytes.string()?;
        let field = Field { name, value };
        if keep {
            self.insert(field.clone());
        }
        Ok(field)
    }

    fn at(&self, index: usize) -> Result<Field, String> {
        let Some(place) = index.checked_sub(1) else {
            return Err("index 0".into());
        };
        let ours = STATIC.get(place);
        ours.map(|(n, v)| Field::new(n.as_bytes(), v.as_bytes()))
            .or_else(|| self.table.get(place - STATIC.len()).cloned())
            .ok_or_else(|| {
                let known = STATIC.len() + self.table.len();
                format!("index {index}, the tables end at {known}")
            })
    }

    fn insert(&mut self, field: Field) {
        self.make_room(field.size());
        // §4.4: one that is too large leaves the table empty.
        if field.size() <= self.most {
            self.size += field.size();
            self.table.push_front(field);
        }
    }

    fn resize(&mut self, size: usize, first: bool) -> Result<(), String> {
        if !first {
            return Err("a table size update after a field".into());
        }
        if size > self.limit {
            return Err(format!("table size {size}, {} is allowed", self.limit));
        }
        if self.shrink_to.is_some_and(|least| size <= least) {
            self.shrink_to = None;
        }
        self.most = size;
        self.make_room(0);
        Ok(())
    }

    fn make_room(&mut self, wanted: usize) {
        while self.size + wanted > self.most {
            let Some(oldest) = self.table.pop_back() else {
                return;
            };
            self.size -= oldest.size();
        }
    }
}

/// What is left of a block.
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn byte(&mut self) -> Result<u8, String> {
        let (first, rest) = self.0.split_first().ok_or("the block ends too soon")?;
        self.0 = rest;
        Ok(*first)
    }

    /// §5.1, with a prefix of `bits`.
    fn number(&mut self, bits: u8) -> Result<usize, String> {
        let mask = (1_u8 << bits) - 1;
        let mut n = usize::from(self.byte()? & mask);
        if n < usize::from(mask) {
            return Ok(n);
        }
        for shift in (0..28).step_by(7) {
            let byte = self.byte()?;
            n += usize::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(n);
            }
        }
        Err("a number of more than 28 bits".into())
    }

    /// §5.2.
    fn string(&mut self) -> Result<Vec<u8>, String> {
        let coded = self.0.first().is_some_and(|b| b & 0x80 != 0);
        let len = self.number(7)?;
        let (text, rest) = self
            .0
            .split_at_checked(len)
            .ok_or("the block ends inside a string")?;
        self.0 = rest;
        if coded {
            return huffman::decode(text).ok_or_else(|| "a broken Huffman code".into());
        }
        Ok(text.to_vec())
    }
}

/// A literal without indexing and without Huffman code, its name made lower-case.
pub(super) fn encode(out: &mut Vec<u8>, name: &str, value: &str) {
    out.push(0);
    put_number(out, name.len());
    out.extend(name.bytes().map(|b| b.to_ascii_lowercase()));
    put_number(out, value.len());
    out.extend_from_slice(value.as_bytes());
}

fn put_number(out: &mut Vec<u8>, n: usize) {
    let Some(mut rest) = n.checked_sub(0x7f) else {
        return out.push(n as u8);
    };
    out.push(0x7f);
    while rest >= 0x80 {
        out.push((rest & 0x7f) as u8 | 0x80);
        rest >>= 7;
    }
    out.push(rest as u8);
}

#[rustfmt::skip]
const STATIC: [(&str, &str); 61] = [
    (":authority", ""),
    (":method", "GET"),
    (":method", "POST"),
    (":path", "/"),
    (":path", "/index.html"),
    (":scheme", "http"),
    (":scheme", "https"),
    (":status", "200"),
    (":status", "204"),
    (":status", "206"),
    (":status", "304"),
    (":status", "400"),
    (":status", "404"),
    (":status", "500"),
    ("accept-charset", ""),
    ("accept-encoding", "gzip, deflate"),
    ("accept-language", ""),
    ("accept-ranges", ""),
    ("accept", ""),
    ("access-control-allow-origin", ""),
    ("age", ""),
    ("allow", ""),
    ("authorization", ""),
    ("cache-control", ""),
    ("content-disposition", ""),
    ("content-encoding", ""),
    ("content-language", ""),
    ("content-length", ""),
    ("content-location", ""),
    ("content-range", ""),
    ("content-type", ""),
    ("cookie", ""),
    ("date", ""),
    ("etag", ""),
    ("expect", ""),
    ("expires", ""),
    ("from", ""),
    ("host", ""),
    ("if-match", ""),
    ("if-modified-since", ""),
    ("if-none-match", ""),
    ("if-range", ""),
    ("if-unmodified-since", ""),
    ("last-modified", ""),
    ("link", ""),
    ("location", ""),
    ("max-forwards", ""),
    ("proxy-authenticate", ""),
    ("proxy-authorization", ""),
    ("range", ""),
    ("referer", ""),
    ("refresh", ""),
    ("retry-after", ""),
    ("server", ""),
    ("set-cookie", ""),
    ("strict-transport-security", ""),
    ("transfer-encoding", ""),
    ("user-agent", ""),
    ("vary", ""),
    ("via", ""),
    ("www-authenticate", ""),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(text: &str) -> Vec<u8> {
        let digits: Vec<char> = text.chars().filter(|c| *c != ' ').collect();
        let byte = |pair: &[char]| u8::from_str_radix(&String::from_iter(pair), 16).ok();
        digits.chunks(2).filter_map(byte).collect()
    }

    fn fields(list: &[(&str, &str)]) -> Result<Vec<Field>, String> {
        let field = |(n, v): &(&str, &str)| Field::new(n.as_bytes(), v.as_bytes());
        Ok(list.iter().map(field).collect())
    }

    const COMMON: [(&str, &str); 4] = [
        (":method", "GET"),
        (":scheme", "http"),
        (":path", "/"),
        (":authority", "www.example.com"),
    ];

    /// RFC 7541 Appendix C.3 (literal) and C.4 (Huffman): three requests on one connection.
    #[test]
    fn the_requests_of_the_rfc_fill_the_table() {
        let literal = [
            "828684410f7777772e6578616d706c652e636f6d",
            "828684be58086e6f2d6361636865",
            "828785bf400a637573746f6d2d6b65790c637573746f6d2d76616c7565",
        ];
        let coded = [
            "828684418cf1e3c2e5f23a6ba0ab90f4ff",
            "828684be5886a8eb10649cbf",
            "828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf",
        ];
        for three in [literal, coded] {
            let mut d = Decoder::new();
            let [a, b, c] = three.map(|block| d.decode(&hex(block)));
            assert_eq!(a, fields(&COMMON));
            let more = [&COMMON[..], &[("cache-control", "no-cache")]].concat();
            assert_eq!(b, fields(&more));
            let last = [
                (":method", "GET"),
                (":scheme", "https"),
                (":path", "/index.html"),
                (":authority", "www.example.com"),
                ("custom-key", "custom-value"),
            ];
            assert_eq!(c, fields(&last));
            assert_eq!((d.size, d.table.len()), (164, 3));
        }
    }

    #[test]
    fn what_is_never_indexed_is_a_field_and_stays_out_of_the_table() {
        let mut d = Decoder::new();
        let block = hex("10 0870617373776f7264 06736563726574");
        assert_eq!(d.decode(&block), fields(&[("password", "secret")]));
        assert!(d.table.is_empty());
    }

    #[test]
    fn old_entries_make_room_and_one_that_is_too_large_empties_the_table() {
        let mut d = Decoder::new();
        // Room for one entry of 34 bytes.
        assert!(
            d.decode(&hex("3f 21 40 01 61 01 62 40 01 63 01 64"))
                .is_ok()
        );
        assert_eq!((d.size, d.table.len()), (34, 1));
        assert_eq!(d.decode(&hex("be")), fields(&[("c", "d")]));
        let large = [hex("40 01 61 40"), vec![b'x'; 64]].concat();
        assert!(d.decode(&large).is_ok());
        assert_eq!((d.size, d.table.len()), (0, 0));
        assert!(d.decode(&hex("be")).is_err());
    }

    #[test]
    fn a_lower_limit_must_be_answered_before_the_next_field() {
        let mut d = Decoder::new();
        d.set_limit(100);
        assert!(d.decode(&hex("82")).is_err());
        assert!(d.decode(&hex("3f e2 1f 82")).is_err(), "above the limit");
        assert!(d.decode(&hex("3f 45 82")).is_ok());
        assert!(d.decode(&hex("82 20")).is_err(), "an update after a field");
    }

    #[test]
    fn blocks_that_end_too_soon_are_refused() {
        for broken in ["40", "40 05 61", "ff", "80", "7f 80 80 80 80 80 01", "41"] {
            assert!(Decoder::new().decode(&hex(broken)).is_err(), "{broken}");
        }
    }

    #[test]
    fn what_is_encoded_decodes_to_itself_in_lower_case() {
        let long = "v".repeat(5000);
        let mut out = Vec::new();
        encode(&mut out, "X-Name", &long);
        encode(&mut out, "b", "");
        let mut d = Decoder::new();
        assert_eq!(d.decode(&out), fields(&[("x-name", &long), ("b", "")]));
        assert!(d.table.is_empty());
    }
}
