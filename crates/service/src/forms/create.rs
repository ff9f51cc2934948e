//! Making forms: of a definition, and of another form.

use formhold_domain::{
    FormDefinition, FormId, Slug, WorkspaceId,
    access::{Action, Actor, Caller, Via},
    audit::{AuditAction, AuditEntry},
};
use formhold_store::{FormRecord, NewForm};
use serde_json::json;

use super::{
    FormDetails,
    change::{one, parse_slug, taken},
    compile, require_form,
};
use crate::{
    App, ServiceError,
    access::{allows, require},
    workspaces,
};

/// How many slugs are tried for a copy.
const MOST_TRIES: u32 = 50;

/// Makes a form. Without a workspace it is the only one in which the caller may.
///
/// # Errors
/// [`ServiceError::Definition`] with all problems of the definition, [`ServiceError::Invalid`] when
/// there is a choice of workspaces, [`ServiceError::Conflict`] when another form has the slug.
pub async fn create_form(
    app: &App,
    caller: &Caller,
    workspace_id: Option<WorkspaceId>,
    definition: FormDefinition,
) -> Result<FormDetails, ServiceError> {
    let workspace_id = match workspace_id {
        Some(id) => id,
        None => only_workspace(app, caller).await?,
    };
    require(caller, Action::ChangeForms, Some(workspace_id))?;
    insert(app, caller, workspace_id, definition, json!({})).await
}

/// Makes a form with the fields and rules of another one, in the same workspace. Without a name it is
/// called a copy; without a slug it gets one that is free.
///
/// # Errors
/// As [`create_form`].
pub async fn duplicate_form(
    app: &App,
    caller: &Caller,
    id: FormId,
    name: Option<String>,
    slug: Option<String>,
) -> Result<FormDetails, ServiceError> {
    let gone = || ServiceError::NotFound(format!("form {id}"));
    let workspace_id = require_form(app, caller, Action::ChangeForms, id, gone).await?;
    let original = app.store.get_form(id).await?;
    let original = original.filter(|form| form.deleted_at_ms.is_none()).ok_or_else(gone)?;
    let slug = match slug {
        Some(slug) => parse_slug(&slug)?,
        None => free_slug(app, &original.definition.slug).await?,
    };
    let name = name.unwrap_or_else(|| copy_of(&original.definition.name));
    let definition = FormDefinition { name, slug, ..original.definition };
    insert(app, caller, workspace_id, definition, json!({ "copy_of": id })).await
}

/// The workspaces in which the caller may make forms, as many as fit in a list to choose from.
///
/// # Errors
/// When the database fails.
pub async fn starting_workspaces(
    app: &App,
    caller: &Caller,
) -> Result<Vec<formhold_domain::accounts::Workspace>, ServiceError> {
    workspaces::workspaces_for(app, caller, Action::ChangeForms).await
}

async fn insert(
    app: &App,
    caller: &Caller,
    workspace_id: WorkspaceId,
    definition: FormDefinition,
    mut details: serde_json::Value,
) -> Result<FormDetails, ServiceError> {
    let now_ms = app.clock.now_ms();
    let record = FormRecord {
        id: FormId(app.ids.uuid()),
        workspace_id,
        key: app.ids.form_key(),
        version: 1,
        definition,
        created_at_ms: now_ms,
        updated_at_ms: now_ms,
        deleted_at_ms: None,
    };
    // Compiled before anything is written: a definition that makes no sense is never stored.
    compile(record.clone())?;
    let (id, slug) = (record.id, record.definition.slug.to_string());
    let mut change = app.store.begin(now_ms).await?;
    // Kept from being deleted meanwhile: its forms would go with it, and this one would not.
    workspaces::current(&change, workspace_id, None).await?;
    let (key, definition) = (record.key.clone(), record.definition.clone());
    let new = NewForm { id, workspace_id, key, definition };
    change.insert_form(&new).await.map_err(|error| taken(error, &slug))?;
    details["slug"] = slug.into();
    details["version"] = 1.into();
    let entry = AuditEntry::new(AuditAction::FormCreate, caller).on("form", id);
    change.record(entry.within(workspace_id).with(details));
    change.commit().await?;
    app.forms.drop_all().await;
    one(app, record).await
}

/// The workspace that needs no name, because there is no choice.
async fn only_workspace(app: &App, caller: &Caller) -> Result<WorkspaceId, ServiceError> {
    let person = match &caller.actor {
        Actor::Visitor => return Err(ServiceError::SignInRequired),
        Actor::System(_) => {
            return Ok(app.store.oldest_workspace().await?.unwrap_or(WorkspaceId::FIRST));
        }
        Actor::Person(person) => person,
    };
    let choice = match person.via {
        Via::Token { workspace: Some(id), .. } => vec![id],
        _ if person.is_admin() => {
            require(caller, Action::ChangeForms, Some(WorkspaceId::FIRST))?;
            app.store.find_workspaces(None, 2).await?.into_iter().map(|it| it.id).collect()
        }
        _ => {
            let own: Vec<_> = person.memberships.iter().map(|it| it.workspace_id).collect();
            let may = |id: &WorkspaceId| allows(caller, Action::ChangeForms, Some(*id));
            match (own.iter().copied().filter(may).collect::<Vec<_>>(), own.first()) {
                // What keeps the caller from all of them is what keeps them from the first.
                (none, Some(first)) if none.is_empty() => vec![*first],
                (some, _) => some,
            }
        }
    };
    match choice.as_slice() {
        [one] => Ok(*one),
        [] => Err(ServiceError::Forbidden("you are in no workspace that could hold it".to_owned())),
        _ => {
            let message = "must say in which workspace, because you have a choice";
            Err(ServiceError::invalid("workspace_id", "REQUIRED", message))
        }
    }
}

fn copy_of(name: &str) -> String {
    const MOST_BYTES: usize = 190;
    let end =
        name.char_indices().map(|(at, c)| at + c.len_utf8()).take_while(|it| *it <= MOST_BYTES);
    format!("{} (copy)", &name[..end.last().unwrap_or(0)])
}

async fn free_slug(app: &App, slug: &Slug) -> Result<Slug, ServiceError> {
    const MOST_BYTES: usize = 55;
    let slug = slug.as_str();
    let start = slug[..slug.len().min(MOST_BYTES)].trim_end_matches('-');
    for number in 1..=MOST_TRIES {
        let ending = if number == 1 { "copy".to_owned() } else { format!("copy-{number}") };
        let slug = parse_slug(&format!("{start}-{ending}"))?;
        if app.store.find_form(slug.as_str()).await?.is_none() {
            return Ok(slug);
        }
    }
    Err(ServiceError::Conflict(format!("there are {MOST_TRIES} copies of `{slug}` already")))
}
