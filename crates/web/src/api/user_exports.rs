//! `/users/export`: all accounts that match, as a file.

use axum::{extract::State, response::Response};
use formhold_domain::{access::InstanceRole, accounts::UserState};
use formhold_service::{
    exports::{FORMATS, Format},
    user_exports,
    users::UserFilter,
};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{
    asker::Asker,
    problem::Problem,
    query::{Query, wrong},
    schemas,
};
use crate::{WebState, exported};

/// Which accounts, and in which format.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ExportQuery {
    #[param(schema_with = schemas::export_format, required = true)]
    format: String,
    /// Whose name or address has this in it, in whatever case.
    #[param(max_length = 200)]
    q: Option<String>,
    #[param(schema_with = schemas::instance_role, required = false)]
    role: Option<InstanceRole>,
    #[param(schema_with = schemas::user_state, required = false)]
    state: Option<UserState>,
}

/// Export accounts.
///
/// A stream that breaks off is an export that failed.
#[utoipa::path(get, path = "/users/export", tag = "Users", params(ExportQuery),
    responses((status = 200, description = "The file, in the format that was asked for.",
        content(
            (String = "text/csv"),
            (String = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
            (String = "application/x-ndjson"),
            (String = "application/json"),
        ))))]
pub(super) async fn export_users(
    State(state): State<WebState>,
    asker: Asker,
    Query(query): Query<ExportQuery>,
) -> Result<Response, Problem> {
    let ExportQuery { format, q, role, state: user_state } = query;
    let format = format_named(&format)?;
    let filter = UserFilter {
        text: q.filter(|text| !text.is_empty()),
        role,
        state: user_state,
        ..UserFilter::default()
    };
    let content = user_exports::export_users(&state.0.app, &asker.caller, filter, format).await?;
    Ok(exported::file("users", format, content))
}

pub(super) fn format_named(name: &str) -> Result<&'static Format, Problem> {
    FORMATS.iter().find(|format| format.name == name).ok_or_else(|| {
        let names: Vec<_> = FORMATS.iter().map(|format| format.name).collect();
        wrong("format", format!("must be one of {}", names.join(", ")))
    })
}
