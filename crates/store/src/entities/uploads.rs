//! Files of submissions; their bytes are in file storage under the same id.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "uploads")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    pub(crate) submission_id: Uuid,
    /// Its place among the files of its submission, from 0.
    pub(crate) position: i32,
    pub(crate) field: String,
    pub(crate) name: String,
    pub(crate) content_type: String,
    pub(crate) size_bytes: i64,
    pub(crate) sha256: String,
    /// Of an image, in pixels.
    pub(crate) width: Option<i32>,
    pub(crate) height: Option<i32>,
    /// `Scan` by name; null where no scan was asked for.
    pub(crate) scan: Option<String>,
    /// What the scanner found.
    pub(crate) scan_finding: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
