//! One event of the log, before anybody wrote it down.

use std::{
    fmt::{self, Write as _},
    sync::Arc,
};

use tracing::{
    Level,
    field::{Field, Visit},
};

use crate::request::Request;

/// The longest text of a message or a field, in bytes.
const MAX_TEXT_BYTES: usize = 8 * 1024;
/// The most fields of a line.
const MAX_FIELDS: usize = 32;

/// An event.
#[derive(Debug)]
pub struct Line {
    /// Counts the lines of this process, from 1.
    pub number: u64,
    /// When it happened, milliseconds since the Unix epoch.
    pub at_ms: i64,
    /// How bad it is.
    pub level: Level,
    /// The part of the program, as `formhold_store::writer`.
    pub target: &'static str,
    /// The sentence.
    pub message: String,
    /// What goes with it; a name may come twice, the first one is the event's own.
    pub fields: Vec<(&'static str, Value)>,
    /// The request that was being worked on.
    pub request: Option<Arc<Request>>,
}

/// The value of a field.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Text.
    Text(String),
    /// A whole number.
    Signed(i64),
    /// A whole number that is not negative.
    Unsigned(u64),
    /// A number; never infinite.
    Float(f64),
    /// Yes or no.
    Flag(bool),
}

impl Line {
    /// The memory that it takes, roughly.
    #[must_use]
    pub fn size_bytes(&self) -> usize {
        let field = |(_, value): &(&str, Value)| {
            size_of::<(&str, Value)>() + if let Value::Text(text) = value { text.len() } else { 0 }
        };
        size_of::<Self>()
            + self.message.len()
            + self.fields.iter().map(field).sum::<usize>()
            + self.request.as_ref().map_or(0, |_| size_of::<Request>())
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Signed(number) => number.fmt(f),
            Self::Unsigned(number) => number.fmt(f),
            Self::Float(number) => number.fmt(f),
            Self::Flag(flag) => flag.fmt(f),
        }
    }
}

/// Collects what an event or a span holds.
#[derive(Default)]
pub(super) struct Collected {
    pub(super) message: String,
    pub(super) fields: Vec<(&'static str, Value)>,
}

impl Collected {
    fn add(&mut self, field: &Field, value: Value) {
        if self.fields.len() < MAX_FIELDS {
            self.fields.push((field.name(), value));
        }
    }

    fn add_text(&mut self, field: &Field, text: fmt::Arguments<'_>) {
        let mut bounded = Bounded(String::new());
        // What does not fit is left out, and the text says so.
        let _ = bounded.write_fmt(text);
        if field.name() == "message" {
            self.message = bounded.0;
        } else {
            self.add(field, Value::Text(bounded.0));
        }
    }
}

impl Visit for Collected {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.add_text(field, format_args!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.add_text(field, format_args!("{value}"));
    }

    fn record_error(&mut self, field: &Field, value: &(dyn std::error::Error + 'static)) {
        self.add_text(field, format_args!("{value}"));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.add(field, Value::Signed(value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.add(field, Value::Unsigned(value));
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        if value.is_finite() {
            self.add(field, Value::Float(value));
        } else {
            self.add_text(field, format_args!("{value}"));
        }
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.add(field, Value::Flag(value));
    }
}

/// Text that stops growing at its bound.
struct Bounded(String);

impl fmt::Write for Bounded {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let room = MAX_TEXT_BYTES - self.0.len();
        if text.len() <= room {
            self.0.push_str(text);
            return Ok(());
        }
        self.0.push_str(&text[..text.floor_char_boundary(room.saturating_sub(3))]);
        self.0.push('…');
        Err(fmt::Error)
    }
}
