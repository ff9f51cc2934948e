//! What every page of one form needs: the form, and what surrounds its pages.

use axum::response::Response;
use formhold_domain::{Availability, CompiledForm, FormId, access::Action};
use formhold_service::forms;

use crate::{
    WebState,
    pages::{
        ErrorKind,
        admin::{FormFrame, FormTab, ShownState},
    },
    visit::{Visit, reply},
};

/// A form, and what its pages show around theirs.
pub(in crate::admin) struct FormAround {
    /// The form as it is now.
    pub(in crate::admin) form: CompiledForm,
    id: String,
    state: ShownState,
}

impl FormAround {
    /// The form with this id, for a visit that may do that with it.
    ///
    /// # Errors
    /// The page that says why not.
    pub(in crate::admin) async fn of(
        state: &WebState,
        visit: &Visit,
        action: Action,
        id: &str,
    ) -> Result<Self, Response> {
        let app = &state.0.app;
        let found = forms::form_for(app, &visit.caller, action, parse(id)?).await;
        let (form, _) = found.map_err(|failure| visit.failed(&failure))?;
        let shown = shown_state(&form, app.clock.now_ms());
        Ok(Self { id: form.identity.id.to_string(), state: shown, form })
    }

    /// The same for templates.
    pub(in crate::admin) fn frame(&self, tab: FormTab) -> FormFrame<'_> {
        let name = &self.form.definition.name;
        FormFrame { id: &self.id, name, state: self.state, tab }
    }
}

/// Whether a form takes submissions at this time.
pub(super) fn shown_state(form: &CompiledForm, now_ms: i64) -> ShownState {
    match form.availability(now_ms) {
        Availability::Open => ShownState::Open,
        Availability::NotOpenYet => ShownState::NotOpenYet,
        Availability::Closed => ShownState::Closed,
    }
}

/// The id in a path.
///
/// # Errors
/// The page for what is not there.
pub(in crate::admin) fn parse(id: &str) -> Result<FormId, Response> {
    id.parse().map_err(|_| reply::error(ErrorKind::NotFound))
}
