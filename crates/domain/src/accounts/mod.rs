//! People and what they have: accounts, sessions, tokens, workspaces, invitations.

mod links;
mod names;
mod registration;
mod sessions;
mod users;
mod workspaces;

pub use links::{LinkKind, OneTimeLink};
pub use names::{NameProblem, PasskeyName, PersonName, TokenName, WorkspaceName};
pub use registration::Registration;
pub use sessions::{ApiToken, Factor, Session};
pub use users::{EmailChange, Picture, User, UserState};
pub use workspaces::{Invitation, Member, Workspace};
