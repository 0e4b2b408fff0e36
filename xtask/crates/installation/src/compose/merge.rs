//! Merge keys: `<<: *other` and `<<: [*one, *two]`.

use std::collections::HashMap;
use std::ptr;

use report::yaml::{Node, Value};

/// How many merges may be within each other. What is deeper counts as missing: a chain of thousands must not take the
/// stack.
const MAX_DEPTH: usize = 32;

/// Looks keys up in mappings and in what is merged into them. Answers are kept, because every service may merge the same
/// long list.
#[derive(Debug, Default)]
pub struct Merged<'n> {
    known: HashMap<(*const Node, &'static str), Option<&'n Node>>,
}

impl<'n> Merged<'n> {
    /// The value of a key: the mapping's own, else that of the first merged mapping that has one.
    pub fn get(&mut self, node: &'n Node, key: &'static str) -> Option<&'n Node> {
        self.find(node, key, MAX_DEPTH)
    }

    fn find(&mut self, node: &'n Node, key: &'static str, depth_left: usize) -> Option<&'n Node> {
        let node = node.resolved();
        let lookup = (ptr::from_ref(node), key);
        if let Some(known) = self.known.get(&lookup) {
            return *known;
        }
        let depth_left = depth_left.checked_sub(1)?;
        let found = match &node.value {
            Value::Map(_) => node.get(key).or_else(|| self.find(node.get("<<")?, key, depth_left)),
            Value::List(merged) => merged.iter().find_map(|it| self.find(it, key, depth_left)),
            Value::Text(_) | Value::Alias(_) => None,
        };
        self.known.insert(lookup, found);
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use report::yaml;
    use report::{Findings, Source};

    fn find(text: &str, key: &'static str) -> Option<String> {
        let node = yaml::parse(&Source::new("f", text), &mut Findings::default()).unwrap();
        Merged::default().get(node.get("z").unwrap(), key).and_then(Node::text).map(str::to_owned)
    }

    #[test]
    fn the_own_value_goes_first_then_the_first_merged_one() {
        let text = "a: &a {k: 1, l: 1}\nb: &b {<<: *a, k: 2, m: 2}\nz: {<<: [*b, *a], m: 3}\n";
        assert_eq!(
            ["k", "l", "m", "n"].map(|it| find(text, it)),
            [Some("2"), Some("1"), Some("3"), None].map(|it| it.map(str::to_owned))
        );
    }

    #[test]
    fn merges_of_merges_take_neither_time_nor_the_stack() {
        let doubled: String = (1..31).map(|it| format!("a{it}: &a{it} {{<<: [*a{0}, *a{0}]}}\n", it - 1)).collect();
        assert_eq!(find(&format!("a0: &a0 {{x: 1}}\n{doubled}z: *a30\n"), "k"), None);
    }
}
