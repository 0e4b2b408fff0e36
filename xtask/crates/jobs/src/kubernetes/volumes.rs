//! What of the cluster a job sees in its file system.

use anyhow::{Result, bail};
use camino::{Utf8Path, Utf8PathBuf};

use super::objects::{Volume, VolumeMount, VolumeSource};
use super::quantity;
use crate::{CodeSource, MountSource, Submission};

/// Where a job sees the files that the shim reads.
pub(crate) const SHIM_FILES: &str = "/opt/xtask-job";

/// What a job of a submission has in its file system.
#[derive(Debug, Default)]
pub(super) struct Volumes {
    pub volumes: Vec<Volume>,
    pub mounts: Vec<VolumeMount>,
}

impl Volumes {
    /// `config` is the name of the object that has the shim's files.
    pub(super) fn of(submission: &Submission, config: &str) -> Result<Self> {
        let Submission { job, site, paths, code, .. } = submission;
        let mut all = Self::default();
        let config = VolumeSource::ConfigMap { name: config.to_owned(), default_mode: 0o555 };
        all.mount("job", config, SHIM_FILES.into(), None, true);
        let code = match code {
            CodeSource::Archive(_) => VolumeSource::EmptyDir { medium: None, size_limit: None },
            CodeSource::Directory(path) => VolumeSource::HostPath { path: path.to_string() },
        };
        all.mount("code", code, &paths.root, None, false);
        if let Some(size) = job.resources.shm {
            let memory = VolumeSource::EmptyDir { medium: Some("Memory"), size_limit: Some(quantity::memory(size)) };
            all.mount("shm", memory, "/dev/shm".into(), None, false);
        }
        let storage = &site.storage;
        for (source, target) in [
            (&storage.data, paths.data.clone()),
            (&storage.outputs, paths.outputs.clone()),
            (&storage.runs, runs(&paths.outputs)),
        ] {
            if let Some(source) = source {
                all.add(source, &target, None, false)?;
            }
        }
        for mount in &job.mounts {
            all.add(&mount.source, &mount.target, mount.subpath.as_deref(), mount.is_read_only)?;
        }
        Ok(all)
    }

    fn add(
        &mut self,
        source: &MountSource,
        target: &Utf8Path,
        subpath: Option<&Utf8Path>,
        is_read_only: bool,
    ) -> Result<()> {
        let source = match source {
            MountSource::Claim(claim) => VolumeSource::PersistentVolumeClaim { claim_name: claim.clone() },
            MountSource::Scratch => VolumeSource::EmptyDir { medium: None, size_limit: None },
            MountSource::Host(path) if path.as_str().contains('$') => {
                bail!("Kubernetes puts no value for the variable in `{path}`: write the path out, or name a claim")
            }
            MountSource::Host(path) => VolumeSource::HostPath { path: path.to_string() },
        };
        let name = self.storage_name(&source);
        self.mount(&name, source, target, subpath, is_read_only);
        Ok(())
    }

    /// A claim or a folder is one volume, however often it is seen. Space of the node is another one each time.
    fn storage_name(&self, source: &VolumeSource) -> String {
        let is_shared = !matches!(source, VolumeSource::EmptyDir { .. });
        let known = self.volumes.iter().find(|it| is_shared && it.source == *source && it.name.starts_with("storage-"));
        known.map_or_else(|| format!("storage-{}", self.volumes.len()), |it| it.name.clone())
    }

    fn mount(
        &mut self,
        name: &str,
        source: VolumeSource,
        target: &Utf8Path,
        subpath: Option<&Utf8Path>,
        is_read_only: bool,
    ) {
        if self.volumes.iter().all(|it| it.name != name) {
            self.volumes.push(Volume { name: name.to_owned(), source });
        }
        self.mounts.push(VolumeMount {
            name: name.to_owned(),
            mount_path: target.to_string(),
            sub_path: subpath.map(ToString::to_string),
            read_only: is_read_only.then_some(true),
        });
    }
}

/// The run's folder as the job sees it: where it is in the repository too. None where nothing of it would last.
pub(crate) fn run_folder(submission: &Submission) -> Option<Utf8PathBuf> {
    let storage = &submission.site.storage;
    let lasts = |it: &Option<MountSource>| it.as_ref().is_some_and(|it| *it != MountSource::Scratch);
    (lasts(&storage.runs) || (storage.runs.is_none() && lasts(&storage.outputs)))
        .then(|| runs(&submission.paths.outputs).join(&submission.id.0))
}

/// The runs' folder below that of the outputs.
pub(crate) fn runs(outputs: &Utf8Path) -> Utf8PathBuf {
    outputs.join("runs")
}
