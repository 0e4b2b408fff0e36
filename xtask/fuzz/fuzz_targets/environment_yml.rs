#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| properties::environment_yml(text));
