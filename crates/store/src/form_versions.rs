//! The definitions that a form had.

use formhold_domain::{FormDefinition, FormId};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::{
    Store, StoreError,
    entities::form_versions,
    forms::{signed, unsigned},
};

/// A definition that a form had, or has.
#[derive(Debug, Clone, PartialEq)]
pub struct FormVersion {
    /// Counts the form's definitions, from 1.
    pub version: u32,
    /// The definition.
    pub definition: FormDefinition,
    /// Since when it was in force.
    pub created_at_ms: i64,
}

impl Store {
    /// Up to `limit` versions of a form before the version `before`, the newest first.
    ///
    /// # Errors
    /// When the database fails, or holds a definition that cannot be read.
    pub async fn list_form_versions(
        &self,
        id: FormId,
        before: Option<u32>,
        limit: u64,
    ) -> Result<Vec<FormVersion>, StoreError> {
        use form_versions::Column;
        let mut query = form_versions::Entity::find().filter(Column::FormId.eq(id.0));
        if let Some(before) = before {
            query = query.filter(Column::Version.lt(signed(before)));
        }
        let rows = query.order_by_desc(Column::Version).limit(limit).all(self.read()).await?;
        rows.into_iter().map(version).collect()
    }

    /// One version of a form.
    ///
    /// # Errors
    /// As [`Store::list_form_versions`].
    pub async fn find_form_version(
        &self,
        id: FormId,
        number: u32,
    ) -> Result<Option<FormVersion>, StoreError> {
        let row =
            form_versions::Entity::find_by_id((id.0, signed(number))).one(self.read()).await?;
        row.map(version).transpose()
    }
}

fn version(row: form_versions::Model) -> Result<FormVersion, StoreError> {
    let definition = serde_json::from_str(&row.definition).map_err(|error| {
        let (form, version) = (row.form_id, row.version);
        StoreError::Other(format!("definition {version} of form {form} cannot be read: {error}"))
    })?;
    let (version, created_at_ms) = (unsigned(row.version), row.created_at_ms);
    Ok(FormVersion { version, definition, created_at_ms })
}
