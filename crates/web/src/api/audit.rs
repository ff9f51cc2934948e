//! `/audit`: who did what.

use axum::{extract::State, response::Response};
use formhold_domain::{WorkspaceId, audit::AuditRow, parse_rfc3339, rfc3339};
use formhold_service::audit::{self, AuditFilter};
use http::Uri;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::{
    asker::Asker,
    page::{self, Page, after, limit},
    problem::Problem,
    query::{Query, wrong},
    schemas,
};
use crate::WebState;

/// An entry of the audit trail.
#[derive(Serialize, ToSchema)]
pub(crate) struct AuditEntry {
    /// Its number: one more than that of the entry before it.
    sequence: u64,
    #[schema(format = DateTime)]
    at: String,
    /// What was done.
    #[schema(example = "user.change")]
    action: String,
    /// `user`, `token`, `system` or `visitor`.
    actor_kind: String,
    /// The user, or the part of the system.
    actor_id: Option<String>,
    /// The token or session that was used.
    via: Option<String>,
    /// Where it came from.
    address: Option<String>,
    #[schema(format = "uuid")]
    workspace_id: Option<String>,
    /// What it was done to: a noun.
    target_kind: Option<String>,
    target_id: Option<String>,
    /// What changed, mostly as `before` and `after`; null where there is nothing to say.
    #[schema(schema_with = schemas::anything)]
    details: Value,
    /// SHA-256 over the entry and the one before it, in hexadecimal digits.
    #[schema(min_length = 64, max_length = 64)]
    hash: String,
}

/// Which entries.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct AuditQuery {
    /// Of this workspace: its owners may see its part of the trail.
    #[param(value_type = Option<String>, format = "uuid")]
    workspace_id: Option<WorkspaceId>,
    /// By this user, or part of the system.
    #[param(min_length = 1, max_length = 200)]
    actor_id: Option<String>,
    /// With this name, or one below it: `user` finds `user.create`, too.
    #[param(min_length = 1, max_length = 200)]
    action: Option<String>,
    /// Done to the thing of this id.
    #[param(min_length = 1, max_length = 200)]
    target_id: Option<String>,
    /// Not before this time.
    #[param(format = DateTime)]
    created_after: Option<String>,
    /// Before this time.
    #[param(format = DateTime)]
    created_before: Option<String>,
    #[param(schema_with = schemas::limit, required = false)]
    limit: Option<u16>,
    /// The `next_cursor` of the page before.
    cursor: Option<String>,
}

/// List entries of the audit trail, the newest first.
#[utoipa::path(get, path = "/audit", tag = "System", params(AuditQuery),
    responses((status = 200, description = "A page of entries.", body = Page<AuditEntry>)))]
pub(super) async fn list_audit(
    State(state): State<WebState>,
    asker: Asker,
    uri: Uri,
    Query(query): Query<AuditQuery>,
) -> Result<Response, Problem> {
    let limit = limit(query.limit)?;
    let before: Option<u64> = after("audit", query.cursor.as_deref())?;
    let filter = AuditFilter {
        workspace_id: query.workspace_id,
        actor_id: query.actor_id,
        action: query.action,
        target_id: query.target_id,
        from_ms: time("created_after", query.created_after.as_deref())?,
        to_ms: time("created_before", query.created_before.as_deref())?,
    };
    let app = &state.0.app;
    let found = audit::list_audit(app, &asker.caller, &filter, before, limit + 1).await?;
    Ok(page::page(("audit", &uri, limit), found, |row: &AuditRow| row.sequence.to_string(), out))
}

fn time(name: &str, text: Option<&str>) -> Result<Option<i64>, Problem> {
    let parse = |text| {
        parse_rfc3339(text)
            .ok_or_else(|| wrong(name, "must be a time like 2026-01-31T12:00:00Z (RFC 3339)"))
    };
    text.map(parse).transpose()
}

fn out(row: &AuditRow) -> AuditEntry {
    let details = row.details.as_deref().and_then(|text| serde_json::from_str(text).ok());
    AuditEntry {
        sequence: row.sequence,
        at: rfc3339(row.at_ms),
        action: row.action.clone(),
        actor_kind: row.actor_kind.clone(),
        actor_id: row.actor_id.clone(),
        via: row.via.clone(),
        address: row.address.clone(),
        workspace_id: row.workspace_id.map(|id| id.to_string()),
        target_kind: row.target_kind.clone(),
        target_id: row.target_id.clone(),
        details: details.unwrap_or(Value::Null),
        hash: row.hash.iter().map(|byte| format!("{byte:02x}")).collect(),
    }
}
