//! Tests of the whole: the header, the layers, and stories of the engine without sockets.

mod header;
