//! A check of the newest part of the trail, cheap enough for every look at it.

use formhold_domain::audit::{details_hash, entry_hash};
use formhold_store::AuditFilter;

use crate::{App, ServiceError};

/// How many of the newest entries are checked.
pub const RECENT: u64 = 500;

/// What a check of the newest entries found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recent {
    /// The first entry that was checked.
    pub first_sequence: u64,
    /// The last one that fits to the one before it.
    pub last_sequence: u64,
    /// Whether these are all entries that there are.
    pub is_all: bool,
    /// The first entry that does not fit to the one before it, or is missing.
    pub broken_at: Option<u64>,
    /// When it was checked.
    pub checked_at_ms: i64,
}

/// Checks the newest [`RECENT`] entries.
pub(super) async fn check_recent(app: &App) -> Result<Recent, ServiceError> {
    let found = look(app).await?;
    if found.broken_at.is_none() {
        return Ok(found);
    }
    // What retention removes while this is read looks like damage, once.
    look(app).await
}

async fn look(app: &App) -> Result<Recent, ServiceError> {
    // The end before and after: entries that are written meanwhile lie between the two.
    let before = app.store.audit_ends().await?;
    let mut rows = app.store.list_audit(&AuditFilter::default(), None, RECENT + 1).await?;
    let after = app.store.audit_ends().await?;
    rows.reverse();
    let checked_at_ms = app.clock.now_ms();
    let (Some(before), Some(after)) = (before, after) else {
        let broken_at = Some(1);
        return Ok(Recent {
            first_sequence: 1,
            last_sequence: 0,
            is_all: true,
            broken_at,
            checked_at_ms,
        });
    };
    // The oldest that was read is there to check the next one with, unless it is the first of all.
    let is_all = rows.len() as u64 <= RECENT;
    let ((mut last, mut hash), entries) = match rows.split_first() {
        Some((oldest, entries)) if !is_all => ((oldest.sequence, oldest.hash), entries),
        _ => ((after.removed_sequence, after.removed_hash), rows.as_slice()),
    };
    let first_sequence = last + 1;
    let mut is_whole = true;
    for row in entries {
        let is_noted_end = row.sequence == before.last_sequence;
        is_whole = row.sequence == last + 1
            && (row.details.is_none() || details_hash(row.details.as_deref()) == row.details_hash)
            && entry_hash(&hash, row) == row.hash
            && (!is_noted_end || row.hash == before.last_hash);
        if !is_whole {
            break;
        }
        (last, hash) = (row.sequence, row.hash);
    }
    let ends_well = (before.last_sequence..=after.last_sequence).contains(&last);
    let broken_at = (!is_whole || !ends_well).then_some(last + 1);
    Ok(Recent { first_sequence, last_sequence: last, is_all, broken_at, checked_at_ms })
}
