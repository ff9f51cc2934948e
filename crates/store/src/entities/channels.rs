//! Notification channels of forms.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "channels")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    pub(crate) workspace_id: Uuid,
    pub(crate) form_id: Uuid,
    pub(crate) kind: String,
    pub(crate) name: String,
    #[sea_orm(column_type = "Text")]
    pub(crate) config: String,
    pub(crate) is_on: bool,
    pub(crate) off_reason: Option<String>,
    pub(crate) failing_since_ms: Option<i64>,
    pub(crate) version: i32,
    pub(crate) created_at_ms: i64,
    pub(crate) updated_at_ms: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
