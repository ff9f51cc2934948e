//! `/forms/{id}/submissions/bulk`: doing something to many submissions at once.

use axum::extract::State;
use formhold_domain::{FormId, SubmissionId, SubmissionState};
use formhold_service::submissions::{
    deeds::Deed,
    inbox::{self, Part},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    asker::Asker,
    body::Json,
    id::Id,
    page::{after, cursor},
    problem::{Code, Problem},
    schemas,
    submission_filters::{Wanted, in_body},
};
use crate::WebState;

/// How many of those that match one request looks at, so that it ends in time.
const AT_ONCE: u64 = 10_000;
const KIND: &str = "submissions-bulk";

/// What is to be done, and to which: `ids` or `filter`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Bulk {
    #[schema(schema_with = schemas::deed)]
    act: String,
    /// For `add_tag` and `remove_tag`: up to 40 characters, without commas.
    tag: Option<String>,
    /// Up to 1,000. One that is not of this form refuses all.
    #[schema(value_type = Option<Vec<String>>, max_items = 1000, min_items = 1)]
    ids: Option<Vec<SubmissionId>>,
    /// All that match.
    filter: Option<BulkFilter>,
    /// The `next_cursor` of the answer before, with the same filter.
    #[schema(min_length = 1, max_length = 200)]
    cursor: Option<String>,
}

/// The words of the list.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BulkFilter {
    /// Where they lie; the inbox where it is left out.
    #[serde(default)]
    #[schema(schema_with = schemas::submission_state, required = false)]
    state: Option<SubmissionState>,
    is_read: Option<bool>,
    is_starred: Option<bool>,
    #[schema(min_length = 1, max_length = 40)]
    tag: Option<String>,
    /// Words that answers or names of files must have: all of them. "Words in quotes" stand together,
    /// begin* finds beginnings.
    #[schema(min_length = 1, max_length = 500)]
    q: Option<String>,
    #[schema(format = DateTime)]
    created_after: Option<String>,
    #[schema(format = DateTime)]
    created_before: Option<String>,
}

/// What was done.
#[derive(Serialize, ToSchema)]
pub(crate) struct BulkDone {
    /// How many were changed; the others were like that already.
    changed: u64,
    /// Where there are more than one request looks at: send it along to go on.
    next_cursor: Option<String>,
}

/// Do something to many submissions.
///
/// To all of `ids`, or to none. Of a filter 10,000 a request, from the newest on; what was done
/// before a failure stays done, and doing it again is no harm.
#[utoipa::path(post, path = "/forms/{id}/submissions/bulk", tag = "Submissions", request_body = Bulk,
    responses((status = 200, description = "How many were changed.", body = BulkDone)))]
pub(super) async fn act_on_submissions(
    State(state): State<WebState>,
    asker: Asker,
    Id(form_id): Id<FormId>,
    Json(bulk): Json<Bulk>,
) -> Result<axum::Json<BulkDone>, Problem> {
    let deed = Deed::named(&bulk.act, bulk.tag.as_deref())?;
    let (app, caller) = (&state.0.app, &asker.caller);
    let Part { changed, last } = match (&bulk.ids, &bulk.filter) {
        (Some(ids), None) => {
            let changed = inbox::act(app, caller, form_id, ids, &deed).await?;
            Part { changed, last: None }
        }
        (None, Some(filter)) => {
            let after = after(KIND, bulk.cursor.as_deref()).map_err(|_| {
                let why = "is none that this answer handed out";
                Problem::plain(Code::Invalid).at("/cursor", "WRONG_VALUE", why)
            })?;
            let filter = filter.wanted().filter(form_id)?;
            inbox::act_on_all(app, caller, &filter, &deed, after, AT_ONCE).await?
        }
        _ => {
            let why = "must be there where `filter` is not, and not beside it";
            return Err(Problem::plain(Code::Invalid).at("/ids", "ONE_OF_TWO", why));
        }
    };
    let next_cursor = last.map(|last| cursor(KIND, &last.to_string()));
    Ok(axum::Json(BulkDone { changed, next_cursor }))
}

impl BulkFilter {
    fn wanted(&self) -> Wanted<'_> {
        Wanted {
            state: self.state,
            is_read: self.is_read,
            is_starred: self.is_starred,
            tag: self.tag.as_deref(),
            q: self.q.as_deref(),
            created_after: self.created_after.as_deref(),
            created_before: self.created_before.as_deref(),
            at: in_body,
        }
    }
}
