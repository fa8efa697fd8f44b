//! Sorting of numbers, and by a number, with routines of a few lines for all kinds of items: each sort of the
//! standard library costs the page about 4 KB.

/// The numbers by rising size, in the order of `f64::total_cmp`: runs of one, two, four and so on are merged.
///
/// ```
/// use lethe::stats::sorted;
/// assert_eq!(sorted(vec![3.0, -1.0, 2.0, f64::INFINITY, 0.0]), [-1.0, 0.0, 2.0, 3.0, f64::INFINITY]);
/// ```
pub fn sorted(mut values: Vec<f64>) -> Vec<f64> {
    let mut merged = Vec::with_capacity(values.len());
    let mut run = 1;
    while run < values.len() {
        for pair in values.chunks(2 * run) {
            let (mut one, mut other) = pair.split_at(run.min(pair.len()));
            while let ([first, later @ ..], [second, rest @ ..]) = (one, other) {
                if first.total_cmp(second).is_le() {
                    merged.push(*first);
                    one = later;
                } else {
                    merged.push(*second);
                    other = rest;
                }
            }
            merged.extend_from_slice(one);
            merged.extend_from_slice(other);
        }
        core::mem::swap(&mut values, &mut merged);
        merged.clear();
        run *= 2;
    }
    values
}

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seed::Seed;

    #[test]
    fn numbers_are_sorted_as_the_standard_library_sorts_them() {
        let stream = &mut Seed::new(1).fork("sorting").stream();
        for length in 0..200 {
            // Few different numbers, zeros of both signs, infinities and what is no number.
            let mut number = || match stream.below(4) {
                0 => f64::from(stream.below(5)) - 2.0,
                1 => [0.0, -0.0, f64::INFINITY, f64::NEG_INFINITY, f64::NAN, -f64::NAN][stream.below(6) as usize],
                _ => f64::from_bits(u64::from(stream.word()) << 32 | u64::from(stream.word())),
            };
            let values: Vec<f64> = (0..length).map(|_| number()).collect();
            let mut standard = values.clone();
            standard.sort_by(f64::total_cmp);
            let bits = |values: Vec<f64>| values.into_iter().map(f64::to_bits).collect::<Vec<_>>();
            assert_eq!(bits(sorted(values)), bits(standard));
        }
    }
}
