//! What the address of a request says. Nonsense in it is no error of its own: it names no form.

use std::convert::Infallible;

use axum::extract::{FromRequestParts, RawPathParams};
use formhold_domain::{CompiledForm, Language};
use http::request::Parts;
use url::form_urlencoded;

/// The form that the path names; empty, as no form is named, where the path is no text.
pub(crate) struct FormName(pub(crate) String);

impl<S: Send + Sync> FromRequestParts<S> for FormName {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        let names = RawPathParams::from_request_parts(parts, state).await.ok();
        let name = names.as_ref().and_then(|names| {
            names
                .iter()
                .find(|(parameter, _)| *parameter == "form")
                .map(|(_, name)| name.to_owned())
        });
        Ok(Self(name.unwrap_or_default()))
    }
}

/// `?language=de` shows a page in another language than the form's own.
pub(crate) struct PageQuery {
    language: Option<Language>,
}

impl PageQuery {
    pub(super) fn language(&self, form: &CompiledForm) -> Language {
        self.language.unwrap_or(form.definition.language)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for PageQuery {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let query = parts.uri.query().unwrap_or_default();
        let language = form_urlencoded::parse(query.as_bytes())
            .find(|(name, _)| name == "language")
            .and_then(|(_, tag)| Language::parse(&tag));
        Ok(Self { language })
    }
}
