//! How many jobs of which lane may run: a receiver that hangs must not use up what others need.

use std::collections::{HashMap, HashSet};

/// What runs on this node, by lane.
pub(crate) struct Lanes {
    concurrency: usize,
    per_lane: usize,
    running: HashMap<String, usize>,
    total: usize,
    /// Lanes whose last try took all the time that it had.
    slow: HashSet<String>,
}

/// More slow lanes than a node could be at.
const MOST_SLOW: usize = 10_000;

impl Lanes {
    pub(crate) fn new(concurrency: usize, per_lane: usize) -> Self {
        let (running, slow) = (HashMap::new(), HashSet::new());
        Self { concurrency, per_lane, running, total: 0, slow }
    }

    pub(crate) fn begin(&mut self, lane: &str) {
        *self.running.entry(lane.to_owned()).or_default() += 1;
        self.total += 1;
    }

    pub(crate) fn end(&mut self, lane: &str, was_slow: bool) {
        self.total = self.total.saturating_sub(1);
        if let Some(count) = self.running.get_mut(lane) {
            *count -= 1;
            if *count == 0 {
                self.running.remove(lane);
            }
        }
        if !was_slow {
            self.slow.remove(lane);
        } else if self.slow.len() < MOST_SLOW {
            self.slow.insert(lane.to_owned());
        }
    }

    /// Half of all places goes to whoever comes; the other half at one place a lane, so that a lane
    /// that comes late finds one.
    fn half(&self) -> usize {
        self.concurrency.div_ceil(2)
    }

    /// How many jobs may begin now, before this is asked again.
    pub(crate) fn free(&self) -> usize {
        let most = if self.total < self.half() { self.half() } else { self.concurrency };
        most - self.total.min(most)
    }

    /// How many of them in this lane.
    pub(crate) fn room(&self, lane: &str) -> usize {
        let running = self.running.get(lane).copied().unwrap_or(0);
        let most = if self.slow.contains(lane) {
            usize::from(self.slow_running() < self.half())
        } else if self.total < self.half() {
            self.per_lane
        } else {
            1
        };
        most.saturating_sub(running)
    }

    fn slow_running(&self) -> usize {
        self.slow.iter().filter_map(|lane| self.running.get(lane)).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::Lanes;

    /// Fills the lanes as a worker does; gives how many of each run.
    fn fill(lanes: &mut Lanes, names: &[String]) -> Vec<usize> {
        loop {
            let mut begun = 0;
            let mut free = lanes.free();
            let rooms: Vec<usize> = names.iter().map(|name| lanes.room(name)).collect();
            for (name, room) in names.iter().zip(rooms) {
                for _ in 0..room.min(free) {
                    lanes.begin(name);
                    begun += 1;
                    free -= 1;
                }
            }
            if begun == 0 {
                let count = |name| lanes.running.get(name).copied().unwrap_or(0);
                return names.iter().map(count).collect();
            }
        }
    }

    fn names(count: usize) -> Vec<String> {
        (0..count).map(|number| format!("host/{number}")).collect()
    }

    #[test]
    fn fifty_receivers_that_hang_leave_places_for_others() {
        let mut lanes = Lanes::new(128, 4);
        let running = fill(&mut lanes, &names(50));
        assert!(running.iter().all(|count| (1..=4).contains(count)), "{running:?}");
        assert!(lanes.free() >= 20, "{}", lanes.free());
        assert_eq!(lanes.room("healthy"), 1);
    }

    #[test]
    fn those_known_to_hang_never_get_more_than_half() {
        let mut lanes = Lanes::new(128, 4);
        let hanging = names(500);
        for name in &hanging {
            lanes.begin(name);
            lanes.end(name, true);
        }
        assert_eq!(fill(&mut lanes, &hanging[..63]).iter().sum::<usize>(), 63, "one each");
        assert_eq!(fill(&mut lanes, &hanging).iter().sum::<usize>(), 64);
        assert_eq!(lanes.room("healthy"), 1);
        lanes.end("host/0", false);
        assert_eq!(lanes.room("host/0"), 4, "one that answers again is as good as any");
    }

    #[test]
    fn a_lane_alone_gets_its_bound_and_no_more() {
        let mut lanes = Lanes::new(128, 4);
        assert_eq!(fill(&mut lanes, &names(1)), [4]);
        assert_eq!(lanes.room("host/0"), 0);
    }
}
