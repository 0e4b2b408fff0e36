//! Bind mounts (compose specification, "volumes" of a service).

use report::{Finding, Source, nearest, yaml::Node};

use super::{super::LocatedText, Scalar, interpolation::masked, merge::Merged, wrong};

/// The types of mounts in the long form.
const TYPES: [&str; 6] = ["bind", "volume", "tmpfs", "image", "npipe", "cluster"];

/// A directory or file of this machine that a container sees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BindMount {
    /// With its variables as they are written.
    pub source: LocatedText,
    /// Whether Docker creates a directory, owned by root, where the source is missing: always in the short form, and in the
    /// long one without `create_host_path: false`.
    pub creates_source: bool,
}

impl BindMount {
    /// `None` for an entry of `volumes:` that is another kind of mount.
    pub fn of<'n>(entry: &'n Node, source: &Source, merged: &mut Merged<'n>) -> Result<Option<Self>, Box<Finding>> {
        match Scalar::of(entry, source) {
            Some(text) if !text.text.is_empty() => Ok(Self::of_short(&text)),
            _ if entry.entries().is_some() => Self::of_long(entry, source, merged),
            _ => {
                let message = format!("a mount must be text or a mapping, not {}", entry.kind());
                Err(Box::new(
                    wrong(entry, source, message).help("write `source:target`, or `type:`, `source:`, `target:`"),
                ))
            }
        }
    }

    /// `source:target[:options]`. Without a colon it is a volume without a name, and a source that is no path is the name
    /// of a volume.
    fn of_short(text: &Scalar) -> Option<Self> {
        let end = masked(text.text).find(':')?;
        let source = text.word(0..end);
        source.text.starts_with(['.', '/', '~', '$']).then_some(Self { source, creates_source: true })
    }

    fn of_long<'n>(entry: &'n Node, source: &Source, merged: &mut Merged<'n>) -> Result<Option<Self>, Box<Finding>> {
        let wrong = |message: &str, help: &str| Box::new(wrong(entry, source, message).help(help));
        let Some(kind) = merged.get(entry, "type") else {
            return Err(wrong("a mount without `type:`", "write `type: bind` for a directory of this machine"));
        };
        let kind = kind.text().unwrap_or_default();
        if !TYPES.contains(&kind) {
            let help = format!("write `type: {}`", nearest(kind, TYPES).unwrap_or("bind"));
            return Err(wrong(&format!("unknown type of mount `{kind}`"), &help));
        }
        if kind != "bind" {
            return Ok(None);
        }
        let mut text =
            |key| merged.get(entry, key).and_then(|it| Scalar::of(it, source)).filter(|it| !it.text.is_empty());
        let (Some(mounted), Some(_)) = (text("source"), text("target")) else {
            return Err(wrong("a bind mount without `source:` or `target:`", "write both, as text"));
        };
        let options = merged.get(entry, "bind");
        let creates = options.and_then(|it| merged.get(it, "create_host_path")).and_then(Node::text);
        let creates_source = !creates.is_some_and(|it| it.eq_ignore_ascii_case("false"));
        Ok(Some(Self { source: mounted.whole(), creates_source }))
    }
}
