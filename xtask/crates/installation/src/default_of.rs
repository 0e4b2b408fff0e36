//! The defaults of build arguments.

/// The value of an argument for which nothing is passed, from the text of a Dockerfile.
pub fn default_of(dockerfile: &str, argument: &str) -> Option<String> {
    let line = dockerfile.lines().find_map(|it| it.strip_prefix("ARG ")?.strip_prefix(argument)?.strip_prefix('='));
    line.map(|it| it.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_dockerfile_says_where_micromamba_comes_from() {
        let dockerfile = "ARG BASE_IMAGE=ubuntu:24.04\nARG MICROMAMBA_IMAGE=some/micromamba:2\nFROM x\n";
        assert_eq!(default_of(dockerfile, "MICROMAMBA_IMAGE").as_deref(), Some("some/micromamba:2"));
        assert_eq!(default_of(dockerfile, "MICROMAMBA"), None);
    }
}
