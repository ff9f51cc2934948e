//! `/admin/forms/{id}/fields`: the fields of a form, edited, with a preview.

use askama::Template;

use super::FormFrame;
use crate::{
    pages::{FormState, Frame},
    public::assets,
};

/// The fields of a form. All of the draft is sent with each button: every field begins with an input
/// `field` that holds its name, buttons send `act`, `Save` the value `save`.
#[derive(Debug, Template)]
#[template(path = "pages/admin/forms/fields.html", whitespace = "minimize")]
pub struct FieldsPage<'a> {
    /// What surrounds the page.
    pub frame: Frame<'a>,
    /// The form.
    pub about: FormFrame<'a>,
    /// The version that the draft was made of.
    pub version: u32,
    /// What is wrong with the draft, with links to the inputs.
    pub problems: &'a FormState,
    /// The fields.
    pub cards: &'a [FieldCard<'a>],
    /// The fields that were removed, to be sent back.
    pub removed: &'a str,
    /// What the field is called that comes back next.
    pub undo: Option<&'a str>,
    /// The types of fields, with their labels.
    pub kinds: &'a [(&'a str, &'a str)],
    /// The form's page as a whole document; none where nothing can be shown.
    pub preview: Option<&'a str>,
    /// Whether fields with problems are missing there.
    pub preview_is_partial: bool,
    /// Whether this differs from what is in force.
    pub is_unsaved: bool,
    /// Whether this person may change it.
    pub may_change: bool,
}

/// One field.
#[derive(Debug)]
pub struct FieldCard<'a> {
    /// Its place, from 0.
    pub at: usize,
    /// What stands before the ids of its inputs.
    pub scope: String,
    /// What its inputs hold, by the keys of a definition.
    pub form: FormState,
    /// What people call it.
    pub title: &'a str,
    /// The label of its type.
    pub kind_label: &'a str,
    /// The rules that its type has.
    pub takes: Vec<&'static str>,
    /// The other fields that it may refer to, with a first entry for none.
    pub others: Vec<(&'a str, &'a str)>,
    /// Whether it is open.
    pub is_open: bool,
    /// Which of its buttons has the focus.
    pub focus: Option<&'static str>,
    /// Whether it is the last one.
    pub is_last: bool,
}

impl FieldsPage<'_> {
    fn here(&self) -> &'static str {
        "/admin/forms"
    }
}

impl FieldCard<'_> {
    fn has(&self, rule: &str) -> bool {
        self.takes.contains(&rule)
    }

    fn has_focus(&self, button: &str) -> bool {
        self.focus == Some(button)
    }

    fn is_required(&self) -> bool {
        !self.form.value("required").is_empty()
    }

    /// What the bounds of its values look like.
    fn bound_hint(&self) -> &'static str {
        match self.form.value("type") {
            "date" => "As 2026-12-31.",
            "time" => "As 17:30.",
            "datetime" => "As 2026-12-31T17:30.",
            _ => "",
        }
    }
}
