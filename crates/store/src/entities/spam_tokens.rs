//! How often a token of a form was seen in spam and in honest submissions.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "spam_tokens")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) form_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    /// The bits of the token's hash.
    pub(crate) token: i64,
    pub(crate) spam: i32,
    pub(crate) ham: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
