//! Suggestions for misspelt words.

/// The known word nearest to a mistyped one, if any is near enough to be worth naming.
///
/// Jaro-Winkler, with the threshold that clap uses for its own suggestions, so that both sound alike.
pub fn nearest<'a>(typed: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let similarity = |word: &str| strsim::jaro_winkler(&typed.to_lowercase(), &word.to_lowercase());
    known
        .into_iter()
        .map(|word| (similarity(word), word))
        .filter(|(similarity, _)| *similarity > 0.7)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, word)| word)
}
