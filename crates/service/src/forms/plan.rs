//! What an import would do, without doing it.

use formhold_domain::{Difference, FormDefinition, FormKey};
use formhold_store::FormRecord;

use super::{Imported, compile};
use crate::{App, ServiceError};

/// What an import of a definition would do.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// The slug of the definition.
    pub slug: String,
    /// What would happen.
    pub outcome: Imported,
    /// The version that the form would have.
    pub version: u32,
    /// What would change of a form that is there.
    pub changes: Vec<Difference>,
}

/// What [`import_form`](super::import_form) would do with this definition now.
///
/// # Errors
/// Those of the import, as far as they are known before.
pub async fn plan_form(
    app: &App,
    key: Option<&FormKey>,
    definition: &FormDefinition,
) -> Result<Plan, ServiceError> {
    let slug = definition.slug.to_string();
    let name = key.map_or(slug.as_str(), FormKey::as_str);
    let existing = app.store.find_form(name).await?;
    let taken = match &existing {
        Some(form) if form.definition.slug == definition.slug => None,
        _ => app.store.find_form(&slug).await?,
    };
    if taken.is_some_and(|other| Some(other.id) != existing.as_ref().map(|form| form.id)) {
        return Err(ServiceError::Conflict(format!("another form has the slug `{slug}`")));
    }
    match existing {
        Some(form) if form.deleted_at_ms.is_some() => Err(ServiceError::Conflict(format!(
            "form `{name}` is in the trash; its name stays taken"
        ))),
        Some(form) => {
            let changes = form.definition.differences(definition);
            let same = form.definition == *definition;
            let outcome = if same { Imported::Unchanged } else { Imported::Updated };
            let version = form.version + u32::from(!same);
            compile(FormRecord { version, definition: definition.clone(), ..form })?;
            Ok(Plan { slug, outcome, version, changes })
        }
        None => {
            let now_ms = app.clock.now_ms();
            let record = FormRecord {
                id: formhold_domain::FormId(app.ids.uuid()),
                workspace_id: formhold_domain::WorkspaceId::FIRST,
                key: key.cloned().unwrap_or_else(|| app.ids.form_key()),
                version: 1,
                definition: definition.clone(),
                created_at_ms: now_ms,
                updated_at_ms: now_ms,
                deleted_at_ms: None,
            };
            compile(record)?;
            Ok(Plan { slug, outcome: Imported::Created, version: 1, changes: Vec::new() })
        }
    }
}
