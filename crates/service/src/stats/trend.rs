//! What came over time: by hour, day or week of a time zone.

use std::collections::BTreeMap;

use formhold_domain::{
    FormId, WorkspaceId,
    access::{Action, Caller},
};
use formhold_store::Tally;
use jiff::{Timestamp, ToSpan as _, Zoned, tz::TimeZone};

use super::{HOUR_MS, seen};
use crate::{App, ServiceError, forms::form_for};

/// The most points of a trend.
const MOST_POINTS: usize = 1_000;

/// A time zone, by its name in the IANA database, as `Europe/Berlin`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Zone(TimeZone);

impl Zone {
    /// The zone of this name.
    ///
    /// # Errors
    /// [`ServiceError::Invalid`] where there is none.
    pub fn parse(name: &str) -> Result<Self, ServiceError> {
        let unknown = |_| {
            let message = "must be the name of a time zone, as Europe/Berlin or UTC";
            ServiceError::invalid("zone", "WRONG_VALUE", message)
        };
        TimeZone::get(name).map(Self).map_err(unknown)
    }

    /// Universal time.
    #[must_use]
    pub fn utc() -> Self {
        Self(TimeZone::UTC)
    }

    /// The moment as this zone's clocks show it, by its Unix time.
    pub(super) fn at(&self, at_ms: i64) -> Zoned {
        Timestamp::from_millisecond(at_ms).unwrap_or(Timestamp::UNIX_EPOCH).to_zoned(self.0.clone())
    }

    /// When the day of that moment began.
    pub(super) fn day_start_ms(&self, at_ms: i64) -> i64 {
        Bucket::Day.start_ms(self, at_ms)
    }

    /// The moment in this zone as `strftime` writes it.
    #[must_use]
    pub fn format(&self, at_ms: i64, format: &str) -> String {
        self.at(at_ms).strftime(format).to_string()
    }
}

/// How long each point of a trend stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bucket {
    /// An hour.
    Hour,
    /// A day of the zone.
    Day,
    /// A week of the zone, from Monday on.
    Week,
}

impl Bucket {
    /// All, the shortest first.
    pub const ALL: [Self; 3] = [Self::Hour, Self::Day, Self::Week];

    /// The stable name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Week => "week",
        }
    }

    /// The one of this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|bucket| bucket.as_str() == name)
    }

    fn start_ms(self, zone: &Zone, at_ms: i64) -> i64 {
        let start = |zoned: Zoned| {
            let days = match self {
                Self::Week => i64::from(zoned.weekday().to_monday_zero_offset()),
                _ => 0,
            };
            zoned.checked_sub(days.days())?.start_of_day()
        };
        match self {
            Self::Hour => at_ms.div_euclid(HOUR_MS) * HOUR_MS,
            _ => start(zone.at(at_ms)).map_or(at_ms, |zoned| zoned.timestamp().as_millisecond()),
        }
    }

    fn next_ms(self, zone: &Zone, start_ms: i64) -> i64 {
        let days = match self {
            Self::Hour => return start_ms + HOUR_MS,
            Self::Day => 1,
            Self::Week => 7,
        };
        let next = zone.at(start_ms).checked_add(days.days()).and_then(|it| it.start_of_day());
        // Never the same again, whatever a zone does.
        next.map_or(start_ms + days * 24 * HOUR_MS, |it| it.timestamp().as_millisecond())
            .max(start_ms + HOUR_MS)
    }
}

/// What somebody wants to know.
#[derive(Debug, Clone)]
pub struct TrendIn {
    /// Of this form alone.
    pub form_id: Option<FormId>,
    /// Of this workspace alone.
    pub workspace_id: Option<WorkspaceId>,
    /// From the hour, day or week on that holds this moment.
    pub from_ms: i64,
    /// Until before this moment.
    pub until_ms: i64,
    /// What a point stands for.
    pub bucket: Bucket,
    /// Whose days and weeks; one that is some minutes off the hour begins its days at the full hour.
    pub zone: Zone,
}

/// What came over time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trend {
    /// The points in order, those too at which nothing came.
    pub points: Vec<TrendPoint>,
}

/// What came in an hour, day or week.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TrendPoint {
    /// When it began.
    pub start_ms: i64,
    /// What came.
    pub tally: Tally,
}

/// What came over time.
///
/// # Errors
/// [`ServiceError::NotFound`] for a form or workspace that is not there for the caller,
/// [`ServiceError::Invalid`] for a time that is too long for such points.
pub async fn trend(app: &App, caller: &Caller, wanted: &TrendIn) -> Result<Trend, ServiceError> {
    let workspaces = match wanted.form_id {
        Some(form_id) => {
            let (_, workspace_id) = form_for(app, caller, Action::SeeStats, form_id).await?;
            Some(vec![workspace_id])
        }
        None => seen(caller, wanted.workspace_id)?,
    };
    if wanted.until_ms <= wanted.from_ms {
        return Err(ServiceError::invalid("to", "WRONG_VALUE", "must be later than `from`"));
    }
    let start_ms = wanted.bucket.start_ms(&wanted.zone, wanted.from_ms);
    let mut points: BTreeMap<i64, Tally> = BTreeMap::new();
    let mut at_ms = start_ms;
    while at_ms < wanted.until_ms {
        if points.len() == MOST_POINTS {
            let message =
                format!("is too long ago for more than {MOST_POINTS} points; take longer ones");
            return Err(ServiceError::invalid("from", "TOO_MANY", message));
        }
        points.insert(at_ms, Tally::default());
        at_ms = wanted.bucket.next_ms(&wanted.zone, at_ms);
    }
    let hours = (start_ms.div_euclid(HOUR_MS), (wanted.until_ms - 1).div_euclid(HOUR_MS) + 1);
    let came = app.store.list_hours(workspaces.as_deref(), wanted.form_id, hours).await?;
    for hour in came {
        // By its end: what a zone's day has of an hour is its later part.
        if let Some((_, tally)) = points.range_mut(..=hour.hour * HOUR_MS + HOUR_MS - 1).next_back()
        {
            add(tally, hour.tally);
        }
    }
    let point = |(start_ms, tally)| TrendPoint { start_ms, tally };
    Ok(Trend { points: points.into_iter().map(point).collect() })
}

/// Adds what came.
pub(super) fn add(sum: &mut Tally, more: Tally) {
    sum.accepted += more.accepted;
    sum.spam += more.spam;
    sum.refused += more.refused;
}
