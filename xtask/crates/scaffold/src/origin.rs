//! The repository that a project was made from.

use process::without_credentials;

/// A commit, and where it can be had again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateOrigin {
    pub commit: String,
    /// As git knows it, without user, password and token; `None` where git knows none.
    pub url: Option<String>,
}

impl TemplateOrigin {
    /// Of a clone whose remote `origin` has this address.
    pub fn new(commit: &str, url: Option<&str>) -> Self {
        let url = url.map(str::trim).filter(|it| !it.is_empty());
        Self { commit: commit.to_owned(), url: url.map(|it| without_credentials(it).0) }
    }

    /// The page of a file as this commit has it, on forges that have it where GitHub does; `None` where the repository is
    /// not on the web.
    pub fn page_of(&self, path: &str) -> Option<String> {
        let url = self.url.as_deref()?;
        let (host, repository) = match url.split_once("://") {
            Some(("https" | "http" | "ssh" | "git", rest)) => rest.split_once('/')?,
            Some(_) => return None,
            // As in scp(1). A path has its `/` in front of any `:`.
            None => url.split_once(':').filter(|(host, _)| !host.contains('/'))?,
        };
        let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
        let host = host.split_once(':').map_or(host, |(host, _)| host);
        let repository = repository.trim_matches('/').trim_end_matches(".git");
        let is_public = host.contains('.') && !repository.is_empty();
        is_public.then(|| format!("https://{host}/{repository}/blob/{}/{path}", self.commit))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repository_on_the_web_has_pages_and_another_one_has_none() {
        let page = |url: &str| TemplateOrigin::new("c0", Some(url)).page_of("docs/a.md");
        let expected = Some("https://e.org/lab/x/blob/c0/docs/a.md".to_owned());
        for url in [
            "https://e.org/lab/x.git",
            "https://me:secret@e.org/lab/x/",
            "ssh://git@e.org:22/lab/x.git",
            "git@e.org:lab/x.git\n",
        ] {
            assert_eq!(page(url), expected, "{url}");
        }
        for url in ["/home/me/x", "../x:y", "file:///home/me/x", "machine:x", ""] {
            assert_eq!(page(url), None, "{url}");
        }
    }

    #[test]
    fn passwords_and_tokens_are_not_kept() {
        let origin = TemplateOrigin::new("c0", Some("https://me:hunter2@e.org/lab/x.git"));
        assert!(!origin.url.unwrap().contains("hunter2"));
    }
}
