//! Submissions with what their owners did to them.

mod act;
mod edit;
mod list;
mod notes;
mod remove;

pub(crate) use act::Touch;
pub use act::{Acted, Actor};
pub use list::InboxFilter;

/// Ids in one statement.
const CHUNK: usize = 500;
