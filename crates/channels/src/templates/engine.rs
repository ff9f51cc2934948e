//! The box that templates run in.

use std::fmt::{self, Write};

use minijinja::{
    AutoEscape, Environment, ErrorKind, HtmlEscape, Output, UndefinedBehavior, Value, context,
    value::{Serde, ValueKind},
};
use thiserror::Error;

use super::{Facts, MAX_OUTPUT_BYTES, MAX_SOURCE_BYTES, sample, sandbox};

/// Instructions, and with them 64 bytes of memory each: about 13 MB.
const FUEL: u64 = 200_000;

/// How deep blocks and expressions may nest.
const MAX_DEPTH: usize = 50;

/// The document around the HTML part.
const LAYOUT: &str = include_str!("layout.html");

/// A part of a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The subject.
    Subject,
    /// The text part.
    Text,
    /// The HTML part, in which values are written out so that nothing in them is markup.
    Html,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Subject => "subject",
            Self::Text => "text",
            Self::Html => "html",
        })
    }
}

/// What is wrong with a template.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TemplateProblem {
    /// It has too many bytes.
    #[error("must have at most {MAX_SOURCE_BYTES} bytes")]
    TooLong,
    /// It cannot be read, or fails.
    #[error("is wrong in line {line} of the {part}: {message}")]
    Wrong {
        /// The part.
        part: Part,
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        message: String,
    },
    /// It takes too long, or makes too much of little.
    #[error("takes too much work in the {0}")]
    TooMuch(Part),
    /// It writes too many bytes.
    #[error("writes more than {MAX_OUTPUT_BYTES} bytes in the {0}")]
    TooLarge(Part),
}

/// Finds out whether a template can be read, and whether it works for a submission that is made up.
///
/// # Errors
/// Names the line that fails.
pub fn check(part: Part, source: &str) -> Result<(), TemplateProblem> {
    render(part, source, &sample()).map(|_| ())
}

/// Runs one template.
pub(crate) fn render(part: Part, source: &str, facts: &Facts) -> Result<String, TemplateProblem> {
    if source.len() > MAX_SOURCE_BYTES {
        return Err(TemplateProblem::TooLong);
    }
    sandbox::check(source).map_err(|(line, message)| TemplateProblem::Wrong {
        part,
        line,
        message,
    })?;
    let mut environment = environment();
    environment.set_auto_escape_callback(move |_| match part {
        Part::Html => AutoEscape::Html,
        Part::Subject | Part::Text => AutoEscape::None,
    });
    environment.set_formatter(move |out, _, value| {
        // The text of a list is of no use to anybody, and may be endless.
        if matches!(value.kind(), ValueKind::Seq | ValueKind::Map | ValueKind::Iterable) {
            let message = "a list is gone through with `for`";
            return Err(minijinja::Error::new(ErrorKind::InvalidOperation, message));
        }
        let written = match part {
            Part::Html if !value.is_safe() => write!(Escaping(out), "{value}"),
            _ => write!(out, "{value}"),
        };
        written.map_err(Into::into)
    });
    let written = environment
        .template_from_str(source)
        .and_then(|template| template.render(Value::from(Serde(facts))));
    let written = written.map_err(|error| problem(part, &error))?;
    if written.len() > MAX_OUTPUT_BYTES {
        return Err(TemplateProblem::TooLarge(part));
    }
    Ok(written)
}

/// Writes out what is markup, piece by piece: a value may be much larger written than it is.
struct Escaping<'a, 'o>(&'a mut Output<'o>);

impl Write for Escaping<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        write!(self.0, "{}", HtmlEscape(text))
    }
}

/// Nothing is loaded, imported or called.
fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_fuel(Some(FUEL));
    environment.set_recursion_limit(MAX_DEPTH);
    environment.set_undefined_behavior(UndefinedBehavior::Chainable);
    environment
}

fn problem(part: Part, error: &minijinja::Error) -> TemplateProblem {
    if error.kind() == ErrorKind::OutOfFuel {
        return TemplateProblem::TooMuch(part);
    }
    let (line, message) = sandbox::told(error);
    TemplateProblem::Wrong { part, line, message }
}

/// Puts an HTML part into our document, unless it is one itself.
pub(super) fn in_layout(html: &str, facts: &Facts, title: &str) -> Result<String, TemplateProblem> {
    let start = html.trim_start().get(..9).unwrap_or_default().to_ascii_lowercase();
    if start == "<!doctype" || start.starts_with("<html") {
        return Ok(html.to_owned());
    }
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    let body = Value::from_safe_string(html.to_owned());
    let context =
        context! { body, title, language => facts.language, facts => Value::from(Serde(facts)) };
    environment
        .template_from_str(LAYOUT)
        .and_then(|layout| layout.render(context))
        .map_err(|error| problem(Part::Html, &error))
}
