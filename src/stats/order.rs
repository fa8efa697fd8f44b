//! Sorting by a number, with one routine of a few lines for all kinds of items: each sort of the standard
//! library costs the page about 4 KB, and what is sorted here is short.

/// The items by rising key; equal keys keep their order.
///
/// ```
/// use lethe::stats::sorted_by_key;
/// let sorted = sorted_by_key(vec!["ccc", "a", "bb", "d"], |word| word.len() as f64);
/// assert_eq!(sorted, ["a", "d", "bb", "ccc"]);
/// ```
pub fn sorted_by_key<T>(items: Vec<T>, key: impl FnMut(&T) -> f64) -> Vec<T> {
    let keys: Vec<f64> = items.iter().map(key).collect();
    let mut items: Vec<Option<T>> = items.into_iter().map(Some).collect();
    order(&keys).into_iter().filter_map(|index| items[index].take()).collect()
}

/// The indices of the keys, by rising key.
pub(super) fn order(keys: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = Vec::with_capacity(keys.len());
    for (index, key) in keys.iter().enumerate() {
        order.insert(order.partition_point(|&before| keys[before].total_cmp(key).is_le()), index);
    }
    order
}
