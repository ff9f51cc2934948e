//! `/me/sessions`: where the caller is signed in.

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use formhold_domain::{SessionId, access::Via, accounts::Session, rfc3339};
use formhold_service::sessions;
use http::{StatusCode, Uri};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    asker::Asker,
    id::Id,
    page::{self, Page, after, limit},
    problem::Problem,
    query::Query,
    schemas,
};
use crate::WebState;

/// A browser or program that is signed in.
#[derive(Serialize, ToSchema)]
#[schema(as = Session)]
pub(crate) struct SessionOut {
    #[schema(format = "uuid")]
    id: String,
    /// Whether it is the one in use.
    is_current: bool,
    #[schema(schema_with = schemas::factor)]
    factor: &'static str,
    /// Where it was begun from.
    address: Option<String>,
    user_agent: Option<String>,
    #[schema(format = DateTime)]
    created_at: String,
    /// When it was last used, to within a minute.
    #[schema(format = DateTime)]
    seen_at: String,
    /// When it ends whatever happens.
    #[schema(format = DateTime)]
    expires_at: String,
}

/// A page of a list.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListQuery {
    #[param(schema_with = schemas::limit, required = false)]
    pub(super) limit: Option<u16>,
    /// The `next_cursor` of the page before.
    pub(super) cursor: Option<String>,
}

/// List your sessions, the newest first.
#[utoipa::path(get, path = "/me/sessions", tag = "Own account", params(ListQuery),
    responses((status = 200, description = "A page of sessions.", body = Page<SessionOut>)))]
pub(super) async fn list_sessions(
    State(state): State<WebState>,
    asker: Asker,
    uri: Uri,
    Query(query): Query<ListQuery>,
) -> Result<Response, Problem> {
    let limit = limit(query.limit)?;
    let after: Option<SessionId> = after("sessions", query.cursor.as_deref())?;
    let mut found = sessions::list_sessions(&state.0.app, &asker.caller).await?;
    // The service gives all: few are open at once.
    found.sort_by_key(|session| std::cmp::Reverse(session.id));
    found.retain(|session| after.is_none_or(|after| session.id < after));
    let own = asker.caller.person().and_then(|person| match person.via {
        Via::Session(id) => Some(id),
        Via::Token { .. } => None,
    });
    let out = |session: &Session| SessionOut {
        id: session.id.to_string(),
        is_current: Some(session.id) == own,
        factor: session.factor.as_str(),
        address: session.address.clone(),
        user_agent: session.user_agent.clone(),
        created_at: rfc3339(session.created_at_ms),
        seen_at: rfc3339(session.seen_at_ms),
        expires_at: rfc3339(session.expires_at_ms),
    };
    Ok(page::page(("sessions", &uri, limit), found, |it: &Session| it.id.to_string(), out))
}

/// End a session of yours.
#[utoipa::path(delete, path = "/me/sessions/{id}", tag = "Own account",
    responses((status = 204, description = "It has ended.")))]
pub(super) async fn end_session(
    State(state): State<WebState>,
    asker: Asker,
    Id(id): Id<SessionId>,
) -> Result<Response, Problem> {
    sessions::end_session(&state.0.app, &asker.caller, id).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
