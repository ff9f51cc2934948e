//! Users and what they have.

mod email_changes;
mod factors;
mod facts;
mod invitations;
mod links;
mod members;
mod ownership;
mod sessions;
mod tokens;
mod user_lists;
mod users;
mod workspaces;

pub use factors::{Credentials, Passkey};
pub use invitations::NewInvitation;
pub use sessions::SignedIn;
pub use tokens::TokenUse;
pub use user_lists::{UserFilter, UserOrder};
pub use users::{NewUser, UserUpdate};
pub use workspaces::WorkspaceSummary;

use crate::StoreError;

/// A row that this version cannot read: somebody else wrote it.
pub(crate) fn unreadable(what: &str, id: impl std::fmt::Display) -> StoreError {
    StoreError::Other(format!("{what} {id} cannot be read"))
}
