//! Who may store files: asked before the first one is stored.

use std::sync::Arc;

use formhold_domain::{CompiledForm, ControlFields};
use formhold_service::{
    App,
    forms::{self, Found},
    limits,
};

use super::{BodyError, forwarded::Sender};

/// What one request's files must pass. A form that the path names was asked before; one that the
/// body names is looked up as soon as its name is there.
pub(super) struct Door<'a> {
    app: &'a App,
    sender: &'a Sender,
    form: Option<Arc<CompiledForm>>,
    asked: bool,
    counted: bool,
}

impl<'a> Door<'a> {
    /// Of a form that is known, and was asked as far as it must be.
    pub(super) fn of_form(app: &'a App, sender: &'a Sender, form: Arc<CompiledForm>) -> Self {
        Self { app, sender, form: Some(form), asked: true, counted: false }
    }

    /// Of a form that the body is to name.
    pub(super) fn of_unknown(app: &'a App, sender: &'a Sender) -> Self {
        Self { app, sender, form: None, asked: false, counted: false }
    }

    /// The form, where it is known.
    pub(super) fn form(&self) -> Option<&Arc<CompiledForm>> {
        self.form.as_ref()
    }

    /// Whether the request was counted against the form's limits here.
    pub(super) fn counted(&self) -> bool {
        self.counted
    }

    /// Lets a file in, or says why not; `fields` are those that came before it.
    pub(super) async fn let_in(&mut self, fields: &[(String, Vec<u8>)]) -> Result<(), BodyError> {
        if self.form.is_some() {
            return Ok(());
        }
        let text = |(name, value): &(String, Vec<u8>)| {
            Some((name.clone(), String::from_utf8(value.clone()).ok()?))
        };
        let fields: Vec<_> = fields.iter().filter_map(text).collect();
        if let Some(name) = ControlFields::form_named_in(&fields) {
            let form = match forms::find_form(self.app, name).await.map_err(BodyError::Storage)? {
                Found::Form(form) => form,
                Found::Deleted => return Err(BodyError::FormDeleted),
                Found::Nothing => return Err(BodyError::FormNotFound),
            };
            let form = self.form.insert(form);
            // One that takes no files refuses them in a moment.
            if form.takes_files() {
                let client = self.sender.client_of(self.app, form).await?;
                limits::count_submission(self.app, form, Some(client))
                    .await
                    .map_err(BodyError::TooMany)?;
                self.counted = true;
            }
        } else if !self.asked {
            self.asked = true;
            limits::count_files_for_unknown_form(self.app, self.sender.address())
                .await
                .map_err(BodyError::TooMany)?;
        }
        Ok(())
    }
}
