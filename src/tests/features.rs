//! The only place that holds lws_config.h to what the library has: abi/features.txt says what shows each macro.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

fn path(relative: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(relative)
}

fn read(relative: &str) -> String {
    fs::read_to_string(path(relative)).expect(relative)
}

/// Feature macros are those without a value; the guard is none.
fn defined(config: &str) -> BTreeSet<&str> {
    config
        .lines()
        .filter_map(|line| line.strip_prefix("#define "))
        .map(str::trim)
        .filter(|rest| !rest.contains(char::is_whitespace) && *rest != "LWS_CONFIG_H")
        .collect()
}

/// A macro, and the words that say what shows it.
fn rows(table: &str) -> BTreeMap<&str, (&str, Option<&str>)> {
    let mut rows = BTreeMap::new();
    for line in table.lines().filter(|line| !line.starts_with('#')) {
        let mut words = line.split_whitespace();
        let Some(name) = words.next() else { continue };
        let kind = words.next().expect("a row has a kind");
        let before = rows.insert(name, (kind, words.next()));
        assert!(before.is_none(), "{name} has two rows");
    }
    rows
}

/// What the tree has to show.
struct Evidence {
    exports: BTreeSet<String>,
    stories: BTreeSet<String>,
    used: String,
}

impl Evidence {
    fn collect() -> Self {
        let stories = fs::read_dir(path("capi-tests/stories")).expect("there are stories");
        Self {
            exports: read("abi/exports.txt").lines().map(str::to_owned).collect(),
            stories: stories
                .filter_map(|entry| entry.ok()?.path().file_stem()?.to_str().map(str::to_owned))
                .collect(),
            used: read("capi-tests/install/config.c"),
        }
    }

    fn story(&self, pattern: &str) -> bool {
        pattern.strip_suffix('*').map_or_else(
            || self.stories.contains(pattern),
            |start| self.stories.iter().any(|story| story.starts_with(start)),
        )
    }

    /// Why a macro that is defined (or not) is not right, if it is not.
    fn complaint(&self, name: &str, is_defined: bool, row: (&str, Option<&str>)) -> Option<String> {
        let (kind, what) = row;
        let what = what.unwrap_or_default();
        let exported = self.exports.contains(what);
        let is_right = match kind {
            "symbol" => is_defined == exported,
            "absent" => is_defined != exported,
            "needs" => !is_defined || exported,
            "story" => !is_defined || self.story(what),
            "platform" => is_defined && self.used.contains(&format!("defined({name})")),
            "never" => !is_defined,
            _ => return Some(format!("{name}: no such kind of row: {kind}")),
        };
        let state = if is_defined { "defined" } else { "not defined" };
        (!is_right).then(|| format!("{name} is {state}, and its row is: {kind} {what}"))
    }
}

#[test]
fn a_feature_is_defined_where_the_library_has_it() {
    let (config, table) = (read("include/lws_config.h"), read("abi/features.txt"));
    let (defined, rows) = (defined(&config), rows(&table));
    let evidence = Evidence::collect();

    let mut complaints: Vec<String> = defined
        .iter()
        .filter(|name| !rows.contains_key(*name))
        .map(|name| format!("{name} has no row in abi/features.txt"))
        .collect();
    complaints.extend(
        rows.iter()
            .filter_map(|(name, row)| evidence.complaint(name, defined.contains(name), *row)),
    );
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

/// Programs ask `#ifdef`, or `#if defined()`: a 0 would be a yes.
#[test]
fn no_feature_has_a_value() {
    let config = read("include/lws_config.h");
    let valued: Vec<_> = config
        .lines()
        .filter_map(|line| line.strip_prefix("#define "))
        .filter(|rest| {
            ["LWS_WITH_", "LWS_ROLE_", "LWS_HAVE_", "LWS_HAS_"]
                .iter()
                .any(|start| rest.starts_with(start))
        })
        .filter(|rest| rest.trim().contains(char::is_whitespace))
        .collect();
    assert!(valued.is_empty(), "{valued:?}");
}

#[test]
fn a_wrong_macro_is_complained_of() {
    let evidence = Evidence {
        exports: BTreeSet::from(["lws_there".to_owned()]),
        stories: BTreeSet::from(["story_there".to_owned()]),
        used: "defined(LWS_USED)".to_owned(),
    };
    let wrong = |name, is_defined, kind, what| {
        evidence
            .complaint(name, is_defined, (kind, Some(what)))
            .is_some()
    };
    assert!(wrong("A", false, "symbol", "lws_there"));
    assert!(wrong("A", true, "symbol", "lws_gone"));
    assert!(wrong("A", true, "absent", "lws_there"));
    assert!(wrong("A", true, "needs", "lws_gone"));
    assert!(wrong("A", true, "story", "story_gone"));
    assert!(wrong("A", true, "story", "gone*"));
    assert!(wrong("A", true, "platform", ""));
    assert!(wrong("LWS_USED", false, "platform", ""));
    assert!(wrong("A", true, "never", ""));
    assert!(wrong("A", true, "mistyped", ""));
    assert!(!wrong("LWS_USED", true, "platform", ""));
    assert!(!wrong("A", true, "story", "story_*"));
    assert!(!wrong("A", true, "symbol", "lws_there"));
    assert!(!wrong("A", false, "symbol", "lws_gone"));
    assert_eq!(defined("#define LWS_A\n#define LWS_B 0\n").len(), 1);
}
