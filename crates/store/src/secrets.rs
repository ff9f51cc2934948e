//! Random keys that all nodes of one database share.

use formhold_domain::Ids;
use sea_orm::{ActiveValue::Set, EntityTrait};

use crate::{Store, StoreError, entities::instance_secrets};

impl Store {
    /// The secret of this name; made of `ids` at the first call on any node.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn instance_secret(&self, name: &str, ids: &dyn Ids) -> Result<[u8; 32], StoreError> {
        if let Some(secret) = self.find_secret(name).await? {
            return Ok(secret);
        }
        let new = instance_secrets::ActiveModel {
            name: Set(name.to_owned()),
            secret: Set(ids.secret().to_vec()),
        };
        let transaction = self.begin_write().await?;
        match instance_secrets::Entity::insert(new).exec_without_returning(&transaction).await {
            Ok(_) => transaction.commit().await?,
            Err(error) => match StoreError::from(error) {
                // Another node was first: its secret counts.
                StoreError::Conflict { .. } => transaction.rollback().await?,
                error => return Err(error),
            },
        }
        let secret = self.find_secret(name).await?;
        secret.ok_or_else(|| StoreError::Other(format!("the secret `{name}` was not stored")))
    }

    async fn find_secret(&self, name: &str) -> Result<Option<[u8; 32]>, StoreError> {
        let row = instance_secrets::Entity::find_by_id(name).one(self.read()).await?;
        let exact = |row: instance_secrets::Model| {
            row.secret
                .try_into()
                .map_err(|_| StoreError::Other(format!("the secret `{name}` has no 32 bytes")))
        };
        row.map(exact).transpose()
    }
}
