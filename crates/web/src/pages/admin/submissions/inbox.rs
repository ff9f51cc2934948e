//! `/admin/forms/{id}/submissions`: what was submitted to a form.

use askama::Template;

use crate::{
    pages::{FormState, Frame, TimeView, admin::FormFrame, labels},
    public::assets,
};

/// A page of a form's inbox.
#[derive(Debug, Template)]
#[template(path = "pages/admin/submissions/inbox.html", whitespace = "minimize")]
pub struct InboxPage<'a> {
    /// What surrounds the page.
    pub frame: Frame<'a>,
    /// The form.
    pub about: FormFrame<'a>,
    /// The folders.
    pub states: &'a [StateTab],
    /// The folder that is shown, as `inbox`.
    pub state: &'a str,
    /// What is looked for: `q`, `read`, `starred`, `tag`, `from` and `to` as dates.
    pub filter: &'a FormState,
    /// The tags that can be looked for.
    pub tags: &'a [String],
    /// The columns that can be chosen.
    pub columns: &'a [ColumnChoice],
    /// What was found, newest first.
    pub rows: &'a [InboxRow],
    /// What the last move can be taken back with.
    pub undo: Option<UndoView>,
    /// This very page, to come back to.
    pub back: &'a str,
    /// The address of the next page.
    pub next: Option<&'a str>,
    /// Whether this is the first page, to which new ones come.
    pub is_first: bool,
    /// Whether submissions can be moved and marked.
    pub may_change: bool,
    /// Whether they can be exported.
    pub may_export: bool,
    /// The address of the form's own page, as `/f/KEY`.
    pub page_path: &'a str,
}

/// A folder.
#[derive(Debug, Clone)]
pub struct StateTab {
    /// Its name, as `inbox`.
    pub state: &'static str,
    /// How many lie there, as `12` or `999+`.
    pub count: String,
}

impl StateTab {
    fn label(&self) -> &'static str {
        folder(self.state)
    }
}

/// A column that can be chosen.
#[derive(Debug, Clone)]
pub struct ColumnChoice {
    /// What the browser remembers it by.
    pub key: String,
    /// What stands above it.
    pub label: String,
    /// Whether it is shown.
    pub is_shown: bool,
}

/// A submission in the list.
#[derive(Debug, Clone)]
pub struct InboxRow {
    /// Its id.
    pub id: String,
    /// What it says in each column that is shown.
    pub cells: Vec<String>,
    /// When it came.
    pub received: TimeView,
    /// Whether somebody looked at it.
    pub is_read: bool,
    /// Whether it has a star.
    pub is_starred: bool,
    /// Its tags.
    pub tags: Vec<String>,
    /// How many files came with it.
    pub files: u64,
}

impl InboxRow {
    fn files_text(&self) -> String {
        labels::count(&self.files, "file", "files")
    }

    /// What the row is called: the first thing that was answered.
    fn title(&self) -> &str {
        self.cells.iter().find(|cell| !cell.is_empty()).map_or("Nothing answered", |cell| cell)
    }
}

/// How a move can be taken back.
#[derive(Debug, Clone)]
pub struct UndoView {
    /// What was done, as a sentence.
    pub sentence: String,
    /// What was done, for the server.
    pub payload: String,
    /// That the server said so, to this browser.
    pub signature: String,
}

/// What a folder is called.
pub(super) fn folder(state: &str) -> &'static str {
    match state {
        "spam" => "Spam",
        "archive" => "Archive",
        "trash" => "Trash",
        _ => "Inbox",
    }
}

/// Buttons of a folder: what each does, and what it says.
const ACTS: &[(&str, &[(&str, &str)])] = &[
    ("inbox", &[("archive", "Archive"), ("spam", "Spam"), ("trash", "Trash")]),
    ("spam", &[("inbox", "Not spam"), ("trash", "Trash")]),
    ("archive", &[("inbox", "To the inbox"), ("spam", "Spam"), ("trash", "Trash")]),
    ("trash", &[("restore", "Restore"), ("delete_for_good", "Delete for good…")]),
];

/// The buttons of this folder.
pub(super) fn acts(state: &str) -> &'static [(&'static str, &'static str)] {
    ACTS.iter().find(|(name, _)| *name == state).map_or(&[], |(_, acts)| acts)
}

/// The fields of the filter.
const FIELDS: [&str; 6] = ["q", "read", "starred", "tag", "from", "to"];

impl InboxPage<'_> {
    fn here(&self) -> &'static str {
        "/admin/forms"
    }

    fn acts(&self) -> &'static [(&'static str, &'static str)] {
        acts(self.state)
    }

    fn folder(&self) -> &'static str {
        folder(self.state)
    }

    fn shown(&self) -> Vec<&ColumnChoice> {
        self.columns.iter().filter(|column| column.is_shown).collect()
    }

    fn is_filtered(&self) -> bool {
        FIELDS.iter().any(|field| !self.filter.value(field).is_empty())
    }

    /// Whether something beside the text is looked for.
    fn is_narrowed(&self) -> bool {
        FIELDS.iter().any(|field| *field != "q" && !self.filter.value(field).is_empty())
    }

    fn path(&self) -> String {
        self.about.path("submissions")
    }

    /// Whether new ones may come to what is shown.
    fn is_live(&self) -> bool {
        self.is_first && matches!(self.state, "inbox" | "spam")
    }
}
