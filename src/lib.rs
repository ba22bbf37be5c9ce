//! Broadside: the client side of libwebsockets' C API on a Rust core. Requests to one place share one connection.
//!
//! ```text
//!     application (C)
//!         |  struct lws * (a key, never dereferenced)        ^ callbacks: one file delivers them all
//!     ffi      pointers in, keys through, callbacks out          unsafe, each block justified
//!     engine   tables and policy: wsi, conn, queue, close        no unsafe
//!     proto    machines: bytes in, events out                    no unsafe; no fd, no clock, no wsi
//!     net      every syscall, every OpenSSL call                 unsafe, each block justified
//! ```
//!
//! ffi uses engine, proto and net; engine uses proto and net; these two never meet, and nothing uses ffi. How a request lives is
//! told in `docs/architecture.md`.

mod engine;
pub mod ffi;
#[cfg(any(test, feature = "fuzzing"))]
#[doc(hidden)]
pub mod fuzz;
mod net;
mod proto;
#[cfg(any(test, feature = "fuzzing"))]
mod tests;
