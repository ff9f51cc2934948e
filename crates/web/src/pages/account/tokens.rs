//! `/account/tokens`: what lets programs act in somebody's name.

use askama::Template;
use formhold_domain::access::Scope;

use crate::{
    pages::{FormState, Frame, Named, TimeView},
    public::assets,
};

/// The tokens, each revoked at `/account/tokens/{id}/revoke`.
#[derive(Debug, Template)]
#[template(path = "pages/account/tokens.html", whitespace = "minimize")]
pub struct TokensPage<'a> {
    /// What surrounds the page.
    pub frame: Frame<'a>,
    /// The tokens.
    pub tokens: &'a [TokenRow<'a>],
    /// The address of the next page.
    pub next: Option<&'a str>,
}

/// One token, without its secret.
#[derive(Debug, Clone)]
pub struct TokenRow<'a> {
    /// Its id.
    pub id: &'a str,
    /// What its owner calls it.
    pub name: &'a str,
    /// What it allows, as `forms:read`.
    pub scopes: &'a [&'a str],
    /// The name of the one workspace that it works in.
    pub workspace: Option<&'a str>,
    /// When it ends.
    pub expires: Option<TimeView>,
    /// Whether it ended already.
    pub is_expired: bool,
    /// When it was used last.
    pub last_used: Option<TimeView>,
}

/// Makes a token. Fields: `name`, `scopes` (repeated), `workspace_id`, `expires_in_days` (empty for
/// ever).
#[derive(Debug, Template)]
#[template(path = "pages/account/new_token.html", whitespace = "minimize")]
pub struct NewTokenPage<'a> {
    /// What surrounds the page.
    pub frame: Frame<'a>,
    /// What was entered.
    pub form: &'a FormState,
    /// What this person's tokens may allow.
    pub scopes: &'a [Scope],
    /// The workspaces that it can be held to.
    pub workspaces: &'a [Named<'a>],
}

/// A token, right after it was made.
#[derive(Debug, Template)]
#[template(path = "pages/account/token_created.html", whitespace = "minimize")]
pub struct TokenCreatedPage<'a> {
    /// What surrounds the page.
    pub frame: Frame<'a>,
    /// What its owner calls it.
    pub name: &'a str,
    /// The token itself.
    pub token: &'a str,
}

impl TokensPage<'_> {
    fn here(&self) -> &'static str {
        "/account/tokens"
    }
}

impl NewTokenPage<'_> {
    fn here(&self) -> &'static str {
        "/account/tokens"
    }
}

impl TokenCreatedPage<'_> {
    fn here(&self) -> &'static str {
        "/account/tokens"
    }
}

/// The choices of `expires_in_days`.
const EXPIRIES: &[(&str, &str)] =
    &[("30", "30 days"), ("90", "90 days"), ("365", "A year"), ("", "For ever")];
