//! `/admin/forms/{id}/delivery`: the channels of a form, and how they do.

use askama::Template;
use formhold_service::channels::About;

use crate::{
    pages::{Frame, TimeView, admin::FormFrame, labels::Badge},
    public::assets,
};

/// The channels of a form, each at `/admin/channels/{id}`; a new one at
/// `/admin/forms/{id}/delivery/new?kind=…`.
#[derive(Debug, Template)]
#[template(path = "pages/admin/channels/list.html", whitespace = "minimize")]
pub struct ChannelsPage<'a> {
    /// What surrounds the page.
    pub frame: Frame<'a>,
    /// The form.
    pub about: FormFrame<'a>,
    /// Its channels, the oldest first.
    pub channels: &'a [ChannelRow<'a>],
    /// All kinds of channels.
    pub kinds: &'a [&'static About],
}

/// One channel.
#[derive(Debug, Clone)]
pub struct ChannelRow<'a> {
    /// Its id.
    pub id: &'a str,
    /// What people call it.
    pub name: &'a str,
    /// What its kind is called.
    pub kind: &'a str,
    /// Where it goes, as far as that is no secret.
    pub goes_to: Option<String>,
    /// Whether anything is sent.
    pub is_on: bool,
    /// Why Formhold switched it off.
    pub off_reason: Option<&'a str>,
    /// Since when every delivery fails.
    pub failing_since: Option<TimeView>,
    /// When something last arrived.
    pub last_delivered: Option<TimeView>,
    /// How many deliveries wait or are under way.
    pub waiting: u64,
    /// How many failed for good.
    pub failed: u64,
    /// Beyond so many nothing is counted.
    pub most_counted: u64,
}

impl ChannelRow<'_> {
    fn badge(&self) -> Badge<'static> {
        match (self.is_on, self.off_reason, &self.failing_since) {
            (false, Some(_), _) => Badge { label: "Switched off by Formhold", tone: "bad" },
            (false, None, _) => Badge { label: "Off", tone: "" },
            (true, _, Some(_)) => Badge { label: "Failing", tone: "caution" },
            (true, _, None) => Badge { label: "On", tone: "good" },
        }
    }

    fn counted(&self, number: &u64) -> String {
        match *number >= self.most_counted {
            true => format!("{number} or more"),
            false => number.to_string(),
        }
    }
}

impl ChannelsPage<'_> {
    fn here(&self) -> &'static str {
        "/admin/forms"
    }
}
