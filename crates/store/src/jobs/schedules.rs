//! Schedules: what comes again, each tick once over all nodes.

use formhold_domain::JobId;
use sea_orm::{EntityTrait, QueryOrder, QuerySelect, QueryTrait};

use super::sql;
use crate::{Change, Store, StoreError, change::for_update, entities::schedules};

/// More schedules than there are.
const MOST: u64 = 200;

/// A schedule, as the database knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    /// Its name: that of the kind of job that it makes.
    pub name: String,
    /// When it ticks next.
    pub next_at_ms: i64,
    /// When it last made a job.
    pub last_at_ms: Option<i64>,
    /// That job.
    pub last_job_id: Option<JobId>,
}

impl Store {
    /// All schedules that ever ticked, or are about to, by name.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn schedules(&self) -> Result<Vec<Schedule>, StoreError> {
        let rows = schedules::Entity::find()
            .order_by_asc(schedules::Column::Name)
            .limit(MOST)
            .all(self.read())
            .await?;
        Ok(rows.into_iter().map(schedule).collect())
    }
}

impl Change {
    /// A schedule as it is now; nobody else changes it before this change ends.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn schedule(&self, name: &str) -> Result<Option<Schedule>, StoreError> {
        let query = schedules::Entity::find_by_id(name);
        let query =
            query.apply_if(for_update(&self.transaction), |query, ()| query.lock_exclusive());
        Ok(query.one(&self.transaction).await?.map(schedule))
    }

    /// Writes a schedule that was not there. False when another node was faster.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn add_schedule(&self, name: &str, next_at_ms: i64) -> Result<bool, StoreError> {
        use sea_orm::ConnectionTrait as _;
        let ignore = match self.transaction.get_database_backend() {
            sea_orm::DbBackend::MySql => "INSERT IGNORE",
            _ => "INSERT OR IGNORE",
        };
        let text = format!("{ignore} INTO schedules (name, next_at_ms) VALUES (?, ?)");
        let values = vec![name.into(), next_at_ms.into()];
        Ok(sql::execute(&self.transaction, text, values).await? == 1)
    }

    /// Moves a schedule on; `made`: the job that the tick made.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn move_schedule(
        &self,
        name: &str,
        next_at_ms: i64,
        made: Option<JobId>,
    ) -> Result<(), StoreError> {
        let (text, mut values) = match made {
            Some(job_id) => (
                "UPDATE schedules SET next_at_ms = ?, last_at_ms = ?, last_job_id = ? WHERE name = ?",
                vec![next_at_ms.into(), self.now_ms().into(), job_id.0.into()],
            ),
            None => ("UPDATE schedules SET next_at_ms = ? WHERE name = ?", vec![next_at_ms.into()]),
        };
        values.push(name.into());
        sql::execute(&self.transaction, text.to_owned(), values).await?;
        Ok(())
    }
}

fn schedule(row: schedules::Model) -> Schedule {
    Schedule {
        name: row.name,
        next_at_ms: row.next_at_ms,
        last_at_ms: row.last_at_ms,
        last_job_id: row.last_job_id.map(JobId),
    }
}
