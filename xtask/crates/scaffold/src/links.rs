//! Links of Markdown pages to files that are not for projects.

use std::collections::BTreeSet;

use camino::{Utf8Path, Utf8PathBuf};

/// The page with every link to a file that is gone replaced: by one to where `page_of` finds it, or by its text alone.
pub fn without_dead_links(
    page: &Utf8Path,
    text: &str,
    is_there: &dyn Fn(&Utf8Path) -> bool,
    page_of: &dyn Fn(&str) -> Option<String>,
) -> String {
    let mut living = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("](") {
        let (before, behind) = (&rest[..at], &rest[at + 2..]);
        let target = behind.find([')', '\n']).filter(|end| behind[*end..].starts_with(')')).map(|end| &behind[..end]);
        let dead = target.and_then(|it| resolve(page, it).filter(|path| !is_there(path)).map(|path| (it, path)));
        let (Some((target, path)), Some(open)) = (dead, before.rfind('[')) else {
            living += &rest[..at + 2];
            rest = behind;
            continue;
        };
        let label = &before[open + 1..];
        let anchor = target.split_once('#').map(|(_, anchor)| format!("#{anchor}")).unwrap_or_default();
        living += &before[..open];
        match page_of(path.as_str()) {
            Some(url) => living += &format!("[{label}]({url}{anchor})"),
            None => living += label,
        }
        rest = &behind[target.len() + 1..];
    }
    living + rest
}

/// Whether a path is a file or a folder of these.
pub fn is_among(files: &BTreeSet<&Utf8Path>, path: &Utf8Path) -> bool {
    path.as_str().is_empty() || files.iter().any(|it| it.starts_with(path))
}

/// The path that a relative link on a page means, from the top of the repository; `None` for one to another site, to the page
/// itself or out of the repository.
fn resolve(page: &Utf8Path, target: &str) -> Option<Utf8PathBuf> {
    let target = target.split('#').next().unwrap_or_default();
    if target.is_empty() || target.contains(':') {
        return None;
    }
    let mut parts: Vec<&str> = page.parent().map(Utf8Path::as_str).unwrap_or_default().split('/').collect();
    parts.retain(|it| !it.is_empty());
    for part in target.split('/').filter(|it| !matches!(*it, "" | ".")) {
        match part {
            ".." => _ = parts.pop()?,
            name => parts.push(name),
        }
    }
    Some(parts.join("/").into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn living(text: &str, has_pages: bool) -> String {
        let files = BTreeSet::from(["docs/a.md", "data/x"].map(Utf8Path::new));
        let page_of = |path: &str| has_pages.then(|| format!("https://e.org/{path}"));
        without_dead_links("docs/a.md".into(), text, &|it| is_among(&files, it), &page_of)
    }

    #[test]
    fn a_link_to_what_is_gone_leads_to_its_origin_or_is_text() {
        let text = "[one](b.md#x), [a `b`](../docs/b.md) and [two](../bench/)\n";
        let expected =
            "[one](https://e.org/docs/b.md#x), [a `b`](https://e.org/docs/b.md) and [two](https://e.org/bench)\n";
        assert_eq!(living(text, true), expected);
        assert_eq!(living(text, false), "one, a `b` and two\n");
    }

    #[test]
    fn every_other_link_stays() {
        let text = "[here](#x) [self](a.md) [folder](../data) [site](https://e.org/x) [mail](mailto:a@e.org) [no](b.md\n[up](../../y)\n";
        assert_eq!(living(text, true), text);
    }
}
