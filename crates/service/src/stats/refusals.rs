//! Refused submissions, which no transaction stores: counted here and written now and then. A
//! process that is killed loses what it counted since.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use formhold_domain::FormId;

use super::HOUR_MS;
use crate::{App, ServiceError};

/// Forms and hours that are told apart between two writes; a flood of refusals is one number.
const MOST: usize = 10_000;

/// What was refused since the last write.
#[derive(Debug, Default)]
pub(crate) struct Refusals(Mutex<BTreeMap<(FormId, i64), u64>>);

impl Refusals {
    /// Counts one.
    pub(crate) fn add(&self, form_id: FormId, at_ms: i64) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (form_id, at_ms.div_euclid(HOUR_MS));
        if counts.len() < MOST || counts.contains_key(&key) {
            *counts.entry(key).or_default() += 1;
        }
    }

    fn take(&self) -> Vec<(FormId, i64, u64)> {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = std::mem::take(&mut *counts);
        taken.into_iter().map(|((form_id, hour), count)| (form_id, hour, count)).collect()
    }

    fn give_back(&self, taken: Vec<(FormId, i64, u64)>) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (form_id, hour, count) in taken {
            *counts.entry((form_id, hour)).or_default() += count;
        }
    }
}

/// Writes what was refused since the last time; gives how many.
///
/// # Errors
/// When the database fails; they are written the next time then.
pub async fn write_refusals(app: &App) -> Result<u64, ServiceError> {
    let taken = app.refusals.take();
    if taken.is_empty() {
        return Ok(0);
    }
    match app.store.add_refused(&taken).await {
        Ok(()) => Ok(taken.iter().map(|(.., count)| count).sum()),
        Err(error) => {
            app.refusals.give_back(taken);
            Err(error.into())
        }
    }
}
