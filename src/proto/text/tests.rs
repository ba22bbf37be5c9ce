//! Helpers over text: what they are for, and whatever a peer or a program hands them.

use proptest::prelude::*;

mod base64;
mod escape;
mod find;
mod tokenize;
