//! Options that several verbs have, and how options are read.

use clap::{
    Arg, ArgAction, ArgMatches,
    builder::{PossibleValue, PossibleValuesParser, TypedValueParser},
    value_parser,
};

use environment::Platform;
use process::EnvArg;

/// A flag.
pub fn flag(name: &'static str, help: &'static str) -> Arg {
    Arg::new(name).long(name).action(ArgAction::SetTrue).help(help)
}

/// An option whose value is text.
pub fn option(name: &'static str, value: &'static str, help: &'static str) -> Arg {
    Arg::new(name).long(name).value_name(value).help(help)
}

/// `--env`, as often as wanted.
pub fn env() -> Arg {
    option("env", "NAME[=VALUE]", "Set an environment variable; without =VALUE, to the value that it has here")
        .short('e')
        .action(ArgAction::Append)
        .value_parser(value_parser!(EnvArg))
}

/// `--detach`.
pub fn detach() -> Arg {
    flag("detach", "Leave it running in the background and print the container's id").short('d')
}

/// `--gpu`.
pub fn gpu() -> Arg {
    flag("gpu", "Give it the NVIDIA GPUs, whatever CPU_OR_GPU says")
}

/// `--platform`, of an image.
pub fn platform(help: &'static str) -> Arg {
    option("platform", "PLATFORM", help).value_parser(|text: &str| {
        let platform = Platform::parse(text).filter(Platform::is_linux);
        platform.ok_or("it is linux/amd64, linux/arm64 or the like")
    })
}

/// The user's command: everything from the first word that is no option.
pub fn user_command() -> Arg {
    Arg::new("command")
        .value_name("COMMAND")
        .required(true)
        .num_args(1..)
        .trailing_var_arg(true)
        .help("The command, with its arguments")
}

/// The values of an option that may be given several times, or of an argument with several words.
pub fn values<T: Clone + Send + Sync + 'static>(matches: &ArgMatches, name: &str) -> Vec<T> {
    matches.get_many(name).into_iter().flatten().cloned().collect()
}

/// The value of an option with a default.
pub fn value<T: Clone + Send + Sync + 'static>(matches: &ArgMatches, name: &str, default: T) -> T {
    matches.get_one(name).cloned().unwrap_or(default)
}

/// A parser of one of some words, each with its help and what it stands for.
pub fn choice<T: Copy + Send + Sync + 'static>(
    words: &'static [(&'static str, &'static str, T)],
) -> impl TypedValueParser<Value = T> {
    let word = |(word, help, _): &(&'static str, &'static str, T)| {
        let value = PossibleValue::new(*word);
        if help.is_empty() { value } else { value.help(*help) }
    };
    PossibleValuesParser::new(words.iter().map(word))
        .try_map(|given| words.iter().find(|it| it.0 == given).map(|it| it.2).ok_or("it is none of them"))
}
