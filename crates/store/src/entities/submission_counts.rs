//! How many submissions each form accepted, spam not counted. Sharded, so that nodes do not wait
//! for each other's row lock; the count is the sum of the shards.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "submission_counts")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) form_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) shard: i16,
    pub(crate) accepted: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
