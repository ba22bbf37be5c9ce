//! Cookies: who sets them, who gets them, how long, and what stays within which limits.

use super::set_cookie::{SetCookie, date};
use super::{Cookies, Limits, PER_DOMAIN, Site};

const NOW: i64 = 1_700_000_000;
const DAY: i64 = 86_400;

fn site(url: &str) -> Site<'_> {
    let (scheme, rest) = url.split_once("://").expect("a URL");
    let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    Site {
        host,
        path: if path.is_empty() { "/" } else { path },
        secure: scheme == "https",
    }
}

/// Those that `from` sets.
fn jar(set: &[(&str, &str)]) -> Cookies {
    let mut jar = Cookies::default();
    for (from, line) in set {
        jar.set(line.as_bytes(), &site(from), NOW);
    }
    jar
}

fn sent(jar: &mut Cookies, to: &str) -> String {
    sent_with(jar, to, "")
}

fn sent_with(jar: &mut Cookies, to: &str, own: &str) -> String {
    let line = jar.header(&site(to), own.as_bytes(), NOW);
    String::from_utf8(line.unwrap_or_default()).expect("text")
}

#[test]
fn dates_are_whatever_servers_write() {
    for (text, seconds) in [
        ("Sun, 06 Nov 1994 08:49:37 GMT", Some(784_111_777)),
        ("Sunday, 06-Nov-94 08:49:37 GMT", Some(784_111_777)),
        ("Sun Nov  6 08:49:37 1994", Some(784_111_777)),
        ("6 nov 1994 8:49:37", Some(784_111_777)),
        ("1994/6/November!08:49:37.123", Some(784_111_777)),
        ("6/November!08:49:37.123+1994", None),
        ("Thu, 01-Jan-1970 00:00:00 GMT", Some(0)),
        ("Thu, 01 Jan 69 00:00:00", Some(3_124_224_000)),
        ("Mon, 01-Jan-2103 00:00:00 GMT", Some(4_197_052_800)),
        ("Sun, 06 Nov 1994 24:00:00 GMT", None),
        ("Sun, 06 Nov 1994 08:49:60 GMT", None),
        ("Sun, 31 Feb 1994 08:49:37 GMT", None),
        ("Sun, 06 Nov 1600 08:49:37 GMT", None),
        ("Sun, 06 Nov 1994", None),
        ("", None),
        ("0", None),
    ] {
        assert_eq!(date(text.as_bytes()), seconds, "{text}");
    }
}

#[test]
fn a_line_is_a_pair_and_attributes() {
    let parse = |line: &'static str| SetCookie::parse(line.as_bytes(), NOW);
    assert_eq!(
        parse(
            " a = b c ; Domain=.A.test; PATH=/x; secure; HttpOnly; SameSite=Strict; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT"
        ),
        Some(SetCookie {
            name: b"a",
            value: b"b c",
            domain: Some(b"A.test"),
            path: Some(b"/x"),
            secure: true,
            http_only: true,
            expires: Some(NOW + 60),
        })
    );
    for (line, name, value) in [
        ("a=b=c", "a", "b=c"),
        ("a=", "a", ""),
        ("=b", "", "b"),
        ("b", "", "b"),
        ("a=\"b;c\"", "a", "\"b"),
        ("a=b;;;=;x=y=z;", "a", "b"),
    ] {
        let said = parse(line).expect("a cookie");
        assert_eq!(
            (said.name, said.value),
            (name.as_bytes(), value.as_bytes()),
            "{line}"
        );
    }
    for none in [
        "",
        "=",
        " ; Secure",
        "a=b\tc",
        "a=b\0",
        "a\r=b",
        "a=b; Path=/\x7f",
    ] {
        assert_eq!(parse(none), None, "{none:?}");
    }
}

#[test]
fn a_lifetime_is_max_age_or_expires_and_400_days_at_most() {
    let parse = |line: &'static str| SetCookie::parse(line.as_bytes(), NOW);
    for (line, expires) in [
        ("a=b", None),
        ("a=b; Max-Age=0", Some(i64::MIN)),
        ("a=b; Max-Age=-1", Some(i64::MIN)),
        ("a=b; Max-Age=+1", None),
        ("a=b; Max-Age=", None),
        ("a=b; Max-Age=1e3; max-age=5; MAX-AGE=x", Some(NOW + 5)),
        ("a=b; Max-Age=99999999999999999999", Some(NOW + 400 * DAY)),
        (
            "a=b; Expires=Mon, 01-Jan-2103 00:00:00 GMT",
            Some(NOW + 400 * DAY),
        ),
        ("a=b; Expires=never", None),
    ] {
        let said = parse(line).expect("a cookie");
        let expires = expires.map(|at| {
            if at == i64::MIN {
                NOW.saturating_add(at)
            } else {
                at
            }
        });
        assert_eq!(said.expires, expires, "{line}");
    }
    let long = format!("a={}", "x".repeat(4_096));
    assert_eq!(SetCookie::parse(long.as_bytes(), NOW), None);
    assert!(SetCookie::parse(&long.as_bytes()[..4_097], NOW).is_some());
    let attribute = format!(
        "a=b; Domain={}; Path=/{}",
        "x".repeat(1_025),
        "y".repeat(1_024)
    );
    let said = SetCookie::parse(attribute.as_bytes(), NOW).expect("a cookie");
    assert_eq!((said.domain, said.path), (None, None));
}

const DOMAINS: [(&str, &str, &str, bool); 22] = [
    ("http://a.test/", "", "http://a.test/", true),
    ("http://a.test/", "", "http://x.a.test/", false),
    (
        "http://a.test/",
        "; Domain=a.test",
        "http://x.a.test/",
        true,
    ),
    (
        "http://a.test/",
        "; Domain=.A.Test",
        "http://x.y.a.test/",
        true,
    ),
    (
        "http://x.a.test/",
        "; Domain=a.test",
        "http://a.test/",
        true,
    ),
    (
        "http://x.a.test/",
        "; Domain=a.test",
        "http://ya.test/",
        false,
    ),
    (
        "http://x.a.test/",
        "; Domain=x.a.test",
        "http://a.test/",
        false,
    ),
    (
        "http://a.test/",
        "; Domain=x.a.test",
        "http://x.a.test/",
        false,
    ),
    ("http://a.test/", "; Domain=b.test", "http://b.test/", false),
    ("http://a.test/", "; Domain=b.test", "http://a.test/", false),
    ("http://a.test/", "; Domain=test", "http://a.test/", false),
    ("http://a.test/", "; Domain=test.", "http://a.test/", false),
    ("http://a.test/", "; Domain=.", "http://a.test/", true),
    ("http://a.test/", "; Domain=", "http://a.test/", true),
    (
        "http://a.test/",
        "; Domain=b.test; Domain=a.test",
        "http://x.a.test/",
        true,
    ),
    (
        "http://a.test/",
        "; Domain=a.test\u{e9}",
        "http://a.test/",
        false,
    ),
    (
        "http://localhost/",
        "; Domain=localhost",
        "http://localhost/",
        true,
    ),
    (
        "http://localhost/",
        "; Domain=localhost",
        "http://x.localhost/",
        false,
    ),
    (
        "http://127.0.0.1/",
        "; Domain=127.0.0.1",
        "http://127.0.0.1/",
        true,
    ),
    (
        "http://127.0.0.1/",
        "; Domain=0.0.1",
        "http://127.0.0.1/",
        false,
    ),
    (
        "http://127.0.0.1/",
        "; Domain=0.0.1",
        "http://1.0.0.1/",
        false,
    ),
    ("http://::1/", "", "http://::1/", true),
];

#[test]
fn a_domain_is_the_host_or_one_that_it_is_in() {
    for (from, domain, to, goes) in DOMAINS {
        let line = format!("a=b{domain}");
        let mut jar = jar(&[(from, &line)]);
        assert_eq!(!sent(&mut jar, to).is_empty(), goes, "{from} {domain} {to}");
    }
    let unix = Site {
        host: "+/run/x",
        path: "/",
        secure: false,
    };
    assert!(!Cookies::default().set(b"a=b; Max-Age=9", &unix, NOW));
}

#[test]
fn a_path_is_its_folder() {
    for (from, path, to, goes) in [
        ("http://a.test/x/y", "", "http://a.test/x/z", true),
        ("http://a.test/x/y", "", "http://a.test/x", true),
        ("http://a.test/x/y", "", "http://a.test/xy", false),
        ("http://a.test/x/y", "", "http://a.test/", false),
        ("http://a.test/x", "", "http://a.test/", true),
        ("http://a.test", "", "http://a.test/any/where", true),
        ("http://a.test/", "; Path=/x/", "http://a.test/x/y", true),
        ("http://a.test/", "; Path=/x/", "http://a.test/x", false),
        ("http://a.test/x/y", "; Path=x", "http://a.test/x/", true),
        (
            "http://a.test/x/y",
            "; Path=/; Path=",
            "http://a.test/",
            false,
        ),
    ] {
        let line = format!("a=b{path}");
        let mut jar = jar(&[(from, &line)]);
        assert_eq!(!sent(&mut jar, to).is_empty(), goes, "{from} {path} {to}");
    }
}

#[test]
fn secure_is_for_tls_and_prefixes_promise_it() {
    for (from, line, kept) in [
        ("https://a.test/", "a=b; Secure", true),
        ("http://a.test/", "a=b; Secure", false),
        ("https://a.test/", "__Secure-a=b; Secure", true),
        ("https://a.test/", "__SECURE-a=b", false),
        ("https://a.test/", "__Host-a=b; Secure; Path=/", true),
        ("https://a.test/", "__Host-a=b; Secure", false),
        ("https://a.test/", "__Host-a=b; Path=/", false),
        ("https://a.test/", "__Host-a=b; Secure; Path=/x", false),
        (
            "https://a.test/",
            "__host-a=b; Secure; Path=/; Domain=a.test",
            false,
        ),
        ("https://a.test/", "=__Host-a=b; Secure; Path=/", false),
        ("https://a.test/", "__Secure-a; Secure", false),
    ] {
        let mut jar = jar(&[(from, line)]);
        assert_eq!(
            !sent(&mut jar, "https://a.test/").is_empty(),
            kept,
            "{from} {line}"
        );
        assert!(sent(&mut jar, "http://a.test/").is_empty());
    }
}

#[test]
fn who_is_not_secure_hides_nothing_that_is() {
    let mut jar = jar(&[
        (
            "https://x.a.test/in/",
            "s=1; Secure; Domain=a.test; Path=/in",
        ),
        ("http://x.a.test/", "s=2; Path=/in/side"),
        ("http://a.test/", "s=3; Path=/in"),
        ("http://x.a.test/", "s=4; Path=/out"),
        ("http://x.a.test/", "t=5; Path=/in"),
    ]);
    assert_eq!(sent(&mut jar, "https://x.a.test/in/side"), "s=1; t=5");
    assert_eq!(sent(&mut jar, "http://x.a.test/out"), "s=4");
}

#[test]
fn longer_paths_and_older_cookies_come_first() {
    let mut jar = jar(&[
        ("http://x.a.test/", "a=1"),
        ("http://x.a.test/", "b=2; Path=/x"),
        ("http://x.a.test/", "c=3; Domain=a.test"),
        ("http://x.a.test/", "d; Path=/x"),
        ("http://x.a.test/", "a=4"),
        ("http://x.a.test/", "a=5; Domain=a.test"),
    ]);
    assert_eq!(sent(&mut jar, "http://x.a.test/x"), "b=2; d; a=4; c=3; a=5");
}

#[test]
fn a_program_s_own_pairs_come_first_and_win() {
    let mut jar = jar(&[
        ("http://a.test/", "a=1"),
        ("http://a.test/", "b=2"),
        ("http://a.test/", "c"),
    ]);
    assert_eq!(
        sent_with(&mut jar, "http://a.test/", "b=own; d=4"),
        "b=own; d=4; a=1; c"
    );
    assert_eq!(
        sent_with(&mut jar, "http://a.test/", " b = x;a"),
        " b = x;a; c"
    );
    assert_eq!(jar.header(&site("http://b.test/"), b"b=own", NOW), None);
}

#[test]
fn what_is_over_goes_and_what_is_set_again_stays_in_its_place() {
    let from = site("http://a.test/");
    let mut jar = Cookies::default();
    assert!(!jar.set(b"s=1", &from, NOW), "the context's alone");
    assert!(jar.set(b"p=1; Max-Age=10", &from, NOW));
    assert!(jar.set(b"p=2; Max-Age=20", &from, NOW));
    assert_eq!(jar.items, 2);
    let value =
        |jar: &mut Cookies, now| String::from_utf8(jar.header(&from, b"", now).unwrap_or_default());
    assert_eq!(value(&mut jar, NOW + 19).as_deref(), Ok("s=1; p=2"));
    assert_eq!(value(&mut jar, NOW + 20).as_deref(), Ok("s=1"));
    assert!(
        jar.set(b"p=; Max-Age=0", &from, NOW + 1),
        "it is taken away"
    );
    assert!(!jar.set(b"p=; Max-Age=0", &from, NOW + 1));
    assert!(!jar.set(b"s=; Expires=Thu, 01 Jan 1970 00:00:00 GMT", &from, NOW + 1));
    assert_eq!((jar.items, jar.bytes, jar.domains.len()), (0, 0, 0));
}

#[test]
fn limits_hold_and_the_least_recently_used_goes() {
    let limits = Limits {
        items: 3,
        bytes: 100,
        payload: 20,
    };
    let mut jar = Cookies::new(limits);
    for (host, line) in [
        ("a.test", "a=1"),
        ("b.test", "b=2"),
        ("c.test", "c=3; Max-Age=5"),
    ] {
        let from = Site {
            host,
            path: "/",
            secure: false,
        };
        jar.set(line.as_bytes(), &from, NOW);
    }
    assert_eq!(sent(&mut jar, "http://a.test/"), "a=1");
    assert!(!jar.set(b"d=4", &site("http://d.test/"), NOW));
    assert_eq!(sent(&mut jar, "http://b.test/"), "", "not used for longest");
    assert!(!jar.set(b"e=5", &site("http://e.test/"), NOW + 6));
    assert_eq!(
        (
            sent(&mut jar, "http://c.test/"),
            sent(&mut jar, "http://d.test/")
        ),
        (String::new(), "d=4".into())
    );
    jar.set(b"f=1234567890123456789", &site("http://d.test/"), NOW);
    assert_eq!(
        sent(&mut jar, "http://d.test/"),
        "d=4; f=1234567890123456789"
    );
    jar.set(b"f=12345678901234567890", &site("http://d.test/"), NOW);
    assert_eq!(
        sent(&mut jar, "http://d.test/"),
        "d=4",
        "too large, and what it was to replace is gone"
    );
    let path = format!("g=1; Path=/{}", "x".repeat(90));
    jar.set(path.as_bytes(), &site("http://d.test/"), NOW);
    assert!(
        jar.bytes <= 100 && jar.items == 1,
        "{} of {}",
        jar.bytes,
        jar.items
    );
}

#[test]
fn a_domain_has_only_so_many() {
    let mut jar = Cookies::default();
    for n in 0..2 * PER_DOMAIN {
        jar.set(format!("n{n}=1").as_bytes(), &site("http://a.test/"), NOW);
    }
    jar.set(b"x=1", &site("http://b.test/"), NOW);
    assert_eq!(jar.items, PER_DOMAIN + 1);
    let line = sent(&mut jar, "http://a.test/");
    assert!(
        line.starts_with(&format!("n{PER_DOMAIN}=1; "))
            && line.ends_with(&format!("n{}=1", 2 * PER_DOMAIN - 1))
    );
}

#[test]
fn a_request_does_not_grow_without_end() {
    let value = "v".repeat(4_000);
    let lines: Vec<_> = (0..9).map(|n| format!("n{n}={value}")).collect();
    let set: Vec<_> = lines
        .iter()
        .map(|line| ("http://a.test/", line.as_str()))
        .collect();
    let line = sent(&mut jar(&set), "http://a.test/");
    assert!(line.len() < 8_190 && line.contains("n1="), "{}", line.len());
}

#[test]
fn the_file_is_the_netscape_one() {
    let jar = jar(&[
        (
            "https://x.a.test/in/side",
            "a=1; Max-Age=60; Secure; HttpOnly",
        ),
        (
            "http://x.a.test/",
            "b=2=3; Max-Age=61; Domain=a.test; Path=/p",
        ),
        ("http://x.a.test/", "session=4"),
        ("http://x.a.test/", "nameless; Max-Age=62"),
    ]);
    let file = jar.file(NOW);
    let text = format!(
        "# Netscape HTTP Cookie File\n\
         #HttpOnly_x.a.test\tFALSE\t/in\tTRUE\t{}\ta\t1\n\
         .a.test\tTRUE\t/p\tFALSE\t{}\tb\t2=3\n\
         x.a.test\tFALSE\t/\tFALSE\t{}\t\tnameless\n",
        NOW + 60,
        NOW + 61,
        NOW + 62
    );
    assert_eq!(str::from_utf8(&file), Ok(text.as_str()));
    let mut again = Cookies::default();
    again.load(&file, NOW);
    assert_eq!(again.file(NOW), file);
    assert_eq!(sent(&mut again, "https://x.a.test/in/"), "a=1; nameless");
    assert_eq!(sent(&mut again, "http://y.a.test/p/"), "b=2=3");
    let later = String::from_utf8(again.file(NOW + 61)).expect("text");
    assert_eq!(later.lines().count(), 2, "{later}");
}

#[test]
fn other_files_are_read_for_what_they_have() {
    let mut jar = Cookies::default();
    let file = "# comment\n\n#HttpOnly_.A.test\tTRUE\t/\tFALSE\t0\ts\tession\r\n\
        a.test\tFALSE\t/\tFALSE\t9999999999\tempty\n\
        a.test\tFALSE\t/\tFALSE\t1\told\t1\n\
        a.test FALSE / FALSE 9999999999 spaces 1\n\
        a.test\tFALSE\tx\tFALSE\t9999999999\tpath\t1\n\
        a.test\tFALSE\t/\tFALSE\tsoon\tword\t1\n\
        a.test\tFALSE\t/\tFALSE\t9999999999\tmore\t1\t2\n\
        a.test\tFALSE\t/\tFALSE\t9999999999\tnul\t\0\n\
        \tFALSE\t/\tFALSE\t9999999999\tnobody\t1\n\
        # a.test\tFALSE\t/\tFALSE\t9999999999\thidden\t1\n\
        \u{e9}.test\tFALSE\t/";
    jar.load(file.as_bytes(), NOW);
    assert_eq!(sent(&mut jar, "http://a.test/"), "s=ession; empty=");
    assert_eq!(jar.items, 2);
    jar.load(b"\xff\xfe\0\n\xff\tTRUE\t/\tTRUE\t1\ta\tb", NOW);
    assert_eq!(jar.items, 2);
}

/// A file is no way around the rules for servers.
#[test]
fn a_file_gives_no_cookie_to_all_of_a_top_level_domain() {
    let mut jar = Cookies::default();
    let file = "test\tTRUE\t/\tFALSE\t9999999999\ttop\t1\n\
        .a.test\tTRUE\t/\tFALSE\t9999999999\t__Secure-x\t1\n\
        .a.test\tTRUE\t/\tTRUE\t9999999999\t__Host-y\t1\n\
        a.test\tFALSE\t/\tTRUE\t9999999999\t__Host-z\t1\n\
        a.test\tFALSE\t/\tTRUE\t9999999999\t\t__Host-v\n";
    jar.load(file.as_bytes(), NOW);
    jar.load(b".#HttpOnly_a.test\tTRUE\t/\tTRUE\t9999999999\tx\t1\n", NOW);
    assert_eq!(jar.items, 2);
    assert_eq!(sent(&mut jar, "http://test/"), "top=1");
    assert_eq!(sent(&mut jar, "https://a.test/"), "__Host-z=1");
}

#[test]
fn nothing_that_a_server_sends_breaks_it_and_the_file_says_the_same() {
    let pieces: [&[u8]; 18] = [
        b"a",
        b"=",
        b"; ",
        b"Domain",
        b"a.test",
        b"Path",
        b"/",
        b"Max-Age",
        b"9",
        b"Expires",
        b"Secure",
        b"__Host-",
        b" ",
        b"\xff",
        b".",
        b"-",
        b"06 Nov 2030 08:49:37",
        b"HttpOnly",
    ];
    let from = site("https://x.a.test/p/q");
    let mut jar = Cookies::new(Limits {
        items: 50,
        bytes: 2_000,
        payload: 100,
    });
    let mut state = 1_u32;
    for n in 0..20_000 {
        let mut line = Vec::new();
        for _ in 0..14 {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            line.extend_from_slice(pieces[(state >> 16) as usize % pieces.len()]);
        }
        jar.set(&line, &from, NOW + n);
        assert!(jar.items <= 50 && jar.bytes <= 2_000);
        let sent = jar.header(&from, b"", NOW + n).unwrap_or_default();
        assert!(!sent.iter().any(u8::is_ascii_control));
    }
    let now = NOW + 20_000;
    let mut again = Cookies::default();
    again.load(&jar.file(now), now);
    assert_eq!(again.file(now), jar.file(now));
    jar.forget_expired(i64::MAX - 1);
    assert!(jar.items > 0, "those of the context");
}
