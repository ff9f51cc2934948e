//! The pages of forms.

mod around;
mod bytes;
mod create;
mod definition;
mod draft;
mod embed;
mod embed_code;
mod entered;
mod fields;
mod kinds;
mod list;
mod option_lines;
mod preview;
mod protection;
mod settings;
mod success;
mod trash;
mod versions;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    routing::{get, post},
};

pub(super) use around::FormAround;

use crate::WebState;

/// The tab that a form opens with: the end of its path.
const FIRST_TAB: &str = "submissions";

/// A form of 200 fields with long lists of options, and more than any definition that makes sense.
const MAX_DEFINITION_BYTES: usize = 2 * 1024 * 1024;

/// The routes of these pages.
pub(super) fn routes() -> Router<WebState> {
    let large = Router::new()
        .route("/admin/forms/new", get(create::show_new_form).post(create::create_form))
        .route("/admin/forms/{id}/fields", get(fields::show_fields).post(fields::change_fields))
        .route(
            "/admin/forms/{id}/protection",
            get(protection::show_protection).post(protection::change_protection),
        )
        .route(
            "/admin/forms/{id}/success",
            get(success::show_success).post(success::change_success),
        )
        .route(
            "/admin/forms/{id}/settings",
            get(settings::show_settings).post(settings::change_settings),
        )
        .route(
            "/admin/forms/{id}/definition",
            get(definition::show_definition).post(definition::change_definition),
        )
        .layer(DefaultBodyLimit::max(MAX_DEFINITION_BYTES));
    Router::new()
        .route("/admin/forms", get(list::list_forms))
        .route("/admin/forms/trash", get(list::list_trash))
        .route("/admin/forms/{id}", get(list::open_form))
        .route("/admin/forms/{id}/embed", get(embed::show_embed))
        .route(
            "/admin/forms/{id}/versions",
            get(versions::show_versions).post(versions::restore_version),
        )
        .route("/admin/forms/{id}/duplicate", post(create::duplicate_form))
        .route("/admin/forms/{id}/delete", get(trash::ask_delete_form).post(trash::delete_form))
        .route("/admin/forms/{id}/restore", post(trash::restore_form))
        .merge(large)
}
