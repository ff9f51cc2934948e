//! `/account/submissions`: what somebody sent to forms.

use askama::Template;

use crate::{
    pages::{Frame, TimeView},
    public::assets,
};

/// The own submissions.
#[derive(Debug, Template)]
#[template(path = "pages/account/submissions.html", whitespace = "minimize")]
pub struct SubmissionsPage<'a> {
    /// What surrounds the page.
    pub frame: Frame<'a>,
    /// The submissions, newest first.
    pub submissions: &'a [OwnSubmission<'a>],
    /// The address of the next page.
    pub next: Option<&'a str>,
}

/// One submission.
#[derive(Debug, Clone)]
pub struct OwnSubmission<'a> {
    /// The form's name.
    pub form_name: &'a str,
    /// When it came.
    pub received: TimeView,
    /// What was answered, in the form's order.
    pub answers: Vec<AnswerView<'a>>,
}

/// One answer.
#[derive(Debug, Clone, Copy)]
pub struct AnswerView<'a> {
    /// What the form asked.
    pub label: &'a str,
    /// The answer; several are on lines of their own.
    pub value: &'a str,
}

impl SubmissionsPage<'_> {
    fn here(&self) -> &'static str {
        "/account/submissions"
    }
}
