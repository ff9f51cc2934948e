//! `/admin`: workspaces, users, and who changed what.

mod audit;
mod channels;
mod forms;
mod jobs;
mod numbers;
mod overview;
mod submissions;
mod user;
mod users;
mod workspace;
mod workspaces;

pub use audit::{AuditPage, AuditRow, ChainState};
pub use channels::{
    ChannelPage, ChannelRow, ChannelsPage, DeliveriesPage, DeliveryRow, NewChannelPage,
    SigningSecretPage, SubmissionDeliveriesPage, TriedView,
};
pub use forms::{
    CodeSample, DefinitionPage, DifferenceView, EmbedPage, FieldCard, FieldsPage, FormFrame,
    FormRow, FormTab, FormsPage, NewFormPage, ProtectionPage, SettingsPage, ShownState,
    SuccessPage, VersionRow, VersionsPage,
};
pub use jobs::{JobPage, JobRow, JobsPage, KindRow, ScheduleRow, TryRow};
pub use numbers::{CacheRow, NumberCard, NumbersView, TopFormRow, TrendRow};
pub use overview::OverviewPage;
pub use submissions::{
    AnswerRow, ColumnChoice, ConfirmBulkPage, EditSubmissionPage, EditedAnswer, FileView,
    HistoryRow, InboxPage, InboxRow, NoteRow, StateTab, SubmissionPage, UndoView, ValueView,
};
pub use user::{MembershipRow, PasswordLinkPage, UserDetail, UserPage};
pub use users::{NewUserPage, UserRow, UsersPage};
pub use workspace::{InvitationRow, MemberRow, WorkspacePage};
pub use workspaces::{NewWorkspacePage, WorkspaceRow, WorkspacesPage};
