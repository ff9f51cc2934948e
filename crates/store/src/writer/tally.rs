//! What a batch adds to the counters, and to the queue of what is to be indexed: a few statements,
//! however many rows there are.

use std::collections::BTreeMap;

use formhold_domain::SubmissionState;
use sea_orm::{DbBackend, Value};
use uuid::Uuid;

use super::{insert::Insert, row::Row};
use crate::counters::{Add, HOUR_MS};

/// The statements of a batch; for the literals of [`with_literals`] they hold no text of anybody's.
pub(super) fn tallies(rows: &[&Row], backend: DbBackend, shard: i16) -> Vec<Insert> {
    if rows.is_empty() {
        return Vec::new();
    }
    // In order, so that two batches do not wait for each other in a ring.
    let mut hours: BTreeMap<(Uuid, i64), [i64; 3]> = BTreeMap::new();
    let mut places: BTreeMap<(Uuid, &str), i64> = BTreeMap::new();
    let mut files: BTreeMap<Uuid, [i64; 2]> = BTreeMap::new();
    let mut ids = Vec::with_capacity(rows.len() * 16);
    for row in rows {
        let submission = &row.submission;
        let is_spam = submission.state == SubmissionState::Spam.as_str();
        let hour = submission.received_at_ms.div_euclid(HOUR_MS);
        hours.entry((submission.form_id, hour)).or_default()[usize::from(is_spam)] += 1;
        *places.entry((submission.form_id, &submission.state)).or_default() += 1;
        if !row.uploads.is_empty() {
            let sum = files.entry(submission.form_id).or_default();
            sum[0] += i64::try_from(row.uploads.len()).unwrap_or(i64::MAX);
            sum[1] += row.uploads.iter().map(|upload| upload.size_bytes).sum::<i64>();
        }
        ids.extend_from_slice(submission.id.as_bytes());
    }
    let shard = i32::from(shard);
    let hours = hours.into_iter().map(|((form_id, hour), [accepted, spam, refused])| {
        vec![
            form_id.into(),
            hour.into(),
            shard.into(),
            accepted.into(),
            spam.into(),
            refused.into(),
        ]
    });
    let places = places.into_iter().map(|((form_id, state), count)| {
        vec![form_id.into(), state.to_owned().into(), shard.into(), count.into()]
    });
    let files = files.into_iter().map(|(form_id, [files, bytes])| {
        vec![form_id.into(), shard.into(), files.into(), bytes.into()]
    });
    let mut inserts: Vec<Insert> = [
        Add::Hours.statement(backend, hours.collect()),
        Add::Places.statement(backend, places.collect()),
        Add::Files.statement(backend, files.collect()),
    ]
    .into_iter()
    .flatten()
    .map(|(text, values)| Insert { text, values })
    .collect();
    inserts.push(Insert {
        text: "INSERT INTO search_queue (submission_ids) VALUES (?)".to_owned(),
        values: vec![ids.into()],
    });
    inserts
}

/// A statement with its numbers, ids and names of folders in its text, for a trip that has no room
/// for values.
pub(super) fn with_literals(insert: &Insert) -> String {
    let mut text = String::with_capacity(insert.text.len() + 64);
    let mut values = insert.values.iter();
    for part in insert.text.split_inclusive('?') {
        match part.strip_suffix('?') {
            Some(before) => {
                text.push_str(before);
                text.push_str(&literal(values.next()));
            }
            None => text.push_str(part),
        }
    }
    text
}

fn literal(value: Option<&Value>) -> String {
    match value {
        Some(Value::Int(Some(number))) => number.to_string(),
        Some(Value::BigInt(Some(number))) => number.to_string(),
        Some(Value::Uuid(Some(id))) => format!("x'{}'", id.simple()),
        Some(Value::Bytes(Some(bytes))) => format!("x'{}'", hex(bytes)),
        // Hexadecimal, so that no text can end it.
        Some(Value::String(Some(text))) => {
            format!("CONVERT(x'{}' USING utf8mb4)", hex(text.as_bytes()))
        }
        _ => "NULL".to_owned(),
    }
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        let _ = write!(text, "{byte:02x}");
    }
    text
}
