//! Submissions. Answers are JSON text that SQL never looks into.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "submissions")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    pub(crate) form_id: Uuid,
    pub(crate) form_version: i32,
    pub(crate) state: String,
    pub(crate) received_at_ms: i64,
    /// `Answers` as JSON.
    pub(crate) answers: String,
    /// `Answers` as JSON; null where there are none.
    pub(crate) undeclared: Option<String>,
    /// `Context` as JSON.
    pub(crate) context: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
