//! A table in a workbook: a sheet, and as many more as its rows need.

use rust_xlsxwriter::{Format, Workbook, Worksheet, XlsxError};

use crate::{Column, ColumnKind};

/// How many columns a sheet holds.
pub(super) const MAX_COLUMNS: usize = 16_384;
/// How many rows a sheet holds, with the headings.
const MAX_ROWS: u32 = 1_048_576;
/// Characters that fit into a column of the width that most people still read at one glance.
const WIDEST: usize = 60;

pub(super) struct Pages {
    name: String,
    columns: Vec<Column>,
    /// The widest text of each column of the page, in characters.
    widths: Vec<usize>,
    /// How many pages were begun.
    pages: u32,
    /// The place of the page among all sheets of the workbook.
    sheet: usize,
    next_row: u32,
    page_bytes: u64,
    largest_page_bytes: u64,
}

impl Pages {
    pub(super) fn new(name: String, columns: Vec<Column>) -> Self {
        let widths = vec![0; columns.len()];
        let (pages, sheet, next_row) = (0, 0, 0);
        Self { name, columns, widths, pages, sheet, next_row, page_bytes: 0, largest_page_bytes: 0 }
    }

    /// Whether a page must be begun before the next row.
    pub(super) fn is_full(&self) -> bool {
        self.pages == 0 || self.next_row == MAX_ROWS
    }

    /// The names of the columns.
    pub(super) fn names(&self) -> Vec<String> {
        self.columns.iter().map(|column| column.name.clone()).collect()
    }

    /// The name of the page.
    pub(super) fn page_name(&self) -> String {
        if self.pages > 1 { format!("{} {}", self.name, self.pages) } else { self.name.clone() }
    }

    /// No less than what the largest page is when it is unpacked.
    pub(super) fn largest_page_bytes(&self) -> u64 {
        self.largest_page_bytes.max(self.page_bytes)
    }

    pub(super) fn begin_page(&mut self, workbook: &mut Workbook) -> Result<(), XlsxError> {
        self.end_page(workbook)?;
        self.pages += 1;
        self.next_row = 0;
        self.widths.fill(0);
        self.sheet = workbook.worksheets().len();
        let name = self.page_name();
        workbook.add_worksheet_with_constant_memory()?.set_name(name)?.set_freeze_panes(1, 0)?;
        Ok(())
    }

    /// Gives the page, if there is one, its widths and its filter.
    pub(super) fn end_page(&mut self, workbook: &mut Workbook) -> Result<(), XlsxError> {
        self.largest_page_bytes = self.largest_page_bytes();
        self.page_bytes = 0;
        let Some(last_row) = self.next_row.checked_sub(1) else { return Ok(()) };
        let sheet = workbook.worksheet_from_index(self.sheet)?;
        for (number, (column, width)) in (0_u16..).zip(self.columns.iter().zip(&self.widths)) {
            let least = match column.kind {
                ColumnKind::Time => 24,
                ColumnKind::Date => 12,
                _ => 10,
            };
            // The button of the filter covers three characters of the heading.
            let heading = column.name.chars().take(WIDEST).count() + 3;
            let width = (*width + 1).max(heading).clamp(least, WIDEST);
            sheet.set_column_width(number, u32::try_from(width).unwrap_or(u32::MAX))?;
        }
        if let Some(last_column) = u16::try_from(self.columns.len()).unwrap_or(0).checked_sub(1) {
            sheet.autofilter(0, 0, last_row, last_column)?;
        }
        Ok(())
    }

    /// The next row of the page.
    pub(super) fn take_row(&mut self) -> u32 {
        let row = self.next_row;
        self.next_row += 1;
        row
    }

    pub(super) fn write_text(
        &mut self,
        workbook: &mut Workbook,
        at: (u32, u16),
        text: &str,
        format: &Format,
    ) -> Result<(), XlsxError> {
        let widest_line = text.lines().take(20).map(|line| line.chars().take(WIDEST).count()).max();
        if let Some(width) = self.widths.get_mut(usize::from(at.1)) {
            *width = (*width).max(widest_line.unwrap_or(0));
        }
        // An escape is seven times as long as a control character.
        self.sheet(workbook, 7 * text.len())?.write_string_with_format(at.0, at.1, text, format)?;
        Ok(())
    }

    pub(super) fn write_number(
        &mut self,
        workbook: &mut Workbook,
        at: (u32, u16),
        number: f64,
        format: &Format,
    ) -> Result<(), XlsxError> {
        self.sheet(workbook, 330)?.write_number_with_format(at.0, at.1, number, format)?;
        Ok(())
    }

    pub(super) fn write_boolean(
        &mut self,
        workbook: &mut Workbook,
        at: (u32, u16),
        yes: bool,
    ) -> Result<(), XlsxError> {
        self.sheet(workbook, 1)?.write_boolean(at.0, at.1, yes)?;
        Ok(())
    }

    /// The sheet of the page, for a cell of at most so many bytes beside its tags.
    fn sheet<'a>(
        &mut self,
        workbook: &'a mut Workbook,
        cell_bytes: usize,
    ) -> Result<&'a mut Worksheet, XlsxError> {
        self.page_bytes += 100 + cell_bytes as u64;
        workbook.worksheet_from_index(self.sheet)
    }
}

/// A valid name for the sheets of a table, with space for a number behind it: at most 31 characters,
/// some of which are forbidden (ECMA-376, 18.2.19). It is never that of the sheets of `other`.
pub(super) fn sheet_name(wanted: &str, other: &str) -> String {
    let mut units = 0;
    let plain = |character: char| match character {
        '[' | ']' | ':' | '*' | '?' | '/' | '\\' => '_',
        _ if character.is_control() => '_',
        '\u{fffe}' | '\u{ffff}' => '_',
        _ => character,
    };
    let name: String = wanted
        .trim()
        .chars()
        .map(plain)
        .take_while(|character| {
            units += character.len_utf16();
            units <= 24
        })
        .collect();
    let name = name.trim_matches(['\'', ' ']);
    let is_taken = name.to_lowercase().starts_with(&other.to_lowercase());
    // Excel keeps `History` for itself.
    if name.is_empty() || is_taken || name.eq_ignore_ascii_case("history") {
        "Rows".to_owned()
    } else {
        name.to_owned()
    }
}
