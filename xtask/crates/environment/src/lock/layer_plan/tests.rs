//! What holds for every cut, and what 500 edits of real lists cost.

use proptest::collection::{btree_map, btree_set, vec};
use proptest::prelude::*;

use super::*;

const TORCH: &str = include_str!("../../../tests/data/layers/torch.txt");
const ADDITIONS: &str = include_str!("../../../tests/data/layers/additions.txt");

fn read(list: &str) -> Vec<(LockedName, u64)> {
    let entry = |line: &str| {
        let (name, size) = line.split_once(' ').unwrap();
        (LockedName::Pip(name.to_owned()), size.parse().unwrap())
    };
    list.lines().map(entry).collect()
}

fn packages(sizes: &PackageSizes) -> PackagesToLayer {
    let base = sizes.keys().filter_map(|it| match it {
        LockedName::Conda(name) if name.starts_with("base") => Some(name.clone()),
        _ => None,
    });
    PackagesToLayer {
        base: base.collect(),
        sizes: sizes.iter().map(|(name, size)| (name.clone(), Some(*size))).collect(),
    }
}

fn plan(sizes: &PackageSizes, before: Option<&LayerPlan>) -> LayerPlan {
    LayerPlan::new(&packages(sizes), before)
}

/// The layers that are not in the plan before, with those that lie on them: these are copied again.
fn changed<'a>(before: &LayerPlan, after: &'a LayerPlan) -> &'a [PackageSizes] {
    let same = before.layers.iter().zip(&after.layers).take_while(|(before, after)| before == after).count();
    &after.layers[same..]
}

fn weigh(layers: &[PackageSizes]) -> u64 {
    layers.iter().map(weight).sum()
}

fn names() -> impl Strategy<Value = LockedName> {
    let conda = (0..30u8).prop_map(|it| LockedName::Conda(format!("c{it}")));
    let base = (0..4u8).prop_map(|it| LockedName::Conda(format!("base{it}")));
    prop_oneof![conda, base, (0..60u8).prop_map(|it| LockedName::Pip(format!("p{it}")))]
}

fn lists() -> impl Strategy<Value = PackageSizes> {
    let size = prop_oneof![1..10_000_000u64, 1..2_000_000_000u64];
    btree_map(names(), size, 0..40)
}

proptest! {
    #[test]
    fn every_package_is_in_exactly_one_place(history in vec(lists(), 1..6)) {
        let mut before: Option<LayerPlan> = None;
        for list in history {
            let after = plan(&list, before.as_ref());
            let mut all: Vec<_> = after.layers.iter().chain([&after.base]).flatten().collect();
            all.sort();
            prop_assert_eq!(all, list.iter().collect::<Vec<_>>());
            prop_assert!(after.layers.len() <= LayerPlan::MAX_LAYERS);
            prop_assert!(after.layers.iter().all(|it| !it.is_empty()));
            prop_assert!(after.base.keys().all(|it| it.to_string().starts_with("conda base")));
            before = Some(after);
        }
    }

    #[test]
    fn the_same_packages_keep_their_plan(first in lists(), second in lists()) {
        let before = plan(&second, Some(&plan(&first, None)));
        prop_assert_eq!(&plan(&second, Some(&before)), &before);
        prop_assert_eq!(plan(&second, None), plan(&second, None));
    }

    #[test]
    fn one_package_more_changes_the_last_layers_alone(list in lists(), more in lists(), name in "[a-z]{9}", size in 1..1_000_000u64) {
        let before = plan(&more, Some(&plan(&list, None)));
        let mut added = more.clone();
        added.insert(LockedName::Pip(name.clone()), size);
        let after = plan(&added, Some(&before));
        prop_assert_eq!(&after.base, &before.base);
        // The new one alone, or one layer that took in the last ones.
        prop_assert!(changed(&before, &after).len() == 1);
        prop_assert!(changed(&before, &after)[0].contains_key(&LockedName::Pip(name)));
    }

    #[test]
    fn one_package_less_changes_its_own_layer_alone(list in lists(), gone in any::<prop::sample::Index>()) {
        prop_assume!(!list.is_empty());
        let before = plan(&list, None);
        let mut fewer = list.clone();
        let name = gone.get(&list.keys().collect::<Vec<_>>()).to_owned().clone();
        fewer.remove(&name);
        let after = plan(&fewer, Some(&before));
        let kept: Vec<_> = before.layers.iter().filter(|it| !it.contains_key(&name)).collect();
        prop_assert!(kept.iter().all(|it| after.layers.contains(it)));
    }

    #[test]
    fn an_unknown_size_is_that_of_before(list in lists(), unknown in btree_set(names(), 0..20)) {
        let before = plan(&list, None);
        let mut again = packages(&list);
        again.sizes.iter_mut().filter(|(name, _)| unknown.contains(name)).for_each(|(_, size)| *size = None);
        prop_assert_eq!(LayerPlan::new(&again, Some(&before)), before);
    }
}

#[test]
fn a_first_plan_has_the_large_ones_below_and_the_small_ones_together() {
    let after = plan(&read(TORCH).into_iter().collect(), None);
    let firsts: Vec<String> = after.layers.iter().map(|it| it.keys().next().unwrap().to_string()).collect();
    assert_eq!(after.layers.len(), 4, "{firsts:?}");
    assert!(after.layers[..3].iter().flatten().all(|(_, size)| *size >= LayerPlan::LARGE), "{firsts:?}");
    assert!(after.layers[3].values().all(|size| *size < LayerPlan::LARGE));
    assert!(after.layers[0].contains_key(&LockedName::Pip("torch".to_owned())));
}

/// Bytes that are made or copied again, for each byte that 500 edits add: 3.9 for a list that was empty and 5.2 for one with
/// torch, where one layer for everything takes 249 and 698. The logarithm of 500 is 9.
#[test]
fn five_hundred_edits_cost_some_times_what_they_add() {
    let additions = read(ADDITIONS);
    for start in [Vec::new(), read(TORCH)] {
        let mut list: PackageSizes = start.into_iter().collect();
        let mut before = plan(&list, None);
        let (mut added, mut made, mut in_one_layer) = (0, 0, 0);
        for edit in 0..500 {
            let (name, size) = &additions[edit * 7 % additions.len()];
            let LockedName::Pip(name) = name else { continue };
            list.insert(LockedName::Pip(format!("{name}-{edit}")), *size);
            let after = plan(&list, Some(&before));
            added += size;
            made += weigh(changed(&before, &after));
            in_one_layer += list.values().sum::<u64>();
            before = after;
        }
        let per_byte = made / added;
        assert!(per_byte <= 9, "log2(500) is 9, and it was {per_byte}");
        assert!(per_byte * 20 < in_one_layer / added);
    }
}
