//! Collecting into maps and sets.

use std::collections::{BTreeMap, BTreeSet};

/// Pairs that become a map.
pub trait IntoMap<K, V>: Iterator<Item = (K, V)> + Sized {
    /// As `collect`. That sorts first, by code that is compiled for each kind of iterator: for some forty of them it took a second
    /// of the first build.
    fn into_map(self) -> BTreeMap<K, V>
    where
        K: Ord,
    {
        let mut map = BTreeMap::new();
        for (key, value) in self {
            map.insert(key, value);
        }
        map
    }
}

impl<K, V, I: Iterator<Item = (K, V)>> IntoMap<K, V> for I {}

/// Values that become a set.
pub trait IntoSet<T>: Iterator<Item = T> + Sized {
    /// As `collect`, for the reason of [`IntoMap::into_map`].
    fn into_set(self) -> BTreeSet<T>
    where
        T: Ord,
    {
        let mut set = BTreeSet::new();
        for value in self {
            set.insert(value);
        }
        set
    }
}

impl<T, I: Iterator<Item = T>> IntoSet<T> for I {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_two_pairs_with_one_key_the_last_counts() {
        let pairs = [("b", 1), ("a", 2), ("b", 3)];
        assert_eq!(pairs.into_iter().into_map(), pairs.into_iter().collect());
    }

    #[test]
    fn a_set_has_each_value_once() {
        assert_eq!(["b", "a", "b"].into_iter().into_set(), BTreeSet::from(["a", "b"]));
    }
}
