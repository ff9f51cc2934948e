//! A page that says one thing: not found, closed, not open yet, or why nothing was accepted.

use askama::Template;
use formhold_domain::{Answers, Language};

use super::assets;

/// A title and a sentence.
#[derive(Debug, Template)]
#[template(path = "public/message.html", whitespace = "minimize")]
pub struct MessagePage<'a> {
    /// The language to show it in.
    pub language: Language,
    /// The form's name, where the form is known.
    pub form_name: Option<&'a str>,
    /// The heading, as "Closed".
    pub title: &'a str,
    /// What happened.
    pub message: &'a str,
    /// What was submitted and not accepted, where a form of another site sent it: the page shows
    /// it and says how to go back.
    pub entered: Option<&'a Answers>,
}

impl MessagePage<'_> {
    /// The page as HTML.
    ///
    /// # Errors
    /// Only when a template fails, which none does for any data.
    pub fn render(&self) -> Result<String, askama::Error> {
        Template::render(self)
    }
}
