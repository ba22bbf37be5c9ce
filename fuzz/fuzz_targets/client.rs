//! The only place where libFuzzer enters the target `client`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| websockets::fuzz::client(data));
