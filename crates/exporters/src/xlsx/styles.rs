//! How cells look.

use rust_xlsxwriter::Format;

/// What a cell looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// The name of a column.
    Heading,
    /// Text, which stays text whoever edits it.
    Text,
    /// Several values, as a JSON array.
    Array,
    /// Where the text of this cell is.
    Elsewhere,
    /// A number as it is.
    Plain,
    /// A moment.
    Time,
    /// A day.
    Date,
}

pub(super) struct Styles {
    heading: Format,
    text: Format,
    plain: Format,
    elsewhere: Format,
    time: Format,
    date: Format,
}

impl Styles {
    pub(super) fn new() -> Self {
        Self {
            heading: Format::new().set_bold().set_quote_prefix(),
            text: Format::new().set_quote_prefix(),
            plain: Format::new(),
            elsewhere: Format::new().set_italic(),
            time: Format::new().set_num_format("yyyy-mm-dd hh:mm:ss.000"),
            date: Format::new().set_num_format("yyyy-mm-dd"),
        }
    }

    pub(super) fn of(&self, style: Style) -> &Format {
        match style {
            Style::Heading => &self.heading,
            Style::Text => &self.text,
            Style::Array | Style::Plain => &self.plain,
            Style::Elsewhere => &self.elsewhere,
            Style::Time => &self.time,
            Style::Date => &self.date,
        }
    }
}
