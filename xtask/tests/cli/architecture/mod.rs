//! What the house promises and only the running program shows; beside `tests/architecture/`.

mod parses;
