//! `/admin/submissions/{id}`: one submission with everything that hangs on it.

use askama::Template;

use super::inbox;
use crate::{
    pages::{FormState, Frame, TimeView, admin::FormFrame, labels},
    public::assets,
};

/// A submission.
#[derive(Debug, Template)]
#[template(path = "pages/admin/submissions/detail.html", whitespace = "minimize")]
pub struct SubmissionPage<'a> {
    /// What surrounds the page.
    pub frame: Frame<'a>,
    /// Its form.
    pub about: FormFrame<'a>,
    /// Its id.
    pub id: &'a str,
    /// Where it lies, as `inbox`.
    pub state: &'a str,
    /// When it came.
    pub received: TimeView,
    /// Whether it has a star.
    pub is_starred: bool,
    /// Its tags.
    pub tags: &'a [String],
    /// What was answered, in the order of the form.
    pub answers: &'a [AnswerRow],
    /// Answers to what the form does not ask, or does not ask any more.
    pub others: &'a [AnswerRow],
    /// What came with it.
    pub files: &'a [FileView],
    /// Why it was held for spam: sentences with points.
    pub spam_reasons: &'a [(String, u32)],
    /// How it came: names and values.
    pub facts: &'a [(&'static str, String)],
    /// What was written about it.
    pub notes: &'a [NoteRow],
    /// What was entered as a note or a tag and was wrong.
    pub form: &'a FormState,
    /// What was done to it.
    pub history: &'a [HistoryRow],
    /// The next newer one where it lies.
    pub newer: Option<&'a str>,
    /// The next older one where it lies.
    pub older: Option<&'a str>,
    /// Whether it can be moved, marked and edited.
    pub may_change: bool,
}

/// An answer to one field.
#[derive(Debug, Clone)]
pub struct AnswerRow {
    /// What was asked.
    pub label: String,
    /// What was answered; nothing where nothing was.
    pub values: Vec<ValueView>,
}

/// A value.
#[derive(Debug, Clone)]
pub struct ValueView {
    /// As people read it.
    pub text: String,
    /// Where it leads, where it is an address.
    pub link: Option<String>,
}

/// A file.
#[derive(Debug, Clone)]
pub struct FileView {
    /// The question that it answers.
    pub label: String,
    /// As its sender called it.
    pub name: String,
    /// What it is, as `PNG, 12 kB`.
    pub about: String,
    /// Where it is, for a while; none while a scan does not allow it.
    pub path: Option<String>,
    /// The same for a small picture.
    pub thumbnail_path: Option<String>,
    /// Why it cannot be had.
    pub refusal: Option<String>,
}

/// A note.
#[derive(Debug, Clone)]
pub struct NoteRow {
    /// Its id.
    pub id: String,
    /// Who wrote it.
    pub author: String,
    /// What.
    pub text: String,
    /// When.
    pub at: TimeView,
}

/// Something that was done.
#[derive(Debug, Clone)]
pub struct HistoryRow {
    /// When.
    pub at: TimeView,
    /// Who did it.
    pub actor: String,
    /// What, as a sentence without its subject.
    pub what: String,
    /// Of an edit: fields with what was there before and what is there since.
    pub changes: Vec<(String, String, String)>,
}

impl SubmissionPage<'_> {
    fn here(&self) -> &'static str {
        "/admin/forms"
    }

    fn points(&self, points: &u32) -> String {
        labels::count(&u64::from(*points), "point", "points")
    }

    fn acts(&self) -> &'static [(&'static str, &'static str)] {
        inbox::acts(self.state)
    }

    fn folder(&self) -> &'static str {
        inbox::folder(self.state)
    }

    fn path(&self) -> String {
        format!("/admin/submissions/{}", self.id)
    }

    fn list(&self) -> String {
        format!("{}?state={}", self.about.path("submissions"), self.state)
    }
}
