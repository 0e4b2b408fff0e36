//! A service of compose.yaml and its image.

use report::{Code, Finding, Source, yaml::Node};

use super::{super::LocatedText, Scalar, interpolation::masked, merge::Merged, wrong};

/// Where a service may get its image from, besides `image:` (compose specification, "services").
const OTHER_ORIGINS: [&str; 3] = ["build", "extends", "provider"];

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceDefinition {
    pub name: LocatedText,
    /// With its variables as they are written; `None` where it comes from elsewhere.
    pub image: Option<LocatedText>,
}

/// The tag of an image, without the values of variables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WrittenTag {
    Literal(String),
    /// Which means `latest`.
    Missing,
    /// Only known with the value of a variable.
    FromVariable,
}

impl ServiceDefinition {
    pub(super) fn read<'n>(
        name: LocatedText,
        service: &'n Node,
        source: &Source,
        merged: &mut Merged<'n>,
    ) -> Result<Self, Box<Finding>> {
        let Some(image) = merged.get(service, "image") else {
            let has_other_origin = OTHER_ORIGINS.into_iter().any(|it| merged.get(service, it).is_some());
            let message = format!("the service `{}` has no image", name.text);
            let finding = source.at(Code::ComposeFile, name.span(source), message).help("write `image:` below it");
            return if has_other_origin { Ok(Self { name, image: None }) } else { Err(Box::new(finding)) };
        };
        let Some(text) = Scalar::of(image, source).filter(|it| !it.text.is_empty()) else {
            let finding = wrong(image, source, format!("`image:` must be text, not {}", image.kind()));
            return Err(Box::new(finding.help("write `image: name:tag`")));
        };
        Ok(Self { name, image: Some(text.whole()) })
    }

    /// The tag of its image, if it has an image of its own: what follows the last colon, unless a slash comes after it, which
    /// makes it the port of a registry.
    pub fn tag(&self) -> Option<WrittenTag> {
        let image = masked(&self.image.as_ref()?.text);
        let without_digest = image.split('@').next().unwrap_or_default();
        let last = without_digest.rsplit('/').next().unwrap_or_default();
        Some(match last.rsplit_once(':') {
            Some((_, tag)) if tag.contains('$') => WrittenTag::FromVariable,
            Some((_, tag)) => WrittenTag::Literal(tag.to_owned()),
            None if last.contains('$') => WrittenTag::FromVariable,
            None => WrittenTag::Missing,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tag_follows_the_last_colon_outside_of_variables() {
        let tag = |image: &str| {
            let word = |text: &str| LocatedText { text: text.into(), range: 0..0 };
            ServiceDefinition { name: word("a"), image: Some(word(image)) }.tag().unwrap()
        };
        let written = |text: &str| WrittenTag::Literal(text.into());
        assert_eq!(tag("${R:+${R}/}${I:?run `a:b`}:dev"), written("dev"));
        assert_eq!(tag("localhost:5000/é:dev@sha256:12"), written("dev"));
        assert_eq!(tag("localhost:5000/a"), WrittenTag::Missing);
        assert_eq!(
            (tag("a/$I"), tag("a:${T}"), tag("${I-a:b}")),
            (WrittenTag::FromVariable, WrittenTag::FromVariable, WrittenTag::FromVariable)
        );
        assert_eq!(tag("a:"), written(""));
    }
}
