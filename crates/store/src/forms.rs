//! Forms and their versions.

use formhold_domain::{FormDefinition, FormId, FormKey, WorkspaceId};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::Expr,
};

use crate::{
    Change, Store, StoreError,
    entities::{form_versions, forms, submission_counts},
};

/// A form and the definition that is in force.
#[derive(Debug, Clone, PartialEq)]
pub struct FormRecord {
    /// The form's id.
    pub id: FormId,
    /// The workspace that it is in.
    pub workspace_id: WorkspaceId,
    /// Its public key.
    pub key: FormKey,
    /// The version of the definition.
    pub version: u32,
    /// The definition.
    pub definition: FormDefinition,
    /// When it was deleted, if it was.
    pub deleted_at_ms: Option<i64>,
}

/// A form in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormSummary {
    /// The form's id.
    pub id: FormId,
    /// Its public key.
    pub key: String,
    /// Its slug.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// The version of its definition.
    pub version: u32,
    /// How many submissions it accepted, spam not counted.
    pub accepted: u64,
}

/// A form to be made.
#[derive(Debug, Clone)]
pub struct NewForm {
    /// Its id.
    pub id: FormId,
    /// The workspace that it will be in.
    pub workspace_id: WorkspaceId,
    /// Its public key.
    pub key: FormKey,
    /// Its definition.
    pub definition: FormDefinition,
}

impl Store {
    /// Whether there is a form of this id that was not deleted.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn has_form(&self, id: FormId) -> Result<bool, StoreError> {
        let found: Option<uuid::Uuid> = forms::Entity::find_by_id(id.0)
            .select_only()
            .column(forms::Column::Id)
            .filter(forms::Column::DeletedAtMs.is_null())
            .into_tuple()
            .one(self.read())
            .await?;
        Ok(found.is_some())
    }

    /// The form with this key, or else with this slug; deleted ones too.
    ///
    /// # Errors
    /// When the database fails, or holds a definition that cannot be read.
    pub async fn find_form(&self, key_or_slug: &str) -> Result<Option<FormRecord>, StoreError> {
        let mut found = forms::Entity::find()
            .filter(
                Condition::any()
                    .add(forms::Column::FormKey.eq(key_or_slug))
                    .add(forms::Column::Slug.eq(key_or_slug)),
            )
            .limit(2)
            .all(self.read())
            .await?;
        // MySQL ignores trailing spaces when it compares.
        found.retain(|form| form.form_key == key_or_slug || form.slug == key_or_slug);
        let by_key = found.iter().position(|form| form.form_key == key_or_slug);
        match found.into_iter().nth(by_key.unwrap_or(0)) {
            Some(form) => self.with_definition(form).await.map(Some),
            None => Ok(None),
        }
    }

    /// The form with this id; deleted ones too.
    ///
    /// # Errors
    /// As [`Store::find_form`].
    pub async fn get_form(&self, id: FormId) -> Result<Option<FormRecord>, StoreError> {
        match forms::Entity::find_by_id(id.0).one(self.read()).await? {
            Some(form) => self.with_definition(form).await.map(Some),
            None => Ok(None),
        }
    }

    async fn with_definition(&self, form: forms::Model) -> Result<FormRecord, StoreError> {
        let version =
            form_versions::Entity::find_by_id((form.id, form.version)).one(self.read()).await?;
        let unreadable = |what: String| {
            StoreError::Other(format!("definition {} of form `{}` {what}", form.version, form.slug))
        };
        let version = version.ok_or_else(|| unreadable("is missing".to_owned()))?;
        let definition = serde_json::from_str(&version.definition)
            .map_err(|error| unreadable(format!("cannot be read: {error}")))?;
        Ok(FormRecord {
            id: FormId(form.id),
            workspace_id: WorkspaceId(form.workspace_id),
            key: FormKey::parse(&form.form_key).map_err(unreadable)?,
            version: unsigned(form.version),
            definition,
            deleted_at_ms: form.deleted_at_ms,
        })
    }

    /// Up to `limit` forms after the slug `after`, by slug, without deleted ones.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_forms(
        &self,
        after: Option<&str>,
        limit: u64,
    ) -> Result<Vec<FormSummary>, StoreError> {
        let mut query = forms::Entity::find().filter(forms::Column::DeletedAtMs.is_null());
        if let Some(after) = after {
            query = query.filter(forms::Column::Slug.gt(after));
        }
        let rows = query.order_by_asc(forms::Column::Slug).limit(limit).all(self.read()).await?;
        let counts = submission_counts::Entity::find()
            .filter(submission_counts::Column::FormId.is_in(rows.iter().map(|form| form.id)))
            .limit(limit * 64)
            .all(self.read())
            .await?;
        let accepted = |id| -> i64 {
            counts.iter().filter(|count| count.form_id == id).map(|count| count.accepted).sum()
        };
        Ok(rows
            .into_iter()
            .map(|form| FormSummary {
                id: FormId(form.id),
                version: unsigned(form.version),
                accepted: u64::try_from(accepted(form.id)).unwrap_or(0),
                key: form.form_key,
                slug: form.slug,
                name: form.name,
            })
            .collect())
    }
}

impl Change {
    /// Makes a form with version 1 of its definition.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when key or slug exist.
    pub async fn insert_form(&self, form: &NewForm) -> Result<(), StoreError> {
        let row = forms::ActiveModel {
            id: Set(form.id.0),
            workspace_id: Set(form.workspace_id.0),
            form_key: Set(form.key.to_string()),
            slug: Set(form.definition.slug.to_string()),
            name: Set(form.definition.name.clone()),
            version: Set(1),
            created_at_ms: Set(self.now_ms()),
            updated_at_ms: Set(self.now_ms()),
            deleted_at_ms: Set(None),
        };
        forms::Entity::insert(row).exec_without_returning(&self.transaction).await?;
        let version = version_row(form.id, 1, &form.definition, self.now_ms())?;
        form_versions::Entity::insert(version).exec_without_returning(&self.transaction).await?;
        Ok(())
    }

    /// Puts a new definition in force as the version after `version`. False when the form has
    /// another version by now, or was deleted; nothing is changed then.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the new slug is another form's.
    pub async fn update_form(
        &self,
        id: FormId,
        version: u32,
        definition: &FormDefinition,
    ) -> Result<bool, StoreError> {
        let next = signed(version) + 1;
        let updated = forms::Entity::update_many()
            .col_expr(forms::Column::Version, Expr::value(next))
            .col_expr(forms::Column::Slug, Expr::value(definition.slug.as_str()))
            .col_expr(forms::Column::Name, Expr::value(definition.name.as_str()))
            .col_expr(forms::Column::UpdatedAtMs, Expr::value(self.now_ms()))
            .filter(forms::Column::Id.eq(id.0))
            .filter(forms::Column::Version.eq(signed(version)))
            .filter(forms::Column::DeletedAtMs.is_null())
            .exec(&self.transaction)
            .await?;
        if updated.rows_affected == 0 {
            return Ok(false);
        }
        let version = version_row(id, next, definition, self.now_ms())?;
        form_versions::Entity::insert(version).exec_without_returning(&self.transaction).await?;
        Ok(true)
    }

    /// Marks a form as deleted; its submissions stay. False when it was deleted already.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_form(&self, id: FormId) -> Result<bool, StoreError> {
        let updated = forms::Entity::update_many()
            .col_expr(forms::Column::DeletedAtMs, Expr::value(self.now_ms()))
            .filter(forms::Column::Id.eq(id.0))
            .filter(forms::Column::DeletedAtMs.is_null())
            .exec(&self.transaction)
            .await?;
        Ok(updated.rows_affected == 1)
    }
}

fn version_row(
    id: FormId,
    version: i32,
    definition: &FormDefinition,
    now_ms: i64,
) -> Result<form_versions::ActiveModel, StoreError> {
    let definition =
        serde_json::to_string(definition).map_err(|error| StoreError::Other(error.to_string()))?;
    Ok(form_versions::ActiveModel {
        form_id: Set(id.0),
        version: Set(version),
        definition: Set(definition),
        created_at_ms: Set(now_ms),
    })
}

pub(crate) fn unsigned(number: i32) -> u32 {
    u32::try_from(number).unwrap_or(0)
}

pub(crate) fn signed(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}
