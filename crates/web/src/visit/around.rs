//! What surrounds the pages of somebody who is signed in.

use axum::response::Response;
use formhold_domain::{
    access::{Membership, WorkspaceRole},
    accounts::User,
};
use formhold_service::users;

use super::Visit;
use crate::{
    WebState,
    pages::{Access, Flash, Frame, Person},
};

/// What surrounds the pages of somebody who is signed in.
pub(crate) struct Around {
    /// Who is signed in.
    pub(crate) user: User,
    id: String,
    csrf: String,
    picture: Option<String>,
    access: Access,
    message: Option<&'static str>,
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
        Ok(Self {
            id: user.id.to_string(),
            csrf: visit.csrf(state),
            picture: picture_path(&user),
            access,
            message: visit.done.map(|done| done.sentence()),
            user,
        })
    }

    /// The same for templates.
    pub(crate) fn frame(&self) -> Frame<'_> {
        let user = Person {
            id: &self.id,
            name: self.user.name.as_str(),
            email: self.user.email.as_str(),
            picture: self.picture.as_deref(),
        };
        let flash = self.message.map(|message| Flash { message, is_error: false });
        Frame { csrf: &self.csrf, user, access: self.access, workspace: None, flash }
    }
}

fn owns_some(memberships: &[Membership]) -> bool {
    memberships.iter().any(|membership| membership.role == WorkspaceRole::Owner)
}

/// Where a user's picture is. The file's id is part of it, so that a new one is seen at once.
fn picture_path(user: &User) -> Option<String> {
    let picture = user.picture.as_ref()?;
    Some(format!("/account/picture/{}?v={}", user.id, picture.file_id))
}
