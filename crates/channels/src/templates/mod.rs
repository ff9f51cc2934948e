//! Templates that people write, and ours: minijinja in a box. A template sees facts and nothing
//! else; what a value says is never read as a template; fuel bounds time and memory.

mod defaults;
mod engine;
mod facts;
mod sandbox;

pub use defaults::{Purpose, default_template};
pub use engine::{Part, TemplateProblem, check};
pub use facts::{Facts, sample};

pub(crate) use engine::render;

/// The most bytes of a template.
pub const MAX_SOURCE_BYTES: usize = 64 * 1024;

/// The most bytes that a template may write.
pub const MAX_OUTPUT_BYTES: usize = 512 * 1024;

/// The parts of a mail, as templates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Template<'a> {
    /// The subject.
    pub subject: &'a str,
    /// The text part.
    pub text: &'a str,
    /// The HTML part.
    pub html: &'a str,
}

/// A mail, written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The subject: one line.
    pub subject: String,
    /// The text part.
    pub text: String,
    /// The HTML part: a whole document.
    pub html: String,
}

impl Template<'_> {
    /// Writes a mail.
    ///
    /// # Errors
    /// Names the part and the line that fails.
    pub fn write(&self, facts: &Facts) -> Result<Written, TemplateProblem> {
        let subject = render(Part::Subject, self.subject, facts)?;
        let subject = subject.split_whitespace().collect::<Vec<_>>().join(" ");
        let text = render(Part::Text, self.text, facts)?;
        let html = engine::in_layout(&render(Part::Html, self.html, facts)?, facts, &subject)?;
        Ok(Written { subject, text, html })
    }
}
