//! Tests of the whole: the header, the layers, and stories of the engine without sockets.

mod books;
mod corpora;
mod explorer;
mod header;
mod layering;
mod peer;
mod program;
mod stories;
mod story;
