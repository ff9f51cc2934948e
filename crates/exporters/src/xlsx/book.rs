//! The workbook: the sheets of the table, and those of texts that are too long for a cell.

use std::path::Path;

use rust_xlsxwriter::{Workbook, XlsxError, row_col_to_cell};

use super::{
    pages::{Pages, sheet_name},
    pieces::pieces,
    styles::{Style, Styles},
    values::{Value, value_of},
};
use crate::{Cell, Column, ColumnKind, Output, Table};

const LONG_TEXTS: &str = "Long texts";

pub(super) struct Book {
    workbook: Workbook,
    styles: Styles,
    rows: Pages,
    long_texts: Pages,
}

impl Book {
    pub(super) fn new(table: &Table, temporary_folder: &Path) -> Result<Self, XlsxError> {
        let mut workbook = Workbook::new();
        workbook.set_tempdir(temporary_folder)?;
        let long_texts = [
            ("Sheet", ColumnKind::Text),
            ("Cell", ColumnKind::Text),
            ("Part", ColumnKind::Integer),
            ("Text", ColumnKind::Text),
        ];
        let long_texts = long_texts.map(|(name, kind)| Column::new(name, kind)).to_vec();
        let mut book = Self {
            workbook,
            styles: Styles::new(),
            rows: Pages::new(sheet_name(&table.name, LONG_TEXTS), table.columns.clone()),
            long_texts: Pages::new(LONG_TEXTS.to_owned(), long_texts),
        };
        // A table without rows has its columns all the same.
        book.begin_page()?;
        Ok(book)
    }

    pub(super) fn row(&mut self, cells: &[Cell<'_>]) -> Result<(), XlsxError> {
        if self.rows.is_full() {
            self.begin_page()?;
        }
        let row = self.rows.take_row();
        for (column, cell) in (0..).zip(cells) {
            let at = (row, column);
            match value_of(cell) {
                Value::Nothing => {}
                Value::Text(text, style) => self.text(at, &text, style)?,
                Value::Number(number, style) => {
                    let format = self.styles.of(style);
                    self.rows.write_number(&mut self.workbook, at, number, format)?;
                }
                Value::Boolean(yes) => self.rows.write_boolean(&mut self.workbook, at, yes)?,
            }
        }
        Ok(())
    }

    pub(super) fn save(mut self, output: &mut Output) -> Result<(), XlsxError> {
        self.rows.end_page(&mut self.workbook)?;
        self.long_texts.end_page(&mut self.workbook)?;
        let largest = self.rows.largest_page_bytes().max(self.long_texts.largest_page_bytes());
        // A sheet of more than 4 GiB needs the newer kind of ZIP, which some old programs do not read.
        self.workbook.use_zip_large_file(largest >= u64::from(u32::MAX));
        self.workbook.save_to_writer(output)
    }

    fn begin_page(&mut self) -> Result<(), XlsxError> {
        self.rows.begin_page(&mut self.workbook)?;
        let row = self.rows.take_row();
        for (column, name) in (0..).zip(self.rows.names()) {
            self.text((row, column), &name, Style::Heading)?;
        }
        Ok(())
    }

    fn text(&mut self, at: (u32, u16), text: &str, style: Style) -> Result<(), XlsxError> {
        let pieces = pieces(text);
        if let [whole] = pieces.as_slice() {
            let format = self.styles.of(style);
            return self.rows.write_text(&mut self.workbook, at, whole, format);
        }
        let mut reference = None;
        for (part, piece) in (1_u32..).zip(pieces) {
            let row = self.long_piece(at, part, piece, style)?;
            reference.get_or_insert_with(|| {
                format!("see the sheet {}, row {}", self.long_texts.page_name(), row + 1)
            });
        }
        let format = self.styles.of(Style::Elsewhere);
        self.rows.write_text(&mut self.workbook, at, &reference.unwrap_or_default(), format)
    }

    /// Writes one piece of a cell's text to the sheet of long texts, and says in which row.
    fn long_piece(
        &mut self,
        at: (u32, u16),
        part: u32,
        piece: &str,
        style: Style,
    ) -> Result<u32, XlsxError> {
        let Self { workbook, styles, rows, long_texts } = self;
        let (heading, text) = (styles.of(Style::Heading), styles.of(Style::Text));
        if long_texts.is_full() {
            long_texts.begin_page(workbook)?;
            let row = long_texts.take_row();
            for (column, name) in (0..).zip(long_texts.names()) {
                long_texts.write_text(workbook, (row, column), &name, heading)?;
            }
        }
        let row = long_texts.take_row();
        let cell = row_col_to_cell(at.0, at.1);
        long_texts.write_text(workbook, (row, 0), &rows.page_name(), text)?;
        long_texts.write_text(workbook, (row, 1), &cell, text)?;
        long_texts.write_number(workbook, (row, 2), part.into(), styles.of(Style::Plain))?;
        long_texts.write_text(workbook, (row, 3), piece, styles.of(style))?;
        Ok(row)
    }
}
