//! `cargo xtask bench`

use anyhow::Result;
#[cfg(not(feature = "bench"))]
use anyhow::ensure;

use process::Outcome;
use project::Context;

use crate::cli::BenchArgs;

#[cfg(feature = "bench")]
impl BenchArgs {
    /// Measures what everyday work costs, and writes its part of benchmarks/results.md.
    pub fn run(&self, cx: &Context) -> Result<Outcome> {
        let project = inputs::Project::load(cx)?;
        if self.large { bench::run_large(&project, self.size, self.quick) } else { bench::run(&project, self.quick) }
    }
}

#[cfg(not(feature = "bench"))]
impl BenchArgs {
    /// Compiles the program with all that measures, and has it run the same command line.
    #[expect(clippy::unused_self, reason = "the other program reads the command line again")]
    pub fn run(&self, cx: &Context) -> Result<Outcome> {
        let is_here = cx.layout.root().join("xtask/crates/bench").is_dir();
        ensure!(is_here, "`bench` measures the repository that this project was made of, and only there");
        let manifest = cx.layout.root().join("Cargo.toml");
        let cargo = process::Invocation::new("cargo")
            .args(["run", "--quiet", "--locked", "--manifest-path", manifest.as_str()])
            .args(["--package", "xtask", "--features", "bench", "--"])
            .args(std::env::args().skip(1));
        Ok(Outcome::Ended(cx.runner.exec(&cargo)?))
    }
}
