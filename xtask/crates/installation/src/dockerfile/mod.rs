//! A Dockerfile, as far as other files have to agree with it: its arguments, its stages, and the files that it takes.

mod before_step;
mod file_use;
mod heredoc;
mod instruction;
mod line;
mod lines;
mod words;

use std::collections::BTreeSet;
use std::ops::Range;

use report::{Code, Findings, Problem, Source, parses};

use super::LocatedText;

pub use before_step::{StageBeforeStep, StepNumber, before_step};
pub use file_use::FileUse;
use instruction::Instruction;
use line::Line;

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Dockerfile {
    /// The arguments above the first stage, which every `FROM` sees and every stage may declare again.
    pub arguments: Vec<Argument>,
    pub stages: Vec<BuildStage>,
}

/// From one `FROM` to the next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuildStage {
    /// After `AS`.
    pub name: Option<LocatedText>,
    /// The image or the stage that it starts from.
    pub base: LocatedText,
    pub arguments: Vec<Argument>,
    pub file_uses: Vec<FileUse>,
}

/// One name that an `ARG` declares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Argument {
    pub name: LocatedText,
    /// Whether it has a value when nobody passes one.
    pub has_default: bool,
}

impl Dockerfile {
    /// What cannot be read is a finding, and the rest is read all the same.
    pub fn parse(source: &Source, findings: &mut Findings) -> Self {
        parses::note(&source.file, &source.text);
        let lines = lines::read(source, findings);
        let mut dockerfile = Self::default();
        for line in &lines.lines {
            let read = Instruction::read(line, lines.escape).and_then(|it| dockerfile.add(&it));
            if let Err(problem) = read {
                findings.push(source.problem(0, problem));
            }
        }
        if dockerfile.stages.is_empty() {
            let finding = source.about(Code::Dockerfile, "no `FROM`: there is nothing to build");
            findings.push(finding.help("begin with `FROM image AS name`"));
        }
        dockerfile
    }

    /// Every argument, the global ones first.
    pub fn all_arguments(&self) -> impl Iterator<Item = &Argument> {
        self.arguments.iter().chain(self.stages.iter().flat_map(|it| &it.arguments))
    }

    /// The stages that a stage is built from, itself among them, by name in small letters, as BuildKit has them. `arguments`
    /// are those that are passed: they may choose a stage.
    pub fn required_stages(&self, name: &str, arguments: &[(&str, String)]) -> BTreeSet<String> {
        let resolve = |word: &LocatedText| {
            let replaced = |text: String, (name, value): &(&str, String)| {
                text.replace(&format!("${{{name}}}"), value).replace(&format!("${name}"), value)
            };
            arguments.iter().fold(word.text.clone(), replaced).to_ascii_lowercase()
        };
        let mut found = BTreeSet::new();
        let mut next = vec![name.to_ascii_lowercase()];
        while let Some(name) = next.pop() {
            let stage =
                self.stages.iter().find(|it| it.name.as_ref().is_some_and(|it| it.text.eq_ignore_ascii_case(&name)));
            let Some(stage) = stage.filter(|_| found.insert(name)) else { continue };
            let taken = stage.file_uses.iter().filter_map(|it| it.from.as_ref());
            next.extend(taken.chain([&stage.base]).map(resolve));
        }
        found
    }

    fn add(&mut self, instruction: &Instruction) -> Result<(), Problem> {
        match (instruction.keyword, self.stages.last_mut()) {
            ("FROM", _) => self.begin_stage(instruction),
            ("ARG", None) => arguments(instruction).map(|it| self.arguments.extend(it)),
            (keyword, None) => {
                let problem = wrong(instruction.range.clone(), format!("`{keyword}` before the first `FROM`"));
                Err(problem.help("move it below a `FROM`; only `ARG` may stand above"))
            }
            ("ARG", Some(stage)) => arguments(instruction).map(|it| stage.arguments.extend(it)),
            ("COPY" | "ADD", Some(stage)) => FileUse::of_copy(instruction).map(|it| stage.file_uses.push(it)),
            ("ENV", Some(_)) => check_env(instruction),
            ("ONBUILD", Some(_)) => instruction.trigger().map(drop),
            // Empty ones undo what the base image says.
            ("CMD" | "ENTRYPOINT", Some(_)) => Ok(()),
            ("RUN", Some(stage)) => {
                stage.file_uses.extend(FileUse::of_mounts(instruction));
                require_words(instruction)
            }
            (_, Some(_)) => require_words(instruction),
        }
    }

    /// Begins a stage even where its `FROM` is wrong, or every instruction after it would be wrong, too.
    fn begin_stage(&mut self, instruction: &Instruction) -> Result<(), Problem> {
        let words = instruction.words();
        let base =
            words.first().cloned().unwrap_or(LocatedText { text: String::new(), range: instruction.range.clone() });
        let name = match words.as_slice() {
            [_] => Ok(None),
            [_, separator, name] if separator.text.eq_ignore_ascii_case("AS") => stage_name(name).map(Some),
            [] => Err(instruction.needs("an image")),
            [_, other, ..] => {
                let problem = wrong(other.range.clone(), format!("`FROM` does not take `{}`", other.text));
                Err(problem.help("write `FROM image` or `FROM image AS name`"))
            }
        };
        let (name, result) = match name {
            Ok(name) => (name, Ok(())),
            Err(problem) => (None, Err(problem)),
        };
        self.stages.push(BuildStage { name, base, arguments: Vec::new(), file_uses: Vec::new() });
        result
    }
}

/// Something that Docker cannot read, at a place in the file.
fn wrong(range: Range<usize>, message: impl Into<String>) -> Problem {
    Problem::new(Code::Dockerfile, range, message)
}

/// A name that Docker takes for a stage: a letter, then letters, digits, `-`, `_` and `.`.
fn stage_name(name: &LocatedText) -> Result<LocatedText, Problem> {
    let is_name = name.text.starts_with(|it: char| it.is_ascii_alphabetic())
        && name.text.chars().all(|it| it.is_ascii_alphanumeric() || "-_.".contains(it));
    if is_name {
        return Ok(name.clone());
    }
    let problem = wrong(name.range.clone(), format!("`{}` cannot be the name of a stage", name.text));
    Err(problem.help("write a letter, then letters, digits, `-`, `_` or `.`"))
}

/// `NAME` and `NAME=default`, as many as there are.
fn arguments(instruction: &Instruction) -> Result<Vec<Argument>, Problem> {
    let words = instruction.words();
    if words.is_empty() {
        return Err(instruction.needs("a name"));
    }
    words.into_iter().map(argument).collect()
}

fn argument(word: LocatedText) -> Result<Argument, Problem> {
    let (name, has_default) = match word.text.split_once('=') {
        Some((name, _)) => (name, true),
        None => (word.text.as_str(), false),
    };
    if name.is_empty() {
        return Err(nameless(word.range));
    }
    // A quoted word is longer in the file than its text; then its place stands for the name's.
    let end = word.range.start + name.len();
    let range = if word.range.len() == word.text.len() { word.range.start..end } else { word.range };
    Ok(Argument { name: LocatedText { text: name.to_owned(), range }, has_default })
}

/// `NAME=value`, as many as there are, or one `NAME value`.
fn check_env(instruction: &Instruction) -> Result<(), Problem> {
    let words = instruction.words();
    let Some(first) = words.first() else { return Err(instruction.needs("a name and a value")) };
    let is_old_form = !first.text.contains('=');
    if is_old_form {
        return if words.len() > 1 { Ok(()) } else { Err(instruction.needs("a name and a value")) };
    }
    let Some(word) = words.iter().find(|it| it.text.find('=').is_none_or(|at| at == 0)) else { return Ok(()) };
    Err(nameless(word.range.clone()))
}

fn nameless(range: Range<usize>) -> Problem {
    wrong(range, "an assignment needs a name, `=` and a value without spaces")
        .help("write `NAME=value`, quoted if need be")
}

fn require_words(instruction: &Instruction) -> Result<(), Problem> {
    if instruction.has_words() { Ok(()) } else { Err(instruction.needs("an argument")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use report::Span;

    fn parse(text: &str) -> (Dockerfile, String) {
        let mut findings = Findings::default();
        let dockerfile = Dockerfile::parse(&Source::new("Dockerfile", text), &mut findings);
        (dockerfile, findings.to_string())
    }

    fn texts(words: &[LocatedText]) -> Vec<&str> {
        words.iter().map(|it| it.text.as_str()).collect()
    }

    #[test]
    fn stages_have_their_names_bases_and_arguments() {
        let (file, findings) =
            parse("ARG A=1 \\\n  B\nFROM --platform=$BUILDPLATFORM ${A} as one\narg C 'D=x y'\nFROM one\n");
        assert_eq!(findings, "");
        let declared: Vec<_> = file.all_arguments().map(|it| (it.name.text.as_str(), it.has_default)).collect();
        assert_eq!(declared, [("A", true), ("B", false), ("C", false), ("D", true)]);
        let source = Source::new("f", "ARG A=1 \\\n  B\n");
        assert_eq!(file.arguments[1].name.span(&source), Span::new(2, 3, 1));
        assert_eq!((file.stages[0].base.text.as_str(), file.stages[1].name.as_ref()), ("${A}", None));
        assert_eq!(file.stages[0].name.as_ref().unwrap().text, "one");
    }

    #[test]
    fn files_come_from_copies_and_mounts() {
        let (file, findings) = parse(
            "FROM a\nCOPY --from=b --chown=1:1 x y /z\nADD [\"u v\", \"/w\"]\nCOPY <<E f /g\nE\n\
             RUN --mount=type=bind,src=s,target=/s --mount=type=cache,from=c,target=/c --mount=type=secret,id=i \\\n ls\n",
        );
        assert_eq!(findings, "");
        let uses = &file.stages[0].file_uses;
        let seen: Vec<_> =
            uses.iter().map(|it| (it.from.as_ref().map(|it| it.text.as_str()), texts(&it.sources))).collect();
        assert_eq!(
            seen,
            [
                (Some("b"), vec!["x", "y"]),
                (None, vec!["u v"]),
                (None, vec!["f"]),
                (None, vec!["s"]),
                (Some("c"), vec![]),
            ]
        );
        assert_eq!(uses.iter().map(|it| it.takes_urls).collect::<Vec<_>>(), [false, true, false, false, false]);
    }

    #[test]
    fn a_stage_requires_those_that_it_starts_from_and_takes_files_from() {
        let (file, _) = parse(
            "FROM image AS base\nFROM base AS make-a\nFROM base AS make-b\nFROM base AS tool\n\
             FROM make-${KIND} AS made\nRUN --mount=type=bind,from=tool,source=/t,target=/t t\n\
             FROM base AS Plain\nFROM plain AS other\nCOPY --from=made /x /x\n",
        );
        let required = |name, kind: &str| {
            let stages = file.required_stages(name, &[("KIND", kind.to_owned())]);
            stages.into_iter().collect::<Vec<_>>().join(" ")
        };
        assert_eq!(required("made", "a"), "base made make-a tool");
        assert_eq!(required("other", "b"), "base made make-b other plain tool");
        assert_eq!(required("plain", "b"), "base plain");
    }

    #[test]
    fn what_cannot_be_read_is_found_where_it_is() {
        for (text, finding) in [
            ("", "Dockerfile: error[E0707]: no `FROM`"),
            ("FROM\n", "Dockerfile:1:1: error[E0707]: `FROM` needs an image"),
            ("FROM a b\n", "Dockerfile:1:8: error[E0707]: `FROM` does not take `b`"),
            ("FROM a AS 1\n", "Dockerfile:1:11: error[E0707]: `1` cannot be the name"),
            ("RUN a\nFROM a\n", "Dockerfile:1:1: error[E0707]: `RUN` before the first `FROM`"),
            ("FROM a\nCOPY x\n", "Dockerfile:2:1: error[E0707]: `COPY` needs a source and a destination"),
            ("FROM a\nARG A = b\n", "Dockerfile:2:7: error[E0707]: an assignment needs a name"),
            ("FROM a\nARG\n", "Dockerfile:2:1: error[E0707]: `ARG` needs a name"),
            ("FROM a\nENV A\n", "Dockerfile:2:1: error[E0707]: `ENV` needs a name and a value"),
            ("FROM a\nENV A=b c\n", "Dockerfile:2:9: error[E0707]: an assignment needs a name"),
            ("FROM a\nRUN --mount=type=tmpfs\n", "Dockerfile:2:1: error[E0707]: `RUN` needs an argument"),
            ("FROM a\nONBUILD RNU x\n", "Dockerfile:2:9: error[E0707]: unknown instruction `RNU`"),
            ("FROM a\nRUN a\n  && b\n", "Dockerfile:3:3: error[E0707]: unknown instruction `&&`"),
        ] {
            let findings = parse(text).1;
            assert!(findings.starts_with(finding) && findings.matches("E0707").count() == 1, "{text:?}: {findings}");
        }
        assert_eq!(parse("FROM a\nENV A b c\nENV A=b 'C=d e'\nCMD\nENTRYPOINT\nONBUILD COPY a b\n").1, "");
    }
}
