//! The pages of people who manage something: each handler reads a form, calls one function of the
//! service, and draws a page.

mod audit;
mod forms;
mod invitations;
mod members;
mod overview;
mod switch;
mod user;
mod user_exports;
mod users;
mod workspace;
mod workspaces;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    response::Response,
    routing::{get, post},
};
use formhold_service::ServiceError;
use http::StatusCode;

use crate::WebState;

/// More than any form of these pages has.
const MAX_FORM_BYTES: usize = 16 * 1024;
/// Entries of a list on one page.
const PAGE: usize = 50;

/// The routes of these pages.
pub(crate) fn routes() -> Router<WebState> {
    Router::new()
        .route("/admin", get(overview::show_overview))
        .route("/admin/users", get(users::list_users))
        .route("/admin/users/new", get(users::show_new_user).post(users::create_user))
        .route("/admin/users/export", get(user_exports::export_users))
        .route("/admin/users/{id}", get(user::show_user).post(user::change_user))
        .route("/admin/users/{id}/enable", post(user::enable_user))
        .route("/admin/users/{id}/disable", get(user::ask_disable_user).post(user::disable_user))
        .route("/admin/users/{id}/delete", get(user::ask_delete_user).post(user::delete_user))
        .route("/admin/users/{id}/password-link", post(user::make_password_link))
        .route(
            "/admin/users/{id}/factors/reset",
            get(user::ask_reset_factors).post(user::reset_factors),
        )
        .route("/admin/users/{id}/sessions/end", post(user::end_user_sessions))
        .route("/admin/workspaces", get(workspaces::list_workspaces))
        .route(
            "/admin/workspaces/new",
            get(workspaces::show_new_workspace).post(workspaces::create_workspace),
        )
        .route(
            "/admin/workspaces/{id}",
            get(workspace::show_workspace).post(workspace::rename_workspace),
        )
        .route(
            "/admin/workspaces/{id}/delete",
            get(workspace::ask_delete_workspace).post(workspace::delete_workspace),
        )
        .route("/admin/workspaces/{id}/members/{user_id}", post(members::change_member))
        .route(
            "/admin/workspaces/{id}/members/{user_id}/remove",
            get(members::ask_remove_member).post(members::remove_member),
        )
        .route("/admin/workspaces/{id}/invitations", post(invitations::invite))
        .route(
            "/admin/workspaces/{id}/invitations/{invitation_id}/revoke",
            post(invitations::revoke_invitation),
        )
        .route("/invitation", get(invitations::show_invitation).post(invitations::accept))
        .route("/workspace", post(switch::switch_workspace))
        .route("/admin/audit", get(audit::show_audit))
        .route("/admin/audit/export", post(audit::export_audit))
        .merge(forms::routes())
        .layer(DefaultBodyLimit::max(MAX_FORM_BYTES))
}

/// One more than a page has: that there is a next page is known by it.
const ASKED: u64 = PAGE as u64 + 1;

/// Cuts a list that has one entry too many, and says whether it had.
fn cut<T>(list: &mut Vec<T>) -> bool {
    let has_more = list.len() > PAGE;
    list.truncate(PAGE);
    has_more
}

/// The status of a page that shows a form again because of this.
fn status_of(failure: &ServiceError) -> StatusCode {
    match failure {
        ServiceError::Conflict(_) | ServiceError::Stale(_) => StatusCode::CONFLICT,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    }
}

/// What somebody typed to confirm is what was asked for; capitals do not matter.
fn is_confirmed(typed: &str, asked: &str) -> bool {
    typed.trim().to_lowercase() == asked.trim().to_lowercase()
}

/// What a handler answers with where the page that it shows is not there.
type Shown = Result<Response, Response>;
