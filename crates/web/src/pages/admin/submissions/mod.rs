//! What was submitted to a form: the inbox, one submission, and what is asked before many change.

mod confirm;
mod detail;
mod edit;
mod inbox;

pub use confirm::ConfirmBulkPage;
pub use detail::{AnswerRow, FileView, HistoryRow, NoteRow, SubmissionPage, ValueView};
pub use edit::{EditSubmissionPage, EditedAnswer};
pub use inbox::{ColumnChoice, InboxPage, InboxRow, StateTab, UndoView};
