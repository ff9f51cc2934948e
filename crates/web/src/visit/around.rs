//! What surrounds the pages of somebody who is signed in.

use axum::response::Response;
use formhold_domain::{
    access::{Membership, WorkspaceRole},
    accounts::{User, Workspace},
};
use formhold_service::{users, workspaces};

use super::Visit;
use crate::{
    WebState,
    pages::{Access, Flash, Frame, Named, Person},
};

/// What surrounds the pages of somebody who is signed in.
pub(crate) struct Around {
    /// Who is signed in.
    pub(crate) user: User,
    id: String,
    csrf: String,
    picture: Option<String>,
    access: Access,
    /// The workspaces to choose from, with their ids as text.
    workspaces: Vec<(String, Workspace)>,
    /// Which of them was chosen.
    at: usize,
    message: Option<String>,
    is_error: bool,
}

impl Around {
    /// What surrounds the pages that this visit sees.
    ///
    /// # Errors
    /// The way to the sign-in when nobody is, or what failed.
    pub(crate) async fn of(state: &WebState, visit: &Visit) -> Result<Self, Response> {
        let user = users::own_account(&state.0.app, &visit.caller)
            .await
            .map_err(|failure| visit.failed(&failure))?;
        let access = match visit.caller.person() {
            Some(person) if person.is_admin() => Access::Admin,
            Some(person) if owns_some(&person.memberships) => Access::Owner,
            Some(person) if !person.memberships.is_empty() => Access::Member,
            _ => Access::Account,
        };
        let choices = workspaces::choices(&state.0.app, &visit.caller, visit.workspace);
        let choices = choices.await.map_err(|failure| visit.failed(&failure))?;
        let chosen = choices.iter().position(|it| Some(it.id) == visit.workspace);
        Ok(Self {
            id: user.id.to_string(),
            csrf: visit.csrf(state),
            picture: picture_path(&user),
            access,
            workspaces: choices.into_iter().map(|it| (it.id.to_string(), it)).collect(),
            at: chosen.unwrap_or(0),
            message: visit.done.map(|done| done.sentence().to_owned()),
            is_error: false,
            user,
        })
    }

    /// The same, above a page that tells what went wrong.
    pub(crate) fn with_error(self, message: impl Into<String>) -> Self {
        Self { message: Some(message.into()), is_error: true, ..self }
    }

    /// The same for templates.
    pub(crate) fn frame(&self) -> Frame<'_> {
        let user = person(&self.id, &self.user, self.picture.as_deref());
        let message = self.message.as_deref();
        let named = self.workspaces.iter().map(|(id, it)| Named { id, name: it.name.as_str() });
        let workspaces: Vec<_> = named.collect();
        Frame {
            csrf: &self.csrf,
            user,
            access: self.access,
            workspace: workspaces.get(self.at).copied(),
            workspaces,
            flash: message.map(|message| Flash { message, is_error: self.is_error }),
        }
    }
}

/// Somebody as lists show one; `id` is theirs, as text.
pub(crate) fn person<'a>(id: &'a str, user: &'a User, picture: Option<&'a str>) -> Person<'a> {
    Person { id, name: user.name.as_str(), email: user.email.as_str(), picture }
}

fn owns_some(memberships: &[Membership]) -> bool {
    memberships.iter().any(|membership| membership.role == WorkspaceRole::Owner)
}

/// Where a user's picture is. The file's id is part of it, so that a new one is seen at once.
pub(crate) fn picture_path(user: &User) -> Option<String> {
    let picture = user.picture.as_ref()?;
    Some(format!("/account/picture/{}?v={}", user.id, picture.file_id))
}
