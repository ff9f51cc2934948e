//! Deliveries in lists: of a channel, and of a submission.

use askama::Template;

use crate::{
    pages::{FormState, Frame, TimeView, admin::FormFrame, labels},
    public::assets,
};

/// `/admin/channels/{id}/deliveries`: what a channel told, and what failed. `POST …/retry` sends again
/// what failed, with `from` and `to` as dates.
#[derive(Debug, Template)]
#[template(path = "pages/admin/channels/deliveries.html", whitespace = "minimize")]
pub struct DeliveriesPage<'a> {
    /// What surrounds the page.
    pub frame: Frame<'a>,
    /// The form.
    pub about: FormFrame<'a>,
    /// The channel's id.
    pub id: &'a str,
    /// What people call it.
    pub name: &'a str,
    /// What is looked for: `state`.
    pub filter: &'a FormState,
    /// Which of those that failed are sent again.
    pub retry: &'a FormState,
    /// What was found, the newest first.
    pub deliveries: &'a [DeliveryRow],
    /// The address of the next page.
    pub next: Option<&'a str>,
}

/// `/admin/submissions/{id}/deliveries`: who was told of a submission.
#[derive(Debug, Template)]
#[template(path = "pages/admin/channels/of_submission.html", whitespace = "minimize")]
pub struct SubmissionDeliveriesPage<'a> {
    /// What surrounds the page.
    pub frame: Frame<'a>,
    /// The submission's id.
    pub submission_id: &'a str,
    /// Its deliveries, the newest first.
    pub deliveries: &'a [DeliveryRow],
}

/// One delivery; `pages/admin/channels/table.html` draws a list of them.
#[derive(Debug, Clone)]
pub struct DeliveryRow {
    /// Its id; `/admin/deliveries/{id}` shows its tries.
    pub id: String,
    /// When it was made.
    pub created: TimeView,
    /// The name of the channel, where the list is not that of one.
    pub channel: Option<String>,
    /// Whom it is for, where the channel has several recipients.
    pub recipient: Option<String>,
    /// The submission that it tells of.
    pub submission_id: Option<String>,
    /// The name of the state, as `later`.
    pub state: &'static str,
    /// How often it was tried.
    pub attempts: u32,
    /// When it is tried next.
    pub next: Option<TimeView>,
    /// Why the last try failed.
    pub error: Option<String>,
    /// Whether it can be sent again now.
    pub may_retry: bool,
}

impl DeliveryRow {
    fn retry_path(&self) -> String {
        format!("/admin/deliveries/{}/retry", self.id)
    }
}

impl DeliveriesPage<'_> {
    fn here(&self) -> &'static str {
        "/admin/forms"
    }

    fn of_submission(&self) -> bool {
        false
    }

    fn path(&self, end: &str) -> String {
        format!("/admin/channels/{}{end}", self.id)
    }
}

impl SubmissionDeliveriesPage<'_> {
    fn here(&self) -> &'static str {
        "/admin/forms"
    }

    fn of_submission(&self) -> bool {
        true
    }
}
