//! What an owner decides about a form beside its fields: protection, what comes after sending, settings.

use askama::Template;

use super::FormFrame;
use crate::{
    pages::{FormState, Frame, labels},
    public::assets,
};

/// `/admin/forms/{id}/protection`. Fields: the keys of the protection, those of its tables without
/// their path.
#[derive(Debug, Template)]
#[template(path = "pages/admin/forms/protection.html", whitespace = "minimize")]
pub struct ProtectionPage<'a> {
    /// What surrounds the page.
    pub frame: Frame<'a>,
    /// The form.
    pub about: FormFrame<'a>,
    /// The version that is shown.
    pub version: u32,
    /// What was entered.
    pub form: &'a FormState,
    /// The captchas that this Formhold can ask for, with their labels.
    pub captchas: &'a [(&'a str, &'a str)],
    /// Whether this person may change it.
    pub may_change: bool,
}

/// `/admin/forms/{id}/success`. Fields: `success_message`, `success_url`.
#[derive(Debug, Template)]
#[template(path = "pages/admin/forms/success.html", whitespace = "minimize")]
pub struct SuccessPage<'a> {
    /// What surrounds the page.
    pub frame: Frame<'a>,
    /// The form.
    pub about: FormFrame<'a>,
    /// The version that is shown.
    pub version: u32,
    /// What was entered.
    pub form: &'a FormState,
    /// The path of the page of thanks.
    pub thanks_path: &'a str,
    /// Whether this person may change it.
    pub may_change: bool,
}

/// `/admin/forms/{id}/settings`. Fields: the keys of a definition.
#[derive(Debug, Template)]
#[template(path = "pages/admin/forms/settings.html", whitespace = "minimize")]
pub struct SettingsPage<'a> {
    /// What surrounds the page.
    pub frame: Frame<'a>,
    /// The form.
    pub about: FormFrame<'a>,
    /// The version that is shown.
    pub version: u32,
    /// What was entered.
    pub form: &'a FormState,
    /// Whether this person may change it.
    pub may_change: bool,
}

impl ProtectionPage<'_> {
    fn here(&self) -> &'static str {
        "/admin/forms"
    }
}

impl SuccessPage<'_> {
    fn here(&self) -> &'static str {
        "/admin/forms"
    }
}

impl SettingsPage<'_> {
    fn here(&self) -> &'static str {
        "/admin/forms"
    }
}
