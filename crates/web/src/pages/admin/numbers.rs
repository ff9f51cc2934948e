//! Numbers of the overview: cards, the trend, the forms to which most came, the caches.

use crate::pages::chart::{Bars, stacked_bars};

/// How much came and what lies there.
#[derive(Debug, Clone, Default)]
pub struct NumbersView {
    /// Single numbers.
    pub cards: Vec<NumberCard>,
    /// What came each day, the oldest first.
    pub trend: Vec<TrendRow>,
    /// The forms to which most came, the most first.
    pub top_forms: Vec<TopFormRow>,
    /// What the caches of this node did; empty for who may not see it.
    pub caches: Vec<CacheRow>,
}

/// A number with what it is.
#[derive(Debug, Clone)]
pub struct NumberCard {
    /// What it is.
    pub label: &'static str,
    /// The number.
    pub number: String,
    /// How it compares, or what belongs to it.
    pub hint: String,
}

impl NumberCard {
    /// A card.
    #[must_use]
    pub fn new(label: &'static str, number: String, hint: String) -> Self {
        Self { label, number, hint }
    }
}

/// What came on a day.
#[derive(Debug, Clone)]
pub struct TrendRow {
    /// The day below the chart, as `4 May`.
    pub short: String,
    /// The day in words.
    pub long: String,
    /// The day for machines, as `2026-05-04`.
    pub machine: String,
    /// Into the inbox.
    pub accepted: u64,
    /// Into the spam folder.
    pub spam: u64,
    /// Refused.
    pub refused: u64,
}

/// A form and what came to it.
#[derive(Debug, Clone)]
pub struct TopFormRow {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Into the inbox.
    pub accepted: u64,
    /// Into the spam folder.
    pub spam: u64,
    /// Refused.
    pub refused: u64,
}

/// What a cache did.
#[derive(Debug, Clone)]
pub struct CacheRow {
    /// Its name.
    pub name: String,
    /// Found.
    pub hits: u64,
    /// Had to be loaded.
    pub misses: u64,
    /// The part that was found, as `98.5 %`; none before the first question.
    pub rate: Option<String>,
}

impl NumbersView {
    /// The trend as a picture for wide screens.
    pub(super) fn wide_chart(&self) -> String {
        self.chart((860.0, 260.0))
    }

    /// The same for narrow ones.
    pub(super) fn narrow_chart(&self) -> String {
        self.chart((320.0, 240.0))
    }

    fn chart(&self, size: (f32, f32)) -> String {
        let labels: Vec<String> = self.trend.iter().map(|row| row.short.clone()).collect();
        let bars = |name, value: fn(&TrendRow) -> u64| Bars {
            name,
            values: self.trend.iter().map(value).collect(),
        };
        let all = [
            bars("Accepted", |row| row.accepted),
            bars("Spam", |row| row.spam),
            bars("Refused", |row| row.refused),
        ];
        stacked_bars(&labels, &all, size)
    }

    /// The whole trend in a sentence.
    pub(super) fn trend_sentence(&self) -> String {
        let sum = |value: fn(&TrendRow) -> u64| self.trend.iter().map(value).sum::<u64>();
        let (accepted, spam) = (sum(|row| row.accepted), sum(|row| row.spam));
        let refused = sum(|row| row.refused);
        format!("{accepted} accepted, {spam} held as spam, {refused} refused.")
    }

    /// Whether anything came at all.
    pub(super) fn has_trend(&self) -> bool {
        self.trend.iter().any(|row| row.accepted + row.spam + row.refused > 0)
    }

    /// The trend for a table, the newest first.
    pub(super) fn rows(&self) -> impl Iterator<Item = &TrendRow> {
        self.trend.iter().rev()
    }
}
