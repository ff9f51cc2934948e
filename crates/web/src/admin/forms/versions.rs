//! `/admin/forms/{id}/versions`: what a form was, and the way back.

use axum::extract::{Path, State};
use formhold_domain::{Difference, access::Action};
use formhold_service::{ServiceError, forms};
use http::StatusCode;
use serde::Deserialize;
use serde_json::Value;

use super::FormAround;
use crate::{
    WebState,
    admin::{ASKED, Shown, cut, status_of},
    pages::{
        ErrorKind, TimeView,
        admin::{DifferenceView, FormTab, VersionRow, VersionsPage},
    },
    visit::{Around, Asked, Done, Sent, Visit, reply},
};

#[derive(Default, Deserialize)]
pub(in crate::admin) struct VersionsQuery {
    before: Option<u32>,
}

#[derive(Deserialize)]
pub(in crate::admin) struct RestoreForm {
    #[serde(default)]
    version: String,
    #[serde(default)]
    restore: String,
}

/// `GET /admin/forms/{id}/versions`.
pub(in crate::admin) async fn show_versions(
    State(state): State<WebState>,
    visit: Visit,
    Path(id): Path<String>,
    Asked(query): Asked<VersionsQuery>,
) -> Shown {
    let around = Around::of(&state, &visit).await?;
    page(&state, &visit, &around, &id, query.before, StatusCode::OK).await
}

/// `POST /admin/forms/{id}/versions`.
pub(in crate::admin) async fn restore_version(
    State(state): State<WebState>,
    Path(id): Path<String>,
    Sent { visit, fields: form }: Sent<RestoreForm>,
) -> Shown {
    let form_id = super::around::parse(&id)?;
    let number = |text: &str| text.parse().map_err(|_| reply::error(ErrorKind::FormExpired));
    let (current, version) = (number(&form.version)?, number(&form.restore)?);
    let (app, caller) = (&state.0.app, &visit.caller);
    match forms::restore_version(app, caller, form_id, Some(current), version).await {
        Ok(_) => {
            let path = format!("/admin/forms/{form_id}/versions");
            Ok(reply::see_other(&Done::VersionRestored.at(&path)))
        }
        Err(failure @ (ServiceError::Stale(_) | ServiceError::Definition { .. })) => {
            let message = match &failure {
                ServiceError::Stale(_) => "Somebody changed this form meanwhile. Look at what they changed, and go back again if you still want to.".to_owned(),
                other => format!("This version cannot come back: {other}."),
            };
            let around = Around::of(&state, &visit).await?.with_error(message);
            page(&state, &visit, &around, &id, None, status_of(&failure)).await
        }
        Err(failure) => Err(visit.failed(&failure)),
    }
}

async fn page(
    state: &WebState,
    visit: &Visit,
    around: &Around,
    id: &str,
    before: Option<u32>,
    status: StatusCode,
) -> Shown {
    let about = FormAround::of(state, visit, Action::SeeForms, id).await?;
    let form_id = about.form.identity.id;
    let found = forms::list_versions(&state.0.app, &visit.caller, form_id, before, ASKED).await;
    let mut found = found.map_err(|failure| visit.failed(&failure))?;
    let last = cut(&mut found).then(|| found.last()).flatten();
    let next =
        last.map(|(last, _)| format!("/admin/forms/{form_id}/versions?before={}", last.version));
    let rows = found.into_iter().map(|(version, changes)| VersionRow {
        version: version.version,
        at: TimeView::at_ms(version.created_at_ms),
        changes: changes.into_iter().map(view).collect(),
    });
    let page = VersionsPage {
        frame: around.frame(),
        about: about.frame(FormTab::Versions),
        current: about.form.identity.version,
        versions: &rows.collect::<Vec<_>>(),
        may_change: about.may_change(visit),
        next: next.as_deref(),
    };
    Ok(reply::page(status, &page))
}

/// A difference, in words that fit in a line or two.
pub(super) fn view(found: Difference) -> DifferenceView {
    let text = |value: Value| match value {
        Value::Null => None,
        Value::String(text) => Some(short(text)),
        other => Some(short(other.to_string())),
    };
    DifferenceView { place: found.place, before: text(found.before), after: text(found.after) }
}

fn short(text: String) -> String {
    const MOST: usize = 300;
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}
