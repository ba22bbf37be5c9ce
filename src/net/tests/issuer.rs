//! Stories of certificates that are made: OpenSSL reads and verifies them.

use std::net::IpAddr;

use openssl::asn1::Asn1Time;
use openssl::bn::BigNum;
use openssl::ec::EcGroup;
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{Id, PKey, Private};
use openssl::rsa::Rsa;
use openssl::stack::Stack;
use openssl::symm::Cipher;
use openssl::x509::extension::BasicConstraints;
use openssl::x509::store::X509StoreBuilder;
use openssl::x509::verify::X509VerifyFlags;
use openssl::x509::{X509, X509Builder, X509Extension, X509Name, X509StoreContext};

use crate::net::issuer::{self, KeyKind, Order, Use};

/// 2026-11-26, about noon.
const NOW: i64 = 1_795_694_400;
const DAY: i64 = 86_400;

const CA: Order<'_> = Order {
    name: "An Authority",
    key: KeyKind::Ec("P-256"),
    signer: None,
    use_of: Use::Authority,
    days: 30,
    now: NOW,
};
const SERVER: Order<'_> = Order {
    name: "host.test",
    use_of: Use::Server,
    ..CA
};

struct Pair {
    cert: X509,
    key: PKey<Private>,
    cert_pem: Vec<u8>,
    key_pem: Vec<u8>,
}

impl Pair {
    fn of(cert: X509, key: PKey<Private>) -> Self {
        let cert_pem = cert.to_pem().unwrap();
        let key_pem = key.private_key_to_pem_pkcs8().unwrap();
        Self {
            cert,
            key,
            cert_pem,
            key_pem,
        }
    }

    fn signs(&self) -> Option<(&[u8], &[u8])> {
        Some((&self.cert_pem, &self.key_pem))
    }

    fn der(&self) -> Vec<u8> {
        self.cert.to_der().unwrap()
    }
}

fn made(order: &Order<'_>) -> Pair {
    let made = issuer::make(order).unwrap_or_else(|why| panic!("{order:?}: {why}"));
    let cert = X509::from_der(&made.cert).unwrap();
    let key = PKey::private_key_from_der(&made.key).unwrap();
    assert!(cert.public_key().unwrap().public_eq(&key));
    Pair::of(cert, key)
}

fn refused(order: &Order<'_>) -> String {
    match issuer::make(order) {
        Ok(_) => panic!("{order:?} is carried out"),
        Err(why) => why,
    }
}

/// As X509_verify_cert() sees it, strictly.
fn verifies(leaf: &X509, root: &X509, at: i64) -> Result<(), String> {
    let mut store = X509StoreBuilder::new().unwrap();
    store.add_cert(root.clone()).unwrap();
    store.set_flags(X509VerifyFlags::X509_STRICT).unwrap();
    let mut param = openssl::x509::verify::X509VerifyParam::new().unwrap();
    param.set_time(at as _);
    store.set_param(&param).unwrap();
    let mut context = X509StoreContext::new().unwrap();
    let chain = Stack::new().unwrap();
    context
        .init(&store.build(), leaf, &chain, |context| {
            match context.verify_cert()? {
                true => Ok(Ok(())),
                false => Ok(Err(context.error().error_string().to_owned())),
            }
        })
        .unwrap()
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

/// The words of an extension as OpenSSL prints it.
fn printed(cert: &X509, words: &str) -> bool {
    let text = String::from_utf8(cert.to_text().unwrap()).unwrap();
    text.split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .contains(words)
}

#[test]
fn a_ca_signs_a_server_and_a_client() {
    for key in [KeyKind::Ec("P-256"), KeyKind::Rsa(2048)] {
        let ca = made(&Order { key, ..CA });
        assert_eq!(verifies(&ca.cert, &ca.cert, NOW), Ok(()));
        assert!(printed(&ca.cert, "Basic Constraints: critical CA:TRUE"));
        assert!(printed(
            &ca.cert,
            "Key Usage: critical Certificate Sign, CRL Sign"
        ));
        assert!(ca.cert.subject_alt_names().is_none());
        assert!(ca.cert.extended_key_usage().is_none());
        let signer = ca.signs();
        let server = made(&Order { signer, ..SERVER });
        let client = Order {
            use_of: Use::Client,
            name: "a client, of any name",
            signer,
            ..CA
        };
        let client = made(&client);
        for leaf in [&server, &client] {
            assert_eq!(verifies(&leaf.cert, &ca.cert, NOW), Ok(()));
            assert!(printed(&leaf.cert, "Basic Constraints: critical CA:FALSE"));
            assert!(printed(
                &leaf.cert,
                "Key Usage: critical Digital Signature X509v3"
            ));
            let (above, own) = (leaf.cert.authority_key_id(), ca.cert.subject_key_id());
            assert_eq!(above.unwrap().as_slice(), own.unwrap().as_slice());
        }
        assert!(printed(
            &server.cert,
            "TLS Web Server Authentication, TLS Web Client Authentication"
        ));
        assert!(printed(
            &client.cert,
            "Extended Key Usage: TLS Web Client Authentication X509v3"
        ));
        let names = server.cert.subject_alt_names().unwrap();
        assert_eq!(names.len(), 1);
        assert_eq!(names[0].dnsname(), Some("host.test"));
        assert!(client.cert.subject_alt_names().is_none());
    }
}

#[test]
fn the_key_is_as_its_pem_label_says() {
    let rsa = issuer::make(&Order {
        key: KeyKind::Rsa(1024),
        ..SERVER
    });
    let rsa = rsa.unwrap();
    assert_eq!(Rsa::private_key_from_der(&rsa.key).unwrap().size(), 128);
    let cert = X509::from_der(&rsa.cert).unwrap();
    assert!(printed(
        &cert,
        "Key Usage: critical Digital Signature, Key Encipherment"
    ));
    assert_eq!(verifies(&cert, &cert, NOW), Ok(()));
    let ec = issuer::make(&SERVER).unwrap();
    // SEC 1: version 1 and an octet string, where PKCS#8 has version 0.
    assert!(contains(ec.key.get(..16).unwrap(), &[2, 1, 1, 4, 32]));
    assert_eq!(
        made(&Order {
            key: KeyKind::Rsa(0),
            ..SERVER
        })
        .key
        .bits(),
        2048
    );
}

#[test]
fn serial_numbers_are_positive_long_and_never_the_same() {
    let mut seen = std::collections::HashSet::new();
    for _ in 0..50 {
        let number = made(&SERVER).cert.serial_number().to_bn().unwrap();
        assert!(!number.is_negative());
        assert!(number.num_bits() > 64 && number.num_bytes() <= 20);
        assert!(seen.insert(number.to_vec()));
    }
}

#[test]
fn dates_are_written_as_the_rfc_says() {
    // notAfter 2049-12-31, and a day later
    let noon = 2_524_564_800 - 30 * DAY;
    let last = made(&Order { now: noon, ..CA });
    let first = made(&Order {
        now: noon + DAY,
        ..CA
    });
    assert!(contains(&last.der(), b"\x17\x0d491231120000Z"));
    assert!(contains(&first.der(), b"\x18\x0f20500101120000Z"));
    for pair in [&last, &first] {
        assert!(contains(&pair.der(), b"\x17\x0d4912") || contains(&pair.der(), b"\x17\x0d4911"));
    }
    let year = made(&Order { days: 0, ..CA });
    let at = |seconds: i64| Asn1Time::from_unix(seconds as _).unwrap();
    assert!(year.cert.not_before() == at(NOW - DAY));
    assert!(year.cert.not_after() == at(NOW + 365 * DAY));
    let longest = made(&Order { days: 36_600, ..CA });
    assert_eq!(
        verifies(&longest.cert, &longest.cert, NOW + 36_599 * DAY),
        Ok(())
    );
}

#[test]
fn an_address_is_an_address() {
    for name in ["127.0.0.1", "::1", "2001:db8::7"] {
        let cert = made(&Order { name, ..SERVER }).cert;
        let names = cert.subject_alt_names().unwrap();
        let want: Vec<u8> = match name.parse().unwrap() {
            IpAddr::V4(v4) => v4.octets().to_vec(),
            IpAddr::V6(v6) => v6.octets().to_vec(),
        };
        assert_eq!(names[0].ipaddress(), Some(want.as_slice()));
    }
    let longest = format!("{}.test", "a".repeat(59));
    for name in ["*.host.test", "localhost", "x_y.test", "1a", &longest] {
        let cert = made(&Order { name, ..SERVER }).cert;
        assert_eq!(cert.subject_alt_names().unwrap()[0].dnsname(), Some(name));
    }
}

#[test]
fn what_makes_no_name_is_refused() {
    let long = "a".repeat(65);
    for (name, why) in [("", "empty"), ("a\nb", "control"), (&long, "65 characters")] {
        for use_of in [Use::Authority, Use::Server, Use::Client] {
            let why_not = refused(&Order { name, use_of, ..CA });
            assert!(why_not.contains(why), "{why_not}");
        }
    }
    let label = "a".repeat(64);
    for name in [
        "a b",
        "a,DNS:b",
        ".",
        "a..b",
        "a.",
        "-a",
        "a-",
        "*",
        "a.*.b",
        "1.2.3",
        "256.1.1.1",
        "b\u{fc}cher.test",
        "[::1]",
        "fe80::1%lo",
        "http://a",
        "a:1",
        &label,
    ] {
        let why_not = refused(&Order { name, ..SERVER });
        assert!(why_not.contains("neither an address"), "{why_not}");
        made(&Order { name, ..CA });
    }
}

#[test]
fn what_makes_no_key_is_refused() {
    for bits in [-1, 1, 512, 1023, 8193, i32::MAX, i32::MIN] {
        let key = KeyKind::Rsa(bits);
        let why = refused(&Order { key, ..CA });
        assert_eq!(why, format!("key_bits {bits} is out of range 1024..8192"));
    }
    for name in [
        "",
        "P-255",
        "no such",
        "rsaEncryption",
        "ED25519",
        "X25519",
        "\u{fc}",
    ] {
        let key = KeyKind::Ec(name);
        let why = refused(&Order { key, ..CA });
        assert_eq!(why, format!("unknown curve {name}"));
    }
    let key = KeyKind::Ec("secp112r1");
    assert!(refused(&Order { key, ..CA }).contains("secp112r1"));
    for days in [-1, i32::MIN, 36_601, i32::MAX] {
        assert!(refused(&Order { days, ..CA }).contains("validity_days"));
    }
}

#[test]
fn every_curve_of_openssl_works_or_is_refused() {
    let mut works = Vec::new();
    for nid in 1..1400 {
        let nid = Nid::from_raw(nid);
        if EcGroup::from_curve_name(nid).is_err() {
            continue;
        }
        for name in [nid.short_name().unwrap(), nid.long_name().unwrap()] {
            let key = KeyKind::Ec(name);
            match issuer::make(&Order { key, ..CA }) {
                Ok(made) => {
                    let cert = X509::from_der(&made.cert).unwrap();
                    assert!(cert.verify(&cert.public_key().unwrap()).unwrap(), "{name}");
                    works.push(name);
                }
                Err(why) => assert!(!why.is_empty()),
            }
        }
    }
    for name in ["prime256v1", "secp384r1", "secp521r1"] {
        assert!(works.contains(&name), "{name} is not in {works:?}");
    }
    for key in ["P-384", "P-521"].map(KeyKind::Ec) {
        let ca = made(&Order { key, ..CA });
        let signer = ca.signs();
        let leaf = made(&Order {
            key,
            signer,
            ..SERVER
        });
        assert_eq!(verifies(&leaf.cert, &ca.cert, NOW), Ok(()));
    }
}

/// A CA of others, with these extensions.
fn foreign(key: PKey<Private>, digest: MessageDigest, extensions: &[X509Extension]) -> Pair {
    let mut name = X509Name::builder().unwrap();
    name.append_entry_by_nid(Nid::ORGANIZATIONNAME, "Others")
        .unwrap();
    let name = name.build();
    let mut builder = X509Builder::new().unwrap();
    builder
        .set_version(if extensions.is_empty() { 0 } else { 2 })
        .unwrap();
    let serial = BigNum::from_u32(77).unwrap().to_asn1_integer().unwrap();
    builder.set_serial_number(&serial).unwrap();
    builder.set_subject_name(&name).unwrap();
    builder.set_issuer_name(&name).unwrap();
    builder.set_pubkey(&key).unwrap();
    builder
        .set_not_before(&Asn1Time::from_unix((NOW - DAY) as _).unwrap())
        .unwrap();
    builder
        .set_not_after(&Asn1Time::from_unix((NOW + 90 * DAY) as _).unwrap())
        .unwrap();
    for extension in extensions {
        builder.append_extension2(extension).unwrap();
    }
    builder.sign(&key, digest).unwrap();
    Pair::of(builder.build(), key)
}

fn ca(pathlen: Option<u32>) -> X509Extension {
    let mut basic = BasicConstraints::new();
    basic.critical().ca();
    pathlen.map(|pathlen| basic.pathlen(pathlen));
    basic.build().unwrap()
}

#[test]
fn cas_of_other_kinds_sign_too() {
    let sha256 = MessageDigest::sha256();
    let rsa = || PKey::from_rsa(Rsa::generate(2048).unwrap()).unwrap();
    let dsa = PKey::from_dsa(openssl::dsa::Dsa::generate(2048).unwrap()).unwrap();
    let (ed25519, ed448) = (
        PKey::generate_ed25519().unwrap(),
        PKey::generate_ed448().unwrap(),
    );
    let none = MessageDigest::null();
    for (key, digest) in [
        (rsa(), sha256),
        (dsa, sha256),
        (ed25519, none),
        (ed448, none),
    ] {
        let id = key.id();
        let others = foreign(key, digest, &[ca(Some(0))]);
        let signer = others.signs();
        let leaf = made(&Order { signer, ..SERVER });
        assert!(
            leaf.cert
                .verify(&others.cert.public_key().unwrap())
                .unwrap(),
            "{id:?}"
        );
        assert_eq!(leaf.key.id(), Id::EC);
        // it has no key id of its own
        assert!(leaf.cert.authority_key_id().is_none());
        assert_eq!(
            leaf.cert
                .authority_serial()
                .unwrap()
                .to_bn()
                .unwrap()
                .to_vec(),
            [77]
        );
        assert_eq!(
            leaf.cert.issuer_name().to_der().unwrap(),
            others.cert.subject_name().to_der().unwrap()
        );
        let why = refused(&Order { signer, ..CA });
        assert_eq!(why, "ca_cert_pem allows no CA below it (pathlen 0)");
    }
    // version 1, which cannot say that it is one
    let oldest = foreign(rsa(), sha256, &[]);
    made(&Order {
        signer: oldest.signs(),
        ..SERVER
    });
}

#[test]
fn a_ca_below_a_ca_signs() {
    let root = made(&CA);
    let below = made(&Order {
        name: "Below",
        signer: root.signs(),
        ..CA
    });
    let leaf = made(&Order {
        signer: below.signs(),
        ..SERVER
    });
    assert_eq!(verifies(&below.cert, &root.cert, NOW), Ok(()));
    assert!(
        verifies(&leaf.cert, &root.cert, NOW).is_err(),
        "who is between is not shown"
    );
    assert!(leaf.cert.verify(&below.key).unwrap());
}

#[test]
fn what_is_no_signer_is_refused() {
    let (one, other) = (made(&CA), made(&CA));
    let leaf = made(&SERVER);
    let with = |cert, key| {
        refused(&Order {
            signer: Some((cert, key)),
            ..SERVER
        })
    };
    let mixed = "ca_key_pem is not the key of ca_cert_pem";
    assert_eq!(with(&one.cert_pem, &other.key_pem), mixed);
    assert_eq!(
        with(&leaf.cert_pem, &leaf.key_pem),
        "ca_cert_pem is not the certificate of a CA"
    );
    for bytes in [
        b"".as_slice(),
        b"words",
        b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    ] {
        assert!(with(bytes, &one.key_pem).starts_with("ca_cert_pem: "));
        assert!(with(&one.cert_pem, bytes).starts_with("ca_key_pem: "));
    }
    assert!(with(&one.key_pem, &one.cert_pem).starts_with("ca_cert_pem: "));
    assert!(with(&one.cert_pem, &one.cert_pem).starts_with("ca_key_pem: "));
    // nobody is asked for its password
    let locked = one
        .key
        .private_key_to_pem_pkcs8_passphrase(Cipher::aes_128_cbc(), b"word")
        .unwrap();
    assert!(with(&one.cert_pem, &locked).starts_with("ca_key_pem: "));
    // text around them, and others behind them
    let both = [
        b"# mine\n".as_slice(),
        &one.cert_pem,
        &leaf.cert_pem,
        &one.key_pem,
    ]
    .concat();
    made(&Order {
        signer: Some((&both, &both)),
        ..SERVER
    });
}
