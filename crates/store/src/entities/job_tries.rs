//! What became of each try of a job.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "job_tries")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) job_id: Uuid,
    /// The fence of the try.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) attempt: i64,
    pub(crate) at_ms: i64,
    pub(crate) duration_ms: i64,
    pub(crate) outcome: String,
    pub(crate) status: Option<i32>,
    pub(crate) excerpt: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
