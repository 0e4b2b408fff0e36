//! Slurm: is there a cluster, would it take a job of this site, and has it what the file says.

use anyhow::Result;
use camino::{Utf8Path, Utf8PathBuf};

use jobs::{
    MountSource, Site, SlurmContainers, SlurmSite,
    slurm::{configuration_query, containers_query, resources_query, trial_query, version_query},
};
use project::Context;

use super::{ask_all, words};
use crate::{diagnosis::Diagnosis, facts::ProgramAnswer};

/// What Slurm's programs answered.
#[derive(Debug, Clone)]
struct SlurmFacts {
    version: ProgramAnswer,
    trial: ProgramAnswer,
    configuration: ProgramAnswer,
    resources: ProgramAnswer,
    /// `None` where the site's way of containers needs nothing.
    containers: Option<ProgramAnswer>,
    folders: Vec<SharedFolder>,
}

/// A folder that the site's file names.
#[derive(Debug, Clone)]
struct SharedFolder {
    key: &'static str,
    written: Utf8PathBuf,
    /// Whether it is there; `None` where it begins with a variable that is not set.
    is_there: Option<bool>,
}

pub(super) fn diagnoses(cx: &Context, site: &Site, slurm: &SlurmSite) -> Result<Vec<Diagnosis>> {
    if let Some(login) = &slurm.login {
        let fix = format!("run it on `{login}`, and remove `login` from the file there");
        return Ok(vec![Diagnosis::missing("slurm", "its programs are asked on this machine only", fix)]);
    }
    let questions = [version_query(), trial_query(slurm), configuration_query(), resources_query(slurm)];
    let [version, trial, configuration, resources] = ask_all(&cx.runner, questions)?;
    let containers = match containers_query(slurm) {
        None => None,
        Some(question) => {
            let [answer] = ask_all(&cx.runner, [question])?;
            Some(answer)
        }
    };
    let folders = folders(cx, site, slurm);
    Ok(diagnose(slurm, &SlurmFacts { version, trial, configuration, resources, containers, folders }))
}

fn folders(cx: &Context, site: &Site, slurm: &SlurmSite) -> Vec<SharedFolder> {
    let storage = &site.storage;
    let named = [("runs", &storage.runs), ("data", &storage.data), ("outputs", &storage.outputs)];
    let named = named.into_iter().filter_map(|(key, source)| match source {
        Some(MountSource::Host(path)) => Some((key, path)),
        _ => None,
    });
    let cache = slurm.image_cache.iter().map(|it| ("image_cache", it));
    let folder = |(key, written): (&'static str, &Utf8PathBuf)| {
        let is_there = expanded(cx, written).map(|it| it.is_dir());
        SharedFolder { key, written: written.clone(), is_there }
    };
    named.chain(cache).map(folder).collect()
}

fn expanded(cx: &Context, path: &Utf8Path) -> Option<Utf8PathBuf> {
    let Some(rest) = path.as_str().strip_prefix('$') else { return Some(path.to_owned()) };
    let (name, rest) = rest.split_once('/').unwrap_or((rest, ""));
    cx.host.get(name).map(|it| Utf8Path::new(it).join(rest))
}

fn diagnose(site: &SlurmSite, facts: &SlurmFacts) -> Vec<Diagnosis> {
    let version = version(site, &facts.version);
    if facts.version.stdout().is_none() {
        return vec![version];
    }
    let mut diagnoses = vec![version, job(&facts.trial)];
    diagnoses.extend(arrays(site, &facts.configuration));
    diagnoses.extend(gpus(site, &facts.resources));
    diagnoses.extend(facts.containers.as_ref().and_then(|it| containers(site, it)));
    diagnoses.extend(facts.folders.iter().map(folder));
    diagnoses
}

/// `slurm 23.11.4`, or `slurm-wlm 22.05.8` in Debian.
fn version(site: &SlurmSite, answer: &ProgramAnswer) -> Diagnosis {
    let Some(text) = answer.stdout().map(str::trim) else {
        return Diagnosis::missing("slurm", words(answer), "run it on a login node of the cluster");
    };
    let found = text.rsplit(' ').next().and_then(|it| {
        let mut parts = it.split('.').map(str::parse);
        Some((parts.next()?.ok()?, parts.next()?.ok()?))
    });
    match (site.version, found) {
        (Some(said), Some(found)) if said != found => {
            let fix = format!("write `version = \"{}.{:02}\"`", found.0, found.1);
            Diagnosis::warning("slurm", format!("{text}, and the file says {}.{:02}", said.0, said.1), fix)
        }
        _ => Diagnosis::ok("slurm", text),
    }
}

/// Slurm says when a job would start in `sbatch: Job 7 to start at …`.
fn job(answer: &ProgramAnswer) -> Diagnosis {
    let words = words(answer);
    let words = words.replace("sbatch: ", "").replace("error: ", "");
    if answer.output().is_some_and(|it| it.exit.success()) {
        let when = words.split_once(" to start ").map_or(words.as_str(), |it| it.1);
        return Diagnosis::ok("job", format!("would start {when}"));
    }
    if answer.output().is_none() || words.contains("Unable to contact slurm controller") {
        return Diagnosis::missing(
            "job",
            format!("would not be taken: {words}"),
            "is this a login node, and is the cluster up?",
        );
    }
    let fix = "correct partition, account, qos or gpus_per_node of the file; `sinfo` and `sacctmgr show associations user=$USER` list them";
    Diagnosis::missing("job", format!("would not be taken: {words}"), fix)
}

fn arrays(site: &SlurmSite, answer: &ProgramAnswer) -> Option<Diagnosis> {
    let line = answer.stdout()?.lines().find(|it| it.starts_with("MaxArraySize"))?;
    let most: u32 = line.split('=').nth(1)?.trim().parse().ok()?;
    let text = format!("the cluster allows {most} parts, the file {}", site.max_array_size);
    Some(if site.max_array_size > most {
        Diagnosis::warning("arrays", text, format!("write `max_array_size = {most}`"))
    } else {
        Diagnosis::ok("arrays", text)
    })
}

/// Nothing where Slurm does not know of GPUs and the site has none.
fn gpus(site: &SlurmSite, answer: &ProgramAnswer) -> Option<Diagnosis> {
    let most = answer.stdout()?.lines().map(gpus_of_node).max().unwrap_or(0);
    let said = site.gpus_per_node;
    let text = format!("a node of the partition has up to {most}, the file says {said}");
    match (said, most) {
        (0, 0) => None,
        _ if said == most => Some(Diagnosis::ok("GPUs", text)),
        _ => Some(Diagnosis::warning("GPUs", text, format!("write `gpus_per_node = {most}`"))),
    }
}

/// Of `gpu:a100:4(S:0-1),gpu:1g.10gb:7,nic:2`, or `(null)`.
fn gpus_of_node(resources: &str) -> u32 {
    let count = |it: &str| -> Option<u32> {
        let words: Vec<&str> = it.split('(').next()?.split(':').collect();
        (words.first() == Some(&"gpu")).then(|| words.last().and_then(|it| it.parse().ok()))?
    };
    resources.split(',').filter_map(|it| count(it.trim())).sum()
}

fn containers(site: &SlurmSite, answer: &ProgramAnswer) -> Option<Diagnosis> {
    match site.containers {
        SlurmContainers::Native => None,
        SlurmContainers::Pyxis { .. } => Some(match answer.stdout() {
            Some(help) if help.contains("--container-image") => Diagnosis::ok("pyxis", "`srun` has its options"),
            Some(_) => Diagnosis::missing(
                "pyxis",
                "`srun` has no option `--container-image`",
                "ask the administrators for pyxis, or write another `containers`",
            ),
            None => Diagnosis::missing("pyxis", words(answer), "run it on a login node of the cluster"),
        }),
        SlurmContainers::Apptainer => Some(match answer.stdout() {
            Some(version) => Diagnosis::ok("apptainer", version.trim()),
            None => Diagnosis::warning(
                "apptainer",
                format!("{}; the nodes may have it", words(answer)),
                "write its module to `modules`, if the cluster has one",
            ),
        }),
        SlurmContainers::Oci => Some(oci(answer)),
    }
}

/// The answer of a node that was asked for a container that does not exist.
fn oci(answer: &ProgramAnswer) -> Diagnosis {
    const NO_NODE: [&str; 3] = ["Unable to allocate", "Immediate execution impossible", "queued and waiting"];
    let words = words(answer);
    let Some(output) = answer.output() else {
        return Diagnosis::warning("containers", format!("not tried: {words}"), "try again when a node is free");
    };
    if output.exit.success() {
        let fix = "the nodes need an oci.conf, or the file another `containers`";
        return Diagnosis::missing("containers", "a node ignores `--container`, and runs commands on itself", fix);
    }
    if NO_NODE.iter().any(|it| words.contains(it)) {
        return Diagnosis::warning("containers", format!("not tried: {words}"), "try again when a node is free");
    }
    Diagnosis::ok("containers", "a node looks at `--container`")
}

fn folder(folder: &SharedFolder) -> Diagnosis {
    let SharedFolder { key, written, is_there } = folder;
    match is_there {
        Some(true) => Diagnosis::ok("storage", format!("`{key}` is {written}")),
        Some(false) => {
            Diagnosis::missing("storage", format!("`{key}`: there is no {written}"), format!("mkdir -p {written}"))
        }
        None => {
            let text = format!("`{key}`: the variable in {written} is not set here");
            Diagnosis::missing("storage", text, "set it where you submit, or write the path out")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{diagnosis::FactState, site::fixtures::answered};

    fn site(text: &str) -> SlurmSite {
        let source = report::Source::new("lab.toml", format!("engine = \"slurm\"\n{text}"));
        let site = Site::parse(&source, &mut report::Findings::default()).unwrap();
        let jobs::SiteEngine::Slurm(slurm) = site.engine else { panic!("{site:?}") };
        slurm
    }

    /// What Slurm 22.05 says of one node without GPUs.
    fn facts() -> SlurmFacts {
        SlurmFacts {
            version: answered(0, "slurm-wlm 22.05.8\n", ""),
            trial: answered(0, "", "sbatch: Job 57 to start at 2026-12-01T03:28:43 using 1 processors on nodes n1\n"),
            configuration: answered(0, "LogTimeFormat           = iso8601\nMaxArraySize            = 1001\n", ""),
            resources: answered(0, "(null)\n", ""),
            containers: None,
            folders: Vec::new(),
        }
    }

    fn found(site: &SlurmSite, facts: &SlurmFacts) -> Vec<(FactState, &'static str, String)> {
        diagnose(site, facts).into_iter().map(|it| (it.state, it.fact, it.text + &it.fix.unwrap_or_default())).collect()
    }

    #[track_caller]
    fn expect(site: &SlurmSite, facts: &SlurmFacts, state: FactState, fact: &str, text: &str) {
        let found = found(site, facts);
        assert!(found.iter().any(|it| it.0 == state && it.1 == fact && it.2.contains(text)), "{found:#?}");
    }

    #[test]
    fn a_cluster_that_is_as_its_file_says_lacks_nothing() {
        let found = found(&site("version = \"22.05\"\n"), &facts());
        assert!(found.iter().all(|it| it.0 == FactState::Ok) && found.len() == 3, "{found:#?}");
        expect(
            &site(""),
            &facts(),
            FactState::Ok,
            "job",
            "would start at 2026-12-01T03:28:43 using 1 processors on nodes n1",
        );
    }

    #[test]
    fn what_the_file_says_wrongly_is_told_with_what_to_write() {
        let wrong = site("version = \"23.11\"\nmax_array_size = 5000\ngpus_per_node = 8\n");
        let facts = SlurmFacts {
            resources: answered(0, "(null)\ngpu:a100:4(S:0-1),nic:2\ngpu:1g.10gb:1,gpu:a100:1\n", ""),
            ..facts()
        };
        expect(&wrong, &facts, FactState::Warning, "slurm", "write `version = \"22.05\"`");
        expect(&wrong, &facts, FactState::Warning, "arrays", "write `max_array_size = 1001`");
        expect(&wrong, &facts, FactState::Warning, "GPUs", "write `gpus_per_node = 4`");
    }

    #[test]
    fn a_job_that_would_be_refused_is_told_in_slurms_words() {
        let said =
            "sbatch: error: invalid partition specified: nope\nallocation failure: Invalid partition name specified\n";
        let facts = SlurmFacts { trial: answered(1, "", said), ..facts() };
        expect(&site(""), &facts, FactState::Missing, "job", "would not be taken: invalid partition specified: nope;");
    }

    #[test]
    fn a_controller_that_is_away_is_no_mistake_of_the_file() {
        let said = "sbatch: error: Unable to contact slurm controller (connect failure)\n";
        for trial in [ProgramAnswer::TimedOut(std::time::Duration::from_secs(15)), answered(1, "", said)] {
            expect(&site(""), &SlurmFacts { trial, ..facts() }, FactState::Missing, "job", "is the cluster up?");
        }
    }

    #[test]
    fn without_a_cluster_there_is_one_line() {
        let facts = SlurmFacts { version: ProgramAnswer::NotFound, ..facts() };
        let found = found(&site(""), &facts);
        assert_eq!(found.len(), 1, "{found:#?}");
        assert!(found[0].0 == FactState::Missing && found[0].2.contains("on a login node"), "{found:#?}");
    }

    #[test]
    fn a_node_that_ignores_containers_is_found_out() {
        let oci = site("containers = \"oci\"\n");
        let after = |answer| SlurmFacts { containers: Some(answer), ..facts() };
        expect(&oci, &after(answered(0, "", "")), FactState::Missing, "containers", "ignores `--container`");
        let failed = "srun: error: Task launch for StepId=56.0 failed on node n1: No such file or directory\n";
        expect(&oci, &after(answered(130, "", failed)), FactState::Ok, "containers", "looks at");
        let busy = "srun: error: Unable to allocate resources: Requested nodes are busy\n";
        expect(&oci, &after(answered(1, "", busy)), FactState::Warning, "containers", "not tried");
        let pyxis = site("containers = \"pyxis\"\n");
        expect(&pyxis, &after(answered(0, "  --container\n", "")), FactState::Missing, "pyxis", "no option");
        expect(&pyxis, &after(answered(0, "  --container-image=\n", "")), FactState::Ok, "pyxis", "");
    }

    #[test]
    fn folders_that_are_not_there_are_named() {
        let folder = |written: &str, is_there| SharedFolder { key: "runs", written: written.into(), is_there };
        let folders = vec![folder("/runs", Some(true)), folder("/none", Some(false)), folder("$SCRATCH/x", None)];
        let facts = SlurmFacts { folders, ..facts() };
        expect(&site(""), &facts, FactState::Ok, "storage", "/runs");
        expect(&site(""), &facts, FactState::Missing, "storage", "mkdir -p /none");
        expect(&site(""), &facts, FactState::Missing, "storage", "not set here");
    }
}
