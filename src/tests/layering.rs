//! The only place that holds the house's rules: it reads the sources, and says which line breaks which.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// What each layer may not name, its tests apart.
const FORBIDDEN: [(&str, &[&str]); 4] = [
    (
        "proto/",
        &[
            "crate::engine",
            "crate::net",
            "crate::ffi",
            "std::net",
            "std::fs",
            "std::io",
            "std::time",
            "libc",
            "openssl",
        ],
    ),
    ("net/", &["crate::engine", "crate::proto", "crate::ffi"]),
    (
        "engine/",
        &[
            "crate::ffi",
            "libc",
            "openssl",
            "std::fs",
            "std::io",
            "std::time",
        ],
    ),
    // A target is fed bytes: it has no file, no socket and no clock either.
    (
        "fuzz.rs",
        &[
            "crate::engine",
            "crate::net",
            "crate::ffi",
            "std::fs",
            "std::io",
            "std::net",
            "std::time",
        ],
    ),
];

/// What is there for fuzzers and tests alone.
const FUZZ_MODULES: [&str; 4] = ["by_hand", "fuzz", "script", "split"];
const FUZZ_ONLY: &str = "#[cfg(any(test, feature = \"fuzzing\"))]";

/// A file of the engine imports from its own row and those above.
const ORDER: [&[&str]; 7] = [
    &["table"],
    &["list"],
    &[
        "attempt", "auth", "buffer", "conmon", "matching", "timer", "role", "ws", "wsi", "mux",
        "gate", "conn", "vhost", "call", "step", "udp",
    ],
    &["queue"],
    &[
        "dial",
        "deflate",
        "exchange",
        "expiry",
        "open",
        "messages",
        "parting",
        "upgrade",
        "read",
        "write",
        "close",
        "connect",
        "lanes",
        "outlet",
        "payload",
        "streams",
        "adopt",
        "datagrams",
        "face",
        "family",
        "file",
        "form",
        "jar",
        "limits",
        "metrics",
        "notes",
        "redirect",
        "tag",
        "tunnel",
        "pace",
        "watch",
    ],
    &["service"],
    &["mod"],
];

/// Who calls a function pointer of C's.
const CALLERS: [(&str, &str); 14] = [
    ("ffi/deliver.rs", "protocols' callbacks: the only place"),
    ("ffi/form.rs", "lws_http_mp_sm_init: within the call"),
    (
        "ffi/http.rs",
        "lws_hdr_custom_name_foreach: within the call",
    ),
    (
        "ffi/lists.rs",
        "lws_dll2_foreach_safe, _add_sorted, lws_list_ptr_insert: within the call",
    ),
    (
        "ffi/log_cx.rs",
        "log contexts: the emitter, prepend, refcount_cb",
    ),
    (
        "ffi/sessions.rs",
        "lws_tls_session_dump_save, _load: within the call",
    ),
    ("ffi/metrics.rs", "metric_report"),
    ("ffi/ring.rs", "a ring's destroy_element: within the call"),
    ("ffi/smd.rs", "lws_smd_register"),
    ("ffi/states.rs", "register_notifier_list"),
    ("ffi/stdin.rs", "stdin_rx"),
    ("ffi/strexp.rs", "lws_strexp_expand_cb: within the call"),
    ("ffi/system.rs", "__lws_system_attach, system_ops"),
    ("ffi/timers.rs", "lws_sul"),
];

/// Functions over one screen: each one flat match or table.
const FLAT: [&str; 6] = [
    "a_client_identity_that_does_not_load_is_an_error",
    "carry_out",
    "finish_step",
    "flipped",
    "run",
    "tls_config",
];

const FILE_LINES: usize = 600;
const FUNCTION_LINES: usize = 60;

struct Source {
    /// Below src/.
    path: String,
    text: String,
}

impl Source {
    /// Lines with their numbers, without comments, up to the file's own tests.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let lines = self.text.lines().zip(1..);
        let lines = lines.take_while(|(line, _)| *line != "mod tests {");
        lines.map(|(line, n)| (n, line.split("//").next().unwrap_or_default()))
    }

    /// A file of tests, or part of one.
    fn is_test(&self) -> bool {
        self.path.contains("tests")
    }

    fn within(&self, folder: &str) -> bool {
        self.path.starts_with(folder)
    }
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut sources = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("src/ can be read") {
            let path = entry.expect("src/ can be read").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ext| ext == "rs") {
                let below = path.strip_prefix(&root).expect("below src/");
                sources.push(Source {
                    path: below.to_string_lossy().into_owned(),
                    text: fs::read_to_string(&path).expect("sources are text"),
                });
            }
        }
    }
    assert!(sources.len() > 50, "the sources are found");
    sources
}

/// Fails with every line that breaks a rule.
fn hold(rule: &str, broken: &[String]) {
    assert!(broken.is_empty(), "{rule}:\n{}", broken.join("\n"));
}

fn has_word(line: &str, word: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(word).any(|(at, _)| {
        let (before, after) = (&line[..at], &line[at + word.len()..]);
        !before.ends_with(is_part) && !after.starts_with(is_part)
    })
}

#[test]
fn a_layer_names_only_the_layers_below_it() {
    let mut broken = Vec::new();
    for source in sources() {
        for (folder, words) in FORBIDDEN {
            if !source.within(folder) || source.is_test() {
                continue;
            }
            for (n, line) in source.code() {
                let found = words.iter().filter(|word| has_word(line, word));
                broken.extend(found.map(|word| format!("{}:{n}: {word}", source.path)));
            }
        }
    }
    hold("ffi -> engine -> { proto, net }", &broken);
}

#[test]
fn engine_and_proto_have_no_unsafe() {
    let mut broken = Vec::new();
    for source in sources() {
        if !source.within("engine/") && !source.within("proto/") {
            continue;
        }
        let is_root = source.path == "engine/mod.rs" || source.path == "proto/mod.rs";
        let forbids = source
            .text
            .lines()
            .any(|line| line == "#![forbid(unsafe_code)]");
        if is_root != forbids {
            broken.push(format!(
                "{}: #![forbid(unsafe_code)] stands in mod.rs",
                source.path
            ));
        }
        for (line, n) in source.text.lines().zip(1..) {
            let code = line.split("//").next().unwrap_or_default();
            if has_word(code, "unsafe") {
                broken.push(format!("{}:{n}: {line}", source.path));
            }
        }
    }
    hold("engine and proto are safe", &broken);
}

#[test]
fn the_library_that_is_shipped_has_no_way_in_for_fuzzers() {
    let mut broken = Vec::new();
    let mut found = BTreeSet::new();
    for source in sources() {
        let lines: Vec<&str> = source.text.lines().collect();
        for (at, line) in lines.iter().enumerate() {
            let declared = line.rsplit_once("mod ").map(|(_, rest)| rest);
            let name = declared.and_then(|rest| rest.strip_suffix(';'));
            let Some(name) = name.filter(|name| FUZZ_MODULES.contains(name)) else {
                continue;
            };
            found.insert(format!("{}: {name}", source.path));
            let above = lines[..at].iter().rev();
            let mut attributes = above.take_while(|line| line.starts_with("#["));
            if !attributes.any(|line| *line == FUZZ_ONLY) {
                broken.push(format!("{}:{}: {line}", source.path, at + 1));
            }
        }
    }
    hold(FUZZ_ONLY, &broken);
    assert_eq!(found.len(), 13, "{found:?}");
}

#[test]
fn the_engines_files_import_downwards() {
    let rank = |name: &str| ORDER.iter().position(|row| row.contains(&name));
    let mut broken = Vec::new();
    for source in sources() {
        let Some(file) = source
            .path
            .strip_prefix("engine/")
            .and_then(|at| at.strip_suffix(".rs"))
        else {
            continue;
        };
        let Some(from) = rank(file) else {
            broken.push(format!("{}: has no place in the order", source.path));
            continue;
        };
        for (n, line) in source.code() {
            for name in imported(line) {
                let Some(to) = rank(name) else { continue };
                if to <= from {
                    continue;
                }
                broken.push(format!("{}:{n}: {name}", source.path));
            }
        }
    }
    hold(
        "table <- list <- ... <- queue <- ... <- service <- mod",
        &broken,
    );
}

/// The engine's files that a line names: `super::conn`, `crate::engine::conn`.
fn imported(line: &str) -> impl Iterator<Item = &str> {
    let starts = ["super::", "crate::engine::"];
    let rests = starts
        .into_iter()
        .flat_map(|start| line.match_indices(start));
    rests.filter_map(|(at, start)| {
        line[at + start.len()..]
            .split(|c: char| !c.is_alphanumeric())
            .next()
    })
}

#[test]
fn the_queue_asks_for_room_and_does_not_know_for_what() {
    let queue = sources()
        .into_iter()
        .find(|source| source.path == "engine/queue.rs");
    let queue = queue.expect("the queue is there");
    let mut broken = Vec::new();
    for (line, n) in queue.text.lines().zip(1..) {
        let found = ["h1", "h2", "ws", "H1", "H2", "Ws"]
            .into_iter()
            .filter(|word| has_word(line, word));
        broken.extend(found.map(|word| format!("{n}: {word}")));
    }
    hold("queue.rs names no protocol", &broken);
}

#[test]
fn one_file_calls_the_programs_protocols() {
    let sources = sources();
    let mut broken = Vec::new();
    for source in sources
        .iter()
        .filter(|source| source.within("ffi/") && !source.is_test())
    {
        let delivers = source.path == "ffi/deliver.rs";
        for (n, line) in source.code() {
            let makes_one = line.contains("transmute") && source.path != "ffi/logs.rs";
            let names_one = has_word(line, "lws_callback_function") && !source.within("ffi/types/");
            let has_address = line.contains("call.callback");
            if !delivers && (makes_one || names_one || has_address) {
                broken.push(format!("{}:{n}: {}", source.path, line.trim()));
            }
        }
    }
    hold(
        "only ffi/deliver.rs makes a callback of a protocol's address",
        &broken,
    );
}

#[test]
fn whoever_calls_a_function_pointer_is_known() {
    let sources = sources();
    let mut callers = BTreeSet::new();
    let lines = sources.iter().flat_map(|source| source.text.lines());
    let declared =
        lines.filter(|line| line.contains("unsafe fn ") || line.contains("unsafe extern "));
    let functions: BTreeSet<&str> = declared.flat_map(functions).collect();
    for source in sources
        .iter()
        .filter(|source| source.within("ffi/") && !source.is_test())
    {
        let called = source.code().filter_map(|(_, line)| called_unsafely(line));
        // Only an unsafe function needs `unsafe { name(`: a name that none has is a variable that holds one.
        if called.into_iter().any(|name| !functions.contains(name)) {
            callers.insert(source.path.as_str());
        }
    }
    let known: BTreeSet<&str> = CALLERS.iter().map(|(path, _)| *path).collect();
    assert_eq!(callers, known);
}

/// `name` of `unsafe { name(`, and of `unsafe { name()(`.
fn called_unsafely(line: &str) -> Option<&str> {
    let (_, call) = line.split_once("unsafe { ")?;
    let (name, _) = call.split_once('(')?;
    let is_name = !name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase() || c == '_');
    is_name.then_some(name)
}

fn functions(text: &str) -> impl Iterator<Item = &str> {
    let starts = text.match_indices("fn ");
    starts.filter_map(|(at, _)| {
        text[at + 3..]
            .split(|c: char| !c.is_alphanumeric() && c != '_')
            .next()
    })
}

#[test]
fn a_file_says_what_it_is_and_is_small_enough_to_hold() {
    let mut broken = Vec::new();
    for source in sources() {
        if !source.text.starts_with("//! ") {
            broken.push(format!(
                "{}: its first line does not say what it is",
                source.path
            ));
        }
        let lines = source.text.lines().count();
        if lines > FILE_LINES {
            broken.push(format!(
                "{}: {lines} lines: look for the second noun",
                source.path
            ));
        }
        broken.extend(long_functions(&source));
    }
    hold("small enough to hold", &broken);
}

fn long_functions(source: &Source) -> Vec<String> {
    let lines: Vec<&str> = source.text.lines().collect();
    let mut long = Vec::new();
    for (start, line) in lines.iter().enumerate() {
        let indent = &line[..line.len() - line.trim_start().len()];
        let Some(name) = functions(line)
            .next()
            .filter(|_| begins_function(line.trim_start()))
        else {
            continue;
        };
        let end = format!("{indent}}}");
        let length = lines[start..]
            .iter()
            .take_while(|line| **line != end)
            .count()
            + 1;
        let declared_only = lines[start].ends_with(';');
        if length > FUNCTION_LINES && !declared_only && !FLAT.contains(&name) {
            long.push(format!(
                "{}:{}: {name} has {length} lines",
                source.path,
                start + 1
            ));
        }
    }
    long
}

fn begins_function(line: &str) -> bool {
    let words = [
        "fn ",
        "pub fn ",
        "pub(crate) fn ",
        "pub(super) fn ",
        "unsafe fn ",
        "pub unsafe fn ",
        "const fn ",
    ];
    words.iter().any(|word| line.starts_with(word))
        || line.starts_with("pub unsafe extern")
        || line.starts_with("pub(crate) unsafe")
}
