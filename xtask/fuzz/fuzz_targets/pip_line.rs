#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| properties::pip_line(text));
