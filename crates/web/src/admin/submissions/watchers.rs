//! How many pages are told what comes, so that open pages never take all connections.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use formhold_domain::UserId;

/// Pages of one user.
const OF_ONE: usize = 16;
/// Pages of all on this node.
const OF_ALL: usize = 500;

/// Who watches now.
#[derive(Debug, Default)]
pub(crate) struct Watchers(Mutex<HashMap<UserId, usize>>);

/// A place among them, until it is dropped.
#[derive(Debug)]
pub(super) struct Place {
    watchers: Arc<Watchers>,
    user_id: UserId,
}

impl Watchers {
    /// A place for this user, where there is one.
    pub(super) fn enter(self: &Arc<Self>, user_id: UserId) -> Option<Place> {
        let mut now = self.now();
        let own = now.get(&user_id).copied().unwrap_or(0);
        if own >= OF_ONE || now.values().sum::<usize>() >= OF_ALL {
            return None;
        }
        now.insert(user_id, own + 1);
        Some(Place { watchers: Arc::clone(self), user_id })
    }

    fn now(&self) -> MutexGuard<'_, HashMap<UserId, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut now = self.watchers.now();
        match now.get_mut(&self.user_id) {
            Some(own) if *own > 1 => *own -= 1,
            _ => {
                now.remove(&self.user_id);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_takes_all_places_and_each_is_given_back() {
        let watchers = Arc::new(Watchers::default());
        let user = |number: u32| -> UserId {
            format!("0190f000-0000-7000-8000-{number:012x}").parse().expect("an id")
        };
        let own: Vec<_> = (0..OF_ONE).map(|_| watchers.enter(user(1)).expect("a place")).collect();
        assert!(watchers.enter(user(1)).is_none());
        let other = watchers.enter(user(2)).expect("a place for somebody else");
        drop((own, other));
        assert!(watchers.now().is_empty());
        let all: Vec<_> = (0..2_000).filter_map(|number| watchers.enter(user(number))).collect();
        assert_eq!(all.len(), OF_ALL);
    }
}
