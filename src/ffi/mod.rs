//! The C edge: pointers in, keys through, callbacks out. Every function that a program links is here, and nothing else is public.
//!
//! An entry point reads its arguments, locks the engine, asks, and lets go. `deliver` alone calls the application, `drive` alone
//! runs what must happen outside of the lock.

pub mod adopt;
pub mod b64;
pub mod broadcast;
pub mod client;
pub mod cmdline;
pub mod conmon;
mod context;
pub mod create;
mod deliver;
pub mod destroy;
mod drive;
pub mod escape;
pub mod find;
mod frame;
pub mod h2;
mod handle;
pub mod hex;
pub mod http;
pub mod humanize;
pub mod identity;
pub mod info;
mod lent;
pub mod lists;
pub mod log_cx;
pub mod log_file;
pub mod logs;
mod marks;
pub mod memory;
pub mod options;
mod panics;
pub mod random;
pub mod read;
pub mod retry;
pub mod ring;
pub mod ser;
pub mod service;
pub mod strexp;
pub mod strings;
pub mod switches;
pub mod system;
mod text;
pub mod timers;
pub mod tokenize;
pub mod types;
pub mod udp;
pub mod uri;
pub mod version;
pub mod vh_priv;
pub mod vhost;
pub mod write;
pub mod ws;
pub mod wsi;
