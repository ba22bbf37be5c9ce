//! The only place that writes multipart/form-data (RFC 7578): what stands around the values of a form.

/// What one value of a form is called.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Part<'a> {
    pub(crate) name: &'a [u8],
    pub(crate) filename: Option<&'a [u8]>,
    pub(crate) content_type: Option<&'a [u8]>,
}

impl Part<'_> {
    /// The lines before the value: delimiter, Content-Disposition, perhaps Content-Type, and the blank one.
    pub(crate) fn write(&self, boundary: &str, out: &mut Vec<u8>) {
        out.extend_from_slice(b"--");
        out.extend_from_slice(boundary.as_bytes());
        out.extend_from_slice(b"\r\nContent-Disposition: form-data; name=\"");
        put_escaped(out, self.name);
        out.push(b'"');
        if let Some(filename) = self.filename {
            out.extend_from_slice(b"; filename=\"");
            put_escaped(out, filename);
            out.push(b'"');
        }
        if let Some(content_type) = self.content_type {
            out.extend_from_slice(b"\r\nContent-Type: ");
            out.extend_from_slice(content_type);
        }
        out.extend_from_slice(b"\r\n\r\n");
    }
}

/// What ends a form, behind the line end of its last value.
pub(crate) fn put_end(boundary: &str, out: &mut Vec<u8>) {
    out.extend_from_slice(b"--");
    out.extend_from_slice(boundary.as_bytes());
    out.extend_from_slice(b"--\r\n");
}

/// A name within its quotes, as browsers write it (WHATWG HTML, "multipart/form-data encoding algorithm"): a quote or a line
/// end would end it, and what follows would be read as more of the head.
fn put_escaped(out: &mut Vec<u8>, name: &[u8]) {
    for byte in name {
        match byte {
            b'"' => out.extend_from_slice(b"%22"),
            b'\r' => out.extend_from_slice(b"%0D"),
            b'\n' => out.extend_from_slice(b"%0A"),
            _ => out.push(*byte),
        }
    }
}

/// A stretch of a form's body.
#[derive(Debug)]
pub(crate) enum Stretch<File> {
    Bytes(Vec<u8>),
    File(File, u64),
}

/// A whole form, of values that are here and of files that are read as it is sent: its length is known before.
#[derive(Debug)]
pub(crate) struct Form<File> {
    pub(crate) boundary: String,
    stretches: Vec<Stretch<File>>,
}

impl<File> Form<File> {
    pub(crate) fn new(boundary: String) -> Self {
        Self {
            boundary,
            stretches: Vec::new(),
        }
    }

    pub(crate) fn add_value(&mut self, name: &[u8], value: &[u8]) {
        let part = Part {
            name,
            filename: None,
            content_type: None,
        };
        let mut bytes = Vec::new();
        part.write(&self.boundary, &mut bytes);
        bytes.extend_from_slice(value);
        bytes.extend_from_slice(b"\r\n");
        self.stretches.push(Stretch::Bytes(bytes));
    }

    /// A file of `size` bytes.
    pub(crate) fn add_file(&mut self, name: &[u8], filename: &[u8], file: File, size: u64) {
        let part = Part {
            name,
            filename: Some(filename),
            content_type: Some(b"application/octet-stream"),
        };
        let mut bytes = Vec::new();
        part.write(&self.boundary, &mut bytes);
        self.stretches.push(Stretch::Bytes(bytes));
        self.stretches.push(Stretch::File(file, size));
        self.stretches.push(Stretch::Bytes(b"\r\n".to_vec()));
    }

    /// No more values follow: the stretches in their order, and how long they are together.
    pub(crate) fn finish(mut self) -> (Vec<Stretch<File>>, u64) {
        let mut end = Vec::new();
        put_end(&self.boundary, &mut end);
        self.stretches.push(Stretch::Bytes(end));
        let length = self.stretches.iter().map(|stretch| match stretch {
            Stretch::Bytes(bytes) => bytes.len() as u64,
            Stretch::File(_, size) => *size,
        });
        let length = length.fold(0, u64::saturating_add);
        (self.stretches, length)
    }
}

#[cfg(test)]
mod tests {
    use super::{Form, Part, Stretch};

    fn head(part: Part<'_>) -> String {
        let mut out = Vec::new();
        part.write("b", &mut out);
        String::from_utf8(out).expect("text")
    }

    #[test]
    fn a_part_says_what_it_is_called_and_what_it_is() {
        let plain = Part {
            name: b"n",
            filename: None,
            content_type: None,
        };
        assert_eq!(
            head(plain),
            "--b\r\nContent-Disposition: form-data; name=\"n\"\r\n\r\n"
        );
        let file = Part {
            filename: Some(b"f.txt"),
            content_type: Some(b"text/plain"),
            ..plain
        };
        assert_eq!(
            head(file),
            "--b\r\nContent-Disposition: form-data; name=\"n\"; filename=\"f.txt\"\r\n\
             Content-Type: text/plain\r\n\r\n"
        );
    }

    #[test]
    fn a_name_cannot_end_its_quotes_or_its_line() {
        let part = Part {
            name: b"a\"b\r\nX: y",
            filename: Some(b"\"; name=\"z"),
            content_type: None,
        };
        assert_eq!(
            head(part),
            "--b\r\nContent-Disposition: form-data; name=\"a%22b%0D%0AX: y\"; filename=\"%22; name=%22z\"\r\n\r\n"
        );
    }

    #[test]
    fn the_length_of_a_form_is_that_of_all_its_stretches() {
        let mut form = Form::new("b".into());
        form.add_value(b"one", b"1");
        form.add_file(b"two", b"f", "the file", 1000);
        let (stretches, length) = form.finish();
        let bytes: usize = stretches
            .iter()
            .map(|stretch| match stretch {
                Stretch::Bytes(bytes) => bytes.len(),
                Stretch::File(name, size) => {
                    assert_eq!((*name, *size), ("the file", 1000));
                    1000
                }
            })
            .sum();
        assert_eq!(length, bytes as u64);
        let Some(Stretch::Bytes(last)) = stretches.last() else {
            panic!("no end");
        };
        assert_eq!(last, b"--b--\r\n");
    }
}
