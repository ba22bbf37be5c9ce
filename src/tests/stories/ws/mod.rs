//! Stories of WebSocket clients: what the program hears, and what the peer is sent.

mod cancels;
mod closing;
mod flow;
mod handshake;
mod hostile;
mod lives;
mod messages;
mod validity;
mod writing;
