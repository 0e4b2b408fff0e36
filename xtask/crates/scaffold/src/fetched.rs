//! The commits of a template, fetched into the project's repository under names of this tool's own.

use anyhow::{Context as _, Result, bail, ensure};

use process::{Invocation, Secret, without_credentials};

use super::{Git, template::short};

/// Where the commits of the template are: no branch, tag or remote of the user.
const REFS: &str = "refs/xtask/template";

/// How git is told the address: on a command line everybody on the machine could read a password in it.
const REMOTE: &str = "xtask-template";

/// The template's branches and tags.
#[derive(Debug)]
pub struct FetchedTemplate<'a> {
    git: &'a Git<'a>,
    url: &'a str,
}

/// How one commit of the template lies to another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TemplateDistance {
    Same,
    /// So many commits came since.
    Behind(usize),
    /// So many commits would be taken back.
    Ahead(usize),
    Apart {
        behind: usize,
        ahead: usize,
    },
    /// The two have no commit in common.
    Unrelated,
}

impl<'a> FetchedTemplate<'a> {
    /// Fetches from a URL or path, which nothing remembers.
    pub fn fetch(git: &'a Git<'a>, url: &'a str) -> Result<Self> {
        let fetched = Self { git, url };
        let refs = |kind: &str| format!("+refs/{kind}/*:{REFS}/{kind}/*");
        fetched
            .fetch_refs(&[&format!("+HEAD:{REFS}/HEAD"), &refs("heads"), &refs("tags")])
            .with_context(|| format!("cannot fetch the template from `{}`", without_credentials(url).0))?;
        Ok(fetched)
    }

    /// The commit that is asked for by a tag, a branch or its name; without one, the newest of the default branch.
    pub fn target(&self, asked: Option<&str>) -> Result<String> {
        let Some(asked) = asked else { return self.commit_of(&format!("{REFS}/HEAD")).context("it has no commit") };
        let named = ["tags", "heads"].iter().find_map(|kind| self.commit_of(&format!("{REFS}/{kind}/{asked}")));
        let unknown = || format!("`{asked}` is no tag, branch or commit of `{}`", without_credentials(self.url).0);
        match named {
            Some(commit) => Ok(commit),
            None if is_commit_name(asked) => self.require(asked, "asked").with_context(unknown),
            None => bail!(unknown()),
        }
    }

    /// The commit that a project was made of.
    pub fn recorded(&self, commit: &str) -> Result<String> {
        self.require(commit, "recorded").with_context(|| {
            let url = without_credentials(self.url).0;
            format!(
                "`{url}` does not have the commit {} that this project was made of: say with `--from` where it is",
                short(commit)
            )
        })
    }

    pub fn distance(&self, old: &str, new: &str) -> Result<TemplateDistance> {
        if old == new {
            return Ok(TemplateDistance::Same);
        }
        let count = |range: String| -> Result<usize> {
            let count = self.git.ask(["rev-list", "--count", range.as_str()])?;
            count.trim().parse().context("git has counted no commits")
        };
        let is_related = self.git.ask_if_any(["merge-base", old, new]).is_some();
        let (behind, ahead) = (count(format!("{old}..{new}"))?, count(format!("{new}..{old}"))?);
        Ok(match (is_related, behind, ahead) {
            (false, ..) => TemplateDistance::Unrelated,
            (true, behind, 0) => TemplateDistance::Behind(behind),
            (true, 0, ahead) => TemplateDistance::Ahead(ahead),
            (true, behind, ahead) => TemplateDistance::Apart { behind, ahead },
        })
    }

    fn commit_of(&self, name: &str) -> Option<String> {
        self.git.ask_if_any(["rev-parse", "--verify", "--quiet", &format!("{name}^{{commit}}")])
    }

    /// A commit that no branch may lead to any more.
    fn require(&self, commit: &str, name: &str) -> Result<String> {
        ensure!(is_commit_name(commit), "`{commit}` is not the name of a commit");
        if let Some(found) = self.commit_of(commit) {
            return Ok(found);
        }
        let place = format!("{REFS}/{name}");
        self.fetch_refs(&[&format!("+{commit}:{place}")])?;
        self.commit_of(&place).context("it is no commit")
    }

    fn fetch_refs(&self, refs: &[&str]) -> Result<()> {
        let arguments = ["fetch", "--quiet", "--prune", "--no-tags", "--no-write-fetch-head"];
        let arguments = arguments.into_iter().chain(["--no-auto-maintenance", "--no-recurse-submodules", REMOTE]);
        let fetch = self.git.invocation(arguments.chain(refs.iter().copied()));
        self.git.query(&self.with_remote(fetch), "fetch").map(|_| ())
    }

    fn with_remote(&self, fetch: Invocation) -> Invocation {
        const COUNT: &str = "GIT_CONFIG_COUNT";
        let host = &self.git.cx.host;
        let set: u32 = host.get(COUNT).and_then(|it| it.parse().ok()).unwrap_or_default();
        let fetch = fetch.env(COUNT, (set + 1).to_string());
        let fetch = fetch.env(format!("GIT_CONFIG_KEY_{set}"), format!("remote.{REMOTE}.url"));
        let name = format!("GIT_CONFIG_VALUE_{set}");
        let fetch = match without_credentials(self.url) {
            (_, true) => fetch.secret_env(name, Secret::new(self.url)),
            (_, false) => fetch.env(name, self.url),
        };
        // Nobody could type a password.
        if self.git.cx.ui.is_interactive() { fetch } else { fetch.env("GIT_TERMINAL_PROMPT", "0") }
    }
}

/// Whether an address is a path: neither a URL nor, as in scp(1), `HOST:PATH`.
pub fn is_local_path(address: &str) -> bool {
    let host = address.split_once(':').map(|it| it.0);
    host.is_none_or(|it| it.contains('/'))
}

/// Whether a text has the form of a commit's name.
fn is_commit_name(text: &str) -> bool {
    (7..=64).contains(&text.len()) && text.bytes().all(|it| it.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_commit_has_a_name_of_hexadecimal_digits() {
        assert!(is_commit_name("c0ffee0") && is_commit_name(&"a".repeat(40)));
        for text in ["c0ffee", "v1.2.3", "--upload-pack=x", "HEAD~1"] {
            assert!(!is_commit_name(text), "{text}");
        }
    }

    #[test]
    fn a_path_is_no_address_of_another_machine() {
        for (address, expected) in [
            ("../template", true),
            ("/srv/a:b", true),
            ("./a:b", true),
            ("https://e.org/x", false),
            ("git@e.org:lab/x.git", false),
            ("file:///srv/x", false),
        ] {
            assert_eq!(is_local_path(address), expected, "{address}");
        }
    }
}
