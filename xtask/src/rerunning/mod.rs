//! A clean clone of this repository in which a command is run as a receipt says that it was.

use anyhow::{Context as _, Result, bail};
use camino::Utf8PathBuf;

use environment::sha256;
use inputs::Project;
use jobs::Receipt;
use process::{Echo, EnvArg, Invocation, files, files::NewFile};
use project::{Context, Layout, set_variable, unset_variable};
use report::Source;

/// The code of a receipt, in a folder that goes when this is dropped.
#[derive(Debug)]
pub struct CleanClone<'a> {
    cx: &'a Context,
    folder: Utf8PathBuf,
    is_kept: bool,
}

impl<'a> CleanClone<'a> {
    /// Clones this repository, checks out the receipt's commit and applies its diff.
    pub fn make(cx: &'a Context, receipt: &Receipt) -> Result<Self> {
        let (commit, diff) = code_of(receipt)?;
        let known = git(cx).args(["cat-file", "-e", &format!("{commit}^{{commit}}")]);
        if !cx.runner.read(&known)?.exit.success() {
            bail!(
                "this repository does not have the commit {commit}: `git fetch` it, or run this in a clone that has it"
            );
        }
        let folder = cx.layout.work().join("rerun").join(format!("{}-{}", short(commit), std::process::id()));
        cx.files.remove_dir(&folder)?;
        cx.files.create_dir(&cx.layout.work().join("rerun"))?;
        let clone = Self { cx, folder, is_kept: false };
        let clone_it =
            ["clone", "--quiet", "--shared", "--no-checkout", cx.layout.root().as_str(), clone.folder.as_str()];
        clone.change(&git(cx).args(clone_it))?;
        let in_clone = || Invocation::new("git").args(["-C", clone.folder.as_str(), "-c", "core.hooksPath=/dev/null"]);
        clone.change(&in_clone().args(["checkout", "--quiet", "--detach", commit]))?;
        if let Some(diff) = diff {
            let file = clone.folder.join(".git/receipt.diff");
            cx.files.write(&file, &NewFile::text(diff))?;
            clone.change(&in_clone().args(["apply", "--whitespace=nowarn", file.as_str()]))?;
        }
        Ok(clone)
    }

    /// Leaves the folder where it is, for a job that will run in it.
    pub fn keep(mut self) {
        self.is_kept = true;
    }

    fn change(&self, invocation: &Invocation) -> Result<()> {
        let answer = self.cx.runner.change(invocation)?;
        if !answer.exit.success() {
            bail!("the code of the receipt cannot be had: {}", answer.stderr.trim());
        }
        Ok(())
    }

    /// The doors to it, with the settings of `here` but for what belongs to a place, and the engine of the receipt.
    pub fn open(&self, here: &Project, receipt: &Receipt) -> Result<Context> {
        let Context { runner, ui, host, .. } = self.cx;
        let echo = if runner.is_verbose() { Echo::Verbose } else { Echo::Quiet };
        let there = Context::new(Layout::find(&self.folder)?, echo, *ui, host.clone());
        let text = files::read_text(&self.cx.layout.env_file())?;
        let local = &here.settings.local;
        let mut values = vec![
            ("LOCAL_PROJECT_DIR", "../.."),
            ("LOCAL_DATA_DIR", local.data.as_str()),
            ("LOCAL_OUTPUTS_DIR", local.outputs.as_str()),
            ("LOCAL_WANDB_DIR", local.wandb.as_str()),
        ];
        values.extend(["docker", "native"].iter().find(|it| **it == receipt.order.engine).map(|it| ("ENGINE", *it)));
        let source = |text| Source::new(".env", text);
        let text = values.into_iter().try_fold(text, |text, (name, value)| set_variable(&source(text), name, value))?;
        let text = unset_variable(&source(text), "COMPOSE_PROJECT_NAME")?;
        there.files.write(&there.layout.env_file(), &NewFile { contents: text.into_bytes(), mode: files::PRIVATE })?;
        Ok(there)
    }
}

impl Drop for CleanClone<'_> {
    fn drop(&mut self) {
        if self.is_kept {
            return;
        }
        // One that stays does no harm: all of `target/` may be removed.
        _ = self.cx.files.remove_dir(&self.folder);
    }
}

/// The variables that were passed, with the values that they have now, and the names of those that have none.
pub fn passed_again<'r>(cx: &Context, receipt: &'r Receipt) -> (Vec<EnvArg>, Vec<&'r str>) {
    // This one is made of the code anew.
    let names = receipt.order.passed.iter().map(String::as_str).filter(|it| *it != "GIT_COMMIT");
    let (known, unknown): (Vec<&str>, Vec<&str>) = names.partition(|it| cx.host.has(it));
    (known.into_iter().map(|it| EnvArg::Inherited(it.to_owned())).collect(), unknown)
}

/// The commit and the diff of a receipt; an error where it does not have all of the code.
fn code_of(receipt: &Receipt) -> Result<(&str, Option<&str>)> {
    let code = &receipt.order.code;
    let commit =
        code.commit.as_deref().context("the receipt does not say which code was run: it was outside of git")?;
    let is_hash = commit.len() >= 40 && commit.bytes().all(|it| it.is_ascii_hexdigit());
    if !is_hash {
        bail!("the receipt names `{commit}`, which is no commit");
    }
    let Some(diff) = &code.diff else { return Ok((commit, None)) };
    let text = diff.text.as_deref().with_context(|| {
        format!(
            "the receipt lacks the changes that were not committed (too long, or not UTF-8); their SHA-256 is {}",
            diff.sha256
        )
    })?;
    if sha256(text) != diff.sha256 {
        bail!("the diff in the receipt is not the one that its SHA-256 is of: somebody has changed one of them");
    }
    Ok((commit, Some(text)))
}

fn short(commit: &str) -> &str {
    commit.get(..12).unwrap_or(commit)
}

fn git(cx: &Context) -> Invocation {
    Invocation::new("git").args(["-C", cx.layout.root().as_str(), "-c", "core.hooksPath=/dev/null"])
}
