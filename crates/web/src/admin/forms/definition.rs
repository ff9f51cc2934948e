//! `/admin/forms/{id}/definition`: the form as code, out and in.

use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use formhold_domain::{Notation, access::Action};
use formhold_service::{ServiceError, forms};
use http::{StatusCode, header};
use serde::Deserialize;

use super::{
    FormAround,
    create::{as_code, read, sentence},
    versions::view,
};
use crate::{
    WebState,
    admin::{Shown, status_of},
    pages::{
        ErrorKind, FormState,
        admin::{DefinitionPage, DifferenceView, FormTab},
    },
    visit::{Around, Asked, Done, Sent, Visit, reply},
};

#[derive(Default, Deserialize)]
pub(in crate::admin) struct DefinitionQuery {
    #[serde(default)]
    format: String,
}

#[derive(Deserialize)]
pub(in crate::admin) struct DefinitionForm {
    #[serde(default)]
    version: String,
    #[serde(default)]
    definition: String,
    #[serde(default)]
    act: String,
}

/// `GET /admin/forms/{id}/definition`: the page, or with `format` the definition as a file.
pub(in crate::admin) async fn show_definition(
    State(state): State<WebState>,
    visit: Visit,
    Path(id): Path<String>,
    Asked(query): Asked<DefinitionQuery>,
) -> Shown {
    let about = FormAround::of(&state, &visit, Action::SeeForms, &id).await?;
    let form = &about.form.definition;
    match query.format.as_str() {
        "toml" => return Ok(file(form.slug.as_str(), "toml", form.write(Notation::Toml))),
        "json" => return Ok(file(form.slug.as_str(), "json", form.write(Notation::Json))),
        _ => {}
    }
    let entered = FormState::filled([("definition", form.write(Notation::Toml))]);
    let version = about.form.identity.version;
    page(&state, &visit, &about, (StatusCode::OK, version), &entered, None).await
}

/// `POST /admin/forms/{id}/definition`: saves it, or with `act=plan` shows what would change.
pub(in crate::admin) async fn change_definition(
    State(state): State<WebState>,
    Path(id): Path<String>,
    Sent { visit, fields: sent }: Sent<DefinitionForm>,
) -> Shown {
    // A form of ours always says which version it was made for.
    let version: u32 = sent.version.parse().map_err(|_| reply::error(ErrorKind::FormExpired))?;
    let about = FormAround::of(&state, &visit, Action::ChangeForms, &id).await?;
    let entered = FormState::filled([("definition", &sent.definition)]);
    let definition = match read(&sent.definition) {
        Ok(definition) => definition,
        Err(problem) => {
            let entered = entered.with_problem("definition", sentence(&problem));
            let status = (StatusCode::UNPROCESSABLE_ENTITY, version);
            return page(&state, &visit, &about, status, &entered, None).await;
        }
    };
    if sent.act == "plan" {
        let changes = about.form.definition.differences(&definition);
        let changes: Vec<_> = changes.into_iter().map(view).collect();
        let status = (StatusCode::OK, version);
        return page(&state, &visit, &about, status, &entered, Some(&changes)).await;
    }
    let (app, id) = (&state.0.app, about.form.identity.id);
    let failure =
        match forms::change_form(app, &visit.caller, id, Some(version), |_| definition).await {
            Ok(_) => {
                let path = format!("/admin/forms/{id}/definition");
                return Ok(reply::see_other(&Done::FormSaved.at(&path)));
            }
            Err(failure) => failure,
        };
    let version = match failure {
        ServiceError::Stale(_) => about.form.identity.version,
        _ => version,
    };
    let entered = as_code(&failure, entered).ok_or_else(|| visit.failed(&failure))?;
    page(&state, &visit, &about, (status_of(&failure), version), &entered, None).await
}

async fn page(
    state: &WebState,
    visit: &Visit,
    about: &FormAround,
    (status, version): (StatusCode, u32),
    form: &FormState,
    changes: Option<&[DifferenceView]>,
) -> Shown {
    let around = Around::of(state, visit).await?;
    let page = DefinitionPage {
        frame: around.frame(),
        about: about.frame(FormTab::Versions),
        version,
        form,
        changes,
        may_change: about.may_change(visit),
    };
    Ok(reply::page(status, &page))
}

fn file(slug: &str, ending: &str, text: String) -> Response {
    // A slug is letters, digits and hyphens.
    let disposition = format!("attachment; filename=\"{slug}.{ending}\"");
    let kind = format!("application/{ending}");
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CONTENT_DISPOSITION, disposition),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    (headers, text).into_response()
}
