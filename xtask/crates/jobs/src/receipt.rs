//! What was run, of what, where, and how it ended.

mod comparison;

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, bail};
use serde::{Deserialize, Serialize};

/// A run that has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    pub order: RunOrder,
    pub result: RunResult,
}

/// What is known before anything runs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RunOrder {
    /// The project's name.
    pub project: String,
    /// `docker` or `native` for a run on one's own machine, else the engine of the site.
    pub engine: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub site: Option<String>,
    /// By which `jobs` knows it.
    pub id: String,
    /// None where the native environment is used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image: Option<ReceiptImage>,
    /// None where nothing is locked for this platform.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lock: Option<LockDigest>,
    pub code: CodeState,
    /// What was asked for, in words of the settings or of the job's description.
    pub resources: BTreeMap<String, String>,
    /// Where the command starts, relative to the repository; the Python project where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub directory: Option<String>,
    /// The names of the variables that somebody has passed.
    pub passed: Vec<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReceiptImage {
    /// With its tag.
    pub name: String,
    /// The digest of its configuration, which identifies it on one machine.
    pub id: String,
    /// The digest by which a registry has it; none where it was never pushed or pulled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    pub platform: String,
    /// The base image's id, or its name where the id is not known.
    pub base: String,
    /// The hash over everything that decides what is in it.
    pub inputs: String,
    /// The digests of its layers, the lowest first.
    pub layers: Vec<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LockDigest {
    /// Relative to the repository.
    pub path: String,
    /// Over its files.
    pub sha256: String,
}

/// The code that was run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CodeState {
    /// None outside of git.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// What had changed since.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub diff: Option<ReceiptDiff>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReceiptDiff {
    pub sha256: String,
    /// As `git apply` takes it; none where it was too long to keep.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// How it went: what the shim writes, in JSON, where one is at work.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RunResult {
    /// With the values of this part of a sweep.
    pub argv: Vec<String>,
    /// The names of all variables that the command had.
    pub environment: Vec<String>,
    pub host: String,
    /// Kernel, its release and the processor, as `uname -srm` prints them.
    pub system: String,
    /// Name and driver of each.
    pub gpus: Vec<String>,
    /// Which part of an array, from 0.
    pub index: u32,
    pub count: u32,
    pub node: u32,
    pub nodes: u32,
    /// From 1.
    pub attempt: u32,
    /// RFC 3339, in UTC.
    pub started_on: String,
    pub finished_on: String,
    pub exit_code: u8,
    /// In bytes; none where the kernel does not tell.
    pub peak_memory: Option<u64>,
}

/// Source: <https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md>.
#[derive(Debug, Serialize, Deserialize)]
struct Statement<R> {
    #[serde(rename = "_type")]
    version: String,
    subject: Vec<Subject>,
    #[serde(rename = "predicateType")]
    predicate_type: String,
    predicate: Predicate<R>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Subject {
    name: String,
    digest: BTreeMap<String, String>,
}

/// How it went comes last: the shim ends what was begun when the job was submitted.
#[derive(Debug, Serialize, Deserialize)]
struct Predicate<R> {
    order: RunOrder,
    run: R,
}

const STATEMENT: &str = "https://in-toto.io/Statement/v1";
const PREDICATE: &str = "urn:xtask:receipt:v1";

impl Receipt {
    /// A document that ends with a line feed.
    pub fn to_json(&self) -> String {
        let json = serde_json::to_string_pretty(&self.order.statement(&self.result)).unwrap_or_default();
        json + "\n"
    }

    /// Reads what [`to_json`](Self::to_json) or the shim has written.
    pub fn parse(text: &str) -> Result<Self> {
        let statement: Statement<RunResult> = serde_json::from_str(text).context("this is no receipt")?;
        if statement.version != STATEMENT || statement.predicate_type != PREDICATE {
            bail!("this is a statement of the type `{}`, and no receipt", statement.predicate_type);
        }
        let Predicate { order, run } = statement.predicate;
        Ok(Self { order, result: run })
    }
}

impl RunOrder {
    /// The beginning of each receipt of a job, to which the shim adds a [`RunResult`] and two braces.
    pub fn beginning(&self) -> String {
        let json = serde_json::to_string(&self.statement(())).unwrap_or_default();
        json.strip_suffix("null}}").unwrap_or_default().to_owned()
    }

    fn statement<R>(&self, run: R) -> Statement<R> {
        Statement {
            version: STATEMENT.to_owned(),
            subject: self.subject(),
            predicate_type: PREDICATE.to_owned(),
            predicate: Predicate { order: self.clone(), run },
        }
    }

    /// What was run: the image, else the lock that the native environment is made from.
    fn subject(&self) -> Vec<Subject> {
        let subject = |name: &str, digest: &str| {
            let (algorithm, value) = digest.split_once(':').unwrap_or(("sha256", digest));
            Subject { name: name.to_owned(), digest: [(algorithm.to_owned(), value.to_owned())].into() }
        };
        let image = self.image.iter().map(|it| subject(&it.name, it.digest.as_ref().unwrap_or(&it.id)));
        let lock = self.lock.iter().filter(|_| self.image.is_none()).map(|it| subject(&it.path, &it.sha256));
        image.chain(lock).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order() -> RunOrder {
        let image = ReceiptImage { name: "lab/x:runtime".to_owned(), id: "sha256:12".to_owned(), ..Default::default() };
        RunOrder { project: "x".to_owned(), image: Some(image), ..Default::default() }
    }

    #[test]
    fn a_receipt_is_read_as_it_was_written() {
        let result = RunResult { argv: vec!["echo".to_owned(), "\"\n".to_owned()], ..Default::default() };
        let receipt = Receipt { order: order(), result };
        assert_eq!(Receipt::parse(&receipt.to_json()).unwrap(), receipt);
    }

    #[test]
    fn it_is_a_statement_about_the_image_by_the_digest_that_others_can_get_it_by() {
        let mut order = order();
        let digest_of = |it: &RunOrder| it.subject()[0].digest["sha256"].clone();
        assert_eq!(digest_of(&order), "12");
        order.image.as_mut().unwrap().digest = Some("sha256:34".to_owned());
        assert_eq!(digest_of(&order), "34");
        let lock = LockDigest { path: "dependencies/lock/linux-amd64".to_owned(), sha256: "56".to_owned() };
        let native = RunOrder { lock: Some(lock), ..Default::default() };
        assert_eq!(
            (digest_of(&native).as_str(), native.subject()[0].name.as_str()),
            ("56", "dependencies/lock/linux-amd64")
        );
    }

    #[test]
    fn the_shim_adds_the_end_to_the_beginning() {
        let order = order();
        let result = serde_json::to_string(&RunResult::default()).unwrap();
        let receipt = Receipt::parse(&format!("{}{result}}}}}\n", order.beginning())).unwrap();
        assert_eq!(receipt, Receipt { order, result: RunResult::default() });
    }

    #[test]
    fn another_statement_is_no_receipt() {
        let other = Receipt { order: order(), result: RunResult::default() }
            .to_json()
            .replace(PREDICATE, "https://slsa.dev/provenance/v1");
        let error = Receipt::parse(&other).unwrap_err().to_string();
        assert_eq!(error, "this is a statement of the type `https://slsa.dev/provenance/v1`, and no receipt");
    }
}
