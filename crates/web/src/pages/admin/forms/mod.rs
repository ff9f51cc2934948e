//! `/admin/forms`: forms, and everything that their owners decide about them.

mod embed;
mod fields;
mod frame;
mod list;
mod sections;
mod versions;

pub use embed::{CodeSample, EmbedPage};
pub use fields::{FieldCard, FieldsPage};
pub use frame::{FormFrame, FormTab, ShownState};
pub use list::{FormRow, FormsPage, NewFormPage};
pub use sections::{ProtectionPage, SettingsPage, SuccessPage};
pub use versions::{DefinitionPage, DifferenceView, VersionRow, VersionsPage};
