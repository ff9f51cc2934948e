//! A table: its name, its columns, and what can be a row of it.

use std::io::{self, Write};

use chrono::{DateTime, NaiveDate};
use formhold_domain::rfc3339;
use serde::{Serialize, Serializer};

use crate::Cell;

/// What stands above all rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// What the rows are, for people; a sheet is named so.
    pub name: String,
    /// The columns, in order.
    pub columns: Vec<Column>,
}

/// A column of a table, and a name in the objects of JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// What its cells usually are; a cell may still be anything.
    pub kind: ColumnKind,
}

/// What the cells of a column usually are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnKind {
    /// Text.
    Text,
    /// Whole numbers.
    Integer,
    /// Numbers.
    Number,
    /// Moments.
    Time,
    /// Days.
    Date,
    /// Yes or no.
    Boolean,
}

/// What can be a row of a table.
pub trait Row {
    /// Its cells, one for each of the columns.
    fn cells<'a>(&'a self, columns: &'a [Column]) -> Vec<Cell<'a>>;

    /// Writes it as a JSON object on one line: the cells by the names of the columns, or more where
    /// a table cannot hold all of it.
    ///
    /// # Errors
    /// When the output cannot be written.
    fn write_object(&self, columns: &[Column], output: &mut dyn Write) -> io::Result<()> {
        let cells = cells_of(columns, self)?;
        Ok(serde_json::to_writer(output, &ByName { columns, cells: &cells })?)
    }
}

impl Column {
    /// A column.
    #[must_use]
    pub fn new(name: impl Into<String>, kind: ColumnKind) -> Self {
        Self { name: name.into(), kind }
    }
}

impl ColumnKind {
    /// Reads a text as what this column usually holds, but only where that is written as exactly this
    /// text again: `7` is a number, `007` and numbers of more than 15 digits, which a spreadsheet
    /// would round, are text.
    #[must_use]
    pub fn cell(self, text: &str) -> Cell<'_> {
        self.read(text).filter(|cell| cell.to_text() == text).unwrap_or(Cell::from(text))
    }

    fn read(self, text: &str) -> Option<Cell<'static>> {
        let is_exact = text.bytes().filter(u8::is_ascii_digit).count() <= 15;
        match self {
            Self::Text => None,
            Self::Integer => text.parse().ok().map(Cell::Integer).filter(|_| is_exact),
            Self::Number => {
                text.parse().ok().filter(|it: &f64| it.is_finite() && is_exact).map(Cell::Number)
            }
            Self::Time => DateTime::parse_from_rfc3339(text)
                .ok()
                .map(|time| time.timestamp_millis())
                .filter(|at_ms| rfc3339(*at_ms) == text)
                .map(Cell::Time),
            Self::Date => NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().map(Cell::Date),
            Self::Boolean => text.parse().ok().map(Cell::Boolean),
        }
    }
}

/// The cells of a row, checked to be as many as there are columns.
pub(crate) fn cells_of<'a, R: Row + ?Sized>(
    columns: &'a [Column],
    row: &'a R,
) -> io::Result<Vec<Cell<'a>>> {
    let cells = row.cells(columns);
    if cells.len() == columns.len() {
        return Ok(cells);
    }
    let (cells, columns) = (cells.len(), columns.len());
    Err(io::Error::other(format!("a row has {cells} cells where the table has {columns} columns")))
}

struct ByName<'a> {
    columns: &'a [Column],
    cells: &'a [Cell<'a>],
}

impl Serialize for ByName<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.columns.iter().map(|column| &column.name).zip(self.cells))
    }
}
