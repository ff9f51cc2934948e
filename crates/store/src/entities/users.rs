//! Users: accounts and what proves that one is somebody's.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "users")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    pub(crate) email: String,
    pub(crate) email_folded: String,
    pub(crate) email_confirmed_at_ms: Option<i64>,
    pub(crate) name: String,
    pub(crate) name_folded: String,
    pub(crate) role: String,
    pub(crate) language: String,
    pub(crate) state: String,
    pub(crate) password_hash: Option<String>,
    pub(crate) totp_secret: Option<Vec<u8>>,
    pub(crate) totp_step: Option<i64>,
    pub(crate) picture_id: Option<Uuid>,
    pub(crate) picture_type: Option<String>,
    pub(crate) version: i32,
    pub(crate) created_at_ms: i64,
    pub(crate) updated_at_ms: i64,
    pub(crate) signed_in_at_ms: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
