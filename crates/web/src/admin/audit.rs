//! `/admin/audit`: who changed what, and the same as a file.

use std::collections::HashMap;

use axum::{body::Body, extract::State, response::Response};
use formhold_domain::{
    accounts::Workspace,
    audit::{AuditAction, AuditRow as Entry},
    day_start_ms,
};
use formhold_service::{
    ServiceError,
    audit::{AuditFilter, AuditView, Recent, export_audit as export, view_audit},
};
use http::{HeaderValue, StatusCode, header};
use serde::Deserialize;
use serde_json::Value;
use url::form_urlencoded;

use crate::{
    WebState,
    pages::{
        FormState, Named, TimeView,
        admin::{AuditPage, AuditRow, ChainState},
    },
    visit::{Around, Asked, Sent, Visit, reply},
};

const PATH: &str = "/admin/audit";
const ENTRIES: usize = 50;
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

#[derive(Default, Deserialize)]
pub(super) struct AuditQuery {
    #[serde(default)]
    actor: String,
    #[serde(default)]
    action: String,
    #[serde(default)]
    workspace_id: String,
    #[serde(default)]
    from: String,
    #[serde(default)]
    to: String,
    #[serde(default)]
    cursor: Option<u64>,
    #[serde(default)]
    format: String,
}

/// What is wrong with a filter: fields and sentences.
type Problems = Vec<(&'static str, String)>;

/// `GET /admin/audit`.
pub(super) async fn show_audit(
    State(state): State<WebState>,
    visit: Visit,
    Asked(query): Asked<AuditQuery>,
) -> Result<Response, Response> {
    let around = Around::of(&state, &visit).await?;
    let (filter, problems) = query.read();
    let asked = ENTRIES as u64 + 1;
    let view = view_audit(&state.0.app, &visit.caller, filter, query.cursor, asked)
        .await
        .map_err(|failure| visit.failed(&failure))?;
    Ok(draw(&around, &view, &query, problems))
}

/// `POST /admin/audit/export`.
pub(super) async fn export_audit(
    State(state): State<WebState>,
    Sent { visit, fields: query }: Sent<AuditQuery>,
) -> Response {
    let (filter, problems) = query.read();
    if !problems.is_empty() {
        // The page says what is wrong.
        return reply::see_other(&query.address(None));
    }
    let file = match export(&state.0.app, &visit.caller, filter, &query.format).await {
        Err(ServiceError::Invalid(_)) => return reply::see_other(&query.address(None)),
        file => file,
    };
    let file = match file {
        Ok(file) => file,
        Err(failure) => return visit.failed(&failure),
    };
    let mut response = Response::new(Body::from_stream(file.content));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(file.format.media_type));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    let name = format!("attachment; filename=\"audit.{}\"", file.format.name);
    if let Ok(name) = HeaderValue::from_str(&name) {
        headers.insert(header::CONTENT_DISPOSITION, name);
    }
    response
}

impl AuditQuery {
    /// What is looked for, and what is wrong with how it is asked.
    fn read(&self) -> (AuditFilter, Problems) {
        let mut problems = Problems::new();
        let days = [("from", "first", self.from.trim()), ("to", "last", self.to.trim())];
        let [from_ms, to_ms] = days.map(|(field, which, text)| {
            let start = day_start_ms(text);
            if start.is_none() && !text.is_empty() {
                problems.push((field, format!("The {which} day must be a day, as 2026-05-04.")));
            }
            start
        });
        if from_ms.zip(to_ms).is_some_and(|(from, to)| from > to) {
            problems.push(("from", "The first day must not be after the last.".to_owned()));
        }
        let workspace_id = self.workspace_id.trim().parse().ok();
        if workspace_id.is_none() && !self.workspace_id.trim().is_empty() {
            problems.push(("workspace_id", "There is no such workspace.".to_owned()));
        }
        let text = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let filter = AuditFilter {
            workspace_id,
            actor_id: text(&self.actor),
            action: text(&self.action),
            target_id: None,
            from_ms,
            to_ms: to_ms.map(|start| start + DAY_MS),
        };
        (filter, problems)
    }

    fn fields(&self) -> [(&'static str, &str); 5] {
        [
            ("actor", &self.actor),
            ("action", &self.action),
            ("workspace_id", &self.workspace_id),
            ("from", &self.from),
            ("to", &self.to),
        ]
    }

    /// The page with this filter, from the entry before `cursor` on.
    fn address(&self, cursor: Option<u64>) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(self.fields().into_iter().filter(|(_, value)| !value.is_empty()));
        query.extend_pairs(cursor.map(|cursor| ("cursor", cursor.to_string())));
        format!("{PATH}?{}", query.finish())
    }
}

fn draw(around: &Around, view: &AuditView, query: &AuditQuery, problems: Problems) -> Response {
    let entries = view.entries.get(..ENTRIES).unwrap_or(&view.entries);
    let last = entries.last().filter(|_| entries.len() < view.entries.len());
    let next = last.map(|last| query.address(Some(last.sequence)));
    let chosen = view.filter.workspace_id.map(|id| id.to_string()).unwrap_or_default();
    let fields = query.fields().map(|(name, value)| match name {
        "workspace_id" => (name, chosen.as_str()),
        _ => (name, value.trim()),
    });
    let filter = problems.into_iter().fold(FormState::filled(fields), |form, (field, message)| {
        form.with_problem(field, message)
    });
    let status = match filter.is_wrong() {
        true => StatusCode::UNPROCESSABLE_ENTITY,
        false => StatusCode::OK,
    };
    let ids: Vec<String> = view.workspaces.iter().map(|it| it.id.to_string()).collect();
    let workspaces: Vec<Named<'_>> = (view.workspaces.iter().zip(&ids))
        .map(|(workspace, id)| Named { id, name: workspace.name.as_str() })
        .collect();
    let lines: Vec<Line> = entries.iter().map(|entry| Line::of(entry, &view.names)).collect();
    let rows: Vec<AuditRow<'_>> =
        entries.iter().zip(&lines).map(|(entry, line)| line.row(entry, &view.workspaces)).collect();
    let actions: Vec<&str> = AuditAction::ALL.iter().map(|action| action.as_str()).collect();
    let page = AuditPage {
        frame: around.frame(),
        filter: &filter,
        actions: &actions,
        sees_all: view.sees_all,
        workspaces: &workspaces,
        entries: &rows,
        chain: chain(&view.recent),
        next: next.as_deref(),
    };
    reply::page(status, &page)
}

fn chain(recent: &Recent) -> ChainState {
    let checked = TimeView::at_ms(recent.checked_at_ms);
    match recent.broken_at {
        Some(sequence) => ChainState::Broken { sequence, checked },
        None => ChainState::Intact {
            first_sequence: (!recent.is_all).then_some(recent.first_sequence),
            last_sequence: recent.last_sequence,
            checked,
        },
    }
}

/// The texts of an entry that the page borrows.
struct Line {
    actor: String,
    target: String,
    before: Option<String>,
    after: Option<String>,
    details: Option<String>,
}

impl Line {
    fn of(entry: &Entry, names: &HashMap<String, String>) -> Self {
        let name = |id: &str| names.get(id).cloned().unwrap_or_else(|| id.to_owned());
        let actor = match (&entry.actor_id, &*entry.actor_kind) {
            (Some(id), "token") => format!("{}, by a token", name(id)),
            (Some(id), "system") => format!("Formhold: {id}"),
            (Some(id), _) => name(id),
            (None, _) => "Somebody who is not signed in".to_owned(),
        };
        let target = match (&entry.target_kind, &entry.target_id) {
            (Some(kind), Some(id)) => format!("{kind} {}", name(id)),
            _ => String::new(),
        };
        let details = entry.details.as_deref().and_then(|text| serde_json::from_str(text).ok());
        let mut details: Value = details.unwrap_or_default();
        let mut part = |key: &str| details.as_object_mut().and_then(|all| all.remove(key));
        let (before, after) = (part("before"), part("after"));
        let is_empty = details.as_object().is_none_or(serde_json::Map::is_empty);
        let readable = |value: Option<Value>| {
            value.and_then(|value| serde_json::to_string_pretty(&value).ok())
        };
        let details = readable((!is_empty).then_some(details));
        Self { actor, target, before: readable(before), after: readable(after), details }
    }

    fn row<'a>(&'a self, entry: &'a Entry, workspaces: &'a [Workspace]) -> AuditRow<'a> {
        let found = workspaces.iter().find(|workspace| Some(workspace.id) == entry.workspace_id);
        AuditRow {
            sequence: entry.sequence,
            at: TimeView::at_ms(entry.at_ms),
            actor: &self.actor,
            action: &entry.action,
            target: &self.target,
            workspace: found.map(|workspace| workspace.name.as_str()),
            address: entry.address.as_deref(),
            before: self.before.as_deref(),
            after: self.after.as_deref(),
            details: self.details.as_deref(),
        }
    }
}
