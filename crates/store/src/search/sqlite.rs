//! The words in SQLite: FTS5. Text arrives here cut into words and folded; the tokenizer only takes
//! it apart at the spaces.

use formhold_domain::search::{SearchDocument, SearchPhrase};
use sea_orm::{ConnectionTrait as _, DatabaseTransaction, Value};

use super::{documents::Document, marks, statement, wanted::Wanted};
use crate::StoreError;

/// Rows of one statement.
const ROWS: usize = 32;
/// Stands between two texts, so that no phrase goes on in the next. No word is like it.
const BETWEEN: &str = " ¶ ";

pub(super) async fn insert(
    transaction: &DatabaseTransaction,
    documents: &[(i64, &SearchDocument)],
) -> Result<(), StoreError> {
    let backend = transaction.get_database_backend();
    for chunk in documents.chunks(ROWS) {
        let text = format!(
            "INSERT INTO search_index (rowid, scope, body) VALUES {}",
            vec!["(?,?,?)"; chunk.len()].join(",")
        );
        let row = |(number, document): &(i64, &SearchDocument)| -> [Value; 3] {
            let keys = document.equalities.iter().map(|key| value(*key));
            let scope: Vec<String> = [place(document.place)].into_iter().chain(keys).collect();
            let texts: Vec<String> = document.texts.iter().map(|text| text.join(" ")).collect();
            [(*number).into(), scope.join(" ").into(), texts.join(BETWEEN).into()]
        };
        let values = chunk.iter().flat_map(row).collect();
        transaction.execute_raw(statement(backend, text, values)).await?;
    }
    Ok(())
}

pub(super) async fn remove(
    transaction: &DatabaseTransaction,
    documents: &[&Document],
) -> Result<(), StoreError> {
    let backend = transaction.get_database_backend();
    let text = format!("DELETE FROM search_index WHERE rowid IN ({})", marks(documents.len()));
    let values = documents.iter().map(|document| document.number.into()).collect();
    transaction.execute_raw(statement(backend, text, values)).await?;
    Ok(())
}

/// The expression that finds what is wanted. Everything in it is made of letters and digits between
/// quotation marks.
pub(super) fn expression(wanted: &Wanted) -> String {
    let mut parts = vec![format!("scope : \"{}\"", place(wanted.place))];
    parts.extend(wanted.equalities.iter().map(|key| format!("scope : \"{}\"", value(*key))));
    parts.extend(wanted.phrases.iter().filter_map(|it| phrase(it, wanted.needs_prefixes())));
    parts.join(" AND ")
}

/// Beginnings are looked up only where nothing else is known: all words that begin so would have to
/// be gone through at once.
fn phrase(phrase: &SearchPhrase, with_prefix: bool) -> Option<String> {
    let quoted = |words: &[String]| format!("body : \"{}\"", words.join(" ").replace('"', "\"\""));
    match phrase.prefix() {
        Some(_) if with_prefix => Some(format!("{} *", quoted(phrase.words()))),
        _ if phrase.whole_words().is_empty() => None,
        _ => Some(quoted(phrase.whole_words())),
    }
}

fn place(key: i64) -> String {
    format!("p{key:016x}")
}

fn value(key: i64) -> String {
    format!("v{key:016x}")
}
