//! Tests of the whole: the header, the layers, and stories of the engine without sockets. The rig of the stories is a fuzzer's
//! too.

#![cfg_attr(
    not(test),
    allow(dead_code, reason = "stories use more of the rig than the fuzzer")
)]

mod books;
pub(crate) mod client;
#[cfg(test)]
mod corpora;
#[cfg(test)]
mod explorer;
#[cfg(test)]
mod features;
#[cfg(test)]
mod h2_explorer;
mod h2_peer;
#[cfg(test)]
mod h2_story;
#[cfg(test)]
mod header;
#[cfg(test)]
mod layering;
#[cfg(test)]
pub(crate) mod nghttp2;
mod peer;
mod program;
#[cfg(test)]
mod stories;
mod story;
mod world;
mod ws_peer;
#[cfg(test)]
mod ws_story;
