//! `/account`: name, language and picture.

use askama::Template;

use crate::{
    pages::{FormState, Frame, labels},
    public::assets,
};

/// The profile. Fields: `name`, `language`; the picture is uploaded as `picture` to
/// `/account/picture` and removed at `/account/picture/delete`.
#[derive(Debug, Template)]
#[template(path = "pages/account/profile.html", whitespace = "minimize")]
pub struct ProfilePage<'a> {
    /// What surrounds the page.
    pub frame: Frame<'a>,
    /// Name and language.
    pub form: &'a FormState,
    /// What was wrong with an uploaded picture.
    pub picture_form: &'a FormState,
    /// Which pictures are taken, as `PNG, JPEG, WebP or GIF, up to 2 MiB.`
    pub picture_hint: &'a str,
    /// Whether the account may be deleted by its owner.
    pub may_delete: bool,
}

impl ProfilePage<'_> {
    fn here(&self) -> &'static str {
        "/account"
    }
}
