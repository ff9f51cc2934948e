//! `/users`: accounts, for administrators.

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use formhold_domain::{
    Language, UserId,
    access::InstanceRole,
    accounts::{User, UserState},
    rfc3339,
};
use formhold_service::users::{self, UserFilter, UserIn, UserOrder, UserPatch};
use http::{StatusCode, Uri};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    asker::Asker,
    body::{Json, given},
    id::Id,
    page::{self, Page, after, limit},
    problem::Problem,
    query::Query,
    schemas,
    version::{IfMatch, at, versioned},
};
use crate::WebState;

/// An account.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = User)]
pub(crate) struct UserOut {
    #[schema(format = "uuid")]
    id: String,
    #[schema(format = Email)]
    email: String,
    /// When mail to the address was shown to arrive.
    #[schema(format = DateTime)]
    email_confirmed_at: Option<String>,
    name: String,
    #[schema(schema_with = schemas::instance_role)]
    role: &'static str,
    /// The language of mails to it.
    #[schema(schema_with = schemas::language)]
    language: &'static str,
    #[schema(schema_with = schemas::user_state)]
    state: &'static str,
    has_password: bool,
    /// Whether signing in takes a code of an app as well.
    has_totp: bool,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(format = DateTime)]
    updated_at: String,
    /// When somebody last signed in to it.
    #[schema(format = DateTime)]
    signed_in_at: Option<String>,
}

impl From<&User> for UserOut {
    fn from(user: &User) -> Self {
        Self {
            id: user.id.to_string(),
            email: user.email.as_str().to_owned(),
            email_confirmed_at: user.email_confirmed_at_ms.map(rfc3339),
            name: user.name.as_str().to_owned(),
            role: user.role.as_str(),
            language: user.language.tag(),
            state: user.state.as_str(),
            has_password: user.has_password,
            has_totp: user.has_totp,
            created_at: rfc3339(user.created_at_ms),
            updated_at: rfc3339(user.updated_at_ms),
            signed_in_at: user.signed_in_at_ms.map(rfc3339),
        }
    }
}

/// An account to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = UserIn)]
pub(crate) struct NewUser {
    #[schema(min_length = 1, max_length = 100, example = "Hanna Meier")]
    name: String,
    #[schema(max_length = 254, format = Email, example = "hanna@example.org")]
    email: String,
    #[serde(default)]
    #[schema(schema_with = schemas::instance_role, required = false)]
    role: Option<InstanceRole>,
    /// The language of mails to it; English where it is left out.
    #[serde(default)]
    #[schema(schema_with = schemas::language, required = false)]
    language: Option<Language>,
    /// 8 to 1,024 bytes. Left out, the person gets a link by mail to set one.
    #[schema(min_length = 8, max_length = 1024, format = Password)]
    password: Option<String>,
}

/// What is to change of an account; what is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = UserPatch)]
pub(crate) struct ChangedUser {
    #[serde(default, deserialize_with = "given")]
    #[schema(min_length = 1, max_length = 100, nullable = false)]
    name: Option<String>,
    #[serde(default, deserialize_with = "given")]
    #[schema(schema_with = schemas::instance_role, required = false)]
    role: Option<InstanceRole>,
    #[serde(default, deserialize_with = "given")]
    #[schema(schema_with = schemas::language, required = false)]
    language: Option<Language>,
}

/// Which accounts, and in which order.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct UsersQuery {
    /// Whose name or address has this in it, in whatever case.
    #[param(max_length = 200)]
    q: Option<String>,
    #[param(schema_with = schemas::instance_role, required = false)]
    role: Option<InstanceRole>,
    #[param(schema_with = schemas::user_state, required = false)]
    state: Option<UserState>,
    /// `-created_at` is the newest first.
    #[serde(default)]
    #[param(inline, required = false)]
    sort: Sort,
    #[param(schema_with = schemas::limit, required = false)]
    limit: Option<u16>,
    /// The `next_cursor` of the page before.
    cursor: Option<String>,
}

/// In which order accounts are listed.
#[derive(Debug, Default, Clone, Copy, Deserialize, ToSchema)]
pub(crate) enum Sort {
    #[default]
    #[serde(rename = "-created_at")]
    Newest,
    #[serde(rename = "email")]
    Email,
}

impl UsersQuery {
    fn filter(self) -> UserFilter {
        let Self { q, role, state, .. } = self;
        UserFilter { text: q.filter(|text| !text.is_empty()), role, state, ..UserFilter::default() }
    }
}

/// List and search accounts.
#[utoipa::path(get, path = "/users", tag = "Users", params(UsersQuery),
    responses((status = 200, description = "A page of accounts.", body = Page<UserOut>)))]
pub(super) async fn list_users(
    State(state): State<WebState>,
    asker: Asker,
    uri: Uri,
    Query(query): Query<UsersQuery>,
) -> Result<Response, Problem> {
    let (kind, order) = match query.sort {
        Sort::Newest => ("users", UserOrder::Newest),
        Sort::Email => ("users-email", UserOrder::Email),
    };
    let limit = limit(query.limit)?;
    let after: Option<UserId> = after(kind, query.cursor.as_deref())?;
    let (app, filter) = (&state.0.app, query.filter());
    let found = users::list_users(app, &asker.caller, &filter, order, after, limit + 1).await?;
    let id = |user: &User| user.id.to_string();
    Ok(page::page((kind, &uri, limit), found, id, |user| UserOut::from(user)))
}

/// Make an account for somebody.
#[utoipa::path(post, path = "/users", tag = "Users", request_body = NewUser,
    responses((status = 201, description = "The account. Without a password a link to set one is on its way.", body = UserOut)))]
pub(super) async fn create_user(
    State(state): State<WebState>,
    asker: Asker,
    Json(new): Json<NewUser>,
) -> Result<Response, Problem> {
    let NewUser { name, email, role, language, password } = new;
    let role = role.unwrap_or(InstanceRole::User);
    let wanted = UserIn { name, email, role, language, password };
    let user = users::create_user(&state.0.app, &asker.caller, wanted).await?;
    Ok(at(reply(StatusCode::CREATED, &user), &format!("/api/v1/users/{}", user.id)))
}

/// See an account.
#[utoipa::path(get, path = "/users/{id}", tag = "Users",
    responses((status = 200, description = "The account.", body = UserOut)))]
pub(super) async fn get_user(
    State(state): State<WebState>,
    asker: Asker,
    Id(id): Id<UserId>,
) -> Result<Response, Problem> {
    let user = users::get_user(&state.0.app, &asker.caller, id).await?;
    Ok(reply(StatusCode::OK, &user))
}

/// Change an account.
///
/// A new role ends all sessions of the account.
#[utoipa::path(patch, path = "/users/{id}", tag = "Users", request_body = ChangedUser,
    responses((status = 200, description = "The account as it is now.", body = UserOut)))]
pub(super) async fn change_user(
    State(state): State<WebState>,
    asker: Asker,
    Id(id): Id<UserId>,
    IfMatch(version): IfMatch,
    Json(changed): Json<ChangedUser>,
) -> Result<Response, Problem> {
    let ChangedUser { name, role, language } = changed;
    let patch = UserPatch { name, role, language };
    let user = users::change_user(&state.0.app, &asker.caller, id, version, patch).await?;
    Ok(reply(StatusCode::OK, &user))
}

/// Delete an account.
///
/// What opens it goes with it; forms, submissions and the audit trail stay.
#[utoipa::path(delete, path = "/users/{id}", tag = "Users",
    responses((status = 204, description = "It is gone.")))]
pub(super) async fn delete_user(
    State(state): State<WebState>,
    asker: Asker,
    Id(id): Id<UserId>,
    IfMatch(version): IfMatch,
) -> Result<Response, Problem> {
    users::delete_user(&state.0.app, &asker.caller, id, version).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Turn an account off.
///
/// Nobody is signed in to it at the next request, and its tokens do not work.
#[utoipa::path(post, path = "/users/{id}/disable", tag = "Users",
    responses((status = 200, description = "The account as it is now.", body = UserOut)))]
pub(super) async fn disable_user(
    State(state): State<WebState>,
    asker: Asker,
    Id(id): Id<UserId>,
) -> Result<Response, Problem> {
    set_state(&state, &asker, id, UserState::Disabled).await
}

/// Turn an account on again.
#[utoipa::path(post, path = "/users/{id}/enable", tag = "Users",
    responses((status = 200, description = "The account as it is now.", body = UserOut)))]
pub(super) async fn enable_user(
    State(state): State<WebState>,
    asker: Asker,
    Id(id): Id<UserId>,
) -> Result<Response, Problem> {
    set_state(&state, &asker, id, UserState::Active).await
}

async fn set_state(
    state: &WebState,
    asker: &Asker,
    id: UserId,
    to: UserState,
) -> Result<Response, Problem> {
    let user = users::set_user_state(&state.0.app, &asker.caller, id, to).await?;
    Ok(reply(StatusCode::OK, &user))
}

fn reply(status: StatusCode, user: &User) -> Response {
    versioned(status, user.version, UserOut::from(user))
}
