//! What BuildKit says of a build, with its progress as plain text.

use std::collections::BTreeMap;

/// The steps of one build that make layers.
#[derive(Debug)]
pub struct BuildLog {
    text: String,
    steps: Vec<Step>,
}

#[derive(Debug)]
struct Step {
    name: String,
    is_cached: bool,
    is_done: bool,
}

impl BuildLog {
    /// Reads lines such as `#7 [runtime 2/5] COPY …` and `#7 CACHED`. Each run of the builder counts from the start, and has the
    /// steps of the run before it in the cache.
    pub fn parse(text: &str) -> Self {
        let (mut steps, mut numbers) = (Vec::<Step>::new(), BTreeMap::<u32, usize>::new());
        for (number, rest) in text.lines().filter_map(|line| line.strip_prefix('#')?.split_once(' ')) {
            let Ok(number) = number.parse() else { continue };
            if is_step(rest) {
                let known = steps.iter().position(|it| it.name == rest);
                numbers.insert(number, known.unwrap_or(steps.len()));
                if known.is_none() {
                    steps.push(Step { name: rest.to_owned(), is_cached: false, is_done: false });
                }
            } else if let Some(step) = numbers.get(&number).and_then(|it| steps.get_mut(*it)) {
                step.is_cached |= rest == "CACHED";
                step.is_done |= rest.starts_with("DONE ");
            }
        }
        assert!(!steps.is_empty(), "no steps in:\n{text}");
        for step in &mut steps {
            step.is_cached &= !step.is_done;
        }
        Self { text: text.to_owned(), steps }
    }

    /// The steps that were done again.
    pub fn done(&self) -> Vec<&str> {
        self.steps.iter().filter(|it| !it.is_cached).map(|it| it.name.as_str()).collect()
    }

    /// The steps that were done again in other stages than these.
    pub fn done_outside(&self, stages: &[&str]) -> Vec<&str> {
        let stage =
            |it: &str| it.strip_prefix('[').and_then(|it| it.split_once(' ')).map(|(stage, _)| stage.to_owned());
        self.done().into_iter().filter(|it| !stage(it).is_some_and(|it| stages.contains(&it.as_str()))).collect()
    }

    /// Whether the steps that mention `words` were done again: all of them or none, and at least one is there.
    pub fn did(&self, words: &str) -> bool {
        let states: Vec<bool> = self.steps.iter().filter(|it| it.name.contains(words)).map(|it| it.is_cached).collect();
        match (states.contains(&true), states.contains(&false)) {
            (true, false) => false,
            (false, true) => true,
            _ => panic!("some or no steps with `{words}` are cached in:\n{}", self.text),
        }
    }
}

/// A stage in brackets, then an instruction that makes a layer.
fn is_step(text: &str) -> bool {
    let instruction = text.strip_prefix('[').and_then(|it| it.split_once("] ")).map(|(_, instruction)| instruction);
    instruction.is_some_and(|it| ["RUN ", "COPY ", "WORKDIR "].iter().any(|name| it.starts_with(name)))
}
