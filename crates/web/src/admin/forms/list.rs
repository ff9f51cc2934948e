//! `/admin/forms`: the forms of the workspace that somebody works in, and those in its trash.

use axum::{extract::State, response::Response};
use formhold_domain::{Availability, WorkspaceId, access::Action};
use formhold_service::{
    access::allows,
    forms::{self, FormDetails, FormsAsked, FormsState, TRASH_DAYS},
};
use http::StatusCode;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

use crate::{
    WebState,
    admin::{ASKED, Shown, cut},
    pages::{
        FormState, TimeView,
        admin::{FormRow, FormsPage, ShownState},
    },
    visit::{Around, Asked, Visit, reply},
};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

#[derive(Default, Deserialize)]
pub(in crate::admin) struct FormsQuery {
    #[serde(default)]
    q: String,
    #[serde(default)]
    state: String,
    #[serde(default)]
    after: String,
}

/// `GET /admin/forms`.
pub(in crate::admin) async fn list_forms(
    State(state): State<WebState>,
    visit: Visit,
    Asked(query): Asked<FormsQuery>,
) -> Shown {
    page(&state, &visit, &query, false).await
}

/// `GET /admin/forms/trash`.
pub(in crate::admin) async fn list_trash(
    State(state): State<WebState>,
    visit: Visit,
    Asked(query): Asked<FormsQuery>,
) -> Shown {
    page(&state, &visit, &query, true).await
}

/// The workspace that somebody works in.
pub(super) fn workspace_of(around: &Around) -> Option<WorkspaceId> {
    around.frame().workspace.and_then(|workspace| workspace.id.parse().ok())
}

async fn page(state: &WebState, visit: &Visit, query: &FormsQuery, is_trash: bool) -> Shown {
    let around = Around::of(state, visit).await?;
    let (app, workspace_id) = (&state.0.app, workspace_of(&around));
    let asked = FormsAsked {
        workspace_id,
        text: query.q.clone(),
        state: match query.state.as_str() {
            _ if is_trash => FormsState::Trashed,
            "open" => FormsState::Open,
            "closed" => FormsState::Closed,
            _ => FormsState::Any,
        },
    };
    let after = (!query.after.is_empty()).then_some(query.after.as_str());
    let mut found = forms::find_forms(app, &visit.caller, &asked, after, ASKED)
        .await
        .map_err(|failure| visit.failed(&failure))?;
    let next =
        cut(&mut found).then(|| found.last().map(|last| path(query, is_trash, last))).flatten();
    let ids: Vec<_> = found.iter().map(|form| form.record.id.to_string()).collect();
    let rows: Vec<_> = ids.iter().zip(&found).map(|(id, form)| row(id, form)).collect();
    let page = FormsPage {
        frame: around.frame(),
        filter: &FormState::filled([("q", &query.q), ("state", &query.state)]),
        forms: &rows,
        may_create: workspace_id
            .is_some_and(|id| allows(&visit.caller, Action::ChangeForms, Some(id))),
        is_trash,
        next: next.as_deref(),
    };
    Ok(reply::page(StatusCode::OK, &page))
}

fn row<'a>(id: &'a str, form: &'a FormDetails) -> FormRow<'a> {
    let (record, definition) = (&form.record, &form.record.definition);
    let deleted = record.deleted_at_ms;
    FormRow {
        id,
        name: &definition.name,
        slug: definition.slug.as_str(),
        state: match (deleted, form.availability) {
            (Some(_), _) => ShownState::Trashed,
            (_, Availability::Open) => ShownState::Open,
            (_, Availability::NotOpenYet) => ShownState::NotOpenYet,
            (_, Availability::Closed) => ShownState::Closed,
        },
        accepted: form.accepted,
        changed: TimeView::at_ms(deleted.unwrap_or(record.updated_at_ms)),
        until: deleted.map(|at_ms| TimeView::at_ms(at_ms + i64::from(TRASH_DAYS) * DAY_MS)),
    }
}

fn path(query: &FormsQuery, is_trash: bool, last: &FormDetails) -> String {
    let list = if is_trash { "/admin/forms/trash" } else { "/admin/forms" };
    let start = format!("{list}?after={}", last.record.definition.slug);
    let pairs = [("q", &query.q), ("state", &query.state)];
    pairs.into_iter().filter(|(_, value)| !value.is_empty()).fold(start, |path, (name, value)| {
        format!("{path}&{name}={}", utf8_percent_encode(value, NON_ALPHANUMERIC))
    })
}

/// Goes to the tab that a form opens with.
pub(in crate::admin) async fn open_form(
    axum::extract::Path(id): axum::extract::Path<String>,
) -> Result<Response, Response> {
    let id = super::around::parse(&id)?;
    Ok(reply::see_other(&format!("/admin/forms/{id}/{}", super::FIRST_TAB)))
}
