//! Forms go into the trash, and come back.

use axum::extract::{Path, State};
use formhold_domain::access::Action;
use formhold_service::forms;
use http::StatusCode;

use super::FormAround;
use crate::{
    WebState,
    admin::Shown,
    pages::{Act, ConfirmActPage, FormState, Named},
    visit::{Around, Button, Done, Sent, Visit, reply},
};

/// `GET /admin/forms/{id}/delete`.
pub(in crate::admin) async fn ask_delete_form(
    State(state): State<WebState>,
    visit: Visit,
    Path(id): Path<String>,
) -> Shown {
    let around = Around::of(&state, &visit).await?;
    let about = FormAround::of(&state, &visit, Action::ChangeForms, &id).await?;
    let act = Act::TrashForm(Named { id: &id, name: &about.form.definition.name });
    let form = &FormState::default();
    Ok(reply::page(StatusCode::OK, &ConfirmActPage { frame: around.frame(), form, act }))
}

/// `POST /admin/forms/{id}/delete`.
pub(in crate::admin) async fn delete_form(
    State(state): State<WebState>,
    Path(id): Path<String>,
    Sent { visit, .. }: Sent<Button>,
) -> Shown {
    let id = super::around::parse(&id)?;
    let trashed = forms::trash_form(&state.0.app, &visit.caller, id, None).await;
    trashed.map_err(|failure| visit.failed(&failure))?;
    Ok(reply::see_other(&Done::FormDeleted.at("/admin/forms")))
}

/// `POST /admin/forms/{id}/restore`.
pub(in crate::admin) async fn restore_form(
    State(state): State<WebState>,
    Path(id): Path<String>,
    Sent { visit, .. }: Sent<Button>,
) -> Shown {
    let id = super::around::parse(&id)?;
    let restored = forms::restore_form(&state.0.app, &visit.caller, id).await;
    restored.map_err(|failure| visit.failed(&failure))?;
    let path = format!("/admin/forms/{id}/settings");
    Ok(reply::see_other(&Done::FormRestored.at(&path)))
}
