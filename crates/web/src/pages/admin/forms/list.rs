//! `/admin/forms`: the forms of a workspace, a new one, and the trash.

use askama::Template;

use super::ShownState;
use crate::{
    pages::{FormState, Frame, TimeView},
    public::assets,
};

/// The forms of the workspace that somebody works in. Searched by `q` and `state`.
#[derive(Debug, Template)]
#[template(path = "pages/admin/forms/list.html", whitespace = "minimize")]
pub struct FormsPage<'a> {
    /// What surrounds the page.
    pub frame: Frame<'a>,
    /// What is looked for.
    pub filter: &'a FormState,
    /// The forms.
    pub forms: &'a [FormRow<'a>],
    /// Whether this person may make one.
    pub may_create: bool,
    /// Whether these are the forms in the trash.
    pub is_trash: bool,
    /// The address of the next page.
    pub next: Option<&'a str>,
}

/// One form.
#[derive(Debug, Clone)]
pub struct FormRow<'a> {
    /// Its id.
    pub id: &'a str,
    /// Its name.
    pub name: &'a str,
    /// Its slug.
    pub slug: &'a str,
    /// Whether it takes submissions.
    pub state: ShownState,
    /// How many it accepted.
    pub accepted: u64,
    /// When it was changed, or put into the trash.
    pub changed: TimeView,
    /// Until when it can come back, where it lies in the trash.
    pub until: Option<TimeView>,
}

/// Makes a form. Fields: `name`, `slug`, `start`, or `definition` in place of them.
#[derive(Debug, Template)]
#[template(path = "pages/admin/forms/new.html", whitespace = "minimize")]
pub struct NewFormPage<'a> {
    /// What surrounds the page.
    pub frame: Frame<'a>,
    /// What was entered.
    pub form: &'a FormState,
    /// What was entered as a definition.
    pub code: &'a FormState,
    /// What a form may begin with: name, label, text.
    pub starts: &'a [(&'a str, &'a str, &'a str)],
}

impl FormsPage<'_> {
    fn here(&self) -> &'static str {
        "/admin/forms"
    }

    fn is_filtered(&self) -> bool {
        !self.filter.value("q").is_empty() || !self.filter.value("state").is_empty()
    }
}

impl NewFormPage<'_> {
    fn here(&self) -> &'static str {
        "/admin/forms"
    }
}
