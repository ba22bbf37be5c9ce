//! The only place where libFuzzer enters the target `ws_frames`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| websockets::fuzz::ws_frames(data));
