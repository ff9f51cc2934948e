//! Something to export that has every kind of cell, and how to export it.

use std::{fs, io, path::Path};

use chrono::NaiveDate;
use formhold_exporters::{
    Cell, Column, ColumnKind, Export, Format, Formulas, Options, Receipt, Row, Table,
};

/// 2026-12-31T23:59:58.765Z
pub(crate) const NEW_YEARS_EVE_MS: i64 = 1_798_761_598_765;

/// Cells as they are.
pub(crate) struct Thing(pub(crate) Vec<Cell<'static>>);

impl Row for Thing {
    fn cells<'a>(&'a self, _: &'a [Column]) -> Vec<Cell<'a>> {
        self.0.clone()
    }
}

impl Thing {
    pub(crate) fn complete() -> Self {
        Self(vec![
            Cell::from("=1+1"),
            Cell::Integer(-7),
            Cell::Number(0.1),
            Cell::Time(NEW_YEARS_EVE_MS),
            Cell::Date(NaiveDate::from_ymd_opt(2028, 2, 29).expect("a day")),
            Cell::Boolean(true),
            Cell::Many(vec![Cell::from("a"), Cell::Integer(2)]),
        ])
    }

    pub(crate) fn empty() -> Self {
        Self(vec![Cell::Empty; 7])
    }

    pub(crate) fn text(text: &str) -> Self {
        Self(vec![Cell::from(text.to_owned())])
    }
}

pub(crate) fn things() -> Table {
    let columns = [
        ("text", ColumnKind::Text),
        ("integer", ColumnKind::Integer),
        ("number", ColumnKind::Number),
        ("time", ColumnKind::Time),
        ("date", ColumnKind::Date),
        ("boolean", ColumnKind::Boolean),
        ("many", ColumnKind::Text),
    ];
    table("Things", &columns)
}

pub(crate) fn table(name: &str, columns: &[(&str, ColumnKind)]) -> Table {
    let columns = columns.iter().map(|(name, kind)| Column::new(*name, *kind)).collect();
    Table { name: name.to_owned(), columns }
}

pub(crate) fn options(formulas: Formulas, folder: &Path) -> Options {
    Options { formulas, temporary_folder: folder.to_owned() }
}

/// An export with formulas defused and its temporary files in this folder.
pub(crate) fn start(format: &str, table: Table, folder: &Path) -> io::Result<Export<Vec<u8>>> {
    let format = Format::named(format).expect("a format");
    format.start(Vec::new(), table, &options(Formulas::Defuse, folder))
}

pub(crate) fn export(format: &str, table: Table, rows: &[Thing]) -> (Vec<u8>, Receipt) {
    let folder = tempfile::tempdir().expect("a folder");
    let mut export = start(format, table, folder.path()).expect("a start");
    for row in rows {
        export.row(row).expect("a row");
    }
    let done = export.finish().expect("an end");
    assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 0, "files were left behind");
    done
}
