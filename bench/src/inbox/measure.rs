//! Asking for pages as people do, and how long each takes.

use std::time::Instant;

use formhold_domain::{SubmissionId, SubmissionState, access::Caller, search::SearchQuery};
use formhold_service::{
    App,
    stats::{self, Bucket, TrendIn, Zone},
    submissions::{inbox, search},
};
use formhold_store::{InboxFilter, InboxOrder};

use super::fill::{AMOUNTS, Filled, RARE_EVERY};

const PAGE: u64 = 50;
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// What was asked for and how long it took.
pub(super) struct Measured {
    pub(super) name: &'static str,
    /// How many were found the last time.
    pub(super) found: usize,
    pub(super) p50_ms: f64,
    pub(super) p95_ms: f64,
    /// What it may take where that is not what everything may take.
    pub(super) goal: Option<f64>,
}

pub(super) async fn all(app: &App, filled: &Filled, times: usize) -> anyhow::Result<Vec<Measured>> {
    let form_id = filled.form.identity.id;
    let inbox = InboxFilter::all(form_id, SubmissionState::Inbox);
    let text = |text: &str| -> anyhow::Result<InboxFilter> {
        let text = SearchQuery::parse(text).map_err(anyhow::Error::msg)?;
        Ok(InboxFilter { text, ..inbox.clone() })
    };
    let fields = |pairs: &[(&str, &str)]| -> anyhow::Result<InboxFilter> {
        let fields = search::parse_fields(&filled.form, pairs.iter().copied());
        let fields = fields.map_err(|problems| anyhow::anyhow!("{problems:?}"))?;
        Ok(InboxFilter { fields, ..inbox.clone() })
    };
    let rows = filled.ids.len();
    let deep = filled.ids.get(rows.saturating_sub(10_000 * 50)).copied();
    let deep = deep.or(filled.ids.first().copied());
    let middle = filled.ids.get(rows / 2).copied();
    let amount = |index: usize| fields(&[("field.amount", &(index % AMOUNTS).to_string())]);
    let mut all = Vec::new();
    let mut page =
        async |name, after, goal, filter: &dyn Fn(usize) -> anyhow::Result<InboxFilter>| {
            all.push(ask(app, (name, goal, times), after, filter).await?);
            anyhow::Ok(())
        };
    page("first page", None, None, &|_| Ok(inbox.clone())).await?;
    page("page 10,000", deep, None, &|_| Ok(inbox.clone())).await?;
    let oldest = InboxFilter { order: InboxOrder::Oldest, ..inbox.clone() };
    page("first page, oldest first", None, None, &|_| Ok(oldest.clone())).await?;
    let trash = InboxFilter { state: SubmissionState::Trash, ..inbox.clone() };
    page("an empty folder", None, None, &|_| Ok(trash.clone())).await?;
    let unread = InboxFilter { is_read: Some(false), ..inbox.clone() };
    page("unread", None, None, &|_| Ok(unread.clone())).await?;
    page("a number, 1 in 1,000", None, None, &amount).await?;
    page("a number, 1 in 1,000, from the middle", middle, None, &amount).await?;
    page("a range, 1 in 100", None, None, &|_| fields(&[("field.amount__gte", "990")])).await?;
    page("a range, half of all", None, None, &|_| fields(&[("field.amount__gte", "500")])).await?;
    page("days, 1 in 180", None, None, &|_| {
        fields(&[("field.day__gte", "2015-03-01"), ("field.day__lte", "2015-03-28")])
    })
    .await?;
    page("an address", None, None, &|index| {
        fields(&[("field.email", &format!("person{}@example.org", index * 997 % rows))])
    })
    .await?;
    let rare = text("needle")?;
    page("search with 100 hits", None, None, &|_| Ok(rare.clone())).await?;
    page("search, all match", None, Some(100.0), &|_| text("hello")).await?;
    page("search, all match, from the middle", middle, Some(100.0), &|_| text("hello")).await?;
    page("two words, one common", None, None, &|_| text("hello needle")).await?;
    page("a phrase that all have", None, Some(100.0), &|_| text("\"example org\"")).await?;
    page("beginning, common", None, Some(100.0), &|_| text("hel*")).await?;
    page("beginning, rare", None, None, &|_| text("need*")).await?;
    page("a word that nobody has", None, None, &|_| text("nowhere")).await?;
    let found = all.iter().find(|it| it.name == "search with 100 hits").map_or(0, |it| it.found);
    let expected = rows.div_ceil(RARE_EVERY).min(usize::try_from(PAGE)?);
    anyhow::ensure!(found == expected, "{found} of {expected} were found");
    all.push(counters(app, times).await?);
    Ok(all)
}

async fn ask(
    app: &App,
    (name, goal, times): (&'static str, Option<f64>, usize),
    after: Option<SubmissionId>,
    filter: &dyn Fn(usize) -> anyhow::Result<InboxFilter>,
) -> anyhow::Result<Measured> {
    let caller = Caller::system("benchmark");
    let (mut took, mut found) = (Vec::with_capacity(times), 0);
    for index in 0..times {
        let filter = filter(index)?;
        let start = Instant::now();
        found = inbox::list_inbox(app, &caller, &filter, after, PAGE).await?.len();
        took.push(start.elapsed().as_secs_f64() * 1_000.0);
    }
    Ok(measured(name, found, took, goal))
}

/// What the overview asks for.
async fn counters(app: &App, times: usize) -> anyhow::Result<Measured> {
    let caller = Caller::system("benchmark");
    let mut took = Vec::with_capacity(times);
    let mut found = 0;
    for _ in 0..times {
        let start = Instant::now();
        let zone = Zone::parse("Europe/Berlin")?;
        let overview = stats::overview(app, &caller, None, &zone).await?;
        let now_ms = app.clock.now_ms();
        let wanted = TrendIn {
            form_id: None,
            workspace_id: None,
            from_ms: now_ms - 30 * DAY_MS,
            until_ms: now_ms,
            bucket: Bucket::Day,
            zone,
        };
        stats::trend(app, &caller, &wanted).await?;
        took.push(start.elapsed().as_secs_f64() * 1_000.0);
        found = usize::try_from(overview.scope.month.now.accepted)?;
    }
    Ok(measured("counters of the overview", found, took, None))
}

fn measured(name: &'static str, found: usize, mut took: Vec<f64>, goal: Option<f64>) -> Measured {
    took.sort_unstable_by(f64::total_cmp);
    let at = |percent: usize| {
        let index = (took.len() * percent / 100).min(took.len().saturating_sub(1));
        took.get(index).copied().unwrap_or(f64::NAN)
    };
    Measured { name, found, p50_ms: at(50), p95_ms: at(95), goal }
}
