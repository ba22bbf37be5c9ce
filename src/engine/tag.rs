//! The only place that says what a request, or a vhost, is called in log lines.

use std::ffi::{CStr, CString};

use super::Engine;
use super::role::Role;
use super::table::Key;
use super::vhost::VhostConfig;
use super::wsi::Wsi;

/// How many were made so far.
#[derive(Default)]
pub(crate) struct Counts {
    requests: u32,
    adopted: u32,
    vhosts: u32,
}

impl Counts {
    /// The next one's ordinal.
    pub(crate) fn next(&mut self, role: Role) -> u32 {
        let count = match role.is_adopted() {
            true => &mut self.adopted,
            false => &mut self.requests,
        };
        let ordinal = *count;
        *count = ordinal.wrapping_add(1);
        ordinal
    }

    /// What the next vhost is called, NUL-terminated. lws: `[vh|0|default||-1]`, with what it says of an interface and a port.
    pub(crate) fn vhost_tag(&mut self, config: &VhostConfig) -> String {
        let ordinal = self.vhosts;
        self.vhosts = ordinal.wrapping_add(1);
        let name = config.name.trim_end_matches('\0');
        let iface = config.iface.as_deref().map(CStr::to_string_lossy);
        let iface = iface.as_deref().unwrap_or_default();
        format!("[vh|{ordinal:x}|{name}|{iface}|{}]\0", config.port)
    }
}

impl Engine {
    /// lws: `[wsicli|0|GET/h1/default/example.com]`, the ordinal in hexadecimal. It is made when it is first asked for, and stays as it is until the
    /// request is freed.
    pub(crate) fn tag_of(&mut self, key: Key<Wsi>) -> Option<&CStr> {
        if self.wsis.get(key)?.tag.is_none() {
            let text = self.tag_text(key)?;
            self.wsis.get_mut(key)?.tag = CString::new(text).ok();
        }
        self.wsis.get(key)?.tag.as_deref()
    }

    fn tag_text(&self, key: Key<Wsi>) -> Option<String> {
        let wsi = self.wsis.get(key)?;
        let ordinal = wsi.ordinal;
        let (method, role) = match wsi.ask.role {
            Role::Http => (wsi.ask.method.text(), "h1"),
            Role::Ws => ("WS", "h1"),
            Role::Raw => ("RAW", "raw-skt"),
            Role::Adopted | Role::Datagrams | Role::File => {
                return Some(format!("[wsisrv|{ordinal:x}|adopted]"));
            }
        };
        let vhost = &self.vhosts.get(wsi.vhost)?.config.name;
        let address = self.identities.get(wsi.identity).place().address;
        Some(format!(
            "[wsicli|{ordinal:x}|{method}/{role}/{}/{address}]",
            vhost.trim_end_matches('\0'),
        ))
    }
}
