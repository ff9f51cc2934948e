//! `/admin/forms/{id}/embed`: how a form gets onto a site.

use askama::Template;

use super::FormFrame;
use crate::{pages::Frame, public::assets};

/// The form's addresses, and code to copy.
#[derive(Debug, Template)]
#[template(path = "pages/admin/forms/embed.html", whitespace = "minimize")]
pub struct EmbedPage<'a> {
    /// What surrounds the page.
    pub frame: Frame<'a>,
    /// The form.
    pub about: FormFrame<'a>,
    /// The path of its own page, as `/f/KEY`.
    pub page_path: &'a str,
    /// The same with scheme and host; posts go there, too. It stays when the form gets another name.
    pub url: &'a str,
    /// Ready to copy.
    pub samples: &'a [CodeSample<'a>],
    /// Origins that alone may post to it.
    pub only_from: &'a [String],
}

/// Code to copy.
#[derive(Debug, Clone, Copy)]
pub struct CodeSample<'a> {
    /// For the page alone, as `html`.
    pub id: &'a str,
    /// What it is.
    pub title: &'a str,
    /// When to use it.
    pub text: &'a str,
    /// The code.
    pub code: &'a str,
}

impl EmbedPage<'_> {
    fn here(&self) -> &'static str {
        "/admin/forms"
    }
}
