//! The step of a job: what `srun` starts, in each of the ways in which a site has containers.

use anyhow::{Context as _, Result, bail};
use camino::Utf8PathBuf;

use super::{Bind, binds, code};
use crate::{ImageSource, SHIM_IN_IMAGE, SlurmContainers, SlurmSite, Submission};

/// The words of `srun` and of what it starts.
pub(super) fn command(submission: &Submission, site: &SlurmSite) -> Result<Vec<String>> {
    let resources = &submission.job.resources;
    let mut words = vec!["srun".to_owned(), "--export=ALL".to_owned()];
    // Since 22.05 srun does not take this from the job.
    words.extend(resources.cpus.map(|it| format!("--cpus-per-task={it}")));
    if resources.nodes * resources.tasks_per_node > 1 {
        words.push("--kill-on-bad-exit=1".to_owned());
    }
    words.extend(match &site.containers {
        SlurmContainers::Native => native(submission)?,
        SlurmContainers::Oci => oci(submission),
        SlurmContainers::Pyxis { enroot } => pyxis(submission, *enroot)?,
        SlurmContainers::Apptainer => apptainer(submission)?,
    });
    Ok(words)
}

/// The shim of the run's folder: there is no image that it could be in.
fn native(submission: &Submission) -> Result<Vec<String>> {
    let shim = submission.run_directory.join("job.sh");
    let command = submission.shim_command(&shim);
    Ok([format!("--chdir={}", directory(submission)?)].into_iter().chain(command).collect())
}

/// Slurm looks a program up in the node's `PATH` and has the job's variables win over the image's, so the program is named by its
/// path, and `PATH` is the image's again before anything is looked up. The shim is that of the run's folder, which a node has too: so
/// it can say that there is no container.
///
/// Source: <https://slurm.schedmd.com/containers.html>.
fn oci(submission: &Submission) -> Vec<String> {
    let bundle = submission.run_directory.join("bundle");
    let path = submission.image_variables.get("PATH").map(|it| format!("PATH={it}"));
    let words = [format!("--container={bundle}"), "/usr/bin/env".to_owned()].into_iter().chain(path);
    words.chain(submission.shim_command(&submission.run_directory.join("job.sh"))).collect()
}

/// The variables have to be named, because the image's go before those of the job.
///
/// Source: `args.c` and `README.md` of <https://github.com/NVIDIA/pyxis>.
fn pyxis(submission: &Submission, enroot: (u16, u16)) -> Result<Vec<String>> {
    let image = match submission.image.as_ref().context("pyxis needs an image")? {
        ImageSource::Path { path, .. } => path.to_string(),
        ImageSource::Registry(reference) if enroot >= (4, 0) => enroot_reference(reference),
        ImageSource::Registry(reference) => bail!(
            "enroot {}.{} cannot have `{reference}` by its digest, which version 4 is the first to do: write the \
             `enroot` that the nodes have, if it is newer, or have the site run containers in another way",
            enroot.0,
            enroot.1
        ),
    };
    let mounts: Vec<String> = binds(submission)?.iter().map(|it| mount(it, ":ro")).collect();
    let names: Vec<String> = super::variables(submission).into_keys().filter(|it| !it.starts_with("SLURM_")).collect();
    let words = [
        format!("--container-image={image}"),
        format!("--container-mounts={}", mounts.join(",")),
        format!("--container-workdir={}", submission.paths.project),
        format!("--container-env={}", names.join(",")),
        "--no-container-mount-home".to_owned(),
        // The shim starts it, after it has looked whether this is the image.
        "--no-container-entrypoint".to_owned(),
    ];
    Ok(words.into_iter().chain(submission.shim_command(SHIM_IN_IMAGE.as_ref())).collect())
}

/// `host#name@digest`: enroot has the host before a `#`.
fn enroot_reference(reference: &str) -> String {
    match reference.split_once('/') {
        Some((host, rest)) if host.contains(['.', ':']) || host == "localhost" => format!("{host}#{rest}"),
        _ => reference.to_owned(),
    }
}

/// The node's folders stay outside but for those that are named; variables of the job get in, and `PATH` is the image's.
///
/// Source: <https://apptainer.org/docs/user/latest/environment_and_metadata.html>.
fn apptainer(submission: &Submission) -> Result<Vec<String>> {
    let image = match submission.image.as_ref().context("apptainer needs an image")? {
        ImageSource::Path { path, .. } => path.to_string(),
        ImageSource::Registry(reference) => format!("docker://{reference}"),
    };
    let mut words: Vec<String> = ["apptainer", "exec", "--contain", "--no-home"].map(str::to_owned).into();
    words.push(format!("--pwd={}", submission.paths.project));
    if submission.job.resources.gpus.is_some() {
        words.push("--nv".to_owned());
    }
    words.extend(binds(submission)?.iter().map(|it| format!("--bind={}", mount(it, ":ro"))));
    words.push(image);
    words.extend(submission.shim_command(SHIM_IN_IMAGE.as_ref()));
    Ok(words)
}

fn mount(Bind { source, target, is_read_only }: &Bind, read_only: &str) -> String {
    format!("{source}:{target}{}", if *is_read_only { read_only } else { "" })
}

/// The Python project of the code that the job sees.
fn directory(submission: &Submission) -> Result<Utf8PathBuf> {
    let inside = submission.paths.project.strip_prefix(&submission.paths.root);
    Ok(code(submission)?.join(inside.unwrap_or("python-project".into())))
}
