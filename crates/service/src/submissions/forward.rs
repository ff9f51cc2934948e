//! Submissions that a server of the form's owner hands on: who may name the visitor's address.

use formhold_domain::{
    Bearer, CompiledForm,
    access::{Action, Caller},
};

use crate::{App, ServiceError, forms::require_form, sessions};

/// Whether the holder of this API token may say of submissions to this form whose they are: it needs
/// the scope `submissions:forward`, and an editor of the form's workspace behind it.
///
/// # Errors
/// When the database fails.
pub async fn may_forward(
    app: &App,
    token: &Bearer,
    form: &CompiledForm,
) -> Result<bool, ServiceError> {
    let Some(actor) = sessions::actor_of_token(app, token).await? else { return Ok(false) };
    let caller = Caller { actor, address: None, user_agent: None };
    let id = form.identity.id;
    let gone = || ServiceError::NotFound(format!("form {id}"));
    match require_form(app, &caller, Action::ForwardSubmissions, id, gone).await {
        Ok(_) => Ok(true),
        Err(ServiceError::NotFound(_) | ServiceError::Forbidden(_)) => Ok(false),
        Err(failed) => Err(failed),
    }
}
