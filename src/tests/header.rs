//! The only place that compares what C reads with what Rust has: the generated header, and the numbers kept by hand.

use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::path::Path;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
const HEADER: &str = "include/libwebsockets.h";

/// `BROADSIDE_BLESS=1 cargo test header` rewrites the header instead.
#[test]
fn the_header_is_what_cbindgen_makes_of_the_code() {
    let fresh = generated();
    let path = Path::new(ROOT).join(HEADER);
    if std::env::var_os("BROADSIDE_BLESS").is_some() {
        fs::write(&path, &fresh).expect("include/ is writable");
        return;
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    if let Some(difference) = first_difference(&kept, &fresh) {
        panic!(
            "{HEADER} is not what the code says: {difference}\nrun: BROADSIDE_BLESS=1 cargo test header"
        );
    }
}

/// What is declared links, and what is exported can be called.
#[test]
fn the_header_declares_what_the_library_exports() {
    let header = read(HEADER);
    let mut declared = declarations(&header);
    declared.extend(labels(&header));
    declared.extend(chosen_labels(&read("include/libwebsockets/lws-macros.h")));
    declared.extend(declarations(&read("include/libwebsockets/lws-inline.h")));
    let exported: BTreeSet<_> = read("abi/exports.txt").lines().map(str::to_owned).collect();
    let only_declared: Vec<_> = declared.difference(&exported).collect();
    let only_exported: Vec<_> = exported.difference(&declared).collect();
    assert!(
        only_declared.is_empty(),
        "in the header, not in abi/exports.txt: {only_declared:?}"
    );
    assert!(
        only_exported.is_empty(),
        "in abi/exports.txt, not in the header: {only_exported:?}"
    );
}

/// C has these numbers as enums, written by hand; Rust has them as constants of a newtype.
#[test]
fn numbers_kept_by_hand_are_the_same_on_both_sides() {
    const NEWTYPES: [(&str, &str, &str); 13] = [
        ("adopt.rs", "lws_adoption_type", "LWS_ADOPT_"),
        ("callbacks.rs", "lws_callback_reasons", "LWS_CALLBACK_"),
        ("certs.rs", "lws_tls_cert_info", "LWS_TLS_CERT_INFO_"),
        ("timeout.rs", "pending_timeout", "PENDING_TIMEOUT_"),
        ("write.rs", "lws_write_protocol", "LWS_WRITE_"),
        ("write.rs", "lws_close_status", "LWS_CLOSE_STATUS_"),
        ("system.rs", "lws_system_states_t", "LWS_SYSTATE_"),
        ("conmon.rs", "lws_conmon_pcol", "LWSCONMON_PCOL_"),
        ("conmon.rs", "lws_conmon_dns_disposition", "LWSCONMON_DNS_"),
        ("system.rs", "lws_cpd_result_t", "LWS_CPD_"),
        ("system.rs", "lws_system_blob_item_t", "LWS_SYSBLOB_TYPE_"),
        ("genhash.rs", "lws_genhash_types", "LWS_GENHASH_TYPE_"),
        ("genhash.rs", "lws_genhmac_types", "LWS_GENHMAC_TYPE_"),
    ];
    let in_c = enumerators(&read("include/libwebsockets/lws-enums.h"));
    for (file, newtype, prefix) in NEWTYPES {
        let in_rust = constants(&read(&format!("src/ffi/types/{file}")), newtype);
        assert!(!in_rust.is_empty(), "{file} has no constants of {newtype}");
        for (name, number) in in_rust {
            let c_name = if name == "NO_PENDING_TIMEOUT" {
                name.clone()
            } else {
                format!("{prefix}{name}")
            };
            assert_eq!(
                in_c.get(&c_name),
                Some(&number),
                "{c_name} in lws-enums.h, {newtype}::{name} in {file}"
            );
        }
    }
    let tokens = enumerators(&read("include/libwebsockets/lws-tokens.h"));
    assert_eq!(
        tokens.get("WSI_TOKEN_COUNT"),
        Some(&i64::from(crate::ffi::types::lws_token_indexes::COUNT))
    );
}

/// The name before the first parenthesis of each prototype, or the first bracket of each array.
fn declarations(text: &str) -> BTreeSet<String> {
    let prototypes = text.split("LWS_VISIBLE LWS_EXTERN").skip(1);
    prototypes
        .filter_map(|p| {
            p.split_once(['(', '['])?
                .0
                .split([' ', '*', '\n'])
                .next_back()
        })
        .map(str::to_owned)
        .collect()
}

/// What a prototype links by another name than its own.
fn labels(text: &str) -> BTreeSet<String> {
    let labels = text.split("__asm__(\"").skip(1);
    labels
        .filter_map(|label| Some(label.split_once("\")")?.0.to_owned()))
        .collect()
}

/// The same where a macro says which: `#define LWS_CREATE_CONTEXT_NAME "..."`.
fn chosen_labels(text: &str) -> BTreeSet<String> {
    let defines = text
        .lines()
        .filter_map(|line| line.strip_prefix("#define "));
    defines
        .filter_map(|rest| {
            let label = rest.split_once("_NAME \"")?.1;
            Some(label.strip_suffix('"')?.to_owned())
        })
        .collect()
}

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(ROOT).join(path)).expect("a file of this repository")
}

/// `NAME = 12,` and `NAME = 0x20,` of C.
fn enumerators(text: &str) -> HashMap<String, i64> {
    text.lines()
        .filter_map(|line| numbered(line.split_once(" = ")?))
        .collect()
}

/// `pub const NAME: Self = Self(12);` and `pub const NAME: c_int = 0x20;` of one newtype's impl.
fn constants(text: &str, newtype: &str) -> Vec<(String, i64)> {
    let own = text
        .lines()
        .skip_while(|l| *l != format!("impl {newtype} {{"))
        .take_while(|l| *l != "}");
    own.filter_map(|line| numbered(line.trim().strip_prefix("pub const ")?.split_once(" = ")?))
        .filter(|(name, _)| name != "KIND") // a mask of ours
        .collect()
}

fn numbered((name, number): (&str, &str)) -> Option<(String, i64)> {
    let name = name.trim().split(':').next()?;
    let number = number
        .trim_start_matches("Self(")
        .trim_end_matches([',', ';', ')']);
    let number = match number.strip_prefix("0x") {
        Some(hex) => i64::from_str_radix(hex, 16),
        None => number.parse(),
    };
    Some((name.to_owned(), number.ok()?))
}

fn generated() -> String {
    let config = cbindgen::Config::from_root_or_default(ROOT);
    // Only the C edge: what the layers below declare for themselves is nobody else's.
    let builder = cbindgen::Builder::new()
        .with_config(config)
        .with_src(Path::new(ROOT).join("src/ffi/mod.rs"));
    let bindings = builder.generate().expect("src/ffi parses");
    let mut out = Vec::new();
    bindings.write(&mut out);
    let header = String::from_utf8(out).expect("a header is text");
    // What Rust calls safety is to a C program what it has to hold to.
    header
        .replace("// # Safety\n//\n// None:", "// Requires: nothing:")
        .replace("// # Safety\n//\n// ", "// Requires: ")
}

fn first_difference(kept: &str, fresh: &str) -> Option<String> {
    let (mut a, mut b) = (kept.lines(), fresh.lines());
    for n in 1.. {
        match (a.next(), b.next()) {
            (None, None) => return None,
            (x, y) if x == y => {}
            (x, y) => {
                return Some(format!(
                    "line {n}\n  kept: {}\n  code: {}",
                    x.unwrap_or("(end)"),
                    y.unwrap_or("(end)")
                ));
            }
        }
    }
    None
}
