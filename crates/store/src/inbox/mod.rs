//! Submissions with what their owners did to them.

mod act;
mod edit;
mod list;
mod notes;
mod remove;
mod walk;

pub(crate) use act::Touch;
pub use act::{Acted, Actor};
pub(crate) use list::id_at;
pub use list::{InboxFilter, InboxOrder};

/// Ids in one statement.
const CHUNK: usize = 500;
