//! What a line says once something more is asked of its package.

use std::borrow::Cow;

use specs::{
    conda::MatchSpec,
    python::{PipLine, normalised},
};

use super::entry_kind::{EntryKind, Parts};

impl EntryKind {
    /// The entry with what `asked` says of the same package: its versions, its marker or options, and its extras in addition.
    /// What `asked` says nothing of stays. `None` where that changes nothing.
    pub fn merged(&self, asked: &Self) -> Option<String> {
        match (self, asked) {
            (Self::Conda(old), Self::Conda(asked)) => merged_spec(old, asked),
            (Self::Pip(old), Self::Pip(asked)) => merged_requirement(old, asked),
            (Self::Conda(_), Self::Pip(_)) | (Self::Pip(_), Self::Conda(_)) => None,
        }
    }
}

fn merged_spec(old: &MatchSpec, asked: &MatchSpec) -> Option<String> {
    let says_nothing = asked.version.is_none() && asked.build.is_none() && asked.brackets.is_empty();
    if says_nothing && asked.channel.is_none() {
        return None;
    }
    let channel = old.text.split_once("::").filter(|_| asked.channel.is_none() && old.url.is_none());
    let text = match channel {
        Some((channel, _)) => format!("{channel}::{}", asked.text),
        None => asked.text.clone(),
    };
    // Another channel alone leaves the versions as they are.
    let text = match old.text.rsplit_once("::") {
        Some((_, rest)) if says_nothing => text.replace(&asked.name, rest),
        None if says_nothing => text.replace(&asked.name, &old.text),
        _ => text,
    };
    let is_same = MatchSpec::parse(&text).is_ok_and(|new| MatchSpec { text: old.text.clone(), ..new } == *old);
    (!is_same).then_some(text)
}

fn merged_requirement(old: &PipLine, asked: &PipLine) -> Option<String> {
    let (old_parts, asked_parts) = (Parts::of(old)?, Parts::of(asked)?);
    let chosen = |asked: &'_ str, old: &'_ str| if asked.trim().is_empty() { old.to_owned() } else { asked.to_owned() };
    let head = with_extras(old_parts.head, old, asked);
    let middle = chosen(asked_parts.middle, old_parts.middle);
    let tail = chosen(asked_parts.tail, old_parts.tail);
    // A `;` that follows closely would be part of a URL, and an address stands apart from the name.
    let before = if middle.starts_with('@') { " " } else { "" };
    let behind = if middle.starts_with('@') && tail.starts_with(';') { " " } else { "" };
    let text = format!("{head}{before}{middle}{behind}{tail}");
    let requirement = |line: &PipLine| match line {
        PipLine::Requirement { requirement, .. } => Some(requirement.clone()),
        _ => None,
    };
    let is_same = text == old.text()
        || (asked_parts.tail.trim() == old_parts.tail.trim()
            && PipLine::parse(&text).ok().as_ref().and_then(requirement) == requirement(old));
    (!is_same).then_some(text)
}

/// A name with its extras, and those that it has not yet.
fn with_extras<'a>(head: &'a str, old: &PipLine, asked: &PipLine) -> Cow<'a, str> {
    let extras = |line: &PipLine| match line {
        PipLine::Requirement { requirement, .. } => requirement.extras.clone(),
        _ => Vec::new(),
    };
    let old = extras(old);
    let is_new = |extra: &String| !old.iter().any(|it| normalised(it) == normalised(extra));
    let new: Vec<String> = extras(asked).into_iter().filter(is_new).collect();
    if new.is_empty() {
        return Cow::Borrowed(head);
    }
    let name = head.split('[').next().unwrap_or(head).trim_end();
    Cow::Owned(format!("{name}[{}]", [old, new].concat().join(",")))
}

#[cfg(test)]
mod tests {
    use super::super::PackageList;
    use super::*;

    fn merged(list: PackageList, old: &str, asked: &str) -> Option<String> {
        let read = |text| EntryKind::read(list, text).unwrap();
        read(old).merged(&read(asked))
    }

    #[test]
    fn what_is_asked_for_replaces_what_it_speaks_of_and_nothing_else() {
        for (old, asked, new) in [
            ("numpy", "numpy>=2", "numpy>=2"),
            ("NumPy>=1,<2", "numpy >= 2", "NumPy>= 2"),
            ("uvicorn[standard]>=0.30", "uvicorn[x]", "uvicorn[standard,x]>=0.30"),
            ("a >=1 ; os_name == 'posix'", "a==2", "a==2 ; os_name == 'posix'"),
            ("a>=1; os_name == 'posix'", "a; os_name == 'nt'", "a>=1; os_name == 'nt'"),
            ("a>=1", "a @ git+https://e.org/a.git", "a @ git+https://e.org/a.git"),
            ("a @ git+https://e.org/a.git ; os_name=='nt'", "a>=2", "a>=2 ; os_name=='nt'"),
            ("a;os_name=='nt'", "a@https://e.org/a.zip", "a @https://e.org/a.zip ;os_name=='nt'"),
        ] {
            let written = merged(PackageList::Pip, old, asked).unwrap();
            assert_eq!(written, new, "{old} + {asked}");
            assert_eq!(merged(PackageList::Pip, &written, asked), None, "asked twice: {written} + {asked}");
        }
        for (old, asked, new) in [
            ("numpy", "numpy>=2", "numpy>=2"),
            ("numpy =1.26", "numpy 2.*", "numpy 2.*"),
            ("conda-forge::numpy=1", "numpy=2", "conda-forge::numpy=2"),
            ("numpy=1", "lab::numpy", "lab::numpy=1"),
            ("lab::numpy=1", "conda-forge::numpy", "conda-forge::numpy=1"),
            ("numpy=1", "numpy=1=*mkl", "numpy=1=*mkl"),
        ] {
            let written = merged(PackageList::Conda, old, asked).unwrap();
            assert_eq!(written, new, "{old} + {asked}");
            assert_eq!(merged(PackageList::Conda, &written, asked), None, "asked twice: {written} + {asked}");
        }
    }

    #[test]
    fn what_is_there_already_changes_nothing() {
        for (old, asked) in [("NumPy>=2", "numpy"), ("a[x,y]>=1", "A[Y]"), ("a>=1,<2", "a >=1, <2"), ("a>=1", "a >= 1")]
        {
            assert_eq!(merged(PackageList::Pip, old, asked), None, "{old} + {asked}");
        }
        for (old, asked) in [("numpy >=2", "numpy"), ("numpy=2", "numpy = 2"), ("lab::numpy=2", "numpy=2")] {
            assert_eq!(merged(PackageList::Conda, old, asked), None, "{old} + {asked}");
        }
    }
}
