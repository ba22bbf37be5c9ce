//! The only layer that talks to the kernel and to OpenSSL.
//!
//! ```text
//!   transport  one connection's fd and, after secure(), its SSL        socket   makes and connects that fd
//!     session  what is done with one SSL                               addr     where to: C's sockaddr inside
//!     verify   the question whether a certificate is good enough       poll     who is ready; wake: from any thread
//!     ask      what one connection wants of TLS                        resolve  names to addresses, never blocking
//!     tls      what a vhost brings to all of them (SSL_CTX)            lookups  the threads behind it; fork: their end
//!     certificate  what certificates say; pem: reads them             tickets  TLS sessions to resume
//!     udp      datagrams, and sockets for them; sa46: to whom          adopted  descriptors that the program made
//!     heap     memory that programs see                            digest   hashes and HMACs that programs ask for
//!     random  what nobody can foresee                                 hash     of HTTP authentication
//!     kept    files from one run to the next                          issuer   certificates that programs have made
//!     log_file  where log lines may go
//! ```
//!
//! Every `unsafe` here is one call whose contract the comment names. Nothing here knows a request, a protocol or a clock.

pub(crate) mod addr;
pub(crate) mod adopted;
pub(crate) mod ask;
pub(crate) mod certificate;
pub(crate) mod digest;
pub(crate) mod errno;
pub(crate) mod fork;
pub(crate) mod hash;
pub(crate) mod heap;
pub(crate) mod host;
pub(crate) mod issuer;
pub(crate) mod kept;
mod libssl;
pub(crate) mod log_file;
mod lookups;
mod pem;
pub(crate) mod poll;
pub(crate) mod random;
pub(crate) mod resolve;
pub(crate) mod sa46;
pub(crate) mod secret;
mod session;
pub(crate) mod socket;
#[cfg(test)]
mod tests;
pub(crate) mod tickets;
pub(crate) mod tls;
pub(crate) mod transport;
pub(crate) mod udp;
pub(crate) mod verify;
pub(crate) mod wake;
