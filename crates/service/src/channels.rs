//! Notification channels of forms: seeing, making, changing and deleting them.

use std::{sync::Arc, time::Duration};

pub use formhold_channels::{About, Channel, Config, Field, FieldKind};
use formhold_channels::{ConfigProblem, rotate_secret};
use formhold_domain::{
    ChannelId, FormId,
    access::{Action, Caller},
    audit::{AuditAction, AuditEntry},
};
use formhold_kv::CacheOptions;
use formhold_store::{Change, ChannelRecord};
use serde_json::{Map, Value, json};

use crate::{App, InputProblem, ServiceError, forms};

/// The channels of forms, by the form's id; forms without any, too. A change made by another process
/// is seen after this time at the latest.
pub(crate) const CACHE: CacheOptions =
    CacheOptions { capacity: 2_000, time_limit: Duration::from_secs(5) };

/// Each submission makes a job for each of them.
const MOST_OF_A_FORM: u64 = 20;
const MAX_NAME_CHARS: usize = 100;

/// All kinds of channels.
#[must_use]
pub fn kinds() -> &'static [&'static dyn Channel] {
    formhold_channels::ALL
}

/// A channel as people and programs get to see it: without secrets.
#[derive(Debug, Clone, PartialEq)]
pub struct ChannelView {
    /// Its id.
    pub id: ChannelId,
    /// Its form.
    pub form_id: FormId,
    /// The name of its kind.
    pub kind: String,
    /// What people call it.
    pub name: String,
    /// What it was told; secrets are masked.
    pub config: Map<String, Value>,
    /// Whether anything is sent.
    pub is_on: bool,
    /// Why Formhold switched it off.
    pub off_reason: Option<String>,
    /// Since when every delivery fails.
    pub failing_since_ms: Option<i64>,
    /// Counts up with each change.
    pub version: u32,
    /// When it was made.
    pub created_at_ms: i64,
    /// When somebody last changed it.
    pub updated_at_ms: i64,
}

/// What somebody says about a channel.
#[derive(Debug, Clone, Default)]
pub struct ChannelIn {
    /// What people call it; none: as its kind is called, or as before.
    pub name: Option<String>,
    /// What it is told; none: as before. A secret that is not given stays, as long as the address does.
    pub config: Option<Map<String, Value>>,
    /// Whether anything is sent; none: it is, or as before.
    pub is_on: Option<bool>,
}

/// A channel that something is sent by.
pub(crate) struct Active {
    pub(crate) record: ChannelRecord,
    pub(crate) channel: &'static dyn Channel,
    pub(crate) config: Config,
}

impl Active {
    /// A channel, ready to be used.
    ///
    /// # Errors
    /// When a newer program made it.
    pub(crate) fn of(record: ChannelRecord) -> Result<Self, ServiceError> {
        let unknown =
            || ServiceError::Internal(format!("channel {} is of a kind unknown here", record.id));
        let channel = formhold_channels::named(&record.kind).ok_or_else(unknown)?;
        let config = stored_config(&record)?;
        Ok(Self { record, channel, config })
    }
}

/// The channels of a form that are switched on. May be as old as [`CACHE`] says.
pub(crate) async fn active(app: &App, form_id: FormId) -> Result<Arc<Vec<Active>>, ServiceError> {
    let load = async {
        let all = app.store.channels_of_form(form_id).await?;
        let on = all.into_iter().filter(|channel| channel.is_on).map(Active::of);
        Ok(Arc::new(on.collect::<Result<Vec<_>, ServiceError>>()?))
    };
    let found = app.channel_lists.get_or_try_load(&form_id.to_string(), load).await;
    found.map_err(|error: Arc<ServiceError>| match &*error {
        ServiceError::Unavailable(message) => ServiceError::Unavailable(message.clone()),
        other => ServiceError::Internal(other.to_string()),
    })
}

/// The channels of a form, the oldest first.
///
/// # Errors
/// As [`forms::require_form`].
pub async fn list_channels(
    app: &App,
    caller: &Caller,
    form_id: FormId,
) -> Result<Vec<ChannelView>, ServiceError> {
    forms::form_for(app, caller, Action::ChangeForms, form_id).await?;
    app.store.channels_of_form(form_id).await?.into_iter().map(view).collect()
}

/// A channel.
///
/// # Errors
/// [`ServiceError::NotFound`] where there is none, or the caller may not know of it.
pub async fn get_channel(
    app: &App,
    caller: &Caller,
    id: ChannelId,
) -> Result<ChannelView, ServiceError> {
    view(channel_for(app, caller, id).await?)
}

/// The channel as it is stored, for a caller who may change its form.
pub(crate) async fn channel_for(
    app: &App,
    caller: &Caller,
    id: ChannelId,
) -> Result<ChannelRecord, ServiceError> {
    let Some(channel) = app.store.find_channel(id).await? else {
        return Err(crate::access::nothing(caller, gone(id)));
    };
    require_channel(app, caller, &channel).await?;
    Ok(channel)
}

async fn require_channel(
    app: &App,
    caller: &Caller,
    channel: &ChannelRecord,
) -> Result<(), ServiceError> {
    let unseen = || gone(channel.id);
    forms::require_form(app, caller, Action::ChangeForms, channel.form_id, unseen).await?;
    Ok(())
}

fn gone(id: ChannelId) -> ServiceError {
    ServiceError::NotFound(format!("channel {id}"))
}

/// Makes a channel of this kind for a form.
///
/// # Errors
/// [`ServiceError::Invalid`] with everything that is wrong, [`ServiceError::Conflict`] when the form
/// has as many as it can have; else as [`forms::form_for`].
pub async fn create_channel(
    app: &App,
    caller: &Caller,
    form_id: FormId,
    kind: &str,
    new: ChannelIn,
) -> Result<ChannelView, ServiceError> {
    let (_, workspace_id) = forms::form_for(app, caller, Action::ChangeForms, form_id).await?;
    let channel = formhold_channels::named(kind).ok_or_else(|| {
        let known: Vec<_> = kinds().iter().map(|channel| channel.about().name).collect();
        ServiceError::invalid("kind", "UNKNOWN", format!("must be one of {}", known.join(", ")))
    })?;
    let name = read_name(new.name.as_deref().unwrap_or(channel.about().title));
    let config = read_config(app, channel, &new.config.unwrap_or_default(), None);
    let (name, config) = both(name, config)?;
    let mut change = app.store.begin(app.clock.now_ms()).await?;
    if change.count_channels(form_id).await? >= MOST_OF_A_FORM {
        return Err(ServiceError::Conflict(format!(
            "a form can have {MOST_OF_A_FORM} channels; delete one first"
        )));
    }
    let record = ChannelRecord {
        id: ChannelId(app.ids.uuid_at(change.now_ms())),
        workspace_id,
        form_id,
        kind: kind.to_owned(),
        name,
        config: text_of(&config),
        is_on: new.is_on.unwrap_or(true),
        off_reason: None,
        failing_since_ms: None,
        version: 1,
        created_at_ms: change.now_ms(),
        updated_at_ms: change.now_ms(),
    };
    change.insert_channel(&record).await?;
    change.record(entry(AuditAction::ChannelCreate, caller, &record));
    finish(app, change, form_id).await?;
    view(record)
}

/// Changes a channel. `version` is the one that the caller looked at; none takes whichever there is.
///
/// # Errors
/// [`ServiceError::Stale`] when it has another version, [`ServiceError::Invalid`]; else as
/// [`get_channel`].
pub async fn change_channel(
    app: &App,
    caller: &Caller,
    id: ChannelId,
    version: Option<u32>,
    patch: ChannelIn,
) -> Result<ChannelView, ServiceError> {
    edit(app, caller, id, version, |app, active| {
        let Active { record, channel, config } = active;
        let name = read_name(patch.name.as_deref().unwrap_or(&record.name));
        let config = match &patch.config {
            Some(given) => read_config(app, *channel, given, Some(config)),
            None => Ok(config.clone()),
        };
        let (name, config) = both(name, config)?;
        record.name = name;
        record.config = text_of(&config);
        record.is_on = patch.is_on.unwrap_or(record.is_on);
        Ok(())
    })
    .await
}

/// Gives a webhook a new signing secret, which is in the answer, this once; the one before goes on
/// signing for a day.
///
/// # Errors
/// [`ServiceError::Conflict`] when the channel is no webhook; else as [`change_channel`].
pub async fn new_secret(
    app: &App,
    caller: &Caller,
    id: ChannelId,
    version: Option<u32>,
) -> Result<(ChannelView, String), ServiceError> {
    let mut shown = String::new();
    let view = edit(app, caller, id, version, |app, active| {
        if active.record.kind != "webhook" {
            let message = "only webhooks have a signing secret";
            return Err(ServiceError::Conflict(message.to_owned()));
        }
        rotate_secret(&mut active.config, &*app.ids, app.clock.now_ms());
        active.config.text("secret").clone_into(&mut shown);
        active.record.config = text_of(&active.config);
        Ok(())
    })
    .await?;
    Ok((view, shown))
}

async fn edit(
    app: &App,
    caller: &Caller,
    id: ChannelId,
    version: Option<u32>,
    alter: impl FnOnce(&App, &mut Active) -> Result<(), ServiceError>,
) -> Result<ChannelView, ServiceError> {
    channel_for(app, caller, id).await?;
    let mut change = app.store.begin(app.clock.now_ms()).await?;
    let before = change.channel(id).await?.ok_or_else(|| gone(id))?;
    if version.is_some_and(|version| version != before.version) {
        return Err(ServiceError::Stale("the channel"));
    }
    let mut active = Active::of(before.clone())?;
    alter(app, &mut active)?;
    let mut after = active.record;
    if after == before {
        return view(before);
    }
    after.version += 1;
    after.updated_at_ms = change.now_ms();
    // Whoever changes it starts it afresh.
    after.failing_since_ms = None;
    after.off_reason = None;
    change.update_channel(&after).await?;
    let details = json!({
        "before": { "name": before.name, "is_on": before.is_on },
        "after": { "name": after.name, "is_on": after.is_on },
        "config_changed": before.config != after.config,
    });
    change.record(entry(AuditAction::ChannelChange, caller, &after).with(details));
    finish(app, change, after.form_id).await?;
    view(after)
}

/// Deletes a channel. What waits for it is not sent any more.
///
/// # Errors
/// [`ServiceError::Stale`]; else as [`get_channel`].
pub async fn delete_channel(
    app: &App,
    caller: &Caller,
    id: ChannelId,
    version: Option<u32>,
) -> Result<(), ServiceError> {
    channel_for(app, caller, id).await?;
    let mut change = app.store.begin(app.clock.now_ms()).await?;
    let channel = change.channel(id).await?.ok_or_else(|| gone(id))?;
    if version.is_some_and(|version| version != channel.version) {
        return Err(ServiceError::Stale("the channel"));
    }
    change.delete_channel(id).await?;
    change.record(entry(AuditAction::ChannelDelete, caller, &channel));
    finish(app, change, channel.form_id).await
}

/// Switches a channel off that fails, and says why.
pub(crate) async fn switch_off(
    app: &App,
    id: ChannelId,
    reason: &str,
) -> Result<Option<ChannelRecord>, ServiceError> {
    let mut change = app.store.begin(app.clock.now_ms()).await?;
    let Some(mut channel) = change.channel(id).await?.filter(|channel| channel.is_on) else {
        return Ok(None);
    };
    channel.is_on = false;
    channel.off_reason = Some(reason.to_owned());
    channel.version += 1;
    channel.updated_at_ms = change.now_ms();
    change.update_channel(&channel).await?;
    let caller = Caller::system("deliveries");
    let off = entry(AuditAction::ChannelOff, &caller, &channel);
    change.record(off.with(json!({ "reason": reason })));
    finish(app, change, channel.form_id).await?;
    Ok(Some(channel))
}

async fn finish(app: &App, change: Change, form_id: FormId) -> Result<(), ServiceError> {
    change.commit().await?;
    app.channel_lists.drop_key(&form_id.to_string()).await;
    Ok(())
}

fn entry(action: AuditAction, caller: &Caller, channel: &ChannelRecord) -> AuditEntry {
    let entry = AuditEntry::new(action, caller).on("channel", channel.id);
    let form = channel.form_id.to_string();
    entry.within(channel.workspace_id).with(json!({ "kind": channel.kind, "form": form }))
}

fn read_name(name: &str) -> Result<String, InputProblem> {
    let name = name.trim();
    if name.is_empty() {
        return Err(InputProblem::new("name", "REQUIRED", "must not be empty"));
    }
    if name.chars().count() > MAX_NAME_CHARS || name.chars().any(char::is_control) {
        let message = format!("must be one line of at most {MAX_NAME_CHARS} characters");
        return Err(InputProblem::new("name", "TOO_LONG", message));
    }
    Ok(name.to_owned())
}

fn read_config(
    app: &App,
    channel: &'static dyn Channel,
    given: &Map<String, Value>,
    previous: Option<&Config>,
) -> Result<Config, Vec<InputProblem>> {
    let about = channel.about();
    match Config::parse(about, given, previous) {
        Ok(mut config) => {
            channel.complete(&mut config, &*app.ids);
            Ok(config)
        }
        Err(problems) => Err(problems.into_iter().map(|it| problem(about, it)).collect()),
    }
}

fn problem(about: &About, ConfigProblem { field, message }: ConfigProblem) -> InputProblem {
    match about.field(&field) {
        Some(known) => InputProblem::new(known.name, "INVALID", message),
        None => InputProblem::new("config", "UNKNOWN_FIELD", format!("`{field}` {message}")),
    }
}

fn both(
    name: Result<String, InputProblem>,
    config: Result<Config, Vec<InputProblem>>,
) -> Result<(String, Config), ServiceError> {
    match (name, config) {
        (Ok(name), Ok(config)) => Ok((name, config)),
        (name, config) => {
            let mut problems: Vec<_> = name.err().into_iter().collect();
            problems.extend(config.err().unwrap_or_default());
            Err(ServiceError::Invalid(problems))
        }
    }
}

fn text_of(config: &Config) -> String {
    serde_json::to_string(config).expect("texts and numbers are JSON")
}

fn stored_config(record: &ChannelRecord) -> Result<Config, ServiceError> {
    // The parser's words could hold a part of a secret.
    serde_json::from_str(&record.config).map_err(|_| {
        ServiceError::Internal(format!("the configuration of channel {} is damaged", record.id))
    })
}

fn view(record: ChannelRecord) -> Result<ChannelView, ServiceError> {
    let Active { record, channel, config } = Active::of(record)?;
    Ok(ChannelView {
        id: record.id,
        form_id: record.form_id,
        kind: record.kind,
        name: record.name,
        config: config.shown(channel.about()),
        is_on: record.is_on,
        off_reason: record.off_reason,
        failing_since_ms: record.failing_since_ms,
        version: record.version,
        created_at_ms: record.created_at_ms,
        updated_at_ms: record.updated_at_ms,
    })
}
