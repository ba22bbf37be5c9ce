//! The only place that knows the settings: what we announce, and what the peer's mean (RFC 9113 §6.5, RFC 8441 §3).

use super::error::Error;
use super::frame::{ErrorCode, MAX_ID};
use super::hpack::DEFAULT_TABLE;

/// How we want a connection to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Config {
    /// What each response may send before the program consumed some of it.
    pub(crate) initial_window: u32,
    /// What that grows to while the program consumes what comes.
    pub(crate) widest_window: u32,
    /// The same for all responses together: bounds what can wait for slow programs.
    pub(crate) connection_window: u32,
    /// Of one response, counted as RFC 9113 §6.5.2 does: 32 more for each field.
    pub(crate) max_header_list: u32,
    /// Of the peer's compressor.
    pub(crate) header_table: u32,
    /// Streams at once, whatever more the peer allows.
    pub(crate) max_streams: usize,
    /// A window that the peer widens beyond the largest becomes the largest, where §6.9.1 wants an error.
    pub(crate) fix_windows: bool,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            initial_window: 1 << 20,
            widest_window: 16 << 20,
            connection_window: 32 << 20,
            max_header_list: 64 * 1024,
            // Larger tables save a few bytes of rare headers, and cost both ends memory for each connection.
            header_table: DEFAULT_TABLE as u32,
            max_streams: 1000,
            fix_windows: false,
        }
    }
}

impl Config {
    /// What differs from the initial values.
    pub(super) fn announce(&self) -> Vec<(u16, u32)> {
        let mut settings = vec![
            (ENABLE_PUSH, 0),
            (INITIAL_WINDOW_SIZE, self.initial_window.min(MAX_ID)),
            (MAX_HEADER_LIST_SIZE, self.max_header_list),
        ];
        if self.header_table != DEFAULT_TABLE as u32 {
            settings.push((HEADER_TABLE_SIZE, self.header_table));
        }
        settings
    }
}

/// What the peer announced, or the initial values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct PeerSettings {
    pub(super) header_table: u32,
    pub(super) max_streams: u32,
    pub(super) initial_window: u32,
    pub(super) max_frame: u32,
    /// RFC 8441: `:protocol` may be sent.
    pub(super) connect_protocol: bool,
}

impl Default for PeerSettings {
    fn default() -> Self {
        Self {
            header_table: DEFAULT_TABLE as u32,
            max_streams: UNSTATED_STREAMS,
            initial_window: DEFAULT_WINDOW,
            max_frame: MIN_MAX_FRAME,
            connect_protocol: false,
        }
    }
}

impl PeerSettings {
    /// As they are after a SETTINGS payload. The lowest header table on the way counts too (RFC 7541 §4.2): `lowest`.
    pub(super) fn after(mut self, payload: &[u8]) -> Result<(Self, u32), Error> {
        let mut lowest = self.header_table;
        for entry in payload.chunks_exact(6) {
            let &[i0, i1, v0, v1, v2, v3] = entry else {
                continue;
            };
            let value = u32::from_be_bytes([v0, v1, v2, v3]);
            self.apply(u16::from_be_bytes([i0, i1]), value)?;
            lowest = lowest.min(self.header_table);
        }
        Ok((self, lowest))
    }

    fn apply(&mut self, id: u16, value: u32) -> Result<(), Error> {
        match id {
            HEADER_TABLE_SIZE => self.header_table = value,
            // §6.5.2: a server may not say 1, nor may anyone say more.
            ENABLE_PUSH if value != 0 => {
                return protocol_error("h2: SETTINGS_ENABLE_PUSH from a server is not 0");
            }
            MAX_CONCURRENT_STREAMS => self.max_streams = value,
            INITIAL_WINDOW_SIZE if value > MAX_ID => {
                return Err(Error::Connection(
                    ErrorCode::FLOW_CONTROL_ERROR,
                    "h2: SETTINGS_INITIAL_WINDOW_SIZE is above 2^31-1",
                ));
            }
            INITIAL_WINDOW_SIZE => self.initial_window = value,
            MAX_FRAME_SIZE if !(MIN_MAX_FRAME..=MAX_MAX_FRAME).contains(&value) => {
                return protocol_error("h2: SETTINGS_MAX_FRAME_SIZE is not from 2^14 to 2^24-1");
            }
            MAX_FRAME_SIZE => self.max_frame = value,
            // RFC 8441 §3: 0 or 1, and never back to 0.
            ENABLE_CONNECT_PROTOCOL if value > 1 || (value == 0 && self.connect_protocol) => {
                return protocol_error(
                    "h2: SETTINGS_ENABLE_CONNECT_PROTOCOL is not 0 or 1, or was taken back",
                );
            }
            ENABLE_CONNECT_PROTOCOL => self.connect_protocol = value == 1,
            // RFC 9218 §2.1
            NO_RFC7540_PRIORITIES if value > 1 => {
                return protocol_error("h2: SETTINGS_NO_RFC7540_PRIORITIES is not 0 or 1");
            }
            // §6.5.2: unknown ones are ignored; MAX_HEADER_LIST_SIZE is advice that programs cannot act on.
            _ => {}
        }
        Ok(())
    }
}

fn protocol_error(text: &'static str) -> Result<(), Error> {
    Err(Error::Connection(ErrorCode::PROTOCOL_ERROR, text))
}

const HEADER_TABLE_SIZE: u16 = 1;
const ENABLE_PUSH: u16 = 2;
const MAX_CONCURRENT_STREAMS: u16 = 3;
pub(super) const INITIAL_WINDOW_SIZE: u16 = 4;
const MAX_FRAME_SIZE: u16 = 5;
const MAX_HEADER_LIST_SIZE: u16 = 6;
const ENABLE_CONNECT_PROTOCOL: u16 = 8;
const NO_RFC7540_PRIORITIES: u16 = 9;

/// Of a connection always, of streams until SETTINGS say otherwise.
pub(super) const DEFAULT_WINDOW: u32 = 65_535;

/// §6.5.2 sets no limit until the peer does, and advises none below this. Peers that state none refuse streams when they run
/// short of memory: node from about 500 on, with 20 KB to send on each.
const UNSTATED_STREAMS: u32 = 100;

const MIN_MAX_FRAME: u32 = 1 << 14;
const MAX_MAX_FRAME: u32 = (1 << 24) - 1;
