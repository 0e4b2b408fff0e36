//! Where a checkout may be: in a directory whose path the programs that get it can take.

use camino::{Utf8Path, Utf8PathBuf};

use report::{Code, Finding};

/// Where the project's code runs, as far as its path matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlaceUse {
    /// Mounted at a path of its own.
    Containers,
    /// With the programs of a prefix in the repository.
    Prefix,
}

/// What is wrong with the path of a repository.
///
/// Control characters: a label of Docker loses what follows a line break, and Linux splits the first line of a script at
/// blanks and tabs (execve(2), "Interpreter scripts"); uv writes another first line for blanks, for tabs it does not. A
/// colon separates the directories of `PATH` and cannot be escaped (POSIX.1-2024, Base Definitions, 8.3).
pub fn check_place(root: &Utf8Path, place_use: PlaceUse) -> Option<Finding> {
    let is_refused = |it: char| it.is_control() || it == ':' && place_use == PlaceUse::Prefix;
    let refused = root.as_str().chars().find(|it| is_refused(*it))?;
    let (what, why) = match refused {
        ':' => ("a colon".to_owned(), "would be cut in two in `PATH`, so that commands would not find the environment"),
        it => (format!("the control character U+{:04X}", u32::from(it)), "is cut there by Docker and in scripts"),
    };
    let shown: String = root.as_str().chars().flat_map(shown).collect();
    let better = Utf8PathBuf::from(root.as_str().replace(is_refused, "_"));
    let message = format!("the path of the repository, `{shown}`, has {what}: it {why}");
    Some(Finding::about(Code::CheckoutPath, ".".into(), message).help(format!("move the repository, as to `{better}`")))
}

/// A character as it can be shown in a line.
fn shown(character: char) -> Vec<char> {
    if character.is_control() { character.escape_debug().collect() } else { vec![character] }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_program_would_cut_is_refused() {
        let found = |path: &str, place_use| check_place(path.into(), place_use).map(|it| it.to_string());
        let ordinary = "/home/mé/a b,c%20#?$'\"\\*[]{}~=;&|<>()!@`-";
        assert_eq!([PlaceUse::Containers, PlaceUse::Prefix].map(|it| found(ordinary, it)), [None, None]);
        assert_eq!(found("/a:b", PlaceUse::Containers), None);
        let colon = found("/a:b\n", PlaceUse::Prefix).unwrap();
        assert!(colon.starts_with(".: error[E0106]: the path of the repository, `/a:b\\n`, has a colon: "), "{colon}");
        assert!(colon.ends_with("as to `/a_b_`"), "{colon}");
        for (path, character) in [("/a\nb", "U+000A"), ("/a\tb", "U+0009"), ("/a\u{9b}b", "U+009B")] {
            let control = found(path, PlaceUse::Containers).unwrap();
            assert!(control.contains(character) && !control.replace("\n    help", "").contains(char::is_control));
        }
    }
}
