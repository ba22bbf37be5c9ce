//! Stories of h2 connections: each a sentence, a scripted server, and what the program and the server saw.

mod bad_servers;
mod cancels;
mod floods;
mod goaway;
mod idle;
mod joining;
mod losses;
mod messages;
mod reading;
mod refused;
mod silence;
mod uploads;
