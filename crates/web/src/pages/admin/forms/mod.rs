//! `/admin/forms`: forms, and everything that their owners decide about them.

mod embed;
mod frame;

pub use embed::{CodeSample, EmbedPage};
pub use frame::{FormFrame, FormTab, ShownState};
