//! Challenges and answers: those of the RFCs, and what servers make of them.

use super::challenge::parse;
use super::{Algorithm, Answer, Asked, Credentials, Tools};

const TOOLS: Tools = Tools {
    hash: |algorithm, bytes| {
        let name = match algorithm {
            Algorithm::Md5 => "MD5",
            Algorithm::Sha256 => "SHA256",
            Algorithm::Sha512_256 => "SHA512-256",
        };
        crate::net::hash::hex(name, bytes)
    },
    base64: crate::net::random::base64,
};

const GET: Asked<'static> = Asked {
    method: "GET",
    target: "/dir/index.html",
    has_body: false,
};

fn answer(offers: &[&str], user: &str, password: &str, cnonce: &str) -> Option<Answer> {
    let credentials = Credentials::new(user, password).expect("may be sent");
    Answer::choose(
        offers.iter().map(|one| one.as_bytes()),
        &credentials,
        cnonce,
    )
}

/// The whole line, without its name and its CR LF.
fn line(offers: &[&str], user: &str, password: &str, cnonce: &str, asked: Asked<'_>) -> String {
    let credentials = Credentials::new(user, password).expect("may be sent");
    let mut answer = answer(offers, user, password, cnonce).expect("can be answered");
    text(&mut answer, &credentials, asked).expect("an answer")
}

fn text(answer: &mut Answer, credentials: &Credentials, asked: Asked<'_>) -> Option<String> {
    let line = answer.line(credentials, &asked, TOOLS)?;
    let line = String::from_utf8(line.as_bytes().to_vec()).expect("text");
    let value = line.strip_prefix("Authorization: ").expect("the name");
    Some(value.strip_suffix("\r\n").expect("a whole line").to_owned())
}

fn schemes(value: &str) -> Vec<String> {
    let found = parse(value.as_bytes());
    found.iter().map(|one| one.scheme.to_owned()).collect()
}

#[test]
fn basic_is_the_rfcs() {
    let offer = ["Basic realm=\"WallyWorld\""];
    assert_eq!(
        line(&offer, "Aladdin", "open sesame", "", GET),
        "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="
    );
    let offer = ["Basic realm=\"foo\", charset=\"UTF-8\""];
    assert_eq!(
        line(&offer, "test", "123£", "", GET),
        "Basic dGVzdDoxMjPCow=="
    );
    assert_eq!(line(&["basic"], "a", "", "", GET), "Basic YTo=");
    assert!(answer(&["Basic"], "a:b", "c", "").is_none());
    for (user, password) in [("a\r\n", "b"), ("a", "b\0"), ("\u{7f}", ""), ("", "\u{85}")] {
        assert!(
            Credentials::new(user, password).is_err(),
            "{user:?} {password:?}"
        );
    }
}

const RFC_7616: &str = "Digest realm=\"http-auth@example.org\", qop=\"auth, auth-int\", algorithm=ALGORITHM, \
    nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\"";
const RFC_CNONCE: &str = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ";

#[test]
fn digest_is_rfc_7616_section_3_9_1() {
    for (algorithm, response) in [
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        (
            "SHA-256",
            "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1",
        ),
    ] {
        let offer = RFC_7616.replace("ALGORITHM", algorithm);
        assert_eq!(
            line(&[&offer], "Mufasa", "Circle of Life", RFC_CNONCE, GET),
            format!(
                "Digest username=\"Mufasa\", realm=\"http-auth@example.org\", \
                 nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", uri=\"/dir/index.html\", \
                 response=\"{response}\", algorithm={algorithm}, qop=auth, nc=00000001, cnonce=\"{RFC_CNONCE}\", \
                 opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\""
            )
        );
    }
}

/// Its hash of the user; the response is computed with Python's hashlib, as the text's is of none of the inputs that it names.
#[test]
fn digest_is_rfc_7616_section_3_9_2() {
    let offer = "Digest realm=\"api@example.org\", qop=\"auth\", algorithm=SHA-512-256, \
        nonce=\"5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK\", \
        opaque=\"HRPCssKJSGjCrkzDg8OhwpzCiGPChXYjwrI2QmXDnsOS\", charset=UTF-8, userhash=true";
    let asked = Asked {
        target: "/doe.json",
        ..GET
    };
    let cnonce = "NTg6RKcb9boFIAS3KrFK9BGeh+niz/sm";
    let said = line(&[offer], "Jäsøn Doe", "Secret, or not?", cnonce, asked);
    for part in [
        "username=\"793263caabb707a56211940d90411ea4a575adeccb7e360aeb624ed06ece9b0b\", userhash=true,",
        "response=\"7a4e1192babbba02e91182d2895bfdbf7adafc6e48d4e517ca301974843d840c\", algorithm=SHA-512-256,",
    ] {
        assert!(said.contains(part), "{part} in {said}");
    }
    let plain = offer.replace(", userhash=true", "");
    let said = line(&[&plain], "Jäsøn Doe", "x", cnonce, asked);
    assert!(
        said.contains("username*=UTF-8''J%C3%A4s%C3%B8n%20Doe,"),
        "{said}"
    );
}

#[test]
fn the_older_forms_are_known() {
    let nonce = "nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\"";
    let old = format!("Digest realm=\"testrealm@host.com\", {nonce}");
    let said = line(&[&old], "Mufasa", "Circle Of Life", "0a4f113b", GET);
    assert!(
        said.contains("response=\"670fd8c2df070c60b045671b8b24ff02\""),
        "{said}"
    );
    for absent in ["algorithm", "qop", "nc=", "cnonce", "opaque"] {
        assert!(!said.contains(absent), "{absent} in {said}");
    }
    let qop = format!("{old}, qop=auth");
    let said = line(&[&qop], "Mufasa", "Circle Of Life", "0a4f113b", GET);
    assert!(
        said.contains("response=\"6629fae49393a05397450978507c4ef1\""),
        "{said}"
    );
}

/// Computed with Python's hashlib.
#[test]
fn a_session_and_a_body_are_protected() {
    let nonce = "realm=\"r\", nonce=\"n\"";
    for (offer, response) in [
        (
            "algorithm=MD5-sess, qop=auth",
            "0abe11747db4fe75b9d027c31a167c62",
        ),
        (
            "algorithm=SHA-256-sess, qop=auth",
            "4bce2566c0752865fa313f8e48f337b1ae2b8ea714835e307efc7d52526b00a3",
        ),
        ("algorithm=MD5-sess", "5d865286e962ca5eddcbe94fd150fcdd"),
        ("qop=\"auth-int\"", "9c7e61bcaf9adeeb5d4994bfcd7ab7b5"),
        (
            "algorithm=sha-256-SESS, qop=auth-int",
            "7fd9eaa2ba30147153690fac635d296c4610cf18df89e2f43abfe33a68c66ebc",
        ),
    ] {
        let offer = format!("Digest {nonce}, {offer}");
        let said = line(&[&offer], "u", "p", "c", GET);
        assert!(
            said.contains(&format!("response=\"{response}\"")),
            "{offer}: {said}"
        );
        assert!(said.contains("cnonce=\"c\"") || !offer.contains("sess"));
    }
}

#[test]
fn each_request_counts_and_a_body_that_is_not_known_cannot_be_protected() {
    let credentials = Credentials::new("u", "p").expect("may be sent");
    let offer = "Digest realm=r, nonce=n, qop=\"auth-int\"";
    let mut answer = answer(&[offer], "u", "p", "c").expect("an answer");
    let upload = Asked {
        has_body: true,
        ..GET
    };
    assert_eq!(text(&mut answer, &credentials, upload), None);
    for count in 1..=17 {
        let said = text(&mut answer, &credentials, GET).expect("an answer");
        assert!(said.contains(&format!("nc={count:08x}")), "{said}");
    }
}

#[test]
fn the_strongest_is_answered() {
    let md5 = "Digest realm=\"m\", nonce=\"1\", qop=\"auth\"";
    let sha = "Digest realm=\"s\", nonce=\"2\", qop=\"auth\", algorithm=SHA-256";
    let long = "Digest realm=\"l\", nonce=\"3\", qop=\"auth\", algorithm=SHA-512-256";
    let all = format!("Basic realm=\"b\", {md5}, {long}, {sha}");
    for (offers, realm) in [
        (vec!["Basic realm=\"b\"", md5, sha], "s"),
        (vec![sha, md5, "Basic realm=\"b\""], "s"),
        (vec!["Negotiate", "Basic realm=\"b\"", md5], "m"),
        (vec![&all], "s"),
        (vec![md5, long], "l"),
        (vec![md5, "Digest realm=\"later\", nonce=\"9\""], "m"),
        (
            vec!["Digest realm=\"x\", nonce=\"1\", algorithm=SHA3", md5],
            "m",
        ),
    ] {
        let said = line(&offers, "u", "p", "c", GET);
        assert!(
            said.contains(&format!("realm=\"{realm}\"")),
            "{offers:?}: {said}"
        );
    }
    for basic in [
        "Digest realm=\"x\", nonce=\"1\", algorithm=SHA3, Basic realm=\"b\"",
        "Digest realm=\"x\", nonce=\"1\", qop=\"other\", Basic realm=\"b\"",
        "Digest realm=\"x\", Basic realm=\"b\"",
        "NTLM, Negotiate YII=, basic REALM=b",
    ] {
        assert_eq!(line(&[basic], "u", "p", "c", GET), "Basic dTpw", "{basic}");
    }
    for none in [
        "",
        ",",
        "Bearer",
        "Bearer realm=\"x\"",
        "Digest",
        "Digest nonce=1",
        "Basic=1",
        "\"",
        "Digest realm=\"x, nonce=1",
    ] {
        assert!(answer(&[none], "u", "p", "c").is_none(), "{none}");
    }
}

#[test]
fn only_a_stale_nonce_is_asked_again() {
    let of = |rest: &str| {
        answer(&[&format!("Digest realm=r, {rest}")], "u", "p", "c").expect("an answer")
    };
    let old = of("nonce=1");
    assert!(of("nonce=2, stale=true").renews(&old));
    assert!(of("nonce=2, stale=\"TRUE\"").renews(&old));
    assert!(!of("nonce=2").renews(&old));
    assert!(!of("nonce=2, stale=false").renews(&old));
    assert!(!of("nonce=1, stale=true").renews(&old));
    assert!(!Answer::Basic.renews(&old) && !of("nonce=1, stale=true").renews(&Answer::Basic));
}

#[test]
fn what_is_quoted_comes_back_quoted() {
    let offer = r#"Digest realm="a \"b\" \\ c, d=e", nonce="x,y=\"" , opaque="" "#;
    let asked = Asked {
        target: "/\"q\"",
        ..GET
    };
    let said = line(&[offer], "u\"\\", "p", "c", asked);
    for part in [
        r#"username="u\"\\", realm="a \"b\" \\ c, d=e", nonce="x,y=\"", uri="/\"q\"""#,
        r#", opaque="""#,
    ] {
        assert!(said.contains(part), "{part} in {said}");
    }
    assert!(answer(&["Digest realm=\"a\rb\", nonce=1"], "u", "p", "c").is_none());
}

#[test]
fn a_header_lists_challenges_and_ends_where_it_is_no_list_any_more() {
    for (value, wanted) in [
        ("Basic", &["Basic"][..]),
        ("Basic,Digest", &["Basic", "Digest"]),
        (
            " , Basic realm=\"a\" ,, Digest  a=b ,c = \"d\" , ",
            &["Basic", "Digest"],
        ),
        ("Negotiate abc==, Basic realm=x", &["Negotiate", "Basic"]),
        (
            "Newauth realm=\"apps\", type=1, title=\"Login to \\\"apps\\\"\", Basic realm=\"simple\"",
            &["Newauth", "Basic"],
        ),
        ("Basic realm=\"open", &[]),
        ("Basic realm=a b, Digest", &[]),
        ("Digest a=b c=d", &[]),
        ("Basic, {bad}, Digest", &["Basic"]),
        ("a=b, Basic", &[]),
        ("Basic \"x\"", &[]),
    ] {
        assert_eq!(schemes(value), wanted, "{value}");
    }
}

#[test]
fn nothing_that_a_server_sends_breaks_it() {
    let pieces: [&[u8]; 14] = [
        b"Digest", b"Basic", b" ", b",", b"=", b"\"", b"\\", b"realm", b"nonce", b"qop", b"auth",
        b"==", b"\xff", b"\0",
    ];
    let mut state = 1_u32;
    for _ in 0..20_000 {
        let mut value = Vec::new();
        for _ in 0..12 {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            value.extend_from_slice(pieces[(state >> 16) as usize % pieces.len()]);
        }
        let credentials = Credentials::new("u", "p").expect("may be sent");
        let found = Answer::choose([value.as_slice()].into_iter(), &credentials, "c");
        if let Some(mut answer) = found {
            let line = answer.line(&credentials, &GET, TOOLS).expect("an answer");
            let lines = line.as_bytes().iter().filter(|b| **b == b'\n').count();
            assert_eq!(lines, 1, "{}", value.escape_ascii());
        }
    }
}
