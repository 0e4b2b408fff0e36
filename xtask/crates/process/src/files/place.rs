//! Where a file is written. Nothing below the repository is written through a link that leads out of it: code in a container
//! can plant links in the repository, which it mounts.

use std::fs::{self, Metadata};
use std::io::{self, ErrorKind};

use anyhow::{Context as _, Result, bail, ensure};
use camino::{Utf8Component, Utf8Path, Utf8PathBuf};

use super::directory::Directory;

/// As many links as Linux follows in one path: path_resolution(7).
const MAX_LINKS: usize = 40;

/// A name in an open directory, whether there is something of this name or not.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) directory: Directory,
    name: String,
}

/// Whether the directories above a place are created.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum MissingParents {
    Create,
    Refuse,
}

impl Place {
    /// The place of a path. Links in the repository that lead to another place in it are followed, but for the last name;
    /// one that leads out of it is an error. A path that is not below the repository was chosen by the user, links and all.
    pub(super) fn find(repository: &Utf8Path, path: &Utf8Path, missing: MissingParents) -> Result<Self> {
        find(repository, path, missing, MAX_LINKS).with_context(|| format!("cannot write `{path}`"))
    }

    /// As [`find`](Self::find), and the last name is followed too.
    pub(super) fn find_target(repository: &Utf8Path, path: &Utf8Path, missing: MissingParents) -> Result<Self> {
        let place = Self::find(repository, path, missing)?;
        if place.directory.has_link(&place.name) {
            let (repository, target) = target_inside(repository, path)?;
            return Self::find(&repository, &target, MissingParents::Refuse);
        }
        Ok(place)
    }

    /// For the functions of `std::fs`.
    pub(super) fn path(&self) -> Utf8PathBuf {
        self.directory.entry(&self.name)
    }

    /// Of what is there, links not followed; `None` where nothing is.
    pub(super) fn metadata(&self) -> io::Result<Option<Metadata>> {
        match fs::symlink_metadata(self.path()) {
            Ok(metadata) => Ok(Some(metadata)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The directory that is here, open. A link is an error, wherever it leads.
    pub(super) fn open_directory(&self) -> io::Result<Directory> {
        self.directory.subdirectory(&self.name)
    }

    /// Creates a directory here, if there is nothing.
    pub(super) fn create_directory(&self) -> io::Result<()> {
        self.directory.create(&self.name)
    }
}

fn find(repository: &Utf8Path, path: &Utf8Path, missing: MissingParents, links_left: usize) -> Result<Place> {
    let name = path.file_name().context("it has no name")?.to_owned();
    let parent = path.parent().unwrap_or(path);
    let Ok(inside) = parent.strip_prefix(repository) else { return Ok(outside(parent, name, missing)?) };
    let (mut directory, mut so_far) = (Directory::open(repository)?, repository.to_owned());
    for component in inside.components() {
        let Utf8Component::Normal(step) = component else { bail!("`{component}` is not a name") };
        so_far.push(step);
        if missing == MissingParents::Create {
            directory.create(step)?;
        }
        directory = match directory.subdirectory(step) {
            Ok(subdirectory) => subdirectory,
            Err(_) if directory.has_link(step) => {
                ensure!(links_left > 0, "too many links lead to it");
                let (repository, target) = target_inside(repository, &so_far)?;
                let rest = path.strip_prefix(&so_far)?;
                return find(&repository, &target.join(rest), missing, links_left - 1);
            }
            Err(error) => return Err(error.into()),
        };
    }
    Ok(Place { directory, name })
}

fn outside(parent: &Utf8Path, name: String, missing: MissingParents) -> io::Result<Place> {
    let parent = if parent.as_str().is_empty() { Utf8Path::new(".") } else { parent };
    if missing == MissingParents::Create {
        fs::create_dir_all(parent)?;
    }
    Ok(Place { directory: Directory::open(parent)?, name })
}

/// The repository and where a link in it leads, both without links.
fn target_inside(repository: &Utf8Path, link: &Utf8Path) -> Result<(Utf8PathBuf, Utf8PathBuf)> {
    let target = link.canonicalize_utf8().with_context(|| format!("`{link}` is a link that leads nowhere"))?;
    let repository = repository.canonicalize_utf8()?;
    ensure!(
        target.starts_with(&repository),
        "`{link}` is a link to `{target}`, and nothing is written through a link that leads out of the repository \
         (fix: remove the link)"
    );
    Ok((repository, target))
}
