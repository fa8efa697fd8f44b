//! A map in one sorted list.
//!
//! For keys by the thousand a search in a list is as quick as one in the standard library's tree, and
//! each tree of another type would add 4 KB to the page.

/// Values by key, in the order of their keys.
///
/// ```
/// use lethe::sorted_map::SortedMap;
/// let mut map: SortedMap<u32, &str> = [(2, "b"), (1, "a")].into_iter().collect();
/// assert_eq!(map.get(&1), Some(&"a"));
/// assert_eq!(map.insert(2, "c"), Some("b"));
/// assert_eq!(map.pop_first(), Some((1, "a")));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct SortedMap<K, V>(Vec<(K, V)>);

impl<K, V> Default for SortedMap<K, V> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<K: Ord + Copy, V> SortedMap<K, V> {
    /// An empty map.
    pub fn new() -> Self {
        Self::default()
    }

    fn find(&self, key: &K) -> Result<usize, usize> {
        self.0.binary_search_by(|(own, _)| own.cmp(key))
    }

    /// The value of a key.
    pub fn get(&self, key: &K) -> Option<&V> {
        self.find(key).ok().map(|index| &self.0[index].1)
    }

    /// The value of a key, to be changed.
    pub fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        self.find(key).ok().map(|index| &mut self.0[index].1)
    }

    /// Whether a key has a value.
    pub fn contains_key(&self, key: &K) -> bool {
        self.find(key).is_ok()
    }

    /// The value of a key, made if it has none.
    pub fn get_or_insert_with(&mut self, key: K, make: impl FnOnce() -> V) -> &mut V {
        let index = self.find(&key).unwrap_or_else(|index| {
            self.0.insert(index, (key, make()));
            index
        });
        &mut self.0[index].1
    }

    /// Gives a key a value; the one that it had.
    pub fn insert(&mut self, key: K, value: V) -> Option<V> {
        match self.find(&key) {
            Ok(index) => Some(core::mem::replace(&mut self.0[index].1, value)),
            Err(index) => {
                self.0.insert(index, (key, value));
                None
            }
        }
    }

    /// Takes a key out; the value that it had.
    pub fn remove(&mut self, key: &K) -> Option<V> {
        self.find(key).ok().map(|index| self.0.remove(index).1)
    }

    /// Takes the first key out, with its value.
    pub fn pop_first(&mut self) -> Option<(K, V)> {
        (!self.0.is_empty()).then(|| self.0.remove(0))
    }

    /// The first key after one, or of all, with its value.
    pub fn after(&self, key: Option<&K>) -> Option<(&K, &V)> {
        let index = key.map_or(0, |key| self.find(key).map_or_else(|index| index, |index| index + 1));
        self.0.get(index).map(|(key, value)| (key, value))
    }

    /// Keeps what a test approves.
    pub fn retain(&mut self, mut keep: impl FnMut(&K, &V) -> bool) {
        self.0.retain(|(key, value)| keep(key, value));
    }

    /// Takes everything out.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many keys there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Keys with their values.
    pub fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.0.iter().map(|(key, value)| (key, value))
    }

    /// Keys with their values, to be changed.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (&K, &mut V)> {
        self.0.iter_mut().map(|(key, value)| (&*key, value))
    }

    /// All values.
    pub fn values(&self) -> impl Iterator<Item = &V> {
        self.0.iter().map(|(_, value)| value)
    }

    /// All values, to be changed.
    pub fn values_mut(&mut self) -> impl Iterator<Item = &mut V> {
        self.0.iter_mut().map(|(_, value)| value)
    }
}

impl<K: Ord + Copy, V> FromIterator<(K, V)> for SortedMap<K, V> {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(pairs: I) -> Self {
        let mut map = Self::new();
        for (key, value) in pairs {
            map.insert(key, value);
        }
        map
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::seed::Seed;

    #[test]
    fn it_does_what_the_standard_map_does() {
        let chance = &mut Seed::new(1).fork("maps").stream();
        let (mut own, mut standard) = (SortedMap::new(), BTreeMap::new());
        for _ in 0..20_000 {
            let (key, value) = (chance.below(60), chance.word());
            match chance.below(8) {
                0 | 1 => assert_eq!(own.insert(key, value), standard.insert(key, value)),
                2 => assert_eq!(own.remove(&key), standard.remove(&key)),
                3 => assert_eq!(own.get_or_insert_with(key, || value), standard.entry(key).or_insert(value)),
                4 if key == 0 => assert_eq!(own.pop_first(), standard.pop_first()),
                5 if key == 0 => {
                    own.retain(|k, _| k % 3 > 0);
                    standard.retain(|k, _| k % 3 > 0);
                }
                6 => assert_eq!(own.after(Some(&key)), standard.range(key + 1..).next()),
                _ => assert_eq!(
                    (own.get_mut(&key).copied(), own.contains_key(&key)),
                    (standard.get_mut(&key).copied(), standard.contains_key(&key))
                ),
            }
            assert_eq!((own.len(), own.is_empty()), (standard.len(), standard.is_empty()));
        }
        assert!(own.iter().eq(standard.iter()));
        assert!(own.values().eq(standard.values()));
        assert_eq!(own.after(None), standard.iter().next());
    }
}
