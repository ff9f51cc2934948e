//! `/admin`: workspaces, users, and who changed what.

mod audit;
mod forms;
mod numbers;
mod overview;
mod user;
mod users;
mod workspace;
mod workspaces;

pub use audit::{AuditPage, AuditRow, ChainState};
pub use forms::{CodeSample, EmbedPage, FormFrame, FormTab, ShownState};
pub use numbers::{CacheRow, NumberCard, NumbersView, TopFormRow, TrendRow};
pub use overview::OverviewPage;
pub use user::{MembershipRow, PasswordLinkPage, UserDetail, UserPage};
pub use users::{NewUserPage, UserRow, UsersPage};
pub use workspace::{InvitationRow, MemberRow, WorkspacePage};
pub use workspaces::{NewWorkspacePage, WorkspaceRow, WorkspacesPage};
