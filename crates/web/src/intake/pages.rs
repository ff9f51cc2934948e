//! The form's own pages: `GET /f/{form}` and `GET /f/{form}/thanks`.

use axum::{
    extract::{Extension, State},
    response::Response,
};
use formhold_domain::{Availability, CompiledForm, Language};
use formhold_service::{
    App,
    forms::{self, Found},
    spam,
};
use formhold_telemetry::request::note_form;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use url::Url;

use super::{
    address::{FormName, PageQuery},
    captcha::{POLICY, page_captcha},
    negotiate::negotiate,
    reply::{Dialect, Replier, error_page, page_reply},
};
use crate::{
    WebState,
    client::{Peer, own_address},
    error::ErrorReply,
    public::{FilledIn, FormPage, MessagePage, ThanksPage},
};

/// The page of a form.
pub(crate) async fn form_page(
    State(state): State<WebState>,
    FormName(name): FormName,
    query: PageQuery,
    Extension(Peer(peer)): Extension<Peer>,
    headers: HeaderMap,
) -> Response {
    let form = match find(&state, &name).await {
        Ok(form) => form,
        Err(response) => return *response,
    };
    let language = query.language(&form);
    let texts = language.texts();
    let closed = match form.availability(state.0.app.clock.now_ms()) {
        Availability::Open => None,
        Availability::Closed => Some((texts.page.closed_title, texts.replies.closed)),
        Availability::NotOpenYet => {
            Some((texts.page.not_open_yet_title, texts.replies.not_open_yet))
        }
    };
    if let Some((title, message)) = closed {
        let page = MessagePage {
            language,
            form_name: Some(&form.definition.name),
            title,
            message,
            entered: None,
        };
        return page_reply(StatusCode::FORBIDDEN, page.render());
    }
    let own = own_address(
        state.0.public_address.as_ref(),
        peer.ip(),
        &headers,
        &state.0.server.trusted_proxies,
    );
    form_reply(&state.0.app, &form, language, &own, None)
}

/// The page after a submission.
pub(crate) async fn thanks_page(
    State(state): State<WebState>,
    FormName(name): FormName,
    query: PageQuery,
) -> Response {
    match find(&state, &name).await {
        Ok(form) => {
            let page = ThanksPage {
                form: &form,
                language: query.language(&form),
                form_path: &form_path(&form),
            };
            page_reply(StatusCode::OK, page.render())
        }
        Err(response) => *response,
    }
}

/// What no route answers.
pub(crate) async fn not_found() -> Response {
    let language = Language::default();
    let texts = &language.texts();
    let page = MessagePage {
        language,
        form_name: None,
        title: texts.page.not_found_title,
        message: texts.page.no_page,
        entered: None,
    };
    page_reply(StatusCode::NOT_FOUND, page.render())
}

/// What is answered where a handler panicked; all that is known of the request is its `Accept`.
pub(crate) fn fault(accept: Option<HeaderValue>) -> Response {
    let headers = accept.into_iter().map(|value| (header::ACCEPT, value)).collect();
    let language = Language::default();
    let own = Url::parse("http://localhost/").expect("a fixed address parses");
    let replier = Replier { dialect: Dialect::PLAIN, wants: negotiate(&headers, false), own };
    replier.error(None, &ErrorReply::fault(language), language)
}

/// What a path answers to another method than it has.
pub(crate) async fn method_not_allowed(
    State(state): State<WebState>,
    Extension(Peer(peer)): Extension<Peer>,
    headers: HeaderMap,
) -> Response {
    let language = Language::default();
    let shared = &state.0;
    let own = own_address(
        shared.public_address.as_ref(),
        peer.ip(),
        &headers,
        &shared.server.trusted_proxies,
    );
    let replier = Replier { dialect: Dialect::PLAIN, wants: negotiate(&headers, false), own };
    replier.error(None, &ErrorReply::method_not_allowed(language), language)
}

/// The form's page, or the page again with what was wrong.
pub(super) fn form_reply(
    app: &App,
    form: &CompiledForm,
    language: Language,
    own: &Url,
    refused: Option<(&ErrorReply, &FilledIn)>,
) -> Response {
    let missed = refused.is_some_and(|(error, _)| error.is_about_captcha());
    let captcha = page_captcha(app, form, missed);
    let action = form_path(form);
    let action_url = own.join(&action).map_or_else(|_| action.clone(), String::from);
    let page = FormPage {
        form,
        language,
        action: &action,
        action_url: &action_url,
        filled: refused.map(|(_, filled)| filled),
        captcha: captcha.as_ref().map(|captcha| &captcha.view),
        stamp: &spam::page_stamp(app, form),
    };
    let mut response = match refused {
        None => page_reply(StatusCode::OK, page.render()),
        Some((error, _)) => error_page(error, page.render()),
    };
    let policy = captcha.and_then(|captcha| HeaderValue::from_str(&captcha.policy).ok());
    if let Some(policy) = policy {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

fn form_path(form: &CompiledForm) -> String {
    format!("/f/{}", form.identity.key)
}

/// The page of thanks, in the language that the person was answered in.
pub(super) fn thanks_path(form: &CompiledForm, language: Language) -> String {
    let path = form_path(form);
    if language == form.definition.language {
        format!("{path}/thanks")
    } else {
        format!("{path}/thanks?language={}", language.tag())
    }
}

pub(super) fn add_policy(headers: &mut HeaderMap) {
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
}

async fn find(state: &WebState, name: &str) -> Result<std::sync::Arc<CompiledForm>, Box<Response>> {
    let language = Language::default();
    let error = match forms::find_form(&state.0.app, name).await {
        Ok(Found::Form(form)) => {
            note_form(form.identity.id);
            return Ok(form);
        }
        Ok(Found::Deleted) => ErrorReply::form_deleted(language),
        Ok(Found::Nothing) => ErrorReply::form_not_found(language),
        Err(error) => ErrorReply::of_service(&error, language),
    };
    let title = language.texts().page.not_found_title;
    let page =
        MessagePage { language, form_name: None, title, message: &error.message, entered: None };
    Err(Box::new(error_page(&error, page.render())))
}
