//! Asking the index: documents in their order, some at a time.

use sea_orm::{ConnectionTrait as _, DbBackend, Statement, Value};
use uuid::Uuid;

use super::{
    Wanted,
    documents::{document_at, document_of},
    mysql, sqlite, statement,
    wanted::NumberRange,
};
use crate::{
    Store, StoreError,
    inbox::{InboxFilter, InboxOrder},
};

/// So many documents are sorted at once without being felt. Ranges that hold more are so common that
/// going through the submissions in their order finds a page soon.
const NARROW: u64 = 20_000;
/// Words that so many documents have need not be counted further.
const COMMON: u64 = 1_000;
/// Clocks of nodes differ a little.
const CLOCKS_APART_MS: i64 = 60_000;

/// A submission that may be what is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Candidate {
    pub(crate) document: i64,
    pub(crate) id: Uuid,
}

/// Between which documents, both left out, and in which order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Bounds {
    above: i64,
    below: i64,
    order: InboxOrder,
}

impl Bounds {
    /// Those of the time that a filter names.
    pub(crate) fn of(filter: &InboxFilter) -> Self {
        let from =
            |at_ms: i64| document_at(at_ms.saturating_sub(CLOCKS_APART_MS)).saturating_sub(1);
        let until = |at_ms: i64| document_at(at_ms.saturating_add(CLOCKS_APART_MS));
        Self {
            above: filter.received_from_ms.map_or(-1, from),
            below: filter.received_until_ms.map_or(i64::MAX, until),
            order: filter.order,
        }
    }

    /// Goes on behind a document.
    pub(crate) fn behind(&mut self, document: i64) {
        match self.order {
            InboxOrder::Newest => self.below = self.below.min(document),
            InboxOrder::Oldest => self.above = self.above.max(document),
        }
    }

    fn direction(self) -> &'static str {
        match self.order {
            InboxOrder::Newest => "DESC",
            InboxOrder::Oldest => "ASC",
        }
    }
}

impl Store {
    /// The range that holds the fewest documents, where it holds few.
    pub(crate) async fn narrow_range(
        &self,
        wanted: &Wanted,
    ) -> Result<Option<NumberRange>, StoreError> {
        let mut narrow: Option<(i64, NumberRange)> = None;
        for range in &wanted.ranges {
            let row = self.read().query_one_raw(self.count_range(*range)).await?;
            let count: i64 = row.map_or(Ok(0), |row| row.try_get_by_index(0))?;
            let is_narrower = narrow.is_none_or(|(least, _)| count < least);
            if count.unsigned_abs() <= NARROW && is_narrower {
                narrow = Some((count, *range));
            }
        }
        Ok(narrow.map(|(_, range)| range))
    }

    /// The next documents of a range of numbers.
    pub(crate) async fn in_range(
        &self,
        range: NumberRange,
        bounds: Bounds,
        limit: u64,
    ) -> Result<Vec<Candidate>, StoreError> {
        self.candidates(self.range_statement(range, bounds, limit)).await
    }

    /// The next documents with the wanted words and values.
    pub(crate) async fn with_words(
        &self,
        wanted: &Wanted,
        bounds: Bounds,
        limit: u64,
    ) -> Result<Vec<Candidate>, StoreError> {
        let statement = match self.read().get_database_backend() {
            DbBackend::MySql => self.mysql_words(wanted, bounds, limit).await?,
            _ => self.sqlite_words(wanted, bounds, limit),
        };
        self.candidates(statement).await
    }

    /// The document of a submission, also of one that is not indexed yet.
    pub(crate) async fn document_near(&self, id: Uuid) -> Result<i64, StoreError> {
        let text = "SELECT document FROM search_documents WHERE submission_id = ?";
        let found = self.read().query_one_raw(self.asking(text, vec![id.into()])).await?;
        found.map_or(Ok(document_of(id)), |row| Ok(row.try_get_by_index(0)?))
    }

    /// The statements that look for these, for who wants to know how the database goes about it.
    pub(crate) async fn candidate_statements(
        &self,
        wanted: &Wanted,
        bounds: Bounds,
    ) -> Result<Vec<Statement>, StoreError> {
        let mut statements = Vec::new();
        for range in &wanted.ranges {
            statements.push(self.count_range(*range));
            statements.push(self.range_statement(*range, bounds, 50));
        }
        if wanted.has_words() {
            statements.push(match self.read().get_database_backend() {
                DbBackend::MySql => self.mysql_words(wanted, bounds, 50).await?,
                _ => self.sqlite_words(wanted, bounds, 50),
            });
        }
        Ok(statements)
    }

    async fn candidates(&self, statement: Statement) -> Result<Vec<Candidate>, StoreError> {
        let rows = self.read().query_all_raw(statement).await?;
        let candidate = |row: &sea_orm::QueryResult| {
            Ok(Candidate { document: row.try_get_by_index(0)?, id: row.try_get_by_index(1)? })
        };
        rows.iter().map(candidate).collect()
    }

    fn count_range(&self, range: NumberRange) -> Statement {
        let text = format!(
            "SELECT COUNT(*) FROM (SELECT 1 FROM search_numbers \
             WHERE number_key = ? AND number >= ? AND number <= ? LIMIT {}) AS counted",
            NARROW + 1
        );
        self.asking(text, vec![range.key.into(), range.least.into(), range.most.into()])
    }

    /// The range first, however the database would do it: in the order of documents it would go
    /// through all of them.
    fn range_statement(&self, range: NumberRange, bounds: Bounds, limit: u64) -> Statement {
        let direction = bounds.direction();
        let join = self.join();
        let text = format!(
            "SELECT n.document, d.submission_id FROM (SELECT DISTINCT document FROM search_numbers \
             WHERE number_key = ? AND number >= ? AND number <= ? AND document > ? AND document < ? \
             ORDER BY document {direction} LIMIT ?) AS n \
             {join} search_documents d ON d.document = n.document ORDER BY n.document {direction}"
        );
        let values = vec![
            range.key.into(),
            range.least.into(),
            range.most.into(),
            bounds.above.into(),
            bounds.below.into(),
            limit.into(),
        ];
        self.asking(text, values)
    }

    fn sqlite_words(&self, wanted: &Wanted, bounds: Bounds, limit: u64) -> Statement {
        let direction = bounds.direction();
        let text = format!(
            "SELECT i.rowid, d.submission_id FROM search_index i \
             CROSS JOIN search_documents d ON d.document = i.rowid \
             WHERE i.search_index MATCH ? AND i.rowid > ? AND i.rowid < ? \
             ORDER BY i.rowid {direction} LIMIT ?"
        );
        let expression = sqlite::expression(wanted);
        let values =
            vec![expression.into(), bounds.above.into(), bounds.below.into(), limit.into()];
        self.asking(text, values)
    }

    /// The rarest word leads, and each of its documents is looked up under the others.
    async fn mysql_words(
        &self,
        wanted: &Wanted,
        bounds: Bounds,
        limit: u64,
    ) -> Result<Statement, StoreError> {
        let values = wanted.equalities.iter().map(|key| mysql::value(*key));
        let mut terms: Vec<String> = values.chain(wanted.whole_words().cloned()).collect();
        terms.sort_unstable();
        terms.dedup();
        let direction = bounds.direction();
        if terms.is_empty() {
            return Ok(self.mysql_prefix(wanted, bounds, limit));
        }
        let mut counted = Vec::with_capacity(terms.len());
        for term in terms {
            let count = self.count_term(wanted.place, &term).await?;
            counted.push((count, term.into_bytes()));
        }
        counted.sort_unstable();
        let mut text = "SELECT t0.document, d.submission_id FROM search_terms t0".to_owned();
        let mut values: Vec<Value> = Vec::new();
        for (index, (_, term)) in counted.iter().enumerate().skip(1) {
            text.push_str(&format!(
                " STRAIGHT_JOIN search_terms t{index} ON t{index}.place = ? AND \
                 t{index}.term = ? AND t{index}.document = t0.document"
            ));
            values.extend([wanted.place.into(), term.clone().into()]);
        }
        text.push_str(&format!(
            " STRAIGHT_JOIN search_documents d ON d.document = t0.document \
             WHERE t0.place = ? AND t0.term = ? AND t0.document > ? AND t0.document < ? \
             ORDER BY t0.document {direction} LIMIT ?"
        ));
        values.extend([wanted.place.into(), counted[0].1.clone().into()]);
        values.extend([bounds.above.into(), bounds.below.into(), limit.into()]);
        Ok(self.asking(text, values))
    }

    /// All words that begin with the longest beginning.
    fn mysql_prefix(&self, wanted: &Wanted, bounds: Bounds, limit: u64) -> Statement {
        let direction = bounds.direction();
        let prefixes = wanted.phrases.iter().filter_map(|phrase| phrase.prefix());
        let prefix = prefixes.max_by_key(|prefix| prefix.len()).unwrap_or_default();
        let least = prefix.as_bytes().to_vec();
        // No UTF-8 has this byte, so it comes after every word that begins so.
        let most = [prefix.as_bytes(), &[0xff]].concat();
        let text = format!(
            "SELECT t.document, d.submission_id FROM (SELECT DISTINCT document FROM search_terms \
             WHERE place = ? AND term >= ? AND term < ? AND document > ? AND document < ? \
             ORDER BY document {direction} LIMIT ?) AS t \
             STRAIGHT_JOIN search_documents d ON d.document = t.document \
             ORDER BY t.document {direction}"
        );
        let values = vec![
            wanted.place.into(),
            least.into(),
            most.into(),
            bounds.above.into(),
            bounds.below.into(),
            limit.into(),
        ];
        self.asking(text, values)
    }

    async fn count_term(&self, place: i64, term: &str) -> Result<i64, StoreError> {
        let text = format!(
            "SELECT COUNT(*) FROM (SELECT 1 FROM search_terms WHERE place = ? AND term = ? \
             LIMIT {COMMON}) AS counted"
        );
        let values = vec![place.into(), term.as_bytes().to_vec().into()];
        let row = self.read().query_one_raw(self.asking(text, values)).await?;
        Ok(row.map_or(Ok(0), |row| row.try_get_by_index(0))?)
    }

    /// Takes the left side first.
    fn join(&self) -> &'static str {
        match self.read().get_database_backend() {
            DbBackend::MySql => "STRAIGHT_JOIN",
            _ => "CROSS JOIN",
        }
    }

    fn asking(&self, text: impl Into<String>, values: Vec<Value>) -> Statement {
        statement(self.read().get_database_backend(), text, values)
    }
}
