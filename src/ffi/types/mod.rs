//! The only place for what C and Rust both see: structs, integer newtypes and function pointers, named as C names them.
//!
//! Every struct is `#[repr(C)]`, holds no `#[cfg]` on a field (one layout for all programs) and has its size and offsets
//! asserted beside it for 64-bit; `capi-tests/layout.c` asserts the same numbers from the other side.
//!
//! An enum that C hands in is an integer newtype here, as C may hand in any value; its constants for C are in
//! `include/libwebsockets/lws-enums.h` and `lws-tokens.h`, compared with ours by `src/tests/header.rs`.

#![allow(non_camel_case_types)]

mod adopt;
mod callbacks;
mod certs;
mod client;
mod conmon;
mod context_info;
mod genhash;
mod http;
mod lists;
mod logs;
mod metrics;
mod opaque;
mod options;
mod poll;
mod protocols;
mod scalars;
mod system;
mod text;
mod timeout;
mod write;

pub use adopt::*;
pub use callbacks::*;
pub use certs::*;
pub use client::*;
pub use conmon::*;
pub use context_info::*;
pub use genhash::*;
pub use http::*;
pub use lists::*;
pub use logs::*;
pub use metrics::*;
pub use opaque::*;
pub use options::*;
pub use poll::*;
pub use protocols::*;
pub use scalars::*;
pub use system::*;
pub use text::*;
pub use timeout::*;
pub use write::*;
