//! The files that an instruction takes from the build context, another stage or an image.

use report::Problem;

use super::{super::LocatedText, Instruction, heredoc};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileUse {
    /// The stage or image that has them; the build context where there is none.
    pub from: Option<LocatedText>,
    /// Heredocs, whose text is in the Dockerfile itself, are not among them.
    pub sources: Vec<LocatedText>,
    /// Whether a source may be a URL.
    pub takes_urls: bool,
}

impl FileUse {
    /// What `COPY` or `ADD` takes: `[--option…] source… destination`, or the same as a JSON list.
    pub fn of_copy(instruction: &Instruction) -> Result<Self, Problem> {
        let mut sources = instruction.words_or_json();
        let destination = sources.pop();
        if destination.is_none() || sources.is_empty() {
            return Err(instruction.needs("a source and a destination"));
        }
        sources.retain(|it| !heredoc::is_opening(&it.text));
        Ok(Self { from: instruction.options("from").last(), sources, takes_urls: instruction.keyword == "ADD" })
    }

    /// What the mounts of a `RUN` take (Dockerfile reference, "RUN --mount"). Secrets and the like take no files.
    pub fn of_mounts(instruction: &Instruction) -> Vec<Self> {
        instruction.option_fields("mount").filter_map(Self::of_mount).collect()
    }

    fn of_mount(fields: Vec<(String, LocatedText)>) -> Option<Self> {
        let (mut kind, mut from, mut source) = (None, None, None);
        for (name, value) in fields {
            match name.as_str() {
                "type" => kind = Some(value.text),
                "from" => from = Some(value),
                "source" | "src" => source = Some(value),
                _ => {}
            }
        }
        match kind.as_deref() {
            None | Some("bind") => Some(Self { from, sources: source.into_iter().collect(), takes_urls: false }),
            // A new cache starts with files of a stage; without a stage, the source is a path in the cache itself.
            Some("cache") => Some(Self { from, sources: Vec::new(), takes_urls: false }),
            Some(_) => None,
        }
    }
}
