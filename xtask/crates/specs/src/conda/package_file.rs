//! Match specs that are the URL or path of one package file.

use report::Problem;

use super::{CondaOperator, CondaVersion, MatchSpec, VersionSpec, piece::SpecPart, place::ChannelFolder};

/// How the files of packages end.
const EXTENSIONS: [&str; 2] = [".conda", ".tar.bz2"];

/// Its name without the extension, where a text is the name of a package file.
pub(super) fn stem(text: &str) -> Option<&str> {
    EXTENSIONS.iter().find_map(|it| text.strip_suffix(it))
}

/// Reads `https://host/channel/subdir/name-version-build.conda`, or a path of that form; `None` where it is no file.
///
/// Source: conda's `MatchSpec` takes the fields from the file's name, whose last two parts have no `-` in them.
pub(super) fn parse(written: SpecPart<'_>) -> Result<Option<MatchSpec>, Problem> {
    let slash = written.text.rfind(['/', '\\']).map_or(0, |it| it + 1);
    let (folder, file) = written.split_at(slash);
    let is_file_character = |it: char| !it.is_whitespace() && !"=<>~:|,;[](){}'\"`$".contains(it);
    let Some(stem) = stem(file.text).filter(|it| it.chars().all(is_file_character)) else { return Ok(None) };
    let mut fields = stem.rsplitn(3, '-');
    let (Some(build), Some(version), Some(name)) = (fields.next(), fields.next(), fields.next()) else {
        return Ok(None);
    };
    let decoded = percent_decoded(version);
    let whole = SpecPart { text: &decoded, start: file.start };
    let version = CondaVersion::parse(whole).map_err(|it| Problem { range: file.range(), ..it })?;
    // A local path is no channel, and one with blanks in it is still a path.
    let place = ChannelFolder::parse(folder.split_at(folder.text.len().saturating_sub(1)).0).unwrap_or_default();
    let is_in_channel = place.subdir.is_some();
    Ok(Some(MatchSpec {
        channel: place.channel.filter(|_| is_in_channel),
        subdir: place.subdir,
        name: name.to_lowercase(),
        version: Some(VersionSpec::Clause { operator: CondaOperator::Equal, version }),
        build: Some(build.to_owned()),
        brackets: Vec::new(),
        url: Some(written.text.to_owned()),
        text: String::new(),
    }))
}

/// Versions with an epoch or a local part come with `%21` and `%2B`; no other character of a version needs a code.
fn percent_decoded(version: &str) -> String {
    version.replace("%21", "!").replace("%2B", "+").replace("%2b", "+")
}
