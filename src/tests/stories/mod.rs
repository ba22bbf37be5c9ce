//! Stories of the engine: each a sentence, a scripted peer, and what the program and the peer saw.

mod auth;
mod bodies;
mod cancels;
mod cookies;
mod dials;
mod endings;
mod h2;
mod idle;
mod lanes;
mod limits;
mod proxies;
mod queue;
mod raw;
mod redirects;
mod resends;
mod secure;
mod timeouts;
mod ws;
