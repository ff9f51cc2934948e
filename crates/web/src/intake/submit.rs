//! Taking in a submission: find the form, read the body, hand it to the service, answer.

use std::{net::IpAddr, sync::Arc, time::Duration};

use axum::{
    body::Body,
    extract::{Extension, State},
    response::Response,
};
use formhold_domain::{CompiledForm, ControlFields, Language, UserId, access::Actor};
use formhold_service::{
    App,
    forms::{self, Found},
    limits, sessions,
    submissions::{self, SubmitRequest},
};
use formhold_telemetry::request::{note_form, note_user};
use http::{HeaderMap, header, request::Parts};
use url::Url;

use super::{
    address::FormName,
    body::{self, BodyError, Kind, Sent},
    door::Door,
    forwarded::Sender,
    negotiate::{Wants, negotiate},
    reply::{Dialect, Replier},
};
use crate::{
    WebState,
    client::{Peer, client_address, own_address},
    error::ErrorReply,
    visit::{comes_from, cookies},
};

type Request = axum::extract::Request<Body>;

/// `POST /f/{form}` and `POST /f/{form}.json`.
pub(crate) async fn submit_to_path(
    State(state): State<WebState>,
    FormName(form): FormName,
    Extension(peer): Extension<Peer>,
    request: Request,
) -> Response {
    match form.strip_suffix(".json") {
        Some(form) => submit(state, Some(form), Dialect::PLAIN_JSON, peer, request).await,
        None => submit(state, Some(&form), Dialect::PLAIN, peer, request).await,
    }
}

/// `POST /p/{project}/f/{form}`.
pub(crate) async fn submit_in_project(
    State(state): State<WebState>,
    FormName(form): FormName,
    Extension(peer): Extension<Peer>,
    request: Request,
) -> Response {
    submit(state, Some(&form), Dialect::PLAIN, peer, request).await
}

/// `POST /s/{form}`.
pub(crate) async fn submit_formcarry(
    State(state): State<WebState>,
    FormName(form): FormName,
    Extension(peer): Extension<Peer>,
    request: Request,
) -> Response {
    submit(state, Some(&form), Dialect::FORMCARRY, peer, request).await
}

/// `POST /ajax/{form}`.
pub(crate) async fn submit_ajax(
    State(state): State<WebState>,
    FormName(form): FormName,
    Extension(peer): Extension<Peer>,
    request: Request,
) -> Response {
    submit(state, Some(&form), Dialect::FORMSUBMIT_AJAX, peer, request).await
}

/// `POST /submit` and `POST /n`, where the body names the form.
pub(crate) async fn submit_named_in_body(
    State(state): State<WebState>,
    Extension(peer): Extension<Peer>,
    request: Request,
) -> Response {
    submit(state, None, Dialect::PLAIN, peer, request).await
}

async fn submit(
    state: WebState,
    form: Option<&str>,
    dialect: Dialect,
    Peer(peer): Peer,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let server = &state.0.server;
    let json_body = body::kind_of(&parts.headers) == Some(Kind::Json);
    let wants =
        if dialect.always_json { Wants::Json } else { negotiate(&parts.headers, json_body) };
    let own = own_address(
        state.0.public_address.as_ref(),
        peer.ip(),
        &parts.headers,
        &server.trusted_proxies,
    );
    let client = client_address(peer.ip(), &parts.headers, &server.trusted_proxies);
    let sender = Sender::new(client, &parts.headers);
    let replier = Replier { dialect, wants, own };
    let limit = Duration::from_secs(server.request_seconds);
    let work = take_in(&state, form, &parts, body, &sender, &replier);
    match tokio::time::timeout(limit, work).await {
        Ok(response) => response,
        Err(_) => {
            replier.error(None, &ErrorReply::too_slow(Language::default()), Language::default())
        }
    }
}

async fn take_in(
    state: &WebState,
    form: Option<&str>,
    parts: &Parts,
    body: Body,
    sender: &Sender,
    replier: &Replier,
) -> Response {
    // A form that is named in the path is looked up before its body is read.
    let named = match form {
        Some(name) => match find(state, name).await {
            Ok(form) => Some(form),
            Err(error) => {
                body::drain(state, body).await;
                return replier.error(None, &error, Language::default());
            }
        },
        None => None,
    };
    let app = &state.0.app;
    let language = named.as_ref().map_or(Language::default(), |form| form.definition.language);
    // Who had enough for now does not get to store files first. What is small is read all the same, so
    // that the page can come back with it.
    let uploads = matches!(body::kind_of(&parts.headers), Some(Kind::Multipart { .. }));
    let counted = match &named {
        Some(form) if uploads && form.takes_files() => {
            if let Err(error) = count(app, form, sender).await {
                body::drain(state, body).await;
                let error = ErrorReply::of_body(&error, language);
                return replier.error(Some(form), &error, language);
            }
            true
        }
        _ => false,
    };
    let mut door = match &named {
        Some(form) => Door::of_form(app, sender, Arc::clone(form)),
        None => Door::of_unknown(app, sender),
    };
    let (sent, rest) = body::read(state, &parts.headers, body, &mut door).await;
    let form = door.form();
    let language = form.map_or(language, |form| form.definition.language);
    let sent = match sent {
        Ok(sent) => sent,
        Err(error) => {
            // A body that stands still is not waited for a second time.
            if !matches!(error, BodyError::TooSlow) {
                rest.drain().await;
            }
            let error = ErrorReply::of_body(&error, language);
            return replier.error(form.map(Arc::as_ref), &error, language);
        }
    };
    let counted = counted || door.counted();
    let form = match form {
        Some(form) => Arc::clone(form),
        None => {
            let language = ControlFields::language_in(&sent.fields)
                .and_then(Language::parse)
                .unwrap_or(language);
            let found = match ControlFields::form_named_in(&sent.fields) {
                Some(name) => find(state, name).await,
                None => Err(ErrorReply::form_not_found(language)),
            };
            match found {
                Ok(form) => form,
                Err(error) => return replier.error(None, &error, language),
            }
        }
    };
    let owner = owner(state, &parts.headers, &replier.own).await;
    let client = match sender.client_of(app, &form).await {
        Ok(client) => client,
        Err(error) => {
            return replier.error(Some(&form), &ErrorReply::of_body(&error, language), language);
        }
    };
    match submissions::accept(
        app,
        &form,
        SubmitRequest { counted, owner, ..submit_request(parts, sent, client, &replier.own) },
    )
    .await
    {
        Ok(accepted) => replier.success(&form, &accepted),
        Err(refused) => replier.refused(app, &form, &refused),
    }
}

async fn count(app: &App, form: &CompiledForm, sender: &Sender) -> Result<(), BodyError> {
    let client = sender.client_of(app, form).await?;
    limits::count_submission(app, form, Some(client)).await.map_err(BodyError::TooMany)
}

async fn find(state: &WebState, name: &str) -> Result<Arc<CompiledForm>, ErrorReply> {
    match forms::find_form(&state.0.app, name).await {
        Ok(Found::Form(form)) => {
            note_form(form.identity.id);
            Ok(form)
        }
        Ok(Found::Deleted) => Err(ErrorReply::form_deleted(Language::default())),
        Ok(Found::Nothing) => Err(ErrorReply::form_not_found(Language::default())),
        Err(error) => Err(ErrorReply::of_service(&error, Language::default())),
    }
}

/// Who is signed in, where one of our own pages held the form. Nobody where that cannot be told: a
/// submission is worth more than whose it is.
async fn owner(state: &WebState, headers: &HeaderMap, own: &Url) -> Option<UserId> {
    let session = cookies::secret(headers, cookies::SESSION)?;
    if !comes_from(headers, &own.origin().ascii_serialization()) {
        return None;
    }
    match sessions::actor_of_session(&state.0.app, &session).await {
        Ok(Actor::Person(person)) => {
            note_user(person.user_id);
            Some(person.user_id)
        }
        Ok(_) => None,
        Err(error) => {
            tracing::warn!(%error, "a submission is stored without saying who was signed in");
            None
        }
    }
}

fn submit_request(parts: &Parts, sent: Sent, client: IpAddr, own: &Url) -> SubmitRequest {
    let text = |name: header::HeaderName| {
        parts.headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
    };
    let origin = text(header::ORIGIN);
    let page = text(header::REFERER)
        .or_else(|| origin.clone())
        .and_then(|address| Url::parse(&address).ok());
    SubmitRequest {
        fields: sent.fields,
        uploads: sent.uploads,
        idempotency_key: text(header::HeaderName::from_static("idempotency-key")),
        client_address: Some(client),
        user_agent: text(header::USER_AGENT),
        owner: None,
        page,
        origin,
        own: own.clone(),
        counted: false,
    }
}
