//! Scripts by which shells complete `cargo xtask`, made of the command line as clap knows it.
//!
//! clap_complete completes a program, and `xtask` is none: it is a word behind `cargo`, whose own completion knows nothing of it.

use clap::{Arg, Args, Command, CommandFactory as _, ValueEnum};

use super::Cli;

/// `cargo xtask completions`
#[derive(Debug, Args)]
pub struct CompletionsArgs {
    /// Which shell is to read it.
    #[arg(value_name = "SHELL", value_enum)]
    shell: Shell,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Shell {
    Bash,
    Zsh,
    Fish,
}

impl CompletionsArgs {
    pub fn script(&self) -> String {
        let verbs = verbs();
        match self.shell {
            Shell::Bash => bash(&verbs),
            Shell::Zsh => zsh(&verbs),
            Shell::Fish => fish(&verbs),
        }
    }
}

/// A word, and what it is for.
struct Completion {
    word: String,
    about: String,
}

struct VerbCompletions {
    names: Vec<String>,
    about: String,
    options: Vec<OptionCompletions>,
    /// What may stand there that is no option.
    values: Vec<Completion>,
}

struct OptionCompletions {
    /// `--dry-run`, and `-n` if there is one.
    names: Vec<String>,
    about: String,
    takes_value: bool,
    /// Those that it takes, where they are few and known.
    values: Vec<Completion>,
}

/// All verbs. The options of every verb are among the options of each.
fn verbs() -> Vec<VerbCompletions> {
    let mut command = Cli::command();
    // This passes the options of every verb on to each, and adds `--help`.
    command.build();
    let verbs = command.get_subcommands().filter(|it| it.get_name() != "help");
    verbs.map(VerbCompletions::of).collect()
}

impl VerbCompletions {
    fn of(verb: &Command) -> Self {
        let names = [verb.get_name()].into_iter().chain(verb.get_visible_aliases()).map(str::to_owned).collect();
        let options = verb.get_opts().chain(verb.get_arguments().filter(|it| is_flag(it)));
        let values = verb.get_positionals().flat_map(possible_values).collect();
        Self {
            names,
            about: verb.get_about().map(ToString::to_string).unwrap_or_default(),
            options: options.map(OptionCompletions::of).collect(),
            values,
        }
    }

    fn words(&self) -> String {
        let options = self.options.iter().flat_map(|it| &it.names);
        let words: Vec<&str> = options.chain(self.values.iter().map(|it| &it.word)).map(String::as_str).collect();
        words.join(" ")
    }
}

impl OptionCompletions {
    fn of(option: &Arg) -> Self {
        let long = option.get_long().map(|it| format!("--{it}"));
        let short = option.get_short().map(|it| format!("-{it}"));
        Self {
            names: long.into_iter().chain(short).collect(),
            about: first_line(&option.get_help().map(ToString::to_string).unwrap_or_default()),
            takes_value: !is_flag(option),
            values: possible_values(option),
        }
    }
}

/// Whether it is an option that takes no value.
fn is_flag(argument: &Arg) -> bool {
    !argument.is_positional() && !argument.get_action().takes_values()
}

fn possible_values(argument: &Arg) -> Vec<Completion> {
    // That of a flag is of no use to anybody.
    if is_flag(argument) {
        return Vec::new();
    }
    let values = argument.get_possible_values().into_iter().filter(|it| !it.is_hide_set());
    let completion = |it: &clap::builder::PossibleValue| Completion {
        word: it.get_name().to_owned(),
        about: it.get_help().map(ToString::to_string).unwrap_or_default(),
    };
    values.map(|it| completion(&it)).collect()
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}

fn words_of(values: &[Completion]) -> String {
    values.iter().map(|it| it.word.as_str()).collect::<Vec<_>>().join(" ")
}

const BASH: &str = r#"# Completes `cargo xtask`. Printed by `cargo xtask completions bash`.

_cargo_xtask() {
    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} verb='' word words=''
    for word in "${COMP_WORDS[@]:2:COMP_CWORD - 2}"; do
        # What follows belongs to another program.
        [ "$word" != -- ] || return 0
        case $word in -*) ;; *) [ -n "$verb" ] || verb=$word ;; esac
    done
    case $verb:$prev in
@VALUES@
    *)
        case $verb in
@VERBS@
        esac
        ;;
    esac
    # As the bash of macOS can; no word has a blank.
    # shellcheck disable=SC2207
    COMPREPLY=($(compgen -W "$words" -- "$cur"))
}

_cargo_or_xtask() {
    COMPREPLY=()
    if [ "${COMP_WORDS[1]-}" = xtask ] && [ "$COMP_CWORD" -gt 1 ]; then
        _cargo_xtask
    elif [ -n "$_cargo_before_xtask" ]; then
        "$_cargo_before_xtask" "$@"
    fi
}

# What completes `cargo` otherwise: what does so already, else the script that comes with it.
_cargo_before_xtask=
if ! complete -p cargo >/dev/null 2>&1; then
    _cargo_script=$(rustc --print sysroot 2>/dev/null)/etc/bash_completion.d/cargo
    # shellcheck source=/dev/null
    [ ! -r "$_cargo_script" ] || . "$_cargo_script"
    unset _cargo_script
fi
if [[ $(complete -p cargo 2>/dev/null) =~ -F\ ([^ ]+) ]]; then
    if [ "${BASH_REMATCH[1]}" = _cargo_or_xtask ]; then
        _cargo_before_xtask=$_cargo_before_before_xtask
    else
        _cargo_before_xtask=${BASH_REMATCH[1]}
    fi
fi
# For those who read this script twice.
_cargo_before_before_xtask=$_cargo_before_xtask
complete -o default -o bashdefault -F _cargo_or_xtask cargo
"#;

fn bash(verbs: &[VerbCompletions]) -> String {
    let (mut values, mut cases) = (Vec::new(), Vec::new());
    let names: Vec<&str> = verbs.iter().flat_map(|it| &it.names).map(String::as_str).collect();
    cases.push(format!("        '') words='{} --dry-run --verbose --help --version' ;;", names.join(" ")));
    for verb in verbs {
        let names = verb.names.join(" | ");
        cases.push(format!("        {names}) words='{}' ;;", verb.words()));
        for option in verb.options.iter().filter(|it| it.takes_value) {
            let both = verb.names.iter().flat_map(|verb| option.names.iter().map(move |it| format!("{verb}:{it}")));
            let both: Vec<String> = both.collect();
            values.push(format!("    {}) words='{}' ;;", both.join(" | "), words_of(&option.values)));
        }
    }
    BASH.replace("@VALUES@", &values.join("\n")).replace("@VERBS@", &cases.join("\n"))
}

const ZSH: &str = r"# Completes `cargo xtask`. Printed by `cargo xtask completions zsh`.
# The completion of `cargo` that comes with it calls this function for the word `xtask`.

_cargo-xtask() {
    local verb= word
    local -a found
    for word in ${words[2,CURRENT-1]}; do
        if [[ $word == -- ]]; then _default; return; fi
        if [[ -z $verb && $word != -* ]]; then verb=$word; fi
    done
    case $verb:${words[CURRENT-1]} in
@VALUES@
    *)
        case $verb in
@VERBS@
        esac
        ;;
    esac
    # Not as options, of which zsh shows none before a `-` is typed: verbs and values are among them.
    if (( $#found )); then _describe 'word' found && return; fi
    _default
}

# Where nothing completes `cargo`.
_cargo_with_xtask() {
    if [[ ${words[2]} != xtask ]] || (( CURRENT < 3 )); then _default; return; fi
    shift words
    (( CURRENT-- ))
    _cargo-xtask
}
if (( $+functions[compdef] && ! $+_comps[cargo] )); then compdef _cargo_with_xtask cargo; fi
";

fn zsh(verbs: &[VerbCompletions]) -> String {
    let item = |word: &str, about: &str| {
        let word = word.replace(':', "\\:");
        quoted(&if about.is_empty() { word } else { format!("{word}:{about}") })
    };
    let items = |it: &[Completion]| it.iter().map(|it| item(&it.word, &it.about)).collect::<Vec<_>>().join(" ");
    let (mut values, mut cases) = (Vec::new(), Vec::new());
    let names = verbs.iter().flat_map(|verb| verb.names.iter().map(|it| item(it, &verb.about)));
    cases.push(format!("        '') found=({}) ;;", names.collect::<Vec<_>>().join(" ")));
    for verb in verbs {
        let options = verb.options.iter().flat_map(|option| option.names.iter().map(|it| item(it, &option.about)));
        let found: Vec<String> = options.chain([items(&verb.values)]).collect();
        cases.push(format!("        {}) found=({}) ;;", verb.names.join("|"), found.join(" ").trim_end()));
        for option in verb.options.iter().filter(|it| it.takes_value) {
            let both = verb.names.iter().flat_map(|verb| option.names.iter().map(move |it| format!("{verb}:{it}")));
            let both: Vec<String> = both.collect();
            values.push(format!("    {}) found=({}) ;;", both.join("|"), items(&option.values)));
        }
    }
    ZSH.replace("@VALUES@", &values.join("\n")).replace("@VERBS@", &cases.join("\n"))
}

fn fish(verbs: &[VerbCompletions]) -> String {
    let names: Vec<&str> = verbs.iter().flat_map(|it| &it.names).map(String::as_str).collect();
    let first = "__fish_seen_subcommand_from xtask; and not contains -- -- (commandline -opc)";
    let mut script = "# Completes `cargo xtask`. Printed by `cargo xtask completions fish`.\n\n".to_owned();
    for verb in verbs {
        for name in &verb.names {
            let condition = format!("{first}; and not __fish_seen_subcommand_from {}", names.join(" "));
            script += &format!(
                "complete -c cargo -n {} -f -a {name} -d {}\n",
                fish_quoted(&condition),
                fish_quoted(&verb.about)
            );
        }
        let condition = fish_quoted(&format!("{first}; and __fish_seen_subcommand_from {}", verb.names.join(" ")));
        for option in &verb.options {
            let names = option.names.iter().map(|it| match it.strip_prefix("--") {
                Some(long) => format!(" -l {long}"),
                None => format!(" -s {}", it.trim_start_matches('-')),
            });
            let names: String = names.collect();
            let value = match (option.takes_value, option.values.is_empty()) {
                (false, _) => String::new(),
                (true, true) => " -r".to_owned(),
                (true, false) => format!(" -x -a {}", fish_quoted(&words_of(&option.values))),
            };
            script += &format!("complete -c cargo -n {condition}{names}{value} -d {}\n", fish_quoted(&option.about));
        }
        for Completion { word, about } in &verb.values {
            script += &format!("complete -c cargo -n {condition} -f -a {word} -d {}\n", fish_quoted(about));
        }
    }
    script
}

/// A word for a POSIX shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// fish escapes within quotes.
fn fish_quoted(text: &str) -> String {
    format!("'{}'", text.replace('\\', r"\\").replace('\'', r"\'"))
}
