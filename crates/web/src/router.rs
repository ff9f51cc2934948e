//! Every route.

use axum::{
    Router,
    routing::{get, options, post},
};

use crate::{
    WebState, accounts, admin, api, health, hops, intake, observe::Observe,
    static_files::static_file, uploads,
};

/// The whole public side.
pub fn router(state: WebState) -> Router {
    // One line a dialect; `preflight` answers browsers that ask before they post.
    let submit_named_in_path = || post(intake::submit_to_path).merge(options(intake::preflight));
    let submit_named_in_body =
        || post(intake::submit_named_in_body).merge(options(intake::preflight));
    Router::new()
        .route("/f/{form}", get(intake::form_page).merge(submit_named_in_path()))
        .route("/f/{form}/thanks", get(intake::thanks_page))
        .route("/f/{form}/schema", get(intake::schema).merge(options(intake::preflight)))
        .route("/f/{form}/challenge", get(intake::challenge).merge(options(intake::preflight)))
        .route(
            "/p/{project}/f/{form}",
            post(intake::submit_in_project).merge(options(intake::preflight)),
        )
        .route("/s/{form}", post(intake::submit_formcarry).merge(options(intake::preflight)))
        .route("/ajax/{form}", post(intake::submit_ajax).merge(options(intake::preflight)))
        .route("/submit", submit_named_in_body())
        .route("/n", submit_named_in_body())
        .route("/n/{*path}", submit_named_in_body())
        .route("/uploads/{id}", get(uploads::get_upload))
        .merge(accounts::routes())
        .merge(api::routes(&state))
        .merge(admin::routes())
        .route("/static/{*path}", get(static_file))
        .route("/hops", get(hops::hops))
        .route("/livez", get(health::livez))
        .route("/readyz", get(health::readyz))
        .fallback(intake::not_found)
        .method_not_allowed_fallback(intake::method_not_allowed)
        // Last: it watches whatever stands above it.
        .layer(Observe::new(&state))
        .with_state(state)
}
