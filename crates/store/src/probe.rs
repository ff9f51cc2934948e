//! Whether the database takes a commit at this moment.

use sea_orm::{
    ActiveValue::Set, ConnectionTrait, DbBackend, EntityTrait, Statement, sea_query::OnConflict,
};

use crate::{Store, StoreError, entities::probes};

impl Store {
    /// Commits one small row, as a submission would be.
    ///
    /// # Errors
    /// Why it does not.
    pub async fn probe_commit(&self, now_ms: i64) -> Result<(), StoreError> {
        let transaction = self.begin_write().await?;
        let row = probes::ActiveModel { name: Set("readiness".to_owned()), at_ms: Set(now_ms) };
        let replace =
            OnConflict::column(probes::Column::Name).update_column(probes::Column::AtMs).to_owned();
        probes::Entity::insert(row)
            .on_conflict(replace)
            .exec_without_returning(&transaction)
            .await?;
        Ok(transaction.commit().await?)
    }

    /// Examines the whole database for damage, where it can be asked to; takes seconds a gigabyte.
    /// Answers the first damage found.
    ///
    /// # Errors
    /// When it cannot be examined.
    pub async fn check_integrity(&self) -> Result<Option<String>, StoreError> {
        if self.read().get_database_backend() != DbBackend::Sqlite {
            return Ok(None);
        }
        let statement = Statement::from_string(DbBackend::Sqlite, "PRAGMA quick_check(1)");
        let row = self.read().query_one_raw(statement).await?;
        let verdict: Option<String> = row.map(|row| row.try_get_by_index(0)).transpose()?;
        Ok(verdict.filter(|verdict| verdict != "ok"))
    }
}
