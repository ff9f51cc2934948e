//! `/tokens`: what lets programs act in the caller's name.

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use formhold_domain::{TokenId, WorkspaceId, accounts::ApiToken, rfc3339};
use formhold_service::tokens::{self, TokenIn};
use http::{StatusCode, Uri};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    asker::Asker,
    body::Json,
    id::Id,
    idempotency::ShownOnce,
    page::{self, Page, after, limit},
    problem::Problem,
    query::Query,
    schemas,
    sessions::ListQuery,
    version::at,
};
use crate::WebState;

/// A token, without what opens it.
#[derive(Serialize, ToSchema)]
#[schema(as = Token)]
pub(crate) struct TokenOut {
    #[schema(format = "uuid")]
    id: String,
    name: String,
    scopes: Vec<&'static str>,
    /// The only workspace that it reaches; null: all of its owner's.
    #[schema(format = "uuid")]
    workspace_id: Option<String>,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(format = DateTime)]
    expires_at: Option<String>,
    /// When it was last used, to within a minute.
    #[schema(format = DateTime)]
    used_at: Option<String>,
}

impl From<&ApiToken> for TokenOut {
    fn from(token: &ApiToken) -> Self {
        Self {
            id: token.id.to_string(),
            name: token.name.clone(),
            scopes: token.scopes.iter().map(|scope| scope.as_str()).collect(),
            workspace_id: token.workspace_id.map(|id| id.to_string()),
            created_at: rfc3339(token.created_at_ms),
            expires_at: token.expires_at_ms.map(rfc3339),
            used_at: token.used_at_ms.map(rfc3339),
        }
    }
}

/// A token that was made.
#[derive(Serialize, ToSchema)]
pub(crate) struct TokenMade {
    token: TokenOut,
    /// What to send as `Authorization: Bearer …`. It is shown this once.
    #[schema(example = "fh_…")]
    secret: String,
}

/// A token to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = TokenIn)]
pub(crate) struct NewToken {
    #[schema(min_length = 1, max_length = 100, example = "Nightly export")]
    name: String,
    #[schema(schema_with = schemas::scopes)]
    scopes: Vec<String>,
    /// The only workspace that it reaches; left out: all of yours.
    #[schema(value_type = Option<String>, format = "uuid")]
    workspace_id: Option<WorkspaceId>,
    /// After how many days it expires; left out: never.
    #[schema(minimum = 1, maximum = 3650)]
    expires_in_days: Option<u32>,
}

/// List your tokens, the newest first.
#[utoipa::path(get, path = "/tokens", tag = "Tokens", params(ListQuery),
    responses((status = 200, description = "A page of tokens.", body = Page<TokenOut>)))]
pub(super) async fn list_tokens(
    State(state): State<WebState>,
    asker: Asker,
    uri: Uri,
    Query(query): Query<ListQuery>,
) -> Result<Response, Problem> {
    let limit = limit(query.limit)?;
    let before: Option<TokenId> = after("tokens", query.cursor.as_deref())?;
    let app = &state.0.app;
    let found = tokens::list_tokens(app, &asker.caller, None, before, limit + 1).await?;
    let id = |token: &ApiToken| token.id.to_string();
    Ok(page::page(("tokens", &uri, limit), found, id, |token| TokenOut::from(token)))
}

/// Make a token for yourself.
///
/// Takes a session: no token makes another one.
#[utoipa::path(post, path = "/tokens", tag = "Tokens", request_body = NewToken,
    responses((status = 201, description = "The token, and what opens it: shown this once.", body = TokenMade)))]
pub(super) async fn create_token(
    State(state): State<WebState>,
    asker: Asker,
    Json(new): Json<NewToken>,
) -> Result<Response, Problem> {
    let NewToken { name, scopes, workspace_id, expires_in_days } = new;
    let wanted = TokenIn { name, scopes, workspace_id, expires_in_days };
    let made = tokens::create_token(&state.0.app, &asker.caller, wanted).await?;
    let path = format!("/api/v1/tokens/{}", made.token.id);
    let out = TokenMade { token: TokenOut::from(&made.token), secret: made.secret.expose_token() };
    let mut response = (StatusCode::CREATED, axum::Json(out)).into_response();
    response.extensions_mut().insert(ShownOnce);
    Ok(at(response, &path))
}

/// See a token of yours.
#[utoipa::path(get, path = "/tokens/{id}", tag = "Tokens",
    responses((status = 200, description = "The token.", body = TokenOut)))]
pub(super) async fn get_token(
    State(state): State<WebState>,
    asker: Asker,
    Id(id): Id<TokenId>,
) -> Result<axum::Json<TokenOut>, Problem> {
    let token = tokens::get_token(&state.0.app, &asker.caller, None, id).await?;
    Ok(axum::Json(TokenOut::from(&token)))
}

/// Revoke a token of yours, at once.
///
/// A token may revoke itself; another one only in a session.
#[utoipa::path(delete, path = "/tokens/{id}", tag = "Tokens",
    responses((status = 204, description = "It is gone.")))]
pub(super) async fn revoke_token(
    State(state): State<WebState>,
    asker: Asker,
    Id(id): Id<TokenId>,
) -> Result<Response, Problem> {
    tokens::revoke_token(&state.0.app, &asker.caller, None, id).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
