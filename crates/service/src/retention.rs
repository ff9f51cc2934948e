//! How long submissions are kept, and deleting those whose time is over.

use formhold_domain::{
    FormDefinition, FormId, SubmissionState, WorkspaceId,
    access::Caller,
    audit::{AuditAction, AuditEntry},
};
use formhold_store::Claim;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{App, ServiceError};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// How many are deleted in one transaction, so that others do not wait long.
const BITE: u64 = 200;
/// How many forms are looked at together.
const PAGE: u64 = 200;
/// Longer than anybody means.
const MOST_DAYS: u32 = 36_500;

/// The section `[retention]`: days; 0 keeps for ever. A form may say otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// What lies in the inbox and in the archive, from its receipt on.
    pub submissions_days: u32,
    /// What lies in the spam folder, from its receipt on.
    pub spam_days: u32,
    /// What lies in the trash, from then on.
    pub trash_days: u32,
}

impl Settings {
    /// What is wrong with the settings, in words; empty when nothing is.
    #[must_use]
    pub fn problems(&self) -> Vec<(&'static str, String)> {
        let all = [
            ("submissions_days", self.submissions_days),
            ("spam_days", self.spam_days),
            ("trash_days", self.trash_days),
        ];
        let too_many = all.into_iter().filter(|(_, days)| *days > MOST_DAYS);
        too_many.map(|(key, _)| (key, format!("must not be more than {MOST_DAYS}"))).collect()
    }

    /// The days that a form keeps what lies in a state; none: for ever.
    fn days(&self, definition: &FormDefinition, state: SubmissionState) -> Option<u32> {
        let own = definition.retention;
        let days = match state {
            SubmissionState::Inbox | SubmissionState::Archive => {
                own.submissions_days.unwrap_or(self.submissions_days)
            }
            SubmissionState::Spam => own.spam_days.unwrap_or(self.spam_days),
            SubmissionState::Trash => own.trash_days.unwrap_or(self.trash_days),
        };
        (days > 0).then_some(days)
    }
}

/// What is due to be deleted of one form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// The form.
    pub form_id: FormId,
    /// Its slug.
    pub slug: String,
    /// Where it lies.
    pub state: SubmissionState,
    /// How long it is kept there.
    pub days: u32,
    /// How many are due; counted up to [`MOST_COUNTED`].
    pub submissions: u64,
}

/// Counting ends here: it is about what would happen, not about the last digit.
pub const MOST_COUNTED: u64 = 10_000;

struct Kept {
    form_id: FormId,
    workspace_id: WorkspaceId,
    slug: String,
    state: SubmissionState,
    days: u32,
    before_ms: i64,
}

/// What would be deleted now, and is not.
///
/// # Errors
/// When the database fails.
pub async fn plan(app: &App) -> Result<Vec<Due>, ServiceError> {
    let mut due = Vec::new();
    let mut after = None;
    while let Some((page, last)) = kept_after(app, after.as_deref()).await? {
        for Kept { form_id, slug, state, days, before_ms, .. } in page {
            let some = app.store.submissions_before(form_id, state, before_ms, MOST_COUNTED);
            let submissions = some.await?.len() as u64;
            if submissions > 0 {
                due.push(Due { form_id, slug, state, days, submissions });
            }
        }
        after = Some(last);
    }
    Ok(due)
}

/// Deletes what is due, as long as a claim of a job holds; gives how many submissions. Their files are
/// swept later.
///
/// # Errors
/// [`ServiceError::Conflict`] when the claim does not hold any more, or when the database fails.
pub async fn delete_due(app: &App, claim: Claim) -> Result<u64, ServiceError> {
    let mut deleted = 0;
    let mut after = None;
    while let Some((page, last)) = kept_after(app, after.as_deref()).await? {
        for kept in page {
            loop {
                let Kept { form_id, state, before_ms, .. } = kept;
                let ids = app.store.submissions_before(form_id, state, before_ms, BITE).await?;
                if ids.is_empty() {
                    break;
                }
                let mut change = app.store.begin(app.clock.now_ms()).await?;
                if !change.holds(claim).await? {
                    let message = "another worker has taken the job over";
                    return Err(ServiceError::Conflict(message.to_owned()));
                }
                let some = change.delete_submissions_in(form_id, state, &ids).await?;
                if some == 0 {
                    // Somebody moved them meanwhile; the next tick looks again.
                    break;
                }
                let caller = Caller::system("retention");
                let entry = AuditEntry::new(AuditAction::SubmissionDelete, &caller);
                let details = json!({
                    "by": "retention",
                    "state": state.as_str(),
                    "days": kept.days,
                    "submissions": some,
                });
                let entry = entry.on("form", form_id).within(kept.workspace_id);
                change.record(entry.with(details));
                change.commit().await?;
                deleted += some;
            }
        }
        after = Some(last);
    }
    Ok(deleted)
}

/// What some forms keep for a time only, and the last form that was looked at; none at the end.
async fn kept_after(
    app: &App,
    after: Option<&str>,
) -> Result<Option<(Vec<Kept>, String)>, ServiceError> {
    let page = app.store.list_forms(after, PAGE).await?;
    let Some(last) = page.last().map(|form| form.slug.clone()) else { return Ok(None) };
    let now_ms = app.clock.now_ms();
    let mut kept = Vec::new();
    for form in page {
        let Some(record) = app.store.get_form(form.id).await? else { continue };
        for state in SubmissionState::ALL {
            let Some(days) = app.retention.days(&record.definition, state) else { continue };
            kept.push(Kept {
                form_id: record.id,
                workspace_id: record.workspace_id,
                slug: form.slug.clone(),
                state,
                days,
                before_ms: now_ms - i64::from(days) * DAY_MS,
            });
        }
    }
    Ok(Some((kept, last)))
}
