//! The memory that this program takes itself, without what it starts.

use anyhow::{Context as _, Result};

use process::Invocation;
use project::Context;

use crate::{
    case::{MeasuredCase, Round},
    catalogue::{PEAK_MEMORY, pip_package},
    dependencies::AddedPackages,
    timing::{prepare, run_quietly},
    trial::Trial,
};

/// Prints the largest resident set of a command in KiB, which Linux counts for each process. It is asked for until the command
/// has ended, because nothing else tells it from what the command has started.
///
/// Source: `proc_pid_status(5)`, `VmHWM`.
const SCRIPT: &str = r#"
"$@" >/dev/null 2>&1 &
peak=0
while
    found=
    while read -r name value _; do
        [ "$name" != VmHWM: ] || found=$value
    done <"/proc/$!/status"
    [ -n "$found" ]
do
    peak=$found
    sleep 0.01
done 2>/dev/null
wait $! || exit
if [ "$peak" = 0 ]; then
    echo "this system does not tell the memory of processes" >&2
    exit 1
fi
echo "$peak"
"#;

/// `None` in a dry run.
pub fn measure(cx: &Context, trial: &Trial) -> Result<Option<MeasuredCase>> {
    prepare(cx, &trial.build_all(AddedPackages::Nothing))?;
    prepare(cx, &trial.write_dependencies(AddedPackages::Python(pip_package(0))))?;
    let mut peak: f64 = 0.0;
    for arguments in [&["build", "runtime"][..], &["freeze"], &["build", "runtime"]] {
        let Some(output) = run_quietly(cx, &with_peak_memory(trial, arguments))? else { return Ok(None) };
        let kibibytes: f64 = output.stdout.trim().parse().context("the memory is no number")?;
        peak = peak.max(kibibytes * 1024.0);
    }
    trial.end_round();
    Ok(MeasuredCase::new(PEAK_MEMORY, &[Round { usual: None, strong: None, ours: peak }]))
}

fn with_peak_memory(trial: &Trial, arguments: &[&str]) -> Invocation {
    trial.ours_by(Invocation::new("sh").args(["-c", SCRIPT, "sh", trial.path("xtask").as_str()]), arguments)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use process::{Echo, Exit, Runner, Ui};

    #[test]
    fn the_memory_is_that_of_the_command_and_the_exit_code_too() {
        let measure = |script: &str| {
            let command = Invocation::new("sh").args(["-c", SCRIPT, "sh", "sh", "-c", script]);
            Runner::new(Echo::Quiet, Ui::new(true, true)).read(&command).unwrap()
        };
        let ended = measure("sleep 0.2; exit 0");
        let kibibytes: u64 = ended.stdout.trim().parse().unwrap();
        assert!((100..50_000).contains(&kibibytes), "{kibibytes}");
        assert_eq!((measure("sleep 0.1; exit 7").exit, measure("exit 7").exit), (Exit::Code(7), Exit::Code(7)));
    }
}
