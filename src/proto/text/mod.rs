//! The only place for what programs ask of strings: bytes in, bytes or an answer out, never more than the room that is given.

pub(crate) mod base64;
pub(crate) mod escape;
pub(crate) mod find;
pub(crate) mod hex;
pub(crate) mod humanize;
pub(crate) mod metrics;
mod out;
#[cfg(test)]
mod tests;
pub(crate) mod tokenize;
pub(crate) mod vbi;
