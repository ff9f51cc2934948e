//! The levels in force, changeable while the program runs.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use formhold_domain::Clock;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::{Registry, filter::Targets, reload};

use super::levels::{LevelChange, Levels};

/// Changes levels and takes the changes back when their time is over.
pub(super) struct LevelControl {
    levels: Mutex<Levels>,
    filter: reload::Handle<Targets, Registry>,
    clock: Arc<dyn Clock>,
}

impl LevelControl {
    pub(super) fn new(
        set: Targets,
        filter: reload::Handle<Targets, Registry>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { levels: Mutex::new(Levels::new(set)), filter, clock }
    }

    pub(super) fn change(
        &self,
        target: Option<&str>,
        level: LevelFilter,
        lasts: Duration,
    ) -> Result<(), String> {
        let until = self.clock.monotonic().saturating_add(lasts);
        let mut levels = self.levels();
        levels.change(LevelChange { target: target.map(str::to_owned), level, until })?;
        self.apply(&levels);
        Ok(())
    }

    pub(super) fn take_back(&self, target: Option<&str>) -> bool {
        let mut levels = self.levels();
        let taken = levels.take_back(target);
        if taken {
            self.apply(&levels);
        }
        taken
    }

    pub(super) fn changes(&self) -> Vec<LevelChange> {
        self.expire();
        self.levels().changes()
    }

    /// Takes back what has ended, and says after how long something ends next.
    pub(super) fn expire(&self) -> Option<Duration> {
        let now = self.clock.monotonic();
        let mut levels = self.levels();
        if levels.expire(now) {
            self.apply(&levels);
        }
        levels.next_end().map(|end| end.saturating_sub(now))
    }

    fn apply(&self, levels: &Levels) {
        // Fails only when there is no subscriber any more.
        let _ = self.filter.reload(levels.in_force());
    }

    fn levels(&self) -> MutexGuard<'_, Levels> {
        self.levels.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
