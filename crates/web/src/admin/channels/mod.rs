//! The pages of delivery: channels of forms, and what came of each delivery.

mod channel;
mod deliveries;
mod fields;
mod list;
mod new;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    response::Response,
    routing::{get, post},
};
use formhold_domain::ChannelId;

pub(super) use deliveries::{may_retry, parse_job, tries, waits};

use crate::{WebState, pages::ErrorKind, visit::reply};

/// Templates are long, and longer as a browser sends them.
const MAX_FORM_BYTES: usize = 512 * 1024;

/// The routes of these pages.
pub(super) fn routes() -> Router<WebState> {
    Router::new()
        .route("/admin/forms/{id}/delivery", get(list::show_channels))
        .route(
            "/admin/forms/{id}/delivery/new",
            get(new::show_new_channel).post(new::create_channel),
        )
        .route("/admin/channels/{id}", get(channel::show_channel).post(channel::change_channel))
        .route("/admin/channels/{id}/switch", post(channel::switch_channel))
        .route("/admin/channels/{id}/test", post(channel::test_channel))
        .route("/admin/channels/{id}/secret", post(channel::create_secret))
        .route(
            "/admin/channels/{id}/delete",
            get(channel::ask_delete_channel).post(channel::delete_channel),
        )
        .route("/admin/channels/{id}/deliveries", get(deliveries::show_deliveries))
        .route("/admin/channels/{id}/deliveries/retry", post(deliveries::retry_failed))
        .route("/admin/submissions/{id}/deliveries", get(deliveries::show_of_submission))
        .route("/admin/deliveries/{id}", get(deliveries::show_delivery))
        .route("/admin/deliveries/{id}/retry", post(deliveries::retry_delivery))
        .route("/admin/deliveries/{id}/cancel", post(deliveries::cancel_delivery))
        .layer(DefaultBodyLimit::max(MAX_FORM_BYTES))
}

fn parse(id: &str) -> Result<ChannelId, Response> {
    id.parse().map_err(|_| reply::error(ErrorKind::NotFound))
}

/// The page of a channel.
fn path(id: ChannelId) -> String {
    format!("/admin/channels/{id}")
}
