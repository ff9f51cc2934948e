//! The pages of people who manage something: each handler reads a form, calls one function of the
//! service, and draws a page.

mod audit;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    routing::{get, post},
};

use crate::WebState;

/// More than any form of these pages has.
const MAX_FORM_BYTES: usize = 16 * 1024;

/// The routes of these pages.
pub(crate) fn routes() -> Router<WebState> {
    Router::new()
        .route("/admin/audit", get(audit::show_audit))
        .route("/admin/audit/export", post(audit::export_audit))
        .layer(DefaultBodyLimit::max(MAX_FORM_BYTES))
}
