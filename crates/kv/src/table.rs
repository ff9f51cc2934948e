//! A table of fixed size that every key finds a place in: what the nodes keep of each client.
//!
//! A key may lie in eight places. When all eight are taken by keys that still matter, the newcomer
//! takes the place of the one that would be free first. So memory is bounded, each operation looks
//! at eight places at most, and nothing has to be swept.

use std::{
    hash::{BuildHasher as _, RandomState},
    sync::{Mutex, MutexGuard, PoisonError},
};

// Room for 131,072 keys of 24 bytes.
const SHARDS: usize = 64;
const SETS: usize = 256;
const WAYS: usize = 8;

/// Hash, until when it matters, what it holds. All zero is a free place; and zeroed memory is not
/// even fetched from the system before it is touched.
type Cell = [u64; 3];

/// What is kept of a key.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Place {
    /// When it may be forgotten, in microseconds of the monotonic clock.
    pub(crate) until_us: u64,
    /// What it holds; each user of a table has its own meaning.
    pub(crate) value: u64,
}

/// Who had the place before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Before {
    /// The same key.
    Same,
    /// Nobody that matters.
    Nobody,
    /// Another key, which still mattered: the table is crowded.
    Other(Place),
}

pub(crate) struct Table {
    // Keyed at random for each process, so that nobody can choose keys that meet in one place.
    hasher: RandomState,
    shards: Box<[Mutex<Vec<Cell>>]>,
}

impl Table {
    pub(crate) fn new() -> Self {
        let shard = || Mutex::new(vec![[0; 3]; SETS * WAYS]);
        Self { hasher: RandomState::new(), shards: (0..SHARDS).map(|_| shard()).collect() }
    }

    /// Finds or makes the place of a key, and lets `change` read and write it.
    pub(crate) fn with<T>(
        &self,
        scope: &str,
        key: &str,
        now_us: u64,
        change: impl FnOnce(&mut Place, Before) -> T,
    ) -> T {
        let hash = self.hash(scope, key);
        let mut shard = self.shard(hash);
        let set = set_of(&mut shard, hash);
        let found = set.iter().position(|cell| cell[0] == hash);
        // Places that do not matter any more all count as zero, so the first of the smallest is a
        // free one where there is a free one.
        let rank = |cell: &Cell| if cell[1] <= now_us { 0 } else { cell[1] };
        let at = found
            .or_else(|| (0..WAYS).min_by_key(|at| rank(&set[*at])))
            .expect("there are eight places");
        let old = Place { until_us: set[at][1], value: set[at][2] };
        let (mut place, before) = match found {
            Some(_) => (old, Before::Same),
            None if old.until_us <= now_us => (Place::default(), Before::Nobody),
            None => (Place::default(), Before::Other(old)),
        };
        let result = change(&mut place, before);
        set[at] = [hash, place.until_us, place.value];
        result
    }

    /// What is kept of a key, if anything.
    pub(crate) fn get(&self, scope: &str, key: &str) -> Option<Place> {
        let hash = self.hash(scope, key);
        let mut shard = self.shard(hash);
        let cell = set_of(&mut shard, hash).iter().find(|cell| cell[0] == hash)?;
        Some(Place { until_us: cell[1], value: cell[2] })
    }

    fn hash(&self, scope: &str, key: &str) -> u64 {
        // Zero marks a free place.
        self.hasher.hash_one((scope, key)).max(1)
    }

    fn shard(&self, hash: u64) -> MutexGuard<'_, Vec<Cell>> {
        let shard = usize::try_from(hash >> 58).unwrap_or(0) % SHARDS;
        // A panic elsewhere leaves numbers behind that are whole.
        self.shards[shard].lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn set_of(shard: &mut [Cell], hash: u64) -> &mut [Cell] {
    let set = usize::try_from(hash & 0xffff_ffff).unwrap_or(0) % SETS;
    &mut shard[set * WAYS..(set + 1) * WAYS]
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLACES: usize = SHARDS * SETS * WAYS;

    fn put(table: &Table, key: &str, until_us: u64, value: u64) -> Before {
        table.with("test", key, 10, |place, before| {
            *place = Place { until_us, value };
            before
        })
    }

    #[test]
    fn a_key_finds_what_it_left() {
        let table = Table::new();
        assert_eq!(put(&table, "a", 20, 7), Before::Nobody);
        assert_eq!(table.get("test", "a"), Some(Place { until_us: 20, value: 7 }));
        assert_eq!(table.get("other", "a"), None);
        assert_eq!(put(&table, "a", 30, 8), Before::Same);
    }

    #[test]
    fn a_crowd_pushes_out_what_would_be_free_first_and_the_table_does_not_grow() {
        let table = Table::new();
        for number in 0..1_000 {
            put(&table, &format!("heavy {number}"), 1_000_000, number);
        }
        for number in 0..4 * PLACES {
            put(&table, &format!("light {number}"), 500, 0);
        }
        let kept = (0..1_000).filter(|n| table.get("test", &format!("heavy {n}")).is_some());
        assert_eq!(kept.count(), 1_000, "what is used most stays");
        let bytes: usize = table.shards.iter().map(|s| s.lock().unwrap().capacity() * 24).sum();
        assert_eq!(bytes, PLACES * 24);
    }

    #[test]
    fn places_that_do_not_matter_any_more_are_taken_first() {
        let table = Table::new();
        for number in 0..4 * PLACES {
            put(&table, &format!("old {number}"), 10, 0);
        }
        assert_eq!(put(&table, "new", 20, 1), Before::Nobody);
    }
}
