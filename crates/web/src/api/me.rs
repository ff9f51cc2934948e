//! `/me`: the account of who asks.

use axum::{extract::State, response::Response};
use formhold_domain::access::Via;
use formhold_service::{own::profile::patch_profile, users};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    asker::Asker,
    body::{Json, given},
    problem::Problem,
    schemas,
    users::UserOut,
    version::{IfMatch, versioned},
};
use crate::WebState;

/// Who asks, and what they may.
#[derive(Serialize, ToSchema)]
pub(crate) struct MeOut {
    user: UserOut,
    /// The workspaces that the account belongs to; an admin reaches all others, too.
    memberships: Vec<MembershipOut>,
    /// The token that was shown; null where a session was.
    token: Option<TokenInUse>,
    /// For the header `X-Csrf-Token` of changes by this session; null where a token was shown.
    csrf_token: Option<String>,
}

/// A workspace that somebody belongs to.
#[derive(Serialize, ToSchema)]
pub(crate) struct MembershipOut {
    #[schema(format = "uuid")]
    workspace_id: String,
    #[schema(schema_with = schemas::workspace_role)]
    role: &'static str,
}

/// The token in use.
#[derive(Serialize, ToSchema)]
pub(crate) struct TokenInUse {
    #[schema(format = "uuid")]
    id: String,
    scopes: Vec<&'static str>,
    /// The only workspace that it reaches; null: all of its owner's.
    #[schema(format = "uuid")]
    workspace_id: Option<String>,
}

/// See who you are.
#[utoipa::path(get, path = "/me", tag = "Own account",
    responses((status = 200, description = "Who asks.", body = MeOut)))]
pub(super) async fn get_me(
    State(state): State<WebState>,
    asker: Asker,
) -> Result<Response, Problem> {
    let user = users::own_account(&state.0.app, &asker.caller).await?;
    let person = asker.caller.person();
    let memberships = person.map(|person| &person.memberships[..]).unwrap_or_default();
    let token = person.and_then(|person| match &person.via {
        Via::Session(_) => None,
        Via::Token { id, scopes, workspace } => Some(TokenInUse {
            id: id.to_string(),
            scopes: scopes.iter().map(|scope| scope.as_str()).collect(),
            workspace_id: workspace.map(|id| id.to_string()),
        }),
    });
    let out = MeOut {
        user: UserOut::from(&user),
        memberships: memberships
            .iter()
            .map(|it| MembershipOut {
                workspace_id: it.workspace_id.to_string(),
                role: it.role.as_str(),
            })
            .collect(),
        token,
        csrf_token: asker.csrf(&state),
    };
    Ok(versioned(StatusCode::OK, user.version, out))
}

/// What is to change of the own account; what is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MePatch {
    #[serde(default, deserialize_with = "given")]
    #[schema(min_length = 1, max_length = 100, nullable = false)]
    name: Option<String>,
    /// The language of mails to you.
    #[serde(default, deserialize_with = "given")]
    #[schema(schema_with = schemas::language, required = false)]
    language: Option<String>,
}

/// Change your name and the language of mails.
///
/// Takes a session: no token changes its owner's account.
#[utoipa::path(patch, path = "/me", tag = "Own account", request_body = MePatch,
    responses((status = 200, description = "The account as it is now.", body = UserOut)))]
pub(super) async fn change_me(
    State(state): State<WebState>,
    asker: Asker,
    IfMatch(version): IfMatch,
    Json(patch): Json<MePatch>,
) -> Result<Response, Problem> {
    let (name, language) = (patch.name.as_deref(), patch.language.as_deref());
    let user = patch_profile(&state.0.app, &asker.caller, version, name, language).await?;
    Ok(versioned(StatusCode::OK, user.version, UserOut::from(&user)))
}
