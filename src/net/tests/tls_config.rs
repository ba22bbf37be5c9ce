//! What a vhost brings: CAs, an identity, ciphers, a ready SSL_CTX.

use std::path::{Path, PathBuf};

use foreign_types::ForeignType;
use openssl::ssl::{SslContext, SslMethod, SslVerifyMode};
use openssl::symm::Cipher;

use super::peer::{Identity, NOW, Peer, San, Seen, authority, selfsigned, server};
use super::tls::{HOST, Hook, secured, shake, strict};
use crate::net::tls::{TlsClient, TlsConfig};
use crate::net::transport::Handshake;

/// A file with a name of its own, gone with the story.
struct File(PathBuf);

impl File {
    fn new(name: &str, bytes: &[u8]) -> Self {
        let path = std::env::temp_dir().join(format!("broadside-{}-{name}", std::process::id()));
        std::fs::write(&path, bytes).unwrap();
        Self(path)
    }
}

impl Drop for File {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

fn client(config: &TlsConfig<'_>) -> (TlsClient, Vec<String>) {
    TlsClient::new(config).unwrap()
}

fn meet(ca: &Identity, client: &TlsClient) -> (Handshake, Result<Seen, String>) {
    let identity = server(ca, &[San::Dns(HOST)], NOW);
    let issuer = ca.cert.clone();
    let peer = Peer::tls_with(
        &identity,
        move |context| {
            context.set_verify(SslVerifyMode::PEER);
            context.cert_store_mut().add_cert(issuer).unwrap();
        },
        |_| {},
    );
    let mut transport = secured(&peer, client, &strict(HOST));
    let end = shake(&mut transport, &mut Hook::default());
    transport.close(true);
    (end, peer.join())
}

fn accepted(ca: &Identity, client: &TlsClient) -> Seen {
    let (end, seen) = meet(ca, client);
    assert!(matches!(end, Handshake::Done { .. }), "{end:?}");
    seen.unwrap()
}

#[test]
fn a_ca_comes_from_a_file_or_memory_pem_or_der() {
    let ca = authority();
    let (pem, der) = (ca.cert.to_pem().unwrap(), ca.cert.to_der().unwrap());
    let file = File::new("ca.pem", &pem);
    let two = [selfsigned(&[]).cert.to_pem().unwrap(), pem.clone()].concat();
    for config in [
        TlsConfig {
            ca_filepath: Some(&file.0),
            ..TlsConfig::default()
        },
        TlsConfig {
            ca_mem: Some(&pem),
            ..TlsConfig::default()
        },
        TlsConfig {
            ca_mem: Some(&two),
            os_store: true,
            ..TlsConfig::default()
        },
        TlsConfig {
            ca_mem: Some(&der),
            ..TlsConfig::default()
        },
    ] {
        let (client, warnings) = client(&config);
        assert_eq!(warnings, [""; 0]);
        accepted(&ca, &client);
    }
}

#[test]
fn a_ca_that_does_not_load_is_told_and_trusts_nobody() {
    let missing = Path::new("/no/such/ca.pem");
    let config = TlsConfig {
        ca_filepath: Some(missing),
        ca_mem: Some(b"junk"),
        ..TlsConfig::default()
    };
    let (client, warnings) = client(&config);
    assert_eq!(warnings.len(), 2);
    assert!(
        warnings[0].contains("/no/such/ca.pem") && warnings[0].contains("give a readable file"),
        "{warnings:?}"
    );
    assert!(warnings[1].contains("client_ssl_ca_mem"), "{warnings:?}");
    assert!(matches!(
        meet(&authority(), &client).0,
        Handshake::Failed(_)
    ));
}

#[test]
fn a_client_certificate_comes_from_files_or_memory_with_or_without_password() {
    let ca = authority();
    let (me, issuer) = (server(&ca, &[], NOW), ca.cert.to_pem().unwrap());
    let (cert, cert_der) = (me.cert.to_pem().unwrap(), me.cert.to_der().unwrap());
    let (key, key_der) = (
        me.key.private_key_to_pem_pkcs8().unwrap(),
        me.key.private_key_to_der().unwrap(),
    );
    let locked = me
        .key
        .private_key_to_pem_pkcs8_passphrase(Cipher::aes_128_cbc(), b"open")
        .unwrap();
    let (cert_file, key_file) = (File::new("cert.pem", &cert), File::new("key.pem", &locked));
    let base = TlsConfig {
        ca_mem: Some(&issuer),
        ..TlsConfig::default()
    };
    for config in [
        TlsConfig {
            cert_mem: Some(&cert),
            key_mem: Some(&key),
            ..base
        },
        TlsConfig {
            cert_mem: Some(&cert_der),
            key_mem: Some(&key_der),
            ..base
        },
        TlsConfig {
            cert_filepath: Some(&cert_file.0),
            key_filepath: Some(&key_file.0),
            key_password: Some(b"open"),
            ..base
        },
    ] {
        assert!(accepted(&ca, &client(&config).0).client_cert);
    }
    let (client, warnings) = client(&TlsConfig {
        cert_mem: Some(&cert),
        ..base
    });
    assert!(warnings[0].contains("is not used without"), "{warnings:?}");
    assert!(!accepted(&ca, &client).client_cert);
}

#[test]
fn a_client_identity_that_does_not_load_is_an_error() {
    let (me, other) = (authority(), authority());
    let cert = me.cert.to_pem().unwrap();
    let locked = me
        .key
        .private_key_to_pem_pkcs8_passphrase(Cipher::aes_128_cbc(), b"open")
        .unwrap();
    let foreign = other.key.private_key_to_pem_pkcs8().unwrap();
    let missing = Path::new("/no/such/cert.pem");
    for (config, words) in [
        (
            TlsConfig {
                cert_filepath: Some(missing),
                ..TlsConfig::default()
            },
            "/no/such/cert.pem",
        ),
        (
            TlsConfig {
                cert_mem: Some(b"junk"),
                ..TlsConfig::default()
            },
            "client certificate in memory",
        ),
        (
            TlsConfig {
                cert_mem: Some(b"-----BEGIN "),
                ..TlsConfig::default()
            },
            "client certificate in memory",
        ),
        (
            TlsConfig {
                key_mem: Some(&locked),
                ..TlsConfig::default()
            },
            "client private key in memory",
        ),
        (
            TlsConfig {
                cert_mem: Some(&cert),
                key_mem: Some(&foreign),
                ..TlsConfig::default()
            },
            "key values mismatch",
        ),
        (
            TlsConfig {
                cipher_list: Some("NO-SUCH"),
                ..TlsConfig::default()
            },
            "client_ssl_cipher_list",
        ),
        (
            TlsConfig {
                tls13_ciphers: Some("NO-SUCH"),
                ..TlsConfig::default()
            },
            "client_tls_1_3_plus_cipher_list",
        ),
    ] {
        let text = TlsClient::new(&config).unwrap_err();
        assert!(
            text.starts_with("tls: ") && text.contains(words) && !text.contains('\n'),
            "{text}"
        );
    }
}

#[test]
fn a_provided_context_is_used_as_it_is_and_outlives_its_owner() {
    let ca = authority();
    let mut builder = SslContext::builder(SslMethod::tls_client()).unwrap();
    builder.cert_store_mut().add_cert(ca.cert.clone()).unwrap();
    let theirs = builder.build();
    let provided = std::ptr::NonNull::new(theirs.as_ptr());
    let (client, _) = client(&TlsConfig {
        provided,
        ..TlsConfig::default()
    });
    drop(theirs);
    assert_eq!(Some(client.ctx()), provided.map(std::ptr::NonNull::as_ptr));
    accepted(&ca, &client);
    assert!(matches!(
        meet(&authority(), &client).0,
        Handshake::Failed(_)
    ));
}
