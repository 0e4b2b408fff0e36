//! Reading `installation/clusters/<site>.toml`.

use std::collections::BTreeMap;

use anyhow::{Result, anyhow, bail};
use camino::Utf8PathBuf;
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::{MountSource, Site, SiteEngine, SiteName, SlurmContainers, SlurmSite, Storage};

/// Slurm's own default of `MaxArraySize`.
const MAX_ARRAY_SIZE: u32 = 1001;

/// The site of a file. An error has the file, the line and the column.
pub fn read_site(name: SiteName, path: &str, text: &str) -> Result<Site> {
    let file = TomlFile { path, text };
    let table = DeTable::parse(text).map_err(|it| file.error(it.span().map_or(0, |it| it.start), it.message()))?;
    let mut table = KeyReader { file: &file, table: table.get_ref(), asked: Vec::new(), start: 0 };
    let engine = match table.string("engine")?.as_deref() {
        Some("docker") => SiteEngine::Docker,
        Some("slurm") => SiteEngine::Slurm(slurm(&mut table)?),
        Some(other) => bail!(table.wrong("engine", &format!("no engine is called `{other}`; write slurm"))),
        None => bail!(file.error(0, "`engine` is missing: write engine = \"slurm\"")),
    };
    let environment = table.strings_by_name("environment")?;
    let mut storage = table.inner("storage")?;
    let folder = |it: Option<String>| it.map(|it| MountSource::Host(it.into()));
    let kept = Storage {
        runs: folder(storage.string("runs")?),
        data: folder(storage.string("data")?),
        outputs: folder(storage.string("outputs")?),
    };
    storage.finish()?;
    table.finish()?;
    Ok(Site { name, engine, storage: kept, environment })
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
    fn what_is_wrong_is_told_with_its_place() {
        for (text, expected) in [
            ("engine = \"slurm\"\npartitoin = \"a\"\n", "lab.toml:2:1: `partitoin` means nothing here"),
            ("engine = \"slurm\"\nmodules = [1]\n", "lab.toml:2:11: `modules` is a list of texts"),
            ("engine = \"slrum\"\n", "lab.toml:1:10: no engine is called `slrum`"),
            ("engine = \"slurm\"\n[storage]\nrun = \"/x\"\n", "lab.toml:3:1: `run` means nothing here"),
            ("partition = \"a\"\n", "lab.toml:1:1: `engine` is missing"),
            ("engine = \n", "lab.toml:1:10: "),
        ] {
            let error = read(text).unwrap_err().to_string();
            assert!(error.starts_with(expected), "{error}");
        }
    }
}
