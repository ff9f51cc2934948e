//! `/admin/forms/{id}/versions` and `/admin/forms/{id}/definition`: what a form was, and the form as code.

use askama::Template;

use super::FormFrame;
use crate::{
    pages::{FormState, Frame, TimeView},
    public::assets,
};

/// The versions of a form, the newest first.
#[derive(Debug, Template)]
#[template(path = "pages/admin/forms/versions.html", whitespace = "minimize")]
pub struct VersionsPage<'a> {
    /// What surrounds the page.
    pub frame: Frame<'a>,
    /// The form.
    pub about: FormFrame<'a>,
    /// The version that is in force.
    pub current: u32,
    /// The versions.
    pub versions: &'a [VersionRow],
    /// Whether this person may go back to one.
    pub may_change: bool,
    /// The address of the next page.
    pub next: Option<&'a str>,
}

/// One version.
#[derive(Debug)]
pub struct VersionRow {
    /// Its number.
    pub version: u32,
    /// Since when it was in force.
    pub at: TimeView,
    /// What it changed.
    pub changes: Vec<DifferenceView>,
}

/// Something that differs.
#[derive(Debug)]
pub struct DifferenceView {
    /// Where.
    pub place: String,
    /// What was there.
    pub before: Option<String>,
    /// What is there now.
    pub after: Option<String>,
}

/// The form as code. Field: `definition`.
#[derive(Debug, Template)]
#[template(path = "pages/admin/forms/definition.html", whitespace = "minimize")]
pub struct DefinitionPage<'a> {
    /// What surrounds the page.
    pub frame: Frame<'a>,
    /// The form.
    pub about: FormFrame<'a>,
    /// The version that is shown.
    pub version: u32,
    /// What was entered.
    pub form: &'a FormState,
    /// What would change, where that was asked for.
    pub changes: Option<&'a [DifferenceView]>,
    /// Whether this person may change it.
    pub may_change: bool,
}

impl VersionsPage<'_> {
    fn here(&self) -> &'static str {
        "/admin/forms"
    }
}

impl DefinitionPage<'_> {
    fn here(&self) -> &'static str {
        "/admin/forms"
    }
}
