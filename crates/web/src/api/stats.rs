//! `/stats`: how much is submitted, what lies there, and how the caches do.

use axum::extract::State;
use formhold_domain::{FormId, WorkspaceId, parse_rfc3339, rfc3339};
use formhold_service::stats::{self, Bucket, FormTally, Period, Scope, Tally, TrendIn, Zone};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    asker::Asker,
    id::Id,
    problem::Problem,
    query::{Query, wrong},
};
use crate::WebState;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// How many submissions came.
#[derive(Serialize, ToSchema)]
#[schema(as = Tally)]
pub(crate) struct TallyOut {
    /// Into the inbox.
    accepted: u64,
    /// Into the spam folder.
    spam: u64,
    /// Not at all: they were refused.
    refused: u64,
}

/// What came in a time, and in the one of the same length before it.
#[derive(Serialize, ToSchema)]
#[schema(as = Period)]
pub(crate) struct PeriodOut {
    now: TallyOut,
    before: TallyOut,
}

/// How many submissions lie in each folder.
#[derive(Serialize, ToSchema)]
#[schema(as = Folders)]
pub(crate) struct FoldersOut {
    inbox: u64,
    spam: u64,
    archive: u64,
    trash: u64,
}

/// What came lately, and what lies there.
#[derive(Serialize, ToSchema)]
#[schema(as = Numbers)]
pub(crate) struct NumbersOut {
    /// Since the day began, and yesterday until the same hour.
    today: PeriodOut,
    /// In the last 7 days, and the 7 before.
    last_7_days: PeriodOut,
    /// In the last 30 days, and the 30 before.
    last_30_days: PeriodOut,
    folders: FoldersOut,
    /// Files of submissions.
    files: u64,
    /// What these files take.
    file_bytes: u64,
}

/// A form and what came to it in the last 30 days.
#[derive(Serialize, ToSchema)]
#[schema(as = TopForm)]
pub(crate) struct TopFormOut {
    #[schema(format = "uuid")]
    id: String,
    name: String,
    slug: String,
    last_30_days: TallyOut,
}

/// The numbers of all forms that you see.
#[derive(Serialize, ToSchema)]
#[schema(as = StatsOverview)]
pub(crate) struct OverviewOut {
    /// Accounts; null for who may not see them, and of a single workspace.
    users: Option<u64>,
    submissions: NumbersOut,
    /// The most first; at most 10.
    top_forms: Vec<TopFormOut>,
}

/// The numbers of a form.
#[derive(Serialize, ToSchema)]
#[schema(as = FormStats)]
pub(crate) struct FormStatsOut {
    #[schema(format = "uuid")]
    form_id: String,
    submissions: NumbersOut,
}

/// What came over time.
#[derive(Serialize, ToSchema)]
#[schema(as = Trend)]
pub(crate) struct TrendOut {
    /// In order; those too at which nothing came.
    points: Vec<PointOut>,
}

/// What came in an hour, day or week.
#[derive(Serialize, ToSchema)]
#[schema(as = TrendPoint)]
pub(crate) struct PointOut {
    /// When it began.
    #[schema(format = DateTime)]
    start: String,
    #[serde(flatten)]
    tally: TallyOut,
}

/// What the caches did since the start of the process that answers.
#[derive(Serialize, ToSchema)]
#[schema(as = Caches)]
pub(crate) struct CachesOut {
    caches: Vec<CacheOut>,
}

/// What a cache did.
#[derive(Serialize, ToSchema)]
#[schema(as = Cache)]
pub(crate) struct CacheOut {
    name: String,
    /// Found.
    hits: u64,
    /// Had to be loaded.
    misses: u64,
    /// Forgotten before their time, because there was no more room.
    evictions: u64,
    /// Calls to Redis that failed or took too long.
    errors: u64,
}

/// Of which workspace, and whose days.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct OverviewQuery {
    /// Of this workspace alone.
    #[param(value_type = Option<String>, format = "uuid")]
    workspace_id: Option<WorkspaceId>,
    /// The time zone whose day is today; UTC where it is left out.
    #[param(max_length = 64, example = "Europe/Berlin")]
    zone: Option<String>,
}

/// Whose days.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct FormStatsQuery {
    /// The time zone whose day is today; UTC where it is left out.
    #[param(max_length = 64, example = "Europe/Berlin")]
    zone: Option<String>,
}

/// Of what, and when.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct TrendQuery {
    /// Of this form alone.
    #[param(value_type = Option<String>, format = "uuid")]
    form: Option<FormId>,
    /// Of this workspace alone.
    #[param(value_type = Option<String>, format = "uuid")]
    workspace_id: Option<WorkspaceId>,
    /// From the hour, day or week on that holds this time; 30 days ago where it is left out.
    #[param(format = DateTime)]
    from: Option<String>,
    /// Until before this time; now where it is left out.
    #[param(format = DateTime)]
    to: Option<String>,
    /// `hour`, `day` or `week`; `day` where it is left out.
    #[param(example = "day")]
    bucket: Option<String>,
    /// The time zone of days and weeks; UTC where it is left out.
    #[param(max_length = 64, example = "Europe/Berlin")]
    zone: Option<String>,
}

/// Get what came lately and what lies there.
#[utoipa::path(get, path = "/stats/overview", tag = "Statistics", params(OverviewQuery),
    responses((status = 200, description = "The numbers.", body = OverviewOut)))]
pub(super) async fn get_overview(
    State(state): State<WebState>,
    asker: Asker,
    Query(query): Query<OverviewQuery>,
) -> Result<axum::Json<OverviewOut>, Problem> {
    let zone = zone(query.zone.as_deref())?;
    let app = &state.0.app;
    let found = stats::overview(app, &asker.caller, query.workspace_id, &zone).await?;
    Ok(axum::Json(OverviewOut {
        users: found.users,
        submissions: numbers(&found.scope),
        top_forms: found.top_forms.iter().map(top_form).collect(),
    }))
}

/// Get what came over time, by hour, day or week.
#[utoipa::path(get, path = "/stats/trend", tag = "Statistics", params(TrendQuery),
    responses((status = 200, description = "The points in order; at most 1,000.", body = TrendOut)))]
pub(super) async fn get_trend(
    State(state): State<WebState>,
    asker: Asker,
    Query(query): Query<TrendQuery>,
) -> Result<axum::Json<TrendOut>, Problem> {
    let app = &state.0.app;
    let now_ms = app.clock.now_ms();
    let until_ms = time("to", query.to.as_deref())?.unwrap_or(now_ms + 1);
    let bucket = query.bucket.as_deref().unwrap_or("day");
    let wanted = TrendIn {
        form_id: query.form,
        workspace_id: query.workspace_id,
        from_ms: time("from", query.from.as_deref())?.unwrap_or(until_ms - 30 * DAY_MS),
        until_ms,
        bucket: Bucket::parse(bucket)
            .ok_or_else(|| wrong("bucket", "must be hour, day or week"))?,
        zone: zone(query.zone.as_deref())?,
    };
    let trend = stats::trend(app, &asker.caller, &wanted).await?;
    let point = |point: &stats::TrendPoint| PointOut {
        start: rfc3339(point.start_ms),
        tally: tally(point.tally),
    };
    Ok(axum::Json(TrendOut { points: trend.points.iter().map(point).collect() }))
}

/// Get what came to a form lately and what lies there.
#[utoipa::path(get, path = "/stats/forms/{id}", tag = "Statistics",
    params(("id" = String, Path, format = "uuid"), FormStatsQuery),
    responses((status = 200, description = "The numbers.", body = FormStatsOut)))]
pub(super) async fn get_form_stats(
    State(state): State<WebState>,
    asker: Asker,
    Id(id): Id<FormId>,
    Query(query): Query<FormStatsQuery>,
) -> Result<axum::Json<FormStatsOut>, Problem> {
    let zone = zone(query.zone.as_deref())?;
    let found = stats::form_stats(&state.0.app, &asker.caller, id, &zone).await?;
    let form_id = found.form_id.to_string();
    Ok(axum::Json(FormStatsOut { form_id, submissions: numbers(&found.scope) }))
}

/// Get how often caches had what was asked for.
#[utoipa::path(get, path = "/stats/cache", tag = "Statistics",
    responses((status = 200, description = "Each cache, by name.", body = CachesOut)))]
pub(super) async fn get_cache_stats(
    State(state): State<WebState>,
    asker: Asker,
) -> Result<axum::Json<CachesOut>, Problem> {
    let found = stats::cache_stats(&state.0.app, &asker.caller)?;
    let out = |it: stats::CacheStats| CacheOut {
        name: it.name,
        hits: it.hits,
        misses: it.misses,
        evictions: it.evictions,
        errors: it.errors,
    };
    Ok(axum::Json(CachesOut { caches: found.into_iter().map(out).collect() }))
}

fn zone(name: Option<&str>) -> Result<Zone, Problem> {
    let unknown = |_| wrong("zone", "must be the name of a time zone, as Europe/Berlin or UTC");
    name.map_or_else(|| Ok(Zone::utc()), |name| Zone::parse(name).map_err(unknown))
}

fn time(name: &str, text: Option<&str>) -> Result<Option<i64>, Problem> {
    let parse = |text| {
        parse_rfc3339(text)
            .ok_or_else(|| wrong(name, "must be a time like 2026-01-31T12:00:00Z (RFC 3339)"))
    };
    text.map(parse).transpose()
}

fn tally(tally: Tally) -> TallyOut {
    TallyOut { accepted: tally.accepted, spam: tally.spam, refused: tally.refused }
}

fn period(period: Period) -> PeriodOut {
    PeriodOut { now: tally(period.now), before: tally(period.before) }
}

fn numbers(scope: &Scope) -> NumbersOut {
    use formhold_domain::SubmissionState::{Archive, Inbox, Spam, Trash};
    let lie = |state| scope.folders.iter().find(|(it, _)| *it == state).map_or(0, |(_, n)| *n);
    NumbersOut {
        today: period(scope.today),
        last_7_days: period(scope.week),
        last_30_days: period(scope.month),
        folders: FoldersOut {
            inbox: lie(Inbox),
            spam: lie(Spam),
            archive: lie(Archive),
            trash: lie(Trash),
        },
        files: scope.files,
        file_bytes: scope.file_bytes,
    }
}

fn top_form(form: &FormTally) -> TopFormOut {
    TopFormOut {
        id: form.form_id.to_string(),
        name: form.name.clone(),
        slug: form.slug.clone(),
        last_30_days: tally(form.tally),
    }
}
