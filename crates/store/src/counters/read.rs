//! Reading the counters.

use std::collections::BTreeMap;

use formhold_domain::{FormId, SubmissionState, WorkspaceId};
use sea_orm::{ConnectionTrait as _, Statement, Value, sea_query::Values};
use uuid::Uuid;

use super::Add;
use crate::{Store, StoreError};

/// What came to forms in an hour.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct HourTally {
    /// The hour, counted from the Unix epoch.
    pub hour: i64,
    /// What came.
    pub tally: Tally,
}

/// How many submissions came.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Into the inbox.
    pub accepted: u64,
    /// Into the spam folder.
    pub spam: u64,
    /// Not at all: they were refused.
    pub refused: u64,
}

/// What came to a form, and what it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormTally {
    /// The form.
    pub form_id: FormId,
    /// Its name.
    pub name: String,
    /// Its address.
    pub slug: String,
    /// What came in the time that was asked for.
    pub tally: Tally,
}

/// Which forms: one, those of a workspace, those of some, or all.
fn within(forms: Option<&[WorkspaceId]>, form_id: Option<FormId>) -> (String, Vec<Value>) {
    let mut text = "f.deleted_at_ms IS NULL".to_owned();
    let mut values: Vec<Value> = Vec::new();
    if let Some(form_id) = form_id {
        text.push_str(" AND f.id = ?");
        values.push(form_id.0.into());
    }
    if let Some(workspaces) = forms {
        let marks = vec!["?"; workspaces.len()].join(",");
        let one_of = if workspaces.is_empty() { "NULL" } else { marks.as_str() };
        text.push_str(&format!(" AND f.workspace_id IN ({one_of})"));
        values.extend(workspaces.iter().map(|id| Value::from(id.0)));
    }
    (text, values)
}

impl Store {
    /// What came in each hour from `from` until before `until`, in order; hours in which nothing
    /// came are left out. `workspaces` none: of all.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_hours(
        &self,
        workspaces: Option<&[WorkspaceId]>,
        form_id: Option<FormId>,
        (from, until): (i64, i64),
    ) -> Result<Vec<HourTally>, StoreError> {
        let (which, mut values) = within(workspaces, form_id);
        let text = format!(
            "SELECT h.hour, CAST(SUM(h.accepted) AS SIGNED), CAST(SUM(h.spam) AS SIGNED), \
             CAST(SUM(h.refused) AS SIGNED) FROM forms f \
             JOIN submission_hours h ON h.form_id = f.id AND h.hour >= ? AND h.hour < ? \
             WHERE {which} GROUP BY h.hour ORDER BY h.hour LIMIT 100000"
        );
        values.splice(0..0, [from.into(), until.into()]);
        let rows = self.read().query_all_raw(self.statement(text, values)).await?;
        rows.iter()
            .map(|row| {
                let tally =
                    Tally { accepted: at(row, 1)?, spam: at(row, 2)?, refused: at(row, 3)? };
                Ok(HourTally { hour: row.try_get_by_index(0)?, tally })
            })
            .collect()
    }

    /// The forms to which most came from one hour until before another, the most first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_top_forms(
        &self,
        workspaces: Option<&[WorkspaceId]>,
        (from, until): (i64, i64),
        limit: u64,
    ) -> Result<Vec<FormTally>, StoreError> {
        let (which, mut values) = within(workspaces, None);
        let text = format!(
            "SELECT f.id, f.name, f.slug, CAST(SUM(h.accepted) AS SIGNED) AS accepted, \
             CAST(SUM(h.spam) AS SIGNED), CAST(SUM(h.refused) AS SIGNED) FROM forms f \
             JOIN submission_hours h ON h.form_id = f.id AND h.hour >= ? AND h.hour < ? \
             WHERE {which} GROUP BY f.id, f.name, f.slug ORDER BY accepted DESC, f.slug LIMIT ?"
        );
        values.splice(0..0, [from.into(), until.into()]);
        values.push(limit.into());
        let rows = self.read().query_all_raw(self.statement(text, values)).await?;
        rows.iter()
            .map(|row| {
                Ok(FormTally {
                    form_id: FormId(row.try_get_by_index::<Uuid>(0)?),
                    name: row.try_get_by_index(1)?,
                    slug: row.try_get_by_index(2)?,
                    tally: Tally { accepted: at(row, 3)?, spam: at(row, 4)?, refused: at(row, 5)? },
                })
            })
            .collect()
    }

    /// How many submissions lie in each folder; folders without any are there, too.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn count_places(
        &self,
        workspaces: Option<&[WorkspaceId]>,
        form_id: Option<FormId>,
    ) -> Result<Vec<(SubmissionState, u64)>, StoreError> {
        let (which, values) = within(workspaces, form_id);
        let text = format!(
            "SELECT p.state, CAST(SUM(p.submissions) AS SIGNED) FROM forms f \
             JOIN submission_places p ON p.form_id = f.id WHERE {which} GROUP BY p.state LIMIT 100"
        );
        let rows = self.read().query_all_raw(self.statement(text, values)).await?;
        let mut found: BTreeMap<String, u64> = BTreeMap::new();
        for row in &rows {
            found.insert(row.try_get_by_index(0)?, at(row, 1)?);
        }
        let count = |state: SubmissionState| found.get(state.as_str()).copied().unwrap_or(0);
        Ok(SubmissionState::ALL.into_iter().map(|state| (state, count(state))).collect())
    }

    /// How many files submissions have, and how many bytes these take.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn count_stored_files(
        &self,
        workspaces: Option<&[WorkspaceId]>,
        form_id: Option<FormId>,
    ) -> Result<(u64, u64), StoreError> {
        let (which, values) = within(workspaces, form_id);
        let text = format!(
            "SELECT CAST(COALESCE(SUM(s.files), 0) AS SIGNED), \
             CAST(COALESCE(SUM(s.bytes), 0) AS SIGNED) FROM forms f \
             JOIN stored_files s ON s.form_id = f.id WHERE {which}"
        );
        let row = self.read().query_one_raw(self.statement(text, values)).await?;
        row.map_or(Ok((0, 0)), |row| Ok((at(&row, 0)?, at(&row, 1)?)))
    }

    /// Adds submissions that were refused, each with its form, the hour and how many.
    ///
    /// # Errors
    /// When the database fails; then none were added.
    pub async fn add_refused(&self, refused: &[(FormId, i64, u64)]) -> Result<(), StoreError> {
        let row = |(form_id, hour, count): &(FormId, i64, u64)| -> Vec<Value> {
            let count = i64::try_from(*count).unwrap_or(i64::MAX);
            let shard = super::SHARED_SHARD.into();
            vec![form_id.0.into(), (*hour).into(), shard, 0_i64.into(), 0_i64.into(), count.into()]
        };
        let mut rows: Vec<_> = refused.to_vec();
        rows.sort_unstable();
        let transaction = self.begin_write().await?;
        for chunk in rows.chunks(200) {
            Add::Hours.execute(&transaction, chunk.iter().map(row).collect()).await?;
        }
        Ok(transaction.commit().await?)
    }

    fn statement(&self, sql: String, values: Vec<Value>) -> Statement {
        let db_backend = self.read().get_database_backend();
        Statement { sql, values: Some(Values(values)), db_backend }
    }
}

/// A sum; one that a lost move made negative is shown as none.
fn at(row: &sea_orm::QueryResult, index: usize) -> Result<u64, StoreError> {
    let sum: i64 = row.try_get_by_index(index)?;
    Ok(u64::try_from(sum).unwrap_or(0))
}
