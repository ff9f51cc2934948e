//! Who is signed in.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sessions")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    pub(crate) secret_hash: Vec<u8>,
    pub(crate) user_id: Uuid,
    pub(crate) factor: String,
    pub(crate) created_at_ms: i64,
    pub(crate) seen_at_ms: i64,
    pub(crate) expires_at_ms: i64,
    pub(crate) address: Option<String>,
    pub(crate) user_agent: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
