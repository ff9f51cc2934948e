//! `/admin/forms/{id}/success`: what comes after sending.

use axum::extract::{Path, State};
use formhold_domain::{FormDefinition, access::Action};
use http::StatusCode;

use super::{
    FormAround,
    entered::{Again, Entered},
};
use crate::{
    WebState,
    admin::Shown,
    pages::{
        FormState,
        admin::{FormTab, SuccessPage},
    },
    visit::{Around, Sent, Visit, reply},
};

/// `GET /admin/forms/{id}/success`.
pub(in crate::admin) async fn show_success(
    State(state): State<WebState>,
    visit: Visit,
    Path(id): Path<String>,
) -> Shown {
    let about = FormAround::of(&state, &visit, Action::SeeForms, &id).await?;
    let form = &about.form.definition;
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let form = FormState::filled([
        ("success_message", text(&form.success_message)),
        ("success_url", text(&form.success_url)),
    ]);
    let version = about.form.identity.version;
    page(&state, &visit, &about, Again { status: StatusCode::OK, version, form }).await
}

/// `POST /admin/forms/{id}/success`.
pub(in crate::admin) async fn change_success(
    State(state): State<WebState>,
    Path(id): Path<String>,
    Sent { visit, fields: pairs }: Sent<Vec<(String, String)>>,
) -> Shown {
    let about = FormAround::of(&state, &visit, Action::ChangeForms, &id).await?;
    let entered = Entered::new(pairs);
    let (success_message, success_url) =
        (entered.maybe("success_message"), entered.maybe("success_url"));
    let edit = |form: FormDefinition| FormDefinition { success_message, success_url, ..form };
    let again = entered.save(&state, &visit, &about, "success", edit).await?;
    page(&state, &visit, &about, again).await
}

async fn page(state: &WebState, visit: &Visit, about: &FormAround, again: Again) -> Shown {
    let around = Around::of(state, visit).await?;
    let page = SuccessPage {
        frame: around.frame(),
        about: about.frame(FormTab::Success),
        version: again.version,
        form: &again.form,
        thanks_path: &format!("/f/{}/thanks", about.form.identity.key),
        may_change: about.may_change(visit),
    };
    Ok(reply::page(again.status, &page))
}
