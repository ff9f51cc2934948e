//! What was done to submissions; one that nobody touched has no row.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "submission_handlings")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) submission_id: Uuid,
    pub(crate) form_id: Uuid,
    pub(crate) is_read: bool,
    pub(crate) trashed_at_ms: Option<i64>,
    /// Where it was before.
    pub(crate) trashed_from: Option<String>,
    pub(crate) version: i32,
    pub(crate) changed_at_ms: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
