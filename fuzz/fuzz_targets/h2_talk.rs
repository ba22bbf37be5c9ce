//! The only place where libFuzzer enters the target `h2_talk`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| websockets::fuzz::h2_talk(data));
