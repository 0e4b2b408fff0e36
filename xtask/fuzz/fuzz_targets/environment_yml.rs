#![no_main]
#![allow(clippy::disallowed_methods, reason = "the macro writes what a fuzzer asks it to")]

libfuzzer_sys::fuzz_target!(|text: &str| properties::environment_yml(text));
