//! Describes the machine that was measured, without its name, users and paths, because the report is public.

use camino::Utf8Path;

use process::{Invocation, files};
use project::Context;

/// Facts with their names, such as `Processor`. What cannot be found out is left out.
pub fn describe(cx: &Context) -> Vec<(&'static str, String)> {
    let first_line = |words: &[&str]| {
        let (program, arguments) = words.split_first()?;
        let query = Invocation::new(*program).args(arguments.iter().copied());
        let output = cx.runner.read(&query).ok().filter(|it| it.exit.success())?;
        output.stdout.lines().next().map(str::to_owned)
    };
    let file = |path: &str| files::read_text_if_any(Utf8Path::new(path)).ok().flatten().unwrap_or_default();
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let facts = [
        ("Date", first_line(&["date", "-u", "+%Y-%m-%d %H:%M UTC"])),
        ("Processor", Some(format!("{}, {cores} cores", value(&file("/proc/cpuinfo"), "model name")))),
        ("Memory", Some(value(&file("/proc/meminfo"), "MemTotal"))),
        ("System", first_line(&["uname", "-sm"])),
        ("Load before (1, 5, 15 minutes)", Some(load(&file("/proc/loadavg"), cores))),
        ("Docker", first_line(&["docker", "version", "--format", "{{.Server.Version}}"])),
        ("buildx", first_line(&["docker", "buildx", "version"])),
        ("compose", first_line(&["docker", "compose", "version"])),
        ("Rust", first_line(&["rustc", "--version"])),
        ("Commit", first_line(&["git", "-C", cx.layout.root().as_str(), "rev-parse", "--short", "HEAD"])),
    ];
    facts.into_iter().filter_map(|(name, fact)| Some((name, fact?))).collect()
}

/// The first value of a name in lines of the form `name : value`.
fn value(text: &str, name: &str) -> String {
    let mut pairs = text.lines().filter_map(|it| it.split_once(':'));
    let found = pairs.find(|(it, _)| it.trim() == name).map(|(_, value)| value.trim());
    found.unwrap_or("unknown").to_owned()
}

/// The load averages, and a remark if they are high enough to slow down what is measured.
fn load(text: &str, cores: usize) -> String {
    let words: Vec<&str> = text.split_whitespace().take(3).collect();
    let Some(last_minute) = words.first().and_then(|it| it.parse::<f64>().ok()) else {
        return String::from("unknown");
    };
    let is_busy = u32::try_from(cores).is_ok_and(|cores| last_minute > f64::from(cores) / 2.0);
    let remark = if is_busy { "; the machine was busy with other work" } else { "" };
    format!("{}{remark}", words.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_are_read_as_linux_writes_them() {
        assert_eq!(value("processor\t: 0\nmodel name\t: EPYC: 2\nmodel name\t: x\n", "model name"), "EPYC: 2");
        assert_eq!(load("0.41 6.27 6.02 3/400 7\n", 2), "0.41, 6.27, 6.02");
        assert_eq!(load("6.41 6.27 6.02 3/400 7\n", 2), "6.41, 6.27, 6.02; the machine was busy with other work");
        assert_eq!((value("", "model name").as_str(), load("", 2).as_str()), ("unknown", "unknown"));
    }
}
