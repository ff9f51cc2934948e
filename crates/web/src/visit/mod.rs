//! What stands before every page of people who sign in: the right host, the right origin, the form's
//! token; and who asks.

mod around;
pub(crate) mod cookies;
mod done;
pub(crate) mod reply;
mod sent;
mod sent_file;

use axum::{
    extract::{Extension, FromRequestParts, State},
    response::Response,
};
use formhold_domain::{
    Bearer, WorkspaceId,
    access::{Actor, Caller},
};
use formhold_service::{ServiceError, csrf, sessions};
use formhold_telemetry::request::note_user;
use http::{HeaderMap, Method, header, request::Parts};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use url::Url;

pub(crate) use around::{Around, person, picture_path};
pub(crate) use done::Done;
pub(crate) use sent::{Asked, Button, Sent, SentJson};
pub(crate) use sent_file::{Received, SentFile};

use self::cookies::{SESSION, VISIT, WORKSPACE};
use crate::{
    WebState,
    client::{Peer, client_address, own_address},
    pages::{ErrorKind, Flash},
};

/// Somebody who looks at a page or sends a form of one.
pub(crate) struct Visit {
    /// Who, and from where.
    pub(crate) caller: Caller,
    /// What the page before this one did.
    done: Option<Done>,
    /// The page that was asked for, to come back to; empty after a form.
    path: String,
    /// What the forms of this browser are bound to.
    basis: String,
    /// The workspace that was chosen in this browser; perhaps by somebody else, who may see it.
    workspace: Option<WorkspaceId>,
    /// The cookie to set, where the browser has none yet.
    new_visit: Option<Bearer>,
    /// Where people reach this.
    own: Url,
}

impl Visit {
    /// The token that forms send back.
    pub(crate) fn csrf(&self, state: &WebState) -> String {
        csrf::token(&state.0.app, &self.basis)
    }

    /// Something that only this browser has.
    pub(crate) fn browser(&self) -> &str {
        &self.basis
    }

    /// The whole address of a path, as people reach it.
    pub(crate) fn own_url(&self, path: &str) -> Option<Url> {
        Url::parse(&format!("{}{path}", self.own.as_str().trim_end_matches('/'))).ok()
    }

    /// Whether a form was handed out to this very browser.
    pub(crate) fn is_own_form(&self, state: &WebState, token: &str) -> bool {
        csrf::is_valid(&state.0.app, &self.basis, token)
    }

    /// Sets the cookie that forms are bound to, where the browser has none.
    pub(crate) fn remember(&self, headers: &mut HeaderMap) {
        if let Some(visit) = &self.new_visit {
            cookies::set(headers, VISIT, &visit.expose(), None);
        }
    }

    /// A failure of an action, as a page; who is not signed in goes to do that, and comes back.
    pub(crate) fn failed(&self, failure: &ServiceError) -> Response {
        match failure {
            ServiceError::SignInRequired if !self.path.is_empty() => {
                let next = utf8_percent_encode(&self.path, NON_ALPHANUMERIC);
                reply::see_other(&format!("/login?next={next}"))
            }
            other => reply::service_error(other),
        }
    }

    /// What the page before this one did, to be told on a page of nobody in particular.
    pub(crate) fn flash(&self) -> Option<Flash<'static>> {
        self.done.map(|done| Flash { message: done.sentence(), is_error: false })
    }

    /// Whether somebody is signed in.
    pub(crate) fn is_signed_in(&self) -> bool {
        matches!(self.caller.actor, Actor::Person(_))
    }
}

impl FromRequestParts<WebState> for Visit {
    type Rejection = Response;

    async fn from_request_parts(
        parts: &mut Parts,
        state: &WebState,
    ) -> Result<Self, Self::Rejection> {
        let State(state) = State::<WebState>::from_request_parts(parts, state)
            .await
            .unwrap_or_else(|never| match never {});
        let Extension(Peer(peer)) = Extension::<Peer>::from_request_parts(parts, &state)
            .await
            .map_err(|_| reply::error(ErrorKind::Internal))?;
        let (headers, trusted) = (&parts.headers, &state.0.server.trusted_proxies);
        if !is_own_host(&state, headers) {
            return Err(reply::wrong_host());
        }
        let looks = parts.method == Method::GET || parts.method == Method::HEAD;
        let own = own_address(state.0.public_address.as_ref(), peer.ip(), headers, trusted);
        if !looks && !is_same_origin(headers, &own.origin().ascii_serialization()) {
            return Err(reply::error(ErrorKind::FormExpired));
        }
        let session = cookies::secret(headers, SESSION);
        let actor = match &session {
            Some(secret) => sessions::actor_of_session(&state.0.app, secret)
                .await
                .map_err(|error| reply::service_error(&error))?,
            None => Actor::Visitor,
        };
        if let Actor::Person(person) = &actor {
            note_user(person.user_id);
        }
        let user_agent = headers.get(header::USER_AGENT);
        let user_agent =
            user_agent.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
        let visit = cookies::secret(headers, VISIT);
        let (basis, new_visit) = match (&actor, session, visit) {
            (Actor::Person(_), Some(session), _) => (session.expose(), None),
            (_, _, Some(visit)) => (visit.expose(), None),
            _ => {
                let visit = Bearer::new(&*state.0.app.ids);
                (visit.expose(), Some(visit))
            }
        };
        let address = Some(client_address(peer.ip(), headers, trusted));
        let done = Done::of_query(parts.uri.query());
        let workspace = cookies::cookie(headers, WORKSPACE).and_then(|id| id.parse().ok());
        let path = if looks { parts.uri.to_string() } else { String::new() };
        let caller = Caller { actor, address, user_agent };
        Ok(Self { caller, done, path, basis, workspace, new_visit, own })
    }
}

/// Where the settings say the address, requests that name another host get nothing: what is cached
/// or mailed for one host must not come from another.
pub(crate) fn is_own_host(state: &WebState, headers: &HeaderMap) -> bool {
    let Some(public) = &state.0.public_address else { return true };
    let named = headers.get(header::HOST).and_then(|value| value.to_str().ok());
    let Some(named) = named else { return false };
    let host = public.host_str().unwrap_or_default();
    let with_port = public.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
    let default_port = match public.scheme() {
        "https" => ":443",
        _ => ":80",
    };
    let named = named.strip_suffix(default_port).unwrap_or(named);
    named.eq_ignore_ascii_case(&with_port)
}

/// Browsers say where a form was sent from. What says nothing is no browser of today; it still needs
/// the form's token.
pub(crate) fn is_same_origin(headers: &HeaderMap, own: &str) -> bool {
    !headers.contains_key(header::ORIGIN) && !headers.contains_key("sec-fetch-site")
        || comes_from(headers, own)
}

/// Whether the browser says that a page of this origin sent it.
pub(crate) fn comes_from(headers: &HeaderMap, own: &str) -> bool {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    match (text("origin"), text("sec-fetch-site")) {
        (Some(origin), _) if origin != own => false,
        (_, Some(site)) => site == "same-origin",
        (origin, None) => origin.is_some(),
    }
}
