//! Stories of the engine: each a sentence, a scripted peer, and what the program and the peer saw.

mod queue;
