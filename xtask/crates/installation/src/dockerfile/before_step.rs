//! A stage of a Dockerfile as it is before one of its steps, with the files that the step would see.

use std::str::FromStr;

use report::{Findings, Source};

use super::{Instruction, Line, lines};

/// The number of a step and how many its stage has, as BuildKit shows them: `1/2`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StepNumber {
    number: usize,
    count: usize,
}

impl FromStr for StepNumber {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parse = || {
            let (number, count) = text.split_once('/')?;
            let (number, count) = (number.parse().ok()?, count.parse().ok()?);
            (1..=count).contains(&number).then_some(Self { number, count })
        };
        parse().ok_or("write the number of a step as the build shows it, such as `1/2`")
    }
}

/// What a shell opens in: instructions that end where a command would begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StageBeforeStep {
    /// The instructions of such a stage, called as it was asked for, to be put behind the Dockerfile.
    pub text: String,
    /// The command of the step; `None` where the stage is there as a whole.
    pub command: Option<String>,
}

/// The instructions that BuildKit counts as steps.
const STEPS: [&str; 4] = ["RUN", "COPY", "ADD", "WORKDIR"];

/// The stage of a name before a step, or as a whole; what is mounted into the step is copied. The error has the names of the stages
/// that there are.
pub fn before_step(
    source: &Source,
    stage: &str,
    step: Option<StepNumber>,
    name: &str,
) -> Result<StageBeforeStep, Vec<String>> {
    let lines = lines::read(source, &mut Findings::default());
    let mut stages: Vec<(String, Vec<(Instruction, &str)>)> = Vec::new();
    for (index, line) in lines.lines.iter().enumerate() {
        let Ok(instruction) = Instruction::read(line, lines.escape) else { continue };
        let end = lines.lines.get(index + 1).map_or(source.text.len(), beginning);
        let text = source.text.get(beginning(line)..end).unwrap_or_default();
        if instruction.keyword == "FROM" {
            let words = instruction.words();
            let named = words.get(2).map(|it| it.text.clone()).unwrap_or_default();
            stages.push((named, vec![(instruction, text)]));
        } else if let Some((_, instructions)) = stages.last_mut() {
            instructions.push((instruction, text));
        }
    }
    let Some((_, instructions)) = stages.iter().find(|it| it.0.eq_ignore_ascii_case(stage)) else {
        return Err(stages.into_iter().map(|it| it.0).filter(|it| !it.is_empty()).collect());
    };
    let Some(StepNumber { number, count }) = step else {
        return Ok(StageBeforeStep { text: format!("\nFROM {stage} AS {name}\n"), command: None });
    };
    let mut steps = instructions.iter().enumerate().rev().filter(|it| STEPS.contains(&it.1.0.keyword));
    let position = steps.nth(count - number).map_or(instructions.len(), |it| it.0);
    let from = instructions[0].0.words().first().map(|it| it.text.clone()).unwrap_or_default();
    let before: String = instructions[1..position].iter().map(|it| ended(it.1)).collect();
    let step = instructions.get(position).map(|it| &it.0);
    let mounted: String = step.map(copies).unwrap_or_default();
    let command = step.map(|it| it.words().iter().map(|it| it.text.as_str()).collect::<Vec<_>>().join(" "));
    Ok(StageBeforeStep { text: format!("\nFROM {from} AS {name}\n{before}{mounted}"), command })
}

/// Where a line begins in the file.
fn beginning(line: &Line) -> usize {
    line.file_range(0..1).start
}

fn ended(text: &str) -> String {
    format!("{}\n", text.trim_end())
}

/// What a step has mounted, as copies. Caches and secrets are no files of the build.
fn copies(step: &Instruction) -> String {
    let copy = |fields: Vec<(String, super::LocatedText)>| {
        let value = |names: &[&str]| fields.iter().find(|it| names.contains(&&*it.0)).map(|it| it.1.text.clone());
        let kind = value(&["type"]).unwrap_or_else(|| "bind".to_owned());
        let target = value(&["target", "dst", "destination"]).filter(|_| kind == "bind")?;
        let from = value(&["from"]);
        let source =
            value(&["source", "src"]).unwrap_or_else(|| if from.is_some() { "/".to_owned() } else { ".".to_owned() });
        let from = from.map(|it| format!("--from={it} ")).unwrap_or_default();
        Some(format!("COPY {from}{source} {target}\n"))
    };
    step.option_fields("mount").filter_map(copy).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "ARG BASE\nFROM ${BASE} AS base\nRUN one\nFROM base AS tools\nENV A=1\n# Why.\nCOPY x /x\nRUN \\\n    \
                        --mount=type=bind,source=scripts/a.sh,target=/scripts/a.sh \\\n    --mount=type=bind,from=base,target=/all \\\n    \
                        --mount=type=cache,target=/c --mount=type=secret,id=ca \\\n    /scripts/a.sh \"two words\"\nRUN last\nFROM tools AS empty\n";

    fn before(stage: &str, step: Option<&str>) -> (String, Option<String>) {
        let step = step.map(|it| it.parse().unwrap());
        let found = before_step(&Source::new("Dockerfile", TEXT), stage, step, "here").unwrap();
        (found.text, found.command)
    }

    #[test]
    fn a_stage_ends_before_a_step_or_is_whole() {
        let (text, command) = before("tools", Some("2/3"));
        let expected = "\nFROM base AS here\nENV A=1\n# Why.\nCOPY x /x\nCOPY scripts/a.sh /scripts/a.sh\nCOPY --from=base / /all\n";
        assert_eq!((text.as_str(), command.as_deref()), (expected, Some("/scripts/a.sh two words")));
        let (text, command) = before("Tools", Some("3/3"));
        assert!(text.ends_with("\"two words\"\n") && command.as_deref() == Some("last"), "{text}");
        assert_eq!(before("tools", None), ("\nFROM tools AS here\n".to_owned(), None));
    }

    #[test]
    fn a_stage_that_is_not_there_is_told_with_those_that_are() {
        let error = before_step(&Source::new("Dockerfile", TEXT), "tool", None, "here").unwrap_err();
        assert_eq!(error, ["base", "tools", "empty"]);
        for bad in ["", "1", "0/2", "3/2", "a/b"] {
            assert!(bad.parse::<StepNumber>().is_err(), "{bad}");
        }
    }
}
