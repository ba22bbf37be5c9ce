//! The only place that says what has to hold of a redirect, whatever a server says.

use super::resolve;
use crate::proto::script::Script;

/// A byte that says where from, then the value of Location.
pub(crate) fn redirect(data: &[u8]) {
    let mut script = Script(data);
    let tls = script.pick(&[false, true]);
    let Some(found) = resolve(script.0, tls, "/b/c/d;p?q") else {
        return;
    };
    let target = &found.target;
    assert!(target.starts_with('/'), "{target}");
    assert!(
        target.bytes().all(|b| b.is_ascii_graphic() && b != b'#'),
        "{target}"
    );
    if let Some(origin) = found.origin {
        assert!(origin.port != 0 && !origin.address.is_empty());
        let may_stand = |c: char| c.is_ascii_alphanumeric() || "-._:".contains(c);
        assert!(origin.address.chars().all(may_stand), "{}", origin.address);
        assert!(origin.authority.contains(&origin.address));
    }
    // What it leads to leads to itself; only two slashes would name a server.
    if !target.starts_with("//") {
        let again = resolve(target.as_bytes(), tls, "/").expect("a target");
        assert_eq!((again.origin, &again.target), (None, target));
    }
}
