//! The audit trail: reading it, checking it, keeping it short.

mod export;
mod recent;
mod settings;
mod view;

use std::fmt;

pub use export::{AuditFile, FORMATS, export_audit};
pub use recent::{RECENT, Recent};
pub use settings::note_settings;
pub use view::{AuditView, view_audit};

use formhold_domain::{
    access::{Action, Caller},
    audit::{AuditAction, AuditEntry, AuditHash, AuditRow, START, details_hash, entry_hash},
};
pub use formhold_store::AuditFilter;
use formhold_store::Claim;
use serde_json::json;

use crate::{App, ServiceError, access::require};

const PAGE: u64 = 1_000;
/// Findings beyond these say nothing new.
const MOST_FINDINGS: usize = 100;

/// Up to `limit` entries, newest first, before the number `before`. Who asks for those of one
/// workspace needs only the rights of its owner.
///
/// # Errors
/// When the caller may not, or the database fails.
pub async fn list_audit(
    app: &App,
    caller: &Caller,
    filter: &AuditFilter,
    before: Option<u64>,
    limit: u64,
) -> Result<Vec<AuditRow>, ServiceError> {
    match filter.workspace_id {
        Some(id) => require(caller, Action::SeeWorkspaceAudit, Some(id))?,
        None => require(caller, Action::SeeAudit, None)?,
    }
    Ok(app.store.list_audit(filter, before, limit).await?)
}

/// A place in the trail that somebody noted: `NUMBER:HASH`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Anchor {
    /// The entry's number.
    pub sequence: u64,
    /// Its hash.
    pub hash: AuditHash,
}

impl Anchor {
    /// Reads what [`Anchor`] writes.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (sequence, digits) = text.trim().split_once(':')?;
        if digits.len() != 64 || !digits.is_ascii() {
            return None;
        }
        let mut hash = START;
        for (byte, at) in hash.iter_mut().zip((0..64).step_by(2)) {
            *byte = u8::from_str_radix(&digits[at..at + 2], 16).ok()?;
        }
        Some(Self { sequence: sequence.parse().ok()?, hash })
    }
}

impl fmt::Display for Anchor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.sequence)?;
        self.hash.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// What a check of the trail found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// How many entries were read.
    pub entries: u64,
    /// The last of them, to be noted elsewhere.
    pub end: Anchor,
    /// What is wrong, in sentences; empty when nothing is.
    pub findings: Vec<String>,
}

/// Reads the whole trail and finds entries that were changed, removed or added. `expected` is an end
/// that was noted before.
///
/// # Errors
/// When the database fails.
pub async fn verify(app: &App, expected: Option<&Anchor>) -> Result<Report, ServiceError> {
    // The end first: entries that are written meanwhile come after it.
    let ends = app.store.audit_ends().await?;
    let mut findings = Vec::new();
    let mut note = |finding: String| {
        if findings.len() < MOST_FINDINGS {
            findings.push(finding);
        }
    };
    let Some(mut ends) = ends else {
        let end = Anchor { sequence: 0, hash: START };
        let findings = vec!["the end of the trail is missing".to_owned()];
        return Ok(Report { entries: 0, end, findings });
    };
    let (mut last, mut hash) = (ends.removed_sequence, ends.removed_hash);
    let mut entries = 0;
    // Nothing may lie before what retention removed.
    if let Some(first) = app.store.audit_after(0, 1).await?.first()
        && first.sequence <= last
    {
        note(format!("entry {} should have been removed by retention", first.sequence));
    }
    if let Some(it) = expected.filter(|it| it.sequence == last && it.hash != hash) {
        note(format!("entry {} has not the hash that was noted", it.sequence));
    }
    let mut known = expected.is_none_or(|it| it.sequence <= last);
    'pages: loop {
        let page = app.store.audit_after(last, PAGE).await?;
        if page.is_empty() {
            break;
        }
        for row in page {
            if row.sequence > ends.last_sequence {
                // Written while this was read, or added behind the end.
                ends = app.store.audit_ends().await?.unwrap_or(ends);
                if row.sequence > ends.last_sequence {
                    note(format!("entry {} lies behind the trail's end", row.sequence));
                    break 'pages;
                }
            }
            if row.sequence != last + 1 {
                note(format!("entries {} to {} are missing", last + 1, row.sequence - 1));
            }
            if row.details.is_some() && details_hash(row.details.as_deref()) != row.details_hash {
                note(format!("the details of entry {} were changed", row.sequence));
            }
            if entry_hash(&hash, &row) != row.hash {
                note(format!("entry {} was changed, or an entry before it", row.sequence));
            }
            if let Some(it) = expected.filter(|it| it.sequence == row.sequence) {
                known = true;
                if it.hash != row.hash {
                    note(format!("entry {} has not the hash that was noted", it.sequence));
                }
            }
            (last, hash) = (row.sequence, row.hash);
            entries += 1;
        }
    }
    if last != ends.last_sequence || hash != ends.last_hash {
        note(format!("the trail ends at entry {last}, not at entry {}", ends.last_sequence));
    }
    if !known {
        note("the entry that was noted is not there".to_owned());
    }
    Ok(Report { entries, end: Anchor { sequence: last, hash }, findings })
}

/// Removes entries that are older than the settings keep; gives how many.
///
/// # Errors
/// When the database fails.
pub async fn trim(app: &App) -> Result<u64, ServiceError> {
    trim_while(app, None).await
}

/// As [`trim`], as long as a claim of a job holds: a worker that was frozen meanwhile removes nothing.
///
/// # Errors
/// [`ServiceError::Conflict`] when the claim does not hold any more, or when the database fails.
pub async fn trim_while(app: &App, claim: Option<Claim>) -> Result<u64, ServiceError> {
    const DAY_MS: i64 = 24 * 60 * 60 * 1000;
    if app.auth.audit_days == 0 {
        return Ok(0);
    }
    let before_ms = app.clock.now_ms() - i64::from(app.auth.audit_days) * DAY_MS;
    let mut change = app.store.begin(app.clock.now_ms()).await?;
    if let Some(claim) = claim
        && !change.holds(claim).await?
    {
        return Err(ServiceError::Conflict("another worker has taken the job over".to_owned()));
    }
    let (removed, last) = change.trim_audit(before_ms, PAGE).await?;
    if removed == 0 {
        change.roll_back().await?;
        return Ok(0);
    }
    let entry = AuditEntry::new(AuditAction::AuditTrim, &Caller::system("retention"));
    change.record(entry.with(json!({ "removed": removed, "last": last })));
    change.commit().await?;
    Ok(removed)
}
