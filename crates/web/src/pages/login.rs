//! `/login`: address and password, a passkey, or somebody else's word.

use askama::Template;

use super::{Card, FormState};
use crate::public::assets;

/// The sign-in page. Fields: `email`, `password`, `next`.
#[derive(Debug, Template)]
#[template(path = "pages/login.html", whitespace = "minimize")]
pub struct LoginPage<'a> {
    /// What surrounds the page.
    pub card: Card<'a>,
    /// What was entered.
    pub form: &'a FormState,
    /// The path to go to afterwards; empty for the usual one.
    pub next: &'a str,
    /// Who else can tell us who somebody is.
    pub providers: &'a [ProviderView<'a>],
    /// Whether passkeys can be used here.
    pub passkeys: bool,
    /// Whether anybody may create an account.
    pub may_register: bool,
    /// Whether we can send mail to somebody who forgot the password.
    pub may_reset: bool,
}

/// An OpenID Connect provider.
#[derive(Debug, Clone, Copy)]
pub struct ProviderView<'a> {
    /// Its place in `/login/oidc/{id}`.
    pub id: &'a str,
    /// What people call it.
    pub name: &'a str,
}
