//! XLSX, read back by calamine.

use std::{io::Cursor, path::Path};

use calamine::{Data, Range, Reader as _, Xlsx};
use chrono::NaiveDate;
use formhold_exporters::{Cell, ColumnKind};

use crate::things::{NEW_YEARS_EVE_MS, Thing, export, start, table, things};

struct Workbook(Xlsx<Cursor<Vec<u8>>>);

impl Workbook {
    fn of(table: formhold_exporters::Table, rows: &[Thing]) -> Self {
        Self::read(export("xlsx", table, rows).0)
    }

    fn read(bytes: Vec<u8>) -> Self {
        Self(Xlsx::new(Cursor::new(bytes)).expect("a workbook"))
    }

    fn sheets(&self) -> Vec<String> {
        self.0.sheet_names()
    }

    fn rows(&mut self, sheet: &str) -> Vec<Vec<Data>> {
        let range: Range<Data> = self.0.worksheet_range(sheet).expect("a sheet");
        range.rows().map(<[Data]>::to_vec).collect()
    }

    /// The first column of a sheet, without the heading.
    fn texts(&mut self, sheet: &str) -> Vec<String> {
        let text = |cells: &Vec<Data>| cells.first().map_or(String::new(), ToString::to_string);
        self.rows(sheet).iter().skip(1).map(text).collect()
    }
}

fn one_column() -> formhold_exporters::Table {
    table("Texts", &[("text", ColumnKind::Text)])
}

#[test]
fn every_text_comes_back_as_it_was_and_none_is_a_formula() {
    let texts = [
        "=1+1",
        "=HYPERLINK(\"http://evil.example\")",
        "+1",
        "-1",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        "＝1+1",
        "'",
        "'=1",
        "[\"a\"]",
        "007",
        "1e3",
        "TRUE",
        "2026-01-01",
        " spaces around ",
        "two\r\nlines",
        "two\nlines",
        "two\rlines",
        "\r",
        "\n",
        "\t",
        " ",
        "<b>&amp;\"'</b>",
        "]]>",
        "\0\u{1}\u{8}\u{b}\u{c}\u{1f}\u{7f}\u{80}\u{9f}",
        "_x000D_",
        "_x005F_",
        "_x000D_x000D_",
        "_x0041",
        "_x",
        "_x00e9\u{1}",
        "_x0041\r\n",
        "a_x00e9\u{b}b_x00e9\u{b}c",
        "\u{feff}mark",
        "\u{2028}\u{2029}\u{85}",
        "👩\u{200d}👩\u{200d}👧 𝕳 e\u{301}",
        "\u{202e}abc",
        "\u{fffd}",
        "https://example.org/?a=1&b=2",
        "mailto:a@example.org",
        "{=1+1}",
        "#REF!",
    ];
    let rows: Vec<Thing> = texts.iter().map(|text| Thing::text(text)).collect();
    let mut workbook = Workbook::of(one_column(), &rows);
    let pieces = long_texts(&mut workbook);
    for (row, (text, found)) in texts.iter().zip(workbook.texts("Texts")).enumerate() {
        let cell = format!("A{}", row + 2);
        let found = pieces.get(&cell).cloned().unwrap_or(found);
        assert_eq!(&found, text, "{cell}");
    }
    let formulas = workbook.0.worksheet_formula("Texts").expect("a sheet");
    assert_eq!(formulas.used_cells().count(), 0);
}

/// The texts of the sheet of long texts by the name of their cell.
fn long_texts(workbook: &mut Workbook) -> std::collections::BTreeMap<String, String> {
    let mut texts = std::collections::BTreeMap::new();
    if !workbook.sheets().contains(&"Long texts".to_owned()) {
        return texts;
    }
    for cells in workbook.rows("Long texts").iter().skip(1) {
        let text: &mut String = texts.entry(cells[1].to_string()).or_default();
        text.push_str(&cells[3].to_string());
    }
    texts
}

#[test]
fn what_xml_cannot_hold_at_all_is_escaped_too() {
    // calamine reads only those escapes that end a byte.
    let mut workbook = Workbook::of(one_column(), &[Thing::text("a\u{fffe}b\u{ffff}")]);
    assert_eq!(workbook.texts("Texts"), ["a_xFFFE_b_xFFFF_"]);
}

#[test]
fn numbers_times_days_and_answers_of_yes_or_no_are_what_they_are() {
    let mut workbook = Workbook::of(things(), &[Thing::complete(), Thing::empty()]);
    let rows = workbook.rows("Things");
    let heading: Vec<String> = rows[0].iter().map(ToString::to_string).collect();
    assert_eq!(heading, ["text", "integer", "number", "time", "date", "boolean", "many"]);
    assert_eq!(rows[1][0], Data::String("=1+1".to_owned()));
    assert_eq!(rows[1][1], Data::Float(-7.0));
    assert_eq!(rows[1][2], Data::Float(0.1));
    let moment_ms = |cell: &Data| match cell {
        Data::DateTime(time) => ((time.as_f64() - 25_569.0) * 86_400_000.0).round() as i64,
        other => panic!("{other:?} is no time"),
    };
    assert_eq!(moment_ms(&rows[1][3]), NEW_YEARS_EVE_MS);
    // 2028-02-29T00:00:00Z
    assert_eq!(moment_ms(&rows[1][4]), 1_835_395_200_000);
    assert_eq!(rows[1][5], Data::Bool(true));
    assert_eq!(rows[1][6], Data::String("[\"a\",2]".to_owned()));
    assert_eq!(rows.len(), 2, "a row of nothing takes no cell");
}

#[test]
fn numbers_and_times_that_a_sheet_would_change_are_text() {
    let first_day = |year| NaiveDate::from_ymd_opt(year, 1, 1).map(Cell::Date).expect("a day");
    let cells = [
        (Cell::Integer(i64::MAX), "9223372036854775807"),
        (Cell::Integer(-1_000_000_000_000_000), "-1000000000000000"),
        (Cell::Number(f64::NAN), "NaN"),
        (Cell::Number(f64::INFINITY), "inf"),
        (Cell::Time(-2_208_988_800_000), "1900-01-01T00:00:00.000Z"),
        (Cell::Time(i64::MAX), "9223372036854775807"),
        (first_day(1900), "1900-01-01"),
        (first_day(10_000), "+10000-01-01"),
    ];
    let rows: Vec<Thing> = cells.iter().map(|(cell, _)| Thing(vec![cell.clone()])).collect();
    let found: Vec<Data> = Workbook::of(one_column(), &rows).rows("Texts").concat();
    let expected: Vec<Data> = cells.iter().map(|(_, text)| Data::String((*text).into())).collect();
    assert_eq!(found[1..], expected);
    let exact = [Cell::Integer(999_999_999_999_999), Cell::Number(0.1 + 0.2), Cell::Number(1e300)];
    let rows: Vec<Thing> = exact.iter().map(|cell| Thing(vec![cell.clone()])).collect();
    let found: Vec<Data> = Workbook::of(one_column(), &rows).rows("Texts").concat();
    assert_eq!(found[1..], [999_999_999_999_999.0, 0.1 + 0.2, 1e300].map(Data::Float));
}

#[test]
fn a_text_that_is_too_long_for_a_cell_is_on_a_sheet_of_its_own_in_parts() {
    let fits = "é".repeat(32_767);
    // Two units each in UTF-16, so a part must end one short of what a cell holds.
    let long = "😀".repeat(40_000);
    let named = table("Long texts", &[("text", ColumnKind::Text)]);
    let rows = [Thing::text(&fits), Thing::text(&long), Thing::text("short")];
    let mut workbook = Workbook::of(named, &rows);
    assert_eq!(workbook.sheets(), ["Rows", "Long texts"]);
    let texts = workbook.texts("Rows");
    assert!(texts[0] == fits);
    assert_eq!(texts[1..], ["see the sheet Long texts, row 2", "short"]);
    let parts = workbook.rows("Long texts");
    assert_eq!(parts[0], ["Sheet", "Cell", "Part", "Text"].map(|name| Data::String(name.into())));
    assert_eq!(parts.len(), 4);
    for (part, cells) in (1..).zip(&parts[1..]) {
        let place = [&cells[0], &cells[1], &cells[2]].map(ToString::to_string);
        assert_eq!(place, ["Rows".to_owned(), "A3".to_owned(), part.to_string()]);
        assert!(cells[3].to_string().encode_utf16().count() <= 32_767);
    }
    assert!(long_texts(&mut workbook)["A3"] == long);
}

#[test]
fn rows_beyond_the_last_go_on_in_another_sheet() {
    let folder = tempfile::tempdir().expect("a folder");
    let columns = table("Many: [rows]", &[("=n", ColumnKind::Boolean)]);
    let mut export = start("xlsx", columns, folder.path()).expect("a start");
    let row = Thing(vec![Cell::Boolean(true)]);
    for _ in 0..1_048_576 {
        export.row(&row).expect("a row");
    }
    export.row(&Thing::text("the last")).expect("a row");
    let mut workbook = Workbook::read(export.finish().expect("an end").0);
    assert_eq!(workbook.sheets(), ["Many_ _rows_", "Many_ _rows_ 2"]);
    let first = workbook.0.worksheet_range("Many_ _rows_").expect("a sheet");
    assert_eq!((first.height(), first.used_cells().count()), (1_048_576, 1_048_576));
    let second = workbook.rows("Many_ _rows_ 2").concat();
    let expected =
        [Data::String("=n".to_owned()), Data::Bool(true), Data::String("the last".to_owned())];
    assert_eq!(second, expected);
}

#[test]
fn a_sheet_always_has_a_valid_name() {
    let names = [
        ("", "Rows"),
        ("History", "Rows"),
        ("LONG texts 2", "Rows"),
        ("'quoted'", "quoted"),
        ("Ada's", "Ada's"),
        ("a[b]c:d*e?f/g\\h\u{7}", "a_b_c_d_e_f_g_h_"),
        ("twenty-four characters fit", "twenty-four characters f"),
        ("😀😀😀😀😀😀😀😀😀😀😀😀😀", "😀😀😀😀😀😀😀😀😀😀😀😀"),
    ];
    for (name, sheet) in names {
        let workbook = Workbook::of(table(name, &[("a", ColumnKind::Text)]), &[]);
        assert_eq!(workbook.sheets(), [sheet]);
    }
}

#[test]
fn more_columns_than_a_sheet_holds_are_refused_before_anything_is_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let columns = |count| table("Wide", &vec![("c", ColumnKind::Text); count]);
    assert!(start("xlsx", columns(16_384), folder.path()).is_ok());
    let error = start("xlsx", columns(16_385), folder.path()).err().expect("refused");
    assert!(error.to_string().contains("16385"), "{error}");
    assert!(start("csv", columns(16_385), folder.path()).is_ok());
}

#[test]
fn temporary_files_are_in_the_given_folder_or_nowhere() {
    let error = start("xlsx", things(), Path::new("/nonexistent/folder")).err().expect("no folder");
    assert!(format!("{error:?}").contains("/nonexistent/folder"), "{error:?}");
}
