//! The JSON objects in a text, whatever is between them.

/// The objects that are in no other one: the lines of JSON lines, the items of a list, or the one of a document.
pub fn objects(text: &str) -> impl Iterator<Item = &str> {
    let (mut depth, mut start) = (0_usize, 0);
    let (mut in_string, mut is_escaped) = (false, false);
    text.bytes().enumerate().filter_map(move |(index, byte)| {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if in_string => is_escaped = true,
            b'"' => in_string = !in_string,
            _ if in_string => {}
            b'{' => {
                if depth == 0 {
                    start = index;
                }
                depth += 1;
            }
            b'}' if depth > 0 => {
                depth -= 1;
                return (depth == 0).then(|| &text[start..=index]);
            }
            _ => {}
        }
        None
    })
}

/// The texts that stand behind a key, wherever it is.
pub fn texts_of<'a>(record: &'a str, key: &str) -> impl Iterator<Item = &'a str> {
    let quoted = format!("\"{key}\"");
    let length = quoted.len();
    let places: Vec<usize> = record.match_indices(&quoted).map(|it| it.0 + length).collect();
    places.into_iter().filter_map(|place| {
        let value = record[place..].trim_start().strip_prefix(':')?.trim_start().strip_prefix('"')?;
        value.split('"').next()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_are_found_in_lists_lines_and_documents() {
        let object = r#"{"a": {"b": "}\"{"}}"#;
        for text in [object.to_owned(), format!("[{object},\n{object}]"), format!("{object}\n{object}\n")] {
            let found: Vec<&str> = objects(&text).collect();
            assert!(!found.is_empty() && found.iter().all(|it| *it == object), "{text}: {found:?}");
        }
        assert_eq!(objects("{\"a\": 1").count(), 0, "one that does not end is none");
        assert_eq!(objects("} {}").collect::<Vec<_>>(), ["{}"]);
    }

    #[test]
    fn a_key_may_be_anywhere() {
        let record = r#"{"name":"a", "x": [{"name" : "b"}, {"name": 3}]}"#;
        assert_eq!(texts_of(record, "name").collect::<Vec<_>>(), ["a", "b"]);
    }
}
