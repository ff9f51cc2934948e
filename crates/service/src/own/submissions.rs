//! What somebody sent to forms while signed in.

use formhold_domain::{
    SubmissionId,
    access::{Action, Caller},
};
pub use formhold_store::OwnSubmission;

use crate::{App, ServiceError, access::require_own};

/// Up to `limit` submissions of the caller, the newest first, before the id `before`.
///
/// # Errors
/// When the caller is nobody, or the database fails.
pub async fn list_own_submissions(
    app: &App,
    caller: &Caller,
    before: Option<SubmissionId>,
    limit: u64,
) -> Result<Vec<OwnSubmission>, ServiceError> {
    let person = require_own(caller, Action::SeeOwnSubmissions)?;
    Ok(app.store.list_own_submissions(person.user_id, before, limit).await?)
}
