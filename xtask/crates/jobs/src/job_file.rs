//! Reading `jobs/<name>.toml`.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, bail};
use camino::Utf8PathBuf;

use process::is_secret;
use project::JobName;
use report::{Code, Findings, Source, Span};

use super::{
    Entrypoint, Job, JobId, JobMount, JobSecret, MountSource, ParameterSet, Resources, RetryPolicy, Sweep,
    WarningSignal, parse_gpus, parse_memory, parse_sweep, parse_time,
    table::{TableReader, read_file},
};

/// A job as its file describes it.
#[derive(Debug, Clone, PartialEq)]
pub struct JobFile {
    pub job: Job,
    /// The file of parameters, beside this one, and where it is named. Its lines are the parts of the job's array.
    pub params: Option<(Utf8PathBuf, Span)>,
    /// How many parts of the array may run at once.
    pub parallel: Option<u32>,
    /// Where the file says what a site may not have.
    pub places: BTreeMap<&'static str, Span>,
}

impl JobFile {
    /// The job of a file, which its name is the name of. `None` where what is wrong leaves none.
    pub fn parse(source: &Source, findings: &mut Findings) -> Option<Self> {
        let stem = source.file.file_stem().unwrap_or_default();
        let name = stem.parse::<JobName>();
        if let Err(why) = &name {
            let finding = source.about(Code::JobValue, format!("`{stem}` is no name of a job"));
            findings.push(finding.help(format!("rename the file: {why}")));
        }
        read_file(source, findings, |table| job(table, name.ok().map(|it| it.to_string())))
    }
}

fn job(table: &mut TableReader, name: Option<String>) -> Option<JobFile> {
    let argv = table.texts("command");
    if argv.is_empty() {
        let help = "write `command = [\"python\", \"train.py\"]`: the program and its arguments";
        table.wrong(Code::JobValue, "command", "there is no `command`", help);
    }
    let environment = table.texts_by_name("environment");
    for (variable, _) in environment.iter().filter(|(name, value)| is_secret(name, value)) {
        let help = format!(
            "write `[secrets]` and `{variable} = {{ file = \"…\" }}`, or `{{ secret = \"…\", key = \"…\" }}`, below it"
        );
        let message = format!("`{variable}` looks like a secret, and this file is in git");
        table.wrong(Code::SecretInJob, "environment", message, help);
    }
    let places = [
        "gpus",
        "shm",
        "tasks",
        "grace",
        "retries",
        "after",
        "mounts",
        "secrets",
        "keep_for",
        "sweep",
        "parallel",
        "environment_from_host",
    ];
    let mut places: BTreeMap<_, _> = places.into_iter().filter_map(|it| Some((it, table.span(it)?))).collect();
    if let Some(place) = table.span("params") {
        places.entry("sweep").or_insert(place);
    }
    let parallel = table.count("parallel");
    let sweep = sweep(table, parallel);
    let params = table.text("params").and_then(|it| Some((Utf8PathBuf::from(it), table.span("params")?)));
    if params.is_some() && sweep.is_some() {
        table.wrong(Code::JobValue, "params", "an array has `sweep` or `params`, not both", "write one of them");
    }
    if parallel.is_some() && params.is_none() && table.span("sweep").is_none() {
        let message = "`parallel` is about arrays, and this job is none";
        table.wrong(Code::KeyWithoutEffect, "parallel", message, "remove it, or write `[sweep]` or `params`");
    }
    let entrypoints = [("keep", Entrypoint::Keep), ("skip", Entrypoint::Skip)];
    let job = Job {
        name: name.unwrap_or_default(),
        entrypoint: table.choice("entrypoint", &entrypoints).unwrap_or_default(),
        environment,
        environment_from_host: table.texts("environment_from_host").into_iter().collect(),
        secrets: table.tables_by_name("secrets", secret),
        resources: resources(table),
        mounts: table.tables("mounts", mount),
        sweep,
        retry: RetryPolicy {
            max: table.number("retries").unwrap_or(0),
            on_preemption: table.boolean("requeue").unwrap_or(true),
        },
        after: table.texts("after").into_iter().map(JobId).collect(),
        keep_for: table.parsed("keep_for", parse_time),
        argv,
    };
    (!job.argv.is_empty() && !job.name.is_empty()).then_some(JobFile { job, params, parallel, places })
}

fn resources(table: &mut TableReader) -> Resources {
    Resources {
        cpus: table.count("cpus"),
        memory: table.parsed("memory", parse_memory),
        gpus: table.parsed("gpus", parse_gpus),
        shm: table.parsed("shm", parse_memory),
        nodes: table.count("nodes").unwrap_or(1),
        tasks_per_node: table.count("tasks").unwrap_or(1),
        time: table.parsed("time", parse_time),
        grace: table.parsed("grace", parse_time),
        signal: table.parsed("signal", parse_signal),
    }
}

/// `USR1@5m`: a signal, and how long before the time limit.
fn parse_signal(text: &str) -> Result<WarningSignal> {
    const SIGNALS: [&str; 6] = ["USR1", "USR2", "TERM", "INT", "HUP", "CONT"];
    let (name, before) = text.split_once('@').with_context(|| format!("`{text}` says no time: write USR1@5m"))?;
    let name = name.strip_prefix("SIG").unwrap_or(name);
    if !SIGNALS.contains(&name) {
        bail!("`{name}` is no signal that asks a job for something: write one of {}", SIGNALS.join(", "));
    }
    Ok(WarningSignal { name: name.to_owned(), before: parse_time(before)? })
}

fn sweep(table: &mut TableReader, parallel: Option<u32>) -> Option<Sweep> {
    let values = table.texts_by_name("sweep");
    if values.is_empty() {
        return None;
    }
    let texts: Vec<String> = values.iter().map(|(name, values)| format!("{name}={values}")).collect();
    match parse_sweep(&texts, parallel) {
        Ok(sweep) => Some(sweep),
        Err(why) => {
            let help = "write `seed = \"0..4\"` or `lr = \"1e-3,1e-4\"`";
            table.wrong(Code::JobValue, "sweep", format!("{why:#}"), help);
            None
        }
    }
}

fn secret(table: &mut TableReader) -> Option<JobSecret> {
    let (file, secret, key) = (table.text("file"), table.text("secret"), table.text("key"));
    match (file, secret, key) {
        (Some(file), None, None) => Some(JobSecret::File(file.into())),
        (None, Some(secret), Some(key)) => Some(JobSecret::Key { secret, key }),
        _ => {
            let help = "write `{ file = \"/path/at/the/site\" }` or `{ secret = \"NAME\", key = \"KEY\" }`";
            table.wrong(Code::JobValue, "file", "this does not say where the site has the secret", help);
            None
        }
    }
}

fn mount(table: &mut TableReader) -> Option<JobMount> {
    let sources = [
        table.text("host").map(|it| MountSource::Host(it.into())),
        table.text("claim").map(MountSource::Claim),
        table.boolean("scratch").filter(|it| *it).map(|_| MountSource::Scratch),
    ];
    let mut given = sources.into_iter().flatten();
    let source = given.next().filter(|_| given.next().is_none());
    if source.is_none() {
        let help = "write one of `host = \"/path\"`, `claim = \"NAME\"` and `scratch = true`";
        table.wrong(Code::JobValue, "host", "a mount has one source", help);
    }
    if let Some(MountSource::Host(path)) = &source
        && !path.as_str().starts_with(['/', '$'])
    {
        let message = format!("`host` is no folder that every node finds: `{path}`");
        table.wrong(Code::JobValue, "host", message, "write an absolute path, or `$SCRATCH/…`");
    }
    let target = table.text("target").map(Utf8PathBuf::from);
    if !target.as_ref().is_some_and(|it| it.is_absolute()) {
        table.wrong(Code::JobValue, "target", "a mount needs a `target`", "write an absolute path of the container");
    }
    Some(JobMount {
        source: source?,
        target: target?,
        subpath: table.text("subpath").map(Utf8PathBuf::from),
        is_read_only: table.boolean("read_only").unwrap_or(false),
    })
}

/// The parameters of an array: a JSON object in each line, its values texts, numbers or truth values.
pub fn parse_parameters(source: &Source, findings: &mut Findings) -> Vec<ParameterSet> {
    let mut sets = Vec::new();
    let mut offset = 0;
    for line in source.text.split_inclusive('\n') {
        let text = line.trim_end();
        if !text.is_empty() {
            match parse_set(text) {
                Ok(set) => sets.push(set),
                Err(why) => {
                    let finding = source.at(Code::JobValue, source.span(offset..offset + text.len()), why.to_string());
                    findings.push(finding.help("write an object of values in each line: {\"seed\": 1, \"lr\": 0.001}"));
                }
            }
        }
        offset += line.len();
    }
    if sets.is_empty() {
        findings.push(source.about(Code::JobValue, "there are no parameters").help("write an object in each line"));
    }
    sets
}

fn parse_set(text: &str) -> Result<ParameterSet> {
    use serde_json::Value;
    let Ok(Value::Object(object)) = serde_json::from_str::<Value>(text) else { bail!("this is no object of JSON") };
    let mut set = BTreeMap::new();
    for (name, value) in object {
        let text = match value {
            Value::String(text) => text,
            Value::Number(number) => number.to_string(),
            Value::Bool(truth) => truth.to_string(),
            _ => bail!("the value of `{name}` is no text, number or truth value"),
        };
        set.insert(name, text);
    }
    Ok(ParameterSet(set))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{GpuKind, Memory};

    fn read_as(file: &str, text: &str) -> (Option<JobFile>, String) {
        let mut findings = Findings::default();
        let job = JobFile::parse(&Source::new(file, text), &mut findings);
        (job, findings.sorted().to_string())
    }

    fn read(text: &str) -> (Option<JobFile>, String) {
        read_as("jobs/train.toml", text)
    }

    #[test]
    fn a_job_is_called_by_its_file_and_needs_a_command_alone() {
        let (file, findings) = read("command = [\"python\", \"train.py\"]\n");
        assert_eq!(findings, "");
        let job = file.unwrap().job;
        assert_eq!((job.name.as_str(), job.argv.len(), job.entrypoint), ("train", 2, Entrypoint::Keep));
        assert!(job.retry.on_preemption);
    }

    #[test]
    fn every_key_is_read() {
        let (file, findings) = read(
            "command = [\"train\"]\nentrypoint = \"skip\"\nenvironment_from_host = [\"LANG\"]\ncpus = 4\nmemory = \"16GiB\"\n\
             gpus = \"a100:2\"\nshm = \"8GiB\"\nnodes = 2\ntasks = 2\ntime = \"4h\"\ngrace = \"2m\"\nsignal = \"USR1@5m\"\n\
             retries = 3\nrequeue = false\nafter = [\"prepare-1\"]\nkeep_for = \"1d\"\nparallel = 2\n\
             [environment]\nMODE = \"fast\"\n[secrets]\nWANDB_API_KEY = { secret = \"wandb\", key = \"api\" }\n\
             [sweep]\nseed = \"0..2\"\n[[mounts]]\nclaim = \"lab\"\ntarget = \"/lab\"\nsubpath = \"mine\"\nread_only = true\n",
        );
        assert_eq!(findings, "");
        let job = file.unwrap().job;
        let resources = &job.resources;
        assert_eq!(resources.gpus.as_ref().unwrap().kind, GpuKind::Model("a100".to_owned()));
        assert_eq!((resources.memory, resources.nodes, resources.tasks_per_node), (Some(Memory(16 << 30)), 2, 2));
        assert_eq!(resources.signal.as_ref().unwrap().before.as_secs(), 300);
        assert_eq!((job.retry.max, job.retry.on_preemption), (3, false));
        assert_eq!((job.sweep.as_ref().unwrap().points.len(), job.sweep.unwrap().max_parallel), (3, Some(2)));
        assert_eq!(job.mounts[0].source, MountSource::Claim("lab".to_owned()));
        assert!(matches!(&job.secrets["WANDB_API_KEY"], JobSecret::Key { key, .. } if key == "api"));
    }

    #[test]
    fn all_that_is_wrong_is_told_at_once_with_its_place() {
        let (file, findings) = read(
            "comand = [\"x\"]\nmemory = \"2GB\"\ntime = \"90\"\ngpus = 0\nsignal = \"KILL@1m\"\n[[mounts]]\nhost = \"data\"\n\
             target = \"data\"\n[environment]\nHF_TOKEN = \"x\"\n",
        );
        assert!(file.is_none());
        for expected in [
            "jobs/train.toml:1:1: error[E0301]: unknown key `comand`\n    help: did you mean `command`?",
            "error[E0901]: there is no `command`",
            "jobs/train.toml:2:10: error[E0901]: `2GB` is no amount of memory\n    help: write 512MiB, 8GiB or 1TiB",
            "jobs/train.toml:3:8: error[E0901]: `90` is no time",
            "jobs/train.toml:4:8: error[E0901]: `0` says no GPUs",
            "jobs/train.toml:5:10: error[E0901]: `KILL` is no signal",
            "jobs/train.toml:7:8: error[E0901]: `host` is no folder that every node finds",
            "jobs/train.toml:8:10: error[E0901]: a mount needs a `target`",
            "error[E0903]: `HF_TOKEN` looks like a secret",
        ] {
            assert!(findings.contains(expected), "{expected}\n{findings}");
        }
    }

    #[test]
    fn the_name_of_a_file_has_to_be_one_that_engines_take() {
        let (file, findings) = read_as("jobs/My_Job.toml", "command = [\"x\"]\n");
        assert!(file.is_none() && findings.contains("`My_Job` is no name of a job"), "{findings}");
    }

    #[test]
    fn parameters_are_an_object_a_line() {
        let parameters = |text: &str| {
            let mut findings = Findings::default();
            let sets = parse_parameters(&Source::new("jobs/p.jsonl", text), &mut findings);
            (sets, findings.to_string())
        };
        let (sets, findings) = parameters("{\"seed\": 1, \"lr\": 1e-3, \"name\": \"a b\"}\n\n{\"seed\": 2}\n");
        assert_eq!((sets.len(), findings.as_str()), (2, ""));
        assert_eq!((sets[0].0["name"].as_str(), sets[0].0["lr"].as_str()), ("a b", "0.001"));
        let (_, findings) = parameters("{\"seed\": 1}\n[2]\n{\"a\": {}}\n");
        assert!(findings.contains("jobs/p.jsonl:2:1: error[E0901]: this is no object of JSON"), "{findings}");
        assert!(findings.contains("jobs/p.jsonl:3:1: error[E0901]: the value of `a` is no"), "{findings}");
        assert!(parameters("").1.contains("there are no parameters"));
    }
}
