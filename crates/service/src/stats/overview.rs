//! How much came, and how much lies there: of all forms that the caller sees, and of one.

use formhold_domain::{
    FormId, SubmissionState, WorkspaceId,
    access::{Action, Caller},
};
use formhold_store::{FormTally, HourTally, Tally};

use super::{HOUR_MS, Zone, seen, trend::add};
use crate::{App, ServiceError, access::allows, forms::form_for};

/// Forms that are named one by one.
const TOP: u64 = 10;
const DAY_MS: i64 = 24 * HOUR_MS;

/// What came in a time, and in the one of the same length before it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Period {
    /// What came.
    pub now: Tally,
    /// What came before.
    pub before: Tally,
}

/// What lies there and what came lately.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    /// Since the day began, and yesterday until the same time.
    pub today: Period,
    /// In the last 7 days, and the 7 before them.
    pub week: Period,
    /// In the last 30 days, and the 30 before them.
    pub month: Period,
    /// How many submissions lie in each folder.
    pub folders: Vec<(SubmissionState, u64)>,
    /// How many files they have.
    pub files: u64,
    /// How many bytes these take.
    pub file_bytes: u64,
}

/// All of it that the caller sees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overview {
    /// How many accounts there are; for who may see them.
    pub users: Option<u64>,
    /// What lies there and what came.
    pub scope: Scope,
    /// The forms to which most came in the last 30 days, the most first.
    pub top_forms: Vec<FormTally>,
}

/// The same of one form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormStats {
    /// The form.
    pub form_id: FormId,
    /// What lies there and what came.
    pub scope: Scope,
}

/// What came and what lies there, of all forms that the caller sees, or of one workspace.
///
/// # Errors
/// [`ServiceError::NotFound`] for a workspace that is not there for the caller.
pub async fn overview(
    app: &App,
    caller: &Caller,
    workspace_id: Option<WorkspaceId>,
    zone: &Zone,
) -> Result<Overview, ServiceError> {
    let workspaces = seen(caller, workspace_id)?;
    let workspaces = workspaces.as_deref();
    let counts_users = workspace_id.is_none() && allows(caller, Action::SeeUsers, None);
    let users = match counts_users {
        true => Some(app.store.count_users().await?),
        false => None,
    };
    let month = hours(app.clock.now_ms(), 30).1;
    Ok(Overview {
        users,
        scope: scope(app, workspaces, None, zone).await?,
        top_forms: app.store.list_top_forms(workspaces, month, TOP).await?,
    })
}

/// What came to a form, and what lies there.
///
/// # Errors
/// [`ServiceError::NotFound`] for a form that is not there for the caller.
pub async fn form_stats(
    app: &App,
    caller: &Caller,
    form_id: FormId,
    zone: &Zone,
) -> Result<FormStats, ServiceError> {
    let (_, workspace_id) = form_for(app, caller, Action::SeeStats, form_id).await?;
    let scope = scope(app, Some(&[workspace_id]), Some(form_id), zone).await?;
    Ok(FormStats { form_id, scope })
}

async fn scope(
    app: &App,
    workspaces: Option<&[WorkspaceId]>,
    form_id: Option<FormId>,
    zone: &Zone,
) -> Result<Scope, ServiceError> {
    let now_ms = app.clock.now_ms();
    let (before, month) = hours(now_ms, 30);
    let came = app.store.list_hours(workspaces, form_id, (before.0, month.1)).await?;
    let sum = |(from, until): (i64, i64)| {
        let within = |it: &&HourTally| (from..until).contains(&it.hour);
        came.iter().filter(within).fold(Tally::default(), |mut sum, hour| {
            add(&mut sum, hour.tally);
            sum
        })
    };
    let period = |(before, now)| Period { now: sum(now), before: sum(before) };
    let day = zone.day_start_ms(now_ms).div_euclid(HOUR_MS);
    let now = month.1;
    let (files, file_bytes) = app.store.count_stored_files(workspaces, form_id).await?;
    Ok(Scope {
        today: period(((day - 24, now - 24), (day, now))),
        week: period(hours(now_ms, 7)),
        month: period((before, month)),
        folders: app.store.count_places(workspaces, form_id).await?,
        files,
        file_bytes,
    })
}

/// The hours of so many days that end with this one, and those before them.
fn hours(now_ms: i64, days: i64) -> ((i64, i64), (i64, i64)) {
    let until = now_ms.div_euclid(HOUR_MS) + 1;
    let length = days * DAY_MS / HOUR_MS;
    ((until - 2 * length, until - length), (until - length, until))
}
