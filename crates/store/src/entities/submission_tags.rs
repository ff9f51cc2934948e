//! Tags of submissions.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "submission_tags")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) form_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) tag: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) submission_id: Uuid,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
