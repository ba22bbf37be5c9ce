//! The only place that replays what the fuzzers were seeded with and found: no fuzzer is needed for it.

use std::fs;
use std::path::{Path, PathBuf};

use crate::fuzz::TARGETS;

/// A corpus is small, so that all of them together take a second or two.
const MOST_FILES: usize = 200;
const MOST_BYTES: usize = 300 * 1024;

fn corpus(target: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus");
    let entries = fs::read_dir(folder.join(target)).expect("a target has a corpus");
    let paths = entries.map(|entry| entry.expect("it can be read").path());
    paths
        .map(|path| (path.clone(), fs::read(path).expect("it can be read")))
        .collect()
}

/// One test a target, so that they run side by side and say which it was.
fn replay(target: &str) {
    let (_, enter) = TARGETS
        .iter()
        .find(|(name, _)| *name == target)
        .expect("a target");
    let files = corpus(target);
    let bytes: usize = files.iter().map(|(_, data)| data.len()).sum();
    assert!((1..=MOST_FILES).contains(&files.len()), "{}", files.len());
    assert!(bytes <= MOST_BYTES, "{bytes}");
    for (path, data) in &files {
        println!("{}", path.display()); // the last one is the one that failed
        enter(data);
    }
    enter(b"");
}

#[test]
fn h1_head() {
    replay("h1_head");
}

#[test]
fn auth() {
    replay("auth");
}

#[test]
fn cookies() {
    replay("cookies");
}

#[test]
fn redirect() {
    replay("redirect");
}

#[test]
fn h1_body() {
    replay("h1_body");
}

#[test]
fn h2_frames() {
    replay("h2_frames");
}

#[test]
fn h2_talk() {
    replay("h2_talk");
}

#[test]
fn hpack_decode() {
    replay("hpack_decode");
}

#[test]
fn hpack_round() {
    replay("hpack_round");
}

#[test]
fn ws_frames() {
    replay("ws_frames");
}

#[test]
fn ws_deflate() {
    replay("ws_deflate");
}

#[test]
fn proxy() {
    replay("proxy");
}

#[test]
fn client() {
    replay("client");
}

#[test]
fn every_target_has_a_program_and_a_corpus_and_a_test() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let programs = fs::read_to_string(root.join("fuzz/Cargo.toml")).expect("it can be read");
    let tests = include_str!("corpora.rs");
    for (name, _) in TARGETS {
        assert!(programs.contains(&format!("name = \"{name}\"")), "{name}");
        assert!(tests.contains(&format!("fn {name}()")), "{name}");
    }
    let folders = fs::read_dir(root.join("fuzz/corpus")).expect("it can be read");
    assert_eq!(folders.count(), TARGETS.len());
    assert_eq!(programs.matches("[[bin]]").count(), TARGETS.len());
}
