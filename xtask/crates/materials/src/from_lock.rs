//! What a lock says, read from files alone.

use std::collections::BTreeMap;

use environment::{
    lock::{Artefact, CondaFile, Lock, LockedPackage, LockedSource},
    snapshot::CondaHash,
};
use process::IntoMap as _;

use crate::{
    Digest, Inventory, InventorySubject, Licence, Material, MaterialFile, MaterialKind, MaterialOrigin, PackageUrl,
    SubjectKind, package_url::ChannelPlace,
};

impl Inventory {
    /// Of a lock. `name` is the project's, `time` that of the lock's last change. No lock tells licences.
    pub fn of_lock(lock: &Lock, name: &str, time: Option<u64>) -> Self {
        let conda = lock.conda.iter().filter_map(of_conda_file);
        let python = lock.pylock.packages.iter().map(|(name, package)| of_python(name, package));
        let base = lock.origin.base.clone();
        let distribution = base.as_ref().filter(|it| it.name.contains("ubuntu")).map_or("debian", |_| "ubuntu");
        let apt = lock.apt.iter().map(|(name, version)| of_apt(distribution, name, version));
        let facts: BTreeMap<String, String> = [
            ("lock", lock.folder().to_string()),
            ("python", lock.python.clone()),
            ("solver", lock.origin.solver.name().to_owned()),
        ]
        .map(|(key, value)| (key.to_owned(), value))
        .into_iter()
        .into_map();
        Self {
            subject: InventorySubject { kind: SubjectKind::Lock, name: name.to_owned(), facts },
            platform: lock.platform.clone(),
            base,
            release: None,
            materials: conda.chain(python).chain(apt).collect(),
            brought_by_conda: lock.conda_distributions.clone(),
            time,
        }
        .sorted()
    }
}

fn of_conda_file(file: &CondaFile) -> Option<Material> {
    let (name, version, build) = file.name_version_build()?;
    Some(Material {
        kind: MaterialKind::Conda,
        name: name.to_owned(),
        url: PackageUrl::of_conda(name, &version, build, ChannelPlace::of_url(&file.url)),
        version: Some(version.into_owned()),
        origin: conda_origin(&file.url, file.hash.as_ref()),
        licence: Licence::Unknown,
        source: None,
    })
}

pub(crate) fn conda_origin(url: &str, hash: Option<&CondaHash>) -> MaterialOrigin {
    let digest = hash.and_then(|it| match it {
        CondaHash::Sha256(value) => Digest::new("sha256", value),
        CondaHash::Md5(value) => Digest::new("md5", value),
    });
    MaterialOrigin::Files(vec![MaterialFile { url: url.to_owned(), digests: digest.into_iter().collect() }])
}

fn of_python(name: &str, package: &LockedPackage) -> Material {
    let origin = python_origin(&package.source);
    Material {
        kind: MaterialKind::Python,
        name: name.to_owned(),
        version: package.version.clone(),
        url: python_url(
            name,
            package.version.as_deref(),
            &origin,
            matches!(package.source, LockedSource::Index { .. }),
        ),
        origin,
        licence: Licence::Unknown,
        source: None,
    }
}

pub(crate) fn python_origin(source: &LockedSource) -> MaterialOrigin {
    match source {
        LockedSource::Index { wheels, sdist } => MaterialOrigin::Files(wheels.iter().chain(sdist).map(file).collect()),
        LockedSource::Archive { artefact, .. } => MaterialOrigin::Files(vec![file(artefact)]),
        LockedSource::Vcs { kind, url, commit, .. } => {
            MaterialOrigin::Vcs { kind: kind.clone(), url: url.clone(), commit: commit.clone() }
        }
    }
}

fn file(artefact: &Artefact) -> MaterialFile {
    let digests = artefact.hashes.iter().filter_map(|(algorithm, value)| Digest::new(algorithm, value)).collect();
    MaterialFile { url: artefact.url.clone(), digests }
}

/// The package URL of a distribution; one that is from no index says where it is from.
pub(crate) fn python_url(
    name: &str,
    version: Option<&str>,
    origin: &MaterialOrigin,
    is_from_index: bool,
) -> PackageUrl {
    match origin {
        MaterialOrigin::Vcs { kind, url, commit } => {
            PackageUrl::of_python(name, version, &[("vcs_url", &format!("{kind}+{url}@{commit}"))])
        }
        MaterialOrigin::Files(files) if !is_from_index && files.len() == 1 => {
            PackageUrl::of_python(name, version, &[("download_url", &files[0].url)])
        }
        _ => PackageUrl::of_python(name, version, &[]),
    }
}

fn of_apt(distribution: &str, qualified: &str, version: &str) -> Material {
    let (name, architecture) = match qualified.split_once(':') {
        Some((name, architecture)) => (name, Some(architecture)),
        None => (qualified, None),
    };
    Material {
        kind: MaterialKind::Apt,
        name: name.to_owned(),
        version: Some(version.to_owned()),
        url: PackageUrl::of_debian(distribution, name, version, architecture, None),
        origin: MaterialOrigin::Unknown,
        licence: Licence::Unknown,
        source: None,
    }
}
