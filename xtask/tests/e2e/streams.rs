//! Standard input, output and error.

use std::fs::File;
use std::io::Read as _;

use crate::support::{Subject, Suite, trials};

const MEBIBYTE: u64 = 1024 * 1024;

pub fn trials() -> Subject {
    trials![
        a_mebibyte_of_random_bytes_comes_back_unchanged,
        the_end_of_the_input_reaches_the_command,
        a_program_can_be_piped_into_python,
        output_and_errors_stay_apart,
    ]
}

fn a_mebibyte_of_random_bytes_comes_back_unchanged(suite: &Suite) {
    let mut sent = Vec::new();
    File::open("/dev/urandom").unwrap().take(MEBIBYTE).read_to_end(&mut sent).unwrap();
    let received =
        suite.repository.run(["cat"]).write_stdin(sent.clone()).assert().success().get_output().stdout.clone();
    assert_eq!(received.len(), sent.len());
    // Not `assert_eq`, which would print them.
    assert!(received == sent, "the bytes are others");
}

fn the_end_of_the_input_reaches_the_command(suite: &Suite) {
    suite.repository.run(["sh", "-c", "cat; echo end"]).write_stdin("").assert().success().stdout("end\n").stderr("");
}

fn a_program_can_be_piped_into_python(suite: &Suite) {
    suite.repository.run(["python", "-"]).write_stdin("print(6*7)\n").assert().success().stdout("42\n").stderr("");
}

fn output_and_errors_stay_apart(suite: &Suite) {
    let run = suite.repository.run(["sh", "-c", "echo out; echo err >&2"]).assert().success();
    run.stdout("out\n").stderr("err\n");
}
