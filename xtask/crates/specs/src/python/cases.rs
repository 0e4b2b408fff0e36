//! The tables of cases in `tests/data/python`, for the tests.

/// The rows of a table, each with its columns.
pub(super) fn rows(table: &str) -> Vec<Vec<String>> {
    let lines = table.lines().filter(|it| !it.starts_with("# "));
    lines.map(|it| it.split('\t').map(unescaped).collect()).collect()
}

fn unescaped(column: &str) -> String {
    let mut text = String::new();
    let mut characters = column.chars();
    while let Some(character) = characters.next() {
        text.push(match character {
            '\\' => match characters.next().unwrap() {
                't' => '\t',
                'n' => '\n',
                'r' => '\r',
                'f' => '\u{c}',
                'v' => '\u{b}',
                itself => itself,
            },
            plain => plain,
        });
    }
    text
}
