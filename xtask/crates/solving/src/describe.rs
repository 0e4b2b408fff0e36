//! What is known of the packages of locks.

use anyhow::Result;

use environment::{
    conda::{CondaDescribe, CondaDescription},
    lock::{CondaFile, Lock, channels_of},
};
use inputs::Project;

use crate::{CondaEngine, LentLogins};

/// What channels, or else packages, tell of conda's packages in these locks.
pub fn describe_conda(project: &Project, locks: &[Lock]) -> Result<CondaDescription> {
    let mut files: Vec<CondaFile> = Vec::new();
    for file in locks.iter().flat_map(|it| &it.conda) {
        // What is for any platform is in several.
        if !files.contains(file) {
            files.push(file.clone());
        }
    }
    let cx = project.cx;
    let request = CondaDescribe {
        files: &files,
        channels: &channels_of(locks),
        cache: &CondaEngine::cache(cx),
        is_offline: CondaEngine::is_offline(cx),
    };
    CondaEngine::find_or_install(project)?.describe(project, &request, &LentLogins::of(project)?)
}
