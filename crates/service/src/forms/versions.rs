//! The definitions that a form had: looking at them, comparing, going back to one.

use formhold_domain::{
    Difference, FormId,
    access::{Action, Caller},
};
use formhold_store::FormVersion;

use super::{FormDetails, change_form, form_for};
use crate::{App, ServiceError};

/// Up to `limit` versions of a form before the version `before`, the newest first, each with what it
/// changed; nothing for the first.
///
/// # Errors
/// [`ServiceError::NotFound`] when there is no form, or the caller may not know of it.
pub async fn list_versions(
    app: &App,
    caller: &Caller,
    id: FormId,
    before: Option<u32>,
    limit: u64,
) -> Result<Vec<(FormVersion, Vec<Difference>)>, ServiceError> {
    form_for(app, caller, Action::SeeForms, id).await?;
    let mut found = app.store.list_form_versions(id, before, limit + 1).await?;
    let changes: Vec<_> = found
        .windows(2)
        .map(|pair| pair[1].definition.differences(&pair[0].definition))
        .chain([Vec::new()])
        .collect();
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    found.truncate(limit);
    Ok(found.into_iter().zip(changes).collect())
}

/// A version, and what differs between it and the one that is in force.
///
/// # Errors
/// [`ServiceError::NotFound`] when there is none.
pub async fn compare_version(
    app: &App,
    caller: &Caller,
    id: FormId,
    version: u32,
) -> Result<(FormVersion, Vec<Difference>), ServiceError> {
    let (form, _) = form_for(app, caller, Action::SeeForms, id).await?;
    let found = find(app, id, version).await?;
    let differences = found.definition.differences(&form.definition);
    Ok((found, differences))
}

/// Puts the definition of an earlier version in force again, as the next version. `current` is the
/// version that the caller looked at; none takes whichever there is.
///
/// # Errors
/// As [`change_form`], and [`ServiceError::NotFound`] when there is no such version.
pub async fn restore_version(
    app: &App,
    caller: &Caller,
    id: FormId,
    current: Option<u32>,
    version: u32,
) -> Result<FormDetails, ServiceError> {
    form_for(app, caller, Action::ChangeForms, id).await?;
    let found = find(app, id, version).await?;
    change_form(app, caller, id, current, |_| found.definition).await
}

async fn find(app: &App, id: FormId, version: u32) -> Result<FormVersion, ServiceError> {
    let found = app.store.find_form_version(id, version).await?;
    found.ok_or_else(|| ServiceError::NotFound(format!("version {version} of form {id}")))
}
