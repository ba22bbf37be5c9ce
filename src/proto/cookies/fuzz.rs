//! The only place that says what has to hold of cookies, whatever servers and a file say.

use super::{Cookies, Limits, Site};
use crate::proto::script::Script;

const NOW: i64 = 1_790_000_000;

const LIMITS: Limits = Limits {
    items: 20,
    bytes: 2_000,
    payload: 300,
};

const SITES: [Site<'static>; 6] = [
    site("example.com", "/", true),
    site("example.com", "/a/b", false),
    site("www.example.com", "/a", true),
    site("notexample.com", "/", false),
    site("127.0.0.1", "/", false),
    site("com", "/", true),
];

const fn site(host: &'static str, path: &'static str, secure: bool) -> Site<'static> {
    Site { host, path, secure }
}

/// Of each step a byte says who speaks, or that it is a line of a file; a text says what, after its length in a byte.
pub(crate) fn cookies(data: &[u8]) {
    let mut script = Script(data);
    let mut cookies = Cookies::new(LIMITS);
    while let Some(who) = script.byte() {
        let said = script.text();
        match SITES.get(usize::from(who)) {
            Some(from) => {
                cookies.set(said, from, NOW);
                check(&mut cookies);
            }
            None => cookies.load(said, NOW),
        }
    }
    check(&mut cookies);
    // What is kept is read back as it was.
    let file = cookies.file(NOW);
    let mut kept = Cookies::new(LIMITS);
    kept.load(&file, NOW);
    assert_eq!(
        kept.file(NOW).escape_ascii().to_string(),
        file.escape_ascii().to_string()
    );
    assert!(kept.items <= cookies.items);
}

fn check(cookies: &mut Cookies) {
    let all = || {
        cookies
            .domains
            .iter()
            .flat_map(|(domain, all)| all.iter().map(move |one| (domain, one)))
    };
    assert_eq!(cookies.items, all().count());
    assert_eq!(
        cookies.bytes,
        all().map(|(domain, one)| one.weight(domain)).sum::<usize>()
    );
    assert!(cookies.items <= LIMITS.items && cookies.bytes <= LIMITS.bytes);
    for (domain, one) in all() {
        assert!(one.name.len() + one.value.len() <= LIMITS.payload);
        assert!(
            one.host_only || domain.contains('.'),
            "{domain} is for many"
        );
        let name = one.name.to_ascii_lowercase();
        assert!(!name.starts_with(b"__secure-") || one.secure);
        assert!(
            !name.starts_with(b"__host-") || (one.secure && one.host_only && &*one.path == "/")
        );
    }
    for to in &SITES {
        for own in [&b""[..], b"mine=1"] {
            let Some(line) = cookies.header(to, own, NOW) else {
                continue;
            };
            assert!(line.starts_with(own) && line.len() > own.len());
            assert!(
                !line.iter().any(u8::is_ascii_control),
                "{}",
                line.escape_ascii()
            );
        }
    }
}
