//! `/account/sessions`: where somebody is signed in, and ending that.

use axum::{
    extract::{Path, State},
    response::Response,
};
use formhold_domain::{
    access::{Person, Via},
    accounts::{Session, User},
};
use formhold_service::{ServiceError, sessions, users};
use http::StatusCode;
use serde::Deserialize;

use super::{guard::Visit, home, reply, sent::Sent};
use crate::{
    WebState,
    pages::{
        ErrorKind, Flash, TimeView,
        account::{SessionRow, SessionsPage},
    },
};

#[derive(Deserialize)]
pub(super) struct ActForm {
    #[serde(default)]
    csrf: String,
}

/// `GET /account/sessions`.
pub(super) async fn show_sessions(State(state): State<WebState>, visit: Visit) -> Response {
    page(&state, &visit, None).await
}

/// `POST /account/sessions/{id}/end`.
pub(super) async fn end_session(
    State(state): State<WebState>,
    visit: Visit,
    Path(id): Path<String>,
    Sent(form): Sent<ActForm>,
) -> Response {
    if !visit.is_own_form(&state, &form.csrf) {
        return reply::error(ErrorKind::FormExpired);
    }
    let Ok(id) = id.parse() else { return reply::error(ErrorKind::NotFound) };
    match sessions::end_session(&state.0.app, &visit.caller, id).await {
        // It ended by itself meanwhile: that is what was wanted.
        Ok(()) | Err(ServiceError::NotFound(_)) => reply::see_other("/account/sessions"),
        Err(failure) => reply::service_error(&failure),
    }
}

/// `POST /account/sessions/end-others`.
pub(super) async fn end_other_sessions(
    State(state): State<WebState>,
    visit: Visit,
    Sent(form): Sent<ActForm>,
) -> Response {
    if !visit.is_own_form(&state, &form.csrf) {
        return reply::error(ErrorKind::FormExpired);
    }
    match sessions::end_other_sessions(&state.0.app, &visit.caller).await {
        Ok(0) => page(&state, &visit, Some("There was no other session.")).await,
        Ok(_) => page(&state, &visit, Some("All other sessions have ended.")).await,
        Err(failure) => reply::service_error(&failure),
    }
}

async fn page(state: &WebState, visit: &Visit, message: Option<&str>) -> Response {
    let app = &state.0.app;
    let found = async {
        let user = users::own_account(app, &visit.caller).await?;
        Ok((user, sessions::list_sessions(app, &visit.caller).await?))
    };
    let (user, mut found): (User, Vec<Session>) = match found.await {
        Ok(found) => found,
        Err(failure) => return reply::service_error(&failure),
    };
    let own = visit.caller.person().and_then(|person: &Person| match person.via {
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
    let (csrf, user_id) = (visit.csrf(state), user.id.to_string());
    let mut frame = home::frame(&csrf, &user, &user_id);
    frame.flash = message.map(|message| Flash { message, is_error: false });
    reply::page(StatusCode::OK, &SessionsPage { frame, sessions: &rows, next: None })
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
