#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| {
    xtask_fuzz::freeze(text);
});
