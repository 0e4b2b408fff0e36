//! Reading `installation/clusters/<site>.toml`.

use std::collections::BTreeMap;

use anyhow::{Result, anyhow, bail};
use camino::Utf8PathBuf;
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::{
    KubernetesSite, MountSource, RunAiSite, Site, SiteEngine, SiteName, SlurmContainers, SlurmSite, Storage, Toleration,
};

/// Slurm's own default of `MaxArraySize`.
const MAX_ARRAY_SIZE: u32 = 1001;

/// The version of a cluster that does not say its own: one that most have passed.
const KUBERNETES: (u16, u16) = (1, 31);

/// The site of a file. An error has the file, the line and the column.
pub fn read_site(name: SiteName, path: &str, text: &str) -> Result<Site> {
    let file = TomlFile { path, text };
    let table = DeTable::parse(text).map_err(|it| file.error(it.span().map_or(0, |it| it.start), it.message()))?;
    let mut table = KeyReader { file: &file, table: table.get_ref(), asked: Vec::new(), start: 0 };
    let engine = match table.string("engine")?.as_deref() {
        Some("docker") => SiteEngine::Docker,
        Some("slurm") => SiteEngine::Slurm(slurm(&mut table)?),
        Some("kubernetes") => SiteEngine::Kubernetes(kubernetes(&mut table)?),
        Some("runai") => SiteEngine::RunAi(runai(&mut table)?),
        Some(other) => {
            bail!(table.wrong("engine", &format!("no engine is called `{other}`; write slurm, kubernetes or runai")))
        }
        None => bail!(file.error(0, "`engine` is missing: write engine = \"slurm\"")),
    };
    let environment = table.strings_by_name("environment")?;
    let mut storage = table.inner("storage")?;
    let folder = |it: Option<String>| it.map(|it| source(&it));
    let kept = Storage {
        runs: folder(storage.string("runs")?),
        data: folder(storage.string("data")?),
        outputs: folder(storage.string("outputs")?),
    };
    storage.finish()?;
    table.finish()?;
    Ok(Site { name, engine, storage: kept, environment })
}

/// `claim:NAME`, `scratch`, or the path of a folder that the nodes share.
fn source(text: &str) -> MountSource {
    match text.strip_prefix("claim:") {
        Some(claim) => MountSource::Claim(claim.to_owned()),
        None if text == "scratch" => MountSource::Scratch,
        None => MountSource::Host(text.into()),
    }
}

fn kubernetes(table: &mut KeyReader) -> Result<KubernetesSite> {
    Ok(KubernetesSite {
        version: table.version("version")?.unwrap_or(KUBERNETES),
        context: table.string("context")?,
        namespace: table.required("namespace", "namespace = \"NAME\"")?,
        queue: table.string("queue")?,
        priority_class: table.string("priority_class")?,
        pull_secret: table.string("pull_secret")?,
        scheduler: table.string("scheduler")?,
        tolerations: table.tolerations("tolerations")?,
        node_selector: table.strings_by_name("node_selector")?,
        groups: table.numbers("groups")?,
        has_gpus: table.flag("gpus")?.unwrap_or(true),
    })
}

fn runai(table: &mut KeyReader) -> Result<RunAiSite> {
    Ok(RunAiSite {
        project: table.required("project", "project = \"NAME\"")?,
        node_pools: table.strings("node_pools")?,
        groups: table.numbers("groups")?,
    })
}

fn slurm(table: &mut KeyReader) -> Result<SlurmSite> {
    let containers = match table.string("containers")?.as_deref() {
        None | Some("none") => SlurmContainers::Native,
        Some("apptainer") => SlurmContainers::Apptainer,
        Some("oci") => SlurmContainers::Oci,
        Some("pyxis") => SlurmContainers::Pyxis { enroot: table.version("enroot")?.unwrap_or((3, 5)) },
        Some(other) => {
            bail!(table.wrong("containers", &format!("`{other}` is none of pyxis, apptainer, oci and none")))
        }
    };
    Ok(SlurmSite {
        version: table.version("version")?,
        containers,
        image_cache: table.string("image_cache")?.map(Utf8PathBuf::from),
        login: table.string("login")?,
        partition: table.string("partition")?,
        account: table.string("account")?,
        qos: table.string("qos")?,
        reservation: table.string("reservation")?,
        constraint: table.string("constraint")?,
        modules: table.strings("modules")?,
        extra_arguments: table.strings("extra_arguments")?,
        max_array_size: table.number("max_array_size")?.unwrap_or(MAX_ARRAY_SIZE),
        gpus_per_node: table.number("gpus_per_node")?.unwrap_or(0),
    })
}

/// A file whose errors are told with their places.
struct TomlFile<'a> {
    path: &'a str,
    text: &'a str,
}

impl TomlFile<'_> {
    fn error(&self, start: usize, message: &str) -> anyhow::Error {
        let before = &self.text[..start.min(self.text.len())];
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().map_or(0, |it| it.chars().count()) + 1;
        anyhow!("{}:{line}:{column}: {message}", self.path)
    }
}

/// A table whose keys are read one by one; those that nobody asks for are unknown.
struct KeyReader<'a> {
    file: &'a TomlFile<'a>,
    table: &'a DeTable<'a>,
    asked: Vec<&'static str>,
    start: usize,
}

impl<'a> KeyReader<'a> {
    fn get(&mut self, key: &'static str) -> Option<&'a Spanned<DeValue<'a>>> {
        self.asked.push(key);
        self.table.get(key)
    }

    fn wrong(&self, key: &str, message: &str) -> anyhow::Error {
        self.file.error(self.table.get(key).map_or(self.start, |it| it.span().start), message)
    }

    fn string(&mut self, key: &'static str) -> Result<Option<String>> {
        let Some(value) = self.get(key) else { return Ok(None) };
        let text = value.get_ref().as_str().ok_or_else(|| self.wrong(key, &format!("`{key}` is a text: \"…\"")))?;
        Ok(Some(text.to_owned()))
    }

    fn strings(&mut self, key: &'static str) -> Result<Vec<String>> {
        let Some(value) = self.get(key) else { return Ok(Vec::new()) };
        let list = || -> Option<Vec<String>> {
            value.get_ref().as_array()?.iter().map(|it| Some(it.get_ref().as_str()?.to_owned())).collect()
        };
        list().ok_or_else(|| self.wrong(key, &format!("`{key}` is a list of texts: [\"…\"]")))
    }

    fn number(&mut self, key: &'static str) -> Result<Option<u32>> {
        let Some(value) = self.get(key) else { return Ok(None) };
        let number = || value.get_ref().as_integer()?.as_str().parse().ok();
        number().map(Some).ok_or_else(|| self.wrong(key, &format!("`{key}` is a number, from 0")))
    }

    fn required(&mut self, key: &'static str, example: &str) -> Result<String> {
        self.string(key)?.ok_or_else(|| self.file.error(self.start, &format!("`{key}` is missing: write {example}")))
    }

    fn numbers(&mut self, key: &'static str) -> Result<Vec<u32>> {
        let Some(value) = self.get(key) else { return Ok(Vec::new()) };
        let list = || -> Option<Vec<u32>> {
            value.get_ref().as_array()?.iter().map(|it| it.get_ref().as_integer()?.as_str().parse().ok()).collect()
        };
        list().ok_or_else(|| self.wrong(key, &format!("`{key}` is a list of numbers: [2000]")))
    }

    fn flag(&mut self, key: &'static str) -> Result<Option<bool>> {
        let Some(value) = self.get(key) else { return Ok(None) };
        let flag = value.get_ref().as_bool();
        flag.map(Some).ok_or_else(|| self.wrong(key, &format!("`{key}` is true or false")))
    }

    fn tolerations(&mut self, key: &'static str) -> Result<Vec<Toleration>> {
        let Some(value) = self.get(key) else { return Ok(Vec::new()) };
        let example =
            || self.wrong(key, &format!("`{key}` is a list such as [{{ key = \"gpu\", effect = \"NoSchedule\" }}]"));
        let toleration = |it: &'a Spanned<DeValue<'a>>| -> Result<Toleration> {
            let table = it.get_ref().as_table().ok_or_else(example)?;
            let mut inner = KeyReader { file: self.file, table, asked: Vec::new(), start: it.span().start };
            let toleration = Toleration {
                key: inner.required("key", "key = \"NAME\"")?,
                value: inner.string("value")?,
                effect: inner.string("effect")?,
            };
            inner.finish().map(|()| toleration)
        };
        value.get_ref().as_array().ok_or_else(example)?.iter().map(toleration).collect()
    }

    /// `MAJOR.MINOR` in a text.
    fn version(&mut self, key: &'static str) -> Result<Option<(u16, u16)>> {
        let Some(text) = self.string(key)? else { return Ok(None) };
        let parts = || {
            let mut parts = text.split('.');
            Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
        };
        parts().map(Some).ok_or_else(|| self.wrong(key, &format!("`{key}` is a version such as \"4.1\"")))
    }

    fn inner(&mut self, key: &'static str) -> Result<KeyReader<'a>> {
        static NONE: std::sync::LazyLock<DeTable<'static>> = std::sync::LazyLock::new(DeTable::new);
        let Some(value) = self.get(key) else {
            return Ok(KeyReader { file: self.file, table: &NONE, asked: Vec::new(), start: self.start });
        };
        let table =
            value.get_ref().as_table().ok_or_else(|| self.wrong(key, &format!("`{key}` is a table: [{key}]")))?;
        Ok(KeyReader { file: self.file, table, asked: Vec::new(), start: value.span().start })
    }

    fn strings_by_name(&mut self, key: &'static str) -> Result<BTreeMap<String, String>> {
        let inner = self.inner(key)?;
        let value = |name: &str, it: &Spanned<DeValue>| {
            it.get_ref()
                .as_str()
                .map(str::to_owned)
                .ok_or_else(|| inner.wrong(name, "a variable's value is a text: \"…\""))
        };
        inner.table.iter().map(|(name, it)| Ok((name.get_ref().to_string(), value(name.get_ref(), it)?))).collect()
    }

    /// Fails for the first key that nobody has asked for.
    fn finish(self) -> Result<()> {
        let unknown = self.table.keys().find(|it| !self.asked.contains(&it.get_ref().as_ref()));
        let Some(key) = unknown else { return Ok(()) };
        let known = self.asked.join(", ");
        Err(self.file.error(key.span().start, &format!("`{}` means nothing here; there are: {known}", key.get_ref())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Site> {
        read_site(SiteName("lab".to_owned()), "lab.toml", text)
    }

    #[test]
    fn a_site_needs_its_engine_alone() {
        let site = read("engine = \"slurm\"\n").unwrap();
        let SiteEngine::Slurm(slurm) = site.engine else { panic!() };
        assert_eq!((slurm.containers, slurm.max_array_size, slurm.gpus_per_node), (SlurmContainers::Native, 1001, 0));
    }

    #[test]
    fn every_key_is_read() {
        let text = "engine = \"slurm\"\ncontainers = \"pyxis\"\nenroot = \"4.1\"\npartition = \"gpu\"\nmodules = [\"gcc\"]\n\
                    gpus_per_node = 4\n[storage]\nruns = \"$SCRATCH/runs\"\n[environment]\nNCCL_DEBUG = \"INFO\"\n";
        let site = read(text).unwrap();
        assert_eq!(site.storage.runs, Some(MountSource::Host("$SCRATCH/runs".into())));
        assert_eq!(site.environment["NCCL_DEBUG"], "INFO");
        let SiteEngine::Slurm(slurm) = site.engine else { panic!() };
        assert_eq!(slurm.containers, SlurmContainers::Pyxis { enroot: (4, 1) });
        assert_eq!((slurm.modules, slurm.gpus_per_node), (vec!["gcc".to_owned()], 4));
    }

    #[test]
    fn kubernetes_and_runai_have_their_own_keys() {
        let site = read(
            "engine = \"kubernetes\"\nversion = \"1.33\"\nnamespace = \"vision\"\nqueue = \"q\"\ngroups = [2000]\ngpus = false\n\
             tolerations = [{ key = \"gpu\", effect = \"NoSchedule\" }]\n[node_selector]\npool = \"a\"\n\
             [storage]\nruns = \"claim:home\"\ndata = \"/mnt/data\"\noutputs = \"scratch\"\n",
        )
        .unwrap();
        assert_eq!(site.storage.runs, Some(MountSource::Claim("home".to_owned())));
        assert_eq!(site.storage.outputs, Some(MountSource::Scratch));
        let SiteEngine::Kubernetes(kubernetes) = site.engine else { panic!() };
        assert_eq!((kubernetes.version, kubernetes.groups, kubernetes.has_gpus), ((1, 33), vec![2000], false));
        assert_eq!(kubernetes.tolerations[0].key, "gpu");
        assert_eq!(kubernetes.node_selector["pool"], "a");
        let site = read("engine = \"runai\"\nproject = \"vision\"\nnode_pools = [\"h100\"]\n").unwrap();
        let SiteEngine::RunAi(runai) = site.engine else { panic!() };
        assert_eq!((runai.project.as_str(), runai.node_pools), ("vision", vec!["h100".to_owned()]));
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        for (text, expected) in [
            ("engine = \"slurm\"\npartitoin = \"a\"\n", "lab.toml:2:1: `partitoin` means nothing here"),
            ("engine = \"slurm\"\nmodules = [1]\n", "lab.toml:2:11: `modules` is a list of texts"),
            ("engine = \"slrum\"\n", "lab.toml:1:10: no engine is called `slrum`"),
            ("engine = \"slurm\"\n[storage]\nrun = \"/x\"\n", "lab.toml:3:1: `run` means nothing here"),
            ("partition = \"a\"\n", "lab.toml:1:1: `engine` is missing"),
            ("engine = \n", "lab.toml:1:10: "),
            ("engine = \"kubernetes\"\n", "lab.toml:1:1: `namespace` is missing"),
            (
                "engine = \"kubernetes\"\nnamespace = \"a\"\ntolerations = [{ kye = \"b\" }]\n",
                "lab.toml:3:16: `key` is missing",
            ),
            ("engine = \"runai\"\nproject = \"a\"\ngroups = [\"b\"]\n", "lab.toml:3:10: `groups` is a list of numbers"),
        ] {
            let error = read(text).unwrap_err().to_string();
            assert!(error.starts_with(expected), "{error}");
        }
    }
}
