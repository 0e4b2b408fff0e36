//! How `mmdebstrap` builds a file system from packages.

use camino::Utf8Path;

use process::{Invocation, Secret};

use super::{Architecture, Archives, Release};

/// What downloads need on a closed network. None of it stays in the image.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Downloads<'a> {
    /// Proxy variables, by the names that apt reads.
    pub(crate) proxies: Vec<(&'static str, Secret)>,
    /// Certificate authorities to trust besides the system's.
    pub(crate) ca_certificates: Option<&'a Utf8Path>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BaseRecipe<'a> {
    pub(crate) release: &'a Release,
    pub(crate) architecture: Architecture,
    pub(crate) archives: &'a Archives,
    pub(crate) downloads: Downloads<'a>,
    /// The tar file to write.
    pub(crate) tar: &'a Utf8Path,
}

/// Certificates are added, which downloads need. Manual pages, translations and the like are left out, as in the official
/// images.
const OPTIONS: [&str; 7] = [
    "--variant=minbase",
    "--include=ca-certificates",
    "--aptopt=Acquire::Languages \"none\"",
    "--dpkgopt=path-exclude=/usr/share/man/*",
    "--dpkgopt=path-exclude=/usr/share/locale/*",
    "--dpkgopt=path-exclude=/usr/share/doc/*",
    "--dpkgopt=path-include=/usr/share/doc/*/copyright",
];

/// apt trusts a single file, so that the system's authorities have to be in it too.
const TRUST: &str = r#"--setup-hook=cat /etc/ssl/certs/ca-certificates.crt "$XTASK_CA" >"$1/xtask-ca.pem" 2>/dev/null; chmod 644 "$1/xtask-ca.pem"; echo "Acquire::https::CaInfo \"$1/xtask-ca.pem\";" >"$1/etc/apt/apt.conf.d/00xtask-ca""#;
const DISTRUST: &str = r#"--customize-hook=rm "$1/xtask-ca.pem" "$1/etc/apt/apt.conf.d/00xtask-ca""#;

impl BaseRecipe<'_> {
    /// The time that no file is younger than, in seconds since 1970: 2020-01-01, which a zip file can hold.
    ///
    /// <https://reproducible-builds.org/specs/source-date-epoch/>
    const EPOCH: &'static str = "1577836800";
    /// The same time as text.
    pub(crate) const EPOCH_TEXT: &'static str = "2020-01-01T00:00:00Z";

    /// The same packages give the same bytes.
    pub(crate) fn invocation(&self) -> Invocation {
        let mut invocation = Invocation::new("mmdebstrap")
            .args(OPTIONS)
            .arg(format!("--architectures={}", self.architecture.name()))
            .env("SOURCE_DATE_EPOCH", Self::EPOCH);
        if Architecture::of_machine() != Some(self.architecture) {
            // Its check for an emulator needs a program that few machines have.
            invocation = invocation.arg("--skip=check/qemu");
        }
        if let Some(bundle) = self.downloads.ca_certificates {
            invocation = invocation.args([TRUST, DISTRUST]).env("XTASK_CA", bundle.as_str());
        }
        for (name, value) in &self.downloads.proxies {
            invocation = invocation.secret_env(*name, value.clone());
        }
        invocation.args([&self.release.codename, self.tar.as_str()]).args(self.archives.entries(self.release))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(architecture: Architecture, downloads: Downloads) -> String {
        let release = "debian/bookworm".parse().unwrap();
        let mirror = |path: &str| format!("https://m.example.org/{path}").parse().unwrap();
        let archives = Archives { main: mirror("debian"), security: mirror("security") };
        let tar = Utf8Path::new("/w/layer.tar");
        BaseRecipe { release: &release, architecture, archives: &archives, downloads, tar }.invocation().to_string()
    }

    #[test]
    fn the_time_is_no_input() {
        let line = line(Architecture::Amd64, Downloads::default());
        assert!(line.starts_with("SOURCE_DATE_EPOCH=1577836800 mmdebstrap '--variant=minbase' "), "{line}");
        assert!(line.contains(" '--architectures=amd64' ") && line.contains(" bookworm /w/layer.tar 'deb [signed-by="));
    }

    #[test]
    fn a_proxy_is_not_shown_and_authorities_are_removed_again() {
        let proxies = vec![("http_proxy", Secret::new("http://me:pass@proxy:3128"))];
        let ca_certificates = Some(Utf8Path::new("/etc/our ca.pem"));
        let line = line(Architecture::Amd64, Downloads { proxies, ca_certificates });
        assert!(line.contains("XTASK_CA='/etc/our ca.pem' http_proxy='***' mmdebstrap "), "{line}");
        let (setup, customize) = (line.find("--setup-hook").unwrap(), line.find("--customize-hook=rm").unwrap());
        assert!(setup < customize && !line.contains("pass"));
    }
}
