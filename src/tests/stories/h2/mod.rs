//! Stories of h2 connections: each a sentence, a scripted server, and what the program and the server saw.

mod cancels;
mod goaway;
mod idle;
mod joining;
mod losses;
mod refused;
mod silence;
