//! Sorting by code that is compiled once.

use std::cmp::Ordering;

/// As `[T]::sort`.
pub fn sort<T: Ord>(items: &mut [T]) {
    sort_by(items, T::cmp);
}

/// As `[T]::sort_by`. That is some forty functions, compiled for each type of item: for forty of them they took a second of the
/// first build.
pub fn sort_by<T>(items: &mut [T], compare: impl Fn(&T, &T) -> Ordering) {
    let mut order = sorted_places(items.len(), &|one, other| compare(&items[one], &items[other]));
    for place in 0..items.len() {
        // What was at an earlier place has been swapped with what belongs there.
        let mut from = order[place];
        while from < place {
            from = order[from];
        }
        order[place] = from;
        items.swap(place, from);
    }
}

/// The place of the first item, then that of the second.
fn sorted_places(count: usize, compare: &dyn Fn(usize, usize) -> Ordering) -> Vec<usize> {
    let mut places: Vec<usize> = (0..count).collect();
    places.sort_by(|one, other| compare(*one, *other));
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_stable_sort_of_the_standard_library() {
        for count in 0..200_u64 {
            let items: Vec<(u64, u64)> = (0..count).map(|it| (it * 7919 % 13, it)).collect();
            let (mut sorted, mut expected) = (items.clone(), items);
            sort_by(&mut sorted, |one, other| one.0.cmp(&other.0));
            expected.sort_by_key(|it| it.0);
            assert_eq!(sorted, expected);
        }
    }

    #[test]
    fn the_last_one_of_many_may_belong_to_the_front() {
        let mut items: Vec<u32> = (1..200_000).chain([0]).collect();
        sort(&mut items);
        assert!(items.into_iter().eq(0..200_000));
    }
}
