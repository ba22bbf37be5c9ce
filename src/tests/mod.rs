//! Tests of the whole: the header, the layers, and stories of the engine without sockets.

mod books;
mod explorer;
mod h2_peer;
mod h2_story;
mod header;
mod layering;
mod peer;
mod program;
mod stories;
mod story;
mod world;
