//! Package URLs: one spelling of what a package is, for all who look packages up.

use std::fmt;

/// `pkg:TYPE/NAMESPACE/NAME@VERSION?QUALIFIERS`, in its canonical form.
///
/// Source: ECMA-427, "Package-URL specification", and its definitions of the types `pypi`, `conda`, `deb` and `oci`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct PackageUrl(String);

impl PackageUrl {
    /// A distribution of Python. `name` is normalised; `qualifiers` are in the order of their names.
    pub fn of_python(name: &str, version: Option<&str>, qualifiers: &[(&str, &str)]) -> Self {
        Self::new("pypi", &[name], version, qualifiers)
    }

    pub fn of_conda(name: &str, version: &str, build: &str, place: Option<ChannelPlace<'_>>) -> Self {
        let mut qualifiers = vec![("build", build)];
        if let Some(ChannelPlace { channel, subdir, kind }) = place {
            qualifiers.extend([("channel", channel), ("subdir", subdir), ("type", kind)]);
        }
        qualifiers.retain(|it| !it.1.is_empty());
        Self::new("conda", &[name], Some(version), &qualifiers)
    }

    /// `distribution` is the id of os-release, such as `debian`; `release` its number.
    pub fn of_debian(
        distribution: &str,
        name: &str,
        version: &str,
        architecture: Option<&str>,
        release: Option<&str>,
    ) -> Self {
        let distro = release.map(|it| format!("{distribution}-{it}"));
        let qualifiers = [("arch", architecture), ("distro", distro.as_deref())];
        let qualifiers: Vec<(&str, &str)> = qualifiers.into_iter().filter_map(|(key, it)| Some((key, it?))).collect();
        Self::new("deb", &[distribution, name], Some(version), &qualifiers)
    }

    /// An image by its name with or without a tag, and its digest in a registry, `sha256:…`.
    pub fn of_image(name: &str, digest: &str) -> Self {
        let (name, tag) = name.rsplit_once(':').filter(|it| !it.1.contains('/')).unwrap_or((name, ""));
        let last = name.rsplit('/').next().unwrap_or(name).to_lowercase();
        let mut qualifiers = vec![("repository_url", name), ("tag", tag)];
        qualifiers.retain(|it| !it.1.is_empty());
        Self::new("oci", &[&last], Some(digest), &qualifiers)
    }

    fn new(kind: &str, path: &[&str], version: Option<&str>, qualifiers: &[(&str, &str)]) -> Self {
        let mut text = format!("pkg:{kind}");
        for part in path {
            text += &format!("/{}", encoded(part));
        }
        text.extend(version.map(|it| format!("@{}", encoded(it))));
        for (index, (key, value)) in qualifiers.iter().enumerate() {
            text += &format!("{}{key}={}", if index == 0 { '?' } else { '&' }, encoded(value));
        }
        Self(text)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Where a channel has a package.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChannelPlace<'a> {
    /// By its name alone, without the server.
    pub channel: &'a str,
    pub subdir: &'a str,
    /// `conda` or `tar.bz2`.
    pub kind: &'a str,
}

impl<'a> ChannelPlace<'a> {
    /// The place that the URL of a package's file tells.
    pub fn of_url(url: &'a str) -> Option<Self> {
        let mut parts = url.rsplit('/');
        let (file, subdir, channel) = (parts.next()?, parts.next()?, parts.next()?);
        let kind = ["conda", "tar.bz2"].into_iter().find(|it| file.ends_with(it))?;
        Some(Self { channel, subdir, kind })
    }
}

fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b':' => encoded.push(byte.into()),
            _ => encoded += &format!("%{byte:02X}"),
        }
    }
    encoded
}

impl fmt::Display for PackageUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_package_is_spelled_as_the_specification_has_it() {
        let conda = ChannelPlace::of_url("https://c.example/t/lab/linux-64/a-b-1!2.0-h1_0.conda");
        for (url, expected) in [
            (PackageUrl::of_python("torch", Some("2.1.0+cpu"), &[]), "pkg:pypi/torch@2.1.0%2Bcpu"),
            (
                PackageUrl::of_python("r", None, &[("vcs_url", "git+https://e.org/r.git@0af")]),
                "pkg:pypi/r?vcs_url=git%2Bhttps:%2F%2Fe.org%2Fr.git%400af",
            ),
            (
                PackageUrl::of_conda("a-b", "1!2.0", "h1_0", conda),
                "pkg:conda/a-b@1%212.0?build=h1_0&channel=lab&subdir=linux-64&type=conda",
            ),
            (PackageUrl::of_conda("a", "1", "", None), "pkg:conda/a@1"),
            (
                PackageUrl::of_debian("debian", "libstdc++6", "1:12.2~rc1-3+b1", Some("amd64"), Some("12")),
                "pkg:deb/debian/libstdc%2B%2B6@1:12.2~rc1-3%2Bb1?arch=amd64&distro=debian-12",
            ),
            (
                PackageUrl::of_image("registry.example:5000/lab/Base:12", "sha256:0a"),
                "pkg:oci/base@sha256:0a?repository_url=registry.example:5000%2Flab%2FBase&tag=12",
            ),
            (
                PackageUrl::of_image("registry.example:5000/base", "sha256:0a"),
                "pkg:oci/base@sha256:0a?repository_url=registry.example:5000%2Fbase",
            ),
        ] {
            assert_eq!(url.as_str(), expected);
        }
    }
}
