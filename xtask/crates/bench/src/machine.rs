//! The machine that something was measured on, without what is nobody's business: names and paths.

use camino::Utf8Path;

use process::{Invocation, files};
use project::Context;

/// What there is to say of this machine, by name.
pub fn describe(cx: &Context) -> Vec<(&'static str, String)> {
    let asked = |words: &[&str]| {
        let (program, arguments) = words.split_first()?;
        let question = Invocation::new(*program).args(arguments.iter().copied());
        let reading = cx.runner.read(&question).ok().filter(|it| it.exit.success())?;
        reading.stdout.lines().next().map(str::to_owned)
    };
    let file = |path: &str| files::read_text_if_any(Utf8Path::new(path)).ok().flatten().unwrap_or_default();
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let facts = [
        ("Date", asked(&["date", "-u", "+%Y-%m-%d %H:%M UTC"])),
        ("Processor", Some(format!("{}, {cores} cores", value(&file("/proc/cpuinfo"), "model name")))),
        ("Memory", Some(value(&file("/proc/meminfo"), "MemTotal"))),
        ("System", asked(&["uname", "-sm"])),
        ("Load before (1, 5, 15 minutes)", Some(load(&file("/proc/loadavg"), cores))),
        ("Docker", asked(&["docker", "version", "--format", "{{.Server.Version}}"])),
        ("buildx", asked(&["docker", "buildx", "version"])),
        ("compose", asked(&["docker", "compose", "version"])),
        ("Rust", asked(&["rustc", "--version"])),
        ("Commit", asked(&["git", "-C", cx.layout.root().as_str(), "rev-parse", "--short", "HEAD"])),
    ];
    facts.into_iter().filter_map(|(name, fact)| Some((name, fact?))).collect()
}

/// The first value of a name in the form `name : value`.
fn value(text: &str, name: &str) -> String {
    let mut pairs = text.lines().filter_map(|it| it.split_once(':'));
    let found = pairs.find(|(it, _)| it.trim() == name).map(|(_, value)| value.trim());
    found.unwrap_or("not known").to_owned()
}

/// How many processes wanted a processor, and whether those are enough to slow down what is measured.
fn load(text: &str, cores: usize) -> String {
    let words: Vec<&str> = text.split_whitespace().take(3).collect();
    let Some(last_minute) = words.first().and_then(|it| it.parse::<f64>().ok()) else {
        return String::from("not known");
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
        assert_eq!((value("", "model name").as_str(), load("", 2).as_str()), ("not known", "not known"));
    }
}
