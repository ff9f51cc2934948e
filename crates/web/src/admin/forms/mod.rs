//! The pages of forms.

mod around;
mod embed;
mod embed_code;

use axum::{Router, routing::get};

pub(super) use around::FormAround;

use crate::WebState;

/// The routes of these pages.
pub(super) fn routes() -> Router<WebState> {
    Router::new().route("/admin/forms/{id}/embed", get(embed::show_embed))
}
