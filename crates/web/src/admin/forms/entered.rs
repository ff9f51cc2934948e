//! What was typed into a page about a form, and the definition that it makes.

use std::str::FromStr;

use axum::response::Response;
use formhold_domain::FormDefinition;
use formhold_service::{ServiceError, forms};
use http::StatusCode;

use super::{
    FormAround,
    create::{about_field, told},
    option_lines::read_lines,
};
use crate::{
    WebState,
    admin::status_of,
    pages::{ErrorKind, FormState},
    visit::{Done, Visit, reply},
};

/// What was typed.
pub(super) struct Entered {
    pairs: Vec<(String, String)>,
    problems: Vec<(&'static str, String)>,
}

/// Why a page is shown again.
pub(super) struct Again {
    pub(super) status: StatusCode,
    pub(super) version: u32,
    pub(super) form: FormState,
}

impl Entered {
    pub(super) fn new(pairs: Vec<(String, String)>) -> Self {
        Self { pairs, problems: Vec::new() }
    }

    /// A text as it was typed, without spaces around it.
    pub(super) fn text(&self, name: &str) -> &str {
        let found = self.pairs.iter().find(|(key, _)| key == name);
        found.map_or("", |(_, value)| value.trim())
    }

    /// The same where something was typed.
    pub(super) fn maybe(&self, name: &str) -> Option<String> {
        Some(self.text(name)).filter(|text| !text.is_empty()).map(|text| text.replace("\r\n", "\n"))
    }

    /// Whether a box was ticked.
    pub(super) fn is_ticked(&self, name: &str) -> bool {
        !self.text(name).is_empty()
    }

    /// What was typed line by line.
    pub(super) fn lines(&self, name: &str) -> Vec<String> {
        read_lines(self.text(name))
    }

    /// A number, or something else that is written as text; none where nothing was typed.
    pub(super) fn parsed<T: FromStr>(&mut self, name: &'static str, what: &str) -> Option<T> {
        self.read(name, what, |text| text.parse().ok())
    }

    /// The same for what has another way to be read.
    pub(super) fn read<T>(
        &mut self,
        name: &'static str,
        what: &str,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let text = self.text(name);
        if text.is_empty() {
            return None;
        }
        let found = read(text);
        if found.is_none() {
            self.problems.push((name, about_field(name, &format!("must be {what}"))));
        }
        found
    }

    /// Saves what `edit` makes of the form's definition; what went wrong is for the page to show again.
    pub(super) async fn save(
        self,
        state: &WebState,
        visit: &Visit,
        about: &FormAround,
        page: &str,
        edit: impl FnOnce(FormDefinition) -> FormDefinition,
    ) -> Result<Again, Response> {
        // A form of ours always says which version it was made for.
        let version: u32 =
            self.text("version").parse().map_err(|_| reply::error(ErrorKind::FormExpired))?;
        let form = FormState::filled(self.pairs.iter().map(|(key, value)| (&**key, &**value)));
        if !self.problems.is_empty() {
            let problems = self.problems.into_iter();
            let form =
                problems.fold(form, |form, (name, message)| form.with_problem(name, message));
            return Ok(Again { status: StatusCode::UNPROCESSABLE_ENTITY, version, form });
        }
        let (app, id) = (&state.0.app, about.form.identity.id);
        let saved = forms::change_form(app, &visit.caller, id, Some(version), edit).await;
        let failure = match saved {
            Ok(_) => {
                let path = format!("/admin/forms/{id}/{page}");
                return Err(reply::see_other(&Done::FormSaved.at(&path)));
            }
            Err(failure) => failure,
        };
        let status = status_of(&failure);
        if let ServiceError::Stale(_) = failure {
            let form = form.with_error("Somebody changed this form meanwhile. What you typed is still here: look at the versions, then save again to put it in the place of theirs.");
            return Ok(Again { status, version: about.form.identity.version, form });
        }
        let form = told(&failure, form).ok_or_else(|| visit.failed(&failure))?;
        Ok(Again { status, version, form })
    }
}
