//! `/admin`: how much was submitted, what lies there, and the workspaces.

use axum::{extract::State, response::Response};
use formhold_domain::{SubmissionState, access::Action, bytes_for_people};
use formhold_service::{
    ServiceError,
    access::allows,
    stats::{self, Bucket, FormTally, Period, TrendIn, Zone},
};
use http::StatusCode;

use super::{Shown, workspaces::Rows};
use crate::{
    WebState,
    pages::admin::{CacheRow, NumberCard, NumbersView, OverviewPage, TopFormRow, TrendRow},
    visit::{Around, Visit, reply},
};

/// `GET /admin`.
pub(super) async fn show_overview(State(state): State<WebState>, visit: Visit) -> Shown {
    let around = Around::of(&state, &visit).await?;
    let found = Rows::of(&state, &visit, None).await?;
    let numbers = match found.rows(&visit).is_empty() {
        true => None,
        false => Some(numbers_of(&state, &visit).await?),
    };
    let page = OverviewPage {
        numbers,
        frame: around.frame(),
        workspaces: &found.rows(&visit),
        may_create_workspace: allows(&visit.caller, Action::CreateWorkspaces, None),
        has_more: found.has_more(),
    };
    let response: Response = reply::page(StatusCode::OK, &page);
    Ok(response)
}

/// How long the trend goes back.
const TREND_MS: i64 = 30 * 24 * 60 * 60 * 1000;

async fn numbers_of(state: &WebState, visit: &Visit) -> Result<NumbersView, Response> {
    let (app, caller) = (&state.0.app, &visit.caller);
    let failed = |failure: ServiceError| visit.failed(&failure);
    let zone = Zone::utc();
    let now_ms = app.clock.now_ms();
    let overview = stats::overview(app, caller, None, &zone).await.map_err(failed)?;
    let wanted = TrendIn {
        form_id: None,
        workspace_id: None,
        from_ms: now_ms - TREND_MS,
        until_ms: now_ms + 1,
        bucket: Bucket::Day,
        zone: zone.clone(),
    };
    let trend = stats::trend(app, caller, &wanted).await.map_err(failed)?;
    let caches = match allows(caller, Action::SeeSystem, None) {
        true => stats::cache_stats(app, caller).map_err(failed)?,
        false => Vec::new(),
    };
    let scope = &overview.scope;
    let lie = |state| scope.folders.iter().find(|(it, _)| *it == state).map_or(0, |(_, n)| *n);
    let mut cards = vec![
        came("Today", scope.today, "yesterday until this hour"),
        came("Last 7 days", scope.week, "the 7 days before"),
        came("Last 30 days", scope.month, "the 30 days before"),
        NumberCard::new(
            "In the inbox",
            lie(SubmissionState::Inbox).to_string(),
            format!(
                "{} in spam, {} archived",
                lie(SubmissionState::Spam),
                lie(SubmissionState::Archive)
            ),
        ),
        NumberCard::new("Files", bytes_for_people(scope.file_bytes), files(scope.files)),
    ];
    if let Some(users) = overview.users {
        let hint = "people who can sign in".to_owned();
        cards.push(NumberCard::new("Accounts", users.to_string(), hint));
    }
    Ok(NumbersView {
        cards,
        trend: trend
            .points
            .iter()
            .map(|point| TrendRow {
                short: zone.format(point.start_ms, "%-d %b"),
                long: zone.format(point.start_ms, "%A, %-d %B %Y"),
                machine: zone.format(point.start_ms, "%Y-%m-%d"),
                accepted: point.tally.accepted,
                spam: point.tally.spam,
                refused: point.tally.refused,
            })
            .collect(),
        top_forms: overview.top_forms.iter().filter(|form| has_some(form)).map(top_form).collect(),
        caches: caches
            .into_iter()
            .map(|cache| CacheRow {
                rate: cache.hits_per_mille().map(|it| format!("{}.{} %", it / 10, it % 10)),
                name: cache.name,
                hits: cache.hits,
                misses: cache.misses,
            })
            .collect(),
    })
}

/// What came in a time, and how that compares.
fn came(label: &'static str, period: Period, before: &str) -> NumberCard {
    let (now, then) = (period.now.accepted, period.before.accepted);
    let change = match (now, then) {
        (0, 0) => format!("none in {before} either"),
        (_, 0) => format!("none in {before}"),
        (now, then) if now.abs_diff(then) * 100 < then => format!("about as many as in {before}"),
        (now, then) => {
            let percent = now.abs_diff(then) * 100 / then;
            let sign = if now > then { "+" } else { "−" };
            format!("{sign}{percent} % against {before}")
        }
    };
    NumberCard::new(label, now.to_string(), change)
}

fn files(count: u64) -> String {
    if count == 1 { "in 1 file".to_owned() } else { format!("in {count} files") }
}

fn has_some(form: &FormTally) -> bool {
    form.tally.accepted + form.tally.spam + form.tally.refused > 0
}

fn top_form(form: &FormTally) -> TopFormRow {
    TopFormRow {
        id: form.form_id.to_string(),
        name: form.name.clone(),
        accepted: form.tally.accepted,
        spam: form.tally.spam,
        refused: form.tally.refused,
    }
}
