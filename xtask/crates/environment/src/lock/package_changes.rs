//! What has to be done to an environment of one `pylock.toml`, so that it becomes that of another.

use super::Pylock;

/// The distributions that differ, by normalised name, sorted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DistributionChanges {
    pub added: Vec<String>,
    pub removed: Vec<String>,
    /// Of another version, or from other files.
    pub replaced: Vec<String>,
}

impl Pylock {
    pub fn changes_to(&self, new: &Self) -> DistributionChanges {
        let mut changes = DistributionChanges::default();
        for (name, package) in &new.packages {
            match self.packages.get(name) {
                None => changes.added.push(name.clone()),
                Some(before) if before != package => changes.replaced.push(name.clone()),
                Some(_) => {}
            }
        }
        changes.removed.extend(self.packages.keys().filter(|it| !new.packages.contains_key(*it)).cloned());
        changes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pylock(packages: &[(&str, &str)]) -> Pylock {
        let mut text = "lock-version = \"1.0\"\n".to_owned();
        for (name, digest) in packages {
            text += &format!(
                "[[packages]]\nname = \"{name}\"\nversion = \"1\"\n\
                 wheels = [{{ url = \"https://e.org/{name}.whl\", hashes = {{ sha256 = \"{digest}\" }} }}]\n"
            );
        }
        Pylock::parse(&text).unwrap()
    }

    #[test]
    fn another_file_of_the_same_version_is_another_package() {
        let old = pylock(&[("a", "00"), ("b", "00"), ("c", "00")]);
        let new = pylock(&[("b", "11"), ("c", "00"), ("d", "00")]);
        let expected =
            DistributionChanges { added: vec!["d".into()], removed: vec!["a".into()], replaced: vec!["b".into()] };
        assert_eq!(old.changes_to(&new), expected);
        assert_eq!(old.changes_to(&old), DistributionChanges::default());
    }
}
