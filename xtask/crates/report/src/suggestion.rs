//! Suggestions for misspelt words.

/// The known word nearest to a mistyped one, if any is near enough to be worth naming.
///
/// Jaro-Winkler, as clap has it for its own suggestions, with a threshold somewhat above its 0.7, by which `UV_INDEX_URL` is like
/// `BUILDER`.
pub fn nearest<'a>(typed: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let similarity = |word: &str| strsim::jaro_winkler(&typed.to_lowercase(), &word.to_lowercase());
    known
        .into_iter()
        .map(|word| (similarity(word), word))
        .filter(|(similarity, _)| *similarity > 0.75)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, word)| word)
}
