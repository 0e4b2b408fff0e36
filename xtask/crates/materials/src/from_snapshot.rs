//! What is installed, read from a live environment.

use environment::{
    Platform,
    lock::{BaseImage, Lock},
    snapshot::{CondaRecord, DirectUrl, Distribution, InstalledAptPackage, Installer, LinuxRelease, Snapshot},
};
use process::IntoMap as _;

use crate::{
    Digest, Inventory, InventorySubject, Licence, Material, MaterialFile, MaterialKind, MaterialOrigin, PackageUrl,
    SourcePackage,
    from_lock::{conda_origin, python_origin, python_url},
    package_url::ChannelPlace,
};

impl Inventory {
    /// Of what is installed. A lock tells the files of those distributions of its whose version and tags are the installed
    /// ones: an environment itself does not. `root` is the repository, for the directories in it.
    pub fn of_snapshot(
        snapshot: &Snapshot,
        lock: Option<&Lock>,
        subject: InventorySubject,
        base: Option<BaseImage>,
        root: &str,
        time: Option<u64>,
    ) -> Self {
        let conda = snapshot.conda.iter().map(of_record);
        let python = snapshot.pip().map(|it| of_distribution(it, lock, root));
        let release = snapshot.release.clone();
        let apt = snapshot.apt.iter().map(|it| of_apt(it, release.as_ref(), &snapshot.platform));
        let brought = snapshot.distributions.iter().filter(|it| it.installer == Installer::Conda);
        let mut inventory = Self {
            subject,
            platform: snapshot.platform.clone(),
            base,
            materials: conda.chain(python).chain(apt).collect(),
            brought_by_conda: brought.map(|it| (it.normalised_name(), it.version.clone())).into_map(),
            release,
            time,
        };
        inventory.subject.facts.insert("python".to_owned(), snapshot.interpreter.version.clone());
        inventory.sorted()
    }
}

fn of_record(record: &CondaRecord) -> Material {
    let place = record.url.as_deref().and_then(ChannelPlace::of_url);
    Material {
        kind: MaterialKind::Conda,
        name: record.name.clone(),
        version: Some(record.version.clone()),
        url: PackageUrl::of_conda(&record.name, &record.version, &record.build, place),
        origin: match &record.url {
            Some(url) if url.contains("://") => conda_origin(url, record.hash.as_ref()),
            _ => MaterialOrigin::Unknown,
        },
        licence: Licence::of(&record.licence),
        source: None,
    }
}

fn of_distribution(distribution: &Distribution, lock: Option<&Lock>, root: &str) -> Material {
    let name = distribution.normalised_name();
    let origin = match &distribution.origin {
        Some(direct) => direct_origin(direct, root),
        None => locked_origin(&name, distribution, lock),
    };
    let version = Some(distribution.version.as_str());
    Material {
        kind: MaterialKind::Python,
        url: python_url(&name, version, &origin, distribution.origin.is_none()),
        name,
        version: Some(distribution.version.clone()),
        origin,
        licence: Licence::of(&distribution.licence),
        source: None,
    }
}

fn direct_origin(direct: &DirectUrl, root: &str) -> MaterialOrigin {
    match direct {
        DirectUrl::Vcs { vcs, url, commit, .. } => {
            MaterialOrigin::Vcs { kind: vcs.clone(), url: url.clone(), commit: commit.clone() }
        }
        DirectUrl::Archive { url, .. } if url.starts_with("file:") => MaterialOrigin::Directory(local(url, root)),
        DirectUrl::Archive { url, hashes, .. } => {
            let digests = hashes.iter().filter_map(|(algorithm, value)| Digest::new(algorithm, value)).collect();
            MaterialOrigin::Files(vec![MaterialFile { url: url.clone(), digests }])
        }
        DirectUrl::Directory { url, .. } => MaterialOrigin::Directory(local(url, root)),
    }
}

/// A path of this machine as others may know it: from the repository's top directory, or its last part alone.
fn local(url: &str, root: &str) -> String {
    let path = url.strip_prefix("file://").unwrap_or(url);
    let inside = path.strip_prefix(root).filter(|it| it.starts_with('/') && !root.is_empty());
    let last = || path.trim_end_matches('/').rsplit('/').next();
    inside.map(|it| &it[1..]).or_else(last).unwrap_or_default().to_owned()
}

fn locked_origin(name: &str, distribution: &Distribution, lock: Option<&Lock>) -> MaterialOrigin {
    let locked = lock.and_then(|it| it.pylock.packages.get(name));
    let same = locked.filter(|it| it.version.as_deref() == Some(distribution.version.as_str()));
    let installed = same.and_then(|it| it.installed_as(distribution.wheel.as_ref()));
    installed.map_or(MaterialOrigin::Unknown, |it| python_origin(&it.source))
}

fn of_apt(package: &InstalledAptPackage, release: Option<&LinuxRelease>, platform: &Platform) -> Material {
    let InstalledAptPackage { name, version, architecture, source, source_version } = package;
    let distribution = release.and_then(|it| it.id.as_deref()).unwrap_or("debian");
    let number = release.and_then(|it| it.release.as_deref());
    let source = SourcePackage { name: source.clone(), version: source_version.clone() };
    Material {
        kind: MaterialKind::Apt,
        name: package.qualified_name(platform),
        version: Some(version.clone()),
        url: PackageUrl::of_debian(distribution, name, version, Some(architecture), number),
        origin: MaterialOrigin::Unknown,
        licence: Licence::Unknown,
        source: (!source.name.is_empty()).then_some(source),
    }
}
