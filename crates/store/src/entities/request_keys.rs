//! Which requests of the API were carried out under a key, and what was answered, for 24 hours.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "request_keys")]
pub(crate) struct Model {
    /// The user or token that the key is of.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) owner_id: Uuid,
    /// SHA-256 of the key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) key_hash: Vec<u8>,
    /// SHA-256 of the request.
    pub(crate) content_hash: Vec<u8>,
    /// What was answered, as the caller of the store writes it; none until then.
    pub(crate) reply: Option<String>,
    pub(crate) created_at_ms: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
