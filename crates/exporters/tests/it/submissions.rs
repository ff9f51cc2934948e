//! Submissions as rows.

use formhold_domain::{
    Answers, CompiledForm, Context, FormId, FormKey, Identity, Submission, SubmissionId,
    SubmissionState, Upload, UploadId,
};
use formhold_exporters::{Format, Formulas, SubmissionColumns, SubmissionRow};
use serde_json::json;
use uuid::Uuid;

use crate::things::{NEW_YEARS_EVE_MS, options};

fn form() -> CompiledForm {
    let definition = json!({
        "name": "Booking / 'table'", "slug": "booking",
        "fields": [
            { "name": "who", "type": "text" },
            { "name": "guests", "type": "integer" },
            { "name": "day", "type": "date" },
            { "name": "wishes", "type": "checkboxes", "options": ["quiet", "window"] },
            { "name": "letter", "type": "file" },
        ],
    });
    let identity = Identity {
        id: FormId(Uuid::from_u128(1)),
        key: FormKey::parse("abcdefgh12").expect("a key"),
        version: 3,
    };
    CompiledForm::compile(identity, serde_json::from_value(definition).expect("a definition"))
        .expect("a form")
}

fn answers(pairs: &[(&str, &str)]) -> Answers {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn submission() -> Submission {
    Submission {
        id: SubmissionId(Uuid::from_u128(7)),
        form_id: FormId(Uuid::from_u128(1)),
        form_version: 3,
        state: SubmissionState::Inbox,
        received_at_ms: NEW_YEARS_EVE_MS,
        answers: answers(&[
            ("who", "=Ada"),
            ("guests", "-4"),
            ("day", "2027-01-01"),
            ("wishes", "quiet"),
            ("wishes", "window"),
        ]),
        undeclared: answers(&[("_id", "mine"), ("who", "Bob")]),
        context: Context { subject: Some("+Hello".to_owned()), ..Context::default() },
        uploads: vec![Upload {
            id: UploadId(Uuid::from_u128(9)),
            field: "letter".to_owned(),
            name: "a \"b\".pdf".to_owned(),
            content_type: "application/pdf".to_owned(),
            size_bytes: 12,
            sha256: "0".repeat(64),
            dimensions: None,
            scan: formhold_domain::Scan::NotAsked,
        }],
    }
}

fn exported(format: &str) -> String {
    let mut columns = SubmissionColumns::of(&form());
    columns.see(&submission());
    let folder = tempfile::tempdir().expect("a folder");
    let options = options(Formulas::Defuse, folder.path());
    let format = Format::named(format).expect("a format");
    let mut export = format.start(Vec::new(), columns.into_table(), &options).expect("a start");
    export.row(&SubmissionRow { form: "booking", submission: &submission() }).expect("a row");
    String::from_utf8(export.finish().expect("an end").0).expect("UTF-8")
}

#[test]
fn in_a_table_answers_stand_under_their_names_and_what_else_is_known_around_them() {
    assert_eq!(
        exported("csv"),
        "_id,_received_at,_state,_form_version,_subject,_reply_to,who,guests,day,wishes,_id,_files\r\n\
         00000000-0000-0000-0000-000000000007,2026-12-31T23:59:58.765Z,inbox,3,'+Hello,,\
         \"[\"\"=Ada\"\",\"\"Bob\"\"]\",'-4,2027-01-01,\"[\"\"quiet\"\",\"\"window\"\"]\",mine,\
         \"[\"\"a \\\"\"b\\\"\".pdf\"\"]\"\r\n"
    );
}

const OBJECT: &str = concat!(
    r#"{"id":"00000000-0000-0000-0000-000000000007","form":"booking","form_version":3,"#,
    r#""state":"inbox","received_at":"2026-12-31T23:59:58.765Z","#,
    r#""answers":{"who":"=Ada","guests":"-4","day":"2027-01-01","wishes":["quiet","window"]},"#,
    r#""undeclared":{"_id":"mine","who":"Bob"},"#,
    r#""files":[{"id":"00000000-0000-0000-0000-000000000009","field":"letter","#,
    r#""name":"a \"b\".pdf","content_type":"application/pdf","size_bytes":12,"#,
    r#""sha256":"0000000000000000000000000000000000000000000000000000000000000000"}],"#,
    r#""context":{"subject":"+Hello"}}"#
);

#[test]
fn as_objects_they_say_all_that_is_known_with_answers_as_they_came() {
    assert_eq!(exported("ndjson"), format!("{OBJECT}\n"));
    assert_eq!(exported("json"), format!("[\n{OBJECT}\n]\n"));
}
