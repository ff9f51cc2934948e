//! Jobs, waiting, running and ended.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "jobs")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    pub(crate) kind: String,
    pub(crate) lane: String,
    pub(crate) priority: i32,
    pub(crate) state: String,
    /// What its kind has to know; may hold secrets.
    pub(crate) payload: String,
    pub(crate) run_at_ms: i64,
    pub(crate) attempts: i32,
    pub(crate) max_attempts: i32,
    pub(crate) fence: i64,
    pub(crate) beats: i64,
    pub(crate) node: Option<String>,
    pub(crate) workspace_id: Option<Uuid>,
    pub(crate) form_id: Option<Uuid>,
    pub(crate) submission_id: Option<Uuid>,
    pub(crate) channel_id: Option<Uuid>,
    pub(crate) created_at_ms: i64,
    pub(crate) finished_at_ms: Option<i64>,
    pub(crate) last_error: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
