//! The REST API below `/api/v1`: one file a noun, and around them what all of them share. Handlers
//! extract, call one function of the service and map the result.

mod asker;
mod audit;
mod auth;
mod body;
mod channels;
mod deliveries;
mod document;
mod door;
mod failure;
mod form_definitions;
mod form_versions;
mod forms;
mod id;
mod idempotency;
mod invitations;
mod jobs;
mod limits;
mod me;
mod members;
mod own_submissions;
mod page;
mod problem;
mod query;
mod reference;
mod registration;
mod schedules;
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
        .routes(routes!(forms::list_forms, forms::create_form))
        .routes(routes!(forms::get_form, forms::change_form, forms::delete_form))
        .routes(routes!(forms::restore_form))
        .routes(routes!(forms::duplicate_form))
        .routes(routes!(form_definitions::get_definition, form_definitions::put_definition))
        .routes(routes!(form_versions::list_form_versions))
        .routes(routes!(form_versions::get_form_version))
        .routes(routes!(form_versions::restore_form_version))
        .routes(routes!(channels::list_channels, channels::create_channel))
        .routes(routes!(channels::get_channel, channels::change_channel, channels::delete_channel))
        .routes(routes!(channels::test_channel))
        .routes(routes!(channels::create_channel_secret))
        .routes(routes!(deliveries::list_channel_deliveries))
        .routes(routes!(deliveries::retry_channel_deliveries))
        .routes(routes!(deliveries::list_submission_deliveries))
        .routes(routes!(deliveries::get_delivery))
        .routes(routes!(deliveries::retry_delivery))
        .routes(routes!(jobs::list_jobs))
        .routes(routes!(jobs::get_job))
        .routes(routes!(jobs::retry_job))
        .routes(routes!(jobs::cancel_job))
        .routes(routes!(schedules::list_schedules))
        .routes(routes!(schedules::run_schedule))
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
