//! Go templates of Docker's client, in podman's words.

/// Prints what `docker info` says, as far as it matters here. Without root nothing has to be said: by `keep-id` the caller has the
/// same numbers in a container.
pub(super) const INFO: &str = concat!(
    r#"{"ServerVersion":{{json .Version.Version}},"OperatingSystem":{{json .Host.Distribution.Distribution}},"#,
    r#""DockerRootDir":{{json .Store.GraphRoot}},"Driver":{{json .Store.GraphDriverName}},"#,
    r#""SecurityOptions":[{{if .Host.Security.SELinuxEnabled}}"name=selinux"{{end}}]}"#
);

/// The fields of images that have another name.
const OF_IMAGES: [(&str, &str); 2] = [(".Id}}", ".ID}}"), (".Metadata.LastTagTime}}", ".Created}}")];

/// Those of lists of containers, where podman has no function for a label, and `State` is the status in words.
const OF_LISTS: [(&str, &str); 2] = [("{{.State}}", "{{.ListContainer.State}}"), ("{{.Label ", "{{index .Labels ")];

/// The arguments of a question with the words that podman has for its fields.
pub(super) fn translated(asked: &[&str]) -> Vec<String> {
    let replaced: &[(&str, &str)] = match asked {
        ["image", "inspect", ..] => &OF_IMAGES,
        ["ps", ..] => &OF_LISTS,
        _ => &[],
    };
    let position = asked.iter().position(|it| *it == "--format").map_or(usize::MAX, |it| it + 1);
    let translate = |(index, word): (usize, &&str)| {
        let words: &[(&str, &str)] = if index == position { replaced } else { &[] };
        words.iter().fold((*word).to_owned(), |text, (from, to)| text.replace(from, to))
    };
    asked.iter().enumerate().map(translate).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_get_podmans_names_and_nothing_else_does() {
        let asked = ["image", "inspect", "--format", "{{json .Id}} {{.Size}}", "{{.Id}}"];
        assert_eq!(translated(&asked)[3..], ["{{json .ID}} {{.Size}}", "{{.Id}}"]);
        let asked = ["ps", "--all", "--format", "{{.State}}\t{{.Label \"a.b\"}}"];
        assert_eq!(translated(&asked)[3], "{{.ListContainer.State}}\t{{index .Labels \"a.b\"}}");
    }
}
