//! `/forms`: made, seen, changed, copied, put into the trash and taken out of it.

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use formhold_domain::{Availability, FormId, FormState, WorkspaceId, rfc3339};
use formhold_service::forms::{self, FormDetails, FormPatch, FormsAsked, FormsState};
use http::{StatusCode, Uri};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    asker::Asker,
    body::{Json, given},
    form_definitions::DefinitionIn,
    id::Id,
    page::{self, Page, after, limit},
    problem::Problem,
    query::{Query, wrong},
    schemas,
    version::{IfMatch, at, versioned},
};
use crate::WebState;

/// A form. Its fields and rules are at `/forms/{id}/definition`.
#[derive(Serialize, ToSchema)]
#[schema(as = Form)]
pub(crate) struct FormOut {
    #[schema(format = "uuid")]
    id: String,
    #[schema(format = "uuid")]
    workspace_id: String,
    /// Names it in public addresses, as `/f/{key}`, for ever.
    key: String,
    /// Names it there, too, until it gets another one.
    slug: String,
    name: String,
    #[schema(schema_with = schemas::form_state)]
    state: &'static str,
    /// Whether it takes submissions now.
    #[schema(schema_with = schemas::availability)]
    availability: &'static str,
    /// How many definitions it had.
    version: u32,
    /// How many submissions it accepted, spam not counted.
    accepted: u64,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(format = DateTime)]
    updated_at: String,
    /// Since when it is in the trash.
    #[schema(format = DateTime)]
    deleted_at: Option<String>,
}

impl From<&FormDetails> for FormOut {
    fn from(found: &FormDetails) -> Self {
        let form = &found.record;
        Self {
            id: form.id.to_string(),
            workspace_id: form.workspace_id.to_string(),
            key: form.key.to_string(),
            slug: form.definition.slug.to_string(),
            name: form.definition.name.clone(),
            state: match form.definition.state {
                FormState::Open => "open",
                FormState::Closed => "closed",
            },
            availability: match found.availability {
                Availability::Open => "open",
                Availability::Closed => "closed",
                Availability::NotOpenYet => "not_open_yet",
            },
            version: form.version,
            accepted: found.accepted,
            created_at: rfc3339(form.created_at_ms),
            updated_at: rfc3339(form.updated_at_ms),
            deleted_at: form.deleted_at_ms.map(rfc3339),
        }
    }
}

/// What is to change of a form; what is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = FormPatch)]
pub(crate) struct ChangedForm {
    #[serde(default, deserialize_with = "given")]
    #[schema(min_length = 1, max_length = 200, nullable = false)]
    name: Option<String>,
    #[serde(default, deserialize_with = "given")]
    #[schema(min_length = 1, max_length = 64, nullable = false, example = "contact-us")]
    slug: Option<String>,
    /// Whether it takes submissions.
    #[serde(default, deserialize_with = "given")]
    #[schema(schema_with = schemas::form_state, required = false)]
    state: Option<FormState>,
}

/// What a copy is called; what is left out is made up.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CopyIn {
    #[schema(min_length = 1, max_length = 200)]
    name: Option<String>,
    #[schema(min_length = 1, max_length = 64)]
    slug: Option<String>,
}

/// Where a form is made.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct NewFormQuery {
    /// In which workspace; may be left out where there is no choice.
    #[param(format = "uuid")]
    workspace_id: Option<String>,
}

/// Which forms.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct FormsQuery {
    /// Those of this workspace alone.
    #[param(format = "uuid")]
    workspace_id: Option<String>,
    /// Whose name or slug has this in it, in whatever case.
    #[param(max_length = 200)]
    q: Option<String>,
    /// `trash` is those that were deleted and can come back; no other has them.
    #[param(inline, required = false)]
    state: Option<AskedState>,
    #[param(schema_with = schemas::limit, required = false)]
    limit: Option<u16>,
    /// The `next_cursor` of the page before.
    cursor: Option<String>,
}

/// The states to ask for.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum AskedState {
    Open,
    Closed,
    Trash,
}

/// List the forms that you may see, by slug.
#[utoipa::path(get, path = "/forms", tag = "Forms", params(FormsQuery),
    responses((status = 200, description = "A page of forms.", body = Page<FormOut>)))]
pub(super) async fn list_forms(
    State(state): State<WebState>,
    asker: Asker,
    uri: Uri,
    Query(query): Query<FormsQuery>,
) -> Result<Response, Problem> {
    let limit = limit(query.limit)?;
    let after: Option<String> = after("forms", query.cursor.as_deref())?;
    let asked = FormsAsked {
        workspace_id: query.workspace_id.as_deref().map(workspace).transpose()?,
        text: query.q.unwrap_or_default(),
        state: match query.state {
            None => FormsState::Any,
            Some(AskedState::Open) => FormsState::Open,
            Some(AskedState::Closed) => FormsState::Closed,
            Some(AskedState::Trash) => FormsState::Trashed,
        },
    };
    let app = &state.0.app;
    let found = forms::find_forms(app, &asker.caller, &asked, after.as_deref(), limit + 1).await?;
    let slug = |found: &FormDetails| found.record.definition.slug.to_string();
    Ok(page::page(("forms", &uri, limit), found, slug, |found| FormOut::from(found)))
}

/// Make a form of a definition, in JSON or TOML.
#[utoipa::path(post, path = "/forms", tag = "Forms", params(NewFormQuery),
    request_body(content((DefinitionIn = "application/json"), (String = "application/toml"))),
    responses((status = 201, description = "The form.", body = FormOut)))]
pub(super) async fn create_form(
    State(state): State<WebState>,
    asker: Asker,
    Query(query): Query<NewFormQuery>,
    DefinitionIn { definition, .. }: DefinitionIn,
) -> Result<Response, Problem> {
    let workspace_id = query.workspace_id.as_deref().map(workspace).transpose()?;
    let app = &state.0.app;
    let made = forms::create_form(app, &asker.caller, workspace_id, definition).await?;
    Ok(made_at(&made))
}

/// See a form, also one in the trash.
#[utoipa::path(get, path = "/forms/{id}", tag = "Forms",
    responses((status = 200, description = "The form.", body = FormOut)))]
pub(super) async fn get_form(
    State(state): State<WebState>,
    asker: Asker,
    Id(id): Id<FormId>,
) -> Result<Response, Problem> {
    let found = forms::see_form(&state.0.app, &asker.caller, id).await?;
    Ok(reply(StatusCode::OK, &found))
}

/// Rename, open or close a form.
#[utoipa::path(patch, path = "/forms/{id}", tag = "Forms", request_body = ChangedForm,
    responses((status = 200, description = "The form as it is now.", body = FormOut)))]
pub(super) async fn change_form(
    State(state): State<WebState>,
    asker: Asker,
    Id(id): Id<FormId>,
    IfMatch(version): IfMatch,
    Json(changed): Json<ChangedForm>,
) -> Result<Response, Problem> {
    let ChangedForm { name, slug, state: form_state } = changed;
    let patch = FormPatch { name, slug, state: form_state };
    let changed = forms::patch_form(&state.0.app, &asker.caller, id, version, patch).await?;
    Ok(reply(StatusCode::OK, &changed))
}

/// Put a form into the trash: it takes nothing any more, and can come back for 30 days.
#[utoipa::path(delete, path = "/forms/{id}", tag = "Forms",
    responses((status = 204, description = "It is in the trash.")))]
pub(super) async fn delete_form(
    State(state): State<WebState>,
    asker: Asker,
    Id(id): Id<FormId>,
    IfMatch(version): IfMatch,
) -> Result<Response, Problem> {
    forms::trash_form(&state.0.app, &asker.caller, id, version).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Take a form out of the trash.
#[utoipa::path(post, path = "/forms/{id}/restore", tag = "Forms",
    responses((status = 200, description = "The form as it is now.", body = FormOut)))]
pub(super) async fn restore_form(
    State(state): State<WebState>,
    asker: Asker,
    Id(id): Id<FormId>,
) -> Result<Response, Problem> {
    let restored = forms::restore_form(&state.0.app, &asker.caller, id).await?;
    Ok(reply(StatusCode::OK, &restored))
}

/// Make a form with the fields and rules of this one.
#[utoipa::path(post, path = "/forms/{id}/duplicate", tag = "Forms", request_body = CopyIn,
    responses((status = 201, description = "The copy.", body = FormOut)))]
pub(super) async fn duplicate_form(
    State(state): State<WebState>,
    asker: Asker,
    Id(id): Id<FormId>,
    Json(copy): Json<CopyIn>,
) -> Result<Response, Problem> {
    let app = &state.0.app;
    let made = forms::duplicate_form(app, &asker.caller, id, copy.name, copy.slug).await?;
    Ok(made_at(&made))
}

fn workspace(text: &str) -> Result<WorkspaceId, Problem> {
    text.parse().map_err(|_| wrong("workspace_id", "is no id"))
}

fn made_at(made: &FormDetails) -> Response {
    at(reply(StatusCode::CREATED, made), &format!("/api/v1/forms/{}", made.record.id))
}

pub(super) fn reply(status: StatusCode, form: &FormDetails) -> Response {
    versioned(status, form.record.version, FormOut::from(form))
}
