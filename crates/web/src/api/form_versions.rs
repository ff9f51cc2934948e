//! `/forms/{id}/versions`: every definition that a form had.

use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use formhold_domain::{Difference, FormId, rfc3339};
use formhold_service::forms::{self, FormVersion};
use http::{StatusCode, Uri};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::{
    asker::Asker,
    form_definitions::{DefinitionIn, json},
    forms::{FormOut, reply},
    id::{self, Id},
    page::{self, Page, after, limit},
    problem::Problem,
    query::Query,
    schemas,
    sessions::ListQuery,
    version::IfMatch,
};
use crate::WebState;

/// A version of a form, and what it changed.
#[derive(Serialize, ToSchema)]
#[schema(as = FormVersion)]
pub(crate) struct VersionOut {
    version: u32,
    /// Since when it was in force.
    #[schema(format = DateTime)]
    created_at: String,
    /// What it changed of the version before.
    changes: Vec<DifferenceOut>,
}

/// A version of a form in full.
#[derive(Serialize, ToSchema)]
#[schema(as = FormVersionDetails)]
pub(crate) struct VersionDetailsOut {
    version: u32,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(value_type = DefinitionIn)]
    definition: Value,
    /// What differs in the version that is in force.
    changed_since: Vec<DifferenceOut>,
}

/// Something that differs between two definitions.
#[derive(Serialize, ToSchema)]
#[schema(as = Difference)]
pub(crate) struct DifferenceOut {
    /// Where, as `name`, `protection.captcha.when`, `fields.email` for a whole field,
    /// `fields.email.required` for one of its rules, and `fields` for their order.
    #[schema(example = "fields.email.required")]
    place: String,
    /// What was there; null where nothing was.
    #[schema(schema_with = schemas::anything)]
    before: Value,
    /// What is there after it; null where nothing is.
    #[schema(schema_with = schemas::anything)]
    after: Value,
}

impl From<Difference> for DifferenceOut {
    fn from(found: Difference) -> Self {
        Self { place: found.place, before: found.before, after: found.after }
    }
}

/// List the versions of a form, the newest first.
#[utoipa::path(get, path = "/forms/{id}/versions", tag = "Forms", params(ListQuery),
    responses((status = 200, description = "A page of versions.", body = Page<VersionOut>)))]
pub(super) async fn list_form_versions(
    State(state): State<WebState>,
    asker: Asker,
    uri: Uri,
    Id(id): Id<FormId>,
    Query(query): Query<ListQuery>,
) -> Result<Response, Problem> {
    let limit = limit(query.limit)?;
    let before: Option<u32> = after("versions", query.cursor.as_deref())?;
    let app = &state.0.app;
    let found = forms::list_versions(app, &asker.caller, id, before, limit + 1).await?;
    let number = |(found, _): &(FormVersion, Vec<Difference>)| found.version.to_string();
    let out = |(found, changes): &(FormVersion, Vec<Difference>)| VersionOut {
        version: found.version,
        created_at: rfc3339(found.created_at_ms),
        changes: changes.iter().cloned().map(DifferenceOut::from).collect(),
    };
    Ok(page::page(("versions", &uri, limit), found, number, out))
}

/// See a version of a form.
#[utoipa::path(get, path = "/forms/{id}/versions/{version}", tag = "Forms",
    responses((status = 200, description = "The version.", body = VersionDetailsOut)))]
pub(super) async fn get_form_version(
    State(state): State<WebState>,
    asker: Asker,
    Path((id, version)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let (id, version) = (id::parse::<FormId>(&id)?, number(&version)?);
    let (app, caller) = (&state.0.app, &asker.caller);
    let (found, differences) = forms::compare_version(app, caller, id, version).await?;
    let out = VersionDetailsOut {
        version: found.version,
        created_at: rfc3339(found.created_at_ms),
        definition: json(&found.definition),
        changed_since: differences.into_iter().map(DifferenceOut::from).collect(),
    };
    Ok(axum::Json(out).into_response())
}

/// Put an earlier definition in force again, as the next version.
#[utoipa::path(post, path = "/forms/{id}/versions/{version}/restore", tag = "Forms",
    responses((status = 200, description = "The form as it is now.", body = FormOut)))]
pub(super) async fn restore_form_version(
    State(state): State<WebState>,
    asker: Asker,
    Path((id, version)): Path<(String, String)>,
    IfMatch(current): IfMatch,
) -> Result<Response, Problem> {
    let (id, version) = (id::parse::<FormId>(&id)?, number(&version)?);
    let (app, caller) = (&state.0.app, &asker.caller);
    let restored = forms::restore_version(app, caller, id, current, version).await?;
    Ok(reply(StatusCode::OK, &restored))
}

fn number(text: &str) -> Result<u32, Problem> {
    text.parse().map_err(|_| id::nothing(text))
}
