//! Collecting pairs into a map.

use std::collections::BTreeMap;

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_two_pairs_with_one_key_the_last_counts() {
        let pairs = [("b", 1), ("a", 2), ("b", 3)];
        assert_eq!(pairs.into_iter().into_map(), pairs.into_iter().collect());
    }
}
