//! A table that only grows, and only to its bound, read and filled without a lock.

use std::{
    collections::hash_map::RandomState,
    hash::{BuildHasher as _, Hash},
    sync::OnceLock,
};

/// As many values as it has places, each found by its key. A key that is in stays in.
#[derive(Debug)]
pub struct Slots<T> {
    places: Box<[OnceLock<T>]>,
    hashing: RandomState,
}

impl<T> Slots<T> {
    /// An empty table of so many places.
    #[must_use]
    pub fn new(places: usize) -> Self {
        let places = (0..places).map(|_| OnceLock::new()).collect();
        Self { places, hashing: RandomState::new() }
    }

    /// The value that `is` the key's, made if it is new; none when the table is full.
    pub fn get_or_make<K: Hash + ?Sized>(
        &self,
        key: &K,
        is: impl Fn(&T) -> bool,
        make: impl Fn() -> T,
    ) -> Option<&T> {
        let count = self.places.len();
        let hash = self.hashing.hash_one(key);
        let first = usize::try_from(hash % count.max(1) as u64).unwrap_or(0);
        // Keys never leave, so a key stands before the first empty place behind its own.
        (0..count)
            .map(|step| self.places[(first + step) % count].get_or_init(&make))
            .find(|value| is(value))
    }

    /// All values, in no order.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.places.iter().filter_map(OnceLock::get)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_key_has_one_place_and_a_full_table_takes_no_more() {
        let slots = Slots::new(8);
        let find = |key: u32| slots.get_or_make(&key, |held| *held == key, || key).copied();
        for _ in 0..2 {
            for key in 0..8 {
                assert_eq!(find(key), Some(key));
            }
        }
        assert_eq!(find(8), None);
        assert_eq!(slots.iter().count(), 8);
    }
}
