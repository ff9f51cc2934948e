//! Who asks: by a token, or by the cookie of a session.

use axum::extract::FromRequestParts;
use formhold_domain::{
    Bearer,
    access::{Actor, Caller},
};
use formhold_service::{csrf, sessions};
use http::{HeaderMap, Method, header, request::Parts};

use super::problem::{Code, Problem};
use crate::{
    WebState,
    client::{Peer, client_address, own_address},
    visit::{comes_from, cookies, is_same_origin},
};

/// Who asks, put into the request by the door.
#[derive(Clone)]
pub(crate) struct Asker {
    /// Who, and from where.
    pub(crate) caller: Caller,
    /// What opened the session, where it is one: forms and scripts of its owner are bound to it.
    session: Option<Bearer>,
}

impl Asker {
    /// The token that pages and scripts of this session send back; none without a session.
    pub(crate) fn csrf(&self, state: &WebState) -> Option<String> {
        self.session.as_ref().map(|session| csrf::token(&state.0.app, &session.expose()))
    }

    /// Nobody, from this address.
    pub(super) fn visitor(state: &WebState, peer: Peer, headers: &HeaderMap) -> Self {
        let trusted = &state.0.server.trusted_proxies;
        let user_agent = headers.get(header::USER_AGENT);
        let caller = Caller {
            actor: Actor::Visitor,
            address: Some(client_address(peer.0.ip(), headers, trusted)),
            user_agent: user_agent
                .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned()),
        };
        Self { caller, session: None }
    }

    /// Finds out who it is. A token counts before a cookie.
    pub(super) async fn recognised(
        mut self,
        state: &WebState,
        peer: Peer,
        method: &Method,
        headers: &HeaderMap,
    ) -> Result<Self, (Self, Problem)> {
        if headers.contains_key(header::AUTHORIZATION) {
            let found = match token(headers) {
                Some(token) => sessions::actor_of_token(&state.0.app, &token).await,
                None => Ok(None),
            };
            return match found {
                Ok(Some(actor)) => {
                    self.caller.actor = actor;
                    Ok(self)
                }
                Ok(None) => Err((self, Problem::plain(Code::WrongToken))),
                Err(failure) => Err((self, failure.into())),
            };
        }
        let looks = matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS);
        let trusted = &state.0.server.trusted_proxies;
        let own = own_address(state.0.public_address.as_ref(), peer.0.ip(), headers, trusted);
        let own = own.origin().ascii_serialization();
        // Also without a session: nobody shall be signed in by another site.
        if !looks && !is_same_origin(headers, &own) {
            return Err((self, Problem::plain(Code::ForeignOrigin)));
        }
        let Some(secret) = cookies::secret(headers, cookies::SESSION) else { return Ok(self) };
        match sessions::actor_of_session(&state.0.app, &secret).await {
            Ok(actor @ Actor::Person(_)) => self.caller.actor = actor,
            Ok(_) => return Ok(self),
            Err(failure) => return Err((self, failure.into())),
        }
        if !looks && !is_meant(state, headers, &own, &secret) {
            let detail =
                "a change by cookie needs the header X-Csrf-Token, Origin or Sec-Fetch-Site";
            return Err((self, Problem::new(Code::ForeignOrigin, detail)));
        }
        self.session = Some(secret);
        Ok(self)
    }
}

impl<S: Sync> FromRequestParts<S> for Asker {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        // The door puts it there before any handler is reached.
        parts.extensions.get::<Self>().cloned().ok_or_else(|| Problem::plain(Code::Internal))
    }
}

/// Something that no page of another site can send shows that a change is meant.
fn is_meant(state: &WebState, headers: &HeaderMap, own: &str, session: &Bearer) -> bool {
    match headers.get("x-csrf-token") {
        Some(token) => {
            token.to_str().is_ok_and(|token| csrf::is_valid(&state.0.app, &session.expose(), token))
        }
        None => comes_from(headers, own),
    }
}

fn token(headers: &HeaderMap) -> Option<Bearer> {
    let mut all = headers.get_all(header::AUTHORIZATION).iter();
    let (Some(one), None) = (all.next(), all.next()) else { return None };
    let (scheme, token) = one.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| Bearer::parse_token(token.trim()))?
}
