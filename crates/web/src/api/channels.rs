//! `/forms/{id}/channels` and `/channels/{id}`: where a form's submissions are told.

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use formhold_domain::{ChannelId, FormId, rfc3339};
use formhold_service::{
    ServiceError,
    channels::{self, ChannelIn, ChannelView},
    deliveries::{self, Tried},
};
use http::{StatusCode, Uri};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::{
    asker::Asker,
    body::{Json, given},
    id::Id,
    idempotency::ShownOnce,
    page::{self, Page, after, limit},
    problem::{Code, Problem},
    query::Query,
    schemas,
    sessions::ListQuery,
    version::{IfMatch, at, versioned},
};
use crate::WebState;

/// A notification channel of a form.
#[derive(Serialize, ToSchema)]
#[schema(as = Channel)]
pub(crate) struct ChannelOut {
    #[schema(format = "uuid")]
    id: String,
    #[schema(format = "uuid")]
    form_id: String,
    /// `email`, `webhook` or another kind.
    kind: String,
    name: String,
    /// What it was told; in place of each secret stands `***`.
    #[schema(schema_with = schemas::any_object)]
    config: Map<String, Value>,
    /// Whether anything is sent.
    is_on: bool,
    /// Why Formhold switched it off.
    off_reason: Option<String>,
    /// Since when every delivery fails.
    #[schema(format = DateTime)]
    failing_since: Option<String>,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(format = DateTime)]
    updated_at: String,
    /// The signing secret that Formhold made up in this very change. It is shown this once.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "whsec_…")]
    signing_secret: Option<String>,
}

impl From<&ChannelView> for ChannelOut {
    fn from(channel: &ChannelView) -> Self {
        Self {
            id: channel.id.to_string(),
            form_id: channel.form_id.to_string(),
            kind: channel.kind.clone(),
            name: channel.name.clone(),
            config: channel.config.clone(),
            is_on: channel.is_on,
            off_reason: channel.off_reason.clone(),
            failing_since: channel.failing_since_ms.map(rfc3339),
            created_at: rfc3339(channel.created_at_ms),
            updated_at: rfc3339(channel.updated_at_ms),
            signing_secret: channel.new_secret.as_ref().map(|secret| secret.expose().to_owned()),
        }
    }
}

/// A channel to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ChannelIn)]
pub(crate) struct NewChannel {
    #[schema(schema_with = schemas::channel_kind)]
    kind: String,
    /// Left out it is called as its kind is.
    #[schema(min_length = 1, max_length = 100, example = "Our CRM")]
    name: Option<String>,
    #[serde(default)]
    #[schema(schema_with = schemas::channel_config, required = false)]
    config: Map<String, Value>,
    /// Whether anything is sent; left out it is.
    is_on: Option<bool>,
}

/// What is to change of a channel; what is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ChannelPatch)]
pub(crate) struct ChangedChannel {
    #[serde(default, deserialize_with = "given")]
    #[schema(min_length = 1, max_length = 100, nullable = false)]
    name: Option<String>,
    /// All of its configuration. A secret that is left out, or is `***`, stays as long as the address
    /// does: for another address it must be given anew, or Formhold makes up another one.
    #[serde(default, deserialize_with = "given")]
    #[schema(schema_with = schemas::any_object, required = false)]
    config: Option<Map<String, Value>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    is_on: Option<bool>,
}

/// What came of a test.
#[derive(Serialize, ToSchema)]
pub(crate) struct ChannelTest {
    /// Whether it arrived.
    delivered: bool,
    /// The receiver's status code, where it has such.
    #[schema(minimum = 0, maximum = 999)]
    status: Option<u16>,
    /// The first KiB of what the receiver said, where it took it.
    answer: Option<String>,
    /// Why it did not arrive.
    reason: Option<String>,
}

impl From<Tried> for ChannelTest {
    fn from(tried: Tried) -> Self {
        match tried {
            Tried::Delivered { status, answer } => {
                Self { delivered: true, status, answer: Some(answer), reason: None }
            }
            Tried::Later { status, reason, .. } | Tried::Never { status, reason } => {
                Self { delivered: false, status, answer: None, reason: Some(reason) }
            }
        }
    }
}

/// List the channels of a form, the oldest first.
#[utoipa::path(get, path = "/forms/{id}/channels", tag = "Channels", params(ListQuery),
    responses((status = 200, description = "A page of channels.", body = Page<ChannelOut>)))]
pub(super) async fn list_channels(
    State(state): State<WebState>,
    asker: Asker,
    Id(form_id): Id<FormId>,
    uri: Uri,
    Query(query): Query<ListQuery>,
) -> Result<Response, Problem> {
    let limit = limit(query.limit)?;
    let after: Option<ChannelId> = after("channels", query.cursor.as_deref())?;
    // The service gives all: a form has few.
    let mut found = channels::list_channels(&state.0.app, &asker.caller, form_id).await?;
    found.retain(|channel| after.is_none_or(|after| channel.id > after));
    let id = |channel: &ChannelView| channel.id.to_string();
    Ok(page::page(("channels", &uri, limit), found, id, |channel| ChannelOut::from(channel)))
}

/// Make a channel of a form.
///
/// A webhook for which no secret is given gets one; it is in this answer only.
#[utoipa::path(post, path = "/forms/{id}/channels", tag = "Channels", request_body = NewChannel,
    responses((status = 201, description = "The channel.", body = ChannelOut)))]
pub(super) async fn create_channel(
    State(state): State<WebState>,
    asker: Asker,
    Id(form_id): Id<FormId>,
    Json(new): Json<NewChannel>,
) -> Result<Response, Problem> {
    let NewChannel { kind, name, config, is_on } = new;
    let wanted = ChannelIn { name, config: Some(config), is_on };
    let app = &state.0.app;
    let made = channels::create_channel(app, &asker.caller, form_id, &kind, wanted).await;
    let made = made.map_err(within_config)?;
    Ok(at(reply(StatusCode::CREATED, &made), &format!("/api/v1/channels/{}", made.id)))
}

/// See a channel.
#[utoipa::path(get, path = "/channels/{id}", tag = "Channels",
    responses((status = 200, description = "The channel.", body = ChannelOut)))]
pub(super) async fn get_channel(
    State(state): State<WebState>,
    asker: Asker,
    Id(id): Id<ChannelId>,
) -> Result<Response, Problem> {
    let found = channels::get_channel(&state.0.app, &asker.caller, id).await?;
    Ok(reply(StatusCode::OK, &found))
}

/// Change a channel.
///
/// One that Formhold switched off starts afresh.
#[utoipa::path(patch, path = "/channels/{id}", tag = "Channels", request_body = ChangedChannel,
    responses((status = 200, description = "The channel as it is now.", body = ChannelOut)))]
pub(super) async fn change_channel(
    State(state): State<WebState>,
    asker: Asker,
    Id(id): Id<ChannelId>,
    IfMatch(version): IfMatch,
    Json(patch): Json<ChangedChannel>,
) -> Result<Response, Problem> {
    let ChangedChannel { name, config, is_on } = patch;
    let patch = ChannelIn { name, config, is_on };
    let (app, caller) = (&state.0.app, &asker.caller);
    let changed = channels::change_channel(app, caller, id, version, patch).await;
    Ok(reply(StatusCode::OK, &changed.map_err(within_config)?))
}

/// Delete a channel. What waits for it is not sent any more.
#[utoipa::path(delete, path = "/channels/{id}", tag = "Channels",
    responses((status = 204, description = "It is gone.")))]
pub(super) async fn delete_channel(
    State(state): State<WebState>,
    asker: Asker,
    Id(id): Id<ChannelId>,
    IfMatch(version): IfMatch,
) -> Result<Response, Problem> {
    channels::delete_channel(&state.0.app, &asker.caller, id, version).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Send a made-up submission by a channel, now and once.
///
/// A confirmation goes to your own address.
#[utoipa::path(post, path = "/channels/{id}/test", tag = "Channels",
    responses((status = 200, description = "What came of it.", body = ChannelTest)))]
pub(super) async fn test_channel(
    State(state): State<WebState>,
    asker: Asker,
    Id(id): Id<ChannelId>,
) -> Result<axum::Json<ChannelTest>, Problem> {
    let tried = deliveries::try_channel(&state.0.app, &asker.caller, id).await?;
    Ok(axum::Json(tried.into()))
}

/// Give a webhook a new signing secret.
///
/// It is in this answer only. The one before signs, too, for a day.
#[utoipa::path(post, path = "/channels/{id}/secret", tag = "Channels",
    responses((status = 200, description = "The channel, with its new secret.", body = ChannelOut)))]
pub(super) async fn create_channel_secret(
    State(state): State<WebState>,
    asker: Asker,
    Id(id): Id<ChannelId>,
    IfMatch(version): IfMatch,
) -> Result<Response, Problem> {
    let made = channels::new_secret(&state.0.app, &asker.caller, id, version).await?;
    Ok(reply(StatusCode::OK, &made))
}

/// What is wrong with a field of the configuration is told at its place in the body.
fn within_config(failure: ServiceError) -> Problem {
    let ServiceError::Invalid(problems) = failure else { return failure.into() };
    problems.into_iter().fold(Problem::plain(Code::Invalid), |whole, problem| {
        let pointer = match problem.field {
            own @ ("kind" | "name" | "config") => format!("/{own}"),
            field => format!("/config/{field}"),
        };
        whole.at(pointer, problem.code, problem.message)
    })
}

fn reply(status: StatusCode, channel: &ChannelView) -> Response {
    let mut response = versioned(status, channel.version, ChannelOut::from(channel));
    if channel.new_secret.is_some() {
        response.extensions_mut().insert(ShownOnce);
    }
    response
}
