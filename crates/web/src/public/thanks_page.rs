//! The page after a submission was accepted.

use askama::Template;
use formhold_domain::{CompiledForm, Language};

use super::assets;

/// The default success page, `GET /f/{form}/thanks`.
#[derive(Debug, Template)]
#[template(path = "public/thanks.html", whitespace = "minimize")]
pub struct ThanksPage<'a> {
    /// The form.
    pub form: &'a CompiledForm,
    /// The language to show it in.
    pub language: Language,
    /// The path of the form's page, as `/f/KEY`.
    pub form_path: &'a str,
}

impl ThanksPage<'_> {
    /// The page as HTML.
    ///
    /// # Errors
    /// Only when a template fails, which none does for any data.
    pub fn render(&self) -> Result<String, askama::Error> {
        Template::render(self)
    }

    /// The form's page, in the language of this one.
    fn form_link(&self) -> String {
        if self.language == self.form.definition.language {
            return self.form_path.to_owned();
        }
        format!("{}?language={}", self.form_path, self.language.tag())
    }

    fn message(&self) -> &str {
        let own = self.form.definition.success_message.as_deref();
        own.unwrap_or(self.language.texts().replies.success)
    }
}
