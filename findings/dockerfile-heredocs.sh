#!/usr/bin/env bash
# parse-dockerfile 0.1.9 (Rust's packages) reads the text of a heredoc that stands behind a command as instructions.
#
# The crate knows heredocs: `RUN <<EOF` and `COPY <<A <<B /to/` are read as Docker reads them. So one expects the same of
# `RUN cat <<EOF`, which Docker accepts since Dockerfile 1.4, and which is the usual way to write a small file in an image.
# There, and at the second heredoc of a RUN, each line of the text is taken for an instruction: the file is refused, with an
# error at a line that is none. Its first error is its only one, too: nothing is returned of the lines before and behind.
#
# Seen with parse-dockerfile 0.1.9 and Rust 1.95. The syntax is that of Docker's reference, "Here-documents".
# What it means here: `cargo xtask check` keeps a reader of its own for Dockerfiles (docs/limits.md).
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
mkdir src

cat >Cargo.toml <<'EOF'
[package]
name = "heredocs"
version = "0.0.0"
edition = "2021"

[dependencies]
parse-dockerfile = { version = "=0.1.9", default-features = false }
EOF

cat >src/main.rs <<'EOF'
fn main() {
    for text in [
        "FROM debian\nRUN <<EOF\necho hello\nEOF\n",
        "FROM debian\nCOPY <<A <<B /to/\nhello\nA\nworld\nB\n",
        "FROM debian\nRUN cat <<EOF\nhello\nEOF\n",
        "FROM debian\nRUN cat <<EOF >/file\nENV A=b\nEOF\n",
        "FROM debian\nRUN <<A cat <<B\necho hello\nA\nhello\nB\n",
    ] {
        match parse_dockerfile::parse(text) {
            Ok(file) => println!("{} instructions", file.instructions.len()),
            Err(error) => println!("{error}"),
        }
    }
}
EOF

expected="2 instructions
2 instructions
unknown instruction 'hello' at line 3 column 1
unknown instruction 'EOF' at line 4 column 1
unknown instruction 'hello' at line 5 column 1"

seen=$(cargo run --quiet)
if [[ $seen != "$expected" ]]; then
    printf 'it has changed; seen now:\n%s\n' "$seen"
    exit 1
fi
printf '%s\n' "$seen"
