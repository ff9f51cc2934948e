//! `/admin/submissions/{id}/edit`: correcting what was answered.

use askama::Template;

use crate::{
    pages::{FormState, Frame, admin::FormFrame},
    public::assets,
};

/// The answers of a submission, to be changed. Fields: `version`, and pairs of `field` and `value`.
#[derive(Debug, Template)]
#[template(path = "pages/admin/submissions/edit.html", whitespace = "minimize")]
pub struct EditSubmissionPage<'a> {
    /// What surrounds the page.
    pub frame: Frame<'a>,
    /// Its form.
    pub about: FormFrame<'a>,
    /// Its id.
    pub id: &'a str,
    /// The version that is changed.
    pub version: u32,
    /// What was wrong.
    pub form: &'a FormState,
    /// The answers, in order.
    pub answers: &'a [EditedAnswer],
}

/// One value.
#[derive(Debug, Clone)]
pub struct EditedAnswer {
    /// The field's name.
    pub field: String,
    /// What was asked; with a number where there are several.
    pub label: String,
    /// What was answered.
    pub value: String,
}

impl EditSubmissionPage<'_> {
    fn here(&self) -> &'static str {
        "/admin/forms"
    }
}
