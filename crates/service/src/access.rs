//! The one place where rights are asked for.

use formhold_domain::{
    WorkspaceId,
    access::{Action, Actor, Caller, Person, Ruling},
};

use crate::ServiceError;

/// Lets the caller go on, or says why not. `workspace` is where the action takes place, for actions
/// that take place in one.
///
/// # Errors
/// [`ServiceError::SignInRequired`], [`ServiceError::Forbidden`], or [`ServiceError::NotFound`] where
/// the caller may not even know of the workspace.
pub fn require(
    caller: &Caller,
    action: Action,
    workspace: Option<WorkspaceId>,
) -> Result<(), ServiceError> {
    let sentence = action.sentence();
    match caller.actor.may(action, workspace) {
        Ruling::Allowed => Ok(()),
        Ruling::SignIn => Err(ServiceError::SignInRequired),
        Ruling::Forbidden => {
            Err(ServiceError::Forbidden(format!("your role does not allow to {sentence}")))
        }
        Ruling::Hidden => {
            let id = workspace.map_or_else(String::new, |id| format!(" {id}"));
            Err(ServiceError::NotFound(format!("workspace{id}")))
        }
        Ruling::MissingScope(scope) => Err(ServiceError::Forbidden(format!(
            "this token has not the scope `{}`, which it needs to {sentence}",
            scope.as_str()
        ))),
        Ruling::SessionOnly => Err(ServiceError::Forbidden(format!(
            "no token is enough to {sentence}; sign in to do that"
        ))),
    }
}

/// Lets a user go on who may do this to the own account.
///
/// # Errors
/// As [`require`].
pub fn require_own(caller: &Caller, action: Action) -> Result<&Person, ServiceError> {
    require(caller, action, None)?;
    match &caller.actor {
        Actor::Person(person) => Ok(person),
        Actor::System(_) | Actor::Visitor => Err(ServiceError::SignInRequired),
    }
}

/// Whether the caller may do that.
#[must_use]
pub fn allows(caller: &Caller, action: Action, workspace: Option<WorkspaceId>) -> bool {
    caller.actor.may(action, workspace) == Ruling::Allowed
}

/// What who asks for something that is not there learns. Whoever is nobody learns nothing of what
/// there is.
#[must_use]
pub(crate) fn nothing(caller: &Caller, gone: ServiceError) -> ServiceError {
    match caller.actor {
        Actor::Visitor => ServiceError::SignInRequired,
        Actor::Person(_) | Actor::System(_) => gone,
    }
}
