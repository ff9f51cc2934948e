//! `POST /admin/forms/{id}/submissions/bulk`: doing something to those that are chosen, or to all that
//! match.

use axum::{
    extract::{Path, State},
    response::Response,
};
use formhold_domain::{FormId, InboxAct, SubmissionId, access::Action};
use formhold_service::{
    ServiceError,
    submissions::{
        deeds::Deed,
        inbox::{self, Part},
    },
};
use http::{HeaderMap, StatusCode};
use serde::Deserialize;

use super::{
    back_to,
    columns::Columns,
    inbox::{InboxQuery, list},
    parse,
    undo::Undo,
};
use crate::{
    WebState,
    admin::{Shown, forms::FormAround},
    pages::admin::{ConfirmBulkPage, FormTab},
    visit::{Around, Done, Sent, Visit, reply},
};

/// How many of those that match are done at once, so that the page comes back in time.
const AT_ONCE: u64 = 10_000;

#[derive(Deserialize)]
pub(super) struct BulkForm {
    #[serde(default)]
    act: String,
    #[serde(default)]
    ids: Vec<SubmissionId>,
    /// Whether all that match are meant.
    #[serde(default)]
    all: String,
    #[serde(default)]
    confirmed: String,
    #[serde(default)]
    back: String,
    /// Of a new tag; the filter's has the same name, and comes first.
    #[serde(default)]
    tag: Vec<String>,
    #[serde(default)]
    state: String,
    #[serde(default)]
    q: String,
    #[serde(default)]
    read: String,
    #[serde(default)]
    starred: String,
    #[serde(default)]
    from: String,
    #[serde(default)]
    to: String,
}

impl BulkForm {
    fn query(&self) -> InboxQuery {
        let tag = self.tag.first().cloned().unwrap_or_default();
        InboxQuery::of([
            &self.state,
            &self.q,
            &self.read,
            &self.starred,
            &tag,
            &self.from,
            &self.to,
        ])
    }

    fn is_all(&self) -> bool {
        self.all == "yes"
    }

    /// The same again, for who says yes.
    fn again(&self) -> Vec<(&'static str, String)> {
        let query = self.query();
        let mut fields: Vec<(&'static str, String)> =
            query.fields().into_iter().map(|(name, value)| (name, value.to_owned())).collect();
        fields.extend([
            ("act", self.act.clone()),
            ("back", self.back.clone()),
            ("confirmed", "yes".to_owned()),
        ]);
        if self.is_all() {
            fields.push(("all", "yes".to_owned()));
        } else {
            fields.extend(self.ids.iter().map(|id| ("ids", id.to_string())));
        }
        fields
    }
}

/// `POST /admin/forms/{id}/submissions/bulk`.
pub(super) async fn act_on_submissions(
    State(state): State<WebState>,
    Path(id): Path<String>,
    headers: HeaderMap,
    Sent { visit, fields: form }: Sent<BulkForm>,
) -> Shown {
    let form_id: FormId = parse(&id)?;
    let query = form.query();
    let again = async |error: &str| {
        list(&state, &visit, (form_id, &Columns::of(&headers)), &query, Some(error)).await
    };
    let about = FormAround::of(&state, &visit, Action::ChangeSubmissions, &id).await?;
    let new_tag = form.tag.last().filter(|_| form.tag.len() > 1);
    let deed = match Deed::named(&form.act, new_tag.map(String::as_str)) {
        Ok(deed) => deed,
        Err(ServiceError::Invalid(problems)) => {
            let why = problems.first().map_or("", |problem| problem.message.as_str());
            return again(&format!("The tag {why}.")).await;
        }
        Err(failure) => return Err(visit.failed(&failure)),
    };
    if form.ids.is_empty() && !form.is_all() {
        return again("Choose at least one submission.").await;
    }
    if form.confirmed != "yes" && needs_confirmation(&deed, form.is_all()) {
        return confirm(&state, &visit, &about, &form).await;
    }
    let (app, caller) = (&state.0.app, &visit.caller);
    let done = match form.is_all() {
        true => {
            let (filter, problems) = query.read(form_id);
            if let Some((_, problem)) = problems.first() {
                return again(problem).await;
            }
            inbox::act_on_all(app, caller, &filter, &deed, None, AT_ONCE).await
        }
        false => {
            let changed = inbox::act(app, caller, form_id, &form.ids, &deed).await;
            changed.map(|changed| Part { changed, last: None })
        }
    };
    match done {
        Ok(part) => Ok(after(&state, &visit, (form_id, &form), &deed, part)),
        Err(ServiceError::Invalid(_)) => {
            let many = inbox::MOST_NAMED;
            again(&format!("Choose no more than {many}, or all that match.")).await
        }
        Err(ServiceError::NotFound(_)) if !form.ids.is_empty() => {
            let why = "One of them is not there any more, so nothing was changed. This is the list as it is now.";
            again(why).await
        }
        Err(failure) => Err(visit.failed(&failure)),
    }
}

/// What cannot be taken back on the next page.
fn needs_confirmation(deed: &Deed, is_all: bool) -> bool {
    match deed {
        Deed::DeleteForGood => true,
        Deed::Act(InboxAct::MoveTo(_) | InboxAct::Restore) => is_all,
        Deed::Act(_) => false,
    }
}

async fn confirm(state: &WebState, visit: &Visit, about: &FormAround, form: &BulkForm) -> Shown {
    let around = Around::of(state, visit).await?;
    let back = back_to(&form.back, about.form.identity.id);
    let page = ConfirmBulkPage {
        frame: around.frame(),
        about: about.frame(FormTab::Inbox),
        act: &form.act,
        count: (!form.is_all()).then_some(form.ids.len()),
        fields: &form.again(),
        back: &back,
    };
    Ok(reply::page(StatusCode::OK, &page))
}

/// Back to the list, which tells what was done and offers to take it back.
fn after(
    state: &WebState,
    visit: &Visit,
    (form_id, form): (FormId, &BulkForm),
    deed: &Deed,
    part: Part,
) -> Response {
    let back = back_to(&form.back, form_id);
    let query = form.query();
    let undo = match form.is_all() {
        true => None,
        false => Undo::of(deed, query.folder(), &form.ids),
    };
    if let Some(undo) = undo.filter(|_| part.changed > 0) {
        // The page that is left may have nothing on it any more: back to its beginning.
        let path = query.address(form_id, None);
        return reply::see_other(&format!("{path}&{}", undo.query(state, visit)));
    }
    let done = match deed {
        _ if part.last.is_some() => Done::SubmissionsPartly,
        _ if part.changed == 0 => Done::SubmissionsUnchanged,
        Deed::DeleteForGood => Done::SubmissionsDeleted,
        Deed::Act(_) => Done::SubmissionsChanged,
    };
    reply::see_other(&done.at(&back))
}
