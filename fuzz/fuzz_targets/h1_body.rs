//! The only place where libFuzzer enters the target `h1_body`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| websockets::fuzz::h1_body(data));
