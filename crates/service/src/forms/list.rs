//! Seeing forms: one, and lists of them.

use formhold_domain::{
    Availability, FormId, FormState, WorkspaceId,
    access::{Action, Actor, Caller, Via},
};
use formhold_store::{FormFilter, FormRecord};

use super::require_form;
use crate::{
    App, ServiceError,
    access::{allows, require},
};

/// How many forms are looked through at once for those that are asked for.
const CHUNK: u64 = 200;

/// A form with what is known of it.
#[derive(Debug, Clone, PartialEq)]
pub struct FormDetails {
    /// The form.
    pub record: FormRecord,
    /// How many submissions it accepted, spam not counted.
    pub accepted: u64,
    /// Whether it takes submissions now; one in the trash never does.
    pub availability: Availability,
}

/// Which forms are asked for.
#[derive(Debug, Clone, Default)]
pub struct FormsAsked {
    /// Those of this workspace alone.
    pub workspace_id: Option<WorkspaceId>,
    /// Those whose name or slug has this text in it, whatever its capitals.
    pub text: String,
    /// Those in this state alone.
    pub state: FormsState,
}

/// The states to ask for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum FormsState {
    /// All that are not in the trash.
    #[default]
    Any,
    /// Those that their owners did not close; some of them may wait for their time.
    Open,
    /// Those that their owners closed.
    Closed,
    /// Those in the trash.
    Trashed,
}

/// A form with what is known of it; one in the trash, too.
///
/// # Errors
/// [`ServiceError::NotFound`] when there is none, or the caller may not know of it.
pub async fn see_form(app: &App, caller: &Caller, id: FormId) -> Result<FormDetails, ServiceError> {
    let gone = || ServiceError::NotFound(format!("form {id}"));
    require_form(app, caller, Action::SeeForms, id, gone).await?;
    let record = app.store.get_form(id).await?.ok_or_else(gone)?;
    let found = details(app, vec![record]).await?;
    found.into_iter().next().ok_or_else(gone)
}

/// Up to `limit` forms that the caller may see after the slug `after`, by slug.
///
/// # Errors
/// When the caller may not see forms, or the database fails.
pub async fn find_forms(
    app: &App,
    caller: &Caller,
    asked: &FormsAsked,
    after: Option<&str>,
    limit: u64,
) -> Result<Vec<FormDetails>, ServiceError> {
    let workspaces = match asked.workspace_id {
        Some(id) => {
            require(caller, Action::SeeForms, Some(id))?;
            Some(vec![id])
        }
        None => reach(caller)?,
    };
    if workspaces.as_ref().is_some_and(Vec::is_empty) {
        return Ok(Vec::new());
    }
    let trashed = asked.state == FormsState::Trashed;
    let filter = FormFilter { workspaces: workspaces.as_deref(), trashed };
    let text = asked.text.trim().to_lowercase();
    let (mut found, mut after) = (Vec::new(), after.map(str::to_owned));
    loop {
        let chunk = app.store.find_forms(filter, after.as_deref(), CHUNK).await?;
        let is_last = (chunk.len() as u64) < CHUNK;
        after = chunk.last().map(|form| form.definition.slug.to_string());
        found.extend(chunk.into_iter().filter(|form| fits(form, &text, asked.state)));
        if is_last || found.len() as u64 >= limit {
            break;
        }
    }
    found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    details(app, found).await
}

fn fits(form: &FormRecord, text: &str, state: FormsState) -> bool {
    let definition = &form.definition;
    let in_state = match state {
        FormsState::Any | FormsState::Trashed => true,
        FormsState::Open => definition.state == FormState::Open,
        FormsState::Closed => definition.state == FormState::Closed,
    };
    in_state
        && (text.is_empty()
            || definition.name.to_lowercase().contains(text)
            || definition.slug.as_str().contains(text))
}

/// The workspaces whose forms the caller may see; none means all.
fn reach(caller: &Caller) -> Result<Option<Vec<WorkspaceId>>, ServiceError> {
    let person = match &caller.actor {
        Actor::System(_) => return Ok(None),
        Actor::Visitor => return Err(ServiceError::SignInRequired),
        Actor::Person(person) => person,
    };
    let mut ids: Vec<_> = person.memberships.iter().map(|it| it.workspace_id).collect();
    match person.via {
        Via::Token { workspace: Some(id), .. } => ids = vec![id],
        _ if person.is_admin() => {
            // An admin is an owner of every workspace; a token may still have no scope for forms.
            require(caller, Action::SeeForms, Some(WorkspaceId::FIRST))?;
            return Ok(None);
        }
        _ => {}
    }
    if let Some(first) = ids.first().copied() {
        ids.retain(|id| allows(caller, Action::SeeForms, Some(*id)));
        if ids.is_empty() {
            require(caller, Action::SeeForms, Some(first))?;
        }
    }
    Ok(Some(ids))
}

pub(super) async fn details(
    app: &App,
    found: Vec<FormRecord>,
) -> Result<Vec<FormDetails>, ServiceError> {
    let ids: Vec<_> = found.iter().map(|form| form.id).collect();
    let accepted = match ids.is_empty() {
        true => Default::default(),
        false => app.store.accepted_by_forms(&ids).await?,
    };
    let now_ms = app.clock.now_ms();
    let details = found.into_iter().map(|record| {
        let availability = match record.deleted_at_ms {
            Some(_) => Availability::Closed,
            None => record.definition.availability(now_ms),
        };
        let accepted = accepted.get(&record.id).copied().unwrap_or(0);
        FormDetails { record, accepted, availability }
    });
    Ok(details.collect())
}
