//! The file of the report, whose parts are measured at different times.

const HEADER: &str = "\
# Results

Written by `cargo xtask bench` and `cargo xtask bench --large`, each its own part; do not edit. There are two controls beside this
file, with the same packages at the same versions and the same base image. The usual layout (`control/`) is one environment made
by pip in one step, a personal user baked in, the project installed at every start, compose for everything. The strong control
(`strong-control/`) is what one writes by hand with uv: a locked list, several stages, cache mounts, bytecode; its list is locked
before its time begins. All three run in turn, round after round; what is prepared for each is not timed. A time is that of the
whole process. A ratio is that of a round, ours / the control's, so that other work on the machine slows down both. Each figure is
the median, with the smallest and the largest in brackets where they differ.
";

/// The headings of the parts, in their order.
const PARTS: [&str; 2] = [SMALL, LARGE];

/// The heading of what is measured in this project's own environment.
pub const SMALL: &str = "This project's environment";
/// The heading of what is measured in an environment of gigabytes.
pub const LARGE: &str = "An environment of gigabytes";

/// The text of the file with a part in place of the one with the same heading. Other parts stay; what is not a part goes.
pub fn with_part(file: &str, heading: &str, part: &str) -> String {
    let parts = PARTS.into_iter().filter_map(|it| {
        let text = if it == heading { Some(part) } else { find_part(file, it) };
        text.map(|it| format!("\n{}\n", it.trim()))
    });
    std::iter::once(HEADER.to_owned()).chain(parts).collect()
}

/// From a heading to the next of its level.
fn find_part<'a>(file: &'a str, heading: &str) -> Option<&'a str> {
    let start = format!("## {heading}\n");
    let at = file.match_indices(&start).map(|it| it.0).find(|at| *at == 0 || file[..*at].ends_with('\n'))?;
    let rest = &file[at..];
    let end = rest[start.len()..].find("\n## ").map_or(rest.len(), |it| start.len() + it);
    Some(&rest[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_part_takes_the_place_of_its_older_self_and_leaves_the_other() {
        let small = format!("## {SMALL}\n\n### Times\n\n| a |\n");
        let large = format!("## {LARGE}\n\n| b |\n");
        let both = with_part(&with_part("", LARGE, &large), SMALL, &small);
        assert_eq!(both, format!("{HEADER}\n{small}\n{large}"));
        let newer = format!("## {SMALL}\n\n| c |\n");
        assert_eq!(with_part(&both, SMALL, &newer), format!("{HEADER}\n{newer}\n{large}"));
    }

    #[test]
    fn what_an_older_version_wrote_goes() {
        let part = format!("## {SMALL}\n\n| a |\n");
        assert_eq!(with_part("# Results\n\n## Times\n\n| old |\n", SMALL, &part), format!("{HEADER}\n{part}"));
    }
}
