//! `/account/sessions`: where somebody is signed in, and ending that.

use axum::{
    extract::{Path, State},
    response::Response,
};
use formhold_domain::{access::Via, accounts::Session};
use formhold_service::{ServiceError, sessions};
use http::StatusCode;

use crate::{
    WebState,
    pages::{
        ErrorKind, TimeView,
        account::{SessionRow, SessionsPage},
    },
    visit::{Around, Button, Done, Sent, Visit, reply},
};

const PATH: &str = "/account/sessions";

/// `GET /account/sessions`.
pub(super) async fn show_sessions(
    State(state): State<WebState>,
    visit: Visit,
) -> Result<Response, Response> {
    let around = Around::of(&state, &visit).await?;
    let found = sessions::list_sessions(&state.0.app, &visit.caller).await;
    let mut found: Vec<Session> = found.map_err(|failure| visit.failed(&failure))?;
    let own = visit.caller.person().and_then(|person| match person.via {
        Via::Session(id) => Some(id),
        Via::Token { .. } => None,
    });
    // The one in use first; the others stay newest first.
    found.sort_by_key(|session| Some(session.id) != own);
    let ids: Vec<String> = found.iter().map(|session| session.id.to_string()).collect();
    let rows: Vec<SessionRow<'_>> = found
        .iter()
        .zip(&ids)
        .map(|(session, id)| SessionRow {
            id,
            is_current: Some(session.id) == own,
            device: device(session.user_agent.as_deref()),
            address: session.address.as_deref().unwrap_or("unknown address"),
            created: TimeView::at_ms(session.created_at_ms),
            last_seen: TimeView::at_ms(session.seen_at_ms),
        })
        .collect();
    let page = SessionsPage { frame: around.frame(), sessions: &rows, next: None };
    Ok(reply::page(StatusCode::OK, &page))
}

/// `POST /account/sessions/{id}/end`.
pub(super) async fn end_session(
    State(state): State<WebState>,
    Path(id): Path<String>,
    Sent { visit, fields: Button {} }: Sent<Button>,
) -> Response {
    let Ok(id) = id.parse() else { return reply::error(ErrorKind::NotFound) };
    match sessions::end_session(&state.0.app, &visit.caller, id).await {
        // It ended by itself meanwhile: that is what was wanted.
        Ok(()) | Err(ServiceError::NotFound(_)) => reply::see_other(&Done::SessionEnded.at(PATH)),
        Err(failure) => visit.failed(&failure),
    }
}

/// `POST /account/sessions/end-others`.
pub(super) async fn end_other_sessions(
    State(state): State<WebState>,
    Sent { visit, fields: Button {} }: Sent<Button>,
) -> Response {
    let done = match sessions::end_other_sessions(&state.0.app, &visit.caller).await {
        Ok(0) => Done::NoOtherSession,
        Ok(_) => Done::SessionsEnded,
        Err(failure) => return visit.failed(&failure),
    };
    reply::see_other(&done.at(PATH))
}

/// Browser and system, as far as people need to tell their own apart.
fn device(user_agent: Option<&str>) -> &'static str {
    const KNOWN: &[(&str, &str, &str)] = &[
        ("Firefox", "Android", "Firefox on Android"),
        ("Firefox", "Windows", "Firefox on Windows"),
        ("Firefox", "Mac OS", "Firefox on a Mac"),
        ("Firefox", "Linux", "Firefox on Linux"),
        ("Edg/", "Windows", "Edge on Windows"),
        ("Edg/", "", "Edge"),
        ("Chrome", "Android", "Chrome on Android"),
        ("Chrome", "Windows", "Chrome on Windows"),
        ("Chrome", "Mac OS", "Chrome on a Mac"),
        ("Chrome", "Linux", "Chrome on Linux"),
        ("CriOS", "", "Chrome on an iPhone or iPad"),
        ("Safari", "iPhone", "Safari on an iPhone"),
        ("Safari", "iPad", "Safari on an iPad"),
        ("Safari", "Mac OS", "Safari on a Mac"),
        ("curl", "", "curl"),
    ];
    let text = user_agent.unwrap_or_default();
    let found =
        KNOWN.iter().find(|(browser, system, _)| text.contains(browser) && text.contains(system));
    found.map_or("A browser that we do not know", |(.., name)| name)
}
