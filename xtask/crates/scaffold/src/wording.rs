//! Texts with `{{names}}` in them.

use anyhow::{Result, bail};

/// The text with every `{{NAME}}` replaced by the value of that name.
pub fn filled(text: &str, values: &[(&str, &str)]) -> Result<String> {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once("{{") {
        let Some((name, behind)) = behind.split_once("}}") else { bail!("a `{{{{` is not closed") };
        let Some((_, value)) = values.iter().find(|it| it.0 == name) else { bail!("`{{{{{name}}}}}` has no value") };
        filled += before;
        filled += value;
        rest = behind;
    }
    Ok(filled + rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_filled_in_and_an_unknown_one_is_told() {
        assert_eq!(filled("# {{a}}, {{b}}{{a}}.\n", &[("a", "x"), ("b", "{{a}}")]).unwrap(), "# x, {{a}}x.\n");
        assert_eq!(filled("{{c}}", &[("a", "x")]).unwrap_err().to_string(), "`{{c}}` has no value");
        assert_eq!(filled("{{c", &[]).unwrap_err().to_string(), "a `{{` is not closed");
    }
}
