//! The only place that knows the file cookies are kept in: one a line, seven fields with tabs between them, as curl and browsers have it.

use super::rules::keeps_its_word;
use super::{Cookie, Cookies};

const TITLE: &[u8] = b"# Netscape HTTP Cookie File\n";
/// It stands before the domain of cookies that scripts are not shown, and the line looks like a comment to who does not know.
const HTTP_ONLY: &[u8] = b"#HttpOnly_";

impl Cookies {
    /// Takes in what such a file has; lines that are none of it are passed over.
    pub(crate) fn load(&mut self, file: &[u8], now: i64) {
        for line in file.split(|b| *b == b'\n') {
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            if let Some((domain, cookie)) = read(line) {
                self.insert(&domain, cookie, now);
            }
        }
    }

    /// Such a file, of those that outlive the context.
    pub(crate) fn file(&self, now: i64) -> Vec<u8> {
        let mut all: Vec<_> = self
            .domains
            .iter()
            .flat_map(|(domain, cookies)| cookies.iter().map(move |cookie| (domain, cookie)))
            .filter(|(_, cookie)| !cookie.is_expired(now))
            .collect();
        all.sort_by_key(|(_, cookie)| cookie.created);
        let mut file = TITLE.to_vec();
        for (domain, cookie) in all {
            if let Some(expires) = cookie.expires {
                write(&mut file, domain, cookie, expires);
            }
        }
        file
    }
}

fn read(line: &[u8]) -> Option<(String, Cookie)> {
    let (line, http_only) = match line.strip_prefix(HTTP_ONLY) {
        Some(line) => (line, true),
        None => (line, false),
    };
    let mut fields = line.split(|b| *b == b'\t');
    let domain = str::from_utf8(fields.next()?).ok()?;
    let all = fields.next()?.eq_ignore_ascii_case(b"TRUE");
    let path = str::from_utf8(fields.next()?).ok()?;
    let secure = fields.next()?.eq_ignore_ascii_case(b"TRUE");
    let expires: i64 = str::from_utf8(fields.next()?).ok()?.parse().ok()?;
    let name = fields.next()?;
    let value = fields.next().unwrap_or_default();
    let broken =
        fields.next().is_some() || line.iter().any(|b| b.is_ascii_control() && *b != b'\t');
    let domain = domain
        .strip_prefix('.')
        .unwrap_or(domain)
        .to_ascii_lowercase();
    // Of one label: it would be for all of `com`.
    let host_only = !all || !domain.contains('.');
    let is_comment = domain.starts_with('#');
    if is_comment
        || broken
        || domain.is_empty()
        || !path.starts_with('/')
        || (name.is_empty() && value.is_empty())
        || !keeps_its_word(name, value, secure, host_only && path == "/")
    {
        return None;
    }
    let cookie = Cookie {
        name: name.into(),
        value: value.into(),
        path: path.into(),
        host_only,
        secure,
        http_only,
        expires: (expires != 0).then_some(expires),
        created: 0,
        used: 0,
    };
    Some((domain, cookie))
}

fn write(file: &mut Vec<u8>, domain: &str, cookie: &Cookie, expires: i64) {
    let flag = |is: bool| if is { "TRUE" } else { "FALSE" };
    if cookie.http_only {
        file.extend_from_slice(HTTP_ONLY);
    }
    let dot = if cookie.host_only { "" } else { "." };
    let (all, secure, path) = (flag(!cookie.host_only), flag(cookie.secure), &cookie.path);
    file.extend_from_slice(
        format!("{dot}{domain}\t{all}\t{path}\t{secure}\t{expires}\t").as_bytes(),
    );
    file.extend_from_slice(&cookie.name);
    file.push(b'\t');
    file.extend_from_slice(&cookie.value);
    file.push(b'\n');
}
