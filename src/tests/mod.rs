//! Tests of the whole: the header, the layers, and stories of the engine without sockets.

mod books;
mod explorer;
mod header;
mod layering;
pub(crate) mod nghttp2;
mod peer;
mod program;
mod stories;
mod story;
