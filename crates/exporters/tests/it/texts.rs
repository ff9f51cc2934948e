//! The formats that are text.

use formhold_exporters::{ALL, Cell, ColumnKind, Formulas};
use sha2::{Digest as _, Sha256};

use crate::things::{Thing, export, options, start, table, things};

fn text_of(format: &str, rows: &[Thing]) -> String {
    String::from_utf8(export(format, things(), rows).0).expect("UTF-8")
}

#[test]
fn csv_writes_cells_as_text_and_defuses_what_a_spreadsheet_would_run() {
    assert_eq!(
        text_of("csv", &[Thing::complete(), Thing::empty()]),
        "text,integer,number,time,date,boolean,many\r\n\
         '=1+1,'-7,0.1,2026-12-31T23:59:58.765Z,2028-02-29,true,\"[\"\"a\"\",2]\"\r\n\
         ,,,,,,\r\n"
    );
}

#[test]
fn headings_are_defused_as_well_and_nothing_is_where_formulas_are_kept() {
    let risky = || table("T", &[("=x", ColumnKind::Text), ("[y", ColumnKind::Text)]);
    let row = || Thing(vec![Cell::from("@z"), Cell::from("'")]);
    let (defused, _) = export("csv", risky(), &[row()]);
    assert_eq!(String::from_utf8(defused).expect("UTF-8"), "'=x,'[y\r\n'@z,''\r\n");
    let kept = options(Formulas::Keep, std::path::Path::new("unused"));
    let format = formhold_exporters::Format::named("csv").expect("a format");
    let mut export = format.start(Vec::new(), risky(), &kept).expect("a start");
    export.row(&row()).expect("a row");
    let (kept, _) = export.finish().expect("an end");
    assert_eq!(String::from_utf8(kept).expect("UTF-8"), "=x,[y\r\n@z,'\r\n");
}

const OBJECTS: [&str; 2] = [
    r#"{"text":"=1+1","integer":-7,"number":0.1,"time":"2026-12-31T23:59:58.765Z","date":"2028-02-29","boolean":true,"many":["a",2]}"#,
    r#"{"text":null,"integer":null,"number":null,"time":null,"date":null,"boolean":null,"many":null}"#,
];

#[test]
fn ndjson_writes_an_object_a_line_by_the_names_of_the_columns() {
    assert_eq!(
        text_of("ndjson", &[Thing::complete(), Thing::empty()]),
        format!("{}\n{}\n", OBJECTS[0], OBJECTS[1])
    );
    assert_eq!(text_of("ndjson", &[]), "");
}

#[test]
fn json_writes_one_array_also_of_one_row_and_of_none() {
    let [one, two] = OBJECTS;
    let rows = [Thing::complete(), Thing::empty()];
    assert_eq!(text_of("json", &rows), format!("[\n{one},\n{two}\n]\n"));
    assert_eq!(text_of("json", &rows[..1]), format!("[\n{one}\n]\n"));
    assert_eq!(text_of("json", &[]), "[\n]\n");
}

#[test]
fn a_number_that_json_does_not_have_is_text_in_it() {
    let endless = || Thing(vec![Cell::Number(f64::NEG_INFINITY)]);
    let (json, _) = export("ndjson", table("T", &[("n", ColumnKind::Number)]), &[endless()]);
    assert_eq!(String::from_utf8(json).expect("UTF-8"), "{\"n\":\"-inf\"}\n");
}

#[test]
fn every_format_states_what_it_wrote_and_refuses_a_row_of_another_width() {
    let folder = tempfile::tempdir().expect("a folder");
    for format in ALL {
        let rows = [Thing::complete(), Thing::empty(), Thing::complete()];
        let (bytes, receipt) = export(format.name, things(), &rows);
        let sha256: String =
            Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!((receipt.rows, receipt.bytes), (3, bytes.len() as u64), "{}", format.name);
        assert_eq!(receipt.sha256, sha256, "{}", format.name);
        let mut export = start(format.name, things(), folder.path()).expect("a start");
        let error = export.row(&Thing::text("alone")).expect_err("one cell for seven columns");
        assert!(error.to_string().contains("1 cells"), "{error}");
        assert_eq!(export.rows(), 0);
    }
}

#[test]
fn a_text_is_a_number_or_a_day_only_where_nothing_of_it_is_lost() {
    let is_read = [
        (ColumnKind::Integer, "0"),
        (ColumnKind::Integer, "-999999999999999"),
        (ColumnKind::Number, "5"),
        (ColumnKind::Number, "-0.25"),
        (ColumnKind::Date, "2028-02-29"),
        (ColumnKind::Time, "2026-12-31T23:59:58.765Z"),
        (ColumnKind::Boolean, "false"),
    ];
    for (kind, text) in is_read {
        let cell = kind.cell(text);
        assert!(!matches!(cell, Cell::Text(_)), "{text}");
        assert_eq!(cell.to_text(), text);
    }
    let stays_text = [
        (ColumnKind::Text, "7"),
        (ColumnKind::Integer, "007"),
        (ColumnKind::Integer, "+7"),
        (ColumnKind::Integer, "-0"),
        (ColumnKind::Integer, "4111111111111111"),
        (ColumnKind::Number, "1.50"),
        (ColumnKind::Number, "1e3"),
        (ColumnKind::Number, "NaN"),
        (ColumnKind::Number, "0.1234567890123456"),
        (ColumnKind::Date, "2027-02-29"),
        (ColumnKind::Date, "2028-2-9"),
        (ColumnKind::Time, "2026-12-31T23:59:58Z"),
        (ColumnKind::Boolean, "on"),
        (ColumnKind::Integer, ""),
    ];
    for (kind, text) in stays_text {
        assert_eq!(kind.cell(text), Cell::from(text), "{kind:?}");
    }
}
