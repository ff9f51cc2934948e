//! `GET /f/{form}/challenge`: a proof of work to do before a submission.

use std::net::IpAddr;

use axum::{
    extract::{Extension, State},
    response::{IntoResponse, Response},
};
use formhold_domain::{CompiledForm, Language};
use formhold_service::{
    App,
    captchas::{self, Version},
    forms::{self, Found},
};
use http::{HeaderMap, HeaderValue, Uri, header};
use url::form_urlencoded;

use super::{address::FormName, cors, forwarded::Sender, schema::problem};
use crate::{
    WebState,
    client::{Peer, client_address},
    error::ErrorReply,
};

/// A challenge; `?version=1` for widgets that do not know version 2.
pub(crate) async fn challenge(
    State(state): State<WebState>,
    FormName(name): FormName,
    Extension(Peer(peer)): Extension<Peer>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let shared = &state.0;
    let client = client_address(peer.ip(), &headers, &shared.server.trusted_proxies);
    let sender = Sender::new(client, &headers);
    let mut response = match forms::find_form(&shared.app, &name).await {
        Ok(Found::Form(form)) => {
            let language = form.definition.language;
            match sender.client_of(&shared.app, &form).await {
                Ok(client) => challenge_for(&shared.app, &form, client, version(&uri)).await,
                Err(error) => problem(&ErrorReply::of_body(&error, language)),
            }
        }
        Ok(Found::Deleted) => problem(&ErrorReply::form_deleted(Language::default())),
        Ok(Found::Nothing) => problem(&ErrorReply::form_not_found(Language::default())),
        Err(error) => problem(&ErrorReply::of_service(&error, Language::default())),
    };
    cors::allow_reading(response.headers_mut());
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

async fn challenge_for(
    app: &App,
    form: &CompiledForm,
    client: IpAddr,
    version: Version,
) -> Response {
    match captchas::challenge(app, form, client, version).await {
        Ok(json) => ([(header::CONTENT_TYPE, "application/json")], json).into_response(),
        Err(exceeded) => problem(&ErrorReply::too_many(&exceeded, form.definition.language)),
    }
}

fn version(uri: &Uri) -> Version {
    let query = uri.query().unwrap_or_default();
    let first = form_urlencoded::parse(query.as_bytes())
        .any(|(name, value)| name == "version" && value == "1");
    if first { Version::One } else { Version::Two }
}
