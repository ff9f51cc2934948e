//! What every request to the API passes through: the right host, who asks, how often; and on
//! the way back the headers that all replies have, and problems as JSON.

use axum::{
    extract::{Extension, Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use formhold_service::limits::{self, Standing};
use formhold_telemetry::request::note_user;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};

use super::{
    asker::Asker,
    limits::add_headers,
    problem::{Code, Problem},
};
use crate::{WebState, client::Peer, visit::is_own_host};

/// The way in and out.
pub(super) async fn door(
    State(state): State<WebState>,
    Extension(peer): Extension<Peer>,
    mut request: Request,
    next: Next,
) -> Response {
    let asks = request.method() == Method::OPTIONS;
    let mut standing = None;
    let response =
        match enter(&state, peer, (request.method(), request.headers()), &mut standing).await {
            Ok(asker) => {
                request.extensions_mut().insert(asker);
                next.run(request).await
            }
            Err(problem) => problem.into_response(),
        };
    let response = if asks { options(response) } else { response };
    leave(response, standing.as_ref())
}

/// What is asked of a request before any handler sees it.
async fn enter(
    state: &WebState,
    peer: Peer,
    (method, headers): (&Method, &HeaderMap),
    standing: &mut Option<Standing>,
) -> Result<Asker, Problem> {
    if !is_own_host(state, headers) {
        return Err(Problem::plain(Code::WrongHost));
    }
    let visitor = Asker::visitor(state, peer, headers);
    let (asker, problem) = match visitor.recognised(state, peer, method, headers).await {
        Ok(asker) => (asker, None),
        // Counted as well, so that nobody can try tokens without end.
        Err((asker, problem)) => (asker, Some(problem)),
    };
    if let Some(person) = asker.caller.person() {
        note_user(person.user_id);
    }
    *standing = limits::count_request(&state.0.app, &asker.caller)
        .await
        .map_err(|exceeded| Problem::from(formhold_service::ServiceError::from(exceeded)))?;
    problem.map_or(Ok(asker), Err)
}

/// Who asks for a path's methods gets them, where a path says no more.
fn options(mut response: Response) -> Response {
    if response.status() != StatusCode::METHOD_NOT_ALLOWED {
        return response;
    }
    let mut allowed = StatusCode::NO_CONTENT.into_response();
    if let Some(methods) = response.headers_mut().remove(header::ALLOW) {
        allowed.headers_mut().insert(header::ALLOW, methods);
    }
    allowed
}

fn leave(mut response: Response, standing: Option<&Standing>) -> Response {
    if let Some(problem) = response.extensions_mut().remove::<Problem>() {
        response = problem.into_reply(std::mem::take(response.headers_mut()));
    }
    let headers = response.headers_mut();
    if let Some(Standing { name, quota, remaining, reset_after }) = standing
        && !headers.contains_key("ratelimit")
    {
        add_headers(headers, name, quota, *remaining, *reset_after);
    }
    default(headers, header::CACHE_CONTROL, "no-store");
    default(headers, HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
    response
}

fn default(headers: &mut HeaderMap, name: HeaderName, value: &'static str) {
    headers.entry(name).or_insert(HeaderValue::from_static(value));
}

/// What no route answers.
pub(super) async fn not_found() -> Problem {
    Problem::new(Code::NotFound, "there is no such address; see /api/docs")
}

/// What a path answers to another method than it has.
pub(super) async fn method_not_allowed() -> Problem {
    Problem::new(Code::MethodNotAllowed, "the header Allow names the methods of this address")
}
