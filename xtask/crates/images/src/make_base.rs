//! Building a base image: what it takes, and from where.

use anyhow::{Context as _, Result, anyhow, bail, ensure};
use camino::{Utf8Path, Utf8PathBuf};

use docker::LoadRequest;
use inputs::explain_unavailable;
use process::{
    Invocation, Secret,
    files::{self, NewFile},
};
use project::{
    Context, Machine, Network,
    system::{Family, System, emulator},
};

use crate::base::{Architecture, Archives, BaseDistribution, BaseRecipe, Downloads, ImageDescription, Mirror, Release};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaseRequest<'a> {
    pub release: &'a Release,
    /// `None` for this machine's.
    pub architecture: Option<Architecture>,
    /// `None` for the mirror that this machine uses.
    pub mirror: Option<&'a Mirror>,
    /// `None` for the mirror that this machine uses for security updates.
    pub security_mirror: Option<&'a Mirror>,
    /// Name and tag of the image; `None` for one that says the release.
    pub name: Option<&'a str>,
}

/// Builds the image and returns its name. The same packages give the same image.
pub fn make(cx: &Context, network: &Network, request: &BaseRequest) -> Result<String> {
    inputs::probe_containers(cx).map_err(|why| anyhow!(explain_unavailable(cx, &why)))?;
    let own = Architecture::of_machine();
    let architecture = request.architecture.or(own).with_context(|| {
        format!("this machine's processor, {}, is not supported: name another with --arch", std::env::consts::ARCH)
    })?;
    let is_foreign = own != Some(architecture);
    if !cx.is_dry_run() {
        require(cx, request.release, is_foreign.then_some(architecture))?;
    }
    let archives = archives(cx, request, architecture)?;
    let name =
        request.name.map_or_else(|| default_name(request.release, is_foreign.then_some(architecture)), str::to_owned);
    cx.ui.notice(format_args!("building `{name}` from the packages of {} and {}", archives.main, archives.security));

    let directory = cx.layout.base_files();
    let _lock = cx.lock()?;
    cx.files.empty_dir(&directory)?;
    let result = make_in(cx, network, request.release, architecture, &archives, &name, &directory);
    cx.files.remove_dir(&directory)?;
    result.map(|()| name)
}

/// `xtask-base:debian-bookworm`, with the processor where it is another machine's.
fn default_name(release: &Release, foreign: Option<Architecture>) -> String {
    let suffix = foreign.map(|it| format!("-{}", it.name())).unwrap_or_default();
    format!("xtask-base:{}-{}{suffix}", release.distribution.name(), release.codename)
}

fn make_in(
    cx: &Context,
    network: &Network,
    release: &Release,
    architecture: Architecture,
    archives: &Archives,
    name: &str,
    directory: &Utf8Path,
) -> Result<()> {
    let paths = ImageDescription::FILES.map(|it| directory.join(it));
    let [layer, config, manifest] = &paths;
    let downloads = Downloads { proxies: proxies(cx), ca_certificates: network.ca_certificates.as_deref() };
    let recipe = BaseRecipe { release, architecture, archives, downloads, tar: layer };
    cx.runner.succeed(&recipe.invocation()).with_context(|| {
        format!(
            "{release} was not built; `--mirror` names another archive, and without root, mmdebstrap needs what its manual \
             says of the mode unshare"
        )
    })?;
    if !cx.is_dry_run() {
        let digest = digest(cx, layer)?;
        let description = ImageDescription { release, architecture, name, digest: &digest };
        cx.files.write(config, &NewFile::text(description.config()))?;
        cx.files.write(manifest, &NewFile::text(description.manifest()))?;
    }
    let archive = directory.join("image.tar");
    cx.runner.succeed(&pack(directory, &archive))?;
    cx.runner
        .succeed(&LoadRequest { archive: &archive }.invocation())
        .with_context(|| format!("`{name}` was not loaded"))
}

fn pack(directory: &Utf8Path, archive: &Utf8Path) -> Invocation {
    let create = ["--create", "--file", archive.as_str(), "--directory", directory.as_str()];
    Invocation::new("tar").args(create).args(ImageDescription::FILES)
}

/// The SHA-256, by a program: without optimisation, our own code would take longer than the rest of the build.
fn digest(cx: &Context, file: &Utf8Path) -> Result<String> {
    let answer = cx.runner.read(&Invocation::new("sha256sum").arg(file.as_str()))?;
    let digest = answer.stdout.split_whitespace().next().filter(|it| it.len() == 64 && answer.exit.success());
    digest.map(str::to_owned).with_context(|| format!("`sha256sum` gave no digest: {}", answer.stderr.trim()))
}

/// Fails where this machine lacks something, with the command that installs it.
fn require(cx: &Context, release: &Release, foreign: Option<Architecture>) -> Result<()> {
    let system = System::detect();
    if cx.host.find_program("mmdebstrap").is_none() {
        let elsewhere =
            "build the image on a machine with Debian or Ubuntu, then `docker save` it there and `docker load` it here";
        match system.family {
            Family::MacOs | Family::RedHat | Family::Other => bail!("mmdebstrap is not installed; {elsewhere}"),
            _ => bail!("mmdebstrap is not installed (fix: {})", system.install("mmdebstrap")),
        }
    }
    let (keyring, package) = (release.distribution.keyring(), release.distribution.keyring_package());
    ensure!(
        Utf8Path::new(keyring).is_file(),
        "the keys of {}'s archives are not installed, `{keyring}` (fix: {})",
        release.distribution.origin(),
        system.install(package)
    );
    if Machine::read(&cx.runner, Machine::NAME_LIMIT)?.uid != 0 && cx.host.find_program("newuidmap").is_none() {
        bail!("without root, mmdebstrap needs the program newuidmap (fix: {})", system.install("uidmap"));
    }
    let Some(foreign) = foreign else { return Ok(()) };
    let entry = Utf8PathBuf::from("/proc/sys/fs/binfmt_misc").join(format!("qemu-{}", foreign.kernel_name()));
    let text = files::read_text_if_any(&entry)?.unwrap_or_default();
    ensure!(
        emulator::is_enabled(&text) && emulator::works_in_containers(&text),
        "this machine cannot run programs for {}: the kernel has no emulator `qemu-{}` (fix: {})",
        foreign.name(),
        foreign.kernel_name(),
        system.install_emulators()
    );
    Ok(())
}

/// Those of the request, else those that this machine's apt uses.
fn archives(cx: &Context, request: &BaseRequest, architecture: Architecture) -> Result<Archives> {
    let distribution = request.release.distribution;
    // Ubuntu's mirrors have other processors in another archive.
    let is_in_the_same_archive =
        distribution == BaseDistribution::Debian || Architecture::of_machine() == Some(architecture);
    let (main, security) = if is_in_the_same_archive { known_to_apt(cx, distribution.origin()) } else { (None, None) };
    let (main, security) = (request.mirror.cloned().or(main), request.security_mirror.cloned().or(security));
    let missing = match (&main, &security) {
        (None, None) => "--mirror URL --security-mirror URL",
        (None, Some(_)) => "--mirror URL",
        (Some(_), _) => "--security-mirror URL",
    };
    let archives = main.zip(security).map(|(main, security)| Archives { main, security });
    archives.with_context(|| {
        format!("this machine's apt does not say where {}'s packages are: pass {missing}", distribution.origin())
    })
}

/// apt is asked, and its files are not read, because only the downloaded index of a mirror says whose archive it is.
fn known_to_apt(cx: &Context, origin: &str) -> (Option<Mirror>, Option<Mirror>) {
    let query = Invocation::new("apt-get")
        .args(["indextargets", "--format", "$(REPO_URI) $(RELEASE)", "Created-By: Packages"])
        .arg(format!("Origin: {origin}"));
    let answer = cx.runner.read(&query).map(|it| it.stdout).unwrap_or_default();
    Archives::known_to_apt(&answer)
}

/// Proxies by the names that apt reads: those of this process's environment, else those in apt's configuration.
fn proxies(cx: &Context) -> Vec<(&'static str, Secret)> {
    let configured = |scheme: &str| {
        let option = format!("Acquire::{scheme}::Proxy");
        let query = Invocation::new("apt-config").args(["dump", "--no-empty", "--format", "%v%n", option.as_str()]);
        let answer = cx.runner.read(&query).ok()?.stdout;
        answer.lines().next().filter(|it| it.starts_with("http")).map(str::to_owned)
    };
    let names = [
        ("http_proxy", "HTTP_PROXY", Some("http")),
        ("https_proxy", "HTTPS_PROXY", Some("https")),
        ("no_proxy", "NO_PROXY", None),
    ];
    let value = |(lower, upper, scheme): (&'static str, &str, Option<&str>)| {
        let value = cx.host.get(lower).or_else(|| cx.host.get(upper)).map(str::to_owned);
        Some((lower, Secret::new(value.or_else(|| configured(scheme?))?)))
    };
    names.into_iter().filter_map(value).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_has_the_release_and_another_processor() {
        let release = "ubuntu/noble".parse().unwrap();
        assert_eq!(default_name(&release, None), "xtask-base:ubuntu-noble");
        assert_eq!(default_name(&release, Some(Architecture::Arm64)), "xtask-base:ubuntu-noble-arm64");
    }
}
