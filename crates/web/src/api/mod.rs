//! The REST API below `/api/v1`: one file a noun, and around them what all of them share. Handlers
//! extract, call one function of the service and map the result.

mod asker;
mod audit;
mod auth;
mod body;
mod document;
mod door;
mod failure;
mod id;
mod idempotency;
mod invitations;
mod limits;
mod me;
mod members;
mod own_submissions;
mod page;
mod problem;
mod query;
mod reference;
mod registration;
mod schemas;
mod sessions;
mod stats;
mod submission_bulk;
mod submission_exports;
mod submission_filters;
mod submission_notes;
mod submission_out;
mod submissions;
mod tokens;
mod totp;
mod user_exports;
mod users;
mod version;
mod workspaces;

use axum::{Router, middleware::from_fn_with_state, routing::get};
use utoipa_axum::{router::OpenApiRouter, routes};

pub use document::openapi;

use crate::WebState;

/// The routes, with what describes them.
fn described() -> OpenApiRouter<WebState> {
    OpenApiRouter::with_openapi(document::head())
        .routes(routes!(auth::login))
        .routes(routes!(auth::login_factor))
        .routes(routes!(auth::logout))
        .routes(routes!(registration::register))
        .routes(routes!(registration::verify_email))
        .routes(routes!(registration::forgot_password))
        .routes(routes!(registration::reset_password))
        .routes(routes!(me::get_me, me::change_me))
        .routes(routes!(sessions::list_sessions))
        .routes(routes!(sessions::end_session))
        .routes(routes!(own_submissions::list_submissions))
        .routes(routes!(totp::get_totp, totp::begin_totp))
        .routes(routes!(totp::confirm_totp))
        .routes(routes!(totp::disable_totp))
        .routes(routes!(totp::create_recovery_codes))
        .routes(routes!(tokens::list_tokens, tokens::create_token))
        .routes(routes!(tokens::get_token, tokens::revoke_token))
        .routes(routes!(users::list_users, users::create_user))
        .routes(routes!(users::get_user, users::change_user, users::delete_user))
        .routes(routes!(users::disable_user))
        .routes(routes!(users::enable_user))
        .routes(routes!(user_exports::export_users))
        .routes(routes!(workspaces::list_workspaces, workspaces::create_workspace))
        .routes(routes!(
            workspaces::get_workspace,
            workspaces::rename_workspace,
            workspaces::delete_workspace
        ))
        .routes(routes!(members::list_members))
        .routes(routes!(members::get_member, members::change_member, members::remove_member))
        .routes(routes!(invitations::list_invitations, invitations::create_invitation))
        .routes(routes!(invitations::revoke_invitation))
        .routes(routes!(audit::list_audit))
        .routes(routes!(stats::get_overview))
        .routes(routes!(stats::get_trend))
        .routes(routes!(stats::get_form_stats))
        .routes(routes!(stats::get_cache_stats))
        .routes(routes!(submissions::list_form_submissions))
        .routes(routes!(submission_bulk::act_on_submissions))
        .routes(routes!(submission_exports::export_submissions))
        .routes(routes!(submission_notes::list_form_tags))
        .routes(routes!(
            submissions::get_submission,
            submissions::change_submission,
            submissions::delete_submission
        ))
        .routes(routes!(submissions::restore_submission))
        .routes(routes!(
            submission_notes::list_submission_notes,
            submission_notes::add_submission_note
        ))
        .routes(routes!(submission_notes::delete_submission_note))
        .routes(routes!(submission_notes::list_submission_history))
}

/// Everything below `/api`.
pub(crate) fn routes(state: &WebState) -> Router<WebState> {
    let (version_1, _) = described().split_for_parts();
    let version_1 = version_1.layer(from_fn_with_state(state.clone(), idempotency::idempotency));
    let api = Router::new()
        .nest("/v1", version_1)
        .route("/openapi.json", get(document::get_document))
        .route("/docs", get(reference::get_reference))
        .fallback(door::not_found)
        .method_not_allowed_fallback(door::method_not_allowed)
        .layer(from_fn_with_state(state.clone(), door::door));
    Router::new().nest("/api", api)
}
