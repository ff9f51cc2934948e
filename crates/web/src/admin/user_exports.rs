//! `/admin/users/export`: all users that match, as a file.

use axum::extract::State;
use formhold_service::{exports::Format, user_exports};
use serde::Deserialize;

use super::{Shown, users::UsersQuery};
use crate::{
    WebState, exported,
    pages::ErrorKind,
    visit::{Asked, Visit, reply},
};

#[derive(Default, Deserialize)]
pub(super) struct FormatQuery {
    #[serde(default)]
    format: String,
}

/// `GET /admin/users/export?format=`. What breaks off on the way breaks the reply off, so that no
/// half of a file looks like a whole one.
pub(super) async fn export_users(
    State(state): State<WebState>,
    visit: Visit,
    Asked(query): Asked<UsersQuery>,
    Asked(FormatQuery { format }): Asked<FormatQuery>,
) -> Shown {
    let format = Format::named(&format).ok_or_else(|| reply::error(ErrorKind::NotFound))?;
    let content = user_exports::export_users(&state.0.app, &visit.caller, query.filter(), format);
    let content = content.await.map_err(|failure| visit.failed(&failure))?;
    Ok(exported::file("users", format, content))
}
