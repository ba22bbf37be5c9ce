//! The only place where libFuzzer enters the target `hpack_decode`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| websockets::fuzz::hpack_decode(data));
