//! What was done once for all.

use sea_orm::{ActiveValue::Set, EntityTrait};

use crate::{Change, Store, StoreError, entities::instance_facts};

impl Store {
    /// Whether something was done once for all.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn has_fact(&self, name: &str) -> Result<bool, StoreError> {
        Ok(instance_facts::Entity::find_by_id(name).one(self.read()).await?.is_some())
    }
}

impl Change {
    /// Notes that something was done once for all; false when it was done before. Of two at once
    /// one fails or waits.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn insert_fact(&self, name: &str) -> Result<bool, StoreError> {
        let row =
            instance_facts::ActiveModel { name: Set(name.to_owned()), at_ms: Set(self.now_ms()) };
        match instance_facts::Entity::insert(row).exec_without_returning(&self.transaction).await {
            Ok(_) => Ok(true),
            Err(error) => match StoreError::from(error) {
                StoreError::Conflict { .. } => Ok(false),
                error => Err(error),
            },
        }
    }
}
