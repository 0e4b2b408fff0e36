//! Names that stand once, and comments that say something.

use std::collections::BTreeMap;
use std::path::Path;

use super::sources;

#[test]
fn every_crate_says_in_a_paragraph_what_is_in_it() {
    let is_root = |path: &Path| path.ends_with("src/lib.rs") || path.ends_with("src/main.rs");
    let roots: Vec<_> = sources().into_iter().filter(|(path, _)| is_root(path)).collect();
    assert!(roots.len() > 10, "{roots:?}");
    for (path, text) in roots {
        let comment: Vec<&str> = text.lines().map_while(|it| it.strip_prefix("//!")).collect();
        let words = comment.iter().flat_map(|it| it.split_whitespace()).count();
        assert!(words >= 20 || path.starts_with("src"), "{}: {comment:?}", path.display());
    }
}

/// The name that a line declares a public type by.
fn public_type(line: &str) -> Option<&str> {
    let rest = line.trim_start().strip_prefix("pub ")?;
    let rest = ["struct ", "enum ", "trait ", "type ", "union "].iter().find_map(|it| rest.strip_prefix(it))?;
    Some(rest.split(|it: char| !it.is_alphanumeric()).next().unwrap())
}

#[test]
fn a_public_type_name_stands_once_in_the_workspace() {
    let mut places: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (path, text) in sources() {
        for (number, line) in (1..).zip(text.lines()) {
            if let Some(name) = public_type(line) {
                places.entry(name.to_owned()).or_default().push(format!("{}:{number}", path.display()));
            }
        }
    }
    assert!(places.len() > 150, "only {} types were found: the test no longer reads them", places.len());
    places.retain(|_, it| it.len() > 1);
    assert_eq!(places, BTreeMap::new());
}

/// Words that carry nothing by themselves.
const EMPTY_WORDS: [&str; 60] = [
    "a", "all", "an", "and", "any", "are", "as", "at", "be", "been", "by", "can", "do", "does", "done", "each",
    "every", "for", "from", "gives", "has", "have", "here", "how", "if", "in", "is", "it", "its", "itself", "kind",
    "may", "not", "of", "on", "one", "or", "other", "others", "says", "shall", "so", "some", "such", "that", "the",
    "their", "them", "there", "they", "thing", "this", "those", "to", "was", "what", "where", "which", "who", "with",
];

/// Whether a comment says no more than the name of the item that it is on.
fn says_nothing(comment: &str, item: &str) -> bool {
    if comment.contains(['`', '<', '[']) {
        return false;
    }
    let words = |text: &str| -> Vec<String> {
        let words = text.split(|it: char| !it.is_alphanumeric()).filter(|it| !it.is_empty());
        words.map(str::to_lowercase).collect()
    };
    let mut snake = String::new();
    for character in item.chars() {
        if character.is_uppercase() {
            snake.push('_');
        }
        snake.push(character);
    }
    let in_name = words(&snake);
    let comment = words(comment);
    let is_in_name = |word: &str| in_name.iter().any(|it| it.starts_with(word) || word.starts_with(it.as_str()));
    let new = comment.iter().filter(|it| !EMPTY_WORDS.contains(&it.as_str()) && !is_in_name(it)).count();
    new == 0
}

/// The name of the item that a line declares, if it does.
fn declared(line: &str) -> Option<&str> {
    let mut rest = line.trim_start();
    for prefix in ["pub(super) ", "pub(crate) ", "pub ", "const ", "async ", "unsafe ", "mut ", "static "] {
        rest = rest.strip_prefix(prefix).unwrap_or(rest);
    }
    for keyword in ["fn ", "struct ", "enum ", "trait ", "type ", "mod "] {
        rest = rest.strip_prefix(keyword).unwrap_or(rest);
    }
    let name = rest.split(|it: char| !it.is_alphanumeric() && it != '_').next().unwrap();
    (!name.is_empty()).then_some(name)
}

#[test]
fn a_doc_comment_says_what_the_name_does_not() {
    let (mut empty, mut found) = (Vec::new(), 0);
    for (path, text) in sources() {
        let (mut comment, mut start) = (String::new(), 0);
        for (number, line) in (1..).zip(text.lines()) {
            if let Some(more) = line.trim_start().strip_prefix("///") {
                start = if comment.is_empty() { number } else { start };
                comment += more;
                comment.push(' ');
            } else if !comment.is_empty() && !line.trim_start().starts_with("#[") {
                found += 1;
                let item = declared(line).unwrap_or_default();
                if says_nothing(&comment, item) {
                    empty.push(format!("{}:{start}: `{item}`:{}", path.display(), comment.trim_end()));
                }
                comment.clear();
            }
        }
    }
    assert!(found > 500, "only {found} comments were found: the test no longer reads them");
    assert!(empty.is_empty(), "{} comments say nothing:\n{}", empty.len(), empty.join("\n"));
}

#[test]
fn a_comment_that_repeats_the_name_is_told_from_one_that_says_something() {
    for (comment, item) in [
        ("What it is.", "Kind"),
        ("Its name.", "name"),
        ("The text.", "text"),
        ("By a recipe.", "recipe"),
        ("Those of an image.", "images"),
    ] {
        assert!(says_nothing(comment, item), "{comment} {item}");
    }
    for (comment, item) in [
        ("In bytes, compressed.", "size"),
        ("Empty for this machine's platform.", "platforms"),
        ("`docker push`.", "invocation"),
    ] {
        assert!(!says_nothing(comment, item), "{comment} {item}");
    }
}
