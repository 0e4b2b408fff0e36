//! Reading `installation/clusters/<site>.toml`.

use camino::Utf8PathBuf;

use process::is_secret;
use report::{Code, Findings, Source};

use super::{
    KubernetesSite, MountSource, RunAiSite, Site, SiteEngine, SiteName, SlurmContainers, SlurmSite, Storage,
    Toleration,
    refusals::why_not_mounted,
    table::{TableReader, read_file},
};

/// Slurm's own default of `MaxArraySize`.
const MAX_ARRAY_SIZE: u32 = 1001;

/// The oldest Kubernetes for which jobs are written where a site does not say its version.
const KUBERNETES: (u16, u16) = (1, 31);

impl Site {
    /// The site of a file, which its name is the name of. `None` where what is wrong leaves none.
    pub fn parse(source: &Source, findings: &mut Findings) -> Option<Self> {
        let name = SiteName(source.file.file_stem().unwrap_or_default().to_owned());
        read_file(source, findings, |table| {
            let engine = engine(table);
            let environment = table.texts_by_name("environment");
            for (variable, _) in environment.iter().filter(|(name, value)| is_secret(name, value)) {
                table.wrong(
                    Code::SecretInJob,
                    "environment",
                    format!("`{variable}` looks like a secret, and this file is in git"),
                    "take it out, and give a job `secrets` that say where the site has it",
                );
            }
            let storage = table.section("storage", |it| storage(it, engine.as_ref())).unwrap_or_default();
            Some(Self { name, engine: engine?, storage, environment })
        })
    }
}

fn engine(table: &mut TableReader) -> Option<SiteEngine> {
    type Reader = fn(&mut TableReader) -> Option<SiteEngine>;
    const ENGINES: [(&str, Reader); 4] = [
        ("slurm", |it| slurm(it).map(SiteEngine::Slurm)),
        ("kubernetes", |it| kubernetes(it).map(SiteEngine::Kubernetes)),
        ("runai", |it| runai(it).map(SiteEngine::RunAi)),
        ("docker", |_| Some(SiteEngine::Docker)),
    ];
    let engine = table.choice("engine", &ENGINES);
    if engine.is_none() && table.span("engine").is_none() {
        let help = "write `engine = \"slurm\"`, or kubernetes, runai or docker";
        table.wrong(Code::JobValue, "engine", "there is no `engine`", help);
    }
    engine?(table)
}

fn slurm(table: &mut TableReader) -> Option<SlurmSite> {
    let enroot = table.version("enroot");
    // Images could not be named by digest before 4.0.
    let pyxis = SlurmContainers::Pyxis { enroot: enroot.unwrap_or((3, 5)) };
    let ways = [
        ("none", SlurmContainers::Native),
        ("apptainer", SlurmContainers::Apptainer),
        ("oci", SlurmContainers::Oci),
        ("pyxis", pyxis),
    ];
    let is_said = table.span("containers").is_some();
    let containers = table.choice("containers", &ways).or_else(|| (!is_said).then_some(SlurmContainers::Native));
    if let Some(containers) = &containers {
        warn_of_what_is_not_used(table, containers);
    }
    Some(SlurmSite {
        version: table.version("version"),
        image_cache: table.text("image_cache").map(Utf8PathBuf::from),
        login: table.text("login"),
        partition: table.text("partition"),
        account: table.text("account"),
        qos: table.text("qos"),
        reservation: table.text("reservation"),
        constraint: table.text("constraint"),
        modules: table.texts("modules"),
        extra_arguments: table.texts("extra_arguments"),
        max_array_size: table.count("max_array_size").unwrap_or(MAX_ARRAY_SIZE),
        gpus_per_node: table.number("gpus_per_node").unwrap_or(0),
        containers: containers?,
    })
}

/// What is about another way of containers than the site's.
fn warn_of_what_is_not_used(table: &mut TableReader, containers: &SlurmContainers) {
    let is_pyxis = matches!(containers, SlurmContainers::Pyxis { .. });
    for (key, way, is_used) in
        [("enroot", "pyxis", is_pyxis), ("image_cache", "oci", *containers == SlurmContainers::Oci)]
    {
        if table.span(key).is_some() && !is_used {
            let message = format!("`{key}` is about `containers = \"{way}\"`, and is not used here");
            table.wrong(Code::KeyWithoutEffect, key, message, "remove it, or change `containers`");
        }
    }
}

fn kubernetes(table: &mut TableReader) -> Option<KubernetesSite> {
    let namespace = required(table, "namespace", "the namespace that you may use");
    Some(KubernetesSite {
        version: table.version("version").unwrap_or(KUBERNETES),
        context: table.text("context"),
        queue: table.text("queue"),
        priority_class: table.text("priority_class"),
        pull_secret: table.text("pull_secret"),
        scheduler: table.text("scheduler"),
        tolerations: table.tables("tolerations", toleration),
        node_selector: table.texts_by_name("node_selector"),
        groups: table.numbers("groups"),
        has_gpus: table.boolean("gpus").unwrap_or(true),
        namespace: namespace?,
    })
}

fn toleration(table: &mut TableReader) -> Option<Toleration> {
    let effects = ["NoSchedule", "PreferNoSchedule", "NoExecute"].map(|it| (it, it.to_owned()));
    let key = required(table, "key", "the key of the taint");
    Some(Toleration { value: table.text("value"), effect: table.choice("effect", &effects), key: key? })
}

fn runai(table: &mut TableReader) -> Option<RunAiSite> {
    let project = required(table, "project", "the project that `runai project list` shows");
    Some(RunAiSite { node_pools: table.texts("node_pools"), groups: table.numbers("groups"), project: project? })
}

fn required(table: &mut TableReader, key: &'static str, what: &str) -> Option<String> {
    let text = table.text(key).filter(|it| !it.is_empty());
    if text.is_none() && table.span(key).is_none() {
        table.wrong(Code::JobValue, key, format!("there is no `{key}`"), format!("write `{key} = \"…\"`: {what}"));
    }
    text
}

/// A place is a folder of the nodes, `claim:NAME` for a PersistentVolumeClaim, or `scratch`.
fn storage(table: &mut TableReader, engine: Option<&SiteEngine>) -> Storage {
    let mut place = |key| {
        let text = table.text(key)?;
        let Some(source) = source(&text) else {
            let message = format!("`{key}` is no place that every node finds: `{text}`");
            let help = "write an absolute path, `$SCRATCH/…`, `claim:NAME` or `scratch`";
            table.wrong(Code::JobValue, key, message, help);
            return None;
        };
        if let Some(why) = engine.and_then(|it| why_not_mounted(it, &source)) {
            table.wrong(Code::NotAtSite, key, format!("`{key}` cannot be `{text}`"), why);
            return None;
        }
        Some(source)
    };
    Storage { runs: place("runs"), data: place("data"), outputs: place("outputs") }
}

fn source(text: &str) -> Option<MountSource> {
    if let Some(claim) = text.strip_prefix("claim:") {
        return Some(MountSource::Claim(claim.to_owned()));
    }
    match text {
        "scratch" => Some(MountSource::Scratch),
        path if path.starts_with(['/', '$']) => Some(MountSource::Host(path.into())),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (Option<Site>, String) {
        let mut findings = Findings::default();
        let site = Site::parse(&Source::new("installation/clusters/lab.toml", text), &mut findings);
        (site, findings.sorted().to_string())
    }

    fn site(text: &str) -> Site {
        let (site, findings) = read(text);
        assert_eq!(findings, "");
        site.unwrap()
    }

    #[test]
    fn a_site_is_called_by_its_file_and_needs_its_engine_alone() {
        let site = site("engine = \"slurm\"\n");
        assert_eq!(site.name, SiteName("lab".to_owned()));
        let SiteEngine::Slurm(slurm) = site.engine else { panic!() };
        assert_eq!((slurm.containers, slurm.max_array_size, slurm.gpus_per_node), (SlurmContainers::Native, 1001, 0));
    }

    #[test]
    fn every_key_of_slurm_is_read() {
        let site = site(
            "engine = \"slurm\"\ncontainers = \"pyxis\"\nenroot = \"4.1\"\npartition = \"gpu\"\nmodules = [\"gcc\"]\n\
             gpus_per_node = 4\n[storage]\nruns = \"$SCRATCH/runs\"\n[environment]\nNCCL_DEBUG = \"INFO\"\n",
        );
        assert_eq!(site.storage.runs, Some(MountSource::Host("$SCRATCH/runs".into())));
        assert_eq!(site.environment["NCCL_DEBUG"], "INFO");
        let SiteEngine::Slurm(slurm) = site.engine else { panic!() };
        assert_eq!(slurm.containers, SlurmContainers::Pyxis { enroot: (4, 1) });
        assert_eq!((slurm.modules, slurm.gpus_per_node), (vec!["gcc".to_owned()], 4));
    }

    #[test]
    fn kubernetes_and_runai_need_to_know_where_a_person_may_run() {
        let site = site(
            "engine = \"kubernetes\"\nnamespace = \"lab\"\nversion = \"1.33\"\ngroups = [2000]\n\
             tolerations = [{ key = \"gpu\", effect = \"NoSchedule\" }]\n[node_selector]\nzone = \"a\"\n\
             [storage]\ndata = \"claim:lab-data\"\n",
        );
        assert_eq!(site.storage.data, Some(MountSource::Claim("lab-data".to_owned())));
        let SiteEngine::Kubernetes(kubernetes) = site.engine else { panic!() };
        assert_eq!((kubernetes.version, kubernetes.has_gpus, kubernetes.groups), ((1, 33), true, vec![2000]));
        assert_eq!(kubernetes.tolerations[0].effect.as_deref(), Some("NoSchedule"));
        let (none, findings) = read("engine = \"runai\"\n");
        assert_eq!(none, None);
        assert!(
            findings.starts_with("installation/clusters/lab.toml:1:1: error[E0901]: there is no `project`"),
            "{findings}"
        );
    }

    #[test]
    fn all_that_is_wrong_is_told_at_once_with_its_place() {
        let (_, findings) = read(
            "engine = \"slurm\"\npartitoin = \"a\"\nmodules = [1]\ncontainers = \"docker\"\n[storage]\nrun = \"/x\"\n\
             data = \"data\"\n[environment]\nAPI_TOKEN = \"abc\"\n",
        );
        for expected in [
            ":2:1: error[E0301]: unknown key `partitoin`\n    help: did you mean `partition`?",
            ":3:11: error[E0302]: `modules` is no list of texts",
            ":4:14: error[E0901]: `containers` cannot be `docker`",
            ":6:1: error[E0301]: unknown key `run`",
            ":7:8: error[E0901]: `data` is no place that every node finds: `data`",
            "error[E0903]: `API_TOKEN` looks like a secret, and this file is in git",
        ] {
            assert!(findings.contains(expected), "{expected}\n{findings}");
        }
    }
    #[test]
    fn storage_is_what_the_engine_can_mount() {
        let storage = |engine: &str, place: &str| {
            read(&format!("engine = \"{engine}\"\nnamespace = \"a\"\nproject = \"a\"\n[storage]\ndata = \"{place}\"\n"))
                .1
        };
        for (engine, place) in
            [("slurm", "claim:c"), ("slurm", "scratch"), ("kubernetes", "$HOME/c"), ("runai", "scratch")]
        {
            let findings = storage(engine, place);
            assert!(findings.contains(&format!("error[E0902]: `data` cannot be `{place}`")), "{findings}");
        }
        for (engine, place) in
            [("slurm", "$HOME/c"), ("kubernetes", "claim:c"), ("kubernetes", "scratch"), ("runai", "/c")]
        {
            let findings = storage(engine, place);
            assert!(!findings.contains("E0902"), "{findings}");
        }
    }

    #[test]
    fn a_key_of_another_way_of_containers_is_not_used() {
        let unused = |text: &str| read(&format!("engine = \"slurm\"\n{text}")).1.matches("warning[W0905]").count();
        assert_eq!(unused("containers = \"oci\"\nimage_cache = \"/c\"\nenroot = \"4.1\"\n"), 1);
        assert_eq!(unused("containers = \"pyxis\"\nimage_cache = \"/c\"\nenroot = \"4.1\"\n"), 1);
        assert_eq!(unused("image_cache = \"/c\"\nenroot = \"4.1\"\n"), 2);
    }

    /// A key that is a comment, behind which there is nothing else.
    fn uncommented(line: &str) -> &str {
        let key = line.strip_prefix("# ").filter(|it| it.starts_with('[') || it.contains(" = "));
        key.filter(|it| it.starts_with(|it: char| it.is_ascii_lowercase() || it == '[')).unwrap_or(line)
    }

    #[test]
    fn every_example_is_a_site_with_and_without_what_is_a_comment() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../installation/clusters/examples");
        let mut examples = 0;
        for entry in std::fs::read_dir(folder).unwrap() {
            let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
            let whole: Vec<&str> = text.lines().map(uncommented).collect();
            assert!(whole.iter().all(|it| it.len() < 140), "{text}");
            for text in [text.clone(), whole.join("\n")] {
                let (site, findings) = read(&text);
                assert!(site.is_some() && findings.is_empty(), "{findings}\n{text}");
            }
            examples += 1;
        }
        assert!(examples >= 7, "{examples}");
    }
}
