//! The images that the daemon has, with what tells whose they are and what they take.

use serde_json::Value;

use process::Invocation;

/// An image that the daemon has, with or without a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredImage {
    pub id: String,
    /// Each with a tag. Empty for one whose names other images have taken.
    pub names: Vec<String>,
    /// The names by which it was pulled, with digests.
    pub digests: Vec<String>,
    /// When it was built or got its last name, whichever is later: RFC 3339.
    pub time: String,
    pub labels: Value,
    /// The digests of its layers, the lowest first.
    pub layers: Vec<String>,
}

impl StoredImage {
    /// Asks for the id of every image, a line each; that of one with several names comes several times.
    pub fn ids_query() -> Invocation {
        Invocation::new("docker").args(["image", "ls", "--all", "--quiet", "--no-trunc"])
    }

    /// Asks for these images. It fails where one is gone, and answers for the others all the same.
    pub fn query<'a>(ids: impl IntoIterator<Item = &'a str>) -> Invocation {
        let format = "[{{json .Id}},{{json .RepoTags}},{{json .RepoDigests}},{{json .Created}},\
                      {{json .Metadata.LastTagTime}},{{json .Config.Labels}},{{json .RootFS.Layers}}]";
        Invocation::new("docker").args(["image", "inspect", "--format", format]).args(ids)
    }

    /// Parses the answer to [`query`](Self::query). Lines of another form are left out.
    pub fn parse(answer: &str) -> Vec<Self> {
        answer.lines().filter_map(Self::parse_line).collect()
    }

    /// The engine makes null, or leaves out, what is empty.
    fn parse_line(line: &str) -> Option<Self> {
        let Ok(Value::Array(line)) = serde_json::from_str(line) else { return None };
        let [id, names, digests, created, tagged, labels, layers] = &line[..] else { return None };
        let texts = |it: &Value| -> Vec<String> {
            it.as_array().into_iter().flatten().filter_map(|it| it.as_str().map(str::to_owned)).collect()
        };
        Some(Self {
            id: id.as_str()?.to_owned(),
            names: texts(names),
            digests: texts(digests),
            time: created.as_str().max(tagged.as_str()).unwrap_or_default().to_owned(),
            labels: labels.clone(),
            layers: texts(layers),
        })
    }

    /// The value of a label; empty where it has none.
    pub fn label(&self, name: &str) -> &str {
        self.labels[name].as_str().unwrap_or_default()
    }

    /// Asks for the size and the instruction of everything that the image was built from, the last one first.
    pub fn history_query(&self) -> Invocation {
        let format = "{{.Size}}\t{{.CreatedBy}}";
        Invocation::new("docker").args(["history", "--no-trunc", "--human=false", "--format", format, &self.id])
    }

    /// The bytes of each layer, the lowest first, from the answer to [`history_query`](Self::history_query). `None` where they
    /// cannot be told apart from instructions without a layer.
    pub fn layer_sizes(&self, history: &str) -> Option<Vec<u64>> {
        let layer = |line: &str| {
            let (size, instruction) = line.split_once('\t').unwrap_or((line, ""));
            let size: u64 = size.trim().parse().ok()?;
            (size > 0 || makes_a_layer(instruction)).then_some(size)
        };
        let sizes: Vec<u64> = history.lines().rev().filter_map(layer).collect();
        (sizes.len() == self.layers.len()).then_some(sizes)
    }

    /// Removes one image by these names, or by its id. Where a container uses it, it stays.
    pub fn removal<'a>(names: impl IntoIterator<Item = &'a str>) -> Invocation {
        Invocation::new("docker").args(["image", "rm"]).args(names)
    }
}

/// Whether an instruction makes a layer even if that is empty, as BuildKit and the classic builder write it.
fn makes_a_layer(instruction: &str) -> bool {
    let instruction = instruction.trim_start();
    let first = instruction.split_whitespace().next().unwrap_or_default();
    match first {
        "RUN" | "COPY" | "ADD" | "WORKDIR" => true,
        "/bin/sh" => !instruction.contains("#(nop)"),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn image(layers: usize) -> StoredImage {
        let layers: Vec<String> = (0..layers).map(|it| format!("sha256:{it}")).collect();
        let line = format!(
            r#"["sha256:1",["a/b:runtime"],null,"2026-11-25T12:00:00.5Z","0001-01-01T00:00:00Z",{{"k":"v"}},{}]"#,
            serde_json::json!(layers)
        );
        StoredImage::parse(&format!("{line}\nrubbish\n")).pop().unwrap()
    }

    #[test]
    fn an_image_is_parsed_whatever_it_lacks() {
        let image = image(1);
        assert_eq!((image.label("k"), image.label("other"), image.layers.len()), ("v", "", 1));
        assert_eq!(image.time, "2026-11-25T12:00:00.5Z");
        let nameless = StoredImage::parse(r#"["sha256:2",[],[],"2026-11-25T12:00:00Z",null,null,null]"#);
        assert_eq!((nameless[0].names.len(), nameless[0].label("k"), nameless[0].layers.len()), (0, "", 0));
    }

    #[test]
    fn an_empty_layer_is_told_from_an_instruction_without_one() {
        let history = "0\tUSER 1000:1000\n2497\tRUN /bin/sh -c a # buildkit\n0\tCMD [\"python\"]\n0\tWORKDIR /opt\n\
                       0\t/bin/sh -c #(nop)  ENV A=b\n0\t/bin/sh -c true\n130474918\t\n";
        assert_eq!(image(4).layer_sizes(history).unwrap(), [130_474_918, 0, 0, 2497]);
        assert_eq!(image(5).layer_sizes(history), None);
    }
}
