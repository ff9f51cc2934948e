//! What surrounds the pages of one form: its name, its state, and its tabs.

use crate::pages::{Link, labels::Badge};

/// Around every page of a form; templates extend `pages/admin/forms/frame.html` and fill the block
/// `form`.
#[derive(Debug, Clone, Copy)]
pub struct FormFrame<'a> {
    /// The form's id.
    pub id: &'a str,
    /// Its name.
    pub name: &'a str,
    /// Whether it takes submissions.
    pub state: ShownState,
    /// Which tab this page is.
    pub tab: FormTab,
}

/// Whether a form takes submissions, as people read it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShownState {
    /// It does.
    Open,
    /// Not yet.
    NotOpenYet,
    /// Its owner closed it, or its time is over.
    Closed,
    /// It lies in the trash.
    Trashed,
}

impl ShownState {
    pub(in crate::pages) fn badge(self) -> Badge<'static> {
        match self {
            Self::Open => Badge { label: "Open", tone: "good" },
            Self::NotOpenYet => Badge { label: "Not open yet", tone: "caution" },
            Self::Closed => Badge { label: "Closed", tone: "" },
            Self::Trashed => Badge { label: "In the trash", tone: "bad" },
        }
    }
}

/// The tabs of a form: a variant and a line in [`FormTab::ALL`] each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the table says what each is")]
pub enum FormTab {
    Inbox,
    Fields,
    Protection,
    Success,
    Settings,
    Embed,
    Versions,
}

impl FormTab {
    /// All in their order: the end of the path below `/admin/forms/{id}/`, and what people read.
    const ALL: &[(Self, &str, &str)] = &[
        (Self::Inbox, "submissions", "Inbox"),
        (Self::Fields, "fields", "Fields"),
        (Self::Protection, "protection", "Protection"),
        (Self::Success, "success", "After sending"),
        (Self::Settings, "settings", "Settings"),
        (Self::Embed, "embed", "Embed"),
        (Self::Versions, "versions", "Versions"),
    ];
}

/// A tab as the template draws it.
#[derive(Debug)]
pub(in crate::pages) struct Tab {
    pub(in crate::pages) path: String,
    pub(in crate::pages) label: &'static str,
    pub(in crate::pages) is_here: bool,
}

impl FormFrame<'_> {
    /// The path of a page of this form.
    pub(in crate::pages) fn path(&self, end: &str) -> String {
        format!("/admin/forms/{}/{end}", self.id)
    }

    pub(in crate::pages) fn tabs(&self) -> Vec<Tab> {
        let tab = |(tab, end, label): &(FormTab, &str, &'static str)| Tab {
            path: self.path(end),
            label,
            is_here: *tab == self.tab,
        };
        FormTab::ALL.iter().map(tab).collect()
    }

    pub(in crate::pages) fn list(&self) -> Link<'static> {
        match self.state {
            ShownState::Trashed => Link { path: "/admin/forms/trash", label: "Trash" },
            _ => Link { path: "/admin/forms", label: "Forms" },
        }
    }
}
