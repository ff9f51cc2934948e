//! Memory does not grow with the number of rows. Alone in its process, for what others take.

use std::{borrow::Cow, fs, io};

use formhold_exporters::{ALL, Cell, Column, ColumnKind, Formulas, Options, Row, Table};

const ROWS: i64 = 100_000;
const MOST_KIB: u64 = 8 << 10;

struct Eight(i64);

impl Row for Eight {
    fn cells<'a>(&'a self, _: &'a [Column]) -> Vec<Cell<'a>> {
        let text = |number: i64| Cell::Text(Cow::Owned(format!("answer {} to {number}", self.0)));
        let mut cells: Vec<Cell<'a>> = (0..6).map(text).collect();
        cells.extend([Cell::Integer(self.0), Cell::Time(self.0 * 1000)]);
        cells
    }
}

#[test]
fn a_hundred_thousand_rows_take_no_more_memory_than_a_thousand_in_any_format() {
    let folder = tempfile::tempdir().expect("a folder");
    for format in ALL {
        let columns = (0..8).map(|number| Column::new(format!("c{number}"), ColumnKind::Text));
        let table = Table { name: "Rows".to_owned(), columns: columns.collect() };
        let options =
            Options { formulas: Formulas::Defuse, temporary_folder: folder.path().to_owned() };
        let mut export = format.start(io::sink(), table, &options).expect("a start");
        let mut start = 0;
        for number in 0..ROWS {
            export.row(&Eight(number)).expect("a row");
            if number == 1000 {
                start = peak_kib();
            }
        }
        let (_, receipt) = export.finish().expect("an end");
        assert_eq!(receipt.rows, 100_000);
        assert!(receipt.bytes > 2_000_000, "{receipt:?}");
        let grown = peak_kib() - start;
        assert!(grown < MOST_KIB, "{} grew by {grown} KiB", format.name);
    }
}

/// The most memory that this process ever had.
fn peak_kib() -> u64 {
    let status = fs::read_to_string("/proc/self/status").expect("a process");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("a peak");
    line.trim().trim_end_matches(" kB").parse().expect("a number")
}
